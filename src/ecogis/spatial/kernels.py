"""Loops over vertices: the equal-area plane of an ellipsoid, forward, back, and areas in it.

Angles are degrees at the border and radians inside. The meridian coordinate is the authalic
``q = (1 - e2) (s / (1 - e2 s^2) + atanh(e s) / e)`` with ``s = sin(latitude)``.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["ring_areas", "to_lonlat", "to_plane"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_RAD = math.pi / 180.0
_TERMS = 10  # (e s)^2 < 0.007, so the tenth term is below 1e-20
_STEPS = 4  # Newton doubles the digits; the start is right to 2e-3


@njit(cache=True, nogil=True)
def authalic(s: float, e2: float) -> Any:
    """q of the sine of a latitude; atanh as its series, whose terms fall by e2 s^2."""
    u = e2 * s * s
    series = 0.0
    for k in range(_TERMS, -1, -1):
        series = series * u + 1.0 / (2 * k + 1)
    return (1.0 - e2) * s * (1.0 / (1.0 - u) + series)


@njit(cache=True, nogil=True)
def sine_of(q: float, qp: float, e2: float) -> Any:
    """Sine of the latitude whose authalic coordinate is q; qp is the pole's."""
    s = q / qp
    for _ in range(_STEPS):
        w = 1.0 - e2 * s * s
        s += (q - authalic(s, e2)) * w * w / (2.0 * (1.0 - e2))
        s = min(1.0, max(-1.0, s))
    return s


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
