"""Two bare layers for measurements: stands and parcels over one square, and nothing else.

Each layer is a tiling of its own, drawn without knowledge of the other, so that hardly a border of
one runs along a border of the other. Clean layers are exact tilings: neighbours share every vertex.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import shapely

from maker import dirt, land, tiling
from maker.draws import stream

EPSG = 4547  # CGCS2000, 3-degree Gauss-Krueger about 114 E, no zone number in the easting
MIDDLE = (land.PLACE[0] - 38_000_000.0, land.PLACE[1])
SWAY_M = 150.0  # no point moves farther when borders are bent together
DECIMALS = 4  # of coordinates [m]


@dataclass(frozen=True)
class Kind:
    """How one layer is drawn."""

    key: str
    letter: str
    cells: float  # small cells in a feature, on average
    part: float  # straight part of a border [m]
    unlike: float  # spread of the cost of crossing borders: how far shapes leave the round


STANDS = Kind("stand", "S", land.CELLS_A_STAND, 6.5, 0.35)
PARCELS = Kind("parcel", "Z", land.CELLS_A_PARCEL, 7.3, 0.20)


def make(
    out: Path, seed: int, stands: int, parcels: int, *, dirty: bool, epsg: list[int]
) -> dict[str, Any]:
    """Write ``stands-EPSG.parquet`` and ``parcels-EPSG.parquet`` and count what is in them."""
    half_width = float(np.sqrt(stands * land.STAND_M2)) / 2
    own = tiles(seed, STANDS, stands, half_width)
    other = tiles(seed, PARCELS, parcels, half_width)
    if dirty:
        traced = dirt.traced(stream(seed, "traced"), own, parcels, DECIMALS)
        own = dirt.strewn(stream(seed, "stand dirt"), own, DECIMALS)
        other = dirt.strewn(stream(seed, "parcel dirt"), other, DECIMALS)
        other = np.concatenate([other, traced])
    counts: dict[str, Any] = {}
    for kind, shapes in ((STANDS, own), (PARCELS, other)):
        for code in epsg:
            layer(kind, shapes, code).to_parquet(out / f"{kind.key}s-{code}.parquet", index=False)
        counts |= _counts(kind, shapes)
    return counts


def tiles(seed: int, kind: Kind, count: int, half_width: float) -> np.ndarray:
    """`count` polygons that tile a square with a ragged edge, placed on the map."""
    size = float(np.sqrt(4 * half_width**2 / count / kind.cells))
    reach = half_width + SWAY_M + 4 * size
    cells = tiling.small_cells(stream(seed, f"bare {kind.key}"), reach, size, part=kind.part)
    inside = tiling.filled(cells, np.abs(cells.centre).max(axis=1) < half_width)
    rng = stream(seed, f"bare {kind.key} regions")
    seeds = rng.choice(np.flatnonzero(inside), count, replace=False)
    way = np.hypot(*(cells.centre[cells.left] - cells.centre[cells.right]).T)
    cost = way * np.exp(kind.unlike * rng.standard_normal(len(way)))
    shapes = tiling.polygons(cells, tiling.joined(cells, inside, seeds, cost), count)
    return shapely.transform(shapes, lambda xy: np.round(xy + np.asarray(MIDDLE), DECIMALS))


def layer(kind: Kind, shapes: np.ndarray, epsg: int) -> geopandas.GeoDataFrame:
    """Polygons with running identifiers, in the system asked for."""
    if epsg != EPSG:
        move = pyproj.Transformer.from_crs(EPSG, epsg, always_xy=True)
        shapes = shapely.transform(shapes, lambda xy: np.stack(move.transform(*xy.T), axis=1))
    ids = [f"{kind.letter}{number:07d}" for number in range(1, len(shapes) + 1)]
    return geopandas.GeoDataFrame({kind.key: ids}, geometry=shapes, crs=epsg)


def _counts(kind: Kind, shapes: np.ndarray) -> dict[str, Any]:
    """What a layer holds, for the eye."""
    vertices = shapely.get_num_coordinates(shapes)
    return {
        f"{kind.key}s": len(shapes),
        f"vertices a {kind.key}": round(float(vertices.mean()), 1),
        f"{kind.key}s not valid": int((~shapely.is_valid(shapes)).sum()),
        f"{kind.key}s of several parts": int((shapely.get_num_geometries(shapes) > 1).sum()),
    }
