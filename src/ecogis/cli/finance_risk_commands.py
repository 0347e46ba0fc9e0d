"""What ``ecogis finance guarantee`` and ``insurance`` do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import pandas as pd

from ecogis.cli.finance_answers import answer, day_of
from ecogis.cli.finance_words import Session
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.guarantee import BookCheck, check_book
from ecogis.finance.guarantee_focus import policy_focus
from ecogis.finance.guarantee_limits import guarantee_rules
from ecogis.finance.guarantee_proposals import GuaranteeBook, Proposal
from ecogis.finance.insurance import (
    cost_payout,
    index_payout,
    premium_shares,
    service_lists,
    share_premium,
)
from ecogis.finance.reserves import (
    asset_mix,
    capital_shortfall,
    loss_reserve,
    unearned_fee_reserve,
)
from ecogis.finance.risk_sharing import (
    check_shares,
    compensations,
    reguarantee_fee,
    risk_shares,
    share_loss,
)
from ecogis.pipeline.finance_guarantee import net_assets_on
from ecogis.pipeline.finance_inputs import finance_table

__all__ = [
    "assets",
    "check",
    "compensation",
    "cost",
    "fee",
    "focus",
    "index",
    "lists",
    "premium",
    "propose",
    "reserves",
    "room",
    "share",
]

_LIMITS = ("rule", "party", "balance_fen", "liability_fen", "limit_fen", "room_fen", "passed")


@dataclass(frozen=True, slots=True)
class _Told:
    """A book as the files have it, and what is wrong with it."""

    loans: pd.DataFrame
    relations: pd.DataFrame | None
    net_assets_fen: int
    found: BookCheck
    findings: Findings


def _told(
    session: Session, book: Path, relations: Path | None, net_assets: int | None, fund: Path | None
) -> _Told:
    findings, day = Findings(), day_of(session)
    amount = _net_assets(net_assets, fund, day, findings)
    loans = finance_table(book, "guarantee_book", findings)
    related = None if relations is None else finance_table(relations, "relations", findings)
    rules = guarantee_rules(day)
    found = check_book(loans, amount, related, rules=rules, findings=findings)
    return _Told(loans, related, amount, found, findings)


def _net_assets(stated: int | None, fund: Path | None, day: date, findings: Findings) -> int:
    """Net assets as stated, or by the company's last statement up to the day."""
    if stated is not None and fund is None:
        return stated
    if stated is not None or fund is None:
        raise click.UsageError("--net-assets | --fund")
    amount, seen = net_assets_on(finance_table(fund, "guarantee_fund", findings), day)
    if amount is None:
        raise ConfigError("E969", file=fund.name, day=day, seen=seen or "—")
    return amount


def _proposals(session: Session, told: _Told) -> GuaranteeBook:
    rules = guarantee_rules(day_of(session))
    return GuaranteeBook(told.loans, told.net_assets_fen, told.relations, rules=rules)


def check(
    *,
    book: Path,
    relations: Path | None,
    net_assets: int | None,
    fund: Path | None,
    session: Session,
) -> None:
    """The limits of the book; exit 1 where one is passed or not known."""
    told = _told(session, book, relations, net_assets, fund)
    tables = {"limits": told.found.limits, "loans": told.found.loans}
    answer(session, told.findings, tables, shown=_LIMITS)


def focus(
    *,
    book: Path,
    relations: Path | None,
    net_assets: int | None,
    fund: Path | None,
    fees: int | None,
    session: Session,
) -> None:
    """The shares a policy company is held to; exit 1 where one is not kept or not known."""
    told = _told(session, book, relations, net_assets, fund)
    table = policy_focus(told.found, day_of(session), fees_fen=fees)
    row, unknown = list(range(1, len(table) + 1)), table["passed"].isna()
    broken = (~table["passed"].fillna(value=True)).to_numpy(dtype=bool)
    told.findings.add(
        "E891", layer="focus", where=broken, row=row, feature=table["rule"],
        observed=table["value"], limit=table["limit"],
    )  # fmt: skip
    told.findings.add(
        "E892", layer="focus", where=unknown.to_numpy(dtype=bool), row=row, feature=table["rule"],
        limit=table["limit"],
    )  # fmt: skip
    answer(session, told.findings, {"focus": table})


def room(
    *,
    book: Path,
    relations: Path | None,
    net_assets: int | None,
    fund: Path | None,
    borrower: str,
    kind: str,
    session: Session,
) -> None:
    """The room for a borrower; nought, and exit 1, where the book cannot be judged."""
    told = _told(session, book, relations, net_assets, fund)
    left = _proposals(session, told).room(borrower, kind)
    row = {"borrower": borrower, "kind": kind, "room_fen": left}
    answer(session, told.findings, {"room": pd.DataFrame([row])})


def propose(
    *,
    book: Path,
    relations: Path | None,
    net_assets: int | None,
    fund: Path | None,
    borrower: str,
    kind: str,
    loan: str,
    amount: int,
    session: Session,
) -> None:
    """The book with the loan, to be kept with ``--out``; exit 1 where it is refused."""
    told = _told(session, book, relations, net_assets, fund)
    taking = _proposals(session, told)
    if not taking.sound:
        answer(session, told.findings, {"limits": told.found.limits}, shown=_LIMITS)
    taking.propose(Proposal(loan, borrower, kind, amount))
    left = taking.room(borrower, kind)
    row = pd.DataFrame([{"borrower": borrower, "kind": kind, "room_fen": left}])
    shown = f"{left / 100:,.2f}"
    note = f"剩余额度 {shown} 元" if session.lang == "zh" else f"room left: CNY {shown}"
    answer(session, told.findings, {"book": taking.table(), "room": row}, note=note)


def _shares_of(
    texts: tuple[str, ...], pattern: Mapping[str, float], option: str = "--share"
) -> dict[str, float]:
    """Shares as PARTY=SHARE, or the pattern where none are given."""
    found: dict[str, float] = {}
    for text in texts:
        party, _, number = text.rpartition("=")
        try:
            told = float(number)
        except ValueError:
            told = float("nan")
        if not party.strip() or party.strip() in found or not 0 <= told <= 1:
            raise ConfigError("E900", field=option, value=text, expected="PARTY=0-1")
        found[party.strip()] = told
    return found or dict(pattern)


def _by_party(shares: Mapping[str, float], parts: Mapping[str, int]) -> pd.DataFrame:
    rows = [(party, shares[party], amount) for party, amount in parts.items()]
    return pd.DataFrame(rows, columns=["party", "share", "amount_fen"])


def share(*, loss: int, shares: tuple[str, ...], session: Session) -> None:
    """Who bears which part."""
    findings = Findings()
    own = _shares_of(shares, risk_shares(day_of(session)))
    check_shares(own, day_of(session), findings=findings)
    answer(session, findings, {"shares": _by_party(own, share_loss(loss, own))})


def compensation(
    *, losses: Path, guaranteed: int, limit: float, shares: tuple[str, ...], session: Session
) -> None:
    """Losses with the part of each party; a row that cannot be read stops it."""
    findings = Findings()
    told = finance_table(losses, "guarantee_losses", findings)
    if told.isna().any(axis=None):
        row = int(told.isna().any(axis=1).to_numpy().argmax()) + 1
        raise ConfigError("E900", field=losses.name, value=f"{row}", expected="loan, day, loss_fen")
    own = _shares_of(shares, risk_shares(day_of(session)))
    check_shares(own, day_of(session), findings=findings)
    answer(session, findings, {"compensation": compensations(told, guaranteed, own, limit=limit)})


def reserves(
    *, liability: int, held: int, fees: int, paid_in: int | None, session: Session
) -> None:
    """What is to be booked at a year's end; negative where it is released."""
    day = day_of(session)
    rows = [
        ("loss_reserve", loss_reserve(liability, held, day)),
        ("unearned_fee_reserve", unearned_fee_reserve(fees, day)),
    ]
    if paid_in is not None:
        rows.append(("capital_shortfall", capital_shortfall(paid_in, day)))
    answer(session, Findings(), {"reserves": pd.DataFrame(rows, columns=["item", "amount_fen"])})


def assets(*, session: Session, **classes: int) -> None:
    """The shares of the classes; exit 1 where one is not kept."""
    table = asset_mix(classes, day_of(session))
    findings = Findings()
    broken = (~table["passed"].fillna(value=False)).to_numpy(dtype=bool)
    findings.add(
        "E970", layer="assets", where=broken, feature=table["rule"],
        observed=table["part_fen"], expected=str(int(table["whole_fen"].iloc[0])),
        limit=table["limit"],
    )  # fmt: skip
    answer(session, findings, {"assets": table})


def fee(*, loan: int, session: Session) -> None:
    """The fee of a year."""
    row = {"item": "reguarantee_fee", "amount_fen": reguarantee_fee(loan, day_of(session))}
    answer(session, Findings(), {"fee": pd.DataFrame([row])})


def index(*, index: float, threshold: float, unit: int, limit: int, session: Session) -> None:
    """The payout of an index policy."""
    _paid(session, "index_payout", index_payout(index, threshold, unit, limit))


def cost(*, insured: int, loss: float, deductible: float, session: Session) -> None:
    """The payout of a cost policy."""
    _paid(session, "cost_payout", cost_payout(insured, loss, deductible=deductible))


def _paid(session: Session, item: str, amount_fen: int) -> None:
    row = {"item": item, "amount_fen": amount_fen}
    answer(session, Findings(), {"payout": pd.DataFrame([row])})


def premium(
    *, premium: int, pattern: str | None, shares: tuple[str, ...], session: Session
) -> None:
    """A premium by who pays it."""
    if (pattern is None) is not bool(shares):
        raise click.UsageError("--pattern | --share")
    seen = {} if pattern is None else premium_shares(pattern, day_of(session))
    own = _shares_of(shares, seen)
    answer(session, Findings(), {"premium": _by_party(own, share_premium(premium, own))})


def lists(*, services: Path, session: Session) -> None:
    """Services in force, by list."""
    findings = Findings()
    told = finance_table(services, "insurance_lists", findings)
    answer(session, findings, {"lists": service_lists(told, day_of(session), findings=findings)})
