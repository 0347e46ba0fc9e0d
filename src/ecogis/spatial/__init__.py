"""Geometry with no knowledge of forests: coordinate systems, frames, areas, planes."""

from ecogis.spatial.area import AREA_DEFINITION, area_dm2, ellipsoidal_area_m2
from ecogis.spatial.crossings import crossings
from ecogis.spatial.crs import CANONICAL, Source, declared, likely_epsg, to_canonical
from ecogis.spatial.frames import Frame, frame_of
from ecogis.spatial.plane import EqualAreaPlane, equal_area_plane, plane_of
from ecogis.spatial.zonal import statistics as zonal_statistics

__all__ = [
    "AREA_DEFINITION",
    "CANONICAL",
    "EqualAreaPlane",
    "Frame",
    "Source",
    "area_dm2",
    "crossings",
    "declared",
    "ellipsoidal_area_m2",
    "equal_area_plane",
    "frame_of",
    "likely_epsg",
    "plane_of",
    "to_canonical",
    "zonal_statistics",
]
