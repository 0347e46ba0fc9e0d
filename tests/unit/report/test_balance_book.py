"""The balance workbook: live sums with their values, a check sheet, missing cells as dashes."""

import dataclasses
import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

from ecogis.accounts.layout import Column, Row, column_table
from ecogis.accounts.ties import Cell, Tie
from ecogis.report.balance_book import BalanceBook, book_bytes
from ecogis.report.balance_book_formulas import formulas, sum_formula

ROWS = (
    Row("T00", "期初存量", "opening", "stock"),
    Row("T10", "增加合计", "additions", "subtotal", ((1, "T11"), (1, "T13"))),
    Row("T11", "造林", "planting", "add"),
    Row("T13", "生长", "growth", "add"),
    Row("T21", "采伐", "harvest", "less"),
    Row("T22", "剩余物", "residues", "less"),
    Row("T90", "期末存量", "closing", "closing",
        ((1, "T00"), (1, "T10"), (-1, "T21"), (-1, "T22"))),
)  # fmt: skip
COLUMNS = (
    Column("a", "人工", "planted", "dm3", (), "起源", "origin"),
    Column("b", "天然", "natural", "dm3", (), "起源", "origin"),
    Column("total", "合计", "total", "dm3", ((1, "a"), (1, "b")), "起源", "origin"),
)
CELLS = [
    ("T00", "a", 5_000, "observed"), ("T11", "a", 1_000, "modelled"),
    ("T13", "a", 2_500, "imputed"),
    ("T21", "a", 500, "observed"), ("T90", "a", 8_000, "observed"), ("T00", "b", 3_000, "observed"),
    ("T90", "b", 3_000, "observed"),
]  # fmt: skip


def table(name="timber"):
    cells = pd.DataFrame(CELLS, columns=["row", "column", "amount", "status"])
    words = {"name": name, "zh": "林木资源存量及变动表", "en": "Timber", "note_zh": "注 & <注>"}
    return column_table(cells, ROWS, COLUMNS, absent=["T22"], words=words)


def book(**changed):
    tie = Tie("两表相等", "both agree", (Cell("timber", "T90", "total"),),
              (Cell("seea_timber", "T90", "total"),))  # fmt: skip
    made = BalanceBook(
        title=("演示县:资产负债表", "Demo county: balance sheet"),
        subject=("核算期 2019 — 2024", "period 2019 - 2024"),
        tables={"timber": table(), "seea_timber": table("seea_timber")},
        ties=[tie],
        notes=[("政策", "policy", "=1+1 不是公式", "=1+1 is no formula")],
        condition=None,
        created=date(2024, 12, 31),
        fingerprint="f" * 64,
    )
    return dataclasses.replace(made, **changed)


@pytest.fixture(scope="module")
def pages():
    data = book_bytes(book())
    return tuple(openpyxl.load_workbook(io.BytesIO(data), data_only=only) for only in (False, True))


def test_sheets_stand_in_order(pages):
    assert pages[0].sheetnames == ["检查", "编制说明", "林木资源", "SEEA林木实物"]
    english = openpyxl.load_workbook(io.BytesIO(book_bytes(book(), "en")))
    assert english.sheetnames == ["Checks", "Notes", "Timber", "SEEA timber"]


def test_totals_subtotals_and_closing_are_live_and_carry_their_value(pages):
    live, values = (page["林木资源"] for page in pages)
    assert live["C7"].value == "=SUM(C8:C9)"
    assert live["C12"].value == "=SUM(C6:C7)-SUM(C10:C11)"
    assert live["E6"].value == "=SUM(C6:D6)"
    assert values["C7"].value == 3.5
    assert values["C12"].value == 8.0
    assert values["E12"].value == 11.0


def test_a_line_not_told_apart_is_a_dash(pages):
    assert [pages[0]["林木资源"][f"{column}11"].value for column in "CDE"] == ["—"] * 3


def test_status_shows_as_colour_and_the_legend_says_which(pages):
    page = pages[0]["林木资源"]
    colours = {"C6": "00000000", "C8": "FFE3EFFA", "C9": "FFFFF2CC", "C7": "FFFFF2CC"}
    assert {cell: page[cell].fill.fgColor.rgb for cell in colours} == colours
    assert [page.cell(15, place).value for place in (3, 4, 5)] == ["实测(调查)", "模型推算", "插补"]


def test_units_groups_and_print_set_up(pages):
    page = pages[0]["林木资源"]
    assert page["C4"].value == "起源"
    assert page["C5"].value == "人工\n(m³)"
    assert page.page_setup.orientation == "landscape"
    assert str(page.page_setup.paperSize) == "9"
    assert page.print_title_rows == "$1:$5"
    assert page.freeze_panes == "C6"
    assert "林木资源存量及变动表" in page.oddHeader.right.text


def test_every_check_closes(pages):
    live, values = (page["检查"] for page in pages)
    assert live["B6"].value.startswith("=IF(COUNTIF(")
    assert values["B6"].value == "全部通过"
    rows = [row for row in values.iter_rows(min_row=7, values_only=True) if row[0]]
    assert len(rows) == 3  # two closings, one tie
    assert {row[4] for row in rows} == {"√"}
    assert live["C9"].value == "=N('SEEA林木实物'!$E$12)"


def test_a_tie_that_does_not_hold_shows():
    other = table("seea_timber")
    wrong = other.amounts.copy()
    wrong.loc["T90", "total"] += 1_000
    tables = {"timber": table(), "seea_timber": dataclasses.replace(other, amounts=wrong)}
    data = book_bytes(book(tables=tables))
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["检查"]
    assert (values["D9"].value, values["E9"].value) == (-1, "×")
    assert values["B6"].value == "有不符,请勿报送"


def test_text_stays_text(pages):
    cell = pages[0]["编制说明"]["B6"]
    assert (cell.value, cell.data_type) == ("=1+1 不是公式", "s")


def test_same_book_same_bytes():
    assert book_bytes(book(), "en") == book_bytes(book(), "en")


def test_formulas_know_where_the_table_stands():
    found = formulas(table(), first_row=10, first_column=4)
    assert found["T10", "a"] == "=SUM(E13:E14)"
    assert found["T00", "total"] == "=SUM(E11:F11)"
    assert sum_formula([(-1, 0, 0), (-1, 2, 0)]) == "=-SUM(A1,A3)"
