"""Flows: what moved between two surveys, booked part by part to the lines of the accounts."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from ecogis.accounts.lines import booking, lines
from ecogis.accounts.parts import STATUSES, Parts
from ecogis.accounts.postings import Ledger, line_place
from ecogis.accounts.rows import ATTRIBUTES
from ecogis.core.vocabulary import FOREST, FOREST_LAND

__all__ = [
    "BOTH",
    "CLOSING",
    "FOREST_TYPE",
    "GROWING",
    "OPENING",
    "area_lines",
    "book_extent",
    "book_forest",
    "book_land",
    "book_stock",
    "cause_lines",
    "loss_lines",
]

GROWING = FOREST | {"young_plantation", "enclosed_young", "sparse_forest", "shrub_other"}
"""Land classes that bear plants which can grow; a rise from nothing elsewhere is a discovery."""
OPENING, CLOSING, BOTH = 0, 1, 2
"""Places of the sources: the opening survey, the closing one, both compared."""
FOREST_TYPE = "forest_land"
"""Type of land (L03) the extents of which the surveys know."""
PLATFORM = "platform"
_IMPUTED, _MISSING = STATUSES.index("imputed"), STATUSES.index("missing")

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Cell = dict[str, Ints]


def cause_lines(parts: Parts, book: Mapping[str, str], otherwise: str) -> Ints:
    """Place of the line each part's cause of change is booked to."""
    named = [book.get(cause, book[otherwise]) for cause in parts.names["cause"]]
    return line_place(named)[parts.cause]


def loss_lines(parts: Parts) -> Ints:
    """Line of a fall: by its cause, or downward reappraisal where the cause explains none."""
    return cause_lines(parts, booking("loss"), "unexplained")


def area_lines(kind: str) -> dict[str, str]:
    """Cause to line of the land account, for additions (add) or reductions (less).

    >>> area_lines("less")["harvest"]
    'A23'
    """
    return {line.cause: line.code for line in lines("area") if line.kind == kind and line.cause}


def book_stock(ledger: Ledger, parts: Parts, account: str, quantity: str) -> None:
    """Book volume or carbon.

    What both surveys have stays, or moves with the land to its new cell (T26 and T14, equal by
    part); the fall is booked to the cell before, the rise to the cell after. Land of one survey
    only goes to the statistical difference.
    """
    both, before, after = parts.both, parts.before, parts.after
    opening, closing = parts.opening(quantity), parts.closing(quantity)
    flow = np.maximum(parts.status_before, parts.status_after)
    flow = np.where(flow == _MISSING, _IMPUTED, flow)  # one side is taken as nothing
    kept = np.where(both, parts.kept[quantity], 0)
    grown = _gain_lines(parts, opening)
    left, right = parts.has_left, parts.has_right
    _book(ledger, account, "T00", opening, before, left, parts.status_before, OPENING)
    _book(ledger, account, grown, parts.rise[quantity], after, both, flow, BOTH)
    _book(ledger, account, loss_lines(parts), parts.fall[quantity], before, both, flow, BOTH)
    for move, source, target, changed in _steps(parts, "land_class"):
        into, out = _move_lines(parts, move, source, target)
        _book(ledger, account, out, kept, source, changed & both, flow, BOTH, move)
        _book(ledger, account, into, kept, target, changed & both, flow, BOTH, move)
    _book(ledger, account, "T91", -opening, before, left & ~right, parts.status_before, OPENING)
    _book(ledger, account, "T91", closing, after, right & ~left, parts.status_after, CLOSING)
    _book(ledger, account, "T90", closing, after, right, parts.status_after, CLOSING)


def book_land(ledger: Ledger, parts: Parts) -> None:
    """Book all land by class: what changes its class by cause, what changes hands beside it."""
    sure = np.zeros(len(parts.area), dtype=np.int64)
    before, after = (_land(cell) for cell in (parts.before, parts.after))
    left, right, area = parts.has_left, parts.has_right, parts.area
    moved = parts.both & (before["land_class"] != after["land_class"])
    target = before | {"land_class": after["land_class"]}
    into, out = (cause_lines(parts, area_lines(kind), "not_stated") for kind in ("add", "less"))
    _book(ledger, "land", "A00", area, before, left, sure, OPENING)
    _book(ledger, "land", out, area, before, moved, sure, BOTH, "land_class")
    _book(ledger, "land", into, area, target, moved, sure, BOTH, "land_class")
    changed = parts.both & (before["owner"] != after["owner"])
    platform = _platform(parts, target, after)
    for line, cell in (("less", target), ("add", after)):
        places = line_place({"add": ("A51", "A53"), "less": ("A52", "A54")}[line])[platform]
        _book(ledger, "land", places, area, cell, changed, sure, BOTH, "owner")
    _book(ledger, "land", "A91", -area, before, left & ~right, sure, OPENING)
    _book(ledger, "land", "A91", area, after, right & ~left, sure, CLOSING)
    _book(ledger, "land", "A90", area, after, right, sure, CLOSING)


def book_forest(ledger: Ledger, parts: Parts) -> None:
    """Book the area of forest on the lines of timber: what becomes forest and what ceases to be."""
    forest = parts.named("land_class", FOREST)
    sure = np.zeros(len(parts.area), dtype=np.int64)
    before, after, area, both = parts.before, parts.after, parts.area, parts.both
    was = forest[before["land_class"]] & parts.has_left
    now = forest[after["land_class"]] & parts.has_right
    came = cause_lines(parts, booking("forest_gain"), "any")
    gone = cause_lines(parts, booking("forest_loss"), "any")
    _book(ledger, "forest", "T00", area, before, was, sure, OPENING)
    _book(ledger, "forest", came, area, after, both & now & ~was, sure, BOTH)
    _book(ledger, "forest", gone, area, before, both & was & ~now, sure, BOTH)
    for move, source, target, changed in _steps(parts, "forest_class"):
        into, out = _move_lines(parts, move, source, target)
        stayed = changed & was & now
        _book(ledger, "forest", out, area, source, stayed, sure, BOTH, move)
        _book(ledger, "forest", into, area, target, stayed, sure, BOTH, move)
    _book(ledger, "forest", "T91", -area, before, was & ~parts.has_right, sure, OPENING)
    _book(ledger, "forest", "T91", area, after, now & ~parts.has_left, sure, CLOSING)
    _book(ledger, "forest", "T90", area, after, now, sure, CLOSING)


def book_extent(ledger: Ledger, parts: Parts) -> None:
    """Book forest land (L03) to the extents of land of every type.

    What moves between classes of forest land stays; what comes to them or leaves them is E10 or
    E20, land of one survey only the difference.
    """
    land, area, both = parts.named("land_class", FOREST_LAND), parts.area, parts.both
    sure = np.zeros(len(area), dtype=np.int64)
    was = land[parts.before["land_class"]] & parts.has_left
    now = land[parts.after["land_class"]] & parts.has_right
    cell = {
        "township": parts.after["township"],
        "land_class": sure + ledger.code("land_class", FOREST_TYPE),
    }
    for line, amount, where, source in (
        ("E00", area, was, OPENING),
        ("E10", area, both & now & ~was, BOTH),
        ("E20", area, both & was & ~now, BOTH),
        ("E91", -area, was & ~parts.has_right, OPENING),
        ("E91", area, now & ~parts.has_left, CLOSING),
        ("E90", area, now, CLOSING),
    ):
        _book(ledger, "extent", line, amount, cell, where, sure, source)


def _gain_lines(parts: Parts, opening: Ints) -> Ints:
    """Line of a rise: by its cause, or growth, or discovery where nothing stood before."""
    book = booking("gain")
    growing = parts.named("land_class", GROWING)[parts.before["land_class"]]
    other = np.where((opening > 0) | growing, *line_place([book["growth"], book["discovery"]]))
    unnamed = np.array([cause not in book for cause in parts.names["cause"]])[parts.cause]
    return np.where(unnamed, other, cause_lines(parts, book, "growth"))


def _steps(parts: Parts, first: str) -> Iterator[tuple[str, Cell, Cell, Bools]]:
    """From the cell before to the cell after, one attribute at a time, the class first."""
    source = dict(parts.before)
    for dimension in ("land_class", *ATTRIBUTES, "owner"):
        target = source | {dimension: parts.after[dimension]}
        changed = source[dimension] != target[dimension]
        yield (first if dimension == "land_class" else dimension), source, target, changed
        source = target


def _move_lines(parts: Parts, move: str, source: Cell, target: Cell) -> tuple[Ints, Ints]:
    """Lines in and out; what collection takes over or gives back has lines of its own."""
    platform = _platform(parts, source, target) if move == "owner" else np.zeros(1, dtype=np.int64)
    both = np.broadcast_to(platform, parts.area.shape)
    return line_place(("T14", "T16"))[both], line_place(("T26", "T28"))[both]


def _platform(parts: Parts, source: Cell, target: Cell) -> Ints:
    """1 where a collection platform takes over or gives back, else 0."""
    held = parts.named("owner", [PLATFORM])
    return np.asarray(held[source["owner"]] | held[target["owner"]], dtype=np.int64)


def _land(cell: Mapping[str, Ints]) -> Cell:
    return {name: cell[name] for name in ("township", "farm", "owner", "land_class")}


def _book(  # noqa: PLR0917  a booking in one line: where, what, how sure, whence
    ledger: Ledger,
    account: str,
    line: str | Ints,
    amount: Ints,
    cell: Mapping[str, Ints],
    where: Bools,
    status: Ints,
    source: int,
    move: str = "",
) -> None:
    at = np.flatnonzero(where)
    ledger.book(
        account,
        line if isinstance(line, str) else line[at],
        amount[at],
        {name: codes[at] for name, codes in cell.items()},
        move=move,
        status=status[at],
        source=source,
    )
