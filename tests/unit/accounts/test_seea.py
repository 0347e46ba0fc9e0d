"""SEEA tables: rows as listed, one set of postings behind all, planted faults caught."""

import dataclasses

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts.asset_flows import asset_flows
from ecogis.accounts.national import national_tables
from ecogis.accounts.net_worth import net_worth_table, value_table
from ecogis.accounts.prices import Price
from ecogis.accounts.seea import layout, rows
from ecogis.accounts.seea_cf import land_cover, supply, timber_physical, timber_value
from ecogis.accounts.seea_ea import (
    ServiceFlow,
    annuity,
    carbon_account,
    ecosystem_assets,
    extent,
)
from ecogis.accounts.ties import check_ties, ties
from ecogis.accounts.values import money_rows
from ecogis.core.errors import ConfigError, IdentityError

HECTARE = 1_000_000
NAMES = ("seea_timber", "seea_timber_value", "seea_land_cover", "seea_extent", "seea_carbon",
         "seea_asset")  # fmt: skip
PRICES = [
    Price("M01", "area", 1_500_000, 1_600_000, "演示"),
    Price("M02", "volume", 20_000, 21_000, "演示"),
    Price("M03", "volume", 35_000, 38_000, "演示"),
    Price("M04", "volume", 50_000, 60_000, "演示"),
]


@pytest.fixture(scope="module")
def balance():
    """Five hectares: one ages, one is felled, one planted, one rights itself, one is built over."""
    before = pd.DataFrame(
        {
            "stand": list("ABCDE"),
            "township": ["甲镇", "甲镇", "乙镇", "乙镇", "乙镇"],
            "land_class": ["arbor_forest", "arbor_forest", "barren", "arbor_forest", "barren"],
            "origin": ["planted", "natural", "planted", "natural", "planted"],
            "forest_category": ["commercial", "public_welfare", "commercial", "commercial", ""],
            "age_group": ["young", "mature", "", "middle", ""],
            "standing_volume": [50.0, 200.0, 0.0, 120.0, 0.0],
            "canopy_cover": [0.5, 0.8, 0.1, 0.7, 0.0],
            "area_dm2": HECTARE,
            "co2e_kg": [60_000, 240_000, 0, 150_000, 0],
        }
    )
    after = before.assign(
        land_class=["arbor_forest", "cutover", "arbor_forest", "arbor_forest", "built_up"],
        age_group=["middle", "", "young", "near_mature", ""],
        standing_volume=[80.0, 0.0, 5.0, 130.0, 0.0],
        co2e_kg=[96_000, 0, 6_000, 160_000, 0],
        change_cause=[None, "harvest", "afforestation", None, "land_take"],
    )
    pairs = pd.DataFrame({"left": list("ABCDE"), "right": list("ABCDE"), "area_dm2": HECTARE})
    return accounts.physical_balance(before, after, pairs=pairs)


@pytest.fixture(scope="module")
def money(balance):
    return money_rows(asset_flows(balance.postings, PRICES), PRICES)


@pytest.fixture(scope="module")
def tables(balance, money):
    postings, nobody = (
        balance.postings,
        pd.DataFrame(columns=["asset", "township", "owner", "kind", "amount", "status"]),
    )
    made = national_tables(postings, money)
    made |= {
        "value": value_table(money, nobody),
        "net_worth": net_worth_table(money, nobody),
        "seea_timber": timber_physical(postings),
        "seea_timber_value": timber_value(money),
        "seea_land_cover": land_cover(postings),
        "seea_extent": extent(postings),
        "seea_carbon": carbon_account(postings),
    }
    service = ServiceFlow("arbor_forest", 10.0, 10.0, 5.0, 6.0, 0.0, 10, "演示")
    return made | {"seea_asset": ecosystem_assets(made["seea_extent"], [service])}


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_list(name, shared_tables):
    listed = pd.read_csv(shared_tables / "seea_tables.csv")
    words = layout(name)
    chosen = listed["framework"].eq(words["framework"]) & listed["table"].eq(words["table"])
    wanted = listed.loc[chosen, "row_code"].tolist()
    found = [row.code for row in rows(name) if not row.ours]
    listed_once = list(dict.fromkeys(code.rstrip("abcdz") for code in found))
    assert wanted, words["table"]
    assert sorted(listed_once) == sorted(wanted)


def test_signs_are_those_of_the_list(shared_tables):
    listed = pd.read_csv(shared_tables / "seea_tables.csv").set_index("row_code")["sign"]
    roles = {"add": "+", "less": "-"}
    for name in ("seea_timber", "seea_land_cover", "seea_extent"):
        for row in rows(name):
            if not row.ours and row.role in roles:
                assert listed[row.code] == roles[row.role], row.code


def test_timber_by_hand(tables):
    made = tables["seea_timber"]
    assert made.amount("CF1", "total") == 370_000
    assert made.amount("CF2", "total") == 45_000  # 30 + 10 grown, 5 planted
    assert made.amount("CF4", "not_available") == 200_000
    assert made.amount("CF9", "cultivated") == 85_000
    assert made.amount("CF9", "total") == 215_000
    assert made.amount("CF5", "total") is None  # not told apart from removals


def test_value_of_timber_by_hand(tables):
    """A: 50 m3 young at 200, ages, 80 m3 middle at 380; B: 200 m3 at 500 felled; C, D likewise."""
    made = tables["seea_timber_value"]
    assert made.amount("CF1", "total") == 100 * (50 * 200 + 200 * 500 + 120 * 350)
    assert made.amount("CF9", "total") == 100 * (80 * 380 + 5 * 210 + 130 * 380)
    assert made.amount("CF4", "total") == 100 * 200 * 550


def test_land_by_hand(tables):
    cover, made = tables["seea_land_cover"], tables["seea_extent"]
    assert cover.amount("LC1", "total") == 3 * HECTARE  # cutover, planted, built over
    assert cover.amount("LC4", "arbor_forest") == HECTARE
    assert made.amount("EX6", "barren") == -2 * HECTARE
    assert made.amount("EX1", "total") == made.amount("EX7", "total") == 5 * HECTARE


def test_carbon_by_hand(tables):
    made = tables["seea_carbon"]
    assert made.amount("CA1", "total") == 450_000
    assert made.amount("CA4", "total") == 262_000 - 450_000
    assert made.amount("CA3a", "total") == 240_000


def test_every_table_ties_to_the_others(tables):
    wanted = ties(tables)
    assert len(wanted) >= 25
    assert {cell.table for tie in wanted for cell in (*tie.left, *tie.right)} >= {
        "timber", "land", "townships", "value", "net_worth", "owner_area", "owner_volume",
        "seea_timber", "seea_timber_value", "seea_land_cover", "seea_extent", "seea_carbon",
    }  # fmt: skip
    check_ties(tables, wanted)


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("seea_timber", "CF1", "total"),
        ("seea_timber", "CF4", "total"),
        ("seea_timber_value", "CM1", "total"),
        ("seea_land_cover", "LC9", "total"),
        ("seea_extent", "EX1", "total"),
        ("seea_carbon", "CA4z", "total"),
        ("townships", "total", "timber.closing"),
        ("net_worth", "M90", "closing.total"),
        ("owner_volume", "T00", "timber.owner.total"),
    ],
)
def test_a_planted_difference_is_named(tables, name, row, column):
    wrong = tables[name].amounts.copy()
    wrong.loc[row, column] += 1
    planted = tables | {name: dataclasses.replace(tables[name], amounts=wrong)}
    with pytest.raises(IdentityError, match="V3") as refused:
        check_ties(planted, ties(planted))
    assert f"{name} / {row}" in refused.value.where["cells"]
    with pytest.raises(IdentityError):
        planted[name].check()


def test_timber_nobody_recorded_is_no_column_of_its_own_kind():
    forest = pd.DataFrame({"origin": ["", "natural"], "forest_category": ["commercial", ""]})
    assert supply(forest).tolist() == ["not_on_record", "not_on_record"]


def test_ecosystem_asset_by_hand(tables):
    """Three hectares, 10 a hectare at 5 and 6 yuan, ten years without interest; one in, one out."""
    made = tables["seea_asset"]
    assert made.amount("MA1", "arbor_forest") == 3 * 10 * 5 * 10 * 100
    assert made.amount("MA9", "arbor_forest") == 3 * 10 * 6 * 10 * 100
    assert made.amount("MA8", "arbor_forest") == 3 * 10 * 10 * 100
    assert made.amount("MA4", "arbor_forest") == made.amount("MA5", "arbor_forest") == 55_000
    assert made.amount("MA7", "arbor_forest") == 0
    assert made.amount("MA1", "barren") is None
    assert made.status.loc["MA9", "barren"] == "missing"


def test_a_planted_change_of_an_ecosystem_asset_is_named(tables):
    made = tables["seea_asset"]
    wrong = made.amounts.copy()
    wrong.loc["MA2", "arbor_forest"] += 1
    with pytest.raises(IdentityError, match="I10") as refused:
        dataclasses.replace(made, amounts=wrong).check()
    assert refused.value.where["cells"] == "seea_asset / MA9 / arbor_forest"


def test_services_that_cannot_be_are_refused(tables):
    flow = ServiceFlow("arbor_forest", 1.0, 1.0, 1.0, 1.0, 0.03, 10, "演示")
    for wrong in (
        [flow, flow],
        [dataclasses.replace(flow, land_class="salt_marsh")],
        [dataclasses.replace(flow, opening_cny=-1.0)],
    ):
        with pytest.raises(ConfigError, match="E421"):
            ecosystem_assets(tables["seea_extent"], wrong)
    with pytest.raises(ConfigError, match="E421"):
        annuity(0.03, 0)
