"""Texts filled row by row are those filled one by one."""

import datetime as dt

import pytest

from ecogis.core.texts import catalogue, fill, filled

COLUMNS = {"a": [1, 2.5], "day": [dt.date(2024, 1, 2), "—"], "名": ["甲", None]}


@pytest.mark.parametrize(
    "text",
    ["", "plain", "{a}", "{a} {a} of {day}", "{名}:{gone}", "{a:.2f} {{a}}", "{a!r} and {day}"],
)
def test_a_column_of_texts_is_each_text(text):
    rows = [{name: cells[row] for name, cells in COLUMNS.items()} for row in range(2)]
    assert filled([text], COLUMNS, 2) == [[fill(text, row) for row in rows]]


def test_a_format_inside_a_format_is_filled_too():
    assert filled(["{a:{w}}"], {"a": [1], "w": [3]}, 1) == [["  1"]]


def test_every_shipped_text_can_be_filled_without_values():
    for rule in catalogue().values():
        assert filled([rule.zh, rule.en], {}, 1) == [[fill(rule.zh, {})], [fill(rule.en, {})]], (
            rule.code
        )
