"""Printed tables: sums filled and checked, missing cells never nought."""

import pandas as pd
import pytest

from ecogis.accounts.layout import Column, Row, column_table, sums_of
from ecogis.core.errors import IdentityError

ROWS = (
    Row("T00", "期初", "opening", "stock"),
    Row("T13", "生长", "growth", "add"),
    Row("T22", "剩余物", "residues", "less"),
    Row("T90", "期末", "closing", "closing", ((1, "T00"), (1, "T13"), (-1, "T22"))),
)
COLUMNS = (
    Column("a", "甲", "A", "dm3"),
    Column("b", "乙", "B", "dm3"),
    Column("total", "合计", "total", "dm3", ((1, "a"), (1, "b"))),
)


def table(rows, absent=()):
    cells = pd.DataFrame(rows, columns=["row", "column", "amount", "status"])
    words = {"name": "timber", "zh": "林木", "en": "timber"}
    return column_table(
        cells.astype({"amount": "Int64"}), ROWS, COLUMNS, absent=absent, words=words
    )


GIVEN = [
    ("T00", "a", 5, "observed"), ("T13", "a", 2, "modelled"), ("T90", "a", 7, "observed"),
    ("T00", "b", 3, "observed"), ("T90", "b", 3, "observed"),
]  # fmt: skip


def test_totals_are_filled():
    made = table(GIVEN)
    assert made.amount("T00", "total") == 8
    assert made.amount("T90", "total") == 10
    assert made.status.loc["T13", "total"] == "modelled"


def test_a_closing_that_does_not_close_names_its_cell():
    wrong = [(row, column, amount + (row == "T13"), s) for row, column, amount, s in GIVEN]
    with pytest.raises(IdentityError, match="I01") as refused:
        table(wrong)
    assert refused.value.where["cells"] == "timber / T90 / a"
    assert refused.value.where["difference"] == -1


def test_a_total_that_is_not_the_sum_of_its_columns_names_its_cell():
    with pytest.raises(IdentityError, match="V3") as refused:
        table([*GIVEN, ("T00", "total", 9, "observed"), ("T90", "total", 11, "observed")])
    assert refused.value.where["cells"] == "timber / total / T00"


def test_a_line_not_told_apart_is_a_dash_and_takes_nothing_from_the_sum():
    made = table(GIVEN, absent=["T22"])
    assert made.amount("T22", "a") is None
    assert made.amount("T22", "total") is None
    assert made.amount("T90", "a") == 7


def test_a_missing_part_makes_the_sum_incomplete():
    made = table([*GIVEN[:3], ("T00", "b", None, "missing"), ("T90", "b", None, "missing")])
    assert made.amount("T00", "b") is None
    assert made.amount("T00", "total") == 5
    assert made.status.loc["T00", "total"] == "incomplete"


def test_sums_of_nothing_known_are_missing():
    rows = pd.DataFrame({"k": ["x", "x"], "amount": [0, 0], "status": ["missing", "missing"]})
    made = sums_of(rows, ["k"])
    assert made["amount"].isna().all()
    assert made["status"].tolist() == ["missing"]


def test_long_and_wide_say_the_same():
    made = table(GIVEN)
    long = made.long().set_index(["row_code", "column"])
    wide = made.wide("en").set_index("code")
    assert long.loc[("T90", "b"), "amount"] == wide.loc["T90", "B [dm3]"] == 3
    assert long.loc[("T13", "a"), "status"] == "modelled"


def test_the_difference_of_what_is_not_known_is_not_nought():
    rows = (*ROWS[:3], Row("T91", "差异", "difference", "difference"), ROWS[3])
    cells = pd.DataFrame(
        [
            ("T00", "a", pd.NA, "missing"), ("T90", "a", pd.NA, "missing"),
            ("T00", "b", 3, "observed"), ("T90", "b", 3, "observed"),
        ],
        columns=["row", "column", "amount", "status"],
    ).astype({"amount": "Int64"})  # fmt: skip
    made = column_table(
        cells, rows, COLUMNS, words={"name": "timber", "zh": "林木", "en": "timber"}
    )
    assert pd.isna(made.amount("T91", "a"))
    assert made.status.loc["T91", "a"] == "missing"
    assert made.amount("T91", "b") == 0
