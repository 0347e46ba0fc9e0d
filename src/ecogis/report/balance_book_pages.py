"""Sheets of the balance workbook: tables with status by colour, and the condition account."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ecogis.accounts.layout import Column, Row, Table
from ecogis.report.balance_book_content import BalanceBook, words
from ecogis.report.balance_book_formulas import formulas
from ecogis.report.present import DASH, clean

__all__ = ["FIRST", "HEAD", "TOP", "Pages", "spread"]

HEAD: Final = {
    "bold": True,
    "border": 1,
    "text_wrap": True,
    "align": "center",
    "valign": "vcenter",
    "bg_color": "#EEF2EE",
}
TOP: Final = 3  # rows above the heading: title, subject, manifest
FIRST: Final = TOP + 2  # the heading has two rows: group and column

_FONT: Final = {"font_name": "宋体", "font_size": 10}
_LINE: Final = 14  # height of a line [point]
_LEADING: Final = 2  # columns before the amounts: code, item
_A3_FROM: Final = 10  # columns from which a sheet is printed on A3
_A4, _A3 = 9, 8
_STRONG: Final = ("stock", "closing", "subtotal", "total", "equity", "net")


class Pages:
    """Writes the sheets of one book in one language."""

    def __init__(self, made: Any, book: BalanceBook, lang: str) -> None:
        self.book, self.made, self.lang = book, made, lang
        self.words = words()[lang]
        self.zh = lang == "zh"
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.at: dict[tuple[str, str, str], str] = {}

    def format(self, **look: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.made.add_format(_FONT | look)
        return self._formats[key]

    def say(self, thing: Any) -> str:
        """The words of something that has them in both languages."""
        return clean(thing.zh if self.zh else thing.en)

    def table(self, page: Any, table: Table) -> None:
        """One table: heading of two rows, one row for each of its own, status by colour."""
        self.head(page, self.say(table), len(table.columns))
        self._heading(page, table)
        live = formulas(table, first_row=FIRST, first_column=_LEADING)
        for place, row in enumerate(table.rows):
            line = FIRST + place
            strong = row.role in _STRONG
            text = self.format(border=1, bold=strong)
            name = self.say(row) + (" *" if row.ours else "")
            page.write_string(line, 0, "" if row.code == row.zh else row.code, text)
            page.write_string(line, 1, name, self.format(border=1, bold=strong, text_wrap=True,
                              indent=0 if strong else 1))  # fmt: skip
            for column, head in enumerate(table.columns):
                at = line, _LEADING + column
                self._cell(page, at, table, (row, head), live.get((row.code, head.code)))
        self._foot(page, table, FIRST + len(table.rows) + 1)

    def _cell(
        self,
        page: Any,
        place: tuple[int, int],
        table: Table,
        cell: tuple[Row, Column],
        formula: str | None,
    ) -> None:
        row, head = cell
        rule = words()["units"][head.unit]
        look: dict[str, Any] = {"border": 1, "num_format": rule["format"]}
        look |= {"bold": True} if row.role in _STRONG else {}
        status = str(table.status.loc[row.code, head.code])
        colour = words()["status"][status]["colour"] if status else ""
        look |= {"bg_color": colour} if colour else {}
        amount = table.amount(row.code, head.code)
        address = xl_rowcol_to_cell(*place, row_abs=True, col_abs=True)
        self.at[table.name, row.code, head.code] = f"'{page.get_name()}'!{address}"
        if amount is None:
            page.write_string(*place, DASH, self.format(**look, align="center"))
        elif formula is None:
            page.write_number(*place, amount / rule["per"], self.format(**look))
        else:
            page.write_formula(*place, formula, self.format(**look), amount / rule["per"])

    def _heading(self, page: Any, table: Table) -> None:
        look = self.format(**HEAD)
        for place, name in enumerate(("code", "item")):
            page.merge_range(TOP, place, FIRST - 1, place, self.words[name], look)
        spans = _spans([(c.group_zh if self.zh else c.group_en) for c in table.columns])
        for (first, last), group in spans:
            left, right = _LEADING + first, _LEADING + last
            if group and right > left:
                page.merge_range(TOP, left, TOP, right, group, look)
            else:
                page.write_string(TOP, left, group, look)
        for place, column in enumerate(table.columns):
            rule = words()["units"][column.unit]
            unit = rule["zh"] if self.zh else rule["en"]
            text = f"{self.say(column)}\n({unit})"
            one = not (column.group_zh if self.zh else column.group_en)
            if one:
                page.merge_range(TOP, _LEADING + place, FIRST - 1, _LEADING + place, text, look)
            else:
                page.write_string(FIRST - 1, _LEADING + place, text, look)
            page.set_column(_LEADING + place, _LEADING + place, _amount_width(column))
        lines = [
            -(-spread(self.say(column)) // (_amount_width(column) - 2)) for column in table.columns
        ]
        page.set_row(FIRST - 1, _LINE * (1 + max(lines)) + 4)  # and one line for the unit
        page.set_column(0, 0, max(7, *(len(row.code) + 1 for row in table.rows)))
        page.set_column(1, 1, max(24, *(spread(self.say(row)) + 4 for row in table.rows)))
        page.freeze_panes(FIRST, _LEADING)

    def head(self, page: Any, title: str, columns: int) -> None:
        """Title, subject and print set-up of a sheet."""
        at = 0 if self.zh else 1
        page.write_string(0, 0, title, self.format(bold=True, font_size=14))
        page.write_string(1, 0, clean(self.book.subject[at]), self.format(font_color="#444444"))
        mark = f"{self.words['manifest']}: {self.book.fingerprint[:16]}"
        page.write_string(2, 0, mark, self.format(font_size=8, font_color="#777777"))
        page.set_landscape()
        page.set_paper(_A3 if columns + _LEADING >= _A3_FROM else _A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, FIRST - 1)
        page.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        page.set_header(f"&L{_plain(self.book.title[at])}&R{_plain(title)}")
        page.set_footer(f"&C{self.words['page']}")
        page.hide_gridlines(2)

    def _foot(self, page: Any, table: Table, row: int) -> None:
        """Note of the table and the legend of the colours."""
        small = {"font_size": 8, "font_color": "#444444"}
        note = table.note_zh if self.zh else table.note_en
        notes = [note] if note else []
        notes += [self.words["ours"]] if any(entry.ours for entry in table.rows) else []
        for place, text in enumerate(notes):
            page.write_string(row + place, 0, clean(text), self.format(**small))
        self.legend(page, row + len(notes))

    def legend(self, page: Any, row: int) -> None:
        """What the colours of the cells say."""
        page.write_string(row, 1, self.words["legend"], self.format(font_size=8, align="right"))
        for place, rule in enumerate(words()["status"].values()):
            look = {"font_size": 8, "border": 1, "text_wrap": True, "valign": "vcenter"}
            look |= {"bg_color": rule["colour"]} if rule["colour"] else {}
            text = rule["zh"] if self.zh else rule["en"]
            page.write_string(row, _LEADING + place, text, self.format(**look))
        page.set_row(row, 36)

    def condition(self, page: Any, table: pd.DataFrame) -> None:
        """The condition account: values, indicators, index."""
        self.head(page, self.words["condition"], len(self.words["condition_heads"]))
        for place, head in enumerate(self.words["condition_heads"]):
            page.merge_range(TOP, place, FIRST - 1, place, head, self.format(**HEAD))
        lang = self.lang
        for at, entry in enumerate(table.to_dict("records")):
            group = self.words["groups"][str(entry["group"])]
            cells = [entry[lang], entry[f"variable_{lang}"], group, entry["unit"]]
            cells += [entry[name] for name in ("low", "high", "weight", "opening", "closing")]
            cells += [entry[f"{end}_indicator"] for end in ("opening", "closing")]
            cells += [entry["change"]]
            cells += [entry[f"known_share_{end}"] for end in ("opening", "closing")]
            cells += [entry["because"]]
            colour = words()["status"][entry["status"]]["colour"]
            look = {"border": 1} | ({"bg_color": colour} if colour else {})
            for place, value in enumerate(cells):
                self._plain_cell(page, (FIRST + at, place), value, look)
        page.set_column(0, 1, 20)
        page.set_column(2, len(self.words["condition_heads"]) - 2, 11)
        page.set_column(len(self.words["condition_heads"]) - 1, 14, 40)
        page.freeze_panes(FIRST, 2)
        self.legend(page, FIRST + len(table) + 1)

    def _plain_cell(
        self, page: Any, place: tuple[int, int], value: Any, look: dict[str, Any]
    ) -> None:
        if value is None or (isinstance(value, float) and pd.isna(value)):
            page.write_string(*place, DASH, self.format(**look, align="center"))
        elif isinstance(value, str):
            page.write_string(*place, clean(value), self.format(**look))
        else:
            page.write_number(*place, float(value), self.format(**look, num_format="0.0000"))


def spread(text: str) -> int:
    """Width of a text in Latin letters.

    >>> spread("ha"), spread("公顷")
    (2, 4)
    """
    return sum(1 if sign < "\u2e80" else 2 for sign in text)


def _amount_width(column: Column) -> int:
    return 16 if column.unit == "fen" else 13


def _plain(text: str) -> str:
    """A text for header and footer, where & starts a command."""
    return clean(text).replace("&", "&&")


def _spans(groups: Sequence[str]) -> list[tuple[tuple[int, int], str]]:
    """Runs of equal groups; columns without a group stand alone and need none."""
    found: list[tuple[tuple[int, int], str]] = []
    for place, group in enumerate(groups):
        if found and group and found[-1][1] == group and found[-1][0][1] == place - 1:
            found[-1] = (found[-1][0][0], place), group
        elif group:
            found.append(((place, place), group))
    return found
