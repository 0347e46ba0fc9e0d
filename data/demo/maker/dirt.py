"""Dirt strewn over a clean tiling: what digitised layers have, in shares of the features."""

from __future__ import annotations

import numpy as np
import shapely

from maker.draws import Floats, Ints

OVERLAPS, GAPS = 0.01, 0.01  # features blown up, and shrunk, about their middle
STRETCH = 0.03
HOLES, HOLE_M = 0.005, 6.0  # features with an enclave, and its radius [m]
BOW_TIES = 0.003  # features with two vertices in the wrong order
FAR_PARTS = 0.005  # features that own a second part far away
TRACED, TRACING_M = 0.03, 0.8  # parcels drawn along a stand's edge, and the spread [m]


def strewn(rng: np.random.Generator, shapes: np.ndarray, decimals: int) -> np.ndarray:
    """The tiling with overlaps, gaps, enclaves, rings that cross themselves and far parts.

    A feature whose land becomes another's second part loses its own row.
    """
    out = shapes.copy()
    for share, stretch in ((OVERLAPS, 1 + STRETCH), (GAPS, 1 - STRETCH)):
        rows = _some(rng, len(out), share)
        out[rows] = _stretched(out[rows], stretch, decimals)
    rows = _some(rng, len(out), HOLES)
    enclaves = shapely.buffer(shapely.point_on_surface(out[rows]), HOLE_M, quad_segs=4)
    out[rows] = shapely.set_precision(
        shapely.difference(out[rows], enclaves), 10.0**-decimals, mode="pointwise"
    )
    rows = _some(rng, len(out), BOW_TIES)
    out[rows] = _tied(out[rows])
    return _with_far_parts(rng, out)


def traced(rng: np.random.Generator, stands: np.ndarray, parcels: int, decimals: int) -> np.ndarray:
    """Parcels drawn along the edges of stands by an unsteady hand, on top of those there are."""
    rows = rng.choice(len(stands), max(1, round(TRACED * parcels)), replace=False)
    simple = stands[rows][shapely.get_num_interior_rings(stands[rows]) == 0]
    count = shapely.get_num_coordinates(simple)
    xy = shapely.get_coordinates(simple)
    xy = np.round(xy + rng.normal(0, TRACING_M, xy.shape), decimals)
    last = np.cumsum(count) - 1
    xy[last] = xy[last - count + 1]
    return shapely.set_coordinates(simple.copy(), xy)


def _some(rng: np.random.Generator, count: int, share: float) -> Ints:
    return rng.choice(count, max(1, round(count * share)), replace=False)


def _stretched(shapes: np.ndarray, stretch: float, decimals: int) -> np.ndarray:
    """Polygons larger or smaller about their centroid."""
    count = shapely.get_num_coordinates(shapes)
    middle: Floats = np.repeat(shapely.get_coordinates(shapely.centroid(shapes)), count, axis=0)
    xy = shapely.get_coordinates(shapes)
    return shapely.set_coordinates(
        shapes.copy(), np.round(middle + stretch * (xy - middle), decimals)
    )


def _tied(shapes: np.ndarray) -> np.ndarray:
    """Polygons whose third and fifth vertices are exchanged: the ring crosses itself."""
    count = shapely.get_num_coordinates(shapes)
    first = np.cumsum(count) - count
    xy = shapely.get_coordinates(shapes)
    xy[first + 2], xy[first + 4] = xy[first + 4], xy[first + 2]
    return shapely.set_coordinates(shapes.copy(), xy)


def _with_far_parts(rng: np.random.Generator, shapes: np.ndarray) -> np.ndarray:
    """Features that take in another, a third of the layer farther on."""
    rows = _some(rng, len(shapes), FAR_PARTS)
    far = (rows + len(shapes) // 3) % len(shapes)
    free = ~np.isin(far, rows)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    rows, far = rows[free], far[free]
    both = single[rows] & single[far]
    rows, far = rows[both], far[both]
    pairs = np.stack([shapes[rows], shapes[far]], axis=1).ravel()
    out = shapes.copy()
    out[rows] = shapely.multipolygons(pairs, indices=np.repeat(np.arange(len(rows)), 2))
    return np.delete(out, far)
