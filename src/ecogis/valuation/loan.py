"""Pledge value and loan: a low quantile of the value, then the smallest of the named limits."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.periods import add_months
from ecogis.valuation.distribution import Distribution
from ecogis.valuation.money import Amount, fen, share_ppm

__all__ = ["LoanProposal", "PledgeValue", "check_loan", "loan_proposal", "pledge_value"]

_AMOUNTS: Final = {
    "pledge": ("质押率 × 质押价值", "pledge rate x pledge value"),
    "requested": ("申请金额", "amount requested"),
    "lender_cap": ("贷款人上限", "lender's cap"),
    "product_cap": ("产品上限", "product's cap"),
    "guarantee_room": ("担保额度余额", "room under the guarantee"),
    "income_cap": ("收入覆盖上限", "cap by income"),
}
_ENDS: Final = {
    "requested": ("申请期限", "term requested"),
    "last_issuance": ("最后一次签发", "last issuance"),
    "right_end": ("权利终止", "end of the right"),
    "contract_end": ("合同终止", "end of the contract"),
    "crediting_end": ("计入期终止", "end of the crediting period"),
    "methodology": ("方法学期限", "limit of the methodology"),
    "lender_cap": ("贷款人最长期限", "lender's longest term"),
    "product_cap": ("产品最长期限", "product's longest term"),
}
_BINDS: Final = {
    "quantile": ("模拟净现值低分位", "low quantile of the simulated net present value"),
    "mean": ("现金流净现值", "net present value of the cash flow"),
    "zero": ("价值不为正", "the value is not above zero"),
}


@dataclass(frozen=True, slots=True)
class PledgeValue:
    """The prudent value, and which of the two figures it is.

    Attributes
    ----------
    value_fen, quantile_fen, cash_flow_fen : int
        Pledge value, the quantile of the draws and the cash flow's net present value. [fen]
    quantile : float
        Share of draws that lie at or below the quantile. [1]
    binding, zh, en : str
        What decides: ``quantile``, ``mean`` or ``zero``.
    """

    value_fen: int
    quantile: float
    quantile_fen: int
    cash_flow_fen: int
    binding: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LoanProposal:
    """Principal and term with the limits they come from.

    Attributes
    ----------
    principal_fen : int
        Principal, a multiple of the rounding. [fen]
    maturity : date
        Last day of the term, never before the valuation date.
    months : int
        Whole months of the term.
    cover_ratio : float or None
        Pledge value over principal; none without a principal. [1]
    pledge_rate : float
        The rate applied, once. [1]
    amounts, ends : DataFrame
        ``limit zh en amount_fen binding`` and ``limit zh en end binding``; a limit that does not
        exist has no amount or end.
    """

    principal_fen: int
    maturity: dt.date
    months: int
    cover_ratio: float | None
    pledge_rate: float
    amounts: pd.DataFrame
    ends: pd.DataFrame


def pledge_value(draws: Distribution, cash_flow_fen: int, *, quantile: float) -> PledgeValue:
    """Pledge value: a low quantile of the draws, never above the cash flow, never below zero.

    The pledge rate does not enter here; it is applied once, in the loan's principal.

    Parameters
    ----------
    draws : Distribution
        Draws of the net present value.
    cash_flow_fen : int
        Net present value of the expected cash flow. [fen]
    quantile : float
        Which quantile, such as 0.05. [1]

    Returns
    -------
    PledgeValue
        With the figure that decides.
    """
    low = draws.quantile(quantile)
    value = min(low, cash_flow_fen)
    binding = "zero" if value <= 0 else "quantile" if low <= cash_flow_fen else "mean"
    return PledgeValue(max(value, 0), quantile, low, cash_flow_fen, binding, *_BINDS[binding])


def loan_proposal(
    pledge: PledgeValue,
    *,
    pledge_rate: float,
    amounts: Mapping[str, Amount | None],
    ends: Mapping[str, dt.date | None],
    date: dt.date,
    rounding_cny: int = 1000,
) -> LoanProposal:
    """The largest loan and the longest term that every limit allows.

    Parameters
    ----------
    pledge : PledgeValue
        The prudent value. [fen]
    pledge_rate : float
        Loan over pledge value, applied here and nowhere else. [1]
    amounts : mapping
        Other limits: ``requested``, ``lender_cap``, ``product_cap``, ``guarantee_room``,
        ``income_cap``; None says that there is no such limit. [CNY]
    ends : mapping
        Dates no term may pass: ``requested``, ``last_issuance``, ``right_end``, ``contract_end``,
        ``crediting_end``, ``methodology``, ``lender_cap``, ``product_cap``; None as above.
    date : date
        Valuation date, from which the term counts.
    rounding_cny : int
        The principal is a multiple of this, rounded down. [CNY]

    Returns
    -------
    LoanProposal
        Principal 0 when nothing can be lent or no time is left.

    Raises
    ------
    ConfigError
        E538: an unknown or negative limit, or no end of the term.
    IdentityError
        E009: the principal exceeds a limit (I20).
    """
    limits = _amount_limits(pledge, pledge_rate, amounts)
    terms, maturity = _end_limits(ends, date)
    months = _whole_months(date, maturity)
    lowest = int(limits["amount_fen"].min())
    principal = lowest // fen(rounding_cny) * fen(rounding_cny) if maturity > date else 0
    cover = pledge.value_fen / principal if principal else None
    proposal = LoanProposal(principal, maturity, months, cover, pledge_rate, limits, terms)
    check_loan(proposal)
    return proposal


def check_loan(proposal: LoanProposal) -> None:
    """Identity I20: the principal is not above any of its limits.

    Raises
    ------
    IdentityError
        E009, with the limit and the difference.
    """
    for limit in proposal.amounts.dropna(subset=["amount_fen"]).itertuples(index=False):
        over = proposal.principal_fen - int(str(limit.amount_fen))
        if over > 0:
            raise IdentityError("E009", identity="I20", what=limit.en, difference=over, unit="fen")


def _amount_limits(
    pledge: PledgeValue, pledge_rate: float, amounts: Mapping[str, Amount | None]
) -> pd.DataFrame:
    unknown = amounts.keys() - (_AMOUNTS.keys() - {"pledge"})
    if unknown:
        raise ConfigError("E538", what=", ".join(sorted(unknown)))
    rate_ppm = share_ppm(pledge_rate, "pledge_rate")
    stated: dict[str, int | None] = {"pledge": pledge.value_fen * rate_ppm // 1_000_000}
    for name, amount in amounts.items():
        stated[name] = None if amount is None else fen(amount, name)
    if any(limit is not None and limit < 0 for limit in stated.values()):
        raise ConfigError("E538", what=f"{stated}")
    rows = [(name, *_AMOUNTS[name], stated[name]) for name in _AMOUNTS if name in stated]
    table = pd.DataFrame(rows, columns=["limit", "zh", "en", "amount_fen"])
    table["amount_fen"] = table["amount_fen"].astype("Int64")
    table["binding"] = (table["amount_fen"] == table["amount_fen"].min()).fillna(value=False)
    return table.astype({"binding": bool})


def _end_limits(ends: Mapping[str, dt.date | None], date: dt.date) -> tuple[pd.DataFrame, dt.date]:
    unknown = ends.keys() - _ENDS.keys()
    known = [end for end in ends.values() if end is not None]
    if unknown or not known:
        raise ConfigError("E538", what=", ".join(sorted(unknown)) or "no end of the term")
    first = min(known)
    rows = [(name, *_ENDS[name], ends[name], ends[name] == first) for name in _ENDS if name in ends]
    table = pd.DataFrame(rows, columns=["limit", "zh", "en", "end", "binding"])
    table["end"] = pd.to_datetime(table["end"])
    return table, max(first, date)


def _whole_months(start: dt.date, end: dt.date) -> int:
    months = 12 * (end.year - start.year) + end.month - start.month
    return months - (add_months(start, months) > end)
