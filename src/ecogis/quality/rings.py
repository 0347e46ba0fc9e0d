"""Rings put in order: the one repair made unasked, within a bound, and told each time."""

from typing import Any, Final

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.quality.unfinished import why
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.bounded import POLICY, Bounds, mended
from ecogis.spatial.crossings import crossings
from ecogis.spatial.rings import valid

__all__ = ["repair_rings"]

_KEYS: Final = {"parcels": "parcel"}  # every other layer: stands
_COUNTED: Final = 20_000  # vertices up to which crossings are counted; the count grows as a square

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


def repair_rings(
    layer: geopandas.GeoDataFrame,
    role: str,
    findings: Findings,
    *,
    key: str | None = None,
    max_change: float = 0.001,
    max_crossings: int = 10_000,
    bounds: Bounds = POLICY,
) -> geopandas.GeoDataFrame:
    """Make polygons valid, one finding for each; nothing else about them changes.

    A repaired polygon is a changed pledge. Where the area would change by more than `max_change`
    the repaired polygon is kept for the totals but the feature earns nothing. The repair is made
    in a child process with a limit of time and memory, so that no polygon can hold up the others.
    Polygons that cross themselves very often are not tried at all: a count decides alike on every
    machine, a time does not.

    Parameters
    ----------
    layer : GeoDataFrame
        EPSG:4490.
    role : str
        Role of the layer: ``"stands"``, ``"stands_opening"`` or ``"parcels"``.
    findings : Findings
        Receives E340, E341 and E342.
    key : str, optional
        Column of the identifier; by default the role's.
    max_change : float
        Change of area that a repair may make, as a share of the larger area. A policy. [1]
    max_crossings : int
        Number of self-crossings beyond which no repair is tried. A policy. [1]
    bounds : Bounds
        Time and memory of the child process.

    Returns
    -------
    GeoDataFrame
        A copy with the repaired polygons; the source file still holds the original ones.

    Findings
    --------
    E340
        Repaired; the area changed by no more than the limit.
    E341
        Too complex to be repaired, with the area its rings enclose; excluded.
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
    name = key or _KEYS.get(role, "stand")
    require(layer, [name, "geometry"], role)
    shapes = np.array(layer.geometry.array, dtype=object)
    broken = np.flatnonzero(~shapely.is_missing(shapes) & ~valid(shapes))
    if not len(broken):
        return layer.copy()
    faulty = shapes[broken]
    knots = np.zeros(len(faulty), dtype=np.int64)
    counted = shapely.get_num_coordinates(faulty) <= _COUNTED
    knots[counted] = crossings(faulty[counted], max_crossings)
    reasons = np.where(knots > max_crossings, "crossings", "").astype(object)
    tried = reasons == ""
    repaired = mended(faulty[tried], bounds)
    reasons[tried] = repaired.why
    done = reasons == ""
    after = faulty.copy()
    after[done] = repaired.shape[repaired.why == ""]
    told = _Told(layer, name, broken, role, findings)
    told.too_complex(~done, faulty, knots, why(reasons, bounds, max_crossings))
    told.changes(done, faulty, after, max_change)
    shapes[broken] = after
    return layer.set_geometry(geopandas.GeoSeries(shapes, index=layer.index, crs=layer.crs))


class _Told:
    """What is said about the polygons at hand."""

    def __init__(
        self, layer: geopandas.GeoDataFrame, key: str, broken: Ints, role: str, findings: Findings
    ) -> None:
        self.role, self.findings = role, findings
        self.ids = layer[key].astype("string").iloc[broken]
        self.row = layer["row"].iloc[broken] if "row" in layer else broken + 1

    def too_complex(
        self, where: Mask, shapes: Shapes, knots: Ints, reasons: tuple[Shapes, Shapes]
    ) -> None:
        """E341, with the area the rings enclose by the shoelace."""
        zh, en = reasons
        vertices = shapely.get_num_coordinates(shapes)
        self._add(
            "E341",
            where,
            "excluded",
            vertices,
            area_ha=np.nan_to_num(ellipsoidal_area_m2(shapes)) / 10_000.0,
            n=vertices,
            k=knots,
            limits=en,
            why_zh=zh,
            why_en=en,
        )

    def changes(self, where: Mask, before: Shapes, after: Shapes, max_change: float) -> None:
        """E340 and E342: the areas before and after, the reason, and the place."""
        old, new = ellipsoidal_area_m2(before), ellipsoidal_area_m2(after)
        larger = np.maximum(np.abs(new), np.abs(old))  # a hole larger than its shell is below 0
        change = np.abs(new - old) / np.maximum(larger, np.finfo(float).tiny)
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
