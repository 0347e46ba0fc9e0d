"""Repairs by name: each asked for, bounded, and told feature by feature."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

import geopandas
import numpy as np

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.quality.limits import TopologyLimits
from ecogis.quality.moving import gaps_to_neighbour, slivers_to_neighbour
from ecogis.quality.rings import repair_rings
from ecogis.quality.sheet import Changed, Sheet, laid_out
from ecogis.quality.vertices import duplicate_vertices, spikes
from ecogis.spatial.bounded import POLICY, Bounds

__all__ = ["REPAIRS", "repair"]

_RINGS: Final = "rings"
_BY_NAME: Final[Mapping[str, Callable[[Sheet, TopologyLimits, Bounds], Changed]]] = (
    MappingProxyType(
        {
            "duplicate_vertices": duplicate_vertices,
            "spikes": spikes,
            "slivers_to_neighbour": slivers_to_neighbour,
            "gaps_to_neighbour": gaps_to_neighbour,
        }
    )
)
_MOVING: Final = frozenset({"slivers_to_neighbour", "gaps_to_neighbour"})

REPAIRS: Final = (_RINGS, *_BY_NAME)
"""Names of the repairs, in the order they are made."""


def repair(
    layer: geopandas.GeoDataFrame,
    key: str,
    findings: Findings,
    *,
    role: str,
    repairs: Collection[str] = (_RINGS,),
    limits: TopologyLimits | None = None,
    max_change: float = 0.001,
    bounds: Bounds = POLICY,
) -> geopandas.GeoDataFrame:
    """Make the repairs asked for, in the order of `REPAIRS`; rows and identifiers stay.

    ``rings``
        `repair_rings`.
    ``duplicate_vertices``
        Vertices that stand twice in a row are written once. The polygon stays the same.
    ``spikes``
        Corners that `topology` calls spikes are cut off at their base.
    ``slivers_to_neighbour``, ``gaps_to_neighbour``
        A sliver, or a gap of the coverage, goes to the feature it shares the longest border with.

    The last two move land from one feature to another, so they are not made in a layer of parcels,
    whose boundaries are the land register's. There is no repair that snaps vertices to one
    another or to a grid: it moves every boundary a little and none for a reason.

    Parameters
    ----------
    layer : GeoDataFrame
        EPSG:4490.
    key : str
        Column of the identifier.
    findings : Findings
        Receives what was changed and what was not.
    role : str
        Role of the layer, such as ``"stands"``.
    repairs : collection of str
        Names out of `REPAIRS`.
    limits : TopologyLimits, optional
        What is a spike, a sliver or a gap, and by how much a feature may change (`moved_share`).
    max_change : float
        Change of area by ``rings``. A policy. [1]
    bounds : Bounds
        Time and memory of the child process.

    Returns
    -------
    GeoDataFrame
        A copy with the repaired polygons.

    Raises
    ------
    ConfigError
        E617 a repair is not known, or not for this layer.
    InputError
        E345 the layer is not in EPSG:4490.

    Findings
    --------
    E340, E341, E342
        Rings.
    E343, E347
        No polygon, or one that is not valid; it takes no part in the other repairs.
    E604
        Gaps could not be looked for.
    E611, E612
        Vertices written once; spikes cut off.
    E613, E614, E615
        A sliver given, slivers taken, gaps taken.
    E616
        A repair that was not made, and why.

    Examples
    --------
    >>> from shapely import Polygon
    >>> ring = [(113, 24), (113.001, 24), (113.001, 24), (113.001, 24.001)]
    >>> layer = geopandas.GeoDataFrame({"stand": ["S1"]}, geometry=[Polygon(ring)], crs=4490)
    >>> findings = Findings()
    >>> asked = ("rings", "duplicate_vertices")
    >>> out = repair(layer, "stand", findings, role="stands", repairs=asked)
    >>> len(out.geometry[0].exterior.coords), findings.table()["action"].tolist()
    (4, ['repaired'])
    """
    _require_known(repairs, role)
    out = layer.copy()
    if _RINGS in repairs:
        out = repair_rings(out, role, findings, key=key, max_change=max_change, bounds=bounds)
    policy = limits or TopologyLimits()
    for name, function in _BY_NAME.items():
        if name in repairs:
            sheet = laid_out(out, key, role, findings)
            out = _with(out, function(sheet, policy, bounds))
    return out


def _require_known(repairs: Collection[str], role: str) -> None:
    may = [name for name in REPAIRS if role != "parcels" or name not in _MOVING]
    wrong = [name for name in repairs if name not in may]
    if isinstance(repairs, str) or wrong:
        given = repairs if isinstance(repairs, str) else ", ".join(map(str, wrong))
        raise ConfigError("E617", layer=role, value=given, expected=", ".join(may))


def _with(layer: geopandas.GeoDataFrame, changed: Changed) -> geopandas.GeoDataFrame:
    shapes = np.array(layer.geometry.array, dtype=object)
    shapes[changed.feature] = changed.shape
    return layer.set_geometry(geopandas.GeoSeries(shapes, index=layer.index, crs=layer.crs))
