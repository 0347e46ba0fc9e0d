"""Geometry of a layer as it stands after repair."""

import geopandas
import numpy as np
import shapely

from ecogis.quality.table import Table

__all__ = ["drawn"]


def drawn(table: Table, layer: geopandas.GeoDataFrame) -> None:
    """E343, E347: a feature without polygon; a polygon that is not valid and was not repaired.

    Features whose shape an earlier finding is about are not told again.
    """
    shapes = np.asarray(layer.geometry.array, dtype=object)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    kinds = np.array([_kind(shape) for shape in shapes], dtype=object)
    told = table.told("geometry")
    table.tell("E343", ~areal & ~told, "geometry", observed=kinds, excluded=True)
    broken = areal & ~shapely.is_valid(shapes) & ~told
    reasons = np.array(shapely.is_valid_reason(shapes), dtype=object)
    table.tell("E347", broken, "geometry", observed=reasons, excluded=True)


def _kind(shape: shapely.Geometry | None) -> str:
    if shape is None:
        return "missing"
    return f"{shape.geom_type} EMPTY" if shape.is_empty else str(shape.geom_type)
