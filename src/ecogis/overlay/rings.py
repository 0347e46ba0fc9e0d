"""From traced rings to polygons, and from polygons to the shapes of pairs."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.overlay.outlines import Outlines, gathered, spread
from ecogis.overlay.trace_kernels import trace
from ecogis.spatial.bounded import mended
from ecogis.spatial.rings import polygon_parts

__all__ = ["Crossings", "met", "polygonal", "sound", "traced", "widened"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Geometries = Any  # array of geometries


def polygonal(shapes: Geometries) -> Objects:
    """The areal part of each geometry; lines and points where two features touch are left out.

    >>> import shapely
    >>> mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)))")
    >>> shapely.area(polygonal([mixed])).tolist()
    [0.5]
    """
    out = np.array(shapes, dtype=object, copy=True)
    kinds = shapely.get_type_id(out)
    areal = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    mixed = np.flatnonzero(~areal)
    parts, owner = polygon_parts(out[mixed])
    out[mixed] = gathered(parts, owner, len(mixed))
    return out


def sound(shapes: Objects) -> Objects:
    """Valid polygons again: needles thinner than 1e-4 m may fold over on the way between planes."""
    out = shapes.copy()
    folded = np.flatnonzero(~shapely.is_missing(out) & ~shapely.is_valid(out))
    if len(folded):
        out[folded] = polygonal(mended(out[folded]).shape)
    return out


def widened(shapes: Objects, by_m: float) -> Objects:
    """Polygons made wider, their corners kept; GEOS folds a few narrow ones, which are mended."""
    return sound(shapely.buffer(shapes, by_m, quad_segs=1, join_style="mitre"))


class Crossings(NamedTuple):
    """Crossings of pairs of parts.

    Attributes
    ----------
    first, end : array (pair), int64
        First crossing of each pair, and one past its last.
    at, where : array (crossing, 3), array (crossing, 4)
        As `area_kernels.shared_areas` gives them.
    points : array (crossing, 2)
        The crossings in the coordinates of the layers.
    """

    first: Ints
    end: Ints
    at: Ints
    where: Floats
    points: Floats


def met(one: Objects, other: Objects) -> Objects:
    """The land pairs of polygons share, by GEOS.

    Of polygons that are not valid GEOS may give another land without a word, so they are made
    valid first: a needle may be valid in its layer and folded over in the plane.
    """
    return polygonal(shapely.intersection(sound(one), sound(other)))


def traced(
    left: Outlines,
    right: Outlines,
    pair: tuple[Ints, Ints],
    area: Floats,
    crossings: Crossings,
) -> Objects:
    """Shapes of pairs of parts in the coordinates of the layers; missing where declined.

    Parameters
    ----------
    left, right : Outlines
        With their source coordinates.
    pair : two arrays (pair), int64
        Parts of left and right.
    area : array (pair)
        Their land in common. [m2]
    crossings : Crossings
        Where their boundaries cross.
    """
    i, j = pair
    done = np.empty(len(i), dtype=bool)
    xy, ends, row, shell = trace(
        left.flat, right.flat, left.drawn(), right.drawn(), i, j, area, *crossings, done
    )
    starts = np.concatenate([[0], ends[:-1]])
    shells = np.bincount(row[shell], minlength=len(i))
    holes = np.bincount(row[~shell], minlength=len(i))
    done &= (shells > 0) & ((holes == 0) | (shells == 1))  # which hole lies in which shell is open
    order = np.lexsort((~shell, row)) if holes.any() else np.arange(len(row))
    order = order[done[row[order]]]
    if holes.any() or not done.all():
        xy = xy[spread(starts[order], ends[order])]
    sizes = (ends - starts)[order]
    rings = np.concatenate([[0], np.cumsum(sizes)])
    first = np.flatnonzero(shell[order])
    polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, xy, (rings, np.append(first, len(order)))
    )
    out = gathered(np.asarray(polygons, dtype=object), row[order][first], len(i))
    out[~done] = None
    return out
