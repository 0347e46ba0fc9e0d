"""Content to report: sections in order, everything numbered, references resolved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import InputError
from ecogis.report.checks import checks
from ecogis.report.desk import Desk
from ecogis.report.model import Block, Content, Paragraph, Report, Section, Sheet, Table
from ecogis.report.tables import sheet
from ecogis.report.value_sections import SECTIONS
from ecogis.report.words import Words, resolve, table_specs

__all__ = ["compose"]

_NUMERALS: Final = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七".split()  # noqa: SIM905
_NEEDED: Final = ("project", "methodology", "totals")


def compose(
    content: Content, *, lang: str = "zh", pictures: Mapping[str, bytes] | None = None
) -> Report:
    """Put the report together in one language.

    Parameters
    ----------
    content : Content
        Headline results and tables.
    lang : {"zh", "en"}
        Language of the report.
    pictures : mapping of str to bytes, optional
        Figures as PNG by name, from `ecogis.report.draw`.

    Returns
    -------
    Report
        Sections with numbered tables and figures, and the sheets of the workbook.

    Raises
    ------
    InputError
        When the headline results lack project, methodology or totals.
    VocabularyError
        When a table lacks a column the report prints.
    """
    for key in _NEEDED:
        if key not in content.summary:
            raise InputError("E562", key=key)
    words = Words(lang)
    desk = Desk(content, words, pictures or {})
    raw = [
        (name, words.word(f"sections.{name}"), tuple(build(desk)))
        for name, build in SECTIONS.items()
    ]
    numbers = _numbers((block for *_, blocks in raw for block in blocks), words)
    none = words.word("words.none")
    parts = tuple(
        Section(
            name,
            _ordinal(place, lang),
            title,
            tuple(_settled(_headed(blocks, place, lang), numbers, none)),
        )
        for place, (name, title, blocks) in enumerate(raw)
    )
    return Report(
        lang=lang,
        title=words.word("words.title"),
        subject=desk.fact("project.name"),
        words=words.group("words"),
        cover=tuple(_cover(desk)),
        statement=tuple(words.lines("statement.lines")),
        signatures=tuple((text, words.word("words.to_sign"))
                         for text in words.group("signatures").values()),
        sections=parts,
        sheets=tuple(_sheets(desk)),
        created=_created(content.summary),
        fingerprint=str(desk.amount("manifest.sha256") or "—"),
        checks=tuple(checks(desk)),
    )  # fmt: skip


def _ordinal(place: int, lang: str) -> str:
    return f"{_NUMERALS[place]}、" if lang == "zh" else f"{place + 1} "


def _headed(blocks: Iterable[Block], place: int, lang: str) -> Iterator[Block]:
    """Number the headings within a section."""
    number = 0
    for block in blocks:
        if isinstance(block, Paragraph) and block.style == "heading":
            number += 1
            chinese = f"\uff08{_NUMERALS[number - 1]}\uff09"
            mark = chinese if lang == "zh" else f"{place + 1}.{number} "
            yield replace(block, text=f"{mark}{block.text}")
        else:
            yield block


def _numbers(blocks: Iterable[Block], words: Words) -> dict[str, str]:
    """Numbers of tables and figures in reading order; the parts of a table share its number."""
    counts: Counter[str] = Counter()
    found: dict[str, str] = {}
    for block in blocks:
        if isinstance(block, Paragraph) or block.name in found:
            continue
        kind = "table" if isinstance(block, Table) else "figure"
        counts[kind] += 1
        found[block.name] = f"{words.word(f'words.{kind}')}{counts[kind]}"
    return found


def _settled(blocks: Iterable[Block], numbers: Mapping[str, str], none: str) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield replace(block, text=resolve(block.text, numbers, none))
        else:
            yield replace(block, number=numbers[block.name])


def _cover(desk: Desk) -> Iterator[tuple[str, str]]:
    blank = desk.words.word("words.to_sign")
    method = f"{desk.fact('methodology.title')} ({desk.fact('methodology.id')})"
    values = {
        "subject": desk.fact("project.name"),
        "valuation_date": desk.fact("project.valuation_date"),
        "methodology": method,
        "software": f"ecogis {desk.fact('manifest.version')}",
    }
    for name, title in desk.words.group("cover").items():
        yield title, values.get(name, blank)


def _sheets(desk: Desk) -> Iterator[Sheet]:
    for name, spec in table_specs().items():
        if desk.has(name) and spec.get("workbook", True):
            yield sheet(name, desk.source(name), desk.words)


def _created(summary: Mapping[str, Any]) -> datetime:
    """The moment the run was made, or the valuation date: never the moment of writing."""
    moment = summary.get("manifest", {}).get("created") or summary["project"]["valuation_date"]
    found = pd.Timestamp(moment)
    if found.tzinfo is not None:
        found = found.tz_convert("UTC").tz_localize(None)
    return datetime.combine(date(found.year, found.month, found.day), found.time())
