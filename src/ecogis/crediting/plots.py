"""Where sample plots lie: laid out on a grid, and found again on the map."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.numerics import uniforms
from ecogis.spatial import EqualAreaPlane, Frame, frame_of, plane_of

__all__ = ["field_sheet", "located_plots", "plot_centres"]

_WIDEST = 1.5  # the first spacing tried, of the one that would give the number wanted on average
_NARROWER = 0.95  # how much closer each next one is, with a start of its own
_ON_LINE_M = 0.01  # coordinates are given to the centimetre
_COLUMNS = ("plot", "stratum", "plot_area_m2", "x", "y", "longitude", "latitude")

Floats = NDArray[np.float64]
Shapes = Any  # array of shapely geometries


def plot_centres(
    land: geopandas.GeoDataFrame,
    sample: pd.DataFrame,
    findings: Findings,
    *,
    plot_area_m2: float,
    seed: int,
    edge_m: float | None = None,
) -> geopandas.GeoDataFrame:
    """Plot centres on a square grid with a random start in each stratum.

    The grid of a stratum is as wide as still gives the number wanted within its land, less a
    strip along its edge; what it gives beyond the number is left out by draw. The grid is laid in
    the equal-area plane. The start is drawn for seed and stratum, so that other strata and the
    order of rows change nothing. Centres are never so near that plots overlap.

    Parameters
    ----------
    land : GeoDataFrame
        ``stratum geometry``: pieces or stands, in longitude and latitude or one Gauss-Krüger zone
        of CGCS2000; optional ``piece``. Touching land of one stratum counts as one.
    sample : DataFrame, one row per stratum
        ``stratum plots``, such as the table of a `Design`.
    findings : Findings
        Grows by the findings below.
    plot_area_m2 : float
        Area of a plot. [m2]
    seed : int
        Seed of the run.
    edge_m : float, optional
        Least distance of a centre from the edge of its stratum; if not given, the radius of a
        round plot, so that all of it lies within. A policy. [m]

    Returns
    -------
    GeoDataFrame, one row per plot, in the layer's system
        ``plot`` (number of the stratum by name, and of the plot from north to south), ``stratum``,
        ``plot_area_m2``, ``x y`` in the layer's system, ``longitude latitude`` [degrees], and
        ``piece`` where the land has it.

    Raises
    ------
    ConfigError
        A plot area or distance is not positive, or a number of plots is missing or negative.
    InputError
        E345 the layer is in another system.

    Findings
    --------
    E758
        A stratum has no room for all its plots; as many as fit are given.
    E768
        Land of a stratum has no sound polygon; no plot is laid there.

    Examples
    --------
    >>> square = shapely.box(500_000, 2_600_000, 500_100, 2_600_100)
    >>> land = geopandas.GeoDataFrame({"stratum": ["A"]}, geometry=[square], crs="EPSG:4547")
    >>> sample = pd.DataFrame({"stratum": ["A"], "plots": [3]})
    >>> plots = plot_centres(land, sample, Findings(), plot_area_m2=400.0, seed=1)
    >>> plots["plot"].tolist(), bool(plots.within(square.buffer(-11.28)).all())
    (['01-001', '01-002', '01-003'], True)
    """
    require(land, ("stratum",), "strata")
    require(sample, ("stratum", "plots"), "design")
    radius = float(np.sqrt(plot_area_m2 / np.pi)) if plot_area_m2 > 0 else 0.0
    edge = radius if edge_m is None else edge_m
    if not (radius > 0 and edge >= 0) or not (sample["plots"] >= 0).all():
        raise ConfigError("E753", what="plot_area_m2, edge_m, plots")
    frame, plane, shapes = _on_plane(land, findings)
    rows = []
    wanted = sample.sort_values("stratum", kind="stable")[["stratum", "plots"]]
    for rank, (stratum, number) in enumerate(wanted.itertuples(index=False), start=1):
        mine = shapes[land["stratum"].eq(stratum).fillna(False).to_numpy(dtype=bool)]
        points = _laid(mine, int(number), (edge, 2.0 * radius), (seed, str(stratum)))
        if len(points) < number:
            findings.add(
                "E758",
                layer="strata",
                feature=stratum,
                column="plots",
                observed=len(points),
                expected=str(number),
                number=int(number),
            )
        labels = [f"{rank:02d}-{place:03d}" for place in range(1, len(points) + 1)]
        rows.append(pd.DataFrame({"plot": labels, "stratum": stratum, "at": list(points)}))
    table = (
        pd.concat(rows, ignore_index=True)
        if rows
        else pd.DataFrame(columns=["plot", "stratum", "at"])
    )
    return _centres(table, land, plot_area_m2, (frame, plane, shapes))


def located_plots(
    plots: geopandas.GeoDataFrame, land: geopandas.GeoDataFrame, findings: Findings
) -> geopandas.GeoDataFrame:
    """The stratum each plot lies in, by its place.

    Parameters
    ----------
    plots : GeoDataFrame, one row per plot
        ``plot geometry`` (centres); optional ``stratum``, as recorded.
    land : GeoDataFrame
        ``stratum geometry``, as for `plot_centres`; both on CGCS2000, not needing one zone.
    findings : Findings
        Grows by the findings below.

    Returns
    -------
    GeoDataFrame
        The plots with ``stratum`` as the map has it, missing outside all strata.

    Raises
    ------
    InputError
        E345 a layer is in another system.

    Findings
    --------
    E759
        A plot lies in no stratum, or has no place.
    E760
        A plot is recorded in another stratum than it lies in; the place holds.
    E768
        As for `plot_centres`.

    Examples
    --------
    >>> box, point = shapely.box(500_000, 2_600_000, 500_100, 2_600_100), shapely.Point(0, 0)
    >>> land = geopandas.GeoDataFrame({"stratum": ["A"]}, geometry=[box], crs="EPSG:4547")
    >>> plots = geopandas.GeoDataFrame(
    ...     {"plot": ["1", "2"]}, geometry=[box.centroid, point], crs="EPSG:4547"
    ... )
    >>> located_plots(plots, land, Findings())["stratum"].tolist()
    ['A', <NA>]
    """
    require(plots, ("plot",), "plots")
    require(land, ("stratum",), "strata")
    _, plane, shapes = _on_plane(land, findings)
    frame = frame_of(plots.crs, layer="plots")
    points = np.asarray(plots.geometry.array, dtype=object)
    sound = ~(shapely.is_missing(points) | shapely.is_empty(points))
    places = np.full(len(points), None, dtype=object)
    places[sound] = _moved(shapely.point_on_surface(points[sound]), frame, plane)
    names = land["stratum"].astype("string")
    recorded = plots["stratum"].astype("string") if "stratum" in plots else None
    found = _lying(places, shapes, names)
    if recorded is not None:
        found = _prefer(recorded, _lying(places, shapes, names, recorded), found)
    out = plots.assign(stratum=pd.array(found, dtype="string"))
    _report_places(out, recorded, findings)
    return out


def field_sheet(centres: geopandas.GeoDataFrame) -> pd.DataFrame:
    """The plots as a plain table for the field: ``field_sheet(plots).to_csv(path, index=False)``.

    Coordinates are rounded, metres to the centimetre and degrees to the eighth place, which is a
    millimetre.

    >>> square = shapely.box(500_000, 2_600_000, 500_100, 2_600_100)
    >>> land = geopandas.GeoDataFrame({"stratum": ["A"]}, geometry=[square], crs="EPSG:4547")
    >>> sample = pd.DataFrame({"stratum": ["A"], "plots": [1]})
    >>> plots = plot_centres(land, sample, Findings(), plot_area_m2=400.0, seed=1)
    >>> list(field_sheet(plots))
    ['plot', 'stratum', 'plot_area_m2', 'x', 'y', 'longitude', 'latitude']
    """
    digits = 8 if centres.crs is not None and centres.crs.is_geographic else 2
    names = [*_COLUMNS, *(["piece"] if "piece" in centres else [])]
    table = pd.DataFrame(centres[names])
    return table.round({"x": digits, "y": digits, "longitude": 8, "latitude": 8})


def _on_plane(
    land: geopandas.GeoDataFrame, findings: Findings
) -> tuple[Frame, EqualAreaPlane, Shapes]:
    """The layer's frame, the plane, and its polygons there; None where there is none."""
    frame = frame_of(land.crs, layer="strata")
    shapes = np.asarray(land.geometry.array, dtype=object)
    kinds = np.isin(shapely.get_type_id(shapes), (3, 6))  # polygon, multipolygon
    sound = kinds & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    findings.add(
        "E768",
        layer="strata",
        where=~sound,
        feature=land["piece"] if "piece" in land else land["stratum"],
        row=np.arange(1, len(land) + 1),
        column="geometry",
    )
    plane = plane_of(shapes[sound], frame=frame)
    moved = np.full(len(shapes), None, dtype=object)
    moved[sound] = _moved(shapes[sound], frame, plane)
    return frame, plane, moved


def _moved(shapes: Shapes, frame: Frame, plane: EqualAreaPlane) -> Shapes:
    return shapely.transform(shapes, lambda xy: frame.to_plane(xy, plane))


def _laid(
    shapes: Shapes, number: int, limits: tuple[float, float], stream: tuple[int, str]
) -> Floats:
    """Centres within one stratum, from north to south: the number wanted, or what fits."""
    edge, nearest = limits
    land = shapely.union_all([shape for shape in shapes if shape is not None])
    parts = shapely.get_parts(shapely.buffer(land, -edge))
    parts = parts[~shapely.is_empty(parts)]
    if number == 0 or not len(parts):
        return np.empty((0, 2))
    shapely.prepare(parts)
    widest = _WIDEST * float(np.sqrt(shapely.area(parts).sum() / number))
    tries = max(int(np.ceil(np.log(nearest / widest) / np.log(_NARROWER))), 0) + 1
    points = np.empty((0, 2))
    for attempt, start in enumerate(uniforms(*stream, "plot grid", 2 * tries).reshape(-1, 2)):
        points = _grid(parts, max(widest * _NARROWER**attempt, nearest), start)
        if len(points) >= number:
            break
    points = points[np.lexsort((points[:, 0], -points[:, 1]))]
    chance = uniforms(*stream, "plot left out", len(points))
    return points[np.sort(np.argsort(chance, kind="stable")[:number])]


def _grid(parts: Shapes, spacing: float, start: Floats) -> Floats:
    """Points of a grid that lie within the parts; only each part's own box is looked at."""
    boxes = shapely.bounds(parts).reshape(-1, 2, 2) / spacing - start
    first, last = np.ceil(boxes[:, 0]).astype(np.int64), np.floor(boxes[:, 1]).astype(np.int64)
    wide, high = np.maximum(last - first + 1, 0).T
    part = np.repeat(np.arange(len(parts)), wide * high)
    place = np.arange(len(part)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    column = first[part, 0] + place % np.maximum(wide[part], 1)
    row = first[part, 1] + place // np.maximum(wide[part], 1)
    points = (np.column_stack([column, row]) + start) * spacing
    within = shapely.contains_xy(parts[part], points[:, 0], points[:, 1])
    return np.asarray(points[within], dtype=np.float64)


def _centres(
    table: pd.DataFrame,
    land: geopandas.GeoDataFrame,
    plot_area_m2: float,
    where: tuple[Frame, EqualAreaPlane, Shapes],
) -> geopandas.GeoDataFrame:
    frame, plane, shapes = where
    points = np.array(table["at"].tolist(), dtype=np.float64).reshape(-1, 2)
    xy = frame.from_plane(points, plane)
    lonlat = plane.inverse(points)
    columns = {
        "plot": table["plot"].astype("string"),
        "stratum": table["stratum"].astype("string"),
        "plot_area_m2": np.full(len(table), plot_area_m2),
        "x": xy[:, 0],
        "y": xy[:, 1],
        "longitude": lonlat[:, 0],
        "latitude": lonlat[:, 1],
    }
    out = pd.DataFrame(columns)
    if "piece" in land:
        own = land["piece"].astype("string")
        out["piece"] = pd.array(_lying(shapely.points(points), shapes, own), dtype="string")
    return geopandas.GeoDataFrame(out, geometry=shapely.points(xy), crs=land.crs)


def _lying(
    points: Shapes, shapes: Shapes, names: pd.Series, only: pd.Series | None = None
) -> NDArray[np.object_]:
    """Name of the polygon each point lies on, the first by name; with `only`, that or none."""
    tree = shapely.STRtree(shapes)
    point, shape = tree.query(points, predicate="dwithin", distance=_ON_LINE_M)
    pairs = pd.DataFrame({"point": point, "name": names.to_numpy(dtype=object)[shape]})
    if only is not None:
        pairs = pairs[pairs["name"] == only.to_numpy(dtype=object)[point]]
    first = pairs.dropna().groupby("point")["name"].min()
    return first.reindex(range(len(points))).to_numpy(dtype=object)


def _prefer(
    recorded: pd.Series, there: NDArray[np.object_], found: NDArray[np.object_]
) -> NDArray[np.object_]:
    """On a line between two strata the recorded one holds."""
    same = pd.notna(there) & recorded.notna().to_numpy(dtype=bool)
    return np.where(same, there, found)


def _report_places(
    plots: geopandas.GeoDataFrame, recorded: pd.Series | None, findings: Findings
) -> None:
    outside = plots["stratum"].isna()
    cases = [("E759", outside, "excluded")]
    if recorded is not None:
        differs = ~outside & recorded.notna() & recorded.ne(plots["stratum"]).fillna(False)
        cases.append(("E760", differs, "kept"))
    for code, where, action in cases:
        findings.add(
            code,
            layer="plots",
            where=where.to_numpy(dtype=bool),
            feature=plots["plot"],
            row=np.arange(1, len(plots) + 1),
            column="stratum",
            observed=recorded,
            action=action,
            other=plots["stratum"],
        )
