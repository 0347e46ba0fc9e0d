import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import cost_events, cost_items

ENTRY = {
    "id": "verification",
    "zh": "核查费",
    "en": "verification",
    "cny": 150_000,
    "rule": "per_verification",
    "because": "示例",
}


@pytest.fixture
def events(issuances, day):
    def build(entry, issuances=issuances, area_ha=None):
        items = cost_items([ENTRY | entry])
        found = cost_events(items, issuances, date=day, area_ha=area_ha)
        return list(zip(found["date"].dt.strftime("%Y-%m-%d"), found["cost_fen"], strict=True))

    return build


def test_costs_not_stated_are_not_zero():
    with pytest.raises(ConfigError, match="E530"):
        cost_items(None)
    assert cost_items([]) == ()


def test_a_cost_is_assumed_unless_said_otherwise():
    assert cost_items([ENTRY])[0].confidence == "assumed"
    assert cost_items([ENTRY | {"confidence": "quoted"}])[0].confidence == "quoted"


def test_a_cost_at_every_verification_once(events, issuances):
    twice = pd.concat([issuances, issuances])
    assert events({}, twice) == [("2027-08-31", 15_000_000), ("2028-08-30", 15_000_000)]


def test_a_cost_due_once(events, issuances):
    once = {"rule": "once", "date": "2027-01-01"}
    assert events(once) == [("2027-01-01", 15_000_000)]
    assert len(events(once | {"date": dt.date(2027, 1, 1)}, issuances.iloc[:0])) == 1


def test_a_yearly_cost_ends_with_the_last_issuance(events, issuances):
    yearly = {"rule": "per_year", "date": "2026-12-31"}
    assert [date for date, _ in events(yearly)] == ["2026-12-31", "2027-12-31"]
    assert events(yearly | {"date": "2030-01-01"}) == []
    assert events(yearly, issuances.iloc[:0]) == []


def test_a_yearly_cost_without_a_date_starts_a_year_after_the_valuation(events, issuances):
    later = issuances.assign(issuance_date=pd.Timestamp("2029-01-01"))
    assert [date for date, _ in events({"rule": "per_year"}, later)] == ["2027-08-31", "2028-08-31"]


def test_a_cost_per_hectare_needs_the_area(events):
    per_ha = {"rule": "per_ha_verification", "cny": 45.5}
    assert events(per_ha, area_ha=10.0)[0] == ("2027-08-31", 45_500)
    assert events(per_ha | {"rule": "per_ha_year"}, area_ha=10.0) == [("2027-08-31", 45_500)]
    with pytest.raises(ConfigError, match="per_ha_verification needs"):
        events(per_ha)


def test_no_costs_is_an_empty_table(issuances, day):
    empty = cost_events((), issuances, date=day, area_ha=None)
    assert empty.empty
    assert empty["cost_fen"].dtype == "int64"


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 1},
        {"rule": "per_tree"},
        {"cny": -1},
        {"rule": "once"},
        {"date": "2027-01-01"},
    ],
)
def test_wrong_entries_are_named(wrong):
    with pytest.raises(ConfigError, match=r"E531.*verification"):
        cost_items([ENTRY | wrong])


def test_a_reason_is_required():
    with pytest.raises(ConfigError, match="because"):
        cost_items([{key: value for key, value in ENTRY.items() if key != "because"}])


def test_verification_dates_are_needed_where_costs_fall_due_then(events, issuances):
    with pytest.raises(ConfigError, match="verification_date"):
        events({}, issuances.drop(columns="verification_date"))
