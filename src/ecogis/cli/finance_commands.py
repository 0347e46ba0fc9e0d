"""What ``ecogis finance`` does for products, households, on-lending and the county."""

from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from ecogis import io
from ecogis.cli.finance_answers import answer, day_of
from ecogis.cli.finance_words import Session
from ecogis.cli.finance_writing import alone, must_be_past
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.households import household_rules
from ecogis.finance.households_forest import forest_items
from ecogis.finance.households_lines import decisions, score
from ecogis.finance.indicators import indicator_board, observations
from ecogis.finance.onlending import onlending_prices
from ecogis.finance.parties import party_key
from ecogis.finance.products import (
    Product,
    read_products,
)
from ecogis.finance.products import (
    by_lender as lenders_of,
)
from ecogis.finance.products import (
    products as catalogue_of,
)
from ecogis.finance.products_match import match
from ecogis.finance.products_match import one_per_lender as first_of_lender
from ecogis.finance.products_places import mountain_counties
from ecogis.finance.requests import requests_at
from ecogis.methods import weakest
from ecogis.methods.explain import mark
from ecogis.pipeline.finance_inputs import finance_table
from ecogis.pipeline.finance_report import write_county_board

__all__ = [
    "add_request",
    "list_products",
    "match_products",
    "price_onlending",
    "score_households",
    "show_indicators",
    "status_requests",
]


def list_products(*, own: Path | None, by_lender: bool, session: Session) -> None:
    """The catalogue, or by lender."""
    found = _catalogue(own, session)
    if by_lender:
        table = lenders_of(found)
        answer(session, Findings(), {"lenders": table},
               shown=("lender", "product", "name_zh", "family"))  # fmt: skip
        return
    names = ("product", "name_zh", "name_en", "lender", "family", "forestry", "rule", "confidence")
    rows = [{name: getattr(product, name) for name in names} for product in found]
    answer(session, Findings(), {"products": pd.DataFrame(rows)},
           shown=("product", "name_zh", "lender", "family", "forestry"))  # fmt: skip


def _catalogue(own: Path | None, session: Session) -> tuple[Product, ...]:
    mine = () if own is None else read_products(own)
    found: tuple[Product, ...] = catalogue_of(day_of(session), own=mine)
    return found


def match_products(
    *,
    borrowers: Path,
    assets: Path,
    own: Path | None,
    refused: bool,
    one_per_lender: bool,
    session: Session,
) -> None:
    """Offers and, where asked for, refusals with their reasons."""
    findings = Findings()
    people = finance_table(borrowers, "borrowers", findings)
    held = finance_table(assets, "assets", findings)
    found = match(people, held, _catalogue(own, session), day_of(session), findings=findings)
    offers, reasons = found.offers, found.reasons
    if not refused:
        offers = offers[offers["verdict"] != "refused"].reset_index(drop=True)
    if one_per_lender:
        offers = first_of_lender(offers)
    why = reasons.groupby(["borrower", "product"], sort=False)[["zh", "en"]].agg("; ".join)
    offers = offers.merge(why.reset_index(), on=["borrower", "product"], how="left")
    answer(session, findings, {"offers": offers, "reasons": reasons},
           shown=("borrower", "rank", "product", "name_zh", "lender", "verdict_zh", "amount_fen",
                  "cap_fen", "basis_fen", "cover", "rate", "zh"))  # fmt: skip


def score_households(
    *,
    households: Path,
    items: Path,
    rights: Path | None,
    higher: tuple[str, ...],
    named: bool,
    session: Session,
) -> None:
    """Lines of a village; without keys and names unless they are asked for."""
    findings, rules = Findings(), household_rules(day_of(session))
    people = finance_table(households, "households", findings)
    rows = finance_table(items, "household_items", findings)
    if rights is not None:
        held = finance_table(rights, "household_rights", findings)
        rows = pd.concat([rows, forest_items(held, rules.compensation_multiple, findings=findings)])
    rows = rows.reset_index(drop=True)
    scored = score(people, rows, rules, findings=findings, higher=higher)
    names = None
    if named:
        names = people["name"] if "name" in people else people["household"]
    told = decisions(scored, names=names)
    shown = ("number", "household", "name", "verdict", "line_fen", "reason_zh", "net_fen",
             "income_fen", "cap_kind", "confidence")  # fmt: skip
    word = "最弱的依据" if session.lang == "zh" else "weakest of what it rests on"
    note = mark(weakest([*scored["confidence"], rules.formula_mark]), session.lang)
    answer(session, _quiet(findings, named), {"decisions": told}, shown=shown,
           note=f"{rules.label}; {word}: {note}")  # fmt: skip


_SPEAKABLE: Final = ("E944", "E945", "E973", "E974", "E975", "E976", "E977")


def _quiet(findings: Findings, named: bool) -> Findings:
    """The findings; without the keys of households unless they may be seen."""
    if named:
        return findings
    private = Findings()
    for row in findings.rows():
        kept = {name: row[name] for name in ("layer", "row", "column", "expected", "action")}
        seen = row["observed"] if row["code"] in _SPEAKABLE else None  # an item, a grade, a place
        private.add(row["code"], observed=seen, **kept)
    return private


def price_onlending(*, offers: Path, session: Session) -> None:
    """Retail rates with all their parts."""
    findings = Findings()
    table = onlending_prices(finance_table(offers, "onlending", findings))
    rows, seen = list(range(1, len(table) + 1)), table["retail_bp"]
    over = (~table["passed"].fillna(value=True)).to_numpy(dtype=bool)
    open_ = table["passed"].isna().to_numpy(dtype=bool)
    findings.add(
        "E971", layer="onlending", where=over, row=rows, observed=seen, limit=table["cap_bp"]
    )
    findings.add("E972", layer="onlending", where=open_, row=rows, observed=seen)
    answer(session, findings, {"onlending": table})


def show_indicators(*, values: Path, report: Path | None, session: Session) -> None:
    """The board of indicators; as a page and a workbook too where a folder is named."""
    findings, day = Findings(), day_of(session)
    seen = finance_table(values, "indicator_values", findings)
    board = indicator_board(seen, day, findings=findings)
    counties = mountain_counties(day)
    if report is not None:
        known = {"finance_history": observations(seen, day)}
        write_county_board(board, counties, day, report, lang=session.lang, tables=known)
    count = f"名单内 {len(counties)} 县" if session.lang == "zh" else f"{len(counties)} counties"
    shown = _BOARD if board["later"].isna().all() else (*_BOARD, "later_day", "later")
    answer(session, findings, {"indicators": board, "counties": counties}, shown=shown,
           note=count, heads={"later": ("期限后数值", "value after due")})  # fmt: skip


_BOARD: Final = (
    "indicator", "name_zh", "measure_zh", "bound_zh", "target", "actual", "age_days", "gap",
    "state_zh", "trend_zh",
)  # fmt: skip
_REQUESTS: Final = (
    "request", "level", "due", "first_due", "times_assigned", "state_zh", "days_over",
    "late_days", "days_open",
)  # fmt: skip


def status_requests(*, events: Path, session: Session) -> None:
    """Requests and their states."""
    findings = Findings()
    told = finance_table(events, "requests", findings)
    table = requests_at(told.astype(object).where(told.notna(), None), day_of(session),
                            findings=findings)  # fmt: skip
    answer(session, findings, {"requests": table}, shown=_REQUESTS)


def add_request(
    *, events: Path, request: str, move: str, level: str, due: str, said: str, session: Session
) -> None:
    """Write an event behind the others; nothing is written unless it may follow."""
    findings, day = Findings(), day_of(session)
    must_be_past(day)
    if not request.strip():
        raise ConfigError("E957", request=request, step=move)
    row = {"request": request, "day": day.isoformat(), "step": move, "level": level, "due": due,
           "said": said}  # fmt: skip
    table = pd.DataFrame([row], dtype=object)
    with alone(events):
        if events.exists():
            told = finance_table(events, "requests", findings).astype(object)
            table = pd.concat([told.where(told.notna(), None), table], ignore_index=True)
        requests_at(table, date.max, findings=findings)
        if len(table) in set(findings.table()["row"].dropna()):
            raise ConfigError("E957", request=request, step=move)
        io.write_csv(events, table)
    found = requests_at(table, day, findings=Findings())
    mine = [party_key(str(name)) == party_key(request) for name in found["request"]]
    answer(session, findings, {"requests": found[mine]}, shown=_REQUESTS)
