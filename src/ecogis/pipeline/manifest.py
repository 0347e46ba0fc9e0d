"""run.json: what went in, with which editions and versions, and what came out, by hash."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ecogis import methods
from ecogis.core.errors import InputError
from ecogis.core.provenance import canonical_json, library_versions, sha256_file, sha256_text
from ecogis.pipeline.config_absent import absent
from ecogis.spatial import AREA_DEFINITION

__all__ = ["ADDED", "identity", "manifest", "verify"]

SCHEMA = "ecogis-run/1"
ADDED: Final = ("sha256", "lang", "libraries", "outputs", "written", "seconds")
"""What a record holds beside what decides the result."""


def identity(run: Any, summary: dict[str, Any]) -> dict[str, Any]:
    """What decides the result, without clock and machine: the part the report's hash is of."""
    return {
        "schema": SCHEMA,
        "project": {"file": run.project.file.name, "sha256": run.project.sha256},
        "seed": run.config.project.seed,
        "inputs": sorted(run.inputs, key=lambda entry: str(entry["role"])),
        "methodology": _methodology(run),
        "guideline": _edition(run.guideline),
        "parameter_sets": [_edition(entry) for entry in (*run.sets, run.names, run.ages)],
        "parameters": _uses(run),
        "area_definition": AREA_DEFINITION,
        "results": summary,
    }


def _methodology(run: Any) -> dict[str, str] | None:
    """Edition and file of the methodology; none where only the accounts were asked for."""
    if absent(run.config):
        return None
    return _edition(run.methodology) | {"file": run.methodology.files[0]}


def _edition(entry: Any) -> dict[str, str]:
    return {"id": entry.id, "edition": entry.edition, "sha256": entry.sha256}


def _uses(run: Any) -> list[dict[str, str]]:
    """Every parameter value the run asked for, with its source and mark; meanings left out."""
    table = methods.uses_table(run.sets).drop(columns=["meaning_zh", "meaning_en"])
    return [
        {str(key): str(value) for key, value in row.items()} for row in table.to_dict("records")
    ]


def manifest(core: dict[str, Any], seconds: float, *, lang: str = "") -> dict[str, Any]:
    """The whole record but for the outputs: identity, its hash, language, versions, time taken."""
    written_in = {"lang": lang} if lang else {}
    return core | {
        "sha256": sha256_text(canonical_json(core)),
        **written_in,
        "libraries": library_versions(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
    }


def verify(path: Path) -> list[dict[str, str]]:
    """Compare a run.json's own hash and its outputs' hashes with what lies beside it now.

    Inputs are not opened: the record says by hash what they were.

    Returns
    -------
    list of dict
        One entry per record or file: name, expected, found, state (ok, changed, missing).

    Raises
    ------
    InputError
        When the file is missing or is not a run's manifest.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        expected = str(record["sha256"])
        named = [(str(entry["name"]), str(entry["sha256"])) for entry in record["outputs"]]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InputError("E550", file=path, detail=fault) from None
    if any(Path(name).name != name for name, _ in named):
        raise InputError("E550", file=path, detail="outputs")
    core = {key: value for key, value in record.items() if key not in ADDED}
    checked = [_state("run.json", expected, sha256_text(canonical_json(core)))]
    for name, sha256 in named:
        file = path.parent / name
        checked.append(_state(name, sha256, sha256_file(file) if file.is_file() else ""))
    return checked


def _state(name: str, expected: str, found: str) -> dict[str, str]:
    state = "missing" if not found else "ok" if found == expected else "changed"
    return {"name": name, "expected": expected, "found": found, "state": state}
