"""Sections, tables and figures as Word paragraphs and tables in the styles of the template."""

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from ecogis.core.errors import InputError
from ecogis.report.model import Block, Figure, Paragraph, Report, Section, Table
from ecogis.report.ooxml import bookmark, field, hint_chinese

__all__ = ["STYLES", "Body", "bookmark_name"]

STYLES: Final = (
    "Heading 1",
    "Heading 2",
    "Caption",
    "ecogis Body",
    "ecogis Item",
    "ecogis Notice",
    "ecogis Note",
    "ecogis Table Text",
    "ecogis Table Number",
    "ecogis Table Head",
    "ecogis Table Small",
    "ecogis Table Small Number",
    "ecogis Table Small Head",
    "ecogis Figure",
    "ecogis Figure Caption",
    "ecogis Table",
)
"""Names a template must keep."""

_OF: Final = {
    "body": "ecogis Body",
    "heading": "Heading 2",
    "item": "ecogis Item",
    "notice": "ecogis Notice",
    "note": "ecogis Note",
}
_TEXT_WIDTH: Final = 9070  # twips between the margins of the page
# half an em of table text [twip] with room for a wider font, and the styles of that size
_SIZES: Final = (
    (116, "ecogis Table Text", "ecogis Table Number", "ecogis Table Head"),
    (97, "ecogis Table Small", "ecogis Table Small Number", "ecogis Table Small Head"),
)
_PADDING: Final = 160
_SHARE: Final = (11, 34)  # half-ems a text column asks for, at least and at most
_LEAST: Final = 6
_UNBROKEN: Final = 28  # half-ems of a code that should stay on one line
_AIR: Final = 1.5  # how far a table of few columns may be widened
_TOGETHER: Final = 26  # lines of a table that is not broken over pages
_ENDS: Final = 3  # rows of a longer one that stay together at its head and at its foot
_FIRM: Final = 2  # rank of numbers, dates and codes, the last to give way
_GIVE: Final = 0.45  # least share of its wish that a text column is left with
_CODE: Final = re.compile(r"[!-~]+|.")  # one word of Latin signs, or a dash


def bookmark_name(section: Section) -> str:
    """The bookmark of a section's heading."""
    return f"_Toc_ecogis_{section.name}"


class Body:
    """Writes blocks before a paragraph of a document.

    Parameters
    ----------
    document : docx.Document
        Document with the template's styles.
    anchor : docx.text.paragraph.Paragraph
        Paragraph before which everything is put.
    report : Report
        For its language and words.

    Raises
    ------
    InputError
        When the template lacks a style.
    """

    def __init__(self, document: Any, anchor: Any, report: Report) -> None:
        self._document, self._anchor = document, anchor
        self._chinese = report.lang == "zh"
        self._words = report.words
        # looked up once: python-docx searches all styles for each paragraph
        self._ids = {style.name: style.style_id for style in document.styles}
        for style in STYLES:
            if style not in self._ids:
                raise InputError("E563", file="report.docx", style=style)

    def section(self, section: Section, place: int) -> None:
        """A heading and what follows it; the first section starts on a page of its own."""
        heading = self._paragraph(f"{section.number}{section.title}", "Heading 1")
        if not place:
            heading.paragraph_format.page_break_before = True
        bookmark(heading, bookmark_name(section), 1000 + place)
        item = 0
        for block in section.blocks:
            item = item + 1 if isinstance(block, Paragraph) and block.style == "item" else 0
            self._block(block, item)

    def _block(self, block: Block, item: int) -> None:
        if isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Figure):
            self._figure(block)
        else:
            text = f"({item})\t{block.text}" if item else block.text
            self._paragraph(text, _OF[block.style])

    def _paragraph(self, text: str, style: str) -> Any:
        paragraph = self._styled(style)
        if text:
            self._run(paragraph, text)
        self._anchor._p.addprevious(paragraph._p)  # noqa: SLF001 - moving has no public way
        return paragraph

    def _styled(self, style: str) -> Any:
        paragraph = self._document.add_paragraph()
        paragraph._p.style = self._ids[style]  # noqa: SLF001 - see __init__
        return paragraph

    def _run(self, paragraph: Any, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                paragraph.add_run().add_break()
            run = paragraph.add_run(line)
            if self._chinese:
                hint_chinese(run)

    def _caption(self, kind: str, number: str, caption: str, style: str) -> None:
        """Word counts the caption itself; the number shown is the one the text refers to."""
        paragraph = self._paragraph("", style)
        label = self._words[kind]
        if caption.endswith(self._words["continued"]):
            self._run(paragraph, number)
        else:
            self._run(paragraph, label)
            field(paragraph, f"SEQ {label.strip()} \\* ARABIC", number.removeprefix(label))
        self._run(paragraph, f"  {caption}")

    def _figure(self, figure: Figure) -> None:
        holder = self._paragraph("", "ecogis Figure")
        shape = holder.add_run().add_picture(io.BytesIO(figure.png), width=Cm(15.0))
        shape._inline.docPr.set("descr", figure.alt)  # noqa: SLF001 - alt text has no public way
        shape._inline.docPr.set("name", figure.name)  # noqa: SLF001
        self._caption("figure", figure.number, figure.caption, "ecogis Figure Caption")

    def _table(self, table: Table) -> None:
        self._caption("table", table.number, table.caption, "Caption")
        heads = [_head(column.title, column.unit) for column in table.columns]
        half, text, number, head = next(
            (size for size in _SIZES if sum(_wants(table, heads, size[0])[0]) <= _TEXT_WIDTH),
            _SIZES[-1],
        )
        widths = _shared(*_wants(table, heads, half))
        holder = self._document.add_table(rows=0, cols=0, style="ecogis Table")
        element = holder._tbl  # noqa: SLF001 - whole rows are built as XML
        _look(element, widths, total=table.total)
        self._row(element, heads, widths, [head] * len(heads), head=True)
        styles = [number if column.numeric else text for column in table.columns]
        notes = "".join(table.notes)
        kept = _kept_with_next(table, widths, half, noted=bool(notes))
        for row, keep in zip(table.rows, kept, strict=True):
            self._row(element, row, widths, styles, keep=keep)
        self._anchor._p.addprevious(element)  # noqa: SLF001 - moving has no public way
        self._paragraph(f"{self._words['note']}{notes}" if notes else "", "ecogis Note")

    def _row(
        self,
        element: Any,
        texts: Sequence[str],
        widths: Sequence[int],
        styles: Sequence[str],
        *,
        head: bool = False,
        keep: bool = False,
    ) -> None:
        row = OxmlElement("w:tr")
        properties = OxmlElement("w:trPr")
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        row.append(properties)
        for text, width, style in zip(texts, widths, styles, strict=True):
            row.append(self._cell(text, width, style, keep=keep))
        element.append(row)

    def _cell(self, text: str, width: int, style: str, *, keep: bool) -> Any:
        cell = OxmlElement("w:tc")
        properties, size = OxmlElement("w:tcPr"), OxmlElement("w:tcW")
        size.set(qn("w:w"), str(width))
        size.set(qn("w:type"), "dxa")
        align = OxmlElement("w:vAlign")
        align.set(qn("w:val"), "center")
        properties.extend([size, align])
        cell.append(properties)
        paragraph = self._styled(style)
        if keep:
            paragraph._p.pPr.append(OxmlElement("w:keepNext"))  # noqa: SLF001 - whole rows as XML
        self._run(paragraph, text)
        cell.append(paragraph._p)  # noqa: SLF001 - moving has no public way
        return cell


def _head(title: str, unit: str) -> str:
    return f"{title}\n({unit})" if unit else title


def _kept_with_next(table: Table, widths: Sequence[int], half: int, *, noted: bool) -> list[bool]:
    """Which rows stay on the page of the next one: all of a short table, the ends of a long one."""
    lines = [
        max(
            math.ceil(_span(text) * half / (width - _PADDING))
            for text, width in zip(row, widths, strict=True)
        )
        for row in table.rows
    ]
    last = len(lines) - 1
    short = sum(lines) <= _TOGETHER
    kept = [short or place < _ENDS - 1 or place > last - _ENDS for place in range(len(lines))]
    if kept:
        kept[-1] = noted
    return kept


def _look(element: Any, widths: Sequence[int], *, total: bool) -> None:
    """Full width, fixed columns, first row as head, last row as total where there is one."""
    properties = element.tblPr
    for name, attributes in (
        ("w:tblW", {"w:w": sum(widths), "w:type": "dxa"}),
        ("w:jc", {"w:val": "center"}),
        ("w:tblLayout", {"w:type": "fixed"}),
        ("w:tblLook", {"w:firstRow": 1, "w:lastRow": int(total), "w:noHBand": 1, "w:noVBand": 1}),
    ):
        old = properties.find(qn(name))
        if old is not None:
            properties.remove(old)
        child = OxmlElement(name)
        for key, value in attributes.items():
            child.set(qn(key), str(value))
        properties.append(child)
    grid = element.tblGrid
    for width in widths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(width))
        grid.append(column)


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
