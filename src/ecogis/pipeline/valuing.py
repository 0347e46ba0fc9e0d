"""From pledgeable reductions to price, cash flow, distribution, pledge value and loan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd

from ecogis import valuation
from ecogis.core.findings import Findings
from ecogis.crediting import Credits
from ecogis.pipeline import lending, pricing
from ecogis.pipeline.adjusting import look_at_adjusted
from ecogis.pipeline.config import Charge
from ecogis.pipeline.cross_checking import cross_check
from ecogis.pipeline.run import Run
from ecogis.valuation import CostItem, PriceModel, SaleTerms, Uncertainty

__all__ = ["Valued", "value"]

_STATED = "assumed"
"""Confidence of what the client states in the project file."""


Level = Literal["low", "mid", "high"]

_SIMULATED = {"price": "price_and_policy", "hazard": "natural_hazard"}
"""Risk that can be simulated, and the component of the build-up that stands for it otherwise."""


@dataclass(frozen=True, slots=True)
class Valued:
    """Everything the valuation leaves.

    Attributes
    ----------
    flow : DataFrame
        Cash flow at the full rate.
    simulated : DiscountRate
        The rate of the draws: components of simulated risks are 0.
    draws : Distribution
        Draws at that rate.
    shares : DataFrame
        Where the spread of the draws comes from.
    stresses : DataFrame
        Value with one thing going wrong; empty where the project file says nothing of it.
    rates : array
        Internal rates of the cash flow, all of them. [1]
    covers : DataFrame
        Cover of the loan by date.
    part : float
        Share of the project's common costs that is borne. [1]
    checks : DataFrame
        Other approaches beside the income approach; empty where none is asked for.
    trees : DataFrame
        Standing trees on the pledged land by age group; empty where not asked for.
    """

    price: valuation.ReferencePrice
    price_path: pd.DataFrame
    discount: valuation.DiscountRate
    level: Level
    rate: float
    flow: pd.DataFrame
    simulated: valuation.DiscountRate
    draws: valuation.Distribution
    shares: pd.DataFrame
    pledge: valuation.PledgeValue
    loan: valuation.LoanProposal
    schedule: pd.DataFrame
    covers: pd.DataFrame
    sensitivity: pd.DataFrame
    stresses: pd.DataFrame
    rates: Any
    duration: float
    part: float
    checks: pd.DataFrame
    trees: pd.DataFrame


def value(run: Run) -> None:
    """Value of the pledgeable reductions, prudent value, and the loan within its limits."""
    project: Credits | None = run.left["project"]
    if project is None or not project.pledgeable_issuances["issued_t"].any():
        run.left["valued"] = None
        run.findings.add("E549", layer="pieces")
    else:
        run.left["valued"] = _valued(run, project)
    look_at_adjusted(run, run.left["valued"])


def _valued(run: Run, project: Credits) -> Valued:
    sale, model = _sale(run, project), pricing.price_model(run)
    discount = _without(run, _discount(run), ["hazard"] if run.config.growth.disturbance else [])
    rate = discount.at(run.config.valuation.discount_level)
    flow = sale.flow(model, rate, run.findings)
    simulated, plan, drawn = _futures(run, project, sale, model, discount)
    draws = valuation.distribution_of(plan, drawn, run.config.project.seed)
    worth = valuation.net_present_fen(flow)
    pledge = valuation.pledge_value(draws, worth, quantile=run.config.valuation.quantile)
    proposal = lending.loan(run, pledge, project, flow)
    instalments, covers = lending.schedule(run, proposal, flow)
    checks, trees = cross_check(run, flow)
    lending.look(run, project, covers)
    return Valued(
        price=sale.price,
        price_path=valuation.price_path(sale.price, model, sale.issued["issuance_date"]),
        discount=discount,
        level=run.config.valuation.discount_level,
        rate=rate,
        flow=flow,
        simulated=simulated,
        draws=draws,
        shares=valuation.variance_shares(plan, drawn),
        pledge=pledge,
        loan=proposal,
        schedule=instalments,
        covers=covers,
        sensitivity=valuation.sensitivities(model, rate, sale.worth),
        stresses=_stresses(run, sale, model, rate),
        rates=valuation.told_rates(flow, run.findings),
        duration=valuation.duration(flow, run.date),
        part=_part(run, project),
        checks=checks,
        trees=trees,
    )


def _sale(run: Run, project: Credits) -> "_Sale":
    pledgeable = run.layers["pieces"]["pledgeable"].fillna(False).astype(bool)
    return _Sale(
        issued=_to_the_last_sale(project.pledgeable_issuances),
        price=pricing.reference(run),
        costs=[_cost(charge, run, project) for charge in run.config.valuation.costs],
        terms=_terms(run),
        date=run.date,
        area_ha=float(run.layers["pieces"].loc[pledgeable, "area_dm2"].sum() * 1e-6),
        timing=run.config.valuation.timing,
    )


def _futures(
    run: Run,
    project: Credits,
    sale: "_Sale",
    model: PriceModel,
    discount: valuation.DiscountRate,
) -> tuple[valuation.DiscountRate, valuation.Future, valuation.Draws]:
    """Draws of the same cash flow at the rate without the risks that are simulated."""
    asked = run.config.valuation
    rate = _without(run, discount, asked.simulated)
    flow = sale.flow(model, rate.at(asked.discount_level), Findings())
    plan, drawn = valuation.futures(
        project.by_issuance()[pd.DatetimeIndex(sale.issued["issuance_date"])],
        flow,
        terms=sale.terms,
        uncertainty=_uncertainty(run, model),
        date=run.date,
        seed=run.config.project.seed,
        draws=asked.draws,
        drawn_kg=_drawn_kg(run, project, sale),
        delivery="drawn" if "delivery" in asked.simulated else "expected",
    )
    return rate, plan, drawn


def _without(
    run: Run, discount: valuation.DiscountRate, risks: Sequence[str]
) -> valuation.DiscountRate:
    """The rate without the components of risks that are counted in the quantities or the draws.

    Findings
    --------
    E878
        The build-up has no component of that name: the risk may be counted twice.
    """
    wanted = {_SIMULATED[risk]: risk for risk in risks if risk in _SIMULATED}
    known = set(discount.parts["component"])
    for component in sorted(wanted.keys() - known):
        run.findings.add("E878", layer="project", column="discount", observed=component)
    earlier = discount.parts.get("simulated")
    kept = {} if earlier is None else dict(zip(discount.parts["component"], earlier, strict=True))
    return discount.simulated({name: risk for name, risk in (kept | wanted).items() if risk})


def _drawn_kg(run: Run, project: Credits, sale: "_Sale") -> Any:
    """Drawn pledgeable reductions (draw, issuance) to come, with every error of the forecast."""
    draws = run.left["issuable_draws"]
    if draws is None:
        return None
    coming = pd.DatetimeIndex(sale.issued["issuance_date"]) >= pd.Timestamp(run.date)
    issued = project.issued_kg(draws.to_numpy())[:, : len(sale.issued)]
    return np.ascontiguousarray(issued[:, coming])


def _stresses(run: Run, sale: "_Sale", model: PriceModel, rate: float) -> pd.DataFrame:
    asked = run.config.valuation.stress
    if asked is None:
        return pd.DataFrame()
    cases = valuation.standard_stresses(**msgspec.structs.asdict(asked))

    def worth(issuances: pd.DataFrame, change: float) -> int:
        return replace(sale, issued=issuances).worth(model.scaled(change), rate)

    return valuation.stress_table(sale.issued, cases, worth, run.date)


@dataclass(frozen=True, slots=True)
class _Sale:
    """What does not change between the cases of the sensitivity table."""

    issued: pd.DataFrame
    price: valuation.ReferencePrice
    costs: Sequence[CostItem]
    terms: SaleTerms
    date: date
    area_ha: float
    timing: valuation.Timing

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
            timing=self.timing,
        )

    def worth(self, model: PriceModel, rate: float) -> int:
        """Net present value of a case; what its flow finds the base case has told already."""
        return valuation.net_present_fen(self.flow(model, rate, Findings()))


def _to_the_last_sale(issuances: pd.DataFrame) -> pd.DataFrame:
    """Issuances up to the last one with tonnes: nobody verifies for nothing after it."""
    sold = issuances["issued_t"].to_numpy() > 0
    return issuances.iloc[: int(sold.nonzero()[0].max()) + 1]


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
    if run.config.valuation.shared_costs == "whole":
        return 1.0
    return project.pledgeable_share()


def _uncertainty(run: Run, model: PriceModel) -> Uncertainty:
    names = ("cv_stand_volume", "cv_biomass_factor")
    volume_cv, biomass_cv = (run.uncertainty.value(name, run.date, "1") for name in names)
    return Uncertainty(
        volume_cv,
        biomass_cv,
        pricing.drawn_process(run, model),
        because=run.uncertainty.label,
        confidence=_STATED,
    )
