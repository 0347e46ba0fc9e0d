"""Growth in loops: volume by stand and instant, from a table or by the stand's own parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.binary import LOWEST, exp2, log2
from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.elementary import expm1
from ecogis.numerics.runs import between, run_start
from ecogis.numerics.streaming import FAR, NEAR, settle, stream_out

__all__ = ["fill_richards", "fill_volume"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

_ONE = np.uintp(1)
_EIGHT = np.uintp(8)  # eight links of the recurrence run abreast


@kernel
def fill_volume(
    table: Floats,  # (layer, class, age) m3 ha-1
    curve: Ints,  # (stand)           class
    age: Ints,  # (stand)           yr at the survey
    scale: Floats,  # (stand)           1
    survey: Ints,  # (stand)           row of `first` and `part`
    first: Ints,  # (survey + 1)      run
    low: Ints,  # (run)             instant
    high: Ints,  # (run)             instant
    offset: Ints,  # (run)             yr, and the place of age zero
    layer: Ints,  # (run)             layer, or -1
    part: Floats,  # (survey, instant) yr
    out: Floats,  # (stand, instant)  m3 ha-1
) -> None:
    """Fill `out`: each stand's curve at its age, linear within a year, times its scale.

    A large result is made some stands at a time, and written out past the caches.
    """
    classes, places, instants = table.shape[1], table.shape[2], out.shape[1]
    values, rests, volume = table.ravel(), part.ravel(), out.ravel()
    far = volume.size >= FAR
    many = max(NEAR // max(instants, 1), 1) if far else max(curve.size, 1)
    near = np.empty(many * instants, np.float64) if far else volume
    for begin in range(0, curve.size, many):
        end = min(begin + many, curve.size)
        for s in range(begin, end):
            d, c, share = survey[s], curve[s], scale[s]
            for r in range(first[d], first[d + 1]):
                years = high[r] - low[r]
                start = run_start(age[s] + offset[r], years, places)
                at = np.uintp((max(layer[r], 0) * classes + c) * places + start)
                to = np.uintp(np.int64(s - begin) * instants + low[r])
                if layer[r] >= 0:
                    for t in range(years):
                        u = np.uintp(t)
                        near[to + u] = share * values[at + u]
                else:
                    rest = np.uintp(np.int64(d) * instants + low[r])
                    for t in range(years):
                        u = np.uintp(t)
                        value = between(values[at + u], values[at + u + _ONE], rests[rest + u])
                        near[to + u] = share * value
        if far:
            stream_out(near, (end - begin) * instants, volume, begin * instants)
    if far:
        settle()


@inlined
def _exponent(risen: float, p: float, b: float) -> float:
    """``p log2(1 - b exp(-k age))`` from ``1 - exp(-k age)``; `LOWEST` where there is none."""
    base = (1.0 - b) + b * risen
    return p * log2(base) if base > 0.0 else LOWEST


@inlined
def _raised(exponent: float) -> float:
    """Two to the exponent, and zero at `LOWEST`."""
    return exp2(exponent) if exponent > LOWEST else 0.0


@inlined
def _risen(k: float, age: float) -> float:
    """``1 - exp(-k age)``."""
    return -expm1(-k * age)


@kernel
def fill_richards(
    values: Floats,  # (stand, 4)        asymptote [m3 ha-1], rate [yr-1], shape, scale [1]
    limits: Floats,  # (stand, 2)        yr, first and last valid age
    age: Floats,  # (stand)           yr at the survey
    survey: Ints,  # (stand)           row of `first` and `since`
    first: Ints,  # (survey + 1)      run
    low: Ints,  # (run)             instant
    high: Ints,  # (run)             instant
    steady: Flags,  # (run)             whole years apart throughout
    since: Floats,  # (survey, instant) yr since the survey
    out: Floats,  # (stand, instant)  m3 ha-1
) -> None:
    """Fill `out` by each stand's own curve; below the first age a straight line from zero.

    In years one apart, ``u = 1 - exp(-k age)`` follows ``u' = u exp(-k) + (1 - exp(-k))``: sums
    of positive terms, so that nothing cancels. The row itself holds u, then its exponent, then
    the volume: each pass is short enough to run on several years at once.
    """
    instants = out.shape[1]
    volume, after = out.ravel(), since.ravel()
    for s in range(age.size):
        d, a, k, born = survey[s], values[s, 0], values[s, 1], age[s]
        p, b, young = values[s, 2], values[s, 3], limits[s, 0]
        ends = born + since[d, instants - 1]
        held = _risen(k, limits[s, 1]) if ends > limits[s, 1] else 1.0
        step = _risen(k, 1.0)
        kept = 1.0 - step
        two, four = kept * kept, (kept * kept) * (kept * kept)
        far_kept, far_step = four * four, ((step * (1.0 + kept)) * (1.0 + two)) * (1.0 + four)
        for r in range(first[d], first[d + 1]):
            years = high[r] - low[r]
            to = np.uintp(np.int64(s) * instants + low[r])
            at = np.uintp(np.int64(d) * instants + low[r])
            if steady[r]:
                volume[to] = _risen(k, born + after[at])
                for t in range(min(years, 8) - 1):
                    u = np.uintp(t)
                    volume[to + u + _ONE] = volume[to + u] * kept + step
                for t in range(years - 8):
                    u = np.uintp(t)
                    volume[to + u + _EIGHT] = volume[to + u] * far_kept + far_step
            else:
                for t in range(years):
                    u = np.uintp(t)
                    volume[to + u] = _risen(k, born + after[at + u])
            for t in range(years):
                u = np.uintp(t)
                volume[to + u] = _exponent(min(volume[to + u], held), p, b)
            for t in range(years):
                u = np.uintp(t)
                volume[to + u] = a * _raised(volume[to + u])
            if born + after[at] > young:
                continue
            full = a * _raised(_exponent(_risen(k, young), p, b))
            for t in range(years):
                u = np.uintp(t)
                old = born + after[at + u]
                if old <= young:
                    volume[to + u] = full * (old / young) if old > 0.0 else a * 0.0
