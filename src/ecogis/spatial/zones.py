"""Gauss-Krüger zones of the Chinese systems: what an easting tells, and where a layer may lie."""

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
    """Refuse a layer whose eastings carry another zone number than its coordinate system has.

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
        E320 zone numbers differ or the coordinates are no degrees, E324 axes are swapped.
    """
    datum = family(crs)
    expected = projection(crs)
    chinese = datum in _SERIES and (crs.is_geographic or expected is not None)
    if not chinese and not (datum == "wgs84" and crs.is_geographic):
        return
    east, north = (float(value) for value in np.median(xy, axis=0))
    carried = int(east // _ZONE_M) if abs(east) >= _ZONE_M else 0
    if expected is None and abs(east) <= 360.0:
        return
    if expected is not None and carried == expected.zone:
        return
    if carried and carried not in _ZONES and _NORTHING_M[0] <= east <= _NORTHING_M[1]:
        raise InputError("E324", x=f"{east:.0f}", y=f"{north:.0f}", crs=crs.name, **about.where())
    raise InputError(
        "E320",
        x=f"{east:.0f}",
        z=carried or "-",
        crs=crs.name,
        n=likely_epsg(datum, east, expected.meridian if expected else None),
        **about.where(),
    )


def likely_epsg(datum: str, easting: float, meridian: float | None = None) -> str:
    """EPSG number of the Gauss-Krüger zone an easting belongs to; ``?`` where it cannot be told.

    Parameters
    ----------
    datum : {"cgcs2000", "xian1980", "beijing1954"}
        As `family` names it; another one is taken for CGCS2000.
    easting : float
        Easting with or without the zone number. [m]
    meridian : float, optional
        Central meridian, where the easting has no zone number. [deg]

    Examples
    --------
    >>> likely_epsg("cgcs2000", 38_512_345.0)
    '4526'
    >>> likely_epsg("cgcs2000", 512_345.0, 114.0)
    '4547'
    """
    three, three_plain, six, six_plain = _SERIES.get(datum, _SERIES["cgcs2000"])
    zone = int(easting // _ZONE_M)
    if 25 <= zone <= 45:
        return str(three + zone - 25)
    if 13 <= zone <= 23:
        return str(six + zone - 13)
    if zone == 0 and meridian is not None:
        if 75.0 <= meridian <= 135.0 and meridian % 3 == 0:
            return str(three_plain + round((meridian - 75.0) / 3.0))
        if 75.0 <= meridian <= 135.0 and (meridian - 75.0) % 6 == 0:
            return str(six_plain + round((meridian - 75.0) / 6.0))
    return "?"


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
