"""A figure of a run explained in words: value, unit, date, clause, parameter, edition, source."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.methods.explain import clause_text, mark, sheet
from ecogis.pipeline.tracing import (
    Record,
    Trace,
    line_parameters,
    near,
    open_record,
    trace,
)

__all__ = ["explain_run"]

_MANY: Final = 8
"""More values of a set than this are told by the set; naming the set shows them."""


def explain_run(
    run: str | Path,
    name: str,
    *,
    key: str | None = None,
    lang: str = "en",
    folder: str | Path | None = None,
) -> str:
    """Where a figure, a parameter or a clause of a run comes from.

    Parameters
    ----------
    run : str or Path
        Folder of the outputs, or its run.json.
    name : str
        A headline result (``totals.credit_t``) or a column of a table (``vintages.buffer_kg``),
        both also by the last part alone; a parameter; a parameter set; or a clause.
    key : str, optional
        Of a parameter that is a table, the row to explain; without it all of them.
    lang : {"en", "zh"}
        Language of the text.
    folder : str or Path, optional
        Folder of the project file, for a methodology of the project's own.

    Returns
    -------
    str
        Lines of text. What a figure rests on is named so that a second call explains it.

    Raises
    ------
    ConfigError
        E733 when the run has nothing of that name, E734 when the library has another edition.
    InputError
        E550 when it is no manifest of a run.
    """
    record = open_record(run, folder=folder)
    found = trace(record, name)
    if found is not None:
        return _figure(record, found, lang)
    uses = [use for use in record.uses if _names(use, name) and key in {None, use["key"]}]
    if uses:
        return "\n".join(_parameter(record, use, lang) for use in uses)
    for document in (record.methodology, record.guideline):
        if any(clause.clause == name for clause in document.clauses):
            return clause_text(document, name, lang)
    shown = name if key is None else f"{name} [{key}]"
    raise ConfigError("E733", name=shown, near=", ".join(near(record, name)) or "—")


def _names(use: Mapping[str, str], name: str) -> bool:
    """Whether a name means this value: its own, its set's, or its set's and its own."""
    return name in {use["name"], use["set"], use["set"].partition("@")[0]} or name == (
        f"{use['set'].partition('@')[0]}.{use['name']}"
    )


def _figure(record: Record, found: Trace, lang: str) -> str:
    value = f" = {found.value}" if found.value else ""
    unit = f" {found.unit}" if found.unit else ""
    weakest = mark(found.confidence, lang) if found.confidence else None
    parts = [
        sheet(
            f"{found.name}{value}{unit}",
            {
                "how": found.zh if lang == "zh" else found.en,
                "day": record.day,
                "edition": _edition(record.content["methodology"]) if found.clauses else None,
                "confidence": weakest,
                "rounding": found.rounding,
                "area": found.area,
            },
            lang,
        )
    ]
    parts += [_one(name, text, lang) for name, text in _rests_on(record, found, lang)]
    return "\n".join(parts)


def _one(name: str, text: str, lang: str) -> str:
    """One line of a sheet without its head."""
    return sheet("", {name: text}, lang).lstrip("\n")


def _rests_on(record: Record, found: Trace, lang: str) -> Iterator[tuple[str, str]]:
    """Lines, clauses, parameters, inputs and keys, one line each."""
    for line in found.lines:
        label = line.zh if lang == "zh" else line.en
        taken = ", ".join(line_parameters(record.methodology, line))
        yield "line", f"{label} ({line.rule}: {taken}), {line.clause}, {line.confidence}"
    for document, clause in found.clauses:
        text = clause.zh if lang == "zh" else clause.en
        where = clause.locator_zh if lang == "zh" else clause.locator_en
        yield "clause", f"{document} {clause.clause}: {text} [{where}; {clause.confidence}]"
    for text in _parameters(found.uses, lang):
        yield "parameter", text
    for entry in found.inputs:
        yield "input", f"{entry['role']}: {entry['file']} {entry['layer']} {entry['sha256'][:16]}"
    project = record.content["project"]
    for key in found.keys:
        yield "key", f"{project['file']} {project['sha256'][:16]}: {key}"


def _parameters(uses: Iterable[Mapping[str, str]], lang: str) -> Iterator[str]:
    """Values by set: each one of a few, the names and the weakest mark of many."""
    by_set: dict[str, list[Mapping[str, str]]] = {}
    for use in uses:
        by_set.setdefault(use["set"], []).append(use)
    for label, values in by_set.items():
        if len(values) <= _MANY:
            for use in values:
                origin = f"{use[f'source_{lang}']}, {use[f'locator_{lang}']}"
                yield f"{label} {_value(use)}: {origin}; {use['confidence']}"
        else:
            names = ", ".join(dict.fromkeys(use["name"] for use in values))
            marks = ", ".join(sorted({use["confidence"] for use in values}))
            yield f"{label} ({len(values)}): {names}; {marks} -> {label.partition('@')[0]}"


def _value(use: Mapping[str, str]) -> str:
    key = f" [{use['key']}]" if use["key"] else ""
    unit = "" if use["unit"] in {"", "1"} else f" {use['unit']}"
    return f"{use['name']}{key} = {use['value']}{unit}"


def _parameter(record: Record, use: Mapping[str, str], lang: str) -> str:
    """One value as the run used it, and the lines of the methodology it stands in."""
    used = record.methodology
    lines = [line for line in used.lines if use["name"] in line_parameters(used, line)]
    named = [f"{line.zh if lang == 'zh' else line.en} ({line.clause})" for line in lines]
    return sheet(
        _value(use),
        {
            "day": record.day,
            "from": date.fromisoformat(use["from"]).isoformat(),
            "edition": _set_edition(record, use["set"]),
            "line": "; ".join(named) or None,
            "source": use[f"source_{lang}"],
            "locator": use[f"locator_{lang}"],
            "confidence": mark(use["confidence"], lang),
        },
        lang,
    )


def _edition(entry: Mapping[str, Any]) -> str:
    return f"{entry['id']}@{entry['edition']} {entry['sha256'][:16]}"


def _set_edition(record: Record, label: str) -> str:
    """``id@edition`` and the hash the manifest has for it."""
    for entry in record.content["parameter_sets"]:
        if f"{entry['id']}@{entry['edition']}" == label:
            return _edition(entry)
    return label
