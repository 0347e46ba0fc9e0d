"""Numbers, dates and codes as people read them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogis.report.present import (
    DASH,
    KINDS,
    adding_up,
    capitals,
    cell,
    chinese,
    clean,
    day,
    is_missing,
    mu,
    verdict,
)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (123456789, "yuan", "1,234,567.89"),
        (np.int64(-5), "yuan", "-0.05"),
        (1_234_567_890, "t_kg", "1,234,567.9"),
        (1_000_000, "ha_dm2", "1.00"),
        (12.345678, "ha", "12.35"),
        (0.085, "percent", "8.50%"),
        (-0.2, "signed", "-20.00%"),
        (0.2, "signed", "+20.00%"),
        (0.0, "signed", "0.00%"),
        (2026, "year", "2026"),
        (-0.0001, "ha", "0.00"),
        (1.634, "number", "1.634"),
        ("0.307", "number", "0.307"),
        ("Cunninghamia", "number", "Cunninghamia"),
        (pd.Timestamp("2026-08-31"), "date", "2026-08-31"),
        ("arbor_forest", "code:land_class", "乔木林地"),
        (True, "code:verdict", "符合"),
    ],
)
def test_cells(value, kind, expected):
    assert cell(value, kind, "zh") == expected


@pytest.mark.parametrize("nothing", [None, pd.NA, pd.NaT, np.nan, "", "  "])
@pytest.mark.parametrize("kind", ["text", "yuan", "date", "number", "code:land_class"])
def test_what_is_missing_is_a_dash(nothing, kind):
    assert is_missing(nothing)
    assert cell(nothing, kind, "zh") == DASH


def test_english_codes_start_with_a_capital():
    assert cell("mortgage", "code:encumbrance_kind", "en") == "Mortgage"


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40))
def test_rounded_parts_add_up_to_the_rounded_total(values):
    parts, total = adding_up(values, "t_kg")
    tenths = [round(float(part.replace(",", "")) * 10) for part in parts]
    assert sum(tenths) == round(float(total.replace(",", "")) * 10)
    assert all(abs(tenth * 100 - value) < 100 for tenth, value in zip(tenths, values, strict=True))


def test_missing_parts_stay_missing_in_a_sum():
    assert adding_up([1_000, None, 2_000], "t_kg") == (["1.0", DASH, "2.0"], "3.0")


def test_fifteen_mu_are_a_hectare():
    assert mu(1.0) == "15.00"
    assert mu(100.0667) == "1,501.00"


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10_0000, "壹仟元整"),
        (1_6807_0053, "壹佰陆拾捌万零柒佰元伍角叁分"),
    ],
)
def test_money_in_capitals(fen, expected):
    assert capitals(fen) == expected


def test_dates_in_running_text():
    assert day(date(2026, 8, 31), "zh") == "2026年8月31日"
    assert day("2026-08-31", "en") == "31 August 2026"
    assert day(None, "zh") == DASH


def test_verdicts_of_any_origin():
    assert [verdict(v) for v in (True, np.False_, pd.NA, None, "unknown")] == [
        "yes",
        "no",
        "unknown",
        "unknown",
        "unknown",
    ]


def test_unprintable_signs_are_shown_as_such():
    assert clean("a\x00b\x0cc\ud800") == "a〓b〓c〓"
    assert clean("\ue000vintages\ue001\ue010") == "〓vintages〓〓"
    assert clean("一\r\n二") == "一\n二"


def test_chinese_marks_only_among_chinese():
    assert chinese("甲,乙(丙);1,234 a,b (c)") == "甲\uff0c乙\uff08丙\uff09\uff1b1,234 a,b (c)"


def test_every_kind_has_a_spreadsheet_format():
    for kind in KINDS.values():
        assert kind.excel.startswith(("0", "#,##0"))
        assert kind.excel.endswith("%") == kind.percent
