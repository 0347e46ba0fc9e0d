"""Rasters out: tiled GeoTIFF or COG, written window by window, whole or not at all."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
import rasterio.errors
import rasterio.shutil
import xarray as xr
from rasterio import Affine
from rasterio.windows import Window

from ecogis.core.errors import InputError
from ecogis.io.whole import whole
from ecogis.spatial.grids import Grid, grid_of

__all__ = ["write_cog", "write_windows"]

_BLOCK: Final = 512
_FAST: Final = {"compress": "lzw", "tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK}


def write_windows(
    paths: Mapping[str, str | Path],
    grid: Grid,
    windows: Iterable[tuple[slice, Mapping[str, Any]]],
    *,
    units: Mapping[str, str],
    dtype: str = "float32",
) -> dict[str, Path]:
    """Write rasters of one grid together, from windows that follow one another.

    Parameters
    ----------
    paths : mapping of str to path
        File by name of raster; GeoTIFF. All are there in the end, or none that is new.
    grid : Grid
        Where the cells lie.
    windows : iterable of (slice, mapping of str to array (row, column))
        Rows from the first to the last, and their values by name; missing is NaN.
    units : mapping of str to str
        Unit of each raster, written into it.
    dtype : str
        Type of the values.

    Returns
    -------
    dict of str to Path
        The files.

    Raises
    ------
    InputError
        E162, E163 a file cannot be written, E164 the windows do not cover the grid.
    """
    targets = {name: Path(path) for name, path in paths.items()}
    with ExitStack() as drafts:
        places = {name: drafts.enter_context(whole(path)) for name, path in targets.items()}
        done = 0
        with ExitStack() as files:
            open_ = {
                name: files.enter_context(_created(place, grid, dtype, units[name]))
                for name, place in places.items()
            }
            for rows, values in windows:
                part = Window(0, rows.start, grid.columns, rows.stop - rows.start)
                for name, file in open_.items():
                    file.write(np.asarray(values[name], dtype=dtype), 1, window=part)
                done += rows.stop - rows.start
        if done != grid.rows:
            first = next(iter(targets.values()))
            raise InputError("E164", file=first.name, name="GeoTIFF", a=grid.rows, b=done)
    return targets


def write_cog(path: str | Path, raster: xr.DataArray) -> Path:
    """Write a raster as cloud-optimised GeoTIFF, with overviews.

    Parameters
    ----------
    path : str or Path
        File to write.
    raster : DataArray (y, x)
        Values with ``attrs["crs"]`` and, where it has one, ``attrs["units"]``; missing is NaN.

    Returns
    -------
    Path
        The file; the same values give the same bytes.

    Raises
    ------
    InputError
        E162, E163 it cannot be written; E631, E636 as `ecogis.spatial.grids.grid_of`.
    """
    target, grid = Path(path), grid_of(raster)
    kind = "float32" if raster.dtype == np.float32 else "float64"
    with whole(target) as draft, rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", **_shape(grid, kind)) as plain:
            plain.write(raster.to_numpy().astype(kind), 1)
            plain.set_band_description(1, "value" if raster.name is None else str(raster.name))
            plain.set_band_unit(1, str(raster.attrs.get("units", "")))
        with memory.open() as plain:
            rasterio.shutil.copy(plain, draft, driver="COG", compress="deflate")
    return target


def _created(place: Path, grid: Grid, dtype: str, unit: str) -> Any:
    try:
        file = rasterio.open(place, "w", driver="GTiff", **_FAST, **_shape(grid, dtype))
    except rasterio.errors.RasterioError as fault:
        raise InputError("E163", file=place, detail=str(fault)[:200]) from None
    file.set_band_unit(1, unit)
    return file


def _shape(grid: Grid, dtype: str) -> dict[str, Any]:
    return {
        "height": grid.rows,
        "width": grid.columns,
        "count": 1,
        "dtype": dtype,
        "crs": grid.crs.to_wkt(),
        "transform": Affine(grid.dx, 0.0, grid.x0, 0.0, grid.dy, grid.y0),
        "nodata": float("nan"),
    }
