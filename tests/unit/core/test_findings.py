"""Findings: rows by mask, texts filled, refusal by policy."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import COLUMNS, Findings
from ecogis.core.texts import catalogue


def _three() -> Findings:
    findings = Findings()
    stands = pd.DataFrame({"stand": ["b", "a", "c"], "row": [2, 1, 3], "v": [-1.0, 5.0, np.nan]})
    findings.add(
        "E220",
        layer="stands",
        where=~(stands["v"] >= 0),
        feature=stands["stand"],
        row=stands["row"],
        observed=stands["v"],
        area_ha=np.array([1.0, 2.0, 3.0]),
        action="excluded",
    )
    return findings


def test_a_mask_makes_one_row_for_each_true_element():
    table = _three().table()
    assert list(table.columns) == list(COLUMNS)
    assert table["feature"].tolist() == ["b", "c"]
    assert table["row"].tolist() == [2, 3]
    assert table["area_ha"].tolist() == [1.0, 3.0]


def test_texts_are_filled_in_both_languages():
    row = _three().table().iloc[0]
    assert "b" in row["message_zh"]
    assert "-1.0" in row["message_en"]
    assert row["remedy_zh"]
    assert row["remedy_en"]


def test_excluded_rows_are_known_by_layer():
    assert _three().excluded("stands") == {"b", "c"}
    assert _three().excluded("parcels") == set()


def test_refusal_names_code_and_number_unless_accepted():
    with pytest.raises(StageRefusedError, match=r"E220 ×2"):
        _three().refuse("error")
    _three().refuse("error", accept=["E220"])


def test_an_unknown_action_is_refused():
    with pytest.raises(ConfigError, match="E002"):
        Findings().add("E220", layer="stands", action="dropped")


def test_an_empty_collection_has_the_same_columns():
    table = Findings().table()
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 0


def test_every_shipped_text_stands_in_both_languages():
    for rule in catalogue().values():
        assert rule.zh, rule.code
        assert rule.en, rule.code
        assert bool(rule.remedy_zh) == bool(rule.remedy_en), rule.code


def test_features_are_those_of_a_layer_a_column_an_action_and_codes():
    findings = _three()
    findings.add("E004", layer="stands", feature="a", column="species", columns="species")
    findings.add("E004", layer="stands", columns="origin")
    assert findings.features("stands") == {"a", "b", "c"}
    assert findings.features("stands", column="species") == {"a"}
    assert findings.features("stands", codes=["E220"]) == {"b", "c"}
    assert findings.features("parcels") == set()


def test_a_table_handed_out_is_the_holder_s_own():
    findings = _three()
    table = findings.table()
    table["code"] = "E000"
    assert findings.table()["code"].tolist() == ["E220", "E220"]
    assert findings.add("E004", layer="stands", columns="x") == 1
    assert len(findings.table()) == 3


def test_rows_of_another_collection_are_taken_over_by_layer():
    findings, other = Findings(), _three()
    other.add("E004", layer="parcels", columns="x")
    findings.extend(other, layer="stands")
    assert findings.rows() == other.rows()[:2]
    findings.extend(other)
    assert findings.count() == 5
