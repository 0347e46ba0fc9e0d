"""Series of the authalic coordinate against the textbook's closed forms."""

import numpy as np
import pytest

from ecogis.spatial.authalic import authalic_of_conformal, authalic_of_sine, sine_of_authalic
from ecogis.spatial.plane import ellipsoid

LONG = np.longdouble
SINES = np.linspace(-1, 1, 401).astype(LONG)
SQUARES = [ellipsoid()[1], 0.006693421622965943, 0.00676865799729]  # CGCS2000, Krassowsky, Clarke


def odd(x, terms):
    return sum(LONG(c) * x ** (2 * k + 1) for k, c in enumerate(terms))


def closed_forms(e2, s):
    """q and the sine of the conformal latitude, from the sine of the latitude."""
    e = np.sqrt(LONG(e2))
    q = (1 - LONG(e2)) * (s / (1 - e * e * s * s) + np.arctanh(e * s) / e)
    with np.errstate(divide="ignore"):
        t = np.tanh(np.arctanh(s) - e * np.arctanh(e * s))
    return q, t


@pytest.mark.parametrize("e2", SQUARES)
def test_nine_terms_are_exact(e2):
    q, t = closed_forms(e2, SINES)
    assert np.max(np.abs(odd(SINES, authalic_of_sine(e2)) - q)) < 3e-16
    assert np.max(np.abs(odd(t, authalic_of_conformal(e2)) - q)) < 3e-16
    assert np.max(np.abs(odd(q, sine_of_authalic(e2)) - SINES)) < 3e-16


def test_the_first_terms_by_hand():
    e2 = 0.01
    assert authalic_of_sine(e2)[:2] == pytest.approx((2 * 0.99, 0.99 * 0.01 * 4 / 3))
    assert sine_of_authalic(e2)[0] == pytest.approx(1 / (2 * 0.99))
    assert authalic_of_conformal(e2)[0] == pytest.approx(2.0)  # s = t / (1 - e2) at the equator
