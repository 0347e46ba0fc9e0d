"""InVEST's constants of the carbon model for the same inputs, and where our formula differs.

InVEST discounts by (1 + r)(1 + g): a price that rises lowers its value. Ours multiplies tonnes,
price and discount of each year, so InVEST's factor is ours with a price that falls by 1/(1 + g).
Values: tests of natcap.invest 3.20.2 (tests/test_carbon.py), as recorded in the project's notes.
"""

import numpy as np
import pytest

from ecogis.services import worth_of_a_tonne

CASES = pytest.mark.parametrize(
    ("price", "first", "last", "discount", "change", "expected"),
    [
        (43.0, 2016, 2030, -0.071, 0.028, 59.00136),
        (50.0, 2010, 2012, 0.50, 0.05, 40.87302),
        (43.0, 2016, 2030, 0.0, 0.0, 43.0),
    ],
)


@CASES
def test_the_constants_of_invest(price, first, last, discount, change, expected):
    falling = 1.0 / (1.0 + change) - 1.0
    worth = worth_of_a_tonne(price, last - first, discount_rate=discount, price_growth=falling)
    assert worth == pytest.approx(expected, abs=5e-6)
    assert -58.0 * worth == pytest.approx(-58.0 * expected, abs=3e-4)


@CASES
def test_ours_is_tonnes_times_price_times_discount_of_each_year(
    price, first, last, discount, change, expected
):
    """The same sum written year by year: a straight line of tonnes, the first payment today."""
    at = np.arange(last - first)
    tonnes = np.full(at.size, 1.0 / at.size)
    falling, discounts = price * (1 + change) ** -at, (1 + discount) ** -at
    assert (tonnes * falling * discounts).sum() == pytest.approx(expected, abs=5e-6)
    rising = price * (1 + change) ** at
    ours = worth_of_a_tonne(price, at.size, discount_rate=discount, price_growth=change)
    assert ours == pytest.approx((tonnes * rising * discounts).sum(), rel=1e-12)


def test_a_rising_price_raises_our_value():
    flat, rising = (
        worth_of_a_tonne(100.0, 20, discount_rate=0.05, price_growth=g) for g in (0.0, 0.02)
    )
    assert flat == pytest.approx(65.4, abs=0.05)
    assert rising > flat
