"""What ``ecogis map`` does: run the project, write the page, leave."""

import json
from pathlib import Path

import click

from ecogis import pipeline
from ecogis.cli.progress import Steps
from ecogis.core.errors import ConfigError
from ecogis.pipeline.mapping import write_map
from ecogis.pipeline.mapping_source import project_behind, require_same
from ecogis.report.onemap import require_coarse

__all__ = ["map_page"]


def map_page(
    *,
    source: Path,
    out: Path | None,
    folder: Path | None,
    project: Path | None,
    public: bool,
    coarsen: float,
    lang: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write the map as a file, a folder, or both; print where it lies."""
    if out is None and folder is None:
        raise ConfigError("E474")
    if public:
        require_coarse(coarsen)
    file, recorded = project_behind(source, project)
    opened = pipeline.open(file)
    lang = lang or opened.config.project.lang
    with Steps(lang, quiet=quiet or as_json) as steps:
        result = pipeline.assess(opened, progress=steps)
        require_same(result, recorded, source)
        written = write_map(result, out, folder=folder, lang=lang, public=public, coarsen_m=coarsen)
    if as_json:
        record = {"pages": [str(page) for page in written], "public": public}
        click.echo(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        for page in written:
            click.echo(str(page))
