"""What the balance workbook shows, and the words it shows it in."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from ecogis.accounts.layout import Table
from ecogis.accounts.ties import Tie

__all__ = ["BalanceBook", "words"]


@dataclass(frozen=True)
class BalanceBook:
    """What the workbook shows; nothing is worked out here but sums of its own cells.

    Attributes
    ----------
    title, subject : tuple of str
        In Chinese and in English.
    tables : mapping of str to Table
        In the order of the sheets.
    ties : sequence of Tie
        What the tables must agree on.
    notes : sequence of tuple
        ``what_zh what_en text_zh text_en``: policies, limits, prices.
    condition : DataFrame or None
        As `ecogis.accounts.condition` gives it.
    created : date
        Day of the closing survey: the file's date, so that the same tables give the same bytes.
    fingerprint : str
        Hash of the run's record.
    """

    title: tuple[str, str]
    subject: tuple[str, str]
    tables: Mapping[str, Table]
    ties: Sequence[Tie]
    notes: Sequence[tuple[str, str, str, str]]
    condition: pd.DataFrame | None
    created: date
    fingerprint: str


@cache
def words() -> dict[str, Any]:
    """Words, units, colours and names of the sheets."""
    text = files("ecogis.report").joinpath("balance_book.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
