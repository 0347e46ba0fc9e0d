"""Draws of carbon in loops: totals of groups by draw and year, without a stand's own years kept.

Tables of a draw are padded: a row starts some years before age zero (nothing has grown, nothing is
at risk) and runs past the last age by the years asked for, so a stand's years are one slice of it.
Each draw belongs to one thread, each stand's numbers to its own stream, and only whole numbers are
added: the totals have the same bytes for any order of stands, any parts and any threads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.draws import quantile, uniform_at
from ecogis.numerics.elementary import exp, log

__all__ = [
    "BLOCK",
    "LOW_BITS",
    "add_cell_draws",
    "add_stand_draws",
    "fill_errors",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Wholes = NDArray[np.int64]
Keys = NDArray[np.uint64]

BLOCK = 16
"""Draws taken together by one thread: their tables stay in the core's own memory."""

LOW_BITS = 15
"""Bits of the lower part of a split whole number."""

# 1.5 * 2**52: adding it leaves the nearest whole number, ties to even, in the lowest bits
_ROUNDER = 6755399441055744.0
_ROUNDER_BITS = np.int64(0x4338000000000000)
_LOW = np.int64(LOW_BITS)
_LOW_MASK = np.int64(2**LOW_BITS - 1)
_SAME_DRAW_AGAIN = 2**32  # a draw's second event is that far along the stream, and so on


@inlined
def _whole(x: float) -> np.int64:
    """Nearest whole number of ``|x| < 2**51``, ties to even, without a call."""
    return np.int64(np.float64(x + _ROUNDER).view(np.int64) - _ROUNDER_BITS)


@inlined
def _add_years(
    total: Wholes,  # (year)      kg CO2e
    row: Floats,  # (year + 1)  m3 ha-1 at whole ages
    part: Floats,  # (year)      yr past the whole age
    scale: float,  # 1
    size: float,  # kg CO2e for 1 m3 ha-1
) -> None:
    """Add some years of a stand, each rounded to the kilogram."""
    for t in range(total.size):
        volume = scale * (row[t] + part[t] * (row[t + 1] - row[t]))
        total[t] += _whole(volume * size)


@inlined
def _error_at(u: float, spread: float, shift: float, lognormal: bool) -> float:
    """Factor that a uniform number stands for.

    Lognormal: `spread` is the standard deviation of the logarithm and `shift` half its square, so
    the mean is one. Else normal about one with deviation `spread`, cut off below zero; `shift` is
    the chance that is cut off.
    """
    z = quantile(u if lognormal else shift + u * (1.0 - shift))
    return exp(spread * z - shift) if lognormal else max(1.0 + spread * z, 0.0)


@inlined
def _year_of_event(risk: Floats, at: int, years: int, u: float) -> int:
    """Years until the event that a uniform number stands for; `years` when none falls within.

    `risk` sums ``-log(1 - hazard)`` up to each age, so the event falls in the first year in which
    the sum since the stand's age passes ``-log u``: the law of one trial a year.
    """
    limit = -log(u)
    if years < 2 or risk[at + years - 1] - risk[at] <= limit:
        return years
    below, passed = 0, years - 1
    while passed - below > 1:
        middle = (below + passed) // 2
        if risk[at + middle] - risk[at] <= limit:
            below = middle
        else:
            passed = middle
    return passed


@kernel
def fill_errors(
    keys: Keys,  # (id, 2)
    spread: Floats,  # (id)        1
    shift: Floats,  # (id)        1
    lognormal: bool,
    out: Floats,  # (draw, id)  1
) -> None:
    """Fill `out` with relative errors of each id, drawn as `add_stand_draws` draws a stand's."""
    for i in range(spread.size):
        for d in range(out.shape[0]):
            u = uniform_at(keys[i, 0], keys[i, 1], d)
            out[d, i] = _error_at(u, spread[i], shift[i], lognormal)


@inlined
def _follow(
    total: Wholes,  # (year)    kg CO2e
    row: Floats,  # (age)     m3 ha-1
    risk: Floats,  # (age)     1
    part: Floats,  # (year)    yr
    whole_years: Floats,  # (year)    yr, zero
    start: int,  # place of the first year in `row`
    zero: int,  # place of age zero in `row`
    lost: float,  # share of the stock an event takes
    restart: bool,  # whether the stand begins again at age zero
    scale: float,
    size: float,
    first: np.uint64,  # key of the stand's events
    second: np.uint64,
    draw: int,
) -> None:
    """Add the years of a stand that is struck at least once within them.

    An event falls right after an instant. At the next one the stand holds the rest of its stock,
    grown in proportion, or what its curve says at age one, counted in whole years from then on.
    """
    years, past = total.size, part
    since, at, kept, turn = 0, start, 1.0, 0
    while since < years:
        u = uniform_at(first, second, draw + turn * _SAME_DRAW_AGAIN)
        ahead = _year_of_event(risk, at, years - since, u)
        end = since + ahead
        here = row[at : at + ahead + 1]
        _add_years(total[since:end], here, past[since:end], kept * scale, size)
        since, at, turn = end, at + ahead, turn + 1
        if restart:
            at, past = zero + 1, whole_years
        else:
            kept *= 1.0 - lost


@kernel
def _add_block(
    begin: int,  # first draw
    end: int,  # draw after the last
    zero: int,  # place of age zero in a row
    tables: Floats,  # (draw or 1, class, place)  m3 ha-1
    levels: Floats,  # (draw or 1, class, anchor) 1: factor that holds the surveyed volume
    factors: Floats,  # (draw or 1, species)       1: error of the carbon factor
    first_draw: int,  # number of the first draw of all in `out`
    lognormal: bool,
    risk: Floats,  # (class, place)             1: sum of -log(1 - hazard)
    lost: Floats,  # (class)                    1
    restart: NDArray[np.bool_],  # (class)
    part: Floats,  # (survey, year)             yr
    curve: Ints,  # (stand)                     class
    start: Ints,  # (stand)                     place of the first year in a row
    anchor: Ints,  # (stand)                    column of `levels`
    survey: Ints,  # (stand)
    species: Ints,  # (stand)
    group: Ints,  # (stand)
    scale: Floats,  # (stand)                   1
    size: Floats,  # (stand)                    kg CO2e for 1 m3 ha-1
    spread: Floats,  # (stand)                  1; zero: no survey error
    shift: Floats,  # (stand)                   1
    error_keys: Keys,  # (stand, 2)
    event_keys: Keys,  # (stand, 2)
    out: Wholes,  # (draw, group, year)         kg CO2e
) -> None:
    """Add every stand to the draws from `begin` to `end`."""
    count, years = end - begin, out.shape[2]
    error, kg, luck = np.ones(count), np.ones(count), np.zeros(count)
    whole_years = np.zeros(years)
    for s in range(curve.size):
        c, at, pieces = curve[s], start[s], part[survey[s]]
        quiet = exp(risk[c, at] - risk[c, at + years - 1])  # chance that no event shows in a year
        if spread[s] > 0.0:
            for d in range(count):
                u = uniform_at(error_keys[s, 0], error_keys[s, 1], first_draw + begin + d)
                error[d] = _error_at(u, spread[s], shift[s], lognormal)
        else:
            error[:] = 1.0
        if quiet < 1.0:
            for d in range(count):
                luck[d] = uniform_at(event_keys[s, 0], event_keys[s, 1], first_draw + begin + d)
        else:
            luck[:] = 0.0
        for d in range(count):
            level = levels[min(begin + d, levels.shape[0] - 1), c, anchor[s]]
            error[d] *= scale[s] * level
            kg[d] = size[s] * factors[min(begin + d, factors.shape[0] - 1), species[s]]
        for d in range(count):  # quiet draws first: a loop without calls is the quicker one
            if luck[d] < quiet:
                row = tables[min(begin + d, tables.shape[0] - 1), c][at : at + years + 1]
                _add_years(out[begin + d, group[s]], row, pieces, error[d], kg[d])
        if quiet < 1.0:
            for d in range(count):
                if luck[d] >= quiet:
                    row = tables[min(begin + d, tables.shape[0] - 1), c]
                    _follow(
                        out[begin + d, group[s]], row, risk[c], pieces, whole_years, at, zero,
                        lost[c], restart[c], error[d], kg[d], event_keys[s, 0], event_keys[s, 1],
                        first_draw + begin + d,
                    )  # fmt: skip


@kernel
def add_stand_draws(
    zero: int,
    tables: Floats,
    levels: Floats,
    factors: Floats,
    first_draw: int,
    lognormal: bool,
    risk: Floats,
    lost: Floats,
    restart: NDArray[np.bool_],
    part: Floats,
    curve: Ints,
    start: Ints,
    anchor: Ints,
    survey: Ints,
    species: Ints,
    group: Ints,
    scale: Floats,
    size: Floats,
    spread: Floats,
    shift: Floats,
    error_keys: Keys,
    event_keys: Keys,
    out: Wholes,
    begin: int,
    end: int,
) -> None:
    """Add every stand to the draws from `begin` to `end`; arguments as `_add_block` has them.

    Volume is scale times table, a year is rounded to the kilogram and then added. A stand's error
    is one number a draw for all years.
    """
    for first in range(begin, end, BLOCK):
        _add_block(
            first, min(first + BLOCK, end), zero, tables, levels, factors, first_draw, lognormal,
            risk, lost, restart, part, curve, start, anchor, survey, species, group, scale, size,
            spread, shift, error_keys, event_keys, out,
        )  # fmt: skip


@kernel
def _add_cells(
    draw: int,
    tables: Floats,  # (draw or 1, class, place)
    levels: Floats,  # (draw or 1, class, anchor)
    factors: Floats,  # (draw or 1, species)
    per_unit: float,  # steps of a volume in 1 m3 ha-1
    part: Floats,  # (survey, year)   yr
    curve: Ints,  # (way)            class
    start: Ints,  # (way)            place of the first year in a row
    anchor: Ints,  # (way)            column of `levels`
    survey: Ints,  # (way)
    species: Ints,  # (way)
    bounds: Wholes,  # (way + 1)        first cell of each way, and the end
    group: Ints,  # (cell)
    weight: Wholes,  # (cell)           steps of kg CO2e for 1 m3 ha-1
    high: Wholes,  # (draw, group, year)
    low: Wholes,  # (draw, group, year)
) -> None:
    """Add one draw: volume of each way in whole steps, times the whole weights that follow it."""
    years = high.shape[2]
    upper, lower = np.empty(years, np.int64), np.empty(years, np.int64)
    for w in range(curve.size):
        c, at, pieces = curve[w], start[w], part[survey[w]]
        row = tables[min(draw, tables.shape[0] - 1), c][at : at + years + 1]
        level = levels[min(draw, levels.shape[0] - 1), c, anchor[w]]
        scale = level * factors[min(draw, factors.shape[0] - 1), species[w]] * per_unit
        for t in range(upper.size):
            steps = _whole(scale * (row[t] + pieces[t] * (row[t + 1] - row[t])))
            upper[t] = steps >> _LOW
            lower[t] = steps & _LOW_MASK
        for k in range(bounds[w], bounds[w + 1]):
            most, least, by = high[draw, group[k]], low[draw, group[k]], weight[k]
            for t in range(upper.size):
                most[t] += by * upper[t]
                least[t] += by * lower[t]


@kernel
def add_cell_draws(
    tables: Floats,
    levels: Floats,
    factors: Floats,
    per_unit: float,
    part: Floats,
    curve: Ints,
    start: Ints,
    anchor: Ints,
    survey: Ints,
    species: Ints,
    bounds: Wholes,
    group: Ints,
    weight: Wholes,
    high: Wholes,
    low: Wholes,
    begin: int,
    end: int,
) -> None:
    """Add weights times volumes to the draws from `begin` to `end`; arguments as `_add_cells`.

    The sum is ``high * 2**LOW_BITS + low`` steps of weight times steps of volume: exact, and the
    same however the stands behind the weights are parted.
    """
    for draw in range(begin, end):
        _add_cells(
            draw, tables, levels, factors, per_unit, part, curve, start, anchor, survey, species,
            bounds, group, weight, high, low,
        )  # fmt: skip
