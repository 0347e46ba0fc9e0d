"""Loops over vertices: the equal-area plane of an ellipsoid, forward, back, and areas in it.

Angles are degrees at the border and radians inside. The meridian coordinate is the authalic
``q = (1 - e2) (s / (1 - e2 s^2) + atanh(e s) / e)`` with ``s = sin(latitude)``.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["authalic", "count_crossings", "ring_areas", "to_lonlat", "to_plane"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

_RAD = math.pi / 180.0
_TERMS = 10  # (e s)^2 < 0.007, so the tenth term is below 1e-20
_STEPS = 4  # Newton doubles the digits; the start is right to 2e-3


def _compiled(function: F) -> F:
    """Compile and keep the type; the plain function stays reachable as ``py_func``."""
    return cast("F", njit(cache=True, nogil=True)(function))


@_compiled
def authalic(s: float, e2: float) -> float:
    """Coordinate q of the sine of a latitude; atanh as its series, whose terms fall by e2 s^2."""
    u = e2 * s * s
    series = 0.0
    for k in range(_TERMS, -1, -1):
        series = series * u + 1.0 / (2 * k + 1)
    return (1.0 - e2) * s * (1.0 / (1.0 - u) + series)


@_compiled
def sine_of(q: float, qp: float, e2: float) -> float:
    """Sine of the latitude whose authalic coordinate is q; qp is the pole's."""
    s = q / qp
    for _ in range(_STEPS):
        w = 1.0 - e2 * s * s
        s += (q - authalic(s, e2)) * w * w / (2.0 * (1.0 - e2))
        s = min(1.0, max(-1.0, s))
    return s


@_compiled
def to_plane(
    lonlat: Floats,  # (vertex, 2)  degrees
    lon0: float,  # degrees
    q0: float,  # authalic coordinate of the origin
    a: float,  # m
    e2: float,
    k0: float,  # scale along the standard parallel
    out: Floats,  # (vertex, 2)  m
) -> None:
    """Fill `out`: ``x = a k0 (lon - lon0)``, ``y = a (q - q0) / (2 k0)``."""
    for i in range(lonlat.shape[0]):
        out[i, 0] = a * k0 * ((lonlat[i, 0] - lon0) * _RAD)
        out[i, 1] = a * (authalic(math.sin(lonlat[i, 1] * _RAD), e2) - q0) / (2.0 * k0)


@_compiled
def to_lonlat(
    xy: Floats,  # (vertex, 2)  m
    lon0: float,
    q0: float,
    a: float,
    e2: float,
    k0: float,
    out: Floats,  # (vertex, 2)  degrees
) -> None:
    """Fill `out`, the way back of `to_plane`."""
    qp = authalic(1.0, e2)
    for i in range(xy.shape[0]):
        q = q0 + xy[i, 1] * 2.0 * k0 / a
        out[i, 0] = lon0 + xy[i, 0] / (a * k0) / _RAD
        out[i, 1] = math.asin(sine_of(q, qp, e2)) / _RAD


@_compiled
def ring_areas(
    lonlat: Floats,  # (vertex, 2)  degrees, rings closed
    starts: Ints,  # (ring + 1)   first vertex of each ring
    a: float,
    e2: float,
    out: Floats,  # (ring)       m2, positive counter-clockwise
) -> None:
    """Fill `out` with the shoelace in the plane, taken about each ring's first vertex."""
    for r in range(starts.shape[0] - 1):
        first, last = starts[r], starts[r + 1]
        total = 0.0
        if last > first:
            lon0 = lonlat[first, 0]
            q0 = authalic(math.sin(lonlat[first, 1] * _RAD), e2)
            x, y = 0.0, 0.0
            for i in range(first + 1, last):
                u = (lonlat[i, 0] - lon0) * _RAD
                v = authalic(math.sin(lonlat[i, 1] * _RAD), e2) - q0
                total += x * v - u * y
                x, y = u, v
        out[r] = 0.25 * a * a * total


@_compiled
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Which side of the line a to b a point is on: positive on the left."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@_compiled
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
