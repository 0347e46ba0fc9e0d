"""Where a right lies: its shape in one form with one hash, and how two shapes compare."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from ecogis.core.errors import ConfigError
from ecogis.registry.claims import Policy
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.gcj02 import gcj02
from ecogis.spatial.plane import plane_of

__all__ = ["LEVELS", "Copy", "Place", "copied", "place_of", "shared_m2", "sound", "stored"]

LEVELS: Final = 18
"""Levels of the grid; level 0 has cells of 180°, each next one cells of half the size."""

_DIGITS: Final = 9  # of a degree: a tenth of a millimetre
_POLYGONS: Final = (3, 6)
_GCJ_STRETCH: Final = 0.01  # GCJ-02 changes areas and lengths by less
_DEGREE_M: Final = 111_000.0


@dataclass(frozen=True, slots=True)
class Place:
    """The land of a right.

    Attributes
    ----------
    shape : shapely geometry
        EPSG:4490, two-dimensional, to the tenth of a millimetre, rings and parts in a fixed order.
    sha256 : str
        Hash of its WKB.
    wkb : bytes
        Little-endian WKB.
    bounds : tuple of float
        West, south, east, north. [degrees]
    area_m2 : float
        Area of record. [m2]
    perimeter_m : float
        Length of its lines. [m]
    """

    shape: Any
    sha256: str
    wkb: bytes
    bounds: tuple[float, float, float, float]
    area_m2: float
    perimeter_m: float

    @property
    def cell(self) -> tuple[int, int, int]:
        """Level, column and row of the cell with its south-west corner, as large as its bounds."""
        west, south, east, north = self.bounds
        size = max(east - west, north - south)
        level = LEVELS - 1 if size <= 0 else min(LEVELS - 1, int(math.log2(180.0 / size)))
        side = 180.0 / 2**level
        return level, math.floor(west / side), math.floor(south / side)

    def around(self, metres: float) -> dict[str, float | int]:
        """What finds all places that may lie within a distance: bounds, and cells by level."""
        west, south, east, north = self.bounds
        dy = metres / _DEGREE_M
        dx = dy / math.cos(math.radians(max(abs(south), abs(north))))
        box = {"west": west - dx, "south": south - dy, "east": east + dx, "north": north + dy}
        found: dict[str, float | int] = dict(box)
        for level in range(LEVELS):
            side = 180.0 / 2**level
            for name, value in box.items():
                reach = 1 if name in {"west", "south"} else 0  # a place may begin a cell before
                found[f"{name}_{level}"] = math.floor(value / side) - reach
        return found

    def about(self) -> dict[str, float]:
        """Own bounds, and between what the sizes of a copy in shifted coordinates lie."""
        west, south, east, north = self.bounds
        sizes = {
            "area": self.area_m2,
            "perimeter": self.perimeter_m,
            "width": east - west,
            "height": north - south,
        }
        found = {"own_west": west, "own_south": south, "own_east": east, "own_north": north}
        for name, size in sizes.items():
            found[f"least_{name}"] = size * (1.0 - _GCJ_STRETCH)
            found[f"most_{name}"] = size * (1.0 + _GCJ_STRETCH)
        return found


class Copy(NamedTuple):
    """A shape that looks like another in shifted coordinates.

    Attributes
    ----------
    how : str
        ``gcj02`` where web-map coordinates explain it, ``shift`` where a plain shift does.
    distance_m : float
        How far apart the two lie. [m]
    """

    how: str
    distance_m: float


def place_of(geometry: Any, right: str) -> Place:
    """The place of a polygon, in the one form that is hashed.

    Parameters
    ----------
    geometry : shapely.Polygon or shapely.MultiPolygon
        EPSG:4490.
    right : str
        Key of the right, for messages.

    Returns
    -------
    Place
        The same for the same land, whatever ring or part the geometry begins with.

    Raises
    ------
    ConfigError
        E813 it is no polygon, is empty or not valid, or does not lie in degrees.

    Examples
    --------
    >>> square = [(113.0, 24.0), (113.001, 24.0), (113.001, 24.001), (113.0, 24.001)]
    >>> one, other = (place_of(shapely.Polygon(square[n:] + square[:n]), "R") for n in (0, 2))
    >>> one.sha256 == other.sha256, round(one.area_m2)
    (True, 11270)
    """
    if not isinstance(geometry, shapely.Geometry):
        raise ConfigError("E813", right=right, detail=type(geometry).__name__)
    if shapely.get_type_id(geometry) not in _POLYGONS or geometry.is_empty:
        raise ConfigError("E813", right=right, detail=geometry.geom_type)
    parts = shapely.get_parts(geometry)
    flat = shapely.transform(shapely.force_2d(parts[0] if len(parts) == 1 else geometry), _rounded)
    west, south, east, north = flat.bounds
    if not (-180 <= west <= east <= 180 and -90 < south <= north < 90):
        raise ConfigError("E813", right=right, detail="坐标不是经纬度 / not in degrees")
    if not flat.is_valid:
        raise ConfigError("E813", right=right, detail=shapely.is_valid_reason(flat))
    shape = shapely.normalize(flat)
    wkb = shapely.to_wkb(shape, byte_order=1, output_dimension=2)
    drawn = plane_of([shape]).project([shape])[0]
    return Place(
        shape=shape,
        sha256=hashlib.sha256(wkb).hexdigest(),
        wkb=wkb,
        bounds=(west, south, east, north),
        area_m2=float(ellipsoidal_area_m2([shape])[0]),
        perimeter_m=float(drawn.length),
    )


def _rounded(coordinates: Any) -> Any:
    return np.round(coordinates, _DIGITS) + 0.0  # no negative zero


def stored(row: Mapping[str, Any]) -> Place:
    """The place in a row of the ledger's table of places."""
    wkb = bytes(row["wkb"])
    return Place(
        shape=shapely.from_wkb(wkb),
        sha256=row["sha256"],
        wkb=wkb,
        bounds=(row["west"], row["south"], row["east"], row["north"]),
        area_m2=row["area_m2"],
        perimeter_m=row["perimeter_m"],
    )


def sound(row: Mapping[str, Any]) -> bool:
    """Whether a row of the table of places says of its shape what the shape says itself."""
    try:
        place = place_of(shapely.from_wkb(bytes(row["wkb"])), "")
    except (ConfigError, shapely.GEOSException):
        return False
    names = ("level", "column_no", "row_no"), ("west", "south", "east", "north")
    cell, bounds = (tuple(row[name] for name in part) for part in names)
    sizes = row["area_m2"], row["perimeter_m"]
    same = place.sha256 == row["sha256"] and cell == place.cell and bounds == place.bounds
    return same and bool(np.allclose(sizes, (place.area_m2, place.perimeter_m), rtol=1e-6))


def shared_m2(one: Place, other: Place) -> float:
    """Land two places share, by their exact intersection. [m2]

    Examples
    --------
    >>> def square(west):
    ...     return place_of(shapely.box(west, 24.0, west + 0.002, 24.001), "R")
    >>> round(shared_m2(square(113.0), square(113.001)))
    11270
    >>> shared_m2(square(113.0), square(113.002))
    0.0
    """
    common = shapely.intersection(one.shape, other.shape)
    if not common.area:
        return 0.0
    parts = shapely.get_parts(shapely.get_parts([common]))
    return float(ellipsoidal_area_m2(parts[shapely.area(parts) > 0.0]).sum())


def copied(one: Place, other: Place, policy: Policy) -> Copy | None:
    """Whether a place looks like another one in shifted coordinates.

    The public approximation of GCJ-02 is put on the one and on the other in turn; where the two
    then fall on one another, that is how they differ. Otherwise they are laid on one another by
    their centroids, as after a datum that was not transformed.

    Parameters
    ----------
    one, other : Place
        The two.
    policy : Policy
        How like one another copies are.

    Returns
    -------
    Copy or None
        How they differ and by how far; nothing where they are no copies or lie too far apart.

    Examples
    --------
    >>> land = shapely.Polygon([(113.0, 24.0), (113.004, 24.001), (113.002, 24.003)])
    >>> web = shapely.transform(land, gcj02)
    >>> copied(place_of(land, "R"), place_of(web, "S"), Policy())
    Copy(how='gcj02', distance_m=620.2)
    >>> copied(
    ...     place_of(land, "R"), place_of(shapely.box(113.0, 24.0, 113.003, 24.001), "S"), Policy()
    ... )
    """
    if _differs(one.area_m2, other.area_m2) > _GCJ_STRETCH:
        return None
    here, there = shapely.centroid(one.shape), shapely.centroid(other.shape)
    plane = plane_of([here])
    distance = float(shapely.distance(*plane.project([here, there])))
    if distance > policy.copy_reach_m:
        return None
    for moved, still in ((one.shape, other.shape), (other.shape, one.shape)):
        if _alike(shapely.transform(moved, gcj02), still) >= policy.copy_share:
            return Copy("gcj02", round(distance, 1))
    sizes = (one.area_m2, other.area_m2), (one.perimeter_m, other.perimeter_m)
    if any(_differs(*size) > policy.copy_size for size in sizes):
        return None
    step = np.array([there.x - here.x, there.y - here.y])
    laid = shapely.transform(one.shape, lambda coordinates: coordinates + step)
    return (
        Copy("shift", round(distance, 1))
        if _alike(laid, other.shape) >= policy.copy_share
        else None
    )


def _differs(one: float, other: float) -> float:
    return abs(one - other) / max(one, other)


def _alike(one: Any, other: Any) -> float:
    """Share of the larger that both have; on degrees, as both lie at the same latitude. [1]"""
    if not shapely.is_valid(one):
        return 0.0  # GCJ-02 bent a sliver over itself: nothing can be said
    return float(shapely.area(shapely.intersection(one, other)) / max(one.area, other.area))
