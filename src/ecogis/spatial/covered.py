"""What lies under polygons: a raster read once by windows, cells added by their covered share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecogis.core.units import factor
from ecogis.spatial import zonal_kernels as kernels
from ecogis.spatial.grids import Grid, RasterSource, Values
from ecogis.spatial.rings import rings_of

__all__ = ["WINDOW_CELLS", "Covered", "covered"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = Any  # array-like of shapely geometries

WINDOW_CELLS = 1 << 23
"""Cells of a window, as far as a file's blocks and the widest polygon allow. [1]"""

_SCRATCH_CELLS: Final = 1 << 16  # 0.5 MB, so that a polygon's rows stay near the processor
_SCRATCH_ROWS: Final = 1 << 12
_FOLDED: Final = 1e-6  # share of a polygon covered twice or turned over; 0 in any valid one


@dataclass(frozen=True, slots=True)
class Covered:
    """Polygons in cells of a grid, and the sums of what lies under them.

    Attributes
    ----------
    cells : array (vertex, 2)
        Column and row of the vertices. [1]
    starts : array (ring + 1), int64
        First vertex of each ring.
    turn : array (ring)
        Sign that makes shells add and holes take.
    first : array (shape + 1), int64
        First ring of each shape.
    box : array (shape, 4), int64
        First row, end of rows, first column and end of columns on the grid; 0 for a shape off it.
    size : array (shape)
        Cells within the rings, on the grid or off; missing where a coordinate is not finite. [1]
    sums : array (shape, SUMS)
        As `ecogis.spatial.zonal_kernels` names them.
    classes : array (shape, class + 1)
        Covered area by class in rising order, the last of any other value. [m2]
    """

    cells: Floats
    starts: Ints
    turn: Floats
    first: Ints
    box: Ints
    size: Floats
    sums: Floats
    classes: Floats

    @property
    def lost(self) -> Bools:
        """Shapes that are no polygon, or have a coordinate that is not finite."""
        return np.asarray((np.diff(self.first) == 0) | ~np.isfinite(self.size))

    @property
    def folded(self) -> Bools:
        """Shapes that cover land twice or are turned over in part, as far as cells show it."""
        return np.asarray(self.sums[:, kernels.EXCESS] > _FOLDED * np.abs(self.size))

    def hectares(self, grid: Grid) -> Floats:
        """Area within the rings, by the cells of the row a shape begins in. [ha]"""
        begins = np.zeros(len(self.size))
        drawn = ~self.lost
        begins[drawn] = self.cells[self.starts[self.first[:-1][drawn]], 1]
        row = np.clip(begins, 0, grid.rows - 1).astype(np.int64)
        return np.asarray(self.size * grid.cell_areas()[row] * factor("m2", "ha"), np.float64)


def covered(
    geometries: Geometries,
    source: RasterSource,
    codes: Floats,
    *,
    by_area: bool = True,
    threads: int = 1,
) -> Covered:
    """Sums of a raster under polygons.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        In the grid's coordinate system.
    source : RasterSource
        Read once, row by row of windows.
    codes : array (class)
        Values to tell apart, rising.
    by_area : bool
        Whether a cell of a grid in longitude and latitude weighs its area, or 1 as on any other.
    threads : int
        Shapes are shared out among them; no sum is. [1]
    """
    placed = _place(geometries, source.grid, len(codes))
    area = source.grid.cell_areas()
    weight = area if by_area and source.grid.crs.is_geographic else np.ones_like(area)
    widest = int((placed.box[:, 3] - placed.box[:, 2]).max(initial=0))
    size = max(_SCRATCH_CELLS, widest + 2)

    def add(which: Ints, values: Values, corner: Ints) -> None:
        kernels.collect(
            placed.cells,
            placed.starts,
            placed.turn,
            placed.first,
            placed.box,
            which,
            values,
            corner,
            area,
            weight,
            codes,
            np.zeros(size),
            np.zeros((_SCRATCH_ROWS, 2), dtype=np.int64),
            placed.sums,
            placed.classes,
        )

    with ThreadPoolExecutor(threads) as pool:
        for rows, columns, which in _windows(placed.box, source.block_rows):
            values = source.window(rows, columns)
            corner = np.array([rows.start, columns.start], dtype=np.int64)
            list(pool.map(add, np.array_split(which, threads), repeat(values), repeat(corner)))
    return placed


def _place(geometries: Geometries, grid: Grid, classes: int) -> Covered:
    """Polygons in cells, their sums empty."""
    rings = rings_of(geometries)
    number = len(geometries)
    sums = np.zeros((number, kernels.SUMS))
    sums[:, [kernels.LOW, kernels.HIGH, kernels.ORIGIN]] = np.inf, -np.inf, np.nan
    placed = Covered(
        cells=np.ascontiguousarray(rings.xy),
        starts=rings.starts,
        turn=rings.sign.copy(),
        first=np.searchsorted(rings.feature, np.arange(number + 1)).astype(np.int64),
        box=np.zeros((number, 4), dtype=np.int64),
        size=np.zeros(number),
        sums=sums,
        classes=np.zeros((number, classes + 1)),
    )
    kernels.place(
        placed.cells,
        placed.starts,
        placed.turn,
        placed.first,
        np.array([grid.x0, grid.dx, grid.y0, grid.dy]),
        np.array([grid.rows, grid.columns], dtype=np.int64),
        placed.box,
        placed.size,
    )
    return placed


def _windows(box: Ints, block_rows: int) -> Iterator[tuple[slice, slice, Ints]]:
    """Rows and columns to read, and the shapes there; a window has all columns of its shapes."""
    order = np.argsort(box[:, 2], kind="stable")
    order = order[box[order, 1] > 0]
    if not len(order):
        return
    tops, ends, wests, easts = np.ascontiguousarray(box[order].T)
    width = int(easts.max() - wests.min())
    step = max(1, WINDOW_CELLS // width // block_rows) * block_rows
    chunk = max(1, WINDOW_CELLS // step)
    for begin in range(int(tops.min()) // step * step, int(ends.max()), step):
        here = np.flatnonzero((tops < begin + step) & (ends > begin))
        breaks = np.flatnonzero(np.diff(wests[here] // chunk)) + 1
        for some in np.split(here, breaks) if len(here) else ():
            top, end = max(begin, tops[some].min()), min(begin + step, ends[some].max())
            columns = slice(int(wests[some].min()), int(easts[some].max()))
            yield slice(int(top), int(end)), columns, order[some]
