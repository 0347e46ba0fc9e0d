"""Where a figure of a run comes from: clause, parameter, edition, source, input and key."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from ecogis import methods
from ecogis.core.errors import ConfigError, InputError
from ecogis.core.vocabulary import terms
from ecogis.methods import Guideline, Line, Methodology
from ecogis.report.words import facts, table_specs

__all__ = [
    "Record",
    "Trace",
    "line_parameters",
    "near",
    "open_record",
    "printed",
    "trace",
    "unit_of",
]

MANIFEST: Final = "run.json"
_REMOVAL: Final = "removal"
_UNITS: Final = {
    "_ha": "ha",
    "_mu": "mu",
    "_kg": "kg CO2e",
    "_yuan": "CNY",
    "_fen": "fen",
    "_m3": "m3",
    "_t_c": "t C",
    "_t": "t CO2e",
    "_t_valuation": "t CO2e",
    "_years": "yr",
    "_price": "CNY t-1 CO2e-1",
    "_dm2": "dm2",
    "_dm3": "dm3",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A run as its manifest has it, with the editions it was made with.

    Attributes
    ----------
    content : mapping
        run.json.
    methodology, guideline : Methodology, Guideline
        The editions named in it, by hash.
    """

    content: Mapping[str, Any]
    methodology: Methodology
    guideline: Guideline

    @property
    def uses(self) -> list[dict[str, str]]:
        """Every parameter value the run asked for."""
        return list(self.content["parameters"])

    @property
    def day(self) -> str:
        """The valuation date."""
        return str(self.content["results"]["project"]["valuation_date"])


@dataclass(frozen=True, slots=True)
class Trace:
    """What one figure of a run rests on.

    Attributes
    ----------
    name : str
        Its full name: ``totals.credit_t`` or ``vintages.buffer_kg``.
    value : str
        As the report prints it; empty for a column of a table.
    unit : str
        Its unit, where it has one.
    zh, en : str
        How it comes about.
    lines : tuple of Line
        Lines of the methodology's sum it goes through.
    clauses : tuple of (str, Clause)
        Document and clause.
    uses : tuple of mapping
        Parameter values, each with set, value, unit, date, source, place and mark.
    inputs : tuple of mapping
        Input files, with their hash.
    keys : tuple of str
        Keys of the project file, which the client states.
    rounding, area : str
        The rule tonnes are rounded by, and the definition of area, where they matter.
    """

    name: str
    value: str
    unit: str
    zh: str
    en: str
    lines: tuple[Line, ...]
    clauses: tuple[tuple[str, Any], ...]
    uses: tuple[Mapping[str, str], ...]
    inputs: tuple[Mapping[str, Any], ...]
    keys: tuple[str, ...]
    rounding: str = ""
    area: str = ""

    @property
    def confidence(self) -> str:
        """The weakest mark of clauses, lines and parameters; empty where it rests on none."""
        marks = [entry["confidence"] for entry in self.uses]
        marks += [clause.confidence for _, clause in self.clauses]
        marks += [line.confidence for line in self.lines]
        return methods.weakest(marks) if marks else ""


def open_record(run: str | Path, *, folder: str | Path | None = None) -> Record:
    """Read the manifest of a run and find the editions it was made with.

    Parameters
    ----------
    run : str or Path
        Folder of the outputs, or its run.json.
    folder : str or Path, optional
        Folder of the project file: an own methodology lies in it.

    Raises
    ------
    InputError
        E550 when it is no manifest of a run, or one from before parameters were recorded in it.
    ConfigError
        E734 when the library here does not have the same edition.
    """
    path = Path(run)
    path = path / MANIFEST if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        used, guide = content["methodology"], content["guideline"]
        named = [str(entry["sha256"]) for entry in (used, guide)]
        found = Record(content, _methodology(used, folder), methods.guideline(_label(guide)))
        _ = (found.uses, found.day)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InputError("E550", file=path, detail=repr(fault)) from None
    editions: tuple[Methodology | Guideline, ...] = (found.methodology, found.guideline)
    for entry, sha256 in zip(editions, named, strict=True):
        if entry.sha256 != sha256:
            raise ConfigError("E734", edition=entry.label)
    return found


def trace(record: Record, name: str) -> Trace | None:
    """The trace of a headline result or of a column of a table; None where it is neither.

    A name may be given without its group or table where one of them alone has it, headline
    results first.
    """
    full = _full(record, name)
    if full is None:
        return None
    entry = next((each for each in _traces() if _holds(each, full, record.methodology)), None)
    if entry is None:
        return None
    lines = _lines(record.methodology, entry.get("lines", ()))
    return Trace(
        name=full,
        value=printed(record).get(full, ""),
        unit=unit_of(full.partition(".")[2]),
        zh=entry["zh"],
        en=entry["en"],
        lines=lines,
        clauses=tuple(_clauses(record, entry, lines)),
        uses=tuple(_uses(record, entry, lines)),
        inputs=tuple(_begins(record.content["inputs"], "role", entry.get("inputs", ()))),
        keys=tuple(entry.get("keys", ())),
        rounding=record.methodology.rounding.rule if entry.get("rounding") else "",
        area=str(record.content["area_definition"]) if entry.get("area") else "",
    )


def printed(record: Record) -> dict[str, str]:
    """Headline results as the report prints them, then as run.json has them, by name."""
    results = record.content["results"]
    found = facts(results, "en")
    for group, entries in results.items():
        for name, value in entries.items() if isinstance(entries, Mapping) else ():
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(f"{group}.{name}", f"{value:,}")
    return found


def near(record: Record, name: str) -> list[str]:
    """Names like one that was not found."""
    known = {*printed(record), *_columns(), *(entry["name"] for entry in record.uses)}
    short = {each.rpartition(".")[2]: each for each in known}
    found = get_close_matches(name, [*known, *short], n=5, cutoff=0.5)
    return list(dict.fromkeys(short.get(each, each) for each in found))


def _full(record: Record, name: str) -> str | None:
    """The full name of a figure: as given, else of the first headline result or column so named."""
    known = [*printed(record), *_columns()]
    if name in known:
        return name
    return next((each for each in known if each.partition(".")[2] == name), None)


@cache
def _columns() -> tuple[str, ...]:
    """Every column of every table of the report; of one with further columns also ``table.*``."""
    found = []
    for table, spec in table_specs().items():
        found += [f"{table}.{column['name']}" for column in spec["columns"]]
        if "rest" in spec:
            found.append(f"{table}.rest")
    return tuple(found)


@cache
def _traces() -> tuple[dict[str, Any], ...]:
    text = files("ecogis.pipeline").joinpath("traces.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["trace"])


def _holds(entry: Mapping[str, Any], name: str, used: Methodology) -> bool:
    """Whether an entry is for the figure, and for the way the methodology's removals arise."""
    way = "area" if used.removal.by_area else "stock"
    named = any(fnmatchcase(name, pattern) for pattern in entry["figures"])
    return named and entry.get("removal", way) == way


def unit_of(column: str) -> str:
    """Unit of a column, by the vocabulary or by how its name ends; nothing where neither tells.

    >>> unit_of("pledgeable_kg")
    'kg CO2e'
    """
    term = terms().get(column)
    if term is not None and term.unit not in {"", "1"}:
        return str(term.unit)
    ends = [suffix for suffix in _UNITS if column.endswith(suffix)]
    return _UNITS[max(ends, key=len)] if ends else ""


def _lines(methodology: Methodology, rules: Iterable[str]) -> tuple[Line, ...]:
    wanted = set(rules)
    return tuple(line for line in methodology.lines if "*" in wanted or line.rule in wanted)


def _clauses(
    record: Record, entry: Mapping[str, Any], lines: Iterable[Line]
) -> Iterable[tuple[str, Any]]:
    """Clauses of lines and conditions once each, then those of the guideline."""
    used = record.methodology
    named = [line.clause for line in lines]
    if entry.get("conditions"):
        named += [condition.clause for condition in used.conditions]
    for clause in dict.fromkeys(named):
        yield used.label, used.clause(clause)
    starts = tuple(entry.get("clauses", ()))
    for each in record.guideline.clauses:
        if starts and each.clause.startswith(starts):
            yield record.guideline.label, each


def _uses(
    record: Record, entry: Mapping[str, Any], lines: Iterable[Line]
) -> Iterable[Mapping[str, str]]:
    """Values of the lines' parameters and of the sets the entry names."""
    asked = {name for line in lines for name in line_parameters(record.methodology, line)}
    stocks = () if record.methodology.removal.by_area else entry.get("stock_sets", ())
    starts = (*entry.get("sets", ()), *stocks)
    for use in record.uses:
        if use["name"] in asked or (starts and use["set"].startswith(starts)):
            yield use


def line_parameters(methodology: Methodology, line: Line) -> tuple[str, ...]:
    """Parameters a line takes: its own, or all rates of removals that are area times rate.

    >>> used = methods.methodology("CCER-14-002-V01")
    >>> line_parameters(used, used.lines[0])
    ('mangrove_biomass_rate', 'mangrove_soil_rate')
    """
    rates = methodology.removal.parameters if line.rule == _REMOVAL else ()
    return rates or (line.parameter,)


def _begins(
    rows: Iterable[Mapping[str, Any]], column: str, starts: Iterable[str]
) -> Iterable[Mapping[str, Any]]:
    wanted = set(starts)
    return (row for row in rows if "" in wanted or row[column] in wanted)


def _label(entry: Mapping[str, Any]) -> str:
    return f"{entry['id']}@{entry['edition']}"


def _methodology(entry: Mapping[str, Any], folder: str | Path | None) -> Methodology:
    """The library's edition, else the file of that name in the project's folder."""
    listed = methods.editions()
    labels = (listed["id"] + "@" + listed["edition"]).tolist()
    if _label(entry) in labels or folder is None:
        return methods.methodology(_label(entry))
    return methods.methodology(str(entry["file"]), folder=folder)
