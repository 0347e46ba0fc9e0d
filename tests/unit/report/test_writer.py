"""Reports in a folder: their names, both languages, nothing half written; and the QGIS style."""

import xml.etree.ElementTree as ET

import pytest

from ecogis.core.errors import ConfigError, InputError, VocabularyError
from ecogis.report import (
    Content,
    aliases,
    pieces_style,
    write,
    write_map,
    write_one,
)

NAMES = {"report.docx", "report.html", "report.pdf", "tables.xlsx"}


def test_four_faces_in_two_languages(tmp_path, content):
    small = Content(content.summary, {"inputs": content.tables["inputs"]})
    sizes = {}
    for lang in ("zh", "en"):
        (tmp_path / lang).mkdir()
        written = write(small, tmp_path / lang, lang=lang)
        assert {path.name for path in written} == NAMES
        assert sorted(written) == sorted((tmp_path / lang).iterdir())
        sizes[lang] = [path.stat().st_size for path in written]
        assert min(sizes[lang]) > 3000
    assert sizes["zh"] != sizes["en"]


def test_every_form_has_files_of_its_own(tmp_path, content):
    small = Content(content.summary, {"parcel_values": content.tables["parcel_values"]})
    written = write(small, tmp_path, forms=("asset", "explanation"), formats=("html", "xlsx"))
    assert [path.name for path in written] == [
        "appraisal.html",
        "schedule.xlsx",
        "explanation.html",
    ]
    with pytest.raises(ConfigError, match=r"E456.*“novel”.*carbon, asset, explanation"):
        write(small, tmp_path, forms=("novel",))
    with pytest.raises(ConfigError, match=r"E561.*“xlsx”"):
        write_one(small, tmp_path / "explanation.xlsx", form="explanation")


def test_one_face_is_the_one_the_name_asks_for(tmp_path, content):
    small = Content(content.summary, {"inputs": content.tables["inputs"]})
    for path in write(small, tmp_path):
        alone = write_one(small, tmp_path / f"mine{path.suffix.upper()}")
        assert alone.read_bytes() == path.read_bytes()
    with pytest.raises(ConfigError, match=r"E561.*“odt”.*docx, html, pdf, xlsx"):
        write_one(small, tmp_path / "mine.odt")
    assert not (tmp_path / "mine.odt").exists()


def test_one_figure_is_the_one_of_the_report(tmp_path, content, pictures):
    path = write_map(content, tmp_path / "map.png", name="map_eligibility", lang="en")
    assert path.read_bytes() == pictures["en"]["map_eligibility"]


def test_a_figure_is_a_png_or_nothing(tmp_path, content):
    with pytest.raises(ConfigError, match=r"E561.*“pdf”.*png"):
        write_map(content, tmp_path / "map.pdf", name="map_eligibility")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_is_not_there_names_those_that_are(tmp_path, content):
    few = Content(content.summary, {"price_parts": content.tables["price_parts"]})
    with pytest.raises(ConfigError, match=r"E564.*map_location.*chart_tornado"):
        write_map(few, tmp_path / "a.png", name="map_roads")
    with pytest.raises(InputError, match=r"E565.*chart_price。"):
        write_map(few, tmp_path / "a.png", name="map_age")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_writes_nothing(tmp_path, content):
    with pytest.raises(ConfigError, match="E561"):
        write(content, tmp_path, formats=("html", "odt"))
    assert list(tmp_path.iterdir()) == []


def test_a_fault_leaves_nothing_behind(tmp_path, content):
    broken = Content(content.summary, {"inputs": content.tables["inputs"].drop(columns="sha256")})
    with pytest.raises(VocabularyError):
        write(broken, tmp_path, formats=("html",))
    assert list(tmp_path.iterdir()) == []


def test_the_layer_of_pieces_opens_by_verdict():
    root = ET.fromstring(pieces_style("zh").split(">", 1)[1])
    renderer = root.find("renderer-v2")
    assert renderer.get("attr") == "creditable"
    labels = {c.get("value"): c.get("label") for c in renderer.iter("category")}
    assert labels == {"yes": "符合", "unknown": "尚不明确", "no": "不符合"}
    names = {alias.get("field"): alias.get("name") for alias in root.iter("alias")}
    assert names["area_ha"] == "面积 (公顷)"
    assert names["piece"] == "地块"


def test_the_style_can_show_the_pledge_in_english():
    assert 'attr="pledgeable"' in pieces_style("en", "pledgeable")
    assert aliases("en")["credit_kg"] == "Reduction (t CO₂e)"


def test_other_columns_hold_no_verdict():
    with pytest.raises(ConfigError, match="E002"):
        pieces_style("zh", "area_ha")
