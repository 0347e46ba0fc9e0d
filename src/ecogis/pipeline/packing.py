"""A run as one file to hand on: outputs, inputs, project file, working papers, hashes of all."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import InputError
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.manifest import verify
from ecogis.pipeline.outputs import MANIFEST
from ecogis.pipeline.packing_inputs import Gathered, gathered
from ecogis.pipeline.packing_papers import words, write_papers
from ecogis.pipeline.packing_zip import write_zip

__all__ = ["INDEX", "SCHEMA", "pack", "project_of", "record_of"]

INDEX: Final = "index.json"
SCHEMA: Final = "ecogis-bundle/1"
_NEEDED: Final = frozenset({"findings.csv"})
_FOLDERS: Final = {"results": "output", "inputs": "input", "papers": "working paper"}


def pack(
    run: str | Path,
    out: str | Path,
    *,
    project: str | Path | None = None,
    ledger: bool = False,
) -> dict[str, Any]:
    """Write a bundle of a run that can be moved, checked and run again.

    Parameters
    ----------
    run : str or Path
        Folder of results, or the run.json in it.
    out : str or Path
        ZIP file to write.
    project : str or Path, optional
        The run's project file, where it is not in the folder or the one above.
    ledger : bool
        Whether a pledge ledger in a file and a guarantor's tables go along; they hold other
        people's pledges and loans.

    Returns
    -------
    dict
        The bundle's index: ``files`` with path, role, bytes and sha256; ``project``; ``ledger``.

    Raises
    ------
    InputError
        E550 no manifest of a run; E475 its project file is not found; E476 an output or input is
        not what the run recorded; E162, E163 the bundle cannot be written.
    ConfigError
        E477 a path in the project file cannot be made relative.

    Notes
    -----
    The bundle holds personal data: holders, certificates, places of land.
    """
    manifest = Path(run) / MANIFEST if Path(run).is_dir() else Path(run)
    for entry in verify(manifest):
        if entry["state"] != "ok":
            raise InputError("E476", file=manifest, value=entry["name"])
    record = record_of(manifest)
    file = project_of(manifest, record, None if project is None else Path(project))
    inputs = gathered(file, ledger=ledger)
    _require_same(manifest, record, inputs)
    with tempfile.TemporaryDirectory() as folder:
        files = _laid_out(Path(folder), manifest, record, file, inputs)
        index = _index(record, inputs, files)
        text = json.dumps(index, ensure_ascii=False, indent=1) + "\n"
        (Path(folder) / INDEX).write_text(text, encoding="utf-8")
        write_zip(Path(out), files | {INDEX: Path(folder) / INDEX})
    return index


def record_of(manifest: Path) -> dict[str, Any]:
    """A run's manifest, with all that packing and running again need.

    Raises
    ------
    InputError
        E550: it is none, or lacks inputs, results or findings.
    """
    verify(manifest)
    record: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    named = {entry["name"] for entry in record["outputs"]}
    lacking = sorted({"project", "inputs", "results"} - record.keys()) + sorted(_NEEDED - named)
    if lacking:
        raise InputError("E550", file=manifest, detail=", ".join(lacking))
    return record


def project_of(manifest: Path, record: Mapping[str, Any], given: Path | None = None) -> Path:
    """The project file a run was made from: the one given, in the run's folder, or above it.

    Raises
    ------
    InputError
        E475: there is none with the recorded content.
    """
    name, sha256 = str(record["project"]["file"]), str(record["project"]["sha256"])
    folder = manifest.resolve().parent
    places = (folder / name, folder.parent / name) if given is None else (given,)
    for place in places:
        if Path(name).name == name and place.is_file() and sha256_file(place) == sha256:
            return place
    raise InputError("E475", file=manifest, value=name)


def _require_same(manifest: Path, record: Mapping[str, Any], inputs: Gathered) -> None:
    for entry in record["inputs"]:
        if entry["role"] != "ledger" and entry["sha256"] not in inputs.sha256:
            raise InputError("E476", file=manifest, value=entry["file"])


def _laid_out(
    folder: Path, manifest: Path, record: Mapping[str, Any], project: Path, inputs: Gathered
) -> dict[str, Path]:
    """Source of every file of the bundle by its place; what is new is written to `folder`."""
    names = [*(str(entry["name"]) for entry in record["outputs"]), MANIFEST]
    files = {f"results/{name}": manifest.parent / name for name in names}
    files |= {f"inputs/{place}": source for place, source in inputs.files.items()}
    for number, (place, text) in enumerate(inputs.rewritten.items()):
        target = folder / f"rewritten-{number}.toml"
        target.write_text(text, encoding="utf-8")
        files[f"inputs/{place}"] = target
    lang = str(record.get("lang") or record["results"]["project"].get("lang", "zh"))
    papers = folder / "papers"
    papers.mkdir()
    findings = pd.read_csv(manifest.parent / "findings.csv", dtype=str, keep_default_na=False)
    written = write_papers(papers, record, findings, project, lang)
    files |= {f"papers/{name}": papers / name for name in written}
    readme = folder / "README.txt"
    told = words()["ledger"][inputs.ledger][lang]
    name = record["results"]["project"]["name"]
    text = words()["readme"][lang].lstrip().format(project=name, ledger=told)
    readme.write_text(text, encoding="utf-8")
    return files | {"README.txt": readme}


def _index(
    record: Mapping[str, Any], inputs: Gathered, files: Mapping[str, Path]
) -> dict[str, Any]:
    place = f"inputs/{inputs.project}"
    listed = [
        {
            "path": name,
            "role": _FOLDERS.get(name.partition("/")[0], "about"),
            "bytes": files[name].stat().st_size,
            "sha256": sha256_file(files[name]),
        }
        for name in sorted(files)
    ]
    return {
        "schema": SCHEMA,
        "run": f"results/{MANIFEST}",
        "run_sha256": record["sha256"],
        "project": {
            "path": place,
            "sha256": sha256_file(files[place]),
            "sha256_as_run": record["project"]["sha256"],
            "rewritten": sorted(f"inputs/{name}" for name in inputs.rewritten),
        },
        "ledger": inputs.ledger,
        "files": listed,
    }
