"""Curve kernels: compiled = plain Python = NumPy, points = SciPy's monotone cubic."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from ecogis.growth import curve_kernels as kernels
from ecogis.growth.curves import FORM_CODES, FORMS, Curve, law

AGES = np.linspace(0.5, 90.0, 180)
LAWS = {
    "richards": ((200.0, 0.08, 2.5), lambda t, a, k, p: a * (-np.expm1(-k * t)) ** p),
    "schumacher": ((120.0, 8.0), lambda t, a, b: a * np.exp(-b / t)),
    "quadratic": ((-20.0, 3.0, -0.02), lambda t, a, b, c: np.maximum(a + b * t + c * t * t, 0)),
    "korf": ((400.0, 20.0, 0.8), lambda t, a, b, c: a * np.exp(-b * t**-c)),
    "logistic": ((250.0, 20.0, 0.1), lambda t, a, b, k: a / (1 + b * np.exp(-k * t))),
    "gompertz": ((250.0, 5.0, 0.06), lambda t, a, b, k: a * np.exp(-b * np.exp(-k * t))),
    "weibull": ((250.0, 0.004, 1.6), lambda t, a, b, c: -a * np.expm1(-b * t**c)),
    "hossfeld": ((300.0, 2.0, 1.8), lambda t, a, b, c: t**c / (b + t**c / a)),
    "cubic": ((-5.0, 2.0, 0.05, -5e-4),
              lambda t, a, b, c, d: np.maximum(a + b * t + c * t**2 + d * t**3, 0)),
    "allometric": ((0.057, 2.0439), lambda t, a, b: a * t**b),
    "plateau": ((23.78, 8.0), lambda t, a, r: a * np.minimum(t / r, 1.0)),
    "richards4": ((364.0, 0.018, 2.096, 1.05),
                  lambda t, a, k, p, b: a * np.maximum(1 - b * np.exp(-k * t), 0) ** p),
}  # fmt: skip


def test_every_form_is_here():
    assert list(LAWS) == list(FORMS)


@pytest.mark.parametrize("form", LAWS)
def test_laws_compiled_plain_and_numpy(form, as_plain):
    values, formula = LAWS[form]
    row = np.ones(4)
    row[: len(values)] = values
    out, plain = np.empty(AGES.size), np.empty(AGES.size)
    kernels.curve_values(FORM_CODES[form], row, AGES, out)
    as_plain(kernels)
    kernels.curve_values.py_func(FORM_CODES[form], row, AGES, plain)
    np.testing.assert_array_equal(out, plain)
    # the cancelling base of the four-parameter curve loses digits in NumPy, not here
    np.testing.assert_allclose(out, formula(AGES, *values), rtol=1e-12)
    curve = Curve("x", form, dict(zip(FORMS[form], values, strict=True)), 0.0, 90.0)
    np.testing.assert_array_equal(law(curve, AGES), out)


@pytest.mark.parametrize("form", LAWS)
def test_tables_compiled_and_plain(form, as_plain):
    row = np.ones((1, 4))
    row[0, : len(LAWS[form][0])] = LAWS[form][0]
    code = np.array([FORM_CODES[form]], dtype=np.int32)
    first, last = np.array([4.0]), np.array([60.0])
    out, plain = np.empty((1, 70)), np.empty((1, 70))
    kernels.fill_curves(code, row, first, last, out)
    as_plain(kernels)
    kernels.fill_curves.py_func(code, row, first, last, plain)
    np.testing.assert_array_equal(out, plain)
    expected = LAWS[form][1](np.clip(np.arange(70.0), 4.0, 60.0), *LAWS[form][0])
    expected *= np.minimum(np.arange(70.0) / 4.0, 1.0)
    np.testing.assert_allclose(out[0], expected, rtol=1e-12)


SERIES = [
    ([5.0, 10.0, 15.0, 20.0, 25.0], [38.8, 139.8, 211.4, 242.9, 346.0]),
    ([10.0, 20.0, 40.0, 45.0], [0.0, 100.0, 100.0, 90.0]),
    ([10.0, 20.0, 40.0], [10.0, 90.0, 40.0]),
    ([1.0, 3.0, 4.0, 50.0], [5.0, 5.1, 80.0, 81.0]),
    ([20.0, 60.0], [100.0, 300.0]),
]


@pytest.mark.parametrize(("ages", "values"), SERIES)
def test_points_compiled_plain_and_scipy(ages, values):
    ages, values = np.array(ages), np.array(values)
    slopes, plain = np.empty(ages.size), np.empty(ages.size)
    kernels.fill_slopes(ages, values, slopes)
    kernels.fill_slopes.py_func(ages, values, plain)
    np.testing.assert_array_equal(slopes, plain)
    at = np.linspace(ages[0], ages[-1], 333)
    out, twin = np.empty(at.size), np.empty(at.size)
    kernels.point_values(ages, values, slopes, at, out)
    kernels.point_values.py_func(ages, values, slopes, at, twin)
    np.testing.assert_array_equal(out, twin)
    np.testing.assert_allclose(out, PchipInterpolator(ages, values)(at), rtol=1e-12, atol=1e-10)
    lines = np.empty(at.size)
    kernels.point_values(ages, values, np.empty(0), at, lines)
    np.testing.assert_allclose(lines, np.interp(at, ages, values), rtol=1e-12)


def test_between_points_nothing_overshoots():
    rng = np.random.default_rng(3)
    for _ in range(200):
        ages = np.cumsum(rng.uniform(0.5, 20.0, 8))
        values = np.cumsum(rng.exponential(30.0, 8) * (rng.random(8) < 0.7))
        slopes, at = np.empty(8), np.linspace(ages[0], ages[-1], 500)
        out = np.empty(500)
        kernels.fill_slopes(ages, values, slopes)
        kernels.point_values(ages, values, slopes, at, out)
        assert (np.diff(out) >= -1e-9).all()
