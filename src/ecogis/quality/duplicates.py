"""The same polygon twice in one layer."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Sheet
from ecogis.spatial.linework import Edges, fingerprints

__all__ = ["copies"]

_NEAR_M: Final = 1.0  # middles of two drawings of one polygon are nearer than this
_NEAR_SHARE: Final = 0.01  # and their areas agree to this
_NEAREST: Final = 5  # neighbours compared, so that a heap of polygons costs no more than its number

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def copies(sheet: Sheet, edges: Edges, limits: TopologyLimits) -> None:
    """E600: a feature with the polygon of an earlier one, wherever its ring begins.

    A copy drawn again is found too where the two borders are about `same_m` apart on average.
    """
    origin = _originals(sheet, edges, limits.same_m)
    sheet.table.tell(
        "E600",
        origin != np.arange(len(origin)),
        "geometry",
        observed=sheet.names[origin],
        other=sheet.names[origin],
        m=np.round(sheet.area_m2, 2),
    )


def _originals(sheet: Sheet, edges: Edges, same_m: float) -> Ints:
    """For each feature the first one with its polygon; itself where there is no other."""
    count = len(sheet.shapes)
    sums, number = fingerprints(edges, count)
    marks = np.column_stack([sums, number.astype(np.uint64)])
    _, first, group = np.unique(marks, axis=0, return_index=True, return_inverse=True)
    origin = np.where(number > 0, first[group.ravel()], np.arange(count)).astype(np.int64)
    once = np.flatnonzero((number > 0) & (origin == np.arange(count)))
    left, right = _alike(sheet, once, same_m)
    again = np.arange(count)
    np.minimum.at(again, right, left)
    return np.asarray(again[origin])


def _alike(sheet: Sheet, rows: Ints, same_m: float) -> tuple[Ints, Ints]:
    """Pairs (row, later row) of features that differ by a seam of so much width."""
    flat, area = sheet.flat[rows], sheet.area_m2[rows]
    first, second = _close(shapely.get_coordinates(shapely.centroid(flat)), area)
    seam = shapely.area(shapely.symmetric_difference(flat[first], flat[second]))
    same = seam <= same_m * shapely.length(flat[second])
    return rows[first[same]], rows[second[same]]


def _close(middle: Floats, area: Floats) -> tuple[Ints, Ints]:
    """Pairs (place, later place) of polygons of one size about one middle."""
    if len(middle) < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    tree = cKDTree(middle)
    apart, other = tree.query(middle, k=min(_NEAREST, len(middle)), distance_upper_bound=_NEAR_M)
    place = np.repeat(np.arange(len(middle)), other.shape[1])
    other, apart = other.ravel(), apart.ravel()
    later = np.isfinite(apart) & (place < other)
    place, other = place[later], other[later]
    sizes = np.abs(area[place] - area[other]) <= _NEAR_SHARE * np.maximum(area[place], area[other])
    return place[sizes], other[sizes]
