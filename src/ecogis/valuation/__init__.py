"""From issuable tonnes to money: price, cash flow, distribution, pledge value, loan.

In: price observations, issuances (whole tonnes by date), reductions by stand, and the costs,
terms and limits of the project file. Out: a reference price with its parts, a cash flow with one
row per event, draws of its value, a prudent pledge value and a loan within named limits. Money is
int64 fen.
"""

from ecogis.valuation.cash_flow import Income, SaleTerms, cash_flow, income, net_present_fen
from ecogis.valuation.costs import CostItem, cost_events, cost_items
from ecogis.valuation.discount import (
    DiscountRate,
    discount_factors,
    discount_rate,
    present_fen,
    years_after,
)
from ecogis.valuation.distribution import Distribution, Uncertainty, distribution
from ecogis.valuation.forward import PriceModel, price_path
from ecogis.valuation.loan import (
    LoanProposal,
    PledgeValue,
    check_loan,
    loan_proposal,
    pledge_value,
)
from ecogis.valuation.money import cny, fen
from ecogis.valuation.prices import ReferencePrice, reference_price
from ecogis.valuation.repayment import repayment_schedule
from ecogis.valuation.sensitivity import sensitivities
from ecogis.valuation.simple import (
    Undiscounted,
    area_payment,
    cover,
    mean_rate,
    quantity_value,
    undiscounted_value,
)

__all__ = [
    "CostItem",
    "DiscountRate",
    "Distribution",
    "Income",
    "LoanProposal",
    "PledgeValue",
    "PriceModel",
    "ReferencePrice",
    "SaleTerms",
    "Uncertainty",
    "Undiscounted",
    "area_payment",
    "cash_flow",
    "check_loan",
    "cny",
    "cost_events",
    "cost_items",
    "cover",
    "discount_factors",
    "discount_rate",
    "distribution",
    "fen",
    "income",
    "loan_proposal",
    "mean_rate",
    "net_present_fen",
    "pledge_value",
    "present_fen",
    "price_path",
    "quantity_value",
    "reference_price",
    "repayment_schedule",
    "sensitivities",
    "undiscounted_value",
    "years_after",
]
