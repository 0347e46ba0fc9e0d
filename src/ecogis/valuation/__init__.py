"""From issuable tonnes to money: price, cash flow, distribution, pledge value, loan.

In: price observations, issuances (whole tonnes by date), reductions by stand, and the costs,
terms and limits of the project file. Out: a reference price with its parts, a cash flow with one
row per event, draws of its value, a prudent pledge value and a loan within named limits. Money is
int64 fen.
"""

from ecogis.valuation.calibration import Calibration, CalibrationPolicy, calibrate
from ecogis.valuation.cash_flow import Income, SaleTerms, cash_flow, income, net_present_fen
from ecogis.valuation.costs import CostItem, cost_events, cost_items
from ecogis.valuation.covers import cover_ratios, income_cap
from ecogis.valuation.cross_checks import (
    APPROACHES,
    CrossCheck,
    cross_checks,
    development_cost,
    worth_at_price,
)
from ecogis.valuation.discount import (
    TIMINGS,
    DiscountRate,
    Timing,
    discount_factors,
    discount_rate,
    present_fen,
    years_after,
)
from ecogis.valuation.distribution import Distribution, distribution, distribution_of
from ecogis.valuation.draws import Draws, Future, Uncertainty, futures
from ecogis.valuation.forest_assets import (
    Harvest,
    check_rising,
    harvest_value,
    land_expectation,
    periodic_income,
    perpetual_income,
    replacement_cost,
    stumpage_residual,
    transaction_comparison,
    years_of_income,
)
from ecogis.valuation.forward import PriceModel, price_path
from ecogis.valuation.loan import (
    LoanProposal,
    PledgeValue,
    check_loan,
    loan_proposal,
    pledge_value,
)
from ecogis.valuation.money import cny, fen
from ecogis.valuation.monitoring import ACTIONS, TRIGGERS, WatchPolicy, watch_list
from ecogis.valuation.options import OptionValue, option_value
from ecogis.valuation.price_figure import calibration_plot, price_fan
from ecogis.valuation.price_series import (
    AuctionOutcomes,
    PriceSeries,
    auction_outcomes,
    price_series,
    yearly_prices,
)
from ecogis.valuation.prices import ReferencePrice, reference_price
from ecogis.valuation.processes import (
    PriceProcess,
    drawn_prices,
    expected_price,
    log_moments,
    worth_of_pieces,
)
from ecogis.valuation.repayment import REPAYMENTS, Repayment, repayment_schedule
from ecogis.valuation.returns import (
    duration,
    internal_rates,
    level_payment,
    modified_rate,
    net_present,
    present_of_payments,
    told_rates,
)
from ecogis.valuation.sensitivity import sensitivities
from ecogis.valuation.simple import (
    Undiscounted,
    area_payment,
    cover,
    mean_rate,
    quantity_value,
    undiscounted_value,
)
from ecogis.valuation.stand_assets import TimberTerms, stand_assets, stand_assets_by_age
from ecogis.valuation.stress import Stress, standard_stresses, stress_table, stressed
from ecogis.valuation.variance import variance_shares

__all__ = [
    "ACTIONS",
    "APPROACHES",
    "REPAYMENTS",
    "TIMINGS",
    "TRIGGERS",
    "AuctionOutcomes",
    "Calibration",
    "CalibrationPolicy",
    "CostItem",
    "CrossCheck",
    "DiscountRate",
    "Distribution",
    "Draws",
    "Future",
    "Harvest",
    "Income",
    "LoanProposal",
    "OptionValue",
    "PledgeValue",
    "PriceModel",
    "PriceProcess",
    "PriceSeries",
    "ReferencePrice",
    "Repayment",
    "SaleTerms",
    "Stress",
    "TimberTerms",
    "Timing",
    "Uncertainty",
    "Undiscounted",
    "WatchPolicy",
    "area_payment",
    "auction_outcomes",
    "calibrate",
    "calibration_plot",
    "cash_flow",
    "check_loan",
    "check_rising",
    "cny",
    "cost_events",
    "cost_items",
    "cover",
    "cover_ratios",
    "cross_checks",
    "development_cost",
    "discount_factors",
    "discount_rate",
    "distribution",
    "distribution_of",
    "drawn_prices",
    "duration",
    "expected_price",
    "fen",
    "futures",
    "harvest_value",
    "income",
    "income_cap",
    "internal_rates",
    "land_expectation",
    "level_payment",
    "loan_proposal",
    "log_moments",
    "mean_rate",
    "modified_rate",
    "net_present",
    "net_present_fen",
    "option_value",
    "periodic_income",
    "perpetual_income",
    "pledge_value",
    "present_fen",
    "present_of_payments",
    "price_fan",
    "price_path",
    "price_series",
    "quantity_value",
    "reference_price",
    "repayment_schedule",
    "replacement_cost",
    "sensitivities",
    "stand_assets",
    "stand_assets_by_age",
    "standard_stresses",
    "stress_table",
    "stressed",
    "stumpage_residual",
    "told_rates",
    "transaction_comparison",
    "undiscounted_value",
    "variance_shares",
    "watch_list",
    "worth_at_price",
    "worth_of_pieces",
    "yearly_prices",
    "years_after",
    "years_of_income",
]
