"""Sections of the report on ecosystem services: result, quantities, prices, what limits them."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ecogis.report.desk import Desk
from ecogis.report.model import Block

__all__ = ["SECTIONS", "SHEETS"]


def result(desk: Desk) -> Iterator[Block]:
    """The gross ecosystem product and its items."""
    yield desk.say("gep.result")
    yield desk.say("gep.flow")
    yield from desk.tables("gep_items")
    if desk.has("gep_memo"):
        yield desk.say("gep.memo")
        yield from desk.tables("gep_memo")

    if desk.has("gep_change"):
        yield from desk.tables("gep_change")


def standard(desk: Desk) -> Iterator[Block]:
    """Under which standard, and what is known of it."""
    yield desk.say("gep.standard")
    yield desk.say("gep.because")


def quantities(desk: Desk) -> Iterator[Block]:
    """Quantities, formulas, and what was taken out of them."""
    yield desk.say("gep.quantities")
    yield from desk.tables("gep_parts")
    yield desk.say("gep.once")
    yield from desk.tables("gep_adjustments")


def prices(desk: Desk) -> Iterator[Block]:
    """The account under every price set, and how far prices lie apart."""
    yield desk.say("gep.prices")
    yield from desk.tables("gep_price_sets", "gep_spread")


def places(desk: Desk) -> Iterator[Block]:
    """By township; who gives and who takes."""
    yield from desk.tables("gep_townships")
    yield desk.say("gep.supply_use")
    yield from desk.tables("gep_supply", "gep_use")


def land(desk: Desk) -> Iterator[Block]:
    """The borrower's land: a cross-check only."""
    yield desk.say("gep.vep" if desk.has("gep_vep") else "gep.no_vep")
    if desk.has("gep_vep"):
        yield from desk.tables("gep_vep")


def limits(desk: Desk) -> Iterator[Block]:
    """What was found, and what went in."""
    yield desk.say("gep.limits")
    yield from desk.tables("gep_limits", "inputs")


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {
        "result": result,
        "standard": standard,
        "quantities": quantities,
        "prices": prices,
        "places": places,
        "land": land,
        "limits": limits,
    }
)
"""The sections by name, in order."""

SHEETS: Final = (
    "gep_items",
    "gep_memo",
    "gep_change",
    "gep_parts",
    "gep_townships",
    "gep_price_sets",
    "gep_set_items",
    "gep_spread",
    "gep_adjustments",
    "gep_limits",
    "gep_supply",
    "gep_use",
    "gep_vep",
    "parameters",
    "inputs",
    "findings",
)
"""Tables of its workbook."""
