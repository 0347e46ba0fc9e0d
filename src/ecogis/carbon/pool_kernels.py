"""Carbon pools in loops: a block of stands stays in the cache while its years go by.

One year of a stand, in this order:

1. decay: dead wood, litter, soil and products lose their shares to the air;
2. disturbance: the expected share is lost, or an event that was given or drawn strikes;
3. felling and replanting: what is planned for the year, else what the rule says for the age;
4. growth: one year older, living carbon is the curve's, times the stand's scale;
5. turnover: litterfall and deaths are replaced by growth, so the living stay on the net curve.

Float64 in t C ha-1 within a stand. At the year's end each pool and flow of the stand is rounded to
a whole kilogram of CO2e, and only whole numbers are added up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined, kernel, parallel_kernel
from ecogis.numerics.draws import fill_uniforms

__all__ = [
    "BLOCK",
    "FLOWS",
    "POOLS",
    "Blocks",
    "Curves",
    "Hazards",
    "Rules",
    "Stands",
    "add_pools",
    "add_pools_parallel",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.int8]
Keys = NDArray[np.uint64]
Kilograms = NDArray[np.int64]

BLOCK = 128  # stands whose state is held at once: its rows fit the first cache
POOLS = 6  # above ground, below ground, dead wood, litter, soil, products
FLOWS = 4  # released, harvested, disturbed, turned over

# rows of the state of a block [t C ha-1, unless said]
_ABOVE, _BELOW, _DEAD, _LITTER, _SOIL, _PRODUCTS = 0, 1, 2, 3, 4, 5
_RELEASED, _HARVESTED, _DISTURBED, _TURNED = 6, 7, 8, 9
_SCALE, _RATIO, _STEM, _SIZE, _NEXT, _STOCK = 10, 11, 12, 13, 14, 15  # 1, 1, 1, kg t-1 ha, ...
_CHANCE = 16  # 1, of a disturbance this year
_LOST = 17  # first of seven rows: expected loss and its ways, by stand
_ROWS = 24

# columns of `effects`: shares of what stands, of what is lost, of older stocks; marks
_SHARE, _STEM_OUT, _ABOVE_AIR, _ABOVE_DEAD, _BELOW_AIR = 0, 1, 2, 3, 4
_DEAD_AIR, _LITTER_AIR, _RESTART, _NATURAL = 5, 6, 7, 8


class Curves(NamedTuple):
    """Living carbon by class and age."""

    above: Floats  # (class, age)   t C ha-1 above ground at scale one
    ratio: Floats  # (class)        1, below ground over above
    stem: Floats  # (class)        1, stem in the above-ground carbon
    anew: Ints  # (class)        class of the same trees when the stand begins again


class Stands(NamedTuple):
    """Stands at the start."""

    cls: Ints  # (stand)        row of the curves
    age: Ints  # (stand)        yr
    scale: Floats  # (stand)        1, stand over curve
    size: Floats  # (stand)        kg CO2e for 1 t C ha-1 on the stand's area
    rule: Ints  # (stand)        row of the rules
    hazard: Ints  # (stand)        row of the hazards
    opening: Floats  # (pool, stand)  t C ha-1: dead wood, litter, soil, products


class Rules(NamedTuple):
    """What is felled when, and what each event does."""

    effects: Floats  # (event, 9)     shares and marks; row 0 is no event
    felling: Ints  # (rule, age)    event of that age, 0 none
    replant: Ints  # (rule)         class after a new start, -1 the same
    delay: Ints  # (rule)         yr without trees after a new start
    rescale: Floats  # (rule)         scale after a new start; missing: the stand's own
    given: Bytes  # (stand, year)  event of that year, 0 none; or (0, 0)


class Hazards(NamedTuple):
    """What may strike."""

    chance: Floats  # (hazard, age)    1 yr-1, of any disturbance
    mix: Floats  # (hazard, agent)  1, running share of the agents
    agent: Ints  # (agent)          its event
    expected: Floats  # (hazard, 7)      mean loss and its ways; or (0, 7): none is expected
    keys: Keys  # (stand, 2)       streams of the draws; or (0, 2): none are drawn


class Blocks(NamedTuple):
    """Stands in blocks, each of one group."""

    order: Ints  # (stand)        stands, group by group
    start: Ints  # (block + 1)    first of each block in `order`, and the end
    group: Ints  # (block)


@inlined
def _strike(p: Floats, j: int, effect: Floats, kept: float) -> None:
    """One event in one stand: what is lost goes its ways, the rest grows on."""
    above, below = effect[_SHARE] * p[_ABOVE, j], effect[_SHARE] * p[_BELOW, j]
    stem = effect[_STEM_OUT] * p[_STEM, j] * above
    burnt = effect[_ABOVE_AIR] * above
    snags = effect[_ABOVE_DEAD] * above
    dead_burnt, litter_burnt = effect[_DEAD_AIR] * p[_DEAD, j], effect[_LITTER_AIR] * p[_LITTER, j]
    roots_burnt = effect[_BELOW_AIR] * below
    p[_ABOVE, j] -= above
    p[_BELOW, j] -= below
    p[_DEAD, j] += snags + (below - roots_burnt) - dead_burnt
    p[_LITTER, j] += (above - stem - burnt - snags) - litter_burnt
    p[_PRODUCTS, j] += kept * stem
    p[_RELEASED, j] += (burnt + roots_burnt + dead_burnt + litter_burnt) + (stem - kept * stem)
    p[_HARVESTED, j] += stem
    p[_DISTURBED, j] += effect[_NATURAL] * (above + below)
    p[_SCALE, j] *= 1.0 - effect[_SHARE]


@inlined
def _restart(
    p: Floats, cls: Ints, age: Ints, j: int, curves: Curves, rules: Rules, rule: int, own: float
) -> None:
    """The stand starts anew, as its rule replants it."""
    cls[j] = rules.replant[rule] if rules.replant[rule] >= 0 else curves.anew[cls[j]]
    p[_RATIO, j], p[_STEM, j] = curves.ratio[cls[j]], curves.stem[cls[j]]
    fresh = rules.rescale[rule]
    p[_SCALE, j] = own if np.isnan(fresh) else fresh
    age[j] = -rules.delay[rule]


@inlined
def _load(
    p: Floats,
    cls: Ints,
    age: Ints,
    curves: Curves,
    stands: Stands,
    expected: Floats,
    rows: Ints,
) -> None:
    """Fill the state of a block with its stands at the start."""
    oldest = curves.above.shape[1] - 1
    for j in range(rows.size):
        s = rows[j]
        c = stands.cls[s]
        cls[j], age[j] = c, stands.age[s]
        p[_SCALE, j], p[_SIZE, j] = stands.scale[s], stands.size[s]
        p[_RATIO, j], p[_STEM, j] = curves.ratio[c], curves.stem[c]
        p[_ABOVE, j] = stands.scale[s] * curves.above[c, min(max(age[j], 0), oldest)]
        p[_BELOW, j] = p[_RATIO, j] * p[_ABOVE, j]
        for q in range(stands.opening.shape[0]):
            p[_DEAD + q, j] = stands.opening[q, s]
        for q in range(POOLS, POOLS + FLOWS):
            p[q, j] = 0.0
        if expected.shape[0] > 0:
            for q in range(expected.shape[1]):
                p[_LOST + q, j] = expected[stands.hazard[s], q]


@inlined
def _decay(p: Floats, n: int, rates: Floats) -> None:
    """Dead wood, litter, soil and products lose their shares; flows of the year start at zero."""
    dead, litter, to_soil, soil, products = rates[2], rates[3], rates[4], rates[5], rates[6]
    for j in range(n):
        rotten, fallen = dead * p[_DEAD, j], litter * p[_LITTER, j]
        humus, worn = soil * p[_SOIL, j], products * p[_PRODUCTS, j]
        p[_STOCK, j] = (p[_ABOVE, j] + p[_BELOW, j]) + (
            (p[_DEAD, j] + p[_LITTER, j]) + (p[_SOIL, j] + p[_PRODUCTS, j])
        )
        p[_DEAD, j] -= rotten
        p[_LITTER, j] -= fallen
        p[_SOIL, j] += to_soil * fallen - humus
        p[_PRODUCTS, j] -= worn
        p[_RELEASED, j] = (rotten + (fallen - to_soil * fallen)) + (humus + worn)
        p[_HARVESTED, j] = 0.0
        p[_DISTURBED, j] = 0.0


@inlined
def _expect(p: Floats, n: int, kept: float) -> None:
    """The expected share of every stand is lost; `_LOST` has the ways, for a certain event."""
    for j in range(n):
        lost = p[_CHANCE, j] * p[_LOST, j]
        above, below = lost * p[_ABOVE, j], lost * p[_BELOW, j]
        stem = p[_LOST + 1, j] * p[_STEM, j] * above
        burnt = p[_LOST + 2, j] * above
        snags = p[_LOST + 3, j] * above
        roots_burnt = p[_LOST + 4, j] * below
        dead_burnt = p[_CHANCE, j] * p[_LOST + 5, j] * p[_DEAD, j]
        litter_burnt = p[_CHANCE, j] * p[_LOST + 6, j] * p[_LITTER, j]
        p[_ABOVE, j] -= above
        p[_BELOW, j] -= below
        p[_DEAD, j] += snags + (below - roots_burnt) - dead_burnt
        p[_LITTER, j] += (above - stem - burnt - snags) - litter_burnt
        p[_PRODUCTS, j] += kept * stem
        p[_RELEASED, j] += (burnt + roots_burnt + dead_burnt + litter_burnt) + (stem - kept * stem)
        p[_HARVESTED, j] += stem
        p[_DISTURBED, j] += above + below
        p[_SCALE, j] *= 1.0 - lost


@inlined
def _grow(p: Floats, n: int, rates: Floats) -> np.int64:
    """Living carbon becomes the curve's, turnover is replaced; the largest gap in the balance.

    The gap comes as its bits: for numbers that are not negative they have the same order, and
    the largest whole number is found eight at a time.
    """
    fall, death = rates[0], rates[1]
    no_dead, no_litter, no_soil, no_products = rates[8], rates[9], rates[10], rates[11]
    worst = np.int64(0)
    for j in range(n):
        above = p[_SCALE, j] * p[_NEXT, j]
        below = p[_RATIO, j] * above
        more, more_below = above - p[_ABOVE, j], below - p[_BELOW, j]
        shrunk = max(-more, 0.0) + max(-more_below, 0.0)  # a curve that falls: trees die
        shed, died = fall * above, death * (above + below)
        grown = (max(more, 0.0) + max(more_below, 0.0)) + (shed + died)
        p[_ABOVE, j] = above
        p[_BELOW, j] = below
        dead, litter = p[_DEAD, j] + (died + shrunk), p[_LITTER, j] + shed
        soil, products = p[_SOIL, j], p[_PRODUCTS, j]
        p[_RELEASED, j] += (no_dead * dead + no_litter * litter) + (
            no_soil * soil + no_products * products
        )
        p[_DEAD, j] = dead - no_dead * dead
        p[_LITTER, j] = litter - no_litter * litter
        p[_SOIL, j] = soil - no_soil * soil
        p[_PRODUCTS, j] = products - no_products * products
        p[_TURNED, j] = shed + died + shrunk
        stock = (above + below) + ((p[_DEAD, j] + p[_LITTER, j]) + (p[_SOIL, j] + p[_PRODUCTS, j]))
        gap = abs((stock - p[_STOCK, j]) - (grown - p[_RELEASED, j]))
        worst = max(worst, np.float64(gap).view(np.int64))
    return worst


@inlined
def _add(p: Floats, n: int, t: int, total: Kilograms) -> None:
    """Whole kilograms of every pool and flow, added to the group's row."""
    for q in range(POOLS + FLOWS):
        kilograms = np.int64(0)
        for j in range(n):
            kilograms += np.int64(np.rint(p[q, j] * p[_SIZE, j]))
        total[q, t] += kilograms


@kernel
def _run_blocks(
    curves: Curves,
    stands: Stands,
    rules: Rules,
    hazards: Hazards,
    rates: Floats,
    blocks: Blocks,
    first: int,
    last: int,
    totals: Kilograms,
    states: Floats,
) -> float:
    years = totals.shape[2] - 1
    ages, spans, steps = curves.above.shape[1], rules.felling.shape[1], hazards.chance.shape[1]
    flat, falls = curves.above.ravel(), rules.felling.ravel()
    planned, drawn = rules.given.shape[0] > 0, hazards.keys.shape[0] > 0
    hoped, kept, worst = hazards.expected.shape[0] > 0, rates[7], np.int64(0)
    p = np.empty((_ROWS, BLOCK))
    cls, age = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    felled = np.empty(BLOCK, np.int32)
    draws = np.empty((BLOCK, years if drawn else 0))
    for b in range(first, last):
        rows = blocks.order[blocks.start[b] : blocks.start[b + 1]]
        n, total = rows.size, totals[blocks.group[b]]
        _load(p, cls, age, curves, stands, hazards.expected, rows)
        for j in range(n):
            felled[j] = stands.rule[rows[j]] * spans
            if drawn:
                fill_uniforms(hazards.keys[rows[j] : rows[j] + 1], draws[j : j + 1])
        _add(p, n, 0, total)
        for t in range(years):
            _decay(p, n, rates)
            if hoped:
                for j in range(n):
                    p[_CHANCE, j] = hazards.chance[
                        stands.hazard[rows[j]], min(max(age[j], 0), steps - 1)
                    ]
                _expect(p, n, kept)
            if drawn:
                for j in range(n):
                    h = stands.hazard[rows[j]]
                    at, u = hazards.chance[h, min(max(age[j], 0), steps - 1)], draws[j, t]
                    if u < at and p[_ABOVE, j] > 0.0:
                        k = 0
                        while k < hazards.agent.size - 1 and u >= at * hazards.mix[h, k]:
                            k += 1
                        effect = rules.effects[hazards.agent[k]]
                        _strike(p, j, effect, kept)
                        if effect[_RESTART] > 0.0:
                            s = rows[j]
                            own = stands.scale[s]
                            _restart(p, cls, age, j, curves, rules, stands.rule[s], own)
            for j in range(n):
                event = falls[felled[j] + min(max(age[j], 0), spans - 1)]
                if planned and rules.given[rows[j], t] != 0:
                    event = np.int32(rules.given[rows[j], t])
                if event != 0:
                    effect = rules.effects[event]
                    _strike(p, j, effect, kept)
                    if effect[_RESTART] > 0.0:
                        s = rows[j]
                        own = stands.scale[s]
                        _restart(p, cls, age, j, curves, rules, stands.rule[s], own)
                age[j] += 1
                p[_NEXT, j] = flat[np.int64(cls[j]) * ages + min(max(age[j], 0), ages - 1)]
            worst = max(worst, _grow(p, n, rates))
            _add(p, n, t + 1, total)
            if states.shape[0] > 0:
                for j in range(n):
                    states[rows[j], t] = p[: POOLS + FLOWS, j]
    return np.int64(worst).view(np.float64)


@kernel
def add_pools(
    curves: Curves,
    stands: Stands,
    rules: Rules,
    hazards: Hazards,
    rates: Floats,  # (12)  litterfall, deaths, dead wood, litter, litter to soil, soil, products
    #                  [yr-1, 1]; harvested stem kept as products [1]; one for each of dead wood,
    #                  litter, soil, products that is not tracked: what enters is released
    blocks: Blocks,
    totals: Kilograms,  # (group, quantity, instant) kg CO2e, zero at the start
    states: Floats,  # (stand, year, quantity) t C ha-1; or (0, 0, 0): not kept
) -> float:
    """Add every pool and flow of every stand and year to `totals`; the largest gap [t C ha-1]."""
    end = blocks.group.size
    return _run_blocks(curves, stands, rules, hazards, rates, blocks, 0, end, totals, states)


@parallel_kernel
def add_pools_parallel(
    curves: Curves,
    stands: Stands,
    rules: Rules,
    hazards: Hazards,
    rates: Floats,
    blocks: Blocks,
    totals: Kilograms,  # (worker, group, quantity, instant)
    states: Floats,
) -> Floats:
    """As `add_pools`, blocks shared out among workers, each with totals of its own."""
    count, end = totals.shape[0], blocks.group.size
    worst = np.zeros(count)
    for w in prange(count):
        low, high = end * w // count, end * (w + 1) // count
        worst[w] = _run_blocks(
            curves, stands, rules, hazards, rates, blocks, low, high, totals[w], states
        )  # fmt: skip
    return worst
