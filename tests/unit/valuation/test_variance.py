"""Variance shares: one source has all of it, two have what theory gives them."""

import math

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import Draws, Future, SaleTerms, variance_shares

WHOLE = SaleTerms(0.0, 0.0, 0.0, 0.0, because="example", confidence="assumed")
DRAWS = 40_000


def plan(spread=0.0):
    sales = pd.DataFrame({"discount_factor": [1.0]})
    return Future(0, sales, WHOLE, -100_000, spread)


def draws(rng, quantity=0.0, price=0.0, failing=0.0):
    kg = 10_000_000 * (1 + quantity * rng.standard_normal((DRAWS, 1)))
    cny = 10_000 * (1 + price * rng.standard_normal((DRAWS, 1)))
    return Draws(
        np.rint(kg).astype(np.int64),
        rng.standard_normal(DRAWS),
        np.rint(cny).astype(np.int64),
        rng.random((DRAWS, 1)) >= failing,
    )


@pytest.fixture
def rng():
    return np.random.default_rng(9)


def by_source(table, column):
    return table.set_index("source")[column]


@pytest.mark.parametrize(
    ("only", "given", "spread"),
    [
        ("quantity_kg", {"quantity": 0.1}, 0.0),
        ("biomass", {}, 0.1),
        ("price_fen", {"price": 0.1}, 0.0),
        ("arrives", {"failing": 0.2}, 0.0),
    ],
)
def test_the_only_source_has_all_of_it(rng, only, given, spread):
    table = variance_shares(plan(spread), draws(rng, **given))
    for column in ("first_order", "total"):
        shares = by_source(table, column)
        assert shares[only] == pytest.approx(1.0, abs=0.05)
        assert set(shares.drop(only)) == {0.0}
        assert len(shares) == (4 if spread else 3)


def test_two_factors_of_a_product(rng):
    """y = q p with coefficients of variation a and b: V = a² + b² + a² b², S = a² / V, b² / V."""
    a, b = 0.2, 0.3
    table = variance_shares(plan(), draws(rng, quantity=a, price=b))
    v = a**2 + b**2 + a**2 * b**2
    first, error = by_source(table, "first_order"), by_source(table, "first_order_error")
    total = by_source(table, "total")
    for source, share in (("quantity_kg", a**2 / v), ("price_fen", b**2 / v)):
        assert abs(first[source] - share) < 4 * error[source]
        assert total[source] == pytest.approx(share + a**2 * b**2 / v, abs=0.02)
    assert (total >= first - 4 * error).all()


def test_a_value_that_does_not_vary_has_no_shares(rng):
    table = variance_shares(plan(), draws(rng))
    assert all(math.isnan(share) for share in table["first_order"])


def test_too_few_draws_are_refused(rng):
    with pytest.raises(ConfigError, match="draws = 199"):
        variance_shares(plan(), draws(rng).rows(0, 199))
