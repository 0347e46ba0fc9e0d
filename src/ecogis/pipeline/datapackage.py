"""datapackage.json beside the outputs: files, columns, units, in a form other programs read."""

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ecogis.core.provenance import sha256_file
from ecogis.core.vocabulary import Term, terms
from ecogis.pipeline.tracing import unit_of

__all__ = ["DATAPACKAGE", "write_datapackage"]

DATAPACKAGE: Final = "datapackage.json"
_PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
_NAME: Final = re.compile(r"[a-z0-9._-]+")
_MEDIA: Final = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gpkg": "application/geopackage+sqlite3",
    "html": "text/html",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TYPES: Final = {"extensive": "number", "intensive": "number", "date": "date"}


def write_datapackage(folder: Path, record: Mapping[str, Any]) -> Path:
    """Describe the files of a folder of outputs as a Data Package, version 2.

    Each file is a resource with bytes and SHA-256; the columns of a CSV carry type, Chinese and
    English name and unit, as the vocabulary or the end of its name tells; any other is text.

    Parameters
    ----------
    folder : Path
        Folder of the outputs.
    record : mapping
        The run's manifest: name, inputs and hash are taken from it.

    Returns
    -------
    Path
        The file; no clock stands in it.

    References
    ----------
    Data Package 2.0, https://datapackage.org/standard/data-package/
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    package = {
        "$schema": _PROFILE,
        "name": "ecogis-run",
        "title": record["results"]["project"]["name"],
        "run_sha256": record["sha256"],
        "sources": [
            {"title": f"{entry['role']}: {entry['file']}", "sha256": entry["sha256"]}
            for entry in record["inputs"]
        ],
        "resources": [_resource(path, number) for number, path in enumerate(paths, start=1)],
    }
    target = folder / DATAPACKAGE
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    target.write_text(text, encoding="utf-8")
    return target


def _resource(path: Path, number: int) -> dict[str, Any]:
    kind = path.suffix.lower().lstrip(".")
    table = {"type": "table", "encoding": "utf-8", "schema": _schema(path)} if kind == "csv" else {}
    return {
        "name": path.name if _NAME.fullmatch(path.name) else f"file-{number}",
        "path": path.name,
        "format": kind,
        "mediatype": _MEDIA.get(kind, "application/octet-stream"),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_file(path)}",
        **table,
    }


def _schema(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heads = next(csv.reader(stream), [])
    known = terms()
    return {"fields": [_field(name, known.get(name)) for name in heads], "missingValues": [""]}


def _field(name: str, term: Term | None) -> dict[str, str]:
    unit = unit_of(name) or (term.unit if term else "")
    number = "number" if unit else "string"
    told = {"title": term.zh, "description": term.en} if term else {}
    kind = number if term is None else _TYPES.get(term.kind, "string")
    return {"name": name, "type": kind, **told, **({"unit": unit} if unit else {})}
