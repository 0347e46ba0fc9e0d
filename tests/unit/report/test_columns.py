"""Columns of the workbook: the same figures as cell by cell, exact totals."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ecogis.report.columns import amounts, memo
from ecogis.report.present import KINDS, exact

COLUMNS = [
    ("yuan", pd.Series([123_456_789, -5, pd.NA], dtype="Int64")),
    ("t_kg", pd.Series([2**53 - 1, 7, 0])),
    ("ha", pd.Series([0.1, 2505.632043, np.nan, 1e-6])),
    ("ha_dm2", pd.Series([1, 10**15])),
    ("percent", pd.Series([0.085, None, 0.5])),
    ("price", pd.Series([77.89, 0.1, 0.2])),
    ("count", pd.Series([1, pd.NA, 3], dtype=object)),
]


@pytest.mark.parametrize(("kind", "values"), COLUMNS)
def test_amounts_are_those_of_single_cells(kind, values):
    rule = KINDS[kind]
    scale = 100 if rule.percent else 1
    expected = [None if pd.isna(v) else exact(v, rule) / scale for v in values]
    shown, total = amounts(values, kind)
    assert shown == [None if value is None else float(value) for value in expected]
    assert total == sum((value for value in expected if value is not None), Decimal(0))


def test_a_column_without_any_value_adds_up_to_nil():
    assert amounts(pd.Series([None, None], dtype="Int64"), "yuan") == ([None, None], Decimal(0))
    assert amounts(pd.Series([], dtype=float), "ha") == ([], Decimal(0))


def test_texts_are_made_once():
    made = []
    found = memo(lambda text: made.append(text) or text * 2, pd.Series(["a", "b", None, "a", " "]))
    assert found == ["aa", "bb", None, "aa", None]
    assert made == ["a", "b"]
