"""The plane in which area is measured and land is cut.

Cylindrical equal-area projection of the CGCS2000 ellipsoid with the standard parallel near the
layer's middle and the offset removed: a polygon's plane area *is* its area of record, so what is
cut there adds up to what is recorded.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from ecogis.spatial import kernels

__all__ = ["EqualAreaPlane", "ellipsoid", "equal_area_plane", "plane_of"]

CANONICAL_EPSG = 4490
_GRID = 0.1  # degrees; origins fall on a grid, so that one more stand seldom moves the plane

Floats = npt.NDArray[np.float64]
Geometries = Any  # array of shapely geometries


@cache
def ellipsoid() -> tuple[float, float]:
    """Semi-major axis [m] and squared eccentricity [1] of CGCS2000, from the EPSG register.

    Examples
    --------
    >>> ellipsoid()[0]
    6378137.0
    """
    found = CRS.from_epsg(CANONICAL_EPSG).ellipsoid
    assert found is not None  # noqa: S101  the register's entry always names one
    flattening = 1.0 / found.inverse_flattening
    return float(found.semi_major_metre), flattening * (2.0 - flattening)


@dataclass(frozen=True, slots=True)
class EqualAreaPlane:
    """Local equal-area metres about an origin.

    Parameters
    ----------
    lon0, lat0 : float
        Origin; `lat0` is also the standard parallel. [degrees]
    """

    lon0: float
    lat0: float

    def forward(self, lonlat: npt.ArrayLike) -> Floats:
        """Plane coordinates of points.

        Parameters
        ----------
        lonlat : array (point, 2)
            Longitude and latitude on CGCS2000. [degrees]

        Returns
        -------
        array (point, 2), float64
            Eastward and northward coordinate. [m]
        """
        points, out = _buffers(lonlat)
        kernels.to_plane(points, *self._constants(), out)
        return out

    def inverse(self, xy: npt.ArrayLike) -> Floats:
        """Longitude and latitude of plane points, the way back of `forward`. [degrees]"""
        points, out = _buffers(xy)
        kernels.to_lonlat(points, *self._constants(), out)
        return out

    def project(self, geometries: Geometries) -> Geometries:
        """Geometries in EPSG:4490 carried into the plane."""
        return shapely.transform(geometries, self.forward)

    def unproject(self, geometries: Geometries) -> Geometries:
        """Plane geometries carried back to EPSG:4490."""
        return shapely.transform(geometries, self.inverse)

    def _constants(self) -> tuple[float, float, float, float, float]:
        a, e2 = ellipsoid()
        s = math.sin(math.radians(self.lat0))
        scale = math.cos(math.radians(self.lat0)) / math.sqrt(1.0 - e2 * s * s)
        return self.lon0, float(kernels.authalic(s, e2)), a, e2, scale


def _buffers(points: npt.ArrayLike) -> tuple[Floats, Floats]:
    array = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
    return array, np.empty_like(array)


def equal_area_plane(lat0: float, lon0: float) -> EqualAreaPlane:
    """The equal-area plane about an origin.

    Examples
    --------
    >>> plane = equal_area_plane(24.0, 113.0)
    >>> plane.forward([[113.0, 24.0]]).tolist()
    [[0.0, 0.0]]
    """
    return EqualAreaPlane(lon0=float(lon0), lat0=float(lat0))


def plane_of(*layers: Geometries) -> EqualAreaPlane:
    """The equal-area plane about the middle of some layers.

    Parameters
    ----------
    *layers : array of geometries
        In EPSG:4490. Their joint bounds decide, so the order of rows does not.

    Returns
    -------
    EqualAreaPlane
        About the middle of the bounds, to the nearest tenth of a degree; about 0, 0 when there is
        no geometry.
    """
    shapes = np.concatenate([np.asarray(layer, dtype=object).reshape(-1) for layer in layers])
    boxes = shapely.bounds(shapes).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return equal_area_plane(0.0, 0.0)
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return equal_area_plane(_rounded((south + north) / 2), _rounded((west + east) / 2))


def _rounded(degrees: float) -> float:
    return round(round(degrees / _GRID) * _GRID, 1)
