"""Reports in a folder: their names, both languages, nothing half written; and the QGIS style."""

import xml.etree.ElementTree as ET

import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.report import FORMATS, Content, aliases, pieces_style, write


def test_three_faces_in_two_languages(tmp_path, content):
    small = Content(content.summary, {"inputs": content.tables["inputs"]})
    for lang, names in (
        ("zh", {"report.docx", "report.html", "tables.xlsx"}),
        ("en", {"report-en.docx", "report-en.html", "tables-en.xlsx"}),
    ):
        written = write(small, tmp_path, lang=lang)
        assert written.keys() == set(FORMATS)
        assert {path.name for path in written.values()} == names
        assert all(path.stat().st_size > 3000 for path in written.values())
    assert len(list(tmp_path.iterdir())) == 6


def test_an_unknown_format_writes_nothing(tmp_path, content):
    with pytest.raises(ConfigError, match="E561"):
        write(content, tmp_path, formats=("html", "pdf"))
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
