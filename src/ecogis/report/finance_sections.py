"""Sections of the report on a county's finance: indicators, counties, the business of loans."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ecogis.report.desk import Desk
from ecogis.report.model import Block

__all__ = ["SECTIONS", "SHEETS"]


def indicators(desk: Desk) -> Iterator[Block]:
    """Actual, target, gap and trend."""
    yield desk.say("finance.indicators")
    yield from desk.figures("chart_indicators", "chart_gaps")
    yield from desk.tables("finance_board")
    if desk.has("finance_later"):
        yield from desk.tables("finance_later")


def counties(desk: Desk) -> Iterator[Block]:
    """Which counties are on the list of the day."""
    yield desk.say("finance.counties")
    yield from desk.tables("finance_counties")


def lending(desk: Desk) -> Iterator[Block]:
    """Offers, household lines and guarantee limits, where they were handed over."""
    yield desk.say("finance.lending")
    for name in ("finance_offers", "finance_lines", "finance_limits", "finance_requests"):
        if desk.has(name):
            yield from desk.tables(name)


def limits(desk: Desk) -> Iterator[Block]:
    """What the figures rest on."""
    yield desk.say("finance.limits")


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {"indicators": indicators, "counties": counties, "lending": lending, "limits": limits}
)
"""The sections by name, in order."""

SHEETS: Final = (
    "finance_indicators",
    "finance_history",
    "finance_counties",
    "finance_offers",
    "finance_lines",
    "finance_limits",
    "finance_requests",
)
"""Tables of its workbook."""
