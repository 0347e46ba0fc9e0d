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
    area_unit,
    carbon_claimed_once,
    evaporation_efficiency,
    industrial_water,
    not_checked,
    oxygen_ratio,
    physical_total,
    soil,
    water_beside_forest,
)
from ecogis.services.inputs import ORIGINS, UNIT_COLUMNS, LandInputs, resolve
from ecogis.services.items import (
    Formula,
    Item,
    Part,
    Variable,
    Way,
    ecosystem_of,
    formulas,
    items,
    parts,
    rules,
    variables,
    ways,
    words,
)
from ecogis.services.overlaps import less_outside, once
from ecogis.services.prices import Deflator, OwnPrice, Price, PriceSet
from ecogis.services.quantities import (
    COLUMNS,
    carbon_quantities,
    land_quantities,
    stacked,
    unknown_carbon,
)
from ecogis.services.records import RECORD_COLUMNS, Records, recorded
from ecogis.services.supply_use import SupplyUse, supply_use
from ecogis.services.timber import allowable_cut
from ecogis.services.valuing import part_prices, set_tables, spread, worth_fen
from ecogis.services.vep import Vep, land_of, observed_cover, vep

_RASTER_NAMES = {
    "BANDS": "ecogis.services.raster_carbon",
    "EROSIVITY_WAYS": "ecogis.services.erosion",
    "EVAPOTRANSPIRATION_WAYS": "ecogis.services.water",
    "FACTORS": "ecogis.services.erosion",
    "LENGTH_SLOPE_WAYS": "ecogis.services.terrain",
    "POTENTIAL_WAYS": "ecogis.services.water_sources",
    "SOIL_WAYS": "ecogis.services.erosion",
    "STEEPNESS_WAYS": "ecogis.services.terrain",
    "TEXTURE": "ecogis.services.raster_sources",
    "TEXTURE_UNITS": "ecogis.services.raster_sources",
    "CarbonWindow": "ecogis.services.raster_carbon",
    "CellSource": "ecogis.services.cells",
    "Drainage": "ecogis.services.terrain",
    "ErodibilitySource": "ecogis.services.raster_sources",
    "ErosivitySource": "ecogis.services.raster_sources",
    "OnGrid": "ecogis.services.cells",
    "PotentialSource": "ecogis.services.water_sources",
    "actual_et": "ecogis.services.water",
    "aligned": "ecogis.services.erosion",
    "carbon_windows": "ecogis.services.raster_carbon",
    "contributing_area": "ecogis.services.terrain",
    "daylight": "ecogis.services.evapotranspiration",
    "drainage": "ecogis.services.terrain",
    "erodibility": "ecogis.services.erosion",
    "erosivity": "ecogis.services.erosion",
    "extraterrestrial_radiation": "ecogis.services.evapotranspiration",
    "finest": "ecogis.services.cells",
    "hargreaves": "ecogis.services.evapotranspiration",
    "length_slope": "ecogis.services.terrain",
    "length_slope_windows": "ecogis.services.terrain",
    "penman_monteith": "ecogis.services.evapotranspiration",
    "retention": "ecogis.services.water",
    "soil_retained": "ecogis.services.erosion",
    "soil_retained_windows": "ecogis.services.erosion",
    "storm_runoff": "ecogis.services.water",
    "sum_of": "ecogis.services.water_sources",
    "thornthwaite": "ecogis.services.evapotranspiration",
    "within": "ecogis.services.erosion",
    "worth_of_a_tonne": "ecogis.services.raster_carbon",
    "year_of": "ecogis.services.water_sources",
    "year_runoff": "ecogis.services.water",
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
    "Way",
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
    "not_checked",
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
    "unknown_carbon",
    "variables",
    "vep",
    "water_beside_forest",
    "ways",
    "words",
    "worth_fen",
]


def __getattr__(name: str) -> Any:
    if name not in _RASTER_NAMES:
        raise AttributeError(f"module 'ecogis.services' has no attribute '{name}'")
    return getattr(import_module(_RASTER_NAMES[name]), name)
