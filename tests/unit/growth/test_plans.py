"""A plan of fellings: what is read, what is told, what may be."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.growth.plans import felling_event, planned_fellings, read_plan
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
STANDS = pd.DataFrame(
    {
        "stand": ["A", "B", "C", "D"],
        "forest_category": ["commercial", "public_welfare", "commercial", None],
        "origin": ["planted", "planted", "natural", "planted"],
    }
)


def looked_at(lines, tmp_path, followed=(True,) * 4):
    file = tmp_path / "plan.csv"
    text = "\n".join(["stand,year,felling,share", *lines]) + "\n"
    file.write_text(text, encoding="utf-8-sig")
    findings = Findings()
    found = planned_fellings(
        read_plan(file),
        STANDS,
        parameters("harvest-law"),
        DAY,
        findings,
        years=range(2025, 2045),
        followed=followed,
        stem_out=0.9,
    )
    table = findings.table()
    return found, table[["code", "row", "feature"]].to_numpy().tolist(), table


def test_what_may_be_is_kept(tmp_path):
    lines = ["A,2025,final_felling,1", "A,2040,thinning,0.25", "B,2030,tending,0.2"]
    found, told, _ = looked_at(lines, tmp_path)
    assert told == []
    assert found.table.to_numpy().tolist() == [
        ["A", 0, "final_felling 1"],
        ["A", 15, "thinning 0.25"],
        ["B", 5, "tending 0.2"],
    ]
    assert [event.restart for event in found.events] == [True, False, False]
    assert {event.stem_out for event in found.events} == {0.9}


def test_the_law_is_told_row_by_row(tmp_path):
    lines = [
        "B,2030,final_felling,1",  # public welfare
        "C,2030,final_felling,1",  # natural
        "D,2030,thinning,0.2",  # category not known
        "B,2031,regeneration_felling,0.4",
    ]
    found, told, table = looked_at(lines, tmp_path)
    assert told == [["E671", 2, "B"], ["E671", 3, "C"], ["E671", 4, "D"]]
    assert table["observed"].tolist()[0] == "2030 final_felling"
    assert found.table["event"].tolist() == ["regeneration_felling 0.4"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("X,2030,thinning,0.2", "no such stand"),
        ("A,soon,thinning,0.2", "whole number"),
        ("A,2030,burning,0.2", "must be one of final_felling"),
        ("A,2030,thinning,1", "below 1"),
        ("A,2030,final_felling,1.2", "at most 1"),
        ("A,2030,final_felling,many", "at most 1"),
        ("A,2029,tending,0.1", "once in a year"),
    ],
)
def test_a_row_that_means_nothing_is_told_and_left_out(tmp_path, line, why):
    found, told, table = looked_at(["A,2029,thinning,0.2", line], tmp_path)
    assert [row[:2] for row in told] == [["E694", 3]]
    assert why in table["message_en"][0]
    assert len(found.table) == 1


def test_years_and_stands_that_are_not_followed(tmp_path):
    lines = ["A,2024,thinning,0.2", "B,2045,tending,0.2", "C,2030,thinning,0.2"]
    found, told, table = looked_at(lines, tmp_path, followed=(True, True, False, True))
    assert [row[:2] for row in told] == [["E695", 2], ["E695", 3], ["E695", 4]]
    assert "2025-2044" in table["message_en"][0]
    assert found.table.empty


def test_a_plan_without_rows_is_a_plan(tmp_path):
    found, told, _ = looked_at([], tmp_path)
    assert found.table.empty
    assert told == []
    assert found.events == ()


def test_a_file_without_its_columns_is_refused(tmp_path):
    file = tmp_path / "plan.csv"
    file.write_text("stand,year\nA,2030\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match="felling, share"):
        read_plan(file)
    with pytest.raises(ConfigError, match="E241"):
        read_plan(tmp_path / "none.csv")


def test_all_of_a_stand_ends_it_where_the_kind_does():
    assert felling_event("final_felling", 1.0).restart
    assert not felling_event("final_felling", 0.5).restart
    assert not felling_event("tending", 0.5).restart
