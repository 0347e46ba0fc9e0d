"""The check sheet and the notes of the balance workbook."""

from collections.abc import Sequence
from typing import Any, Final

from ecogis.accounts.layout import Column, Row, Table
from ecogis.report.balance_book_content import words
from ecogis.report.balance_book_pages import FIRST, HEAD, TOP, Pages, spread
from ecogis.report.present import clean

__all__ = ["write_checks", "write_notes"]

_NOTE_WIDTH: Final = 95  # Latin letters in a line of the notes


def write_checks(pages: Pages, page: Any) -> None:
    """Differences that must be nil, added up by the workbook from its own cells."""
    pages.head(page, pages.words["checks"], 5)
    heads = ("check", "left", "right", "difference", "result")
    for place, name in enumerate(heads):
        page.merge_range(TOP, place, FIRST - 1, place, pages.words[name], pages.format(**HEAD))
    wanted = _wanted(pages)
    row = FIRST + 1 + len(wanted)
    closed = [
        _check(pages, page, FIRST + 1 + at, text, (left, right, number))
        for at, (text, left, right, number) in enumerate(wanted)
    ]
    passed, failed = pages.words["passed"], pages.words["failed"]
    span = f"E{FIRST + 2}:E{row}"
    bold = pages.format(bold=True, border=1, font_size=12)
    page.write_string(FIRST, 0, pages.words["verdict"], bold)
    formula = f'=IF(COUNTIF({span},"√")=ROWS({span}),"{passed}","{failed}")'
    page.write_formula(FIRST, 1, formula, bold, passed if all(closed) else failed)
    page.set_column(0, 0, max(40, *(spread(text) + 2 for text, *_ in wanted)))
    page.set_column(1, 3, 22)
    page.set_column(4, 4, 10)
    page.freeze_panes(FIRST, 0)
    page.activate()


def _wanted(pages: Pages) -> list[tuple[str, tuple[str, float], tuple[str, float], str]]:
    """Text, left and right side (formula and value), number format of each check.

    A closing that is missing cannot be checked.
    """
    found = [
        _closing(pages, table, row, column)
        for table in pages.book.tables.values()
        for row in table.rows
        for column in table.columns
        if row.role == "closing"
        and row.sums
        and column.code.endswith("total")
        and table.amount(row.code, column.code) is not None
    ]
    for tie in pages.book.ties:
        sides = [_side(pages, cells) for cells in (tie.left, tie.right)]
        head = tie.left[0]
        unit = _unit(pages.book.tables[head.table], head.column)
        found.append((pages.say(tie), sides[0], sides[1], words()["units"][unit]["format"]))
    return found


def _closing(pages: Pages, table: Table, row: Row, column: Column) -> tuple[str, Any, Any, str]:
    """A closing, worked out by the sheet, against the stock that was posted."""
    rule = words()["units"][column.unit]
    value = (table.amount(row.code, column.code) or 0) / rule["per"]
    group = column.group_zh if pages.zh else column.group_en
    text = pages.words["closes"].format(table=" ".join(filter(None, (pages.say(table), group))))
    live = f"=N({pages.at[table.name, row.code, column.code]})"
    return text, (live, value), ("", value), rule["format"]


def _side(pages: Pages, cells: Sequence[Any]) -> tuple[str, float]:
    value = 0.0
    parts = []
    for cell in cells:
        table = pages.book.tables[cell.table]
        per = words()["units"][_unit(table, cell.column)]["per"]
        value += cell.sign * (table.amount(cell.row, cell.column) or 0) / per
        sign = "-" if cell.sign < 0 else "+"
        parts.append(f"{sign}N({pages.at[cell.table, cell.row, cell.column]})")
    return "=" + "".join(parts).removeprefix("+"), value


def _check(pages: Pages, page: Any, row: int, text: str, sides: tuple[Any, Any, str]) -> bool:
    """Write a check; whether it closes."""
    (left, left_value), (right, right_value), number = sides
    look = pages.format(border=1, num_format=number)
    page.write_string(row, 0, text, pages.format(border=1))
    page.write_formula(row, 1, left, look, left_value)
    if right:
        page.write_formula(row, 2, right, look, right_value)
    else:
        page.write_number(row, 2, right_value, look)
    gap = round(left_value - right_value, 4)
    line = row + 1
    page.write_formula(row, 3, f"=ROUND(B{line}-C{line},4)", look, gap)
    verdict = pages.format(border=1, align="center", bold=True)
    page.write_formula(row, 4, f'=IF(D{line}=0,"√","×")', verdict, "×" if gap else "√")
    return bool(gap == 0.0)


def write_notes(pages: Pages, page: Any) -> None:
    """Policies, limits, prices and the list of sheets."""
    pages.head(page, pages.words["notes"], 2)
    for place, name in enumerate(("what", "text")):
        page.merge_range(TOP, place, FIRST - 1, place, pages.words[name], pages.format(**HEAD))
    wrapped = pages.format(border=1, text_wrap=True, valign="top")
    rows = [(w, t) if pages.zh else (e, u) for w, e, t, u in pages.book.notes]
    index = "、" if pages.zh else "; "
    rows.append((pages.words["index"], index.join(map(pages.say, pages.book.tables.values()))))
    for at, (what, text) in enumerate(rows):
        page.write_string(FIRST + at, 0, clean(what), wrapped)
        page.write_string(FIRST + at, 1, clean(text), wrapped)
        page.set_row(FIRST + at, 15 * -(-spread(text) // _NOTE_WIDTH))
    for at, rule in enumerate(words()["status"].values(), start=FIRST + len(rows) + 1):
        look = {"border": 1} | ({"bg_color": rule["colour"]} if rule["colour"] else {})
        page.write_string(at, 0, pages.words["legend"], pages.format(border=1))
        page.write_string(at, 1, rule["zh"] if pages.zh else rule["en"], pages.format(**look))
    page.set_column(0, 0, 30)
    page.set_column(1, 1, _NOTE_WIDTH + 5)


def _unit(table: Table, column: str) -> str:
    return next(entry.unit for entry in table.columns if entry.code == column)
