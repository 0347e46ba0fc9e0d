"""The plane in which area is measured and land is cut.

Cylindrical equal-area projection of the CGCS2000 ellipsoid with the standard parallel near the
layer's middle and the offset removed: a polygon's plane area *is* its area of record, so what is
cut there adds up to what is recorded.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from ecogis.core.errors import ConfigError
from ecogis.spatial import kernels
from ecogis.spatial.authalic import authalic_of_sine, sine_of_authalic

if TYPE_CHECKING:
    from ecogis.spatial.frames import Frame

__all__ = ["EqualAreaPlane", "buffers", "ellipsoid", "equal_area_plane", "plane_of"]

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

    def forward(self, lonlat: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Plane coordinates of points.

        Parameters
        ----------
        lonlat : array (point, 2)
            Longitude and latitude on CGCS2000. [degrees]
        out : array (point, 2), float64, optional
            Where the result goes; may be `lonlat` itself.

        Returns
        -------
        array (point, 2), float64
            Eastward and northward coordinate. [m]

        Raises
        ------
        ConfigError
            E640 `out` is of another kind or shape.
        """
        points, out = buffers(lonlat, out)
        kernels.to_plane(points, self.lon0, authalic_of_sine(ellipsoid()[1]), self.constants, out)
        return out

    def inverse(self, xy: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Longitude and latitude of plane points, the way back of `forward`. [degrees]"""
        points, out = buffers(xy, out)
        q0, width, height = self.constants
        back = q0, 1.0 / width, 1.0 / height
        sine = sine_of_authalic(ellipsoid()[1])
        kernels.to_lonlat(points, self.lon0, sine, back, self.lat0, out)
        return out

    def project(self, geometries: Geometries) -> Geometries:
        """Geometries in EPSG:4490 carried into the plane."""
        return shapely.transform(geometries, self.forward)

    def unproject(self, geometries: Geometries) -> Geometries:
        """Plane geometries carried back to EPSG:4490."""
        return shapely.transform(geometries, self.inverse)

    @property
    def constants(self) -> tuple[float, float, float]:
        """Authalic coordinate of the origin [1]; metres for a radian of longitude and for a q."""
        a, e2 = ellipsoid()
        s = math.sin(math.radians(self.lat0))
        scale = math.cos(math.radians(self.lat0)) / math.sqrt(1.0 - e2 * s * s)
        return _value(authalic_of_sine(e2), s), a * scale, a / (2.0 * scale)


def _value(odd: tuple[float, ...], x: float) -> float:
    return x * sum(c * (x * x) ** k for k, c in enumerate(odd))


def buffers(points: npt.ArrayLike, out: Floats | None) -> tuple[Floats, Floats]:
    """Points as the kernels take them, and the array for the result.

    Raises
    ------
    ConfigError
        E640 `out` is not a contiguous float64 array with a row for each point.

    Examples
    --------
    >>> points, out = buffers([[113, 24]], None)
    >>> points.tolist(), out.shape
    ([[113.0, 24.0]], (1, 2))
    """
    array = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
    if out is None:
        return array, np.empty_like(array)
    if out.dtype != np.float64 or out.shape != array.shape or not out.flags.c_contiguous:
        raise ConfigError("E640", found=f"{out.dtype} {out.shape}", expected=array.shape)
    return array, out


def equal_area_plane(lat0: float, lon0: float) -> EqualAreaPlane:
    """The equal-area plane about an origin.

    Examples
    --------
    >>> plane = equal_area_plane(24.0, 113.0)
    >>> plane.forward([[113.0, 24.0]]).tolist()
    [[0.0, 0.0]]
    """
    return EqualAreaPlane(lon0=float(lon0), lat0=float(lat0))


def plane_of(*layers: Geometries, frame: "Frame | None" = None) -> EqualAreaPlane:
    """The equal-area plane about the middle of some layers.

    Parameters
    ----------
    *layers : array of geometries
        All in one frame. Their joint bounds decide, so the order of rows does not.
    frame : Frame, optional
        What their coordinates are in; longitude and latitude (EPSG:4490) if not given.

    Returns
    -------
    EqualAreaPlane
        About the middle of the bounds, to the nearest tenth of a degree; about 0, 0 when there is
        no geometry.

    Examples
    --------
    >>> plane_of([shapely.Point(113.02, 24.06)])
    EqualAreaPlane(lon0=113.0, lat0=24.1)
    """
    boxes = np.concatenate([shapely.bounds(_objects(layer)).reshape(-1, 4) for layer in layers])
    boxes = boxes[_on_earth(boxes, frame)]
    if not len(boxes):
        return equal_area_plane(0.0, 0.0)
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    if frame is not None:
        sides = np.linspace(west, east, 3), np.linspace(south, north, 3)
        around = frame.lonlat(np.stack(np.meshgrid(*sides), axis=-1))
        (west, south), (east, north) = around.min(axis=0), around.max(axis=0)
    return equal_area_plane(_rounded((south + north) / 2), _rounded((west + east) / 2))


def _on_earth(boxes: Floats, frame: "Frame | None") -> npt.NDArray[np.bool_]:
    """Boxes whose corners are places; a coordinate that is none must not move the plane."""
    corners = boxes.reshape(-1, 2)
    lonlat = corners if frame is None else frame.lonlat(corners)
    good = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= (360.0, 90.0)).all(axis=1)
    return np.asarray(good.reshape(-1, 2).all(axis=1))


def _objects(layer: Geometries) -> npt.NDArray[np.object_]:
    return np.asarray(layer, dtype=object).reshape(-1)


def _rounded(degrees: float) -> float:
    return round(round(degrees / _GRID) * _GRID, 1)
