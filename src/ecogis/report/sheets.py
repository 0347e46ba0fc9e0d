"""The workbook: one sheet for each table, live totals with their values, and a sheet of checks."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from ecogis.report.columns import amounts, memo
from ecogis.report.model import Check, Column, Report, Sheet
from ecogis.report.present import DASH, KINDS, clean, exact

__all__ = ["xlsx_bytes"]

_HEAD: Final = {"bold": True, "bg_color": "#EEF2EE", "bottom": 1, "text_wrap": True,
                "valign": "vcenter", "align": "center"}  # fmt: skip
_DAY: Final = "yyyy-mm-dd"
_TEXT_LIMIT: Final = 32_767  # characters an Excel cell can hold
_NAME_LIMIT: Final = 31
_FIRST: Final = 3  # first data row: caption, unit line, heading come before it
_WIDE_TABLE: Final = 7
_WIDEST: Final = 50  # characters of the widest column
_LOOKED_AT: Final = 500  # rows that decide how wide a column is


def xlsx_bytes(report: Report) -> bytes:
    """The tables of a report as an .xlsx file.

    Text stays text: nothing that looks like a formula or an address becomes one. Totals are
    formulas that carry the value they must give.

    Parameters
    ----------
    report : Report
        Report in one language.

    Returns
    -------
    bytes
        The same report gives the same bytes.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": False}  # fmt: skip
    import xlsxwriter

    book = xlsxwriter.Workbook(stream, options)
    book.set_properties(
        {
            "title": report.title,
            "subject": report.subject,
            "author": "ecogis",
            "comments": f"{report.words['manifest']}: {report.fingerprint}",
            "created": report.created,
        }
    )
    formats = _Formats(book)
    totals: dict[tuple[str, str], tuple[str, Decimal]] = {}
    checking = book.add_worksheet(report.words["sheet_checks"])
    for sheet in report.sheets:
        totals |= _sheet(book.add_worksheet(sheet.title[:_NAME_LIMIT]), sheet, report, formats)
    _checks(checking, report, totals, formats)
    book.close()
    return stream.getvalue()


class _Formats:
    """Cell formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "宋体", "font_size": 10, **look})
        return self._made[key]


def _sheet(
    page: Any, sheet: Sheet, report: Report, formats: _Formats
) -> dict[tuple[str, str], tuple[str, Decimal]]:
    rows, width = len(sheet.table), len(sheet.columns)
    _title(page, sheet.caption, report, formats)
    totals: dict[tuple[str, str], tuple[str, Decimal]] = {}
    for place, (source, kind, column) in enumerate(sheet.columns):
        head = f"{column.title}\n({column.unit})" if column.unit else column.title
        page.write_string(_FIRST - 1, place, head, formats(**_HEAD))
        values = sheet.table[source]
        total = _column(page, place, values, kind, formats)
        page.set_column(place, place, _width(values.iloc[:_LOOKED_AT], kind, column))
        if source in sheet.totals and rows:
            address = _total(page, place, rows, total, formats(bold=True, top=1,
                             num_format=KINDS[kind].excel))  # fmt: skip
            totals[sheet.name, source] = f"'{page.get_name()}'!{address}", total
    if totals and sheet.columns[0][0] not in sheet.totals:
        page.write_string(_FIRST + rows, 0, report.words["total"], formats(bold=True, top=1))
    page.set_row(_FIRST - 1, 32)
    page.freeze_panes(_FIRST, 1)
    page.autofilter(_FIRST - 1, 0, _FIRST + max(rows, 1) - 1, width - 1)
    _printing(page, report, landscape=width >= _WIDE_TABLE)
    return totals


def _title(page: Any, caption: str, report: Report, formats: _Formats) -> None:
    words = report.words
    made = f"{words['manifest']}: {report.fingerprint}"
    source = f"{report.subject}  {made}  {words['area_note']}"
    page.write_string(0, 0, caption, formats(bold=True, font_size=14))
    page.write_string(1, 0, source, formats(font_size=8, font_color="#666666"))


def _column(page: Any, place: int, values: pd.Series, kind: str, formats: _Formats) -> Decimal:
    """Write a column and give its total, nil where it is no amount."""
    total, cells = Decimal(0), list[Any]()
    if kind in KINDS:
        cells, total = amounts(values, kind)
        look, write = formats(num_format=KINDS[kind].excel), page.write_number
    elif kind == "date":
        cells = memo(lambda value: pd.Timestamp(value).to_pydatetime(), values)
        look, write = formats(num_format=_DAY, align="left"), page.write_datetime
    else:
        _texts(page, place, values, kind, formats)
        return total
    missing = formats(align="center", font_color="#888888")
    for row, value in enumerate(cells, start=_FIRST):
        if value is None:
            page.write_string(row, place, DASH, missing)
        else:
            write(row, place, value, look)
    return total


def _texts(page: Any, place: int, values: pd.Series, kind: str, formats: _Formats) -> None:
    missing = formats(align="center", font_color="#888888")
    narrow, wide = formats(valign="top", text_wrap=False), formats(valign="top", text_wrap=True)

    def made(value: Any) -> tuple[Any, Any]:
        if kind == "number" and not isinstance(value, str):
            return float(value), formats(num_format="General")
        text = clean(value)[:_TEXT_LIMIT]
        return text, wide if _units(text) > _WIDEST or "\n" in text else narrow

    for row, cell in enumerate(memo(made, values), start=_FIRST):
        text, look = cell or (DASH, missing)
        if isinstance(text, str):
            page.write_string(row, place, text, look)
        else:
            page.write_number(row, place, text, look)


def _shown(value: Any, kind: str) -> Decimal:
    """The value in the unit of the heading; shares stay shares, the format shows per cent."""
    rule = KINDS[kind]
    number = exact(value, rule)
    return number / 100 if rule.percent else number


def _width(values: pd.Series, kind: str, column: Column) -> float:
    head = max(_units(column.title), _units(column.unit) + 2)
    if kind in KINDS or kind == "date":
        return max(head + 2, 13)
    longest = max((_units(str(value)) for value in values.tolist()), default=0)
    return min(max(head + 2, longest + 2, 8), _WIDEST)


def _units(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(1 if sign < "\u2e80" else 2 for sign in text)


def _total(page: Any, place: int, rows: int, total: Decimal, look: Any) -> str:
    """A live sum with its value; gives its address."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    first, last = xl_rowcol_to_cell(_FIRST, place), xl_rowcol_to_cell(_FIRST + rows - 1, place)
    page.write_formula(_FIRST + rows, place, f"=SUM({first}:{last})", look, float(total))
    return str(xl_rowcol_to_cell(_FIRST + rows, place, row_abs=True, col_abs=True))


def _checks(
    page: Any,
    report: Report,
    totals: Mapping[tuple[str, str], tuple[str, Decimal]],
    formats: _Formats,
) -> None:
    """Differences that must be nil, added up by the workbook itself."""
    words = report.words
    _title(page, f"{words['sheet_checks']}  {report.title}", report, formats)
    for place, key in enumerate(("check", "left", "right", "difference", "result")):
        page.write_string(_FIRST - 1, place, words[key], formats(**_HEAD))
    row = _FIRST
    for check in report.checks:
        if all((table, column) in totals for _, table, column in check.terms):
            _check(page, row, check, totals, formats)
            row += 1
    page.set_column(0, 0, 62)
    page.set_column(1, 3, 20)
    page.set_column(4, 4, 10)
    page.freeze_panes(_FIRST, 0)
    _printing(page, report, landscape=True)


def _check(
    page: Any,
    row: int,
    check: Check,
    totals: Mapping[tuple[str, str], tuple[str, Decimal]],
    formats: _Formats,
) -> None:
    parts = [(sign, *totals[table, column]) for sign, table, column in check.terms]
    left = sum((sign * value for sign, _, value in parts), Decimal(0))
    right = _shown(check.value, check.kind)
    formula = "".join(f"{'+' if sign > 0 else '-'}{cell}" for sign, cell, _ in parts)
    number = formats(num_format=KINDS[check.kind].excel)
    page.write_string(row, 0, check.title, formats(text_wrap=True))
    page.write_formula(row, 1, f"={formula.removeprefix('+')}", number, float(left))
    page.write_number(row, 2, float(right), number)
    # a hundredth of the smallest unit shown: sums of binary fractions do not close exactly
    places = KINDS[check.kind].decimals + 2
    gap = float(round(left - right, places))
    page.write_formula(row, 3, f"=ROUND(B{row + 1}-C{row + 1},{places})", number, gap)
    verdict = formats(num_format='[=0]"√";[Red]"×"0.00', align="center")
    page.write_formula(row, 4, f"=D{row + 1}", verdict, gap)


def _printing(page: Any, report: Report, *, landscape: bool) -> None:
    page.set_paper(9)
    if landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(_FIRST - 1)
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    words = report.words
    page.set_footer(f"&C{words['page_before']}&P{words['page_between']}&N{words['page_after']}")
