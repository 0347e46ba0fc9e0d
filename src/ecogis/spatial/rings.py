"""Polygons taken apart: into parts, and into rings as flat arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.spatial.remembering import remembered

__all__ = ["Rings", "polygon_parts", "rings_in", "rings_of", "valid"]

_MISSING, POLYGON, _MULTIPOLYGON = -1, 3, 6  # kinds of geometry, as GEOS numbers them

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Geometries = Any  # array-like of shapely geometries


@dataclass(frozen=True, slots=True)
class Rings:
    """Polygons as flat arrays.

    Attributes
    ----------
    xy : array (vertex, 2)
        Coordinates, rings closed.
    starts : array (ring + 1), int64
        First vertex of each ring.
    sign : array (ring)
        1 for a shell, -1 for a hole.
    feature : array (ring), int64
        Row of the geometry the ring belongs to; never falls.
    """

    xy: Floats
    starts: Ints
    sign: Floats
    feature: Ints


@remembered
def valid(shapes: Objects) -> Bools:
    """Whether shapes are valid; a missing one is not."""
    return np.asarray(shapely.is_valid(shapes), dtype=bool)


def polygon_parts(geometries: Geometries) -> tuple[Objects, Ints]:
    """The polygons in an array of geometries, and the row each comes from.

    Multipolygons and collections are opened; points and lines have no part.
    """
    array = np.asarray(geometries, dtype=object)
    row = np.arange(len(array), dtype=np.int64)
    single = (shapely.get_type_id(array) == POLYGON) & ~shapely.is_empty(array)
    if single.all():
        return array, row
    opened, source = array[~single], row[~single]
    while (shapely.get_type_id(opened) > POLYGON).any():  # a collection may hold collections
        opened, inner = shapely.get_parts(opened, return_index=True)
        source = source[inner]
    areal = (shapely.get_type_id(opened) == POLYGON) & ~shapely.is_empty(opened)
    source = np.concatenate([row[single], source[areal]])
    order = np.argsort(source, kind="stable")
    return np.concatenate([array[single], opened[areal]])[order], source[order]


def rings_of(geometries: Geometries) -> Rings:
    """Rings of an array of polygons and multipolygons.

    Polygons without holes, most of any layer, are copied out at once; only the others are taken
    apart ring by ring.

    Examples
    --------
    >>> rings = rings_of([shapely.box(0, 0, 1, 1), None, shapely.box(2, 0, 3, 1)])
    >>> rings.starts.tolist(), rings.feature.tolist()
    ([0, 5, 10], [0, 2])
    """
    array = np.asarray(geometries, dtype=object)
    counts, kind = shapely.get_num_coordinates(array), shapely.get_type_id(array)
    several = (shapely.get_num_interior_rings(array) > 0) | (kind == _MULTIPOLYGON)
    if not ((kind == POLYGON) | several | (kind == _MISSING)).all():
        return rings_of(_areal(array))
    if not several.any():
        return _one_ring_each(array, counts)
    counts, sign, feature = _opened(array, counts, several)
    return Rings(shapely.get_coordinates(array), _starts(counts), sign, feature)


@remembered
def rings_in(shapes: Objects) -> Rings:
    """Rings of polygons, as `rings_of` gives them."""
    return rings_of(shapes)


def _one_ring_each(array: Objects, counts: npt.NDArray[np.int32]) -> Rings:
    feature = np.flatnonzero(counts)  # what is missing or empty has no ring
    starts = _starts(counts if len(feature) == len(counts) else counts[feature])
    return Rings(shapely.get_coordinates(array), starts, np.ones(len(feature)), feature)


def _starts(counts: npt.NDArray[np.integer]) -> Ints:
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _areal(array: Objects) -> Objects:
    """The same rows with what is no polygon left out."""
    parts, source = polygon_parts(array)
    out = np.full(len(array), None, dtype=object)
    shapely.multipolygons(parts, indices=source, out=out)
    return out


def _opened(
    array: Objects, counts: npt.NDArray[np.int32], several: Bools
) -> tuple[Ints, Floats, Ints]:
    """Vertices, sign and feature of each ring, where some features have several."""
    parts, source = polygon_parts(array[several])
    rings, part = shapely.get_rings(parts, return_index=True)
    own = np.flatnonzero(several)[source[part]]
    number = (counts > 0).astype(np.int64)
    number[several] = np.bincount(own, minlength=len(array))[several]
    feature = np.repeat(np.arange(len(array)), number)
    of_several = several[feature]
    vertices = counts[feature].astype(np.int64)
    vertices[of_several] = shapely.get_num_coordinates(rings)
    sign = np.ones(len(feature))
    sign[of_several] = np.where(np.diff(part, prepend=-1) > 0, 1.0, -1.0)
    return vertices, sign, feature
