"""Sines and their inverses for kernels: no library call, free of branches, on stated ranges.

A loop over one of these is vectorised by the compiler, and none uses fused or reordered
arithmetic, so a value is the same whatever stands beside it. They are Taylor series long enough
for float64 on the range each names [1]_; outside that range use `math`.

References
----------
.. [1] J.-M. Muller, "Elementary Functions: Algorithms and Implementation," 3rd ed.,
   Birkhäuser, 2016, chapters 3 and 4.
"""

from __future__ import annotations

import math

from ecogis.numerics.compiling import inlined

__all__ = [
    "arcsine_small",
    "arctangent_small",
    "artanh_small",
    "cosh_small",
    "odd_polynomial",
    "sine",
    "sine_cosine",
    "sinh_small",
]

_S3, _S5, _S7, _S9, _S11 = (1.0 / math.factorial(n) for n in range(3, 13, 2))
_S13, _S15, _S17, _S19, _S21 = (1.0 / math.factorial(n) for n in range(13, 23, 2))
_C2, _C4, _C6, _C8, _C10 = (1.0 / math.factorial(n) for n in range(2, 12, 2))
_C12, _C14 = (1.0 / math.factorial(n) for n in range(12, 16, 2))
_T3, _T5, _T7, _T9, _T11, _T13, _T15, _T17 = (1.0 / n for n in range(3, 19, 2))
_A3, _A5, _A7 = 1.0 / 6.0, 3.0 / 40.0, 15.0 / 336.0
_A9, _A11, _A13, _A15 = 35.0 / 1152.0, 63.0 / 2816.0, 231.0 / 13312.0, 143.0 / 10240.0


@inlined
def sine(x: float) -> float:
    """Sine for ``|x| <= pi / 2``. Error below 1.5 ulp of one."""
    z = x * x
    z2 = z * z
    z4 = z2 * z2
    low = (_S3 - z * _S5) + z2 * (_S7 - z * _S9)
    high = (_S11 - z * _S13) + z2 * (_S15 - z * _S17)
    return x - x * z * (low + z4 * (high + z4 * (_S19 - z * _S21)))


@inlined
def sine_cosine(x: float) -> tuple[float, float]:
    """Sine and cosine for ``|x| <= 1``, from half the angle. Error below 2 ulp of one."""
    h = 0.5 * x
    z = h * h
    z2 = z * z
    odd = (_S3 - z * _S5) + z2 * ((_S7 - z * _S9) + z2 * (_S11 - z * _S13))
    even = (_C4 - z * _C6) + z2 * ((_C8 - z * _C10) + z2 * (_C12 - z * _C14))
    s = h - h * z * odd
    v = z * _C2 - z2 * even
    return 2.0 * s * (1.0 - v), 1.0 - 2.0 * s * s


@inlined
def sinh_small(x: float) -> float:
    """Hyperbolic sine for ``|x| <= 0.15``. Error below 2 ulp."""
    z = x * x
    return x + x * z * ((_S3 + z * _S5) + z * z * (_S7 + z * (_S9 + z * _S11)))


@inlined
def cosh_small(x: float) -> float:
    """Hyperbolic cosine for ``|x| <= 0.15``. Error below 1 ulp."""
    z = x * x
    return 1.0 + z * ((_C2 + z * _C4) + z * z * (_C6 + z * (_C8 + z * _C10)))


@inlined
def arctangent_small(x: float) -> float:
    """Inverse tangent for ``|x| <= 0.13``. Error below 2 ulp."""
    z = x * x
    z2 = z * z
    low = (_T3 - z * _T5) + z2 * (_T7 - z * _T9)
    high = (_T11 - z * _T13) + z2 * (_T15 - z * _T17)
    return x - x * z * (low + z2 * z2 * high)


@inlined
def artanh_small(x: float) -> float:
    """Inverse hyperbolic tangent for ``|x| <= 0.13``. Error below 2 ulp."""
    z = x * x
    z2 = z * z
    low = (_T3 + z * _T5) + z2 * (_T7 + z * _T9)
    high = (_T11 + z * _T13) + z2 * (_T15 + z * _T17)
    return x + x * z * (low + z2 * z2 * high)


@inlined
def arcsine_small(x: float) -> float:
    """Inverse sine for ``|x| <= 0.12``. Error below 2 ulp."""
    z = x * x
    z2 = z * z
    low = (_A3 + z * _A5) + z2 * (_A7 + z * _A9)
    return x + x * z * (low + z2 * z2 * (_A11 + z * (_A13 + z * _A15)))


@inlined
def odd_polynomial(x: float, p: tuple[float, ...]) -> float:
    """The value ``x (p_0 + p_1 x^2 + ... + p_8 x^16)``."""
    u = x * x
    u2 = u * u
    u4 = u2 * u2
    low = (p[0] + u * p[1]) + u2 * (p[2] + u * p[3])
    high = (p[4] + u * p[5]) + u2 * (p[6] + u * p[7])
    return x * (low + u4 * (high + u4 * p[8]))
