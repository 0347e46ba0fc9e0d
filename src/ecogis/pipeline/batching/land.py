"""The same land in two areas: identifiers that stand in both, and ground that lies in both."""

from itertools import combinations
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ecogis import overlay
from ecogis.core.findings import Findings

__all__ = ["same_land"]

_DM2_A_HA: Final = 1_000_000
_KEYS: Final = {"stands": ("stand", "E442"), "parcels": ("parcel", "E443")}


def same_land(folders: dict[str, Path], findings: Findings, *, least_m2: float = 1.0) -> None:
    """Tell which stands, parcels and land stand in more than one area of a batch.

    Only stands whose bounding boxes meet those of another area are read with their outlines.

    Parameters
    ----------
    folders : dict of str to Path
        Folder of each area's step, with ``stands.parquet`` and ``parcels.parquet``.
    findings : Findings
        Added to.
        Receives E442 and E443 for each stand and parcel in two areas, and E444 for each pair of
        areas with land in both, with how much and the worst stands.
    least_m2 : float
        Land of two stands below this is a border drawn twice. A policy. [m2]
    """
    for layer, (key, code) in _KEYS.items():
        _twice(layer, key, code, folders, findings)
    boxes = {area: _box(folder / "stands.parquet") for area, folder in folders.items()}
    for one, other in combinations(sorted(folders), 2):
        common = _meet(boxes[one], boxes[other])
        if common is not None:
            pair = folders[one], folders[other]
            _shared((one, other), pair, common, findings, least_dm2=round(least_m2 * 100))


def _twice(layer: str, key: str, code: str, folders: dict[str, Path], findings: Findings) -> None:
    files = {area: folder / f"{layer}.parquet" for area, folder in folders.items()}
    parts = [
        pd.DataFrame({"id": pq.read_table(file, columns=[key])[key].to_pandas(), "area": area})
        for area, file in files.items()
        if file.is_file()
    ]
    if not parts:
        return
    every = pd.concat(parts, ignore_index=True).dropna().drop_duplicates()
    again = every[every["id"].duplicated(keep=False)]
    named = again.groupby("id", sort=True)["area"].agg(lambda areas: ", ".join(sorted(areas)))
    where = np.ones(len(named), dtype=bool)
    findings.add(code, layer=layer, where=where, feature=named.index, areas=named)


def _box(file: Path) -> Any:
    """Bounding box of a layer, from the covering column alone; nothing where none has a shape."""
    if not file.is_file():
        return None
    bounds = pq.read_table(file, columns=["bbox"])["bbox"].to_pandas().dropna()
    rows = pd.DataFrame(bounds.tolist(), columns=["xmin", "ymin", "xmax", "ymax"]).dropna()
    if rows.empty:
        return None
    low, high = rows[["xmin", "ymin"]].min(), rows[["xmax", "ymax"]].max()
    return low["xmin"], low["ymin"], high["xmax"], high["ymax"]


def _meet(one: Any, other: Any) -> tuple[float, float, float, float] | None:
    if one is None or other is None:
        return None
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    return (*low.tolist(), *high.tolist()) if (low < high).all() else None


def _shared(
    areas: tuple[str, str],
    folders: tuple[Path, Path],
    common: tuple[float, float, float, float],
    findings: Findings,
    *,
    least_dm2: int,
) -> None:
    one, other = (
        geopandas.read_parquet(
            folder / "stands.parquet", columns=["stand", "geometry"], bbox=common
        )
        for folder in folders
    )
    if one.empty or other.empty:
        return
    pairs = overlay.areas(one, other, key="stand", findings=Findings())
    pairs = pairs[pairs["kind"].eq("common") & pairs["area_dm2"].ge(least_dm2)]
    if pairs.empty:
        return
    worst = pairs.sort_values("area_dm2", ascending=False, kind="stable").iloc[0]
    findings.add(
        "E444",
        layer="stands",
        feature=f"{areas[0]} / {areas[1]}",
        area_ha=int(pairs["area_dm2"].sum()) / _DM2_A_HA,
        number=len(pairs),
        pair=f"{worst['left']} / {worst['right']}",
    )
