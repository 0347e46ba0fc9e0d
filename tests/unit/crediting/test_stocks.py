"""Stands shared out among their pieces."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.core.errors import ConfigError, IdentityError, VocabularyError
from ecogis.crediting import piece_stocks


def stand_kg(*rows):
    values = np.array(rows, dtype=np.int64)
    days = np.array([f"{2025 + i}-01-01" for i in range(values.shape[1])], dtype="datetime64[ns]")
    names = np.array([f"S{i + 1}" for i in range(len(values))], dtype=object)
    return xr.DataArray(values, {"stand": names, "instant": days}, ("stand", "instant"))


PIECES = pd.DataFrame(
    {
        "piece": ["P1", "P2", "P3"],
        "stand": ["S1", "S2", "S1"],
        "area_dm2": [30, 50, 30],
    }
)
AREAS = pd.Series({"S1": 90, "S2": 50})


def test_pieces_and_the_rest_add_up_to_the_stand():
    found = piece_stocks(PIECES, stand_kg([100, 101, 102], [7, 0, 9]), AREAS)
    # thirds of S1: the first piece takes the first kilogram over, the second the next one
    assert found.to_numpy().tolist() == [[34, 34, 34], [7, 0, 9], [33, 34, 34]]
    assert found.dims == ("piece", "instant")
    assert found.dtype == np.int64


def test_order_of_rows_changes_nothing():
    kg = stand_kg([100, 101, 103], [7, 0, 9])
    mixed = piece_stocks(PIECES.iloc[[2, 0, 1]], kg.isel(stand=[1, 0]), AREAS.iloc[::-1])
    straight = piece_stocks(PIECES, kg, AREAS)
    xr.testing.assert_equal(mixed.sel(piece=straight["piece"]), straight)


def test_a_stand_without_pieces_and_a_table_without_rows():
    found = piece_stocks(PIECES.iloc[[1]], stand_kg([100], [7]), AREAS)
    assert found.to_numpy().tolist() == [[7]]
    assert piece_stocks(PIECES.iloc[:0], stand_kg([100], [7]), AREAS).shape == (0, 1)


def test_pieces_larger_than_their_stand():
    with pytest.raises(IdentityError) as caught:
        piece_stocks(PIECES, stand_kg([1], [1]), AREAS - 31)
    assert caught.value.code == "E380"


@pytest.mark.parametrize("areas", [AREAS, pd.Series({"S1": 90})])
def test_pieces_of_another_land(areas):
    kg = stand_kg([1]) if len(areas) == 2 else stand_kg([1], [1])
    with pytest.raises(ConfigError) as caught:
        piece_stocks(PIECES, kg, areas)
    assert caught.value.code == "E381"


def test_promised_columns():
    with pytest.raises(VocabularyError):
        piece_stocks(PIECES.drop(columns="area_dm2"), stand_kg([1], [1]), AREAS)
