"""What the shapes of a layer say about one another: copies, gaps, slivers, parts, spikes."""

import geopandas

from ecogis.core.findings import Findings
from ecogis.quality.boundary import beyond
from ecogis.quality.duplicates import copies
from ecogis.quality.gaps import gaps
from ecogis.quality.limits import TopologyLimits
from ecogis.quality.parts import repeated, scattered
from ecogis.quality.sheet import laid_out
from ecogis.quality.slivers import slivers
from ecogis.quality.spikes import spikes
from ecogis.spatial.bounded import POLICY, Bounds
from ecogis.spatial.linework import edges_in

__all__ = ["topology"]


def topology(
    layer: geopandas.GeoDataFrame,
    key: str,
    findings: Findings,
    *,
    role: str,
    boundary: geopandas.GeoDataFrame | None = None,
    limits: TopologyLimits | None = None,
    bounds: Bounds = POLICY,
) -> None:
    """Look at a layer as a map: what is drawn twice, left out, too thin or out of place.

    Nothing is changed. Overlaps inside the layer are the overlay's findings (E350, E355), for it
    cuts them out. Features without a valid polygon take no part, and land near them is not called
    a gap.

    Parameters
    ----------
    layer : GeoDataFrame
        EPSG:4490, best after `repair_rings`. The columns ``area_record_ha`` and
        ``standing_volume_m3`` are looked at where they are there.
    key : str
        Column of the identifier, such as ``"stand"``.
    findings : Findings
        Receives what is wrong, each with the area at stake.
    role : str
        Role of the layer in the findings, such as ``"stands"`` or ``"parcels"``.
    boundary : GeoDataFrame, optional
        The area surveyed, EPSG:4490.
    limits : TopologyLimits, optional
        What is still plausible.
    bounds : Bounds
        Time and memory for the search for gaps, which is done in a child process.

    Raises
    ------
    InputError
        E345 the layer is not in EPSG:4490.
    VocabularyError
        The identifier's column or the geometry is missing.

    Findings
    --------
    E343, E347
        No polygon, or one that is not valid; excluded, where not told before.
    E348, E610
        A stand, or another feature, outside the boundary; excluded.
    E600
        The polygon of an earlier feature once more; the copy's area.
    E601, E602, E603, E604
        A gap in the coverage, a narrow one, the sum of the very small, gaps not looked for.
    E605
        A sliver.
    E606, E607
        A feature of several parts; parts far apart. The area of all but the largest part.
    E608
        Rows that each state the area or volume of the whole whose parts they are.
    E609
        Spikes.

    Examples
    --------
    Two squares of a hectare with a strip of half a metre between their lower halves, closed above:

    >>> from shapely import Polygon, box
    >>> from ecogis.spatial.plane import equal_area_plane
    >>> plane = equal_area_plane(24.0, 113.0)
    >>> left = Polygon([(0, 0), (100, 0), (99.5, 10), (99.5, 50), (100, 60), (100, 100), (0, 100)])
    >>> shapes = plane.unproject([left, box(100, 0, 200, 100)])
    >>> layer = geopandas.GeoDataFrame({"stand": ["S1", "S2"]}, geometry=shapes, crs=4490)
    >>> findings = Findings()
    >>> topology(layer, "stand", findings, role="stands")
    >>> findings.table()[["code", "feature"]].values.tolist()
    [['E602', 'S1']]
    """
    policy = limits or TopologyLimits()
    sheet = laid_out(layer, key, role, findings)
    edges = edges_in(sheet.shapes)
    copies(sheet, edges, policy)
    gaps(sheet, policy, bounds)
    slivers(sheet, policy)
    scattered(sheet, policy)
    repeated(sheet, policy)
    spikes(sheet, policy)
    if boundary is not None:
        beyond(sheet, boundary, policy.outside_share)
