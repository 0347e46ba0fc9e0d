"""Sections, tables and figures as Word paragraphs and tables in the styles of the template."""

import io
from collections.abc import Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from ecogis.core.errors import InputError
from ecogis.report.model import Block, Figure, Paragraph, Report, Section, Table
from ecogis.report.ooxml import bookmark, field, hint_chinese, link_to
from ecogis.report.widths import layout

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
# styles of table text, number and head, in ordinary and in small print
_SIZES: Final = (
    ("ecogis Table Text", "ecogis Table Number", "ecogis Table Head"),
    ("ecogis Table Small", "ecogis Table Small Number", "ecogis Table Small Head"),
)
_SIGNING: Final = 850  # height of a row to sign in [twip]
_ENDS: Final = 3  # rows of a longer one that stay together at its head and at its foot


def bookmark_name(section: Section) -> str:
    """The bookmark of a section's heading."""
    return f"_Toc_ecogis_{section.name}"


def _mark_of(name: str) -> str:
    """The bookmark of the caption of a table or a figure."""
    return f"_Ref_ecogis_{name}"


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
        self._marks = 0
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
            self._running(block, text, _OF[block.style])

    def _paragraph(self, text: str, style: str) -> Any:
        paragraph = self._styled(style)
        if text:
            self._run(paragraph, text)
        self._anchor._p.addprevious(paragraph._p)  # noqa: SLF001 - moving has no public way
        return paragraph

    def _running(self, block: Paragraph, text: str, style: str) -> None:
        """Running text; what names a table or a figure leads to it."""
        if not any(target for _, target in block.parts):
            self._paragraph(text, style)
            return
        paragraph = self._paragraph(text.removesuffix(block.text), style)
        for part, target in block.parts:
            if target:
                link_to(paragraph, _mark_of(target), part)
            else:
                self._run(paragraph, part)

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

    def _caption(self, block: Table | Figure, kind: str, style: str) -> None:
        """Word counts the caption itself; the number shown is the one the text refers to."""
        paragraph = self._paragraph("", style)
        label = self._words[kind]
        if block.again:
            self._run(paragraph, block.number)
        else:
            self._run(paragraph, label)
            count = block.number.removeprefix(label)
            field(paragraph, f"SEQ {label.strip()} \\* ARABIC", count)
            self._marks += 1
            bookmark(paragraph, _mark_of(block.name), 2000 + self._marks)
        self._run(paragraph, f"  {block.caption}")

    def _figure(self, figure: Figure) -> None:
        holder = self._paragraph("", "ecogis Figure")
        shape = holder.add_run().add_picture(io.BytesIO(figure.png), width=Cm(figure.width))
        shape._inline.docPr.set("descr", figure.alt)  # noqa: SLF001 - alt text has no public way
        shape._inline.docPr.set("name", figure.name)  # noqa: SLF001
        self._caption(figure, "figure", "ecogis Figure Caption")

    def _table(self, table: Table) -> None:
        self._caption(table, "table", "Caption")
        shape = layout(table)
        widths = shape.widths
        text, number, head = _SIZES[shape.small]
        holder = self._document.add_table(rows=0, cols=0, style="ecogis Table")
        element = holder._tbl  # noqa: SLF001 - whole rows are built as XML
        _look(element, widths, total=table.total)
        self._row(element, shape.heads, widths, [head] * len(widths), head=True)
        styles = [number if column.numeric else text for column in table.columns]
        kept = _kept_with_next(table, short=shape.short(table), noted=bool(table.foot))
        for row, keep in zip(table.rows, kept, strict=True):
            self._row(element, row, widths, styles, keep=keep, tall=table.tall)
        self._anchor._p.addprevious(element)  # noqa: SLF001 - moving has no public way
        self._paragraph(table.foot, "ecogis Note")

    def _row(
        self,
        element: Any,
        texts: Sequence[str],
        widths: Sequence[int],
        styles: Sequence[str],
        *,
        head: bool = False,
        keep: bool = False,
        tall: bool = False,
    ) -> None:
        row = OxmlElement("w:tr")
        properties = OxmlElement("w:trPr")
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        if tall:
            height = OxmlElement("w:trHeight")
            height.set(qn("w:val"), str(_SIGNING))
            properties.append(height)
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


def _kept_with_next(table: Table, *, short: bool, noted: bool) -> list[bool]:
    """Which rows stay on the page of the next one: all of a short table, the ends of a long one."""
    last = len(table.rows) - 1
    kept = [short or place < _ENDS - 1 or place > last - _ENDS for place in range(last + 1)]
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
