"""The offset of web maps, against the public form written out and a place known everywhere."""

import math

import numpy as np
import pytest

from ecogis.spatial.gcj02 import gcj02


def written_out(lon, lat):
    """The approximation as it is passed on, term by term."""
    x, y = lon - 105.0, lat - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    short = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north += short + (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    east += short + (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    north += (
        (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    )
    east += (
        (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    )
    a, ee = 6378245.0, 0.00669342162296594323
    radians = lat / 180.0 * math.pi
    magic = 1 - ee * math.sin(radians) ** 2
    root = math.sqrt(magic)
    return (
        lon + east * 180.0 / (a / root * math.cos(radians) * math.pi),
        lat + north * 180.0 / ((a * (1 - ee)) / (magic * root) * math.pi),
    )


def test_against_the_form_written_out():
    places = np.random.default_rng(2).uniform([74, 18], [134, 53], (500, 2))
    expected = [written_out(*place) for place in places]
    np.testing.assert_allclose(gcj02(places), expected, rtol=0, atol=1e-12)


def test_the_place_every_program_is_tried_with():
    assert gcj02([116.404, 39.915])[0] == pytest.approx(
        [116.41024449916938, 39.91640428150164], abs=1e-12
    )


def test_missing_stays_missing_and_nothing_gives_nothing():
    assert np.isnan(gcj02([[np.nan, 24.0]])).all()
    assert gcj02(np.empty((0, 2))).shape == (0, 2)
