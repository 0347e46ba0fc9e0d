"""Every check of plausibility, PC1 to PC16, proven by a planted fault."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecogis import services
from ecogis.core.errors import UnitError
from ecogis.core.units import factor
from ecogis.services import LandInputs
from ecogis.valuation.forest_assets import check_rising


def test_pc1_a_stock_is_no_product_of_the_year(record, findings, codes):
    """Gaotianyan: 180,000 m3 of standing stock at 414.88 CNY made 97 % of the products."""
    price = {"price_cny": 414.88, "record_kind": "stock", "product": "活立木"}
    assert record(("products", "forest_products", 180_000.0, "m3", price)).quantities.empty
    assert codes(findings) == ["E485"]
    assert findings.table()["severity"].tolist() == ["error"]


def test_pc1_more_timber_than_may_be_cut(record, findings, codes):
    rows = record(("products", "forest_products", 180_000.0, "m3", {"price_cny": 414.88}))
    kept = services.allowable_cut(rows.quantities, 4_000.0, findings)
    assert (kept.tolist(), codes(findings)) == ([False], ["E485"])


def test_pc1_timber_within_the_cut_counts(record, findings):
    rows = record(("products", "forest_products", 4_000.0, "m3", {"price_cny": 414.88}))
    assert services.allowable_cut(rows.quantities, 4_000.0, findings, standing_m3=40_000.0).all()
    assert findings.count() == 0
    assert services.allowable_cut(rows.quantities, None, findings).all()
    assert findings.table()[["code", "column"]].to_numpy().tolist() == [
        ["E512", "gep.allowable_cut_m3"]]  # fmt: skip


def test_pc1_timber_by_mass_is_told_as_not_checked(record, findings):
    rows = record(
        ("products", "forest_products", 180_000.0, "t", {"price_cny": 414.88, "product": "木材"}),
        ("products", "forest_products", 20.0, "t", {"price_cny": 9e3, "product": "黑木耳"}),
    )
    assert services.allowable_cut(rows.quantities, 4_000.0, findings).all()
    told = findings.table()
    assert told["code"].tolist() == ["E569"]
    assert "180,000.000 t" in told["message_en"].iloc[0]


def test_what_is_outside_of_a_lake_is_its_share_of_the_area(record):
    """2 of 4 km2 hold half of what the lake holds, not 62.5 %."""
    known = {"lake_log": 6.636, "lake_exponent": 0.678, "lake_turnover": 1.0}
    lake = ("flood_mitigation", "lake", 4.0, "km2", {"outside_quantity": 2.0})
    found = record(lake, constants=known)
    held = found.quantities["quantity_milli"].iloc[0]
    assert found.outside["quantity_milli"].iloc[0] == pytest.approx(held / 2, abs=1)


def test_water_of_built_up_land_and_open_water_is_told(findings):
    rows = pd.DataFrame(
        {
            "item": "water_retention",
            "ecosystem": ["forest", "built_up", "water"],
            "quantity_milli": [9_000, 2_000, 1_000],
        }
    )
    assert services.water_beside_forest(rows[:1], findings) == 0
    assert services.water_beside_forest(rows, findings) == 1
    assert "2 units" in findings.table()["message_en"].iloc[0]


@pytest.mark.parametrize("allowable", [None, 200_000.0])
def test_pc1_a_stock_put_down_as_a_flow_is_seen_by_what_stands(record, findings, allowable):
    """180,000 m3 a year of 220,000 m3 that stand, whatever cut was stated as allowable."""
    rows = record(("products", "forest_products", 180_000.0, "m3", {"price_cny": 414.88}))
    kept = services.allowable_cut(rows.quantities, allowable, findings, standing_m3=220_000.0)
    assert kept.tolist() == [False]
    assert findings.count("E485") == 1


@pytest.mark.parametrize(
    ("kept", "found", "may"),
    [
        (500.0, [], True),
        (501.0, ["E486"], True),
        (1500.0, ["E486"], True),
        (2985.0, ["E487"], False),
    ],
)
def test_pc2_soil_retention_too_high(units, everywhere, findings, kept, found, may, codes):
    inputs = LandInputs(units, everywhere(soil_retained_t_ha=kept), findings)
    assert services.soil(inputs, findings).tolist() == [may] * 3
    assert codes(findings) == found


def test_pc2_one_finding_for_all_units_with_the_worst_of_them(units, everywhere, findings):
    given = everywhere(soil_retained_t_ha=100.0)
    given["soil_retained_t_ha"]["stand"] = pd.Series({"S2": 2985.0, "S3": 2000.0})
    services.soil(LandInputs(units, given, findings), findings)
    told = findings.table()
    assert told[["feature", "area_ha", "observed"]].to_numpy().tolist() == [
        ["S2", 2.0, "2,985.00"]]  # fmt: skip


@pytest.mark.parametrize(("density", "found"), [(0.37, ["E488"]), (0.8, []), (1.9, ["E488"])])
def test_pc3_bulk_density_out_of_range(units, everywhere, findings, density, found, codes):
    services.soil(LandInputs(units, everywhere(bulk_density=density), findings), findings)
    assert codes(findings) == found


def test_pc4_unlike_quantities_are_not_summed(land, everywhere):
    found = land(everywhere(retention_mm=1.0, so2_t_ha=0.1))
    with pytest.raises(UnitError, match="E489"):
        services.physical_total(found)
    assert services.physical_total(found[found["unit"].eq("t")]) == 300


def test_pc5_oxygen_over_carbon(units, findings):
    """Garze: 2.51 of oxygen over 0.31 of carbon dioxide is 8.1."""
    made = services.carbon_quantities(
        units, pd.Series({"S1": 310_000}), set(services.items()), 32 / 44
    )
    services.oxygen_ratio(made, findings)
    assert findings.count() == 0
    oxygen = made["part"].eq("oxygen")
    services.oxygen_ratio(
        made.assign(quantity_milli=np.where(oxygen, 2_510_000, 310_000)), findings
    )
    assert findings.table()[["code", "observed"]].to_numpy().tolist() == [["E491", "8.10"]]


def test_pc6_industrial_water_of_a_head(record, findings):
    """Garze: 15.0 billion m3 for 1.06 million people."""
    rows = record(("water_supply", "water_industry", 150.0, "亿立方米", {})).quantities
    assert services.industrial_water(rows, 1_060_000.0, findings) == 1
    assert "14,151" in findings.table()["message_en"].iloc[0]
    assert services.industrial_water(rows, 15_000_000.0, findings) == 0
    assert services.industrial_water(rows, None, findings) == 1
    assert findings.table()["code"].tolist() == ["E492", "E512"]
    assert services.industrial_water(rows.iloc[:0], None, findings) == 0


def test_pc7_a_price_on_record_in_another_unit(record, findings, accounted, price_set):
    """26,000 CNY for 10,000 m3 put down as the price of one."""
    made = {"price_cny": 26_000.0}
    rows = record(("water_supply", "water_domestic", 55.0, "万立方米", made)).quantities
    accounted(rows, prices=price_set())
    told = findings.table().query("code == 'E493'")
    assert told["feature"].tolist() == ["water_supply/water_domestic"]
    assert "26000" in told["message_en"].iloc[0]


def test_pc8_evaporation_without_the_efficiency(findings):
    known = {"cooling_efficiency": 3.0, "latent_heat": 2450 / 3.6, "humidifier_energy": 120.0}
    services.evaporation_efficiency(known, findings)
    assert findings.count() == 0
    services.evaporation_efficiency(known | {"cooling_efficiency": 1.0}, findings)
    assert findings.table()[["code", "observed"]].to_numpy().tolist() == [["E494", "801"]]


def test_pc9_value_that_falls_with_age(findings):
    """The check is the appraisal's: 30 years worth less than 20 of one species and site."""
    table = pd.DataFrame(
        {
            "stand": ["A", "B"],
            "species": ["杉木", "杉木"],
            "site_class": ["1", "1"],
            "age_yr": [20.0, 30.0],
            "value_cny_ha": [90_000.0, 60_000.0],
            "method": ["middle", "mature"],
        }
    )
    check_rising(table, findings)
    assert sorted(set(findings.table()["code"])) == ["E862"]


def test_pc11_a_tonne_sold_and_credited(units, findings):
    made = services.carbon_quantities(units, pd.Series({"S1": 5_000}), {"carbon_fixation"}, 0.7)
    assert services.carbon_claimed_once(made, "account", 9_000, findings) == 0
    assert services.carbon_claimed_once(made, "sale", 0, findings) == 0
    assert services.carbon_claimed_once(made, "sale", 9_000, findings) == 1
    assert findings.table()["severity"].tolist() == ["error"]


def test_pc12_a_percentage_for_a_share(units, everywhere, findings, accounted):
    """5 where 0.05 is meant is refused by type, and by range where it is data."""
    values, _ = LandInputs(units, everywhere(soil_nitrogen=0.37), findings)["soil_nitrogen"]
    assert np.isnan(values).all()
    made = accounted(services.stacked([]))
    with pytest.raises(UnitError, match="E007"):
        services.vep(made, pd.Series(dtype=float), {}, years=10, rate=5.0)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        (10_000.0 * 100, "km2"),
        (10_000.0 / 100, "km2"),
        (10_000.0 * 15, "mu for ha"),
        (10_000.0 / 15, "ha for mu"),
        (10_000.0 * 6.07, "acres for mu"),
        (10_000.0 * 2.471, "acres for ha"),
        (10_000.0 * 1.4, "do not agree"),
        (0.0, "do not agree"),
    ],
)
def test_pc14_pc15_an_area_in_another_unit(findings, stated, reason):
    assert not services.area_unit(stated, 10_000.0, ("区", "the area"), findings)
    assert reason in findings.table()["message_en"].iloc[0]


def test_pc14_areas_that_agree(findings):
    assert services.area_unit(10_400.0, 10_000.0, ("区", "the area"), findings)
    assert findings.count() == 0


def test_pc14_a_record_without_a_unit_is_not_guessed(record, findings, codes):
    """50 ha of lake are not 50 km2."""
    assert record(("flood_mitigation", "lake", 50.0, None, {})).quantities.empty
    assert codes(findings) == ["E490"]


def test_pc14_a_price_of_a_square_kilometre_is_turned_into_one_of_a_hectare():
    part = services.parts()["pest_control", "pest_forest"]

    class Entry:
        value, unit, from_ = 37_500.0, "CNY km-2", date(2020, 1, 1)
        source_zh = source_en = confidence = "assumed"

    class Prices:
        label, names = "own@1", ("pest_forest",)

        def entry(self, *_):
            return Entry()

    made = services.PriceSet(Prices(), 2026, services.Deflator({}, ""))
    assert made.price(part).value == pytest.approx(375.0)
    Entry.unit = "CNY m-3"
    with pytest.raises(UnitError):
        made.price(part)


def test_pc15_a_mu_is_no_acre():
    assert factor("acre", "mu") == pytest.approx(6.07, abs=0.001)


def test_pc16_what_is_below_nought_is_told_and_not_counted(land, everywhere, findings, codes):
    found = land(everywhere(so2_t_ha=-0.1, dust_t_ha=0.2))
    assert set(found["part"]) == {"dust"}
    assert codes(findings) == ["E500"]


ROOT = Path(__file__).parents[3]


def test_every_check_names_the_tests_that_plant_its_fault():
    """The table of guards in the method note: all sixteen, each with tests that are there."""
    note = (ROOT / "docs" / "method-notes" / "gep.md").read_text(encoding="utf-8")
    rows = [line for line in note.splitlines() if line.startswith("| PC")]
    checks = {int(number) for row in rows for number in re.findall(r"PC(\d+)", row)}
    assert checks == set(range(1, 17))
    files = (*(ROOT / "tests" / "unit" / "pipeline").glob("test_gep*.py"), Path(__file__))
    there = set(re.findall(r"def (test_\w+)", "".join(f.read_text("utf-8") for f in files)))
    for row in rows:
        named = set(re.findall(r"`(test_\w+)`", row))
        assert named, row
        assert named <= there, row


def test_pc1_a_stock_under_another_name_or_in_another_unit(record, findings):
    """Gaotianyan's 180,000 m3 as crops, or in cubic decimetres."""
    price = {"price_cny": 414.88}
    for part, amount, unit in (("crops", 180_000.0, "m3"), ("forest_products", 1.8e8, "dm3")):
        rows = record(("products", part, amount, unit, price))
        assert services.allowable_cut(rows.quantities, 4_000.0, findings).tolist() == [False]
    rows = record(("products", "forest_products", 180.0, "t", price))
    assert services.allowable_cut(rows.quantities, 4.0, findings).tolist() == [True]


def test_pc7_a_price_of_the_projects_own_stands_beside_the_sets(
    land, everywhere, accounted, price_set, findings
):
    """Nitrogen for 100 times what the one set has that prices it."""
    given = everywhere(soil_retained_t_ha=100.0, bulk_density=1.2, soil_nitrogen=0.002)
    own = {"nitrogen": services.OwnPrice(87_500.0, 2020, "合同文本", "quoted")}
    accounted(land(given, {"soil_retention"}), prices=price_set(own=own))
    told = findings.table().query("code == 'E493'")
    assert told["feature"].tolist() == ["soil_retention/nitrogen"]


def test_a_load_is_of_purification_only(record, findings, codes):
    for item, part, unit in (("products", "crops", "t"), ("flood_mitigation", "lake", "km2")):
        found = record((item, part, 1.0, unit, {"record_kind": "load"}))
        assert not found.loads
    assert codes(findings) == ["E490"]


@pytest.mark.parametrize(("area", "unit"), [(0.5, "km2"), (50.0, "ha"), (750.0, "mu")])
def test_the_price_of_a_lake_is_of_its_cubic_metre_whatever_its_area_stands_in(record, area, unit):
    known = {"lake_log": 6.636, "lake_exponent": 0.678, "lake_turnover": 1.0}
    made = record(
        ("flood_mitigation", "lake", area, unit, {"price_cny": 7.06}), constants=known
    ).quantities
    assert made["own_price"].tolist() == [7.06]
    assert made["quantity_milli"].tolist() == pytest.approx([4_762_991_921], rel=1e-9)


def test_more_than_can_be_counted_is_told_with_its_row(record, findings, codes):
    assert record(("products", "crops", 1e9, "亿吨", {"price_cny": 1.0})).quantities.empty
    assert codes(findings) == ["E490"]
