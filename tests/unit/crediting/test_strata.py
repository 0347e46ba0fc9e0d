"""Land divided into strata."""

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.crediting.strata import EX_POST, stratify

HA = 1_000_000


def pieces(*rows, columns=("species", "origin")):
    """Pieces of (hectares, values)."""
    frame = pd.DataFrame([row[1:] for row in rows], columns=list(columns))
    frame.insert(0, "piece", [f"P{i}" for i in range(len(rows))])
    return frame.assign(area_dm2=[int(row[0] * HA) for row in rows])


LAND = pieces(
    (10, "杉木", "planted"),
    (1, "杉木", "natural"),
    (20, "木荷", "planted"),
    (6, "木荷", None),
    (5, "杉木", "planted"),
)
BY = ("species", "origin")


def codes(findings):
    return sorted(findings.table()["code"])


def test_like_land_is_one_stratum_and_areas_add_up():
    findings = Findings()
    found = stratify(LAND, findings, by=BY)
    table = found.table.set_index("stratum")
    assert table["area_ha"].to_dict() == {
        "木荷/not_stated": 6.0,
        "木荷/planted": 20.0,
        "杉木/natural": 1.0,
        "杉木/planted": 15.0,
    }
    assert table["members"].tolist() == [1, 1, 1, 2]
    assert table["weight"].sum() == pytest.approx(1.0)
    assert found.members["piece"].tolist() == LAND["piece"].tolist()
    assert found.members["area_dm2"].sum() == table["area_dm2"].sum() == LAND["area_dm2"].sum()
    assert codes(findings) == ["E750"]
    assert findings.table()["area_ha"].tolist() == [6.0]


def test_a_small_stratum_is_counted_with_its_like_and_told():
    findings = Findings()
    found = stratify(LAND, findings, by=BY, minimum_ha=2.0)
    table = found.table.set_index("stratum")
    assert table.loc["杉木/planted", "merged"] == "杉木/natural"
    assert table.loc["杉木/planted", "area_ha"] == 16.0
    assert table.loc["杉木/planted", "species"] == "杉木"
    assert pd.isna(table.loc["杉木/planted", "origin"])
    assert found.members["stratum"].tolist()[1] == "杉木/planted"
    assert codes(findings) == ["E750", "E751"]


def test_a_stratum_at_the_limit_stays():
    findings = Findings()
    assert len(stratify(LAND, findings, by=BY, minimum_ha=1.0).table) == 4
    assert codes(findings) == ["E750"]


def test_unlike_species_are_never_counted_together():
    findings = Findings()
    found = stratify(LAND, findings, by=BY, minimum_ha=100.0)
    assert found.table["stratum"].tolist() == ["木荷/planted", "杉木/planted"]
    assert codes(findings) == ["E750", "E751", "E751", "E752", "E752"]


def test_the_nearest_is_the_one_with_most_leading_columns():
    land = pieces(
        (1, "杉木", 2010, "planted"),
        (9, "杉木", 2010, "natural"),
        (50, "杉木", 2015, "planted"),
        columns=("species", "planting_year", "origin"),
    )
    found = stratify(land, Findings(), by=("species", "planting_year", "origin"), minimum_ha=2.0)
    assert found.members["stratum"].tolist()[0] == "杉木/2010/natural"


def test_merging_goes_on_through_strata_that_were_merged():
    land = pieces((1, "杉木", "a"), (2, "杉木", "b"), (30, "杉木", "c"))
    findings = Findings()
    found = stratify(land, findings, by=BY, minimum_ha=5.0)
    assert found.table["stratum"].tolist() == ["杉木/c"]
    assert found.table["merged"].tolist() == ["杉木/a;杉木/b"]
    assert set(findings.table()["message_en"].str.extract(r"with stratum (\S+?)\.")[0]) == {
        "杉木/c"
    }


def test_no_change_on_record_is_not_an_unknown():
    land = pieces(
        (5, "杉木", 2015.0, "II", "planted", None, pd.NA),
        (5, "杉木", 2015.0, "II", "planted", "fire", 2024),
        columns=EX_POST,
    )
    findings = Findings()
    found = stratify(land, findings, by=EX_POST)
    assert found.table["stratum"].tolist() == [
        "杉木/2015/II/planted/fire/2024",
        "杉木/2015/II/planted/none/none",
    ]
    assert not findings.count()


def test_order_of_rows_changes_nothing():
    one = stratify(LAND, Findings(), by=BY, minimum_ha=6.5)
    two = stratify(LAND.iloc[::-1], Findings(), by=BY, minimum_ha=6.5)
    pd.testing.assert_frame_equal(one.table, two.table)


def test_stands_can_be_strata_too():
    stands = LAND.rename(columns={"piece": "stand"})
    assert list(stratify(stands, Findings(), by=BY, key="stand").members) == [
        "stand",
        "stratum",
        "area_dm2",
    ]


@pytest.mark.parametrize("area", [None, -1])
def test_areas_must_be_there(area):
    with pytest.raises(ConfigError) as caught:
        stratify(LAND.assign(area_dm2=area), Findings(), by=BY)
    assert caught.value.code == "E753"


def test_some_column_must_be_named():
    with pytest.raises(ConfigError) as caught:
        stratify(LAND, Findings(), by=())
    assert caught.value.code == "E753"
