"""Forest assets by the methods of appraisal: a cross-check beside the carbon right's value.

Each function values one hectare (or any one unit) of one stand, in yuan, from amounts by year. A
method belongs to an age; where one method hands over to the next the value must not fall
(`check_rising`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.core.vocabulary import require

__all__ = [
    "Harvest",
    "check_rising",
    "harvest_value",
    "land_expectation",
    "periodic_income",
    "perpetual_income",
    "replacement_cost",
    "stumpage_residual",
    "transaction_comparison",
    "years_of_income",
]


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a rotation brings and costs, for one unit of land.

    Parameters
    ----------
    rotation_yr : int
        Age at the final harvest. [yr]
    final_cny : float
        Net income of the final harvest. [CNY]
    thinnings : mapping of int to float
        Age of a thinning to its net income. [yr to CNY]
    """

    rotation_yr: int
    final_cny: float
    thinnings: Mapping[int, float]

    def __post_init__(self) -> None:
        late = [age for age in self.thinnings if not 0 < age < self.rotation_yr]
        if self.rotation_yr < 1 or late:
            value = f"rotation {self.rotation_yr}, thinnings at {sorted(self.thinnings)}"
            expected = "thinnings before the rotation ends"
            raise ConfigError("E532", name="harvest", value=value, expected=expected)


def stumpage_residual(sales_cny: float, costs_cny: float, profit_cny: float) -> float:
    """Market-price backward method: sales less costs less the operator's normal profit. [CNY]

    .. math:: E = W - C - F

    For mature and over-mature stands. A loss is a value below nought: it is not hidden.

    References
    ----------
    .. [1] Journal of Natural Resources 2023, table 4.

    Examples
    --------
    >>> stumpage_residual(60_000, 25_000, 5_000)
    30000
    """
    return sales_cny - costs_cny - profit_cny


def replacement_cost(costs_cny: Sequence[float], rate: float, quality: float = 1.0) -> float:
    r"""Replacement cost of a young stand: what was spent in each year, with its return. [CNY]

    .. math:: E_n = K \sum_{i=1}^{n} C_i (1 + P)^{n - i + 1}

    Parameters
    ----------
    costs_cny : sequence (year) of float
        Cost of each year from the first to the stand's age, at current prices. [CNY]
    rate : float
        Return of the investment. [1]
    quality : float
        Coefficient of the stand's quality. [1]

    References
    ----------
    .. [1] Journal of Natural Resources 2023, table 4.

    Examples
    --------
    1,000 in the first year and 200 in the second, at a tenth: 1,000 x 1.21 + 200 x 1.1.

    >>> round(replacement_cost([1000, 200], 0.1), 9)
    1430.0
    """
    base = 1.0 + share(rate, "rate")
    age = len(costs_cny)
    return quality * math.fsum(cost * base ** (age - i) for i, cost in enumerate(costs_cny))


def harvest_value(
    harvest: Harvest, age_yr: int, yearly_cost_cny: float, rate: float, quality: float = 1.0
) -> float:
    r"""Harvest present value of a middle-aged stand. [CNY]

    .. math:: E_n = K \frac{A_u + \sum_{a \ge n} D_a (1 + P)^{u - a}}{(1 + P)^{u - n}}
       - \sum_{i=n}^{u} \frac{C_i}{(1 + P)^{i - n + 1}}

    Parameters
    ----------
    harvest : Harvest
        Incomes; a thinning before the stand's age is past.
    age_yr : int
        Age of the stand, at most the rotation. [yr]
    yearly_cost_cny : float
        Cost of each year from now to the harvest. [CNY]
    rate, quality : float
        Return and coefficient of the stand's quality. [1]

    References
    ----------
    .. [1] LY/T 2407-2015, chapter on the income approach; the formula is recalled, its structure
       as in Journal of Natural Resources 2023, table 4.

    Examples
    --------
    Harvest in a year, nothing else: 1,100 a year ahead at a tenth.

    >>> round(harvest_value(Harvest(20, 1100.0, {}), 19, 0.0, 0.1), 9)
    1000.0
    """
    base, left = 1.0 + share(rate, "rate"), harvest.rotation_yr - age_yr
    if left < 0:
        raise ConfigError("E532", name="age_yr", value=age_yr, expected=f"<= {harvest.rotation_yr}")
    thinned = math.fsum(
        income * base ** (age_yr - age)
        for age, income in harvest.thinnings.items()
        if age >= age_yr
    )
    costs = math.fsum(yearly_cost_cny * base ** -(i + 1) for i in range(left + 1))
    return quality * (harvest.final_cny * base**-left + thinned) - costs


def land_expectation(
    harvest: Harvest, costs_cny: Mapping[int, float], overhead_cny: float, rate: float
) -> float:
    r"""Land expectation value of planting again and again (Faustmann). [CNY]

    .. math:: B_u = \frac{A_u + \sum D_a (1+P)^{u-a} - \sum C_i (1+P)^{u-i+1}}{(1+P)^u - 1}
       - \frac{V}{P}

    Parameters
    ----------
    harvest : Harvest
        Incomes of one rotation.
    costs_cny : mapping of int to float
        Year of the rotation, from 1, to its cost. [CNY]
    overhead_cny : float
        Cost of every year for ever. [CNY]
    rate : float
        Return, above 0. [1]

    References
    ----------
    .. [1] LY/T 2407-2015, chapter 11; recalled.

    Examples
    --------
    2,210 every two years for ever at a tenth: (2,210 - 1,000 x 1.21) / 0.21.

    >>> round(land_expectation(Harvest(2, 2210.0, {}), {1: 1000.0}, 0.0, 0.1), 9)
    4761.904761905
    """
    base, u = _base(rate), harvest.rotation_yr
    thinned = math.fsum(income * base ** (u - age) for age, income in harvest.thinnings.items())
    spent = math.fsum(cost * base ** (u - year + 1) for year, cost in costs_cny.items())
    return (harvest.final_cny + thinned - spent) / (base**u - 1.0) - overhead_cny / (base - 1.0)


def perpetual_income(income_cny: float, rate: float) -> float:
    """A steady yearly income for ever: bamboo, uneven-aged forest, land rent. [CNY]

    .. math:: E = A / P

    References
    ----------
    .. [1] Journal of Natural Resources 2023, table 4 (bamboo; land).

    Examples
    --------
    >>> perpetual_income(500.0, 0.05)
    10000.0
    """
    _base(rate)
    return income_cny / rate


def periodic_income(income_cny: float, cycle_yr: int, rate: float, next_in_yr: int) -> float:
    r"""An income that comes back every cycle, the next some years ahead: selection forest. [CNY]

    .. math:: E = A \frac{(1+P)^{u}}{(1+P)^{u} - 1} (1+P)^{-m}

    References
    ----------
    .. [1] Periodic income capitalisation; the formula is recalled.

    Examples
    --------
    With the next income a full cycle ahead, the income over ``(1 + P)^u - 1``.

    >>> round(periodic_income(2100.0, 2, 0.1, 2), 9)
    10000.0
    """
    base = _base(rate)
    if not 0 <= next_in_yr <= cycle_yr or cycle_yr < 1:
        value = f"{next_in_yr} of {cycle_yr}"
        raise ConfigError("E532", name="next_in_yr", value=value, expected="within the cycle")
    return income_cny * base ** (cycle_yr - next_in_yr) / (base**cycle_yr - 1.0)


def years_of_income(income_cny: float, years: int, rate: float) -> float:
    r"""A yearly income for the years that are left: economic forest in full bearing. [CNY]

    .. math:: E_n = A \frac{(1+P)^{u-n} - 1}{P (1+P)^{u-n}}

    References
    ----------
    .. [1] Journal of Natural Resources 2023, table 4; the exponent's offset is not clear there.

    Examples
    --------
    >>> round(years_of_income(1100.0, 2, 0.1), 9)
    1909.090909091
    """
    base = _base(rate)
    return income_cny * (1.0 - base**-years) / rate


_FACTORS: Final = ("unit_price_cny", "quality", "price_index")


def transaction_comparison(comparables: pd.DataFrame, quality: float = 1.0) -> float:
    r"""Mean of comparable transactions, each brought to this stand and this day. [CNY per unit]

    .. math:: E = \frac1N \sum_i \frac{K}{K_i} B_i G_i

    Parameters
    ----------
    comparables : DataFrame, one row per transaction
        ``unit_price_cny`` `G` [CNY per unit], ``quality`` `K_i` of the stand sold [1],
        ``price_index`` `B`: today's price level over that of the sale [1].
    quality : float
        Coefficient of this stand's quality. [1]

    Raises
    ------
    ConfigError
        E532: no transaction, or a figure missing or not above 0.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {"unit_price_cny": [900.0, 1200.0], "quality": [0.9, 1.0], "price_index": [1.0, 1.1]}
    ... )
    >>> round(transaction_comparison(seen), 9)
    1160.0
    """
    require(comparables, _FACTORS, "comparables")
    figures = comparables[list(_FACTORS)].to_numpy(dtype=np.float64)
    if not len(figures) or not (figures > 0.0).all() or not quality > 0.0:
        value, expected = f"{len(figures)} rows", "one or more, every figure above 0"
        raise ConfigError("E532", name="comparables", value=value, expected=expected)
    price, of_sale, index = figures.T
    return math.fsum((quality / of_sale * index * price).tolist()) / len(figures)


def check_rising(values: pd.DataFrame, findings: Findings) -> None:
    """Find stands worth less per hectare than a younger one of their species and site (PC9).

    Parameters
    ----------
    values : DataFrame, one row per stand
        ``stand``, ``species``, ``site_class``, ``age_yr`` [yr], ``value_cny_ha`` [CNY ha-1],
        ``method``.
    findings : Findings
        Takes E862.

    References
    ----------
    .. [1] At a fixed return of 4 % four of six species groups showed values falling with age
       (appraisal literature, table ``appraisal_methods``, AM12).

    Findings
    --------
    E862
        The value falls with age inside one species and site: the methods of two age groups do not
        join.
    """
    needed = ("stand", "species", "site_class", "age_yr", "value_cny_ha", "method")
    require(values, needed, "forest asset values")
    table = values.sort_values(["species", "site_class", "age_yr", "value_cny_ha"], kind="stable")
    groups = table.groupby(["species", "site_class"], dropna=False, sort=False)
    before = groups["value_cny_ha"].transform(lambda v: v.cummax().shift())
    fallen = (table["value_cny_ha"] < before).to_numpy(dtype=bool, na_value=False)
    findings.add(
        "E862",
        layer="stands",
        where=fallen,
        feature=table["stand"],
        column="value_cny_ha",
        observed=table["value_cny_ha"],
        younger=before.map("{:,.2f}".format),
        method=table["method"],
    )


def _base(rate: float) -> float:
    if share(rate, "rate") == 0.0:
        raise ConfigError("E532", name="rate", value=rate, expected="above 0")
    return 1.0 + rate
