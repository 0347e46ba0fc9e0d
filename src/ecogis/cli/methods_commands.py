"""What each ``ecogis methods`` command does: ask the library or the pipeline, print."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis import crediting, eligibility, pipeline
from ecogis import methods as library
from ecogis.cli.columns import lined_up
from ecogis.core.errors import ConfigError
from ecogis.core.periods import day as to_day
from ecogis.core.vocabulary import code_label
from ecogis.methods import Guideline, Methodology, ParameterSet
from ecogis.methods.gep_standard import GepStandard, gep_standard
from ecogis.methods.loader import toml

__all__ = ["check", "compare", "list_editions", "show"]

_STATUS: Final = {
    "open": ("可登记", "open"),
    "closed": ("已停止新登记", "closed to new registrations"),
    "not_yet": ("尚未实施", "not yet in force"),
    "draft": ("征求意见稿", "out for comment"),
}
_REFUSED: Final = {True: ("是", "yes"), False: ("否", "no")}
_KINDS: Final = {
    "parameters": ("参数集", "parameter set"),
    "methodology": ("方法学", "methodology"),
    "guideline": ("业务指南", "guideline"),
    "standard": ("核算规范", "standard"),
}
_ROWS: Final = {
    "status": ("状态", "status"),
    "creditable_ha": ("可计入面积 [ha]", "creditable land [ha]"),
    "unknown_ha": ("不明面积 [ha]", "land not known [ha]"),
    "excluded_ha": ("不可计入面积 [ha]", "excluded land [ha]"),
    "removal_kg": ("清除量 [t CO2e]", "removal [t CO2e]"),
    "emission_kg": ("排放 [t CO2e]", "emission [t CO2e]"),
    "baseline_kg": ("基准线 [t CO2e]", "baseline [t CO2e]"),
    "leakage_kg": ("泄漏 [t CO2e]", "leakage [t CO2e]"),
    "uncertainty_kg": ("不确定性扣减 [t CO2e]", "uncertainty [t CO2e]"),
    "buffer_kg": ("非持久性扣减 [t CO2e]", "non-permanence [t CO2e]"),
    "cap_kg": ("超上限部分 [t CO2e]", "above the ceiling [t CO2e]"),
    "credit_kg": ("减排量 [t CO2e]", "credits [t CO2e]"),
    "issued_t": ("整吨签发量 [t CO2e]", "issued in whole tonnes [t CO2e]"),
    "rate": ("年均减排量 [t CO2e/ha]", "mean yearly credits [t CO2e/ha]"),
    "refused": ("评估会被拒绝", "an assessment would be refused"),
    "findings": ("该方法学下的发现", "found under it"),
    "confidence": ("最弱可信度", "weakest mark"),
}
_REMARKS: Final = {
    "must_supply_{lang}": ("须由项目提供", "to be supplied"),
    "not_computed_{lang}": ("未核算原因", "why not computed"),
}


def list_editions(*, kind: str | None, day: str | None, lang: str | None, as_json: bool) -> None:
    """List what is shipped, with the status of each methodology."""
    table = library.editions()
    table["checked_on"] = table["checked_on"].dt.strftime("%Y-%m-%d")
    labels = table["id"] + "@" + table["edition"]
    table["status"] = list(map(_status, table["kind"], labels, [_on(day)] * len(table)))
    if kind is not None:
        table = table[table["kind"].eq(kind)]
    if as_json:
        _print_json({"editions": _records(table)})
        return
    rows = []
    for row in _records(table):
        status = _word(_STATUS[row["status"]], lang) if row["status"] else ""
        kind = _word(_KINDS[row["kind"]], lang)
        title = row[f"title_{lang or 'zh'}"]
        rows.append([kind, row["id"], row["edition"], row["checked_on"], status, title])
    click.echo("\n".join(lined_up(rows)))


def _status(kind: str, label: str, day: date) -> str:
    return library.methodology(label).status(day) if kind == "methodology" else ""


def show(*, edition: str, day: str | None, lang: str | None, as_json: bool) -> None:
    """Show one edition of whatever kind it is."""
    found = _edition(edition)
    if isinstance(found, ParameterSet):
        record = _set_record(found, lang or "zh")
    elif isinstance(found, GepStandard):
        record = _standard_record(found, lang or "zh")
    else:
        record = _document_record(found, _on(day), lang or "zh")
    if as_json:
        _print_json(record)
    else:
        click.echo("\n".join(_written(record)))


def _edition(name: str) -> Methodology | Guideline | GepStandard | ParameterSet:
    listed = library.editions()
    kinds = listed.loc[listed["id"].eq(name.partition("@")[0]), "kind"]
    kind = kinds.iloc[0] if len(kinds) else "methodology"
    if kind == "parameters":
        return library.parameters(name)
    if kind == "standard":
        return gep_standard(name)
    return library.guideline(name) if kind == "guideline" else library.methodology(name)


def _document_record(found: Methodology | Guideline, day: date, lang: str) -> dict[str, Any]:
    """A methodology or guideline as nested records of text."""
    record: dict[str, Any] = {
        "edition": found.label,
        "title": getattr(found, f"title_{lang}"),
        "publisher": found.publisher,
        "in_force_from": found.in_force_from,
        "checked_on": found.checked_on,
        "sha256": found.sha256,
        "clauses": [_clause(found, clause, lang) for clause in found.clauses],
    }
    return record | (_methodology_record(found, day, lang) if _is_methodology(found) else {})


def _is_methodology(found: Methodology | Guideline) -> bool:
    return isinstance(found, Methodology)


def _clause(found: Methodology | Guideline, clause: Any, lang: str) -> str:
    source = getattr(found.sources[clause.source], f"title_{lang}")
    where = getattr(clause, f"locator_{lang}")
    return f"{clause.clause}: {getattr(clause, lang)} [{source}, {where}; {clause.confidence}]"


def _methodology_record(found: Any, day: date, lang: str) -> dict[str, Any]:
    """What only a methodology has: status, conditions, pools, lines and their numbers."""
    return {
        "status": _word(_STATUS[found.status(day)], lang),
        "note": getattr(found, f"note_{lang}"),
        "resources": list(found.resources),
        "units": code_label("unit_kind", found.unit_kind or None, lang),
        "removal": found.removal.kind,
        "conditions": [
            f"{entry.clause}: {getattr(entry, lang)} ({entry.rule}{_arguments(entry.arguments)}) "
            f"[{entry.confidence}]"
            for entry in found.conditions
        ],
        "exemptions": [
            f"{entry.clause}: {getattr(entry, lang)}{_arguments(entry.arguments)} "
            f"[{entry.confidence}]"
            for entry in found.exemptions
        ],
        "pools": [f"{each.pool}: {each.treatment} [{each.confidence}]" for each in found.pools],
        "lines": [_line(line, day, lang) for line in found.lines],
        "supplied": [
            f"{name}: {getattr(wanted, lang)} [{wanted.unit}], {wanted.clause}"
            for name, wanted in found.supplied.items()
        ],
        "parameters": [f"{role}: {label}" for role, label in found.parameters.items()],
        "rounding": getattr(found.rounding, lang),
    }


def _line(line: Any, day: date, lang: str) -> str:
    """A line with the number it takes; one the project supplies has none yet."""
    text = f"{line.clause}: {getattr(line, lang)} ({line.rule}: {line.parameter}"
    if not line.parameter_set:
        supplied = _word(("由项目提供", "supplied by the project"), lang)
        return f"{text}, {supplied}) [{line.confidence}]"
    numbers = library.parameters(line.parameter_set)
    parameter = numbers.parameter(line.parameter)
    if not parameter.keys and day >= parameter.first:
        value = numbers.entry(line.parameter, day)
        unit = "" if value.unit == "1" else f" {value.unit}"
        text += f" = {value.value:g}{unit}, {value.confidence}"
    return f"{text}, {line.parameter_set}) [{line.confidence}]"


def _arguments(arguments: Mapping[str, Any]) -> str:
    told = (f"{name}={_plain(value)}" for name, value in arguments.items())
    return "".join(f", {text}" for text in told)


def _plain(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _set_record(found: ParameterSet, lang: str) -> dict[str, Any]:
    """A parameter set: each parameter with its values, or how many there are."""
    return {
        "edition": found.label,
        "title": getattr(found, f"title_{lang}"),
        "checked_on": found.checked_on,
        "sha256": found.sha256,
        "note": getattr(found, f"note_{lang}"),
        "sources": [getattr(source, f"title_{lang}") for source in found.sources.values()],
        "parameters": [_parameter(found, name, lang) for name in found.names],
    }


def _standard_record(found: GepStandard, lang: str) -> dict[str, Any]:
    """A standard of ecosystem services: what it lists and what it takes out."""

    def told(name: str, entry: Any, rank: str = "") -> str:
        source = getattr(found.sources[entry.source], f"title_{lang}")
        where = getattr(entry, f"locator_{lang}")
        return f"{name}: {getattr(entry, lang)}{rank} [{source}, {where}; {entry.confidence}]"

    return {
        "edition": found.label,
        "number": found.number,
        "title": getattr(found, f"title_{lang}"),
        "publisher": found.publisher,
        "in_force_from": found.in_force_from,
        "checked_on": found.checked_on,
        "sha256": found.sha256,
        "note": getattr(found, f"note_{lang}"),
        "items": [told(name, item, f" ({item.rank})") for name, item in found.items.items()],
        "deductions": [told(name, entry) for name, entry in found.deductions.items()],
        "carbon_methods": list(found.carbon_methods),
    }


def _parameter(found: ParameterSet, name: str, lang: str) -> str:
    parameter = found.parameter(name)
    values = [value for history in parameter.history.values() for value in history]
    marks = ", ".join(sorted({value.confidence for value in values}))
    what = f"{len(values)}" if parameter.keys else f"{values[-1].value}"
    meaning = parameter.column.meaning_zh if lang == "zh" else parameter.column.meaning_en
    by = f" ({'/'.join(parameter.keys)})" if parameter.keys else ""
    return f"{name} [{parameter.unit}]{by}: {meaning}; {what}; {marks}"


def check(*, file: Path, lang: str | None, as_json: bool) -> None:
    """Read an own file with everything that is checked of a shipped one."""
    found: Methodology | ParameterSet
    if "set" in toml(file):
        found = ParameterSet(library.read_set(file, file.parent))
    else:
        found = library.read_methodology(file, library.parameters)
        _check_rules(found)
    if as_json:
        _print_json({"file": str(file), "edition": found.label, "sha256": found.sha256})
    else:
        title = getattr(found, f"title_{lang or 'zh'}")
        click.echo(f"{file.name}: {found.label} {title}  {found.sha256[:16]}")


def _check_rules(found: Methodology) -> None:
    """Conditions name rules we have, with arguments that fit; so do the lines of the sum."""
    eligibility.check_rules(found)
    unknown = [line.rule for line in found.lines if line.rule not in crediting.RULES]
    if unknown:
        known = ", ".join(crediting.RULES)
        raise ConfigError("E371", methodology=found.id, what=", ".join(unknown), expected=known)


def compare(*, project: Path, editions: tuple[str, ...], lang: str | None, as_json: bool) -> None:
    """Print the comparison, one column for each methodology."""
    table = pipeline.compare(project, editions)
    found, lang = _records(table), lang or "zh"
    if as_json:
        _print_json({"methodologies": found})
        return
    rows = [["", *(row["methodology"] for row in found)]]
    for name, words in _ROWS.items():
        rows.append([_word(words, lang), *(_shown(name, row[name], lang) for row in found)])
    click.echo("\n".join([*lined_up(rows, right=True), *_remarks(found, lang)]))


def _remarks(found: Sequence[Mapping[str, Any]], lang: str) -> Iterator[str]:
    """Titles, what has to be supplied, and why there are no figures, under the table."""
    for row in found:
        yield f"{row['methodology']}: {row[f'title_{lang}']}"
        for name, words in _REMARKS.items():
            if text := row[name.format(lang=lang)]:
                yield f"  {_word(words, lang)}: {text}"


def _shown(name: str, value: Any, lang: str) -> str:
    if value is None or value == "":
        return "—"
    words = _STATUS if name == "status" else _REFUSED if name == "refused" else {}
    if value in words:
        return _word(words[value], lang)
    if isinstance(value, str):
        return code_label("confidence", value, lang) if name == "confidence" else value
    if name.endswith("_kg"):
        return f"{int(value) / 1000:,.1f}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def _written(record: Mapping[str, Any]) -> Iterator[str]:
    """A record as lines: what is plain first, then each list under its name."""
    for name, value in record.items():
        if isinstance(value, list):
            yield from _listed(name, value)
        elif value:
            yield f"{name}: {value}"


def _listed(name: str, values: Iterable[str]) -> Iterator[str]:
    lines = [f"  {value}" for value in values]
    if lines:
        yield f"{name}:"
        yield from lines


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", force_ascii=False))


def _word(words: tuple[str, str], lang: str | None) -> str:
    return words[1] if lang == "en" else words[0]


def _on(day: str | None) -> date:
    return to_day(day) if day else datetime.now(UTC).date()


def _print_json(record: Mapping[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))
