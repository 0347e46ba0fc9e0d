"""A run made once more in a folder of its own, and what differs from the record of the first."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ecogis.core.provenance import canonical_json
from ecogis.pipeline.manifest import ADDED
from ecogis.pipeline.outputs import MANIFEST
from ecogis.pipeline.run import Progress, Project

__all__ = ["compared", "made_again"]

_NAMES: Final = ("role", "set", "id", "name")
_FACES: Final = ("docx", "pdf", "html", "xlsx", "gpkg")


def made_again(
    project: Project, record: Mapping[str, Any], progress: Progress | None = None
) -> list[dict[str, str]]:
    """Run a project as a record says it was run, and compare.

    Returns
    -------
    list of dict
        ``name expected found state``: figures that differ, one entry that counts all, the outputs,
        and versions of libraries that are others.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        _run(project, record, out, progress)
        again = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    figures = compared(dict(_figures(record)), dict(_figures(again)))
    same = sum(entry["state"] == "ok" for entry in figures)
    counted = {
        "name": "rerun: figures",
        "expected": str(len(figures)),
        "found": str(same),
        "state": "ok" if same == len(figures) else "changed",
    }
    outputs = compared(_outputs(record), _outputs(again))
    versions = compared(dict(record.get("libraries", {})), dict(again["libraries"]))
    return [
        *(_named(entry) for entry in figures if entry["state"] != "ok"),
        counted,
        *(_named(entry) for entry in outputs),
        *(_named(entry) | {"state": "other"} for entry in versions if entry["state"] != "ok"),
    ]


def compared(expected: Mapping[str, str], found: Mapping[str, str]) -> list[dict[str, str]]:
    """Entries of both, in the order of their names.

    Examples
    --------
    >>> [entry["state"] for entry in compared({"a": "1", "b": "2"}, {"b": "3", "c": "4"})]
    ['missing', 'changed', 'new']
    """
    entries = []
    for name in sorted({*expected, *found}):
        before, now = expected.get(name, ""), found.get(name, "")
        state = "new" if name not in expected else "missing" if name not in found else "changed"
        state = "ok" if name in expected and name in found and before == now else state
        entries.append({"name": name, "expected": before, "found": now, "state": state})
    return entries


def _named(entry: dict[str, str]) -> dict[str, str]:
    return entry | {"name": f"rerun: {entry['name']}"}


def _outputs(record: Mapping[str, Any]) -> dict[str, str]:
    return {str(entry["name"]): str(entry["sha256"]) for entry in record["outputs"]}


def _figures(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every value of what decides a result, by the way to it."""
    core = json.loads(canonical_json({k: v for k, v in record.items() if k not in ADDED}))
    yield from _leaves(core, "")


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _leaves(entry, f"{place}[{number}{_named_by(entry)}]")
    else:
        yield place, json.dumps(value, ensure_ascii=False)


def _named_by(entry: Any) -> str:
    names = [str(entry[key]) for key in _NAMES if key in entry] if isinstance(entry, dict) else []
    return f" {' '.join(names)}" if names else ""


def _run(project: Project, record: Mapping[str, Any], out: Path, progress: Progress | None) -> None:
    """The command a record was made by: its results say which, its outputs in which faces."""
    lang = record.get("lang") or project.config.project.lang
    results = record["results"]
    names = _outputs(record)
    if "gep" in results:
        from ecogis.pipeline.gep import gep
        from ecogis.pipeline.gep_outputs import write_gep

        faces = [face for face in _FACES if f"gep.{face}" in names]
        write_gep(gep(project, progress=progress), out, lang=lang, formats=faces)
    elif "totals" in results:
        from ecogis.pipeline import assess

        assess(project, progress=progress).write(out, lang=lang)
    else:
        from ecogis.pipeline.balance_run import balance

        faces = [face for face in ("docx", "pdf", "html") if _face(names, face)]
        made = balance(project, progress=progress)
        made.write(out, lang=lang, reports=faces)


def _face(names: Mapping[str, str], face: str) -> bool:
    return any(Path(name).suffix == f".{face}" for name in names)
