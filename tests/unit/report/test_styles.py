"""Styles for QGIS: every value has its class."""

import re

import numpy as np
import pandas as pd

from ecogis.report.styles import services_style


def limits(fen, dm2):
    text = services_style(pd.DataFrame({"gep_fen": fen, "area_dm2": dm2}), "zh", names={})
    found = re.findall(r'lower="([^"]+)" upper="([^"]+)"', text)
    return [(float(low), float(high)) for low, high in found]


def test_the_dearest_land_lies_within_the_last_class():
    draws = np.random.default_rng(7)
    for _ in range(50):
        fen, dm2 = draws.integers(10**5, 10**10, 20), draws.integers(10**4, 10**7, 20)
        as_qgis = fen / 100.0 * 1_000_000.0 / dm2
        assert limits(fen, dm2)[-1][1] == as_qgis.max()


def test_land_worth_nothing_has_one_class():
    assert limits([0, 0], [1, 2]) == [(0.0, 0.0)]
