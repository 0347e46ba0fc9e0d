"""The asset appraisal report: its fourteen items in their order, then the annexes.

The items are those of the practice of Chinese appraisal firms, as ``report_sections`` of the domain
notes lists them; what the run cannot know stays blank, to be filled and signed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ecogis.report import sections, value_sections
from ecogis.report.desk import Desk
from ecogis.report.model import Block, Column
from ecogis.report.tables import facts_table, source_line

__all__ = ["SECTIONS", "SHEETS", "SIGNED_BY", "valued_parcels"]

SIGNED_BY: Final = ("appraiser_1", "appraiser_2", "expert_1", "expert_2", "legal", "seal", "date")
SHEETS: Final = (
    "parcel_values",
    "rights",
    "encumbrances",
    "stands",
    "forest_assets",
    "issuances",
    "price_parts",
    "discount_parts",
    "cash_flow",
    "distribution",
    "adjustments",
)
"""Sheets of the appraisal schedule."""


def _blanks(desk: Desk, name: str, *roles: str) -> Block:
    """A table of roles, each with a blank to be filled."""
    word = desk.words.word
    rows = [(word(f"cover.{role}"), word("words.to_sign")) for role in roles]
    columns = (Column(word("words.item")), Column(word("words.value")))
    caption = word(f"say.asset.{name}_caption")
    return facts_table(name, caption, columns, rows, source_line(("project",), desk.words))


def parties(desk: Desk) -> Iterator[Block]:
    """Item 1: client, right holders and other users."""
    yield desk.say("asset.parties")
    yield _blanks(desk, "users", "client", "borrower", "lender", "appraiser")
    yield desk.say("asset.holders" if desk.has("rights") else "parties.no_rights")
    yield desk.say("asset.users")


def purpose(desk: Desk) -> Iterator[Block]:
    """Item 2: what the appraisal is for."""
    yield desk.say("asset.purpose")


def scope(desk: Desk) -> Iterator[Block]:
    """Item 3: the right appraised, the land it stands on, and what encumbers it."""
    yield desk.say("asset.object")
    yield desk.heading("area")
    yield desk.say("asset.area")
    yield from desk.tables("area_by_class")
    yield from desk.figures("map_location", "map_species", "map_age")
    yield desk.heading("rights")
    yield desk.say(sections.titled(desk, "asset.rights"))
    yield from desk.tables("rights")
    if desk.has("encumbrances"):
        yield from desk.tables("encumbrances")
    else:
        yield desk.say("boundary.no_encumbrances")
    yield from desk.figures("map_rights")


def value_type(desk: Desk) -> Iterator[Block]:
    """Item 4: the type of value, and what it means here."""
    yield desk.say("asset.value_type")
    if desk.concluded("valuation.pledge_value_fen"):
        yield desk.say("asset.pledge_type")


def day(desk: Desk) -> Iterator[Block]:
    """Item 5: the day the value is of."""
    yield desk.say("asset.day")


def grounds(desk: Desk) -> Iterator[Block]:
    """Item 6: methodology, guideline, parameters, prices and documents relied on."""
    yield desk.say("asset.grounds")
    yield from desk.items("asset.ground_lines")
    yield desk.say("asset.grounds_open", "notice")


def methods(desk: Desk) -> Iterator[Block]:
    """Item 7: the approach, why it is chosen and why others are not."""
    if desk.amount("valuation.npv_fen") is None:
        yield desk.say(sections.unvalued(desk))
        return
    for text in ("method", "formula", "rate", "conventions"):
        yield desk.say(f"valuation.{text}")
    yield from desk.tables("discount_parts")
    yield desk.say("asset.price")
    yield from desk.tables("price_parts")


def procedure(desk: Desk) -> Iterator[Block]:
    """Item 8: what was done, what the checks found, what is left to the appraiser on the land."""
    yield desk.say("asset.procedure")
    yield from desk.items("asset.procedure_lines")
    yield desk.say("asset.checked")
    yield desk.say("asset.field", "notice")


def assumptions(desk: Desk) -> Iterator[Block]:
    """Item 9: what is taken for granted."""
    yield from desk.items("asset.assumption_lines")
    happens = [name for name in ("harvest", "disturbance") if desk.amount(f"growth.{name}")]
    for name in happens or ["nothing"]:
        yield desk.say(f"stocks.{name}")
    if desk.has("price_path"):
        yield desk.say("price.path")
        yield from desk.tables("price_path")


def conclusion(desk: Desk) -> Iterator[Block]:
    """Item 10: the value, its spread, the pledge value, and each parcel's part."""
    if desk.amount("valuation.npv_fen") is None:
        yield desk.say(sections.unvalued(desk))
        return
    yield desk.say("asset.conclusion")
    yield desk.say("asset.spread")
    value = desk.concluded("valuation.pledge_value_fen")
    changed = desk.is_adjusted("valuation.npv_fen", "valuation.pledge_value_fen")
    if value:
        yield desk.say("asset.pledge_adjusted" if changed else "asset.pledge")
    elif value is not None:
        yield desk.say("pledge.nought")
    yield from desk.adjusted()
    yield desk.headline("conclusion", _figures(desk))
    if desk.has("parcel_values"):
        yield desk.say("asset.parcels")
        yield from valued_parcels(desk)
    yield from desk.figures("map_value")


def valued_parcels(desk: Desk) -> Iterator[Block]:
    """Each parcel's part of the value, but for those that have none."""
    rows = desk.source("parcel_values")
    if "value_fen" in rows.columns:
        yield from desk.derived("parcel_values", rows[rows["value_fen"].fillna(0).ne(0)])
    else:
        yield from desk.tables("parcel_values")


def _figures(desk: Desk) -> Iterator[tuple[str, str, str]]:
    word = desk.words.word
    areas = f"{desk.fact('totals.pledgeable_ha')} ({desk.fact('totals.pledgeable_mu')})"
    yield word("headline.pledgeable"), areas, word("unit.ha_mu")
    for name, key, unit in (
        ("pledge_issued", "totals.pledge_issued_t", "t"),
        ("price", "valuation.reference_price", "price"),
        ("rate", "valuation.discount_rate", ""),
        ("npv", "valuation.npv_yuan", "yuan"),
        ("p5", "valuation.p5_yuan", "yuan"),
        ("p95", "valuation.p95_yuan", "yuan"),
        ("pledge_value", "valuation.pledge_value_yuan", "yuan"),
    ):
        yield word(f"headline.{name}"), desk.fact(key), word(f"unit.{unit}") if unit else "—"


def special(desk: Desk) -> Iterator[Block]:
    """Item 11: disputes, faults in the data, values that are not quoted."""
    yield from desk.items("asset.special_lines")
    yield from value_sections.limiting(desk, weak_values="asset.weak")


def use(desk: Desk) -> Iterator[Block]:
    """Item 12: who may use the report, for what, and for how long."""
    yield from desk.items("limits.use")
    yield desk.say("asset.valid", "note")


def report_day(desk: Desk) -> Iterator[Block]:
    """Item 13: the day of the report, left blank."""
    yield desk.say("asset.report_day")


def signatures(desk: Desk) -> Iterator[Block]:
    """Item 14: who signs; experts in forestry as well where the assets are the state's."""
    word = desk.words.word
    columns = (Column(word("words.item")), Column(word("words.signatures")))
    caption = word("say.asset.signed_caption")
    rows = list(desk.signatures(*SIGNED_BY))
    made = facts_table("signed", caption, columns, rows, source_line(("project",), desk.words))
    yield replace(made, tall=True)
    yield desk.say("asset.signed", "note")


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {
        "parties": parties,
        "purpose": purpose,
        "scope": scope,
        "value_type": value_type,
        "day": day,
        "grounds": grounds,
        "methods": methods,
        "procedure": procedure,
        "assumptions": assumptions,
        "conclusion": conclusion,
        "special": special,
        "use": use,
        "report_day": report_day,
        "signatures": signatures,
        "annexes": value_sections.annexes,
    }
)
"""The fourteen items and the annexes, each a function from the desk to its blocks."""
