"""Which polygons may meet: pairs whose boxes touch, from a tree over single polygons.

Multiparts are opened first: two far-apart parts under one box would meet half the county.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["pairs_between", "pairs_within"]

Ints = npt.NDArray[np.int64]
_INTERIORS_MEET = "T********"

Geometries = Any  # array of polygons


def pairs_between(left: Geometries, right: Geometries) -> tuple[Ints, Ints]:
    """Pairs (row of left, row of right) whose boxes meet, sorted.

    >>> import shapely
    >>> a, b = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
    >>> [pair.tolist() for pair in pairs_between([a, b], [a])]
    [[0], [0]]
    """
    found = shapely.STRtree(np.asarray(right, dtype=object)).query(np.asarray(left, dtype=object))
    return _sorted(*found)


def pairs_within(polygons: Geometries, owner: Ints) -> tuple[Ints, Ints]:
    """Pairs (row, later row) of one layer with different owners whose interiors meet.

    In a layer nearly all neighbours only share an edge. The predicate says so in a third of the
    time an intersection takes.
    """
    array = np.asarray(polygons, dtype=object)
    shapely.prepare(array)
    first, second = shapely.STRtree(array).query(array)
    ahead = (first < second) & (owner[first] != owner[second])
    first, second = first[ahead], second[ahead]
    meet = shapely.relate_pattern(array[first], array[second], _INTERIORS_MEET)
    return _sorted(first[meet], second[meet])


def _sorted(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((second, first))
    return first[order].astype(np.int64), second[order].astype(np.int64)
