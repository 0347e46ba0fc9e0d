import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogis.io import cells, encodings
from ecogis.io.decode import _converted


def column(*values, kind=None):
    return pa.chunked_array([pa.array(values, type=kind)])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((7.0, 2.5, None, float("nan")), ["7", "2.5", None, None]),
        ((2**60, 0), [str(2**60), "0"]),
        ((dt.date(2024, 12, 31),), ["2024-12-31"]),
        ((dt.datetime(2024, 12, 31),), ["2024-12-31"]),  # noqa: DTZ001 - as a file holds it
        ((" 0012 ", "", "\u3000"), ["0012", None, None]),
        ((True, None), ["true", None]),
    ],
)
def test_texts_of_every_type(values, expected):
    found = cells.texts(column(*values))
    assert [None if pd.isna(value) else value for value in found] == expected


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40))
def test_any_text_comes_through(text):
    bare = text.strip(" \t\r\n\u3000\ufeff")
    assert cells.texts(column(text)).fillna("").tolist() == [bare]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_written_out_come_back_exactly(value):
    found, wrong = cells.numbers(column(repr(value)))
    assert found.iloc[0] == value
    assert not wrong.any()


def test_area_units_are_exact():
    hectares = _converted(pd.Series([15.0, 5574.8, 2000.0 / 3.0]), "m2", "ha")
    assert hectares.tolist()[:2] == [0.0015, 0.55748]
    assert _converted(pd.Series([15.0, 1.0]), "mu", "ha").tolist() == [1.0, 1.0 / 15.0]
    assert _converted(pd.Series([1.0]), "acre", "ha").tolist() == [0.40468564224]


def test_whole_numbers_only_for_ages():
    found, wrong = cells.integers(column(64.25, 3.0, None))
    assert found.isna().tolist() == [True, False, True]
    assert wrong.tolist() == [True, False, False]
    assert cells.integers(column(64.25), floor=True)[0].tolist() == [64]


def test_days_far_ahead_are_days():
    found, wrong = cells.dates(column("9999-12-31", "2024年5月1日"), ["%Y年%m月%d日"])
    assert found.dt.year.tolist() == [9999, 2024]
    assert not wrong.any()


@pytest.mark.parametrize(
    ("label", "codec"),
    [("GB2312", "gb18030"), ("OEM 936", "gb18030"), ("65001", "utf-8"), ("88591", "iso8859-1")],
)
def test_encodings_by_the_names_files_use(label, codec):
    assert encodings.named(label) == codec


def test_a_character_cut_at_the_end_does_not_change_the_encoding():
    assert encodings.sniff(["林业用地".encode()[:-1]]) == "utf-8"
    assert encodings.sniff([b"\xff\xff"]) is None
    assert encodings.sniff([b"plain"]) == "utf-8"


@pytest.mark.parametrize("sign", "\u200b\u200e\u2028\u00ad\x07\x85\ufe0f\U000e0100\u2066")
def test_a_character_nobody_sees_is_told_by_its_code_point(sign):
    """The same characters that a document refuses (E463)."""
    names = pd.Series(["持有人甲", f"持有{sign}人", None, "甲\t乙\n丙"], dtype="string")
    wrong, shown = cells.unseen(names)
    assert wrong.tolist() == [False, True, False, False]
    assert shown.to_dict() == {1: f"持有⟨U+{ord(sign):04X}⟩人"}


def test_rare_names_are_seen():
    assert not cells.unseen(pd.Series(["堃镕喆 㐂 𠮷 é ½"], dtype="string"))[0].any()
