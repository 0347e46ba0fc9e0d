"""Requests cannot be made to look in time: due days, lateness, age, spellings and hours."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.finance.requests import requests_at

DAY = date(2026, 11, 22)
COLUMNS = ["request", "day", "step", "level", "due", "said"]
LOGGED = ("R1", "2026-08-01", "logged", "", "", "缺评估")
ASSIGNED = ("R1", "2026-08-02", "assigned", "county", "2026-08-10", "")


def status(*rows, day=DAY):
    findings = Findings()
    found = requests_at(pd.DataFrame(rows, columns=COLUMNS), day, findings=findings)
    assert findings.count() == 0
    return found


def refused(*rows):
    findings = Findings()
    requests_at(pd.DataFrame(rows, columns=COLUMNS), DAY, findings=findings)
    return findings.table()[["code", "row"]].values.tolist()


def assigned(day, due, level="city"):
    return ("R1", day, "assigned", level, due, "")


def answered(day):
    return ("R1", day, "answered", "", "", "已办")


def test_to_assign_anew_takes_nothing_off():
    """102 days over on 20 November are 104 on the 22nd, whatever day is set then."""
    told = status(LOGGED, ASSIGNED, assigned("2026-11-20", "2026-12-31")).iloc[0]
    assert (told["state"], told["days_over"]) == ("overdue", 104)
    assert (told["due"], told["first_due"]) == ("2026-12-31", "2026-08-10")
    assert told["times_assigned"] == 2
    sooner = status(LOGGED, ASSIGNED, assigned("2026-08-03", "2026-08-05")).iloc[0]
    assert sooner["first_due"] == "2026-08-05"


def test_an_answer_after_the_first_due_day_is_late():
    moved = assigned("2026-11-20", "2026-11-21")
    told = status(LOGGED, ASSIGNED, moved, answered("2026-11-21")).iloc[0]
    assert (told["state"], told["days_over"]) == ("late", 103)


def test_late_stays_late():
    late = (LOGGED, ASSIGNED, answered("2026-09-20"), ("R1", "2026-09-21", "reopened", "", "", ""))
    told = status(*late).iloc[0]
    assert (told["state"], told["days_over"], told["late_days"]) == ("logged", 0, 41)
    again = (*late, assigned("2026-09-22", "2026-10-10"), answered("2026-10-01"))
    told = status(*again).iloc[0]
    assert (told["state"], told["days_over"], told["late_days"]) == ("late", 0, 41)
    assert told["first_due"] == "2026-10-10"


def test_what_is_never_assigned_grows_old():
    old = ("R2", "2020-01-01", "logged", "", "", "x")
    done = ("R3", "2019-01-01", "logged", "", "", "x")
    rest = (("R3", "2019-01-01", "assigned", "city", "2019-01-02", ""),
            ("R3", "2019-05-01", "answered", "", "", "ok"))  # fmt: skip
    found = status(LOGGED, done, *rest, old)
    assert found["request"].tolist() == ["R2", "R1", "R3"]  # the answered last
    assert found["days_open"].tolist() == [2517, 113, 120]


@pytest.mark.parametrize("said", ["", "  ", None])
def test_an_answer_says_something(said):
    assert refused(LOGGED, ASSIGNED, ("R1", "2026-08-05", "answered", "", "", said)) == [
        ["E950", 3]
    ]


def test_hours_and_zones_do_not_move_a_day():
    due = ("R1", "2026-08-02T15:00", "assigned", "county", "2026-08-02T09:00+08:00", "")
    assert status(LOGGED, due, day=date(2026, 8, 2))["days_over"].tolist() == [0]
    assert status(LOGGED, due, day=date(2026, 8, 3))["state"].tolist() == ["overdue"]
    evening = ("R1", "2026-08-02", "assigned", "county", "2026-08-10T18:00", "")
    assert status(LOGGED, evening, day=date(2026, 8, 10))["state"].tolist() == ["assigned"]
    assert status(LOGGED, evening, day=date(2026, 8, 11))["days_over"].tolist() == [1]
    today = status(LOGGED, evening, answered("2026-11-22T15:00Z")).iloc[0]
    assert (today["state"], today["answered_on"]) == ("late", "2026-11-22")


def test_one_request_in_any_spelling():
    done = ("r1 ", "2026-08-05", "answered", "", "", "ok")
    told = status(LOGGED, ASSIGNED, done)
    assert told[["request", "state"]].values.tolist() == [["R1", "answered"]]
    assert refused(LOGGED, ("R 1", "2026-08-01", "logged", "", "", "y")) == [["E950", 2]]


@pytest.mark.parametrize("name", ["", "  ", None, float("nan")])
def test_a_request_has_a_name(name):
    assert refused((name, "2026-08-01", "logged", "", "", "x")) == [["E950", 1]]
