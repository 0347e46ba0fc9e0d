"""Gauss-Krüger zones of the Chinese systems: what an easting tells, and where a layer may lie."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj

from ecogis.core.errors import InputError

__all__ = [
    "Projection",
    "Source",
    "check_eastings",
    "check_extent",
    "family",
    "likely_epsg",
    "projection",
]

_CHINA: Final = (73.0, 3.0, 136.0, 54.0)  # the extent of the country, islands included [deg]
_ZONE_M: Final = 1_000_000.0  # the zone number stands before the six digits of an easting
_ZONES: Final = range(13, 46)  # 13-23 are 6 degrees wide, 25-45 are 3
_NORTHING_M: Final = (1_900_000.0, 6_100_000.0)  # of the mainland, 17 to 55 degrees north
_TURN: Final = 360.0  # degrees; projected coordinates so small are none
_OFFSET_M: Final = (150_000.0, 850_000.0)  # eastings within a zone, without its number
_WEB_RADIUS_M: Final = 6_378_137.0
_MERCATOR_M: Final = math.pi * _WEB_RADIUS_M  # the edge of the world
_BEYOND_DEG: Final = 1.5  # how far outside its zone's half-width a layer may lie
_FAMILIES: Final = (
    ("cgcs2000", ("china 2000", "china_2000", "cgcs2000", "china geodetic", "cgcs_2000")),
    ("xian1980", ("xian",)),
    ("beijing1954", ("beijing",)),
    ("wgs84", ("world geodetic system 1984", "wgs_1984", "wgs 84", "wgs84", "wgs 1984")),
)
# first zone and its EPSG number: (3 degrees with zone, 3 by meridian, 6 with zone, 6 by meridian)
_SERIES: Final = {
    "cgcs2000": (4513, 4534, 4491, 4502),
    "xian1980": (2349, 2370, 2327, 2338),
    "beijing1954": (2401, 2422, 21413, 21453),
}

# EPSG numbers of longitude and latitude
_DEGREES: Final = {"cgcs2000": "4490", "xian1980": "4610", "beijing1954": "4214", "wgs84": "4326"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer comes from, for messages."""

    file: str
    layer: str
    role: str

    def where(self) -> dict[str, str]:
        """Values for the texts."""
        return {"file": self.file, "name": self.layer}


@dataclass(frozen=True, slots=True)
class Projection:
    """What of a Gauss-Krüger projection its coordinates must agree with."""

    meridian: float
    false_easting: float

    @property
    def zone(self) -> int:
        """Zone number in the false easting; 0 where it has none."""
        return int(self.false_easting // _ZONE_M)


def family(crs: pyproj.CRS) -> str:
    """Which datum a system stands on: cgcs2000, wgs84, xian1980, beijing1954 or other.

    >>> family(pyproj.CRS("EPSG:4526"))
    'cgcs2000'
    """
    datum = crs.datum.name if crs.datum else ""
    own = crs.geodetic_crs
    names = f"{datum} {own.name if own else ''}".casefold()
    return next((family for family, marks in _FAMILIES if any(m in names for m in marks)), "other")


def projection(crs: pyproj.CRS) -> Projection | None:
    """The Gauss-Krüger projection of a system; None where it is another one or none.

    >>> projection(pyproj.CRS("EPSG:4526")).zone
    38
    """
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None:
        return None
    if "transverse mercator" not in operation.method_name.casefold().replace("_", " "):
        return None
    values = {parameter.name.casefold(): parameter.value for parameter in operation.params}
    meridian = values.get("longitude of natural origin", 0.0)
    return Projection(float(meridian), float(values.get("false easting", 0.0)))


def check_eastings(crs: pyproj.CRS, xy: Floats, about: Source) -> None:
    """Refuse a layer whose numbers are not of the kind its coordinate system has.

    Metres called degrees, degrees called metres, another zone number than the system's or none,
    and axes in the wrong order; each with the system the numbers look like.

    Parameters
    ----------
    crs : CRS
        What the coordinates are said to be in.
    xy : array (vertex, 2)
        Coordinates as in the file.
    about : Source
        File, layer and role, for the message.

    Raises
    ------
    InputError
        E320 the numbers belong to another system, E324 axes are swapped.
    """
    datum = family(crs)
    if datum not in _DEGREES:
        return
    east, north = (float(value) for value in np.median(xy, axis=0))
    expected = projection(crs)
    if _fits(crs, expected, east, north):
        return
    if _swapped(crs, east, north):
        raise InputError("E324", x=_short(east), y=_short(north), crs=crs.name, **about.where())
    carried = int(east // _ZONE_M) if _ZONE_M <= east < _ZONES.stop * _ZONE_M else 0
    degrees = abs(east) <= _TURN and abs(north) <= _TURN
    meridian = expected.meridian if expected else None
    likely = _DEGREES[datum] if degrees else likely_epsg(datum, east, meridian, northing=north)
    raise InputError(
        "E320",
        x=_short(east),
        z=carried or "-",
        crs=crs.name,
        n=likely,
        **about.where(),
    )


def _short(value: float) -> str:
    """A coordinate in a message: metres whole, degrees to some metres."""
    return f"{value:.4f}" if abs(value) <= _TURN else f"{value:.0f}"


def _swapped(crs: pyproj.CRS, east: float, north: float) -> bool:
    """Whether the numbers are a Chinese place with its axes exchanged."""
    west, south, far_east, far_north = _CHINA
    if crs.is_geographic:
        return south <= east <= far_north and west <= north <= far_east
    if projection(crs) is None or not _NORTHING_M[0] <= east <= _NORTHING_M[1]:
        return False
    carried = int(north // _ZONE_M)
    return carried in _ZONES or carried == 0


def _fits(crs: pyproj.CRS, expected: Projection | None, east: float, north: float) -> bool:
    """Whether the numbers are of the kind the system has."""
    if crs.is_geographic:
        return abs(east) <= _TURN and not _swapped(crs, east, north)
    if abs(east) <= _TURN and abs(north) <= _TURN:
        return False
    if expected is None:
        return abs(east) <= _MERCATOR_M
    carried = int(east // _ZONE_M) if abs(east) >= _ZONE_M else 0
    return carried == expected.zone


def likely_epsg(
    datum: str, easting: float, meridian: float | None = None, *, northing: float | None = None
) -> str:
    """EPSG number of the system an easting belongs to; ``?`` where it cannot be told.

    Parameters
    ----------
    datum : {"cgcs2000", "xian1980", "beijing1954"}
        As `family` names it; another one is taken for CGCS2000.
    easting : float
        Easting with or without the zone number. [m]
    meridian : float, optional
        Central meridian, where the easting has no zone number. Without it the numbers of all
        zones of 3 degrees are given. [deg]
    northing : float, optional
        With it Web Mercator is thought of, whose eastings in China look like those of zones 8
        to 15. [m]

    Examples
    --------
    >>> likely_epsg("cgcs2000", 38_512_345.0)
    '4526'
    >>> likely_epsg("cgcs2000", 512_345.0, 114.0)
    '4547'
    >>> likely_epsg("cgcs2000", 512_345.0)
    '4534-4554'
    >>> likely_epsg("cgcs2000", 12_690_000.0, northing=2_700_000.0)
    '3857'
    """
    three, _, six, _ = _SERIES.get(datum, _SERIES["cgcs2000"])
    zone = int(easting // _ZONE_M)
    if northing is not None and _in_web_mercator(easting, northing):
        within = zone in _ZONES and _OFFSET_M[0] <= easting % _ZONE_M <= _OFFSET_M[1]
        return f"{six + zone - 13} / 3857" if within else "3857"
    if 25 <= zone <= 45:
        return str(three + zone - 25)
    if 13 <= zone <= 23:
        return str(six + zone - 13)
    return _without_zone(datum, meridian) if zone == 0 else "?"


def _without_zone(datum: str, meridian: float | None) -> str:
    """EPSG number by the central meridian."""
    _, three, _, six = _SERIES.get(datum, _SERIES["cgcs2000"])
    if meridian is None:
        return f"{three}-{three + 20}"
    if 75.0 <= meridian <= 135.0 and meridian % 3 == 0:
        return str(three + round((meridian - 75.0) / 3.0))
    if 75.0 <= meridian <= 135.0 and (meridian - 75.0) % 6 == 0:
        return str(six + round((meridian - 75.0) / 6.0))
    return "?"


def _in_web_mercator(easting: float, northing: float) -> bool:
    """Whether this is a place in China on the sphere of the web maps."""
    lon = math.degrees(easting / _WEB_RADIUS_M)
    lat = math.degrees(math.atan(math.sinh(northing / _WEB_RADIUS_M)))
    return _CHINA[0] <= lon <= _CHINA[2] and _CHINA[1] <= lat <= _CHINA[3]


def check_extent(crs: pyproj.CRS, lonlat: Floats, about: Source) -> None:
    """Refuse a layer in a Chinese system that lies outside China, or far outside its zone.

    Raises
    ------
    InputError
        E322 outside China, E321 outside the zone by more than half a zone's width.
    """
    if family(crs) not in _SERIES:
        return
    lon, lat = np.median(lonlat, axis=0)
    west, south, east, north = _CHINA
    if not (west <= lon <= east and south <= lat <= north):
        raise InputError("E322", lon=f"{lon:.4f}", lat=f"{lat:.4f}", crs=crs.name, **about.where())
    gauss = projection(crs)
    if gauss is None:
        return
    half = _half_width(crs)
    away = abs(float(lon) - gauss.meridian)
    if away > half + _BEYOND_DEG:
        raise InputError(
            "E321",
            crs=crs.name,
            d=f"{_degrees_km(away - half, float(lat)):.0f}",
            lon=f"{lon:.4f}",
            lat=f"{lat:.4f}",
            **about.where(),
        )


def _half_width(crs: pyproj.CRS) -> float:
    """Half the width of a zone, by the area of use; a system without one gets the wide zone."""
    area = crs.area_of_use
    width = area.east - area.west if area is not None else 6.0
    return float(min(max(width, 3.0), 6.0)) / 2.0


@cache
def _sphere() -> pyproj.Geod:
    return pyproj.Geod(ellps="GRS80")


def _degrees_km(degrees: float, lat: float) -> float:
    return float(_sphere().inv(0.0, lat, degrees, lat)[2]) / 1000.0
