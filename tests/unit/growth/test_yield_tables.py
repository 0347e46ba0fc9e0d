"""Yield tables: printed values are met, nothing is given outside them."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth import site_class, site_index, stand_curves, yield_table
from ecogis.growth.curves import Curve

PRINTED = pd.DataFrame(
    {
        "species": "云杉",
        "site_class": ["1"] * 3 + ["2"] * 3,
        "age_yr": [20, 40, 60] * 2,
        "standing_volume": [100.0, 300.0, 400.0, 50.0, 200.0, 300.0],
    }
)
TABLE = yield_table(PRINTED, name="sample", interpolation="linear")


def test_printed_values_and_nothing_outside_them():
    assert TABLE.at("云杉", "1", [20, 30, 60]).tolist() == [100.0, 200.0, 400.0]
    assert np.isnan(TABLE.at("云杉", "1", [19.9, 61])).all()
    assert np.isnan(TABLE.at("云杉", "9", [30])).all()
    assert np.isnan(TABLE.at("杉木", "1", [30])).all()
    assert TABLE.classes("云杉") == ("1", "2")


def test_between_two_classes():
    assert TABLE.between("云杉", 1.5, [20, 40]).tolist() == [75.0, 250.0]
    assert TABLE.between("云杉", 2.0, [20]).tolist() == [50.0]
    assert TABLE.between("云杉", 1.0, [20]).tolist() == [100.0]
    assert np.isnan(TABLE.between("云杉", 2.1, [20])).all()
    assert np.isnan(TABLE.between("云杉", 0.9, [20])).all()
    assert np.isnan(TABLE.between("杉木", 1.0, [20])).all()


def test_classes_without_numbers_have_nothing_between():
    named = yield_table(PRINTED.assign(site_class=PRINTED["site_class"] + "x"), name="named")
    with pytest.raises(ConfigError) as caught:
        named.between("云杉", 1.5, [20])
    assert caught.value.code == "E662"


def test_a_table_is_sound():
    with pytest.raises(ConfigError) as caught:
        yield_table(pd.concat([PRINTED, PRINTED.iloc[:1]]), name="twice")
    assert caught.value.code == "E655"


def stands(**columns):
    table = {"stand": ["A"], "species": ["云杉"], "site_class": ["1"], "age_yr": [30]}
    return pd.DataFrame(table | {name: [value] for name, value in columns.items()})


@pytest.mark.parametrize(
    "columns", [{"age_yr": 99}, {"age_yr": None}, {"site_class": "3"}, {"species": None}]
)
def test_a_stand_the_table_has_no_place_for(columns):
    findings = Findings()
    assert TABLE.read_off(stands(**columns), findings).isna().all()
    assert findings.table()["code"].tolist() == ["E665"]
    assert TABLE.read_off(stands(), Findings()).tolist() == [200.0]


def test_stands_follow_the_table_by_site_class():
    table = stands(standing_volume=220.0, land_class="arbor_forest", survey_date="2024-12-31")
    found = stand_curves(table, TABLE.curve_set(), Findings())
    assert found["curve"].tolist() == ["sample:云杉|1"]
    assert found["scale"].tolist() == pytest.approx([1.1])


@pytest.mark.parametrize(
    ("volume", "site", "rank"),
    [(200.0, "1", 1.0), (180.0, "1", 0.7333333), (140.0, "2", 0.2), (160.0, "2", 0.4667),
     (230.0, "1", 1.0), (240.0, None, np.nan), (80.0, None, np.nan), (None, None, np.nan)],
)  # fmt: skip
def test_site_class_from_volume(volume, site, rank):
    # at age 30: 125 in class 2, 200 in class 1; half a step beyond is 37.5
    findings = Findings()
    found = site_class(stands(standing_volume=volume), TABLE, findings, by="standing_volume")
    assert found["site_class"].fillna("-").tolist() == [site or "-"]
    assert found["site_rank"].tolist() == pytest.approx([rank], abs=1e-3, nan_ok=True)
    assert findings.table()["code"].tolist() == ([] if site else ["E665"])


def test_site_class_where_species_or_age_are_missing():
    for columns in ({"species": None}, {"species": "杉木"}, {"age_yr": None}, {"age_yr": 70}):
        findings = Findings()
        table = stands(**columns, standing_volume=200.0)
        found = site_class(table, TABLE, findings, by="standing_volume")
        assert found["site_class"].isna().all()
        assert findings.count("E665") == 1


def test_site_index_stays_for_life():
    values = {"asymptote": 20.0, "rate": 0.05, "shape": 1.2}
    guide = Curve("h", "richards", values, 5.0, 80.0, unit="m")
    ages = np.array([10.0, 25.0, 60.0])
    heights = 1.3 + 1.4 * guide.at(ages)
    index = site_index(heights, ages, guide, base_age=20.0, offset=1.3)
    np.testing.assert_allclose(index, (1.3 + 1.4 * guide.at(20.0))[0])
    assert np.isnan(site_index([9.0, np.nan], [4.0, 20.0], guide, base_age=20.0)).all()
