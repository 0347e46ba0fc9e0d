"""Cover ratios by date, by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import cover_ratios, income_cap, repayment_schedule

START = dt.date(2026, 8, 31)


@pytest.fixture
def income():
    dates = pd.to_datetime(["2026-10-15", "2026-12-31", "2027-03-01"])
    return pd.DataFrame({"date": dates, "net_fen": [40_000, 30_000, -10_000]})


def test_by_hand(income):
    """Four equal parts of 100,000 at 12 %: 26,000, 25,750, 25,500 and 25,250 a month."""
    plan = repayment_schedule(100_000, 0.12, START, 4, kind="equal_principal")
    assert plan["payment_fen"].tolist() == [26_000, 25_750, 25_500, 25_250]
    found = cover_ratios(plan, income, rate=0.1)
    assert found["income_fen"].tolist() == [0, 40_000, 40_000, 70_000]
    assert found["service_cover"].tolist() == pytest.approx(
        [0.0, 40_000 / 51_750, 40_000 / 77_250, 70_000 / 102_500]
    )
    late = 30_000 * 1.1 ** (-31 / 365) - 10_000 * 1.1 ** (-91 / 365)  # seen from 30 November
    assert found["coming_fen"].iloc[2] == pytest.approx(late, abs=1)
    assert found["life_cover"].iloc[2] == pytest.approx(late / 25_000, rel=1e-4)
    assert np.isnan(found["life_cover"].iloc[3])  # nothing is owed any more


def test_the_principal_follows_the_income(income):
    """40,000 by the end of October and 30,000 by the end of December: four and three sevenths."""
    plan = repayment_schedule(70_000, 0.0, START, 5, kind="by_vintage", income=income)
    assert plan["principal_fen"].tolist() == [0, 40_000, 0, 30_000, 0]


def test_income_after_the_term_does_not_count(income):
    plan = repayment_schedule(70_000, 0.0, START, 3, kind="by_vintage", income=income)
    assert plan["principal_fen"].tolist() == [0, 70_000, 0]


CAP = {"least_cover": 1.5, "rate": 0.12, "start": dt.date(2026, 8, 31)}


def incomes(**fens):
    days = [name.removeprefix("d").replace("_", "-") for name in fens]
    return pd.DataFrame({"date": pd.to_datetime(days), "net_fen": [*fens.values()]})


def covered_by_hand(cap_fen, flow, *, months, kind, at=slice(None), least=1.5):
    """Whether a principal is covered, by the table of cover ratios."""
    plan = repayment_schedule(cap_fen, 0.12, CAP["start"], months, kind=kind, income=flow)
    return bool((cover_ratios(plan, flow, rate=0.0)["service_cover"][at] >= least).all())


def test_the_cap_is_covered_and_a_step_more_is_not():
    flow = incomes(d2026_09_15=5_000_000, d2026_12_15=4_000_000, d2027_02_15=-300_000)
    for kind in ("equal_instalment", "equal_principal", "bullet", "by_vintage"):
        cap = income_cap(flow, months=6, kind=kind, **CAP)
        assert cap % 100_000 == 0
        assert covered_by_hand(cap, flow, months=6, kind=kind)
        assert not covered_by_hand(cap + 100_000, flow, months=6, kind=kind)


def test_at_maturity_only_the_whole_has_to_be_covered():
    """Income comes at the end: nothing is covered before, all of it by then."""
    flow = incomes(d2027_02_28=9_000_000)
    asked = {"months": 6, "kind": "equal_instalment"}
    assert income_cap(flow, **asked, **CAP) == 0
    cap = income_cap(flow, at="maturity", **asked, **CAP)
    last = slice(-1, None)
    assert covered_by_hand(cap, flow, at=last, **asked)
    assert not covered_by_hand(cap + 100_000, flow, at=last, **asked)


def test_other_income_counts_by_month():
    """12,000 a year and nothing else covers a bullet of 3,000 twice after six months."""
    flow = incomes(d2030_01_01=1)
    terms = {"rate": 0.0, "start": CAP["start"], "months": 6, "kind": "bullet"}
    cap = income_cap(flow, least_cover=2, other_income_cny_yr=12_000, **terms)
    assert cap == 300_000


@pytest.mark.parametrize(
    "flow", [incomes(d2026_10_01=-500), incomes(d2030_01_01=10**9)], ids=["costs", "too late"]
)
@pytest.mark.parametrize("kind", ["equal_instalment", "by_vintage"])
def test_without_income_within_the_term_nothing_is_covered(flow, kind):
    assert income_cap(flow, months=6, kind=kind, **CAP) == 0


def test_no_months_is_no_loan():
    assert income_cap(incomes(d2026_10_01=10**9), months=0, kind="bullet", **CAP) == 0


@pytest.mark.parametrize("wrong", [{"least_cover": 0}, {"other_income_cny_yr": -1}])
def test_a_cover_of_nothing_is_refused(wrong):
    with pytest.raises(ConfigError, match="E532"):
        income_cap(incomes(d2026_10_01=1), months=6, kind="bullet", **CAP | wrong)
