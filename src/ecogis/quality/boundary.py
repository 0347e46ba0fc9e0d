"""Features that lie outside the area the survey is of."""

from typing import Final

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from ecogis.core.findings import Findings
from ecogis.quality.sheet import Sheet, laid_out
from ecogis.spatial.bounded import POLICY, Bounds, mended
from ecogis.spatial.remembering import remembered
from ecogis.spatial.rings import polygon_parts

__all__ = ["beyond", "outside", "sound_land"]

_CODES: Final = {"stands": "E348", "stands_opening": "E348"}

Objects = npt.NDArray[np.object_]


def outside(
    layer: geopandas.GeoDataFrame,
    boundary: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    key: str = "stand",
    role: str = "stands",
    most: float = 0.5,
) -> None:
    """Find features with more than a share of their area outside the boundary.

    Parameters
    ----------
    layer : GeoDataFrame
        Identifier in `key`, EPSG:4490.
    boundary : GeoDataFrame
        The area surveyed: one or more polygons, EPSG:4490. Where one is not valid and cannot be
        mended, nothing is judged.
    findings : Findings
        Receives E348 for a stand, E610 for another feature; it is excluded from earning and keeps
        its area. E347 for a boundary that cannot be used.
    key, role : str
        Column of the identifier, and role of the layer.
    most : float
        Share of a feature's area that may lie outside. A policy. [1]

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(113, 24, 113.001, 24.001), box(115, 24, 115.001, 24.001)]
    >>> stands = geopandas.GeoDataFrame({"stand": ["S1", "S2"]}, geometry=shapes, crs=4490)
    >>> findings = Findings()
    >>> outside(stands, stands.iloc[:1], findings)
    >>> findings.excluded("stands")
    {'S2'}
    """
    beyond(laid_out(layer, key, role, findings), boundary, most)


def beyond(sheet: Sheet, boundary: geopandas.GeoDataFrame, most: float) -> None:
    """What `outside` does, for a layer that is laid out."""
    land = sound_land(boundary, "boundary", sheet.table.findings)
    if not len(land):
        return
    area = _whole(land)
    size = shapely.area(sheet.shapes)
    crossing = (size > 0) & ~_within(area, sheet.shapes)
    inside = size.copy()
    inside[crossing] = shapely.area(shapely.intersection(sheet.shapes[crossing], area))
    out = 1.0 - np.divide(inside, size, out=np.ones_like(size), where=size > 0)
    sheet.table.tell(
        _CODES.get(sheet.table.layer, "E610"),
        out > most,
        "geometry",
        observed=np.round(out, 3),
        expected=f"<= {most:g}",
        excluded=True,
        p=np.round(out * 100, 1),
    )


def _within(area: shapely.Geometry, shapes: Objects) -> npt.NDArray[np.bool_]:
    """Whether an area covers shapes; of one away from its border any one point tells."""
    lines = shapely.get_parts(shapely.boundary(area))
    count = shapely.get_num_coordinates(lines)
    xy = shapely.get_coordinates(lines)
    inner = np.ones(len(xy), dtype=bool)
    inner[np.cumsum(count) - 1] = False  # no edge begins where a line ends
    first = np.flatnonzero(inner)
    low, high = np.minimum(xy[first], xy[first + 1]), np.maximum(xy[first], xy[first + 1])
    tree = shapely.STRtree(shapely.box(*low.T, *high.T))
    near = np.unique(tree.query(shapes)[0])
    point, owner = shapely.get_coordinates(shapes, return_index=True)
    has = np.unique(owner, return_index=True)
    inside = np.zeros(len(shapes), dtype=bool)
    inside[has[0]] = shapely.intersects_xy(area, point[has[1]])
    inside[near] = shapely.covers(area, shapes[near])
    return inside


@remembered
def _whole(land: Objects) -> shapely.Geometry:
    """The area surveyed as one, prepared to be asked."""
    area = shapely.union_all(land)
    shapely.prepare(area)
    return area


def sound_land(
    layer: geopandas.GeoDataFrame, role: str, findings: Findings, bounds: Bounds = POLICY
) -> Objects:
    """Valid polygons of a layer that is only compared with; empty where one cannot be mended.

    A polygon that cannot be mended is told as E347 and leaves the land unknown.
    """
    parts, source = polygon_parts(layer.geometry.array)
    broken = np.flatnonzero(~shapely.is_valid(parts))
    repaired = mended(parts[broken], bounds)
    lost = repaired.why != ""
    parts[broken] = repaired.shape
    rows = layer["row"].to_numpy() if "row" in layer else np.arange(1, len(layer) + 1)
    findings.add(
        "E347",
        layer=role,
        where=lost,
        feature=layer.iloc[:, 0].astype("string").to_numpy()[source[broken]],
        row=rows[source[broken]],
        column="geometry",
        observed=np.array(shapely.is_valid_reason(parts[broken]), dtype=object),
    )
    return parts[:0] if lost.any() else parts
