"""Area two polygons have in common, without building it: Green's theorem along both boundaries.

The area of A n B is half the sum of ``x dy - y dx`` over A's boundary inside B and B's inside A.
One walk along A finds all crossings of the two boundaries; at each the winding number steps by
one, and the step is kept for B's own walk. B is moved by some hundredths of a micrometre, so that
boundaries drawn alike lie side by side and no vertex lies on an edge: nothing has to be told
apart but left from right. A sign that rounding might turn, a winding number other than 0 or 1, or
a ring along which the winding does not close, and the pair is declined: nothing is guessed.

Source: the winding-number form of the overlap integral is classical; see also Martinez, Rueda and
Feito (2009), whose sweep this replaces by boxes of edges.
"""

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel
from ecogis.overlay.kernels import CHUNK, ROUNDING, Flat, winding

__all__ = ["CLOSE", "DECLINED", "NEAR", "SHIFT_X", "SHIFT_Y", "SURE", "shared_areas"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

SHIFT_X, SHIFT_Y = 2.317e-8, 1.193e-8  # m; what polygons of the second layer are moved by
_PAD = 1e-6  # m; boxes are wider by this, more than the shift
_FAR = 1e7  # m from the origin; farther off, coordinates are coarser than the shift
_BUNCH = 8  # edges of B in one box

SURE, DECLINED, CLOSE, NEAR = 0, 1, 2, 4
_CLOSE_M, _NEAR_M = 1e-5, 1e-3  # from a vertex to an edge it does not belong to


@kernel
def shared_areas(
    a: Flat,
    b: Flat,
    left: Ints,  # (pair)   part of a
    right: Ints,  # (pair)   part of b
    most: int,  # edges of the largest part of b
    keep: bool,  # whether crossings are recorded
    area: Floats,  # (pair)   m2
    state: Bytes,  # (pair)   SURE, or DECLINED, CLOSE, NEAR added up
    first: Ints,  # (pair + 1)   first crossing of each pair
) -> tuple[Ints, Floats]:
    """Fill area and state of pairs of parts; hand back their crossings.

    Returns ``at`` (crossing, 3): edge of a, edge of b, +1 where a enters b and -1 where it leaves;
    and ``where`` (crossing, 4): place along both edges from 0 to 1, x and y [m].
    """
    q = np.empty((most, 4))  # edges of B about the window's middle: from x, y to x, y
    edge = np.empty((most, 2), np.int64)  # which edge it is, and of which ring
    step = np.empty(most, np.int64)  # what its crossings add to the winding number
    gain = np.empty(most)  # and to the integral
    bunch = np.empty((most // _BUNCH + 1, 4))
    near = np.empty(most // _BUNCH + 1, np.int64)
    room = 1024 if keep else 1
    at, where = np.empty((room, 3), np.int64), np.empty((room, 4))
    used = 0
    for p in range(left.size):
        first[p] = used
        while True:
            found, told, count = _pair(
                a, b, left[p], right[p], q, edge, step, gain, bunch, near, keep, at, where, used
            )
            if used + count <= room or not keep:
                break
            room = 2 * (used + count)
            more_at, more_where = np.empty((room, 3), np.int64), np.empty((room, 4))
            more_at[:used], more_where[:used] = at[:used], where[:used]
            at, where = more_at, more_where
        area[p], state[p] = found, told
        used += count if keep else 0
    first[left.size] = used
    return at[:used], where[:used]


@inlined
def _pair(
    a: Flat,
    b: Flat,
    i: int,
    j: int,
    q: Floats,
    edge: Ints,
    step: Ints,
    gain: Floats,
    bunch: Floats,
    near: Ints,
    keep: bool,
    at: Ints,
    where: Floats,
    used: int,
) -> tuple[float, int, int]:
    """Area of one pair, its state, and the number of its crossings."""
    west = max(a.box[i, 0], b.box[j, 0]) - _PAD
    south = max(a.box[i, 1], b.box[j, 1]) - _PAD
    east = min(a.box[i, 2], b.box[j, 2]) + _PAD
    north = min(a.box[i, 3], b.box[j, 3]) + _PAD
    hx, hy = 0.5 * (east - west), 0.5 * (north - south)
    if not (hx > 0.0 and hy > 0.0):
        return 0.0, 0, 0
    ox, oy = 0.5 * (west + east), 0.5 * (south + north)
    if abs(ox) + hx > _FAR or abs(oy) + hy > _FAR:
        return 0.0, DECLINED, 0
    bx, by = ox - SHIFT_X, oy - SHIFT_Y
    n = _gather(b, j, bx, by, hx, hy, q, edge, step, gain)
    _bunch(q, n, bunch)
    first_sum, told, count = _walk_first(
        a, b, i, j, ox, oy, hx, hy, q, edge, step, gain, n, bunch, near, keep, at, where, used
    )
    second_sum, closed = _walk_second(a, b, i, ox, oy, hx, hy, q, edge, step, gain, n)
    if not closed:
        told |= DECLINED
    return 0.5 * (first_sum + second_sum), told, count


@inlined
def _gather(
    b: Flat,
    j: int,
    ox: float,
    oy: float,
    hx: float,
    hy: float,
    q: Floats,
    edge: Ints,
    step: Ints,
    gain: Floats,
) -> int:
    """Edges of part j that may reach into the window, in their order along the rings."""
    n = 0
    for r in range(b.part[j], b.part[j + 1]):
        for c in range(b.chunk[r], b.chunk[r + 1]):
            box = b.chunk_box[c]
            if box[0] - ox > hx or box[2] - ox < -hx or box[1] - oy > hy or box[3] - oy < -hy:
                continue
            begin = b.ring[r] + (c - b.chunk[r]) * CHUNK
            end = min(begin + CHUNK + 1, b.ring[r + 1])
            xy = b.xy[begin:end]
            x0, y0 = xy[0, 0] - ox, xy[0, 1] - oy
            for k in range(1, end - begin):
                x1, y1 = xy[k, 0] - ox, xy[k, 1] - oy
                apart = (x0 > hx and x1 > hx) or (x0 < -hx and x1 < -hx)
                if not (apart or (y0 > hy and y1 > hy) or (y0 < -hy and y1 < -hy)):
                    q[n, 0], q[n, 1], q[n, 2], q[n, 3] = x0, y0, x1, y1
                    edge[n, 0], edge[n, 1] = begin + k - 1, r
                    step[n], gain[n] = 0, 0.0
                    n += 1
                x0, y0 = x1, y1
    return n


@inlined
def _bunch(q: Floats, n: int, bunch: Floats) -> None:
    """Boxes of each eight edges."""
    for m in range((n + _BUNCH - 1) // _BUNCH):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for k in range(m * _BUNCH, min(n, (m + 1) * _BUNCH)):
            west, east = min(west, q[k, 0], q[k, 2]), max(east, q[k, 0], q[k, 2])
            south, north = min(south, q[k, 1], q[k, 3]), max(north, q[k, 1], q[k, 3])
        bunch[m, 0], bunch[m, 1], bunch[m, 2], bunch[m, 3] = west, south, east, north


@inlined
def _walk_first(
    a: Flat,
    b: Flat,
    i: int,
    j: int,
    ox: float,
    oy: float,
    hx: float,
    hy: float,
    q: Floats,
    edge: Ints,
    step: Ints,
    gain: Floats,
    n: int,
    bunch: Floats,
    near: Ints,
    keep: bool,
    at: Ints,
    where: Floats,
    used: int,
) -> tuple[float, int, int]:
    """Integral over A's boundary inside B; crossings leave their mark on B's edges."""
    total, told, count = 0.0, 0, 0
    bunches = (n + _BUNCH - 1) // _BUNCH
    for r in range(a.part[i], a.part[i + 1]):
        begin = a.ring[r]
        x0, y0 = a.xy[begin, 0] - ox, a.xy[begin, 1] - oy
        turns = 0
        if -hx <= x0 <= hx and -hy <= y0 <= hy:
            turns, sure = winding(x0, y0, b, j, ox - SHIFT_X, oy - SHIFT_Y)
            if not sure:
                told |= DECLINED
        at_start = turns
        for c in range(a.chunk[r], a.chunk[r + 1]):
            box = a.chunk_box[c]
            west, east, south, north = box[0] - ox, box[2] - ox, box[1] - oy, box[3] - oy
            if west > hx or east < -hx or south > hy or north < -hy:
                if turns != 0:
                    told |= DECLINED
                continue
            close_by = 0
            for m in range(bunches):
                if not (
                    (bunch[m, 0] > east or bunch[m, 2] < west)
                    or (bunch[m, 1] > north or bunch[m, 3] < south)
                ):
                    near[close_by] = m
                    close_by += 1
            begin = a.ring[r] + (c - a.chunk[r]) * CHUNK
            end = min(begin + CHUNK + 1, a.ring[r + 1])
            xy = a.xy[begin:end]
            x0, y0 = xy[0, 0] - ox, xy[0, 1] - oy
            for k in range(1, end - begin):
                x1, y1 = xy[k, 0] - ox, xy[k, 1] - oy
                apart = (x0 > hx and x1 > hx) or (x0 < -hx and x1 < -hx)
                if apart or (y0 > hy and y1 > hy) or (y0 < -hy and y1 < -hy):
                    if turns != 0:
                        told |= DECLINED
                else:
                    if turns != 0:
                        total += turns * (x0 * y1 - x1 * y0)
                        if turns != 1:
                            told |= DECLINED
                    if close_by:
                        turned, added, said, number = _edge(
                            x0, y0, x1, y1, begin + k - 1, q, edge, step, gain, n, bunch, near,
                            close_by, keep, at, where, used + count, ox, oy,
                        )  # fmt: skip
                        turns += turned
                        total += added
                        told |= said
                        count += number
                x0, y0 = x1, y1
        if turns != at_start:
            told |= DECLINED
    return total, told, count


@inlined
def _edge(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    k: int,
    q: Floats,
    edge: Ints,
    step: Ints,
    gain: Floats,
    n: int,
    bunch: Floats,
    near: Ints,
    close_by: int,
    keep: bool,
    at: Ints,
    where: Floats,
    used: int,
    ox: float,
    oy: float,
) -> tuple[int, float, int, int]:
    """Crossings of one edge of A with B: winding, integral, state, number."""
    turns, total, told, count = 0, 0.0, 0, 0
    west, east, south, north = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    if keep:
        west, east, south, north = west - _NEAR_M, east + _NEAR_M, south - _NEAR_M, north + _NEAR_M
    ex, ey = x1 - x0, y1 - y0
    for spot in range(close_by):
        m = near[spot]
        if (bunch[m, 0] > east or bunch[m, 2] < west) or (
            bunch[m, 1] > north or bunch[m, 3] < south
        ):
            continue
        low = m * _BUNCH
        some = q[low : min(n, low + _BUNCH)]
        for s in range(some.shape[0]):
            cx, cy, dx, dy = some[s, 0], some[s, 1], some[s, 2], some[s, 3]
            if (cx < west and dx < west) or (cx > east and dx > east):
                continue
            if (cy < south and dy < south) or (cy > north and dy > north):
                continue
            fx, fy = dx - cx, dy - cy
            c1, c2, d1, d2 = ex * (cy - y0), ey * (cx - x0), ex * (dy - y0), ey * (dx - x0)
            a1, a2, b1, b2 = fx * (y0 - cy), fy * (x0 - cx), fx * (y1 - cy), fy * (x1 - cx)
            c, d, a, b = c1 - c2, d1 - d2, a1 - a2, b1 - b2
            if (
                abs(c) <= ROUNDING * (abs(c1) + abs(c2))
                or abs(d) <= ROUNDING * (abs(d1) + abs(d2))
                or abs(a) <= ROUNDING * (abs(a1) + abs(a2))
                or abs(b) <= ROUNDING * (abs(b1) + abs(b2))
            ):
                told |= DECLINED
            crossed = (c > 0.0) != (d > 0.0) and (a > 0.0) != (b > 0.0)
            if keep:
                told |= _nearness(c, d, a, b, ex, ey, fx, fy, crossed)
            if not crossed:
                continue
            t = a / (a - b)
            x, y = x0 + t * ex, y0 + t * ey
            sign = 1 if b > 0.0 else -1
            turns += sign
            total += sign * (x * y1 - x1 * y)
            other = 1 if d > 0.0 else -1
            z = low + s
            step[z] += other
            gain[z] += other * (x * dy - dx * y)
            if keep and used + count < at.shape[0]:
                row = used + count
                at[row, 0], at[row, 1], at[row, 2] = k, edge[z, 0], sign
                where[row, 0], where[row, 1] = t, c / (c - d)
                where[row, 2], where[row, 3] = x + ox, y + oy
            count += 1
    return turns, total, told, count


@inlined
def _nearness(
    c: float,
    d: float,
    a: float,
    b: float,
    ex: float,
    ey: float,
    fx: float,
    fy: float,
    crossed: bool,
) -> int:
    """NEAR where an end of one edge is near the other's line, CLOSE where they cross so."""
    e2, f2 = ex * ex + ey * ey, fx * fx + fy * fy
    one, two = min(c * c, d * d), min(a * a, b * b)
    if crossed and (one < _CLOSE_M * _CLOSE_M * e2 or two < _CLOSE_M * _CLOSE_M * f2):
        return CLOSE
    if one < _NEAR_M * _NEAR_M * e2 or two < _NEAR_M * _NEAR_M * f2:
        return NEAR
    return SURE


@inlined
def _walk_second(
    a: Flat,
    b: Flat,
    i: int,
    ox: float,
    oy: float,
    hx: float,
    hy: float,
    q: Floats,
    edge: Ints,
    step: Ints,
    gain: Floats,
    n: int,
) -> tuple[float, bool]:
    """Integral over B's boundary inside A, by the marks of its crossings; whether it closes."""
    total, closed = 0.0, True
    turns, at_start, ring = 0, 0, -1
    for z in range(n):
        if edge[z, 1] != ring:
            if turns != at_start:
                closed = False
            ring, turns = edge[z, 1], 0
            if edge[z, 0] == b.ring[ring]:
                x, y = q[z, 0], q[z, 1]
                if -hx <= x <= hx and -hy <= y <= hy:
                    turns, sure = winding(x, y, a, i, ox, oy)
                    closed = closed and sure
            at_start = turns
        elif edge[z, 0] != edge[z - 1, 0] + 1 and turns != 0:
            closed = False  # it went out of the window, where nothing of A is
        if turns != 0:
            total += turns * (q[z, 0] * q[z, 3] - q[z, 2] * q[z, 1])
            if turns != 1:
                closed = False
        total += gain[z]
        turns += step[z]
    return total, closed and turns == at_start
