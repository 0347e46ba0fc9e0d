"""Periods, provenance, vocabulary, texts and errors."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core import provenance, vocabulary
from ecogis.core.errors import ConfigError, InputError, VocabularyError
from ecogis.core.periods import add_months, add_years, day, years_between
from ecogis.core.texts import fill, rule


def test_whole_years_are_whole_in_leap_years_too():
    assert years_between(date(2023, 1, 1), date(2043, 1, 1)) == 20.0
    assert years_between(date(2024, 2, 29), date(2025, 2, 28)) == 1.0
    assert years_between(date(2025, 1, 1), date(2024, 1, 1)) == -1.0


def test_a_part_of_a_year_is_its_share_of_days():
    assert years_between(date(2025, 1, 1), date(2025, 7, 2)) == pytest.approx(182 / 365)


def test_months_keep_to_the_end_of_the_month():
    assert add_months(date(2024, 8, 31), 6) == date(2025, 2, 28)
    assert add_years(date(2023, 5, 17), 10) == date(2033, 5, 17)


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="E010"):
        day("31/08/2026")


def test_canonical_text_is_one_for_one_record():
    first = provenance.canonical_json({"b": [1, 2.5], "a": {"y": None, "x": date(2026, 1, 1)}})
    second = provenance.canonical_json({"a": {"x": "2026-01-01", "y": None}, "b": [1, 2.5]})
    assert first == second
    assert provenance.canonical_json({"n": 2**53}) == '{"n":"9007199254740992"}'


def test_a_folder_is_hashed_by_names_and_contents(tmp_path):
    (tmp_path / "x").write_text("1", encoding="utf-8")
    before = provenance.sha256_file(tmp_path)
    (tmp_path / "x").rename(tmp_path / "y")
    assert provenance.sha256_file(tmp_path) != before


def test_every_term_has_both_names_and_a_parsed_unit():
    for term in vocabulary.terms().values():
        assert term.zh
        assert term.en
        if term.unit:
            assert vocabulary.unit(term.name) == term.unit


def test_missing_columns_are_named_with_the_place():
    with pytest.raises(VocabularyError, match=r"E004.*growth.*age_yr, species"):
        vocabulary.require(pd.DataFrame({"stand": []}), ["stand", "age_yr", "species"], "growth")


def test_an_unknown_word_is_refused():
    with pytest.raises(VocabularyError, match="E008"):
        vocabulary.term("patch")
    with pytest.raises(VocabularyError, match="E008"):
        vocabulary.codes("colour")


def test_labels_of_codes_in_both_languages():
    assert vocabulary.code_label("verdict", "unknown", "zh") == "尚不明确"
    assert vocabulary.code_label("verdict", "unknown", "en") == "not known"
    assert vocabulary.code_label("land_class", pd.NA, "zh") == "—"
    assert vocabulary.code_label("land_class", "new", "zh") == "new"


def test_an_error_is_one_line_in_both_languages():
    text = str(InputError("E541", file="x.toml", detail="line 3"))
    assert text.startswith("E541 ")
    assert "x.toml" in text.split(" / ", maxsplit=1)[0]
    assert "\n" not in text


def test_a_placeholder_without_a_value_is_seen():
    assert fill("{a} {b}", {"a": 1}) == "1 ?"
    assert rule("E541").kind == "error"
