"""Carbon of classes and its value from two rasters: megapixels a CPU second, with writes.

``python benchmarks/rastercarbon.py --size small|medium|full``

Ours reads two class rasters by windows and writes four rasters: carbon before and after, change and
value, LZW. The peer goes the way of InVEST's carbon model with NumPy: one raster a pool and date,
sums, change and value, twelve float32 LZW rasters, window by window. InVEST itself needs a build of
its own and is not run here; on the machine of the results 3.20.2 made 1.62 megapixels a CPU second
of 4,000 x 4,000 (median of five), which ``ratio_invest`` is relative to.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio import Affine

import measuring
from ecogis.io import open_raster, write_windows
from ecogis.services import raster_carbon

SIDES = {"small": 800, "medium": 2_000, "full": 4_000}
ROUNDS = {"small": 1, "medium": 3, "full": 5}
CLASSES, PATCH, BLOCK, SEED = 20, 8, 512, 20_260
INVEST_MPX = 1.62
PRICE, YEARS, RATE = 43.0, 15, 0.07
POOLS = np.random.default_rng(SEED).uniform(1.0, 80.0, (4, CLASSES + 1))


def made(side: int) -> Path:
    """Folder of ``before.tif``, ``after.tif``: patches of 20 classes, a fifth of them changed."""
    folder = measuring.cache_folder("rastercarbon") / str(side)
    if (folder / "after.tif").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([SEED, side])
    small = (side // PATCH, side // PATCH)
    before = rng.integers(1, CLASSES + 1, small)
    after = np.where(rng.random(small) < 0.2, rng.integers(1, CLASSES + 1, small), before)
    for name, values in (("before", before), ("after", after)):
        grown = np.kron(values, np.ones((PATCH, PATCH), np.int64)).astype(np.int32)
        with rasterio.open(folder / f"{name}.tif", "w", **profile(side, "int32", -1)) as file:
            file.write(grown, 1)
    return folder


def profile(side: int, dtype: str, nodata: float) -> dict[str, Any]:
    """Tiled, LZW."""
    return {
        "driver": "GTiff", "height": side, "width": side, "count": 1, "dtype": dtype,
        "nodata": nodata, "crs": "EPSG:4547", "compress": "lzw", "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK,
        "transform": Affine(30.0, 0.0, 5e5, 0.0, -30.0, 3e6),
    }  # fmt: skip


def by_ecogis(folder: Path, out: Path) -> float:
    """Ours; the sum of the value."""
    stores = {code: float(POOLS[:, code].sum()) for code in range(1, CLASSES + 1)}
    worth = raster_carbon.worth_of_a_tonne(PRICE, YEARS, discount_rate=RATE)
    total = 0.0

    def told(windows: Iterator[raster_carbon.CarbonWindow]) -> Iterator[tuple[slice, Any]]:
        nonlocal total
        for window in windows:
            total += float(window.value_ha.sum(dtype=np.float64))
            yield window.rows, window._asdict()

    with open_raster(folder / "before.tif") as before, open_raster(folder / "after.tif") as after:
        windows = raster_carbon.carbon_windows(before, after, stores, worth=worth)
        paths = {name: out / f"{name}.tif" for name in raster_carbon.BANDS}
        write_windows(paths, before.grid, told(windows), units=raster_carbon.BANDS)
    return total


def by_numpy(folder: Path, out: Path) -> float:
    """The peer: twelve rasters, each from whole-array steps of a window."""
    total = 0.0
    worth = PRICE * np.mean((1 / (1 + RATE)) ** np.arange(YEARS))
    names = [f"{pool}_{date}" for date in ("before", "after") for pool in range(4)]
    names += ["sum_before", "sum_after", "change", "value"]
    with ExitStack() as stack:
        read = {
            date: stack.enter_context(rasterio.open(folder / f"{date}.tif"))
            for date in ("before", "after")
        }
        side = read["before"].width
        files = {
            name: stack.enter_context(
                rasterio.open(out / f"{name}.tif", "w", **profile(side, "float32", -1.0))
            )
            for name in names
        }
        for top in range(0, side, BLOCK):
            window = ((top, min(top + BLOCK, side)), (0, side))
            sums = {}
            for date, file in read.items():
                codes = file.read(1, window=window)
                valid = codes != -1
                layers = []
                for pool in range(4):
                    values = np.where(valid, POOLS[pool][codes], -1.0).astype(np.float32)
                    files[f"{pool}_{date}"].write(values, 1, window=window)
                    layers.append(values)
                sums[date] = np.sum(layers, axis=0, dtype=np.float64)
                files[f"sum_{date}"].write(sums[date].astype(np.float32), 1, window=window)
            change = sums["after"] - sums["before"]
            files["change"].write(change.astype(np.float32), 1, window=window)
            value = (change * worth).astype(np.float32)
            files["value"].write(value, 1, window=window)
            total += float(value.sum(dtype=np.float64))
    return total


METHODS: dict[str, Callable[[Path, Path], float]] = {"numpy": by_numpy, "ecogis": by_ecogis}


def prepared(method: str, side: int) -> Callable[[], float]:
    """The call to measure; compiled code is loaded by a small one."""
    tiny, folder = made(80), made(side)
    with tempfile.TemporaryDirectory() as out:
        METHODS[method](tiny, Path(out))

    def run() -> float:
        with tempfile.TemporaryDirectory() as out:
            return METHODS[method](folder, Path(out))

    return run


def main() -> None:
    """Run ours and the peer in turn."""
    asked = measuring.arguments(__doc__ or "")
    side = SIDES[asked.size]
    measuring.row(**measuring.versions())
    runs: dict[str, list[measuring.Fresh]] = {method: [] for method in METHODS}
    for _ in range(ROUNDS[asked.size]):
        for method, done in runs.items():
            done.append(measuring.fresh(prepared, method, side, tell=float))
    cpu = {name: measuring.median([run.cpu_s[0] for run in done]) for name, done in runs.items()}
    for name, seconds in cpu.items():
        measuring.row(method=name, cells=side**2, cpu_s=seconds, mpx_s=side**2 / seconds / 1e6)
    totals = [runs[name][-1].result for name in METHODS]
    measuring.summary(
        "rastercarbon",
        asked.size,
        mpx_s=side**2 / cpu["ecogis"] / 1e6,
        ratio_invest=side**2 / cpu["ecogis"] / 1e6 / INVEST_MPX,
        speedup_numpy=cpu["numpy"] / cpu["ecogis"],
        rel_diff=abs(totals[1] - totals[0]) / max(abs(totals[0]), 1.0),
    )


if __name__ == "__main__":
    main()
