"""Loops over the edges and corners of rings: to list, to mark and to draw them."""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel

__all__ = ["draw_edges", "list_edges", "mark_tips"]

_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_FIRST = np.uint64(0xBF58_476D_1CE4_E5B9)
_SECOND = np.uint64(0x94D0_49BB_1331_11EB)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_ZERO = np.uint64(0)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


@inlined
def mixed(word: np.uint64) -> np.uint64:
    """Bits spread over the whole word."""
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


@kernel
def list_edges(
    xy: Floats,  # (vertex, 2)   rings closed
    bits: Keys,  # (vertex, 2)   the same bits
    starts: Ints,  # (ring + 1)    first vertex of each ring
    sign: Floats,  # (ring)        1 shell, -1 hole
    hashes: Keys,  # (vertex)      out
    first: Ints,  # (vertex)      out: vertex an edge begins with
    ring: Ints,  # (vertex)      out: ring it is in
    key: Keys,  # (vertex)      out: sum of the hashes of its ends
    along: Bools,  # (vertex)      out: land on the left from the end with the lower hash
) -> int:
    """Fill the heads of `first`, `ring`, `key` and `along`; return the number of edges.

    A hash is of the bits of a vertex, where a zero has one sign. Edges of no length are left out.
    """
    count = 0
    for i in range(xy.shape[0]):
        east = _ZERO if xy[i, 0] == 0.0 else bits[i, 0]
        north = _ZERO if xy[i, 1] == 0.0 else bits[i, 1]
        hashes[i] = mixed(mixed(east) + north * _ODD)
    for r in range(starts.shape[0] - 1):
        begin, end = starts[r], starts[r + 1]
        total, x, y = 0.0, 0.0, 0.0
        for i in range(begin + 1, end):
            u, v = xy[i, 0] - xy[begin, 0], xy[i, 1] - xy[begin, 1]
            total += x * v - u * y
            x, y = u, v
        left = sign[r] * total > 0.0
        for i in range(begin, end - 1):
            if hashes[i] != hashes[i + 1]:
                first[count] = i
                ring[count] = r
                key[count] = hashes[i] + hashes[i + 1]
                along[count] = (hashes[i] < hashes[i + 1]) == left
                count += 1
    return count


@kernel
def mark_tips(
    xy: Floats,  # (vertex, 2)   rings closed [m]
    starts: Ints,  # (ring + 1)    first vertex of each ring
    limits: Floats,  # (4)           near [m], tangent of the angle, least length [m], width [m]
    corner: Ints,  # (vertex)      work space
    tip: Bools,  # (vertex)      out: whether it is part of a tip; false before
    number: Ints,  # (ring)        out: tips
    longest: Floats,  # (ring)        out: length of the longest [m]
    area: Floats,  # (ring)        out: sum of their triangles [m2]
) -> None:
    """Mark the corners at which a ring turns back on itself.

    A vertex nearer than `near` to the one before belongs to the same corner. A corner is a tip
    when its angle is below the limit, its shorter edge is long enough, and the end of that edge
    lies nearer than the width to the other one.
    """
    near, tangent, least, width = limits[0], limits[1], limits[2], limits[3]
    for r in range(starts.shape[0] - 1):
        begin, size = starts[r], starts[r + 1] - starts[r] - 1
        number[r], longest[r], area[r] = 0, 0.0, 0.0
        corners = 0
        for k in range(size):
            i, j = begin + k, begin + (k - 1 if k else size - 1)
            if math.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1]) >= near:
                corner[corners] = k
                corners += 1
        if corners < 3:
            continue
        for c in range(corners):
            k, after = corner[c], corner[c + 1 if c + 1 < corners else 0]
            i, j = begin + k, begin + corner[c - 1 if c else corners - 1]
            ux, uy = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
            vx, vy = xy[begin + after, 0] - xy[i, 0], xy[begin + after, 1] - xy[i, 1]
            dot, cross = ux * vx + uy * vy, abs(ux * vy - uy * vx)
            if dot <= 0.0 or cross >= tangent * dot:
                continue
            back, on = math.hypot(ux, uy), math.hypot(vx, vy)
            if min(back, on) < least or cross >= width * max(back, on):
                continue
            number[r] += 1
            longest[r] = max(longest[r], min(back, on))
            area[r] += 0.5 * cross
            while k != after:
                tip[begin + k] = True
                k = k + 1 if k + 1 < size else 0


@kernel
def draw_edges(
    xy: Floats,  # (vertex, 2)    [cells]
    first: Ints,  # (edge)         vertex an edge begins with; it ends with the next one
    corner: Floats,  # (2)            where the grid begins [cells]
    grid: Floats,  # (size, size)   out: 1 where an edge passes; 0 before
) -> None:
    """Draw edges on a grid, by points half a cell apart or nearer; what is not finite is left."""
    size = grid.shape[0]
    for e in range(first.shape[0]):
        i = first[e]
        x, y = xy[i, 0] - corner[0], xy[i, 1] - corner[1]
        u, v = xy[i + 1, 0] - corner[0], xy[i + 1, 1] - corner[1]
        if not (max(x, u) >= 0.0 and min(x, u) < size and max(y, v) >= 0.0 and min(y, v) < size):
            continue
        reach = max(abs(u - x), abs(v - y))
        if not reach < 1e6:
            continue
        steps = min(math.ceil(2.0 * reach) + 1, 16 * size)
        for k in range(steps):
            column = math.floor(x + (u - x) * k / steps)
            row = math.floor(y + (v - y) * k / steps)
            if 0 <= column < size and 0 <= row < size:
                grid[column, row] = 1.0
