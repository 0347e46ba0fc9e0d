"""Terrain, soil, water and class carbon as rasters: by hand, refused, window by window."""

import tracemalloc

import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr

from ecogis.core.errors import InputError, UnitError
from ecogis.io import open_raster, write_cog, write_windows
from ecogis.services import cells, erosion, memory, raster_carbon, terrain, water
from ecogis.services.rasters import rasters
from ecogis.spatial.grids import Grid, as_source, grid_of


def raster(values, step=10.0):
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    coords = {"y": -step * np.arange(rows) + 1000.0, "x": step * np.arange(columns)}
    return xr.DataArray(values, coords, ("y", "x"), attrs={"crs": "EPSG:4547"})


def factors(shape=(4, 3)):
    values = (4000.0, 0.03, 2.0, 0.05, 1.0)
    return {
        name: raster(np.full(shape, value))
        for name, value in zip(erosion.FACTORS, values, strict=True)
    }


def test_a_hollow_fills_to_its_rim_and_drains():
    bowl = raster([[5, 5, 5, 5], [5, 1, 2, 4], [5, 5, 5, 5]])
    found = terrain.drainage(bowl)
    assert found.level.to_numpy()[1].tolist() == [5.0, 4.0, 4.0, 4.0]
    assert found.area.to_numpy()[1, 3] == 1200.0  # all of it


def test_water_turns_to_the_steepest_neighbour():
    found = terrain.drainage(raster([[9, 9, 9], [9, 8, 5], [9, 9, 1]]))
    assert found.direction[1, 1] == 1  # south-east: 7 over 14.1 m beats 3 over 10 m
    assert found.area.to_numpy()[2, 2] == pytest.approx(900.0)


def test_the_plot_of_the_equation_has_the_factor_one():
    """22.13 m: L is 1, and the factor is S."""
    step = 22.13
    plane = raster(np.tile(100 - 0.1 * step * np.arange(4.0), (3, 1)), step)
    first = terrain.length_slope(plane).to_numpy()[1, 0]
    assert first == pytest.approx(16.8 * 0.1 / np.hypot(1, 0.1) - 0.5, rel=1e-12)


def test_the_limit_of_contributing_area_holds_the_factor():
    plane = raster(np.tile(100 - np.arange(30.0), (3, 1)))
    free = terrain.length_slope(plane, limit_m2=1e9).to_numpy()[1]
    held = terrain.length_slope(plane, limit_m2=1000.0).to_numpy()[1]
    assert (np.diff(free[1:-1]) > 0).all()
    assert held[15] == held[25] < free[15]


@pytest.mark.parametrize("rows", [1, 3, 512])
def test_slope_by_windows_is_the_slope_of_the_whole(rows):
    """A window is read with the row above and the row below it, where there is one."""
    rng = np.random.default_rng(7)
    heights = raster(rng.normal(500.0, 5.0, (11, 9)))
    heights.values[4, 3] = np.nan
    whole = terrain.length_slope(heights).to_numpy()
    area = terrain.contributing_area(heights)
    parts = terrain.length_slope_windows(as_source(heights), area, rows=rows)
    np.testing.assert_array_equal(np.concatenate([values for _, values in parts]), whole)


def test_contributing_area_takes_the_memory_it_says_and_begins_with_no_less():
    wave = np.sin(np.arange(900) / 40.0)
    noise = np.random.default_rng(8).normal(0.0, 0.2, (700, 900))
    heights = raster(500.0 + 50.0 * np.add.outer(wave[:700], wave) + noise).astype("float32")
    terrain.contributing_area(raster(np.ones((4, 4))).astype("float32"))  # compiled
    tracemalloc.start()
    terrain.contributing_area(heights)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 13 * heights.size <= taken <= terrain.BYTES_PER_CELL * heights.size
    with pytest.raises(InputError, match=r"E481.*630,000.*16"):
        terrain.contributing_area(heights, memory_bytes=16 * heights.size - 1)


def test_room_is_what_the_machine_and_the_group_have(tmp_path):
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 100 kB\nMemAvailable: 50 kB\n", encoding="ascii")
    assert memory.room(told, tmp_path) == 51_200
    (tmp_path / "memory.max").write_text("40000\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("10000\n", encoding="ascii")
    assert memory.room(told, tmp_path) == 30_000
    stat = tmp_path / "memory.stat"  # pages of files are free when they are wanted
    stat.write_text("anon 1000\ninactive_file 7000\nactive_file 500\n", encoding="ascii")
    assert memory.room(told, tmp_path) == 37_000
    stat.write_text("anon 1000\n", encoding="ascii")
    assert memory.room(told, tmp_path) == 30_000
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert memory.room(told, tmp_path) == 51_200
    told.write_text("MemTotal: 100 kB\n", encoding="ascii")
    assert memory.room(told, tmp_path) is None


def test_cells_of_a_raster_in_degrees_lie_on_those_of_metres():
    """117.0 to 117.2 degrees east, split at 117.1: west of it ones, east of it twos."""
    degrees = xr.DataArray(
        [[1.0, 2.0]] * 2,
        {"y": [27.05, 26.95], "x": [117.05, 117.15]},
        ("y", "x"),
        attrs={"crs": "EPSG:4490"},
    )
    zone = pyproj.CRS("EPSG:4548")  # of 117 degrees
    plane = Grid(zone, 505_000.0, 1000.0, 2_990_500.0, -1000.0, 3, 12)
    found = cells.OnGrid(as_source(degrees), plane).window(slice(0, 3), slice(0, 12))
    assert np.unique(found[~np.isnan(found)]).tolist() == [1.0, 2.0]
    first = np.flatnonzero(found[0] == 2.0)[0]
    assert (found[0, :first] == 1.0).all()
    assert 505_000.0 + 1000.0 * (first + 0.5) == pytest.approx(509_929.0, abs=1000.0)
    far = Grid(plane.crs, 900_000.0, 1000.0, 2_990_500.0, -1000.0, 2, 2)
    assert np.isnan(cells.OnGrid(as_source(degrees), far).window(slice(0, 2), slice(0, 2))).all()


def test_steep_land_is_steeper_by_liu_than_by_mccool():
    plane = raster(np.tile(100 - 5 * np.arange(8.0), (3, 1)))
    ours, liu = (terrain.length_slope(plane, steepness=way) for way in ("mccool", "liu"))
    sine = np.sin(np.arctan(0.5))
    ratio = (21.91 * sine - 0.96) / (16.8 * sine - 0.5)
    np.testing.assert_allclose(liu.to_numpy()[1] / ours.to_numpy()[1], ratio, rtol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: terrain.length_slope(raster(np.ones((3, 3))), way="d8"),
        lambda: terrain.length_slope(raster(np.ones((3, 3))), limit_m2=0.0),
        lambda: erosion.erosivity(xr.DataArray(np.ones((12, 1, 1))), way="fournier"),
        lambda: erosion.erodibility(0.4, 0.4, 0.2, 0.01, way="guess"),
        lambda: water.actual_et(1.0, 1.0, way="budyko"),
        lambda: raster_carbon.worth_of_a_tonne(10.0, 0, discount_rate=0.05),
    ],
)
def test_an_unknown_way_is_refused(call):
    with pytest.raises(InputError, match="E506"):
        call()


@pytest.mark.parametrize("rain", [np.ones((11, 1, 1)), -np.ones((12, 1, 1)), np.ones((1, 1))])
def test_rain_is_twelve_months_and_never_negative(rain):
    with pytest.raises(InputError, match="E507"):
        erosion.erosivity(xr.DataArray(rain))


def test_shares_that_do_not_add_up_have_no_erodibility():
    assert np.isnan(erosion.erodibility(0.9, 0.4, 0.2, 0.01))
    ways = [erosion.erodibility(0.3, 0.4, 0.3, 0.02, way=way).item() for way in erosion.SOIL_WAYS]
    assert all(0.005 < k < 0.09 for k in ways), ways


def test_soil_windows_are_the_whole(tmp_path):
    rng = np.random.default_rng(3)
    made = {name: raster(rng.uniform(0, 1, (41, 9))) for name in erosion.FACTORS}
    paths = {}
    for name, one in made.items():
        windows = [(slice(0, 41), {name: one.to_numpy()})]
        paths |= write_windows(
            {name: tmp_path / f"{name}.tif"}, grid_of(one), windows, units={name: "1"},
            dtype="float64",
        )  # fmt: skip
    whole = erosion.soil_retained(made)
    sources = {name: open_raster(path) for name, path in paths.items()}
    parts = [values for _, values in erosion.soil_retained_windows(sources, rows=7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole.to_numpy())


@pytest.mark.parametrize(
    ("name", "value"), [("cover_factor", 1.2), ("practice_factor", -0.1), ("k_factor", -1.0)]
)
def test_a_factor_out_of_range_is_refused(name, value):
    with pytest.raises(InputError, match=f"E508.*{name}"):
        erosion.soil_retained(factors() | {name: raster(np.full((4, 3), value))})


def test_factors_lie_on_the_same_cells_and_are_all_there():
    with pytest.raises(InputError, match=r"E508.*ls_factor"):
        erosion.soil_retained(factors() | {"ls_factor": raster(np.ones((5, 3)))})
    some = factors()
    del some["k_factor"]
    with pytest.raises(InputError, match=r"E508.*k_factor"):
        erosion.soil_retained(some)


def test_rasters_are_made_of_what_there_is():
    heights = raster(np.add.outer(np.arange(4.0), np.arange(3.0)))
    rain = xr.concat([raster(np.full((4, 3), 100.0))] * 12, "month")
    assert set(rasters(heights)) == {"ls_factor"}
    own = {name: factors()[name] for name in ("k_factor", "cover_factor", "practice_factor")}
    found = rasters(heights, rain, factors=own)
    assert set(found) == {*erosion.FACTORS, "soil_retained_t_ha"}
    ls = found["ls_factor"].to_numpy()
    np.testing.assert_allclose(found["soil_retained_t_ha"], 4257.67 * 0.03 * ls * 0.95, rtol=1e-12)
    with pytest.raises(InputError, match="E508"):
        rasters(factors={"slope": heights})


def test_storms_run_off_only_above_the_abstraction():
    storm, number = raster([[10.0, 100.0], [np.nan, 50.0]]), raster(np.full((2, 2), 75.0))
    found = water.storm_runoff(storm, number).to_numpy()
    assert found[0, 0] == 0.0
    assert np.isnan(found[1, 0])
    with pytest.raises(InputError, match="E508"):
        water.storm_runoff(storm, raster(np.full((2, 2), 101.0)))


def test_actual_et_is_bounded_by_rain_and_by_the_air():
    rain, air = np.array([0.0, 500.0, 1e6, 800.0]), np.array([900.0, 1e6, 900.0, 0.0])
    for way, w in (("zhang", 2.0), ("fu", 2.6)):
        found = water.actual_et(rain, air, way=way, plant_water=w)
        np.testing.assert_allclose(found, [0.0, 500.0, 900.0, 0.0], rtol=2e-3)


def test_carbon_of_classes_by_hand_and_by_window():
    before, after = raster([[1, 1], [2, np.nan]]), raster([[1, 2], [1, 1]])
    stores = {1: 28.0, 2: 86.0}
    windows = list(
        raster_carbon.carbon_windows(
            as_source(before), as_source(after), stores, worth=43.0, rows=1
        )
    )
    change = np.concatenate([window.change_t_ha for window in windows])
    value = np.concatenate([window.value_ha for window in windows])
    np.testing.assert_array_equal(change, [[0.0, 58.0], [-58.0, np.nan]])
    np.testing.assert_array_equal(value, [[0.0, 2494.0], [-2494.0, np.nan]])
    with pytest.raises(InputError, match=r"E509.*2"):
        list(raster_carbon.carbon_windows(as_source(before), as_source(after), {1: 1.0}, worth=1.0))


def test_a_rate_in_percent_is_refused():
    with pytest.raises(UnitError, match="E007"):
        raster_carbon.worth_of_a_tonne(10.0, 5, discount_rate=5.0)


def test_windows_that_leave_rows_out_leave_no_file(tmp_path):
    one = raster(np.ones((4, 3)))
    target = {"a": tmp_path / "a.tif"}
    with pytest.raises(InputError, match="E164"):
        write_windows(
            target, grid_of(one), [(slice(0, 2), {"a": np.ones((2, 3))})], units={"a": "1"}
        )
    assert list(tmp_path.iterdir()) == []


def test_a_cog_reads_back_the_same_and_twice_alike(tmp_path):
    one = raster(np.random.default_rng(1).normal(size=(600, 700)))
    one.values[3, 4] = np.nan
    paths = [write_cog(tmp_path / name, one) for name in ("a.tif", "b.tif")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with rasterio.open(paths[0]) as file:
        np.testing.assert_array_equal(file.read(1), one.to_numpy())
        assert file.overviews(1)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
