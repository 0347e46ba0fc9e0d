"""From stocks to credits, clause by clause.

In: creditable pieces, stocks of stands at instants [kg CO2e, int64], a methodology and its
numbers. Out: the waterfall by vintage, credits by piece and vintage that add up exactly, and
issuances in whole tonnes.
"""

from ecogis.crediting.issuance import Schedule, issuances, verification_dates, verified_at
from ecogis.crediting.plausibility import check_rate, mean_rate
from ecogis.crediting.project import Credits, credits  # noqa: A004 (the word of the vocabulary)
from ecogis.crediting.stocks import piece_stocks
from ecogis.crediting.vintages import (
    Removals,
    reduction_window,
    vintage_instants,
    vintage_removals,
)
from ecogis.crediting.waterfall import RULES, Waterfall, waterfall

__all__ = [
    "RULES",
    "Credits",
    "Removals",
    "Schedule",
    "Waterfall",
    "check_rate",
    "credits",
    "issuances",
    "mean_rate",
    "piece_stocks",
    "reduction_window",
    "verification_dates",
    "verified_at",
    "vintage_instants",
    "vintage_removals",
    "waterfall",
]
