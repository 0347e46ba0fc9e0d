"""A price is per what its line is measured in."""

import pytest

from ecogis.accounts.prices import Price, price_table
from ecogis.core.errors import ConfigError


@pytest.mark.parametrize(
    ("line", "basis"),
    [("M01", "volume"), ("M01", "carbon"), ("M04", "carbon"), ("M07", "volume"), ("M03", "weight")],
)
def test_a_basis_that_is_not_the_line_s_is_refused(line, basis):
    with pytest.raises(ConfigError, match="E420"):
        price_table([Price(line, basis, 1, 1, "演示")])


@pytest.mark.parametrize(
    ("line", "basis"), [("M01", "area"), ("M02", "area"), ("M06", "volume"), ("M07", "carbon")]
)
def test_a_basis_of_the_line_is_taken(line, basis):
    assert price_table([Price(line, basis, 1, 2, "演示")]).loc[line, "closing_fen"] == 2
