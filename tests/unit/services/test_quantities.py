"""Quantities of land, of carbon and on record."""

import numpy as np
import pandas as pd
import pytest

from ecogis import services
from ecogis.core.findings import Findings
from ecogis.services import once


def of(table, part):
    return table[table["part"].eq(part)]["quantity_milli"].tolist()


def test_depth_times_area(land, everywhere):
    found = land(everywhere(retention_mm=250.0))
    assert of(found, "water") == [2_500_000] * 3
    assert found["origin"].unique().tolist() == ["table"]


def test_many_small_stands_do_not_round_to_nought(findings):
    """4.65 kg of fluoride a hectare on 1,000 stands of 0.05 ha: 0.2325 t, and 0.23 kg each."""
    names = [f"S{at:04}" for at in range(1000)]
    units = pd.DataFrame({"township": "T1", "ecosystem": "forest", "area_dm2": 50_000}, index=names)
    units.loc[names[500:], "township"] = "T2"
    rate = {"fluoride_t_ha": {"table": pd.Series(0.00465, index=names)}}

    def whole(table):
        inputs = services.LandInputs(table, rate, findings)
        found = services.land_quantities(inputs, {"air_purification"}, {}, findings)
        return found.set_index("unit_id")["quantity_milli"]

    found = whole(units)
    assert found.groupby(units["township"]).sum().tolist() == [116, 116]  # 116.25 kg each
    assert set(found) == {0, 1}
    assert whole(units.iloc[::-1]).sort_index().equals(found)


def test_units_without_a_value_have_no_row_and_are_told_by_area(land, everywhere, findings, units):
    given = {"retention_mm": {"stand": pd.Series({"S1": 250.0})}}
    assert land(given)["unit_id"].tolist() == ["S1"]
    told = findings.table()
    assert told["code"].tolist() == ["E501"]
    assert told["area_ha"].tolist() == [2.0]
    assert "retention_mm" in told["message_en"].iloc[0]


def test_a_part_nobody_gives_is_left_alone(land, findings):
    assert land({}).empty
    assert findings.count() == 0


def test_negative_water_is_told_and_not_counted(land, everywhere, findings):
    given = everywhere(rain_mm=1000.0, runoff_mm=500.0, et_mm=400.0)
    given["et_mm"]["stand"] = pd.Series({"S3": 900.0})
    assert land(given)["unit_id"].tolist() == ["S1", "S2"]
    assert "E500" in findings.table()["code"].tolist()


def test_only_the_items_wanted_are_computed(land, everywhere):
    given = everywhere(retention_mm=250.0, so2_t_ha=0.1)
    assert set(land(given, {"air_purification"})["item"]) == {"air_purification"}


def test_species_have_one_class_each(land, everywhere):
    found = land(everywhere(species_index=2.5))
    assert found["part"].unique().tolist() == ["species_3"]
    assert found["quantity_milli"].sum() == 3_000


def test_carbon_is_taken_over_to_the_kilogram_and_oxygen_is_of_it(units):
    kilograms = pd.Series({"S1": 12_345, "S2": -1_100, "S9": 7})
    found = services.carbon_quantities(
        units, kilograms, {"carbon_fixation", "oxygen_release"}, 32 / 44
    )
    assert of(found, "carbon_dioxide") == [12_345, -1_100]
    assert of(found, "oxygen") == [8_978, -800]
    assert set(found["origin"]) == {"carbon"}


def test_records_by_unit_and_price(record, findings):
    found = record(
        ("products", "crops", 1.5, "万吨", {"product": "稻谷", "price_cny": 2800.0}),
        ("water_supply", "water_domestic", 2.0, "亿立方米", {}),
        ("flood_mitigation", "reservoir", 1_000.0, "m3", {}),
        ("pest_control", "pest_forest", 15.0, "亩", {}),
        constants={"flood_share": 0.35},
    ).quantities
    assert found["quantity_milli"].tolist() == [15_000_000, 200_000_000_000, 350_000, 1_000]
    assert found["unit"].tolist() == ["t", "m3", "m3", "ha"]
    assert found["own_price"].iloc[0] == 2800.0
    assert found["own_price"].iloc[1:].isna().all()
    assert findings.count() == 0


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("products", "rice", 1.0, "t", {"price_cny": 1.0}), "no such item"),
        (("water_retention", "water", 1.0, "m3", {}), "computed on land"),
        (("products", "crops", None, "t", {"price_cny": 1.0}), "quantity"),
        (("products", "crops", -1.0, "t", {"price_cny": 1.0}), "quantity"),
        (("water_supply", "water_farming", 1.0, "t", {}), "unit"),
        (("water_supply", "water_farming", 1.0, "桶", {}), "unit"),
        (("products", "crops", 1.0, "t", {}), "price"),
        (("products", "crops", 1.0, "t", {"price_cny": -2.0}), "price"),
        (("products", "crops", 1.0, "t", {"price_cny": 1.0, "outside_quantity": 2.0}), "outside"),
        (("products", "crops", 1.0, "t", {"price_cny": 1.0, "record_kind": "kg"}), "kind"),
        (("flood_mitigation", "marsh", 1.0, "ha", {}), "constant"),
    ],
)
def test_a_record_that_cannot_be_used_is_told_with_its_row(record, findings, row, why):
    assert record(row).quantities.empty
    told = findings.table()
    assert told[["code", "row", "action"]].to_numpy().tolist() == [["E490", 1, "excluded"]]
    assert why in told["message_en"].iloc[0]


def test_rows_that_are_alike_are_told_and_kept(findings):
    """E513: rice twice for one township; of another township it is another thing."""
    rows = [
        {"service_item": "products", "service_part": "crops", "product": "稻谷", "township": t,
         "quantity": 5.0, "unit_text": "t", "price_cny": 3000.0, "row": n}
        for n, t in enumerate(("T1", "T1", "T2"), 1)
    ]  # fmt: skip
    table = pd.DataFrame(rows).reindex(columns=list(services.RECORD_COLUMNS))
    assert len(services.recorded(table, {}, findings).quantities) == 3
    assert findings.table()[["code", "row"]].to_numpy().tolist() == [["E513", 1], ["E513", 2]]


def test_an_emission_is_a_limit_and_no_quantity(record):
    found = record(("air_purification", "so2", 12.0, "t", {"record_kind": "load"}))
    assert found.quantities.empty
    assert found.loads == {("air_purification", "so2"): 12_000}


def test_uptake_is_at_most_what_is_emitted(land, everywhere):
    found, cut = once(land(everywhere(so2_t_ha=0.1)), {("air_purification", "so2"): 200})
    assert of(found, "so2") == [67, 67, 66]
    assert cut[["rule", "before_milli", "cut_milli"]].to_numpy().tolist() == [["load", 300, 100]]


def test_uptake_below_the_emission_stays(land, everywhere):
    found, cut = once(land(everywhere(so2_t_ha=0.1)), {("air_purification", "so2"): 300})
    assert (of(found, "so2"), len(cut)) == ([100, 100, 100], 0)


def test_storm_water_counts_once_unit_by_unit(land, everywhere):
    given = everywhere(retention_mm=300.0, storm_rain_mm=100.0, storm_runoff_mm=60.0)
    given["retention_mm"]["stand"] = pd.Series({"S1": 30.0})
    found, cut = once(land(given), {})
    assert of(found, "water") == [0, 2_600_000, 2_600_000]
    assert of(found, "storm") == [400_000] * 3
    assert cut["cut_milli"].tolist() == [300_000 + 800_000]


def test_products_from_outside_are_taken_out_where_the_standard_says_so(record):
    found = record(
        ("products", "livestock", 300.0, "t", {"price_cny": 16_000.0, "outside_quantity": 120.0})
    )
    kept, cut = services.less_outside(found.quantities, found.outside, deducted=True)
    assert (of(kept, "livestock"), cut["cut_milli"].tolist()) == ([180_000], [120_000])
    kept, cut = services.less_outside(found.quantities, found.outside, deducted=False)
    assert (of(kept, "livestock"), len(cut)) == ([300_000], 0)


def test_no_quantities_have_the_columns_of_some():
    empty = services.stacked([])
    assert tuple(empty.columns) == services.COLUMNS
    assert empty["quantity_milli"].dtype == np.int64


def test_an_empty_table_of_records_gives_nothing():
    table = pd.DataFrame(columns=list(services.RECORD_COLUMNS))
    found = services.recorded(table, {}, Findings())
    assert (len(found.quantities), len(found.outside), found.loads) == (0, 0, {})
