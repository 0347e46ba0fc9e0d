"""Other approaches beside the income approach, by hand."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import CrossCheck, cross_checks, development_cost, worth_at_price

DAY = dt.date(2026, 8, 31)


def check(method, value, confidence="assumed"):
    return CrossCheck(method, value, "依据", "basis", confidence)


def flow():
    """Two sales at 50 and at 100, and a cost of 30 today."""
    return pd.DataFrame(
        {
            "kind": ["cost", "issuance", "issuance"],
            "price_cny_t": [0.0, 50.0, 100.0],
            "present_fen": [-3_000, 10_000, 20_000],
        }
    )


def test_the_order_is_that_of_the_approaches_and_the_income_approach_leads():
    others = [check("forest", 7), check("option", 120), check("market", 80)]
    table = cross_checks(check("income", 100), others)
    assert table["method"].tolist() == ["income", "market", "option", "forest"]
    assert table["difference_fen"].tolist()[:3] == [0, -20, 20]
    assert table["change"].tolist()[:3] == [0.0, -0.2, 0.2]


def test_trees_are_another_asset_and_have_no_difference():
    row = cross_checks(check("income", 100), [check("forest", 7)]).iloc[1]
    assert row["value_fen"] == 7
    assert row[["difference_fen", "change"]].isna().all()


def test_against_a_loss_the_change_keeps_its_sign():
    row = cross_checks(check("income", -100), [check("market", -50)]).iloc[1]
    assert (row["difference_fen"], row["change"]) == (50, 0.5)


def test_against_nothing_there_is_no_change():
    row = cross_checks(check("income", 0), [check("market", 50)]).iloc[1]
    assert row["difference_fen"] == 50
    assert pd.isna(row["change"])


def test_an_unknown_approach_is_refused():
    with pytest.raises(ConfigError, match="E002"):
        check("guess", 1)


def test_every_sale_at_one_price_and_costs_as_they_are():
    assert worth_at_price(flow(), 50.0) == 10_000 + 10_000 - 3_000
    assert worth_at_price(flow(), 100.0) == 20_000 + 20_000 - 3_000


def test_a_price_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="E532"):
        worth_at_price(flow(), 0.0)


def test_cost_with_its_return_counts_days():
    """10,000 fen half a year (182 days) ago at 21 %: 10,000 x 1.21^(182/365)."""
    spent = pd.DataFrame({"date": [DAY - dt.timedelta(days=182)], "cost_fen": [10_000]})
    assert development_cost(spent, 0.21, DAY) == round(10_000 * 1.21 ** (182 / 365))
    assert development_cost(spent, 0.0, DAY) == 10_000


@pytest.mark.parametrize(("days", "cost"), [(-1, 100), (1, -100)])
def test_a_payment_to_come_or_below_nought_is_refused(days, cost):
    spent = pd.DataFrame({"date": [DAY - dt.timedelta(days=days)], "cost_fen": [cost]})
    spent["date"] = pd.to_datetime(spent["date"])
    with pytest.raises(ConfigError, match="E532"):
        development_cost(spent, 0.1, DAY)
