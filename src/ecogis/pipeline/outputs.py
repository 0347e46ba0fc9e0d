"""Outputs, whole or not at all: a folder beside becomes the folder, the old one goes."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from ecogis import io, report
from ecogis.core.errors import ConfigError
from ecogis.core.provenance import sha256_file
from ecogis.eligibility import words
from ecogis.pipeline.config import ProjectFile
from ecogis.report import Content

__all__ = ["write"]

MANIFEST = "run.json"


def write(
    out: Path,
    *,
    content: Content,
    findings: pd.DataFrame,
    config: ProjectFile,
    record: dict[str, Any],
    lang: str,
) -> list[str]:
    """Write report, tables, map layers, findings and manifest.

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
    _may_replace(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigError("E546", file=out, detail=fault.strerror) from None
    with io.whole_folder(out) as folder:
        _reports(folder, content, config, lang)
        if "gpkg" in config.output.formats:
            _layers(folder / "pieces.gpkg", content, lang)
            io.write_csv(folder / "pledgeable.csv", content.tables["pledgeable"])
        io.write_csv(folder / "findings.csv", findings)
        names = sorted(path.name for path in folder.iterdir())
        outputs = [{"name": name, "sha256": sha256_file(folder / name)} for name in names]
        text = json.dumps(record | {"outputs": outputs}, ensure_ascii=False, indent=1, default=str)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return [*names, MANIFEST]


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


def _reports(folder: Path, content: Content, config: ProjectFile, lang: str) -> None:
    faces = [face for face in config.output.formats if face != "gpkg"]
    if faces:
        report.write(content, folder, lang=lang, formats=faces)


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
