"""Where a number or a sentence comes from, in words for people."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.methods.editions import editions, guideline, methodology, parameters
from ecogis.methods.gep_standard import GepStandard, gep_standard
from ecogis.methods.guideline import Guideline
from ecogis.methods.loader import Source
from ecogis.methods.methodology import Methodology
from ecogis.methods.parameters import ParameterSet
from ecogis.methods.values import Key, Value

__all__ = ["LABELS", "clause_text", "explain", "item_text", "mark", "sheet"]

LABELS: Final = {
    "meaning": ("含义", "meaning"),
    "from": ("生效", "in force from"),
    "span": ("范围", "span"),
    "source": ("来源", "source"),
    "locator": ("位置", "where"),
    "confidence": ("可信度", "confidence"),
    "note": ("说明", "note"),
    "file": ("文件", "file"),
    "how": ("由来", "how"),
    "day": ("基准日", "on"),
    "edition": ("版本", "edition"),
    "line": ("核算项", "line"),
    "clause": ("条款", "clause"),
    "parameter": ("参数", "parameter"),
    "input": ("输入", "input"),
    "key": ("项目文件", "project file"),
    "rounding": ("取整", "rounding"),
    "area": ("面积", "area"),
    "more": ("详见", "more"),
}
"""What each line of an explanation is called."""
_CONFIDENCE: Final = {
    "quoted": ("引自所列来源", "quoted: read in the source named"),
    "inferred": ("由所读资料推算", "inferred: derived from what was read"),
    "recalled": ("记忆值,未见来源", "recalled: from memory, source not seen"),
    "assumed": ("假定,无权威依据", "assumed: no authority stands behind it"),
}


def explain(
    name: str, document: str, day: date, *, key: str | Key | None = None, lang: str = "en"
) -> str:
    """Value, date, source, place and confidence of a parameter, or the text of a clause.

    Parameters
    ----------
    name : str
        Parameter of a set, or clause of a methodology or guideline.
    document : str
        Id or ``id@edition`` of the set, methodology or guideline.
    day : date
        Day the value must be in force on.
    key : str or tuple of str, optional
        One key of a table; without it all of them are explained.
    lang : {"en", "zh"}
        Language of the text.

    Returns
    -------
    str
        Lines of text.

    Raises
    ------
    ConfigError
        When the library does not have it.
    NotInForceError
        When the first value starts later.

    Examples
    --------
    >>> print(explain("bef", "biomass-inventory", date(2026, 8, 31), key="杉木"))
    bef [杉木] = 1.634
      meaning: biomass expansion factor: above-ground biomass over stem biomass
      in force from: 2014-01-01
      source: Second National Communication on Climate Change, LULUCF inventory parameters, ...
      where: annex table of species parameters, from memory
      confidence: recalled: from memory, source not seen
      note: LY/T 2264-2014 has a carbon fraction of 0.499; the two standards are never mixed
      file: biomass-inventory@2014, biomass-inventory-2014.toml
    """
    kinds = editions().set_index("id")["kind"].to_dict()
    kind = kinds.get(document.partition("@")[0], "parameters")
    if kind == "standard":
        return item_text(gep_standard(document), name, lang)
    if kind != "parameters":
        held = methodology(document) if kind == "methodology" else guideline(document)
        return clause_text(held, name, lang)
    found = parameters(document)
    parameter = found.parameter(name)
    keys = found.keys(name) if key is None and parameter.keys else (key,)
    values = [found.entry(name, day, each) for each in keys]
    return "\n".join(_value(value, found, lang) for value in values)


def _value(value: Value, found: ParameterSet, lang: str) -> str:
    unit = "" if value.unit in {"1", "text"} else f" {value.unit}"
    key = f" [{'/'.join(value.key)}]" if value.key else ""
    span = None if value.low is None or value.high is None else f"{value.low:g} – {value.high:g}"
    return sheet(
        f"{value.name}{key} = {value.value}{unit}",
        {
            "meaning": value.meaning_zh if lang == "zh" else value.meaning_en,
            "from": value.from_.isoformat(),
            "span": span,
            "source": _source(found.sources[value.source], lang),
            "locator": value.locator_zh if lang == "zh" else value.locator_en,
            "confidence": mark(value.confidence, lang),
            "note": value.note_zh if lang == "zh" else value.note_en,
            "file": f"{found.label}, {', '.join(found.files[:1])}",
        },
        lang,
    )


def _source(source: Source, lang: str) -> str:
    if lang == "zh":
        return f"{source.title_zh}({source.publisher},{source.year})"
    return f"{source.title_en} ({source.publisher}, {source.year})"


def item_text(found: GepStandard, name: str, lang: str) -> str:
    """An item of a standard of ecosystem services, with its source, place and confidence.

    Parameters
    ----------
    found : GepStandard
        The standard.
    name : str
        Item, as ``carbon_fixation``.
    lang : {"en", "zh"}
        Language of the text.

    Returns
    -------
    str
        Lines of text.

    Raises
    ------
    ConfigError
        E002: the standard does not list it.

    Examples
    --------
    >>> print(item_text(gep_standard("gep-gbt-46869"), "carbon_fixation", "en").splitlines()[2])
      where: annex A.7: biomass, rate or net ecosystem production
    """
    if name not in found.items:
        raise ConfigError("E002", value=name, expected=", ".join(found.items))
    item = found.items[name]
    return sheet(
        f"{found.label} {name}: {item.zh if lang == 'zh' else item.en} ({item.rank})",
        {
            "source": _source(found.sources[item.source], lang),
            "locator": item.locator_zh if lang == "zh" else item.locator_en,
            "confidence": mark(item.confidence, lang),
            "file": found.files[0],
        },
        lang,
    )


def clause_text(found: Methodology | Guideline, name: str, lang: str) -> str:
    """A clause in our own words, with its date, source, place and confidence.

    Parameters
    ----------
    found : Methodology or Guideline
        The document.
    name : str
        Number or heading of the clause.
    lang : {"en", "zh"}
        Language of the text.

    Returns
    -------
    str
        Lines of text.

    Raises
    ------
    ConfigError
        When the document does not have it.

    Examples
    --------
    >>> print(clause_text(methodology("CCER-14-001-V01@2023"), "2 d)", "en"))
    CCER-14-001-V01@2023 2 d): The land is not wetland.
      in force from: 2023-10-24
      source: CCER-14-001-V01 造林碳汇, opening pages (clauses 1 and 2 a to e) (生态环境部, 2023)
      where: clause 2 d)
      confidence: quoted: read in the source named
      file: ccer-14-001-v01-2023.toml
    """
    clause = found.clause(name)
    return sheet(
        f"{found.label} {clause.clause}: {clause.zh if lang == 'zh' else clause.en}",
        {
            "from": found.in_force_from.isoformat(),
            "source": _source(found.sources[clause.source], lang),
            "locator": clause.locator_zh if lang == "zh" else clause.locator_en,
            "confidence": mark(clause.confidence, lang),
            "file": found.files[0],
        },
        lang,
    )


def mark(confidence: str, lang: str) -> str:
    """What a mark of confidence means, in ``"zh"`` or ``"en"``.

    >>> mark("inferred", "en")
    'inferred: derived from what was read'
    """
    zh, en = _CONFIDENCE[confidence]
    return zh if lang == "zh" else en


def sheet(head: str, lines: Mapping[str, str | None], lang: str) -> str:
    """A head, and under it what is known by the names of `LABELS`; what is missing is left out.

    Raises
    ------
    ConfigError
        When the language is neither.
    """
    if lang not in {"zh", "en"}:
        raise ConfigError("E002", value=lang, expected="zh, en")
    place = 0 if lang == "zh" else 1
    body = [f"  {LABELS[name][place]}: {text}" for name, text in lines.items() if text]
    return "\n".join([head, *body])
