"""Each fault of a stand gives its finding, and only that one."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.growth import Curve, CurveSet, age_table, curve_set, rate_curves, stand_curves

CURVES = curve_set("growth-south-china", date(2026, 8, 31))
SOUND = {
    "stand": "A",
    "species": "桉树",
    "land_class": "arbor_forest",
    "age_yr": 5,
    "standing_volume": 100.0,
    "survey_date": pd.Timestamp("2024-12-31"),
    "row": 1,
}


def stands(*rows):
    table = pd.DataFrame([SOUND | row for row in rows])
    return table.astype({"stand": "string", "species": "string", "age_yr": "Int64"})


def judged(*rows, **policy):
    findings = Findings()
    return stand_curves(stands(*rows), CURVES, findings, **policy), findings


def test_scale_is_surveyed_volume_over_the_curve():
    table, findings = judged({})
    at_five = age_table(CURVES).at("速生桉", 5)
    assert table.loc[0, "scale"] == 100.0 / at_five
    assert table.loc[0, ["stand", "curve", "age_yr", "usable"]].tolist() == ["A", "速生桉", 5, True]
    assert findings.count() == 0


@pytest.mark.parametrize(
    ("row", "code", "usable", "scale"),
    [
        ({"species": "毛竹"}, "E252", False, 100.0),
        ({"species": "毛竹", "standing_volume": None}, "E252", False, np.nan),
        ({"standing_volume": 10.0}, "E253", True, 10.0 / 114.6),
        ({"standing_volume": 900.0}, "E254", False, 900.0),
        ({"age_yr": 0}, "E254", False, 100.0),
        ({"standing_volume": None}, "E255", False, np.nan),
        ({"standing_volume": -1.0}, "E255", False, np.nan),
        ({"standing_volume": np.inf}, "E255", False, np.nan),
        ({"species": None, "standing_volume": None}, "E255", False, np.nan),
        ({"age_yr": None}, "E256", False, 100.0),
        ({"survey_date": None}, "E256", False, 100.0),
        ({"standing_volume": 0.0}, "E257", True, 1.0),
        ({"standing_volume": 0.0, "age_yr": 6}, "E258", False, 0.0),
    ],
)
def test_one_fault_one_finding(row, code, usable, scale):
    table, findings = judged({}, row | {"stand": "B"})
    found = findings.table()
    assert found["code"].tolist() == [code]
    assert found["feature"].tolist() == ["B"]
    assert ("B" in findings.excluded("stands")) == (not usable)
    assert table.loc[1, "usable"] == usable
    assert table.loc[1, "scale"] == pytest.approx(scale, rel=1e-3, nan_ok=True)
    assert table.loc[1, "curve"] is pd.NA or usable
    assert "?" not in found.loc[0, "message_zh"] + found.loc[0, "message_en"]


def test_land_without_trees_holds_nothing_and_is_no_fault():
    bare = {"species": None, "land_class": "cropland", "standing_volume": None, "age_yr": None}
    table, findings = judged(bare)
    assert findings.count() == 0
    assert table.loc[0, "scale"] == 0.0
    assert not table.loc[0, "usable"]


def test_scattered_trees_keep_their_volume():
    trees = {"species": None, "land_class": "cropland", "standing_volume": 3.0, "age_yr": None}
    table, findings = judged(trees)
    assert table.loc[0, "scale"] == 3.0
    assert findings.count() == 0


def test_limits_are_policy():
    _, findings = judged({"standing_volume": 900.0}, scale_high=10.0)
    assert findings.count() == 0
    _, findings = judged({"standing_volume": 0.0}, young_age_yr=4)
    assert findings.table()["code"].tolist() == ["E258"]


def test_a_stand_that_cannot_be_projected_takes_the_held_class():
    table, _ = judged({}, {"species": "毛竹"})
    assert table["class"].tolist() == [0, age_table(CURVES).held]
    assert table["class"].dtype == table["age_yr"].dtype == np.int32


def test_promised_columns():
    with pytest.raises(VocabularyError):
        stand_curves(stands({}).drop(columns="age_yr"), CURVES, Findings())


def level(name, top):
    return Curve(name, "plateau", {"asymptote": top, "ripe_age": 10.0}, 0.0, 60.0)


def test_the_entry_with_the_fewest_open_keys_holds():
    curves = CurveSet(
        "own",
        "1",
        (level("exact", 90.0), level("origin", 80.0), level("any", 70.0)),
        {"桉树|I|planted": "exact", "桉树|*|planted": "origin", "桉树|*|*": "any"},
        ("species", "site_class", "origin"),
    )
    keys = pd.DataFrame(
        {"site_class": ["I", "II", None, "I"], "origin": ["planted", "planted", None, "natural"]},
        dtype="string",
    )
    table = pd.concat([stands(*({"stand": str(n)} for n in range(4))), keys], axis=1)
    found = stand_curves(table, curves, Findings())
    assert found["curve"].tolist() == ["exact", "origin", "any", "any"]
    with pytest.raises(VocabularyError):
        stand_curves(table.drop(columns="origin"), curves, Findings())


def test_below_the_first_age_one_note_for_each_curve():
    rows = ({"stand": str(n), "species": "马尾松", "age_yr": n, "standing_volume": 9.0 * n}
            for n in range(1, 6))  # fmt: skip
    _, findings = judged(*rows, {})
    found = findings.table()
    assert found["code"].tolist() == ["E664"]
    assert found.loc[0, ["observed", "expected"]].tolist() == ["4", ">= 5"]


def test_scaled_by_age_a_stand_enters_where_its_volume_lies():
    table, findings = judged(
        {"standing_volume": 150.0},
        {"stand": "B", "standing_volume": 250.0},
        {"stand": "C", "standing_volume": 0.0},
        scaling="age",
    )
    row = age_table(CURVES).values[0]
    first = int(np.argmax(row >= 150.0))
    assert table["age_yr"].tolist() == [first, 40, 5]
    assert table["scale"].tolist() == pytest.approx([150.0 / row[first], 250.0 / row[40], 1.0])
    assert 0.9 < table.loc[0, "scale"] <= 1.0
    assert findings.table()["code"].tolist() == ["E257"]
    with pytest.raises(ConfigError):
        judged({}, scaling="height")


def test_relative_curves_have_no_level_to_compare_with():
    rates = pd.DataFrame({"species": "桉树", "age_from": [3], "age_to": [9], "growth_rate": [0.1]})
    findings = Findings()
    table = stand_curves(stands({}), rate_curves(rates, name="own"), findings)
    assert findings.count() == 0
    at_five = 1.0 + 0.6 / 0.7 * 2 / 6  # (2 + .6) / (2 - .6) after six years, two sixths of the way
    assert table.loc[0, "scale"] == pytest.approx(100.0 / at_five)
