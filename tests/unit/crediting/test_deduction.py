"""Shares taken off for uncertainty."""

from datetime import date

import numpy as np
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, UnitError
from ecogis.core.findings import Findings
from ecogis.crediting.deduction import DeductionTable, deduction, deduction_table, discounted_kg
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
AR_CM = deduction_table(parameters("uncertainty-deductions-ar-cm"), DAY)
AR_TOOL14 = deduction_table(parameters("uncertainty-deductions-ar-tool14"), DAY)


@pytest.mark.parametrize(
    ("margin", "share"),
    [(0.0, 0.0), (0.1, 0.0), (0.1001, 0.06), (0.2, 0.06), (0.25, 0.11), (0.3, 0.11)],
)
def test_grades_of_ar_cm(margin, share):
    findings = Findings()
    assert deduction(margin, AR_CM, findings) == share
    assert not findings.count()


@pytest.mark.parametrize(
    ("margin", "share"),
    [(0.1, 0.0), (0.12, 0.03), (0.18, 0.09), (0.28, 0.21), (0.4, 0.4), (3.0, 1.0), (np.inf, 1.0)],
)
def test_steps_of_ar_tool14_are_parts_of_the_margin(margin, share):
    assert deduction(margin, AR_TOOL14) == pytest.approx(share)


@pytest.mark.parametrize(("margin", "words"), [(0.301, "30.1 %"), (float("nan"), "—")])
def test_beyond_the_last_grade_nothing_is_credited(margin, words):
    findings = Findings()
    assert deduction(margin, AR_CM, findings) is None
    table = findings.table()
    assert table["code"].tolist() == ["E762"]
    assert table["severity"].tolist() == ["error"]
    assert words in table["message_en"].iloc[0]
    assert "ends at 30 %" in table["message_en"].iloc[0]
    assert deduction(margin, AR_CM) is None


def test_an_unknown_margin_is_no_small_one():
    assert deduction(float("nan"), AR_TOOL14) is None


def test_a_negative_margin_is_the_callers_fault():
    with pytest.raises(ConfigError) as caught:
        deduction(-0.1, AR_CM)
    assert caught.value.code == "E763"


@pytest.mark.parametrize(
    ("up_to", "shares", "parts"),
    [
        ((), (), ()),
        ((0.2, 0.1), (0.0, 0.1), (0.0, 0.0)),
        ((0.0, 0.1), (0.0, 0.1), (0.0, 0.0)),
        ((0.1,), (0.0, 0.1), (0.0, 0.0)),
        ((0.1, 0.2), (0.0, 1.1), (0.0, 0.0)),
        ((0.1, 0.2), (0.0, 0.1), (0.0, -0.1)),
        ((0.1, 0.2), (0.05, 0.04), (0.0, 0.0)),
        ((0.1, 0.2), (0.05, 0.0), (0.0, 0.4)),  # 5 % at 10 %, and then 4 %
    ],
)
def test_tables_that_do_not_fit(up_to, shares, parts):
    with pytest.raises(ConfigError) as caught:
        DeductionTable("ours", up_to, shares, parts)
    assert caught.value.code == "E763"


def test_a_table_can_be_supplied():
    ours = DeductionTable("培训资料", (0.1, np.inf), (0.0, 0.0), (0.0, 1.0))
    assert deduction(0.2, ours) == 0.2


def test_there_is_no_table_before_its_day():
    with pytest.raises(NotInForceError):
        deduction_table(parameters("uncertainty-deductions-ar-cm"), date(2010, 1, 1))


def test_what_was_asked_is_recorded():
    numbers = parameters("uncertainty-deductions-ar-cm")
    deduction_table(numbers, DAY)
    assert {value.name for value in numbers.uses} == {"error_up_to", "deduction", "of_margin"}


@pytest.mark.parametrize(
    ("kg", "share", "baseline", "left"),
    [
        (1_001, 0.06, False, 940),  # 60.06 is 61
        (-1_001, 0.06, False, -1_062),
        (1_001, 0.06, True, 1_062),
        (5, 0.0, False, 5),
        (5, 1.0, False, 0),
        (10**15, 0.1, False, 9 * 10**14),
    ],
)
def test_deductions_make_credits_smaller(kg, share, baseline, left):
    assert discounted_kg(kg, share, baseline=baseline) == left


def test_a_share_is_not_a_percentage():
    with pytest.raises(UnitError):
        discounted_kg(100, 6.0)
