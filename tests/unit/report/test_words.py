"""Texts of both languages say the same things of the same results."""

import re
import tomllib
from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.report import FORMS
from ecogis.report.present import KINDS
from ecogis.report.words import Words, _join, facts, fill, resolve, table_specs


def _flat(texts, prefix=""):
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def texts():
    folder = files("ecogis.report.texts")
    return {
        lang: {
            key: text
            for file in folder.iterdir()
            if file.name == f"{lang}.toml" or file.name.endswith(f".{lang}.toml")
            for key, text in _flat(tomllib.loads(file.read_text("utf-8")))
        }
        for lang in ("zh", "en")
    }


def test_both_languages_have_the_same_texts(texts):
    assert _said_in_both(texts, "zh") == _said_in_both(texts, "en")


def _said_in_both(texts, lang):
    """All but the English words that Chinese findings hold."""
    return {key for key in texts[lang] if not key.startswith("spoken.")}


def test_both_languages_name_the_same_results(texts):
    named = re.compile(r"\{[^}]*\}|\[\[\w+\]\]")
    for key in _said_in_both(texts, "zh"):
        found = [{*named.findall(" ".join(texts[lang][key]))} for lang in ("zh", "en")]
        assert found[0] == found[1], key


def test_chinese_texts_are_set_with_chinese_marks(texts):
    wrong = re.compile(r"[\u4e00-\u9fff][,;:](?=.)")
    assert [text for lines in texts["zh"].values() for text in lines if wrong.search(text)] == []


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_form_has_its_words(form, lang):
    told = Words(lang)
    assert list(told.group("forms")[form.name]["sections"]) == list(form.sections)
    assert told.word(f"forms.{form.name}.title")
    assert told.lines(f"forms.{form.name}.statement")
    assert set(form.cover) <= set(told.group("cover"))
    assert set(form.signatures) <= set(told.group("signatures"))
    assert set(form.sheets) <= set(table_specs())
    assert len([name for name in form.sections if name not in form.unnumbered]) <= 17


def test_every_table_says_where_it_comes_from():
    told = Words("zh").group("roles") | Words("zh").group("sources")
    for name, spec in table_specs().items():
        assert spec.get("from"), name
        assert set(spec["from"]) <= set(told), name


def test_a_text_is_given_once():
    found = {"a": {"b": "one"}}
    _join(found, {"a": {"c": "two"}, "d": ["three"]}, "more.zh.toml")
    assert found == {"a": {"b": "one", "c": "two"}, "d": ["three"]}
    with pytest.raises(VocabularyError, match=r"E457.*“b”.*again\.zh\.toml"):
        _join(found, {"a": {"b": "other"}}, "again.zh.toml")


def test_references_name_tables_or_figures(texts):
    drawn = set(Words("zh").group("figures"))
    known = {*table_specs(), *drawn, "headline", "parties", "conclusion", "users", "signed"}
    marks = {
        m for lines in texts["zh"].values() for t in lines for m in re.findall(r"\[\[(\w+)", t)
    }
    assert marks <= known


def test_columns_are_shown_in_known_ways():
    known = {*KINDS, "text", "date", "number", "flag", "term", "unit", "by_unit"}
    known |= {"message", "word"}
    for name, spec in table_specs().items():
        for column in spec["columns"]:
            assert column["as"].partition(":")[0] in known | {"code", "codes"}, (name, column)
        assert len(spec["sheet_zh"]) <= 31
        assert len(spec["sheet_en"]) <= 31


def test_sheet_names_differ():
    for key in ("sheet_zh", "sheet_en"):
        names = [spec[key] for spec in table_specs().values()]
        assert len(names) == len(set(names))


def test_values_are_never_read_as_templates():
    filled = fill("{a} [[t]]", {"a": "{b} [[t]] {a.__class__}"})
    assert resolve(filled, {"t": "表3"}, "none") == (
        ("{b} [[t]] {a.__class__} ", ""),
        ("表3", "t"),
    )


def test_findings_are_told_in_the_language_of_the_report():
    said = Words("zh").spoken
    assert said("parcels A1 图形无效:Ring Self-intersection。") == "宗地 A1 图形无效：环自相交。"
    assert said("在 stands.gpkg 的 stands 中") == "在 stands.gpkg 的小班中"
    assert said("stands_opening 与 parcels_2024") == "期初小班与 parcels_2024"
    assert Words("en").spoken("land_history W1") == "history of land class W1"


def test_a_reference_without_its_table_says_so():
    assert resolve(fill("[[t]]", {}), {}, "none") == (("none", ""),)


def test_results_by_the_ends_of_their_names():
    found = facts(
        {
            "project": {"seed": 20260831, "name": "甲"},
            "totals": {"area_ha": 2.0, "credit_kg": 1_500, "stock_co2e_kg_valuation": 2_000},
            "valuation": {"npv_fen": 100, "discount_rate": 0.09, "tenor_years": 5},
            "methodology": {
                "title_zh": "造林",
                "title_en": "Planting",
                "in_force_from": "2023-10-24",
            },
        },
        "en",
    )
    assert found == {
        "project.seed": "20260831",
        "project.name": "甲",
        "totals.area_ha": "2.00",
        "totals.area_mu": "30.00",
        "totals.credit_t": "1.5",
        "totals.stock_co2e_t_valuation": "2.0",
        "valuation.npv_yuan": "1.00",
        "valuation.npv_capitals": "壹元整",
        "valuation.discount_rate": "9.00%",
        "valuation.tenor_years": "5",
        "methodology.title": "Planting",
        "methodology.in_force_from": "24 October 2023",
    }


def test_unknown_language_and_text():
    with pytest.raises(ConfigError, match="E002"):
        Words("fr")
    with pytest.raises(VocabularyError, match="E560"):
        Words("zh").word("words.nothing")
