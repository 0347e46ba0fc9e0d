"""Stands with parameters of their own."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.growth import Curve, CurveSet, standing_volume
from ecogis.growth.own_curves import own_volume


def stands(**columns):
    rows = {
        "stand": ["A", "B"],
        "age_yr": [10, 20],
        "survey_date": [pd.Timestamp("2024-12-31")] * 2,
        "asymptote": [200.0, 300.0],
        "rate": [0.05, 0.1],
        "shape": [1.0, 2.0],
    }
    return pd.DataFrame(rows | columns)


def test_volume_by_hand():
    found = own_volume(stands(), [2024, 2034], findings=Findings())
    assert found.dims == ("stand", "instant")
    assert found.attrs["units"] == "m3 ha-1"
    np.testing.assert_allclose(
        found,
        [[200 * (1 - np.exp(-0.5)), 200 * (1 - np.exp(-1.0))],
         [300 * (1 - np.exp(-2.0)) ** 2, 300 * (1 - np.exp(-3.0)) ** 2]],
        rtol=1e-14,
    )  # fmt: skip


def test_outside_its_valid_ages_a_curve_is_a_line_and_is_held():
    findings = Findings()
    table = stands(age_yr=[0, 0], first_age=[10.0, 0.0], last_age=[20.0, 100.0])
    found = own_volume(table, [2024, 2029, 2034, 2044, 2064], findings=findings).to_numpy()
    at_ten, at_twenty = (200 * (1 - np.exp(-0.05 * t)) for t in (10, 20))
    np.testing.assert_allclose(found[0], [0.0, at_ten / 2, at_ten, at_twenty, at_twenty])
    told = findings.table()
    assert told["code"].tolist() == ["E654"]
    assert told["observed"].tolist() == ["1"]


@pytest.mark.parametrize(
    "fault",
    [{"asymptote": [np.nan, 300.0]}, {"rate": [0.0, 0.1]}, {"shape": [-1.0, 2.0]},
     {"age_yr": [None, 20]}, {"survey_date": [pd.NaT, pd.Timestamp("2024-12-31")]},
     {"scale": [1.5, 1.0]}, {"first_age": [30.0, 0.0], "last_age": [20.0, 100.0]},
     {"asymptote": [np.inf, 300.0]}],
)  # fmt: skip
def test_a_faulty_stand_is_found_and_missing(fault):
    findings = Findings()
    table = stands(**fault).astype({"age_yr": "Int64"})
    found = own_volume(table, [2024, 2034], findings=findings)
    assert np.isnan(found.to_numpy()).tolist() == [[True, True], [False, False]]
    assert findings.table()[["code", "feature", "action"]].to_numpy().tolist() == [
        ["E653", "A", "excluded"]
    ]


def test_one_curve_for_all_is_the_curve_looked_up():
    law = {"asymptote": 300.0, "rate": 0.1, "shape": 2.0}
    curves = CurveSet("t", "1", (Curve("c", "richards", law, 0.0, 200.0),), {"杉木": "c"})
    own = own_volume(stands(), range(2024, 2080), findings=Findings())
    volume = [float(own[1, 0])]
    table = stands(species=["杉木"] * 2, land_class="arbor_forest").iloc[[1]]
    table = table.assign(standing_volume=volume).astype({"age_yr": "Int64"})
    looked_up = standing_volume(table, range(2024, 2080), curves=curves)
    np.testing.assert_allclose(own[1], looked_up[0], rtol=1e-12)


def test_columns_and_days_are_needed():
    with pytest.raises(VocabularyError, match="shape"):
        own_volume(stands().drop(columns="shape"), [2024], findings=Findings())
    with pytest.raises(ConfigError, match="E265"):
        own_volume(stands(), [2025, 2024], findings=Findings())
