"""The land two polygons share as rings, traced along both boundaries from crossing to crossing.

At a crossing where A enters B the ring follows A to where it leaves B, then B to where that leaves
A, and so on until it closes. Rings without a crossing belong to the result where they lie inside
the other polygon. The rings keep the land on their left: shells run counter-clockwise, holes
clockwise. The area of what was traced must be the area the integral gave, or the pair is declined.

Source: Greiner and Hormann (1998), "Efficient clipping of arbitrary polygons", in general position.
"""

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel
from ecogis.overlay.area_kernels import SHIFT_X, SHIFT_Y
from ecogis.overlay.kernels import Flat, winding

__all__ = ["trace"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SMALL_M2 = 1e-4  # a part of a piece below this is counted in its area but not drawn
_OFF_SHARE = 1e-9


@kernel
def trace(
    a: Flat,
    b: Flat,
    a_source: Floats,  # (vertex, 2)   vertices of a as its layer has them
    b_source: Floats,  # (vertex, 2)   vertices of b
    left: Ints,  # (pair)   part of a
    right: Ints,  # (pair)   part of b
    area: Floats,  # (pair)   by the integral, m2
    first: Ints,  # (pair)   first crossing of each pair
    end: Ints,  # (pair)   one past its last crossing
    at: Ints,  # (crossing, 3)   edge of a, edge of b, +1 or -1
    where: Floats,  # (crossing, 4)   place along both edges, x, y in the plane
    points: Floats,  # (crossing, 2)   the crossing in the coordinates of the layers
    traced: Bools,  # (pair)   filled: false where the pair is declined
) -> tuple[Floats, Ints, Ints, Bools]:
    """Trace pairs of parts.

    Returns the vertices (vertex, 2), the end of each ring, its pair, and whether it is a shell.
    """
    room, rings = 4096, 512
    out = np.empty((room, 2))
    ends, pair, shell = (
        np.empty(rings, np.int64),
        np.empty(rings, np.int64),
        np.empty(rings, np.bool_),
    )
    most = 1
    for p in range(left.size):
        most = max(most, end[p] - first[p])
    order, used = np.empty(most, np.int64), np.empty(most, np.bool_)
    next_a, next_b = np.empty(most, np.int64), np.empty(most, np.int64)
    vertices, count = 0, 0
    for p in range(left.size):
        low, n = first[p], end[p] - first[p]
        most_rings = (
            n + a.part[left[p] + 1] - a.part[left[p]] + b.part[right[p] + 1] - b.part[right[p]]
        )
        need = vertices + 2 * n + most_rings + _vertices(a, left[p]) + _vertices(b, right[p])
        if need > room:
            room = 2 * need
            more = np.empty((room, 2))
            more[:vertices] = out[:vertices]
            out = more
        if count + most_rings > rings:
            rings = 2 * (count + most_rings)
            e, q, s = (
                np.empty(rings, np.int64),
                np.empty(rings, np.int64),
                np.empty(rings, np.bool_),
            )
            e[:count], q[:count], s[:count] = ends[:count], pair[:count], shell[:count]
            ends, pair, shell = e, q, s
        ok = _linked(a, left[p], at[low : low + n, 0], where[low : low + n, 0], order, next_a)
        ok &= _linked(b, right[p], at[low : low + n, 1], where[low : low + n, 1], order, next_b)
        for c in range(n):
            used[c] = False
            ok &= (
                at[low + c, 2] != at[low + next_a[c], 2]
                and at[low + c, 2] != at[low + next_b[c], 2]
            )
        begin, rings_before, total = vertices, count, 0.0
        x0, y0 = a.xy[a.ring[a.part[left[p]]], 0], a.xy[a.ring[a.part[left[p]]], 1]
        if ok:
            vertices, count, total, ok = _crossed_rings(
                a, b, a_source, b_source, p, low, n, at, where, points, next_a, next_b, used,
                x0, y0, out, vertices, ends, pair, shell, count,
            )  # fmt: skip
        if n == 0 or most_rings > n + 2:
            vertices, count, more_area, ok = _whole_rings(
                a, b, a_source, left[p], right[p], -SHIFT_X, -SHIFT_Y, p, at, low, n, 0, x0, y0,
                out, vertices, ends, pair, shell, count, ok,
            )  # fmt: skip
            total += more_area
            vertices, count, more_area, ok = _whole_rings(
                b, a, b_source, right[p], left[p], SHIFT_X, SHIFT_Y, p, at, low, n, 1, x0, y0,
                out, vertices, ends, pair, shell, count, ok,
            )  # fmt: skip
            total += more_area
        traced[p] = ok and abs(total - area[p]) <= _SMALL_M2 + _OFF_SHARE * area[p]
        if not traced[p]:
            vertices, count = begin, rings_before
    return out[:vertices], ends[:count], pair[:count], shell[:count]


@inlined
def _vertices(flat: Flat, p: int) -> int:
    return int(flat.ring[flat.part[p + 1]] - flat.ring[flat.part[p]])


@kernel
def _linked(
    flat: Flat,
    p: int,
    edge: Ints,  # (crossing)   edge of the part it lies on
    place: Floats,  # (crossing)   place along that edge
    order: Ints,
    following: Ints,
) -> bool:
    """Fill `following`: the next crossing along the same ring; false where one is alone."""
    n = edge.size
    for c in range(n):
        order[c] = c
    gap = 1
    while 3 * gap + 1 < n:
        gap = 3 * gap + 1
    while gap >= 1:
        for i in range(gap, n):
            c = order[i]
            j = i - gap
            while j >= 0 and (
                edge[order[j]] > edge[c]
                or (edge[order[j]] == edge[c] and place[order[j]] > place[c])
            ):
                order[j + gap] = order[j]
                j -= gap
            order[j + gap] = c
        gap //= 3
    r, begin, paired = flat.part[p], 0, True
    for i in range(n):
        while edge[order[i]] >= flat.ring[r + 1]:
            r += 1
        if i + 1 < n and edge[order[i + 1]] < flat.ring[r + 1]:
            following[order[i]] = order[i + 1]
        else:
            following[order[i]] = order[begin]
            paired &= i > begin
            begin = i + 1
    return paired


@inlined
def _crossed_rings(
    a: Flat,
    b: Flat,
    a_source: Floats,
    b_source: Floats,
    p: int,
    low: int,
    n: int,
    at: Ints,
    where: Floats,
    points: Floats,
    next_a: Ints,
    next_b: Ints,
    used: Bools,
    x0: float,
    y0: float,
    out: Floats,
    vertices: int,
    ends: Ints,
    pair: Ints,
    shell: Bools,
    count: int,
) -> tuple[int, int, float, bool]:
    """Rings that follow both boundaries; vertices, rings, area, and whether all of them close."""
    total, ok = 0.0, True
    for start in range(n):
        if used[start] or at[low + start, 2] != 1 or not ok:
            continue
        begin, twice = vertices, 0.0
        c, on_a = start, True
        fx, fy = where[low + start, 2] - x0, where[low + start, 3] - y0
        px, py = fx, fy
        while True:
            if used[c]:
                ok = False
                break
            used[c] = True
            x, y = where[low + c, 2] - x0, where[low + c, 3] - y0
            twice += px * y - x * py
            px, py = x, y
            out[vertices, 0], out[vertices, 1] = points[low + c, 0], points[low + c, 1]
            vertices += 1
            side = 0 if on_a else 1
            e = next_a[c] if on_a else next_b[c]
            k, stop = at[low + c, side], at[low + e, side]
            if k != stop or where[low + e, side] <= where[low + c, side]:
                ring, xy, source = (a.ring, a.xy, a_source) if on_a else (b.ring, b.xy, b_source)
                r = _ring_of(ring, k)
                while True:
                    k += 1
                    if k == ring[r + 1] - 1:
                        k = ring[r]
                    x, y = xy[k, 0] - x0, xy[k, 1] - y0
                    twice += px * y - x * py
                    px, py = x, y
                    out[vertices, 0], out[vertices, 1] = source[k, 0], source[k, 1]
                    vertices += 1
                    if k == stop:
                        break
            c, on_a = e, not on_a
            if c == start:
                break
        if not ok:
            break
        twice += px * fy - fx * py
        total += 0.5 * twice
        if abs(twice) <= 2.0 * _SMALL_M2:
            vertices = begin
            continue
        out[vertices, 0], out[vertices, 1] = out[begin, 0], out[begin, 1]
        vertices += 1
        ends[count], pair[count], shell[count] = vertices, p, twice > 0.0
        count += 1
    return vertices, count, total, ok


@kernel
def _ring_of(ring: Ints, k: int) -> int:
    """The ring a vertex belongs to."""
    return int(np.searchsorted(ring, k, side="right") - 1)


@inlined
def _whole_rings(
    own: Flat,
    other: Flat,
    source: Floats,
    i: int,
    j: int,
    dx: float,
    dy: float,
    p: int,
    at: Ints,
    low: int,
    n: int,
    side: int,
    x0: float,
    y0: float,
    out: Floats,
    vertices: int,
    ends: Ints,
    pair: Ints,
    shell: Bools,
    count: int,
    ok: bool,
) -> tuple[int, int, float, bool]:
    """Rings of a part that no boundary crosses and that lie inside the other part."""
    total = 0.0
    for r in range(own.part[i], own.part[i + 1]):
        crossed = False
        for c in range(n):
            crossed |= own.ring[r] <= at[low + c, side] < own.ring[r + 1]
        if crossed or not ok:
            continue
        k0 = own.ring[r]
        turns, sure = winding(own.xy[k0, 0] - x0, own.xy[k0, 1] - y0, other, j, x0 + dx, y0 + dy)
        ok = sure and 0 <= turns <= 1
        if turns != 1:
            continue
        twice = 0.0
        for k in range(k0, own.ring[r + 1]):
            out[vertices, 0], out[vertices, 1] = source[k, 0], source[k, 1]
            vertices += 1
            if k > k0:
                px, py = own.xy[k - 1, 0] - x0, own.xy[k - 1, 1] - y0
                x, y = own.xy[k, 0] - x0, own.xy[k, 1] - y0
                twice += px * y - x * py
        total += 0.5 * twice
        ends[count], pair[count], shell[count] = vertices, p, twice > 0.0
        count += 1
    return vertices, count, total, ok
