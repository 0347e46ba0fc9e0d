"""Features, and parts of features, too narrow to be land anybody manages."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Sheet

__all__ = ["Slivers", "found", "slivers"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Slivers:
    """Narrow polygons of a layer.

    Attributes
    ----------
    part : array (sliver,), int64
        Place among the polygons of the layer, multipolygons opened.
    feature : array (sliver,), int64
        Row it belongs to.
    area_m2, width_m : array (sliver,)
        Area [m2] and mean width [m].
    """

    part: Ints
    feature: Ints
    area_m2: Floats
    width_m: Floats


def found(sheet: Sheet, limits: TopologyLimits) -> Slivers:
    """Polygons whose mean width, twice the area by the perimeter, is below the limit."""
    area, border = shapely.area(sheet.parts), shapely.length(sheet.parts)
    width = np.divide(2.0 * area, border, out=np.zeros_like(area), where=border > 0)
    thin = np.flatnonzero(width < limits.width_m)
    return Slivers(thin, sheet.source[thin], area[thin], width[thin])


def slivers(sheet: Sheet, limits: TopologyLimits) -> None:
    """E605: a feature that is a sliver, or has slivers among its parts."""
    thin = found(sheet, limits)
    count = len(sheet.shapes)
    number = np.bincount(thin.feature, minlength=count)
    total = np.bincount(thin.feature, weights=thin.area_m2, minlength=count)
    width = np.full(count, np.inf)
    np.minimum.at(width, thin.feature, thin.width_m)
    sheet.table.tell(
        "E605",
        number > 0,
        "geometry",
        observed=np.round(width, 3),
        expected=f">= {limits.width_m:g} m",
        area_ha=total / 10_000.0,
        number=number,
        m=np.round(total, 2),
        w=np.round(width, 3),
        limit=f"{limits.width_m:g}",
    )
