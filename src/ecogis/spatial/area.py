"""Area of record: on the CGCS2000 ellipsoid, the same on every map projection.

It is the shoelace in the cylindrical equal-area plane, to which the official trapezoid formula of
the third land survey is equal [1]_. Areas are kept as int64 hundredths of a square metre (dm2).

References
----------
.. [1] 国务院第三次全国国土调查领导小组办公室, 国土调查办发〔2008〕32号, formula for the area of
   polygons on the ellipsoid.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.spatial import kernels
from ecogis.spatial.plane import ellipsoid

__all__ = ["Rings", "area_dm2", "ellipsoidal_area_m2", "polygon_parts", "quantised_dm2", "rings_of"]

DM2_PER_M2 = 100.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
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
        Row of the geometry the ring belongs to.
    """

    xy: Floats
    starts: Ints
    sign: Floats
    feature: Ints


def polygon_parts(geometries: Geometries) -> tuple[npt.NDArray[np.object_], Ints]:
    """The polygons in an array of geometries, and the row each comes from.

    Multipolygons and collections are opened; points and lines have no part.
    """
    parts = np.asarray(geometries, dtype=object)
    source = np.arange(len(parts), dtype=np.int64)
    for _ in range(2):  # a collection may hold multipolygons
        parts, inner = shapely.get_parts(parts, return_index=True)
        source = source[inner]
    areal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    return parts[areal], source[areal]


def rings_of(geometries: Geometries) -> Rings:
    """Rings of an array of polygons and multipolygons."""
    parts, source = polygon_parts(geometries)
    rings, part = shapely.get_rings(parts, return_index=True)
    counts = shapely.get_num_coordinates(rings)
    shell = np.diff(part, prepend=-1) > 0
    return Rings(
        xy=np.ascontiguousarray(shapely.get_coordinates(rings)),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        sign=np.where(shell, 1.0, -1.0),
        feature=source[part].astype(np.int64),
    )


def ellipsoidal_area_m2(geometries: Geometries) -> Floats:
    """Area of polygons on the CGCS2000 ellipsoid.

    Edges are straight in longitude and authalic latitude, as in the official formula; against
    geodesic edges this differs by some 1e-7 of the area for edges up to 100 m and some 1e-5 for
    edges of 1 km.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        Longitude and latitude on CGCS2000 (EPSG:4490). Ring direction does not matter.

    Returns
    -------
    array (geometry,), float64
        Area; missing where the geometry is missing or a coordinate is not finite. [m2]

    Examples
    --------
    >>> import shapely
    >>> one = shapely.box(113.0, 24.0, 113.001, 24.001)
    >>> ellipsoidal_area_m2([one, None]).round(2).tolist()
    [11269.8, nan]
    """
    array = np.asarray(geometries, dtype=object)
    rings = rings_of(array)
    per_ring = np.empty(len(rings.sign))
    kernels.ring_areas(rings.xy, rings.starts, *ellipsoid(), per_ring)
    signed = rings.sign * np.abs(per_ring)
    total = np.bincount(rings.feature, weights=signed, minlength=len(array)).astype(np.float64)
    total[shapely.is_missing(array)] = np.nan
    return total


def quantised_dm2(area_m2: npt.ArrayLike) -> Ints:
    """Areas as whole hundredths of a square metre; a missing one is 0, for there is no land drawn.

    >>> quantised_dm2([10_000.0, 0.004]).tolist()
    [1000000, 0]
    """
    values = np.asarray(area_m2, dtype=np.float64) * DM2_PER_M2
    return np.rint(np.where(np.isfinite(values), values, 0.0)).astype(np.int64)


def area_dm2(geometries: Geometries) -> Ints:
    """Area of record of polygons, as kept in the tables.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        In EPSG:4490.

    Returns
    -------
    array (geometry,), int64
        Area on the ellipsoid; 0 where no finite geometry is drawn (`quality` reports those). [dm2]
    """
    return quantised_dm2(ellipsoidal_area_m2(geometries))
