"""Reports, single faces and figures as files, each whole or not at all."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.io import whole
from ecogis.report.canvas import fonts_beside
from ecogis.report.content import compose
from ecogis.report.docx import docx_bytes
from ecogis.report.figures import draw, draw_one
from ecogis.report.forms import form_of
from ecogis.report.glyphs import check_glyphs
from ecogis.report.html import html_bytes
from ecogis.report.model import Content, Report
from ecogis.report.pdf import pdf_bytes
from ecogis.report.sheets import xlsx_bytes

__all__ = ["FORMATS", "write", "write_map", "write_one"]

FORMATS: Final = ("docx", "html", "pdf", "xlsx")
"""Faces a report can have."""


def write(
    content: Content,
    folder: Path,
    *,
    lang: str = "zh",
    formats: Collection[str] = FORMATS,
    forms: Collection[str] = ("carbon",),
    template: Path | None = None,
    fonts: Sequence[Path] = (),
) -> list[Path]:
    """Write reports in one language.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers.
    folder : Path
        Folder that exists. Files are named by form and face: ``report.docx``, ``report.pdf``,
        ``report.html`` and ``tables.xlsx`` for the form ``carbon``, in either language.
    lang : {"zh", "en"}
        Language of the reports.
    formats : collection of {"docx", "html", "pdf", "xlsx"}
        Faces to write.
    forms : collection of str
        Names in `ecogis.report.FORMS`.
    template : Path, optional
        A firm's own restyled copy of the Word template.
    fonts : sequence of Path
        Font files beside the shipped ones, for characters those lack.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    ConfigError
        When a format or a form is not known.
    InputError
        When the content lacks what a report needs, the template a style, or the fonts a character.
    """
    for name in formats:
        _known(name)
    pictures = {}
    if set(formats) - {"xlsx"}:
        with fonts_beside(fonts):
            pictures = draw(content, lang=lang)
    written = []
    for form in map(form_of, forms):
        report = compose(content, lang=lang, form=form.name, pictures=pictures)
        for face in formats:
            if stem := form.workbook if face == "xlsx" else form.file:
                target = Path(folder) / f"{stem}.{face}"
                written.append(_save(target, _face(report, face, template, fonts)))
    return written


def write_one(
    content: Content,
    path: Path,
    *,
    lang: str = "zh",
    form: str = "carbon",
    template: Path | None = None,
    fonts: Sequence[Path] = (),
) -> Path:
    """Write one face of a report under a name of one's own.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers.
    path : Path
        File to write; ``.docx``, ``.html``, ``.pdf`` or ``.xlsx`` says which face.
    lang : {"zh", "en"}
        Language of the report.
    form : str
        A name in `ecogis.report.FORMS`.
    template : Path, optional
        A firm's own restyled copy of the Word template.
    fonts : sequence of Path
        Font files beside the shipped ones, for characters those lack.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ConfigError
        When the name ends in anything else, there is no such form, or it has no workbook.
    InputError
        When the content lacks what the report needs, the template a style, or the fonts a
        character.
    """
    face = _known(Path(path).suffix.removeprefix(".").lower())
    if face == "xlsx" and not form_of(form).workbook:
        raise ConfigError("E561", value=face, expected=", ".join(FORMATS[:-1]))
    pictures = {}
    if face != "xlsx":
        with fonts_beside(fonts):
            pictures = draw(content, lang=lang)
    report = compose(content, lang=lang, form=form, pictures=pictures)
    return _save(Path(path), _face(report, face, template, fonts))


def write_map(
    content: Content, path: Path, *, name: str, lang: str = "zh", fonts: Sequence[Path] = ()
) -> Path:
    """Write one figure of a report, map or chart, as PNG.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers.
    path : Path
        File to write, ending in ``.png``.
    name : str
        A name in `FIGURES`, such as ``map_eligibility``.
    lang : {"zh", "en"}
        Language of legends and axes.
    fonts : sequence of Path
        Font files beside the shipped ones, for characters those lack.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ConfigError
        When the name ends in anything else, or there is no figure of that name; the message
        names those there are.
    InputError
        When the content lacks the data of the figure.
    """
    suffix = Path(path).suffix.removeprefix(".")
    if suffix.lower() != "png":
        raise ConfigError("E561", value=suffix, expected="png")
    with fonts_beside(fonts):
        return _save(Path(path), draw_one(content, name, lang=lang))


def _known(name: str) -> str:
    if name not in FORMATS:
        raise ConfigError("E561", value=name, expected=", ".join(FORMATS))
    return name


def _face(report: Report, face: str, template: Path | None, fonts: Sequence[Path]) -> bytes:
    check_glyphs(report, fonts)
    makers: dict[str, Callable[[], bytes]] = {
        "docx": lambda: docx_bytes(report, template),
        "html": lambda: html_bytes(report),
        "pdf": lambda: pdf_bytes(report, fonts),
        "xlsx": lambda: xlsx_bytes(report),
    }
    return makers[face]()


def _save(target: Path, data: bytes) -> Path:
    with whole(target) as temporary:
        Path(temporary).write_bytes(data)
    return target
