"""The archived face: fonts inside, tagged, the same bytes each time, and texts never as markup."""

import dataclasses
import html
import io
import subprocess
from pathlib import Path

import matplotlib as mpl
import openpyxl
import pytest
from docx import Document

from ecogis.core.errors import InputError
from ecogis.report import Content, compose, docx_bytes, html_bytes, pdf_bytes, write, xlsx_bytes
from ecogis.report.glyphs import check_glyphs
from ecogis.report.model import Figure, Paragraph, Table

HOSTILE = (
    "张三 & 李四 <公司>",
    "堃镕喆",
    "{{ 7 * 7 }}{% for x in y %}",
    '#eval("1+1") $x^2$ *b* _i_ `c` <label> @ref \\',
    "=cmd|' /C calc'!A0",
    "</td></w:t><script>alert(1)</script>",
    "[[vintages]] {totals.area_ha}",
)
UNIT_CODE = "441899101001JC00001L00000001"


@pytest.fixture(scope="module")
def hostile(content):
    """Rights whose holders try everything."""
    rights = content.tables["rights"].head(len(HOSTILE)).assign(holder=list(HOSTILE))
    rights["unit_code"] = UNIT_CODE
    summary = {**content.summary, "project": {**content.summary["project"], "name": HOSTILE[0]}}
    return Content(summary, {"rights": rights, "inputs": content.tables["inputs"]})


@pytest.fixture(scope="module")
def file(composed, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(pdf_bytes(composed["zh"]))
    return path


def _run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def _bare(text):
    """Without blanks and the marks that allow a line to break."""
    return "".join(text.split()).replace("\u200b", "")


def test_it_says_that_it_is_pdf_a_and_pdf_ua(file):
    data = file.read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data


def test_fonts_are_the_shipped_ones_and_inside(file, program):
    rows = _run(program("pdffonts"), str(file)).splitlines()[2:]
    assert rows
    for row in rows:
        assert any(name in row for name in ("NotoSansCJKsc", "NotoSerifCJKsc", "LibertinusSerif"))
        assert row.split()[-5] == "yes"  # embedded


def test_the_same_report_gives_the_same_bytes(bare):
    assert pdf_bytes(bare["zh"]) == pdf_bytes(bare["zh"])
    changed = dataclasses.replace(bare["zh"], fingerprint="4" * 64)
    assert pdf_bytes(changed) != pdf_bytes(bare["zh"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_content_agree(composed, lang, program, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes(composed[lang]))
    text = _bare(_run(program("pdftotext"), "-raw", str(path), "-"))
    for section in composed[lang].sections:
        assert text.count(_bare(f"{section.number}{section.title}")) >= 2  # contents and heading
    for block in composed[lang].blocks():
        if not isinstance(block, Paragraph):
            assert _bare(f"{block.number}{block.caption}") in text
        if isinstance(block, Table):
            assert all(_bare(cell) in text for cell in block.rows[0])
    assert _bare(composed[lang].words["to_sign"]) in text


def test_pictures_say_what_they_show(composed, file):
    """PDF/UA refuses a picture without a text; here each has its own."""
    alts = [block.alt for block in composed["zh"].blocks() if isinstance(block, Figure)]
    assert len(set(alts)) == len(alts) == 14
    assert file.stat().st_size > 100_000


@pytest.mark.parametrize("form", ["carbon", "asset"])
def test_hostile_names_come_back_as_they_are(hostile, form, program, tmp_path):
    path = tmp_path / "report.pdf"
    report = compose(hostile, form=form)
    path.write_bytes(pdf_bytes(report))
    text = _bare(_run(program("pdftotext"), "-raw", str(path), "-"))
    for name in HOSTILE:
        assert _bare(name) in text
    assert UNIT_CODE in _run(program("pdftotext"), "-raw", str(path), "-")
    tame = hostile.tables["rights"].assign(holder=[f"甲{place}" for place in range(len(HOSTILE))])
    calm = compose(Content(hostile.summary, {**hostile.tables, "rights": tame}), form=form)
    assert _but_holders(report) == _but_holders(calm)


def _but_holders(report):
    """Everything the report says but the column of holders."""
    return [
        [row[:3] + row[4:] for row in block.rows]
        if isinstance(block, Table) and block.name == "rights"
        else block
        for block in report.blocks()
    ]


def test_a_character_no_font_has_is_an_error_in_every_face(content, tmp_path):
    rights = content.tables["rights"].head(1).assign(holder="持有人\U0002b740𝄞")
    told = Content(content.summary, {"rights": rights})
    for face in ("docx", "html", "pdf"):
        with pytest.raises(InputError, match=r"E455.*U\+2B740.*持有人"):
            write(told, tmp_path, formats=(face,))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\ufeff", "\u2028", "\ufe0f"])
def test_a_character_that_cannot_be_seen_is_named_as_such(content, sign):
    """No font helps, so the remedy is another one."""
    rights = content.tables["rights"].head(1).assign(holder=f"持有{sign}人")
    report = compose(Content(content.summary, {"rights": rights}))
    with pytest.raises(InputError, match=rf"E463.*持有⟨U\+{ord(sign):04X}⟩人"):
        check_glyphs(report)


def test_a_font_of_the_firm_adds_its_characters(content, program, tmp_path):
    """DejaVu Sans has a chessman that Noto's Chinese subset has not."""
    rights = content.tables["rights"].head(1).assign(holder="持有人\N{BLACK CHESS KNIGHT}")
    report = compose(Content(content.summary, {"rights": rights}))
    with pytest.raises(InputError, match="E455"):
        check_glyphs(report)
    font = tmp_path / "own.ttf"
    font.write_bytes(Path(mpl.get_data_path(), "fonts/ttf/DejaVuSans.ttf").read_bytes())
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes(report, [font]))
    assert "持有人\N{BLACK CHESS KNIGHT}" in _bare(_run(program("pdftotext"), str(path), "-"))
    assert "DejaVu" in _run(program("pdffonts"), str(path))


def test_a_font_that_is_none_is_named(bare, tmp_path):
    (tmp_path / "broken.otf").write_bytes(b"OTTO")
    for name in ("broken.otf", "absent.otf"):
        with pytest.raises(InputError, match=rf"E461.*{name}"):
            pdf_bytes(bare["zh"], [tmp_path / name])


def test_hostile_names_change_nothing_in_word_and_page(hostile):
    report = compose(hostile)
    assert docx_bytes(report) == docx_bytes(report)
    page = html_bytes(report).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "49" not in page.partition("{{ 7 * 7 }}")[2][:20]


def test_hostile_names_and_long_codes_are_the_same_in_every_face(hostile):
    """Word, page and workbook give back each name and each code of 28 characters, byte for byte."""
    report = compose(hostile)
    tables = Document(io.BytesIO(docx_bytes(report))).tables
    word = {cell.text for table in tables for row in table.rows for cell in row.cells}
    page = html.unescape(html_bytes(report).decode())
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(report)))
    sheet = {cell.value for row in book["权利"].iter_rows() for cell in row}
    for text in (*HOSTILE, UNIT_CODE):
        assert text in word
        assert f">{text}<" in page
        assert text in sheet
    assert all(cell.data_type != "f" for row in book["权利"].iter_rows() for cell in row)
