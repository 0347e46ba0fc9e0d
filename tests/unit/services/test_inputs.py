"""What is known of land units: precedence, gaps, ranges."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.services import LandInputs, resolve
from ecogis.services.inputs import joined


def test_stand_before_raster_before_table(units):
    given = {
        "table": pd.Series({"S1": 1.0, "S2": 1.0, "S3": 1.0}),
        "stand": pd.Series({"S1": 3.0}),
        "raster": pd.Series({"S1": 2.0, "S2": 2.0, "S3": np.nan}),
    }
    values, origins = resolve(units, given)
    assert values.tolist() == [3.0, 2.0, 1.0]
    assert origins.tolist() == ["stand", "raster", "table"]


def test_what_no_source_has_stays_missing(units):
    values, origins = resolve(units, {"stand": pd.Series({"S2": 5.0})})
    assert np.isnan(values).tolist() == [True, False, True]
    assert origins.tolist() == ["", "stand", ""]


def test_another_source_is_refused(units):
    with pytest.raises(ConfigError, match="E002"):
        resolve(units, {"guess": pd.Series({"S1": 1.0})})


def test_an_unknown_variable_is_refused(units, findings):
    with pytest.raises(ConfigError, match="rainfall"):
        LandInputs(units, {"rainfall": {}}, findings)


def test_a_derived_variable_is_computed_only_where_it_is_not_given(units, findings, everywhere):
    given = everywhere(rain_mm=1600.0, runoff_mm=500.0, et_mm=800.0)
    given["retention_mm"] = {"raster": pd.Series({"S1": 111.0})}
    given["rain_mm"]["stand"] = pd.Series({"S2": 1700.0})
    values, origins = LandInputs(units, given, findings)["retention_mm"]
    assert values.tolist() == [111.0, 400.0, 300.0]
    assert origins.tolist() == ["raster", "stand+table", "table"]


def test_a_formula_is_named_only_where_it_made_a_value(units, findings, everywhere):
    """Soil retained as typed is of no formula, though nothing, or something, was made by cell."""
    factors = {"r_factor": 4000.0, "k_factor": 0.03, "ls_factor": 2.0}
    plants = {"cover_factor": 0.01, "practice_factor": 1.0}
    nothing, none = np.full(3, np.nan), np.full(3, "", dtype=object)
    name = "soil_retained_t_ha"
    for typed, values, derived, by_cell in (
        (everywhere(**factors, **plants, soil_retained_t_ha=50.0), nothing, {}, 0),
        (everywhere(soil_retained_t_ha=50.0), np.array([9.0, np.nan, np.nan]), {name: "rusle"}, 1),
        ({name: {"raster": pd.Series(33.0, units.index)}}, np.full(3, 9.0), {}, 0),
        (everywhere(**factors, **plants), nothing, {name: "rusle"}, 0),
    ):
        inputs = LandInputs(units, typed, findings)
        inputs.fill(name, values, none, by_cell=True)
        found = inputs[name][0]
        assert inputs.derived == derived
        assert inputs.worked_out(name)[0].sum() == by_cell == (found == 9.0).sum()


def test_a_value_out_of_range_is_told_and_not_used(units, findings, everywhere):
    given = everywhere(cover_factor=0.1)
    given["cover_factor"]["stand"] = pd.Series({"S1": 10.0})
    values, origins = LandInputs(units, given, findings)["cover_factor"]
    assert np.isnan(values[0])
    assert (values[1], origins.tolist()) == (0.1, ["", "table", "table"])
    told = findings.table()
    assert told[["code", "feature", "observed"]].to_numpy().tolist() == [["E500", "S1", "10.0"]]


def test_a_variable_is_looked_at_once(units, findings, everywhere):
    inputs = LandInputs(units, everywhere(cover_factor=5.0), findings)
    inputs["cover_factor"], inputs["cover_factor"]
    assert findings.count("E500") == 3


def test_origins_without_a_value_join_to_nothing():
    assert joined([np.array([""]), np.array([""])]).tolist() == [""]
