"""Price processes: their moments against theory, and what is refused."""

import math

import numpy as np
import pytest
from scipy import integrate

from ecogis.core.errors import ConfigError
from ecogis.valuation import PriceProcess, drawn_prices, expected_price, log_moments

TOLD = {"because": "example", "confidence": "assumed"}
YEARS = np.array([0.5, 1.0, 3.0, 7.5])
NAMES = ["a", "b", "c", "d"]
DRAWS = 100_000
PROCESSES = {
    "brownian": PriceProcess(0.3, **TOLD, drift=0.03),
    "returning": PriceProcess(0.4, **TOLD, reversion=0.7, level_cny_t=90),
    "jumps": PriceProcess(0.2, **TOLD, jump_rate=0.8, jump_mean=-0.1, jump_spread=0.2),
    "returning, with jumps": PriceProcess(
        0.2, **TOLD, reversion=1.2, level_cny_t=60, jump_rate=1.5, jump_mean=0.1, jump_spread=0.2
    ),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_draws_have_the_moments_of_theory(name):
    """Within four standard errors: mean of the price, mean and variance of its logarithm."""
    process = PROCESSES[name]
    path = expected_price(process, 80, YEARS) * 1e6  # so fine that rounding does not show
    drawn = drawn_prices(process, path, YEARS, NAMES, seed=5, draws=DRAWS) / 1e6
    error = drawn.std(axis=0) / math.sqrt(DRAWS)
    assert (np.abs(drawn.mean(axis=0) - path / 1e6) < 4 * error).all()
    logs, (mean, variance) = np.log(drawn), log_moments(process, 80, YEARS)
    assert (np.abs(logs.mean(axis=0) - mean) < 4 * np.sqrt(variance / DRAWS)).all()
    fourth = ((logs - logs.mean(axis=0)) ** 4).mean(axis=0)
    spread = np.sqrt((fourth - variance**2) / DRAWS)
    assert (np.abs(logs.var(axis=0) - variance) < 4 * spread).all()


def test_the_mean_of_a_returning_price_by_hand():
    """80 on the way to 90: half of the logarithm's distance after ln 2 / k years."""
    process = PriceProcess(0.2, **TOLD, reversion=0.5, level_cny_t=90)
    half_way = math.log(2.0) / 0.5
    variance = 0.04 * (1.0 - 0.25) / (2.0 * 0.5)
    expected = math.sqrt(80.0 * 90.0) * math.exp(variance / 2.0)
    assert expected_price(process, 80, [half_way])[0] == pytest.approx(expected, rel=1e-12)


def test_the_mean_with_jumps_by_hand():
    """Jumps leave the mean of a price without reversion where its drift has it."""
    assert expected_price(PROCESSES["jumps"], 80, YEARS).tolist() == [80.0] * 4
    mean, variance = log_moments(PROCESSES["jumps"], 80, [2.0])
    grown = 0.8 * (math.exp(-0.1 + 0.02) - 1.0)
    assert mean[0] == pytest.approx(math.log(80.0) + 2.0 * (-0.02 - grown - 0.08), rel=1e-12)
    assert variance[0] == pytest.approx(2.0 * (0.04 + 0.8 * (0.01 + 0.04)), rel=1e-12)


@pytest.mark.parametrize(
    "given",
    [
        {"volatility": -0.1},
        {"volatility": math.nan},
        {"drift": 5.0},
        {"level_cny_t": 80},
        {"reversion": 0.5, "level_cny_t": 0},
        {"reversion": 0.5, "level_cny_t": 80, "drift": 0.02},
        {"jump_rate": -1.0},
        {"jump_mean": -3.0},
    ],
)
def test_figures_out_of_range_are_refused(given):
    with pytest.raises(ConfigError, match="E861"):
        PriceProcess(**({"volatility": 0.2} | TOLD | given))


def test_a_price_without_a_level_has_draws_but_no_expectation():
    process = PriceProcess(0.2, **TOLD, reversion=0.5)
    assert drawn_prices(process, [8000], [1.0], ["a"], seed=1, draws=3).shape == (3, 1)
    for asked in (expected_price, log_moments):
        with pytest.raises(ConfigError, match="level_cny_t"):
            asked(process, 80, [1.0])


def test_steps_back_are_refused():
    process = PriceProcess(0.2, **TOLD, jump_rate=2.0)
    with pytest.raises(ConfigError, match="E861"):
        drawn_prices(process, [8000] * 4, [1.0, 0.5, 2.0, 3.0], NAMES, seed=1, draws=1)


def test_many_jumps_in_one_step_are_walked_in_parts():
    """14 jumps a year over five years at once: mean and variance of theory all the same."""
    process = PriceProcess(
        0.2, **TOLD, reversion=0.5, level_cny_t=80, jump_rate=14.0, jump_mean=0.01, jump_spread=0.05
    )
    years, draws = np.array([5.0, 5.0, 9.0]), 50_000
    path = expected_price(process, 80, years) * 1e6
    drawn = drawn_prices(process, path, years, NAMES[:3], seed=7, draws=draws) / 1e6
    error = drawn.std(axis=0) / math.sqrt(draws)
    assert (np.abs(drawn.mean(axis=0) - path / 1e6) < 4 * error).all()
    logs, (_, variance) = np.log(drawn), log_moments(process, 80, years)
    assert (np.abs(logs.var(axis=0) / variance - 1.0) < 4 * math.sqrt(2.0 / draws)).all()
    assert np.array_equal(drawn[:, 0], drawn[:, 1])


def test_a_date_draws_the_same_whether_or_not_others_are_walked_in_parts():
    process = PriceProcess(0.2, **TOLD, jump_rate=2.0)
    near = drawn_prices(process, [8000], [1.0], ["a"], seed=3, draws=50)
    both = drawn_prices(process, [8000, 8000], [1.0, 30.0], ["a", "b"], seed=3, draws=50)
    assert np.array_equal(near[:, 0], both[:, 0])


@pytest.mark.parametrize(
    ("reversion", "years"), [(0.7, 7.0), (5.0, 40.0), (52.0, 40.0), (1e-6, 10.0)]
)
def test_the_mean_with_jumps_against_quadrature(reversion, years):
    """Jumps that fade fast need the integral where they are young."""
    process = PriceProcess(
        0.2, **TOLD, reversion=reversion, level_cny_t=80, jump_rate=1.5, jump_mean=0.1,
        jump_spread=0.2,
    )  # fmt: skip
    jumps, _ = integrate.quad(
        lambda w: math.expm1(0.1 * w + 0.02 * w * w) / (reversion * w),
        math.exp(-reversion * years), 1.0, epsabs=1e-13, limit=500,
    )  # fmt: skip
    spread = 0.04 * -math.expm1(-2.0 * reversion * years) / (2.0 * reversion)
    expected = 80.0 * math.exp(spread / 2.0 + 1.5 * jumps)
    assert expected_price(process, 80, [years])[0] == pytest.approx(expected, rel=1e-10)


def test_no_dates_have_no_prices():
    assert drawn_prices(PROCESSES["jumps"], [], [], [], seed=1, draws=3).shape == (3, 0)


@pytest.mark.parametrize(
    ("path", "years", "names"),
    [
        ([math.nan], [1.0], ["a"]),
        ([-1], [1.0], ["a"]),
        ([1, 2], [1.0], ["a"]),
        ([1], [1.0], ["a", "b"]),
        ([1], [math.nan], ["a"]),
        ([1], [math.inf], ["a"]),
    ],
)
def test_paths_that_do_not_fit_are_refused(path, years, names):
    with pytest.raises(ConfigError, match="E861"):
        drawn_prices(PROCESSES["brownian"], path, years, names, seed=1, draws=2)
