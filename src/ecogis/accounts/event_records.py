"""Event records of a period: which can be booked, and which the closing survey misses."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.rows import Survey
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import code_label, require

__all__ = ["CAUSE", "EVENT_COLUMNS", "bookable", "unrecorded"]

EVENT_COLUMNS = (
    "event",
    "stand",
    "event_kind",
    "date",
    "area_record_ha",
    "standing_volume_m3",
    "residue_share",
    "land_class",
)
CAUSE: Final = {
    "afforestation": "afforestation",
    "replanting": "afforestation",
    "natural_regeneration": "natural_regeneration",
    "harvest": "harvest",
    "fire": "fire",
    "pest": "disaster",
    "storm": "disaster",
    "disaster": "disaster",
    "land_take": "land_take",
    "reclassification": "other",
    "survey": "survey",
    "other": "other",
}
"""Kind of event to the cause of change it is booked by."""
_TAKING: Final = ("harvest", "fire", "pest", "storm", "disaster", "land_take")
"""Kinds that take volume: without a figure it is not known how much."""
_RECORDED: Final = tuple(cause for cause in dict.fromkeys(CAUSE.values())
                         if cause not in {"other", "survey"})  # fmt: skip
"""Causes that are events, and so must be on record; the others correct a survey."""


def bookable(
    events: pd.DataFrame,
    opening: Survey,
    days: tuple[date, date],
    *,
    findings: Findings | None = None,
) -> pd.DataFrame:
    """Event records that can be booked, by day; what cannot is told, record by record.

    Parameters
    ----------
    events : DataFrame
        `EVENT_COLUMNS`: kind and day of the event, the stand of the opening survey it struck, area
        [ha], volume taken or gained [m3], share of the felled volume that stays as residue [1],
        land class afterwards (missing where it does not change).
    opening : Survey
        Stands at the opening.
    days : tuple of date
        Day of the opening and of the closing survey; an event after the first and up to the second
        belongs to the period.
    findings : Findings, optional
        Takes what cannot be booked.

    Returns
    -------
    DataFrame
        `EVENT_COLUMNS`, ``at`` (row of the stand) and ``when``, by day.

    Findings
    --------
    E402
        The stand is not in the opening survey, or the kind of event is not on record.
    E403
        The day is outside the period or not on record.
    E404
        Neither area nor volume can be used, or one of them is negative.
    E428
        A felling, disaster or taking of stocked land does not say how much volume: an error.
    E429
        The record says the same as one before it in all but its number: it is booked once.
    """
    require(events, EVENT_COLUMNS, "events")
    at = opening.stands.index.get_indexer(pd.Index(events["stand"].astype(object)))
    when = pd.to_datetime(events["date"])
    within = when.gt(pd.Timestamp(days[0])) & when.le(pd.Timestamp(days[1]))
    area, volume = (
        events[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("area_record_ha", "standing_volume_m3")
    )
    moves = events["land_class"].notna().to_numpy(dtype=bool)
    empty = (
        (np.isnan(area) & np.isnan(volume)) | (area < 0) | (volume < 0) | (moves & np.isnan(area))
    )
    stocked = np.append(opening.stands["volume_dm3"].to_numpy(dtype=np.int64) > 0, False)[at]
    unsaid = events["event_kind"].isin(_TAKING).to_numpy(dtype=bool) & np.isnan(volume) & stocked
    again = events.duplicated(list(EVENT_COLUMNS[1:])).to_numpy(dtype=bool)
    unknown = (at < 0) | ~events["event_kind"].isin(list(CAUSE)).to_numpy(dtype=bool)
    outside = ~unknown & ~within.to_numpy(dtype=bool)
    left = ~unknown & ~outside
    for code, where in (
        ("E402", unknown),
        ("E403", outside),
        ("E404", left & empty),
        ("E428", left & ~empty & unsaid),
        ("E429", left & ~empty & ~unsaid & again),
    ):
        if findings is not None:
            findings.add(
                code, layer="events", where=where, feature=events["event"], row=events.get("row"),
                observed=events["stand"] if code == "E402" else events["date"],
            )  # fmt: skip
    kept = left & ~empty & ~unsaid & ~again
    made = events[list(EVENT_COLUMNS)].assign(at=at, when=when)[kept]
    ordered: pd.DataFrame = made.sort_values(["when", "event"], kind="stable", ignore_index=True)
    return ordered


def unrecorded(
    events: pd.DataFrame,
    opening: Survey,
    closing: pd.DataFrame,
    days: tuple[date, date],
    findings: Findings,
) -> int:
    """Stands whose closing survey states an event of the period of which there is no record.

    Stands are compared by identifier; one the opening survey does not have is not compared. A cause
    without a year counts as one of the period.

    Parameters
    ----------
    events : DataFrame
        As `bookable` gives them.
    opening : Survey
        Stands at the opening.
    closing : DataFrame
        ``stand area_dm2``, optional ``change_cause change_year``.
    days : tuple of date
        Opening and closing day.
    findings : Findings
        Takes the stands.

    Returns
    -------
    int
        Their number.

    Findings
    --------
    E413
        The stand, its cause and its area: the limit of the difference of area is nought.
    """
    if "change_cause" not in closing:
        return 0
    known = closing["stand"].isin(opening.stands.index)
    cause = closing["change_cause"].astype(object).where(closing["change_cause"].notna(), "")
    told = known & cause.isin(_RECORDED)
    if "change_year" in closing:
        years = closing["change_year"]
        told &= (years.isna() | years.between(days[0].year + 1, days[1].year)).astype(bool)
    booked = set(zip(events["stand"], events["event_kind"].map(CAUSE), strict=True))
    pairs = zip(closing["stand"], cause, strict=True)
    where = told.to_numpy(dtype=bool) & np.array([pair not in booked for pair in pairs], dtype=bool)
    return findings.add(
        "E413",
        layer="stands",
        where=where,
        feature=closing["stand"],
        row=closing.get("row"),
        column="change_cause",
        observed=cause,
        area_ha=closing["area_dm2"].to_numpy() * 1e-6,
        cause_zh=cause.map(_label_zh),
        ha=np.round(closing["area_dm2"].to_numpy() * 1e-6, 4),
    )


def _label_zh(cause: str) -> str:
    return code_label("change_cause", cause, "zh")
