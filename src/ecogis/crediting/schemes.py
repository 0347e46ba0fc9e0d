"""Schemes that credit a rate on an area, as some county platforms do."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from ecogis.core.errors import ConfigError

__all__ = ["AreaRate", "area_rate_reductions"]


class AreaRate(NamedTuple):
    """Reductions by area and rate: exact, and the whole tonnes in them."""

    exact_t: Decimal
    whole_t: int


def area_rate_reductions(
    area_mu: float | str | Decimal,
    rate_t_per_mu_yr: float | str | Decimal,
    years: float | str | Decimal,
) -> AreaRate:
    """Reductions of an area at a flat yearly rate, in decimal arithmetic.

    Numbers are taken as they are written: 0.39 is thirty-nine hundredths.

    Parameters
    ----------
    area_mu : number
        Area. [mu]
    rate_t_per_mu_yr : number
        Reductions of one mu in a year. [t CO2e mu-1 yr-1]
    years : number
        Length. [yr]

    Returns
    -------
    AreaRate
        ``exact_t`` and its floor ``whole_t``. [t CO2e]

    Raises
    ------
    ConfigError
        A number is negative or not finite.

    References
    ----------
    .. [1] Anji bamboo carbon loan, reported 2021-08-08: 1,030 mu, 0.39 t, 17.54 years, 7,045 t.

    Examples
    --------
    >>> area_rate_reductions(1030, 0.39, 17.54)
    AreaRate(exact_t=Decimal('7045.8180'), whole_t=7045)
    """
    factors = [Decimal(str(number)) for number in (area_mu, rate_t_per_mu_yr, years)]
    if not all(number.is_finite() and number >= 0 for number in factors):
        raise ConfigError("E382", what=", ".join(map(str, factors)))
    exact = factors[0] * factors[1] * factors[2]
    return AreaRate(exact, int(exact.to_integral_value(rounding=ROUND_FLOOR)))
