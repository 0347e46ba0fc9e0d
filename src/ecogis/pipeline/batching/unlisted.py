"""What earlier batch files left among the areas: named, and left as it is."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from ecogis.core.findings import Findings
from ecogis.pipeline.batching.areas import LEVELS

__all__ = ["UNLISTED", "unlisted"]

UNLISTED: Final = "unlisted"
"""State of a folder that is of no area and task of the batch file."""


def unlisted(areas: Path, known: Collection[Path]) -> list[dict[str, Any]]:
    """Rows of the status for folders among the areas that nobody asked for.

    Parameters
    ----------
    areas : Path
        Folder of the areas.
    known : collection of Path
        ``ID/TASK`` folders of the batch file, in it.

    Returns
    -------
    list of dict
        One for each area that is not in the batch file, or for each task of an area that is.
        Empty folders are not told.

    Findings
    --------
    E434
        A folder of no area and task of the batch file.
    """
    found = []
    asked = {place.parent for place in known}
    for place in sorted(areas.glob("*")):
        inside = [path for path in sorted(place.glob("*")) if path.is_dir() and path not in known]
        if place not in asked:
            found += [_row(place.name, "")] if any(place.glob("*")) else []
        else:
            found += [_row(place.name, path.name) for path in inside]
    return found


def _row(*names: str) -> dict[str, Any]:
    area, task = (name if name.isprintable() else ascii(name)[1:-1] for name in names)
    findings = Findings()
    findings.add("E434", layer="areas", feature="/".join(filter(None, ("areas", area, task))))
    told = findings.rows()[0]
    about = {"area": area, "name": ""} | dict.fromkeys(LEVELS, "") | {"task": task}
    counts = {name: int(told["severity"] == name) for name in ("note", "warning", "error")}
    why = {f"message_{lang}": f"{told[f'message_{lang}']} {told[f'remedy_{lang}']}"
           for lang in ("zh", "en")}  # fmt: skip
    return about | {"state": UNLISTED, "seconds": None} | counts | {"code": told["code"]} | why
