"""Forest area by age group and by quality grade: which way it moved, and why."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecogis.accounts.flows import BOTH, CLOSING, OPENING, cause_lines
from ecogis.accounts.lines import booking
from ecogis.accounts.parts import Parts
from ecogis.accounts.postings import Ledger
from ecogis.core.vocabulary import FOREST

__all__ = ["AGE_GROUPS", "GRADES", "book_ages", "book_grades"]

AGE_GROUPS: Final = ("young", "middle", "near_mature", "mature", "over_mature")
"""Age groups, each growing into the next."""
GRADES: Final = ("excellent", "good", "fair", "poor", "bad")
"""Quality grades, the best first."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def book_ages(ledger: Ledger, parts: Parts) -> None:
    """Book the forest's area by age group.

    Forest that is older at the closing passes through every group between (G21 and G11, equal by
    part); forest that is younger, or whose group is not known on one side, leaves and enters by the
    cause of change, as does what ceases to be forest or becomes it.
    """
    was, now = _forest(parts)
    group, other = (_place(parts, side, "age_group", AGE_GROUPS) for side in ("before", "after"))
    _stocks(ledger, parts, "age", was, now)
    older = was & now & (group >= 0) & (other > group)
    for step, name in enumerate(AGE_GROUPS[:-1]):
        passed = older & (group <= step) & (other > step)
        for line, grown in (("G21", name), ("G11", AGE_GROUPS[step + 1])):
            _book(ledger, "age", line, parts.area, passed, parts, age_group=grown)
    moved = was & ~older & (~now | (group != other) | _changed(parts, "age_group"))
    came = now & ~older & (~was | (group != other) | _changed(parts, "age_group"))
    lost = cause_lines(parts, booking("age_loss"), "any")
    gained = cause_lines(parts, booking("age_gain"), "any")
    _book(ledger, "age", lost, parts.area, moved & parts.both, parts, of=parts.before["age_group"])
    _book(ledger, "age", gained, parts.area, came & parts.both, parts, of=parts.after["age_group"])


def book_grades(ledger: Ledger, parts: Parts) -> None:
    """Book the forest's area by quality grade.

    Upgraded (Q10) and downgraded (Q20) are net: what reached a grade less what left it, nought over
    all grades. Q30 is what became forest less what ceased to be, and what was graded on one side
    only.
    """
    was, now = _forest(parts)
    grade, other = (_place(parts, side, "quality", GRADES) for side in ("before", "after"))
    _stocks(ledger, parts, "quality", was, now)
    stayed = was & now & (grade >= 0) & (other >= 0)
    for line, where in (("Q10", stayed & (other < grade)), ("Q20", stayed & (other > grade))):
        _swap(ledger, parts, line, where, where)
    rest = parts.both & ~stayed
    changed = (was != now) | _changed(parts, "quality")
    _swap(ledger, parts, "Q30", rest & was & changed, rest & now & changed)


def _swap(ledger: Ledger, parts: Parts, line: str, out: Bools, into: Bools) -> None:
    _book(ledger, "quality", line, -parts.area, out, parts, of=parts.before["quality"])
    _book(ledger, "quality", line, parts.area, into, parts, of=parts.after["quality"])


def _stocks(ledger: Ledger, parts: Parts, account: str, was: Bools, now: Bools) -> None:
    """Opening, closing and land of one survey only."""
    letter, by = {"age": ("G", "age_group"), "quality": ("Q", "quality")}[account]
    before, after = parts.before[by], parts.after[by]
    _book(ledger, account, f"{letter}00", parts.area, was, parts, of=before, source=OPENING)
    _book(ledger, account, f"{letter}90", parts.area, now, parts, of=after, source=CLOSING)
    gone, new = was & ~parts.has_right, now & ~parts.has_left
    _book(ledger, account, f"{letter}91", -parts.area, gone, parts, of=before, source=OPENING)
    _book(ledger, account, f"{letter}91", parts.area, new, parts, of=after, source=CLOSING)


def _forest(parts: Parts) -> tuple[Bools, Bools]:
    """Whether each part was forest at the opening, and is at the closing."""
    forest = parts.named("land_class", FOREST)
    was = forest[parts.before["land_class"]] & parts.has_left
    return was, forest[parts.after["land_class"]] & parts.has_right


def _place(parts: Parts, side: str, dimension: str, order: Sequence[str]) -> Ints:
    """Place of each part in an order of classes; -1 where its class is not one of them."""
    places = [order.index(name) if name in order else -1 for name in parts.names[dimension]]
    codes: Ints = getattr(parts, side)[dimension]
    return np.array(places, dtype=np.int64)[codes]


def _changed(parts: Parts, dimension: str) -> Bools:
    return np.asarray(parts.before[dimension] != parts.after[dimension])


def _book(  # noqa: PLR0917  a booking in one line
    ledger: Ledger,
    account: str,
    line: str | Ints,
    amount: Ints,
    where: Bools,
    parts: Parts,
    /,
    *,
    source: int = BOTH,
    of: Ints | None = None,
    age_group: str = "",
) -> None:
    """Book parts to one class, or each to the class whose code is given."""
    at = np.flatnonzero(where)
    if not len(at):
        return
    dimension = {"age": "age_group", "quality": "quality"}[account]
    if of is None:
        of = np.full(len(where), ledger.code(dimension, age_group), dtype=np.int64)
    places = {name: parts.after[name][at] for name in ("township", "farm")}
    ledger.book(
        account,
        line if isinstance(line, str) else line[at],
        amount[at],
        places | {dimension: of[at]},
        source=source,
    )
