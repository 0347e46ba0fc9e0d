"""Maker of the Word template the package ships: styles, page, header and footer, cover.

A firm restyles a copy of ``templates/report.docx`` in Word and passes it to `ecogis.report.write`;
the names of the styles are what binds it. To make the shipped one again::

    python -m ecogis.report.template_maker
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_SECTION_START
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from ecogis.report.ooxml import field, packed

__all__ = ["main", "template"]

_SONG, _HEI, _LATIN, _SANS = "宋体", "黑体", "Times New Roman", "Arial"
_INK: Final = RGBColor(0x1A, 0x1A, 0x1A)
_MADE: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - core properties carry no zone

_EXACT: Final = 5
_Look = tuple[bool, str, float, float, float, int]
"""Bold, alignment, space before and after [pt], line, first-line indent [1/100 character].

A line is a multiple of the font's own or, from `_EXACT` on, a fixed height [pt]: then a page holds
as much whatever font stands in for the one asked for.
"""

# name: base, size [pt], sans, and the look
_PARAGRAPHS: Final[dict[str, tuple[Any, ...]]] = {
    "ecogis Body": ("Normal", 12, False, False, "JUSTIFY", 0, 6, 21, 200),
    "ecogis Item": ("Normal", 12, False, False, "JUSTIFY", 0, 4, 20, 0),
    "ecogis Notice": ("Normal", 11, False, False, "JUSTIFY", 4, 10, 18, 0),
    "ecogis Note": ("Normal", 9, False, False, "LEFT", 2, 8, 13, 0),
    "ecogis Table Text": ("Normal", 9, False, False, "LEFT", 1, 1, 11.5, 0),
    "ecogis Table Number": ("ecogis Table Text", 9, False, False, "RIGHT", 1, 1, 11.5, 0),
    "ecogis Table Head": ("Normal", 9, True, False, "CENTER", 2, 2, 11.5, 0),
    "ecogis Table Small": ("Normal", 7.5, False, False, "LEFT", 1, 1, 10, 0),
    "ecogis Table Small Number": ("ecogis Table Small", 7.5, False, False, "RIGHT", 1, 1, 10, 0),
    "ecogis Table Small Head": ("Normal", 7.5, True, False, "CENTER", 2, 2, 10, 0),
    "ecogis Figure Caption": ("Caption", 10.5, True, False, "CENTER", 2, 10, 1.1, 0),
    "ecogis Figure": ("Normal", 9, False, False, "CENTER", 8, 2, 1.0, 0),
    "ecogis Cover Title": ("Normal", 28, True, False, "CENTER", 72, 20, 1.2, 0),
    "ecogis Cover Subject": ("Normal", 18, True, False, "CENTER", 0, 64, 1.3, 0),
    "ecogis Cover Label": ("Normal", 14, True, False, "LEFT", 5, 5, 1.1, 0),
    "ecogis Cover Value": ("Normal", 14, False, False, "LEFT", 5, 5, 1.1, 0),
    "ecogis Front Heading": ("Normal", 18, True, False, "CENTER", 12, 18, 1.2, 0),
    "ecogis Page Line": ("Normal", 9, False, False, "CENTER", 0, 0, 1.0, 0),
    "ecogis Fingerprint": ("Normal", 7, False, False, "CENTER", 2, 0, 1.0, 0),
}
_TABLE_STYLE: Final = """
<w:style {ns} w:type="table" w:customStyle="1" w:styleId="ecogisTable">
  <w:name w:val="ecogis Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/>
  <w:tblPr>
    <w:tblBorders>
      <w:top w:val="single" w:sz="12" w:color="1A1A1A"/>
      <w:bottom w:val="single" w:sz="12" w:color="1A1A1A"/>
      <w:insideH w:val="single" w:sz="2" w:color="C8C8C8"/>
    </w:tblBorders>
    <w:tblCellMar>
      <w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:tcPr>
    <w:tcBorders><w:bottom w:val="single" w:sz="6" w:color="1A1A1A"/></w:tcBorders>
    <w:shd w:val="clear" w:color="auto" w:fill="EEF2EE"/>
  </w:tcPr></w:tblStylePr>
  <w:tblStylePr w:type="lastRow"><w:rPr><w:b/></w:rPr><w:tcPr>
    <w:tcBorders><w:top w:val="single" w:sz="6" w:color="1A1A1A"/></w:tcBorders>
  </w:tcPr></w:tblStylePr>
</w:style>
"""


def template() -> Any:
    """The template as a python-docx document."""
    document = Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 - no public way to remove
    _fonts(document.styles["Normal"], 12, sans=False)
    for name, (base, size, sans, *look) in _PARAGRAPHS.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles[base]
        _fonts(style, size, sans=sans)
        _look(style, tuple(look))
    _headings(document)
    _notice_frame(document)
    _table_style(document)
    _page(document)
    _front(document)
    document.add_paragraph("{{ body }}", style="ecogis Body")
    _signatures(document)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "ecogis", "", ""
    properties.created = properties.modified = _MADE
    return document


def _fonts(style: Any, size: float, *, sans: bool) -> None:
    """Latin and Chinese fonts in the style itself; theme fonts would win over them."""
    latin, chinese = (_SANS, _HEI) if sans else (_LATIN, _SONG)
    style.font.name, style.font.size = latin, Pt(size)
    style.font.color.rgb = _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name, font in (("w:eastAsia", chinese), ("w:hAnsi", latin), ("w:cs", latin)):
        fonts.set(qn(name), font)


def _look(style: Any, look: _Look) -> None:
    bold, side, before, after, line, indent = look
    style.font.bold = bold
    shape = style.paragraph_format
    shape.alignment = WD_ALIGN_PARAGRAPH[side]
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    fixed = line >= _EXACT
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY if fixed else WD_LINE_SPACING.MULTIPLE
    shape.line_spacing = Pt(line) if fixed else line
    if indent:
        indents = style.element.get_or_add_pPr().get_or_add_ind()
        indents.set(qn("w:firstLineChars"), str(indent))
        indents.set(qn("w:firstLine"), str(round(indent / 100 * style.font.size.pt * 20)))


def _headings(document: Any) -> None:
    for name, size, before, after in (("Heading 1", 16, 18, 10), ("Heading 2", 14, 12, 6)):
        style = document.styles[name]
        _fonts(style, size, sans=True)
        _look(style, (True, "LEFT", before, after, 1.2, 0))
        style.paragraph_format.keep_with_next = True
    caption = document.styles["Caption"]
    _fonts(caption, 10.5, sans=True)
    _look(caption, (False, "CENTER", 8, 4, 1.1, 0))
    caption.paragraph_format.keep_with_next = True
    document.styles["ecogis Figure Caption"].paragraph_format.keep_with_next = False
    for name in ("ecogis Figure", "ecogis Table Head", "ecogis Table Small Head"):
        document.styles[name].paragraph_format.keep_with_next = True
    item = document.styles["ecogis Item"].paragraph_format
    item.left_indent, item.first_line_indent = Cm(0.9), Cm(-0.9)
    contents = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    contents.base_style = document.styles["Normal"]
    _fonts(contents, 12, sans=False)
    _look(contents, (False, "LEFT", 3, 3, 1.2, 0))
    contents.paragraph_format.tab_stops.add_tab_stop(Cm(15.9), WD_TAB_ALIGNMENT.RIGHT, 1)


def _notice_frame(document: Any) -> None:
    """A rule at the left and a tint: what must not be overlooked."""
    properties = document.styles["ecogis Notice"].element.get_or_add_pPr()
    borders = (
        f"<w:pBdr {nsdecls('w')}>"
        '<w:left w:val="single" w:sz="24" w:space="8" w:color="A0522D"/></w:pBdr>'
    )
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="FBF3EC"/>'
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(parse_xml(borders))
    spacing.addprevious(parse_xml(shade))
    document.styles["ecogis Notice"].paragraph_format.left_indent = Cm(0.4)


def _table_style(document: Any) -> None:
    document.styles.element.append(parse_xml(_TABLE_STYLE.format(ns=nsdecls("w"))))


def _page(document: Any) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION_START.NEW_PAGE
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.4)
    section.header_distance, section.footer_distance = Cm(1.5), Cm(1.2)
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    head.style = document.styles["ecogis Page Line"]
    head.add_run("{{ subject }}  {{ title }}")
    _rule_below(head)
    foot = section.footer.paragraphs[0]
    foot.style = document.styles["ecogis Page Line"]
    foot.add_run("{{ words.page_before }}")
    field(foot, "PAGE", "1")
    foot.add_run("{{ words.page_between }}")
    field(foot, "NUMPAGES", "1")
    foot.add_run("{{ words.page_after }}")
    line = section.footer.add_paragraph(style="ecogis Fingerprint")
    line.add_run("{{ words.manifest }}: {{ fingerprint }}")


def _rule_below(paragraph: Any) -> None:
    rule = '<w:bottom w:val="single" w:sz="4" w:space="3" w:color="888888"/>'
    border = parse_xml(f"<w:pBdr {nsdecls('w')}>{rule}</w:pBdr>")
    paragraph._p.get_or_add_pPr().append(border)  # noqa: SLF001 - borders have no public way


def _front(document: Any) -> None:
    document.add_paragraph("{{ title }}", style="ecogis Cover Title")
    document.add_paragraph("{{ subject }}", style="ecogis Cover Subject")
    _pairs(document, "cover", Cm(5.2), Cm(10.6))
    _front_heading(document, "{{ words.statement }}")
    document.add_paragraph("{%p for line in statement %}")
    document.add_paragraph("{{ loop.index }}.\t{{ line }}", style="ecogis Item")
    document.add_paragraph("{%p endfor %}")
    _front_heading(document, "{{ words.contents }}")
    document.add_paragraph("{{ contents }}", style="toc 1")


def _front_heading(document: Any, text: str) -> None:
    heading = document.add_paragraph(text, style="ecogis Front Heading")
    heading.paragraph_format.page_break_before = True


def _signatures(document: Any) -> None:
    document.add_paragraph("{%p if signatures %}")
    _front_heading(document, "{{ words.signatures }}")
    _pairs(document, "signatures", Cm(6.4), Cm(9.4), tall=True)
    document.add_paragraph("{%p endif %}")


def _pairs(document: Any, name: str, left: Any, right: Any, *, tall: bool = False) -> None:
    """A table of label and value, one row for each pair of the context."""
    table = document.add_table(rows=3, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, (left, right), strict=True):
        column.width = width
    table.rows[0].cells[0].text = f"{{%tr for row in {name} %}}"
    table.rows[2].cells[0].text = "{%tr endfor %}"
    styles = ("ecogis Cover Label", "ecogis Cover Value")
    for row in table.rows:
        for cell, width in zip(row.cells, (left, right), strict=True):
            cell.width = width
    for place, (cell, style) in enumerate(zip(table.rows[1].cells, styles, strict=True)):
        cell.paragraphs[0].style = document.styles[style]
        cell.paragraphs[0].add_run(f"{{{{ row[{place}] }}}}")
    _rule_below(table.rows[1].cells[1].paragraphs[0])
    if tall:
        table.rows[1].height = Cm(1.9)
    properties = table.rows[1]._tr.get_or_add_trPr()  # noqa: SLF001 - rows have no public way
    properties.append(OxmlElement("w:cantSplit"))


def main(save: Callable[[Path, bytes], object] = Path.write_bytes) -> None:
    """Write the template the package ships."""
    target = Path(__file__).parent / "templates" / "report.docx"
    save(target, packed(template()))


if __name__ == "__main__":
    main()
