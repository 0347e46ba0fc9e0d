"""Bamboo and shrubs: carbon straight from curves, and what has no curve says so."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import UnitError
from ecogis.core.findings import Findings
from ecogis.growth import carbon_density, curve_set

DAY = date(2026, 8, 31)
CURVES = curve_set("growth-bamboo-shrub", DAY, unit="t C ha-1")


def stands(**columns):
    table = {
        "stand": ["A", "B", "C", "D"],
        "species": ["毛竹", "灌木", "杉木", "灌木"],
        "age_yr": [20, 4, 9, None],
        "survey_date": ["2020-01-01", "2022-01-01", "2020-01-01", "2020-01-01"],
    }
    return pd.DataFrame(table | columns).astype({"age_yr": "Int64"})


def test_each_stand_by_its_own_survey():
    findings = Findings()
    found = carbon_density(stands(), [date(2022, 1, 1), date(2032, 1, 1)], CURVES, findings)
    assert found.attrs["units"] == "t C ha-1"
    assert found.attrs["curves"] == "growth-bamboo-shrub@2026-1"
    assert found.values[0].tolist() == [23.78, 23.78]
    shrub = 0.057 * np.array([4.0, 14.0]) ** 2.0439
    np.testing.assert_allclose(found.values[1], shrub, rtol=1e-12)
    assert np.isnan(found.values[2:]).all()
    assert findings.table()[["code", "feature"]].to_numpy().tolist() == [
        ["E252", "C"],
        ["E256", "D"],
    ]


def test_order_and_index_of_the_table_do_not_matter():
    table = stands().iloc[::-1].set_index(pd.Index([7, 7, 3, 1]))
    found = carbon_density(table, [DAY], CURVES, Findings())
    expected = carbon_density(stands(), [DAY], CURVES, Findings())
    np.testing.assert_array_equal(found.values[::-1], expected.values)


def test_curves_of_volume_are_refused():
    with pytest.raises(UnitError):
        carbon_density(stands(), [DAY], curve_set("growth-south-china", DAY), Findings())
    with pytest.raises(UnitError):
        curve_set("growth-bamboo-shrub", DAY)
