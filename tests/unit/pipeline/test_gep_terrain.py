"""Factors of soil loss made of heights, rain and texture; the map they leave."""

from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from rasterio import Affine
from shapely import box

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.pipeline.config_gep import Gep, GepRain, GepTerrain, GepTexture
from ecogis.pipeline.gep_terrain import soil_map, terrain
from ecogis.services import LandInputs

X, Y = 38_510_000.0, 2_667_000.0
LOAM = {"sand": 40.0, "silt": 40.0, "clay": 20.0, "organic_carbon": 15.0}


def raster(path: Path, values: list[float], cell: float = 400.0) -> str:
    """One cell over everything, a band for each value; -1 is no data."""
    with rasterio.open(
        path, "w", driver="GTiff", width=1, height=1, count=len(values), dtype="float32",
        crs="EPSG:4526", nodata=-1.0, transform=Affine(cell, 0.0, X - 100, 0.0, -cell, Y + 200),
    ) as file:  # fmt: skip
        for band, value in enumerate(values, 1):
            file.write(np.full((1, 1), value, dtype="float32"), band)
    return path.name


@pytest.fixture
def run(tmp_path):
    """Two stands of 1 ha beside one another on a plane that falls east by 9 %."""
    x, y = X + 5.0 + 10.0 * np.arange(-5, 25), Y + 105.0 - 10.0 * np.arange(15)
    heights = xr.DataArray(
        np.tile(500.0 - 0.09 * (x - X), (15, 1)),
        {"y": y, "x": x},
        ("y", "x"),
        attrs={"crs": "EPSG:4526", "units": "m"},
    )
    squares = [box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)]
    stands = geopandas.GeoDataFrame({"stand": ["A", "B"]}, geometry=squares, crs=4526)
    return SimpleNamespace(
        dem=heights,
        layers={"stands": stands.to_crs(4490)},
        inputs=[],
        project=SimpleNamespace(folder=tmp_path, file=tmp_path / "project.toml"),
        config=SimpleNamespace(rasters={"dem": SimpleNamespace(path="dem.tif")}),
    )


@pytest.fixture
def units():
    return pd.DataFrame(
        {"township": "", "ecosystem": "forest", "area_dm2": [1_000_000] * 2}, index=["A", "B"]
    )


def asked(**terrain_of):
    return Gep(
        year=2026, standard="s", prices="p", because="test", terrain=GepTerrain(**terrain_of)
    )


def texture(folder, unit="%", **values):
    names = {name: raster(folder / f"{name}.tif", [v]) for name, v in (LOAM | values).items()}
    return GepTexture(**names, unit=unit, carbon_unit="g kg-1", formula="epic")


def test_every_factor_by_hand(run, units):
    """100 mm a month is 4,257.67; a loam is 0.0343; the plane's LS rises with what drains."""
    rain = GepRain(files=(raster(run.project.folder / "r.tif", [100.0] * 12),),
                   formula="renard-freimund")  # fmt: skip
    made = terrain(
        run,
        asked(length_slope="moore-burch", rain=rain, texture=texture(run.project.folder)),
        units,
    )
    assert made.means["r_factor"].tolist() == pytest.approx([4257.67] * 2, rel=1e-6)
    assert made.means["k_factor"].tolist() == pytest.approx([0.0343] * 2, abs=5e-5)
    first, second = made.means["ls_factor"]
    assert 0.5 < first < second
    assert made.made_of == {
        "ls_factor": "moore-burch: dem.tif",
        "r_factor": "renard-freimund: r.tif",
        "k_factor": "epic: sand.tif, silt.tif, clay.tif, organic_carbon.tif",
    }
    assert [entry["file"] for entry in run.inputs] == ["r.tif", *(f"{n}.tif" for n in LOAM)]


def test_twelve_files_are_as_good_as_twelve_bands(run, units):
    folder = run.project.folder
    months = tuple(raster(folder / f"{n}.tif", [10.0 * n]) for n in range(1, 13))
    one = (raster(folder / "all.tif", [10.0 * n for n in range(1, 13)]),)
    found = [
        terrain(run, asked(rain=GepRain(files=files, formula="wischmeier")), units).means
        for files in (months, one)
    ]
    pd.testing.assert_series_equal(found[0]["r_factor"], found[1]["r_factor"])


@pytest.mark.parametrize(("bands", "code"), [(11, "E186"), (13, "E507"), (1, "E186")])
def test_a_year_has_twelve_months(run, units, bands, code):
    files = (raster(run.project.folder / "r.tif", [100.0] * bands),)
    with pytest.raises(InputError, match=code):
        terrain(run, asked(rain=GepRain(files=files, formula="zhang-fu")), units)


def test_two_files_are_no_year_and_months_lie_on_the_same_cells(run, units):
    folder = run.project.folder
    months = tuple(raster(folder / f"{n}.tif", [100.0]) for n in range(12))
    with pytest.raises(InputError, match="E507"):
        terrain(run, asked(rain=GepRain(files=months[:2], formula="zhang-fu")), units)
    raster(folder / "11.tif", [100.0], cell=500.0)
    with pytest.raises(InputError, match="E508"):
        terrain(run, asked(rain=GepRain(files=months, formula="zhang-fu")), units)


def test_texture_in_another_unit_than_stated_is_not_known(run, units):
    made = terrain(run, asked(texture=texture(run.project.folder, unit="1")), units)
    assert made.means["k_factor"].isna().all()
    blank = terrain(run, asked(texture=texture(run.project.folder, silt=-1.0)), units)
    assert blank.means["k_factor"].isna().all()


def test_a_factor_comes_once(run, units):
    both = Gep(
        year=2026, standard="s", prices="p", because="test", rasters={"ls_factor": "ls.tif"},
        terrain=GepTerrain(length_slope="desmet-govers"),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="E510"):
        terrain(run, both, units)


def test_without_heights_there_is_no_slope(run, units):
    run.dem = None
    with pytest.raises(ConfigError, match="E511"):
        terrain(run, asked(length_slope="moore-burch"), units)
    assert terrain(run, asked(), units).slope is None


def test_nothing_asked_for_makes_nothing(run, units):
    made = terrain(run, Gep(year=2026, standard="s", prices="p", because="test"), units)
    assert not made.means
    assert soil_map(run, made, LandInputs(units, {}, Findings())) == {}


@pytest.mark.parametrize("rows", [1, 4, 512])
def test_the_map_is_the_stands_factors_times_the_slope_of_each_cell(run, units, rows):
    """4,000 × 0.03 × LS × (1 - 0.01); a stand with an LS of its own has that everywhere."""
    made = terrain(run, asked(length_slope="moore-burch"), units)
    constant = {"r_factor": 4000.0, "k_factor": 0.03, "cover_factor": 0.01, "practice_factor": 1.0}
    given = {name: {"table": pd.Series(v, index=units.index)} for name, v in constant.items()}
    given["ls_factor"] = {"raster": made.means["ls_factor"], "stand": pd.Series({"B": 2.0})}
    inputs = LandInputs(units, given, Findings())
    found = soil_map(run, made, inputs, rows=rows)["soil_retained_t_ha"]
    first, second = found.isel(y=slice(1, 11), x=slice(5, 15)), found.isel(y=5, x=slice(15, 25))
    expected = 4000.0 * 0.03 * 0.99 * made.slope.isel(y=slice(1, 11), x=slice(5, 15))
    np.testing.assert_allclose(first, expected, rtol=1e-6)
    np.testing.assert_allclose(second, 4000.0 * 0.03 * 0.99 * 2.0, rtol=1e-6)
    assert int(np.isfinite(found).sum()) == 200
    kept = inputs["soil_retained_t_ha"][0]
    assert float(first.mean()) == pytest.approx(kept[0], rel=1e-5)
    assert found.attrs["units"] == "t ha-1 yr-1"


def test_a_factor_nobody_knows_leaves_the_slope_alone(run, units):
    made = terrain(run, asked(length_slope="moore-burch"), units)
    inputs = LandInputs(units, {"ls_factor": {"raster": made.means["ls_factor"]}}, Findings())
    assert list(soil_map(run, made, inputs)) == ["ls_factor"]
