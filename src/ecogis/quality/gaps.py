"""Holes in a layer that should be without: too small to be a lake, or too narrow to be a road."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Borders, Sheet, borders
from ecogis.quality.unfinished import why
from ecogis.spatial.bounded import Bounds, faces
from ecogis.spatial.linework import edges_in, outline_in

__all__ = ["Gaps", "found", "gaps", "not_looked_for"]

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps of a layer, and the features around them.

    Attributes
    ----------
    shape : array (gap,) of polygons
        EPSG:4490.
    area_m2, width_m : array (gap,)
        Area [m2] and mean width [m].
    around : Borders
        Borders with features, the longest first.
    why : str
        Why none were looked for; empty where they were.
    """

    shape: Objects
    area_m2: Floats
    width_m: Floats
    around: Borders
    why: str


def found(sheet: Sheet, limits: TopologyLimits, bounds: Bounds) -> Gaps:
    """The holes of a coverage that are small or narrow enough to be gaps."""
    drawn, rims = edges_in(sheet.shapes), outline_in(sheet.shapes)
    polygons, unfinished = faces(drawn.lines(rims), bounds)
    area, width = _sizes(sheet, polygons)
    small = (area > 0) & ((area <= limits.gap_m2) | (width < limits.width_m))
    polygons, area, width = polygons[small], area[small], width[small]
    free = _bare(sheet, polygons)
    polygons = polygons[free]
    return Gaps(
        polygons, area[free], width[free], borders(sheet, polygons, drawn, rims), unfinished
    )


def _sizes(sheet: Sheet, polygons: Objects) -> tuple[Floats, Floats]:
    """Area and mean width. [m2], [m]"""
    flat = np.asarray(sheet.plane.project(polygons), dtype=object)
    area, border = shapely.area(flat), shapely.length(flat)
    return area, np.divide(2.0 * area, border, out=np.zeros_like(area), where=border > 0)


def _bare(sheet: Sheet, polygons: Objects) -> npt.NDArray[np.bool_]:
    """Faces in no feature, and not where a feature lies whose polygon is not valid."""
    inside = shapely.point_on_surface(polygons)
    bare = np.ones(len(polygons), dtype=bool)
    for land, points in ((sheet.shapes, inside), (sheet.unsound, polygons)):
        hit, _ = shapely.STRtree(land).query(points, predicate="intersects")
        bare[hit] = False
    return bare


def gaps(sheet: Sheet, limits: TopologyLimits, bounds: Bounds) -> None:
    """E601 a gap, E602 a narrow one, E603 the sum of the very small, E604 not looked for."""
    holes = found(sheet, limits, bounds)
    if holes.why:
        not_looked_for(sheet, holes.why, bounds)
        return
    large = holes.area_m2 >= limits.least_m2
    narrow = holes.width_m < limits.width_m
    _tell(sheet, holes, "E601", large & ~narrow, limits)
    _tell(sheet, holes, "E602", large & narrow, limits)
    total = round(float(holes.area_m2[~large].sum()), 2)
    if total > 0:
        sheet.table.findings.add(
            "E603",
            layer=sheet.table.layer,
            column="geometry",
            observed=total,
            area_ha=total / 10_000.0,
            number=int((~large).sum()),
            m=total,
            limit=f"{limits.least_m2:g}",
        )


def not_looked_for(sheet: Sheet, reason: str, bounds: Bounds) -> None:
    """E604: why gaps were not looked for."""
    whole = bounds._replace(seconds=bounds.batch_seconds)
    zh, en = why([reason], whole)
    sheet.table.findings.add(
        "E604",
        layer=sheet.table.layer,
        column="geometry",
        area_ha=float(sheet.area_m2.sum()) / 10_000.0,
        why_zh=zh[0],
        why_en=en[0],
    )


def _tell(
    sheet: Sheet, holes: Gaps, code: str, where: npt.NDArray[np.bool_], limits: TopologyLimits
) -> None:
    place = shapely.get_coordinates(shapely.point_on_surface(holes.shape))
    count = len(holes.shape)
    longest = holes.around.longest(count)
    names, rows = sheet.names[longest], sheet.table.rows().astype(object)[longest]
    names[longest < 0] = rows[longest < 0] = None  # nobody
    sheet.table.findings.add(
        code,
        layer=sheet.table.layer,
        where=where,
        feature=names,
        row=rows,
        column="geometry",
        observed=np.round(holes.area_m2, 2),
        area_ha=holes.area_m2 / 10_000.0,
        m=np.round(holes.area_m2, 2),
        w=np.round(holes.width_m, 2),
        limit=f"{limits.width_m if code == 'E602' else round(limits.gap_m2, 1):g}",
        others=holes.around.names(count, sheet.names),
        x=np.char.mod("%.6f", place[:, 0]).astype(object),
        y=np.char.mod("%.6f", place[:, 1]).astype(object),
    )
