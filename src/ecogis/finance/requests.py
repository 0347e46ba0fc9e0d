"""The closed loop of requests: logged, assigned to a level, answered by a day, or overdue."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require

__all__ = ["LEVELS", "STEPS", "requests_at"]

LEVELS: Final = ("province", "city", "county")
"""Who may be asked to answer."""

STEPS: Final = ("logged", "assigned", "answered", "reopened")
"""What may happen to a request, in words of the log."""

_STATES: Final = {
    "logged": ("待分派", "to be assigned"),
    "assigned": ("办理中", "being dealt with"),
    "overdue": ("超期", "overdue"),
    "answered": ("已答复", "answered"),
    "late": ("超期答复", "answered late"),
}
_NEXT: Final = {
    "": ("logged",),
    "logged": ("assigned",),
    "assigned": ("assigned", "answered"),
    "answered": ("reopened",),
    "reopened": ("assigned",),
}
_COLUMNS: Final = ("request", "logged_on", "level", "due", "answered_on", "state", "state_zh",
                   "state_en", "days_over", "said")  # fmt: skip


def requests_at(events: pd.DataFrame, day: date, *, findings: Findings) -> pd.DataFrame:
    """Where every request stands on a day, the most overdue first.

    Parameters
    ----------
    events : DataFrame, one row per event, in their order
        ``request``, ``day``, ``step`` (`STEPS`), ``level`` (`LEVELS`) and ``due`` (a date) for an
        assignment, ``said``.
    day : date
        Later events are not looked at.
    findings : Findings
        Takes events that cannot be.

    Returns
    -------
    DataFrame, one row per request
        ``request logged_on level due answered_on state`` (logged, assigned, overdue, answered,
        late), in words too, ``days_over`` [d] and what was said last.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E950
        An event without a request or a day, out of order, an unknown step, or an assignment
        without a level and a day; it is left out.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {
    ...         "request": ["R1", "R1"],
    ...         "day": ["2026-08-01", "2026-08-02"],
    ...         "step": ["logged", "assigned"],
    ...         "level": ["", "county"],
    ...         "due": ["", "2026-08-10"],
    ...         "said": ["缺少抵押物评估", ""],
    ...     }
    ... )
    >>> told = requests_at(events, date(2026, 8, 31), findings=Findings())
    >>> told[["request", "level", "state", "days_over"]].values.tolist()
    [['R1', 'county', 'overdue', 21]]
    """
    require(events, ["request", "day", "step", "level", "due", "said"], "requests")
    table = events.assign(
        _day=pd.to_datetime(events["day"], errors="coerce", format="ISO8601"),
        _due=pd.to_datetime(events["due"].replace("", None), errors="coerce", format="ISO8601"),
    )
    held: dict[str, dict[str, Any]] = {}
    wrong = np.zeros(len(table), dtype=bool)
    for at, event in enumerate(table.to_dict("records")):
        if pd.notna(event["_day"]) and event["_day"] > pd.Timestamp(day):
            continue
        state = held.setdefault(event["request"], {}) if pd.notna(event["request"]) else {}
        wrong[at] = not _taken(state, event)
    findings.add(
        "E950", layer="requests", where=wrong, feature=events["request"],
        row=np.arange(1, len(events) + 1), observed=events["step"], action="excluded",
    )  # fmt: skip
    rows = [_row(name, state, day) for name, state in held.items() if state]
    rows.sort(key=lambda row: (-int(row["days_over"]), str(row["due"]), str(row["request"])))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _taken(state: dict[str, Any], event: Mapping[Hashable, Any]) -> bool:
    """Take an event where it may follow; say whether it was taken."""
    step, on = str(event["step"]), event["_day"]
    if pd.isna(on) or pd.isna(event["request"]) or step not in _NEXT[str(state.get("step", ""))]:
        return False
    if "day" in state and on < state["day"]:
        return False
    if step == "assigned":
        if event["level"] not in LEVELS or pd.isna(event["_due"]) or event["_due"] < on:
            return False
        state |= {"level": event["level"], "due": event["_due"]}
    if step == "answered":
        state["answered_on"] = on
    if step == "reopened":
        for name in ("answered_on", "level", "due"):
            state.pop(name, None)
    said = event["said"] if isinstance(event["said"], str) and event["said"] else state.get("said")
    state |= {"step": step, "day": on, "said": said or ""}
    state.setdefault("logged_on", on)
    return True


def _row(name: str, state: dict[str, Any], day: date) -> dict[str, Any]:
    due, answered = state.get("due"), state.get("answered_on")
    until = pd.Timestamp(day) if answered is None else answered
    over = 0 if due is None else max((until - due).days, 0)
    if answered is not None:
        word = "late" if over else "answered"
    elif due is None:
        word = "logged"
    else:
        word = "overdue" if over else "assigned"
    return {
        "request": name, "logged_on": _text(state["logged_on"]), "level": state.get("level", ""),
        "due": _text(due), "answered_on": _text(answered), "state": word,
        "state_zh": _STATES[word][0], "state_en": _STATES[word][1], "days_over": over,
        "said": state["said"],
    }  # fmt: skip


def _text(moment: Any) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d}"
