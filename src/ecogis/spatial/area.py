"""Area of record: on the CGCS2000 ellipsoid, the same on every map projection.

It is the shoelace in the cylindrical equal-area plane, to which the official trapezoid formula of
the third land survey is equal [1]_. Areas are kept as int64 hundredths of a square metre (dm2).

References
----------
.. [1] 国务院第三次全国国土调查领导小组办公室, 国土调查办发〔2008〕32号, formula for the area of
   polygons on the ellipsoid.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.spatial import kernels
from ecogis.spatial.authalic import authalic_of_sine
from ecogis.spatial.frames import Frame, frame_of
from ecogis.spatial.plane import CANONICAL_EPSG, ellipsoid, equal_area_plane
from ecogis.spatial.rings import POLYGON, Rings, rings_of

__all__ = [
    "AREA_DEFINITION",
    "area_dm2",
    "ellipsoidal_area_m2",
    "quantised_dm2",
    "ring_area_m2",
]

AREA_DEFINITION: Final = "survey-2008-32"
"""Name of the definition of area in force in every table, for outputs to print."""

DM2_PER_M2 = 100.0

_BLOCK = 512  # geometries; their coordinates stay in the cache
_MIDDLE_LAT = 35.0  # of the country; one plane for all, so an area does not depend on neighbours

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Geometries = Any  # array-like of shapely geometries
Definition = Literal["survey-2008-32", "geodesic"]


def ellipsoidal_area_m2(
    geometries: Geometries,
    *,
    definition: Definition = AREA_DEFINITION,
    frame: Frame | None = None,
) -> Floats:
    """Area of polygons on the CGCS2000 ellipsoid.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        On CGCS2000: longitude and latitude, or Gauss-Krüger metres. Ring direction does not
        matter.
    definition : {"survey-2008-32", "geodesic"}
        What the edges are. By the official formula, the area of record, they are straight in
        longitude and authalic latitude; as geodesics they are the shortest lines on the
        ellipsoid, taken one polygon at a time by PROJ. The two differ by some 1e-7 of the area
        for edges up to 100 m and some 1e-5 for edges of 1 km.
    frame : Frame, optional
        What the coordinates are in. If not given, what the geometries say themselves (a
        GeoSeries), otherwise longitude and latitude (EPSG:4490).

    Returns
    -------
    array (geometry,), float64
        Area; missing where the geometry is missing or a coordinate is not finite. [m2]

    Raises
    ------
    ConfigError
        E641 the definition is not known.
    InputError
        E345 the geometries say they are in a system that is no frame, E642 in another one than
        `frame`.

    Examples
    --------
    >>> import shapely
    >>> one = shapely.box(113.0, 24.0, 113.001, 24.001)
    >>> ellipsoidal_area_m2([one, None]).round(2).tolist()
    [11269.8, nan]
    >>> ellipsoidal_area_m2([one], definition="geodesic").round(2).tolist()
    [11269.8]
    """
    if definition not in _AREAS:
        raise ConfigError("E641", name=definition, names=", ".join(_AREAS))
    frame = _frame(geometries, frame)
    total = _AREAS[definition](np.asarray(geometries, dtype=object).reshape(-1), frame)
    total[~np.isfinite(total)] = np.nan
    return total


def _frame(geometries: Geometries, frame: Frame | None) -> Frame:
    crs = getattr(geometries, "crs", None)
    if crs is None:
        return frame or _degrees()
    own = frame_of(crs, layer=str(getattr(geometries, "name", None) or "geometry"))
    if frame is not None and not own.same_as(frame):
        raise InputError("E642", crs=crs.to_string(), other=frame.crs.to_string())
    return own


@cache
def _degrees() -> Frame:
    return frame_of(pyproj.CRS.from_epsg(CANONICAL_EPSG), layer="geometry")


def _survey(geometries: Objects, frame: Frame) -> Floats:
    """By the shoelace in the equal-area plane.

    Every geometry is first taken for a polygon of one ring; the shoelace notices a hole by a ring
    that closes too early, for less than asking for holes takes. The others are taken apart.
    """
    area = np.empty(len(geometries))
    single = np.empty(len(geometries), dtype=np.bool_)
    starts = np.empty(_BLOCK + 1, dtype=np.int64)
    for part in _blocks(len(geometries)):
        some = geometries[part]
        counts, kinds = shapely.get_num_coordinates(some), shapely.get_type_id(some)
        kernels.first_vertices(counts, kinds, POLYGON, starts, single[part])
        first = starts[: len(some) + 1]
        area[part] = _shoelace(shapely.get_coordinates(some), first, single[part], frame)
    np.abs(area, out=area)
    several = np.flatnonzero(~single)
    for part in _blocks(len(several)):
        some = geometries[several[part]]
        rings = rings_of(some)
        unasked = np.empty(len(rings.sign), dtype=np.bool_)
        drawn = _shoelace(rings.xy, rings.starts, unasked, frame)
        area[several[part]] = _added(rings, drawn, some)
    return area


def _blocks(count: int) -> Iterator[slice]:
    return (slice(low, min(low + _BLOCK, count)) for low in range(0, count, _BLOCK))


def _shoelace(xy: Floats, starts: Ints, single: Bools, frame: Frame) -> Floats:
    """Area of rings, positive counter-clockwise; coordinates in metres are used up.

    `single` becomes false where what is taken for a ring may be several.
    """
    out = np.empty(len(starts) - 1)
    if frame.grid is None:
        a, e2 = ellipsoid()
        kernels.lonlat_ring_areas(xy, starts, authalic_of_sine(e2), a, e2, out, single)
    else:
        plane = equal_area_plane(_MIDDLE_LAT, frame.grid.lon0)
        kernels.ring_areas(frame.to_plane(xy, plane, xy), starts, out, single)
    return out


def _geodesic(geometries: Objects, frame: Frame) -> Floats:
    """By geodesics, one ring after the other."""
    a, e2 = ellipsoid()
    geod = pyproj.Geod(a=a, es=e2)
    rings = rings_of(geometries)
    lonlat = frame.lonlat(rings.xy)
    pairs = pairwise(rings.starts)
    area = [geod.polygon_area_perimeter(*lonlat[i:j].T)[0] for i, j in pairs]
    return _added(rings, np.array(area, dtype=np.float64), geometries)


def _added(rings: Rings, area: Floats, geometries: Objects) -> Floats:
    """Shells less holes of each geometry; missing where there is none."""
    signed = rings.sign * np.abs(area)
    total = np.bincount(rings.feature, signed, len(geometries)).astype(np.float64)
    total[shapely.is_missing(geometries)] = np.nan
    return total


_AREAS: Final = {AREA_DEFINITION: _survey, "geodesic": _geodesic}


def ring_area_m2(xy: npt.ArrayLike, starts: Ints, *, frame: Frame | None = None) -> Floats:
    """Area of record of rings that lie in flat arrays.

    Parameters
    ----------
    xy : array (vertex, 2)
        Coordinates of closed rings, one after the other.
    starts : array (ring + 1), int64
        First vertex of each ring, and the number of vertices.
    frame : Frame, optional
        What the coordinates are in; longitude and latitude (EPSG:4490) if not given.

    Returns
    -------
    array (ring,), float64
        Positive counter-clockwise; not finite where a coordinate is not. [m2]

    Examples
    --------
    >>> ring = [[113.0, 24.0], [113.001, 24.0], [113.001, 24.001], [113.0, 24.001], [113.0, 24.0]]
    >>> ring_area_m2(ring, np.array([0, 5])).round(2).tolist()
    [11269.8]
    """
    frame = frame or _degrees()
    points = np.array(xy, dtype=np.float64, order="C", copy=None if frame.grid is None else True)
    first = np.asarray(starts, dtype=np.int64)
    return _shoelace(points.reshape(-1, 2), first, np.empty(len(first) - 1, np.bool_), frame)


def quantised_dm2(area_m2: npt.ArrayLike) -> Ints:
    """Areas as whole hundredths of a square metre; a missing one is 0, for there is no land drawn.

    >>> quantised_dm2([10_000.0, 0.004]).tolist()
    [1000000, 0]
    """
    values = np.asarray(area_m2, dtype=np.float64) * DM2_PER_M2
    return np.rint(np.where(np.isfinite(values), values, 0.0)).astype(np.int64)


def area_dm2(geometries: Geometries, *, frame: Frame | None = None) -> Ints:
    """Area of record of polygons, as kept in the tables.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        On CGCS2000, as for `ellipsoidal_area_m2`.
    frame : Frame, optional
        What the coordinates are in, as for `ellipsoidal_area_m2`.

    Returns
    -------
    array (geometry,), int64
        Area on the ellipsoid; 0 where no finite geometry is drawn (`quality` reports those). [dm2]
    """
    return quantised_dm2(ellipsoidal_area_m2(geometries, frame=frame))
