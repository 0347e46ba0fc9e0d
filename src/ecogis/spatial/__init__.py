"""Geometry with no knowledge of forests: coordinate systems, areas, planes."""

from ecogis.spatial.area import area_dm2, ellipsoidal_area_m2
from ecogis.spatial.crossings import crossings
from ecogis.spatial.crs import CANONICAL, Source, declared, likely_epsg, to_canonical
from ecogis.spatial.plane import EqualAreaPlane, equal_area_plane, plane_of

__all__ = [
    "CANONICAL",
    "EqualAreaPlane",
    "Source",
    "area_dm2",
    "crossings",
    "declared",
    "ellipsoidal_area_m2",
    "equal_area_plane",
    "likely_epsg",
    "plane_of",
    "to_canonical",
]
