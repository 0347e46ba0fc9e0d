"""Geometry of a layer as it stands after repair."""

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.quality.table import Table
from ecogis.spatial.rings import valid

__all__ = ["drawn"]


def drawn(table: Table, layer: geopandas.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """E343, E347: a feature without polygon; a polygon that is not valid and was not repaired.

    Features whose shape an earlier finding is about are not told again.

    Returns
    -------
    array (feature,), bool
        Features with a valid polygon.
    """
    shapes = np.asarray(layer.geometry.array, dtype=object)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    told = table.told("geometry")
    bare = ~areal & ~told
    kinds = np.full(len(shapes), "", dtype=object)
    kinds[bare] = [_kind(shape) for shape in shapes[bare]]
    table.tell("E343", bare, "geometry", observed=kinds, excluded=True)
    sound = np.asarray(areal & valid(shapes), dtype=bool)
    broken = areal & ~sound
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[broken] = shapely.is_valid_reason(shapes[broken])
    table.tell("E347", broken & ~told, "geometry", observed=reasons, excluded=True)
    return sound


def _kind(shape: shapely.Geometry | None) -> str:
    if shape is None:
        return "missing"
    return f"{shape.geom_type} EMPTY" if shape.is_empty else str(shape.geom_type)
