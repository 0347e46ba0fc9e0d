"""From pledgeable reductions to price, cash flow, distribution, pledge value and loan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import pandas as pd

from ecogis import valuation
from ecogis.core.findings import Findings
from ecogis.core.periods import add_months, add_years
from ecogis.crediting import Credits
from ecogis.pipeline.config import Charge
from ecogis.pipeline.run import Run
from ecogis.valuation import CostItem, PriceModel, SaleTerms, Uncertainty

__all__ = ["Valued", "value"]

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
    part: float


def value(run: Run) -> None:
    """Value of the pledgeable reductions, prudent value, and the loan within its limits."""
    run.left["valued"] = None
    project: Credits | None = run.left["project"]
    pledgeable = run.layers["pieces"]["pledgeable"].fillna(False).astype(bool)
    if project is None or not project.pledgeable_issuances["issued_t"].any():
        run.findings.add("E549", layer="pieces")
        return
    area_ha = float(run.layers["pieces"].loc[pledgeable, "area_dm2"].sum() * 1e-6)
    sale = _Sale(
        issued=_to_the_last_sale(project.pledgeable_issuances),
        price=_price(run),
        costs=[_cost(charge, run, project) for charge in run.config.valuation.costs],
        terms=_terms(run),
        date=run.date,
        area_ha=area_ha,
    )
    model, discount = _price_model(run), _discount(run)
    rate = discount.at(run.config.valuation.discount_level)
    flow = sale.flow(model, rate, run.findings)
    draws = valuation.distribution(
        project.by_issuance()[pd.DatetimeIndex(sale.issued["issuance_date"])],
        flow,
        terms=sale.terms,
        uncertainty=_uncertainty(run),
        date=run.date,
        seed=run.config.project.seed,
        draws=run.config.valuation.draws,
    )
    worth = valuation.net_present_fen(flow)
    pledge = valuation.pledge_value(draws, worth, quantile=run.config.valuation.quantile)
    loan = _loan(run, pledge, project)
    run.left["valued"] = Valued(
        price=sale.price,
        price_path=valuation.price_path(sale.price, model, sale.issued["issuance_date"]),
        discount=discount,
        rate=rate,
        flow=flow,
        draws=draws,
        pledge=pledge,
        loan=loan,
        schedule=_schedule(run, loan),
        sensitivity=valuation.sensitivities(model, rate, sale.worth),
        part=_part(run, project),
    )
    _look(run, project)


@dataclass(frozen=True, slots=True)
class _Sale:
    """What does not change between the cases of the sensitivity table."""

    issued: pd.DataFrame
    price: valuation.ReferencePrice
    costs: Sequence[CostItem]
    terms: SaleTerms
    date: date
    area_ha: float

    def flow(self, model: PriceModel, rate: float, findings: Findings) -> pd.DataFrame:
        path = valuation.price_path(self.price, model, self.issued["issuance_date"])
        return valuation.cash_flow(
            self.issued,
            path,
            self.costs,
            terms=self.terms,
            rate=rate,
            date=self.date,
            area_ha=self.area_ha,
            findings=findings,
        )

    def worth(self, model: PriceModel, rate: float) -> int:
        """Net present value of a case; what its flow finds the base case has told already."""
        return valuation.net_present_fen(self.flow(model, rate, Findings()))


def _to_the_last_sale(issuances: pd.DataFrame) -> pd.DataFrame:
    """Issuances up to the last one with tonnes: nobody verifies for nothing after it."""
    sold = issuances["issued_t"].to_numpy() > 0
    return issuances.iloc[: int(sold.nonzero()[0].max()) + 1]


def _look(run: Run, project: Credits) -> None:
    """Find what a lender must know: instalments before income, sales after the right has ended."""
    valued: Valued = run.left["valued"]
    if len(valued.schedule):
        _look_at_instalments(run, valued)
    kg = project.by_issuance(project.piece_vintages["piece"].to_numpy())
    until = run.left["project_pieces"].set_index("piece")["until"].reindex(kg.index)
    dates = kg.columns.to_numpy()[None, :]
    late = kg.to_numpy() * (dates > until.to_numpy().astype("datetime64[ns]")[:, None])
    if late.sum() > 0:
        run.findings.add(
            "E553", layer="project", column="until", observed=f"{int(late.sum()) / 1000:,.1f}"
        )


def _look_at_instalments(run: Run, valued: Valued) -> None:
    """E552: the day up to which instalments exceed the net income most."""
    days = pd.to_datetime(valued.schedule["date"])
    due = valued.schedule["payment_fen"].cumsum().to_numpy()
    by_date = valued.flow.groupby("date")["net_fen"].sum().cumsum()
    known = by_date.reindex(by_date.index.union(pd.DatetimeIndex(days))).ffill().fillna(0)
    income = known.reindex(days).to_numpy(dtype="int64")
    gap = due - income
    worst = int(gap.argmax())
    if gap[worst] > 0:
        run.findings.add(
            "E552",
            layer="project",
            column="loan",
            observed=f"{income[worst] / 100:,.2f}",
            due=f"{due[worst] / 100:,.2f}",
            gap=f"{gap[worst] / 100:,.2f}",
            day=f"{days.iloc[worst]:%Y-%m-%d}",
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


def _discount(run: Run) -> valuation.DiscountRate:
    return valuation.discount_rate(run.discount.frame("components", run.date))


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


def _cost(charge: Charge, run: Run, project: Credits) -> CostItem:
    """A cost of the project file; a cost of the whole project by the share that is stated."""
    stated = msgspec.structs.asdict(charge)
    if not charge.rule.startswith("per_ha"):
        stated["cny"] = round(charge.cny * _part(run, project), 2)
    return CostItem(**stated, confidence=_STATED)


def _part(run: Run, project: Credits) -> float:
    """Share of the project's common costs that the pledgeable part bears, as stated. [1]"""
    whole = int(project.vintages["credit_kg"].sum())
    if run.config.valuation.shared_costs == "whole" or whole <= 0:
        return 1.0
    return int(project.vintages["pledgeable_kg"].sum()) / whole


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
