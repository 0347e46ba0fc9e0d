"""What ``ecogis finance`` does for products, households, guarantee, on-lending and the county."""

from datetime import date
from pathlib import Path

import pandas as pd

from ecogis import io
from ecogis.cli.finance import Session
from ecogis.cli.finance_answers import answer, day_of
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.guarantee import check_book
from ecogis.finance.guarantee_limits import guarantee_rules
from ecogis.finance.households import household_rules
from ecogis.finance.households_forest import forest_items
from ecogis.finance.households_lines import decisions, score
from ecogis.finance.indicators import indicator_board
from ecogis.finance.onlending import onlending_prices
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
from ecogis.methods import parameters
from ecogis.pipeline.finance_inputs import finance_table
from ecogis.pipeline.finance_report import write_county_board

__all__ = [
    "add_request",
    "check_guarantee",
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
           shown=("borrower", "rank", "product", "name_zh", "lender", "verdict", "amount_fen",
                  "rate", "zh"))  # fmt: skip


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
    findings, day = Findings(), day_of(session)
    people = finance_table(households, "households", findings)
    rows = finance_table(items, "household_items", findings)
    if rights is not None:
        held = finance_table(rights, "household_rights", findings)
        rules = parameters("household-credit")
        multiple = rules.value("compensation_multiple", day, "1")
        rows = pd.concat([rows, forest_items(held, multiple, findings=findings)])
    rows = rows.reset_index(drop=True)
    scored = score(people, rows, household_rules(day), findings=findings, higher=higher)
    names = None
    if named:
        names = people["name"] if "name" in people else people["household"]
    told = decisions(scored, names=names)
    shown = ("number", "household", "name", "verdict", "line_fen", "reason_zh", "net_fen",
             "income_fen")  # fmt: skip
    answer(session, _quiet(findings, named), {"decisions": told}, shown=shown)


def _quiet(findings: Findings, named: bool) -> Findings:
    """The findings; without the keys of households unless they may be seen."""
    if named:
        return findings
    private = Findings()
    for row in findings.rows():
        kept = {name: row[name] for name in ("layer", "row", "column", "expected", "action")}
        private.add(row["code"], **kept)
    return private


def check_guarantee(
    *, book: Path, relations: Path | None, net_assets: int, session: Session
) -> None:
    """The limits of the book; exit 1 where one is passed or not known."""
    findings = Findings()
    loans = finance_table(book, "guarantee_book", findings)
    related = None if relations is None else finance_table(relations, "relations", findings)
    rules = guarantee_rules(day_of(session))
    found = check_book(loans, net_assets * 100, related, rules=rules, findings=findings)
    answer(session, findings, {"limits": found.limits, "loans": found.loans},
           shown=("rule", "party", "balance_fen", "liability_fen", "limit_fen", "room_fen",
                  "passed"))  # fmt: skip


def price_onlending(*, offers: Path, session: Session) -> None:
    """Retail rates with all their parts."""
    findings = Findings()
    table = onlending_prices(finance_table(offers, "onlending", findings))
    answer(session, findings, {"onlending": table})


def show_indicators(*, values: Path, report: Path | None, session: Session) -> None:
    """The board of indicators; as a page and a workbook too where a folder is named."""
    findings, day = Findings(), day_of(session)
    seen = finance_table(values, "indicator_values", findings)
    board = indicator_board(seen, day, findings=findings)
    counties = mountain_counties(day)
    if report is not None:
        write_county_board(board, counties, day, report, lang=session.lang)
    count = f"名单内 {len(counties)} 县" if session.lang == "zh" else f"{len(counties)} counties"
    answer(session, findings, {"indicators": board, "counties": counties},
           shown=("indicator", "name_zh", "measure_zh", "bound_zh", "target", "actual", "gap",
                  "state_zh", "trend_zh"), note=count)  # fmt: skip


def status_requests(*, events: Path, session: Session) -> None:
    """Requests and their states."""
    findings = Findings()
    told = finance_table(events, "requests", findings)
    table = requests_at(told.astype(object).where(told.notna(), ""), day_of(session),
                            findings=findings)  # fmt: skip
    answer(session, findings, {"requests": table},
           shown=("request", "level", "due", "state_zh", "days_over"))  # fmt: skip


def add_request(
    *, events: Path, request: str, move: str, level: str, due: str, said: str, session: Session
) -> None:
    """Write an event behind the others; nothing is written unless it may follow."""
    findings, day = Findings(), day_of(session)
    row = {"request": request, "day": day.isoformat(), "step": move, "level": level, "due": due,
           "said": said}  # fmt: skip
    table = pd.DataFrame([row], dtype=object)
    if events.exists():
        told = finance_table(events, "requests", findings).astype(object)
        table = pd.concat([told.where(told.notna(), ""), table], ignore_index=True)
    found = requests_at(table, date.max, findings=findings)
    if len(table) in set(findings.table()["row"].dropna()):
        raise ConfigError("E957", request=request, step=move)
    io.write_csv(events, table)
    shown = ("request", "level", "due", "state_zh")
    answer(session, findings, {"requests": found[found["request"] == request]}, shown=shown)
