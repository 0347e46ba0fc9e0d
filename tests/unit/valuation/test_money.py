from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import cny, fen
from ecogis.valuation.money import part_of, share_ppm


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.005", 0), ("0.015", 2), (16.926, 1693), (Decimal("371835.10"), 37183510), (-0.005, 0)],
)
def test_yuan_become_fen_half_to_even(amount, expected):
    assert fen(amount) == expected
    assert fen(cny(expected)) == expected


@pytest.mark.parametrize("amount", ["", "abc", float("nan"), float("inf")])
def test_what_is_no_number_is_refused(amount):
    with pytest.raises(ConfigError, match="E532"):
        fen(amount)


def test_a_percentage_is_no_share():
    with pytest.raises(UnitError, match="E007"):
        share_ppm(5, "tax_share")
    with pytest.raises(ConfigError, match="six decimals"):
        share_ppm(0.12345678, "tax_share")


def test_parts_agree_with_fractions_at_ties_and_in_the_large():
    amounts = np.array([0, 10, 30, 50, -10, 1_000_000_000_001, 9_000_000_000_000])
    expected = [round(Fraction(int(a)) * Fraction(1, 20)) for a in amounts]
    assert part_of(amounts, 50_000).tolist() == expected


def test_an_amount_beyond_exact_arithmetic_is_refused():
    with pytest.raises(ConfigError, match="E532"):
        part_of(np.array([10**13]), 1)
