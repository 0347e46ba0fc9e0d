"""Strict reading of TOML and CSV: what is unknown, missing or wrong is refused by its name."""

import csv
import hashlib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any, Final

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.units import factor
from ecogis.methods.confidence import CONFIDENCES

__all__ = [
    "Place",
    "Source",
    "check",
    "check_all",
    "cited",
    "confidence",
    "csv_rows",
    "number",
    "one_of",
    "sha256",
    "sources",
    "toml",
    "unit",
    "within",
]

_WORDS: Final[dict[type, tuple[str, str]]] = {
    str: ("非空文本", "text that is not empty"),
    float: ("有限数值", "a finite number"),
    int: ("整数", "a whole number"),
    bool: ("true 或 false", "true or false"),
    date: ("日期(YYYY-MM-DD)", "a date (YYYY-MM-DD)"),
    dict: ("表", "a table"),
    list: ("数组", "an array"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file something stands, for messages."""

    file: str
    key: str = ""

    def at(self, key: str) -> "Place":
        """The place one step further in."""
        return Place(self.file, f"{self.key}.{key}" if self.key else key)


@dataclass(frozen=True, slots=True)
class Source:
    """A document that figures or sentences come from."""

    id: str
    title_zh: str
    title_en: str
    publisher: str
    year: int
    link: str


def toml(file: Traversable) -> dict[str, Any]:
    """The content of a TOML file.

    Raises
    ------
    ConfigError
        When it cannot be read or is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigError("E247", file=file.name, detail=fault) from None


def sha256(contents: Iterable[Traversable]) -> str:
    """SHA-256 of files one after the other, as ``cat a b | sha256sum`` has it."""
    digest = hashlib.sha256()
    for file in contents:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def check(table: object, fields: Mapping[str, type], at: Place) -> dict[str, Any]:
    """A TOML table whose keys and types are as promised.

    Parameters
    ----------
    table : object
        What stands at `at`.
    fields : mapping of str to type
        The keys and their types; a key that ends in ``?`` may be left out.
    at : Place
        For messages.

    Returns
    -------
    dict
        Every field by its name without ``?``; None where it was left out.

    Raises
    ------
    ConfigError
        E231 unknown key, E232 missing key, E233 wrong type; each names file and key.
    """
    if not isinstance(table, dict):
        raise _wrong(table, dict, at)
    kinds = {name.removesuffix("?"): kind for name, kind in fields.items()}
    for key in table:
        if key not in kinds:
            known = ", ".join(kinds)
            raise ConfigError("E231", file=at.file, key=at.at(key).key, expected=known)
    for name in fields:
        if not name.endswith("?") and name not in table:
            raise ConfigError("E232", file=at.file, key=at.at(name).key)
    return {
        name: _typed(table[name], kind, at.at(name)) if name in table else None
        for name, kind in kinds.items()
    }


def _typed(value: Any, kind: type, at: Place) -> Any:
    if kind is float and type(value) is int:
        value = float(value)
    sound = type(value) is kind
    if sound and kind is str:
        sound = bool(value.strip())
    if sound and kind is float:
        sound = math.isfinite(value)
    if not sound:
        raise _wrong(value, kind, at)
    return value


def _wrong(value: object, kind: type, at: Place) -> ConfigError:
    zh, en = _WORDS[kind]
    return ConfigError("E233", file=at.file, key=at.key, value=repr(value), wanted_zh=zh, wanted=en)


def one_of(value: str, allowed: Sequence[str], at: Place) -> str:
    """The value when it is among those allowed; otherwise E233."""
    if value not in allowed:
        words = ", ".join(allowed)
        raise ConfigError(
            "E233", file=at.file, key=at.key, value=repr(value), wanted_zh=words, wanted=words
        )
    return value


def unit(symbol: str, at: Place) -> str:
    """A unit that the table of units knows; otherwise E233. ``text`` marks a column of words."""
    if symbol != "text":
        try:
            factor(symbol, symbol)
        except UnitError as fault:
            raise ConfigError(
                "E233",
                file=at.file,
                key=at.key,
                value=repr(symbol),
                wanted_zh="已知的单位",
                wanted="a unit that is known",
            ) from fault
    return symbol


def within(value: float, span: tuple[float | None, float | None], at: Place) -> float:
    """The value when it is finite (otherwise E233) and in the parameter's range (else E240)."""
    if not math.isfinite(value):
        raise _wrong(value, float, at)
    low, high = span
    if (low is not None and value < low) or (high is not None and value > high):
        raise ConfigError("E240", file=at.file, key=at.key, value=value, low=low, high=high)
    return value


def sources(table: object, at: Place) -> dict[str, Source]:
    """The documents a file lists, by their id."""
    fields = {"title_zh": str, "title_en": str, "publisher": str, "year": int, "link?": str}
    found = {}
    for name, entry in check_all(table, at).items():
        values = check(entry, fields, at.at(name))
        found[name] = Source(name, **(values | {"link": values["link"] or ""}))
    return found


def check_all(table: object, at: Place) -> dict[str, Any]:
    """A TOML table whose keys are free."""
    if not isinstance(table, dict):
        raise _wrong(table, dict, at)
    return table


def cited(source: str, listed: Mapping[str, Source], at: Place) -> Source:
    """The listed document a figure cites; E239 when it is not listed."""
    if source not in listed:
        raise ConfigError(
            "E239", file=at.file, key=at.key, value=source, expected=", ".join(listed)
        )
    return listed[source]


def confidence(mark: str, at: Place) -> str:
    """A mark of confidence; E233 when it is none of the four."""
    return one_of(mark, CONFIDENCES, at)


def csv_rows(file: Traversable) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file in UTF-8, each row as long as the header.

    Raises
    ------
    ConfigError
        E241 when the file is missing, empty, not UTF-8, ragged or has a column twice.
    """
    try:
        lines = list(csv.reader(file.read_text(encoding="utf-8").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise ConfigError("E241", file=file.name, key="", detail=fault) from None
    if not lines:
        raise ConfigError("E241", file=file.name, key="", detail="no header")
    header, rows = lines[0], lines[1:]
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ConfigError("E241", file=file.name, key=twice[0], detail="column stands twice")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            detail = f"{len(row)} fields, {len(header)} expected"
            raise ConfigError("E241", file=file.name, key=f"line {line}", detail=detail)
    return header, rows


def number(text: str, at: Place) -> float:
    """A finite number out of a cell; otherwise E233."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _wrong(text, float, at)
    return value
