"""Repairs of single polygons: vertices that stand twice, and spikes."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Changed, Sheet
from ecogis.quality.spikes import found, per_feature
from ecogis.quality.unmade import refused
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.reshaping import without
from ecogis.spatial.rings import Rings

__all__ = ["duplicate_vertices", "spikes"]

_PASSES: Final = 5  # a tip of several vertices comes off one after the other

Ints = npt.NDArray[np.int64]


def duplicate_vertices(sheet: Sheet, _limits: TopologyLimits, _bounds: Bounds) -> Changed:
    """E611: vertices that stand twice in a row are written once; the polygon stays the same."""
    rings = sheet.rings
    twice = np.zeros(len(rings.xy), dtype=bool)
    twice[1:] = (rings.xy[1:] == rings.xy[:-1]).all(axis=1)
    twice[rings.starts[:-1]] = False
    number = _per_feature(rings, twice, len(sheet.shapes))
    rows = np.flatnonzero(number)
    changed = Changed(rows, np.asarray(shapely.remove_repeated_points(sheet.shapes[rows], 0.0)))
    sheet.table.tell(
        "E611",
        number > 0,
        "geometry",
        repaired=True,
        observed=number,
        number=number,
        a=np.round(sheet.area_m2, 2),
        b=np.round(changed.areas(sheet), 2),
    )
    return changed


def _per_feature(rings: Rings, vertex: npt.NDArray[np.bool_], count: int) -> Ints:
    owner = np.repeat(rings.feature, np.diff(rings.starts))
    return np.bincount(owner[vertex], minlength=count).astype(np.int64)


def spikes(sheet: Sheet, limits: TopologyLimits, _: Bounds) -> Changed:
    """E612: spikes cut off at their base, where the polygon stays valid and about as large."""
    now, number = sheet, np.zeros(len(sheet.shapes), dtype=np.int64)
    shapes = sheet.shapes.copy()
    for _pass in range(_PASSES):
        sharp = found(now, limits)
        more = per_feature(now, sharp.number).astype(np.int64)
        rows = np.flatnonzero(more)
        if not len(rows):
            break
        number += more
        shapes[rows] = _cut(now.rings, sharp.vertex, rows)
        now = sheet.redrawn(shapes)
    rows = np.flatnonzero(number)
    changed = Changed(rows, shapes[rows])
    after = changed.areas(sheet)
    good = shapely.is_valid(shapes) & (after > 0)
    near = np.abs(after - sheet.area_m2) <= limits.moved_share * sheet.area_m2
    refused(sheet, (number > 0) & ~good, "spikes", "shape", limits, after_m2=after)
    refused(sheet, (number > 0) & good & ~near, "spikes", "change", limits, after_m2=after)
    made = (number > 0) & good & near
    sheet.table.tell(
        "E612",
        made,
        "geometry",
        repaired=True,
        observed=number,
        number=number,
        area_ha=np.abs(after - sheet.area_m2) / 10_000.0,
        a=np.round(sheet.area_m2, 2),
        b=np.round(after, 2),
    )
    return Changed(np.flatnonzero(made), shapes[made])


def _cut(rings: Rings, tip: npt.NDArray[np.bool_], rows: Ints) -> npt.NDArray[np.object_]:
    """The polygons of some rows without the vertices of tips."""
    mine = np.isin(rings.feature, rows)
    vertex = np.repeat(mine, np.diff(rings.starts))
    length = np.diff(rings.starts)[mine]
    some = Rings(
        rings.xy[vertex],
        np.concatenate([[0], np.cumsum(length)]),
        rings.sign[mine],
        np.searchsorted(rows, rings.feature[mine]),
    )
    return without(some, tip[vertex], len(rows))
