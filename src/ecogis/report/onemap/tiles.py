"""Vector tiles of a layer in one PMTiles archive, the same bytes each time."""

import math
import tempfile
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import pandas as pd
import pyogrio

__all__ = ["extent", "is_dense", "tiles", "zooms"]

_VIEW: Final = 900  # width of a map on a screen [pixel]
_TILE: Final = 512  # width of a tile on a screen [pixel]
_MANY: Final = 30_000  # shapes from which the two finest levels are left to the browser
_DEEPEST: Final = 14
_LEAST: Final = 1e-9  # span of land without width [degree]
# never thin out a tile; a third of a pixel less of every outline, but for the finest level
_LOOK: Final = {
    "MAX_SIZE": "8000000",
    "MAX_FEATURES": "1000000",
    "SIMPLIFICATION": "3",
    "SIMPLIFICATION_MAX_ZOOM": "0.5",
}


# quartile spans from the median beyond which shapes do not count, if they are so few at most
_FAR: Final = ((2.0, 0.005), (3.0, 1.0))


def extent(layer: geopandas.GeoDataFrame) -> tuple[float, float, float, float]:
    """Limits of the land; shapes far from all others, misplaced ones say, do not widen it.

    Far is more than two spans between the quartiles from the median where that holds of half a
    percent of the shapes at most, else more than three (a policy). They are drawn all the same.

    Parameters
    ----------
    layer : GeoDataFrame
        Shapes, none empty.

    Returns
    -------
    west, south, east, north
        In the layer's units.

    Examples
    --------
    >>> from shapely import box
    >>> row = [box(x, 0, x + 1, 1) for x in (*range(400), 700)]  # quartiles at 100 and 300
    >>> extent(geopandas.GeoDataFrame(geometry=row))
    (0.0, 0.0, 400.0, 1.0)
    """
    bounds = layer.geometry.bounds
    away = pd.Series(0.0, index=bounds.index)
    for low, high in (("minx", "maxx"), ("miny", "maxy")):
        middle = (bounds[low] + bounds[high]) / 2
        first, median, third = middle.quantile([0.25, 0.5, 0.75])
        reach = max(third - first, (bounds[high] - bounds[low]).max(), _LEAST)
        away = np.maximum(away, (middle - median).abs() / reach)
    limit = next(spans for spans, share in _FAR if (away > spans).mean() <= share)
    low, high = bounds[away <= limit].min(), bounds[away <= limit].max()
    return float(low["minx"]), float(low["miny"]), float(high["maxx"]), float(high["maxy"])


def is_dense(shapes: int) -> bool:
    """Whether a layer has so many shapes that outlines are drawn close up only."""
    return shapes >= _MANY


def zooms(bounds: tuple[float, float, float, float], shapes: int) -> tuple[int, int]:
    """Lowest and highest zoom level to make tiles for.

    The lowest shows the whole land with room around it. Above the highest the browser enlarges:
    at level 12 a step of the grid within a tile is 2.4 m on the equator, at level 14 0.6 m.

    Parameters
    ----------
    bounds : west, south, east, north
        Limits of the land. [degree]
    shapes : int
        Number of shapes in the layer.

    Examples
    --------
    >>> zooms((113.0, 23.0, 113.5, 23.5), 100_000)
    (9, 12)
    >>> zooms((113.0, 23.0, 113.05, 23.05), 2_000)
    (12, 14)
    """
    west, south, east, north = bounds
    width = max(east - west, north - south, 1e-4)
    whole = math.floor(math.log2(_VIEW * 360 / (_TILE * width)))
    highest = _DEEPEST - (2 if is_dense(shapes) else 0)
    return min(max(whole - 1, 0), highest - 2), highest


def tiles(layer: geopandas.GeoDataFrame, name: str, levels: tuple[int, int]) -> bytes:
    """A layer as vector tiles.

    Parameters
    ----------
    layer : GeoDataFrame
        Shapes in EPSG:4490, none empty, with what the style asks for as columns.
    name : str
        Name of the layer within the tiles.
    levels : lowest, highest
        Zoom levels.

    Returns
    -------
    bytes
        A PMTiles archive, version 3, of gzipped Mapbox vector tiles.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.pmtiles"
        pyogrio.write_dataframe(
            layer,
            path,
            driver="PMTiles",
            layer=name,
            MINZOOM=str(levels[0]),
            MAXZOOM=str(levels[1]),
            **_LOOK,
        )
        return path.read_bytes()
