"""What the freedom to wait is worth: printed beside the value, never inside a pledge value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from ecogis.core.errors import ConfigError
from ecogis.core.units import share

__all__ = ["OptionValue", "option_value"]

_NEAR: Final = 1e-3  # nearer to it the chi-square distributions cannot be told any more
_LOGNORMAL: Final = 2.0  # elasticity at which the constant-elasticity model is Black and Scholes'


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option to develop, and what it adds to developing today.

    Attributes
    ----------
    option_fen : int
        Value of the right to develop within the window. [fen]
    today_fen : int
        Value of developing today, or of nothing where that is a loss. [fen]
    premium_fen : int
        The first less the second, zero or more. [fen]
    model : str
        ``black_scholes`` or ``cev``.
    """

    option_fen: int
    today_fen: int
    premium_fen: int
    model: str


def option_value(
    income_fen: int,
    cost_fen: int,
    *,
    window_yr: float,
    volatility: float,
    risk_free: float,
    elasticity: float = _LOGNORMAL,
) -> OptionValue:
    r"""Value of the right, not the duty, to pay the cost for the income within a window.

    .. math:: C = S N(d_1) - K e^{-rT} N(d_2), \qquad
       d_{1,2} = \frac{\ln(S/K) + (r \pm \sigma^2/2) T}{\sigma\sqrt{T}}

    with an elasticity of 2; below it the spread of the income falls as the income rises (constant
    elasticity of variance), and the two normal distributions become non-central chi-square ones.

    Parameters
    ----------
    income_fen, cost_fen : int
        Present value of the income and of the cost of developing, above 0. [fen]
    window_yr : float
        Time within which one has to decide. [yr]
    volatility : float
        Standard deviation a year of the income's logarithm, today. [yr-0.5]
    risk_free : float
        Rate without risk. [1]
    elasticity : float
        2, and what is within 0.001 of it, is the lognormal model; 0 and above. [1]

    Returns
    -------
    OptionValue

    Raises
    ------
    ConfigError
        E532: an argument is out of range.

    References
    ----------
    .. [1] F. Black and M. Scholes, "The pricing of options and corporate liabilities," Journal of
       Political Economy 81, 1973.
    .. [2] M. Schroder, "Computing the constant elasticity of variance option pricing formula,"
       Journal of Finance 44, 1989.

    Examples
    --------
    The textbook case of 100 for 100 in a year, at 20 % and 5 %: 10.45.

    >>> found = option_value(10_000, 10_000, window_yr=1.0, volatility=0.2, risk_free=0.05)
    >>> found.option_fen, found.today_fen, found.premium_fen
    (1045, 0, 1045)
    """
    share(risk_free, "risk_free")
    spans = (income_fen, cost_fen, window_yr, volatility)
    if not all(0 < each < math.inf for each in spans):
        value = f"{income_fen}, {cost_fen}, {window_yr} yr, {volatility}"
        raise ConfigError("E532", name="option", value=value, expected="all above 0")
    if not 0.0 <= elasticity <= _LOGNORMAL:
        raise ConfigError("E532", name="elasticity", value=elasticity, expected="0 to 2")
    plan = _Plan(float(income_fen), float(cost_fen), window_yr, volatility, risk_free)
    lognormal = _LOGNORMAL - elasticity < _NEAR
    worth = _black_scholes(plan) if lognormal else _constant_elasticity(plan, elasticity)
    today = max(income_fen - cost_fen, 0)
    option = max(round(worth), today)
    model = "black_scholes" if lognormal else "cev"
    return OptionValue(option, today, option - today, model)


class _Plan(NamedTuple):
    income: float
    cost: float
    years: float
    sigma: float
    rate: float

    @property
    def cost_later(self) -> float:
        """Cost paid at the end of the window, seen from today."""
        return self.cost * math.exp(-self.rate * self.years)


def _black_scholes(plan: _Plan) -> float:
    from scipy import stats

    spread = plan.sigma * math.sqrt(plan.years)
    grown = (plan.rate + plan.sigma * plan.sigma / 2.0) * plan.years
    d1 = (math.log(plan.income / plan.cost) + grown) / spread
    return float(plan.income * stats.norm.cdf(d1) - plan.cost_later * stats.norm.cdf(d1 - spread))


def _constant_elasticity(plan: _Plan, elasticity: float) -> float:
    """Schroder's formula, with the spread that is `sigma` at today's income."""
    from scipy import stats

    gap = _LOGNORMAL - elasticity
    local = plan.sigma * plan.income ** (gap / 2.0)
    reach = plan.rate * gap * plan.years
    grown = math.expm1(reach) / plan.rate if plan.rate else gap * plan.years
    k = 2.0 / (local * local * gap * grown)
    x, y = k * plan.income**gap * math.exp(reach), k * plan.cost**gap
    above = stats.ncx2.sf(2.0 * y, 2.0 + 2.0 / gap, 2.0 * x)
    below = stats.ncx2.sf(2.0 * x, 2.0 / gap, 2.0 * y)
    return float(plan.income * above - plan.cost_later * (1.0 - below))
