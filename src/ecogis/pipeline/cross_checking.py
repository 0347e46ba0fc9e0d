"""Market, cost, option, standing trees and ecosystem products beside the value: if asked for."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

import numpy as np
import pandas as pd

from ecogis import io, methods, valuation
from ecogis.pipeline.config_values import Comparables, ForestAssets, Timber
from ecogis.pipeline.gep_account import products_of_land
from ecogis.pipeline.run import Run
from ecogis.valuation import CrossCheck, TimberTerms

__all__ = ["cross_check", "timber_terms"]

_STATED: Final = "assumed"
_SALES: Final = ("name", "date", "basis", "price_cny_t", "quality", "price_index", "source",
                 "confidence")  # fmt: skip
_ISSUED: Final = "issued"


def cross_check(run: Run, flow: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every approach asked for beside the income approach, and the trees by age group.

    Findings
    --------
    E880, E881
        An approach cannot be worked out; a transaction is not used.
    """
    rate = f"{run.discount.label}, {run.config.valuation.discount_level}"
    words = (f"本部分的现金流;折现率 {rate}", f"the cash flow above; discount rate {rate}")
    income = CrossCheck("income", valuation.net_present_fen(flow), *words, _STATED)
    trees = _stand_assets(run)
    others = [*_market(run, flow), *_cost(run), *_option(run, flow), *_products(run)]
    if len(trees) and trees["value_fen"].notna().any():
        asked = run.config.valuation.forest_assets
        told = "" if asked is None else asked.because
        others.append(CrossCheck("forest", int(trees["value_fen"].sum()), told, told, _STATED))
    table = valuation.cross_checks(income, others) if others else pd.DataFrame()
    return table, trees


def _market(run: Run, flow: pd.DataFrame) -> Iterator[CrossCheck]:
    asked = run.config.valuation.comparables
    if asked is None:
        return
    sales = _sales(run, asked)
    tonnes = int(flow["tonnes"].sum())
    for basis, method in ((_ISSUED, "market"), ("right", "market_right")):
        alike = sales[sales["basis"] == basis]
        if alike.empty:
            continue
        table = alike.rename(columns={"price_cny_t": "unit_price_cny"})
        price = round(valuation.transaction_comparison(table), 2)
        worth = (
            valuation.worth_at_price(flow, price)
            if basis == _ISSUED
            else valuation.quantity_value(tonnes, price)
        )
        told = (
            f"{asked.because};{len(alike)} 笔,均价 {price:,.2f} 元/t",
            f"{asked.because}; {len(alike)} transactions, mean {price:,.2f} CNY/t",
        )
        yield CrossCheck(method, worth, *told, methods.weakest(alike["confidence"].tolist()))
    if sales.empty:
        _not_worked_out(run, "市场法", "market approach", "没有可用的可比交易", "no transaction")


def _sales(run: Run, asked: Comparables) -> pd.DataFrame:
    """Transactions listed and read, up to the valuation date."""
    listed = [{name: getattr(sale, name) for name in _SALES} for sale in asked.sales]
    parts = [pd.DataFrame(listed, columns=list(_SALES)), _read(run, asked)]
    sales = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    later = (pd.to_datetime(sales["date"]) > pd.Timestamp(run.date)).to_numpy()
    _unused(run, later, "成交日晚于估价基准日", "after the valuation date")
    return sales[~later]


def _read(run: Run, asked: Comparables) -> pd.DataFrame:
    """Lots of issued reductions from a table of prices."""
    if asked.path is None or asked.profile is None:
        return pd.DataFrame(columns=list(_SALES))
    path, folder = run.project.folder / asked.path, run.project.folder
    profile = folder / asked.profile if asked.profile.endswith(".toml") else asked.profile
    table = io.read_quotes(path, sheet=asked.sheet, profile=profile, findings=run.findings)
    run.inputs.append({"role": "comparables"} | asdict(io.quotes_info(path, asked.sheet)))
    other = np.zeros(len(table), dtype=bool)
    if asked.instruments:
        other = ~table["instrument"].isin(asked.instruments).to_numpy(dtype=bool)
    bare = ~other & ~(table["price_cny_t"] > 0).fillna(value=False).to_numpy(dtype=bool)
    bare |= ~other & table["date"].isna().to_numpy()
    _unused(run, other, "品种不在所列之内", "of another instrument")
    _unused(run, bare, "没有成交价或日期(如流拍)", "without a price or a day, such as unsold lots")
    used = table[~(other | bare)]
    named = used.assign(name=used["market"], basis=_ISSUED, quality=1.0, price_index=1.0)
    return named[list(_SALES)]


def _unused(run: Run, where: np.ndarray, why_zh: str, why: str) -> None:
    if where.any():
        count = int(where.sum())
        run.findings.add("E881", layer="comparables", observed=count, why_zh=why_zh, why=why)


def _cost(run: Run) -> Iterator[CrossCheck]:
    asked = run.config.valuation.development
    if asked is None:
        return
    spent = pd.DataFrame(
        {
            "date": pd.to_datetime([each.date for each in asked.spent]),
            "cost_fen": [valuation.fen(each.cny) for each in asked.spent],
        }
    )
    value = valuation.development_cost(spent, asked.return_rate, run.date)
    yield CrossCheck("cost", value, asked.because, asked.because, asked.confidence)


def _option(run: Run, flow: pd.DataFrame) -> Iterator[CrossCheck]:
    asked = run.config.valuation.option
    if asked is None:
        return
    sold = flow["kind"].eq("issuance").to_numpy()
    present = flow["present_fen"].to_numpy(dtype=np.int64)
    income, cost = int(present[sold].sum()), -int(present[~sold].sum())
    if income <= 0 or cost <= 0:
        words = ("没有收入或没有成本", "there is no income or no cost")
        _not_worked_out(run, "等待期权", "option to wait", *words)
        return
    found = valuation.option_value(
        income,
        cost,
        window_yr=asked.window_yr,
        volatility=asked.volatility,
        risk_free=asked.risk_free,
        elasticity=asked.elasticity,
    )
    model = "Black-Scholes" if found.model == "black_scholes" else "CEV"
    told = (f"{asked.because};{model} 模型", f"{asked.because}; {model} model")
    yield CrossCheck("option", income - cost + found.premium_fen, *told, _STATED)


def _products(run: Run) -> Iterator[CrossCheck]:
    """What the products of the borrower's land can be sold for, by the account of services."""
    asked = run.config.gep
    if asked is None or asked.vep is None:
        return
    found, refused = products_of_land(run, asked)
    if found is None:
        told = f"{', '.join(refused)}"
        _not_worked_out(
            run,
            "特定地域单元生态产品价值",
            "products of the land unit",
            f"生态产品总值核算有未处理问题({told}),见 ecogis gep",
            f"the account of services has open findings ({told}), see ecogis gep",
        )
        return
    basis = f"{asked.standard}, {asked.prices}"
    years, rate = asked.vep.years, f"{asked.vep.rate:.2%}"
    yield CrossCheck(
        "vep",
        found.value_fen,
        f"{asked.vep.because};{basis};{years} 年,折现率 {rate};与减排量可能是同一碳,不得相加",
        f"{asked.vep.because}; {basis}; {years} years at {rate}; the carbon may be the same: "
        "never to be added",
        _STATED,
    )


def _not_worked_out(run: Run, what_zh: str, what: str, why_zh: str, why: str) -> None:
    words = {"what_zh": what_zh, "what": what, "why_zh": why_zh, "why": why}
    run.findings.add("E880", layer="project", column="valuation", **words)


def _stand_assets(run: Run) -> pd.DataFrame:
    """Trees on the pledged land by age group; without rows where not asked for."""
    asked = run.config.valuation.forest_assets
    if asked is None:
        return pd.DataFrame()
    terms = timber_terms(run, asked)
    found = valuation.stand_assets(_pledged_stands(run, terms), terms, run.findings)
    return valuation.stand_assets_by_age(found)


def _pledged_stands(run: Run, terms: dict[str, TimberTerms]) -> pd.DataFrame:
    """Stands with pledged land: its area, volume now, and at the end of the rotation."""
    pieces, stands = run.layers["pieces"], run.layers["stands"]
    pledged = pieces["pledgeable"].fillna(False).astype(bool)
    area = pieces[pledged].groupby("stand")["area_dm2"].sum() * 1e-6
    paths = run.left["paths"]
    now = paths.instants.index(run.date)
    years = paths.whole[paths.survey, now]
    volume = run.left["forecast"]["standing_volume"].isel(instant=now).to_numpy()
    surveyed = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    rotation = [
        terms[name].rotation_yr if name in terms else 0 for name in stands["species"].fillna("")
    ]
    late = np.nan_to_num(np.asarray(rotation) - surveyed).astype(np.int64)
    last = paths.table.values.shape[1] - 1
    at_end = paths.table.values[paths.curve, np.clip(paths.age + late, 0, last)]
    table = pd.DataFrame(
        {
            "stand": stands["stand"].to_numpy(),
            "species": stands["species"].to_numpy(),
            "site_class": stands["origin"].fillna("").to_numpy(),
            "age_group": stands["age_group"].to_numpy(),
            "age_yr": surveyed + years,
            "area_ha": stands["stand"].map(area).to_numpy(dtype=np.float64),
            "standing_volume": volume,
            "final_volume": paths.scale * at_end,
        }
    )
    return table[table["area_ha"] > 0].reset_index(drop=True)


def timber_terms(run: Run, asked: ForestAssets) -> dict[str, TimberTerms]:
    """Terms of each species of [valuation.forest_assets]."""
    return {name: _terms(run, entry) for entry in asked.species for name in entry.species}


def _terms(run: Run, entry: Timber) -> TimberTerms:
    """Terms of a species, its return stated or of the library."""
    return TimberTerms(
        rate=_return(run, entry),
        rotation_yr=entry.rotation_yr or 1,
        price_cny_m3=entry.price_cny_m3 or 0.0,
        cost_cny_m3=entry.cost_cny_m3,
        profit_share=entry.profit_share,
        outturn=entry.outturn or 1.0,
        planting_cny_ha=entry.planting_cny_ha,
        yearly_cny_ha=entry.yearly_cny_ha,
        income_cny_ha=entry.income_cny_ha,
    )


def _return(run: Run, entry: Timber) -> float:
    if entry.return_rate is not None or run.returns is None or entry.return_of is None:
        return entry.return_rate or 0.0
    return run.returns.value("forest_return", run.date, "1", key=entry.return_of)
