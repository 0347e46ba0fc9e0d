"""Harvested wood products: a stock that decays by half in its half-life."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.numerics import exp

__all__ = ["decay_share", "first_year_share", "products_stock"]

_LN2 = 0.6931471805599453


def decay_share(half_life_yr: float) -> float:
    """Share of a stock of products that is lost in a year, ``1 - 2**(-1 / half life)``. [yr-1]

    Parameters
    ----------
    half_life_yr : float
        Years after which half is left, above zero. [yr]

    Raises
    ------
    ConfigError
        The half-life is not positive.

    Examples
    --------
    >>> decay_share(1.0)
    0.5
    """
    return float(1.0 - exp(-_rate(half_life_yr)))


def first_year_share(half_life_yr: float) -> float:
    r"""Share of a year's products that is left at its end when they come evenly over it. [1]

    .. math:: f = (1 - e^{-k}) / k \qquad k = \ln 2 / h

    References
    ----------
    .. [1] 2006 IPCC Guidelines for National Greenhouse Gas Inventories, volume 4, chapter 12:
       first-order decay. The form only; half-lives are the caller's.

    Examples
    --------
    >>> round(first_year_share(1.0), 4)  # 0.5 / ln 2
    0.7213
    """
    rate = _rate(half_life_yr)
    return float((1.0 - exp(-rate)) / rate)


def products_stock(
    inflow: ArrayLike, half_life_yr: float, opening: float = 0.0
) -> NDArray[np.float64]:
    r"""Stock of products at each year's end, from what was harvested in each year.

    .. math:: C_{i+1} = e^{-k} C_i + f\, Q_i

    Parameters
    ----------
    inflow : array (year), float64
        Products made in each year. [t C]
    half_life_yr : float
        Half-life. [yr]
    opening : float
        Stock at the start. [t C]

    Returns
    -------
    array (year), float64
        Stock at each year's end. [t C]

    Raises
    ------
    ConfigError
        The half-life is not positive.

    Examples
    --------
    >>> products_stock([0.0, 0.0], 1.0, opening=8.0).tolist()
    [4.0, 2.0]
    """
    kept, first = 1.0 - decay_share(half_life_yr), first_year_share(half_life_yr)
    made = np.asarray(inflow, dtype=np.float64)
    out = np.empty(made.shape)
    stock = opening
    for year, quantity in enumerate(made):
        stock = kept * stock + first * quantity
        out[year] = stock
    return out


def _rate(half_life_yr: float) -> float:
    if not 0.0 < half_life_yr < np.inf:
        raise ConfigError("E673", what=f"half_life_yr = {half_life_yr}")
    return _LN2 / half_life_yr
