"""The account: values to the fen, what counts, price sets, totals."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from ecogis import accounts, services
from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.methods.gep_standard import gep_standard, gep_standards
from ecogis.services import Deflator, OwnPrice, PriceSet
from ecogis.services.account import _check


@pytest.fixture
def some(land, everywhere, record, units):
    """Water on land, carbon, oxygen and rice."""
    rice = record(("products", "crops", 1.0, "t", {"price_cny": 2800.0, "product": "稻谷"}))
    tonnes = services.carbon_quantities(
        units, pd.Series({"S1": 1_000, "S3": 500}), set(services.items()), 32 / 44
    )
    return services.stacked([land(everywhere(retention_mm=100.0)), tonnes, rice.quantities])


def test_each_row_is_rounded_once_and_all_sums_agree(some, accounted):
    made = accounted(some)
    by_item = made.items.set_index("item")["value_fen"]
    assert by_item["water_retention"] == 3 * 706_000
    assert by_item["carbon_fixation"] == 38_000 + 19_000
    assert by_item["products"] == 280_000
    assert made.total_fen == 2_118_000 + 57_000 + 280_000
    assert made.townships["value_fen"].sum() == made.total_fen
    assert made.sets["total_fen"].iloc[0] == made.total_fen


def test_what_the_standard_does_not_list_is_shown_and_does_not_count(some, accounted):
    made = accounted(some)
    oxygen = made.items.set_index("item").loc["oxygen_release"]
    assert (bool(oxygen["counted"]), oxygen["value_fen"]) == (False, 52_853 + 26_463)
    other = accounted(some, standard="gep-db33t-2274")
    assert other.total_fen == made.total_fen + 52_853 + 26_463


def test_an_item_without_data_or_price_is_not_nought(some, accounted, findings, price_set):
    made = accounted(some, prices=price_set("gep-prices-gaotianyan"))
    told = findings.table().query("code == 'E502'").set_index("feature")["message_en"]
    assert "no data" in told["tourism"]
    assert pd.isna(made.items.set_index("item").loc["tourism", "value_fen"])


def test_a_part_without_a_price_is_told_beside_parts_that_have_one(
    land, everywhere, accounted, findings, price_set
):
    quantities = land(everywhere(so2_t_ha=0.1, fluoride_t_ha=0.1))
    accounted(quantities, prices=price_set("gep-prices-tax-floor"))
    told = findings.table().query("code == 'E502'")["feature"].tolist()
    assert "air_purification/fluoride" in told
    assert "air_purification/so2" not in told


def test_soil_is_not_valued_twice(land, everywhere, accounted):
    given = everywhere(soil_retained_t_ha=100.0, bulk_density=1.25, soil_nitrogen=0.001)
    made = accounted(land(given), standard="forest-gbt-38582")
    rows = made.rows.groupby("item")["why_not"].unique().map(list)
    assert rows["soil_retention"] == [""]
    assert rows["soil_conservation"] == ["soil_parts_once"]


def test_soil_counts_the_way_the_prices_have_it(land, everywhere, accounted, price_set):
    """LY/T 1721 prices earth and fertiliser, and neither dredging nor discharge."""
    given = everywhere(soil_retained_t_ha=100.0, bulk_density=1.25, soil_nitrogen=0.001)
    own = price_set("gep-prices-lyt1721")
    made = accounted(land(given), standard="forest-gbt-38582", prices=own)
    rows = made.rows.groupby("item")["why_not"].unique().map(list)
    assert rows["soil_conservation"] == [""]
    assert rows["soil_retention"] == ["soil_parts_once"]
    worth = made.items.set_index("item")["value_fen"]
    assert made.total_fen == worth["soil_conservation"] > 0


def test_supporting_services_never_enter_a_gross_product(land, everywhere, accounted):
    for label, standard in gep_standards().items():
        listed = {services.items()[name].group for name in standard.items}
        assert ("supporting" in listed) is label.startswith("forest-"), label


def test_the_account_under_every_set(some, accounted, price_set):
    sets = [price_set(f"gep-prices-{name}") for name in ("youyang", "tax-floor")]
    made = accounted(some, sets=sets)
    table = made.sets.set_index("price_set")
    assert table.loc["gep-prices-youyang@2023", "rows_priced"] == 6
    assert table.loc["gep-prices-youyang@2023", "total_fen"] == (
        3 * 8_218_000 + 2_957 + 1_478 + 280_000
    )
    assert table.loc["gep-prices-tax-floor@2018", "total_fen"] == 280_000
    by_set = made.by_set.groupby("price_set")["value_fen"].sum()
    assert by_set.to_dict() == table["total_fen"].to_dict()


def test_prices_more_than_three_times_apart_are_flagged(some, accounted, findings, price_set):
    """PC7: reservoirs 0.92 to 82.18, carbon 29.57 to 380."""
    sets = [price_set(f"gep-prices-{name}") for name in ("youyang", "gaotianyan")]
    table = accounted(some, sets=sets).spread.set_index("part")
    assert table.loc["water", ["low", "high"]].tolist() == [0.92, 82.18]
    assert table.loc["water", "ratio"] == pytest.approx(89.33, abs=0.01)
    assert table.loc["carbon_dioxide", "ratio"] == pytest.approx(12.85, abs=0.01)
    assert table["flagged"].to_dict() == {"water": True, "carbon_dioxide": True}
    assert findings.count("E493") == 2


def test_prices_are_compared_at_one_level(some, accounted, findings, price_set):
    """380 raised to 475 beside 29.57 that has no index would tell 16 times for 13."""
    index = {2010: 1.0, 2026: 1.25}
    sets = [price_set("gep-prices-youyang", index=index)]
    made = accounted(some, prices=price_set(index=index), sets=sets)
    carbon = made.spread.set_index("part").loc["carbon_dioxide"]
    assert (carbon["low"], carbon["high"], bool(carbon["levelled"])) == (29.57, 380.0, False)
    told = findings.table().query("code == 'E568'")
    assert told["feature"].tolist() == ["gep-prices-youyang@2023"]


def test_a_price_nobody_used_is_not_shown_and_records_are_no_sets(
    record, accounted, findings, price_set
):
    used = record(
        ("water_supply", "water_domestic", 100.0, "m3", {"price_cny": 3.1, "township": "T1"})
    )
    made = accounted(used.quantities)
    line = made.by_set.set_index("part").loc["water_domestic"]
    assert np.isnan(line["price"])
    assert line["listed"] > 0
    assert findings.count("E499") == 0
    assert made.spread.set_index("part").loc["water_domestic", "sets"] == 1


def test_a_price_of_another_year_is_told_and_an_index_brings_it_up(
    some, accounted, findings, price_set
):
    accounted(some)
    assert findings.count("E499") == 2
    made = accounted(some, prices=price_set(index={2010: 100.0, 2026: 150.0}))
    assert made.parts.set_index("part").loc["water", ["price", "base_price"]].tolist() == [
        pytest.approx(10.59), 7.06]  # fmt: skip
    assert findings.count("E499") == 2


def test_a_price_of_a_later_year_is_not_in_force(some, accounted, price_set):
    assert price_set("gep-prices-youyang", year=2022).price(
        services.parts()["water_retention", "water"]) is None  # fmt: skip
    assert accounted(some, year=2022).total_fen > 0


def test_a_standard_not_yet_in_force_is_told(some, accounted, findings, codes):
    accounted(some, year=2024)
    assert "E495" in codes(findings)
    assert "by analogy" in findings.table().query("code == 'E495'")["message_en"].iloc[0]


def test_the_projects_own_price_goes_first(some, accounted, price_set):
    own = {"carbon_dioxide": OwnPrice(100.0, 2026, "contract", "quoted")}
    made = accounted(some, prices=price_set(own=own))
    row = made.parts.set_index("part").loc["carbon_dioxide"]
    assert (row["value_fen"], row["price_source"]) == (15_000, "project")


def test_an_index_below_nought_is_refused():
    with pytest.raises(ConfigError, match="2010"):
        Deflator({2010: 0.0}, "")


def test_carbon_by_the_tonne_of_carbon_is_turned_once():
    found = PriceSet(parameters("gep-prices-lyt1721"), 2026, Deflator({}, ""))
    price = found.price(services.parts()["carbon_fixation", "carbon_dioxide"])
    assert price.value * 44 / 12 == pytest.approx(1200.0, rel=1e-12)


def test_an_account_that_does_not_add_up_is_our_fault(some, accounted):
    """I13."""
    made = accounted(some)
    broken = dataclasses.replace(made, total_fen=made.total_fen + 1)
    with pytest.raises(IdentityError, match="I13"):
        _check(broken)


def test_a_flow_enters_no_balance_sheet():
    """I13: nothing of the accounts takes an account of services, and it has no stock to give."""
    assert not {"opening", "closing", "stock"} & set(services.GepAccount.__dataclass_fields__)
    words = {word for name in accounts.__all__ for word in name.lower().split("_")}
    assert not words & {"gep", "service", "services"}


def test_names_of_standards_are_items_we_know():
    for label, standard in gep_standards().items():
        assert set(standard.items) <= set(services.items()), label
        assert standard.sources, label


def test_a_standard_by_its_id_and_one_that_is_not_there():
    assert gep_standard("gep-shandong-trial@trial-2").items["tourism"].rank == "compulsory"
    with pytest.raises(ConfigError, match="E234"):
        gep_standard("gep-nowhere")


def test_a_sum_of_supporting_services_is_no_gross_product(land, everywhere, accounted, price_set):
    quantities = land(everywhere(species_index=0.5), {"species_conservation"})
    prices = price_set("gep-prices-lyt1721")
    made = accounted(quantities, standard="forest-gbt-38582", prices=prices)
    assert made.total_fen > 0
    assert made.sum_key == "forest"
    forest = gep_standard("forest-gbt-38582").items["species_conservation"]
    ours = gep_standard("gep-gbt-46869")
    mixed = dataclasses.replace(ours, items={**ours.items, "species_conservation": forest})
    found = services.account(
        quantities, year=2026, standard=mixed, prices=prices, findings=Findings()
    )
    assert (found.total_fen, found.sum_key) == (0, "product")
    assert set(found.rows["why_not"]) == {"supporting_apart"}


def test_a_standard_half_seen_sums_what_was_seen(some, accounted, findings):
    """Unknown is not no: thirteen of the twenty items of Shandong were not seen."""
    for edition in ("trial", "trial-2"):
        made = accounted(some, standard=f"gep-shandong-trial@{edition}")
        assert made.sum_key == "seen"
        rice = made.items.set_index("item").loc["products"]
        assert (bool(rice["counted"]), rice["rank_en"]) == (False, "not seen")
    assert set(made.rows.loc[~made.rows["counted"], "why_not"]) == {"not_seen"}
    told = findings.table()
    assert (told["code"] == "E566").sum() == 2
    assert "gep-shandong-trial@trial-2" in told.query("code == 'E566'")["message_en"].iloc[1]


def test_a_compulsory_item_without_value_refuses(some, accounted, findings):
    accounted(some, standard="gep-shandong-trial@trial-2")
    told = findings.table().query("code == 'E567'").set_index("feature")
    assert set(told.index) == {
        "soil_retention", "air_purification", "water_purification", "local_climate", "tourism"
    }  # fmt: skip
    assert set(told["severity"]) == {"error"}
    assert findings.count("E502") == 0


def test_quantities_without_rows_make_an_empty_account(accounted):
    made = accounted(services.stacked([]))
    assert made.total_fen == 0
    assert made.items["value_fen"].isna().all()
    assert np.array_equal(made.sets["total_fen"], [0])


def test_a_main_price_far_above_all_others_is_an_error(
    land, everywhere, accounted, price_set, findings
):
    """Reservoirs at 82.18 CNY a cubic metre, a unit nobody labelled; the others end at 7.06."""
    found = land(everywhere(retention_mm=300.0), {"water_retention"})
    garze, youyang = price_set(), price_set("gep-prices-youyang")
    accounted(found, prices=garze, sets=[youyang])
    assert "E964" not in set(findings.table()["code"])
    accounted(found, prices=youyang, sets=[garze])
    told = findings.table().query("code == 'E964'")
    assert told[["severity", "feature", "observed"]].to_numpy().tolist() == [
        ["error", "water_retention/water", "82.18"]]  # fmt: skip
    assert "11.6 times" in told["message_en"].iloc[0]


def test_a_standard_of_forests_is_no_gross_product_and_names_its_way_to_carbon(
    units, accounted, findings, codes
):
    made = services.carbon_quantities(units, pd.Series({"S1": 5_000}), {"carbon_fixation"}, 0.7)
    accounted(made, standard="forest-gbt-38582")
    assert {"E962", "E963"} <= set(codes(findings))
    assert "npp" in findings.table().query("code == 'E963'")["message_en"].iloc[0]
