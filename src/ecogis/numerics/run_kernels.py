"""Rows of a table added up by group, in whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import kernel
from ecogis.numerics.runs import between, rounded, run_start

__all__ = ["add_whole_runs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_ONE = np.uintp(1)
_ABREAST = 512  # stands that go through a run together: what they need stays near


@kernel
def add_whole_runs(
    table: Floats,  # (layer, row, age) from zero
    curve: Ints,  # (stand)           row
    age: Ints,  # (stand)           yr at the survey
    scale: Floats,  # (stand)           factor on the row
    size: Floats,  # (stand)           factor on the scaled value
    survey: Ints,  # (stand)           row of `first` and `part`
    first: Ints,  # (survey + 1)      run
    low: Ints,  # (run)             instant
    high: Ints,  # (run)             instant
    offset: Ints,  # (run)             yr, and the place of age zero
    layer: Ints,  # (run)             layer, or -1
    part: Floats,  # (survey, instant) yr
    group: Ints,  # (stand)
    out: NDArray[np.int64],  # (group, instant and room after the last)
) -> None:
    """Add to `out`: each value of a stand scaled, times its size, rounded, then added.

    A stand whose factors are missing or not above zero adds nothing. Stands of one survey in a
    row go through a run together, so that what the run says is read once.
    """
    rows, places, instants, wide = table.shape[1], table.shape[2], part.shape[1], out.shape[1]
    values, rests, totals = table.ravel(), part.ravel(), out.ravel()
    begin = 0
    while begin < curve.size:
        d = np.int64(survey[begin])
        end = begin + 1
        while end < min(curve.size, begin + _ABREAST) and survey[end] == d:
            end += 1
        for r in range(first[d], first[d + 1]):
            years, years_on = high[r] - low[r], offset[r]
            base, column = max(np.int64(layer[r]), 0) * rows, np.int64(low[r])
            rest = np.uintp(d * instants + column)
            for s in range(begin, end):
                share, per = scale[s], size[s]
                if not share * per > 0.0:
                    continue
                start = run_start(age[s] + years_on, years, places)
                at = np.uintp((base + curve[s]) * places + start)
                to = np.uintp(np.int64(group[s]) * wide + column)
                if layer[r] >= 0:
                    for t in range(years):
                        u = np.uintp(t)
                        totals[to + u] += rounded(share * values[at + u] * per)
                else:
                    for t in range(years):
                        u = np.uintp(t)
                        value = between(values[at + u], values[at + u + _ONE], rests[rest + u])
                        totals[to + u] += rounded(share * value * per)
        begin = end
