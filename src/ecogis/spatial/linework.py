"""Edges and corners of a layer of polygons: what two polygons share, and where a pen slipped.

In a coverage every inner edge is drawn twice, once by each neighbour, in opposite directions. What
is drawn in one direction only is the outline, the rim of a gap, or a border that two neighbours
draw differently. Finding those is a sort; noding and polygons are needed for them alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.spatial import linework_kernels
from ecogis.spatial.remembering import remembered
from ecogis.spatial.rings import Rings, rings_in

__all__ = [
    "Edges",
    "Tips",
    "edges_in",
    "edges_of",
    "fingerprints",
    "one_sided",
    "outline_in",
    "tips",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of polygons, without those of no length.

    Attributes
    ----------
    xy : array (vertex, 2)
        Vertices of all rings, closed.
    first : array (edge,), int64
        Vertex an edge begins with; it ends with the next one.
    feature : array (edge,), int64
        Row of the polygon.
    key : array (edge,), uint64
        The same for the same two ends, in whichever direction; a hash of their bits.
    along : array (edge,), bool
        Whether the land is on the left when the edge is followed from the end with the lower hash.
    """

    xy: Floats
    first: Ints
    feature: Ints
    key: Keys
    along: npt.NDArray[np.bool_]

    def lines(self, which: Ints) -> npt.NDArray[np.object_]:
        """Some of the edges as lines."""
        begin = self.first[which]
        return np.asarray(
            shapely.linestrings(np.stack([self.xy[begin], self.xy[begin + 1]], axis=1)),
            dtype=object,
        )


@dataclass(frozen=True, slots=True)
class Tips:
    """Tips of spikes in some rings.

    Attributes
    ----------
    vertex : array (vertex,), bool
        Vertices that are part of a tip.
    number : array (ring,), int64
        Tips of each ring.
    length_m, area_m2 : array (ring,)
        Length of its longest spike [m], and area of its spikes [m2].
    """

    vertex: npt.NDArray[np.bool_]
    number: Ints
    length_m: Floats
    area_m2: Floats


def edges_of(rings: Rings) -> Edges:
    """Edges of the rings of polygons, in any plane.

    Examples
    --------
    >>> from ecogis.spatial.rings import rings_of
    >>> edges = edges_of(rings_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> len(edges.key), len(np.unique(edges.key))
    (8, 7)
    """
    count = len(rings.xy)
    xy = np.ascontiguousarray(rings.xy)
    first, ring = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    key, along = np.empty(count, dtype=np.uint64), np.empty(count, dtype=np.bool_)
    hashes = np.empty(count, dtype=np.uint64)
    found = linework_kernels.list_edges(
        xy, xy.view(np.uint64), rings.starts, rings.sign, hashes, first, ring, key, along
    )
    return Edges(xy, first[:found], rings.feature[ring[:found]], key[:found], along[:found])


@remembered
def edges_in(shapes: npt.NDArray[np.object_]) -> Edges:
    """Edges of polygons."""
    return edges_of(rings_in(shapes))


@remembered
def outline_in(shapes: npt.NDArray[np.object_]) -> Ints:
    """Edges of polygons with land on one side only, as `one_sided` gives them."""
    return one_sided(edges_in(shapes))


def one_sided(edges: Edges) -> Ints:
    """Edges with land on one side only, each once.

    >>> from ecogis.spatial.rings import rings_of
    >>> edges = edges_of(rings_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> len(one_sided(edges))
    6
    """
    if not len(edges.key):
        return np.empty(0, dtype=np.int64)
    order = np.argsort(edges.key)
    key, along = edges.key[order], edges.along[order]
    runs = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    there = np.logical_or.reduceat(along, runs)
    back = np.logical_or.reduceat(~along, runs)
    return np.sort(np.minimum.reduceat(order, runs)[there != back])


def fingerprints(edges: Edges, count: int) -> tuple[Keys, Ints]:
    """For each of `count` polygons the sum of its edges' keys, and their number.

    Both are the same for the same polygon begun at another vertex or drawn the other way round.
    """
    sums = np.zeros(count, dtype=np.uint64)
    number = np.bincount(edges.feature, minlength=count).astype(np.int64)
    some = np.flatnonzero(number)
    if len(some):
        begins = np.concatenate([[0], np.cumsum(number[some])[:-1]])
        sums[some] = np.add.reduceat(edges.key, begins)
    return sums, number


def tips(xy: Floats, starts: Ints, limits: tuple[float, float, float, float]) -> Tips:
    """Corners at which a ring turns back on itself: tips of spikes, and bottoms of slits.

    Parameters
    ----------
    xy : array (vertex, 2)
        Rings, closed. [m]
    starts : array (ring + 1), int64
        First vertex of each ring.
    limits : tuple of float
        Distance below which a vertex belongs to the same corner as the one before [m], angle
        [degrees], least length of the shorter edge [m], and distance of its end from the other
        edge [m].

    Examples
    --------
    A square of 10 m with a needle of 5 m, 0.1 m wide, on its upper side:

    >>> ring = [(0, 0), (10, 0), (10, 10), (5.1, 10), (5.05, 15), (5, 10), (0, 10), (0, 0)]
    >>> found = tips(np.array(ring, dtype=float), np.array([0, 8]), (0.01, 3.0, 1.0, 1.0))
    >>> found.number.tolist(), found.area_m2.round(2).tolist(), np.flatnonzero(found.vertex)
    ([1], [0.25], array([4]))
    """
    near, degrees, least, width = limits
    rings = len(starts) - 1
    found = Tips(
        vertex=np.zeros(len(xy), dtype=np.bool_),
        number=np.empty(rings, dtype=np.int64),
        length_m=np.empty(rings),
        area_m2=np.empty(rings),
    )
    linework_kernels.mark_tips(
        np.ascontiguousarray(xy, dtype=np.float64),
        np.ascontiguousarray(starts, dtype=np.int64),
        np.array([near, np.tan(np.radians(degrees)), least, width]),
        np.empty(len(xy), dtype=np.int64),
        found.vertex,
        found.number,
        found.length_m,
        found.area_m2,
    )
    return found
