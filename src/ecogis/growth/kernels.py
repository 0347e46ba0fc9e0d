"""Growth in loops: curves by age, and volume by stand and instant."""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel, parallel_kernel
from ecogis.numerics.elementary import exp, expm1, power
from ecogis.numerics.lookup import interpolated

__all__ = ["fill_curves", "fill_volume", "fill_volume_parallel"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@inlined
def _richards(age: float, a: float, k: float, p: float, b: float) -> float:
    """``a (1 - b exp(-k age))**p``, never below zero; exact for small ages when b is one."""
    base = (1.0 - b) - b * expm1(-k * age)
    return a * power(base, p) if base > 0.0 else 0.0


@inlined
def _schumacher(age: float, a: float, b: float) -> float:
    """``a exp(-b / age)``; zero at age zero."""
    return a * exp(-b / age) if age > 0.0 else 0.0


@inlined
def _quadratic(age: float, c0: float, c1: float, c2: float) -> float:
    """``c0 + c1 age + c2 age**2``, never below zero."""
    return max(c0 + age * (c1 + age * c2), 0.0)


@inlined
def _at(form: int, age: float, values: Floats) -> float:
    if form == 0:
        return _richards(age, values[0], values[1], values[2], values[3])
    if form == 1:
        return _schumacher(age, values[0], values[1])
    return _quadratic(age, values[0], values[1], values[2])


@kernel
def fill_curves(
    form: Ints,  # (class)     0 Richards, 1 Schumacher, 2 quadratic
    values: Floats,  # (class, 4)  coefficients, in the order of the form
    first: Floats,  # (class)     yr, first valid age; a straight line from zero leads to it
    last: Floats,  # (class)     yr, last valid age; its value is held
    out: Floats,  # (class, age) m3 ha-1
) -> None:
    """Fill `out` with the volume at each whole age; at age zero nothing stands."""
    for c in range(out.shape[0]):
        for age in range(out.shape[1]):
            if age < first[c]:
                out[c, age] = _at(form[c], first[c], values[c]) * (age / first[c])
            else:
                out[c, age] = _at(form[c], min(float(age), last[c]), values[c])
        out[c, 0] = 0.0


@kernel
def fill_volume(
    table: Floats,  # (class, age)      m3 ha-1
    curve: Ints,  # (stand)           class
    age: Ints,  # (stand)           yr at the survey
    scale: Floats,  # (stand)           1
    survey: Ints,  # (stand)           row of `whole` and `part`
    whole: Ints,  # (survey, instant) yr since the survey, rounded down
    part: Floats,  # (survey, instant) yr, the rest
    out: Floats,  # (stand, instant)  m3 ha-1
) -> None:
    """Fill `out`: each stand's curve at its age, linear within a year, times its scale."""
    for s in range(out.shape[0]):
        d, row, start = survey[s], table[curve[s]], age[s]
        for t in range(out.shape[1]):
            out[s, t] = scale[s] * interpolated(row, start + whole[d, t], part[d, t])


@parallel_kernel
def fill_volume_parallel(
    table: Floats,
    curve: Ints,
    age: Ints,
    scale: Floats,
    survey: Ints,
    whole: Ints,
    part: Floats,
    out: Floats,
) -> None:
    """As `fill_volume`, stands shared out among threads."""
    for s in prange(out.shape[0]):
        d, row, start = survey[s], table[curve[s]], age[s]
        for t in range(out.shape[1]):
            out[s, t] = scale[s] * interpolated(row, start + whole[d, t], part[d, t])
