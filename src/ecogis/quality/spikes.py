"""Corners so sharp and so narrow that the pen slipped."""

import numpy as np
import numpy.typing as npt

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Sheet
from ecogis.quality.slivers import found as slivers
from ecogis.spatial.linework import Tips, tips

__all__ = ["found", "per_feature", "spikes"]

Ints = npt.NDArray[np.int64]


def found(sheet: Sheet, limits: TopologyLimits) -> Tips:
    """Corners sharper than the limit that are long enough and narrow at their base.

    A sliver is all spike; its corners are not counted.
    """
    asked = (limits.near_m, limits.spike_degrees, limits.spike_m, limits.width_m)
    rings = sheet.rings
    sharp = tips(sheet.plane.forward(rings.xy), rings.starts, asked)
    thin = np.isin(np.cumsum(rings.sign > 0) - 1, slivers(sheet, limits).part)
    sharp.number[thin], sharp.length_m[thin], sharp.area_m2[thin] = 0, 0.0, 0.0
    sharp.vertex[np.repeat(thin, np.diff(rings.starts))] = False
    return sharp


def per_feature(sheet: Sheet, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Sum of what rings have, by feature."""
    weights = np.asarray(values, dtype=np.float64)
    return np.bincount(sheet.rings.feature, weights=weights, minlength=len(sheet.shapes)).astype(
        np.float64
    )


def spikes(sheet: Sheet, limits: TopologyLimits) -> None:
    """E609: a polygon with spikes, or with slits of the same shape."""
    sharp = found(sheet, limits)
    number = per_feature(sheet, sharp.number).astype(np.int64)
    area = per_feature(sheet, sharp.area_m2)
    length = np.zeros(len(number))
    np.maximum.at(length, sheet.rings.feature, sharp.length_m)
    sheet.table.tell(
        "E609",
        number > 0,
        "geometry",
        observed=number,
        area_ha=area / 10_000.0,
        number=number,
        d=np.round(length, 2),
        m=np.round(area, 2),
        limit=f"{limits.spike_degrees:g}",
    )
