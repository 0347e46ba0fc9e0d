"""Loops over vertices: the equal-area plane of an ellipsoid, forward, back, and areas in it.

Angles are degrees at the border and radians inside. The meridian coordinate is the authalic q
(`ecogis.spatial.authalic`). As in `gauss_kruger_kernels`, points go to `out` first, which may be
the input itself, and run through formulas without library calls; the few a series does not reach
are worked out one by one with `math`, and which way a point takes depends on the point alone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.trigonometry import arcsine_small, odd_polynomial, sine, sine_cosine

__all__ = [
    "count_crossings",
    "first_vertices",
    "lonlat_ring_areas",
    "ring_areas",
    "to_lonlat",
    "to_plane",
]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Smalls = npt.NDArray[np.int32]
Numbers = tuple[float, ...]  # constants, so that the compiler keeps them in registers

_RAD = math.pi / 180.0
_DEG = 180.0 / math.pi
_RUN = 1024  # points; 16 kB, well inside the first cache
_RAD2, _RAD3, _RAD4_24 = _RAD * _RAD, _RAD * _RAD * _RAD, _RAD * _RAD * _RAD * _RAD / 24.0
_STEP, _LAT = 0.06, 57.0  # degrees: how far a ring reaches by powers, and how far north
_NEAR_Q, _STEEP_Q = 0.12, 1.7  # authalic coordinate: from the origin, and of 58 degrees


@kernel
def _sines_to_plane(points: Floats, lon0: float, authalic: Numbers, plane: Numbers) -> None:
    q0, width, height = plane
    flat = points.reshape(-1)  # a stride known to the compiler
    for i in range(points.shape[0]):
        flat[2 * i] = (flat[2 * i] - lon0) * _RAD * width
        flat[2 * i + 1] = (odd_polynomial(sine(flat[2 * i + 1] * _RAD), authalic) - q0) * height


@kernel
def to_plane(
    lonlat: Floats,  # (vertex, 2)  degrees
    lon0: float,  # degrees
    authalic: Numbers,  # (9)       q as an odd polynomial in the sine of the latitude
    plane: Numbers,  # (3)          1, m, m: q of the origin, scales
    out: Floats,  # (vertex, 2)     m; may be `lonlat`
) -> None:
    """Fill `out`: ``x = a k0 (lon - lon0)``, ``y = a (q - q0) / (2 k0)``."""
    q0, width, height = plane
    i, count = 0, lonlat.shape[0]
    while i < count:
        j, last = i, min(i + _RUN, count)
        while j < last and abs(lonlat[j, 1]) <= 90.0:
            out[j, 0], out[j, 1] = lonlat[j, 0], lonlat[j, 1]
            j += 1
        _sines_to_plane(out[i:j], lon0, authalic, plane)
        i = j
        while i < last and not abs(lonlat[i, 1]) <= 90.0:
            s = math.sin(lonlat[i, 1] * _RAD)
            out[i, 0] = (lonlat[i, 0] - lon0) * _RAD * width
            out[i, 1] = (odd_polynomial(s, authalic) - q0) * height
            i += 1


@inlined
def _near_origin(q: float, q0: float) -> bool:
    """Whether the latitude is some degrees from the origin's and far from the poles."""
    return abs(q - q0) <= _NEAR_Q and abs(q) <= _STEEP_Q


@kernel
def _near_to_lonlat(
    points: Floats, lon0: float, sine_of: Numbers, plane: Numbers, lat0: float
) -> None:
    q0, per_x, per_y = plane
    s0, c0 = math.sin(lat0 * _RAD), math.cos(lat0 * _RAD)
    flat = points.reshape(-1)
    for i in range(points.shape[0]):
        s = odd_polynomial(q0 + flat[2 * i + 1] * per_y, sine_of)
        away = arcsine_small(s * c0 - math.sqrt(1.0 - s * s) * s0)
        flat[2 * i] = lon0 + flat[2 * i] * per_x * _DEG
        flat[2 * i + 1] = lat0 + away * _DEG


@kernel
def to_lonlat(
    xy: Floats,  # (vertex, 2)  m
    lon0: float,  # degrees
    sine_of: Numbers,  # (9)    sine of the latitude as an odd polynomial in q
    plane: Numbers,  # (3)      1, m-1, m-1: q of the origin, scales of the way back
    lat0: float,  # degrees     latitude of the origin
    out: Floats,  # (vertex, 2) degrees; may be `xy`
) -> None:
    """Fill `out`, the way back of `to_plane`; beyond a pole is the pole."""
    q0, per_x, per_y = plane
    i, count = 0, xy.shape[0]
    while i < count:
        j, last = i, min(i + _RUN, count)
        while j < last and _near_origin(q0 + xy[j, 1] * per_y, q0):
            out[j, 0], out[j, 1] = xy[j, 0], xy[j, 1]
            j += 1
        _near_to_lonlat(out[i:j], lon0, sine_of, plane, lat0)
        i = j
        while i < last:
            q = q0 + xy[i, 1] * per_y
            if _near_origin(q, q0):
                break
            s = odd_polynomial(q, sine_of)
            if abs(s) > 1.0:
                s = math.copysign(1.0, s)
            out[i, 0] = lon0 + xy[i, 0] * per_x * _DEG
            out[i, 1] = math.asin(s) * _DEG
            i += 1


@kernel
def first_vertices(
    counts: Smalls,  # (feature)  vertices of each
    kinds: Smalls,  # (feature)  its kind of geometry
    wanted: int,
    starts: Ints,  # (feature + 1)
    alike: Bools,  # (feature)
) -> None:
    """Fill `starts` with the first vertex of each feature, `alike` with whether it is as wanted."""
    starts[0] = 0
    for i in range(counts.shape[0]):
        starts[i + 1] = starts[i] + counts[i]
        alike[i] = kinds[i] == wanted


@inlined
def _shoelace(u: Floats, v: Floats, count: int) -> float:
    """Twice the area of a closed ring, summed in four interleaved parts."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    quads = max(count - 1, 0) // 4
    for q in range(quads):
        i = 4 * q
        a += u[i] * v[i + 1] - u[i + 1] * v[i]
        b += u[i + 1] * v[i + 2] - u[i + 2] * v[i + 1]
        c += u[i + 2] * v[i + 3] - u[i + 3] * v[i + 2]
        d += u[i + 3] * v[i + 4] - u[i + 4] * v[i + 3]
    for i in range(4 * quads, count - 1):
        a += u[i] * v[i + 1] - u[i + 1] * v[i]
    return (a + b) + (c + d)


@kernel
def _about_first(ring: Floats, u: Floats, v: Floats) -> int:
    """Fill `u` and `v` with steps from the first vertex; told is how often that comes back."""
    x0, y0 = ring[0], ring[1]
    back = 0
    for i in range(ring.shape[0] // 2):
        u[i], v[i] = ring[2 * i] - x0, ring[2 * i + 1] - y0
        back += (u[i] == 0.0) & (v[i] == 0.0)
    return back


@kernel
def ring_areas(
    xy: Floats,  # (vertex, 2)   in a plane, rings closed
    starts: Ints,  # (ring + 1)    first vertex of each ring
    out: Floats,  # (ring)        square of the plane's unit, positive counter-clockwise
    single: Bools,  # (ring)        becomes false where it is not surely one ring
) -> None:
    """Fill `out` with the shoelace, taken about each ring's first vertex.

    One ring comes back to its first vertex at its end only; two in a row, taken for one, never do.
    """
    flat = xy.reshape(-1)
    u, v = np.empty(1), np.empty(1)
    for r in range(out.shape[0]):
        count = starts[r + 1] - starts[r]
        if count > u.shape[0]:
            u, v = np.empty(2 * count), np.empty(2 * count)
        if count > 0:
            back = _about_first(flat[2 * starts[r] : 2 * starts[r + 1]], u, v)
            single[r] &= back == 2 and u[count - 1] == 0.0 and v[count - 1] == 0.0
        out[r] = 0.5 * _shoelace(u, v, count)


@kernel
def _slopes(lonlat: Floats, starts: Ints, e2: float, out: Floats) -> None:
    """Fill `out`: q by powers of a step in latitude from a ring's first vertex, up to the fourth.

    The step is in degrees; for a latitude beyond 57 degrees the numbers mean nothing.
    """
    for r in range(out.shape[1]):
        out[0, r] = lonlat[starts[r], 1] if starts[r + 1] > starts[r] else 0.0
    for r in range(out.shape[1]):
        s, c = sine_cosine(out[0, r] * _RAD)
        w = 1.0 / (1.0 - e2 * s * s)
        g = 4.0 * e2 * w
        h = 2.0 * (1.0 - e2) * w * w  # dq / ds; h1 and h2 are its slopes by s
        h1, h2 = h * g * s, h * g * (1.0 + 1.5 * g * s * s)
        out[0, r] = h * c * _RAD
        out[1, r] = (h1 * c * c - h * s) * (_RAD2 / 2.0)
        out[2, r] = (h2 * c * c - 3.0 * h1 * s - h) * c * (_RAD3 / 6.0)
        out[3, r] = (h * s - 6.0 * h2 * c * c * s - h1 * (4.0 * c * c - 3.0 * s * s)) * _RAD4_24


@kernel
def _by_powers(
    ring: Floats, k1: float, k2: float, k3: float, k4: float, u: Floats, v: Floats
) -> tuple[int, int]:
    """Fill `u` and `v` with steps in longitude [degrees] and q from the first vertex.

    Told are how often that vertex comes back, and how many steps in latitude are too long.
    """
    lon0, lat0 = ring[0], ring[1]
    back, long = 0, 0
    for i in range(ring.shape[0] // 2):
        east, north = ring[2 * i] - lon0, ring[2 * i + 1] - lat0
        u[i] = east
        v[i] = north * ((k1 + north * k2) + north * north * (k3 + north * k4))
        back += (east == 0.0) & (north == 0.0)
        long += not abs(north) <= _STEP
    return back, long


@kernel
def lonlat_ring_areas(
    lonlat: Floats,  # (vertex, 2)   degrees, rings closed
    starts: Ints,  # (ring + 1)    first vertex of each ring
    authalic: Numbers,  # (9)       q as an odd polynomial in the sine of the latitude
    a: float,  # m
    e2: float,
    out: Floats,  # (ring)        m2, positive counter-clockwise
    single: Bools,  # (ring)        becomes false where it is not surely one ring
) -> None:
    """Fill `out` with the shoelace in the equal-area plane; `single` as for `ring_areas`.

    In a ring that reaches no farther than 0.06 degrees of latitude from its first vertex q is a
    polynomial of the fourth degree in the step, exact to 1e-16; in the others it is worked out
    vertex by vertex.
    """
    flat = lonlat.reshape(-1)
    k = np.empty((4, out.shape[0]))
    _slopes(lonlat, starts, e2, k)
    u, v = np.empty(1), np.empty(1)
    for r in range(out.shape[0]):
        ring = flat[2 * starts[r] : 2 * starts[r + 1]]
        count = starts[r + 1] - starts[r]
        if count > u.shape[0]:
            u, v = np.empty(2 * count), np.empty(2 * count)
        if count > 0:
            back, long = _by_powers(ring, k[0, r], k[1, r], k[2, r], k[3, r], u, v)
            closed = ring[0] == ring[2 * count - 2] and ring[1] == ring[2 * count - 1]
            single[r] &= closed and back == 2
            if long > 0 or not abs(ring[1]) <= _LAT:
                q0 = odd_polynomial(math.sin(ring[1] * _RAD), authalic)
                for i in range(count):
                    v[i] = odd_polynomial(math.sin(ring[2 * i + 1] * _RAD), authalic) - q0
        out[r] = 0.25 * a * a * _RAD * _shoelace(u, v, count)


@inlined
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Which side of the line a to b a point is on: positive on the left."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@kernel
def count_crossings(
    xy: Floats,  # (vertex, 2)   rings closed
    starts: Ints,  # (ring + 1)    first vertex of each ring
    first: Ints,  # (feature + 1) first ring of each feature
    limit: int,
    out: Ints,  # (feature)
) -> None:
    """Fill `out` with the proper crossings between a feature's edges, at most `limit` + 1."""
    for f in range(first.shape[0] - 1):
        begin, end = starts[first[f]], starts[first[f + 1]]
        edges = np.empty(end - begin, np.int64)
        count = 0
        for r in range(first[f], first[f + 1]):
            for i in range(starts[r], starts[r + 1] - 1):
                edges[count] = i
                count += 1
        found = 0
        for m in range(count):
            i = edges[m]
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            for n in range(m + 1, count):
                j = edges[n]
                cx, cy, dx, dy = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
                if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
                    continue
                if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
                    continue
                apart = side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0.0
                if apart and side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0.0:
                    found += 1
            if found > limit:
                found = limit + 1
                break
        out[f] = found
