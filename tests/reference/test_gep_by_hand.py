"""Each formula of ecosystem services worked on one hectare.

Inputs are round numbers of ours; formulas and constants are those of the sources named in
`ecogis/services/items.toml` and in the parameter set gep-formulas@2026-1.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis import services
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.methods.gep_standard import gep_standard
from ecogis.services import Deflator, LandInputs, PriceSet

DAY = date(2026, 12, 31)
LAKES = {"lake_log": 6.636, "lake_exponent": 0.678, "lake_turnover": 1.0}


def constants():
    """Constants of the library as the formulas take them."""
    library = parameters("gep-formulas")
    plain = [name for name in library.names if not library.parameter(name).keys]
    found = {name: library.value(name, DAY, library.parameter(name).unit) for name in plain}
    return found | LAKES | {"latent_heat": library.value("latent_heat", DAY, "kWh t-1")}


def hectare(**values):
    """What one hectare with these values gives: part to quantity."""
    units = pd.DataFrame(
        {"township": ["T"], "ecosystem": ["forest"], "area_dm2": [1_000_000]}, index=["S"]
    )
    findings = Findings()
    given = {name: {"stand": pd.Series({"S": value})} for name, value in values.items()}
    inputs = LandInputs(units, given, findings)
    found = services.land_quantities(inputs, set(services.items()), constants(), findings)
    assert findings.count("E500") == 0
    return dict(zip(found["part"], found["quantity_milli"] / 1000, strict=True))


def record(item, part, quantity, unit, **more):
    """What one record stands for: quantity."""
    row = {"service_item": item, "service_part": part, "quantity": quantity, "unit_text": unit,
           "row": 1} | more  # fmt: skip
    table = pd.DataFrame([row]).reindex(columns=list(services.RECORD_COLUMNS))
    found = services.recorded(table, constants(), Findings())
    return found.quantities["quantity_milli"].item() / 1000


LAND = [
    # 1,700 - 600 - 800 = 300 mm = 3,000 m3
    ({"rain_mm": 1700, "runoff_mm": 600, "et_mm": 800}, {"water": 3_000.0}),
    # 6,000 × 0.03 × 2 × (1 - 0.01) = 356.4 t; silt 0.24 × 356.4 / 1.2 = 71.28 m3
    (
        {"r_factor": 6000, "k_factor": 0.03, "ls_factor": 2, "cover_factor": 0.01,
         "practice_factor": 1, "bulk_density": 1.2, "soil_nitrogen": 0.002,
         "soil_phosphorus": 0.001},
        {"silt": 71.28, "nitrogen": 0.713, "phosphorus": 0.356, "earth": 297.0,
         # 0.7128 / 0.14 and 0.3564 / 0.1501
         "soil_phosphate_by_nitrogen": 5.091, "soil_phosphate_by_phosphorus": 2.374},
    ),
    # 25.6 / (1.28 × 0.1) = 200 m2
    ({"sand_fixed_t_ha": 25.6}, {"sand": 200.0}),
    # 250 - 190 = 60 mm = 600 m3
    ({"storm_rain_mm": 250, "storm_runoff_mm": 190}, {"storm": 600.0}),
    ({"so2_t_ha": 0.15, "dust_t_ha": 10.11}, {"so2": 0.15, "dust": 10.11}),
    ({"cod_t_ha": 1.1, "ammonia_t_ha": 0.09}, {"cod": 1.1, "ammonia": 0.09}),
    # 360 kJ × 90 d × 10,000 m2 / (3,600 × 3) = 30,000 kWh
    ({"transpiration_heat": 360, "cooling_days": 90}, {"transpiration": 30_000.0}),
    # 10 t of dry matter with 0.7 % of nitrogen: 0.07 / 0.14 = 0.5 t of fertiliser
    ({"biomass_t_ha": 10, "tree_nitrogen": 0.007}, {"phosphate_by_nitrogen": 0.5}),
    # 10 t with 1 % of potassium: 0.1 / 0.5
    ({"biomass_t_ha": 10, "tree_potassium": 0.01}, {"chloride": 0.2}),
    ({"species_index": 3.2}, {"species_4": 1.0}),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), LAND)
def test_one_hectare(values, expected):
    found = hectare(**values)
    assert found == pytest.approx(expected, abs=5e-4)


def test_negative_ions_of_a_hectare():
    """5.256e15 × 10 m × (1,600 - 600) / 10 min = 5.256e18 ions; at 5.8185e-18 CNY, 30.58 CNY."""
    found = hectare(ion_density=1600, tree_height=10, ion_life=10)
    assert found == {"negative_ions": 5_256.0}
    prices = PriceSet(parameters("gep-prices-lyt1721"), 2026, Deflator({}, ""))
    price = prices.price(services.parts()["negative_ions", "negative_ions"])
    assert price.value * 5_256.0 == pytest.approx(30.58, abs=0.005)


RECORDS = [
    # e^6.636 = 762.04 units of 10,000 m3 for 1 km2 of lake on the plateau
    (("flood_mitigation", "lake", 1.0, "km2"), 7_620_400.0, 200.0),
    # 4^0.678 = 2.5598
    (("flood_mitigation", "lake", 400.0, "ha"), 7_620_400.0 * 2.5598, 1_000.0),
    (("flood_mitigation", "reservoir", 2.0, "万立方米"), 7_000.0, 1e-3),
    (("flood_mitigation", "marsh", 15.0, "亩"), 3_000.0, 1e-3),
    # 680.556 / 3 + 120 = 346.85 kWh a cubic metre
    (("local_climate", "evaporation", 1_000.0, "m3"), 346_852.0, 0.5),
    (("pest_control", "pest_forest", 30.0, "亩"), 2.0, 1e-3),
]


@pytest.mark.parametrize(("row", "expected", "within"), RECORDS)
def test_one_record(row, expected, within):
    assert record(*row) == pytest.approx(expected, abs=within)


def test_carbon_and_oxygen_of_a_stand():
    """11 t of carbon dioxide, 32/44 of it oxygen: 8 t; LY/T 1721 has 1.19 / 1.63 = 0.730."""
    units = pd.DataFrame(
        {"township": ["T"], "ecosystem": ["forest"], "area_dm2": [1_000_000]}, index=["S"]
    )
    known = constants()
    made = services.carbon_quantities(
        units, pd.Series({"S": 11_000}), set(services.items()), known["oxygen_per_dioxide"]
    )
    assert made["quantity_milli"].tolist() == [11_000, 8_000]
    by_standard = known["oxygen_per_biomass"] / known["dioxide_per_biomass"]
    assert by_standard == pytest.approx(known["oxygen_per_dioxide"], abs=0.004)
    assert known["carbon_of_dioxide"] == pytest.approx(12 / 44, abs=5e-5)


VALUES = [  # price set, item, part, quantity, value in CNY
    ("gep-prices-lyt1721", "water_retention", "water", 3_000.0, 18_332.10),
    ("gep-prices-garze", "soil_retention", "silt", 71.28, 1_110.54),
    ("gep-prices-garze", "soil_retention", "nitrogen", 0.713, 623.88),
    ("gep-prices-garze", "sand_fixation", "sand", 200.0, 750.00),
    ("gep-prices-lyt1721", "air_purification", "so2", 0.15, 180.00),
    ("gep-prices-tax-floor", "water_purification", "cod", 1.1, 1_540.00),
    ("gep-prices-garze", "carbon_fixation", "carbon_dioxide", 11.0, 4_180.00),
    ("gep-prices-lyt1721", "carbon_fixation", "carbon_dioxide", 11.0, 3_600.00),
    ("gep-prices-youyang", "local_climate", "transpiration", 30_000.0, 15_600.00),
    ("gep-prices-garze", "pest_control", "pest_forest", 2.0, 750.00),
]


@pytest.mark.parametrize(("prices", "item", "part", "quantity", "value"), VALUES)
def test_quantity_times_price(prices, item, part, quantity, value):
    about = services.parts()[item, part]
    row = {"item": item, "part": part, "product": "", "unit_id": "S", "township": "T",
           "ecosystem": "forest", "quantity_milli": round(quantity * 1000), "unit": about.unit,
           "own_price": np.nan, "origin": "stand", "formula": about.formula}  # fmt: skip
    made = services.account(
        pd.DataFrame([row], columns=list(services.COLUMNS)),
        year=2026,
        standard=gep_standard("gep-national-trial"),
        prices=PriceSet(parameters(prices), 2026, Deflator({}, "")),
        findings=Findings(),
    )
    assert made.rows["value_fen"].tolist() == [round(value * 100)]
