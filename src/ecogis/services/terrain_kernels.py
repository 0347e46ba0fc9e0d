"""Terrain from a grid of heights: flooding, directions of flow, contributing area, slope, LS.

Neighbours are counted from east, turning over south: 0 E, 1 SE, 2 S, 3 SW, 4 W, 5 NW, 6 N, 7 NE,
where a row further down the array is south. Missing heights are outside: what lies beside them
drains off the grid.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel

__all__ = ["MISSING", "OUT", "accumulate", "directions", "flood", "length_slope"]

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int32]
Heights = npt.NDArray[np.float32] | npt.NDArray[np.float64]

OUT = 255  # the cell drains off the grid
MISSING = 254  # the cell has no height
DOWN = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)
RIGHT = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)

# ways of the length-slope factor
DESMET_GOVERS, MOORE_BURCH = 0, 1
# ways of the steepness in it
MCCOOL, LIU = 0, 1

_UNIT_PLOT_M = 22.13  # length of the plot the soil-loss equation was measured on
_PLOT_STEEPNESS = 0.0896  # sine of its slope of 9 %


@inlined
def _before(z_a: float, order_a: int, z_b: float, order_b: int) -> bool:
    """Lower first; of equal heights the one that was reached first."""
    return z_a < z_b or (z_a == z_b and order_a < order_b)


@kernel
def flood(
    height: Heights,  # (row, column)  heights, missing outside
    level: Heights,  # (row, column)  out: height of the water that drains off; may be `height`
    parent: Bytes,  # (row, column)  out: neighbour it was reached from, OUT, or MISSING
    order: Cells,  # (cell)  out: cells from the lowest level to the highest
) -> int:
    """Fill hollows from the rim inwards; the number of cells that have a height.

    The lowest cell of the rim of what was reached is taken next; its neighbours are raised to it
    where they lie lower.
    """
    rows, columns = height.shape
    size = 4 * (rows + columns) + 64
    z = np.empty(size, dtype=height.dtype)
    when = np.empty(size, dtype=np.int32)
    cell = np.empty(size, dtype=np.int32)
    held, reached, taken = 0, 0, 0
    for start in range(rows * columns):
        r, c = start // columns, start % columns
        if not math.isfinite(height[r, c]):
            parent[r, c] = MISSING
            level[r, c] = height[r, c]
            continue
        rim = r == 0 or c == 0 or r == rows - 1 or c == columns - 1
        k = 0
        while not rim and k < 8:
            rim = not math.isfinite(height[r + DOWN[k], c + RIGHT[k]])
            k += 1
        parent[r, c] = OUT if rim else 253
        if rim:
            level[r, c] = height[r, c]
            if held == size:
                size *= 2
                z, when, cell = _longer(z, size), _longer(when, size), _longer(cell, size)
            _push(z, when, cell, held, height[r, c], reached, start)
            held += 1
            reached += 1
    while held > 0:
        here = cell[0]
        held -= 1
        _pop(z, when, cell, held)
        order[taken] = here
        taken += 1
        r, c = here // columns, here % columns
        for k in range(8):
            i, j = r + DOWN[k], c + RIGHT[k]
            if i < 0 or j < 0 or i >= rows or j >= columns or parent[i, j] != 253:
                continue
            parent[i, j] = (k + 4) % 8
            level[i, j] = max(height[i, j], level[r, c])
            if held == size:
                size *= 2
                z, when, cell = _longer(z, size), _longer(when, size), _longer(cell, size)
            _push(z, when, cell, held, level[i, j], reached, i * columns + j)
            held += 1
            reached += 1
    return taken


@kernel
def _longer(values: Any, size: int) -> Any:
    """The same values with room for more."""
    out = np.empty(size, dtype=values.dtype)
    out[: len(values)] = values
    return out


@kernel
def _push(
    z: Heights, when: Cells, cell: Cells, held: int, height: float, order: int, here: int
) -> None:
    """Put a cell into the heap of `held` cells."""
    at = held
    while at > 0:
        above = (at - 1) // 2
        if not _before(height, order, z[above], when[above]):
            break
        z[at], when[at], cell[at] = z[above], when[above], cell[above]
        at = above
    z[at], when[at], cell[at] = height, order, here


@kernel
def _pop(z: Heights, when: Cells, cell: Cells, held: int) -> None:
    """Take the first cell off the heap; `held` is what is left."""
    height, order, here = z[held], when[held], cell[held]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= held:
            break
        if below + 1 < held and _before(z[below + 1], when[below + 1], z[below], when[below]):
            below += 1
        if not _before(z[below], when[below], height, order):
            break
        z[at], when[at], cell[at] = z[below], when[below], cell[below]
        at = below
    z[at], when[at], cell[at] = height, order, here


@kernel
def directions(
    level: Heights,  # (row, column)  flooded heights
    wide: Floats,  # (row)  width of a cell, west to east [m]
    tall: Floats,  # (row)  height of a cell, north to south [m]
    parent: Bytes,  # (row, column)  in: from `flood`; out: the neighbour the cell drains to
) -> None:
    """Steepest way down the flooded heights; on flats and at the rim as `flood` reached them."""
    rows, columns = level.shape
    for r in range(rows):
        aside, down = wide[r], tall[r]
        slant = math.sqrt(aside * aside + down * down)
        for c in range(columns):
            if parent[r, c] == MISSING:
                continue
            steepest = 0.0
            for k in range(8):
                i, j = r + DOWN[k], c + RIGHT[k]
                if i < 0 or j < 0 or i >= rows or j >= columns or parent[i, j] == MISSING:
                    continue
                far = slant if k % 2 else (aside if k % 4 == 0 else down)
                drop = (float(level[r, c]) - float(level[i, j])) / far
                if drop > steepest:
                    steepest = drop
                    parent[r, c] = k


@kernel
def accumulate(
    direction: Bytes,  # (row, column)  from `directions`
    order: Cells,  # (cell)  from `flood`, as many as it counted
    own: Floats,  # (row)  area of a cell [m2]
    area: Floats,  # (row, column)  out: area that drains through the cell, its own included [m2]
) -> None:
    """Contributing area: cells from the highest to the lowest hand theirs on."""
    rows, columns = direction.shape
    for r in range(rows):
        for c in range(columns):
            area[r, c] = math.nan if direction[r, c] == MISSING else own[r]
    for at in range(len(order) - 1, -1, -1):
        r, c = order[at] // columns, order[at] % columns
        k = direction[r, c]
        if k < 8:
            area[r + DOWN[k], c + RIGHT[k]] += area[r, c]


@kernel
def length_slope(
    height: Heights,  # (row, column)  of a window, with the row above and below where there is one
    top: int,  # row of `height` that is the first of `out`
    area: Floats,  # (out's row, column)  contributing area [m2]
    wide: Floats,  # (out's row)  [m]
    tall: Floats,  # (out's row)  [m]
    limit: float,  # contributing area at the most [m2]
    way: int,  # DESMET_GOVERS or MOORE_BURCH
    steepness: int,  # MCCOOL or LIU; of DESMET_GOVERS
    out: Heights,  # (row, column)  out: length-slope factor [1]
) -> None:
    """The LS factor of each cell; missing where the height is."""
    rows, columns = out.shape
    near = np.empty(8)
    for r in range(rows):
        own = wide[r] * tall[r]
        side = math.sqrt(own)
        for c in range(columns):
            here = float(height[r + top, c])
            if not math.isfinite(here):
                out[r, c] = math.nan
                continue
            for k in range(8):
                near[k] = _height(height, r + top + DOWN[k], c + RIGHT[k])
            for k in range(4):  # a missing neighbour goes on as its opposite falls
                a, b = near[k], near[k + 4]
                near[k] = a if math.isfinite(a) else (2.0 * here - b if math.isfinite(b) else here)
                near[k + 4] = (
                    b if math.isfinite(b) else (2.0 * here - a if math.isfinite(a) else here)
                )
            east = (near[7] + 2.0 * near[0] + near[1] - near[5] - 2.0 * near[4] - near[3]) / (
                8.0 * wide[r]
            )
            south = (near[3] + 2.0 * near[2] + near[1] - near[5] - 2.0 * near[6] - near[7]) / (
                8.0 * tall[r]
            )
            rise = math.sqrt(east * east + south * south)
            sine = rise / math.sqrt(1.0 + rise * rise)
            if way == MOORE_BURCH:
                specific = min(area[r, c], limit) / side
                out[r, c] = math.pow(specific / _UNIT_PLOT_M, 0.4) * math.pow(
                    sine / _PLOT_STEEPNESS, 1.3
                )
            else:
                turned = 1.0 if rise == 0.0 else (abs(east) + abs(south)) / rise
                out[r, c] = _length(min(area[r, c], limit), own, side, turned, sine) * _steep(
                    sine, rise, steepness
                )


@inlined
def _height(height: Heights, r: int, c: int) -> float:
    """A height, missing off the grid."""
    inside = 0 <= r < height.shape[0] and 0 <= c < height.shape[1]
    return float(height[r, c]) if inside else math.nan


@inlined
def _length(area: float, own: float, side: float, turned: float, sine: float) -> float:
    """L of Desmet and Govers, its exponent after McCool: rill to interrill erosion."""
    ratio = (sine / 0.0896) / (3.0 * math.pow(sine, 0.8) + 0.56)
    m = ratio / (1.0 + ratio)
    inlet = max(area - own, 0.0)
    return (math.pow(inlet + own, m + 1.0) - math.pow(inlet, m + 1.0)) / (
        math.pow(side, m + 2.0) * math.pow(turned, m) * math.pow(22.13, m)
    )


@inlined
def _steep(sine: float, rise: float, way: int) -> float:
    """S of McCool, or of Liu for slopes above 10 degrees."""
    gentle = 10.8 * sine + 0.03
    steep = 16.8 * sine - 0.50
    if way == 0:
        return gentle if rise < 0.09 else steep
    if rise < 0.08748866352592401:  # tangent of 5 degrees
        return gentle
    return steep if rise < 0.17632698070846498 else 21.91 * sine - 0.96  # tangent of 10 degrees
