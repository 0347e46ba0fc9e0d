"""Growth kernels: compiled = plain Python = NumPy."""

import numpy as np
import pytest

from ecogis.growth import kernels

FORM = np.array([0, 1, 2, 2], dtype=np.int32)
VALUES = np.array(
    [
        [200.0, 0.1, 2.5, 1.0],
        [120.0, 8.0, 0.0, 1.0],
        [1.0, 3.0, -0.02, 1.0],
        [-50.0, 3.0, 0.0, 1.0],
    ]
)
FIRST, LAST = np.array([0.0, 5.0, 2.5, 0.0]), np.array([40.0, 40.0, 70.0, 30.0])


def in_numpy(ages):
    """The same table with NumPy's functions."""
    with np.errstate(divide="ignore"):
        laws = (
            lambda t: 200.0 * (-np.expm1(-0.1 * t)) ** 2.5,
            lambda t: 120.0 * np.exp(-8.0 / t),
            lambda t: np.maximum(1.0 + 3.0 * t - 0.02 * t * t, 0.0),
            lambda t: np.maximum(-50.0 + 3.0 * t, 0.0),
        )
        rows = [
            np.where(ages < first, law(first or 1.0) * ages / (first or 1.0),
                     law(np.minimum(ages, last)))
            for law, first, last in zip(laws, FIRST, LAST, strict=True)
        ]  # fmt: skip
    table = np.array(rows)
    table[:, 0] = 0.0
    return table


def curves(function):
    out = np.empty((4, 80))
    function(FORM, VALUES, FIRST, LAST, out)
    return out


def test_curves_compiled_plain_and_numpy():
    compiled = curves(kernels.fill_curves)
    np.testing.assert_array_equal(compiled, curves(kernels.fill_curves.py_func))
    np.testing.assert_allclose(compiled, in_numpy(np.arange(80.0)), rtol=1e-13)


@pytest.fixture
def inputs():
    rng = np.random.default_rng(1)
    stands = 300
    return (
        curves(kernels.fill_curves),
        rng.integers(0, 4, stands).astype(np.int32),
        rng.integers(0, 90, stands).astype(np.int32),
        np.where(rng.random(stands) < 0.1, np.nan, rng.uniform(0.2, 3.0, stands)),
        rng.integers(0, 3, stands).astype(np.int32),
        rng.integers(-20, 40, (3, 12)).astype(np.int32),
        rng.random((3, 12)),
    )


def volume(function, inputs):
    out = np.empty((inputs[1].size, inputs[5].shape[1]))
    function(*inputs, out)
    return out


def test_volume_compiled_parallel_plain_and_numpy(inputs):
    table, curve, age, scale, survey, whole, part = inputs
    compiled = volume(kernels.fill_volume, inputs)
    np.testing.assert_array_equal(compiled, volume(kernels.fill_volume.py_func, inputs))
    np.testing.assert_array_equal(compiled, volume(kernels.fill_volume_parallel, inputs))
    position = age[:, None] + whole[survey] + part[survey]
    ages = np.arange(table.shape[1])
    twin = np.array(
        [
            factor * np.interp(at, ages, table[c])
            for factor, at, c in zip(scale, position, curve, strict=True)
        ]
    )
    np.testing.assert_allclose(compiled, twin, rtol=1e-12, atol=1e-12)  # reordered sums of ages
    assert np.isnan(compiled).any(axis=1).tolist() == np.isnan(scale).tolist()
