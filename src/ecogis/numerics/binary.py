"""Logarithm and power to base two for long rows: fewer steps than `elementary`, side by side.

For rows that are raised to a power year by year. The polynomials are grouped in pairs, so that
their terms do not wait for one another, and interpolate at Chebyshev points [1]_. Free of
branches, library calls and fused arithmetic: the same bits on every machine.

References
----------
.. [1] J.-M. Muller, "Elementary Functions: Algorithms and Implementation," 3rd ed.,
   Birkhäuser, 2016, chapters 3 and 4.
"""

from __future__ import annotations

import math

import numpy as np

from ecogis.numerics.compiling import inlined

__all__ = ["LOWEST", "exp2", "log2"]

LOWEST = -1020.0
"""Exponent at and below which `exp2` gives two to this power."""

_SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
_MANTISSA_BITS = np.int64(52)
# 2**52 + 2**51: a sum with it has no bits left below one, and its lowest bits are the whole number
_ROUNDING = 6755399441055744.0
_EXPONENT_BITS = np.int64(np.float64(_ROUNDING).view(np.int64) - 1023)

# log2((1 + f) / (1 - f)) / f = 2 / ln 2 + z h(z), z = f f up to 0.0294: h within 5e-16
_TWO_LOG2_E = 2.0 / math.log(2.0)
_H0, _H1, _H2, _H3 = 0.961796693925976, 0.5770780163541352, 0.4121985838982142, 0.3205987379953393
_H4, _H5, _H6 = 0.26232364131970404, 0.2211899333925489, 0.21087146000724974
# (2**r - 1) / r, r from -1/2 to 1/2: within 5e-17
_G0, _G1, _G2 = 0.6931471805599453, 0.24022650695910097, 0.0555041086648216
_G3, _G4, _G5 = 0.009618129107606888, 0.0013333558146416936, 0.0001540353044173605
_G6, _G7, _G8 = 1.525273382983612e-05, 1.321544258792169e-06, 1.0178062445845774e-07
_G9, _G10 = 7.072585949269223e-09, 4.4549605981865186e-10


@inlined
def log2(x: float) -> float:
    """Logarithm to base two of a normal x > 0. Error below 2 ulp of the larger of it and 1."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits - _SQRT_HALF_BITS) >> _MANTISSA_BITS
    mantissa = np.int64(bits - (exponent << _MANTISSA_BITS)).view(np.float64)
    f = (mantissa - 1.0) / (mantissa + 1.0)
    z = f * f
    z2 = z * z
    near = (_H0 + _H1 * z) + z2 * (_H2 + _H3 * z)
    tail = near + (z2 * z2) * ((_H4 + _H5 * z) + z2 * _H6)
    return np.float64(exponent) + f * (_TWO_LOG2_E + z * tail)


@inlined
def exp2(y: float) -> float:
    """Two to the power y, for y below 1023; at and below `LOWEST` the value there. 1.5 ulp."""
    held = max(y, LOWEST)
    shifted = held + _ROUNDING
    r = held - (shifted - _ROUNDING)
    r2 = r * r
    r4 = r2 * r2
    near = (_G0 + _G1 * r) + r2 * (_G2 + _G3 * r)
    far = ((_G4 + _G5 * r) + r2 * (_G6 + _G7 * r)) + r4 * ((_G8 + _G9 * r) + r2 * _G10)
    bits = (np.float64(shifted).view(np.int64) - _EXPONENT_BITS) << _MANTISSA_BITS
    scale = np.int64(bits).view(np.float64)
    return scale + scale * (r * (near + r4 * far))
