"""Two surveys of a few hectares, every figure to be checked by hand."""

from datetime import date

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import WHOLE
from ecogis.core.errors import IdentityError, InputError
from ecogis.core.findings import Findings

HECTARE_DM2 = 1_000_000


def stands(*rows):
    """Stands of 1 ha of planted pine in one township; volume in m3 ha-1, carbon in kg."""
    blank = {
        "township": "甲镇",
        "land_class": "arbor_forest",
        "origin": "planted",
        "forest_category": "commercial",
        "age_group": "young",
        "standing_volume": 0.0,
        "area_dm2": HECTARE_DM2,
        "co2e_kg": 0,
        "change_cause": None,
    }
    columns = ["stand", *blank]
    return pd.DataFrame([blank | row for row in rows], columns=columns)


def pairs(*rows):
    return pd.DataFrame(
        [(left, right, area) for left, right, area in rows], columns=["left", "right", "area_dm2"]
    )


SAME = pairs(("S1", "S1", HECTARE_DM2))


def one_stand(before, after, **options):
    return accounts.physical_balance(
        stands({"stand": "S1"} | before), stands({"stand": "S1"} | after), pairs=SAME, **options
    )


def lines(table, column="total", township=WHOLE):
    """Lines that are not nought."""
    mine = table[table["township"].eq(township)].set_index("line_code")[column]
    return {code: int(amount) for code, amount in mine.items() if amount}


def test_growth():
    balance = one_stand(
        {"standing_volume": 50.0, "co2e_kg": 60_000},
        {"standing_volume": 80.0, "co2e_kg": 96_000},
        opening_date=date(2019, 12, 31),
        closing_date=date(2024, 12, 31),
    )
    assert lines(balance.volume) == {"T00": 50_000, "T10": 30_000, "T13": 30_000, "T90": 80_000}
    assert lines(balance.carbon) == {"T00": 60_000, "T10": 36_000, "T13": 36_000, "T90": 96_000}
    assert lines(balance.area) == {"A00": HECTARE_DM2, "A90": HECTARE_DM2}
    assert lines(balance.timber, "area_dm2") == {"T00": HECTARE_DM2, "T90": HECTARE_DM2}
    assert balance.matrix.loc[0, ["from_class", "arbor_forest"]].tolist() == [
        "arbor_forest",
        HECTARE_DM2,
    ]
    assert balance.unmatched.empty
    assert balance.closing_date == date(2024, 12, 31)


# cause -> (line of a rise of 30 m3, line of a fall of 30 m3)
CAUSES = [
    (None, "T13", "T27"),
    ("other", "T13", "T27"),
    ("survey", "T15", "T27"),
    ("afforestation", "T11", "T27"),
    ("natural_regeneration", "T12", "T27"),
    ("harvest", "T13", "T21"),
    ("fire", "T13", "T24"),
    ("disaster", "T13", "T24"),
    ("land_take", "T13", "T25"),
]


@pytest.mark.parametrize(("cause", "rise", "fall"), CAUSES)
def test_the_cause_decides_the_line(cause, rise, fall):
    low, high = ({"standing_volume": v, "co2e_kg": round(v * 1200)} for v in (50.0, 80.0))
    up = one_stand(low, high | {"change_cause": cause})
    down = one_stand(high, low | {"change_cause": cause})
    assert lines(up.volume)[rise] == lines(down.volume)[fall] == 30_000
    assert lines(up.carbon)[rise] == lines(down.carbon)[fall] == 36_000


def test_harvest_moves_land_to_cutover_and_what_is_left_goes_with_it():
    balance = one_stand(
        {"standing_volume": 100.0, "co2e_kg": 120_000},
        {
            "standing_volume": 10.0,
            "co2e_kg": 12_000,
            "land_class": "cutover",
            "change_cause": "harvest",
        },
    )
    assert lines(balance.volume, "arbor_forest") == {
        "T00": 100_000,
        "T20": 100_000,
        "T21": 90_000,
        "T26": 10_000,
    }
    assert lines(balance.volume, "cutover") == {"T10": 10_000, "T14": 10_000, "T90": 10_000}
    assert lines(balance.area, "arbor_forest") == {
        "A00": HECTARE_DM2,
        "A20": HECTARE_DM2,
        "A23": HECTARE_DM2,
    }
    assert lines(balance.area, "cutover") == {
        "A10": HECTARE_DM2,
        "A13": HECTARE_DM2,
        "A90": HECTARE_DM2,
    }
    assert lines(balance.timber, "area_dm2") == {
        "T00": HECTARE_DM2,
        "T20": HECTARE_DM2,
        "T21": HECTARE_DM2,
    }


@pytest.mark.parametrize(
    ("before", "cause", "line", "area_line"),
    [
        ("barren", "afforestation", "T11", "T11"),
        ("barren", "natural_regeneration", "T12", "T12"),
        ("barren", None, "T15", "T14"),
        ("young_plantation", None, "T13", "T14"),
        ("cropland", "survey", "T15", "T15"),
    ],
)
def test_new_forest(before, cause, line, area_line):
    balance = one_stand(
        {"land_class": before},
        {"standing_volume": 20.0, "co2e_kg": 24_000, "change_cause": cause},
    )
    assert lines(balance.volume) == {"T10": 20_000, line: 20_000, "T90": 20_000}
    assert lines(balance.timber, "area_dm2") == {
        "T10": HECTARE_DM2,
        area_line: HECTARE_DM2,
        "T90": HECTARE_DM2,
    }


@pytest.mark.parametrize(
    ("cause", "line"),
    [("harvest", "T21"), ("fire", "T24"), ("land_take", "T25"), ("survey", "T27"), (None, "T26")],
)
def test_forest_lost(cause, line):
    balance = one_stand(
        {"standing_volume": 20.0}, {"land_class": "built_up", "change_cause": cause}
    )
    assert lines(balance.timber, "area_dm2")[line] == HECTARE_DM2


def test_a_stand_cut_in_three_keeps_every_kilogram():
    before = stands({"stand": "S1", "standing_volume": 100.0, "co2e_kg": 101})
    parts = (250_000, 250_000, 500_000)
    after = stands(
        *(
            {"stand": f"N{at}", "area_dm2": area, "township": f"{at}镇", "co2e_kg": 10}
            | {"standing_volume": 100.0}
            for at, area in enumerate(parts)
        )
    )
    cut = pairs(*(("S1", f"N{at}", area) for at, area in enumerate(parts)))
    balance = accounts.physical_balance(before, after, pairs=cut)
    assert lines(balance.volume) == {"T00": 100_000, "T90": 100_000}
    assert [lines(balance.volume, township=f"{at}镇")["T00"] for at in range(3)] == [
        25_000,
        25_000,
        50_000,
    ]
    kilograms = [lines(balance.carbon, township=f"{at}镇")["T00"] for at in range(3)]
    assert kilograms == [25, 25, 51]  # 25.25, 25.25, 50.5
    assert lines(balance.carbon)["T27"] == 101 - 3 * 10


def test_land_of_one_survey_only_is_a_named_difference():
    findings = Findings()
    before = stands({"stand": "S1", "standing_volume": 10.0, "co2e_kg": 900})
    after = stands({"stand": "N1", "standing_volume": 10.0, "co2e_kg": 900})
    shifted = pairs(("S1", "N1", 900_000), ("S1", None, 100_000), (None, "N1", 100_000))
    balance = accounts.physical_balance(before, after, pairs=shifted, findings=findings)
    assert lines(balance.volume) == {"T00": 10_000, "T90": 10_000}
    assert balance.unmatched[
        ["survey", "rows", "area_dm2", "volume_dm3", "co2e_kg"]
    ].to_numpy().tolist() == [
        ["closing", 1, 100_000, 1_000, 90],
        ["opening", 1, 100_000, 1_000, 90],
    ]
    table = findings.table()
    assert sorted(table["code"]) == ["E390", "E401", "E401", "E401"]  # the two do not cancel
    assert table.set_index("code").loc["E390", "observed"] == "200000"
    assert balance.limits.set_index("account").loc["land", "found"] == 200_000
    total = balance.matrix.set_index("from_class")["total"]
    assert total.to_dict() == {"arbor_forest": 1_000_000, "": 100_000, "total": 1_100_000}


def test_what_pairs_leave_out_is_found_and_booked():
    before = stands({"stand": "S1"}, {"stand": "gone", "standing_volume": 5.0, "co2e_kg": 6})
    after = stands({"stand": "S1"})
    balance = accounts.physical_balance(before, after, pairs=SAME)
    assert lines(balance.volume) == {"T00": 5_000, "T91": -5_000}
    assert lines(balance.area) == {
        "A00": 2 * HECTARE_DM2,
        "A91": -HECTARE_DM2,
        "A90": HECTARE_DM2,
    }


def test_more_common_land_than_the_stand_has_is_refused():
    with pytest.raises(IdentityError, match="I03") as refused:
        accounts.physical_balance(
            stands({"stand": "S1"}),
            stands({"stand": "S1"}),
            pairs=pairs(("S1", "S1", HECTARE_DM2 + 1)),
        )
    assert refused.value.where["cells"] == "left S1"


def test_carbon_without_volume_is_refused():
    with pytest.raises(IdentityError, match="I12"):
        one_stand({}, {"co2e_kg": 5})


def test_a_stand_named_twice_is_refused():
    twice = stands({"stand": "S1"}, {"stand": "S1"})
    with pytest.raises(InputError, match="S1"):
        accounts.physical_balance(twice, twice, pairs=SAME)


def test_missing_volume_is_a_finding_and_nothing_is_invented():
    findings = Findings()
    balance = one_stand(
        {"standing_volume": None}, {"standing_volume": 5.0, "co2e_kg": 6}, findings=findings
    )
    assert findings.table()[["code", "layer", "feature"]].to_numpy().tolist() == [
        ["E391", "stands_opening", "S1"]
    ]
    assert lines(balance.volume) == {"T10": 5_000, "T13": 5_000, "T90": 5_000}


def test_bare_land_needs_no_volume():
    findings = Findings()
    bare = {"land_class": "cropland", "standing_volume": None}
    one_stand(bare, bare, findings=findings)
    assert findings.count() == 0


@pytest.mark.parametrize(
    ("cause", "after", "found"),
    [(None, 95.0, 0), (None, 94.0, 1), ("harvest", 10.0, 0), ("survey", 10.0, 0)],
)
def test_a_fall_without_a_cause_is_a_finding_above_the_limit(cause, after, found):
    findings = Findings()
    one_stand(
        {"standing_volume": 100.0},
        {"standing_volume": after, "change_cause": cause},
        findings=findings,
    )
    assert findings.count("E392") == found


def test_structure_adds_up_in_every_dimension():
    before = stands(
        {"stand": "S1", "standing_volume": 10.0, "co2e_kg": 9},
        {"stand": "S2", "origin": None, "age_group": "mature", "standing_volume": 30.0},
        {"stand": "S3", "land_class": "cropland"},
    )
    same = pairs(*((stand, stand, HECTARE_DM2) for stand in ("S1", "S2", "S3")))
    table = accounts.physical_balance(before, before, pairs=same).structure
    sums = table.groupby("dimension")[["opening_area_dm2", "closing_volume_dm3"]].sum()
    assert (sums["opening_area_dm2"] == 2 * HECTARE_DM2).all()
    assert (sums["closing_volume_dm3"] == 40_000).all()
    origin = table[table["dimension"].eq("origin")]
    assert origin[["code", "zh"]].to_numpy().tolist() == [["planted", "人工"], ["", "未记录"]]


def test_a_missing_township_has_a_line_of_its_own():
    balance = one_stand({"township": None}, {"township": None})
    assert sorted(balance.area["township"].unique()) == ["", "not_stated"]


def test_lines_two_surveys_cannot_separate_say_where_they_are():
    apart = accounts.not_separated()
    assert apart["line_code"].tolist() == ["T16", "T22", "T23", "T28"]
    assert apart["included_in_zh"].ne("").all()


def test_all_amounts_are_whole_numbers():
    balance = one_stand({"standing_volume": 50.0}, {"standing_volume": 80.0})
    for table in (balance.area, balance.volume, balance.carbon, balance.timber):
        amounts = table.drop(columns=["township", "line_code", "zh", "en", "kind", "confidence"])
        assert set(map(str, amounts.dtypes)) == {"int64"}
