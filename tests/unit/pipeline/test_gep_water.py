"""Terms of the water balance made of rain, temperatures and storms; by hand, cell by cell."""

from contextlib import ExitStack

import numpy as np
import pandas as pd
import pytest

from ecogis import services
from ecogis.core.errors import ConfigError, InputError
from ecogis.pipeline.config_gep import GepMonths, GepPotential, GepStorms, GepWater
from ecogis.pipeline.gep_cells import worked_out
from ecogis.pipeline.gep_rasters import mean_under, rasters
from ecogis.services import LandInputs, land_quantities


@pytest.fixture
def water(gep_land):
    """The two stands' variables under a section [gep.water], and what was told."""

    def made(table=None, stands=None, rasters_of=None, **asked):
        wanted = gep_land.asked(water=GepWater(**asked), rasters=rasters_of or {})
        with ExitStack() as files:
            found = rasters(gep_land.run, wanted, files)
            given = {n: {"raster": mean_under(gep_land.run, s)} for n, s in found.sources.items()}
            for name, value in (table or {}).items():
                given.setdefault(name, {})["table"] = pd.Series(value, index=["A", "B"])
            for name, own in (stands or {}).items():
                given.setdefault(name, {})["stand"] = pd.Series(own)
            inputs = LandInputs(gep_land.units, given, gep_land.run.findings)
            told = {**found.made_of, **worked_out(gep_land.run, wanted, found, inputs)}
        return inputs, told

    return made


@pytest.fixture
def year(gep_land):
    """A file of twelve alike months over both stands, from the year's values west to east."""
    return lambda name, *values: (gep_land.halves(name, *([np.array(values) / 12.0] * 12)),)


def test_the_balance_of_a_year_by_hand(water, year, gep_land):
    """Rain of 1,500, potential of 1,200 mm, w = 2: Zhang's 1,013 mm; 1,500 - 300 - 1,013 are held,
    on a hectare ten times as many cubic metres."""
    inputs, told = water(
        {"plant_water": 2.0, "runoff_mm": 300.0},
        rain=GepMonths(files=year("p.tif", *[1500.0] * 4)),
        potential=GepPotential(formula="given", files=year("pet.tif", *[1200.0] * 4)),
        evapotranspiration="zhang",
    )
    et = 1500.0 * 2.6 / (2.6 + 1.25)
    assert inputs["et_mm"][0].tolist() == pytest.approx([et] * 2, rel=1e-6)
    assert inputs["et_mm"][1].tolist() == ["raster+table"] * 2
    assert told == {
        "rain_mm": "sum: p.tif",
        "potential_et_mm": "given: pet.tif",
        "et_mm": "zhang, by-cell: rain_mm, potential_et_mm (2/2)",
    }
    rows = land_quantities(inputs, {"water_retention"}, {}, gep_land.run.findings)
    assert rows["quantity_milli"].tolist() == pytest.approx([(1200.0 - et) * 1e4] * 2, rel=1e-6)


def test_a_curve_is_taken_cell_by_cell(water, year):
    """A dry and a wet half: the mean of the curve lies below the curve of the mean."""
    rain = np.array([400.0, 2000.0, 1200.0, 1200.0])
    inputs, _ = water(
        {"plant_water": 1.0},
        rain=GepMonths(files=year("p.tif", *rain)),
        potential=GepPotential(formula="given", files=year("pet.tif", *[1200.0] * 4)),
        evapotranspiration="zhang",
    )
    cells = services.actual_et(rain, 1200.0, plant_water=1.0)
    found = inputs["et_mm"][0]
    assert found.tolist() == pytest.approx([cells[:2].mean(), cells[2]], rel=1e-6)
    assert found[0] < 0.9 * found[1]


def test_stands_with_other_plants_are_worked_out_apart(water, year):
    inputs, _ = water(
        {"plant_water": 2.0},
        {"plant_water": {"B": 0.5}},
        rain=GepMonths(files=year("p.tif", *[1500.0] * 4)),
        potential=GepPotential(formula="given", files=year("pet.tif", *[1200.0] * 4)),
        evapotranspiration="zhang",
    )
    expected = services.actual_et(1500.0, 1200.0, plant_water=[2.0, 0.5])
    np.testing.assert_allclose(inputs["et_mm"][0], expected, rtol=1e-6)
    assert inputs["et_mm"][1].tolist() == ["raster+table", "stand+raster"]


def test_rare_constants_are_worked_out_of_means_and_told(water, year, gep_land, monkeypatch):
    """More kinds of constants than passes over the rasters: B has the curve of its mean rain."""
    monkeypatch.setattr("ecogis.pipeline.gep_cells._MOST_GROUPS", 1)
    rain = np.array([400.0, 2000.0, 400.0, 2000.0])
    inputs, told = water(
        {"plant_water": 1.0},
        {"plant_water": {"B": 1.5}},
        rain=GepMonths(files=year("p.tif", *rain)),
        potential=GepPotential(formula="given", files=year("pet.tif", *[1200.0] * 4)),
        evapotranspiration="zhang",
    )
    seen = gep_land.run.findings.table().query("code == 'E958'")
    assert seen["area_ha"].tolist() == [1.0]
    at = 0 if seen["feature"].item() == "A" else 1
    w = [1.0, 1.5]
    mean = services.actual_et(1200.0, 1200.0, plant_water=w)[at]
    cells = services.actual_et(rain[:2], 1200.0, plant_water=w[1 - at]).mean()
    assert inputs["et_mm"][0][at] == pytest.approx(mean, rel=1e-6)
    assert inputs["et_mm"][0][1 - at] == pytest.approx(cells, rel=1e-6)
    assert told["et_mm"].endswith("(1/2)")


def test_without_a_raster_the_curve_is_of_numbers(water):
    inputs, told = water(
        {"rain_mm": 1500.0, "potential_et_mm": 1200.0, "plant_water": 2.6}, evapotranspiration="fu"
    )
    assert inputs["et_mm"][0].tolist() == pytest.approx([920.3] * 2, abs=0.05)
    assert told == {"et_mm": "fu: rain_mm, potential_et_mm, plant_water"}


def test_stand_before_raster_before_table(water, year):
    """What is worked out of rasters stands where a raster stands; of numbers alone, last."""
    rain = GepMonths(files=year("p.tif", *[1500.0] * 4))
    table = {"plant_water": 2.0, "potential_et_mm": 1200.0, "et_mm": 700.0}
    inputs, told = water(table, {"et_mm": {"A": 800.0}}, rain=rain, evapotranspiration="zhang")
    assert inputs["et_mm"][0].tolist() == pytest.approx([800.0, 1013.0], abs=0.02)
    assert inputs["et_mm"][1].tolist() == ["stand", "raster+table"]
    assert told["et_mm"] == "zhang, by-cell: rain_mm (1/2)"
    for more in ({}, {"rain_mm": 1500.0}):
        numbers, told = water(table | more, evapotranspiration="zhang")
        assert numbers["et_mm"][0].tolist() == [700.0] * 2
        assert told == {}


@pytest.mark.parametrize("way", ["hargreaves", "thornthwaite"])
def test_potential_from_temperatures(water, gep_land, way):
    """As the functions have it for the stands' latitude, about 24.1 degrees north."""
    highest = {"highest": ("high.tif",), "lowest": ("low.tif",)} if way == "hargreaves" else {}
    gep_land.halves("mean.tif", *([[20.0] * 4] * 12))
    gep_land.halves("high.tif", *([[25.0] * 4] * 12))
    gep_land.halves("low.tif", *([[16.0] * 4] * 12))
    inputs, told = water(potential=GepPotential(formula=way, temperature=("mean.tif",), **highest))
    middle, days = np.round(30.4 * np.arange(1, 13) - 15), np.array([31, 28, 31, 30, 31, 30] * 2)
    days[6:] = [31, 31, 30, 31, 30, 31]
    if way == "hargreaves":
        sun = services.extraterrestrial_radiation(24.1, middle)
        expected = (services.hargreaves(20.0, 25.0, 16.0, sun) * days).sum()
    else:
        light = services.daylight(24.1, middle)
        expected = services.thornthwaite(np.full(12, 20.0), light, days).sum()
    assert inputs["potential_et_mm"][0].tolist() == pytest.approx([expected] * 2, rel=1e-3)
    assert told["potential_et_mm"].startswith(f"{way}: mean.tif")


def test_storms_by_curve_number_each_for_itself(water, gep_land):
    """100 mm on 75 send off 41.14 mm, nothing below the abstraction: A keeps 110 - 41.14 mm."""
    storms = gep_land.halves("s.tif", [100.0] * 4, [10.0] * 4)
    inputs, told = water(
        {"curve_number": 75.0}, {"curve_number": {"B": 100.0}}, storms=GepStorms(files=(storms,))
    )
    assert inputs["storm_rain_mm"][0].tolist() == pytest.approx([110.0] * 2)
    assert inputs["storm_runoff_mm"][0].tolist() == pytest.approx([41.137, 110.0], abs=0.001)
    assert inputs["storm_kept_mm"][0].tolist() == pytest.approx([68.863, 0.0], abs=0.001)
    assert inputs["storm_runoff_mm"][1].tolist() == ["raster+table", "stand+raster"]
    assert told["storm_runoff_mm"] == "curve-number, by-cell: s.tif (2/2)"


def test_runoff_of_storms_that_stands_have_of_their_own_is_of_no_curve(water, gep_land):
    storms = GepStorms(files=(gep_land.halves("s.tif", [100.0] * 4),))
    inputs, told = water(
        {"curve_number": 75.0}, {"storm_runoff_mm": {"A": 5.0, "B": 6.0}}, storms=storms
    )
    assert inputs["storm_runoff_mm"][0].tolist() == [5.0, 6.0]
    assert "storm_runoff_mm" not in told


def test_a_file_of_more_storms_than_days_is_refused_and_not_cut(water, gep_land, monkeypatch):
    monkeypatch.setattr("ecogis.pipeline.gep_files._DAYS", 2)
    two, three = (gep_land.halves(f"{n}.tif", *([[1.0] * 4] * n)) for n in (2, 3))
    assert water(storms=GepStorms(files=(two, two)))[0]["storm_rain_mm"][0].tolist() == [4.0] * 2
    with pytest.raises(InputError, match=r"E508.*3.tif: > 2"):
        water(storms=GepStorms(files=(two, three)))


def test_curve_numbers_of_a_raster(water, gep_land):
    storms = gep_land.halves("s.tif", [100.0] * 4)
    numbers = gep_land.halves("cn.tif", [75.0, 100.0, 75.0, 75.0])
    inputs, _ = water(rasters_of={"curve_number": numbers}, storms=GepStorms(files=(storms,)))
    assert inputs["storm_runoff_mm"][0].tolist() == pytest.approx(
        [(41.137 + 100.0) / 2, 41.137], abs=0.001)  # fmt: skip


def test_storms_on_land_without_a_curve_number_are_not_known(water, gep_land):
    storms = gep_land.halves("s.tif", [100.0] * 4)
    inputs, _ = water(stands={"curve_number": {"A": 75.0}}, storms=GepStorms(files=(storms,)))
    assert np.isnan(inputs["storm_runoff_mm"][0]).tolist() == [False, True]


@pytest.mark.parametrize(
    "wanted",
    [
        {"formula": "given"},
        {"formula": "given", "temperature": ("t.tif",)},
        {"formula": "thornthwaite", "temperature": ("t.tif",), "highest": ("t.tif",)},
        {"formula": "hargreaves", "temperature": ("t.tif",)},
    ],
)
def test_a_formula_takes_its_own_rasters(water, wanted):
    with pytest.raises(ConfigError, match="E482"):
        water(potential=GepPotential(**wanted))


def test_kelvin_is_no_degree_and_rain_is_never_below_nought(water, year, gep_land):
    gep_land.halves("t.tif", *([[293.0] * 4] * 12))
    with pytest.raises(InputError, match=r"E507.*293"):
        water(potential=GepPotential(formula="thornthwaite", temperature=("t.tif",)))
    with pytest.raises(InputError, match="E507"):
        water(rain=GepMonths(files=year("p.tif", -9999.0, 1.0, 1.0, 1.0)))


def test_a_variable_comes_once(water, year):
    with pytest.raises(ConfigError, match="E510"):
        water(rasters_of={"rain_mm": "r.tif"}, rain=GepMonths(files=year("p.tif", *[1.0] * 4)))
    with pytest.raises(ConfigError, match=r"E510.*et\.tif.*gep\.water\.evapotranspiration"):
        water(rasters_of={"et_mm": "et.tif"}, evapotranspiration="zhang")
    with pytest.raises(ConfigError, match=r"E510.*r\.tif.*gep\.water\.storms"):
        water(
            rasters_of={"storm_runoff_mm": "r.tif"},
            storms=GepStorms(files=year("s.tif", *[1.0] * 4)),
        )


def test_months_lie_on_the_same_cells(water, gep_land):
    names = tuple(gep_land.write(gep_land.folder / f"{n}.tif", [100.0]) for n in range(12))
    gep_land.write(gep_land.folder / "11.tif", [100.0], cell=500.0)
    with pytest.raises(InputError, match="E508"):
        water(rain=GepMonths(files=names))
    with pytest.raises(InputError, match="E508"):
        water(potential=GepPotential(formula="thornthwaite", temperature=names))
