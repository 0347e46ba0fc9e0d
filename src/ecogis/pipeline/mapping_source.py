"""What a map is made from: a project, or a folder of results whose project is run once more."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ecogis.core.errors import InputError
from ecogis.core.provenance import canonical_json, sha256_file, sha256_text
from ecogis.pipeline.outputs import MANIFEST

if TYPE_CHECKING:
    from ecogis.pipeline.result import Result

__all__ = ["project_behind", "require_same"]


def project_behind(source: Path, project: Path | None = None) -> tuple[Path, str | None]:
    """The project file a map is made from, and the hash of the run it must repeat.

    A folder of results holds no shapes and titles; its project is run again, and the run must come
    out as recorded. The project file is sought in the folder and in the one above it.

    Parameters
    ----------
    source : Path
        A project file, a folder of results, or the run.json in it.
    project : Path, optional
        The project file of that run, where it lies elsewhere.

    Returns
    -------
    Path, str or None
        Project file, and the recorded hash; None where `source` is a project.

    Raises
    ------
    InputError
        E550: no record of a run. E470: the project file of that run is not there.
    """
    if not source.is_dir() and source.suffix.lower() != ".json":
        return source, None
    file = source / MANIFEST if source.is_dir() else source
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        name, sha256 = str(record["project"]["file"]), str(record["project"]["sha256"])
        recorded = str(record["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InputError("E550", file=file, detail=fault) from None
    folder = file.resolve().parent
    places = (folder / name, folder.parent / name) if project is None else (project,)
    for place in places:
        if Path(name).name == name and place.is_file() and sha256_file(place) == sha256:
            return place, recorded
    raise InputError("E470", file=file, value=name)


def require_same(result: "Result", recorded: str | None, source: Path) -> None:
    """Refuse a run that did not come out as recorded.

    Raises
    ------
    InputError
        E471: an input, an edition or the program has changed since.
    """
    found = sha256_text(canonical_json(result.record))
    if recorded is not None and found != recorded:
        raise InputError("E471", file=source, expected=recorded[:16], value=found[:16])
