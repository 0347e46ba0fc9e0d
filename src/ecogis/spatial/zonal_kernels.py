"""Covered share of raster cells by polygons, and the sums of what lies under them.

Coordinates are cells: u counts columns from the grid's first edge, v counts rows, both rising with
the array's index, so that a cell is the unit square between whole numbers. Within a row an edge
adds the height it passes to all cells on its right, and to a cell it runs through the part on its
right; the running total along the row is the covered share. No edge is sorted, no polygon is cut.
A row's shares come from that row alone and rows are added from the first to the last, so no figure
depends on the windows the rows were read in.
"""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel

__all__ = ["SUMS", "collect", "place"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# Sums of a feature. LOW and HIGH begin at the infinities and ORIGIN missing, the others at 0;
# ORIGIN becomes the feature's first value, from which values are counted: PLAIN sums covered
# shares times value, FIRST and SECOND shares times weight times value and its square.
CELLS, AREA, WEIGHT, PLAIN, FIRST, SECOND, EXCESS, LOW, HIGH, ORIGIN = range(10)
SUMS = 10

_LEAST = 1e-8  # share of a cell; below it cover cannot be told from rounding of the coordinates
_TINY = 1e-300  # keeps 0 / 0 out where an edge is upright
_NOISE = 1e-6  # a valid polygon covers no cell by more than 1 or less than 0, but for this


@kernel
def place(
    xy: Floats,  # (vertex, 2)  coordinates in, cells out
    starts: Ints,  # (ring + 1)  first vertex of each ring
    turn: Floats,  # (ring)  1 shell, -1 hole in; out the sign that makes shells add and holes take
    first: Ints,  # (feature + 1)  first ring of each feature
    grid: Floats,  # (4)  first column's edge and step, first row's edge and step; steps signed
    shape: Ints,  # (2)  rows, columns
    box: Ints,  # (feature, 4)  first row, end of rows, first column, end of columns; 0 if outside
    size: Floats,  # (feature)  cells within the rings, on the grid or off; missing if not finite
) -> None:
    """Carry the vertices to cells where they are; fill `turn`, `box` and `size`."""
    rows, columns = float(shape[0]), float(shape[1])
    for f in range(first.shape[0] - 1):
        west, east, top, bottom = math.inf, -math.inf, math.inf, -math.inf
        total = 0.0
        for r in range(first[f], first[f + 1]):
            u0, v0, x, y, double = 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(starts[r], starts[r + 1]):
                u = (xy[i, 0] - grid[0]) / grid[1]
                v = (xy[i, 1] - grid[2]) / grid[3]
                xy[i, 0], xy[i, 1] = u, v
                west, east = min(west, u), max(east, u)
                top, bottom = min(top, v), max(bottom, v)
                if i == starts[r]:
                    u0, v0 = u, v
                double += x * (v - v0) - y * (u - u0)
                x, y = u - u0, v - v0
            total += 0.5 * turn[r] * abs(double)
            if double > 0.0:  # runs up on the left, where it must add
                turn[r] = -turn[r]
        size[f] = total
        inside = west < columns and east > 0.0 and top < rows and bottom > 0.0
        if math.isfinite(total) and inside:
            box[f, 0] = int(max(0.0, math.floor(top)))
            box[f, 1] = int(min(rows, math.ceil(bottom)))
            box[f, 2] = int(max(0.0, math.floor(west)))
            box[f, 3] = int(min(columns, math.ceil(east)))
        else:
            box[f, 0] = box[f, 1] = box[f, 2] = box[f, 3] = 0


@kernel
def mark(
    steps: Floats,  # (cell)  steps of the covered share along rows, each with two cells more
    at: int,  # the row's first cell
    width: int,  # cells of the row
    left: float,  # where the edge enters and leaves the row, counted from its first cell
    right: float,  # not less than `left`
    height: float,  # passed within the row, signed
) -> int:
    """Add an edge's way through one row; the last cell that it changed."""
    if left < 0.0 < right:
        before = height * (-left / (right - left))
        steps[at] += before
        height -= before
        left = 0.0
    if right <= 0.0:
        steps[at] += height
        return 0
    if left >= width:
        return width
    if right > width:
        height *= (width - left) / (right - left)
        right = float(width)
    cell, last = int(left), math.ceil(right)
    steep = height / (right - left)
    seen = 0.0
    for q in range(cell, last):
        a, b = max(left, float(q)), min(right, q + 1.0)
        now = steep * ((a - left) + (b - a) * (1.0 - (0.5 * (a + b) - q)))
        steps[at + q] += now - seen
        seen = now
    steps[at + last] += height - seen
    return last


@kernel
def draw(
    cells: Floats,  # (vertex, 2)
    begin: int,  # first vertex of the ring and the end of its vertices
    end: int,
    turn: float,
    top: int,  # first row to draw and the end of rows
    bottom: int,
    west: int,  # first column and number of columns
    width: int,
    steps: Floats,  # (row, width + 2), flat
    span: Ints,  # (row, 2)  first and last cell with a step
) -> None:
    """Add a ring's edges within some rows."""
    for i in range(begin, end - 1):
        ax, ay, bx, by = cells[i, 0], cells[i, 1], cells[i + 1, 0], cells[i + 1, 1]
        upper = max(float(top), min(ay, by))
        lower = min(float(bottom), max(ay, by))
        if upper >= lower:
            continue
        sign = turn if by > ay else -turn
        slope = (bx - ax) / (by - ay)
        low, high = min(ax, bx), max(ax, bx)
        y, enters = int(upper), upper
        while enters < lower:
            leaves = min(y + 1.0, lower)
            xa = ax + (enters - ay) * slope
            xb = ax + (leaves - ay) * slope
            left, right = max(low, min(xa, xb)) - west, min(high, max(xa, xb)) - west
            height = sign * (leaves - enters)
            row, at = y - top, (y - top) * (width + 2)
            cell = int(min(max(left, 0.0), float(width)))
            if left >= 0.0 and right <= cell + 2.0 and cell < width:
                over = max(0.0, right - (cell + 1.0))
                beyond = 0.5 * height * over * over / max(right - left, _TINY)
                part = height * (0.5 * (left + right) - cell)
                steps[at + cell] += height - part + beyond
                steps[at + cell + 1] += part - 2.0 * beyond
                steps[at + cell + 2] += beyond
                last = min(cell + 2, width)
            else:
                last = mark(steps, at, width, left, right, height)
            span[row, 0] = min(span[row, 0], cell)
            span[row, 1] = max(span[row, 1], last)
            y, enters = y + 1, leaves


@kernel
def order_of(value: float, codes: Floats) -> int:
    """Place of a value among rising codes, or their number if it is none of them."""
    low, high = 0, codes.shape[0]
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low if low < codes.shape[0] and codes[low] == value else codes.shape[0]


@kernel
def first_value(
    steps: Floats,
    at: int,  # the row's first cell
    begin: int,  # first cell to look at and the end of cells
    end: int,
    values: Values,  # (row, column)
    row: int,  # of the window
    left: int,  # column of the window under the row's first cell
) -> float:
    """The first covered value of a row, or missing."""
    share = 0.0
    for q in range(begin, end):
        share += steps[at + q]
        if share >= _LEAST and math.isfinite(values[row, left + q]):
            return float(values[row, left + q])
    return math.nan


@kernel
def count_classes(
    steps: Floats,
    at: int,
    begin: int,
    end: int,
    values: Values,  # (row, column)
    row: int,
    left: int,
    area: float,  # of a cell of the row
    codes: Floats,  # (class)  rising
    f: int,  # the feature
    classes: Floats,  # (feature, class + 1)  covered area; the last is of any other value
) -> None:
    """Add the covered area of one row to that of the classes."""
    share = 0.0
    for q in range(begin, end):
        share += steps[at + q]
        value = values[row, left + q]
        if share >= _LEAST and math.isfinite(value):
            classes[f, order_of(value, codes)] += share * area


@kernel
def sweep(
    steps: Floats,  # the row's are set back to 0
    at: int,
    begin: int,
    end: int,
    values: Values,  # (row, column)
    row: int,
    left: int,
    area: float,  # of a cell of the row
    weight: float,  # of a cell of the row
    f: int,
    sums: Floats,  # (feature, SUMS)
) -> None:
    """Add one row to a feature's sums."""
    low, high = sums[f, LOW], sums[f, HIGH]
    known = not math.isnan(sums[f, ORIGIN])
    origin = sums[f, ORIGIN] if known else 0.0
    cells, once, twice, excess, share = 0.0, 0.0, 0.0, 0.0, 0.0
    for q in range(begin, end):
        i = np.uint64(at + q)  # unsigned: no test for places counted from the end
        share += steps[i]
        steps[i] = 0.0
        value = float(values[np.uint64(row), np.uint64(left + q)])
        counts = (value - value == 0.0) & (share >= _LEAST)
        cover = share if counts else 0.0
        value = value if counts else origin
        above = value - origin
        cells += cover
        once += cover * above
        twice += cover * above * above
        low = min(low, value)
        high = max(high, value)
        if share > 1.0 + _NOISE or share < -_NOISE:
            excess += max(share - 1.0, -share)
    sums[f, EXCESS] += excess
    if known:
        sums[f, CELLS] += cells
        sums[f, AREA] += cells * area
        sums[f, WEIGHT] += cells * weight
        sums[f, PLAIN] += once
        sums[f, FIRST] += once * weight
        sums[f, SECOND] += twice * weight
        sums[f, LOW], sums[f, HIGH] = low, high


@kernel
def collect(
    cells: Floats,  # (vertex, 2)
    starts: Ints,  # (ring + 1)
    turn: Floats,  # (ring)
    first: Ints,  # (feature + 1)
    box: Ints,  # (feature, 4)
    which: Ints,  # features to take
    values: Values,  # (row, column)  a window of the grid; not finite where there is no value
    corner: Ints,  # (2)  row and column of the window's first cell
    area: Floats,  # (row of the grid)  of a cell
    weight: Floats,  # (row of the grid)  of a cell
    codes: Floats,  # (class)  rising
    steps: Floats,  # scratch, at least the widest box and two more; 0 before and after
    span: Ints,  # (row, 2)  scratch, at least one row
    sums: Floats,  # (feature, SUMS)
    classes: Floats,  # (feature, class + 1)
) -> None:
    """Add a window's rows to the features' sums; the window holds all columns of their boxes."""
    for f in which:
        west, width = box[f, 2], box[f, 3] - box[f, 2]
        stride, left = width + 2, west - corner[1]
        top = max(box[f, 0], corner[0])
        bottom = min(box[f, 1], corner[0] + values.shape[0])
        rows = max(1, min(span.shape[0], steps.shape[0] // stride))
        for begin in range(top, bottom, rows):
            end = min(bottom, begin + rows)
            for y in range(end - begin):
                span[y, 0], span[y, 1] = width, -1
            for r in range(first[f], first[f + 1]):
                draw(cells, starts[r], starts[r + 1], turn[r], begin, end, west, width, steps, span)
            for y in range(begin, end):
                at, row = (y - begin) * stride, y - corner[0]
                q0, q1 = span[y - begin, 0], min(span[y - begin, 1] + 1, width)
                if math.isnan(sums[f, ORIGIN]):
                    sums[f, ORIGIN] = first_value(steps, at, q0, q1, values, row, left)
                if codes.shape[0] > 0:
                    count_classes(steps, at, q0, q1, values, row, left, area[y], codes, f, classes)
                sweep(steps, at, q0, q1, values, row, left, area[y], weight[y], f, sums)
                steps[at + width] = steps[at + width + 1] = 0.0
