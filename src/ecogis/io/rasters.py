"""Rasters, read as what the file itself says: no side file may change it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import pyproj
import rasterio
import rasterio.errors
import xarray as xr
from pyproj.exceptions import CRSError
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from ecogis.core.errors import InputError
from ecogis.io import gate
from ecogis.spatial.grids import Grid, Values, horizontal

__all__ = ["RasterFile", "open_raster", "read_dem", "read_raster"]

_OPTIONS: Final = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
}
_EXACT_IN_FLOAT32: Final = frozenset({"float32", "float16", "int8", "uint8", "int16", "uint16"})
_TURNED: Final = 1e-6  # of a cell, over the whole raster; what is less comes from rounding


class RasterFile:
    """One band of a raster file, open for reading by windows; also a context manager.

    Made by `open_raster`. Serves as raster for `ecogis.spatial.zonal.statistics`, which then never
    holds more of it than a window.

    Attributes
    ----------
    grid : ecogis.spatial.grids.Grid
        Where the cells lie.
    crs : str
        Coordinate system as text.
    dtype : str
        Type of the values handed out: float32 where it holds the file's numbers exactly, else
        float64.
    block_rows : int
        Rows the file keeps together. [1]
    """

    def __init__(self, file: Path, source: Any, band: int, grid: Grid, crs: str) -> None:
        at = band - 1
        self.grid, self.crs = grid, crs
        self.block_rows = int(source.block_shapes[at][0])
        self._file, self._source, self._band = file, source, band
        self._scale, self._offset = source.scales[at], source.offsets[at]
        self._flags = source.mask_flag_enums[at]
        as_stored = (self._scale, self._offset) == (1.0, 0.0)
        self.dtype = (
            "float32" if as_stored and source.dtypes[at] in _EXACT_IN_FLOAT32 else "float64"
        )

    def window(self, rows: slice, columns: slice) -> Values:
        """Values of some rows and columns.

        Parameters
        ----------
        rows, columns : slice
            With start and stop, within the grid; row 0 is the first of the file.

        Returns
        -------
        array (row, column), float32 or float64
            Missing where the file has no data, scaled as the file says.

        Raises
        ------
        InputError
            E104 the file is damaged there.
        """
        part = Window(
            columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
        )
        with _reading(self._file):
            values: Values = self._source.read(self._band, window=part, out_dtype=self.dtype)
            if MaskFlags.nodata in self._flags:
                nodata = np.asarray(self._source.nodatavals[self._band - 1], dtype=self.dtype)
                np.copyto(values, np.nan, where=values == nodata)
            elif MaskFlags.all_valid not in self._flags:
                masked = self._source.read_masks(self._band, window=part) == 0
                np.copyto(values, np.nan, where=masked)
        if (self._scale, self._offset) != (1.0, 0.0):
            values = values * self._scale + self._offset
        return values

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def open_raster(path: str | Path, *, band: int | None = None, crs: str | None = None) -> RasterFile:
    """A raster file open for reading by windows.

    Parameters
    ----------
    path : str or Path
        GeoTIFF on this machine; its rows run along the axes, either way up.
    band : int, optional
        Band to read, from 1; needed where the file has several. [1]
    crs : str, optional
        Coordinate system, where the file has none.

    Returns
    -------
    RasterFile
        Use it in a ``with`` statement, or close it.

    Raises
    ------
    InputError
        E101-E107 not a local GeoTIFF, E104 damaged, E180 without a coordinate system, E182 several
        bands and none stated, E183 turned, E184 without a position, E185 another coordinate system
        is stated than the file's, E186 no such band, E187 cells are no plain numbers, E188 a
        coordinate system is not known.
    """
    file, _ = gate.admit(path, gate.RASTERS)
    with _reading(file):
        source = rasterio.open(file, driver="GTiff")
        try:
            number = _band(file, source, band)
            text = _crs(file, source, crs)
            return RasterFile(file, source, number, _grid(file, source, text), text)
        except BaseException:
            source.close()
            raise


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """GDAL as we want it; its faults as ours."""
    try:
        with rasterio.Env(**_OPTIONS), warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            yield
    except (rasterio.errors.RasterioError, rasterio.errors.RasterioIOError) as fault:
        raise InputError("E104", file=file.name, detail=str(fault)[:200]) from None


def _band(file: Path, source: Any, stated: int | None) -> int:
    if stated is None and source.count != 1:
        raise InputError("E182", file=file.name, bands=source.count)
    band = 1 if stated is None else stated
    if not 1 <= band <= source.count:
        raise InputError("E186", file=file.name, band=band, bands=source.count)
    dtype = source.dtypes[band - 1]
    if "complex" in dtype:
        raise InputError("E187", file=file.name, dtype=dtype)
    return band


def _crs(file: Path, source: Any, stated: str | None) -> str:
    """The coordinate system of the file, or the one stated where it has none, as text."""
    theirs = "" if source.crs is None else source.crs.to_string()
    if theirs and _known(file, theirs).is_engineering:
        theirs = ""
    if stated is None:
        if not theirs:
            raise InputError("E180", file=file.name)
        return theirs
    if theirs and not _known(file, theirs).equals(_known(file, stated), ignore_axis_order=True):
        raise InputError("E185", file=file.name, a=theirs, b=stated)
    return theirs or stated


def _known(file: Path, text: str) -> pyproj.CRS:
    try:
        return horizontal(pyproj.CRS.from_user_input(text))
    except CRSError as fault:
        raise InputError("E188", file=file.name, crs=text, detail=str(fault)[:200]) from None


def _grid(file: Path, source: Any, crs: str) -> Grid:
    step = source.transform
    if step.is_identity:
        raise InputError("E184", file=file.name)
    aside = max(abs(step.b) * source.height, abs(step.d) * source.width)  # over the whole raster
    if aside > _TURNED * min(abs(step.a), abs(step.e)):
        raise InputError("E183", file=file.name, transform=tuple(step)[:6])
    return Grid(
        crs=_known(file, crs),
        x0=step.c,
        dx=step.a,
        y0=step.f,
        dy=step.e,
        rows=source.height,
        columns=source.width,
    )


def read_raster(
    path: str | Path,
    *,
    band: int | None = None,
    crs: str | None = None,
    name: str = "value",
    units: str | None = None,
    max_cells: int = 400_000_000,
) -> xr.DataArray:
    """Read a raster whole.

    Parameters
    ----------
    path, band, crs
        As `open_raster`, which reads a raster too large for memory by windows.
    name : str
        What the values are.
    units : str, optional
        Their unit.
    max_cells : int
        Largest number of cells that is taken into memory. [1]

    Returns
    -------
    DataArray (y, x), float32 or float64
        Values at cell centres, missing where the file has no data; float64 where float32 does not
        hold the file's numbers exactly. ``attrs`` hold `crs` as text, and `units` if stated.

    Raises
    ------
    InputError
        As `open_raster`, and E181 too large.
    """
    with open_raster(path, band=band, crs=crs) as source:
        grid = source.grid
        size = grid.rows * grid.columns
        if size > max_cells:
            raise InputError("E181", file=Path(path).name, size=size, limit=max_cells)
        values = source.window(slice(0, grid.rows), slice(0, grid.columns))
        return xr.DataArray(
            values,
            coords={
                "y": grid.y0 + grid.dy * (np.arange(grid.rows) + 0.5),
                "x": grid.x0 + grid.dx * (np.arange(grid.columns) + 0.5),
            },
            dims=("y", "x"),
            name=name,
            attrs={"crs": source.crs} | ({} if units is None else {"units": units}),
        )


def read_dem(path: str | Path, *, max_cells: int = 400_000_000) -> xr.DataArray:
    """Read an elevation raster.

    Parameters
    ----------
    path : str or Path
        GeoTIFF on this machine with one band. [m]
    max_cells : int
        Largest number of cells that is taken into memory. [1]

    Returns
    -------
    DataArray (y, x), float64
        Elevation at cell centres, missing where the file has no data; ``attrs`` hold `crs` as text
        and `units`. [m]

    Raises
    ------
    InputError
        As `read_raster`; E182 more than one band.
    """
    heights = read_raster(path, name="elevation", units="m", max_cells=max_cells)
    return heights.astype("float64")
