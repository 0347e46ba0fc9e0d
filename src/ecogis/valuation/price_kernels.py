"""Price paths and what pieces are worth on each of them: arrays in, results written to `out`."""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.draws import normal_at, uniform_at
from ecogis.numerics.elementary import exp
from ecogis.numerics.runs import nearest_whole

__all__ = ["MOST_JUMPS", "add_worth", "walk_process"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

MOST_JUMPS = 31
"""Jumps one step can hold; a step in which more are likely is refused before."""

_PLACES = 64  # places of the jumps' stream a draw may use: one count, and two for every jump
_ABREAST = 256  # draws a piece is valued on at once: what they need stays near


@inlined
def _jumps(first: np.uint64, second: np.uint64, place: int, expected: float) -> int:
    """Number of jumps by the inverse of the Poisson distribution."""
    u = uniform_at(first, second, place)
    count, chance = 0, math.exp(-expected)
    reached = chance
    while u > reached and count < MOST_JUMPS:
        count += 1
        chance *= expected / count
        reached += chance
    return count


@kernel
def walk_process(
    keys: Keys,  # (date, 2)         streams of the shocks
    jump_keys: Keys,  # (date, 2)    streams of the jumps
    years: Floats,  # (date)         years after the valuation date, rising
    path_fen: Floats,  # (date)      fen t-1, the mean of the draws
    offset: Floats,  # (date)        taken off the logarithm, so that the mean lies on the path
    volatility: float,  #            yr-0.5
    reversion: float,  #             yr-1
    jump_rate: float,  #             yr-1
    jump_mean: float,  #             mean of a jump of the logarithm
    jump_spread: float,  #           its standard deviation
    out: Ints,  # (draw, date)       fen t-1
) -> None:
    """Fill `out`: the logarithm's deviation, stepped exactly from date to date.

    It follows ``dx = -reversion x dt + volatility dW + J dN``. A jump falls at a time drawn within
    its step and fades from then on; a reversion of 0 is geometric Brownian motion with jumps.
    """
    for d in range(out.shape[0]):
        state, before = 0.0, 0.0
        for i in range(years.size):
            step = years[i] - before
            keep = exp(-reversion * step)
            fresh = volatility * volatility * step
            if reversion > 0.0:
                fresh = volatility * volatility * (1.0 - keep * keep) / (2.0 * reversion)
            state = state * keep + math.sqrt(fresh) * normal_at(keys[i, 0], keys[i, 1], d)
            if jump_rate * step > 0.0:
                first, second = jump_keys[i, 0], jump_keys[i, 1]
                for j in range(_jumps(first, second, d * _PLACES, jump_rate * step)):
                    place = d * _PLACES + 1 + 2 * j
                    age = step * uniform_at(first, second, place)
                    size = jump_mean + jump_spread * normal_at(first, second, place + 1)
                    state += size * exp(-reversion * age)
            out[d, i] = np.int64(np.rint(path_fen[i] * exp(state - offset[i])))
            before = years[i]


@kernel
def add_worth(
    kg: Floats,  # (piece, vintage)    kg CO2e, whole
    unit_fen: Floats,  # (vintage, draw)   fen for a kilogram, at the valuation date
    by_draw: Ints,  # (draw)           fen
    by_piece: Ints,  # (piece)         fen, of all draws together
) -> None:
    """Add what each piece is worth in each draw, in whole fen, to both sums.

    A piece's worth is rounded before it is added, so that both add up to the same total whatever
    the order of pieces and draws. It is not below zero: kilograms and prices are not.
    """
    pieces, vintages = kg.shape
    draws = by_draw.size
    near = np.empty(_ABREAST, np.float64)
    flat = unit_fen.ravel()
    for begin in range(0, draws, _ABREAST):
        count = min(_ABREAST, draws - begin)
        for p in range(pieces):
            for d in range(count):
                near[d] = 0.0
            for v in range(vintages):
                weight = kg[p, v]
                at = np.uintp(v * draws + begin)
                for d in range(count):
                    near[d] += weight * flat[at + np.uintp(d)]
            total = np.int64(0)
            to = np.uintp(begin)
            for d in range(count):
                whole = nearest_whole(near[d])
                by_draw[to + np.uintp(d)] += whole
                total += whole
            by_piece[p] += total
