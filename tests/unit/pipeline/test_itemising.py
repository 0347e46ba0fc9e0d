"""The appraisal schedule: every parcel once, parts that add up, missing money stays missing."""

import pandas as pd
import pytest

from ecogis.pipeline.itemising import parcel_values

HECTARE = 1_000_000  # dm2


def _tables(**pieces):
    base = {
        "parcel": ["A", "A", "B", "C", None],
        "area_dm2": [HECTARE, 2 * HECTARE, HECTARE, HECTARE, HECTARE],
        "creditable": pd.array([True, False, True, pd.NA, True], "boolean"),
        "pledgeable": pd.array([True, False, pd.NA, False, True], "boolean"),
        "co2e_kg": [10, 20, 30, 40, 50],
        "credit_kg": [7, 0, 5, 0, 9],
        "pledgeable_kg": [2, 0, 1, 0, 0],
    }
    return {
        "pieces": pd.DataFrame(base | pieces),
        "parcels": pd.DataFrame({"parcel": ["A", "B", "C"], "location": ["x", "y", pd.NA]}),
        "rights": pd.DataFrame(
            {
                "parcel": ["A", "A", "A", None],
                "holder": ["张三", "李四; 王五", "张三", "赵六"],
                "certificate_no": ["证1", "证2", "证1", "证3"],
            }
        ),
    }


def test_a_row_for_each_parcel_with_its_sums():
    found = parcel_values(_tables(), {"npv_fen": 100, "pledge_value_fen": 50}).set_index("parcel")
    assert list(found.index) == ["A", "B", "C"]
    assert found.loc["A", ["pieces", "area_dm2", "creditable_dm2", "pledgeable_dm2"]].tolist() == [
        *(2, 3 * HECTARE, HECTARE, HECTARE)
    ]
    assert found["co2e_kg"].tolist() == [30, 30, 40]
    assert found["holder"].fillna("").tolist() == ["张三; 李四; 王五", "", ""]
    assert found["certificate_no"].fillna("").tolist() == ["证1; 证2", "", ""]
    assert found["location"].fillna("").tolist() == ["x", "y", ""]


@pytest.mark.parametrize("total", [0, 1, 100, 29_403_582, -7])
def test_parts_add_up_to_the_value(total):
    found = parcel_values(_tables(), {"npv_fen": total, "pledge_value_fen": max(total, 0)})
    assert found["value_fen"].sum() == total
    assert found["pledge_value_fen"].sum() == max(total, 0)
    by_parcel = found.set_index("parcel")["value_fen"]
    assert by_parcel["C"] == 0
    assert abs(by_parcel["A"] - 2 * total / 3) < 1
    assert abs(found.set_index("parcel").loc["B", "value_fen_ha"] - by_parcel["B"]) < 1


def test_nothing_valued_is_missing_and_not_nil():
    for valuation in ({}, {"npv_fen": None}):
        found = parcel_values(_tables(), valuation)
        assert found[["value_fen", "pledge_value_fen", "value_fen_ha"]].isna().all(axis=None)
    found = parcel_values(_tables(pledgeable_kg=[0] * 5), {"npv_fen": 0, "pledge_value_fen": 0})
    assert found["value_fen"].isna().all()


def test_the_largest_part_of_a_loss_stands_first():
    pieces = {"pledgeable_kg": [1, 0, 2, 0, 0]}
    found = parcel_values(_tables(**pieces), {"npv_fen": -300, "pledge_value_fen": 0})
    assert found["parcel"].tolist() == ["B", "A", "C"]
    assert found["value_fen"].tolist() == [-200, -100, 0]
