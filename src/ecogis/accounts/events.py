"""Event records: what happened to which stand, made into parts of land that changed.

A stand's land is what no event touched and a part per event. Growth is the kernel's, on touched
land only until the day of the event; what an event takes or clears is its own part.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.event_records import CAUSE
from ecogis.accounts.parts import NOT_ON_RECORD, STATUSES, Parts, rank
from ecogis.accounts.rows import ATTRIBUTES, Survey
from ecogis.core.findings import Findings
from ecogis.numerics.rounding import quantise

__all__ = ["Changes", "changes"]

NATURAL_LOSS: Final = "natural_loss"
"""Cause of a fall on land no event touched: more dies than grows."""
_GAINS = ("afforestation", "replanting", "natural_regeneration")
_QUANTITIES = ("volume_dm3", "co2e_kg")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Changes:
    """Parts the events make, and what grows and goes within the period.

    Attributes
    ----------
    parts : Parts
        The untouched land of each stand first, in the survey's order, then one part per event.
    residues : mapping of str to array
        By quantity: of the fall of each part, what stays in the forest as felling residue.
    passing : mapping of str to array
        By quantity: what grew within the period and was taken in it, part by part.
    """

    parts: Parts
    residues: dict[str, Ints]
    passing: dict[str, Ints]


def changes(
    events: pd.DataFrame,
    opening: Survey,
    grown: pd.DataFrame,
    days: tuple[date, date],
    *,
    residue_share: float | None = None,
    findings: Findings | None = None,
) -> Changes:
    """Parts of land from event records and the growth kernel.

    Parameters
    ----------
    events : DataFrame
        As `bookable` gives them.
    opening : Survey
        Stands at the opening.
    grown : DataFrame
        ``volume_dm3 co2e_kg``: each stand at the closing day had nothing happened, in the order of
        the survey; missing where its growth is not known, which then is nothing.
    days : tuple of date
        Opening and closing day.
    residue_share : float, optional
        Share of the felled volume that stays as residue where a record does not tell; without it
        residues stay in what is removed. [1]
    findings : Findings, optional
        Takes what is more than a stand has.

    Returns
    -------
    Changes

    Findings
    --------
    E405
        Events take more area or volume than the stand has; what it has is booked.
    """
    stands = opening.stands
    at = events["at"].to_numpy(dtype=np.int64)
    whole = stands["area_dm2"].to_numpy(dtype=np.int64)
    area = _within(_whole(events["area_record_ha"], 1e-6), whole[at], at)
    gains = events["event_kind"].isin(_GAINS).to_numpy(dtype=bool)
    asked = _whole(events["standing_volume_m3"], 1e-3)
    stock, growth = _stock(stands, grown, _growing(events, area, whole, days))
    taken = np.where(gains, 0, asked)
    lost = _within(taken, stock["volume_dm3"][at], at)
    if findings is not None:
        more = (_whole(events["area_record_ha"], 1e-6) > area) | (taken > lost)
        findings.add("E405", layer="events", where=more, feature=events["event"],
                     observed=events["stand"])  # fmt: skip
    cleared = np.where(events["land_class"].notna().to_numpy(dtype=bool), area, 0)
    on_land = stock["volume_dm3"][at] * (cleared / np.maximum(whole[at], 1))
    steps = _steps(lost, on_land.astype(np.int64), stock["volume_dm3"], at)
    books = {
        name: _books(stands[name].to_numpy(dtype=np.int64), stock, growth, name, steps, at)
        for name in _QUANTITIES
    }
    rise = {name: books[name]["rise"].copy() for name in _QUANTITIES}
    gained = np.where(gains, asked, 0)
    whole_stock = max(int(stands["volume_dm3"].sum()), 1)  # carbon of what is gained, at the mean
    rise["volume_dm3"][len(stands) :] += gained
    rise["co2e_kg"][len(stands) :] += gained * int(stands["co2e_kg"].sum()) // whole_stock
    share = _residue_share(events, len(stands), residue_share)
    residues = {name: quantise(books[name]["fall"] * share, 1.0) for name in _QUANTITIES}
    parts = _parts(events, opening, cleared, books, rise)
    return Changes(parts, residues, {name: books[name]["passing"] for name in _QUANTITIES})


def _residue_share(
    events: pd.DataFrame, stands: int, otherwise: float | None
) -> npt.NDArray[np.float64]:
    """Share of the fall of each part that stays as residue: of what is felled only. [1]"""
    share = events["residue_share"].to_numpy(dtype=np.float64, na_value=np.nan)
    share = np.where(np.isnan(share), otherwise or 0.0, share)
    felled = np.where(events["event_kind"].eq("harvest"), share, 0.0)
    return np.concatenate([np.zeros(stands), felled])


def _whole(column: pd.Series, step: float) -> Ints:
    return quantise(np.nan_to_num(column.to_numpy(dtype=np.float64, na_value=np.nan)), step)


def _within(amount: Ints, most: Ints, group: Ints) -> Ints:
    """Amounts of a group, in order, as far as together they stay within what there is."""
    before = pd.Series(amount).groupby(group).cumsum().to_numpy(dtype=np.int64) - amount
    return np.asarray(np.clip(most - before, 0, amount), dtype=np.int64)


def _growing(
    events: pd.DataFrame, area: Ints, whole: Ints, days: tuple[date, date]
) -> npt.NDArray[np.float64]:
    """Share of each stand's growth that takes place: cleared land grows until its event. [1]"""
    first, last = (pd.Timestamp(day) for day in days)
    passed = ((events["when"] - first) / (last - first)).to_numpy(dtype=np.float64)
    clears = events["land_class"].notna().to_numpy(dtype=bool)
    lost = np.zeros(len(whole))
    at = events["at"].to_numpy(dtype=np.int64)
    np.add.at(lost, at[clears], (area * (1.0 - passed))[clears])
    return 1.0 - lost / np.maximum(whole, 1)


def _stock(
    stands: pd.DataFrame, grown: pd.DataFrame, share: npt.NDArray[np.float64]
) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """What each stand has with its growth, and the growth, which may be below nothing."""
    stock, growth = {}, {}
    for name in _QUANTITIES:
        had = stands[name].to_numpy(dtype=np.int64)
        after = grown[name].to_numpy(dtype=np.float64, na_value=np.nan)
        rise = np.where(np.isnan(after), 0.0, after - had) * share
        growth[name] = np.maximum(quantise(rise, 1.0), -had)
        stock[name] = had + growth[name]
    return stock, growth


def _steps(lost: Ints, on_land: Ints, stock: Ints, at: Ints) -> tuple[Ints, Ints, Ints]:
    """Volume of a stand used up before each event, with what it takes, with what moves. [dm3]"""
    stay = _within(np.maximum(on_land - lost, 0), stock[at] - _sum_of(lost, at), at)
    used = pd.Series(lost + stay).groupby(at).cumsum().to_numpy(dtype=np.int64)
    return used - lost - stay, used - stay, used


def _sum_of(amount: Ints, group: Ints) -> Ints:
    return pd.Series(amount).groupby(group).transform("sum").to_numpy(dtype=np.int64)


def _books(  # noqa: PLR0917  a quantity's books in one place
    had: Ints,
    stock: dict[str, Ints],
    growth: dict[str, Ints],
    name: str,
    steps: tuple[Ints, Ints, Ints],
    at: Ints,
) -> dict[str, Ints]:
    """What stayed, rose and fell of a quantity, on untouched land and then event by event.

    An event takes of carbon the share it takes of volume, so what has no volume left has no carbon.
    """
    volume = np.maximum(stock["volume_dm3"], 1)[at]
    start, middle, end = (step * stock[name][at] // volume for step in steps)
    fall, stay = middle - start, end - middle
    over = np.maximum(end - had[at], 0)  # of it, what grew in the period
    late = np.minimum(over, stay)
    passing = np.minimum(over - late, fall)
    before = np.maximum(start - had[at], 0)  # counted with the events before
    late, passing = np.minimum(late, over - before), np.minimum(passing, over - before)
    late = np.minimum(late, over - before - passing)
    from_opening, from_growth = (np.zeros(len(had), dtype=np.int64) for _ in range(2))
    np.add.at(from_opening, at, fall - passing + stay - late)
    np.add.at(from_growth, at, passing + late)
    rest, untouched = growth[name] - from_growth, had - from_opening
    shrunk = np.minimum(np.maximum(-rest, 0), untouched)
    return {
        "kept": np.concatenate([untouched - shrunk, stay - late]),
        "rise": np.concatenate([np.maximum(rest, 0), late]),
        "fall": np.concatenate([shrunk, fall - passing]),
        "passing": np.concatenate([np.zeros(len(had), dtype=np.int64), passing]),
    }


def _parts(
    events: pd.DataFrame,
    opening: Survey,
    cleared: Ints,
    books: dict[str, dict[str, Ints]],
    rise: dict[str, Ints],
) -> Parts:
    stands, at = opening.stands, events["at"].to_numpy(dtype=np.int64)
    count, stand = len(stands), np.concatenate([np.arange(len(stands)), at])
    rest = stands["area_dm2"].to_numpy(dtype=np.int64).copy()
    np.subtract.at(rest, at, cleared)
    changed = events["land_class"].notna()
    names = {"owner": [NOT_ON_RECORD], "cause": [*dict.fromkeys(CAUSE.values()), NATURAL_LOSS]}
    before = {"owner": np.zeros(len(stand), dtype=np.int64)}
    for name in ("township", "farm", "land_class", *ATTRIBUTES):
        seen = {*stands[name], *(events.loc[changed, name] if name == "land_class" else ())}
        names[name] = rank(name, sorted(map(str, seen)))
        before[name] = _coded(stands[name], names[name])[stand]
    after = before | {"land_class": before["land_class"].copy()}
    target = events["land_class"].where(changed, names["land_class"][0])
    classes = _coded(target, names["land_class"])
    after["land_class"][count:] = np.where(changed, classes, before["land_class"][count:])
    causes = _coded(events["event_kind"].map(CAUSE), names["cause"])
    untouched = np.full(count, len(names["cause"]) - 1, dtype=np.int64)
    status = _coded(stands["status"], list(STATUSES))[stand]
    sure = np.ones(len(stand), dtype=bool)
    return Parts(
        names=names,
        before=before,
        after=after,
        has_left=sure,
        has_right=sure,
        left=stand,
        right=stand,
        cause=np.concatenate([untouched, causes]),
        area=np.concatenate([rest, cleared]),
        kept={name: books[name]["kept"] for name in books},
        rise=rise,
        fall={name: books[name]["fall"] for name in books},
        status_before=status,
        status_after=np.maximum(status, STATUSES.index("modelled")),
    )


def _coded(texts: pd.Series, names: list[str]) -> Ints:
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    return np.array([place[str(text)] for text in texts], dtype=np.int64)
