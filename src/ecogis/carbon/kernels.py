"""Carbon in loops: from a stand's place on its growth curve to whole kilograms, in one pass."""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel, parallel_kernel
from ecogis.numerics.lookup import interpolated

__all__ = ["add_group_kg", "add_group_kg_parallel", "fill_kg", "fill_kg_parallel"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Kilograms = NDArray[np.int64]


@inlined
def _whole(kg: float) -> np.int64:
    """Nearest whole kilogram, ties to even; a missing stock holds no kilogram."""
    return np.int64(np.rint(kg)) if kg > 0.0 else np.int64(0)


@kernel
def fill_kg(
    table: Floats,  # (class, age)      m3 ha-1
    curve: Ints,  # (stand)           class
    age: Ints,  # (stand)           yr at the survey
    scale: Floats,  # (stand)           1
    survey: Ints,  # (stand)           row of `whole` and `part`
    whole: Ints,  # (survey, instant) yr since the survey, rounded down
    part: Floats,  # (survey, instant) yr, the rest
    size: Floats,  # (stand)           kg CO2e for 1 m3 ha-1 on the stand's area
    out: Kilograms,  # (stand, instant)  kg CO2e
) -> None:
    """Fill `out`: volume from the table, times `size`, rounded before anything is added."""
    for s in range(out.shape[0]):
        d, row, start = survey[s], table[curve[s]], age[s]
        for t in range(out.shape[1]):
            volume = scale[s] * interpolated(row, start + whole[d, t], part[d, t])
            out[s, t] = _whole(volume * size[s])


@parallel_kernel
def fill_kg_parallel(
    table: Floats,
    curve: Ints,
    age: Ints,
    scale: Floats,
    survey: Ints,
    whole: Ints,
    part: Floats,
    size: Floats,
    out: Kilograms,
) -> None:
    """As `fill_kg`, stands shared out among threads."""
    for s in prange(out.shape[0]):
        d, row, start = survey[s], table[curve[s]], age[s]
        for t in range(out.shape[1]):
            volume = scale[s] * interpolated(row, start + whole[d, t], part[d, t])
            out[s, t] = _whole(volume * size[s])


@kernel
def _add_block(
    table: Floats,
    curve: Ints,
    age: Ints,
    scale: Floats,
    survey: Ints,
    whole: Ints,
    part: Floats,
    size: Floats,
    group: Ints,
    first: int,
    end: int,
    out: Kilograms,
) -> None:
    for s in range(first, end):
        d, row, start = survey[s], table[curve[s]], age[s]
        total = out[group[s]]
        for t in range(out.shape[1]):
            volume = scale[s] * interpolated(row, start + whole[d, t], part[d, t])
            total[t] += _whole(volume * size[s])


@kernel
def add_group_kg(
    table: Floats,
    curve: Ints,
    age: Ints,
    scale: Floats,
    survey: Ints,
    whole: Ints,
    part: Floats,
    size: Floats,
    group: Ints,  # (stand)
    blocks: Kilograms,  # (block, group, instant) kg CO2e, zero at the start
) -> None:
    """Add whole kilograms to group totals, by block of stands; nothing else is kept.

    The sums are of whole numbers, so blocks add up alike in any order and number.
    """
    count = blocks.shape[0]
    for b in range(count):
        low, high = curve.size * b // count, curve.size * (b + 1) // count
        _add_block(
            table, curve, age, scale, survey, whole, part, size, group, low, high, blocks[b]
        )  # fmt: skip


@parallel_kernel
def add_group_kg_parallel(
    table: Floats,
    curve: Ints,
    age: Ints,
    scale: Floats,
    survey: Ints,
    whole: Ints,
    part: Floats,
    size: Floats,
    group: Ints,
    blocks: Kilograms,
) -> None:
    """As `add_group_kg`, blocks shared out among threads."""
    count = blocks.shape[0]
    for b in prange(count):
        low, high = curve.size * b // count, curve.size * (b + 1) // count
        _add_block(
            table, curve, age, scale, survey, whole, part, size, group, low, high, blocks[b]
        )  # fmt: skip
