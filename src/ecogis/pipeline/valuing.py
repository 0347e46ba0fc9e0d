"""From creditable pieces to reductions, and from pledgeable reductions to a loan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import pandas as pd

from ecogis import crediting, eligibility, valuation
from ecogis.core.periods import add_months, add_years
from ecogis.crediting import Credits
from ecogis.pipeline.config import Charge
from ecogis.pipeline.run import Run
from ecogis.valuation import CostItem, PriceModel, SaleTerms, Uncertainty

__all__ = ["Valued", "credit", "value"]

_STATED = "assumed"
"""Confidence of what the client states in the project file."""


@dataclass(frozen=True, slots=True)
class Valued:
    """Everything the valuation leaves."""

    price: valuation.ReferencePrice
    price_path: pd.DataFrame
    discount: valuation.DiscountRate
    rate: float
    flow: pd.DataFrame
    draws: valuation.Distribution
    pledge: valuation.PledgeValue
    loan: valuation.LoanProposal
    schedule: pd.DataFrame
    sensitivity: pd.DataFrame
    area_ha: float


def credit(run: Run) -> None:
    """Reductions of the project (all creditable pieces) and of its pledgeable part."""
    pieces = run.layers["pieces"]
    creditable = pieces["creditable"].fillna(False).to_numpy(dtype=bool)
    run.left["project"] = None
    if not creditable.any():
        run.findings.add("E548", layer="pieces")
        return
    project = pieces[creditable].reset_index(drop=True)
    until = _until(run, project)
    run.left["project"] = crediting.credits(
        run.left["piece_kg"][creditable],
        project,
        run.methodology,
        schedule=_schedule_of(run),
        numbers=run.crediting,
        date=run.date,
        findings=run.findings,
        until=until.to_numpy(),
    )
    run.left["project_pieces"] = project.assign(until=until)


def _schedule_of(run: Run) -> crediting.Schedule:
    asked = run.config.methodology
    verifications = crediting.verification_dates(
        asked.start, asked.years, every_years=asked.verify_every_years, not_before=run.date
    )
    return crediting.Schedule(
        start=asked.start,
        years=asked.years,
        verifications=tuple(verifications),
        application=run.date,
        lag_months=asked.issuance_lag_months,
    )


def _until(run: Run, pieces: pd.DataFrame) -> pd.Series:
    """Last day of the right a piece's reductions belong to; missing for one without an end."""
    held = eligibility.title(
        pieces,
        run.tables["rights"],
        run.tables["encumbrances"],
        run.tables["documents"],
        run.date,
    )
    ends = held.dropna(subset=["pledge_until"]).groupby("piece")["pledge_until"].min()
    return pd.Series(pd.to_datetime(ends).reindex(pieces["piece"]).array, index=pieces.index)


def value(run: Run) -> None:
    """Value of the pledgeable reductions, prudent value, and the loan within its limits."""
    run.left["valued"] = None
    project: Credits | None = run.left["project"]
    pledgeable = run.layers["pieces"]["pledgeable"].fillna(False)
    if project is None or not pledgeable.any():
        run.findings.add("E549", layer="pieces")
        return
    area_ha = float(run.layers["pieces"].loc[pledgeable.astype(bool), "area_dm2"].sum() * 1e-6)
    issued = project.pledgeable_issuances
    price = _price(run)
    model = _price_model(run)
    rate = _rate(run)
    costs = [_cost(charge, project) for charge in run.config.valuation.costs]
    terms = _terms(run)

    def flow_of(prices: PriceModel, at: float) -> pd.DataFrame:
        path = valuation.price_path(price, prices, issued["issuance_date"])
        return valuation.cash_flow(
            issued, path, costs, terms=terms, rate=at, date=run.date, area_ha=area_ha,
            findings=run.findings,
        )  # fmt: skip

    flow = flow_of(model, rate)
    draws = valuation.distribution(
        project.by_issuance(),
        flow,
        terms=terms,
        uncertainty=_uncertainty(run),
        date=run.date,
        seed=run.config.project.seed,
        draws=run.config.valuation.draws,
    )
    pledge = valuation.pledge_value(
        draws, valuation.net_present_fen(flow), quantile=run.config.valuation.quantile
    )
    loan = _loan(run, pledge, project)
    run.left["valued"] = Valued(
        price=price,
        price_path=valuation.price_path(price, model, issued["issuance_date"]),
        discount=run.left["discount"],
        rate=rate,
        flow=flow,
        draws=draws,
        pledge=pledge,
        loan=loan,
        schedule=_schedule(run, loan),
        sensitivity=valuation.sensitivities(
            model, rate, lambda m, r: valuation.net_present_fen(flow_of(m, r))
        ),
        area_ha=area_ha,
    )


def _price(run: Run) -> valuation.ReferencePrice:
    asked = run.config.prices
    return valuation.reference_price(
        run.tables["prices"],
        run.date,
        weights=asked.weights,
        lookback_days=asked.lookback_days,
        findings=run.findings,
        instruments=asked.instruments,
    )


def _price_model(run: Run) -> PriceModel:
    asked = run.config.prices
    return PriceModel(asked.model, asked.because, _STATED, growth=asked.growth_rate)


def _rate(run: Run) -> float:
    parts = run.discount.frame("components", run.date)
    found = valuation.discount_rate(parts)
    run.left["discount"] = found
    return found.at(run.config.valuation.discount_level)


def _terms(run: Run) -> SaleTerms:
    asked = run.config.valuation
    return SaleTerms(
        delivery_risk_share=asked.delivery_risk,
        fee_share=asked.fee_share,
        tax_share=asked.tax_share,
        developer_share=asked.developer_share,
        because=asked.terms_because,
        confidence=_STATED,
    )


def _cost(charge: Charge, project: Credits) -> CostItem:
    """A cost of the project file; the whole project's costs are borne by the part's share."""
    stated = msgspec.structs.asdict(charge)
    if not charge.rule.startswith("per_ha"):
        stated["cny"] = round(charge.cny * _part(project), 2)
    return CostItem(**stated, confidence=_STATED)


def _part(project: Credits) -> float:
    """Share of the project's reductions that can be pledged. [1]"""
    whole = int(project.vintages["credit_kg"].sum())
    return int(project.vintages["pledgeable_kg"].sum()) / whole if whole > 0 else 1.0


def _uncertainty(run: Run) -> Uncertainty:
    names = {
        "volume_cv": ("cv_stand_volume", "1"),
        "biomass_cv": ("cv_biomass_factor", "1"),
        "price_volatility": ("price_volatility_ccer", "1"),
        "price_reversion": ("price_reversion_cea", "yr-1"),
    }
    found = {
        name: run.uncertainty.value(parameter, run.date, unit)
        for name, (parameter, unit) in names.items()
    }
    return Uncertainty(**found, because=run.uncertainty.label, confidence=_STATED)


def _loan(run: Run, pledge: valuation.PledgeValue, project: Credits) -> valuation.LoanProposal:
    asked = run.config.valuation
    return valuation.loan_proposal(
        pledge,
        pledge_rate=asked.pledge_rate,
        amounts={"lender_cap": asked.cap_cny},
        ends=_ends(run, project),
        date=run.date,
    )


def _ends(run: Run, project: Credits) -> Mapping[str, date | None]:
    asked = run.config
    months = round(asked.valuation.term_years * 12)
    pieces = run.left["project_pieces"]
    pledged = pieces["pledgeable"].fillna(False).to_numpy(dtype=bool)
    until = pieces.loc[pledged, "until"].min()
    sold = project.pledgeable_issuances
    last = sold.loc[sold["issued_t"] > 0, "issuance_date"].max()
    period_end = add_years(asked.methodology.start, asked.methodology.years) - timedelta(days=1)
    return {
        "requested": add_months(run.date, months),
        "last_issuance": None if pd.isna(last) else last.date(),
        "right_end": None if pd.isna(until) else until.date(),
        "crediting_end": period_end,
    }


def _schedule(run: Run, loan: valuation.LoanProposal) -> pd.DataFrame:
    if not loan.principal_fen or not loan.months:
        return pd.DataFrame()
    return valuation.repayment_schedule(
        loan.principal_fen,
        run.config.valuation.interest_rate,
        run.date,
        loan.months,
        kind="equal_instalment",
    )
