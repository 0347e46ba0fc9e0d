"""The report as a Word document: front matter by docxtpl, body in the styles of the template."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ecogis.core.errors import InputError
from ecogis.report.docx_body import Body, bookmark_name
from ecogis.report.model import Report
from ecogis.report.ooxml import close_field, link_to, open_field, packed

__all__ = ["docx_bytes"]

_BODY, _CONTENTS = "\ue010", "\ue011"
_TOC: Final = 'TOC \\o "1-1" \\h \\z \\u'


def docx_bytes(report: Report, template: Path | None = None) -> bytes:
    """The report as a .docx file.

    Parameters
    ----------
    report : Report
        Report in one language.
    template : Path, optional
        A firm's own restyled copy of the shipped template.

    Returns
    -------
    bytes
        The same report gives the same bytes.

    Raises
    ------
    InputError
        When there is no such template, or it lacks a style or the marks of the body and the
        contents.
    """
    if template is None:
        with as_file(files("ecogis.report.templates").joinpath("report.docx")) as shipped:
            filled = _front(report, shipped)
    else:
        filled = _front(report, template)
    _contents(_mark(filled, _CONTENTS, "{{ contents }}"), report)
    anchor = _mark(filled, _BODY, "{{ body }}")
    body = Body(filled, anchor, report)
    for place, section in enumerate(report.sections):
        body.section(section, place)
    anchor._p.getparent().remove(anchor._p)  # noqa: SLF001 - no public way to remove
    _properties(filled, report)
    return packed(filled)


def _front(report: Report, template: Path) -> Any:
    """Cover, statement, signatures, header and footer, with every value escaped."""
    if not template.is_file():
        raise InputError("E105", file=template, near="-")
    document = DocxTemplate(template)
    safe = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    context = {
        "title": report.title,
        "subject": report.subject,
        "words": dict(report.words),
        "cover": report.cover,
        "statement": report.statement,
        "signatures": report.signatures,
        "fingerprint": report.fingerprint,
        "body": _BODY,
        "contents": _CONTENTS,
    }
    document.render(context, jinja_env=safe, autoescape=True)
    return document.docx


def _mark(document: Any, mark: str, name: str) -> Any:
    for paragraph in document.paragraphs:
        if paragraph.text == mark:
            return paragraph
    raise InputError("E563", file="report.docx", style=name)


def _contents(first: Any, report: Report) -> None:
    """A table of contents that reads well before Word has counted the pages."""
    style = first.style
    for run in list(first.runs):
        run._r.getparent().remove(run._r)  # noqa: SLF001 - no public way to remove
    holder = first
    open_field(first, _TOC)
    for place, section in enumerate(report.sections):
        if place:
            following = first._parent.add_paragraph(style=style)  # noqa: SLF001
            holder._p.addnext(following._p)  # noqa: SLF001 - moving has no public way
            holder = following
        link_to(holder, bookmark_name(section), f"{section.number}{section.title}")
    close_field(holder)


def _properties(document: Any, report: Report) -> None:
    properties = document.core_properties
    properties.author = properties.last_modified_by = "ecogis"
    properties.title, properties.subject = report.title, report.subject
    properties.comments = f"{report.words['manifest']}: {report.fingerprint}"
    properties.language = "zh-CN" if report.lang == "zh" else "en-GB"
    properties.created = properties.modified = report.created
    properties.revision = 1
