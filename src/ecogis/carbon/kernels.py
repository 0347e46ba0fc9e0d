"""Carbon in loops: from a stand's place on its growth curve to whole kilograms, in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import kernel
from ecogis.numerics.run_kernels import add_whole_runs
from ecogis.numerics.runs import between, nearest_whole, run_start
from ecogis.numerics.streaming import FAR, NEAR, settle, stream_out

__all__ = ["add_group_kg", "fill_kg"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Kilograms = NDArray[np.int64]

_ONE = np.uintp(1)

add_group_kg = (
    add_whole_runs  # (group, instant) kg CO2e, each stand-year rounded before it is added
)


@kernel
def fill_kg(
    table: Floats,  # (layer, class, age) m3 ha-1
    curve: Ints,  # (stand)           class
    age: Ints,  # (stand)           yr at the survey
    scale: Floats,  # (stand)           1
    size: Floats,  # (stand)           kg CO2e for 1 m3 ha-1 on the stand's area
    survey: Ints,  # (stand)           row of `first` and `part`
    first: Ints,  # (survey + 1)      run
    low: Ints,  # (run)             instant
    high: Ints,  # (run)             instant
    offset: Ints,  # (run)             yr, and the place of age zero
    layer: Ints,  # (run)             layer, or -1
    part: Floats,  # (survey, instant) yr
    out: Kilograms,  # (stand, instant)  kg CO2e
) -> None:
    """Fill `out`: volume from the table, times `size`, rounded before anything is added.

    A large result is made some stands at a time, and written out past the caches.
    """
    classes, places, instants = table.shape[1], table.shape[2], out.shape[1]
    values, rests, kilograms = table.ravel(), part.ravel(), out.ravel()
    far = kilograms.size >= FAR
    many = max(NEAR // max(instants, 1), 1) if far else max(curve.size, 1)
    near = np.empty(many * instants, np.int64) if far else kilograms
    for begin in range(0, curve.size, many):
        end = min(begin + many, curve.size)
        for s in range(begin, end):
            d, c, share, per = survey[s], curve[s], scale[s], size[s]
            for r in range(first[d], first[d + 1]):
                years = high[r] - low[r]
                start = run_start(age[s] + offset[r], years, places)
                at = np.uintp((max(layer[r], 0) * classes + c) * places + start)
                to = np.uintp(np.int64(s - begin) * instants + low[r])
                if layer[r] >= 0:
                    for t in range(years):
                        u = np.uintp(t)
                        near[to + u] = nearest_whole(share * values[at + u] * per)
                else:
                    rest = np.uintp(np.int64(d) * instants + low[r])
                    for t in range(years):
                        u = np.uintp(t)
                        value = between(values[at + u], values[at + u + _ONE], rests[rest + u])
                        near[to + u] = nearest_whole(share * value * per)
        if far:
            stream_out(near, (end - begin) * instants, kilograms, begin * instants)
    if far:
        settle()
