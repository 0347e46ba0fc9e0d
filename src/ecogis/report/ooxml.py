"""The few pieces of Word's XML that python-docx has no words for, and saving with fixed bytes."""

import io
import zipfile
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run

__all__ = ["bookmark", "close_field", "field", "hint_chinese", "link_to", "open_field", "packed"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def field(paragraph: Any, instruction: str, cached: str) -> None:
    """A field with the result it had when it was written."""
    open_field(paragraph, instruction)
    paragraph.add_run(cached)
    close_field(paragraph)


def open_field(paragraph: Any, instruction: str) -> None:
    """Begin a field; what is added until `close_field` is its result."""
    _mark(paragraph, "begin")
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)  # noqa: SLF001 - fields have no public way
    _mark(paragraph, "separate")


def close_field(paragraph: Any) -> None:
    """End the field that was opened last."""
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)  # noqa: SLF001 - fields have no public way


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Mark a paragraph so that a link can lead to it."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    runs = paragraph._p.r_lst  # noqa: SLF001 - bookmarks have no public way
    runs[0].addprevious(start)
    runs[-1].addnext(end)


def link_to(paragraph: Any, name: str, text: str) -> None:
    """A link to a bookmark."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), name)
    link.set(qn("w:history"), "1")
    run = paragraph.add_run(text)
    run._r.addprevious(link)  # noqa: SLF001 - links have no public way
    link.append(run._r)  # noqa: SLF001


def hint_chinese(run: Run) -> None:
    """Set quotes and dashes in the Chinese font, as they stand in Chinese text."""
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")  # noqa: SLF001


def packed(document: Any) -> bytes:
    """The document as a file whose bytes depend on its content only."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w") as target:
        for entry in source.infolist():
            member = zipfile.ZipInfo(entry.filename, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            target.writestr(member, source.read(entry))
    return second.getvalue()
