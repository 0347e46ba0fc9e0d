"""Rows of townships and forest farms: each closes, and together they are the whole."""

import pytest

from ecogis.accounts import physical_balance
from ecogis.accounts.national import national_tables
from ecogis.accounts.ties import check_ties, ties


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
