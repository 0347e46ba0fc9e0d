"""Yearly shares of turnover and decay, and which pools a methodology tracks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecogis.carbon.products import decay_share, first_year_share
from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.methods import ParameterSet

__all__ = ["DEAD_POOLS", "PoolRates", "pool_rates"]

DEAD_POOLS: Final = ("dead_wood", "litter", "soil", "products")
"""Pools that may be left out; above and below ground always count."""

_SHARES = (
    "litterfall",
    "deaths",
    "dead_wood",
    "litter",
    "litter_to_soil",
    "soil",
    "products",
    "products_kept",
)


@dataclass(frozen=True, slots=True)
class PoolRates:
    """Shares by which pools turn over and decay. [yr-1, the two to and kept 1]

    Parameters
    ----------
    litterfall : float
        Living carbon above ground that falls as litter; growth replaces it.
    deaths : float
        Living carbon that dies as single trees; growth replaces it, since volume curves are net of
        it. Disturbances are events and not in here.
    dead_wood, litter, soil : float
        Share of the stock that decays.
    litter_to_soil : float
        Share of decayed litter that becomes soil carbon; the rest is released.
    products : float
        Share of the stock of products that is lost.
    products_kept : float
        Share of harvested stems that is left as products at the year's end; the rest is released.
    tracked : collection of str
        Which of `DEAD_POOLS` count. What would enter another is released in that year, which
        never overstates a stock.

    Examples
    --------
    >>> PoolRates(dead_wood=0.4, tracked=["dead_wood"]).array.tolist()
    [0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    """

    litterfall: float = 0.0
    deaths: float = 0.0
    dead_wood: float = 0.0
    litter: float = 0.0
    litter_to_soil: float = 0.0
    soil: float = 0.0
    products: float = 0.0
    products_kept: float = 0.0
    tracked: Collection[str] = DEAD_POOLS

    def __post_init__(self) -> None:
        for name in _SHARES:
            share(getattr(self, name), name)
        lost = sorted(set(self.tracked) - set(DEAD_POOLS))
        if lost:
            raise ConfigError("E673", what=f"tracked: {', '.join(lost)}")

    @property
    def array(self) -> NDArray[np.float64]:
        """The kernel's row."""
        left_out = [float(name not in self.tracked) for name in DEAD_POOLS]
        return np.array([getattr(self, name) for name in _SHARES] + left_out)


def pool_rates(
    library: ParameterSet,
    date: date,
    *,
    tracked: Collection[str] = ("dead_wood", "litter"),
    products_half_life_yr: float | None = None,
    products_yield: float = 1.0,
) -> PoolRates:
    """Rates of a library edition.

    Parameters
    ----------
    library : ParameterSet
        Set with ``litterfall litter_decay dead_wood_decay background_mortality``, such as
        ``pools-south-china``.
    date : date
        Day the values must be in force.
    tracked : collection of str
        Pools that count, as the methodology has it; the methodologies in the library count none of
        them. Soil needs rates of the caller's own (`PoolRates`) and is refused here.
    products_half_life_yr : float, optional
        Half-life of products; needed where they are tracked: the library has none. [yr]
    products_yield : float
        Share of harvested stems that becomes products. A policy. [1]

    Returns
    -------
    PoolRates

    Raises
    ------
    ConfigError
        E673: soil is tracked, or products without a half-life.
    NotInForceError
        No value is in force at the date.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> rates = pool_rates(parameters("pools-south-china"), date(2026, 8, 31))
    >>> round(rates.litter, 3), rates.products
    (0.422, 0.0)
    """
    if "soil" in tracked or ("products" in tracked and products_half_life_yr is None):
        raise ConfigError("E673", what=f"tracked = {', '.join(sorted(tracked))}")
    numbers = {
        "litterfall": "litterfall",
        "deaths": "background_mortality",
        "dead_wood": "dead_wood_decay",
        "litter": "litter_decay",
    }
    found = {ours: library.value(name, date, "yr-1") for ours, name in numbers.items()}
    if products_half_life_yr is not None:
        found["products"] = decay_share(products_half_life_yr)
        found["products_kept"] = share(products_yield, "products_yield") * first_year_share(
            products_half_life_yr
        )
    return PoolRates(**found, tracked=tuple(tracked))
