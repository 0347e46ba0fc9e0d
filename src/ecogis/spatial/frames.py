"""Frames: what the coordinates of a layer are in, and the way from there to the plane.

Two kinds are known, both on CGCS2000: longitude and latitude, and Gauss-Krüger metres with or
without the zone number. Any other system must come to one of them first (`ecogis.spatial.crs`).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyproj

from ecogis.core.errors import InputError
from ecogis.spatial import zones
from ecogis.spatial.gauss_kruger import TransverseMercator, transverse_mercator
from ecogis.spatial.plane import CANONICAL_EPSG, EqualAreaPlane, buffers, ellipsoid

__all__ = ["Frame", "frame_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A coordinate system on CGCS2000 whose points go to the equal-area plane and back.

    Parameters
    ----------
    crs : CRS
        The system as the layer names it.
    grid : TransverseMercator, optional
        Its projection; none for longitude and latitude.
    """

    crs: pyproj.CRS = field(compare=False)
    grid: TransverseMercator | None

    def lonlat(self, xy: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Longitude and latitude of points.

        Parameters
        ----------
        xy : array (point, 2)
            In this frame. [degrees, or m]
        out : array (point, 2), float64, optional
            Where the result goes; may be `xy` itself.

        Returns
        -------
        array (point, 2), float64
            On CGCS2000; missing where the projection does not reach. [degrees]

        Raises
        ------
        ConfigError
            E640 `out` is of another kind or shape.

        Examples
        --------
        >>> frame_of(pyproj.CRS("EPSG:4547"), layer="stands").lonlat([[500_000.0, 0.0]]).tolist()
        [[114.0, 0.0]]
        """
        return _copied(xy, out) if self.grid is None else self.grid.inverse(xy, out)

    def from_lonlat(self, lonlat: npt.ArrayLike, out: Floats | None = None) -> Floats:
        """Points of this frame, the way back of `lonlat`. [degrees, or m]"""
        return _copied(lonlat, out) if self.grid is None else self.grid.forward(lonlat, out)

    def to_plane(
        self, xy: npt.ArrayLike, plane: EqualAreaPlane, out: Floats | None = None
    ) -> Floats:
        """Points of this frame in an equal-area plane, where area is area of record. [m]

        Parameters
        ----------
        xy, out
            As for `lonlat`.
        plane : EqualAreaPlane
            Where to.

        Returns
        -------
        array (point, 2), float64
            Eastward and northward coordinate. [m]
        """
        if self.grid is None:
            return plane.forward(xy, out)
        return self.grid.to_plane(xy, plane, out)

    def from_plane(
        self, xy: npt.ArrayLike, plane: EqualAreaPlane, out: Floats | None = None
    ) -> Floats:
        """Points of this frame, the way back of `to_plane`. [degrees, or m]"""
        lonlat = plane.inverse(xy, out)
        return lonlat if self.grid is None else self.grid.forward(lonlat, lonlat)

    def same_as(self, other: "Frame") -> bool:
        """Whether equal coordinates mean the same place in both, whatever the systems are called.

        >>> one, two = pyproj.CRS("EPSG:4547"), pyproj.CRS("EPSG:4526")
        >>> frame_of(one, layer="stands").same_as(frame_of(two, layer="parcels"))
        False
        """
        return self.grid == other.grid


def _copied(points: npt.ArrayLike, out: Floats | None) -> Floats:
    array, out = buffers(points, out)
    np.copyto(out, array)
    return out


def frame_of(crs: pyproj.CRS | None, *, layer: str) -> Frame:
    """The frame of a layer.

    Parameters
    ----------
    crs : CRS
        What the layer says its coordinates are in.
    layer : str
        Its name, for the message.

    Returns
    -------
    Frame

    Raises
    ------
    InputError
        E345 it names no system, or neither longitude and latitude nor Gauss-Krüger on CGCS2000.

    Examples
    --------
    >>> frame_of(pyproj.CRS("EPSG:4526"), layer="stands").grid.false_easting
    38500000.0
    """
    if crs is not None and zones.family(crs) == "cgcs2000":
        grid = transverse_mercator(crs)
        if grid is not None and grid.spheroid == ellipsoid():
            return Frame(crs, grid)
        if _in_degrees(crs):
            return Frame(crs, None)
    raise InputError("E345", layer=layer, crs=crs.to_string() if crs is not None else "-")


def _in_degrees(crs: pyproj.CRS) -> bool:
    return crs.to_epsg() == CANONICAL_EPSG or (
        crs.is_geographic and all(axis.unit_name == "degree" for axis in crs.axis_info[:2])
    )
