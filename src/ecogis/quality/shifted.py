"""A layer that lies beside another: web-map coordinates, a datum not transformed, a wrong zone."""

from typing import Any, Final

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.quality.limits import ShiftLimits
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.gcj02 import gcj02
from ecogis.spatial.offsets import Comparison, Offset, compared
from ecogis.spatial.plane import CANONICAL_EPSG, EqualAreaPlane, plane_of

__all__ = ["shifted"]

_ZONE_DEGREES: Final = 3.0

Floats = npt.NDArray[np.float64]


def shifted(
    layer: geopandas.GeoDataFrame,
    reference: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    role: str,
    reference_role: str = "boundary",
    limits: ShiftLimits | None = None,
) -> None:
    """Compare where two layers lie by the shape of their lines; nothing is moved.

    The reference may be the same land at another survey, parcels that follow the stands, or the
    outline of the township. Where the two have no lines in common, or only a grid of equal
    squares, nothing can be said and nothing is.

    Parameters
    ----------
    layer, reference : GeoDataFrame
        EPSG:4490.
    findings : Findings
        Receives what is wrong, with the area of the layer it is about.
    role, reference_role : str
        Roles of the two layers.
    limits : ShiftLimits, optional
        What counts as a shift.

    Raises
    ------
    InputError
        E345 a layer is not in EPSG:4490.

    Findings
    --------
    E312
        A layer lies beside the other as the public approximation of GCJ-02 would have it. It is
        told about the one that looks like a web map's.
    E618
        The layer lies beside the reference, everywhere alike, but not as by GCJ-02.
    E619
        The layers lie far apart; whole zones of longitude are named.

    Examples
    --------
    >>> from ecogis.spatial.plane import equal_area_plane
    >>> plane = equal_area_plane(24.0, 113.0)
    >>> ring = np.array([(0, 0), (900, 100), (1300, 800), (400, 700)])
    >>> there = plane.unproject([shapely.Polygon(ring)])
    >>> here = shapely.transform(there, gcj02)
    >>> layers = [geopandas.GeoDataFrame(geometry=shapes, crs=4490) for shapes in (here, there)]
    >>> findings = Findings()
    >>> shifted(*layers, findings, role="stands")
    >>> findings.table()["message_en"].tolist()
    ['stands lies about 621 m towards 119° from boundary. Looks like GCJ-02.']
    """
    policy = limits or ShiftLimits()
    shapes = _drawn(layer, role)
    others = _drawn(reference, reference_role)
    if not len(shapes) or not len(others):
        return
    plane = plane_of(shapes, others)
    told = _Told(findings, plane, (role, shapes), (reference_role, others))
    if _far_apart(told, policy):
        return
    for outlines in (True, False):
        if _says(told, compared(shapes, others, plane, outlines=outlines), policy):
            return


def _says(told: "_Told", found: Comparison, policy: ShiftLimits) -> bool:
    """Whether the comparison is clear; then what it says is told.

    A shift like GCJ-02's differs from place to place, so it is looked for as such, for each of
    the layers being the one from a web map.
    """
    web = told.plane.forward(gcj02(told.plane.inverse(found.middle))) - found.middle
    for sign, whose in ((1.0, told), (-1.0, told.turned())):
        best = found.best(sign * web)
        shift = sign * np.array([best.east_m, best.north_m])
        if _clear(best, policy) and np.hypot(*(shift - web.mean(axis=0))) <= policy.agree_m:
            whose.shift("E312", shift)
            return True
    best = found.best()
    if not _clear(best, policy):
        return False
    shift = np.array([best.east_m, best.north_m])
    if np.hypot(*shift) >= policy.least_m:
        told.shift("E618", shift)
    return True


def _clear(found: Offset, policy: ShiftLimits) -> bool:
    return found.contrast >= policy.contrast and found.match >= policy.match


def _drawn(layer: geopandas.GeoDataFrame, role: str) -> Any:
    require(layer, ["geometry"], role)
    if layer.crs is None or layer.crs.to_epsg() != CANONICAL_EPSG:
        raise InputError("E345", layer=role, crs=layer.crs and layer.crs.to_string())
    shapes = np.asarray(layer.geometry.array, dtype=object)
    return shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]


def _far_apart(told: "_Told", policy: ShiftLimits) -> bool:
    """E619, where the boxes about the layers are far from one another."""
    boxes = [shapely.box(*shapely.total_bounds(shapes)) for _, shapes in told.both]
    apart_km = float(shapely.distance(*told.plane.project(boxes))) / 1000.0
    if apart_km < policy.apart_km:
        return False
    (lon, lat), (lon0, lat0) = (shapely.get_coordinates(shapely.centroid(box))[0] for box in boxes)
    zones = round((lon - lon0) / _ZONE_DEGREES)
    whole = abs(lon - lon0 - zones * _ZONE_DEGREES) <= policy.zone_degrees
    told.far(apart_km, zones if whole and abs(lat - lat0) <= policy.zone_degrees else 0)
    return True


class _Told:
    """What is said about two layers, each with its role and polygons."""

    def __init__(
        self, findings: Findings, plane: EqualAreaPlane, *both: tuple[str, npt.NDArray[np.object_]]
    ) -> None:
        self.findings, self.plane, self.both = findings, plane, both

    def turned(self) -> "_Told":
        """The same with the layers exchanged."""
        return _Told(self.findings, self.plane, *self.both[::-1])

    def shift(self, code: str, shift_m: Floats) -> None:
        """E312 and E618: how far and where to, clockwise from north."""
        distance = round(float(np.hypot(*shift_m)))
        azimuth = round(float(np.degrees(np.arctan2(*shift_m)))) % 360
        self._add(code, f"{distance} m {azimuth}°", d=distance, az=f"{azimuth}°")

    def far(self, distance_km: float, zones: int) -> None:
        """E619: how far, and by how many zones."""
        degrees = zones * round(_ZONE_DEGREES)
        zh, en = "请核对坐标系与坐标轴次序", "check the coordinate system and the order of the axes"
        if zones:
            zh = f"经度相差约 {degrees}°,疑为带号或中央经线有误"
            en = f"about {degrees}° of longitude: the zone or the central meridian may be wrong"
        distance = round(distance_km, 1)
        self._add("E619", f"{distance} km", d=distance, guess_zh=zh, guess_en=en)

    def _add(self, code: str, observed: str, **values: Any) -> None:
        (role, shapes), (reference, _) = self.both
        self.findings.add(
            code,
            layer=role,
            column="geometry",
            observed=observed,
            area_ha=float(np.nansum(ellipsoidal_area_m2(shapes))) / 10_000.0,
            reference=reference,
            **values,
        )
