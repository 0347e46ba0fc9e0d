"""The first twelve sections: what the land is, whose it is, and what it will remove."""

from collections.abc import Iterator

import pandas as pd

from ecogis.core.vocabulary import code_label
from ecogis.report.desk import Desk
from ecogis.report.model import Block, Column
from ecogis.report.parameters import in_short, quantities
from ecogis.report.present import chinese, clean
from ecogis.report.tables import facts_table, source_line

__all__ = [
    "additionality",
    "baseline",
    "boundary",
    "data",
    "leakage",
    "methodology",
    "monitoring",
    "parameters",
    "parties",
    "reductions",
    "stocks",
    "summary",
    "titled",
    "uncertainty",
    "unvalued",
    "weak_values",
]

_UNCHECKED = "E246"


def weak_values(desk: Desk) -> int:
    """How many parameter values are not quoted from their original."""
    if not desk.has("parameters"):
        return 0
    return int(quantities(desk.source("parameters"))["confidence"].ne("quoted").sum())


def summary(desk: Desk) -> Iterator[Block]:
    """Section 1: area, reductions, value and what to beware of, on one page."""
    if desk.amount("analogy"):
        yield desk.say("analogy", "notice")
    yield desk.say("summary.scope")
    yield desk.say("summary.eligible")
    yield desk.say("summary.reductions" if desk.has("vintages") else "summary.no_reductions")
    valued = desk.amount("valuation.npv_fen") is not None
    yield desk.say("summary.value" if valued else "summary.no_value")
    yield desk.say(f"summary.{_pledged(desk)}")
    if weakest := desk.amount("weakest_confidence"):
        yield desk.say("weakest", weakest=code_label("confidence", weakest, desk.words.lang))
    if desk.amount("methodology.registration_open") is False:
        yield desk.say("closed", "notice")
    yield desk.say("summary.caveats")
    yield desk.headline("headline", _headline(desk))


def _pledged(desk: Desk) -> str:
    """Which sentence says what can be lent: the value, that it is nought, or why there is none."""
    value = desk.concluded("valuation.pledge_value_fen")
    if value is not None:
        return "pledge" if value else "pledge_nought"
    if desk.amount("totals.pledgeable_ha"):
        return "no_pledge_issue"
    return "no_pledge" if desk.has("due_diligence") else "no_pledge_bare"


def unvalued(desk: Desk) -> str:
    """Which sentence says why nothing is valued."""
    if not desk.amount("totals.creditable_ha"):
        return "valuation.none"
    if not desk.amount("totals.pledgeable_ha"):
        return "valuation.none_pledgeable"
    return "valuation.none_issued"


def _headline(desk: Desk) -> Iterator[tuple[str, str, str]]:
    word = desk.words.word
    for item in ("area", "forest", "creditable", "excluded", "unknown", "pledgeable"):
        if desk.amount(f"totals.{item}_ha") is not None:
            areas = f"{desk.fact(f'totals.{item}_ha')} ({desk.fact(f'totals.{item}_mu')})"
            yield word(f"headline.{item}"), areas, word("unit.ha_mu")
    for item, key, unit in (
        ("volume", "totals.standing_volume_m3", "m3"),
        ("stock", "totals.stock_co2e_t_valuation", "t"),
        ("credit", "totals.credit_t", "t"),
        ("issued", "totals.issued_t", "t"),
        ("pledge_issued", "totals.pledge_issued_t", "t"),
        ("price", "valuation.reference_price", "price"),
        ("rate", "valuation.discount_rate", ""),
        *((item, f"valuation.{item}_yuan", "yuan") for item in ("npv", "p5", "p50", "p95")),
        ("pledge_value", "valuation.pledge_value_yuan", "yuan"),
        ("pledge_rate", "valuation.pledge_rate", ""),
        ("principal", "valuation.principal_yuan", "yuan"),
        ("tenor", "valuation.tenor_years", "years"),
    ):
        yield word(f"headline.{item}"), desk.fact(key), word(f"unit.{unit}") if unit else "—"


def parties(desk: Desk) -> Iterator[Block]:
    """Section 2: who asks, who borrows, who lends; blank until signed."""
    word = desk.words.word
    yield desk.say("parties.intro")
    roles = ("client", "borrower", "lender", "appraiser")
    rows = [(word(f"cover.{role}"), word("words.to_sign")) for role in roles]
    columns = (Column(word("words.item")), Column(word("words.value")))
    source = source_line(("project",), desk.words)
    yield facts_table("parties", word("say.parties.caption"), columns, rows, source)
    yield desk.say("parties.holders" if desk.has("rights") else "parties.no_rights")
    yield desk.say("parties.purpose")


def boundary(desk: Desk) -> Iterator[Block]:
    """Section 3: where the land lies, what rights stand on it, what encumbers them."""
    yield desk.heading("area")
    yield desk.say("boundary.area")
    yield from desk.tables("area_by_class")
    maps = list(desk.figures("map_location"))
    if maps:
        yield from maps
    else:
        yield desk.say("boundary.no_maps", "note")
    yield desk.heading("rights")
    yield desk.say(titled(desk, "boundary.title"))
    yield from desk.tables("rights")
    if desk.has("encumbrances"):
        yield from desk.tables("encumbrances")
    else:
        yield desk.say("boundary.no_encumbrances")
    yield from desk.figures("map_rights")


def titled(desk: Desk, text: str) -> str:
    """The text on rights and burdens, as far as the run has tables of them."""
    if not desk.has("rights"):
        return "parties.no_rights"
    return text if desk.has("encumbrances") else f"{text}_only"


def methodology(desk: Desk) -> Iterator[Block]:
    """Section 4: the methodology, its conditions one by one, and what they decide."""
    yield desk.say("methodology.intro")
    registrable = desk.amount("methodology.registration_open")
    if registrable is not None:
        yield desk.say("methodology.open" if registrable else "closed")
    yield desk.say("methodology.result")
    yield from desk.tables("condition_counts")
    if desk.has("condition_counts"):
        yield desk.say("methodology.reading", "note")
    if said := desk.amount("methodology.declared"):
        yield desk.say("methodology.declared")
        yield from desk.derived("declared", pd.DataFrame(said))
    yield from desk.figures("map_eligibility")


def baseline(desk: Desk) -> Iterator[Block]:
    """Section 5: what would happen without the project."""
    yield desk.say("baseline.intro" if desk.has("vintages") else "baseline.none")


def additionality(desk: Desk) -> Iterator[Block]:
    """Section 6: the conditions on additionality, or that there are none on file."""
    conditions = desk.source("condition_counts")
    about = pd.DataFrame()
    if "topic" in conditions.columns:
        about = conditions[conditions["topic"] == "additionality"]
    if len(about):
        yield desk.say("additionality.intro")
        yield from desk.derived("additionality", about)
        said = desk.amount("methodology.declared") or []
        if any(entry["clause"] in set(about["clause"]) for entry in said):
            yield desk.say("additionality.declared")
    else:
        yield desk.say("additionality.none")


def _listed(titles: "pd.Series[str]", lang: str) -> str:
    """Titles of sources, numbered, one to a line."""
    shown = (chinese(clean(title)) if lang == "zh" else clean(title) for title in titles)
    return "\n".join(f"[{number}] {title}" for number, title in enumerate(shown, start=1))


def _stale(desk: Desk) -> list[str]:
    """Editions that nobody has compared with their sources for a year."""
    found = desk.source("findings")
    if not len(found):
        return []
    return sorted(set(found.loc[found["code"].eq(_UNCHECKED), "feature"].astype(str)))


def data(desk: Desk) -> Iterator[Block]:
    """Section 7: inputs, parameters, and what their marks mean."""
    yield desk.say("data.intro")
    yield from parameters(desk)
    pictures = list(desk.figures("map_species", "map_age"))
    if pictures:
        yield desk.say("data.figures")
        yield from pictures


def parameters(desk: Desk) -> Iterator[Block]:
    """Every parameter with edition, source and mark; how many are not quoted; what is stale."""
    if not desk.has("parameters"):
        yield from desk.tables("parameters")
    else:
        table, sources = in_short(desk.source("parameters"), _english(desk))
        yield from desk.derived("parameters_used", table)
        yield desk.say("sources", "note", listed=_listed(sources[desk.words.lang], desk.words.lang))
        yield desk.say("marks", "note")
        if weak := weak_values(desk):
            yield desk.say("data.values", weak=str(weak))
    if stale := _stale(desk):
        yield desk.say("data.stale", "notice", stale=", ".join(stale))


def _english(desk: Desk) -> dict[str, str]:
    """English names of the species of the run."""
    known = desk.source("stock_by_species")
    if not {"species", "species_en"} <= set(known.columns):
        return {}
    names = zip(known["species"].astype(str), known["species_en"].astype(str), strict=True)
    return {name: english for name, english in names if english != name}


def stocks(desk: Desk) -> Iterator[Block]:
    """Section 8: the carbon there is and how it develops."""
    yield desk.say("stocks.intro")
    yield from desk.tables("stock_by_species", "stock_by_age")
    yield from desk.figures("map_carbon")
    if desk.amount("growth.pools") is not None:
        yield desk.say("stocks.pools")
    if desk.has("forecast"):
        counted = desk.has("project_forecast")
        yield desk.say("stocks.change" if counted else "stocks.change_all")
        happens = [name for name in ("harvest", "disturbance") if desk.amount(f"growth.{name}")]
        for name in happens or ["nothing"]:
            yield desk.say(f"stocks.{name}")
        yield from desk.figures("chart_stock")
    yield from desk.tables("forecast", "project_forecast")
    if desk.has("fellings"):
        yield from desk.tables("fellings")
    if desk.has("forecast_quantiles"):
        yield desk.say("stocks.spread")
        yield from desk.tables("forecast_quantiles")


def leakage(desk: Desk) -> Iterator[Block]:
    """Section 9: what is deducted for leakage and for carbon that may be lost again."""
    yield desk.say("leakage.intro" if desk.has("vintages") else "leakage.none")
    yield desk.say("leakage.risk")


def reductions(desk: Desk) -> Iterator[Block]:
    """Section 10: expected reductions, line by line and year by year."""
    if not desk.has("vintages"):
        yield desk.say("reductions.none")
        return
    yield desk.say("reductions.intro")
    yield from desk.tables("waterfall", "vintages")
    yield from desk.figures("chart_credits")
    yield from desk.tables("issuances")
    if desk.has("holders"):
        yield desk.say("reductions.holders")
        yield from desk.tables("holders")


def uncertainty(desk: Desk) -> Iterator[Block]:
    """Section 11: how the value may come out, and the deduction the methodology asks."""
    if desk.has("vintages"):
        yield desk.say("uncertainty.deduction")
    if desk.has("credit_quantiles"):
        yield desk.say("uncertainty.credits")
        yield from desk.tables("credit_quantiles")
    if desk.amount("valuation.p50_fen") is None:
        yield desk.say("uncertainty.none")
        return
    yield desk.say("uncertainty.intro")
    yield from desk.figures("chart_distribution")
    yield from desk.tables("distribution")


def monitoring(desk: Desk) -> Iterator[Block]:
    """Section 12: when the project is verified, and who has to watch meanwhile."""
    yield desk.say("monitoring.intro" if desk.has("issuances") else "monitoring.none")
    yield desk.say("monitoring.duties")
