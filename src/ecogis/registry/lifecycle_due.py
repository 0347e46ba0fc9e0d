"""What may follow in the life of a pledge, by when, and what is overdue."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from ecogis.registry.lifecycle import ENTERED, LAST_TAKEN, Duty, Lifecycle, lifecycle
from ecogis.registry.lifecycle_steps import Standing, Step, standing

__all__ = ["next_steps", "overdue"]

_NEXT: Final = (
    "step",
    "actors",
    "documents",
    "dates",
    "reason",
    "claim",
    "due",
    "days_left",
    "confidence",
    "source_zh",
    "source_en",
)
_OVERDUE: Final = (
    "pledge",
    "state",
    "step",
    "actors",
    "due",
    "days_late",
    "confidence",
    "source_zh",
    "source_en",
)


def next_steps(taken: Sequence[Step], day: date, *, life: Lifecycle | None = None) -> pd.DataFrame:
    """What may follow, and by when.

    Parameters
    ----------
    taken : sequence of Step
        The steps so far.
    day : date
        Day that is asked about.
    life : Lifecycle, optional
        The shipped one when left out.

    Returns
    -------
    DataFrame, one row per step the state allows
        ``step actors documents dates reason claim``, and for one that is awaited ``due``,
        ``days_left`` [d], ``confidence`` of the number of days and its source. Awaited steps come
        first, the earliest due first. Alternatives are parted by ``/``, the rest by ``;``.

    Examples
    --------
    >>> next_steps([], date(2026, 9, 1))["step"].tolist()
    ['apply']
    """
    life = life or lifecycle()
    now = standing(taken, life)
    awaited = ((duty, _due(duty, now)) for duty in life.duties if now.state in duty.states)
    due = {duty.step: (duty, by) for duty, by in awaited if by is not None}
    rows = []
    for name, rule in life.steps.items():
        if now.state not in rule.froms and (rule.froms or now.state):
            continue
        rows.append(
            {
                "step": name,
                "actors": "/".join(rule.actors),
                "documents": ";".join("/".join(group) for group in rule.documents),
                "dates": ";".join(rule.dates),
                "reason": rule.reason,
                "claim": rule.claim,
                **_awaited(due.get(name), day),
            }
        )
    table = pd.DataFrame(rows, columns=list(_NEXT))
    table["days_left"] = table["days_left"].astype("Int64")
    return table.sort_values("due", kind="stable", na_position="last", ignore_index=True)


def _due(duty: Duty, now: Standing) -> date | None:
    if duty.after == ENTERED:
        begun = now.entered.get(now.state)
    elif duty.after == LAST_TAKEN:
        days = (now.taken.get(duty.step), now.entered.get(now.state))
        begun = max(filter(None, days), default=None)
    else:
        begun = now.dates.get(duty.after)
    return None if begun is None else _later(begun, duty.days)


def _later(day: date, days: int) -> date | None:
    """A day so many days later; none where the calendar has no such day.

    >>> _later(date(2026, 8, 31), 15), _later(date(9999, 12, 31), 90)
    (datetime.date(2026, 9, 15), None)
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _awaited(found: tuple[Duty, date] | None, day: date) -> dict[str, Any]:
    if found is None:
        return {"due": None, "days_left": None, "confidence": "", "source_zh": "", "source_en": ""}
    duty, due = found
    return {
        "due": due,
        "days_left": (due - day).days,
        "confidence": duty.confidence,
        "source_zh": duty.source[0],
        "source_en": duty.source[1],
    }


def overdue(
    lives: Mapping[str, Sequence[Step]], day: date, *, life: Lifecycle | None = None
) -> pd.DataFrame:
    """The steps that were due before a day and have not been taken.

    Parameters
    ----------
    lives : mapping of str to sequence of Step
        The steps of each pledge.
    day : date
        Day that is asked about; a step due on it is not late.
    life : Lifecycle, optional
        The shipped one when left out.

    Returns
    -------
    DataFrame, one row per late step
        ``pledge state step actors due days_late`` [d], ``confidence`` of the number of days and
        its source; the latest first.

    Examples
    --------
    >>> papers = {"pledge_application": "SQ-1", "certificate": "演示证0001"}
    >>> asked = Step("apply", date(2026, 9, 1), "持有人0001", "borrower", papers)
    >>> late = overdue({"ZY-1": [asked]}, date(2026, 10, 1))
    >>> late[["pledge", "step", "days_late"]].to_numpy().tolist()
    [['ZY-1', 'examine', 15]]
    """
    life = life or lifecycle()
    rows = [row for pledge, taken in lives.items() for row in _late(pledge, taken, day, life)]
    table = pd.DataFrame(rows, columns=list(_OVERDUE))
    table["days_late"] = table["days_late"].astype("int64")
    order = ["days_late", "pledge", "step"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _late(
    pledge: str, taken: Sequence[Step], day: date, life: Lifecycle
) -> Iterator[dict[str, Any]]:
    now = standing(taken, life)
    for duty in life.duties:
        due = _due(duty, now) if now.state in duty.states else None
        if due is not None and due < day:
            yield {
                "pledge": pledge,
                "state": now.state,
                "step": duty.step,
                "actors": "/".join(life.steps[duty.step].actors),
                "due": due,
                "days_late": (day - due).days,
                "confidence": duty.confidence,
                "source_zh": duty.source[0],
                "source_en": duty.source[1],
            }
