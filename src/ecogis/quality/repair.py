"""The one repair we allow: rings put in order, within a bound, and told each time."""

from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.spatial.area import ellipsoidal_area_m2, polygon_parts
from ecogis.spatial.crossings import crossings

__all__ = ["repair_rings"]

_KEYS = {"parcels": "parcel"}  # every other layer: stands

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


def repair_rings(
    layer: geopandas.GeoDataFrame,
    role: str,
    findings: Findings,
    *,
    max_change: float = 0.001,
    max_vertices: int = 20_000,
    max_crossings: int = 100,
) -> geopandas.GeoDataFrame:
    """Make polygons valid, one finding for each; nothing else about them changes.

    A repaired polygon is a changed pledge. Where the area would change by more than `max_change`
    the repaired polygon is kept for the totals but the feature earns nothing. Polygons whose
    rings cross themselves very often are left alone: GEOS may take minutes over one of them.

    Parameters
    ----------
    layer : GeoDataFrame
        EPSG:4490.
    role : str
        Role of the layer: ``"stands"``, ``"stands_opening"`` or ``"parcels"``.
    findings : Findings
        Receives E340, E341 and E342.
    max_change : float
        Change of area that a repair may make, as a share of the larger area. A policy. [1]
    max_vertices, max_crossings : int
        Size and number of self-crossings beyond which no repair is tried. A policy. [1]

    Returns
    -------
    GeoDataFrame
        A copy with the repaired polygons; the source file still holds the original ones.

    Findings
    --------
    E340
        Repaired; the area changed by no more than the limit.
    E341
        Too complex to be repaired; excluded.
    E342
        Repaired, but the area changed by more; excluded.

    Examples
    --------
    >>> from shapely import Polygon
    >>> bow_tie = Polygon([(113, 24), (113.001, 24.001), (113.001, 24), (113, 24.001)])
    >>> layer = geopandas.GeoDataFrame({"stand": ["S1"]}, geometry=[bow_tie], crs=4490)
    >>> findings = Findings()
    >>> repair_rings(layer, "stands", findings).is_valid.tolist()
    [True]
    >>> findings.table()[["code", "action"]].values.tolist()
    [['E342', 'excluded']]
    """
    require(layer, [_KEYS.get(role, "stand"), "geometry"], role)
    shapes = np.array(layer.geometry.array, dtype=object)
    broken = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    if not len(broken):
        return layer.copy()
    faulty = shapes[broken]
    vertices = shapely.get_num_coordinates(faulty)
    small = vertices <= max_vertices
    knots = np.zeros(len(faulty), dtype=np.int64)
    knots[small] = crossings(faulty[small], max_crossings)
    complex_ = ~small | (knots > max_crossings)
    told = _Told(layer, broken, role, findings)
    told.too_complex(complex_, vertices, knots, (max_vertices, max_crossings))
    mended = faulty.copy()
    mended[~complex_] = _valid(faulty[~complex_])
    told.changes(~complex_, faulty, mended, max_change)
    shapes[broken] = mended
    return layer.set_geometry(geopandas.GeoSeries(shapes, index=layer.index, crs=layer.crs))


def _valid(shapes: Shapes) -> Shapes:
    """Polygons made valid by the structure of their rings; lines that collapse are left out."""
    mended = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    mixed = ~np.isin(shapely.get_type_id(mended), (3, 6))
    for place in np.flatnonzero(mixed):
        parts, _ = polygon_parts([mended[place]])
        mended[place] = shapely.union_all(parts) if len(parts) else shapely.Polygon()
    return np.asarray(mended, dtype=object)


class _Told:
    """What is said about the polygons at hand."""

    def __init__(
        self, layer: geopandas.GeoDataFrame, broken: Ints, role: str, findings: Findings
    ) -> None:
        self.role, self.findings = role, findings
        self.ids = layer[_KEYS.get(role, "stand")].astype("string").iloc[broken]
        self.row = layer["row"].iloc[broken] if "row" in layer else broken + 1

    def too_complex(
        self,
        where: Mask,
        vertices: Ints,
        knots: Ints,
        limits: tuple[int, int],
    ) -> None:
        self._add("E341", where, "excluded", vertices, n=vertices, k=knots, limits=limits)

    def changes(self, where: Mask, before: Shapes, after: Shapes, max_change: float) -> None:
        """E340 and E342: the areas before and after, the reason, and the place."""
        old, new = ellipsoidal_area_m2(before), ellipsoidal_area_m2(after)
        change = np.abs(new - old) / np.maximum(np.maximum(new, old), np.finfo(float).tiny)
        reason, x, y = _reasons(before)
        for code, action, within in (
            ("E340", "repaired", change <= max_change),
            ("E342", "excluded", ~(change <= max_change)),
        ):
            self._add(
                code,
                where & within,
                action,
                reason,
                area_ha=new / 10_000.0,
                reason=reason,
                x=x,
                y=y,
                a=np.round(old, 2),
                b=np.round(new, 2),
                limit=round(100.0 * max_change, 6),
            )

    def _add(self, code: str, where: Mask, action: str, observed: Any, **values: Any) -> None:
        self.findings.add(
            code,
            layer=self.role,
            where=where,
            feature=self.ids,
            row=self.row,
            column="geometry",
            observed=observed,
            action=action,
            **values,
        )


def _reasons(shapes: Shapes) -> tuple[Shapes, Shapes, Shapes]:
    """GEOS's reason for each polygon, taken apart: ``Self-intersection[113.1 24.2]``."""
    texts = [str(text).rstrip("]").partition("[") for text in shapely.is_valid_reason(shapes)]
    places = [[*map(_degrees, where.split()), "—", "—"][:2] for _, _, where in texts]
    columns = ([why for why, _, _ in texts], [x for x, _ in places], [y for _, y in places])
    reason, x, y = (np.array(column, dtype=object) for column in columns)
    return reason, x, y


def _degrees(number: str) -> str:
    """A coordinate to a tenth of a metre."""
    return f"{float(number):.6f}"
