"""Exponential and logarithm for kernels: no library call, so the same bits on every machine.

Each function is free of branches, so a loop over it is vectorised by the compiler; none uses
fused or reordered arithmetic. They follow the usual reduction to a small argument and a Taylor
or arctanh series long enough for float64 [1]_.

References
----------
.. [1] J.-M. Muller, "Elementary Functions: Algorithms and Implementation," 3rd ed.,
   Birkhäuser, 2016, chapters 3 and 11.
"""

from __future__ import annotations

import math

import numpy as np

from ecogis.numerics.compiling import inlined

__all__ = ["exp", "expm1", "log", "power"]

_LOG2_E = 1.0 / math.log(2.0)
# ln 2 in two parts: the first has 21 trailing zero bits, so its product with any exponent is exact
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_LOWEST, _HIGHEST = -708.0, 709.0
# 2**52 + 1023: adding a whole n leaves n + 1023 in the lowest bits, ready to be an exponent
_EXPONENT_SHIFT = 4503599627370496.0 + 1023.0
_SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
_MANTISSA_BITS = np.int64(52)

_E3, _E4, _E5, _E6, _E7 = (1.0 / math.factorial(n) for n in range(3, 8))
_E8, _E9, _E10, _E11, _E12, _E13 = (1.0 / math.factorial(n) for n in range(8, 14))
_L3, _L5, _L7, _L9, _L11 = (1.0 / n for n in range(3, 13, 2))
_L13, _L15, _L17, _L19, _L21 = (1.0 / n for n in range(13, 23, 2))


@inlined
def _reduced(x: float) -> tuple[float, float]:
    """Whole n and small r with ``x = n ln 2 + r``."""
    n = np.floor(x * _LOG2_E + 0.5)
    return n, (x - n * _LN2_HIGH) - n * _LN2_LOW


@inlined
def _above_one(r: float) -> float:
    """``e**r - 1`` for a small r."""
    tail = _E12 + r * _E13
    tail = _E11 + r * tail
    tail = _E10 + r * tail
    tail = _E9 + r * tail
    tail = _E8 + r * tail
    tail = _E7 + r * tail
    tail = _E6 + r * tail
    tail = _E5 + r * tail
    tail = _E4 + r * tail
    tail = _E3 + r * tail
    return r + r * r * (0.5 + r * tail)


@inlined
def _two_to(n: float) -> float:
    """Two to the whole power n, by writing the exponent's bits."""
    bits = np.float64(n + _EXPONENT_SHIFT).view(np.int64) << _MANTISSA_BITS
    return np.int64(bits).view(np.float64)


@inlined
def exp(x: float) -> float:
    """``e**x``; beyond -708 and 709 the value there. Error below 1.5 ulp."""
    n, r = _reduced(min(max(x, _LOWEST), _HIGHEST))
    return _two_to(n) * (1.0 + _above_one(r))


@inlined
def expm1(x: float) -> float:
    """``e**x - 1`` without loss for small x; range as `exp`. Error below 2.5 ulp."""
    n, r = _reduced(min(max(x, _LOWEST), _HIGHEST))
    scale = _two_to(n)
    return scale * _above_one(r) + (scale - 1.0)


@inlined
def log(x: float) -> float:
    """Natural logarithm of a normal x > 0 (zero gives about -709). Error below 2 ulp."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits - _SQRT_HALF_BITS) >> _MANTISSA_BITS
    mantissa = np.int64(bits - (exponent << _MANTISSA_BITS)).view(np.float64)
    f = (mantissa - 1.0) / (mantissa + 1.0)
    z = f * f
    tail = _L19 + z * _L21
    tail = _L17 + z * tail
    tail = _L15 + z * tail
    tail = _L13 + z * tail
    tail = _L11 + z * tail
    tail = _L9 + z * tail
    tail = _L7 + z * tail
    tail = _L5 + z * tail
    tail = _L3 + z * tail
    n = np.float64(exponent)
    return n * _LN2_HIGH + (2.0 * f + (2.0 * f * z * tail + n * _LN2_LOW))


@inlined
def power(x: float, p: float) -> float:
    """``x**p`` for x >= 0 and p > 0, as ``exp(p log x)``; zero stays below 1e-300 for p >= 1."""
    return exp(p * log(x))
