"""Land of other types and water: what is given closes, what is not is missing and never nought."""

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts.national import account_table
from ecogis.accounts.other_land import EXTENT_COLUMNS, WATER_COLUMNS
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import codes


def extents(*rows):
    return pd.DataFrame(list(rows), columns=list(EXTENT_COLUMNS))


def water(*rows):
    return pd.DataFrame(list(rows), columns=list(WATER_COLUMNS))


def lines(postings, **where):
    for column, value in where.items():
        postings = postings[postings[column].eq(value)]
    return {str(row.line_code): (row.amount, str(row.status)) for row in postings.itertuples()}


def test_without_a_table_every_cell_is_missing():
    for made in (accounts.extent_postings(None), accounts.water_postings(None)):
        assert set(made["status"]) == {"missing"}
        assert made["amount"].eq(0).all()
        accounts.check(made)
    assert set(accounts.extent_postings(None)["land_class"]) == set(codes("land_type"))


def test_extents_close_in_hundredths_of_a_square_metre():
    made = accounts.extent_postings(extents(("甲镇", "cropland", 10.0, 1.5, 2.0, 9.5)))
    assert lines(made, land_class="cropland") == {
        "E00": (10_000_000, "observed"),
        "E10": (1_500_000, "observed"),
        "E20": (2_000_000, "observed"),
        "E90": (9_500_000, "observed"),
    }
    assert lines(made, land_class="orchard")["E00"] == (0, "missing")
    accounts.check(made)


def test_a_closing_not_given_is_modelled():
    made = accounts.extent_postings(extents(("甲镇", "wetland", 4.0, 0.0, 1.0, None)))
    assert lines(made, land_class="wetland")["E90"] == (3_000_000, "modelled")


def test_an_opening_not_given_leaves_the_row_missing():
    made = accounts.extent_postings(extents(("甲镇", "wetland", None, 1.0, 1.0, 3.0)))
    assert {status for _, status in lines(made, land_class="wetland").values()} == {"missing"}
    accounts.check(made)


def test_what_does_not_close_is_a_named_difference():
    findings = Findings()
    rows = extents(("甲镇", "cropland", 10.0, 0.0, 1.0, 8.0))
    made = accounts.extent_postings(rows, findings=findings)
    assert lines(made, land_class="cropland")["E91"] == (-1_000_000, "observed")
    assert findings.table()["code"].tolist() == ["E408", "E409"]
    accounts.check(made)


def test_land_stays_land_or_it_is_told():
    findings = Findings()
    rows = [("甲镇", "cropland", 10.0, 0.0, 1.0, 9.0), ("甲镇", "built_up", 1.0, 1.0, 0.0, 2.0)]
    accounts.extent_postings(extents(*rows), findings=findings)
    assert findings.count() == 0


def test_water_line_by_line():
    findings = Findings()
    rows = water(
        ("甲镇", "W00", 100.0, None), ("甲镇", "W11", 50.0, None), ("甲镇", "W21", 20.0, None),
        ("甲镇", "W90", 125.0, None), ("甲镇", "W95", 125.0, "II"),
    )  # fmt: skip
    made = accounts.water_postings(rows, findings=findings)
    found = lines(made)
    assert found["W91"] == (-5, "imputed")  # 100 + 50 - 20 = 130; other flows are not given
    assert found["W12"] == (0, "missing")
    assert made.loc[made["line_code"].eq("W95"), "quality"].tolist() == ["II"]
    assert findings.table()["code"].tolist() == ["E408"]
    accounts.check(made)


@pytest.mark.parametrize("gone", ["W00", "W90"])
def test_without_both_stocks_there_is_no_difference(gone):
    findings = Findings()
    rows = [
        row for row in (("甲镇", "W00", 9.0, None), ("甲镇", "W90", 9.0, None)) if row[1] != gone
    ]
    made = accounts.water_postings(water(*rows), findings=findings)
    assert lines(made)[gone] == (0, "missing")
    assert lines(made)["W91"] == (0, "missing")
    assert findings.table()["code"].tolist() == ["E430"]
    accounts.check(made)


def test_a_township_without_its_closing_stock_does_not_break_the_sheet():
    rows = water(
        ("甲镇", "W00", 100.0, None), ("甲镇", "W90", 100.0, None), ("乙镇", "W00", 50.0, None),
    )  # fmt: skip
    made = accounts.water_postings(rows)
    accounts.check(made)
    table = account_table("water", "water", {("water", ""): "m3"}, made)
    assert table.amount("W00", "water..total") == table.amount("W90", "water..total") == 100
    assert table.status.loc["W00", "water..total"] == "incomplete"


def test_the_difference_of_water_is_worked_out_and_not_read():
    findings = Findings()
    rows = water(
        ("甲镇", "W00", 5.0, None), ("甲镇", "W91", 9.0, None), ("甲镇", "W90", 8.0, None),
    )  # fmt: skip
    made = accounts.water_postings(rows, findings=findings)
    assert lines(made)["W91"] == (3, "imputed")
    assert sorted(findings.table()["code"]) == ["E408", "E431"]
    accounts.check(made)


def test_a_type_one_township_does_not_give_is_missing_there():
    rows = [("甲镇", "cropland", 10.0, 0.0, 0.0, 10.0), ("乙镇", "built_up", 1.0, 0.0, 0.0, 1.0)]
    made = accounts.extent_postings(extents(*rows))
    table = account_table("extent", "extent", {("extent", "land_class"): "dm2"}, made)
    assert table.amount("E90", "extent.land_class.cropland") == 10_000_000
    assert table.status.loc["E90", "extent.land_class.cropland"] == "incomplete"


def test_each_grade_of_water_has_a_row_of_its_own():
    rows = [
        ("甲镇", "W00", 90.0, None), ("甲镇", "W90", 90.0, None), ("甲镇", "W95", 60.0, "III"),
        ("甲镇", "W95", 20.0, "劣V"), ("甲镇", "W95", 10.0, "II"), ("乙镇", "W00", 5.0, None),
        ("乙镇", "W90", 5.0, None), ("乙镇", "W95", 5.0, "II"),
    ]  # fmt: skip
    made = account_table(
        "water", "water", {("water", ""): "m3"}, accounts.water_postings(water(*rows))
    )
    graded = [row.code for row in made.rows if row.code.startswith("W95")]
    assert graded == ["W95.II", "W95.III", "W95.劣V", "W95"]
    found = [made.amount(code, "water..total") for code in graded]
    assert found == [15, 60, 20, 95]


def test_a_township_without_grades_leaves_their_sum_incomplete():
    rows = [("甲镇", "W95", 60.0, "III"), ("乙镇", "W00", 5.0, None), ("乙镇", "W90", 5.0, None)]
    made = account_table(
        "water", "water", {("water", ""): "m3"}, accounts.water_postings(water(*rows))
    )
    assert made.amount("W95.III", "water..total") == made.amount("W95", "water..total") == 60
    assert made.amount("W95.", "water..total") is None
    assert made.status.loc[["W95.", "W95"], "water..total"].tolist() == ["missing", "incomplete"]


def test_without_any_grade_the_line_is_missing():
    made = account_table("water", "water", {("water", ""): "m3"}, accounts.water_postings(None))
    assert [row.code for row in made.rows if row.code.startswith("W95")] == ["W95"]
    assert made.amount("W95", "water..total") is None


@pytest.fixture
def surveyed(surveys):
    before, after, pairs = surveys
    return accounts.physical_balance(before, after, pairs=pairs).postings


def test_forest_land_is_that_of_the_surveys_and_the_table_is_compared(surveyed):
    """The surveys have four hectares of forest land in 甲镇 before and three after, two in 乙镇."""
    findings = Findings()
    rows = extents(
        ("甲镇", "forest_land", 4.005, 0.0, 1.0, 3.0), ("乙镇", "forest_land", 2.5, 0.0, 0.0, 2.5),
        ("乙镇", "cropland", 1.0, 0.0, 0.0, 1.0),
    )  # fmt: skip
    made = accounts.extent_postings(rows, surveyed=surveyed, findings=findings)
    assert "forest_land" not in set(made["land_class"])
    told = findings.table()
    assert told[["code", "feature"]].to_numpy().tolist() == [["E465", "乙镇"]]
    assert "0.5 ha" in told["message_en"].iloc[0]
    whole = accounts.joined([surveyed, made])
    accounts.check(whole)
    table = account_table("extent", "extent", {("extent", "land_class"): "dm2"}, whole)
    assert table.amount("E00", "extent.land_class.forest_land") == 6_000_000


def test_forest_land_counts_when_the_types_are_added_up(surveys):
    """A hectare of forest is built over: what the table says of built-up land makes up for it."""
    before, after, pairs = surveys
    after.loc[after["stand"].eq("S5"), ["land_class", "standing_volume", "co2e_kg"]] = (
        "built_up", 0.0, 0,
    )  # fmt: skip
    made = accounts.physical_balance(before, after, pairs=pairs).postings
    for closing, codes_told in ((4.0, []), (3.0, ["E409"])):
        findings = Findings()
        rows = extents(("乙镇", "built_up", 3.0, closing - 3.0, 0.0, closing))
        accounts.extent_postings(rows, surveyed=made, findings=findings)
        assert findings.table()["code"].tolist() == codes_told


def test_rows_of_one_township_are_compared_together(surveyed):
    half = ("甲镇", "forest_land", 2.0, 0.0, 0.5, 1.5)
    findings = Findings()
    accounts.extent_postings(extents(half, half), surveyed=surveyed, findings=findings)
    assert findings.count("E465") == 0


def test_figures_of_the_whole_county_are_held_together_too():
    findings = Findings()
    rows = extents((None, "built_up", 3.0, 5.0, 0.0, 8.0), (None, "cropland", 9.0, 0.0, 1.0, 8.0))
    accounts.extent_postings(rows, findings=findings)
    assert findings.table()[["code", "observed"]].to_numpy().tolist() == [["E409", "4000000"]]


def test_what_is_not_given_is_no_difference():
    findings = Findings()
    rows = extents(
        ("甲镇", "built_up", 3.0, 5.0, 0.0, 8.0), ("甲镇", "cropland", 9.0, None, None, None)
    )
    accounts.extent_postings(rows, findings=findings)
    assert findings.count("E409") == 0


def test_one_grade_in_two_spellings_is_one_row():
    rows = water(("T", "W00", 9.0, None), ("T", "W90", 9.0, None), ("T", "W95", 4.0, "III"),
                 ("T", "W95", 5.0, " Ⅲ"))  # fmt: skip
    made = accounts.water_postings(rows)
    table = account_table("water", "water", {("water", ""): "m3"}, made)
    graded = [row.code for row in table.rows if row.code.startswith("W95.")]
    assert (graded, table.amount("W95.III", "water..total")) == (["W95.III"], 9)


def test_a_county_without_forest_land_says_so(surveys):
    before, after, pairs = (
        table.assign(land_class="built_up", standing_volume=0.0, co2e_kg=0)
        if "land_class" in table
        else table
        for table in surveys
    )
    bare = accounts.physical_balance(before, after, pairs=pairs).postings
    whole = accounts.joined([bare, accounts.extent_postings(None, surveyed=bare)])
    accounts.check(whole)
    table = account_table("extent", "extent", {("extent", "land_class"): "dm2"}, whole)
    column = "extent.land_class.forest_land"
    assert (table.amount("E00", column), table.status.loc["E90", column]) == (0, "observed")
