"""Option values: textbook figures, limits, and the value of waiting."""

import math

import pytest
from scipy import integrate, stats

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import option_value

CASE = {"window_yr": 1.0, "volatility": 0.2, "risk_free": 0.05}


@pytest.mark.parametrize(
    ("income", "cost", "years", "volatility", "rate", "printed"),
    [
        (42, 40, 0.5, 0.2, 0.1, 4.76),  # Hull, Options, Futures and Other Derivatives, example 15.6
        (100, 100, 1.0, 0.2, 0.05, 10.45),
    ],
)
def test_textbook_figures(income, cost, years, volatility, rate, printed):
    found = option_value(
        income * 1_000_000, cost * 1_000_000, window_yr=years, volatility=volatility,
        risk_free=rate,
    )  # fmt: skip
    assert found.option_fen / 1e6 == pytest.approx(printed, abs=0.005)
    assert found.model == "black_scholes"


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_near_two_the_constant_elasticity_is_the_lognormal_model(rate):
    case = CASE | {"risk_free": rate}
    near = option_value(10**8, 10**8, elasticity=1.99, **case)
    assert near.model == "cev"
    assert near.option_fen == pytest.approx(option_value(10**8, 10**8, **case).option_fen, rel=1e-3)


def test_at_elasticity_nought_income_is_normal():
    """Without interest the income is then a Brownian motion: its mean above the cost by hand.

    So little volatility that it never reaches nought.
    """
    spread = 0.05 * 10**8
    mean, _ = integrate.quad(
        lambda x: (x - 9.8e7) * stats.norm.pdf(x, 10**8, spread), 9.8e7, 1.5e8, epsabs=1e-6
    )
    found = option_value(
        10**8, 98_000_000, window_yr=1.0, volatility=0.05, risk_free=0.0, elasticity=0.0
    )
    assert found.option_fen == pytest.approx(mean, rel=1e-6)


def test_waiting_is_worth_something_and_never_less_than_acting():
    """Deep in the money the option is the income less the cost paid later."""
    sure = option_value(10**8, 10**6, **CASE)
    assert sure.today_fen == 99_000_000
    assert sure.premium_fen == pytest.approx(10**6 * (1 - math.exp(-0.05)), abs=1)
    lost = option_value(10**6, 10**8, **CASE)
    assert (lost.today_fen, lost.option_fen) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"income_fen": 0},
        {"cost_fen": -1},
        {"window_yr": 0},
        {"volatility": 0.0},
        {"elasticity": 3},
        {"window_yr": math.inf},
    ],
)
def test_out_of_range(wrong):
    with pytest.raises(ConfigError, match="E532"):
        option_value(**({"income_fen": 1, "cost_fen": 1} | CASE | wrong))
    with pytest.raises(UnitError):
        option_value(1, 1, window_yr=1.0, volatility=0.2, risk_free=5)


def test_too_near_to_the_lognormal_model_it_is_that_model():
    near = option_value(10**8, 10**8, elasticity=1.9999, **CASE)
    assert near == option_value(10**8, 10**8, **CASE)
