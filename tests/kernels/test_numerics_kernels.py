"""Elementary functions: few ulp from the truth; compiled and plain Python agree to the bit."""

import numpy as np
import pytest
from numba import njit

from ecogis.numerics import draws, elementary, largest_remainder, rounding, sums

LONG = np.longdouble


def over(function):
    """The inlined function as a loop over an array, as a kernel would use it."""

    @njit
    def loop(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    def run(x):
        out = np.empty_like(x)
        loop(x, out)
        return out

    return run


def ulps(own, true):
    return np.max(np.abs((own.astype(LONG) - true) / np.spacing(np.abs(true.astype(np.float64)))))


X = np.concatenate(
    [
        np.linspace(-700, 700, 20_001),
        np.linspace(-2, 2, 20_001),
        np.random.default_rng(5).normal(0, 1e-6, 2_000),
    ]
)
POSITIVE = np.concatenate([np.geomspace(1e-300, 1e300, 20_001), np.linspace(0.4, 2.5, 20_001)])


@pytest.mark.parametrize(
    ("name", "x", "most"),
    [("exp", X, 1.5), ("expm1", X[np.abs(X) > 0], 2.5), ("log", POSITIVE, 2.0)],
)
def test_errors_in_ulp(name, x, most):
    true = getattr(np, name)(x.astype(LONG))
    assert ulps(over(getattr(elementary, name))(x), true) < most


@pytest.mark.parametrize(
    ("name", "x"), [("exp", X[::97]), ("expm1", X[::97]), ("log", POSITIVE[::97])]
)
def test_compiled_is_plain_python_to_the_bit(name, x):
    plain = getattr(elementary, name).py_func
    np.testing.assert_array_equal(over(getattr(elementary, name))(x), [plain(v) for v in x])


def test_power_is_near_enough_for_curves():
    x = np.linspace(0.001, 1.0, 5_001)
    own = np.array([elementary.power(v, 2.01492) for v in x])
    np.testing.assert_allclose(own, x**2.01492, rtol=5e-15)
    assert elementary.power(0.0, 2.0) < 1e-300


def test_edges_saturate_and_missing_stays_missing():
    exp = over(elementary.exp)
    out = exp(np.array([-1e9, 0.0, 1e9, np.nan]))
    assert 0.0 < out[0] < 1e-300
    assert out[1] == 1.0
    assert 1e300 < out[2] < np.inf
    assert np.isnan(out[3])
    assert np.isnan(over(elementary.expm1)(np.array([np.nan])))[0]


def test_split_compiled_plain_and_by_fractions():
    rng = np.random.default_rng(3)
    weights = rng.integers(0, 10**12, 60)
    weights[[5, 9]] = 0
    bounds = np.array([0, 3, 3, 40, 60])
    totals = rng.integers(0, 10**13, (4, 2))
    totals[1] = 0  # a group without parts
    compiled, plain = np.zeros((60, 2), dtype=np.int64), np.zeros((60, 2), dtype=np.int64)
    rounding.split_groups(weights, bounds, totals, compiled)
    rounding.split_groups.py_func(weights, bounds, totals, plain)
    np.testing.assert_array_equal(compiled, plain)
    np.testing.assert_array_equal(np.add.reduceat(compiled, [0, 3, 40]), totals[[0, 2, 3]])
    groups = np.repeat([0, 2, 3], [3, 37, 20])
    np.testing.assert_array_equal(largest_remainder(weights, totals, groups), compiled)


@pytest.mark.parametrize("size", [5, 30])
def test_hand_out_plain(size):
    rest = np.array([4, 9, 9, 1, 9] + [0] * (size - 5), dtype=np.int64)
    out = np.zeros(size, dtype=np.int64)
    rounding._hand_out.py_func(rest, 2, out)
    assert out[:5].tolist() == [0, 1, 1, 0, 0]


def test_share_plain():
    plain = rounding._share.py_func
    assert plain(7, 3, 4) == (5, 1)
    assert plain(2**62, 3, 5) == divmod(2**62 * 3, 5)
    assert rounding._share(2**62, 10**15, 10**15 + 1) == divmod(2**62 * 10**15, 10**15 + 1)


def test_sums_compiled_plain_and_numpy():
    rng = np.random.default_rng(4)
    values, groups = rng.integers(-9, 9, (50, 3)), rng.integers(0, 4, 50)
    compiled, plain, twin = (np.zeros((4, 3), dtype=np.int64) for _ in range(3))
    sums.add_rows(values, groups, compiled)
    sums.add_rows.py_func(values, groups, plain)
    np.add.at(twin, groups, values)
    np.testing.assert_array_equal(compiled, twin)
    np.testing.assert_array_equal(plain, twin)


def test_draws_compiled_and_plain():
    keys = draws.stream_keys(1, ["a", "b"], "x")
    compiled, plain = np.empty((2, 5)), np.empty((2, 5))
    draws.fill_uniforms(keys, compiled)
    with np.errstate(over="ignore"):  # wrapping is meant
        draws.fill_uniforms.py_func(keys, plain)
    np.testing.assert_array_equal(compiled, plain)
    draws.to_normals(compiled)
    draws.to_normals.py_func(plain)
    np.testing.assert_array_equal(compiled, plain)
