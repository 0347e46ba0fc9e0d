import numpy as np
import pytest
import rasterio
from rasterio import Affine

from ecogis.core.errors import InputError
from ecogis.io import read_dem


def raster(folder, *, crs="EPSG:4526", bands=1):
    path = folder / "dem.tif"
    values = np.array([[100, 200], [300, -9999]], dtype="int16")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=bands,
        dtype="int16",
        nodata=-9999,
        crs=crs,
        transform=Affine(30, 0, 38_500_000, 0, -30, 2_600_060),
    ) as target:
        for band in range(1, bands + 1):
            target.write(values, band)
    return path


def test_elevation_at_cell_centres(tmp_path):
    dem = read_dem(raster(tmp_path))
    assert dem.dims == ("y", "x")
    assert dem.attrs == {"crs": "EPSG:4526", "units": "m"}
    assert dem.sel(x=38_500_015, y=2_600_045).item() == 100.0
    assert np.isnan(dem.values[1, 1])


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
