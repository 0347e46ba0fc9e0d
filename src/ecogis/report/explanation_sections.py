"""The explanation that goes with an appraisal report: how each figure was come by, step by step."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ecogis.report import sections, value_sections
from ecogis.report.asset_sections import valued_parcels
from ecogis.report.desk import Desk
from ecogis.report.model import Block

__all__ = ["SECTIONS"]


def use(desk: Desk) -> Iterator[Block]:
    """Part 1: for whom the explanation is."""
    yield desk.say("explanation.use")


def verification(desk: Desk) -> Iterator[Block]:
    """Part 2: the land, the files, and what the checks of them found."""
    yield desk.say("explanation.verification")
    yield from desk.tables("inputs")
    yield from value_sections.limiting(desk)
    if desk.has("due_diligence"):
        yield desk.say("explanation.due")
        yield from desk.tables("due_diligence")


def eligibility(desk: Desk) -> Iterator[Block]:
    """Part 3: which pieces count, condition by condition, clause by clause."""
    yield from sections.methodology(desk)
    yield from sections.additionality(desk)
    yield desk.say("explanation.clauses")
    yield from desk.tables("verdict_counts")


def quantity(desk: Desk) -> Iterator[Block]:
    """Part 4: from volume to carbon to reductions."""
    yield desk.say("explanation.quantity")
    yield desk.say("stocks.intro")
    yield from desk.tables("stock_by_species", "stock_by_age")
    yield from desk.figures("map_carbon", "chart_stock")
    yield from sections.baseline(desk)
    yield desk.say("leakage.intro" if desk.has("vintages") else "leakage.none")
    yield from sections.reductions(desk)


def price(desk: Desk) -> Iterator[Block]:
    """Part 5: price and discount rate."""
    yield from value_sections.price(desk)
    if desk.has("discount_parts"):
        yield desk.say("valuation.rate")
        yield from desk.tables("discount_parts")


def income(desk: Desk) -> Iterator[Block]:
    """Part 6: the cash flow and its present value, and the spread of the value."""
    if desk.amount("valuation.npv_fen") is None:
        yield desk.say(sections.unvalued(desk))
        return
    for text in ("formula", "conventions", "flow"):
        yield desk.say(f"valuation.{text}")
    yield from desk.tables("cash_flow")
    yield from desk.figures("chart_cash")
    yield from desk.adjusted()
    yield from sections.uncertainty(desk)
    yield desk.say("explanation.shared")
    yield from valued_parcels(desk)


def moves(desk: Desk) -> Iterator[Block]:
    """Part 7: what moves the value, and other approaches."""
    yield desk.say("explanation.moves")
    yield from desk.tables("variance_shares")
    yield from value_sections.moves(desk)
    yield from value_sections.cross_checks(desk)


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {
        "use": use,
        "verification": verification,
        "eligibility": eligibility,
        "quantity": quantity,
        "price": price,
        "income": income,
        "moves": moves,
        "data": sections.parameters,
    }
)
"""The parts in their order, each a function from the desk to its blocks."""
