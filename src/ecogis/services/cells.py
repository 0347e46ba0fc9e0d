"""Rasters worked out of others cell by cell, also where those lie on grids of their own.

Nothing is held but a window; a cell is missing where one of its makings is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj

from ecogis.spatial.grids import Grid, RasterSource, Values

__all__ = ["CellSource", "OnGrid", "finest", "strips"]

STRIP_CELLS: Final = 1 << 20
"""Cells worked out at once, so that many rasters of a window do not lie side by side. [1]"""


@dataclass(frozen=True, slots=True)
class CellSource:
    """Values a function makes of those of several rasters on one grid.

    Parameters
    ----------
    function : callable
        Arrays of some cells in, an array of the same shape out.
    parts : sequence of RasterSource
        In the order the function takes them.

    Examples
    --------
    >>> import xarray as xr
    >>> from ecogis.spatial.grids import as_source
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0]}
    >>> two = as_source(
    ...     xr.DataArray(np.full((2, 2), 2.0), cells, ("y", "x"), attrs={"crs": "EPSG:4547"})
    ... )
    >>> CellSource(np.multiply, (two, two)).window(slice(0, 1), slice(0, 2)).tolist()
    [[4.0, 4.0]]
    """

    function: Callable[..., Any]
    parts: Sequence[RasterSource]

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        return self.parts[0].grid

    @property
    def block_rows(self) -> int:
        """Rows that are read together. [1]"""
        return self.parts[0].block_rows

    def window(self, rows: slice, columns: slice) -> Values:
        """Values of some cells."""
        out = np.empty((rows.stop - rows.start, columns.stop - columns.start))
        for part in strips(rows, columns):
            made = self.function(*(each.window(part, columns) for each in self.parts))
            out[part.start - rows.start : part.stop - rows.start] = made
        return out


@dataclass(frozen=True, slots=True)
class OnGrid:
    """A raster on the cells of another grid: at each cell's centre the value of the cell there.

    Nothing is smoothed between cells: a fine grid shows the steps of a coarse raster, and none of
    its values is one the file does not have.

    Parameters
    ----------
    source : RasterSource
        The raster.
    grid : Grid
        The cells wanted, in any coordinate system.

    Examples
    --------
    Cells of 10 m out of two cells of 20 m:

    >>> import xarray as xr
    >>> from ecogis.spatial.grids import as_source
    >>> coarse = as_source(
    ...     xr.DataArray(
    ...         [[1.0, 2.0]] * 2,
    ...         {"y": [30.0, 10.0], "x": [10.0, 30.0]},
    ...         ("y", "x"),
    ...         attrs={"crs": "EPSG:4547"},
    ...     )
    ... )
    >>> fine = Grid(coarse.grid.crs, 0.0, 10.0, 40.0, -10.0, rows=4, columns=5)
    >>> OnGrid(coarse, fine).window(slice(0, 1), slice(0, 5)).tolist()
    [[1.0, 1.0, 2.0, 2.0, nan]]
    """

    source: RasterSource
    grid: Grid

    @property
    def block_rows(self) -> int:
        """Rows that are read together. [1]"""
        return 1

    def window(self, rows: slice, columns: slice) -> Values:
        """Values at the centres of some cells; missing off the raster."""
        own = self.source.grid
        row, column = self._places(rows, columns)
        on_row, on_column = (row >= 0) & (row < own.rows), (column >= 0) & (column < own.columns)
        out = np.full((rows.stop - rows.start, columns.stop - columns.start), np.nan)
        inside = on_row & on_column
        if not inside.any():
            return out
        if row.shape[1] == 1 and column.shape[0] == 1:  # axes alike: whole rows and columns
            at: Any = np.ix_(on_row[:, 0], on_column[0])
            row, column = row[on_row][:, None], column[on_column][None, :]
        else:
            at = inside
            row, column = row[inside], column[inside]
        top, left = int(row.min()), int(column.min())
        read = self.source.window(
            slice(top, int(row.max()) + 1), slice(left, int(column.max()) + 1)
        )
        out[at] = read[row - top, column - left]
        return out

    def _places(
        self, rows: slice, columns: slice
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column of the raster under each centre; broadcast where the axes are alike."""
        own, grid = self.source.grid, self.grid
        x: Any = grid.x0 + grid.dx * (np.arange(columns.start, columns.stop) + 0.5)[None, :]
        y: Any = grid.y0 + grid.dy * (np.arange(rows.start, rows.stop) + 0.5)[:, None]
        if not grid.crs.equals(own.crs, ignore_axis_order=True):
            turn = pyproj.Transformer.from_crs(grid.crs, own.crs, always_xy=True)
            x, y = turn.transform(*np.broadcast_arrays(x, y))
        with np.errstate(invalid="ignore"):
            return _whole((y - own.y0) / own.dy), _whole((x - own.x0) / own.dx)


def finest(sources: Sequence[RasterSource]) -> Grid:
    """The grid with the smallest cells; of several alike the first.

    >>> import xarray as xr
    >>> from ecogis.spatial.grids import as_source
    >>> made = [
    ...     as_source(
    ...         xr.DataArray(
    ...             np.zeros((2, 2)),
    ...             {"y": [step, 0.0], "x": [0.0, step]},
    ...             ("y", "x"),
    ...             attrs={"crs": "EPSG:4547"},
    ...         )
    ...     )
    ...     for step in (30.0, 10.0)
    ... ]
    >>> finest(made).dx
    10.0
    """
    return min((each.grid for each in sources), key=lambda grid: float(grid.cell_areas().mean()))


def strips(rows: slice, columns: slice) -> Iterator[slice]:
    """Rows of a window, so many at once that their cells stay below `STRIP_CELLS`.

    >>> [(part.start, part.stop) for part in strips(slice(5, 8), slice(0, 1 << 19))]
    [(5, 7), (7, 8)]
    """
    step = max(1, STRIP_CELLS // max(columns.stop - columns.start, 1))
    for start in range(rows.start, rows.stop, step):
        yield slice(start, min(start + step, rows.stop))


def _whole(places: Any) -> npt.NDArray[np.int64]:
    """Whole numbers below; -1 where there is none."""
    return np.where(np.isfinite(places), np.floor(places), -1.0).astype(np.int64)
