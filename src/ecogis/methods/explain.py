"""Where a number or a sentence comes from, in words for people."""

from datetime import date
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.methods.editions import editions, guideline, methodology, parameters
from ecogis.methods.loader import Source
from ecogis.methods.parameters import ParameterSet
from ecogis.methods.values import Key, Value

__all__ = ["explain"]

_LABELS: Final = {
    "meaning": ("含义", "meaning"),
    "from": ("生效", "in force from"),
    "span": ("范围", "span"),
    "source": ("来源", "source"),
    "locator": ("位置", "where"),
    "confidence": ("可信度", "confidence"),
    "note": ("说明", "note"),
    "file": ("文件", "file"),
}
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
    if kind != "parameters":
        return _clause(name, document, kind, lang)
    found = parameters(document)
    parameter = found.parameter(name)
    keys = found.keys(name) if key is None and parameter.keys else (key,)
    values = [found.entry(name, day, each) for each in keys]
    return "\n".join(_value(value, found, lang) for value in values)


def _value(value: Value, found: ParameterSet, lang: str) -> str:
    unit = "" if value.unit in {"1", "text"} else f" {value.unit}"
    key = f" [{'/'.join(value.key)}]" if value.key else ""
    span = None if value.low is None or value.high is None else f"{value.low:g} – {value.high:g}"
    return _sheet(
        f"{value.name}{key} = {value.value}{unit}",
        {
            "meaning": value.meaning_zh if lang == "zh" else value.meaning_en,
            "from": value.from_.isoformat(),
            "span": span,
            "source": _source(found.sources[value.source], lang),
            "locator": value.locator_zh if lang == "zh" else value.locator_en,
            "confidence": _mark(value.confidence, lang),
            "note": value.note_zh if lang == "zh" else value.note_en,
            "file": f"{found.label}, {', '.join(found.files[:1])}",
        },
        lang,
    )


def _source(source: Source, lang: str) -> str:
    if lang == "zh":
        return f"{source.title_zh}({source.publisher},{source.year})"
    return f"{source.title_en} ({source.publisher}, {source.year})"


def _clause(name: str, document: str, kind: str, lang: str) -> str:
    found = methodology(document) if kind == "methodology" else guideline(document)
    clause = found.clause(name)
    return _sheet(
        f"{found.label} {clause.clause}: {clause.zh if lang == 'zh' else clause.en}",
        {
            "from": found.in_force_from.isoformat(),
            "source": _source(found.sources[clause.source], lang),
            "locator": clause.locator_zh if lang == "zh" else clause.locator_en,
            "confidence": _mark(clause.confidence, lang),
            "file": found.files[0],
        },
        lang,
    )


def _mark(confidence: str, lang: str) -> str:
    zh, en = _CONFIDENCE[confidence]
    return zh if lang == "zh" else en


def _sheet(head: str, lines: dict[str, str | None], lang: str) -> str:
    if lang not in {"zh", "en"}:
        raise ConfigError("E002", value=lang, expected="zh, en")
    label = 0 if lang == "zh" else 1
    body = [f"  {_LABELS[name][label]}: {text}" for name, text in lines.items() if text]
    return "\n".join([head, *body])
