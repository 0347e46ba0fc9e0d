"""Sines and their inverses: few ulp from the truth; compiled and plain Python agree to the bit."""

import numpy as np
import pytest
from numba import njit

from ecogis.numerics import trigonometry

LONG = np.longdouble
REACH = {
    "sine": np.pi / 2,
    "sinh_small": 0.15,
    "cosh_small": 0.15,
    "arctangent_small": 0.13,
    "artanh_small": 0.13,
    "arcsine_small": 0.12,
}
TRUTH = {
    "sine": np.sin,
    "sinh_small": np.sinh,
    "cosh_small": np.cosh,
    "arctangent_small": np.arctan,
    "artanh_small": np.arctanh,
    "arcsine_small": np.arcsin,
}


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


def pairs(x):
    """Both results of `sine_cosine`, compiled."""

    @njit
    def loop(x, out):
        for i in range(x.size):
            out[i, 0], out[i, 1] = trigonometry.sine_cosine(x[i])

    out = np.empty((x.size, 2))
    loop(x, out)
    return out


def points(reach):
    tiny = np.random.default_rng(5).normal(0, 1e-6, 500)
    return np.concatenate([np.linspace(-reach, reach, 5_000), tiny])


@pytest.mark.parametrize("name", sorted(REACH))
def test_errors_in_ulp(name):
    x = points(REACH[name])
    true = TRUTH[name](x.astype(LONG))
    own = over(getattr(trigonometry, name))(x)
    assert np.max(np.abs(own - true) / np.spacing(np.abs(true.astype(np.float64)))) < 2.0


@pytest.mark.parametrize("name", sorted(REACH))
def test_compiled_is_plain_python_to_the_bit(name):
    x = points(REACH[name])[::37]
    function = getattr(trigonometry, name)
    np.testing.assert_array_equal(over(function)(x), [function.py_func(v) for v in x])


def test_sine_and_cosine_together():
    x = points(1.0)
    true = np.column_stack([np.sin(x.astype(LONG)), np.cos(x.astype(LONG))])
    own = pairs(x)
    assert np.max(np.abs(own - true)) < 2 * np.spacing(1.0)
    plain = [trigonometry.sine_cosine.py_func(v) for v in x[::37]]
    np.testing.assert_array_equal(own[::37], plain)


def test_the_odd_polynomial_is_a_polynomial():
    p = tuple(np.random.default_rng(6).normal(size=9))
    x = np.linspace(-1.2, 1.2, 101)
    truth = sum(c * x ** (2 * k + 1) for k, c in enumerate(p))
    own = [trigonometry.odd_polynomial.py_func(v, p) for v in x]
    np.testing.assert_allclose(own, truth, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", sorted(REACH))
def test_missing_stays_missing(name):
    assert np.isnan(over(getattr(trigonometry, name))(np.array([np.nan])))[0]
