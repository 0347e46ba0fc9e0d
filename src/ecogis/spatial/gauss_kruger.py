"""Transverse Mercator (Gauss-Krüger) of any ellipsoid, by Krüger's series to the sixth order.

Within 4.5 degrees of the meridian it agrees with PROJ to some nanometres, both ways.
"""

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj

from ecogis.spatial import gauss_kruger_kernels as kernels
from ecogis.spatial.authalic import authalic_of_conformal
from ecogis.spatial.plane import EqualAreaPlane, buffers, ellipsoid

__all__ = ["TransverseMercator", "transverse_mercator"]

Floats = npt.NDArray[np.float64]
Six = tuple[float, ...]
Table = tuple[tuple[float, ...], ...]

# Coefficients of n^j, n^(j+1) ... n^6 in the j-th term; n is the third flattening. Karney (2011),
# J. Geodesy 85, 475-485, equations 35 and 36: the rectifying latitude from the conformal and back;
# Engsager and Poder (2007), XXIII ICC: the conformal latitude from the geodetic and back.
_ALPHA: Final = (
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
)
_BETA: Final = (
    (1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    (1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    (17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    (4397 / 161280, -11 / 504, -830251 / 7257600),
    (4583 / 161280, -108847 / 3991680),
    (20648693 / 638668800,),
)
_GAMMA: Final = (
    (-2, 2 / 3, 4 / 3, -82 / 45, 32 / 45, 4642 / 4725),
    (5 / 3, -16 / 15, -13 / 9, 904 / 315, -1522 / 945),
    (-26 / 15, 34 / 21, 8 / 5, -12686 / 2835),
    (1237 / 630, -12 / 5, -24832 / 14175),
    (-734 / 315, 109598 / 31185),
    (444337 / 155925,),
)
_DELTA: Final = (
    (2, -2 / 3, -2, 116 / 45, 26 / 45, -2854 / 675),
    (7 / 3, -8 / 5, -227 / 45, 2704 / 315, 2323 / 945),
    (56 / 15, -136 / 35, -1262 / 105, 73814 / 2835),
    (4279 / 630, -332 / 35, -399572 / 14175),
    (4174 / 315, -144838 / 6237),
    (601676 / 22275,),
)


@dataclass(frozen=True, slots=True)
class TransverseMercator:
    """The transverse Mercator projection of an ellipsoid.

    Parameters
    ----------
    lon0 : float
        Central meridian. [degrees]
    false_easting, false_northing : float
        Easting and northing of the origin. [m]
    k0 : float
        Scale along the meridian. [1]
    lat0 : float
        Latitude of the origin. [degrees]
    spheroid : tuple of float
        Semi-major axis [m] and squared eccentricity [1]; CGCS2000's if not given.
    """

    lon0: float
    false_easting: float = 500_000.0
    false_northing: float = 0.0
    k0: float = 1.0
    lat0: float = 0.0
    spheroid: tuple[float, float] = field(default_factory=ellipsoid)

    def inverse(self, xy: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Longitude and latitude of points.

        Parameters
        ----------
        xy : array (point, 2)
            Easting and northing. [m]
        out : array (point, 2), float64, optional
            Where the result goes; may be `xy` itself.

        Returns
        -------
        array (point, 2), float64
            Longitude and latitude; missing beyond some 80 degrees from the meridian. [degrees]

        Raises
        ------
        ConfigError
            E640 `out` is of another kind or shape.

        Examples
        --------
        >>> TransverseMercator(114.0).inverse([[500_000.0, 0.0]]).tolist()
        [[114.0, 0.0]]
        """
        points, out = buffers(xy, out)
        series = _series(self._flattening())
        kernels.grid_to_lonlat(points, self._per_m(), series.beta, series.delta, self.lon0, out)
        return out

    def forward(self, lonlat: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Easting and northing of points, the way back of `inverse`. [m]

        >>> TransverseMercator(114.0).forward([[114.0, 0.0]]).tolist()
        [[500000.0, 0.0]]
        """
        points, out = buffers(lonlat, out)
        series = _series(self._flattening())
        scale = (*self._origin(), self._radius())
        kernels.lonlat_to_grid(points, scale, series.alpha, series.gamma, self.lon0, out)
        return out

    def to_plane(
        self, xy: npt.ArrayLike, plane: EqualAreaPlane, out: Floats | None = None
    ) -> Floats:
        """Points carried straight into an equal-area plane of the same ellipsoid.

        Parameters
        ----------
        xy, out
            As for `inverse`.
        plane : EqualAreaPlane
            Where to.

        Returns
        -------
        array (point, 2), float64
            Coordinates in the plane. [m]

        Examples
        --------
        >>> from ecogis.spatial.plane import equal_area_plane
        >>> plane = equal_area_plane(0.0, 114.0)
        >>> TransverseMercator(114.0).to_plane([[500_000.0, 0.0]], plane).tolist()
        [[0.0, 0.0]]
        """
        points, out = buffers(xy, out)
        beta = _series(self._flattening()).beta
        authalic = authalic_of_conformal(self.spheroid[1])
        q0, width, height = plane.constants
        constants = (math.radians(self.lon0 - plane.lon0), q0, width, height)
        kernels.grid_to_plane(points, self._per_m(), beta, authalic, constants, out)
        return out

    def _flattening(self) -> float:
        """Third flattening. [1]"""
        b = math.sqrt(1.0 - self.spheroid[1])
        return (1.0 - b) / (1.0 + b)

    def _radius(self) -> float:
        """Rectifying radius times the scale: metres for a unit of xi on the ellipsoid."""
        n = self._flattening()
        series = 1.0 + n**2 / 4.0 + n**4 / 64.0 + n**6 / 256.0
        return self.k0 * self.spheroid[0] / (1.0 + n) * series

    def _origin(self) -> tuple[float, float]:
        """Easting of the meridian and northing of the equator."""
        meridian = np.array([[0.0, self.lat0]])
        series = _series(self._flattening())
        unit = (0.0, 0.0, self._radius())
        kernels.lonlat_to_grid(meridian, unit, series.alpha, series.gamma, 0.0, meridian)
        return self.false_easting, self.false_northing - float(meridian[0, 1])

    def _per_m(self) -> tuple[float, float, float]:
        return (*self._origin(), 1.0 / self._radius())


class _Series(NamedTuple):
    """What the kernels need of an ellipsoid, each six numbers."""

    alpha: Six
    beta: Six
    gamma: Six
    delta: Six


@cache
def _series(n: float) -> _Series:
    return _Series(*(_powers(_terms(table, n)) for table in (_ALPHA, _BETA, _GAMMA, _DELTA)))


def _terms(table: Table, n: float) -> Six:
    return tuple(
        sum(number * n ** (j + i) for i, number in enumerate(row))
        for j, row in enumerate(table, start=1)
    )


def _powers(k: Six) -> Six:
    """From a sum of ``k_j sin 2jz`` to ``sin 2z`` times a polynomial in ``2 cos 2z``."""
    k1, k2, k3, k4, k5, k6 = k
    return (k1 - k3 + k5, k2 - 2.0 * k4 + 3.0 * k6, k3 - 3.0 * k5, k4 - 4.0 * k6, k5, k6)


def transverse_mercator(crs: pyproj.CRS) -> TransverseMercator | None:
    """The projection of a coordinate system in metres; None where it is another one or none.

    Examples
    --------
    >>> found = transverse_mercator(pyproj.CRS("EPSG:4526"))
    >>> found.lon0, found.false_easting
    (114.0, 38500000.0)
    """
    operation, shape = crs.coordinate_operation, crs.ellipsoid
    if not crs.is_projected or operation is None or shape is None:
        return None
    name = operation.method_name.casefold().replace("_", " ")
    in_metres = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])
    if name != "transverse mercator" or not in_metres:
        return None
    given = {one.name.casefold(): one for one in operation.params}
    lengths = {"false easting": 0.0, "false northing": 0.0, "scale factor at natural origin": 1.0}
    easting, northing, scale = (
        given[key].value * given[key].unit_conversion_factor if key in given else value
        for key, value in lengths.items()
    )
    angles = "longitude of natural origin", "latitude of natural origin"
    lon0, lat0 = (_degrees(given[key]) if key in given else 0.0 for key in angles)
    flattening = 1.0 / shape.inverse_flattening if shape.inverse_flattening else 0.0
    spheroid = float(shape.semi_major_metre), flattening * (2.0 - flattening)
    return TransverseMercator(lon0, easting, northing, scale, lat0, spheroid)


def _degrees(angle: Any) -> float:
    """An angle as it is written down: units are factors with an error in the last digit."""
    return round(math.degrees(angle.value * angle.unit_conversion_factor), 12)
