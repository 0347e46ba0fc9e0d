"""How wide the columns of a printed table are, and whether it needs the small print."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ecogis.report.model import Table

__all__ = ["Layout", "layout", "longest_word"]

_TEXT_WIDTH: Final = 9070  # twips between the margins of the page
_HALVES: Final = (116, 97)  # half an em of table text, ordinary and small, for a wider font [twip]
_PADDING: Final = 160
_SHARE: Final = (11, 34)  # half-ems a text column asks for, at least and at most
_LEAST: Final = 6
_UNBROKEN: Final = 28  # half-ems of a code that should stay on one line
_AIR: Final = 1.5  # how far a table of few columns may be widened
_TOGETHER: Final = 26  # lines of a table that is not broken over pages
_FIRM: Final = 2  # rank of numbers, dates and codes, the last to give way
_GIVE: Final = 0.45  # least share of its wish that a text column is left with
_UNBREAKABLE: Final = re.compile(r"[!-~]+")
_CODE: Final = re.compile(r"[!-~]+|.")  # one word of Latin signs, or a dash


@dataclass(frozen=True, slots=True)
class Layout:
    """Headings with their units, widths of columns, and whether the print is small. [twip]"""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    small: bool

    def lines(self, table: Table) -> list[int]:
        """How many lines each row takes."""
        half = _HALVES[self.small]
        return [
            max(
                math.ceil(_span(text) * half / (width - _PADDING))
                for text, width in zip(row, self.widths, strict=True)
            )
            for row in table.rows
        ]

    def short(self, table: Table) -> bool:
        """Whether the table is short enough not to be broken over pages."""
        return sum(self.lines(table)) <= _TOGETHER

    def room(self) -> list[int]:
        """Half-ems between the edges of each column."""
        return [(width - _PADDING) // _HALVES[self.small] for width in self.widths]


def longest_word(text: str) -> int:
    """The longest run of a text that cannot be broken. [half-em]

    >>> longest_word("a4f0 林地"), longest_word("stands.gpkg")
    (4, 11)
    """
    return max((len(word) for word in _UNBREAKABLE.findall(text)), default=0)


def layout(table: Table) -> Layout:
    r"""The columns of a table between the margins of an A4 page.

    Examples
    --------
    >>> from ecogis.report.model import Column
    >>> narrow = Table("a", "A", (Column("year"), Column("area", "ha", True)), (("2026", "1.00"),))
    >>> layout(narrow).heads
    ('year', 'area\n(ha)')
    """
    heads = [f"{each.title}\n({each.unit})" if each.unit else each.title for each in table.columns]
    small = sum(_wants(table, heads, _HALVES[0])[0]) > _TEXT_WIDTH
    widths = _shared(*_wants(table, heads, _HALVES[small]))
    return Layout(tuple(heads), tuple(widths), small)


def _span(text: str) -> int:
    """The width of a text in half-ems; Chinese characters take two."""
    return max(
        sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)
        for line in text.split("\n")
    )


def _word(head: str) -> int:
    """The longest part of a heading that should not be broken. [half-em]"""
    longest = max(_span(word) for word in head.split())
    return longest if head.isascii() else min(longest, _SHARE[0])


def _wants(table: Table, heads: Sequence[str], half: int) -> tuple[list[float], list[int]]:
    """The width each column asks for [twip], and how early it gives way: 0 first, 2 last."""
    wants: list[float] = []
    ranks: list[int] = []
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        longest = max((_span(cell) for cell in cells), default=0)
        code = longest <= _UNBROKEN and all(_CODE.fullmatch(cell) for cell in cells)
        rank = _FIRM if column.numeric or code else int(longest <= _SHARE[0])
        typical = sorted(_span(cell) for cell in cells)[int(len(cells) * 0.9)] if cells else 0
        span = longest if rank else min(max(typical, _SHARE[0]), _SHARE[1])
        wants.append(max(span, _LEAST, _word(heads[place])) * half + _PADDING)
        ranks.append(rank)
    return wants, ranks


def _shared(wants: Sequence[float], ranks: Sequence[int]) -> list[int]:
    """Long texts give way first, then short ones; all shrink when that is not enough."""
    asked = sum(wants)
    width = min(_TEXT_WIDTH, round(asked * _AIR))
    sized = list(wants) if asked > width else [want * width / asked for want in wants]
    for rank in range(max(ranks) + 1):
        over = sum(sized) - width
        soft = sum(size for size, own in zip(sized, ranks, strict=True) if own == rank)
        if over > 0 and soft:
            scale = max(1 - over / soft, _GIVE if rank < _FIRM else 0)
            sized = [s * scale if own == rank else s for s, own in zip(sized, ranks, strict=True)]
    whole = [int(size) for size in sized]
    whole[-1] += width - sum(whole)
    return whole
