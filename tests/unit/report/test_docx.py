"""The Word face: values as they are, styles that bind, the same bytes each time."""

import dataclasses
import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogis.core.errors import InputError
from ecogis.report import Content, compose, docx_bytes
from ecogis.report.docx_body import STYLES
from ecogis.report.ooxml import packed
from ecogis.report.present import clean
from ecogis.report.template_maker import template

AWKWARD = "演示林场 & <合作社> “青山”"
PRINTABLE = st.characters(codec="utf-8", exclude_characters="\x00\t\n\r{}")


@pytest.fixture(scope="module")
def word(composed):
    return docx_bytes(composed["zh"])


@pytest.fixture(scope="module")
def document(word):
    return Document(io.BytesIO(word))


def _xml(data, name="word/document.xml"):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def test_awkward_names_come_back_equal(document):
    assert document.paragraphs[1].text == AWKWARD
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert AWKWARD in cells
    assert any(AWKWARD in paragraph.text for paragraph in document.paragraphs[2:])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(holder=st.text(PRINTABLE, min_size=1, max_size=40).filter(str.strip))
def test_any_name_comes_back_equal(content, holder):
    summary = {**content.summary, "project": {**content.summary["project"], "name": holder}}
    small = Content(summary, {"rights": content.tables["rights"].head(1).assign(holder=holder)})
    found = Document(io.BytesIO(docx_bytes(compose(small))))
    assert found.paragraphs[1].text == clean(holder)
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    assert clean(holder) in cells


def test_markup_in_a_value_makes_no_paragraph(content):
    forged = "甲</w:t></w:r></w:p><w:p><w:r><w:t>VALUE: 9,999,999"
    summary = {**content.summary, "project": {**content.summary["project"], "name": forged}}
    found = Document(io.BytesIO(docx_bytes(compose(Content(summary, {})))))
    assert found.paragraphs[1].text == forged
    assert not any(paragraph.text == "VALUE: 9,999,999" for paragraph in found.paragraphs)


def test_same_report_same_bytes(composed, word):
    assert docx_bytes(composed["zh"]) == word


def test_headings_are_those_of_the_sections(document, composed):
    found = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert found == [f"{s.number}{s.title}" for s in composed["zh"].sections]


def test_contents_lead_to_headings(word):
    xml = _xml(word)
    assert 'TOC \\o "1-1"' in xml
    for name in ("summary", "annexes"):
        assert f'w:anchor="_Toc_ecogis_{name}"' in xml
        assert f'w:name="_Toc_ecogis_{name}"' in xml


def test_tables_repeat_their_head_and_keep_rows_whole(document):
    for table in document.tables:
        if table.style.name == "ecogis Table":
            rows = table._tbl.tr_lst
            assert rows[0].trPr.find(qn("w:tblHeader")) is not None
            assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
            grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
            assert sum(grid) <= 9070
            assert min(grid) > 300


def test_every_printed_table_and_figure_is_in_the_document(document, composed):
    captions = [p.text for p in document.paragraphs if p.style.name.endswith("Caption")]
    expected = [b for b in composed["zh"].blocks() if hasattr(b, "caption")]
    assert captions == [f"{b.number}  {b.caption}" for b in expected]


def test_figures_say_what_they_show(word, composed):
    xml = _xml(word)
    assert xml.count("<pic:pic") == 14
    assert 'descr="地块可计入判定' in xml


def test_page_foot_holds_the_manifest(word):
    foot = _xml(word, "word/footer1.xml")
    assert "3" * 64 in foot
    assert "NUMPAGES" in foot
    assert "{{" not in foot


def test_fonts_of_chinese_stand_in_the_styles(document):
    for name in (*STYLES, "ecogis Cover Title"):
        style = document.styles[name]
        if style.type == 1:
            fonts = style.element.rPr.find(qn("w:rFonts"))
            assert fonts.get(qn("w:eastAsia")) in {"宋体", "黑体"}
            assert not [key for key in fonts.attrib if key.endswith("Theme")]


def test_the_shipped_template_is_the_one_the_maker_makes():
    from importlib.resources import files

    shipped = files("ecogis.report.templates").joinpath("report.docx").read_bytes()
    with (
        zipfile.ZipFile(io.BytesIO(shipped)) as a,
        zipfile.ZipFile(io.BytesIO(packed(template()))) as b,
    ):
        assert a.namelist() == b.namelist()
        for name in a.namelist():
            assert a.read(name) == b.read(name), name


def test_a_template_without_a_style_is_refused(tmp_path, bare):
    broken = template()
    broken.styles["ecogis Note"].delete()
    broken.save(tmp_path / "ours.docx")
    with pytest.raises(InputError, match=r"E563 .*ecogis Note"):
        docx_bytes(bare["zh"], tmp_path / "ours.docx")


def test_a_template_that_is_not_there_is_named(tmp_path, bare):
    with pytest.raises(InputError, match=r"E105 .*mine\.docx"):
        docx_bytes(bare, tmp_path / "mine.docx")


def test_a_restyled_template_is_used(tmp_path, bare):
    ours = template()
    ours.styles["ecogis Body"].font.name = "Palatino"
    ours.save(tmp_path / "ours.docx")
    found = Document(io.BytesIO(docx_bytes(bare["zh"], tmp_path / "ours.docx")))
    assert found.styles["ecogis Body"].font.name == "Palatino"


def test_a_run_without_value_makes_a_whole_document(bare):
    for lang in ("zh", "en"):
        found = Document(io.BytesIO(docx_bytes(bare[lang])))
        assert sum(p.style.name == "Heading 1" for p in found.paragraphs) == 17


def test_what_the_run_said_is_read_back(document, content):
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    valuation, totals = content.summary["valuation"], content.summary["totals"]
    for fen in ("npv_fen", "p5_fen", "p50_fen", "p95_fen", "pledge_value_fen", "principal_fen"):
        assert f"{valuation[fen] / 100:,.2f}" in text
    for hectares in ("area_ha", "creditable_ha", "excluded_ha", "unknown_ha", "pledgeable_ha"):
        assert f"{totals[hectares]:,.2f} 公顷" in text


def test_reports_differ_when_a_figure_differs(composed):
    changed = dataclasses.replace(composed["zh"], fingerprint="4" * 64)
    assert docx_bytes(changed) != docx_bytes(composed["zh"])
