"""Carbon of stands: by constants, lines or tree equations; by pool, through harvest and decay.

In: stands with a species, standing volume by stand and instant, areas in whole 0.01 m2; events of
growth. Out: pools [t C ha-1] and CO2e in whole kilograms, rounded per stand and instant before any
sum. One parameter set serves a result; a second one stands beside it (`opinions`).
"""

from typing import TYPE_CHECKING

from ecogis.core.loading import on_first_use

if TYPE_CHECKING:
    from ecogis.carbon.error_sources import CurveError, Events, FactorError, SurveyError
    from ecogis.carbon.linear import linear_biomass, linear_stocks
    from ecogis.carbon.living import Living, living
    from ecogis.carbon.opinions import joined, opinions
    from ecogis.carbon.per_volume import coefficients
    from ecogis.carbon.pools import pools
    from ecogis.carbon.products import decay_share, products_stock
    from ecogis.carbon.propagation import propagated
    from ecogis.carbon.rates import PoolRates, pool_rates
    from ecogis.carbon.stocks import Paths, group_kg, stand_kg, stocks
    from ecogis.carbon.trees import fir_models, mean_tree_coefficients, tree_biomass, tree_models
    from ecogis.carbon.uncertainty import change, combined, shortfall, uncertainty

__all__ = [
    "CurveError",
    "Events",
    "FactorError",
    "Living",
    "Paths",
    "PoolRates",
    "SurveyError",
    "change",
    "coefficients",
    "combined",
    "decay_share",
    "fir_models",
    "group_kg",
    "joined",
    "linear_biomass",
    "linear_stocks",
    "living",
    "mean_tree_coefficients",
    "opinions",
    "pool_rates",
    "pools",
    "products_stock",
    "propagated",
    "shortfall",
    "stand_kg",
    "stocks",
    "tree_biomass",
    "tree_models",
    "uncertainty",
]

_MODULES = {
    "error_sources": ("CurveError", "Events", "FactorError", "SurveyError"),
    "linear": ("linear_biomass", "linear_stocks"),
    "living": ("Living", "living"),
    "opinions": ("joined", "opinions"),
    "per_volume": ("coefficients",),
    "pools": ("pools",),
    "products": ("decay_share", "products_stock"),
    "propagation": ("propagated",),
    "rates": ("PoolRates", "pool_rates"),
    "stocks": ("Paths", "group_kg", "stand_kg", "stocks"),
    "trees": ("fir_models", "mean_tree_coefficients", "tree_biomass", "tree_models"),
    "uncertainty": ("change", "combined", "shortfall", "uncertainty"),
}

on_first_use(__name__, _MODULES)
