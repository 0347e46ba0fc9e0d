"""Elevation rasters, read as what the file itself says: no side file may change it."""

from pathlib import Path
from typing import Final

import numpy as np
import rasterio
import rasterio.errors
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.io import gate

__all__ = ["read_dem"]

_OPTIONS: Final = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
}


def read_dem(path: str | Path, *, max_cells: int = 400_000_000) -> xr.DataArray:
    """Read an elevation raster.

    Parameters
    ----------
    path : str or Path
        GeoTIFF on this machine, north up, with one band. [m]
    max_cells : int
        Largest number of cells that is taken into memory.

    Returns
    -------
    DataArray (y, x), float64
        Elevation at cell centres, missing where the file has no data; ``attrs`` hold `crs` as text
        and `units`. [m]

    Raises
    ------
    InputError
        E101-E107 not a local GeoTIFF, E104 damaged, E180 without a coordinate system, E181 too
        large, E182 more than one band.
    """
    file, _ = gate.admit(path, gate.RASTERS)
    try:
        with rasterio.Env(**_OPTIONS), rasterio.open(file, driver="GTiff") as source:
            return _elevation(file, source, max_cells)
    except (rasterio.errors.RasterioError, rasterio.errors.RasterioIOError) as fault:
        raise InputError("E104", file=file.name, detail=str(fault)[:200]) from None


def _elevation(file: Path, source: rasterio.DatasetReader, max_cells: int) -> xr.DataArray:
    if source.count != 1:
        raise InputError("E182", file=file.name, bands=source.count)
    if source.crs is None:
        raise InputError("E180", file=file.name)
    if source.width * source.height > max_cells:
        raise InputError("E181", file=file.name, size=source.width * source.height, limit=max_cells)
    values = source.read(1, masked=True).astype("float64").filled(np.nan)
    scaled = values * source.scales[0] + source.offsets[0]
    step = source.transform
    return xr.DataArray(
        scaled,
        coords={
            "y": step.f + step.e * (np.arange(source.height) + 0.5),
            "x": step.c + step.a * (np.arange(source.width) + 0.5),
        },
        dims=("y", "x"),
        name="elevation",
        attrs={"crs": source.crs.to_string(), "units": "m"},
    )
