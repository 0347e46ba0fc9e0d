"""Identifiers sought among many."""

import pandas as pd
import pytest

from ecogis.core.identifiers import among

LISTED = ["Z1", "Z2", "丙"]


@pytest.mark.parametrize("kind", [set, tuple, pd.Index, pd.Series])
def test_it_says_what_isin_says(kind):
    column = pd.Series(["Z2", "Z9", "丙", ""], index=[4, 5, 6, 7], dtype="string")
    pd.testing.assert_series_equal(
        among(column, kind(LISTED)), column.isin(LISTED).astype(bool), check_names=False
    )


def test_a_missing_one_is_none_of_them_even_where_one_is_missing_there_too():
    column = pd.Series(["Z1", None], dtype="string")
    assert among(column, pd.Series(["Z1", None])).tolist() == [True, False]


def test_nothing_is_among_nothing():
    assert among(pd.Series(["Z1"]), set()).tolist() == [False]
    assert among(pd.Series([], dtype="string"), {"Z1"}).tolist() == []
