"""After the loan: triggers by hand, what is not known, and a book in any order."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import ACTIONS, TRIGGERS, WatchPolicy, watch_list

DAY = dt.date(2026, 8, 31)
POLICY = WatchPolicy("example", "assumed", least_cover=1.2)
SOUND = {
    "balance_fen": 1_000_000, "pledge_value_fen": 2_000_000, "price_before_cny_t": 80.0,
    "price_cny_t": 78.0, "area_before_dm2": 1_000, "area_dm2": 1_000, "hazard_share": 0.0,
    "title_event": False, "verification_due": pd.Timestamp("2027-06-30"), "verified_on": pd.NaT,
}  # fmt: skip


def book(*loans):
    return pd.DataFrame([{"loan": f"L{i}"} | SOUND | loan for i, loan in enumerate(loans)])


def pulled(**wrong):
    return watch_list(book(wrong), POLICY, DAY)


def test_a_sound_loan_is_not_on_the_list():
    assert len(pulled()) == 0
    assert len(pulled(pledge_value_fen=1_200_000)) == 0  # at the limit


@pytest.mark.parametrize(
    ("trigger", "observed", "wrong"),
    [
        ("price", 0.4, {"price_cny_t": 48.0}),
        ("area", 0.1, {"area_dm2": 900}),
        ("hazard", 0.2, {"hazard_share": 0.2}),
        ("title", 1.0, {"title_event": True}),
        ("verification", 243.0, {"verification_due": pd.Timestamp("2025-12-31")}),
    ],
)
def test_each_trigger(trigger, observed, wrong):
    row = pulled(**wrong).iloc[0]
    assert (row["trigger"], row["known"], row["action"]) == (trigger, True, POLICY.action(trigger))
    assert row["observed"] == pytest.approx(observed)
    assert (row["zh"], row["action_zh"]) == (TRIGGERS[trigger][0], ACTIONS[row["action"]][0])


def test_what_restores_the_cover_by_hand():
    """900,000 fen of value for 1,000,000: repay 250,000 or pledge 300,000 more."""
    row = pulled(pledge_value_fen=900_000).iloc[0]
    assert (row["repay_fen"], row["pledge_more_fen"]) == (250_000, 300_000)
    assert (1_000_000 - row["repay_fen"]) * 1.2 == 900_000
    odd = pulled(pledge_value_fen=900_001).iloc[0]
    assert (odd["repay_fen"], odd["pledge_more_fen"]) == (250_000, 299_999)  # never too little


def test_a_verification_done_or_not_due_is_not_late():
    done = {
        "verification_due": pd.Timestamp("2025-01-31"),
        "verified_on": pd.Timestamp("2025-02-01"),
    }
    assert len(pulled(**done)) == 0
    assert len(pulled(verification_due=pd.Timestamp("2026-08-01"))) == 0
    assert len(pulled(verification_due=None, verified_on=pd.Timestamp("2026-01-01"))) == 0


@pytest.mark.parametrize("verified_on", ["2019-01-31", "2030-01-01"])
def test_another_verification_does_not_count(verified_on):
    """One of six years before, and one that has not been."""
    due = {"verification_due": pd.Timestamp("2025-01-31")}
    table = pulled(**due, verified_on=pd.Timestamp(verified_on))
    assert table["trigger"].tolist() == ["verification"]


@pytest.mark.parametrize(
    ("trigger", "column"),
    [
        ("cover", "pledge_value_fen"),
        ("price", "price_cny_t"),
        ("area", "area_before_dm2"),
        ("hazard", "hazard_share"),
        ("title", "title_event"),
        ("verification", "verification_due"),
    ],
)
def test_what_is_not_known_is_asked_for(trigger, column):
    table = pulled(**{column: None})
    assert table["trigger"].tolist() == [trigger]
    assert not table["known"].any()
    assert table["action"].tolist() == ["supply"]
    assert table[["repay_fen", "pledge_more_fen"]].to_numpy().tolist() == [[0, 0]]


def test_a_loan_that_is_repaid_is_not_watched():
    assert len(pulled(balance_fen=0, title_event=True, price_cny_t=1.0)) == 0


def test_the_largest_balance_comes_first_in_any_order():
    loans = book({"title_event": True}, {"balance_fen": 5_000_000}, {"hazard_share": 0.3})
    table = watch_list(loans, POLICY, DAY)
    assert table["loan"].tolist() == ["L1", "L0", "L2"]
    mixed = watch_list(loans.iloc[::-1], POLICY, DAY)
    pd.testing.assert_frame_equal(mixed, table)


def test_the_policy_says_what_to_do():
    strict = WatchPolicy(
        "example", "assumed", price_fall=0.01, actions={"price": "early_repayment"}
    )
    assert watch_list(book({}), strict, DAY)["action"].tolist() == ["early_repayment"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_cover": 0},
        {"verification_days": -1},
        {"actions": {"weather": "review"}},
        {"actions": {"price": "hope"}},
    ],
)
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(ConfigError, match="E532"):
        WatchPolicy("example", "assumed", **wrong)
    with pytest.raises(UnitError):
        WatchPolicy("example", "assumed", price_fall=30)


def test_loans_without_name_or_balance_are_refused():
    for wrong in (book({}, {}).assign(loan="L"), book({"balance_fen": None}), book({"loan": None})):
        with pytest.raises(ConfigError, match="E532"):
            watch_list(wrong, POLICY, DAY)


def test_an_empty_book_has_an_empty_list():
    empty = book({}).iloc[:0]
    assert len(watch_list(empty, POLICY, DAY)) == 0
