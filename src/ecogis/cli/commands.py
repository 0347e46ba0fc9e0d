"""What each command does: call the pipeline, print, leave."""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ecogis import demo as embedded
from ecogis import methods as library
from ecogis import pipeline
from ecogis.cli.balance import balance
from ecogis.cli.batch import batch
from ecogis.cli.gep import gep
from ecogis.cli.map_page import map_page
from ecogis.cli.pack import pack, verify
from ecogis.cli.progress import Steps
from ecogis.cli.watch import watch
from ecogis.cli.words import headline
from ecogis.core.errors import ConfigError
from ecogis.core.periods import day as to_day

__all__ = [
    "assess",
    "balance",
    "batch",
    "check",
    "demo",
    "explain",
    "gep",
    "init",
    "map_page",
    "pack",
    "verify",
    "watch",
]


def demo(*, out: Path, lang: str | None, as_json: bool, quiet: bool) -> None:
    """Assess the embedded demo township."""
    project = embedded.folder() / "project.toml"
    assess(project, out=out, lang=lang, as_json=as_json, quiet=quiet)


def assess(project: Path, *, out: Path, lang: str | None, as_json: bool, quiet: bool) -> None:
    """Run every stage and write the outputs; print ten lines of result."""
    opened = pipeline.open(project)
    lang = lang or opened.config.project.lang
    with Steps(lang, quiet=quiet or as_json) as steps:
        result = pipeline.assess(opened, progress=steps)
        written = result.write(out, lang=lang, progress=steps)
    if as_json:
        _print_json({"out": str(out), "outputs": written, "results": result.summary})
    else:
        click.echo("\n".join(headline(result.summary, out, lang)))


def check(project: Path, *, lang: str | None, as_json: bool, quiet: bool) -> None:
    """List the findings of the inputs, most severe first; refuse as the policy says."""
    opened = pipeline.open(project)
    lang = lang or opened.config.project.lang
    with Steps(lang, quiet=quiet or as_json) as steps:
        run = pipeline.check(opened, progress=steps)
    table = run.findings.table()
    if as_json:
        _print_json({"findings": json.loads(table.to_json(orient="records", force_ascii=False))})
    else:
        for row in table.itertuples():
            text, remedy = getattr(row, f"message_{lang}"), getattr(row, f"remedy_{lang}")
            click.echo(f"{row.severity:<7} {row.code} {row.layer} {row.row} {text} {remedy}")
        counts = table["severity"].value_counts()
        click.echo(" · ".join(f"{name} {number}" for name, number in counts.items()) or "0")
    run.refuse()


def init(*, folder: Path) -> None:
    """Copy the demo inputs; an existing folder with files in it is left alone."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError("E551", file=folder)
        shutil.copytree(embedded.folder(), folder, dirs_exist_ok=True, ignore=_code)
    except OSError as fault:
        detail = fault.args[0][0][-1] if isinstance(fault, shutil.Error) else fault.strerror
        raise ConfigError("E546", file=folder, detail=detail) from None
    click.echo(str(folder / "project.toml"))


def _code(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".py") or name == "__pycache__"]


def explain(
    *,
    names: tuple[str, ...],
    set_id: str | None,
    key: str | None,
    day: str | None,
    project: Path | None,
    lang: str | None,
) -> None:
    """Print where a figure of a run, or a number of the library, comes from."""
    if len(names) != (2 if set_id is None else 1):
        raise click.UsageError("RUN NAME, or NAME --set SET / 请写 RUN NAME,或 NAME --set SET")
    if set_id is not None:
        on = to_day(day) if day else datetime.now(UTC).date()
        click.echo(library.explain(names[0], set_id, on, key=key, lang=lang or "zh"))
        return
    folder = None if project is None else project.parent
    run, name = names
    click.echo(pipeline.explain_run(run, name, key=key, lang=lang or "zh", folder=folder))


def _print_json(record: Mapping[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))
