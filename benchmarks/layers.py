"""Stands and parcels to measure with, made once by the demo's maker, kept outside the project."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas
import numpy as np
import shapely

import measuring

__all__ = ["EPSG", "files", "read"]

EPSG = 4547  # CGCS2000, 3-degree Gauss-Krueger about 114 E
MAKER = Path(__file__).resolve().parents[1] / "data" / "demo"
SOURCES = ("bare.py", "dirt.py", "draws.py", "land.py", "tiling.py")
LAYERS = ("stands", "parcels")


def files(stands: int, parcels: int, *, dirty: bool) -> Path:
    """Folder of ``stands.parquet`` and ``parcels.parquet``, made where it is missing.

    Rings of dirty layers are mended here, so that every method is given the same valid polygons
    and none is charged for it. The folder's name holds a hash of the maker: a changed maker makes
    new layers.
    """
    kind = "dirty" if dirty else "clean"
    home = measuring.cache_folder("layers")
    folder = home / f"{stands}x{parcels}-{kind}-{_maker_hash()}"
    if folder.is_dir():
        return folder
    with tempfile.TemporaryDirectory(dir=home) as workplace:
        made, ready = Path(workplace) / "made", Path(workplace) / "ready"
        ready.mkdir()
        _make(made, stands, parcels, dirty=dirty)
        for name in LAYERS:
            source = made / f"{name}-{EPSG}.parquet"
            if dirty:
                _mended(geopandas.read_parquet(source)).to_parquet(
                    ready / f"{name}.parquet", index=False
                )
            else:
                shutil.move(source, ready / f"{name}.parquet")
        ready.rename(folder)
    return folder


def read(folder: Path) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """Stands and parcels of a folder, in Gauss-Krueger coordinates."""
    stands, parcels = (geopandas.read_parquet(folder / f"{name}.parquet") for name in LAYERS)
    return stands, parcels


def _make(out: Path, stands: int, parcels: int, *, dirty: bool) -> None:
    words = ["--layers-only", "--stands", str(stands), "--parcels", str(parcels)]
    words += ["--epsg", str(EPSG), "--out", str(out)] + (["--dirty"] if dirty else [])
    subprocess.run(
        [sys.executable, str(MAKER / "make.py"), *words], check=True, stdout=subprocess.DEVNULL
    )


def _mended(layer: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    shapes = np.asarray(layer.geometry.array, dtype=object)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return layer.set_geometry(geopandas.GeoSeries(shapes, index=layer.index, crs=layer.crs))


def _maker_hash() -> str:
    text = b"".join((MAKER / "maker" / name).read_bytes() for name in SOURCES)
    return hashlib.sha256(text).hexdigest()[:12]
