"""Which identity of the list is asserted where, and that every line of both lists is laid out."""

import re
from pathlib import Path

import pandas as pd
import pytest

from ecogis.accounts import physical_balance
from ecogis.accounts.condition import condition
from ecogis.accounts.lines import lines
from ecogis.accounts.prices import assets
from ecogis.accounts.seea import layout
from ecogis.accounts.seea_cf import timber_physical
from ecogis.core.vocabulary import codes

TESTS = Path(__file__).parents[2]
DEMO, SURVEYED = "golden/test_demo_balance.py", "unit/pipeline/test_balancing.py"
MAPS, MONEY = "properties/test_accounts_properties.py", "properties/test_money_properties.py"
CELLS, SHEETS = "unit/accounts/test_checking.py", "unit/accounts/test_identities.py"
SEEA, WORTH = "unit/accounts/test_seea.py", "unit/accounts/test_net_worth.py"
VALUES = "unit/accounts/test_values.py"

CLOSED = f"{SURVEYED}::test_two_surveys_close_within_the_limits"
UNIT = f"{MAPS}::test_one_unit_too_many_anywhere_is_found"
ALONE = f"{CELLS}::test_each_identity_alone"
TABLES = f"{MONEY}::test_every_cell_in_money_closes_and_all_tables_tie"
OWNED = f"{MAPS}::test_every_sheet_of_every_attribute_closes_and_owners_change_no_total"

ASSERTED = {
    # identity: on the demo, on made accounts, planted and named
    "I01": (CLOSED, UNIT, f"{CELLS}::test_closing"),
    "I02": (CLOSED, UNIT, ALONE),
    "I03": (
        f"{DEMO}::test_the_change_matrix_has_the_margins_of_the_land_account",
        f"{MAPS}::test_the_change_matrix_has_the_margins_of_the_land_account",
        f"{SHEETS}::test_matrix",
    ),
    "I04": (CLOSED, UNIT, ALONE),
    "I05": (CLOSED, OWNED, ALONE),
    "I06": (CLOSED, UNIT, ALONE),
    "I07": (CLOSED, UNIT, ALONE),
    "I08": (
        f"{DEMO}::test_value_closes_by_volume_and_price",
        f"{MONEY}::test_value_changes_by_volume_and_price_and_nothing_else",
        f"{VALUES}::test_a_split_that_is_not_exact_is_refused",
    ),
    "I10": (
        f"{DEMO}::test_every_table_closes_and_ties",
        TABLES,
        f"{SEEA}::test_a_planted_change_of_an_ecosystem_asset_is_named",
    ),
    "I11": (CLOSED, UNIT, f"{CELLS}::test_closing"),
    "I12": (CLOSED, UNIT, f"{CELLS}::test_no_carbon_without_volume"),
    "I13": (
        f"{DEMO}::test_a_yearly_flow_enters_no_total",
        TABLES,
        f"{WORTH}::test_what_stands_beside_is_never_added",
    ),
    "I17": (f"{DEMO}::test_every_table_closes_and_ties", TABLES,
            f"{SEEA}::test_a_planted_difference_is_named"),
}  # fmt: skip
ELSEWHERE = {
    "I09": "services", "I14": "services", "I15": "eligibility", "I16": "registry",
    "I18": "overlay", "I19": "finance", "I20": "finance",
}  # fmt: skip


def test_every_identity_of_the_list_is_ours_or_another_package_s(shared_tables):
    listed = set(pd.read_csv(shared_tables / "identities.csv")["id"])
    assert listed == {*ASSERTED, *ELSEWHERE}
    assert not set(ASSERTED) & set(ELSEWHERE)


@pytest.mark.parametrize("identity", ASSERTED)
def test_each_is_asserted_on_the_demo_on_made_accounts_and_planted(identity):
    for place in ASSERTED[identity]:
        file, name = place.split("::")
        assert re.search(rf"(?m)^def {name}\(", (TESTS / file).read_text(encoding="utf-8")), place


def test_every_line_of_the_national_sheets_is_laid_out(shared_tables):
    listed = pd.read_csv(shared_tables / "balance_sheet_lines.csv")
    sheets = {"T": "timber", "Q": "quality", "W": "water"}
    for letter, sheet in sheets.items():
        wanted = [code for code in listed["line_code"] if code.startswith(letter)]
        ours = {line.code for line in lines(sheet)}
        assert set(wanted) <= ours, sheet
    worth = {code for code in listed["line_code"] if code.startswith("M")}
    assert worth == {asset.code for asset in assets()}
    assert len(codes("land_type")) == listed["line_code"].str.startswith("L").sum()
    # our columns of owners are the six listed, contracts of organisations and what is unknown
    owners = listed.loc[listed["sheet"].str.startswith("OWN"), "line_zh"]
    assert len(codes("owner")) == len(owners) + 2


def test_every_table_of_the_seea_list_has_a_layout_or_is_beside_the_accounts(shared_tables):
    listed = pd.read_csv(shared_tables / "seea_tables.csv")
    names = ("seea_timber", "seea_timber_value", "seea_land_cover", "seea_extent", "seea_carbon",
             "seea_asset")  # fmt: skip
    laid = {layout(name)["table"] for name in names}
    beside = {  # the condition sheet; services by type stand in the account of ecosystem services
        "Condition account", "Service supply table (physical)", "Service use table (physical)",
        "Service supply-use (monetary)",
    }  # fmt: skip
    assert set(listed["table"]) == laid | beside


def test_the_columns_of_timber_and_of_condition_are_those_of_the_list(surveys, shared_tables):
    """CF1 asks cultivated, natural available and not; CO1 to CO3 values, indicators, an index."""
    listed = pd.read_csv(shared_tables / "seea_tables.csv").set_index("row_code")["note"]
    before, after, pairs = surveys
    made = timber_physical(physical_balance(before, after, pairs=pairs).postings)
    assert [column.code for column in made.columns] == [
        "cultivated", "available", "not_available", "not_on_record", "total",
    ]  # fmt: skip
    assert "cultivated; natural available / not available" in listed["CF1"]
    stands = before.assign(canopy_cover=0.5)
    found = condition(stands, stands)
    assert {"opening", "closing", "opening_indicator", "closing_indicator"} <= set(found)
    assert "index" in set(found["variable"])
    groups = {name.strip().split()[0] for name in listed["CO1"].removeprefix("groups: ").split(",")}
    assert set(found["group"]) - {""} <= groups
