"""The catalogue of texts: every finding and error by code, Chinese and English."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Rule", "Severity", "catalogue", "fill", "rule"]

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
    return string.Formatter().vformat(text, (), _Blank(values))


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
