"""Terrain, soil and class-carbon kernels: compiled and plain Python, cell by cell."""

import numpy as np
import pytest

from ecogis.services import erosion_kernels, raster_kernels, terrain_kernels


def heights(seed, shape=(13, 17)):
    rng = np.random.default_rng(seed)
    z = np.round(rng.normal(100.0, 10.0, shape), 1)  # rounded: flats and ties
    z[rng.random(shape) < 0.06] = np.nan
    return z


def drained(z, plain):
    names = ("flood", "directions", "accumulate", "length_slope")
    called = {name: getattr(terrain_kernels, name) for name in names}
    if plain:
        called = {name: function.py_func for name, function in called.items()}
    level, parent = np.empty_like(z), np.empty(z.shape, np.uint8)
    order = np.empty(z.size, np.int32)
    wide, tall = np.linspace(28.0, 30.0, len(z)), np.full(len(z), 31.0)
    number = called["flood"](z, level, parent, order)
    called["directions"](level, wide, tall, parent)
    area = np.empty(z.shape)
    called["accumulate"](parent, order[:number], wide * tall, area)
    slopes = []
    for way, steepness in ((0, 0), (0, 1), (1, 0)):
        out = np.empty_like(z)
        called["length_slope"](z, 0, area, wide, tall, 20_000.0, way, steepness, out)
        slopes.append(out)
    return level, parent, order[:number], area, np.array(slopes)


@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_plain_terrain_agree(seed):
    z = heights(seed)
    for ours, plain in zip(drained(z, plain=False), drained(z, plain=True), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_all_land_drains_off_the_grid(seed):
    z = heights(seed)
    level, parent, order, area, _ = drained(z, plain=False)
    land = np.isfinite(z)
    assert len(order) == land.sum()
    assert (level[land] >= z[land]).all()
    wide, tall = np.linspace(28.0, 30.0, len(z)), np.full(len(z), 31.0)
    whole = (land * (wide * tall)[:, None]).sum()
    assert area[parent == terrain_kernels.OUT].sum() == pytest.approx(whole, rel=1e-12)


def test_hollows_fill_in_place_as_they_do_into_another_array():
    """The heights' own memory serves as the level's, so that a cell takes less."""
    z = heights(5)
    level, _, order, *_ = drained(z, plain=False)
    own, again, cells = z.copy(), np.empty(z.shape, np.uint8), np.empty(z.size, np.int32)
    number = terrain_kernels.flood(own, own, again, cells)
    np.testing.assert_array_equal(own, level)
    np.testing.assert_array_equal(cells[:number], order)


@pytest.mark.parametrize("way", [0, 1, 2])
def test_compiled_and_plain_erosivity_agree(way):
    rain = np.random.default_rng(way).gamma(2.0, 60.0, (12, 4, 5))
    rain[:, 0, 0], rain[3, 1, 1], rain[5, 2, 2] = 0.0, np.nan, 0.0
    ours, plain = np.empty((4, 5)), np.empty((4, 5))
    erosion_kernels.erosivity(rain, way, ours)
    erosion_kernels.erosivity.py_func(rain, way, plain)
    np.testing.assert_allclose(ours, plain, rtol=1e-13)
    assert ours[0, 0] == 0.0
    assert np.isnan(ours[1, 1])


def test_compiled_and_plain_soil_agree():
    rng = np.random.default_rng(1)
    factors = [rng.uniform(0.0, high, (5, 6)) for high in (5000.0, 0.05, 30.0, 1.0, 1.0)]
    factors[2][1, 1] = np.nan
    ours, plain = np.empty((5, 6)), np.empty((5, 6))
    erosion_kernels.soil_retained(*factors, ours)
    erosion_kernels.soil_retained.py_func(*factors, plain)
    np.testing.assert_allclose(ours, plain, rtol=1e-14)
    r, k, ls, c, p = factors
    np.testing.assert_allclose(ours, r * k * ls * (1 - c * p), rtol=1e-13)


def test_compiled_and_plain_carbon_of_classes_agree():
    rng = np.random.default_rng(2)
    before, after = (rng.integers(3, 8, (6, 7)).astype(np.int32) for _ in range(2))
    before[0, 0] = -1
    store = np.array([10.0, 25.0, np.nan, 60.0, 80.0])
    results = []
    for function in (raster_kernels.carbon_of_classes, raster_kernels.carbon_of_classes.py_func):
        out = [np.empty((6, 7), np.float32) for _ in range(4)]
        unknown = function(before, after, 3, store, 40.0, -1, *out)
        results.append((unknown, np.array(out)))
    assert results[0][0] == results[1][0] == 5
    np.testing.assert_array_equal(results[0][1], results[1][1])
