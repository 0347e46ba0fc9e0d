"""Ecosystem services of a year: quantities, prices and the gross ecosystem product, item by item.

A flow: it stands beside the balance sheet and never in it. Carbon is the carbon stage's own.
What works cell by cell on rasters is loaded on first use, and compiled then.
"""

from importlib import import_module
from typing import Any

from ecogis.services.account import GepAccount, account
from ecogis.services.comparison import compared
from ecogis.services.formulas import LAND, RECORD, evaporation_energy
from ecogis.services.guards import (
    allowable_cut,
    area_unit,
    carbon_claimed_once,
    evaporation_efficiency,
    industrial_water,
    oxygen_ratio,
    physical_total,
    soil,
)
from ecogis.services.inputs import ORIGINS, UNIT_COLUMNS, LandInputs, resolve
from ecogis.services.items import (
    Formula,
    Item,
    Part,
    Variable,
    ecosystem_of,
    formulas,
    items,
    parts,
    rules,
    variables,
    words,
)
from ecogis.services.overlaps import less_outside, once
from ecogis.services.prices import Deflator, OwnPrice, Price, PriceSet
from ecogis.services.quantities import COLUMNS, carbon_quantities, land_quantities, stacked
from ecogis.services.records import RECORD_COLUMNS, Records, recorded
from ecogis.services.supply_use import SupplyUse, supply_use
from ecogis.services.valuing import part_prices, set_tables, spread, worth_fen
from ecogis.services.vep import Vep, land_of, observed_cover, vep

_RASTER_NAMES = {
    "BANDS": "ecogis.services.raster_carbon",
    "EROSIVITY_WAYS": "ecogis.services.erosion",
    "FACTORS": "ecogis.services.erosion",
    "LENGTH_SLOPE_WAYS": "ecogis.services.terrain",
    "SOIL_WAYS": "ecogis.services.erosion",
    "STEEPNESS_WAYS": "ecogis.services.terrain",
    "TEXTURE": "ecogis.services.raster_sources",
    "TEXTURE_UNITS": "ecogis.services.raster_sources",
    "CarbonWindow": "ecogis.services.raster_carbon",
    "Drainage": "ecogis.services.terrain",
    "ErodibilitySource": "ecogis.services.raster_sources",
    "ErosivitySource": "ecogis.services.raster_sources",
    "actual_et": "ecogis.services.water",
    "carbon_windows": "ecogis.services.raster_carbon",
    "drainage": "ecogis.services.terrain",
    "erodibility": "ecogis.services.erosion",
    "erosivity": "ecogis.services.erosion",
    "extraterrestrial_radiation": "ecogis.services.water",
    "hargreaves": "ecogis.services.water",
    "length_slope": "ecogis.services.terrain",
    "penman_monteith": "ecogis.services.water",
    "retention": "ecogis.services.water",
    "soil_retained": "ecogis.services.erosion",
    "soil_retained_windows": "ecogis.services.erosion",
    "storm_runoff": "ecogis.services.water",
    "thornthwaite": "ecogis.services.water",
    "worth_of_a_tonne": "ecogis.services.raster_carbon",
}

__all__ = [  # noqa: PLE0604 - names of strings
    *_RASTER_NAMES,
    "COLUMNS",
    "LAND",
    "ORIGINS",
    "RECORD",
    "RECORD_COLUMNS",
    "UNIT_COLUMNS",
    "Deflator",
    "Formula",
    "GepAccount",
    "Item",
    "LandInputs",
    "OwnPrice",
    "Part",
    "Price",
    "PriceSet",
    "Records",
    "SupplyUse",
    "Variable",
    "Vep",
    "account",
    "allowable_cut",
    "area_unit",
    "carbon_claimed_once",
    "carbon_quantities",
    "compared",
    "ecosystem_of",
    "evaporation_efficiency",
    "evaporation_energy",
    "formulas",
    "industrial_water",
    "items",
    "land_of",
    "land_quantities",
    "less_outside",
    "observed_cover",
    "once",
    "oxygen_ratio",
    "part_prices",
    "parts",
    "physical_total",
    "recorded",
    "resolve",
    "rules",
    "set_tables",
    "soil",
    "spread",
    "stacked",
    "supply_use",
    "variables",
    "vep",
    "words",
    "worth_fen",
]


def __getattr__(name: str) -> Any:
    if name not in _RASTER_NAMES:
        raise AttributeError(f"module 'ecogis.services' has no attribute '{name}'")
    return getattr(import_module(_RASTER_NAMES[name]), name)
