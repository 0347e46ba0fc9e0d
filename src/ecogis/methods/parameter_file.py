"""A parameter file as data: the TOML head, its dated values and the CSV tables beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.methods.loader import (
    Place,
    Source,
    check,
    cited,
    confidence,
    sha256,
    sources,
    toml,
    unit,
    within,
)
from ecogis.methods.parameter_table import Head, read_table
from ecogis.methods.values import Column, Parameter, Value, rising

__all__ = ["SetFile", "read_set"]

_TOP: Final = {"set": dict, "sources": dict, "parameters?": dict, "tables?": dict}
_SET: Final = {
    "id": str,
    "edition": str,
    "title_zh": str,
    "title_en": str,
    "checked_on": date,
    "note_zh?": str,
    "note_en?": str,
    "replaces?": str,
}
_PARAMETER: Final = {
    "unit": str,
    "meaning_zh": str,
    "meaning_en": str,
    "minimum?": float,
    "maximum?": float,
    "history": list,
}
_ENTRY: Final = {
    "from": date,
    "value": float,
    "source": str,
    "locator_zh": str,
    "locator_en": str,
    "confidence": str,
    "low?": float,
    "high?": float,
    "note_zh?": str,
    "note_en?": str,
}


@dataclass(frozen=True, slots=True)
class SetFile:
    """One edition of a parameter set as it lies on disk; never changed once published."""

    id: str
    edition: str
    title_zh: str
    title_en: str
    checked_on: date
    note_zh: str
    note_en: str
    replaces: str
    sha256: str
    files: tuple[str, ...]
    sources: Mapping[str, Source]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, tuple[str, ...]]

    @property
    def label(self) -> str:
        """``id@edition``."""
        return f"{self.id}@{self.edition}"


def read_set(file: Traversable, tables: Traversable) -> SetFile:
    """Read and check a parameter file.

    Parameters
    ----------
    file : Path or Traversable
        The TOML head.
    tables : Path or Traversable
        Folder of the CSV files it names.

    Returns
    -------
    SetFile
        Everything in it, dates rising, units known, values in range, sources listed.

    Raises
    ------
    ConfigError
        Names the file, the key and what to do.
    """
    at = Place(file.name)
    content = check(toml(file), _TOP, at)
    head = check(content["set"], _SET, at.at("set"))
    label = f"{head['id']}@{head['edition']}"
    listed = sources(content["sources"], at.at("sources"))
    found = [
        _parameter(name, entry, label, listed, at.at(f"parameters.{name}"))
        for name, entry in (content["parameters"] or {}).items()
    ]
    csv_files, groups = [], {}
    for name, entry in (content["tables"] or {}).items():
        table = Head.read(entry, label, listed, at.at(f"tables.{name}"))
        csv_files.append(tables.joinpath(table.file))
        columns = read_table(csv_files[-1], table)
        groups[name] = tuple(column.name for column in columns)
        found.extend(columns)
    named = _unique(found, at)
    return SetFile(
        id=head["id"],
        edition=head["edition"],
        title_zh=head["title_zh"],
        title_en=head["title_en"],
        checked_on=head["checked_on"],
        note_zh=head["note_zh"] or "",
        note_en=head["note_en"] or "",
        replaces=head["replaces"] or "",
        sha256=sha256([file, *csv_files]),
        files=(file.name, *(entry.name for entry in csv_files)),
        sources=MappingProxyType(listed),
        parameters=MappingProxyType(named),
        tables=MappingProxyType(groups),
    )


def _unique(found: list[Parameter], at: Place) -> dict[str, Parameter]:
    named: dict[str, Parameter] = {}
    for parameter in found:
        if parameter.name in named:
            detail = "a parameter of that name stands in the file already"
            raise ConfigError("E241", file=at.file, key=parameter.name, detail=detail)
        named[parameter.name] = parameter
    return named


def _parameter(
    name: str, entry: object, label: str, listed: Mapping[str, Source], at: Place
) -> Parameter:
    fields = check(entry, _PARAMETER, at)
    column = Column(
        name=name,
        unit=unit(fields["unit"], at.at("unit")),
        meaning_zh=fields["meaning_zh"],
        meaning_en=fields["meaning_en"],
        minimum=fields["minimum"],
        maximum=fields["maximum"],
    )
    history: list[Value] = []
    if not fields["history"]:
        raise ConfigError("E232", file=at.file, key=at.at("history").key)
    for position, record in enumerate(fields["history"]):
        place = at.at(f"history[{position}]")
        value = _value(check(record, _ENTRY, place), column, label, listed, place)
        rising(history, value, place)
        history.append(value)
    return Parameter(column, (), MappingProxyType({(): tuple(history)}))


def _value(
    record: Mapping[str, Any],
    column: Column,
    label: str,
    listed: Mapping[str, Source],
    at: Place,
) -> Value:
    source = cited(record["source"], listed, at.at("source"))
    within(record["value"], (column.minimum, column.maximum), at.at("value"))
    low, high = record["low"], record["high"]
    within(record["value"], (low, high), at.at("value"))
    return Value(
        set=label,
        name=column.name,
        key=(),
        value=record["value"],
        unit=column.unit,
        meaning_zh=column.meaning_zh,
        meaning_en=column.meaning_en,
        from_=record["from"],
        source=source.id,
        source_zh=source.title_zh,
        source_en=source.title_en,
        locator_zh=record["locator_zh"],
        locator_en=record["locator_en"],
        confidence=confidence(record["confidence"], at.at("confidence")),
        low=low,
        high=high,
        note_zh=record["note_zh"] or "",
        note_en=record["note_en"] or "",
    )
