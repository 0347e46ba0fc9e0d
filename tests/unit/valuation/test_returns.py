"""Rates of return: every root, and only roots; duration and annuities by hand."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.valuation import (
    duration,
    internal_rates,
    level_payment,
    modified_rate,
    net_present,
    present_of_payments,
    told_rates,
)


def test_a_dated_case_by_hand():
    """1,000 paid, 600 after a year of 365 days and 600 after 730: 1000 x² = 600 x + 600.

    x = 1 + r = (600 + sqrt(600² + 4 · 1000 · 600)) / 2000 = 1.130662386…
    """
    by_hand = (600 + math.sqrt(600**2 + 4 * 1000 * 600)) / 2000 - 1
    assert internal_rates([600, -1000, 600], [1, 0, 2]) == pytest.approx((by_hand,), rel=1e-12)
    days = np.array([0, 365, 730]) / 365
    assert internal_rates([-1000, 600, 600], days) == pytest.approx((0.130662386,), abs=1e-9)


def test_amounts_of_one_day_are_one():
    assert internal_rates([-50, -50, 110], [0, 0, 1]) == pytest.approx((0.1,))
    assert internal_rates([-100, 100, 5, -5], [0, 0, 1, 1]) == ()


def test_a_double_root_is_one_root():
    """(x - 1.1)² = x² - 2.2 x + 1.21 touches zero and does not cross it."""
    assert internal_rates([100, -220, 121]) == pytest.approx((0.1,), abs=1e-6)


@pytest.mark.parametrize("amounts", [[], [0, 0], [1, 2, 3], [-1, 0, -2], [100, -150, 100]])
def test_no_rate(amounts):
    assert internal_rates(amounts) == ()


@given(
    roots=st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=4, unique_by=lambda r: round(r, 1)),
    scale=st.sampled_from([-1e6, 0.01, 1.0, 1e9]),
)
def test_every_root_of_a_product_is_found(roots, scale):
    factors = np.poly([1.0 + rate for rate in roots])  # in 1 + r, highest power first
    found = internal_rates(scale * factors)
    assert found == pytest.approx(tuple(sorted(roots)), abs=1e-6)


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=25))
def test_what_is_found_is_worth_nothing_and_not_more_than_the_changes_of_sign(amounts):
    found = internal_rates(amounts)
    signs = np.sign([a for a in amounts if a])
    assert len(found) <= np.count_nonzero(np.diff(signs))
    for rate in (r for r in found if 0.0 <= r < 1.0):
        assert abs(net_present(rate, amounts)) <= 1e-6 * sum(map(abs, amounts))


def test_none_or_several_are_told():
    findings = Findings()
    one = pd.DataFrame({"net_fen": [-100, 110], "years": [0.0, 1.0]})
    assert told_rates(one, findings) == pytest.approx([0.1])
    assert findings.count("E860") == 0
    none = pd.DataFrame({"net_fen": [100, 110], "years": [0.0, 1.0]})
    two = pd.DataFrame({"net_fen": [-100, 230, -132], "years": [0.0, 1.0, 2.0]})
    assert told_rates(none, findings).size == 0
    assert told_rates(two, findings) == pytest.approx([0.1, 0.2])
    assert findings.count("E860") == 2
    assert findings.table()["observed"].tolist() == ["-", "10.0000%, 20.0000%"]


@pytest.mark.parametrize("years", [[0], [0, math.nan], [0, math.inf]])
def test_years_that_do_not_fit_are_refused(years):
    with pytest.raises(ConfigError, match="E532"):
        internal_rates([-100, 110], years)


def test_a_zero_rate_works_and_five_for_five_percent_is_refused():
    assert net_present(0.0, [-100, 50, 50]) == 0.0
    assert level_payment(1200.0, 0.0, 12) == 100.0
    assert present_of_payments(100.0, 0.0, 12) == 1200.0
    for call in (
        lambda: net_present(5, [1.0]),
        lambda: level_payment(1.0, 5, 1),
        lambda: modified_rate([-1, 2], 5, 0.05),
    ):
        with pytest.raises(UnitError):
            call()


def test_payments_are_the_inverse_of_their_present():
    assert present_of_payments(level_payment(1000.0, 0.01, 36), 0.01, 36) == pytest.approx(1000.0)
    with pytest.raises(ConfigError, match="periods"):
        level_payment(1.0, 0.01, 0)


def test_duration_leaves_costs_out():
    flow = pd.DataFrame(
        {
            "date": pd.to_datetime(["2027-08-31", "2028-08-30", "2028-08-30"]),
            "present_fen": [300, 100, -1000],
        }
    )
    assert duration(flow, dt.date(2026, 8, 31)) == pytest.approx(1.25)
    assert math.isnan(duration(flow.iloc[2:], dt.date(2026, 8, 31)))


def test_a_rate_of_one_sided_amounts_is_missing():
    assert math.isnan(modified_rate([1, 2], 0.05, 0.05))
    assert math.isnan(modified_rate([-1, -2], 0.05, 0.05))


def test_long_series_are_solved_and_endless_ones_refused():
    """Twenty years by the month: a cost each month, income at the end of each year."""
    amounts = np.where(np.arange(240) % 12 == 11, 1_300, -100)
    (rate,) = internal_rates(amounts, np.arange(240) / 12)
    value = math.fsum(a * (1.0 + rate) ** (-k / 12) for k, a in enumerate(amounts.tolist()))
    assert abs(value) < 1e-6 * np.abs(amounts).sum()
    with pytest.raises(ConfigError, match="changes of sign"):
        internal_rates(np.where(np.arange(203) % 2, 1, -1))
