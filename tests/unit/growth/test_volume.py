"""Volume at chosen days."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth import Curve, CurveSet, age_table, stand_curves, standing_volume, trajectories

# volume is ten times age up to age 20, so every number can be checked by eye
LINE = Curve("line", "quadratic", {"constant": 0.0, "linear": 10.0, "quadratic": 0.0}, 0.0, 20.0)
CURVES = CurveSet("test", "1", (LINE,), {"杉木": "line"})
SURVEY = date(2024, 12, 31)


def stands(**columns):
    rows = {
        "stand": ["A", "B"],
        "species": ["杉木", "毛竹"],
        "land_class": ["arbor_forest", "bamboo_forest"],
        "age_yr": [10, 5],
        "standing_volume": [200.0, 7.0],
        "survey_date": [pd.Timestamp(SURVEY)] * 2,
    }
    table = pd.DataFrame(rows | columns)
    return table.astype({"stand": "string", "species": "string", "age_yr": "Int64"})


def test_volume_by_hand():
    days = [date(2014, 12, 31), SURVEY, date(2026, 12, 31), date(2060, 1, 1)]
    volume = standing_volume(stands(), days, curves=CURVES)
    assert volume.dims == ("stand", "instant")
    assert volume.attrs["units"] == "m3 ha-1"
    # twice the line; age 0, 10, 12 and, past 20, held; the bamboo keeps its volume
    assert volume.sel(stand="A").to_numpy().tolist() == [0.0, 200.0, 240.0, 400.0]
    assert volume.sel(stand="B").to_numpy().tolist() == [7.0] * 4


def test_between_whole_years_it_is_linear():
    # 243 of the 365 days after 2025-12-31: 2026-08-31
    volume = standing_volume(stands(), [date(2026, 8, 31)], curves=CURVES)
    assert float(volume[0, 0]) == pytest.approx(20 * (11 + 243 / 365), rel=1e-14)


def test_before_age_zero_there_is_nothing():
    volume = standing_volume(stands(), [date(2000, 1, 1)], curves=CURVES)
    assert float(volume[0, 0]) == 0.0


def test_missing_volume_stays_missing_in_its_stand():
    table = stands(standing_volume=[None, 7.0])
    volume = standing_volume(table, [SURVEY], curves=CURVES)
    assert np.isnan(volume.to_numpy()).tolist() == [[True], [False]]


def test_passing_the_last_age_is_noted():
    findings = Findings()
    standing_volume(stands(), [SURVEY, date(2034, 12, 31)], curves=CURVES, findings=findings)
    assert "E259" not in set(findings.table()["code"])
    standing_volume(stands(), [SURVEY, date(2035, 6, 1)], curves=CURVES, findings=findings)
    noted = findings.table().query("code == 'E259'")
    assert noted["message_en"].tolist() == [
        "1 stands grow past the last valid age of curve line, 20 yr; the value there is held."
    ]


def test_surveys_of_different_days():
    table = stands(survey_date=[pd.Timestamp("2023-12-31"), pd.NaT])
    path = trajectories(table, [SURVEY], curves=CURVES, findings=Findings())
    assert float(standing_volume(path)[0, 0]) == 2 * 10 * 11
    assert float(standing_volume(path)[1, 0]) == 7.0


def test_an_own_policy_comes_in_as_assigned():
    table = stands(standing_volume=[800.0, 7.0])
    findings = Findings()
    assigned = stand_curves(table, CURVES, findings, scale_high=10.0)
    path = trajectories(table, [SURVEY], curves=CURVES, findings=findings, assigned=assigned)
    assert float(standing_volume(path)[0, 0]) == 800.0
    assert path.stands["usable"].tolist() == [True, False]
    with pytest.raises(ConfigError) as caught:
        trajectories(
            table, [SURVEY], curves=CURVES, findings=findings, assigned=assigned.iloc[::-1]
        )
    assert caught.value.code == "E266"


@pytest.mark.parametrize("days", [[], [SURVEY, SURVEY], [SURVEY, date(2020, 1, 1)]])
def test_instants_rise(days):
    with pytest.raises(ConfigError) as caught:
        standing_volume(stands(), days, curves=CURVES)
    assert caught.value.code == "E265"


def test_curves_are_needed():
    with pytest.raises(ConfigError) as caught:
        standing_volume(stands(), [SURVEY])
    assert caught.value.code == "E265"


def test_many_stands_take_the_parallel_way_to_the_same_numbers():
    one = stands().iloc[[0]]
    many = pd.concat([one] * 30_000, ignore_index=True)
    many["stand"] = [f"S{i}" for i in range(len(many))]
    many["age_yr"] = np.arange(len(many)) % 40
    many["standing_volume"] = 3.0 * many["age_yr"].astype(float)
    days = [date(2025 + year, 3, 1) for year in range(4)]
    volume = standing_volume(many, days, curves=CURVES).to_numpy()
    for i in (0, 7, 29_999):
        alone = standing_volume(many.iloc[[i]], days, curves=CURVES).to_numpy()
        np.testing.assert_array_equal(volume[i], alone[0])


def test_table_is_built_from_the_same_curves():
    path = trajectories(stands(), [SURVEY], curves=CURVES, findings=Findings())
    np.testing.assert_array_equal(path.table.values, age_table(CURVES).values)
