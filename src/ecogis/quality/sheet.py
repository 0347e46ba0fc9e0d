"""A layer laid out to be looked at: sound polygons in degrees and in metres, with their names."""

from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.quality.shapes import drawn
from ecogis.quality.table import Table
from ecogis.spatial.linework import Edges, edges_of
from ecogis.spatial.plane import CANONICAL_EPSG, EqualAreaPlane, plane_of
from ecogis.spatial.reshaping import opened
from ecogis.spatial.rings import Rings, rings_of

__all__ = ["TOUCH_DEG", "Borders", "Changed", "Sheet", "borders", "laid_out", "listed"]

TOUCH_DEG: Final = 1e-7  # a centimetre: nearer than this counts as touching
_LISTED: Final = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer's polygons.

    Attributes
    ----------
    table : Table
        The layer's columns, and how a fault of a row is told.
    names : array (feature) of str
        Identifiers, or ``#`` and the row where there is none.
    shapes : array (feature) of polygons
        EPSG:4490; empty where there is no valid polygon.
    flat : array (feature) of polygons
        The same in the equal-area plane. [m]
    plane : EqualAreaPlane
        That plane.
    rings : Rings
        Rings of `shapes`.
    parts, source : array (part,) of polygons, array (part,), int64
        Parts of `flat`, and the row each is from.
    area_m2 : array (feature)
        Area of the polygons. [m2]
    unsound : array of polygons
        Boxes about the polygons that are not valid: nothing can be said about the land there.
    """

    table: Table
    names: Objects
    shapes: Objects
    flat: Objects
    plane: EqualAreaPlane
    rings: Rings
    parts: Objects
    source: Ints
    area_m2: Floats
    unsound: Objects

    def redrawn(self, shapes: Objects) -> "Sheet":
        """The same layer with other polygons."""
        flat = np.asarray(self.plane.project(shapes), dtype=object)
        parts, source = opened(flat)
        return replace(
            self,
            shapes=shapes,
            flat=flat,
            rings=rings_of(shapes),
            parts=parts,
            source=source,
            area_m2=np.asarray(shapely.area(flat)),
        )


def laid_out(layer: geopandas.GeoDataFrame, key: str, role: str, findings: Findings) -> Sheet:
    """Lay out a layer; features without a valid polygon are told, where they are not yet.

    Raises
    ------
    InputError
        E345 the layer is not in EPSG:4490.
    VocabularyError
        The identifier's column or the geometry is missing.
    """
    require(layer, [key, "geometry"], role)
    if layer.crs is None or layer.crs.to_epsg() != CANONICAL_EPSG:
        raise InputError("E345", layer=role, crs=layer.crs and layer.crs.to_string())
    given = np.asarray(layer.geometry.array, dtype=object)
    sound = drawn(Table(layer, role, key, findings), layer)
    shapes = np.where(sound, given, shapely.Polygon())
    plane = plane_of(shapes)
    flat = np.asarray(plane.project(shapes), dtype=object)
    area = np.asarray(shapely.area(flat))
    boxes = shapely.bounds(given[~sound & ~shapely.is_missing(given)]).reshape(-1, 4)
    table = Table(layer, role, key, findings, area / 10_000.0)
    parts, source = opened(flat)
    return Sheet(
        table=table,
        names=_names(table),
        shapes=shapes,
        flat=flat,
        plane=plane,
        rings=rings_of(shapes),
        parts=parts,
        source=source,
        area_m2=area,
        unsound=np.asarray(shapely.box(*boxes[np.isfinite(boxes).all(axis=1)].T), dtype=object),
    )


def _names(table: Table) -> Objects:
    rows = "#" + table.rows().astype(str).astype(object)
    given = np.asarray(table.text(table.key).fillna("").to_numpy(dtype=object))
    return np.where(table.given(table.key), given, rows)


@dataclass(frozen=True, slots=True)
class Borders:
    """What some polygons have in common with the features around them.

    Attributes
    ----------
    polygon, feature : array (border,), int64
        Row of the polygon and of the feature; by polygon, the longest border first.
    length_m : array (border,)
        Common border. [m]
    """

    polygon: Ints
    feature: Ints
    length_m: Floats

    def only(self, which: npt.NDArray[np.bool_]) -> "Borders":
        """Some of the borders."""
        return Borders(self.polygon[which], self.feature[which], self.length_m[which])

    def longest(self, count: int) -> Ints:
        """For each of `count` polygons the feature with the longest border; -1 for none."""
        best = np.full(count, -1, dtype=np.int64)
        polygon, first = np.unique(self.polygon, return_index=True)
        best[polygon] = self.feature[first]
        return best

    def names(self, count: int, names: Objects) -> Objects:
        """For each of `count` polygons the names around it."""
        cuts = np.searchsorted(self.polygon, np.arange(1, count))
        groups = np.split(names[self.feature], cuts) if count else []
        return np.array([listed(group) for group in groups], dtype=object)


def listed(names: Any) -> str:
    """A few names in a row; what is left out is counted.

    >>> listed(["A", "B"]), listed("ABCDEFG"), listed([])
    ('A, B', 'A, B, C, D, E … (+2)', '—')
    """
    shown = ", ".join(map(str, names[:_LISTED])) or "—"
    return f"{shown} … (+{len(names) - _LISTED})" if len(names) > _LISTED else shown


def borders(
    sheet: Sheet, polygons: Objects, edges: Edges, which: Ints, *, owner: Ints | None = None
) -> Borders:
    """Borders of polygons with a layer's features, judged at the middle of each edge.

    Parameters
    ----------
    sheet : Sheet
        The layer.
    polygons : array of polygons
        EPSG:4490, such as gaps of the layer or slivers in it.
    edges : Edges
        Edges of the layer.
    which : array, int64
        Those among them on which a border may lie.
    owner : array (polygon,), int64, optional
        Feature a polygon is part of; it is not its own neighbour.
    """
    mine = edges_of(rings_of(polygons))
    flat = sheet.plane.forward(mine.xy)
    length = np.hypot(*(flat[mine.first + 1] - flat[mine.first]).T)
    middle = shapely.points((mine.xy[mine.first] + mine.xy[mine.first + 1]) / 2.0)
    tree = shapely.STRtree(edges.lines(which))
    edge, hit = tree.query(middle, predicate="dwithin", distance=TOUCH_DEG)
    touched = np.unique(np.column_stack([edge, edges.feature[which[hit]]]), axis=0)
    edge, feature = touched.reshape(-1, 2).T
    if owner is not None:
        other = owner[mine.feature[edge]] != feature
        edge, feature = edge[other], feature[other]
    pairs = np.column_stack([mine.feature[edge], feature])
    pair, back = np.unique(pairs, axis=0, return_inverse=True)
    total = np.bincount(back.ravel(), weights=length[edge], minlength=len(pair))
    order = np.lexsort((pair[:, 1], -np.round(total, 3), pair[:, 0]))  # to a millimetre
    return Borders(pair[order, 0], pair[order, 1], total[order].astype(np.float64))


@dataclass(frozen=True, slots=True)
class Changed:
    """Polygons of a layer that a repair made anew.

    Attributes
    ----------
    feature : array (change,), int64
        Rows, each once.
    shape : array (change,) of polygons
        What they are now, EPSG:4490.
    """

    feature: Ints
    shape: Objects

    def areas(self, sheet: Sheet) -> Floats:
        """Area of every feature after the change. [m2]"""
        area = sheet.area_m2.copy()
        area[self.feature] = shapely.area(sheet.plane.project(self.shape))
        return area
