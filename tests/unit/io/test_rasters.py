import warnings

import numpy as np
import pytest
import rasterio
import rasterio.errors
from rasterio import Affine

from ecogis.core.errors import InputError
from ecogis.io import open_raster, read_dem, read_raster
from ecogis.spatial.grids import grid_of

STEP = Affine(30, 0, 38_500_000, 0, -30, 2_600_060)
WHOLE = slice(0, 2), slice(0, 2)
LOCAL = 'LOCAL_CS["mine",UNIT["metre",1]]'


def raster(folder, *, crs="EPSG:4526", bands=1, dtype="int16", transform=STEP, **profile):
    path = folder / "dem.tif"
    values = np.array([[100, 200], [300, -9999]], dtype="int16").astype(dtype)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=bands,
        dtype=dtype,
        crs=crs,
        transform=transform,
        **({"nodata": -9999} | profile),
    ) as target:
        for band in range(1, bands + 1):
            target.write(values * band, band)
    return path


def test_elevation_at_cell_centres(tmp_path):
    dem = read_dem(raster(tmp_path))
    assert dem.dims == ("y", "x")
    assert dem.attrs == {"crs": "EPSG:4526", "units": "m"}
    assert dem.sel(x=38_500_015, y=2_600_045).item() == 100.0
    assert np.isnan(dem.values[1, 1])
    assert dem.dtype == "float64"
    assert dem.name == "elevation"


def test_side_files_change_nothing(tmp_path):
    path = raster(tmp_path)
    before = read_dem(path)
    path.with_suffix(".tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:3857</SRS><GeoTransform>0, 100, 0, 0, 0, -100</GeoTransform>"
        '<PAMRasterBand band="1"><NoDataValue>100</NoDataValue><Scale>9</Scale></PAMRasterBand>'
        "</PAMDataset>"
    )
    path.with_suffix(".tfw").write_text("100\n0\n0\n-100\n0\n0\n")
    assert read_dem(path).identical(before)


@pytest.mark.parametrize(("options", "code"), [({"crs": None}, "E180"), ({"bands": 2}, "E182")])
def test_rasters_that_are_no_elevation(tmp_path, options, code):
    with pytest.raises(InputError, match=f"{code}.*dem.tif"):
        read_dem(raster(tmp_path, **options))


def test_size_and_content(tmp_path):
    path = raster(tmp_path)
    with pytest.raises(InputError, match="E181"):
        read_dem(path, max_cells=3)
    path.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    with pytest.raises(InputError, match="E107"):
        read_dem(path)
    path.write_bytes(b"II*\x00\x08\x00")
    with pytest.raises(InputError, match="E104"):
        read_dem(path)


def test_any_raster_and_the_unit_stated(tmp_path):
    path = raster(tmp_path, crs="EPSG:4547")
    found = read_raster(path, name="canopy_height", units="m")
    assert found.attrs == {"crs": "EPSG:4547", "units": "m"}
    assert (found.name, found.dtype) == ("canopy_height", "float32")
    assert read_raster(path).attrs == {"crs": "EPSG:4547"}


@pytest.mark.parametrize(
    ("stored", "read", "value"),
    [
        ("uint8", "float32", 255),
        ("uint16", "float32", 65_535),
        ("float32", "float32", float(np.float32(0.1))),
        ("int32", "float64", -16_777_217),
        ("uint32", "float64", 4_294_967_295),
        ("float64", "float64", 0.1),
    ],
)
def test_values_keep_all_their_digits(tmp_path, stored, read, value):
    path = raster(tmp_path, dtype=stored, nodata=44)
    with rasterio.open(path, "r+") as target:
        target.write(np.array([[44, 5], [6, value]], stored), 1)
    with open_raster(path) as source:
        values = source.window(*WHOLE)
    assert values.dtype == read
    assert np.isnan(values[0, 0])
    assert values[1, 1] == value


def test_one_band_of_several(tmp_path):
    path = raster(tmp_path, bands=2)
    assert read_raster(path, band=2).values[0].tolist() == [200.0, 400.0]
    for band in (0, 3):
        with pytest.raises(InputError, match=r"E186.*dem.tif"):
            read_raster(path, band=band)
    with pytest.raises(InputError, match="E182"):
        open_raster(path)


def test_windows_are_parts_of_the_whole(tmp_path):
    path = tmp_path / "large.tif"
    values = np.random.default_rng(1).normal(size=(300, 200)).astype("float32")
    profile = {"width": 200, "height": 300, "count": 1, "dtype": "float32", "crs": "EPSG:4547"}
    profile |= {"tiled": True, "blockxsize": 64, "blockysize": 128, "transform": STEP}
    with rasterio.open(path, "w", driver="GTiff", **profile) as target:
        target.write(values, 1)
    with open_raster(path) as source:
        assert (source.block_rows, source.crs) == (128, "EPSG:4547")
        part = source.window(slice(100, 290), slice(3, 199))
        assert part.flags.c_contiguous
        np.testing.assert_array_equal(part, values[100:290, 3:199])
    np.testing.assert_array_equal(read_raster(path).values, values)


def test_the_grid_of_the_file_is_that_of_the_array(tmp_path):
    path = raster(tmp_path)
    with open_raster(path) as source:
        assert source.grid == grid_of(read_raster(path))


def test_south_up_is_read_as_it_lies(tmp_path):
    found = read_raster(raster(tmp_path, transform=Affine(30, 0, 0, 0, 30, 2_600_000)))
    assert found.y.values.tolist() == [2_600_015.0, 2_600_045.0]


def test_scale_and_offset_are_applied(tmp_path):
    path = raster(tmp_path)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (5.0,)
    values = read_raster(path).values
    assert values.dtype == "float64"
    assert values.ravel().tolist() == pytest.approx([15, 25, 35, np.nan], nan_ok=True)


def test_a_mask_inside_the_file_counts(tmp_path):
    path = raster(tmp_path, nodata=None)
    assert read_raster(path).values[1, 1] == -9999.0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as target:
        target.write_mask(np.array([[True, False], [True, True]]))
    assert np.isnan(read_raster(path).values).tolist() == [[False, True], [False, False]]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"transform": Affine.rotation(10) @ Affine.scale(30)}, "E183"),
        ({"transform": Affine(30, 1e-3, 0, 0, -30, 60)}, "E183"),
        ({"transform": Affine(30, 0, 0, 1e-3, -30, 60)}, "E183"),
        ({"transform": Affine.identity()}, "E184"),
        ({"dtype": "complex64"}, "E187"),
        ({"crs": LOCAL}, "E180"),
    ],
)
def test_rasters_that_are_no_grid_of_numbers(tmp_path, options, code):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        path = raster(tmp_path, **options)
    with pytest.raises(InputError, match=f"{code}.*dem.tif"):
        read_raster(path)


def test_a_coordinate_system_may_be_stated_where_there_is_none(tmp_path):
    path = raster(tmp_path, crs=None)
    assert read_raster(path, crs="EPSG:4526").attrs["crs"] == "EPSG:4526"
    with pytest.raises(InputError, match=r"E188.*dem.tif.*nonsense"):
        read_raster(path, crs="nonsense")
    path = raster(tmp_path)
    assert read_raster(path, crs="EPSG:4526").attrs["crs"] == "EPSG:4526"
    with pytest.raises(InputError, match=r"E185.*EPSG:4526.*EPSG:4527"):
        read_raster(path, crs="EPSG:4527")


def test_a_file_damaged_further_down(tmp_path):
    path = tmp_path / "cut.tif"
    profile = {"width": 512, "height": 512, "count": 1, "dtype": "float32", "crs": "EPSG:4547"}
    values = np.random.default_rng(1).normal(size=(512, 512)).astype("float32")
    with rasterio.open(path, "w", driver="GTiff", transform=STEP, **profile) as target:
        target.write(values, 1)
    path.write_bytes(path.read_bytes()[:-400_000])
    with open_raster(path) as source:
        np.testing.assert_array_equal(source.window(slice(0, 9), slice(0, 512)), values[:9])
        with pytest.raises(InputError, match=r"E104.*cut.tif"):
            source.window(slice(500, 512), slice(0, 512))
