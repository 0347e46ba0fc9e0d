"""The closed loop of requests: logged, assigned to a level, answered by a day, or overdue."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.parties import party_keys
from ecogis.finance.told_days import told_days

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
_COLUMNS: Final = ("request", "logged_on", "level", "due", "first_due", "times_assigned",
                   "answered_on", "state", "state_zh", "state_en", "days_over", "late_days",
                   "days_open", "said")  # fmt: skip


def requests_at(events: pd.DataFrame, day: date, *, findings: Findings) -> pd.DataFrame:
    """Where every request stands on a day, the most overdue first, then the oldest.

    Whoever it is passed on to, a request is due on the first day it was due: to assign it anew with
    a later day takes nothing off what is over. A policy. Days are those written, whatever time or
    zone stands behind them; what is due on a day is over on the next.

    Parameters
    ----------
    events : DataFrame, one row per event, in their order
        ``request`` (one in any spelling, as `party_keys` folds it), ``day``, ``step`` (`STEPS`),
        ``level`` (`LEVELS`) and ``due`` (a date) for an assignment, and ``said``, which an answer
        must have.
    day : date
        Later events are not looked at.
    findings : Findings
        Takes events that cannot be.

    Returns
    -------
    DataFrame, one row per request
        ``request logged_on level``, ``due`` as last assigned, ``first_due`` and ``times_assigned``
        since it was logged or reopened, ``answered_on``, ``state`` (logged, assigned, overdue,
        answered, late), in words too, ``days_over`` the first due day, ``late_days``, the most it
        ever was over, which no reopening or later answer takes away, ``days_open`` from its
        logging to its answer or the day [d], and what was said last.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E950
        An event without a request or a day, out of order, an unknown step, an assignment without
        a level and a day, or an answer that says nothing; it is left out.

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
    keys = party_keys(events["request"]).set_axis(events.index)
    table = events.assign(
        _day=told_days(events["day"]), _due=told_days(events["due"]),
        _key=keys.astype(object).where(keys.notna(), None),
    )  # fmt: skip
    held: dict[str, dict[str, Any]] = {}
    wrong = np.zeros(len(table), dtype=bool)
    for at, event in enumerate(table.to_dict("records")):
        if pd.notna(event["_day"]) and event["_day"] > pd.Timestamp(day):
            continue
        state = held.setdefault(event["_key"], {}) if event["_key"] else {}
        wrong[at] = not _taken(state, event)
    findings.add(
        "E950", layer="requests", where=wrong, feature=events["request"],
        row=np.arange(1, len(events) + 1), observed=events["step"], action="excluded",
    )  # fmt: skip
    rows = [_row(state, pd.Timestamp(day)) for state in held.values() if state]
    rows.sort(key=_rank)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _taken(state: dict[str, Any], event: Mapping[Hashable, Any]) -> bool:
    """Take an event where it may follow; say whether it was taken."""
    step, on, said = str(event["step"]), event["_day"], _said(event["said"])
    if pd.isna(on) or not event["_key"] or step not in _NEXT[str(state.get("step", ""))]:
        return False
    if ("day" in state and on < state["day"]) or (step == "answered" and not said):
        return False
    if step == "assigned" and not _assigned(state, event):
        return False
    if step == "answered":
        state["answered_on"] = on
        state["late"] = max(state.get("late", 0), _over(state, on))
    if step == "reopened":
        for name in ("answered_on", "level", "due", "first_due", "times"):
            state.pop(name, None)
    state |= {"step": step, "day": on, "said": said or state.get("said", "")}
    state.setdefault("logged_on", on)
    state.setdefault("request", event["request"])
    return True


def _assigned(state: dict[str, Any], event: Mapping[Hashable, Any]) -> bool:
    """Assign to a level by a day; the first day it was due stays."""
    due = event["_due"]
    if event["level"] not in LEVELS or pd.isna(due) or due < event["_day"]:
        return False
    first = min(due, state.get("first_due", due))
    state |= {"level": event["level"], "due": due, "first_due": first,
              "times": state.get("times", 0) + 1}  # fmt: skip
    return True


def _said(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _over(state: Mapping[str, Any], until: pd.Timestamp) -> int:
    """Days beyond the first due day. [d]"""
    return max((until - state["first_due"]).days, 0) if "first_due" in state else 0


def _row(state: Mapping[str, Any], day: pd.Timestamp) -> dict[str, Any]:
    answered = state.get("answered_on")
    until = day if answered is None else answered
    over = _over(state, until)
    late = max(over, state.get("late", 0))
    if answered is not None:
        word = "late" if late else "answered"
    elif "due" not in state:
        word = "logged"
    else:
        word = "overdue" if over else "assigned"
    return {
        "request": state["request"], "logged_on": _text(state["logged_on"]),
        "level": state.get("level", ""), "due": _text(state.get("due")),
        "first_due": _text(state.get("first_due")), "times_assigned": state.get("times", 0),
        "answered_on": _text(answered), "state": word, "state_zh": _STATES[word][0],
        "state_en": _STATES[word][1], "days_over": over,
        "late_days": late,
        "days_open": (until - state["logged_on"]).days, "said": state["said"],
    }  # fmt: skip


def _rank(row: Mapping[str, Any]) -> tuple[bool, int, int, str, str]:
    """The unanswered first, of these the most overdue, then the oldest."""
    done = row["state"] in {"answered", "late"}
    return done, -row["days_over"], -row["days_open"], str(row["due"]), str(row["request"])


def _text(moment: Any) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d}"
