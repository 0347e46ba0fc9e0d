"""``.eco``: thin ways to what the packages compute."""

import subprocess
import sys

import geopandas
import pandas as pd
import pytest
import xarray as xr
from shapely import box

import ecogis.accessors
from ecogis.core.errors import ConfigError

X, Y = 38_510_000.0, 2_667_000.0


@pytest.fixture
def layer():
    """A square of 100 m, drawn twice."""
    squares = [box(X, Y, X + 100, Y + 100)] * 2
    table = {"stand": ["S1", "S2"], "land_class": ["arbor_forest", "barren"], "row": [1, 2]}
    return geopandas.GeoDataFrame(table, geometry=squares, crs=4526)


def test_area_is_the_area_of_record_with_the_layers_own_index(layer):
    area = layer.set_index("stand", drop=False).eco.area_ha()
    assert list(area.index) == ["S1", "S2"]
    assert area.to_list() == pytest.approx([1.0, 1.0], rel=1e-3)


def test_findings_name_what_is_drawn_twice(layer):
    found = layer.eco.findings("stand")
    twice = found[found["code"] == "E600"]
    assert twice["feature"].tolist() == ["S2"]
    assert twice["area_ha"].iloc[0] == pytest.approx(1.0, rel=1e-3)


def test_labels_are_the_vocabularys(layer):
    assert layer.eco.labelled("zh")["地类"].tolist()[0] == "乔木林地"
    assert "stand" in layer.eco.labelled("en").columns


def test_a_table_without_geometry_has_no_area():
    with pytest.raises(ConfigError, match="E002"):
        pd.DataFrame({"stand": ["S1"]}).eco.area_ha()


def test_totals_are_whole_kilograms_by_group():
    kg = ("stand", "instant"), [[1500, 2500], [500, 500], [7, 7]]
    places = {"stand": ["a", "b", "c"], "instant": [2025, 2026]}
    forecast = xr.Dataset({"co2e_kg": kg}, places)
    by = pd.Series({"a": "north", "b": "south"})
    assert forecast.eco.totals(by).to_dict("list") == {"north": [1.5, 2.5], "south": [0.5, 0.5]}
    assert forecast.eco.totals()["t CO2e"].tolist() == [2.007, 3.007]


def test_importing_ecogis_registers_nothing():
    code = "import ecogis, sys; assert 'ecogis.accessors' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert set(ecogis.accessors.__all__) == {"ForecastAccessor", "TableAccessor"}
