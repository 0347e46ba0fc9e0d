"""Is a run what it says it is: hashes again, and on demand the run again, figure by figure."""

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ecogis.core.errors import InputError
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.manifest import verify as verify_run
from ecogis.pipeline.outputs import MANIFEST
from ecogis.pipeline.packing import INDEX, SCHEMA, project_of, record_of
from ecogis.pipeline.packing_zip import safe_name, unzip
from ecogis.pipeline.run import Progress, open_project
from ecogis.pipeline.verifying_rerun import compared, made_again

__all__ = ["DIFFERS", "verify"]

DIFFERS: Final = frozenset({"changed", "missing", "new"})
"""States that say a run is not what was recorded; another version of a library alone is not one."""


def verify(
    source: str | Path,
    *,
    rerun: bool = False,
    project: str | Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, str]]:
    """Compare a run or a bundle with what it records of itself; on demand, run it again.

    Parameters
    ----------
    source : str or Path
        A run.json, a folder with one, a bundle of `ecogis pack`, or the folder of one.
    rerun : bool
        Run the project again and compare every figure of the record and every output.
    project : str or Path, optional
        Project file to run, where it is not in the bundle, the run's folder or the one above.
    progress : callable, optional
        Told the stages of the second run.

    Returns
    -------
    list of dict
        ``name expected found state``, one entry for each file; with `rerun` also one for each
        figure that differs, one that counts the figures compared, and one for each output. States
        are ``ok``, ``changed``, ``missing``, ``new`` and, for versions, ``other``.

    Raises
    ------
    InputError
        E550 no manifest of a run, E478 no bundle, E479 an unsafe one, E475 no project file, E480
        the bundle has no ledger to run with.
    EcogisError
        What running the project raises.
    """
    with ExitStack() as stack:
        place = Path(source)
        if place.is_file() and place.suffix.lower() == ".zip":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            unzip(place, folder)
            _index(folder, place)
            place = folder
        bundle = place if (place / INDEX).is_file() else _around(place)
        index = None if bundle is None else _index(bundle, Path(source))
        manifest = _manifest(place, bundle, index)
        checked = verify_run(manifest)
        if bundle is not None and index is not None and place == bundle:
            checked = _files(bundle, index)
        if rerun:
            given = None if project is None else Path(project)
            checked += _again(manifest, bundle, index, given, progress)
        return checked


def _around(place: Path) -> Path | None:
    """The unpacked bundle a run lies in, if it lies in one."""
    folder = place.resolve() if place.is_dir() else place.resolve().parent
    return folder.parent if (folder.parent / INDEX).is_file() else None


def _index(folder: Path, told: Path) -> dict[str, Any]:
    """What a bundle says of itself, with safe names only."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        named = [(str(entry["path"]), str(entry["sha256"])) for entry in index["files"]]
        about = (index["project"]["path"], index["project"]["sha256_as_run"], index["run"])
        schema = str(index["schema"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InputError("E478", file=told, detail=fault) from None
    if schema != SCHEMA:
        raise InputError("E478", file=told, detail=schema)
    for name in (*(name for name, _ in named), about[0], about[2]):
        if not safe_name(str(name)):
            raise InputError("E479", file=told, value=name)
    return dict(index)


def _manifest(place: Path, bundle: Path | None, index: Mapping[str, Any] | None) -> Path:
    if bundle is not None and index is not None and place == bundle:
        return bundle / str(index["run"])
    return place / MANIFEST if place.is_dir() else place


def _files(bundle: Path, index: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every file of a bundle, those it does not name too; and the run's record in it."""
    expected = {str(entry["path"]): str(entry["sha256"]) for entry in index["files"]}
    found = {
        path.relative_to(bundle).as_posix(): sha256_file(path)
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and path != bundle / INDEX
    }
    entries = compared(expected, found)
    own = {f"results/{entry['name']}": entry for entry in verify_run(bundle / str(index["run"]))}
    record = own[f"results/{MANIFEST}"]
    return [*entries, record | {"name": f"{index['run']} (record)"}]


def _again(
    manifest: Path,
    bundle: Path | None,
    index: Mapping[str, Any] | None,
    project: Path | None,
    progress: Progress | None,
) -> list[dict[str, str]]:
    record = record_of(manifest)
    as_run = str(record["project"]["sha256"])
    if project is not None or bundle is None or index is None:
        opened = open_project(project_of(manifest, record, project))
    else:
        if index["ledger"] == "left_out":
            raise InputError("E480")
        opened = open_project(bundle / str(index["project"]["path"]))
        if index["project"]["sha256_as_run"] == as_run:
            opened = replace(opened, sha256=as_run)
    return made_again(opened, record, progress)
