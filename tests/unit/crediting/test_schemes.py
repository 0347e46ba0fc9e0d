"""Area times rate, as published loans were reckoned."""

from decimal import Decimal

import pytest

from ecogis.core.errors import ConfigError
from ecogis.crediting import area_rate_reductions


@pytest.mark.parametrize(
    ("area", "rate", "years", "exact", "whole"),
    [
        (1030, 0.39, 17.54, "7045.8180", 7_045),  # Anji bamboo, 2021: 7,045 t published
        (1457, 0.22, 9.82, "3147.7028", 3_147),  # Yixing tea: 3,149 t published
        ("100", "0.1", "0.1", "1.00", 1),  # 100 * 0.1 * 0.1 is 1.0000000000000002 in binary
        (0, 1, 1, "0", 0),
    ],
)
def test_published_loans(area, rate, years, exact, whole):
    found = area_rate_reductions(area, rate, years)
    assert found == (Decimal(exact), whole)


@pytest.mark.parametrize("bad", [(-1, 1, 1), (1, float("nan"), 1), (1, 1, float("inf"))])
def test_numbers_must_be_numbers(bad):
    with pytest.raises(ConfigError) as caught:
        area_rate_reductions(*bad)
    assert caught.value.code == "E382"
