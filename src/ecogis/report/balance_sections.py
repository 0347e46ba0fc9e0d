"""Sections of the balance report: result, land, timber, owners, values, SEEA, what limits them."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ecogis.report.desk import Desk
from ecogis.report.model import Block

__all__ = ["SECTIONS"]


def result(desk: Desk) -> Iterator[Block]:
    """Stocks at both ends, and net worth."""
    yield desk.say("balance.result")
    if desk.amount("balance.net_worth_closing_fen") is not None:
        yield desk.say("balance.worth")
    yield desk.say("balance.identity")


def basis(desk: Desk) -> Iterator[Block]:
    """Period, route, limits and policies."""
    yield desk.say("balance.basis")
    yield from desk.tables("balance_limits", "balance_policies")


def land(desk: Desk) -> Iterator[Block]:
    """Land by class, forest by age group and grade."""
    yield from desk.tables("balance_land", "balance_ages")
    if desk.has("balance_quality"):
        yield from desk.tables("balance_quality")


def timber(desk: Desk) -> Iterator[Block]:
    """Timber and carbon, line by line."""
    yield desk.say("balance.timber")
    yield from desk.tables("balance_lines")


def owners(desk: Desk) -> Iterator[Block]:
    """By owner and by township."""
    yield desk.say("balance.owners")
    yield from desk.tables("balance_owners", "balance_townships")


def values(desk: Desk) -> Iterator[Block]:
    """Assets in money, liabilities, net worth."""
    yield desk.say("balance.values")
    yield from desk.tables("balance_value")
    yield desk.say("balance.never_added")


def seea(desk: Desk) -> Iterator[Block]:
    """The same postings in the layouts of the United Nations."""
    yield desk.say("balance.seea")
    yield from desk.tables("balance_seea", "balance_condition")


def limits(desk: Desk) -> Iterator[Block]:
    """What was found in the data, and what went in."""
    yield desk.say("balance.limits")
    yield from desk.tables("inputs")


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {
        "result": result,
        "basis": basis,
        "land": land,
        "timber": timber,
        "owners": owners,
        "values": values,
        "seea": seea,
        "limits": limits,
    }
)
"""The sections by name, in order."""
