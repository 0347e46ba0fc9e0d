"""A province: counties beside one another, each from its own seed, and the file of their batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from maker import county, files, land, numbers
from maker.codebook import HERE

PROVINCE = "演示省"
FIRST = 441830  # with those after it, codes that no county has
MOST = 50
EAST, NORTH = land.PLACE
LAYERS = {"stands.gpkg": ("小班_2024", "小班_2019"), "parcels.gpkg": ("宗地",)}


def make(
    out: Path, seed: int, counties: int, stands: int, parcels: int, *, parquet: bool, faults: bool
) -> dict[str, Any]:
    """Write a folder for each county, and COUNTIES.toml."""
    codes = [str(FIRST + number) for number in range(counties)]
    counts: dict[str, int] = {"counties": counties}
    for number, code in enumerate(codes):
        folder = out / code
        folder.mkdir(parents=True, exist_ok=True)
        with placed(code, *middle(number, counties, stands)):
            found = county.make(
                folder, seed + number, stands, parcels, surveys=2, parquet=parquet, faults=faults
            )
        text = project(name(number), seed + number, parquet=parquet)
        (folder / "project.toml").write_text(text, encoding="utf-8")
        for key in ("stands", "parcels", "rights", "documents", "faults"):
            counts[key] = counts.get(key, 0) + int(found[key])
    (out / "COUNTIES.toml").write_text(batch(codes), encoding="utf-8")
    return counts


def name(number: int) -> str:
    """演示县01, 演示县02, …"""
    return f"演示县{number + 1:02d}"


def middle(number: int, counties: int, stands: int) -> tuple[float, float]:
    """Where a county lies in a grid of squares wide enough for each [m]."""
    columns = int(np.ceil(np.sqrt(counties)))
    wide = float(np.ceil(np.sqrt(stands * land.STAND_M2 * land.ROOM) / 1_000)) * 1_000
    row, column = divmod(number, columns)
    return EAST + (column - (columns - 1) / 2) * wide, NORTH + row * wide


@contextmanager
def placed(code: str, east: float, north: float) -> Iterator[None]:
    """Let what is made be of another county, elsewhere on the map."""
    before = numbers.COUNTY, land.PLACE
    numbers.COUNTY, land.PLACE, files.PLACE = code, (east, north), (east, north)
    try:
        yield
    finally:
        numbers.COUNTY, land.PLACE = before
        files.PLACE = land.PLACE


def project(title: str, seed: int, *, parquet: bool) -> str:
    """The demo's project file for a county; no faces, for a batch writes many."""
    text = (HERE.parent / "project.toml").read_text(encoding="utf-8")
    text = text.replace("演示镇林业碳汇", f"{title}林业碳汇").replace(
        "seed = 20260831", f"seed = {seed}"
    )
    start = text.index("formats = [")
    text = text[:start] + "formats = []" + text[text.index("]", start) + 1 :]
    for path, layers in LAYERS.items() if parquet else ():
        for layer in layers:
            stem = path.removesuffix(".gpkg")
            file = f"{stem}.parquet" if len(layers) == 1 else f"{stem}_{layer}.parquet"
            text = text.replace(f'path = "{path}"\nlayer = "{layer}"\n', f'path = "{file}"\n')
    return text


def batch(codes: list[str]) -> str:
    """The batch file: one area for each county."""
    head = f'# made by data/demo/make.py\n[batch]\nname = "{PROVINCE}"\ntasks = ["assess"]\n'
    areas = [
        f'\n[[areas]]\nid = "{code}"\nname = "{name(number)}"\nproject = "{code}/project.toml"\n'
        f'parents = {{ county = "{name(number)}", province = "{PROVINCE}" }}\n'
        for number, code in enumerate(codes)
    ]
    return head + "".join(areas)
