"""Loops over the rings of flat polygons: put in order, boxed, measured, and found simple.

A layer is flat arrays (`Flat`): rings closed, shells counter-clockwise, holes clockwise, each ring
cut into chunks of `CHUNK` edges with a box of their own, so that what is far off is passed over
sixteen edges at a time. Signs of determinants are trusted only where rounding cannot turn them.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel

__all__ = [
    "CHUNK",
    "ROUNDING",
    "Flat",
    "arrange",
    "bound",
    "measure",
    "meeting",
    "surely_simple",
    "winding",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CHUNK = 16
ROUNDING = 1e-15
"""Share of its two products by which a determinant may be wrong; the bound itself is 4e-16."""


class Flat(NamedTuple):
    """Polygons as arrays; `Outlines` says what each holds."""

    xy: Floats  # (vertex, 2)   m
    ring: Ints  # (ring + 1)    first vertex of each ring
    part: Ints  # (part + 1)    first ring of each part
    chunk: Ints  # (ring + 1)   first chunk of each ring
    chunk_box: Floats  # (chunk, 4)    west south east north
    box: Floats  # (part, 4)


@kernel
def arrange(
    xy: Floats,  # (vertex, 2)   rings closed; turned and rolled in place
    ring: Ints,  # (ring + 1)
    shell: Bools,  # (ring)
) -> None:
    """Turn shells counter-clockwise and holes clockwise, each from its lowest leftmost vertex."""
    for r in range(ring.size - 1):
        first, last = ring[r], ring[r + 1] - 1  # the last vertex repeats the first
        if last <= first:
            continue
        start, twice = first, 0.0
        x0, y0 = xy[first, 0], xy[first, 1]
        for k in range(first, last):
            twice += (xy[k, 0] - x0) * (xy[k + 1, 1] - y0) - (xy[k + 1, 0] - x0) * (xy[k, 1] - y0)
            if xy[k, 0] < xy[start, 0] or (xy[k, 0] == xy[start, 0] and xy[k, 1] < xy[start, 1]):
                start = k
        if (twice < 0.0) == shell[r]:
            _reverse(xy, first, last - 1)
            start = first + last - 1 - start
        if start != first:
            _reverse(xy, first, start - 1)
            _reverse(xy, start, last - 1)
            _reverse(xy, first, last - 1)
        xy[last, 0], xy[last, 1] = xy[first, 0], xy[first, 1]


@kernel
def _reverse(xy: Floats, low: int, high: int) -> None:
    """Reverse the order of the vertices from `low` to `high`."""
    while low < high:
        xy[low, 0], xy[high, 0] = xy[high, 0], xy[low, 0]
        xy[low, 1], xy[high, 1] = xy[high, 1], xy[low, 1]
        low += 1
        high -= 1


@kernel
def bound(flat: Flat) -> None:
    """Fill the boxes of chunks and parts."""
    for p in range(flat.part.size - 1):
        flat.box[p, 0], flat.box[p, 1], flat.box[p, 2], flat.box[p, 3] = (
            np.inf,
            np.inf,
            -np.inf,
            -np.inf,
        )
        for r in range(flat.part[p], flat.part[p + 1]):
            for c in range(flat.chunk[r], flat.chunk[r + 1]):
                begin = flat.ring[r] + (c - flat.chunk[r]) * CHUNK
                end = min(begin + CHUNK + 1, flat.ring[r + 1])
                west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
                for k in range(begin, end):
                    west, east = min(west, flat.xy[k, 0]), max(east, flat.xy[k, 0])
                    south, north = min(south, flat.xy[k, 1]), max(north, flat.xy[k, 1])
                box = flat.chunk_box[c]
                box[0], box[1], box[2], box[3] = west, south, east, north
                whole = flat.box[p]
                whole[0], whole[1] = min(whole[0], west), min(whole[1], south)
                whole[2], whole[3] = max(whole[2], east), max(whole[3], north)


@kernel
def measure(
    flat: Flat,
    area: Floats,  # (part)   m2
    length: Floats,  # (part)   m
) -> None:
    """Fill area and length of the boundary of each part."""
    for p in range(flat.part.size - 1):
        twice, total = 0.0, 0.0
        for r in range(flat.part[p], flat.part[p + 1]):
            first = flat.ring[r]
            x0, y0 = flat.xy[first, 0], flat.xy[first, 1]
            ax, ay = 0.0, 0.0
            for k in range(first + 1, flat.ring[r + 1]):
                bx, by = flat.xy[k, 0] - x0, flat.xy[k, 1] - y0
                twice += ax * by - bx * ay
                total += math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
                ax, ay = bx, by
        area[p], length[p] = 0.5 * twice, total


@kernel
def winding(px: float, py: float, flat: Flat, p: int, ox: float, oy: float) -> tuple[int, bool]:
    """How often a part's rings go around a point, and whether that is certain.

    The point is given about the origin (ox, oy). A chunk that is wholly above, below or to the
    left of the point does not meet its ray to the right.
    """
    turns, sure = 0, True
    for r in range(flat.part[p], flat.part[p + 1]):
        for c in range(flat.chunk[r], flat.chunk[r + 1]):
            box = flat.chunk_box[c]
            if box[1] - oy > py or box[3] - oy < py or box[2] - ox < px:
                continue
            begin = flat.ring[r] + (c - flat.chunk[r]) * CHUNK
            end = min(begin + CHUNK + 1, flat.ring[r + 1])
            xy = flat.xy[begin:end]
            ax, ay = xy[0, 0] - ox, xy[0, 1] - oy
            for k in range(1, end - begin):
                bx, by = xy[k, 0] - ox, xy[k, 1] - oy
                if (ay <= py) != (by <= py):
                    one, two = (bx - ax) * (py - ay), (px - ax) * (by - ay)
                    side = one - two
                    if abs(side) <= ROUNDING * (abs(one) + abs(two)):
                        sure = False
                    if by > ay:
                        turns += side > 0.0
                    else:
                        turns -= side < 0.0
                ax, ay = bx, by
    return turns, sure


@inlined
def meeting(
    west: Floats,
    south: Floats,
    east: Floats,
    north: Floats,
    w: float,
    s: float,
    e: float,
    n: float,
) -> int:
    """How many boxes meet a box; written so that the compiler takes eight at a time."""
    count = np.int64(0)
    for j in range(west.size):
        one = np.int64(1) if west[j] <= e else np.int64(0)
        two = np.int64(1) if east[j] >= w else np.int64(0)
        three = np.int64(1) if south[j] <= n else np.int64(0)
        four = np.int64(1) if north[j] >= s else np.int64(0)
        count += one & two & three & four
    return int(count)


@kernel
def surely_simple(
    flat: Flat,
    sure: Bools,  # (part)
) -> None:
    """Fill `sure`: true where a part is one ring that certainly nowhere meets itself.

    False means not decided here: holes, touching, doubled vertices, crossings.
    """
    longest = 0
    for r in range(flat.ring.size - 1):
        longest = max(longest, flat.ring[r + 1] - flat.ring[r])
    spans = np.empty((4, longest + CHUNK))
    for p in range(flat.part.size - 1):
        r = flat.part[p]
        sure[p] = flat.part[p + 1] - r == 1 and flat.ring[r + 1] - flat.ring[r] >= 4
        if sure[p]:
            sure[p] = _apart(flat, r, spans)


@kernel
def _apart(flat: Flat, r: int, spans: Floats) -> bool:
    """Whether no two edges of a ring meet but neighbours in their common vertex.

    An edge's box meets its own and its neighbours' boxes; only where it meets more is it looked at.
    """
    first, n = flat.ring[r], flat.ring[r + 1] - flat.ring[r] - 1
    ring = flat.xy[first : first + n + 1]
    west, south, east, north = spans[0], spans[1], spans[2], spans[3]
    for i in range(n):
        x0, y0, x1, y1 = ring[i, 0], ring[i, 1], ring[i + 1, 0], ring[i + 1, 1]
        west[i], east[i] = min(x0, x1), max(x0, x1)
        south[i], north[i] = min(y0, y1), max(y0, y1)
        if not _bends(ring, i - 1 if i > 0 else n - 1, i):
            return False
    for i in range(CHUNK):
        west[n + i], east[n + i], south[n + i], north[n + i] = np.inf, -np.inf, np.inf, -np.inf
    boxes = flat.chunk_box[flat.chunk[r] : flat.chunk[r + 1]]
    for c in range(boxes.shape[0]):
        for d in range(c, boxes.shape[0]):
            one, two = boxes[c], boxes[d]
            if one[0] > two[2] or two[0] > one[2] or one[1] > two[3] or two[1] > one[3]:
                continue
            low, high = d * CHUNK, (d + 1) * CHUNK
            wests, easts = west[low:high], east[low:high]
            souths, norths = south[low:high], north[low:high]
            for i in range(c * CHUNK, min((c + 1) * CHUNK, n)):
                w, s, e, h = west[i], south[i], east[i], north[i]
                if w > two[2] or e < two[0] or s > two[3] or h < two[1]:
                    continue
                met = meeting(wests, souths, easts, norths, w, s, e, h)
                if met > _neighbours(i, n, low, high) and not _alone(ring, i, n, low, high):
                    return False
    return True


@kernel
def _alone(ring: Floats, i: int, n: int, low: int, high: int) -> bool:
    """Whether edge i certainly meets none of a chunk's later edges but its neighbours."""
    for j in range(max(low, i + 2), min(high, n if i > 0 else n - 1)):
        if not _edges_apart(ring, i, j):
            return False
    return True


@kernel
def _neighbours(i: int, n: int, begin: int, end: int) -> int:
    """How many of edge i, the one before and the one after lie in a chunk."""
    before, after = (i if i > 0 else n) - 1, i + 1 if i + 1 < n else 0
    return (begin <= before < end) + (begin <= i < end) + (begin <= after < end)


@kernel
def _edges_apart(xy: Floats, i: int, j: int) -> bool:
    """Whether two edges that are no neighbours certainly do not meet."""
    ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
    cx, cy, dx, dy = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
    return _one_side(ax, ay, bx, by, cx, cy, dx, dy) or _one_side(cx, cy, dx, dy, ax, ay, bx, by)


@kernel
def _bends(xy: Floats, i: int, j: int) -> bool:
    """Whether an edge certainly does not lie on the one before it; false for a doubled vertex."""
    ux, uy = xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1]
    vx, vy = xy[j + 1, 0] - xy[j, 0], xy[j + 1, 1] - xy[j, 1]
    if ux * vx + uy * vy < 0.0:  # more than a right angle
        return True
    one, two = ux * vy, uy * vx
    return bool(abs(one - two) > ROUNDING * (abs(one) + abs(two)))


@kernel
def _one_side(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> bool:
    """Whether c and d certainly lie on the same side of the line a to b."""
    ex, ey = bx - ax, by - ay
    one, two = ex * (cy - ay), ey * (cx - ax)
    three, four = ex * (dy - ay), ey * (dx - ax)
    c, d = one - two, three - four
    sure = abs(c) > ROUNDING * (abs(one) + abs(two)) and abs(d) > ROUNDING * (
        abs(three) + abs(four)
    )
    return sure and (c > 0.0) == (d > 0.0)
