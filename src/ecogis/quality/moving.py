"""Land moved inside a layer: slivers and gaps given to the neighbour with the longest border."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.quality import gaps, slivers
from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import TOUCH_DEG, Changed, Sheet, borders, listed
from ecogis.quality.unmade import refused
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.linework import edges_of, tips
from ecogis.spatial.reshaping import gathered, opened, without
from ecogis.spatial.rings import rings_of

__all__ = ["gaps_to_neighbour", "slivers_to_neighbour"]

_SAME_M2: Final = 0.005  # half of what areas are kept to: so much may be lost in joining
# A border that ends on an edge of its neighbour does so but for rounding, and joining leaves a
# slit of that width: distance of corners [m], angle [degrees], least length and width [m].
_SLIT: Final = (0.0, 1.0, 0.001, 0.001)
_PASSES: Final = 5
_ROUNDING_DEG: Final = 1e-10  # a hundredth of a millimetre
_NOBODY: Final = -1

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Gifts:
    """Polygons on their way.

    Attributes
    ----------
    shape : array (gift,) of polygons
        EPSG:4490.
    area_m2 : array (gift,)
        Their area. [m2]
    taker : array (gift,), int64
        Feature they go to.
    giver, part : array (gift,), int64
        Feature they come from, and their place among all its layer's parts; -1 for none.
    """

    shape: Objects
    area_m2: Floats
    taker: Ints
    giver: Ints
    part: Ints

    def only(self, which: Mask) -> "_Gifts":
        """Some of them."""
        return _Gifts(
            self.shape[which],
            self.area_m2[which],
            self.taker[which],
            self.giver[which],
            self.part[which],
        )


def gaps_to_neighbour(sheet: Sheet, limits: TopologyLimits, bounds: Bounds) -> Changed:
    """Each gap of the coverage joined to the feature it shares the longest border with."""
    holes = gaps.found(sheet, limits, bounds)
    if holes.why:
        gaps.not_looked_for(sheet, holes.why, bounds)
    taker = holes.around.longest(len(holes.shape))
    nobody = np.full(len(taker), _NOBODY, dtype=np.int64)
    gifts = _Gifts(holes.shape, holes.area_m2, taker, nobody, nobody).only(taker >= 0)
    made, changed = _joined(sheet, gifts, limits, "gaps_to_neighbour")
    _tell(sheet, "E615", made, changed, whose=made.taker)
    return changed


def slivers_to_neighbour(sheet: Sheet, limits: TopologyLimits, _bounds: Bounds) -> Changed:
    """Each sliver joined to the feature it shares the longest border with.

    A feature that was nothing but a sliver keeps its row and has no land any more. A sliver that
    has no neighbour free of slivers stays.
    """
    thin = slivers.found(sheet, limits)
    parts, _ = opened(sheet.shapes)
    gives = np.zeros(len(sheet.shapes), dtype=bool)
    gives[thin.feature] = True
    edges = edges_of(sheet.rings)
    near, _ = shapely.STRtree(parts[thin.part]).query(
        sheet.shapes, predicate="dwithin", distance=TOUCH_DEG
    )
    beside = np.flatnonzero(np.isin(edges.feature, near))
    around = borders(sheet, parts[thin.part], edges, beside, owner=thin.feature)
    taker = around.only(~gives[around.feature]).longest(len(thin.part))
    alone = np.zeros(len(sheet.shapes), dtype=bool)
    alone[thin.feature[taker < 0]] = True
    refused(sheet, alone, "slivers_to_neighbour", "alone", limits)
    gifts = _Gifts(parts[thin.part], thin.area_m2, taker, thin.feature, thin.part)
    made, changed = _joined(sheet, gifts.only(taker >= 0), limits, "slivers_to_neighbour")
    _tell(sheet, "E613", made, changed, whose=made.giver, others=made.taker)
    _tell(sheet, "E614", made, changed, whose=made.taker, others=made.giver)
    return changed


def _joined(
    sheet: Sheet, gifts: _Gifts, limits: TopologyLimits, repair: str
) -> tuple[_Gifts, Changed]:
    """The gifts that were made, and the polygons that changed by them.

    A feature takes all that is given to it or nothing: not if it would change by more than the
    limit, nor if what is joined is no sound polygon of the sum of their areas.
    """
    count = len(sheet.shapes)
    given = np.bincount(gifts.taker, gifts.area_m2, count).astype(np.float64)
    large = given > limits.moved_share * sheet.area_m2
    refused(sheet, large & (given > 0), repair, "change", limits, after_m2=sheet.area_m2 + given)
    gifts = gifts.only(~large[gifts.taker])
    takers, joined = _unions(sheet, gifts)
    joined = _without_slits(sheet, joined)
    torn = np.zeros(count, dtype=bool)
    torn[takers] = ~_sound(sheet, sheet.shapes[takers], joined, given[takers])
    refused(sheet, torn, repair, "shape", limits, after_m2=sheet.area_m2 + given)
    made = gifts.only(~torn[gifts.taker])
    givers, left = _left(sheet, made)
    kept = ~torn[takers]
    return made, Changed(
        np.concatenate([takers[kept], givers]), np.concatenate([joined[kept], left])
    )


def _unions(sheet: Sheet, gifts: _Gifts) -> tuple[Ints, Objects]:
    """Features that take something, and their polygons with it.

    Where a corner of the one lies on an edge of the other it does so but for rounding, and they
    would be joined by nothing. So gifts go to the taker's corners first, and then their corners
    are put into its edges; its own corners stay where they are.
    """
    near = shapely.snap(gifts.shape, sheet.shapes[gifts.taker], _ROUNDING_DEG)
    order = np.argsort(gifts.taker, kind="stable")
    takers, first = np.unique(gifts.taker[order], return_index=True)
    groups = np.split(near[order], first[1:]) if len(takers) else []
    bundles = np.array([shapely.geometrycollections(group) for group in groups], dtype=object)
    ready = shapely.snap(sheet.shapes[takers], bundles, _ROUNDING_DEG)
    whole = [shapely.union_all([shape, *group]) for shape, group in zip(ready, groups, strict=True)]
    return takers, np.array([*whole, None], dtype=object)[:-1]


def _without_slits(sheet: Sheet, shapes: Objects) -> Objects:
    """Polygons without the slits that joining leaves."""
    for _ in range(_PASSES):
        rings = rings_of(shapes)
        slits = tips(sheet.plane.forward(rings.xy), rings.starts, _SLIT)
        if not slits.vertex.any():
            break
        shapes = without(rings, slits.vertex, len(shapes))
    return shapes


def _left(sheet: Sheet, made: _Gifts) -> tuple[Ints, Objects]:
    """Features that gave something, and what is left of them."""
    givers = np.unique(made.giver[made.giver != _NOBODY])
    parts, source = opened(sheet.shapes)
    kept = np.isin(source, givers)
    kept[made.part[made.part != _NOBODY]] = False
    return givers, gathered(parts[kept], np.searchsorted(givers, source[kept]), len(givers))


def _sound(sheet: Sheet, before: Objects, after: Objects, given: Floats) -> Mask:
    """Whether polygons that took something in are valid, not more in number, and as large."""
    old, new = (shapely.area(sheet.plane.project(shapes)) for shapes in (before, after))
    right = np.abs(new - old - given) <= _SAME_M2
    parts = shapely.get_num_geometries(after) <= shapely.get_num_geometries(before)
    return np.asarray(shapely.is_valid(after) & right & parts)


def _tell(
    sheet: Sheet, code: str, made: _Gifts, changed: Changed, *, whose: Ints, others: Any = None
) -> None:
    """E613 what a feature gave and to whom; E614 what it took and from whom; E615 gaps it took."""
    count = len(sheet.shapes)
    moved = np.bincount(whose, weights=made.area_m2, minlength=count)
    sheet.table.tell(
        code,
        moved > 0,
        "geometry",
        repaired=True,
        observed=np.round(moved, 2),
        area_ha=moved / 10_000.0,
        m=np.round(moved, 2),
        number=np.bincount(whose, minlength=count),
        others=_names(sheet, whose, others),
        a=np.round(sheet.area_m2, 2),
        b=np.round(changed.areas(sheet), 2),
    )


def _names(sheet: Sheet, whose: Ints, others: Any) -> Objects:
    """For each feature the names of those it dealt with."""
    out = np.full(len(sheet.shapes), "—", dtype=object)
    if others is None or not len(whose):
        return out
    pairs = np.unique(np.column_stack([whose, others]), axis=0)
    features, first = np.unique(pairs[:, 0], return_index=True)
    for feature, group in zip(features, np.split(pairs[:, 1], first[1:]), strict=True):
        out[feature] = listed(sheet.names[group])
    return out
