"""A layer as flat arrays in the equal-area plane: what the kernels run over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.overlay import kernels
from ecogis.overlay.kernels import CHUNK, Flat
from ecogis.spatial.kernels import ring_areas
from ecogis.spatial.rings import polygon_parts, rings_of

__all__ = ["Outlines", "gathered", "joined", "outlines", "spread"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]
Geometries = Any  # array of polygons and multipolygons

_THIN_M = 0.01  # mean width of a part below which it is asked whether it folds over in the plane


@dataclass(frozen=True, eq=False)
class Outlines:
    """The single polygons (parts) of the features of a layer.

    Attributes
    ----------
    flat : Flat
        Rings closed, shells counter-clockwise, holes clockwise, each from its lowest leftmost
        vertex; parts in the order of their features. In the plane. [m]
    owner : array (part), int64
        Row of the feature a part belongs to, rising.
    count : int
        Number of features.
    area_m2, length_m : array (part)
        Area of a part and length of its boundary. [m2], [m]
    source : array (vertex, 2), optional
        The same vertices as the layer has them, where shapes are asked for.
    """

    flat: Flat
    owner: Ints
    count: int
    area_m2: Floats
    length_m: Floats
    source: Floats | None = None

    @cached_property
    def boxes(self) -> Objects:
        """The box of each part as a polygon."""
        return np.asarray(shapely.box(*self.flat.box.T), dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """A tree over the boxes."""
        return shapely.STRtree(self.boxes)

    @cached_property
    def bent(self) -> Bools:
        """Parts that are not valid in the plane: straight edges of a needle cross there."""
        thin = np.flatnonzero(2.0 * self.area_m2 <= _THIN_M * self.length_m)
        out = np.zeros(len(self.owner), dtype=bool)
        out[thin] = ~shapely.is_valid(self.polygons(thin))
        return out

    def holed(self) -> Bools:
        """Parts with holes."""
        return np.asarray(np.diff(self.flat.part) > 1)

    def vertices(self, parts: Ints) -> Ints:
        """Vertices of some parts."""
        rings = self._rings(parts)
        return spread(self.flat.ring[rings], self.flat.ring[rings + 1])

    def _rings(self, parts: Ints) -> Ints:
        return spread(self.flat.part[parts], self.flat.part[parts + 1])

    def _offsets(self, parts: Ints) -> tuple[Ints, Ints]:
        """Where rings and parts begin when some parts stand one after the other."""
        flat, rings = self.flat, self._rings(parts)
        sizes = (flat.ring[rings + 1] - flat.ring[rings], flat.part[parts + 1] - flat.part[parts])
        ring, part = (np.concatenate([[0], np.cumsum(size)]) for size in sizes)
        return ring, part

    def feature_area_m2(self) -> Floats:
        """Area of each feature. [m2]"""
        return np.bincount(self.owner, weights=self.area_m2, minlength=self.count).astype(float)

    def drawn(self) -> Floats:
        """The vertices as the layer has them, or in the plane where no others were kept."""
        return self.flat.xy if self.source is None else self.source

    def parts_of(self) -> Ints:
        """Number of parts of each feature."""
        return np.bincount(self.owner, minlength=self.count)

    def edges(self) -> Ints:
        """Number of edges of each part."""
        flat = self.flat
        return flat.ring[flat.part[1:]] - flat.ring[flat.part[:-1]] - np.diff(flat.part)

    def polygons(self, parts: Ints, xy: Floats | None = None) -> Objects:
        """Parts as polygons, in the plane or with other coordinates of the same vertices."""
        points = (self.flat.xy if xy is None else xy)[self.vertices(parts)]
        offsets = self._offsets(parts)
        return np.asarray(
            shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, offsets), dtype=object
        )

    def features(self, rows: Ints) -> Objects:
        """Features as polygons and multipolygons in the plane; `rows` rising, each once."""
        parts = np.flatnonzero(np.isin(self.owner, rows))
        return gathered(self.polygons(parts), np.searchsorted(rows, self.owner[parts]), len(rows))

    def moved(self, to: Callable[[Floats, Floats], Floats], *, keep: bool) -> "Outlines":
        """The same outlines in other coordinates, filled by ``to(xy, out)``.

        With `keep` the ones at hand stay as the source; without, they are written over.
        """
        xy = np.empty_like(self.flat.xy) if keep else self.flat.xy
        to(self.flat.xy, xy)
        source = self.flat.xy if keep else None
        self._turn(xy, source)
        return _measured(
            xy, self.flat.ring, self.flat.part, self.owner, count=self.count, source=source
        )

    def _turn(self, xy: Floats, source: Floats | None) -> None:
        """Turn rings that run the wrong way in the plane, where a needle's edges bend."""
        flat = self.flat
        area = np.empty(len(flat.ring) - 1)
        ring_areas(xy, flat.ring, area, np.ones(len(area), dtype=bool))
        shell = np.zeros(len(area), dtype=bool)
        shell[flat.part[:-1]] = True
        for ring in np.flatnonzero((area < 0.0) == shell):
            rows = slice(flat.ring[ring], flat.ring[ring + 1])
            for points in (xy, source):
                if points is not None:
                    points[rows] = points[rows][::-1].copy()

    def picked(self, parts: Ints) -> "Outlines":
        """Some parts, in the order asked for; the features stay as they are."""
        vertices = self.vertices(parts)
        ring, part = self._offsets(parts)
        source = None if self.source is None else self.source[vertices]
        return _measured(
            self.flat.xy[vertices], ring, part, self.owner[parts], count=self.count, source=source
        )


def outlines(shapes: Geometries) -> Outlines:
    """Flatten the polygons of a layer.

    Parameters
    ----------
    shapes : array of polygons and multipolygons
        Features of the layer; missing and empty ones have no part.

    Examples
    --------
    >>> two = outlines([shapely.box(0, 0, 2, 1), None, shapely.box(5, 5, 6, 6, ccw=False)])
    >>> two.area_m2.tolist(), two.owner.tolist(), two.edges().tolist()
    ([2.0, 1.0], [0, 2], [4, 4])
    """
    array = np.asarray(shapes, dtype=object)
    parts, owner = polygon_parts(array)
    rings = rings_of(parts)
    kernels.arrange(rings.xy, rings.starts, rings.sign > 0)
    first = np.searchsorted(rings.feature, np.arange(len(parts) + 1)).astype(np.int64)
    return _measured(rings.xy, rings.starts, first, owner, count=len(array), source=None)


def joined(one: Outlines, other: Outlines) -> Outlines:
    """The parts of two outlines of the same features, in the order of the features."""
    ring = np.concatenate([one.flat.ring[:-1], other.flat.ring + len(one.flat.xy)])
    part = np.concatenate([one.flat.part[:-1], other.flat.part + len(one.flat.ring) - 1])
    owner = np.concatenate([one.owner, other.owner])
    source = None
    if one.source is not None and other.source is not None:
        source = np.concatenate([one.source, other.source])
    xy = np.concatenate([one.flat.xy, other.flat.xy])
    whole = _measured(xy, ring, part, owner, count=one.count, source=source)
    return whole.picked(np.argsort(owner, kind="stable"))


def _measured(
    xy: Floats, ring: Ints, part: Ints, owner: Ints, *, count: int, source: Floats | None
) -> Outlines:
    ring, part = ring.astype(np.int64), part.astype(np.int64)
    edges = np.maximum(np.diff(ring) - 1, 0)
    chunk = np.concatenate([[0], np.cumsum((edges + CHUNK - 1) // CHUNK)]).astype(np.int64)
    count_of_parts = len(part) - 1
    flat = Flat(xy, ring, part, chunk, np.empty((int(chunk[-1]), 4)), np.empty((count_of_parts, 4)))
    kernels.bound(flat)
    area, length = np.empty(count_of_parts), np.empty(count_of_parts)
    kernels.measure(flat, area, length)
    return Outlines(flat, owner.astype(np.int64), count, area, length, source)


def spread(start: Ints, end: Ints) -> Ints:
    """The numbers from each start to each end, one after the other."""
    size = end - start
    before = np.cumsum(size) - size
    return np.asarray(np.arange(int(size.sum())) + np.repeat(start - before, size))


def gathered(parts: Geometries, owner: Ints, count: int) -> Objects:
    """Polygons put together by owner (sorted): a polygon, a multipolygon, or an empty polygon."""
    out = np.full(count, shapely.Polygon(), dtype=object)
    if not len(parts):
        return out
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    out[owner[single]] = parts[single]
    many, label = np.unique(owner[~single], return_inverse=True)
    if len(many):
        out[many] = shapely.multipolygons(parts[~single], indices=label)
    return out
