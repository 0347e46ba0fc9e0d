"""Expected cash flow of the reductions to come: one row for each income and each cost."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.valuation.costs import CostItem, cost_events
from ecogis.valuation.discount import Timing, discount_factors, present_fen, years_after
from ecogis.valuation.money import Ints, part_of, share_ppm

__all__ = ["Income", "SaleTerms", "cash_flow", "income", "net_present_fen"]

MONEY: Final = (
    "gross_fen",
    "delivery_fen",
    "fee_fen",
    "tax_fen",
    "developer_fen",
    "cost_fen",
    "net_fen",
    "present_fen",
)
_COLUMNS: Final = (
    "date",
    "kind",
    "item",
    "zh",
    "en",
    "tonnes",
    "price_cny_t",
    *MONEY[:-1],
    "years",
    "discount_factor",
    "present_fen",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """What is taken off the gross income, in this order; all are shares. [1]

    Parameters
    ----------
    delivery_risk_share : float
        Share of the tonnes sold that is expected not to be delivered, of the gross income.
    fee_share, tax_share : float
        Exchange fee and tax, of the income delivered; together at most 1.
    developer_share : float
        The developer's part of what is left.
    because, confidence : str
        Reason and weakest confidence of the four.
    """

    delivery_risk_share: float
    fee_share: float
    tax_share: float
    developer_share: float
    because: str
    confidence: str

    def __post_init__(self) -> None:
        for name in ("delivery_risk_share", "fee_share", "tax_share", "developer_share"):
            share_ppm(getattr(self, name), name)
        both = self.fee_share + self.tax_share
        if both > 1.0:
            raise ConfigError("E532", name="fee_share + tax_share", value=both, expected="<= 1")


class Income(NamedTuple):
    """Gross income, what is taken off it, and what is left, element by element. [fen]"""

    gross: Ints
    delivery: Ints
    fee: Ints
    tax: Ints
    developer: Ints
    net: Ints


def income(tonnes: Ints, price_fen: Ints, terms: SaleTerms) -> Income:
    """Income of whole tonnes at whole-fen prices, exact in integers, for arrays of any shape.

    Fee and tax are taken together and then split, so that a higher price never leaves less.

    >>> free = SaleTerms(0.1, 0.005, 0.06, 0.3, "example", "assumed")
    >>> [int(part) for part in income(np.array(1000), np.array(8000), free)]
    [8000000, 800000, 36000, 432000, 2019600, 4712400]
    """
    gross = np.asarray(tonnes * price_fen, dtype=np.int64)
    delivery = part_of(gross, share_ppm(terms.delivery_risk_share, "delivery_risk_share"))
    fee_ppm = share_ppm(terms.fee_share, "fee_share")
    both_ppm = fee_ppm + share_ppm(terms.tax_share, "tax_share")
    delivered = gross - delivery
    fee = part_of(delivered, fee_ppm)
    tax = part_of(delivered, both_ppm) - fee
    kept = delivered - fee - tax
    developer = part_of(kept, share_ppm(terms.developer_share, "developer_share"))
    return Income(gross, delivery, fee, tax, developer, kept - developer)


def cash_flow(
    issuances: pd.DataFrame,
    prices: pd.DataFrame,
    costs: Sequence[CostItem],
    *,
    terms: SaleTerms,
    rate: float,
    date: dt.date,
    area_ha: float | None,
    findings: Findings,
    timing: Timing = "dated",
) -> pd.DataFrame:
    r"""Cash flow of the issuances to come and of the costs, valued at the valuation date.

    .. math:: V_0 = \sum_t \frac{q_t p_t (1 - h) (1 - f - x)(1 - d) - c_t}{(1 + r)^t}

    Tonnes are issuable, net of buffer and uncertainty already; they are sold on their issuance
    date. Issuances on one date are one row. Each row is rounded to the fen before it is added:
    totals are exact sums, and ``net = gross - delivery - fee - tax - developer - cost`` holds in
    every row.

    Parameters
    ----------
    issuances : DataFrame
        ``issuance_date``, ``issued_t`` [t CO2e, whole]; ``verification_date`` for costs due then.
    prices : DataFrame
        ``date``, ``price_fen`` [fen t-1], as `price_path` gives it.
    costs : sequence of CostItem
        The costs; an empty sequence says that there are none.
    terms : SaleTerms
        Delivery risk, fee, tax and developer's part. [1]
    rate : float
        Discount rate by year. [1]
    date : date
        Valuation date.
    area_ha : float or None
        The project's area, for costs per hectare. [ha]
    findings : Findings
        Takes what lies before the valuation date.
    timing : {"dated", "mid_year", "year_end"}
        Convention by which ``t`` is counted, as `years_after`.

    Returns
    -------
    DataFrame, one row per event, in order of time
        ``date``, ``kind`` (issuance or cost), ``item``, ``zh``, ``en``, ``tonnes`` [t],
        ``price_cny_t`` [CNY t-1], ``gross_fen delivery_fen fee_fen tax_fen developer_fen cost_fen
        net_fen`` [fen], ``years`` [yr], ``discount_factor`` [1], ``present_fen`` [fen],
        ``confidence``.

    Raises
    ------
    ConfigError
        E528: the price path lacks an issuance date.

    Findings
    --------
    E529, E533, E539
        Issuance or cost before the valuation date, not valued; nothing left to issue.

    References
    ----------
    .. [1] T/GZGFA 8—2026, clauses 3.3 and 4.2; income approach.
    """
    require(issuances, ("issuance_date", "issued_t"), "issuances")
    require(prices, ("date", "price_fen"), "prices")
    sold = _sold(issuances, prices, terms, date, findings)
    paid = _paid(cost_events(costs, issuances, date=date, area_ha=area_ha), date, findings)
    flow = pd.concat([table for table in (sold, paid) if len(table)] or [sold])
    flow["years"] = years_after(flow["date"], date, timing)
    flow["discount_factor"] = discount_factors(flow["years"].to_numpy(), rate)
    flow["present_fen"] = present_fen(
        flow["net_fen"].to_numpy(), flow["discount_factor"].to_numpy()
    )
    flow["order"] = flow["kind"] == "cost"
    flow = flow.sort_values(["date", "order", "item"], kind="stable", ignore_index=True)
    return flow[list(_COLUMNS)]


def net_present_fen(flow: pd.DataFrame) -> int:
    """Net present value: the exact sum of a cash flow's present values. [fen]"""
    return int(flow["present_fen"].sum())


def _sold(
    issuances: pd.DataFrame,
    prices: pd.DataFrame,
    terms: SaleTerms,
    date: dt.date,
    findings: Findings,
) -> pd.DataFrame:
    dates = pd.to_datetime(issuances["issuance_date"])
    by_date = issuances["issued_t"].astype("int64").groupby(dates).sum()
    past = by_date.index < pd.Timestamp(date)
    findings.add(
        "E529", layer="issuances", where=past, feature=[f"{d:%Y-%m-%d}" for d in by_date.index],
        observed=by_date.to_numpy(), column="issuance_date", action="excluded",
    )  # fmt: skip
    by_date = by_date[~past]
    if not by_date.sum():
        findings.add("E539", layer="issuances", column="issued_t", date=date)
    tonnes: Ints = np.asarray(by_date.to_numpy(), dtype=np.int64)
    price_fen = _price_at(prices, by_date.index)
    found = income(tonnes, price_fen, terms)
    money = {f"{name}_fen": amounts for name, amounts in found._asdict().items()}
    return pd.DataFrame(
        {
            "date": by_date.index,
            "kind": "issuance",
            "item": "issuance",
            "zh": "减排量收入",
            "en": "income from reductions",
            "tonnes": tonnes,
            "price_cny_t": price_fen / 100,
            **money,
            "cost_fen": np.int64(0),
            "confidence": terms.confidence,
        }
    )


def _price_at(prices: pd.DataFrame, dates: pd.Index) -> Ints:
    by_date = pd.Series(prices["price_fen"].to_numpy(), index=pd.to_datetime(prices["date"]))
    missing = dates.difference(by_date.index)
    if len(missing):
        raise ConfigError("E528", when=f"{missing[0]:%Y-%m-%d}")
    return by_date.reindex(dates).to_numpy(dtype=np.int64)


def _paid(events: pd.DataFrame, date: dt.date, findings: Findings) -> pd.DataFrame:
    past = (events["date"] < pd.Timestamp(date)).to_numpy(dtype=bool)
    findings.add(
        "E533", layer="costs", where=past, feature=events["item"], observed=events["cost_fen"],
        date=events["date"].dt.strftime("%Y-%m-%d"), action="excluded",
    )  # fmt: skip
    due = events[~past]
    blank = {name: np.int64(0) for name in ("tonnes", *MONEY) if name not in due.columns}
    paid = due.assign(kind="cost", price_cny_t=0.0, **blank)
    return paid.assign(net_fen=-paid["cost_fen"])
