"""Polygons taken apart and put together again, whole or without some of their vertices."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from ecogis.spatial.rings import Rings

__all__ = ["gathered", "opened", "without"]

_LEAST = 3  # corners of a ring

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


def opened(shapes: Any) -> tuple[Objects, Ints]:
    """Parts of polygons and multipolygons, and the row each is from.

    A polygon that stands alone is its own part, the very object; only the others are taken apart.

    Examples
    --------
    >>> boxes = shapely.box([0, 2, 9], 0, [1, 3, 10], 1)
    >>> parts, source = opened([shapely.multipolygons(boxes[:2]), shapely.Polygon(), boxes[2]])
    >>> source.tolist(), parts[2] is boxes[2]
    ([0, 0, 2], True)
    """
    array = np.asarray(shapes, dtype=object)
    full = ~shapely.is_empty(array) & ~shapely.is_missing(array)
    several = full & (shapely.get_type_id(array) != GeometryType.POLYGON)
    single = np.flatnonzero(full & ~several)
    parts, place = shapely.get_parts(array[several], return_index=True)
    source = np.concatenate([single, np.flatnonzero(several)[place]])
    order = np.argsort(source, kind="stable")
    return np.concatenate([array[single], parts])[order], source[order]


def gathered(parts: Any, owner: Ints, count: int) -> Objects:
    """Polygons of one owner as one geometry.

    Parameters
    ----------
    parts : array of polygons
        In the order they shall have.
    owner : array (part,), int64
        Row of the result a part goes to; never falls.
    count : int
        Rows of the result.

    Returns
    -------
    array (count,) of polygons and multipolygons
        Empty where nothing goes.

    Examples
    --------
    >>> boxes = shapely.box([0, 2, 9], 0, [1, 3, 10], 1)
    >>> [shape.geom_type for shape in gathered(boxes, np.array([0, 0, 2]), 3)]
    ['MultiPolygon', 'Polygon', 'Polygon']
    """
    polygons = np.asarray(parts, dtype=object)
    out = np.full(count, shapely.Polygon(), dtype=object)
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    out[owner[single]] = polygons[single]
    if not single.all():
        rows, place = np.unique(owner[~single], return_inverse=True)
        out[rows] = shapely.multipolygons(polygons[~single], indices=place)
    return out


def without(rings: Rings, dropped: npt.NDArray[np.bool_], count: int) -> Objects:
    """Polygons without some of their vertices.

    Parameters
    ----------
    rings : Rings
        Of features 0 to `count` - 1.
    dropped : array (vertex,), bool
        Vertices to leave out. The one that closes a ring follows from the first.
    count : int
        Number of features.

    Returns
    -------
    array (count,) of polygons and multipolygons
        Empty where a shell would have fewer than three corners; a hole that would is left out.

    Examples
    --------
    >>> from ecogis.spatial.rings import rings_of
    >>> rings = rings_of([shapely.Polygon([(0, 0), (2, 0), (2, 2), (2, 9), (0, 2)])])
    >>> without(rings, np.array([False, False, False, True, False, False]), 1)[0].area
    4.0
    """
    kept = ~dropped
    kept[rings.starts[1:] - 1] = False
    ring = np.repeat(np.arange(len(rings.sign)), np.diff(rings.starts))
    left = np.bincount(ring[kept], minlength=len(rings.sign)) >= _LEAST
    lost = rings.feature[~left & (rings.sign > 0)]
    left &= ~np.isin(rings.feature, lost)
    kept &= left[ring]
    _, dense = np.unique(ring[kept], return_inverse=True)
    lines = shapely.linearrings(rings.xy[kept], indices=dense)
    shell = rings.sign[left] > 0
    polygons = shapely.polygons(lines, indices=np.cumsum(shell) - 1)
    return gathered(polygons, rings.feature[left][shell], count)
