"""Factors of soil loss made of heights, rain and texture; soil cell by cell; the map they leave."""

from contextlib import ExitStack

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, InputError
from ecogis.pipeline.config_gep import GepRain, GepTerrain, GepTexture
from ecogis.pipeline.gep_cells import worked_out
from ecogis.pipeline.gep_rasters import mean_under, rasters
from ecogis.pipeline.gep_soil_map import soil_map
from ecogis.services import LandInputs

LOAM = {"sand": 40.0, "silt": 40.0, "clay": 20.0, "organic_carbon": 15.0}
PLANTS = {"cover_factor": 0.01, "practice_factor": 1.0}


@pytest.fixture
def files():
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def made(gep_land, files):
    """Rasters as a section of the project file asks for them, and their means."""

    def made(rasters_of=None, **terrain_of):
        wanted = gep_land.asked(terrain=GepTerrain(**terrain_of), rasters=rasters_of or {})
        found = rasters(gep_land.run, wanted, files)
        return found, {name: mean_under(gep_land.run, s) for name, s in found.sources.items()}

    return made


@pytest.fixture
def inputs(gep_land):
    """Variables of the two stands: means of rasters, and numbers by source."""

    def inputs(means, table, **stands):
        given = {name: {"raster": mean} for name, mean in means.items()}
        for name, value in table.items():
            given.setdefault(name, {})["table"] = pd.Series(value, index=gep_land.units.index)
        for name, own in stands.items():
            given.setdefault(name, {})["stand"] = pd.Series(own)
        return LandInputs(gep_land.units, given, gep_land.run.findings)

    return inputs


def texture(land, unit="%", **values):
    names = {n: land.write(land.folder / f"{n}.tif", [v]) for n, v in (LOAM | values).items()}
    return GepTexture(**names, unit=unit, carbon_unit="g kg-1", formula="epic")


def rain(land, bands=12, formula="renard-freimund"):
    name = land.write(land.folder / "r.tif", [100.0] * bands)
    return GepRain(files=(name,), formula=formula)


def test_every_factor_by_hand(made, gep_land):
    """100 mm a month is 4,257.67; a loam is 0.0343; the plane's LS rises with what drains."""
    found, means = made(length_slope="moore-burch", rain=rain(gep_land), texture=texture(gep_land))
    assert means["r_factor"].tolist() == pytest.approx([4257.67] * 2, rel=1e-6)
    assert means["k_factor"].tolist() == pytest.approx([0.0343] * 2, abs=5e-5)
    first, second = means["ls_factor"]
    assert 0.5 < first < second
    assert found.made_of == {
        "ls_factor": "moore-burch: dem.tif",
        "r_factor": "renard-freimund: r.tif",
        "k_factor": "epic: sand.tif, silt.tif, clay.tif, organic_carbon.tif",
    }
    assert [entry["file"] for entry in gep_land.run.inputs] == [
        "r.tif", *(f"{n}.tif" for n in LOAM)]  # fmt: skip


def test_twelve_files_are_as_good_as_twelve_bands(made, gep_land):
    folder, write = gep_land.folder, gep_land.write
    months = tuple(write(folder / f"{n}.tif", [10.0 * n]) for n in range(1, 13))
    one = (write(folder / "all.tif", [10.0 * n for n in range(1, 13)]),)
    found = [made(rain=GepRain(files=each, formula="wischmeier"))[1] for each in (months, one)]
    pd.testing.assert_series_equal(found[0]["r_factor"], found[1]["r_factor"])


@pytest.mark.parametrize(("bands", "code"), [(11, "E186"), (13, "E507"), (1, "E186")])
def test_a_year_has_twelve_months(made, gep_land, bands, code):
    with pytest.raises(InputError, match=code):
        made(rain=rain(gep_land, bands, "zhang-fu"))


def test_two_files_are_no_year_and_months_lie_on_the_same_cells(made, gep_land):
    folder, write = gep_land.folder, gep_land.write
    months = tuple(write(folder / f"{n}.tif", [100.0]) for n in range(12))
    with pytest.raises(InputError, match="E507"):
        made(rain=GepRain(files=months[:2], formula="zhang-fu"))
    write(folder / "11.tif", [100.0], cell=500.0)
    with pytest.raises(InputError, match="E508"):
        made(rain=GepRain(files=months, formula="zhang-fu"))


def test_texture_in_another_unit_than_stated_is_not_known(made, gep_land):
    _, means = made(texture=texture(gep_land, unit="1"))
    assert means["k_factor"].isna().all()
    _, blank = made(texture=texture(gep_land, silt=-1.0))
    assert blank["k_factor"].isna().all()


def test_a_factor_comes_once(made):
    with pytest.raises(ConfigError, match="E510"):
        made({"ls_factor": "ls.tif"}, length_slope="desmet-govers")


def test_without_heights_there_is_no_slope(made, gep_land):
    gep_land.run.dem = None
    with pytest.raises(ConfigError, match="E511"):
        made(length_slope="moore-burch")
    assert made()[0].slope is None


def test_nothing_asked_for_makes_nothing(made, inputs, gep_land):
    found, means = made()
    assert not means
    assert worked_out(gep_land.run, gep_land.asked(), found, inputs({}, {})) == {}
    assert soil_map(gep_land.run, found, inputs({}, {})) == {}


def test_soil_is_the_mean_of_the_product_and_not_the_product_of_means(made, inputs, gep_land):
    """In A rain wears 2,000 on flat land (LS 1) and 6,000 on steep land (LS 3), K is 0.03:
    the means 4,000 and 2 make 240 t, the cells (60 + 540) / 2 = 300 t; with C = 0.01, 297 t.
    In B they vary the other way: (180 + 180) / 2 = 180 t, 178.2 t."""
    gep_land.halves("r.tif", [2000.0, 6000.0, 2000.0, 6000.0])
    gep_land.halves("ls.tif", [1.0, 3.0, 3.0, 1.0])
    found, means = made({"r_factor": "r.tif", "ls_factor": "ls.tif"})
    given = inputs(means, PLANTS | {"k_factor": 0.03})
    told = worked_out(gep_land.run, gep_land.asked(), found, given)
    values, origins = given["soil_retained_t_ha"]
    assert values.tolist() == pytest.approx([297.0, 178.2], rel=1e-9)
    assert origins.tolist() == ["raster+table"] * 2
    assert told == {"soil_retained_t_ha": "by-cell: r_factor, ls_factor (2/2)"}
    of_means = inputs(means, PLANTS | {"k_factor": 0.03})["soil_retained_t_ha"][0]
    assert of_means.tolist() == pytest.approx([237.6] * 2, rel=1e-9)


def test_plants_by_cell_and_a_stand_with_a_number_of_its_own(made, inputs, gep_land):
    """A: LS 2 on bare ground (C 0.8) and 2 in forest (C 0): 120 × 2 × (1 - 0.4); with R the same
    the product of means is right, with C high where LS is high it is not. B has C of its own."""
    gep_land.halves("ls.tif", [1.0, 3.0, 1.0, 3.0])
    gep_land.halves("c.tif", [0.0, 0.8, 0.0, 0.8])
    found, means = made({"ls_factor": "ls.tif", "cover_factor": "c.tif"})
    rest = {"r_factor": 4000.0, "k_factor": 0.03, "practice_factor": 0.5}
    given = inputs(means, rest, cover_factor={"B": 0.2})
    worked_out(gep_land.run, gep_land.asked(), found, given)
    # A: 120 (1 + 3 × (1 - 0.4)) / 2; B: 120 × 2 × (1 - 0.1), of means since only LS is a raster
    assert given["soil_retained_t_ha"][0].tolist() == pytest.approx([168.0, 216.0], rel=1e-7)


def test_rasters_that_leave_most_of_a_stand_out_leave_the_means_and_are_told(
    made, inputs, gep_land
):
    """B has rain on its western, slope on its eastern three fifths: they meet on one of them."""
    over = {"cell": 20.0, "west": gep_land.x, "north": gep_land.y + 100}
    rain_of, slope_of = [2000.0] * 8 + [-1.0] * 2, [2.0] * 5 + [-1.0] * 2 + [3.0] * 3
    gep_land.write(gep_land.folder / "r.tif", [[rain_of] * 5], **over)
    gep_land.write(gep_land.folder / "ls.tif", [[slope_of] * 5], **over)
    found, means = made({"r_factor": "r.tif", "ls_factor": "ls.tif"})
    given = inputs(means, PLANTS | {"k_factor": 0.03})
    told = worked_out(gep_land.run, gep_land.asked(), found, given)
    assert given["soil_retained_t_ha"][0].tolist() == pytest.approx([118.8, 178.2], rel=1e-9)
    assert told["soil_retained_t_ha"].endswith("(1/2)")
    seen = gep_land.run.findings.table()
    assert seen[["code", "feature", "area_ha"]].to_numpy().tolist() == [["E958", "B", 1.0]]


def test_a_nodata_value_nobody_declared_is_missing_and_told(made, gep_land):
    """Three cells of 1,700 mm and one of -9999 would make a mean of rain within its range."""
    over = {"cell": 25.0, "west": gep_land.x, "north": gep_land.y + 100}
    rows = np.full((4, 8), 1700.0)
    rows[0, 0] = -9999.0
    gep_land.write(gep_land.folder / "p.tif", [rows], **over)
    found, means = made({"rain_mm": "p.tif"})
    assert means["rain_mm"].tolist() == [1700.0] * 2
    found.sources["rain_mm"].tell(gep_land.run.findings)
    seen = gep_land.run.findings.table()
    assert seen[["code", "feature", "observed"]].to_numpy().tolist() == [
        ["E959", "p.tif", "-9999"]]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 4, 512])
def test_the_map_has_the_rasters_of_each_cell_and_the_stands_own_numbers(
    made, inputs, gep_land, rows
):
    """4,000 × 0.03 × LS × (1 - 0.01); a stand with an LS of its own has that everywhere."""
    found, means = made(length_slope="moore-burch")
    constant = PLANTS | {"r_factor": 4000.0, "k_factor": 0.03}
    given = inputs(means, constant, ls_factor={"B": 2.0})
    drawn = soil_map(gep_land.run, found, given, rows=rows)["soil_retained_t_ha"]
    first, second = drawn.isel(y=slice(1, 11), x=slice(5, 15)), drawn.isel(y=5, x=slice(15, 25))
    expected = 4000.0 * 0.03 * 0.99 * found.slope.isel(y=slice(1, 11), x=slice(5, 15))
    np.testing.assert_allclose(first, expected, rtol=1e-6)
    np.testing.assert_allclose(second, 4000.0 * 0.03 * 0.99 * 2.0, rtol=1e-6)
    assert int(np.isfinite(drawn).sum()) == 200
    assert float(first.mean()) == pytest.approx(given["soil_retained_t_ha"][0][0], rel=1e-5)
    assert drawn.attrs["units"] == "t ha-1 yr-1"


def test_the_map_has_under_a_stand_what_the_account_has(made, inputs, gep_land):
    """Rain of coarser cells lies on those of the heights."""
    gep_land.halves("r.tif", [2000.0, 6000.0, 2000.0, 6000.0])
    found, means = made({"r_factor": "r.tif"}, length_slope="moore-burch")
    given = inputs(means, PLANTS | {"k_factor": 0.03})
    worked_out(gep_land.run, gep_land.asked(), found, given)
    drawn = soil_map(gep_land.run, found, given)["soil_retained_t_ha"]
    mean = drawn.isel(y=slice(1, 11), x=slice(5, 15)).mean()
    assert float(mean) == pytest.approx(given["soil_retained_t_ha"][0][0], rel=1e-5)


def test_a_factor_nobody_knows_leaves_the_slope_alone(made, inputs, gep_land):
    found, means = made(length_slope="moore-burch")
    assert list(soil_map(gep_land.run, found, inputs(means, {}))) == ["ls_factor"]
