"""Land that two features of one layer both claim: told, cut out of both, and kept apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.findings import Findings
from ecogis.overlay.clip import Shared, polygonal, shared_within
from ecogis.overlay.layer import Layer

__all__ = ["Claims", "claims"]

_CODES = {"parcels": "E355"}  # every other layer: stands

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claims:
    """A layer without its overlaps.

    Attributes
    ----------
    pairs : Shared
        The overlaps, one row per pair.
    exclusive : array (feature) of polygons
        What each feature has for itself.
    contested_m2 : array (feature)
        What was cut out of it. [m2]
    zone : array of polygons
        All overlaps joined: land that belongs to nobody yet. They do not overlap one another.
    small_m2 : array (feature)
        Sum of its overlaps that were too small to be cut out. [m2]
    """

    pairs: Shared
    exclusive: npt.NDArray[np.object_]
    contested_m2: Floats
    zone: npt.NDArray[np.object_]
    small_m2: Floats


def claims(layer: Layer, findings: Findings, *, overlap_m2: float) -> Claims:
    """Find the overlaps of a layer, report each, and cut them out of both features.

    Overlaps below `overlap_m2` are left where they are and reported once with their sum.
    """
    found = shared_within(layer.shape)
    large = found.area_m2 >= overlap_m2
    pairs, small = found.only(large), found.only(~large)
    _report(layer, pairs, findings)
    _report_small(layer, small.area_m2, overlap_m2, findings)
    exclusive = _without(layer.shape, pairs)
    return Claims(
        pairs=pairs,
        exclusive=exclusive,
        contested_m2=np.maximum(shapely.area(layer.shape) - shapely.area(exclusive), 0.0),
        zone=shapely.get_parts(shapely.union_all(pairs.shape)) if large.any() else pairs.shape,
        small_m2=_per_feature(small, len(layer.ids)),
    )


def _per_feature(pairs: Shared, count: int) -> Floats:
    both = np.concatenate([pairs.left, pairs.right])
    return np.asarray(
        np.bincount(both, weights=np.tile(pairs.area_m2, 2), minlength=count), dtype=np.float64
    )


def _without(shapes: npt.NDArray[np.object_], pairs: Shared) -> npt.NDArray[np.object_]:
    out = shapes.copy()
    touched = np.concatenate([pairs.left, pairs.right])
    overlap = np.concatenate([pairs.shape, pairs.shape])
    order = np.argsort(touched, kind="stable")
    features, first = np.unique(touched[order], return_index=True)
    joined = np.array(
        [shapely.union_all(group) for group in np.split(overlap[order], first[1:])], dtype=object
    )
    if len(features):
        out[features] = polygonal(shapely.difference(shapes[features], joined))
    return out


def _report(layer: Layer, pairs: Shared, findings: Findings) -> None:
    smaller = np.minimum(layer.area_m2[pairs.left], layer.area_m2[pairs.right])
    findings.add(
        _CODES.get(layer.name, "E350"),
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
