"""The catalogue of texts: every finding and error by code, Chinese and English."""

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Rule", "Severity", "catalogue", "fill", "filled", "rule"]

_FORMATTER = string.Formatter()
_KEYS = {"severity", "kind", "zh", "en", "remedy_zh", "remedy_en"}


class Severity(StrEnum):
    """How much a finding weighs: to know, to look at, to settle."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue."""

    code: str
    severity: Severity
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    kind: str


class _Blank(dict[str, Any]):
    """Placeholders without a value stay readable as ``?``."""

    def __missing__(self, key: str) -> str:
        return "?"


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Fill the placeholders of a text; one without a value reads ``?``.

    >>> fill("{a} m and {b}", {"a": 3})
    '3 m and ?'
    """
    return _FORMATTER.vformat(text, (), _Blank(values))


def filled(
    texts: Sequence[str], columns: Mapping[str, Sequence[Any]], count: int
) -> list[list[str]]:
    """Several texts filled row by row, each as `fill` fills it.

    Parameters
    ----------
    texts : sequence of str
        With the same placeholders.
    columns : mapping of sequences
        Values of the placeholders, each for `count` rows.
    count : int
        Number of rows. [1]

    Examples
    --------
    >>> filled(["{a} m", "{b}, {a:.1f}"], {"a": [3, 4]}, 2)
    [['3 m', '4 m'], ['?, 3.0', '?, 4.0']]
    """
    written: dict[tuple[str, str], list[str]] = {}
    return [_filled(text, columns, count, written) for text in texts]


def _filled(
    text: str,
    columns: Mapping[str, Sequence[Any]],
    count: int,
    written: dict[tuple[str, str], list[str]],
) -> list[str]:
    parts = _parts(text)
    if parts is None:
        names, rows = list(columns), zip(*columns.values(), strict=True)
        return [fill(text, dict(zip(names, row, strict=True))) for row in rows]
    streams: list[Sequence[str]] = []
    for literal, name, spec in parts:
        if literal:
            streams.append([literal] * count)
        if name is not None:
            if (name, spec) not in written:
                cells = columns.get(name, ["?"] * count)
                written[name, spec] = [format(cell, spec) for cell in cells]
            streams.append(written[name, spec])
    return ["".join(row) for row in zip(*streams, strict=True)] if streams else [""] * count


@cache
def _parts(text: str) -> tuple[tuple[str, str | None, str], ...] | None:
    """Literals and placeholders of a text; None where one is more than a name and a format."""
    found = [(words, name, spec or "", how) for words, name, spec, how in _FORMATTER.parse(text)]
    for _, name, spec, how in found:
        if name is not None and (not name.isidentifier() or "{" in spec or how):
            return None
    return tuple((words, name, spec) for words, name, spec, _ in found)


@cache
def catalogue() -> dict[str, Rule]:
    """Every rule by its code, from the TOML files beside this module.

    Raises
    ------
    RuntimeError
        When a shipped file has an unknown key or a code stands in two files.
    """
    found: dict[str, Rule] = {}
    folder = files("ecogis.core.catalogue")
    for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not source.name.endswith(".toml"):
            continue
        for code, entry in tomllib.loads(source.read_text(encoding="utf-8")).items():
            if code in found or entry.keys() - _KEYS:
                raise RuntimeError(f"{source.name}: {code} stands twice or has unknown keys")
            found[code] = _rule(code, entry)
    return found


def _rule(code: str, entry: Mapping[str, str]) -> Rule:
    return Rule(
        code=code,
        severity=Severity(entry.get("severity", "error")),
        zh=entry["zh"],
        en=entry["en"],
        remedy_zh=entry.get("remedy_zh", ""),
        remedy_en=entry.get("remedy_en", ""),
        kind=entry.get("kind", "finding"),
    )


def rule(code: str) -> Rule:
    """The catalogue's entry for a code.

    Raises
    ------
    KeyError
        When no shipped catalogue has the code.

    Examples
    --------
    >>> rule("E001").severity
    <Severity.ERROR: 'error'>
    """
    return catalogue()[code]
