"""The catalogue of the data folder: licence, origin and content hash of each file."""

from __future__ import annotations

import hashlib
from pathlib import Path

ABOUT = {
    "stands.gpkg": ("Stands of 2024 and 2019 of a fictional township", "EPSG:4526"),
    "parcels.gpkg": ("Parcels of a fictional township", "EPSG:4526"),
    "boundary.gpkg": ("Township and villages of a fictional township", "EPSG:4526"),
    "dem.tif": ("Relief of a fictional township", "EPSG:4526"),
    "rights.csv": ("Rights on invented parcels", ""),
    "encumbrances.csv": ("Restrictions on invented rights", ""),
    "documents.csv": ("Papers on invented parcels", ""),
    "land_history.csv": ("Land classes of invented stands before planting", ""),
    "prices.csv": ("Prices of reductions on public record, source and confidence by row", ""),
    "faults.csv": ("Faults planted in the demo", ""),
}
INVENTED = "invented by data/demo/make.py"
FACTS = "public facts, see the column 来源"


def write(path: Path, folder: Path) -> None:
    """Write the catalogue of a folder's files."""
    head = "# What lies in data/demo. Written by `data/demo/make.py --install`, never by hand.\n"
    path.write_text(head + "".join(_entry(folder, name) for name in ABOUT), encoding="utf-8")


def _entry(folder: Path, name: str) -> str:
    title, crs = ABOUT[name]
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    lines = {
        "path": f"demo/{name}",
        "title": title,
        "crs": crs,
        "licence": "Apache-2.0",
        "source": FACTS if name == "prices.csv" else INVENTED,
        "sha256": digest,
    }
    body = "".join(f'{key} = "{value}"\n' for key, value in lines.items() if value)
    return f'\n["demo/{name}"]\n{body}'
