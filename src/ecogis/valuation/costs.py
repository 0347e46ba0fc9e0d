"""Costs as stated in the project file: what, how much, when, why, how well known."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_years, day
from ecogis.valuation.money import Amount, exact, fen

__all__ = ["CostItem", "cost_events", "cost_items"]

_ONCE: Final = "once"
_VERIFICATION: Final = ("per_verification", "per_ha_verification")
_YEARLY: Final = ("per_year", "per_ha_year")
_OPTIONAL: Final = {"document", "date", "confidence"}


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost.

    Parameters
    ----------
    id, zh, en : str
        Name for machines and for people.
    cny : number
        Amount, or amount per hectare where the rule says so. [CNY or CNY ha-1]
    rule : {"once", "per_verification", "per_ha_verification", "per_year", "per_ha_year"}
        When it falls due: on `date`; at every verification; or every year from `date` (from a year
        after the valuation date where none is given) to the last issuance.
    because : str
        Where the figure comes from.
    document : str
        Document behind it, if any.
    date : date, optional
        Day of a cost due once, first day of a yearly one.
    confidence : str
        How well it is known; assumed unless the project says otherwise.

    Raises
    ------
    ConfigError
        E531: unknown rule, amount below 0, or a date that is missing or has no meaning.
    """

    id: str
    zh: str
    en: str
    cny: Amount
    rule: str
    because: str
    document: str = ""
    date: dt.date | None = None
    confidence: str = "assumed"

    def __post_init__(self) -> None:
        if self.rule not in {_ONCE, *_VERIFICATION, *_YEARLY}:
            raise ConfigError("E531", item=self.id, what=f"rule {self.rule}")
        if exact(self.cny, self.id) < 0:
            raise ConfigError("E531", item=self.id, what=f"cny {self.cny} < 0")
        undated = self.date is None
        if (self.rule == _ONCE and undated) or (self.rule in _VERIFICATION and not undated):
            raise ConfigError("E531", item=self.id, what=f"rule {self.rule}, date {self.date}")

    @property
    def per_ha(self) -> bool:
        """Whether the amount is multiplied with the project's area."""
        return self.rule.startswith("per_ha_")


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
        raise ConfigError("E531", item=entry.get("id", "?"), what=what)
    dated = {"date": day(entry["date"])} if entry.get("date") is not None else {}
    return CostItem(**{**entry, **dated})


def cost_events(
    items: Sequence[CostItem], issuances: pd.DataFrame, *, date: dt.date, area_ha: float | None
) -> pd.DataFrame:
    """Each payment of each cost, in order of time.

    Parameters
    ----------
    items : sequence of CostItem
        The costs; empty when there are none.
    issuances : DataFrame
        ``issuance_date``; ``verification_date`` where costs are due at verifications.
    date : date
        Valuation date.
    area_ha : float or None
        Area of the project, for costs per hectare. [ha]

    Returns
    -------
    DataFrame
        ``date``, ``item``, ``zh``, ``en``, ``cost_fen`` [fen], ``confidence``.
    """
    rows = [
        (pd.Timestamp(due), item.id, item.zh, item.en, _amount_fen(item, area_ha), item.confidence)
        for item in items
        for due in _due(item, issuances, date)
    ]
    columns = ["date", "item", "zh", "en", "cost_fen", "confidence"]
    events = pd.DataFrame(rows, columns=columns).astype({"cost_fen": "int64"})
    events["date"] = pd.to_datetime(events["date"])
    return events.sort_values(["date", "item"], kind="stable", ignore_index=True)


def _amount_fen(item: CostItem, area_ha: float | None) -> int:
    if not item.per_ha:
        return fen(item.cny, item.id)
    if area_ha is None:
        raise ConfigError("E531", item=item.id, what=f"{item.rule} needs the project's area")
    return fen(exact(item.cny, item.id) * exact(area_ha, "area_ha"), item.id)


def _due(item: CostItem, issuances: pd.DataFrame, date: dt.date) -> list[dt.date]:
    if item.rule == _ONCE:
        return [day(item.date)]
    if item.rule in _YEARLY:
        return _yearly(item.date or add_years(date, 1), issuances)
    if "verification_date" not in issuances.columns:
        raise ConfigError("E531", item=item.id, what="issuances have no verification_date")
    dates = pd.to_datetime(issuances["verification_date"]).dropna().unique()
    return [day(due) for due in sorted(dates)]


def _yearly(first: dt.date, issuances: pd.DataFrame) -> list[dt.date]:
    if issuances.empty:
        return []
    last = day(pd.to_datetime(issuances["issuance_date"]).max())
    due = (add_years(first, year) for year in range(max(0, last.year - first.year) + 1))
    return [when for when in due if when <= last]
