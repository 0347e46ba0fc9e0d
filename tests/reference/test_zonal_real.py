"""Rasters nobody here made: published areas, exactextract on the same files, and what is wrong."""

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
import xarray as xr
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.io import open_raster, read_raster
from ecogis.spatial.zonal import STATISTICS, statistics

OPS = ["count", *STATISTICS]


@pytest.fixture(scope="module")
def rasters(shared_data):
    return shared_data / "rasters"


@pytest.fixture(scope="module")
def cantons(rasters):
    return geopandas.read_file(rasters / "terra_lux" / "lux.shp", engine="pyogrio")


def heights(rasters):
    return rasters / "chm_kootenay" / "tests" / "testthat" / "test_data"


def squares(path, side):
    """Squares that tile a raster's extent and a little more, in its coordinate system."""
    with rasterio.open(path) as source:
        west, south, east, north = source.bounds
        crs = source.crs.to_wkt()
    x, y = np.meshgrid(
        np.arange(west - side / 3, east, side), np.arange(south - side / 3, north, side)
    )
    return geopandas.GeoSeries(shapely.box(x, y, x + side, y + side).ravel(), crs=crs)


def compared(shapes, path, band=1):
    """Ours, after it was found equal to exactextract's."""
    with open_raster(path, band=band) as source:
        ours = statistics(shapes, source, weights="cells")
    frame = geopandas.GeoDataFrame(geometry=shapes.geometry)
    with rasterio.open(path) as source:
        theirs = exact_extract(
            RasterioRasterSource(source, band), frame, OPS, output="pandas"
        ).set_axis(shapes.index)
    np.testing.assert_allclose(ours["covered"], theirs["count"], rtol=1e-6, atol=1e-6)
    some = theirs["count"] > 1e-6
    for name in STATISTICS:
        near = {"rtol": 1e-6, "atol": 1e-6 * theirs.loc[some, "max"].abs().max()}
        np.testing.assert_allclose(ours.loc[some, name], theirs.loc[some, name], **near)
    return ours


def test_cantons_of_luxembourg_have_their_published_areas(cantons):
    extent = xr.DataArray(
        np.ones((100, 100)),
        {"y": 50.2 - (np.arange(100) + 0.5) / 120, "x": 5.74 + (np.arange(100) + 0.5) / 120},
        ("y", "x"),
        attrs={"crs": "EPSG:4326"},
    )
    found = statistics(cantons, extent)
    published = cantons["AREA"] * 1e6  # km2, whole numbers
    assert found["covered_area"].sum() == pytest.approx(2564.81e6, abs=1e4)
    assert (found["covered_area"] - published).abs().max() < 1e6
    np.testing.assert_allclose(found["covered_area"], published, rtol=3.5e-3)


def test_heights_of_cantons(rasters, cantons):
    path = rasters / "terra_lux" / "elev.tif"
    by_cells = compared(cantons, path)
    findings = Findings()
    with open_raster(path) as source:
        found = statistics(cantons, source, findings=findings, keys=cantons["NAME_2"])
    # 0.7 degrees of latitude: the southern cells of a canton weigh a little more
    assert (found["mean"] - by_cells["mean"]).abs().between(1e-4, 0.2).all()
    # the raster ends at the border of the country
    told = findings.table()
    assert set(told["code"]) == {"E632"}
    border = {"Clervaux", "Echternach", "Esch-sur-Alzette", "Grevenmacher", "Remich", "Vianden"}
    assert set(told["feature"]) == border


def test_several_bands(rasters, cantons):
    path = rasters / "terra_lux" / "sent2_L2A_2024-08-24.tif"
    with pytest.raises(InputError, match=r"E182.*sent2.*4 bands"):
        open_raster(path)
    means = [compared(cantons, path, band)["mean"].mean() for band in (1, 4)]
    assert means[0] != means[1]


def test_inventory_and_carbon_of_belize(rasters):
    folder = rasters / "gcbm_belize"
    stands = geopandas.read_file(folder / "layers" / "raw" / "inventory" / "inventory.shp")
    found = compared(stands, folder / "processed_output" / "spatial" / "NBP_2010.tif")
    assert len(found) == 101
    assert found["mean"].notna().all()


def test_planning_units_and_vegetation_of_tasmania(rasters):
    folder = rasters / "prioritizrdata"
    units = geopandas.read_file(folder / "tas_pu.gpkg")
    findings = Findings()
    found = compared(units, folder / "tas_features.tif", band=5)
    with open_raster(folder / "tas_features.tif", band=5) as source:
        statistics(units, source, findings=findings, keys=units["id"])
    assert findings.count("E633") == found["mean"].isna().sum() == 2
    assert found.loc[found["mean"].notna(), ["min", "max"]].isin([0.0, 1.0]).all(axis=None)


@pytest.mark.parametrize("name", ["CHM_test.tif", "CHM_lowres.tif", "CHM_orphans.tif"])
def test_canopy_heights(rasters, name):
    path = heights(rasters) / name
    found = compared(squares(path, 7.3), path)
    assert found["covered"].sum() == pytest.approx(read_raster(path).count().item(), rel=1e-6)


def test_a_raster_without_any_value(rasters):
    path = heights(rasters) / "CHM_empty.tif"
    shapes, findings = squares(path, 50.0), Findings()
    with open_raster(path) as source:
        found = statistics(shapes, source, findings=findings)
    assert findings.table()["code"].tolist() == ["E633"] * len(shapes)
    assert found["mean"].isna().all()
    assert not found["covered"].any()


@pytest.mark.parametrize(
    "path",
    [
        "chm_kootenay/tests/testthat/test_data/CHM_3amigos.tif",
        "nouragues/inst/extdata/NouraguesRaster.tif",
    ],
)
def test_rasters_without_a_coordinate_system_stop(rasters, path):
    with pytest.raises(InputError, match="E180"):
        open_raster(rasters / path)
    assert read_raster(rasters / path, crs="EPSG:2972").attrs["crs"] == "EPSG:2972"


def test_shapes_are_carried_into_degrees_by_the_caller(rasters):
    metres, degrees = (heights(rasters) / name for name in ("CHM_test.tif", "CHM_latlon.tif"))
    shapes = squares(metres, 8.0)
    with open_raster(metres) as source:
        known = statistics(shapes, source)
    with open_raster(degrees) as source:
        with pytest.raises(InputError, match=r"E630.*to_crs"):
            statistics(shapes, source)
        found = statistics(shapes.to_crs(source.crs), source)
    inner = (known["uncovered_share"] < 1e-9) & (found["uncovered_share"] < 1e-9)
    assert inner.sum() >= 20
    # the same canopy resampled to degrees: neither its area nor its mean height may move much
    np.testing.assert_allclose(found.loc[inner, "covered_area"], 64.0, rtol=1e-3)
    np.testing.assert_allclose(found.loc[inner, "mean"], known.loc[inner, "mean"], atol=0.1)


def test_land_cover_classes(rasters):
    path = rasters / "stars" / "lc.tif"
    values = read_raster(path)
    codes, counts = np.unique(values, return_counts=True)
    with open_raster(path) as source:
        grid = source.grid
        whole = shapely.box(
            grid.x0, grid.y0 + grid.dy * grid.rows, grid.x0 + grid.dx * grid.columns, grid.y0
        )
        shapes = geopandas.GeoSeries([whole, whole.centroid.buffer(40_000)], crs=source.crs)
        found = statistics(shapes, source, classes=codes[1:], statistics=["max"])
    names = [f"area_{code:g}" for code in codes[1:]]
    cell = 3000.0**2  # m2
    np.testing.assert_allclose(found.loc[0, names].astype(float), counts[1:] * cell, rtol=1e-9)
    assert found.loc[0, "area_other"] == pytest.approx(counts[0] * cell, rel=1e-9)
    assert found.loc[1, "covered_area"] == pytest.approx(shapes.area[1], rel=1e-9)
    shares = found.filter(regex="^share_")
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    # the Albers plane of the land cover shows areas as they are
    assert found.loc[0, "covered_area"] * factor("m2", "ha") == pytest.approx(3864 * 900.0)
