"""A table of coefficients: a CSV whose columns the TOML head names with unit and source."""

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
    check_all,
    cited,
    confidence,
    csv_rows,
    number,
    unit,
    within,
)
from ecogis.methods.values import Column, Key, Parameter, Value, rising

__all__ = ["Head", "read_table"]

_ORIGIN: Final = {
    "from?": date,
    "source?": str,
    "locator_zh?": str,
    "locator_en?": str,
    "confidence?": str,
}
_LOCATORS: Final = ("locator_zh", "locator_en")
_NOTES: Final = ("note_zh", "note_en")
_TABLE: Final = _ORIGIN | {
    "file": str,
    "keys": list,
    "meaning_zh": str,
    "meaning_en": str,
    "columns": dict,
}
_COLUMN: Final = _ORIGIN | {
    "unit": str,
    "meaning_zh": str,
    "meaning_en": str,
    "minimum?": float,
    "maximum?": float,
}
_ROW: Final = ("from", "source", *_LOCATORS, "confidence", *_NOTES)


@dataclass(frozen=True, slots=True)
class Head:
    """What the TOML says of a table: key columns, columns, and where figures come from.

    An origin (from, source, locator in both languages, confidence) stands at the table, at a
    column or in a row of the CSV; the nearest to the cell holds.
    """

    file: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    origins: Mapping[str, Mapping[str, Any]]
    listed: Mapping[str, Source]
    label: str

    @classmethod
    def read(cls, entry: object, label: str, listed: Mapping[str, Source], at: Place) -> "Head":
        """Read the head of a table of the set `label` from its TOML."""
        fields = check(entry, _TABLE, at)
        columns, origins = [], {}
        for name, record in check_all(fields["columns"], at.at("columns")).items():
            place = at.at(f"columns.{name}")
            found = check(record, _COLUMN, place)
            columns.append(
                Column(
                    name=name,
                    unit=unit(found["unit"], place.at("unit")),
                    meaning_zh=found["meaning_zh"],
                    meaning_en=found["meaning_en"],
                    minimum=found["minimum"],
                    maximum=found["maximum"],
                )
            )
            origins[name] = _origin(fields, at) | _origin(found, place)
        keys = tuple(str(key) for key in fields["keys"])
        return cls(fields["file"], keys, tuple(columns), origins, listed, label)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns the CSV may have, in no order."""
        spans = (f"{c.name}_{end}" for c in self.columns for end in ("low", "high"))
        return (*self.keys, *(column.name for column in self.columns), *_ROW, *spans)


def _origin(fields: Mapping[str, Any], at: Place) -> dict[str, Any]:
    names = (name.removesuffix("?") for name in _ORIGIN)
    found = {name: fields[name] for name in names if fields[name] is not None}
    _both_languages(found, at)
    return found


def _both_languages(origin: Mapping[str, Any], at: Place) -> None:
    """Refuse a place that is named in one language: the other would name a place further up."""
    for name, twin in zip(_LOCATORS, reversed(_LOCATORS), strict=True):
        if name in origin and twin not in origin:
            raise ConfigError("E232", file=at.file, key=at.at(twin).key)


def read_table(file: Traversable, head: Head) -> list[Parameter]:
    """The parameters of a CSV, one for each column the head names.

    A blank cell is no value: the key is then absent from that parameter.

    Raises
    ------
    ConfigError
        E241 for columns that do not fit the head; otherwise as for a TOML value, with the file
        and the line.
    """
    header, rows = csv_rows(file)
    unknown = [name for name in header if name not in head.names]
    missing = [n for n in (*head.keys, *(c.name for c in head.columns)) if n not in header]
    for names, detail in ((unknown, "column not in the head"), (missing, "column is missing")):
        if names:
            raise ConfigError("E241", file=file.name, key=names[0], detail=detail)
    histories: dict[str, dict[Key, list[Value]]] = {column.name: {} for column in head.columns}
    for line, cells in enumerate(rows, start=2):
        row = dict(zip(header, cells, strict=True))
        at = Place(file.name, f"line {line}")
        key = tuple(_word(row[name], at.at(name)) for name in head.keys)
        for column in head.columns:
            if row[column.name]:
                value = _value(row, key, column, head, at)
                history = histories[column.name].setdefault(key, [])
                rising(history, value, at.at(column.name))
                history.append(value)
    return [
        Parameter(column, head.keys, _frozen(histories[column.name])) for column in head.columns
    ]


def _frozen(history: Mapping[Key, list[Value]]) -> Mapping[Key, tuple[Value, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in history.items()})


def _word(cell: str, at: Place) -> str:
    if not cell or cell != cell.strip():
        raise ConfigError("E232", file=at.file, key=at.key)
    return cell


def _value(row: Mapping[str, str], key: Key, column: Column, head: Head, at: Place) -> Value:
    place = at.at(column.name)
    origin = _row_origin(row, head.origins[column.name], place)
    source = cited(origin["source"], head.listed, place)
    low, high = (_end(row.get(f"{column.name}_{end}", ""), place) for end in ("low", "high"))
    cell: float | str = row[column.name]
    if column.unit != "text":
        cell = within(number(str(cell), place), (column.minimum, column.maximum), place)
        within(cell, (low, high), place)
    return Value(
        set=head.label,
        name=column.name,
        key=key,
        value=cell,
        unit=column.unit,
        meaning_zh=column.meaning_zh,
        meaning_en=column.meaning_en,
        from_=origin["from"],
        source=source.id,
        source_zh=source.title_zh,
        source_en=source.title_en,
        locator_zh=origin["locator_zh"],
        locator_en=origin["locator_en"],
        confidence=confidence(origin["confidence"], place),
        low=low,
        high=high,
        note_zh=row.get("note_zh", ""),
        note_en=row.get("note_en", ""),
    )


def _row_origin(row: Mapping[str, str], above: Mapping[str, Any], at: Place) -> dict[str, Any]:
    own: dict[str, Any] = {
        name: row[name] for name in ("source", *_LOCATORS, "confidence") if row.get(name)
    }
    _both_languages(own, at)
    if row.get("from"):
        own["from"] = _day(row["from"], at.at("from"))
    found = dict(above) | own
    for name in ("from", "source", *_LOCATORS, "confidence"):
        if name not in found:
            raise ConfigError("E232", file=at.file, key=at.at(name).key)
    return found


def _day(cell: str, at: Place) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ConfigError(
            "E233",
            file=at.file,
            key=at.key,
            value=repr(cell),
            wanted_zh="日期(YYYY-MM-DD)",
            wanted="a date (YYYY-MM-DD)",
        ) from None


def _end(cell: str, at: Place) -> float | None:
    return number(cell, at) if cell else None
