"""Draws of quantity and price: arrays in, results written to `out`."""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel
from ecogis.numerics.elementary import exp

__all__ = ["add_drawn_kg", "scale_kg", "walk_price"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def add_drawn_kg(
    credit_kg: Ints,  # (stand, issuance)  kg CO2e
    normals: Floats,  # (stand, draw)      standard normal
    spread: float,  #                      standard deviation of the logarithm
    out: Ints,  # (draw, issuance)         kg CO2e
) -> None:
    """Add each stand's drawn reductions to `out`.

    The factor is lognormal with mean one. A stand's kilograms are whole before they are added, so
    the sums do not depend on the order of the stands.
    """
    stands, issuances = credit_kg.shape
    for s in range(stands):
        for d in range(normals.shape[1]):
            size = exp(spread * normals[s, d] - 0.5 * spread * spread)
            for i in range(issuances):
                out[d, i] += np.int64(np.rint(credit_kg[s, i] * size))


@kernel
def scale_kg(
    normals: Floats,  # (draw)          standard normal
    spread: float,  #                   standard deviation of the logarithm
    out: Ints,  # (draw, issuance)      kg CO2e
) -> None:
    """Multiply each draw with one lognormal factor of mean one, in place."""
    for d in range(out.shape[0]):
        size = exp(spread * normals[d] - 0.5 * spread * spread)
        for i in range(out.shape[1]):
            out[d, i] = np.int64(np.rint(out[d, i] * size))


@kernel
def walk_price(
    normals: Floats,  # (date, draw)   standard normal
    years: Floats,  # (date)           years after the valuation date, rising
    path_fen: Ints,  # (date)          fen t-1
    volatility: float,  #              yr-0.5
    reversion: float,  #               yr-1
    out: Ints,  # (draw, date)         fen t-1
) -> None:
    """Fill `out` with prices that move around the path with mean on the path.

    The logarithm's deviation follows ``dx = -reversion x dt + volatility dW``, stepped exactly from
    date to date; a reversion of 0 is geometric Brownian motion. Half its variance is taken off.
    """
    for d in range(out.shape[0]):
        state, variance, before = 0.0, 0.0, 0.0
        for i in range(years.size):
            step = years[i] - before
            keep = exp(-reversion * step)
            fresh = volatility * volatility * step
            if reversion > 0.0:
                fresh = volatility * volatility * (1.0 - keep * keep) / (2.0 * reversion)
            state = state * keep + math.sqrt(fresh) * normals[i, d]
            variance = variance * keep * keep + fresh
            out[d, i] = np.int64(np.rint(path_fen[i] * exp(state - 0.5 * variance)))
            before = years[i]
