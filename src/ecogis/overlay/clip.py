"""The land two polygons share, pair by pair, summed back to the features they belong to.

`shared` and `shared_within` stand between the overlay and the geometry engine, which is GEOS.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.overlay import candidates
from ecogis.spatial.area import polygon_parts

__all__ = ["Shared", "gathered", "polygonal", "shared", "shared_within"]

_TOUCH_M2 = 1e-6  # below the noise of coordinates at 1e-9 m: polygons that only touch

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = Any  # array of polygons and multipolygons in the plane


@dataclass(frozen=True, slots=True)
class Shared:
    """Land in common, one row per pair of features, sorted by pair.

    Attributes
    ----------
    left, right : array (pair), int64
        Rows of the two features.
    area_m2 : array (pair)
        Area in common. [m2]
    shape : array (pair) of polygons and multipolygons
        The land itself, in the plane.
    """

    left: Ints
    right: Ints
    area_m2: Floats
    shape: npt.NDArray[np.object_]

    def only(self, where: npt.NDArray[np.bool_]) -> "Shared":
        """The pairs where a mask is true."""
        return Shared(self.left[where], self.right[where], self.area_m2[where], self.shape[where])


def polygonal(shapes: Geometries) -> npt.NDArray[np.object_]:
    """The areal part of each geometry; lines and points where two features touch are left out.

    >>> import shapely
    >>> mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)))")
    >>> shapely.area(polygonal([mixed])).tolist()
    [0.5]
    """
    out = np.array(shapes, dtype=object, copy=True)
    kinds = shapely.get_type_id(out)
    areal = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    mixed = np.flatnonzero(~areal)
    parts, owner = polygon_parts(out[mixed])
    out[mixed] = gathered(parts, owner, len(mixed))
    return out


def gathered(parts: Geometries, owner: Ints, count: int) -> npt.NDArray[np.object_]:
    """Polygons put together by owner (sorted): a polygon, a multipolygon, or an empty polygon."""
    out = np.full(count, shapely.Polygon(), dtype=object)
    if not len(parts):
        return out
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    out[owner[single]] = parts[single]
    many, label = np.unique(owner[~single], return_inverse=True)
    if len(many):
        out[many] = shapely.multipolygons(parts[~single], indices=label)
    return out


def shared(left: Geometries, right: Geometries) -> Shared:
    """Land that features of two layers have in common.

    Parameters
    ----------
    left, right : array of valid polygons and multipolygons
        In the equal-area plane. [m]

    Returns
    -------
    Shared
        One row per pair of features with more than 1e-6 m2 in common.
    """
    a, a_owner = polygon_parts(left)
    b, b_owner = polygon_parts(right)
    first, second = candidates.pairs_between(a, b)
    return _summed(a[first], b[second], a_owner[first], b_owner[second])


def shared_within(layer: Geometries) -> Shared:
    """Land that different features of one layer have in common, each pair once."""
    parts, owner = polygon_parts(layer)
    first, second = candidates.pairs_within(parts, owner)
    return _summed(parts[first], parts[second], owner[first], owner[second])


def _summed(a: Geometries, b: Geometries, left: Ints, right: Ints) -> Shared:
    """Intersections of pairs of parts, put together by pair of features."""
    cut = polygonal(shapely.intersection(a, b))
    real = shapely.area(cut) > _TOUCH_M2
    pairs = np.column_stack([left[real], right[real]])
    unique, label = np.unique(pairs, axis=0, return_inverse=True)
    label = label.reshape(-1)
    order = np.argsort(label, kind="stable")
    parts, inner = shapely.get_parts(cut[real][order], return_index=True)
    shape = gathered(parts, label[order][inner], len(unique))
    unique = unique.reshape(-1, 2).astype(np.int64)
    return Shared(unique[:, 0], unique[:, 1], shapely.area(shape), shape)
