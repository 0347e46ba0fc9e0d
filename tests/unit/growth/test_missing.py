"""Missing values: filled by the rule chosen, one finding each; never without being asked."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.growth import age_limits, filled, tree_volume
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
LIMITS = age_limits(parameters("age-groups"), DAY)
FIR = {"a": 5.8777042e-5, "b0": 1.9699831, "b1": 0.0, "c0": 0.89646157, "c1": 0.0}
SOUND = {
    "stand": "A",
    "species": "杉木",
    "origin": "planted",
    "age_group": "middle",
    "age_yr": 15,
    "standing_volume": 100.0,
    "survey_date": pd.Timestamp("2024-12-31"),
    "planting_year": 2010,
    "canopy_cover": 0.5,
    "dbh_cm": 15.0,
    "height_m": 12.0,
    "stems_ha": 1500.0,
    "row": 1,
    "area_ha": 2.0,
}


def stands(*rows):
    table = pd.DataFrame([SOUND | row for row in rows])
    return table.astype({"age_yr": "Int64", "species": "string", "planting_year": "Int64"})


def done(*rows, rules, **options):
    findings = Findings()
    options = {"limits": LIMITS, "equations": {"杉木": FIR}} | options
    return filled(stands(*rows), findings, rules=rules, **options), findings


@pytest.mark.parametrize(
    ("rules", "age", "basis"),
    [
        (["planting_year"], 14, "planting_year"),
        (["age_group"], 16, "age_group"),  # middle of 11 to 20 is 15.5
        (["age_group", "planting_year"], 16, "age_group"),
        (["planting_year", "age_group"], 14, "planting_year"),
    ],
)
def test_age_by_the_first_rule_that_can(rules, age, basis):
    out, findings = done({"age_yr": None}, {"stand": "B"}, rules=rules)
    assert out["age_yr"].tolist() == [age, 15]
    assert out["age_basis"].tolist() == [basis, "recorded"]
    found = findings.table()
    assert found["code"].tolist() == ["E666"]
    assert found.loc[0, ["feature", "action", "area_ha"]].tolist() == ["A", "repaired", 2.0]
    assert "?" not in found.loc[0, "message_zh"] + found.loc[0, "message_en"]


@pytest.mark.parametrize(
    "row",
    [
        {"age_group": "over_mature"},
        {"age_group": "not_stated"},
        {"origin": None},
        {"species": "未知树种"},
    ],
)
def test_an_age_no_rule_can_fill_stays_missing(row):
    out, findings = done({"age_yr": None} | row, rules=["age_group"])
    assert out["age_yr"].isna().all()
    assert out["age_basis"].isna().all()
    assert findings.table()["code"].tolist() == ["E668"]


def test_planted_after_the_survey_is_no_age():
    out, findings = done({"age_yr": None, "planting_year": 2026}, rules=["planting_year"])
    assert out["age_yr"].isna().all()
    assert findings.table()["code"].tolist() == ["E668"]


def test_volume_of_the_mean_tree():
    out, findings = done({"standing_volume": None}, rules=["mean_tree"])
    expected = 1500.0 * FIR["a"] * 15.0 ** FIR["b0"] * 12.0 ** FIR["c0"]
    assert out["standing_volume"].tolist() == pytest.approx([expected])
    assert expected == pytest.approx(169.7, abs=0.1)
    assert findings.table()[["code", "observed"]].to_numpy().tolist() == [["E667", "169.7"]]


@pytest.mark.parametrize("row", [{"stems_ha": None}, {"dbh_cm": 0.0}, {"height_m": None}])
def test_a_mean_tree_not_measured_fills_nothing(row):
    out, findings = done({"standing_volume": None} | row, rules=["mean_tree"])
    assert out["standing_volume"].isna().all()
    assert findings.table()["code"].tolist() == ["E668"]


def test_volume_by_canopy_from_stands_of_its_kind():
    rows = [{"stand": str(n), "canopy_cover": 0.8, "standing_volume": 160.0} for n in range(10)]
    other = {"stand": "C", "standing_volume": None, "age_group": "young"}
    out, findings = done(*rows, {"standing_volume": None}, other, rules=["canopy"])
    assert out["standing_volume"].tolist()[10] == pytest.approx(100.0)  # 0.5 x 160 / 0.8
    assert findings.table()["code"].tolist() == ["E667", "E668"]
    few, findings = done(*rows[:9], {"standing_volume": None}, rules=["canopy"])
    assert few["standing_volume"].isna().sum() == 1
    assert findings.count("E668") == 1


def test_nothing_is_filled_unasked_and_nothing_recorded_is_changed():
    rows = ({"age_yr": None, "standing_volume": None}, {"stand": "B", "age_yr": 99})
    out, findings = done(*rows, rules=[])
    assert findings.count() == 0
    assert out["age_yr"].isna().tolist() == [True, False]
    out, _ = done(*rows, rules=["planting_year", "mean_tree"])
    assert out["age_yr"].tolist() == [14, 99]
    assert out["volume_basis"].tolist() == ["mean_tree", "recorded"]


def test_bare_land_needs_no_age():
    bare = {"species": None, "age_yr": None, "standing_volume": None}
    out, findings = done(bare, rules=["planting_year", "mean_tree"])
    assert findings.count() == 0
    assert out["age_yr"].isna().all()


def test_rules_and_their_columns_are_checked():
    for wrong in ({"rules": ["guess"]}, {"rules": ["age_group"], "limits": None}):
        with pytest.raises(ConfigError) as caught:
            done({"age_yr": None}, **wrong)
        assert caught.value.code == "E662"
    with pytest.raises(VocabularyError):
        filled(
            stands({"age_yr": None}).drop(columns="planting_year"),
            Findings(),
            rules=["planting_year"],
        )


def test_limits_come_by_species_and_origin():
    assert LIMITS["马尾松", "natural"] == (20.0, 30.0, 40.0, 60.0)
    assert ("杉木", "natural") not in LIMITS


def test_an_equation_in_diameter_alone_needs_no_height():
    one_way = {"a": 9.754e-5, "b0": 2.41605, "b1": 0.0, "c0": 0.0, "c1": 0.0}
    assert tree_volume([15.0], [np.nan], one_way)[0] == pytest.approx(0.0677, abs=5e-5)
