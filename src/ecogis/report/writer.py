"""Reports, single faces and figures as files, each whole or not at all."""

from collections.abc import Collection
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.io import whole
from ecogis.report.content import compose
from ecogis.report.docx import docx_bytes
from ecogis.report.figures import draw, draw_one
from ecogis.report.html import html_bytes
from ecogis.report.model import Content, Report
from ecogis.report.sheets import xlsx_bytes

__all__ = ["FORMATS", "write", "write_map", "write_one"]

_NAMES: Final = MappingProxyType(
    {"docx": "report.docx", "html": "report.html", "xlsx": "tables.xlsx"}
)
FORMATS: Final = tuple(_NAMES)
"""Faces a report can have."""


def write(
    content: Content,
    folder: Path,
    *,
    lang: str = "zh",
    formats: Collection[str] = FORMATS,
    template: Path | None = None,
) -> dict[str, Path]:
    """Write a report in one language.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers.
    folder : Path
        Folder that exists. Files are ``report.docx``, ``report.html`` and ``tables.xlsx`` in
        either language.
    lang : {"zh", "en"}
        Language of the report.
    formats : collection of {"docx", "html", "xlsx"}
        Faces to write.
    template : Path, optional
        A firm's own restyled copy of the Word template.

    Returns
    -------
    dict of str to Path
        Path written, by format.

    Raises
    ------
    ConfigError
        When a format is not known.
    InputError
        When the content lacks what every report needs, or the template a style.
    """
    for name in formats:
        _known(name)
    pictures = draw(content, lang=lang) if {"docx", "html"} & set(formats) else {}
    report = compose(content, lang=lang, pictures=pictures)
    written = {name: Path(folder) / _NAMES[name] for name in formats}
    for name, target in written.items():
        _save(target, _face(report, name, template))
    return written


def write_one(
    content: Content, path: Path, *, lang: str = "zh", template: Path | None = None
) -> Path:
    """Write one face of a report under a name of one's own.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers.
    path : Path
        File to write; ``.docx``, ``.html`` or ``.xlsx`` says which face.
    lang : {"zh", "en"}
        Language of the report.
    template : Path, optional
        A firm's own restyled copy of the Word template.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ConfigError
        When the name ends in anything else.
    InputError
        When the content lacks what every report needs, or the template a style.
    """
    name = _known(Path(path).suffix.removeprefix(".").lower())
    pictures = draw(content, lang=lang) if name != "xlsx" else {}
    report = compose(content, lang=lang, pictures=pictures)
    return _save(Path(path), _face(report, name, template))


def write_map(content: Content, path: Path, *, name: str, lang: str = "zh") -> Path:
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
    return _save(Path(path), draw_one(content, name, lang=lang))


def _known(name: str) -> str:
    if name not in FORMATS:
        raise ConfigError("E561", value=name, expected=", ".join(FORMATS))
    return name


def _face(report: Report, name: str, template: Path | None) -> bytes:
    if name == "docx":
        return docx_bytes(report, template)
    return html_bytes(report) if name == "html" else xlsx_bytes(report)


def _save(target: Path, data: bytes) -> Path:
    with whole(target) as temporary:
        Path(temporary).write_bytes(data)
    return target
