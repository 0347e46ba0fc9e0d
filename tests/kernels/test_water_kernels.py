"""Kernels of water: compiled = plain Python = NumPy, and a missing cell stays in its place."""

import numpy as np
import pytest

from ecogis.services import water_kernels as kernels

CELLS = 40


def drawn(*ranges):
    """Cells in a range each, one in 23 missing, in turn."""
    rng = np.random.default_rng(4)
    made = [rng.uniform(low, high, CELLS) for low, high in ranges]
    for at, values in enumerate(made):
        values[at::23] = np.nan
    return made


def twins(kernel, *inputs, like=None):
    """Compiled and plain results."""
    shape = inputs[0].shape if like is None else like
    ours, plain = np.empty(shape), np.empty(shape)
    kernel(*inputs, ours)
    kernel.py_func(*inputs, plain)
    np.testing.assert_allclose(ours, plain, rtol=1e-13)
    return ours


def test_storms():
    rain, number = drawn((0.0, 200.0), (30.0, 100.0))
    found = twins(kernels.storm_runoff, rain, number, 0.2)
    held = 25400.0 / number - 254.0
    over = np.maximum(rain - 0.2 * held, 0.0)
    np.testing.assert_allclose(found, over**2 / (rain + 0.8 * held), rtol=1e-12)
    assert (found == 0.0).any()
    assert np.isnan(found).sum() == 4


def test_hargreaves():
    mean, high, low, sun = drawn((-30.0, 30.0), (15.0, 38.0), (-5.0, 18.0), (5.0, 42.0))
    found = twins(kernels.hargreaves, mean, high, low, sun)
    span = np.where(high >= low, high - low, np.nan)
    expected = np.maximum(0.0023 * 0.408 * sun * (mean + 17.8) * np.sqrt(span), 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert (found == 0.0).any()  # colder than -17.8
    assert np.isnan(found[(high < low)]).all()


def test_thornthwaite():
    rng = np.random.default_rng(5)
    monthly, share = rng.uniform(-10.0, 28.0, (12, CELLS)), rng.uniform(0.8, 1.2, (12, CELLS))
    monthly[3, 0], monthly[:, 1] = np.nan, -4.0
    found = twins(kernels.thornthwaite, monthly, share)
    warm = np.where(monthly < 0.0, 0.0, monthly)
    index = ((warm / 5.0) ** 1.514).sum(axis=0)
    power = 6.75e-7 * index**3 - 7.71e-5 * index**2 + 1.792e-2 * index + 0.49239
    with np.errstate(invalid="ignore"):
        rate = 16.0 * (10.0 * warm / index) ** power * share
    np.testing.assert_allclose(found, np.where(warm == 0.0, 0.0, rate), rtol=1e-10)
    assert np.isnan(found[3, 0])
    assert (found[:, 1] == 0.0).all()


def test_penman_monteith():
    t, rn, g, u, ea, es, z = drawn(
        (-5.0, 35.0), (-40.0, 20.0), (-1.0, 1.0), (0.0, 6.0), (0.5, 3.0), (3.0, 5.0), (0.0, 3000.0)
    )
    found = twins(kernels.penman_monteith, t, rn, g, u, ea, es, z)
    gamma = 0.665e-3 * 101.3 * ((293.0 - 0.0065 * z) / 293.0) ** 5.26
    slope = 4098.0 * 0.6108 * np.exp(17.27 * t / (t + 237.3)) / (t + 237.3) ** 2
    top = 0.408 * slope * (rn - g) + gamma * 900.0 / (t + 273.0) * u * (es - ea)
    expected = np.maximum(top / (slope + gamma * (1.0 + 0.34 * u)), 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert (found == 0.0).any()


@pytest.mark.parametrize("way", [kernels.ZHANG, kernels.FU])
def test_actual_et(way):
    rain, air, plants = drawn((0.0, 3000.0), (0.0, 2000.0), (1.1, 3.0))
    rain[2], air[3] = 0.0, 0.0
    found = twins(kernels.actual_et, rain, air, plants, way)
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = air / rain
        if way == kernels.ZHANG:
            made = rain * (1.0 + plants * phi) / (1.0 + plants * phi + 1.0 / phi)
        else:
            made = rain * (1.0 + phi - (1.0 + phi**plants) ** (1.0 / plants))
    expected = np.minimum(np.minimum(made, rain), air)
    dry = ((rain == 0.0) | (air == 0.0)) & ~np.isnan(rain + air + plants)
    np.testing.assert_allclose(found, np.where(dry, 0.0, expected), rtol=1e-10)


@pytest.mark.parametrize("least", [0.0, -np.inf])
def test_retention(least):
    rain, runoff, et = drawn((500.0, 2000.0), (100.0, 900.0), (300.0, 900.0))
    found = twins(kernels.retention, rain, runoff, et, least)
    np.testing.assert_allclose(found, np.maximum(rain - runoff - et, least), rtol=1e-13)
    assert (found < 0.0).any() == (least < 0.0)
