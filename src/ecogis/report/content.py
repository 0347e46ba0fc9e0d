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
from ecogis.report.forms import Form, form_of
from ecogis.report.model import Block, Content, Paragraph, Report, Section, Sheet, Table
from ecogis.report.tables import sheet
from ecogis.report.words import Words, resolve, table_specs

__all__ = ["compose"]

_NUMERALS: Final = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七".split()  # noqa: SIM905


def compose(
    content: Content,
    *,
    lang: str = "zh",
    form: str = "carbon",
    pictures: Mapping[str, bytes] | None = None,
) -> Report:
    """Put the report together in one language.

    Parameters
    ----------
    content : Content
        Headline results and tables.
    lang : {"zh", "en"}
        Language of the report.
    form : str
        A name in `ecogis.report.FORMS`.
    pictures : mapping of str to bytes, optional
        Figures as PNG by name, from `ecogis.report.draw`.

    Returns
    -------
    Report
        Sections with numbered tables and figures, and the sheets of the workbook.

    Raises
    ------
    ConfigError
        When there is no such form.
    InputError
        When the headline results lack a group the form needs.
    VocabularyError
        When a table lacks a column the report prints.
    """
    kind = form_of(form)
    for key in kind.needs:
        if key not in content.summary:
            raise InputError("E562", key=key)
    words = Words(lang)
    desk = Desk(content, words, pictures or {})
    return Report(
        lang=lang,
        title=desk.text(f"forms.{form}.title"),
        subject=desk.fact("project.name"),
        words=words.group("words"),
        cover=tuple(_cover(desk, kind)),
        statement=tuple(words.lines(f"forms.{form}.statement")),
        signatures=tuple(desk.signatures(*kind.signatures)),
        sections=_sections(desk, kind),
        sheets=tuple(_sheets(desk, kind)),
        created=_created(content.summary),
        fingerprint=str(desk.amount("manifest.sha256") or "—"),
        checks=tuple(checks(desk)),
    )


def _sections(desk: Desk, form: Form) -> tuple[Section, ...]:
    """Every section with its number, its blocks numbered and references resolved."""
    words, lang = desk.words, desk.words.lang
    raw = [(name, tuple(build(desk))) for name, build in form.sections.items()]
    numbers = _numbers((block for _, blocks in raw for block in blocks), words)
    none = words.word("words.none")
    seen: set[str] = set()
    found, place = [], -1
    for name, blocks in raw:
        numbered = name not in form.unnumbered
        place += numbered
        headed = _headed(blocks, place if numbered else None, lang)
        title = words.word(f"forms.{form.name}.sections.{name}")
        number = _ordinal(place, lang) if numbered else ""
        found.append(Section(name, number, title, tuple(_settled(headed, numbers, none, seen))))
    return tuple(found)


def _ordinal(place: int, lang: str) -> str:
    return f"{_NUMERALS[place]}、" if lang == "zh" else f"{place + 1} "


def _headed(blocks: Iterable[Block], place: int | None, lang: str) -> Iterator[Block]:
    """Number the headings within a section; one without a number starts them anew."""
    number = 0
    for block in blocks:
        if isinstance(block, Paragraph) and block.style == "heading":
            number += 1
            chinese = f"\uff08{_NUMERALS[number - 1]}\uff09"
            latin = f"{number} " if place is None else f"{place + 1}.{number} "
            mark = chinese if lang == "zh" else latin
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


def _settled(
    blocks: Iterable[Block], numbers: Mapping[str, str], none: str, seen: set[str]
) -> Iterator[Block]:
    """Blocks with their numbers and references; what was shown before is marked."""
    for block in blocks:
        if isinstance(block, Paragraph):
            parts = resolve(block.text, numbers, none)
            yield replace(block, text="".join(text for text, _ in parts), parts=parts)
        else:
            yield replace(block, number=numbers[block.name], again=block.name in seen)
            seen.add(block.name)


def _cover(desk: Desk, form: Form) -> Iterator[tuple[str, str]]:
    blank = desk.words.word("words.to_sign")
    method = f"{desk.fact('methodology.title')} ({desk.fact('methodology.id')})"
    values = {
        "subject": desk.fact("project.name"),
        "valuation_date": desk.fact("project.valuation_date"),
        "methodology": method,
        "software": f"ecogis {desk.fact('manifest.version')}",
    }
    for name in form.cover:
        yield desk.words.word(f"cover.{name}"), values.get(name, blank)


def _sheets(desk: Desk, form: Form) -> Iterator[Sheet]:
    if not form.workbook:
        return
    for name, spec in table_specs().items():
        wanted = name in form.sheets if form.sheets else spec.get("workbook", True)
        if wanted and desk.has(name):
            yield sheet(name, desk.source(name), desk.words)


def _created(summary: Mapping[str, Any]) -> datetime:
    """The moment the run was made, or the valuation date: never the moment of writing."""
    moment = summary.get("manifest", {}).get("created") or summary["project"]["valuation_date"]
    found = pd.Timestamp(moment)
    if found.tzinfo is not None:
        found = found.tz_convert("UTC").tz_localize(None)
    return datetime.combine(date(found.year, found.month, found.day), found.time())
