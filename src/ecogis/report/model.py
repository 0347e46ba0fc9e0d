"""What a report is made of, whatever its face: sections of paragraphs, tables and figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = [
    "Block",
    "Check",
    "Column",
    "Content",
    "Figure",
    "Paragraph",
    "Report",
    "Section",
    "Sheet",
    "Table",
]


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be reported, in no language yet.

    Parameters
    ----------
    summary : mapping
        Headline results of the run, nested one level: project, methodology, totals, valuation ...
    tables : mapping of str to DataFrame
        Result tables by name; layers are GeoDataFrames in EPSG:4490.
    dem : DataArray (y, x), optional
        Elevation, with ``attrs["crs"]``; shaded behind the location map. [m]
    pictures : mapping of str to bytes
        Further figures, PNG by name, drawn by the caller.
    """

    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    dem: Any = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table."""

    title: str
    unit: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `style` is one of body, heading, item, notice, note.

    `parts` is the same text in pieces: each with the name of the table or figure it refers to, or
    nothing.
    """

    text: str
    style: str = "body"
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table: every cell is a formatted string.

    `again` marks what the report has shown before: a further part, or the same table. The rows of a
    `tall` table leave room to sign.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    total: bool = False
    number: str = ""
    source: str = ""
    again: bool = False
    tall: bool = False

    @property
    def foot(self) -> str:
        """What is printed under it: the source, then the notes."""
        return self.source + "".join(self.notes)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with a caption and a text that says what it shows. [cm]"""

    name: str
    caption: str
    alt: str
    png: bytes
    number: str = ""
    width: float = 15.0
    again: bool = False


Block = Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section."""

    name: str
    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A sum the workbook adds up again: signed totals of columns, against a headline result.

    `terms` are (sign, table, column); `value` is the result they must equal, in the source unit of
    `kind`.
    """

    title: str
    terms: tuple[tuple[int, str, str], ...]
    value: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the workbook: the source table, its columns and how each is shown."""

    name: str
    title: str
    caption: str
    table: pd.DataFrame
    columns: tuple[tuple[str, str, Column], ...]
    totals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language, ready for any face."""

    lang: str
    title: str
    subject: str
    words: Mapping[str, str]
    cover: tuple[tuple[str, str], ...]
    statement: tuple[str, ...]
    signatures: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    sheets: tuple[Sheet, ...]
    created: Any
    fingerprint: str
    checks: tuple[Check, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Every block, in reading order."""
        for section in self.sections:
            yield from section.blocks
