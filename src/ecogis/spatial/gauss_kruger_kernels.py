"""Loops over vertices: transverse Mercator of an ellipsoid, forward, back, and into the plane.

Notation of Karney [1]_: phi and chi are the geodetic and the conformal latitude, lambda the
longitude from the meridian, xi + i eta the coordinates divided by the rectifying radius, and
xi' + i eta' those on the conformal sphere.

Every kernel copies its points to `out`, which may be the input itself, and works there in runs
that fit the cache: points near the meridian by formulas without branches or library calls, which
the compiler vectorises, the others one by one with `math`. Which of the two a point takes depends
on the point alone, so its bits do not depend on its neighbours. A point the projection does not
reach becomes missing.

References
----------
.. [1] C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers,"
   J. Geodesy 85 (2011) 475-485, :doi:`10.1007/s00190-011-0445-3`, sections 2 to 4.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.trigonometry import (
    arcsine_small,
    arctangent_small,
    artanh_small,
    cosh_small,
    odd_polynomial,
    sine_cosine,
    sinh_small,
)

__all__ = ["grid_to_lonlat", "grid_to_plane", "lonlat_to_grid"]

Floats = NDArray[np.float64]
Numbers = tuple[float, ...]  # constants, so that the compiler keeps them in registers

_RAD = math.pi / 180.0
_DEG = 180.0 / math.pi
_RUN = 1024  # points; 16 kB, well inside the first cache
_NEAR = 0.125  # rad from the meridian on the sphere, some 7 degrees
_REACH = 2.623395162778  # largest |eta|: 150 degrees of arc, as in PROJ


@inlined
def _near_grid(xi: float, eta: float) -> bool:
    """Whether ``tan(lambda) = sinh(eta') / cos(xi')`` is small; false for a missing value."""
    z = xi * xi
    return z <= 1.0 and abs(eta) <= _NEAR * (1.0 - 0.5 * z)


@inlined
def _near_lonlat(lam: float, phi: float) -> bool:
    """Whether longitude and latitude are small enough [rad]; false for a missing value."""
    return abs(phi) <= 1.0 and abs(lam) <= _NEAR


@inlined
def _sums(s2: float, c2: float, sh2: float, ch2: float, k: Numbers) -> tuple[float, float]:
    """Sums of ``k_j sin 2j xi cosh 2j eta`` and ``k_j cos 2j xi sinh 2j eta``.

    The arguments are sine, cosine, hyperbolic sine and cosine of 2 xi and 2 eta.
    """
    ar, ai = 2.0 * c2 * ch2, -2.0 * s2 * sh2
    br, bi = ar * ar - ai * ai, 2.0 * ar * ai
    ur, ui = k[4] + ar * k[5], ai * k[5]
    vr, vi = k[2] + ar * k[3], ai * k[3]
    wr, wi = k[0] + ar * k[1], ai * k[1]
    vr, vi = vr + (br * ur - bi * ui), vi + (br * ui + bi * ur)
    wr, wi = wr + (br * vr - bi * vi), wi + (br * vi + bi * vr)
    sr, si = s2 * ch2, c2 * sh2
    return sr * wr - si * wi, sr * wi + si * wr


@inlined
def _sum(s2: float, c2: float, k: Numbers) -> float:
    """Sum of ``k_j sin 2j x`` from sine and cosine of 2 x."""
    a = 2.0 * c2
    b = a * a
    return s2 * ((k[0] + a * k[1]) + b * ((k[2] + a * k[3]) + b * (k[4] + a * k[5])))


@inlined
def _turned(s: float, c: float, d: float) -> tuple[float, float]:
    """Sine and cosine of an angle less d, where ``|d| < 0.01``."""
    z = d * d
    sd = d - d * z * (1.0 / 6.0 - z * (1.0 / 120.0))
    cd = 1.0 - z * (0.5 - z * (1.0 / 24.0))
    return s * cd - c * sd, c * cd + s * sd


@inlined
def _on_sphere(xi: float, eta: float, beta: Numbers) -> tuple[float, float, float, float, float]:
    """From xi, eta near the meridian: xi', its sine and cosine, and sinh and cosh of eta'."""
    s, c = sine_cosine(xi)
    sh, ch = sinh_small(eta), cosh_small(eta)
    d, e = _sums(2.0 * s * c, (c - s) * (c + s), 2.0 * sh * ch, 1.0 + 2.0 * sh * sh, beta)
    s, c = _turned(s, c, d)
    she, che = e + e * e * e * (1.0 / 6.0), 1.0 + e * e * (0.5 + e * e * (1.0 / 24.0))
    return xi - d, s, c, sh * che - ch * she, ch * che - sh * she


@inlined
def _on_sphere_far(xi: float, eta: float, beta: Numbers) -> tuple[float, float]:
    """From xi, eta anywhere: xi' and eta'; missing beyond the reach."""
    reached = eta if abs(eta) <= _REACH else math.nan
    d, e = _sums(
        math.sin(2.0 * xi),
        math.cos(2.0 * xi),
        math.sinh(2.0 * reached),
        math.cosh(2.0 * reached),
        beta,
    )
    return xi - d, reached - e


@kernel
def _near_to_plane(
    points: Floats, scale: Numbers, beta: Numbers, authalic: Numbers, plane: Numbers
) -> None:
    east0, north0, per_m = scale
    turn, q0, width, height = plane
    flat = points.reshape(-1)  # a stride known to the compiler
    for i in range(points.shape[0]):
        xi, eta = (flat[2 * i + 1] - north0) * per_m, (flat[2 * i] - east0) * per_m
        _, s, c, sh, ch = _on_sphere(xi, eta, beta)
        inverse = 1.0 / (c * ch)
        flat[2 * i] = (arctangent_small(sh * ch * inverse) + turn) * width
        flat[2 * i + 1] = (odd_polynomial(s * c * inverse, authalic) - q0) * height


@kernel
def grid_to_plane(
    xy: Floats,  # (vertex, 2)  m     easting, northing
    scale: Numbers,  # (3)      m, m, m-1: easting and northing of the origin, 1 / radius
    beta: Numbers,  # (6)       1     from xi to xi'
    authalic: Numbers,  # (9)   1     q as an odd polynomial in sin(chi)
    plane: Numbers,  # (4)      rad, 1, m, m: meridian less the plane's, q of its origin, scales
    out: Floats,  # (vertex, 2)  m    in the equal-area plane; may be `xy`
) -> None:
    """Fill `out` with coordinates in the equal-area plane."""
    east0, north0, per_m = scale
    turn, q0, width, height = plane
    i, count = 0, xy.shape[0]
    while i < count:
        j, last = i, min(i + _RUN, count)
        while j < last and _near_grid((xy[j, 1] - north0) * per_m, (xy[j, 0] - east0) * per_m):
            out[j, 0], out[j, 1] = xy[j, 0], xy[j, 1]
            j += 1
        _near_to_plane(out[i:j], scale, beta, authalic, plane)
        i = j
        while i < last:
            xi, eta = (xy[i, 1] - north0) * per_m, (xy[i, 0] - east0) * per_m
            if _near_grid(xi, eta):
                break
            xi, eta = _on_sphere_far(xi, eta, beta)
            out[i, 0] = (math.atan2(math.sinh(eta), math.cos(xi)) + turn) * width
            out[i, 1] = (odd_polynomial(math.sin(xi) / math.cosh(eta), authalic) - q0) * height
            i += 1


@kernel
def _near_to_lonlat(
    points: Floats, scale: Numbers, beta: Numbers, delta: Numbers, lon0: float
) -> None:
    east0, north0, per_m = scale
    flat = points.reshape(-1)
    for i in range(points.shape[0]):
        xi, eta = (flat[2 * i + 1] - north0) * per_m, (flat[2 * i] - east0) * per_m
        xi, s, c, sh, ch = _on_sphere(xi, eta, beta)
        inverse = 1.0 / (c * ch)
        r = math.sqrt(sh * sh + c * c) * (c * inverse)  # cos(chi)
        s = s * (c * inverse)  # sin(chi)
        chi = xi - arcsine_small(s * (r * ch - c))
        flat[2 * i] = lon0 + arctangent_small(sh * ch * inverse) * _DEG
        flat[2 * i + 1] = (chi + _sum(2.0 * s * r, (r - s) * (r + s), delta)) * _DEG


@kernel
def grid_to_lonlat(
    xy: Floats,  # (vertex, 2)  m     easting, northing
    scale: Numbers,  # (3)      m, m, m-1: easting and northing of the origin, 1 / radius
    beta: Numbers,  # (6)       1     from xi to xi'
    delta: Numbers,  # (6)      1     from chi to phi
    lon0: float,  # degrees
    out: Floats,  # (vertex, 2)  degrees; may be `xy`
) -> None:
    """Fill `out` with longitude and latitude."""
    east0, north0, per_m = scale
    i, count = 0, xy.shape[0]
    while i < count:
        j, last = i, min(i + _RUN, count)
        while j < last and _near_grid((xy[j, 1] - north0) * per_m, (xy[j, 0] - east0) * per_m):
            out[j, 0], out[j, 1] = xy[j, 0], xy[j, 1]
            j += 1
        _near_to_lonlat(out[i:j], scale, beta, delta, lon0)
        i = j
        while i < last:
            xi, eta = (xy[i, 1] - north0) * per_m, (xy[i, 0] - east0) * per_m
            if _near_grid(xi, eta):
                break
            xi, eta = _on_sphere_far(xi, eta, beta)
            s, c, sh = math.sin(xi), math.cos(xi), math.sinh(eta)
            chi = math.atan2(s, math.hypot(sh, c))
            out[i, 0] = lon0 + math.atan2(sh, c) * _DEG
            out[i, 1] = (chi + _sum(math.sin(2.0 * chi), math.cos(2.0 * chi), delta)) * _DEG
            i += 1


@kernel
def _near_to_grid(
    points: Floats, scale: Numbers, alpha: Numbers, gamma: Numbers, lon0: float
) -> None:
    east0, north0, radius = scale
    flat = points.reshape(-1)
    for i in range(points.shape[0]):
        phi = flat[2 * i + 1] * _RAD
        sl, cl = sine_cosine((flat[2 * i] - lon0) * _RAD)
        s, c = sine_cosine(phi)
        d = _sum(2.0 * s * c, (c - s) * (c + s), gamma)
        s, c = _turned(s, c, -d)
        x, y = c * sl, c * cl
        inverse = 1.0 / math.sqrt(s * s + y * y)  # cosh(eta')
        xi = phi + d + arcsine_small(s * (c - y) * inverse)
        eta = artanh_small(x)
        s, y, x = s * inverse, y * inverse, x * inverse
        u, v = _sums(2.0 * s * y, (y - s) * (y + s), 2.0 * x * inverse, 1.0 + 2.0 * x * x, alpha)
        flat[2 * i] = east0 + (eta + v) * radius
        flat[2 * i + 1] = north0 + (xi + u) * radius


@inlined
def _to_grid_far(lam: float, phi: float, alpha: Numbers, gamma: Numbers) -> tuple[float, float]:
    """From longitude and latitude anywhere: xi and eta; missing beyond pole and reach."""
    phi = phi if abs(phi) <= 0.5 * math.pi else math.nan
    chi = phi + _sum(math.sin(2.0 * phi), math.cos(2.0 * phi), gamma)
    s, x, y = math.sin(chi), math.cos(chi) * math.sin(lam), math.cos(chi) * math.cos(lam)
    xi, eta = math.atan2(s, y), math.asinh(x / math.hypot(s, y))
    eta = eta if abs(eta) <= _REACH else math.nan
    u, v = _sums(
        math.sin(2.0 * xi),
        math.cos(2.0 * xi),
        math.sinh(2.0 * eta),
        math.cosh(2.0 * eta),
        alpha,
    )
    return xi + u, eta + v


@kernel
def lonlat_to_grid(
    lonlat: Floats,  # (vertex, 2)  degrees
    scale: Numbers,  # (3)      m, m, m: easting and northing of the origin, radius
    alpha: Numbers,  # (6)      1     from xi' to xi
    gamma: Numbers,  # (6)      1     from phi to chi
    lon0: float,  # degrees
    out: Floats,  # (vertex, 2)  m     easting, northing; may be `lonlat`
) -> None:
    """Fill `out` with easting and northing."""
    east0, north0, radius = scale
    i, count = 0, lonlat.shape[0]
    while i < count:
        j, last = i, min(i + _RUN, count)
        while j < last and _near_lonlat((lonlat[j, 0] - lon0) * _RAD, lonlat[j, 1] * _RAD):
            out[j, 0], out[j, 1] = lonlat[j, 0], lonlat[j, 1]
            j += 1
        _near_to_grid(out[i:j], scale, alpha, gamma, lon0)
        i = j
        while i < last:
            lam, phi = (lonlat[i, 0] - lon0) * _RAD, lonlat[i, 1] * _RAD
            if _near_lonlat(lam, phi):
                break
            xi, eta = _to_grid_far(lam, phi, alpha, gamma)
            out[i, 0], out[i, 1] = east0 + eta * radius, north0 + xi * radius
            i += 1
