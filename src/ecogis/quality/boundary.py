"""Stands that lie outside the area the survey is of."""

import geopandas
import numpy as np
import shapely

from ecogis.core.findings import Findings

__all__ = ["outside"]


def outside(
    stands: geopandas.GeoDataFrame,
    boundary: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    most: float = 0.5,
) -> None:
    """Find stands with more than a share of their area outside the boundary.

    Parameters
    ----------
    stands : GeoDataFrame
        ``stand row area_ha geometry``, EPSG:4490.
    boundary : GeoDataFrame
        The area surveyed: one or more polygons, EPSG:4490.
    findings : Findings
        Receives E348; such a stand is excluded from earning and keeps its area.
    most : float
        Share of a stand's area that may lie outside. A policy. [1]

    Examples
    --------
    >>> from shapely import box
    >>> two = {"stand": ["S1", "S2"], "row": [1, 2], "area_ha": [1.0, 1.0]}
    >>> shapes = [box(113, 24, 113.001, 24.001), box(115, 24, 115.001, 24.001)]
    >>> stands = geopandas.GeoDataFrame(two, geometry=shapes, crs=4490)
    >>> findings = Findings()
    >>> outside(stands, stands.iloc[:1], findings)
    >>> findings.excluded("stands")
    {'S2'}
    """
    shapes = np.asarray(stands.geometry.array, dtype=object)
    area = shapely.union_all(np.asarray(boundary.geometry.array, dtype=object))
    shapely.prepare(area)
    crossing = shapely.is_valid(shapes) & ~shapely.covers(area, shapes)
    size = shapely.area(shapes)
    inside = size.copy()
    inside[crossing] = shapely.area(shapely.intersection(shapes[crossing], area))
    out = 1.0 - np.divide(inside, size, out=np.ones_like(size), where=size > 0)
    findings.add(
        "E348",
        layer="stands",
        where=out > most,
        feature=stands["stand"],
        row=stands["row"],
        column="geometry",
        observed=np.round(out, 3),
        expected=f"<= {most:g}",
        area_ha=stands["area_ha"],
        action="excluded",
        p=np.round(out * 100, 1),
    )
