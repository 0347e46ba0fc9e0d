"""Outputs, whole or not at all: a folder beside becomes the folder, the old one goes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from ecogis import io, report
from ecogis.core.errors import ConfigError
from ecogis.core.provenance import sha256_file
from ecogis.eligibility import words
from ecogis.pipeline.config import Output, ProjectFile
from ecogis.pipeline.datapackage import write_datapackage
from ecogis.report import Content

__all__ = ["MANIFEST", "run_folder", "write"]

MANIFEST = "run.json"


def write(
    out: Path,
    *,
    content: Content,
    findings: pd.DataFrame,
    config: ProjectFile,
    record: dict[str, Any],
    lang: str,
    home: Path | None = None,
) -> list[str]:
    """Write reports, tables, map layers, findings and manifest.

    Fonts the project names lie in its folder, `home`, unless their path is absolute.

    Returns
    -------
    list of str
        Names of the files, the manifest last.

    Raises
    ------
    ConfigError
        E551: the folder holds files that are no earlier run's outputs; E546: its parent cannot be
        made.
    InputError
        E162, E163: the folder cannot be written. Whatever is raised, the old folder is as it was.
    """
    with run_folder(out, record) as folder:
        _reports(folder, content, config.output, lang=lang, home=home or Path())
        if "gpkg" in config.output.formats:
            _layers(folder / "pieces.gpkg", content, lang)
            io.write_csv(folder / "pledgeable.csv", content.tables["pledgeable"])
        io.write_csv(folder / "findings.csv", findings)
    return [*sorted(path.name for path in out.iterdir() if path.name != MANIFEST), MANIFEST]


@contextmanager
def run_folder(out: Path, record: dict[str, Any]) -> Iterator[Path]:
    """A folder to write outputs to, which becomes `out` with its manifest when the block ends well.

    Beside the manifest a datapackage.json says what the files hold.

    Raises
    ------
    ConfigError
        E551: the folder holds files that are no earlier run's outputs; E546: its parent cannot be
        made.
    InputError
        E162, E163: the folder cannot be written. Whatever is raised, the old folder is as it was.
    """
    _may_replace(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigError("E546", file=out, detail=fault.strerror) from None
    with io.whole_folder(out) as folder:
        yield folder
        write_datapackage(folder, record)
        names = sorted(path.name for path in folder.iterdir())
        outputs = [{"name": name, "sha256": sha256_file(folder / name)} for name in names]
        text = json.dumps(record | {"outputs": outputs}, ensure_ascii=False, indent=1, default=str)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _may_replace(out: Path) -> None:
    """Refuse a folder with anything in it that an earlier run did not leave there."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ConfigError("E546", file=out, detail="not a folder")
    found = {path.name for path in out.iterdir()}
    if found - _left_by_a_run(out / MANIFEST):
        raise ConfigError("E551", file=out)


def _left_by_a_run(manifest: Path) -> set[str]:
    try:
        outputs = json.loads(manifest.read_text(encoding="utf-8"))["outputs"]
        return {MANIFEST, *(str(entry["name"]) for entry in outputs)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _reports(folder: Path, content: Content, asked: Output, *, lang: str, home: Path) -> None:
    faces = [face for face in asked.formats if face != "gpkg"]
    fonts = [home / font for font in asked.fonts]
    if faces:
        report.write(content, folder, lang=lang, formats=faces, forms=asked.reports, fonts=fonts)


def _layers(path: Path, content: Content, lang: str) -> None:
    name = "地块" if lang == "zh" else "pieces"
    io.write_gpkg(
        path,
        {name: _readable(content.tables["pieces"])},
        styles={name: report.pieces_style(lang)},
        aliases={name: report.aliases(lang)},
        descriptions={name: report.area_note(lang)},
    )


def _readable(pieces: pd.DataFrame) -> pd.DataFrame:
    """Verdicts as yes, no or unknown: a map has no third value for a boolean."""
    verdicts = [str(name) for name in pieces if str(pieces[name].dtype) == "boolean"]
    return pieces.assign(**{name: words(pieces[name]) for name in verdicts})
