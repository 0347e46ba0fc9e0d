"""From stocks to credits, clause by clause.

In: creditable pieces, stocks of stands at instants [kg CO2e, int64], a methodology and its
numbers. Out: the waterfall by vintage, credits by piece and vintage that add up exactly, and
issuances in whole tonnes.
"""

from ecogis.crediting.aggregation import (
    HolderCredits,
    ProjectEnd,
    by_holder,
    ends_with_first_right,
)
from ecogis.crediting.area_rates import area_stocks
from ecogis.crediting.deduction import (
    DeductionTable,
    deduction,
    deduction_table,
    discounted_kg,
)
from ecogis.crediting.drawn import DrawnCredits, drawn_credits
from ecogis.crediting.estimates import Estimate, plot_change, plot_stock
from ecogis.crediting.issuance import (
    Schedule,
    issuances,
    lapsed,
    verification_dates,
    verified_at,
    vintage_tonnes,
)
from ecogis.crediting.lines import RULES
from ecogis.crediting.margins import Total, difference
from ecogis.crediting.plausibility import Band, check_rate, mean_rate, register_bands
from ecogis.crediting.plots import field_sheet, located_plots, plot_centres
from ecogis.crediting.project import Credits, credits  # noqa: A004 (the word of the vocabulary)
from ecogis.crediting.sampling import Design, sample_design
from ecogis.crediting.stocks import piece_stocks
from ecogis.crediting.strata import EX_ANTE, EX_POST, Strata, stratify
from ecogis.crediting.vintages import (
    Removals,
    reduction_window,
    reduction_years,
    vintage_instants,
    vintage_removals,
)
from ecogis.crediting.waterfall import Waterfall, waterfall

__all__ = [
    "EX_ANTE",
    "EX_POST",
    "RULES",
    "Band",
    "Credits",
    "DeductionTable",
    "Design",
    "DrawnCredits",
    "Estimate",
    "HolderCredits",
    "ProjectEnd",
    "Removals",
    "Schedule",
    "Strata",
    "Total",
    "Waterfall",
    "area_stocks",
    "by_holder",
    "check_rate",
    "credits",
    "deduction",
    "deduction_table",
    "difference",
    "discounted_kg",
    "drawn_credits",
    "ends_with_first_right",
    "field_sheet",
    "issuances",
    "lapsed",
    "located_plots",
    "mean_rate",
    "piece_stocks",
    "plot_centres",
    "plot_change",
    "plot_stock",
    "reduction_window",
    "reduction_years",
    "register_bands",
    "sample_design",
    "stratify",
    "verification_dates",
    "verified_at",
    "vintage_instants",
    "vintage_removals",
    "vintage_tonnes",
    "waterfall",
]
