"""The lines of the accounts: codes, names in both languages, and what is booked to which."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

__all__ = ["BY_EVENTS", "SHEETS", "Line", "booking", "confidence", "lines", "not_separated"]

SHEETS = ("area", "timber", "quality", "age", "extent", "water")
"""Sheets of lines, each in `lines`."""
BY_EVENTS = ("统计差异(期末调查减推算)", "statistical difference (surveyed less modelled closing)")
"""What the lines of the difference are where event records explain the change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an account; kind is stock, add, less, subtotal, signed, check or memo."""

    code: str
    kind: str
    zh: str
    en: str
    source: str
    cause: str = ""
    separated: bool = True
    included_in_zh: str = ""
    included_in_en: str = ""


@cache
def _tables() -> dict[str, Any]:
    text = files("ecogis.accounts").joinpath("lines.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def lines(sheet: str) -> tuple[Line, ...]:
    """The lines of one of `SHEETS`, in order.

    >>> [line.code for line in lines("timber")][:3]
    ['T00', 'T10', 'T11']
    """
    return tuple(Line(**entry) for entry in _tables()[sheet])


def booking(table: str) -> Mapping[str, str]:
    """Cause to line code, in a table of ``lines.toml`` such as ``gain`` or ``forest_loss``.

    >>> booking("loss")["harvest"]
    'T21'
    """
    return dict(_tables()[table])


def confidence(line: Line) -> str:
    """How sure the line's place in the layout is: quoted, inferred, recalled or assumed."""
    return str(_tables()["sources"][line.source]["confidence"])


def not_separated() -> pd.DataFrame:
    """Lines two surveys cannot tell apart, and where their quantity is contained.

    Returns
    -------
    DataFrame
        ``line_code zh en included_in_zh included_in_en``.
    """
    apart = [line for line in lines("timber") if not line.separated]
    return pd.DataFrame(
        {
            "line_code": [line.code for line in apart],
            "zh": [line.zh for line in apart],
            "en": [line.en for line in apart],
            "included_in_zh": [line.included_in_zh for line in apart],
            "included_in_en": [line.included_in_en for line in apart],
        }
    )
