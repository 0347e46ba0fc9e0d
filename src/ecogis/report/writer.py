"""Reports written to a folder, each face whole or not at all."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.io import whole
from ecogis.report.content import compose
from ecogis.report.docx import docx_bytes
from ecogis.report.figures import draw
from ecogis.report.html import html_bytes
from ecogis.report.model import Content, Report
from ecogis.report.sheets import xlsx_bytes

__all__ = ["FORMATS", "write"]

_NAMES: Final = MappingProxyType({"docx": "report", "html": "report", "xlsx": "tables"})
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
        Folder that exists. Files are ``report.docx``, ``report.html`` and ``tables.xlsx``; in
        English ``report-en.docx`` and so on.
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
    faces: Mapping[str, Callable[[Report], bytes]] = {
        "docx": lambda report: docx_bytes(report, template),
        "html": html_bytes,
        "xlsx": xlsx_bytes,
    }
    for name in formats:
        if name not in faces:
            raise ConfigError("E561", value=name, expected=", ".join(faces))
    pictures = draw(content, lang=lang) if {"docx", "html"} & set(formats) else {}
    report = compose(content, lang=lang, pictures=pictures)
    suffix = "" if lang == "zh" else f"-{lang}"
    written = {}
    for name in formats:
        target = Path(folder) / f"{_NAMES[name]}{suffix}.{name}"
        with whole(target) as temporary:
            Path(temporary).write_bytes(faces[name](report))
        written[name] = target
    return written
