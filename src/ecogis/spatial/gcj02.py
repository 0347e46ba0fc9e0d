"""The public approximation of GCJ-02, the offset of Chinese web maps.

Coordinates taken from such a map lie some hundred metres from where they should. The offset is a
smooth function of the place; its official form is secret, and this one, found by comparison, is
what map programs use [1]_. It serves to recognise such coordinates, never to correct them.

References
----------
.. [1] "Restrictions on geographic data in China", GCJ-02, and the implementations named there;
   the constants are those of the Krasovsky ellipsoid as all of them use them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["gcj02"]

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY2: Final = 0.006_693_421_622_965_943_23
_LON0: Final = 105.0
_LAT0: Final = 35.0

Floats = npt.NDArray[np.float64]


def gcj02(lonlat: npt.ArrayLike) -> Floats:
    """Where a web map shows a place.

    Parameters
    ----------
    lonlat : array (point, 2)
        Longitude and latitude on WGS 84 or CGCS2000, inside China. [degrees]

    Returns
    -------
    array (point, 2), float64
        Longitude and latitude on GCJ-02. [degrees]

    Examples
    --------
    >>> moved = gcj02([[113.0, 24.0]]) - [[113.0, 24.0]]
    >>> (moved * 1e5).round(0).tolist()
    [[533.0, -271.0]]
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    x, y = points[:, 0] - _LON0, points[:, 1] - _LAT0
    root = np.sqrt(np.abs(x))
    short = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
        + (short + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
        + (short + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    )  # fmt: skip
    latitude = np.radians(points[:, 1])
    squash = 1.0 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    along_meridian = _AXIS_M * (1.0 - _ECCENTRICITY2) / (squash * np.sqrt(squash))
    along_parallel = _AXIS_M / np.sqrt(squash) * np.cos(latitude)
    moved = np.column_stack([east / along_parallel, north / along_meridian])
    return points + np.degrees(moved)


def _waves(distance: Floats, *terms: tuple[float, float]) -> Floats:
    """Sum of sines: amplitude, and the number of units a half wave is long."""
    total = np.zeros_like(distance)
    for amplitude, half in terms:
        total += amplitude * np.sin(distance * np.pi / half)
    return total
