"""The report as PDF for the archive: set by Typst, tagged, PDF/A-2a and PDF/UA-1, fonts inside.

Texts reach the template as data and are never read as markup.
"""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ecogis.core.errors import InputError
from ecogis.report.glyphs import check_glyphs, families
from ecogis.report.model import Block, Figure, Paragraph, Report, Section, Table
from ecogis.report.widths import Layout, layout, longest_word

__all__ = ["STANDARDS", "pdf_bytes"]

STANDARDS: Final = ("a-2a", "ua-1")
"""What the file is checked for when it is made."""

_PIECE: Final = 4  # characters of a long code that stay together
_TOGETHER: Final = 16  # lines of a table that is not broken over pages


def pdf_bytes(report: Report, fonts: Sequence[Path] = ()) -> bytes:
    """The report as a PDF file.

    Parameters
    ----------
    report : Report
        Report in one language.
    fonts : sequence of Path
        Font files beside the shipped ones.

    Returns
    -------
    bytes
        The same report gives the same bytes.

    Raises
    ------
    InputError
        E455: a text holds a character that the fonts lack. E461: a font cannot be read. E460: the
        compiler refuses the document, with its own words.
    """
    check_glyphs(report, fonts)
    import typst

    template = files("ecogis.report.templates").joinpath("report.typ").read_bytes()
    with TemporaryDirectory() as folder, as_file(files("ecogis.report.fonts")) as shipped:
        root = Path(folder)
        (root / "main.typ").write_bytes(template)
        data = json.dumps(_data(report, root) | {"fonts": families(fonts)}, ensure_ascii=False)
        (root / "report.json").write_text(data, encoding="utf-8")
        for place, font in enumerate(fonts):
            shutil.copyfile(font, root / f"{place}{font.suffix}")
        compiler = typst.Compiler(
            root / "main.typ", root, font_paths=[shipped, root], ignore_system_fonts=True
        )
        try:
            compiler.compile(
                output=root / "report.pdf",
                format="pdf",
                pdf_standards=list(STANDARDS),
                timestamp=report.created.replace(tzinfo=UTC),
            )
        except typst.TypstError as fault:
            raise InputError("E460", detail=fault.message) from None
        return (root / "report.pdf").read_bytes()


def _data(report: Report, root: Path) -> dict[str, Any]:
    """The report in plain values; its pictures as files beside the template."""
    return {
        "lang": report.lang,
        "title": report.title,
        "subject": report.subject,
        "words": dict(report.words),
        "cover": report.cover,
        "statement": report.statement,
        "signatures": report.signatures,
        "fingerprint": report.fingerprint,
        "date": [report.created.year, report.created.month, report.created.day],
        "sections": [_section(section, root) for section in report.sections],
    }


def _section(section: Section, root: Path) -> dict[str, Any]:
    blocks, item = [], 0
    for block in section.blocks:
        item = item + 1 if isinstance(block, Paragraph) and block.style == "item" else 0
        blocks.append(_block(block, root) | {"item": item})
    return {
        "name": section.name,
        "title": f"{section.number}{section.title}",
        "blocks": blocks,
    }


def _block(block: Block, root: Path) -> dict[str, Any]:
    if isinstance(block, Table):
        return {"kind": "table", **_table(block)}
    if isinstance(block, Figure):
        (root / f"{block.name}.png").write_bytes(block.png)
        return {
            "kind": "figure",
            "label": "" if block.again else f"ref-{block.name}",
            "file": f"{block.name}.png",
            "caption": f"{block.number}  {block.caption}",
            "alt": block.alt,
            "width": block.width,
        }
    parts = block.parts or ((block.text, ""),)
    return {"kind": block.style, "parts": parts}


def _table(table: Table) -> dict[str, Any]:
    shape = layout(table)
    return {
        "label": "" if table.again else f"ref-{table.name}",
        "caption": f"{table.number}  {table.caption}",
        "heads": shape.heads,
        "widths": shape.widths,
        "small": shape.small,
        "numeric": [column.numeric for column in table.columns],
        "rows": [_row(row, shape) for row in table.rows],
        "total": table.total,
        "together": sum(shape.lines(table)) <= _TOGETHER,
        "tall": table.tall,
        "foot": table.foot,
    }


def _row(row: tuple[str, ...], shape: Layout) -> list[str | list[str]]:
    """Cells; one with a code too long for its column as pieces it may be broken between."""
    return [
        [cell[at : at + _PIECE] for at in range(0, len(cell), _PIECE)] if room < word else cell
        for cell, room, word in zip(row, shape.room(), map(longest_word, row), strict=True)
    ]
