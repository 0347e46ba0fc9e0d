"""Outputs, whole or not at all: written beside, hashed, moved into place, the manifest last."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        When the folder cannot be written to; then nothing in it has changed.
    """
    with _beside(out) as folder:
        _reports(folder, content, config, lang)
        if "gpkg" in config.output.formats:
            _layers(folder / "pieces.gpkg", content, lang)
        io.write_csv(folder / "findings.csv", findings)
        names = sorted(path.name for path in folder.iterdir())
        outputs = [{"name": name, "sha256": sha256_file(folder / name)} for name in names]
        text = json.dumps(record | {"outputs": outputs}, ensure_ascii=False, indent=1, default=str)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
        _move([*names, MANIFEST], folder, out)
    return [*names, MANIFEST]


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as fault:
        raise ConfigError("E546", file=out, detail=fault.strerror) from None
    try:
        yield folder
    except OSError as fault:
        raise ConfigError("E546", file=out, detail=fault.strerror or fault) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(names: list[str], folder: Path, out: Path) -> None:
    out.mkdir(exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    for name in names:
        (folder / name).replace(out / name)


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
    )


def _readable(pieces: pd.DataFrame) -> pd.DataFrame:
    """Verdicts as yes, no or unknown: a map has no third value for a boolean."""
    verdicts = [str(name) for name in pieces if str(pieces[name].dtype) == "boolean"]
    return pieces.assign(**{name: words(pieces[name]) for name in verdicts})
