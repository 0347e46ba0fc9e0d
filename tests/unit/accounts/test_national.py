"""Rows of townships and forest farms: each closes, and together they are the whole."""

from dataclasses import replace

import pytest

from ecogis.accounts import physical_balance
from ecogis.accounts.national import national_tables
from ecogis.accounts.ties import check_ties, ties
from ecogis.core.errors import IdentityError


@pytest.fixture
def with_farms(surveys):
    """Two stands of a farm, of which one is felled; the others are of none."""
    before, after, pairs = surveys
    farms = {"S1": "红旗林场", "S2": "红旗林场"}
    made = (table.assign(farm=table["stand"].map(farms)) for table in (before, after))
    return physical_balance(*made, pairs=pairs).postings


def test_a_farm_has_a_row_of_its_own_and_the_rest_one(with_farms):
    tables = national_tables(with_farms)
    farms = tables["farms"]
    assert [(row.code, row.zh) for row in farms.rows] == [
        ("红旗林场", "红旗林场"),
        ("-", "不属林场"),
        ("total", "合计"),
    ]
    # 50 and 90 m3 become 80 and 5: S2 is felled
    found = [farms.amount("红旗林场", f"timber.{x}") for x in ("opening", "add", "less", "closing")]
    assert found[0] == 140_000
    assert found[3] == 85_000
    assert found[0] + found[1] - found[2] == found[3]
    assert farms.amount("total", "timber.closing") == tables["timber"].amount(
        "T90", "timber..total"
    )


def test_farms_tie_to_the_whole(with_farms):
    tables = national_tables(with_farms)
    wanted = [tie for tie in ties(tables) if tie.left[0].table == "farms"]
    assert len(wanted) == 6
    check_ties(tables, wanted)


def test_without_a_farm_there_is_no_such_sheet(surveys):
    before, after, pairs = surveys
    tables = national_tables(physical_balance(before, after, pairs=pairs).postings)
    assert "farms" not in tables
    assert [row.code for row in tables["townships"].rows] == ["乙镇", "甲镇", "total"]


def test_an_owner_who_had_nothing_before_has_an_observed_nought(surveys, owners):
    """The platform takes S1 over within the period: nothing at the opening, and that is known."""
    before, after, pairs = surveys
    tables = national_tables(physical_balance(before, after, pairs=pairs, owners=owners).postings)
    for name, account in (("owner_area", "forest"), ("owner_volume", "timber")):
        column = f"{account}.owner.platform"
        assert tables[name].amount("T00", column) == 0
        assert tables[name].status.loc["T00", column] == "observed"
        assert tables[name].amount("T90", column) > 0


def test_what_nobody_knows_of_an_owner_stays_missing(surveys, owners):
    before, after, pairs = surveys
    for name in ("standing_volume", "co2e_kg"):
        before[name] = before[name].where(before["stand"].ne("S5"))
    made = physical_balance(before, after, pairs=pairs, owners=owners).postings
    table = national_tables(made)["owner_volume"]
    assert table.status.loc["T00", "timber.owner.state"] == "missing"
    assert table.amount("T00", "timber.owner.state") is None


def test_forest_land_of_the_extents_is_that_of_the_land_account(surveys):
    """S6 lies in the opening survey only; S2 and S3 change class within forest land."""
    before, after, pairs = surveys
    after.loc[after["stand"].eq("S5"), ["land_class", "standing_volume", "co2e_kg"]] = (
        "built_up", 0.0, 0,
    )  # fmt: skip
    made = physical_balance(before, after, pairs=pairs).postings
    tables = national_tables(made)
    column = "extent.land_class.forest_land"
    found = [tables["extent"].amount(line, column) for line in ("E00", "E10", "E20", "E91", "E90")]
    assert found == [6_000_000, 0, 1_000_000, -1_000_000, 4_000_000]
    wanted = [tie for tie in ties(tables) if "L03" in tie.en]
    assert len(wanted) == 2
    check_ties(tables, wanted)
    wrong = tables["extent"].amounts.copy()
    wrong.loc["E90", column] += 1
    planted = tables | {"extent": replace(tables["extent"], amounts=wrong)}
    with pytest.raises(IdentityError, match="V3") as refused:
        check_ties(planted, ties(planted))
    assert "extent / E90 = land / A90" in refused.value.where["cells"]
