"""Each identity of the postings, broken by one unit in one cell, is refused and the cell named."""

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import POSTING_COLUMNS, UNITS
from ecogis.core.errors import IdentityError, VocabularyError


@pytest.fixture
def postings(surveys, owners):
    before, after, pairs = surveys
    made = accounts.physical_balance(before, after, pairs=pairs, owners=owners).postings
    rows = [("甲镇", "cropland", 10.0, 1.0, 2.0, 9.0), ("甲镇", "built_up", 5.0, 2.0, 1.0, 6.0)]
    columns = ["township", "land_type", "opening_ha", "additions_ha", "reductions_ha", "closing_ha"]
    extents = accounts.extent_postings(pd.DataFrame(rows, columns=columns))
    lines = [("甲镇", "W00", 5.0, None), ("甲镇", "W11", 3.0, None), ("甲镇", "W90", 8.0, None)]
    water = pd.DataFrame(lines, columns=["township", "water_line", "water_m3", "water_grade"])
    return accounts.joined([made, extents, accounts.water_postings(water)])


def broken(postings, by=1, **where):
    """The postings with one more unit in the first row that is so."""
    at = pd.Series(data=True, index=postings.index)
    for column, value in where.items():
        at &= postings[column].eq(value)
    wrong = postings.copy()
    wrong.loc[wrong.index[at][0], "amount"] += by
    return wrong


def cells(caught):
    return caught.value.where["cells"]


def test_all_is_well(postings):
    accounts.check(postings)


@pytest.mark.parametrize(
    ("identity", "where", "named"),
    [
        ("I01", {"account": "land", "line_code": "A00", "land_class": "barren"}, "甲镇"),
        ("I01", {"account": "land", "line_code": "A13", "land_class": "cutover"}, "cutover"),
        ("I01", {"account": "forest", "line_code": "T00", "age_group": "middle"}, "乙镇"),
        ("I01", {"account": "timber", "line_code": "T13", "owner": "platform"}, "platform"),
        ("I01", {"account": "timber", "line_code": "T21"}, "arbor_forest"),
        ("I01", {"account": "timber", "line_code": "T90", "land_class": "cutover"}, "cutover"),
        ("I01", {"account": "quality", "line_code": "Q10", "quality": "good"}, "good"),
        ("I01", {"account": "age", "line_code": "G22"}, "mature"),
        ("I01", {"account": "extent", "line_code": "E10", "land_class": "cropland"}, "cropland"),
        ("I01", {"account": "water", "line_code": "W11"}, "甲镇"),
        ("I11", {"account": "carbon", "line_code": "T24"}, "乙镇"),
    ],
)
def test_closing(postings, identity, where, named):
    with pytest.raises(IdentityError, match=identity) as caught:
        accounts.check(broken(postings, **where))
    assert cells(caught).startswith(where["account"])
    assert named in cells(caught)
    assert abs(caught.value.where["difference"]) == 1


def made_up(*rows):
    """Postings from a few cells: account, line, amount and what they are told apart by."""
    blank = dict.fromkeys(POSTING_COLUMNS, "")
    table = [
        blank | {"account": account, "line_code": line, "amount": amount, "unit": UNITS[account],
                 "status": "observed", "source": "survey", "township": "甲镇"} | where
        for account, line, amount, where in rows
    ]  # fmt: skip
    return accounts.joined([pd.DataFrame(table)])


HERE, THERE = {"land_class": "barren"}, {"land_class": "cutover"}
MOVED = {"move": "land_class"}
OURS, THEIRS = {"owner": "platform"}, {"owner": "household"}
OWNED = {"move": "owner"}


@pytest.mark.parametrize(
    ("identity", "cell", "rows"),
    [
        ("I04", "timber / 甲镇 / land_class / T14 - T26",
         [("timber", "T14", 5, MOVED | THERE), ("timber", "T90", 5, THERE)]),
        ("I04", "land / 甲镇 / land_class / A11 - A21",
         [("land", "A13", 5, MOVED | THERE), ("land", "A00", 5, HERE),
          ("land", "A21", 5, MOVED | HERE), ("land", "A90", 5, THERE)]),
        ("I05", "timber / 甲镇 / owner / T16 - T28",
         [("timber", "T16", 5, OWNED | OURS), ("timber", "T90", 5, OURS)]),
        ("I05", "land / 甲镇 / owner / A53 - A54",
         [("land", "A53", 5, OWNED | OURS), ("land", "A90", 5, OURS)]),
        ("I05", "land / 甲镇 / owner / A51 - A52",
         [("land", "A51", 5, OWNED | THEIRS), ("land", "A90", 5, THEIRS)]),
        ("I02", "land / 甲镇",
         [("land", "A11", 5, HERE), ("land", "A90", 5, HERE)]),
        ("V4", "forest / 甲镇 / household / arbor_forest / 00",
         [("forest", "T00", 5, THEIRS | {"land_class": "arbor_forest"}),
          ("forest", "T90", 5, THEIRS | {"land_class": "arbor_forest"})]),
        ("I06", "quality / 甲镇 / Q00",
         [("quality", "Q00", 5, {"quality": "good"}), ("quality", "Q90", 5, {"quality": "good"})]),
        ("I06", "quality / 甲镇 / Q10",
         [("quality", "Q10", 5, {"quality": "good"}), ("quality", "Q20", -5, {"quality": "good"})]),
        ("I07", "age / 甲镇 / G00",
         [("age", "G00", 5, {"age_group": "young"}), ("age", "G90", 5, {"age_group": "young"})]),
        ("I07", "age / 甲镇 / young / G21 - G11",
         [("age", "G21", 5, {"age_group": "young"}), ("age", "G12", 5, {"age_group": "young"})]),
        ("I07", "age / 甲镇 / middle / G21 - G11",
         [("age", "G11", 5, {"age_group": "near_mature"}),
          ("age", "G22", 5, {"age_group": "near_mature"})]),
        ("I12", "carbon / 甲镇 / barren / T00",
         [("carbon", "T00", 5, HERE), ("carbon", "T21", 5, HERE)]),
    ],
)  # fmt: skip
def test_each_identity_alone(identity, cell, rows):
    """Every one of these closes (I01); only the identity named is broken."""
    with pytest.raises(IdentityError) as caught:
        accounts.check(made_up(*rows))
    assert caught.value.where["identity"] == identity
    assert cells(caught) == cell
    assert abs(caught.value.where["difference"]) == 5


def test_no_carbon_without_volume(postings):
    bare = postings["land_class"].eq("barren") & postings["account"].eq("land")
    extra = postings[bare].head(1).assign(account="carbon", unit="kg CO2e", owner="not_on_record")
    rows = [extra.assign(line_code=line, amount=7, move="") for line in ("T00", "T21")]
    wrong = accounts.joined([postings, *rows])
    with pytest.raises(IdentityError, match="I12") as caught:
        accounts.check(wrong)
    assert "barren" in cells(caught)
    assert caught.value.where["difference"] == 7


def test_a_table_without_its_columns_is_refused(postings):
    with pytest.raises(VocabularyError):
        accounts.check(postings.drop(columns="owner"))


def test_forest_land_of_the_extents_that_is_not_the_land_s_is_named():
    """Both accounts close; the extent has a hectare less at both ends."""
    ground = {"land_class": "barren"}
    rows = [("land", line, 5, ground) for line in ("A00", "A90")]
    rows += [("extent", line, 4, {"land_class": "forest_land"}) for line in ("E00", "E90")]
    with pytest.raises(IdentityError, match="V4") as caught:
        accounts.check(made_up(*rows))
    assert cells(caught) == "land / 甲镇 / extent forest_land E00"
    assert caught.value.where["difference"] == -1
