"""What the project states of prices, duties and condition, as the accounts take it."""

from collections.abc import Sequence

import pandas as pd

from ecogis.accounts.asset_flows import asset_flows, holdings
from ecogis.accounts.condition import BOUNDED, Variable
from ecogis.accounts.net_worth import POLICIES, Duty, Memo, duties
from ecogis.accounts.prices import BASES, Price, asset_of, assets, price_table
from ecogis.accounts.seea_ea import ServiceFlow
from ecogis.accounts.values import money_rows
from ecogis.pipeline.balance_stands import check_stand_prices, stand_prices
from ecogis.pipeline.run import Run
from ecogis.valuation import fen

__all__ = ["check_prices", "liabilities", "memos", "money", "notes", "services", "variables"]

_KG_PER_T = 1_000
_DM3_PER_M3 = 1_000


def money(run: Run, postings: pd.DataFrame) -> tuple[pd.DataFrame, set[str], pd.DataFrame]:
    """Every physical line of the priced assets in money, the lines there are, and whose. [fen]

    Findings
    --------
    E423, E424
        A line has no price; timber has no age group.
    """
    asked = run.config.accounts
    prices = run.left["asset_prices"] = [*_prices(run), *stand_prices(run)]
    kept = asked.credits if asked is not None else None
    kilograms = None if kept is None else (kept.opening_t * _KG_PER_T, kept.closing_t * _KG_PER_T)
    flows = asset_flows(postings, prices, credits_kg=kilograms)
    held = {*flows.loc[flows["amount"].gt(0), "asset"], "M07"}
    _tell(run, held - {price.asset for price in prices}, postings)
    return money_rows(flows, prices), held, holdings(flows)


def check_prices(run: Run) -> None:
    """Refuse prices that cannot be, before anything is read.

    Raises
    ------
    ConfigError
        E420: a line has two prices, or none of the bases. E426: prices are to come from the
        stands, and something they need is not there.
    """
    price_table(_prices(run))
    check_stand_prices(run)


def _prices(run: Run) -> list[Price]:
    asked = run.config.accounts
    return [
        Price(
            entry.line,
            entry.basis,
            fen(entry.opening_cny),
            fen(entry.closing_cny),
            entry.because,
            entry.confidence,
        )
        for entry in (() if asked is None else asked.prices)
    ]


def _tell(run: Run, without: set[str], postings: pd.DataFrame) -> None:
    if without:
        named = "、".join(sorted(without))
        run.findings.add("E423", layer="project", column="accounts.prices", lines=named)
    trees = postings[postings["account"].eq("timber")]
    lost = trees[asset_of(trees).eq("")]
    for line, layer in (("T00", "stands_opening"), ("T90", "stands")):
        volume = int(lost.loc[lost["line_code"].eq(line), "amount"].sum())
        if volume:
            solid = round(volume / _DM3_PER_M3)
            run.findings.add("E424", layer=layer, column="age_group", observed=line, m=solid)


def liabilities(run: Run, postings: pd.DataFrame) -> pd.DataFrame:
    """Liabilities by the policies the project names; without one none is booked. [fen]"""
    asked = run.config.accounts
    found = [
        Duty(
            entry.policy,
            fen(entry.opening_cny),
            fen(entry.closing_cny),
            entry.because,
            entry.land_classes,
            round(entry.quota_m3 * _DM3_PER_M3),
        )
        for entry in (() if asked is None else asked.liabilities)
    ]
    return duties(postings, found)


def memos(run: Run) -> list[Memo]:
    """Debt secured on rights and the yearly services, beside where the project states them."""
    asked = run.config.accounts
    stated = {} if asked is None else {"M22": asked.encumbered, "M08": asked.gep}
    return [
        Memo(line, fen(ends.opening_cny), fen(ends.closing_cny))
        for line, ends in stated.items()
        if ends is not None
    ]


def variables(run: Run) -> Sequence[Variable]:
    """Variables of condition: the project's, else those that need no reference level."""
    asked = run.config.accounts
    stated = () if asked is None else asked.condition
    return (
        tuple(
            Variable(
                entry.column,
                entry.group,
                entry.low,
                entry.high,
                entry.because,
                entry.weight,
                entry.higher_is_better,
            )
            for entry in stated
        )
        or BOUNDED
    )


def services(run: Run) -> list[ServiceFlow]:
    """Yearly services the project states, one for each ecosystem type that has any."""
    asked = run.config.accounts
    return [
        ServiceFlow(
            entry.land_class,
            entry.opening_per_ha,
            entry.closing_per_ha,
            entry.opening_cny,
            entry.closing_cny,
            entry.rate,
            entry.years,
            entry.because,
        )
        for entry in (() if asked is None else asked.services)
    ]


def notes(run: Run) -> list[tuple[str, str, str, str]]:
    """Prices, policies of liabilities, services and what stands beside, in words."""
    asked = run.config.accounts
    if asked is None:
        return []
    made = [_priced(price) for price in run.left["asset_prices"]]
    named = [(POLICIES[entry.policy], entry.because) for entry in asked.liabilities]
    for (zh, en), because in named or [(POLICIES["none"], "—")]:
        made.append(("负债政策", "policy of liabilities", f"{zh};{because}", f"{en}; {because}"))
    for service in asked.services:
        text = f"{service.land_class}: {service.because}"
        made.append(("生态服务流量", "service flow", text, text))
    for words, entry in (
        (("碳汇资产数量", "quantity of the carbon asset"), asked.credits),
        (("抵质押负担(附列)", "encumbrances (memo)"), asked.encumbered),
        (("GEP(附列,不相加)", "GEP (memo, never added)"), asked.gep),
    ):
        if entry is not None:
            made.append((*words, entry.because, entry.because))
    return made


def _priced(price: Price) -> tuple[str, str, str, str]:
    name = next(line for line in assets() if line.code == price.asset)
    _, _, _, zh, en = BASES[price.basis]
    first, last = (f"{fens / 100:,.2f}" for fens in (price.opening_fen, price.closing_fen))
    told = f"{price.because} ({price.confidence})"
    return (
        f"价格 {price.asset} {name.zh}",
        f"price {price.asset} {name.en}",
        f"期初 {first}、期末 {last} {zh};{told}",
        f"opening {first}, closing {last} {en}; {told}",
    )
