"""Curves in loops: laws of volume over age, and published points joined without overshoot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.elementary import exp, expm1, power

__all__ = ["curve_values", "fill_curves", "fill_slopes", "point_values"]

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
def _cubic(age: float, c0: float, c1: float, c2: float, c3: float) -> float:
    """``c0 + c1 age + c2 age**2 + c3 age**3``, never below zero."""
    return max(c0 + age * (c1 + age * (c2 + age * c3)), 0.0)


@inlined
def _korf(age: float, a: float, b: float, c: float) -> float:
    """``a exp(-b age**-c)``; zero at age zero."""
    return a * exp(-b / power(age, c)) if age > 0.0 else 0.0


@inlined
def _logistic(age: float, a: float, b: float, k: float) -> float:
    """``a / (1 + b exp(-k age))``."""
    return a / (1.0 + b * exp(-k * age))


@inlined
def _gompertz(age: float, a: float, b: float, k: float) -> float:
    """``a exp(-b exp(-k age))``."""
    return a * exp(-b * exp(-k * age))


@inlined
def _weibull(age: float, a: float, b: float, c: float) -> float:
    """``a (1 - exp(-b age**c))``; zero at age zero."""
    return -a * expm1(-b * power(age, c)) if age > 0.0 else 0.0


@inlined
def _hossfeld(age: float, a: float, b: float, c: float) -> float:
    """``age**c / (b + age**c / a)``; zero at age zero."""
    if age <= 0.0:
        return 0.0
    grown = power(age, c)
    return grown / (b + grown / a)


@inlined
def _allometric(age: float, a: float, b: float) -> float:
    """``a age**b``; zero at age zero."""
    return a * power(age, b) if age > 0.0 else 0.0


@inlined
def _plateau(age: float, a: float, ripe: float) -> float:
    """`a` from the age `ripe` on; a straight line from zero leads to it."""
    return a if age >= ripe else a * age / ripe


@inlined
def _first_law(form: int, age: float, values: Floats) -> float:
    if form == 0:
        return _richards(age, values[0], values[1], values[2], values[3])
    if form == 1:
        return _schumacher(age, values[0], values[1])
    if form == 2:
        return _cubic(age, values[0], values[1], values[2], 0.0)
    return _korf(age, values[0], values[1], values[2])


@inlined
def _second_law(form: int, age: float, values: Floats) -> float:
    if form == 4:
        return _logistic(age, values[0], values[1], values[2])
    if form == 5:
        return _gompertz(age, values[0], values[1], values[2])
    if form == 6:
        return _weibull(age, values[0], values[1], values[2])
    return _hossfeld(age, values[0], values[1], values[2])


@inlined
def _third_law(form: int, age: float, values: Floats) -> float:
    if form == 8:
        return _cubic(age, values[0], values[1], values[2], values[3])
    if form == 9:
        return _allometric(age, values[0], values[1])
    return _plateau(age, values[0], values[1])


@inlined
def _at(form: int, age: float, values: Floats) -> float:
    if form < 4:
        return _first_law(form, age, values)
    if form < 8:
        return _second_law(form, age, values)
    return _third_law(form, age, values)


@kernel
def fill_curves(
    form: Ints,  # (class)     code of the form, as `ecogis.growth.curves` lists them
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
def curve_values(
    form: int,  # code of the form
    values: Floats,  # (4)   coefficients
    ages: Floats,  # (at)  yr
    out: Floats,  # (at)  m3 ha-1
) -> None:
    """Fill `out` with one law at any ages, within its range or not."""
    for n in range(out.size):
        out[n] = _at(form, ages[n], values)


@inlined
def _end_slope(near: float, far: float, step: float, next_step: float) -> float:
    """Slope at an end from its two secants: of their sign, at most three times the nearer."""
    slope = ((2.0 * step + next_step) * near - step * far) / (step + next_step)
    if slope * near <= 0.0:
        return 0.0
    if near * far <= 0.0 and abs(slope) > 3.0 * abs(near):
        return 3.0 * near
    return slope


@inlined
def _inner_slope(left: float, right: float, before: float, after: float) -> float:
    """Harmonic mean of two secants weighted by their steps; zero where they turn."""
    if left * right <= 0.0:
        return 0.0
    w1, w2 = 2.0 * after + before, after + 2.0 * before
    return (w1 + w2) / (w1 / left + w2 / right)


@kernel
def fill_slopes(
    ages: Floats,  # (point)  yr, rising
    values: Floats,  # (point)  m3 ha-1
    out: Floats,  # (point)  m3 ha-1 yr-1
) -> None:
    """Fill `out` with slopes that keep a cubic between points as monotone as the points."""
    last = ages.size - 1
    first = (values[1] - values[0]) / (ages[1] - ages[0])
    if last == 1:
        out[0] = first
        out[1] = first
        return
    for n in range(1, last):
        before, after = ages[n] - ages[n - 1], ages[n + 1] - ages[n]
        left, right = (values[n] - values[n - 1]) / before, (values[n + 1] - values[n]) / after
        out[n] = _inner_slope(left, right, before, after)
        if n == 1:
            out[0] = _end_slope(left, right, before, after)
        if n == last - 1:
            out[last] = _end_slope(right, left, after, before)


@kernel
def point_values(
    ages: Floats,  # (point)  yr, rising
    values: Floats,  # (point)  m3 ha-1
    slopes: Floats,  # (point)  m3 ha-1 yr-1; empty for straight lines
    at: Floats,  # (at)     yr
    out: Floats,  # (at)     m3 ha-1
) -> None:
    """Fill `out` between the points; a line from zero leads to the first, the last is held."""
    last = ages.size - 1
    for i in range(out.size):
        age = at[i]
        if age <= ages[0]:
            out[i] = values[0] * (age / ages[0]) if age > 0.0 else 0.0
        elif age >= ages[last]:
            out[i] = values[last]
        else:
            n = np.searchsorted(ages, age, side="right") - 1
            step, part = ages[n + 1] - ages[n], age - ages[n]
            share = part / step
            if slopes.size == 0:
                out[i] = values[n] + share * (values[n + 1] - values[n])
            else:
                h = share * share * (3.0 - 2.0 * share)
                rest = 1.0 - share
                out[i] = (values[n] + h * (values[n + 1] - values[n])) + part * rest * (
                    rest * slopes[n] - share * slopes[n + 1]
                )
