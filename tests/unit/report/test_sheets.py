"""The workbook: text stays text, totals are live and right, checks close."""

import dataclasses
import io

import openpyxl
import pandas as pd
import pytest

from ecogis.report import compose, xlsx_bytes


def _books(data):
    return (
        openpyxl.load_workbook(io.BytesIO(data)),
        openpyxl.load_workbook(io.BytesIO(data), data_only=True),
    )


@pytest.fixture(scope="module")
def books(composed):
    return _books(xlsx_bytes(composed["zh"]))


def test_a_sheet_for_each_table(books, composed):
    assert books[0].sheetnames == ["核对", *(sheet.title for sheet in composed["zh"].sheets)]
    assert {"小班明细", "地块明细", "分年度减排量", "参数", "输入文件", "面积平衡表"} <= set(
        books[0].sheetnames
    )


def test_totals_are_live_and_carry_their_value(books, content):
    formulas, values = (book["分年度减排量"] for book in books)
    last = 3 + len(content.tables["vintages"]) + 1
    assert formulas[f"A{last}"].value == "合计"
    assert formulas[f"I{last}"].value == f"=SUM(I4:I{last - 1})"
    total = content.tables["vintages"]["credit_kg"].sum() / 1000
    assert values[f"I{last}"].value == pytest.approx(total, abs=1e-9)
    assert sum(values[f"I{row}"].value for row in range(4, last)) == pytest.approx(total, rel=1e-12)


def test_every_check_closes(books):
    formulas, values = (book["核对"] for book in books)
    rows = range(4, formulas.max_row + 1)
    assert len(rows) == 7
    for row in rows:
        assert formulas[f"B{row}"].value.startswith("='")
        assert values[f"D{row}"].value == 0, values[f"A{row}"].value
        assert formulas[f"D{row}"].value.startswith("=ROUND(B")


def test_the_schedule_checks_that_its_parts_are_the_conclusion(content):
    told = {**content.summary["totals"], "pledgeable_kg": 100_000}
    whole = dataclasses.replace(content, summary={**content.summary, "totals": told})
    _, values = _books(xlsx_bytes(compose(whole, form="asset")))
    gaps = {row[0].value: row[3].value for row in values["核对"].iter_rows(min_row=4)}
    assert [gap for title, gap in gaps.items() if title.startswith("各宗地")] == [0, 0, 0]


def test_a_check_that_does_not_close_shows(content):
    summary = {**content.summary, "totals": {**content.summary["totals"], "issued_t": 1}}
    _, values = _books(xlsx_bytes(compose(dataclasses.replace(content, summary=summary))))
    gaps = [row[3].value for row in values["核对"].iter_rows(min_row=4)]
    assert sum(gap != 0 for gap in gaps) == 1


def test_what_looks_like_a_formula_stays_text(content):
    nasty = '=HYPERLINK("http://x","y")'
    rights = content.tables["rights"].assign(holder=nasty, certificate_no="https://x.invalid/")
    tables = {**content.tables, "rights": rights}
    formulas, _ = _books(xlsx_bytes(compose(dataclasses.replace(content, tables=tables))))
    sheet = formulas["权利"]
    assert sheet["D4"].value == nasty
    assert sheet["D4"].data_type == "s"
    assert sheet["G4"].hyperlink is None


def test_identifiers_keep_every_digit(books, content):
    sheet = books[0]["权利"]
    assert sheet["B4"].value == content.tables["rights"]["unit_code"][0]
    assert sheet["B4"].data_type == "s"


def test_units_and_formats_stand_at_the_columns(books):
    sheet = books[0]["现金流"]
    heads = [cell.value for cell in sheet[3]]
    assert "毛收入\n(元)" in heads
    place = heads.index("毛收入\n(元)") + 1
    assert sheet.cell(4, place).number_format == "#,##0.00"
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert sheet.print_title_rows == "$3:$3"


def test_missing_values_are_dashes(books):
    assert books[0]["权利限制"]["C4"].value == "Q0002"
    assert books[0]["权利限制"]["B4"].value == "—"


def test_numbers_given_as_text_are_numbers(content):
    parameters = content.tables["parameters"].assign(value="0.307")
    tables = {**content.tables, "parameters": parameters}
    formulas, _ = _books(xlsx_bytes(compose(dataclasses.replace(content, tables=tables))))
    assert formulas["参数"]["D4"].value == 0.307


def test_same_report_same_bytes(composed):
    assert xlsx_bytes(composed["en"]) == xlsx_bytes(composed["en"])


def test_created_is_when_the_run_was_made(books):
    assert pd.Timestamp(books[0].properties.created) == pd.Timestamp("2026-11-22T08:00:00")
    assert "3" * 64 in books[0].properties.description


def test_the_workbook_of_a_run_without_value(bare):
    formulas, _ = _books(xlsx_bytes(bare["en"]))
    assert formulas.sheetnames == ["Checks", "Conditions", "Pledge clauses", "Inputs", "Stands"]
