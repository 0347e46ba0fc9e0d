"""On-lending, insurance, indicators and requests: by hand, by date, and what is wrong."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.finance.indicators import county_sums, indicator_board
from ecogis.finance.insurance import (
    cost_payout,
    index_payout,
    premium_shares,
    service_lists,
    share_premium,
)
from ecogis.finance.onlending import onlending_prices
from ecogis.finance.products_places import mountain_counties
from ecogis.finance.products_values import (
    compensation_value,
    hydro_energy,
    pledge_share,
    water_right_value,
)
from ecogis.finance.requests import requests_at

DAY = date(2026, 8, 31)


def test_an_on_lent_price_keeps_its_parts():
    table = pd.DataFrame(
        {
            "offer": ["A", "B", "C", "D"],
            "wholesale_bp": [200, 200, 200, 200],
            "cost_bp": [80, 80, None, 80],
            "loss_bp": [50, 50, 50, -1],
            "margin_bp": [20, 21, 20, 20],
            "cap_bp": [350, 350, 350, 350],
        }
    )
    told = onlending_prices(table)
    assert told["retail_bp"].tolist()[:2] == [350, 351]
    assert told["room_bp"].tolist()[:2] == [0, -1]
    assert told["passed"].tolist()[:2] == [True, False]
    assert told[["retail_bp", "passed"]].iloc[2:].isna().all().all()
    assert set(table.columns) <= set(told.columns)
    with pytest.raises(VocabularyError):
        onlending_prices(table.drop(columns="cap_bp"))


def test_a_part_of_a_price_that_cannot_be_is_not_added_up():
    one = {"wholesale_bp": 200, "cost_bp": 80, "loss_bp": 50, "margin_bp": 20, "cap_bp": 350}
    for odd in (2**62, 0.5, float("inf"), None):
        told = onlending_prices(pd.DataFrame([one | {"wholesale_bp": odd, "cost_bp": 2**62}]))
        assert told[["retail_bp", "room_bp", "passed"]].isna().all().all()


def test_an_index_policy_pays_beyond_its_threshold_up_to_its_limit():
    assert index_payout(999.0, 1_000.0, 2_000, 10**9) == 0
    assert index_payout(1_000.5, 1_000.0, 2_000, 10**9) == 1_000
    assert index_payout(10**6, 1_000.0, 2_000, 10**9) == 10**9
    with pytest.raises(ConfigError, match="E900"):
        index_payout(-1.0, 0.0, 1, 1)


def test_a_cost_policy_pays_the_share_lost():
    assert cost_payout(100_001, 0.5) == 50_000
    assert cost_payout(100_000, 0.1, deductible=0.1) == 10_000
    assert cost_payout(100_000, 0.09, deductible=0.1) == 0
    for wrong in ((-1, 0.5), (1, 1.5)):
        with pytest.raises(ConfigError, match="E900"):
            cost_payout(*wrong)


def test_premiums_of_lin_an():
    """The farmer's 20 % is 30 CNY a mu, so the premium is 150 and each public share 60."""
    assert share_premium(15_000, premium_shares("cost", DAY)) == {
        "city": 6_000, "district": 6_000, "farmer": 3_000,
    }  # fmt: skip
    assert premium_shares("rain", DAY) == {"district": 0.7, "farmer": 0.3}
    with pytest.raises(ConfigError, match="E900"):
        premium_shares("hail", DAY)
    with pytest.raises(NotInForceError):
        premium_shares("rain", date(2022, 12, 31))


def lists(**change):
    table = {"list": ["一", "二", "三"], "service": ["a", "b", "c"], "from": ["2026-01-01"] * 3,
             "to": [None, "2026-08-30", "2026-08-31"]}  # fmt: skip
    return pd.DataFrame(table | change)


def test_the_three_lists_of_the_day():
    findings = Findings()
    assert service_lists(lists(), DAY, findings=findings)["service"].tolist() == ["a", "c"]
    assert findings.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"list": ["一", "二", "二"]}, {"service": ["a", None, "c"]}, {"from": ["x"] * 3},
     {"to": ["x", None, None]}, {"to": [None, "2025-12-31", None]}, {"list": ["一", "二", " "]},
     {"list": ["一", "一", "二", "三"], "service": ["a", "a", "b", "c"], "from": ["2026-01-01"] * 4,
      "to": [None] * 4}],
)  # fmt: skip
def test_wrong_lists_are_told(change):
    findings = Findings()
    service_lists(lists(**change), DAY, findings=findings)
    assert set(findings.table()["code"]) == {"E948"}


def seen(*rows):
    return pd.DataFrame(rows, columns=["indicator", "day", "value"])


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("Z01", 2e12, "missed"),  # more than 2 trillion
        ("Z01", 2e12 + 1, "met"),
        ("Z04", 5e11, "met"),  # at least 500 billion
        ("Z08", 0.9, "missed"),
        ("Z02", 0.0, "missed"),
        ("Z12", 7e11, "no_target"),
        ("Z11", 3.0, "no_target"),
    ],
)
def test_targets_of_the_plan(name, value, state):
    rows = seen((name, "2025-12-31", value))
    board = indicator_board(rows, DAY, findings=Findings()).set_index("indicator")
    assert board.loc[name, "state"] == state
    assert (board["state"].drop(name).isin(["unknown", "no_target"])).all()
    assert len(board) == 15


def test_the_board_is_that_of_its_day():
    rows = seen(("Z09", "2024-12-31", 62.0), ("Z09", "2025-12-31", 61.0), ("Z09", "2027-01-01", 9))
    for day, actual, trend in (
        (date(2024, 12, 31), 62.0, "unknown"),
        (date(2026, 1, 1), 61.0, "down"),
    ):
        row = indicator_board(rows, day, findings=Findings()).set_index("indicator").loc["Z09"]
        assert (row["actual"], row["trend"]) == (actual, trend)
    with pytest.raises(NotInForceError):
        indicator_board(rows, date(2021, 11, 8), findings=Findings())


@pytest.mark.parametrize(
    "row", [("Z99", "2025-12-31", 1.0), ("Z09", "x", 1.0), ("Z09", "2025-12-31", float("nan"))]
)
def test_unusable_observations_are_told(row):
    findings = Findings()
    board = indicator_board(seen(row), DAY, findings=findings)
    assert findings.table()["code"].tolist() == ["E947"]
    assert board["actual"].isna().all()


def test_sums_run_over_the_list_of_the_day():
    days = {"2024-08-20": 26, "2024-08-21": 25}
    rows = [
        {"admin_code": code, "day": day, "loans_fen": 10}
        for day in days
        for code in mountain_counties(date.fromisoformat(day))["admin_code"]
    ]
    findings = Findings()
    found = county_sums(pd.DataFrame(rows), "loans_fen", findings=findings)
    assert dict(zip(found["day"], found["value"], strict=True)) == {
        day: 10 * count for day, count in days.items()
    }
    assert findings.count() == 0
    short = county_sums(pd.DataFrame(rows[1:]), "loans_fen", findings=findings)
    assert short["missing"].tolist() == [1, 0]
    assert pd.isna(short["value"].iloc[0])
    assert findings.table()["code"].tolist() == ["E949"]


def test_a_target_is_judged_within_its_plan():
    """Too early or too late is not in time; what is seen later stands apart."""
    for rows, state, actual, later in (
        ([("Z01", "2021-12-31", 2.1e12), ("Z01", "2025-12-31", 1.9e12)], "missed", 1.9e12, None),
        ([("Z01", "2025-12-31", 1.9e12), ("Z01", "2026-08-01", 2.1e12)], "missed", 1.9e12, 2.1e12),
        ([("Z01", "2015-12-31", 2.1e12)], "unknown", None, None),
    ):
        row = indicator_board(seen(*rows), DAY, findings=Findings()).set_index("indicator")
        told = row.loc["Z01", ["state", "actual", "later"]]
        assert [None if pd.isna(one) else one for one in told] == [state, actual, later]
    assert row.loc["Z12", "age_days"] is pd.NA
    row = indicator_board(seen(("Z01", "2025-12-31", 1.9e12)), DAY, findings=Findings())
    assert row["age_days"].tolist()[0] == 243


def test_there_is_no_trend_across_a_change_of_the_list():
    for first, trend in (("2024-08-20", "unknown"), ("2024-08-21", "down")):
        rows = seen(("Z01", first, 2.08e12), ("Z01", "2024-12-31", 2e12))
        row = indicator_board(rows, DAY, findings=Findings()).set_index("indicator").loc["Z01"]
        assert row["trend"] == trend
        assert pd.isna(row["change"]) == (trend == "unknown")


@pytest.mark.parametrize(("name", "value"), [("Z09", 0.615), ("Z01", 19_000.0)])
def test_a_value_in_another_unit_is_remarked_on(name, value):
    findings = Findings()
    indicator_board(seen((name, "2025-12-31", value)), DAY, findings=findings)
    assert findings.table()["code"].tolist() == ["E879"]


def county_rows(value, day="2024-12-31"):
    codes = mountain_counties(date(2024, 12, 31))["admin_code"]
    return pd.DataFrame({"admin_code": codes, "day": day, "loans_fen": value})


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (county_rows(10.9), "E882"),
        (county_rows(float("inf")), "E882"),
        (county_rows(10, day=None), "E882"),
        (county_rows(9 * 10**18), "E882"),
        (county_rows(10, day="2026/01/01"), "E882"),
    ],
)
def test_county_figures_that_cannot_be_added_up_are_told(rows, code):
    findings = Findings()
    found = county_sums(rows, "loans_fen", findings=findings)
    assert found.empty
    assert set(findings.table()["code"]) == {code}
    assert findings.count() == 25


def test_codes_of_counties_may_be_numbers():
    rows = county_rows(10)
    rows["admin_code"] = rows["admin_code"].astype(int)
    findings = Findings()
    found = county_sums(rows, "loans_fen", findings=findings)
    assert found["value"].tolist() == [250]
    assert findings.count() == 0


def events(*rows):
    columns = ["request", "day", "step", "level", "due", "said"]
    return pd.DataFrame(rows, columns=columns)


LOGGED = ("R1", "2026-08-01", "logged", "", "", "抵押物难处置")
ASSIGNED = ("R1", "2026-08-02", "assigned", "county", "2026-08-10", "")


@pytest.mark.parametrize(
    ("rows", "state", "over"),
    [
        ((LOGGED,), "logged", 0),
        ((LOGGED, ASSIGNED), "overdue", 21),
        ((LOGGED, ("R1", "2026-08-02", "assigned", "city", "2026-08-31", "")), "assigned", 0),
        ((LOGGED, ASSIGNED, ("R1", "2026-08-10", "answered", "", "", "已办")), "answered", 0),
        ((LOGGED, ASSIGNED, ("R1", "2026-08-12", "answered", "", "", "已办")), "late", 2),
        ((LOGGED, ASSIGNED, ("R1", "2026-08-09", "answered", "", "", "已办"),
          ("R1", "2026-08-20", "reopened", "", "", "")), "logged", 0),
        ((LOGGED, ASSIGNED, ("R1", "2026-08-03", "assigned", "province", "2026-09-30", "")),
         "overdue", 21),
        ((LOGGED, ASSIGNED, ("R1", "2026-09-01", "answered", "", "", "已办")), "overdue", 21),
    ],
)  # fmt: skip
def test_the_loop_of_a_request(rows, state, over):
    findings = Findings()
    told = requests_at(events(*rows), DAY, findings=findings).iloc[0]
    assert (told["state"], told["days_over"]) == (state, over)
    assert told["said"] in {"抵押物难处置", "已办"}
    assert findings.count() == 0


@pytest.mark.parametrize(
    "row",
    [
        ("R2", "2026-08-01", "answered", "", "", ""),
        ("R1", "2026-08-01", "logged", "", "", ""),
        ("R1", "2026-07-31", "assigned", "county", "2026-08-10", ""),
        ("R1", "2026-08-02", "assigned", "village", "2026-08-10", ""),
        ("R1", "2026-08-02", "assigned", "county", "", ""),
        ("R1", "2026-08-02", "assigned", "county", "2026-08-01", ""),
        ("R1", "x", "assigned", "county", "2026-08-10", ""),
        (None, "2026-08-02", "logged", "", "", ""),
        ("R1", "2026-08-02", "closed", "", "", ""),
    ],
)
def test_events_that_cannot_be_are_told(row):
    findings = Findings()
    told = requests_at(events(LOGGED, row), DAY, findings=findings)
    assert findings.table()["row"].tolist() == [2]
    assert told["state"].tolist() == ["logged"]


def test_the_most_overdue_come_first():
    rows = [("A", "2026-08-01", "logged", "", "", ""),
            ("A", "2026-08-01", "assigned", "city", "2026-08-20", ""),
            LOGGED, ASSIGNED]  # fmt: skip
    found = requests_at(events(*rows), DAY, findings=Findings())
    assert found["request"].tolist() == ["R1", "A"]


def test_values_refuse_negative_numbers():
    for wrong in (
        lambda: compensation_value(-1, 15),
        lambda: pledge_share(1, -0.5),
        lambda: water_right_value(-1.0, 0.15),
        lambda: hydro_energy(1.0, 1.0, 1.1),
    ):
        with pytest.raises(ConfigError, match="E900"):
            wrong()
    assert pledge_share(99, 0.5) == 49
