"""Values of a raster under polygons: CPU, memory and exactness beside exactextract.

``python benchmarks/zonal.py --size small|medium|full``

Both methods are given the same GeoDataFrame and the path of the same tiled GeoTIFF, both read it
window by window and end with the mean, sum, minimum, maximum and standard deviation of each polygon
by exact covered share. Ours also tells cover, areas and findings. Every run has a process of its
own, the methods take turns, and the median is told. What reading the file alone costs is told too.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
import shapely
from exactextract import exact_extract
from rasterio import Affine
from scipy.spatial import Voronoi

import measuring
from ecogis.core.findings import Findings
from ecogis.io import open_raster
from ecogis.spatial.zonal import statistics

STATISTICS = ["mean", "sum", "min", "max", "stdev"]
EPSG = 4547
CELL = 3.5  # m
CORNER = 500_000.0, 2_600_000.0  # west, south
BLOCK = 512
NODATA = -9999.0
SEED = 20_260
SEGMENTS = 13  # of a side; Voronoi cells have six sides on average
WAVES = 4

OURS, PEER, READ = "ecogis.spatial.zonal.statistics", "exactextract raster-sequential", "read only"


@dataclass(frozen=True)
class Plan:
    """What a size runs.

    Attributes
    ----------
    polygons : int
        About as many are made.
    side : int
        Rows and columns of the raster.
    rounds : int
        Runs of each method.
    """

    polygons: int
    side: int
    rounds: int


TINY = Plan(100, 300, 1)
PLANS = {
    "small": Plan(4_000, 2_000, 1),
    "medium": Plan(25_000, 5_000, 3),
    "full": Plan(100_000, 10_000, 3),
}


# --- methods: a layer and the path of a raster in, a table out ------------------------------


def by_ecogis(layer: geopandas.GeoDataFrame, path: Path) -> Any:
    """Ours."""
    with open_raster(path) as source:
        return statistics(layer, source, statistics=STATISTICS, findings=Findings())


def by_exactextract(layer: geopandas.GeoDataFrame, path: Path) -> Any:
    """The peer; of its two strategies the one that takes less CPU here."""
    return exact_extract(
        str(path), layer, STATISTICS, strategy="raster-sequential", output="pandas"
    )


def by_reading(layer: geopandas.GeoDataFrame, path: Path) -> Any:
    """The file read by rows of blocks and thrown away: the floor of both."""
    with open_raster(path) as source:
        side = source.grid.rows
        for row in range(0, side, 2 * BLOCK):
            source.window(slice(row, min(row + 2 * BLOCK, side)), slice(0, side))
    return layer[[]]


METHODS: dict[str, Callable[[geopandas.GeoDataFrame, Path], Any]] = {
    PEER: by_exactextract,
    OURS: by_ecogis,
    READ: by_reading,
}


def prepared(method: str, folder: Path, tiny: Path) -> Callable[[], Any]:
    """The call to measure: polygons loaded, modules and compiled code warmed on a tiny input."""
    run = METHODS[method]
    run(geopandas.read_parquet(tiny / "polygons.parquet"), tiny / "raster.tif")
    layer = geopandas.read_parquet(folder / "polygons.parquet")
    return lambda: run(layer, folder / "raster.tif")


def told(table: Any) -> dict[str, np.ndarray]:
    """The figures themselves, to be compared."""
    return {name: table[name].to_numpy() for name in STATISTICS if name in table}


# --- inputs: a tiling with curved sides, and heights with noise and gaps --------------------


def made(plan: Plan) -> Path:
    """Folder of ``polygons.parquet`` and ``raster.tif``, made where it is missing.

    Its name holds a hash of this file: a changed maker makes new inputs.
    """
    home = measuring.cache_folder("zonal")
    maker = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    folder = home / f"{plan.polygons}x{plan.side}-{maker}"
    if folder.is_dir():
        return folder
    with tempfile.TemporaryDirectory(dir=home) as workplace:
        ready = Path(workplace) / "ready"
        ready.mkdir()
        shapes = geopandas.GeoSeries(tiling(plan), crs=f"EPSG:{EPSG}")
        shapes.to_frame("geometry").to_parquet(ready / "polygons.parquet", index=False)
        write_heights(plan, ready / "raster.tif")
        ready.rename(folder)
    return folder


def tiling(plan: Plan) -> np.ndarray:
    """Cells of a Voronoi tiling whose sides are waves, over the raster and a little beyond."""
    rng = np.random.default_rng([SEED, 1])
    number = round(np.sqrt(plan.polygons))
    step = plan.side * CELL / number
    corners = np.stack(np.meshgrid(*2 * [np.arange(-2, number + 2)]), axis=-1).reshape(-1, 2)
    found = Voronoi((corners + rng.uniform(0.05, 0.95, corners.shape)) * step)
    ends = np.array([pair for pair in found.ridge_vertices if min(pair) >= 0])
    begin, end = found.vertices[ends[:, 0]], found.vertices[ends[:, 1]]
    near = (np.abs(np.concatenate([begin, end], axis=1)) < 2 * plan.side * CELL).all(axis=1)
    lines = shapely.linestrings(waves(begin[near], end[near], rng))
    cells = shapely.get_parts(shapely.polygonize(lines))
    west, south, east, north = shapely.bounds(cells).T
    low, high = np.minimum(west, south), np.maximum(east, north)
    kept = cells[(low > -step / 2) & (high < plan.side * CELL + step / 2)]
    return np.asarray(shapely.transform(kept, lambda xy: xy + CORNER))


def waves(begin: np.ndarray, end: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sides with their ends where they were and a few waves across, as vertices."""
    along = np.linspace(0.0, 1.0, SEGMENTS + 1)
    across = np.zeros((len(begin), SEGMENTS + 1))
    for wave in range(WAVES):
        phase = rng.uniform(0, 2 * np.pi, (len(begin), 1))
        height = rng.uniform(0, 0.05, (len(begin), 1)) / (1 + wave / 2)
        across += height * np.sin(1.3 * np.pi * (wave + 2) * along + phase)
    across *= np.sin(np.pi * along)
    side = end - begin
    normal = np.column_stack([-side[:, 1], side[:, 0]])
    points = begin[:, None] + along[:, None] * side[:, None] + across[..., None] * normal[:, None]
    points[:, 0], points[:, -1] = begin, end
    return points


def write_heights(plan: Plan, path: Path) -> None:
    """A float32 raster in tiles: hills, noise, centimetres, 1 % without value in round gaps."""
    profile = {
        "driver": "GTiff", "width": plan.side, "height": plan.side, "count": 1,
        "dtype": "float32", "nodata": NODATA, "crs": f"EPSG:{EPSG}", "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "zstd", "predictor": 3,
        "transform": Affine(CELL, 0, CORNER[0], 0, -CELL, CORNER[1] + plan.side * CELL),
    }  # fmt: skip
    x = np.arange(plan.side)
    with rasterio.open(path, "w", **profile) as target:
        for top in range(0, plan.side, BLOCK):
            y = np.arange(top, min(top + BLOCK, plan.side))[:, None]
            noise = np.random.default_rng([SEED, 2, top]).standard_normal((len(y), plan.side))
            heights = 15 + 5 * np.sin(y / 700) + 4 * np.cos(x / 900 + y / 1500) + noise
            heights = heights.round(2)
            heights[np.sin(y / 97) * np.sin(x / 131) > 0.97] = NODATA
            target.write(heights.astype("float32"), 1, window=((top, y[-1, 0] + 1), (0, plan.side)))


# --- the race -------------------------------------------------------------------------------


def differences(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> dict[str, float]:
    """Largest relative difference of each statistic over the polygons that have any value."""
    known = ~np.isnan(ours["mean"])
    if (known == np.isnan(theirs["mean"])).any():
        raise SystemExit("the methods disagree on which polygons have a value")
    return {
        name: float(np.max(np.abs(ours[name] - theirs[name])[known] / scale(theirs[name][known])))
        for name in STATISTICS
    }


def scale(values: np.ndarray) -> np.ndarray:
    """What a difference is relative to: the value, or 1 where it is 0."""
    return np.where(values == 0.0, 1.0, np.abs(values))


def race(plan: Plan) -> dict[str, measuring.Fresh]:
    """Each method in turn, round after round."""
    folder, tiny = made(plan), made(TINY)
    runs: dict[str, list[measuring.Fresh]] = {method: [] for method in METHODS}
    for _ in range(plan.rounds):
        for method, done in runs.items():
            done.append(measuring.fresh(prepared, method, folder, tiny, tell=told))
    return {
        method: measuring.Fresh(
            [run.cpu_s[0] for run in done],
            measuring.median([run.rise_gb for run in done]),
            max(run.peak_gb for run in done),
            done[-1].result,
        )
        for method, done in runs.items()
    }


def described(plan: Plan) -> dict[str, object]:
    """What the methods are given."""
    folder = made(plan)
    layer = geopandas.read_parquet(folder / "polygons.parquet")
    return {
        "polygons": len(layer),
        "vertices": float(shapely.get_num_coordinates(layer.geometry.array).mean()),
        "cells": plan.side**2,
        "raster_mb": (folder / "raster.tif").stat().st_size / 1e6,
    }


def main() -> None:
    """Make the inputs, run the race, print the rows."""
    asked = measuring.arguments(__doc__ or "")
    plan = PLANS[asked.size]
    measuring.row(**measuring.versions(), exactextract=version("exactextract"))
    measuring.row(input=True, **described(plan))
    found = race(plan)
    for method, run in found.items():
        measuring.row(
            method=method,
            cpu_s=measuring.median(run.cpu_s),
            each=[round(cpu, 3) for cpu in run.cpu_s],
            rise_gb=run.rise_gb,
            peak_gb=run.peak_gb,
        )
    off = differences(found[OURS].result, found[PEER].result)
    measuring.row(max_rel_diff_of=off)
    cpu = {method: measuring.median(run.cpu_s) for method, run in found.items()}
    measuring.summary(
        "zonal",
        asked.size,
        speedup=cpu[PEER] / cpu[OURS],
        speedup_less_reading=(cpu[PEER] - cpu[READ]) / (cpu[OURS] - cpu[READ]),
        max_rel_diff=off["mean"],
        memory_ratio=found[OURS].rise_gb / found[PEER].rise_gb,
    )


if __name__ == "__main__":
    main()
