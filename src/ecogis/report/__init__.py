"""What a valuation firm hands to a bank: report, page, workbook, maps; it computes nothing.

In: headline results and result tables (`Content`). Out: DOCX, PDF, HTML and XLSX in Chinese or
English, all made of one composed `Report`, so that they cannot disagree.
"""

from ecogis.report.content import compose
from ecogis.report.docx import docx_bytes
from ecogis.report.figures import FIGURES, draw
from ecogis.report.forms import FORMS, Form
from ecogis.report.html import html_bytes
from ecogis.report.model import Content, Report
from ecogis.report.pdf import pdf_bytes
from ecogis.report.sheets import xlsx_bytes
from ecogis.report.styles import aliases, area_note, pieces_style, services_style
from ecogis.report.writer import FORMATS, write, write_map, write_one

__all__ = [
    "FIGURES",
    "FORMATS",
    "FORMS",
    "Content",
    "Form",
    "Report",
    "aliases",
    "area_note",
    "compose",
    "docx_bytes",
    "draw",
    "html_bytes",
    "pdf_bytes",
    "pieces_style",
    "services_style",
    "write",
    "write_map",
    "write_one",
    "xlsx_bytes",
]
