"""Land that two features of one layer both claim: told, cut out of both, and kept apart."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.findings import Findings
from ecogis.overlay.clip import Shared, shared_within
from ecogis.overlay.layer import Ground, Layer
from ecogis.overlay.outlines import Outlines, joined, outlines
from ecogis.overlay.rings import met, polygonal

__all__ = ["Claims", "claims"]

_MANY = 8  # overlaps of one feature from which they are joined before they are cut out
_CODES = {"parcel": "E355"}  # every other key: stands

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Claims:
    """A layer without its overlaps.

    Attributes
    ----------
    pairs : Shared
        The overlaps, one row per pair, with their shapes in the plane.
    exclusive : Outlines
        What each feature has for itself.
    contested_m2 : array (feature)
        What was cut out of it. [m2]
    zone : Outlines
        All overlaps joined: land that belongs to nobody yet. They do not overlap one another.
    small_m2 : array (feature)
        Sum of its overlaps that were too small to be cut out. [m2]
    """

    pairs: Shared
    exclusive: Outlines
    contested_m2: Floats
    zone: Outlines
    small_m2: Floats


def claims(
    layer: Layer,
    ground: Ground,
    findings: Findings,
    *,
    overlap_m2: float,
    threads: int | None = None,
) -> Claims:
    """Find the overlaps of a layer, report each, and cut them out of both features.

    Overlaps below `overlap_m2` are left where they are and reported once with their sum; nothing
    is looked for where it is infinite.
    """
    found = _none() if math.isinf(overlap_m2) else shared_within(layer.outlines, threads=threads)
    large = found.area_m2 >= overlap_m2
    small = found.only(~large)
    pairs = _drawn(layer.outlines, found.only(large))
    _report(layer, pairs, findings)
    _report_small(layer, small.area_m2, overlap_m2, findings)
    exclusive = _without(layer.outlines, pairs, ground)
    gone = layer.outlines.feature_area_m2() - exclusive.feature_area_m2()
    return Claims(
        pairs=pairs,
        exclusive=exclusive,
        contested_m2=np.maximum(gone, 0.0),
        zone=outlines(_apart(pairs.shape)),
        small_m2=_per_feature(small, len(layer.ids)),
    )


def _apart(shapes: Objects | None) -> Objects:
    """The land under some polygons as polygons that do not overlap."""
    joined_up = shapely.disjoint_subset_union_all(shapes) if shapes is not None else None
    return np.asarray(shapely.get_parts(joined_up), dtype=object)


def _none() -> Shared:
    rows = np.empty(0, dtype=np.int64)
    return Shared(rows, rows, np.empty(0))


def _drawn(layer: Outlines, pairs: Shared) -> Shared:
    """The overlaps with their shapes in the plane."""
    rows, place = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    shapes = layer.features(rows)
    one, other = shapes[place[: len(pairs.left)]], shapes[place[len(pairs.left) :]]
    shape = met(one, other)
    return Shared(pairs.left, pairs.right, pairs.area_m2, shape)


def _per_feature(pairs: Shared, count: int) -> Floats:
    both = np.concatenate([pairs.left, pairs.right])
    return np.asarray(
        np.bincount(both, weights=np.tile(pairs.area_m2, 2), minlength=count), dtype=np.float64
    )


def _without(layer: Outlines, pairs: Shared, ground: Ground) -> Outlines:
    """The layer with its overlaps cut out of the features they belong to."""
    touched = np.concatenate([pairs.left, pairs.right])
    if not len(touched) or pairs.shape is None:
        return layer
    order = np.argsort(touched, kind="stable")
    overlap = np.concatenate([pairs.shape, pairs.shape])[order]
    rows, first, number = np.unique(touched[order], return_index=True, return_counts=True)
    left = layer.features(rows)
    for place in np.flatnonzero(number > _MANY):
        lost = shapely.union_all(overlap[first[place] : first[place] + number[place]])
        left[place] = polygonal([shapely.difference(left[place], lost)])[0]
    few = np.where(number > _MANY, 0, number)
    for turn in range(int(few.max())):  # the first overlap of every feature, then the second
        some = few > turn
        left[some] = polygonal(shapely.difference(left[some], overlap[first[some] + turn]))
    whole = np.isin(layer.owner, rows, invert=True)
    return joined(layer.picked(np.flatnonzero(whole)), _placed(left, rows, layer, ground))


def _placed(shapes: Objects, rows: Ints, layer: Outlines, ground: Ground) -> Outlines:
    """New shapes of some features as parts of their layer."""
    new = outlines(shapes)
    source = None if layer.source is None else ground.from_plane(new.flat.xy)
    return replace(new, owner=rows[new.owner], count=layer.count, source=source)


def _report(layer: Layer, pairs: Shared, findings: Findings) -> None:
    smaller = np.minimum(layer.area_m2[pairs.left], layer.area_m2[pairs.right])
    findings.add(
        _CODES.get(layer.key, "E350"),
        layer=layer.name,
        where=np.ones(len(pairs.left), dtype=bool),
        feature=layer.ids[pairs.left],
        column="geometry",
        observed=np.round(pairs.area_m2, 2),
        expected="0 m2",
        area_ha=pairs.area_m2 / 10_000.0,
        a=layer.ids[pairs.left],
        b=layer.ids[pairs.right],
        m=np.round(pairs.area_m2, 2),
        p=np.round(100.0 * pairs.area_m2 / smaller, 2),
    )


def _report_small(layer: Layer, area: Floats, limit: float, findings: Findings) -> None:
    total = round(float(area.sum()), 2)
    if total > 0:
        findings.add(
            "E352",
            layer=layer.name,
            column="geometry",
            observed=total,
            area_ha=total / 10_000.0,
            number=len(area),
            m=total,
            limit=limit,
        )
