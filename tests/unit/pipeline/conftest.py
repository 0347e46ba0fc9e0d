"""For the account of services: two stands on a plane, and rasters of a few cells."""

from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from rasterio import Affine
from shapely import box

from ecogis.core.findings import Findings
from ecogis.pipeline.config_gep import Gep

X, Y = 38_510_000.0, 2_667_000.0


def write(path, bands, *, cell=400.0, west=X - 100, north=Y + 200):
    """A raster with a band for each value or array; -1 is no data. By default one cell."""
    arrays = [np.atleast_2d(np.asarray(band, dtype="float32")) for band in bands]
    height, width = arrays[0].shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=len(arrays),
        dtype="float32", crs="EPSG:4526", nodata=-1.0,
        transform=Affine(cell, 0.0, west, 0.0, -cell, north),
    ) as file:  # fmt: skip
        for number, band in enumerate(arrays, 1):
            file.write(band, number)
    return path.name


def halves(path, *bands):
    """A raster of 50 m cells over both stands, each band from its four columns west to east."""
    rows = [np.tile(np.asarray(band, dtype=float), (2, 1)) for band in bands]
    return write(path, rows, cell=50.0, west=X, north=Y + 100)


def run_in(folder):
    """Two stands of 1 ha beside one another on a plane that falls east by 9 %."""
    x, y = X + 5.0 + 10.0 * np.arange(-5, 25), Y + 105.0 - 10.0 * np.arange(15)
    heights = np.tile(500.0 - 0.09 * (x - X), (15, 1))
    write(folder / "dem.tif", [heights], cell=10.0, west=x[0] - 5.0, north=y[0] + 5.0)
    squares = [box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)]
    stands = geopandas.GeoDataFrame({"stand": ["A", "B"]}, geometry=squares, crs=4526)
    return SimpleNamespace(
        dem=xr.DataArray(heights, {"y": y, "x": x}, ("y", "x"), attrs={"crs": "EPSG:4526"}),
        layers={"stands": stands.to_crs(4490)},
        inputs=[],
        findings=Findings(),
        project=SimpleNamespace(folder=folder, file=folder / "project.toml"),
        config=SimpleNamespace(rasters={"dem": SimpleNamespace(path="dem.tif")}),
    )


def units():
    """Both stands as land units of one hectare."""
    return pd.DataFrame(
        {"township": "", "ecosystem": "forest", "area_dm2": [1_000_000] * 2}, index=["A", "B"]
    )


def asked(**more):
    """A section [gep] with what is named."""
    return Gep(year=2026, standard="s", prices="p", because="test", **more)


@pytest.fixture
def gep_land(tmp_path):
    """The two stands with their rasters in a folder of their own."""
    return SimpleNamespace(
        run=run_in(tmp_path), units=units(), asked=asked, folder=tmp_path, write=write,
        halves=lambda name, *bands: halves(tmp_path / name, *bands), x=X, y=Y,
    )  # fmt: skip
