"""The land two layers share, pair by pair: kernels first, GEOS for what they decline.

The area of a pair is the kernel's integral, whether its shape is asked for or not. A pair that is
a whole polygon of either side gets that polygon's area and shape; what only touches gets nothing.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.errors import ConfigError
from ecogis.overlay import candidates
from ecogis.overlay.area_kernels import CLOSE, DECLINED, NEAR, shared_areas
from ecogis.overlay.outlines import Outlines, gathered
from ecogis.overlay.rings import Crossings, met, sound, traced

__all__ = ["Shared", "shared", "shared_within"]

_TOUCH_M2 = 1e-6  # below the noise of coordinates at 1e-9 m: polygons that only touch
_TOUCH_M = 3e-8  # by metre of boundary: how far the second layer is moved, and rounding
_BLOCK = 32_768  # pairs at a time; memory stays bounded, and threads have something to share

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Geometries = Any  # array of polygons and multipolygons


@dataclass(frozen=True, slots=True)
class Shared:
    """Land in common, one row per pair of features, sorted by pair.

    Attributes
    ----------
    left, right : array (pair), int64
        Rows of the two features.
    area_m2 : array (pair)
        Area in common. [m2]
    shape : array (pair) of polygons and multipolygons, optional
        The land itself, in the coordinates of the layers.
    """

    left: Ints
    right: Ints
    area_m2: Floats
    shape: Objects | None = None

    def only(self, where: npt.NDArray[np.bool_]) -> "Shared":
        """The pairs where a mask is true."""
        shape = None if self.shape is None else self.shape[where]
        return Shared(self.left[where], self.right[where], self.area_m2[where], shape)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of parts of two layers."""

    left: Outlines
    right: Outlines
    i: Ints
    j: Ints

    def only(self, where: Ints | slice) -> "_Pairs":
        return _Pairs(self.left, self.right, self.i[where], self.j[where])

    def worth_drawing(self, area: Floats, least_m2: float) -> npt.NDArray[np.bool_]:
        """Pairs whose land is a piece, or may be with that of other parts of the same features."""
        left, right = self.left, self.right
        several = left.parts_of()[left.owner[self.i]] > 1
        several |= right.parts_of()[right.owner[self.j]] > 1
        return np.asarray((area > 0) & ((area >= least_m2) | several))

    def met_in_plane(self) -> Objects:
        """Their land in common by GEOS, in the plane."""
        return met(self.left.polygons(self.i), self.right.polygons(self.j))

    def met(self, from_plane: Callable[[Floats], Floats]) -> Objects:
        """Their land in common by GEOS, carried back; vertices they have are their layers' own."""
        found = self.met_in_plane()
        plane, own = self._vertices()
        order = np.argsort(plane)
        plane, own = plane[order], own[order]

        def carried(xy: Floats) -> Floats:
            out, here = from_plane(xy), _as_one(xy)
            place = np.minimum(np.searchsorted(plane, here), len(plane) - 1)
            same = plane[place] == here
            out[same] = own[place[same]]
            return out

        return sound(shapely.transform(found, carried)) if len(found) else found

    def _vertices(self) -> tuple[npt.NDArray[np.complex128], Floats]:
        """Vertices of both sides in the plane, each as one number, and as their layer has them."""
        sides = [(self.left, np.unique(self.i)), (self.right, np.unique(self.j))]
        found = [(side, side.vertices(parts)) for side, parts in sides]
        plane = np.concatenate([_as_one(side.flat.xy[rows]) for side, rows in found])
        return plane, np.concatenate([side.drawn()[rows] for side, rows in found])


def _as_one(xy: Floats) -> npt.NDArray[np.complex128]:
    return np.ascontiguousarray(xy).view(np.complex128).reshape(-1)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """How shapes are made: crossings back to the layers' coordinates, and the least area drawn."""

    from_plane: Callable[[Floats], Floats]
    least_m2: float


def shared(
    left: Outlines,
    right: Outlines,
    *,
    from_plane: Callable[[Floats], Floats] | None = None,
    least_m2: float = 0.0,
    threads: int | None = None,
) -> Shared:
    """Land that features of two layers have in common.

    Parameters
    ----------
    left, right : Outlines
        In the same equal-area plane. [m]
    from_plane : callable, optional
        Carries plane coordinates back to those of the layers; shapes are made where it is given,
        and both outlines must have kept their source.
    least_m2 : float
        Pairs of features with less in common need not have a shape. [m2]
    threads : int, optional
        Threads to use, by default as many as there are processors. The result does not depend on
        it.

    Returns
    -------
    Shared
        One row per pair of features with more in common than a touch.
    """
    pairs = _Pairs(left, right, *candidates.pairs_between(left, right))
    drawing = None if from_plane is None else _Drawing(from_plane, least_m2)
    return _summed(pairs, *_by_blocks(pairs, drawing, threads))


def shared_within(layer: Outlines, *, threads: int | None = None) -> Shared:
    """Land that different features of one layer have in common, each pair once, without shapes."""
    pairs = _Pairs(layer, layer, *candidates.pairs_within(layer))
    return _summed(pairs, *_by_blocks(pairs, None, threads))


def _by_blocks(
    pairs: _Pairs, drawing: _Drawing | None, threads: int | None
) -> tuple[Floats, Objects | None]:
    """Areas and shapes of pairs of parts."""
    if threads is not None and threads < 1:
        raise ConfigError("E002", value=f"threads={threads}", expected=">= 1")
    most = int(pairs.right.edges().max(initial=1))

    def block(begin: int) -> tuple[Floats, Objects | None]:
        return _block(pairs.only(slice(begin, begin + _BLOCK)), most, drawing)

    begins = range(0, len(pairs.i), _BLOCK)
    workers = min(threads or os.cpu_count() or 1, max(len(begins), 1))
    if workers == 1:
        found = [block(begin) for begin in begins]
    else:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(block, begins))
    area = np.concatenate([np.empty(0), *(area for area, _ in found)])
    shapes = [shape for _, shape in found if shape is not None]
    empty = np.empty(0, dtype=object)
    return area, None if drawing is None else np.concatenate([empty, *shapes])


def _block(pairs: _Pairs, most: int, drawing: _Drawing | None) -> tuple[Floats, Objects | None]:
    left, right, i, j = pairs.left, pairs.right, pairs.i, pairs.j
    area, state = np.empty(len(i)), np.empty(len(i), np.uint8)
    first = np.empty(len(i) + 1, np.int64)
    keep = drawing is not None
    at, where = shared_areas(left.flat, right.flat, i, j, most, keep, area, state, first)
    state[left.bent[i] | right.bent[j] | (area < 0.0)] |= DECLINED
    declined = np.flatnonzero(state & DECLINED)
    if len(declined):
        area[declined] = shapely.area(pairs.only(declined).met_in_plane())
    touch = _TOUCH_M2 + _TOUCH_M * np.minimum(left.length_m[i], right.length_m[j])
    area[area <= touch] = 0.0
    all_left = (area > 0) & (np.abs(area - left.area_m2[i]) <= touch)
    all_right = (area > 0) & (np.abs(area - right.area_m2[j]) <= touch) & ~all_left
    area[all_left], area[all_right] = left.area_m2[i[all_left]], right.area_m2[j[all_right]]
    if drawing is None:
        return area, None
    shape = np.full(len(i), shapely.Polygon(), dtype=object)
    shape[all_left] = left.polygons(i[all_left], left.drawn())
    shape[all_right] = right.polygons(j[all_right], right.drawn())
    wanted = pairs.worth_drawing(area, drawing.least_m2) & ~all_left & ~all_right
    plain = state & (DECLINED | CLOSE) == 0
    sure = np.flatnonzero(wanted & plain)
    points = drawing.from_plane(np.ascontiguousarray(where[:, 2:4]))  # one compiled form
    crossings = Crossings(first[sure], first[sure + 1], at, where, points)
    shape[sure] = traced(left, right, (i[sure], j[sure]), area[sure], crossings)
    holed = left.holed()[i[sure]] | right.holed()[j[sure]]
    wrong = sure[~_valid(shape[sure], holed | (state[sure] & NEAR != 0))]
    again = np.concatenate([np.flatnonzero(wanted & ~plain), wrong])
    shape[again] = pairs.only(again).met(drawing.from_plane)
    return area, shape


def _valid(shape: Objects, doubtful: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Traced shapes that are valid; in doubt are those with holes or edges close together."""
    good = ~shapely.is_missing(shape)
    asked = np.flatnonzero(good & doubtful)
    good[asked] = shapely.is_valid(shape[asked])
    return np.asarray(good)


def _summed(pairs: _Pairs, area: Floats, shape: Objects | None) -> Shared:
    """Pairs of parts put together by pair of features."""
    real = np.flatnonzero(area > 0.0)
    width = max(pairs.right.count, 1)
    key = pairs.left.owner[pairs.i[real]] * width + pairs.right.owner[pairs.j[real]]
    order = np.argsort(key, kind="stable")
    real, key = real[order], key[order]
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = key[1:] != key[:-1]
    one, other = np.divmod(key[fresh], width)
    label = np.cumsum(fresh) - 1
    total = np.bincount(label, weights=area[real], minlength=len(one)).astype(np.float64)
    return Shared(one, other, total, None if shape is None else _put_together(shape[real], fresh))


def _put_together(shape: Objects, fresh: npt.NDArray[np.bool_]) -> Objects:
    """Shapes of pairs of parts, sorted, as one for each pair of features."""
    out = shape[fresh]
    label = np.cumsum(fresh) - 1
    several = np.bincount(label) > 1
    if several.any():
        some = several[label]
        parts, inner = shapely.get_parts(shape[some], return_index=True)
        rank = (np.cumsum(several) - 1)[label[some]]
        out[several] = gathered(parts, rank[inner], int(several.sum()))
    return out
