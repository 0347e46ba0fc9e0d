"""Costs as stated in the project file: what, how much, when, why, how well known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date as Date
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_years, day
from ecogis.valuation.money import Amount, exact, fen

__all__ = ["CostItem", "cost_events", "cost_items"]

_BASES: Final = ("fixed", "per_ha")
_RULES: Final = ("date", "verification", "yearly")
_OPTIONAL: Final = {"date"}


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost.

    Parameters
    ----------
    code, zh, en : str
        Name for machines and for people.
    amount_cny : number
        Amount, or amount per hectare. [CNY or CNY ha-1]
    basis : {"fixed", "per_ha"}
        Whether the amount is multiplied with the project's area.
    when : {"date", "verification", "yearly"}
        Once on `date`; at every verification; or every year from `date` to the last issuance.
    because, confidence : str
        Reason and confidence of the amount.
    date : date, optional
        For ``date`` and ``yearly``.
    """

    code: str
    zh: str
    en: str
    amount_cny: Amount
    basis: str
    when: str
    because: str
    confidence: str
    date: Date | None = None

    def __post_init__(self) -> None:
        if self.basis not in _BASES or self.when not in _RULES:
            raise ConfigError("E531", item=self.code, what=f"basis {self.basis}, when {self.when}")
        if exact(self.amount_cny, self.code) < 0:
            raise ConfigError("E531", item=self.code, what=f"amount_cny {self.amount_cny} < 0")
        if (self.date is None) != (self.when == "verification"):
            raise ConfigError("E531", item=self.code, what=f"when {self.when}, date {self.date}")


def cost_items(entries: Sequence[Mapping[str, Any]] | None) -> tuple[CostItem, ...]:
    """The costs of a project file's ``costs`` list.

    Raises
    ------
    ConfigError
        E530: the list is missing (``costs = []`` says that there are none). E531: an entry has
        unknown or missing keys, or values that do not belong together.

    Examples
    --------
    >>> cost_items([])
    ()
    """
    if entries is None:
        raise ConfigError("E530")
    return tuple(_item(entry) for entry in entries)


def _item(entry: Mapping[str, Any]) -> CostItem:
    known = {field.name for field in fields(CostItem)}
    wrong = sorted((entry.keys() - known) | (known - _OPTIONAL - entry.keys()))
    if wrong:
        what = f"unknown or missing keys {', '.join(wrong)}"
        raise ConfigError("E531", item=entry.get("code", "?"), what=what)
    dated = {"date": day(entry["date"])} if entry.get("date") is not None else {}
    return CostItem(**{**entry, **dated})


def cost_events(
    items: Sequence[CostItem], issuances: pd.DataFrame, area_ha: float | None
) -> pd.DataFrame:
    """Each payment of each cost, in order of time.

    Parameters
    ----------
    items : sequence of CostItem
        The costs; empty when there are none.
    issuances : DataFrame
        ``issuance_date``; ``verification_date`` where costs are due at verifications.
    area_ha : float or None
        Area of the project, for costs per hectare. [ha]

    Returns
    -------
    DataFrame
        ``date``, ``code``, ``zh``, ``en``, ``cost_fen`` [fen], ``confidence``.
    """
    rows = [
        {
            "date": pd.Timestamp(due),
            "code": item.code,
            "zh": item.zh,
            "en": item.en,
            "cost_fen": _amount_fen(item, area_ha),
            "confidence": item.confidence,
        }
        for item in items
        for due in _due(item, issuances)
    ]
    columns = ["date", "code", "zh", "en", "cost_fen", "confidence"]
    events = pd.DataFrame(rows, columns=columns).astype({"cost_fen": "int64"})
    events["date"] = pd.to_datetime(events["date"])
    return events.sort_values(["date", "code"], kind="stable", ignore_index=True)


def _amount_fen(item: CostItem, area_ha: float | None) -> int:
    if item.basis == "fixed":
        return fen(item.amount_cny, item.code)
    if area_ha is None:
        raise ConfigError("E531", item=item.code, what="per_ha needs the project's area")
    return fen(exact(item.amount_cny, item.code) * exact(area_ha, "area_ha"), item.code)


def _due(item: CostItem, issuances: pd.DataFrame) -> list[Date]:
    if item.when == "verification":
        if "verification_date" not in issuances.columns:
            raise ConfigError("E531", item=item.code, what="issuances have no verification_date")
        dates = pd.to_datetime(issuances["verification_date"]).dropna().unique()
        return [Date.fromisoformat(str(pd.Timestamp(due).date())) for due in sorted(dates)]
    first = day(item.date)
    if item.when == "date":
        return [first]
    last = pd.to_datetime(issuances["issuance_date"]).max()
    due = (add_years(first, year) for year in range(max(0, last.year - first.year) + 1))
    return [when for when in due if pd.Timestamp(when) <= last] if pd.notna(last) else []
