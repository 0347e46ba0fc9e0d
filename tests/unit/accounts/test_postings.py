"""One table of postings: every sheet drawn from it closes, by owner, age and grade too."""

import numpy as np
import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import ACCOUNTS, POSTING_COLUMNS, WHOLE, line_table
from ecogis.accounts.national import national_tables
from ecogis.accounts.postings import Ledger, condensed, summed

HECTARE = 1_000_000


@pytest.fixture
def balance(surveys, owners):
    before, after, pairs = surveys
    return accounts.physical_balance(before, after, pairs=pairs, owners=owners)


def cell(postings, account, line, column, by):
    table = line_table(postings, account, by=by, townships=False).set_index("line_code")
    return int(table.loc[line, column])


def test_columns_and_kinds(balance):
    postings = balance.postings
    assert tuple(postings.columns) == POSTING_COLUMNS
    assert str(postings["amount"].dtype) == "int64"
    assert set(postings["account"]) == set(ACCOUNTS) - {"water"}
    assert set(postings["source"]) == {"stands_opening", "stands", "stands_opening + stands"}


def test_every_sheet_by_every_attribute_closes(balance):
    for account in ("forest", "timber", "carbon"):
        for by in ("owner", "origin", "age_group", "quality", "species_group", "land_class"):
            table = line_table(balance.postings, account, by=by)
            accounts.identities.check_closing(table, "I01", "")
            accounts.identities.check_additive(table, "")


def test_sheets_of_all_attributes_have_the_same_total(balance):
    totals = {
        by: line_table(balance.postings, "timber", by=by)
        .query("line_code == 'T90'")["total"]
        .iloc[0]
        for by in ("owner", "origin", "age_group", "quality", "land_class")
    }
    assert set(totals.values()) == {80_000 + 5_000 + 2_000 + 75_000 + 20_000}


def test_what_the_platform_takes_over_has_its_own_lines(balance):
    postings = balance.postings
    assert cell(postings, "timber", "T16", "platform", "owner") == 50_000
    assert cell(postings, "timber", "T28", "household", "owner") == 50_000
    assert cell(postings, "timber", "T13", "platform", "owner") == 30_000  # grown in its hands
    assert cell(postings, "land", "A53", "platform", "owner") == HECTARE
    assert cell(postings, "land", "A54", "household", "owner") == HECTARE


def test_another_change_of_hands_is_a_reclassification(balance):
    postings = balance.postings
    assert cell(postings, "timber", "T14", "transferred", "owner") == 35_000
    assert cell(postings, "timber", "T26", "household", "owner") == 35_000
    assert cell(postings, "land", "A51", "transferred", "owner") == HECTARE // 2


def test_without_owners_the_view_has_one_column(surveys):
    before, after, pairs = surveys
    made = accounts.physical_balance(before, after, pairs=pairs)
    table = line_table(made.postings, "land", by="owner", townships=False)
    assert list(table.columns[6:]) == ["not_on_record", "total"]


def test_owners_change_no_sheet(surveys, owners):
    before, after, pairs = surveys
    plain = accounts.physical_balance(before, after, pairs=pairs)
    owned = accounts.physical_balance(before, after, pairs=pairs, owners=owners)
    for name in ("area", "volume", "carbon", "timber", "matrix", "structure", "unmatched"):
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(owned, name))


def test_age_passes_through_every_group(balance):
    table = line_table(balance.postings, "age", by="age_group", townships=False)
    table = table.set_index("line_code")
    assert table.loc["G21", ["young", "middle", "near_mature"]].tolist() == [HECTARE, HECTARE, 0]
    assert table.loc["G11", ["young", "middle", "near_mature"]].tolist() == [0, HECTARE, HECTARE]
    assert table.loc["G22", "mature"] == HECTARE  # S2 felled
    assert table.loc["G12", "young"] == HECTARE  # S3 planted
    assert table.loc["G23", "middle"] == table.loc["G14", "young"] == HECTARE  # S5 burnt, younger
    assert table.loc["G90", "total"] == 4 * HECTARE


def test_grades_up_and_down_net_to_nought(balance):
    table = line_table(balance.postings, "quality", by="quality", townships=False)
    table = table.set_index("line_code")
    assert table.loc["Q10", ["good", "poor", "total"]].tolist() == [HECTARE, -HECTARE, 0]
    assert table.loc["Q20", ["good", "fair", "poor", "total"]].tolist() == [-HECTARE, 0, HECTARE, 0]
    assert table.loc["Q30", ["fair", "good"]].tolist() == [HECTARE, -HECTARE]
    assert table.loc["Q90", "total"] == 4 * HECTARE


def test_a_missing_volume_is_missing_not_nought(surveys):
    before, after, pairs = surveys
    before.loc[0, ["standing_volume", "co2e_kg"]] = np.nan
    postings = accounts.physical_balance(before, after, pairs=pairs).postings
    lost = postings[postings["status"].eq("missing")]
    assert lost[["account", "line_code", "amount"]].to_numpy().tolist() == [
        ["timber", "T00", 0],
        ["carbon", "T00", 0],
    ]
    grown = postings[postings["account"].eq("timber") & postings["line_code"].eq("T13")]
    assert "imputed" in set(grown["status"])  # the opening is taken as nothing


def test_a_filled_volume_stays_told(surveys):
    before, after, pairs = surveys
    after["volume_status"] = ["imputed", *["observed"] * 4]
    postings = accounts.physical_balance(before, after, pairs=pairs).postings
    closing = postings[postings["account"].eq("timber") & postings["line_code"].eq("T90")]
    assert closing.groupby("status", observed=True)["amount"].sum().to_dict() == {
        "observed": 102_000,
        "imputed": 80_000,
    }


def test_rows_add_up_to_the_sheets(balance):
    rows = balance.rows
    assert int(rows["opening_volume_dm3"].sum()) == 280_000
    assert int(rows["area_dm2"].sum()) == 6 * HECTARE
    assert set(rows.loc[rows["left"].eq("S1"), "to_owner"]) == {"platform"}


def test_farms_are_told_apart(surveys):
    before, after, pairs = surveys
    after["farm"] = ["东场", "东场", None, None, None]
    postings = accounts.physical_balance(before, after, pairs=pairs).postings
    table = line_table(postings, "timber", by="farm", townships=False).set_index("line_code")
    assert table.loc["T90", ["东场", ""]].tolist() == [85_000, 97_000]


def test_tables_of_postings_join(balance):
    extents = accounts.extent_postings(None)
    both = accounts.joined([balance.postings, extents])
    assert len(both) == len(balance.postings) + len(extents)
    assert int(both["amount"].sum()) == int(balance.postings["amount"].sum())
    accounts.check(both)


def test_a_ledger_adds_equal_cells_up():
    ledger = Ledger({"township": ["甲镇"]}, ["survey", "survey"])
    here = {"township": np.zeros(2, dtype=np.int64)}
    ledger.book("land", "A00", np.array([3, 4]), here, source=0)
    ledger.book("land", "A00", np.array([5, 0]), here, source=1)
    made = ledger.postings()
    assert made["amount"].tolist() == [12]
    assert made.loc[0, ["account", "unit", "status"]].tolist() == ["land", "dm2", "observed"]


def test_whole_is_the_sum_of_townships(balance):
    table = line_table(balance.postings, "land")
    whole = table[table["township"].eq(WHOLE)]["total"].to_numpy()
    parts = table[table["township"].ne(WHOLE)].groupby("line_code", sort=False)["total"].sum()
    np.testing.assert_array_equal(whole, parts.to_numpy())


def test_an_account_nothing_is_booked_to_has_lines_and_no_columns():
    table = line_table(accounts.extent_postings(None), "timber", by="age_group", townships=False)
    assert table["line_code"].iloc[0] == "T00"
    assert table["total"].eq(0).all()


def test_printed_tables_of_fewer_postings_are_the_same(balance):
    fewer = condensed(balance.postings)
    assert len(fewer) < len(balance.postings)
    whole, small = (national_tables(table) for table in (balance.postings, fewer))
    assert set(whole) == set(small)
    for name, table in whole.items():
        pd.testing.assert_frame_equal(table.amounts, small[name].amounts)
        pd.testing.assert_frame_equal(table.status, small[name].status)


def test_sums_without_townships_are_those_of_every_sheet(balance):
    fewer = summed(balance.postings, without=["township", "farm"])
    assert set(fewer["township"]) == {""}
    for account in ("land", "timber", "carbon"):
        wanted = line_table(balance.postings, account, townships=False)
        pd.testing.assert_frame_equal(line_table(fewer, account, townships=False), wanted)


def test_cells_of_more_kinds_than_an_integer_counts_are_still_told_apart():
    """300 texts in each of eight columns: 6.6e19 cells there might be, 600 there are."""
    texts = [f"{number:03d}" for number in range(300)]
    ledger = Ledger({"township": texts}, ["survey"])
    ledger.book("timber", "T00", np.arange(1, 301), {"township": np.arange(300)})
    many = ledger.postings()
    for name in ("farm", "owner", "origin", "age_group", "quality", "species_group", "forest_use"):
        many[name] = pd.Categorical(texts)
    other = many.assign(farm=pd.Categorical(texts[::-1], categories=texts))
    sums = summed(pd.concat([many, other, many], ignore_index=True))
    assert len(sums) == 600
    by_farm = sums.groupby(["township", "farm"], observed=True)["amount"].sum()
    assert by_farm["007", "007"] == 2 * 8
    assert by_farm["007", "292"] == 8
