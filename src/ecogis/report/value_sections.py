"""The last five sections: price, value, pledge, limits and annexes."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ecogis.report import sections
from ecogis.report.desk import Desk
from ecogis.report.model import Block

__all__ = [
    "SECTIONS",
    "annexes",
    "cross_checks",
    "ledger_head",
    "limiting",
    "limits",
    "moves",
    "pledge",
    "price",
    "valuation",
]


def price(desk: Desk) -> Iterator[Block]:
    """Section 13: the reference price and the observations behind it."""
    if desk.amount("valuation.reference_price") is None:
        yield desk.say("price.unused" if desk.has("prices") else "price.none")
    else:
        yield desk.say("price.intro")
        yield from desk.tables("price_parts")
        yield from desk.figures("chart_price")
    yield from desk.tables("prices")
    if desk.has("price_path"):
        yield desk.say("price.path")
        yield from desk.tables("price_path")


def valuation(desk: Desk) -> Iterator[Block]:
    """Section 14: the value of the expected income."""
    if desk.amount("valuation.npv_fen") is None:
        yield desk.say(sections.unvalued(desk))
        return
    yield from _said(desk, "value_method", "valuation.method", "valuation.formula")
    yield from _said(desk, "value_rate", "valuation.rate", "valuation.conventions")
    yield from desk.tables("discount_parts")
    yield from _said(desk, "value_flow", "valuation.flow")
    yield from desk.tables("cash_flow")
    yield from desk.figures("chart_cash")
    yield from _said(desk, "value_spread", "valuation.spread", "valuation.simulated")
    yield from desk.tables("variance_shares")
    yield from moves(desk)
    yield from cross_checks(desk)
    yield from desk.figures("map_value")
    yield from _said(desk, "value_end", "valuation.end")


def _said(desk: Desk, heading: str, *texts: str) -> Iterator[Block]:
    yield desk.heading(heading)
    for text in texts:
        yield desk.say(text)


def moves(desk: Desk) -> Iterator[Block]:
    """What changes the value, where it was worked out."""
    shown = [name for name in ("sensitivity", "stresses") if desk.has(name)]
    if shown:
        yield desk.heading("value_moves")
    for name in shown:
        yield desk.say(f"valuation.{name}")
        yield from desk.tables(name)
        if name == "sensitivity":
            yield from desk.figures("chart_tornado")


def cross_checks(desk: Desk) -> Iterator[Block]:
    """Other approaches, where the project file asks for them."""
    if desk.has("cross_checks"):
        yield from _said(desk, "value_checks", "valuation.checks")
        yield from desk.tables("cross_checks")
        if desk.has("forest_assets"):
            yield desk.say("valuation.trees")
            yield from desk.tables("forest_assets")


def pledge(desk: Desk) -> Iterator[Block]:
    """Section 15: whether the right can be pledged, for how much, and what is still to be shown."""
    if desk.amount("analogy"):
        yield desk.say("analogy", "notice")
    yield desk.say("pledge.intro")
    yield from desk.tables("verdict_counts")
    yield desk.say("pledge.own_report")
    yield desk.say("pledge.text_known")
    value = desk.concluded("valuation.pledge_value_fen")
    if value:
        yield from _loan(desk)
    else:
        yield desk.say("pledge.no_value" if value is None else "pledge.nought")
    yield from _still_to_show(desk)
    yield desk.say("pledge.unique")
    yield desk.say("pledge.disposal")


def _loan(desk: Desk) -> Iterator[Block]:
    """From the pledge value through the limits to principal, term and repayments."""
    changed = desk.is_adjusted("valuation.npv_fen", "valuation.pledge_value_fen")
    yield from _said(desk, "loan", "pledge.value_adjusted" if changed else "pledge.value")
    yield desk.say("pledge.limits")
    if desk.amount("valuation.least_cover") is not None:
        yield desk.say("pledge.income_limit")
    yield from desk.tables("loan_amounts", "loan_ends")
    yield desk.say("pledge.end")
    if desk.has("loan_schedule"):
        yield desk.say("pledge.cover")
        yield from desk.tables("loan_schedule", "loan_cover")


def _still_to_show(desk: Desk) -> Iterator[Block]:
    yield desk.heading("due")
    if desk.has("due_diligence"):
        yield desk.say("pledge.due")
        yield from desk.tables("due_diligence")
    else:
        yield desk.say("pledge.no_due")


def limits(desk: Desk) -> Iterator[Block]:
    """Section 16: what limits the conclusion."""
    if desk.amount("analogy"):
        yield desk.say("analogy", "notice")
    if desk.amount("methodology.registration_open") is False:
        yield desk.say("closed", "notice")
    yield from desk.adjusted()
    yield from limiting(desk)
    yield desk.heading("use")
    yield from desk.items("limits.use")


def limiting(desk: Desk, *, weak_values: str = "limits.weak") -> Iterator[Block]:
    """Findings that limit the conclusion, findings accepted, values that are not quoted."""
    yield from _findings(desk)
    weak = sections.weak_values(desk)
    if weak or desk.amount("totals.unknown_ha"):
        yield desk.heading("values")
        if desk.amount("totals.unknown_ha"):
            yield desk.say("limits.unknown")
        if weak:
            yield desk.say(weak_values, weak=str(weak))


def _findings(desk: Desk) -> Iterator[Block]:
    found = desk.source("findings_summary")
    yield desk.heading("findings")
    if not len(found):
        yield desk.say("limits.no_findings")
        return
    accepted = found["accepted_because"].fillna("").astype(str).str.strip().ne("")
    limiting = found[~accepted & (found["severity"] != "note")]
    if len(limiting):
        yield desk.say("limits.findings", findings=str(int(found["count"].sum())))
        yield from desk.derived("findings_open", limiting)
    else:
        yield desk.say("limits.no_findings")
    if accepted.any():
        yield desk.heading("accepted")
        yield desk.say("limits.accepted")
        yield from desk.derived("findings_accepted", found[accepted])


def annexes(desk: Desk) -> Iterator[Block]:
    """Section 17: balance sheets, documents, hashes and versions."""
    yield desk.heading("balance")
    balances = ("balance_area", "balance_volume", "balance_carbon")
    if desk.has(*balances):
        yield desk.say("annexes.balance")
        yield from desk.tables(*balances)
        if desk.has("change_matrix"):
            yield from desk.tables("change_matrix")
    else:
        yield desk.say("annexes.no_balance")
    yield desk.heading("documents")
    if desk.has("documents"):
        yield desk.say("annexes.documents")
        yield from desk.tables("documents")
    else:
        yield desk.say("annexes.no_documents")
    yield desk.heading("files")
    yield desk.say("annexes.files")
    yield desk.say("annexes.fingerprint", "note")
    yield from desk.seal()
    yield from desk.tables("inputs")
    if head := ledger_head(desk):
        yield desk.say("annexes.ledger", "note", head=head)
    yield desk.heading("editions")
    yield from desk.tables("editions", "versions")


def ledger_head(desk: Desk) -> str:
    """The head of the pledge ledger the run has read, nothing where it has read none."""
    read = desk.source("inputs")
    if "role" not in read.columns:
        return ""
    return "".join(read.loc[read["role"].eq("ledger"), "sha256"].astype(str)[:1])


SECTIONS: Final = MappingProxyType[str, Callable[[Desk], Iterator[Block]]](
    {
        "summary": sections.summary,
        "parties": sections.parties,
        "boundary": sections.boundary,
        "methodology": sections.methodology,
        "baseline": sections.baseline,
        "additionality": sections.additionality,
        "data": sections.data,
        "stocks": sections.stocks,
        "leakage": sections.leakage,
        "reductions": sections.reductions,
        "uncertainty": sections.uncertainty,
        "monitoring": sections.monitoring,
        "price": price,
        "valuation": valuation,
        "pledge": pledge,
        "limits": limits,
        "annexes": annexes,
    }
)
"""The sections in their order, each a function from the desk to its blocks."""
