"""The land each pair of features shares, as it is drawn: nothing is balanced, nothing cut out."""

import geopandas
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.overlay.clip import shared
from ecogis.overlay.layer import ground, ready
from ecogis.overlay.pieces import HA_PER_DM2, text, with_shapes
from ecogis.spatial.area import quantised_dm2

__all__ = ["common"]


def common(
    left: geopandas.GeoDataFrame,
    right: geopandas.GeoDataFrame,
    findings: Findings | None = None,
    *,
    keys: tuple[str, str] = ("stand", "parcel"),
    geometry: bool = False,
    threads: int | None = None,
) -> pd.DataFrame:
    """Area of record of the land two features share, for every pair that shares any.

    Where features of one layer overlap, their land is counted for each of them; `pieces` is what
    settles that and makes areas add up.

    Parameters
    ----------
    left, right : GeoDataFrame
        As in `pieces`, with unique identifiers in the columns `keys`.
    findings : Findings, optional
        Receives E344 for polygons that are not valid; they share nothing.
    keys : tuple of str
        Identifier of each layer; the layers are named after them in messages.
    geometry : bool
        Whether the land itself is drawn, in the coordinates of the layers.
    threads : int, optional
        Threads to use, by default as many as there are processors; they change nothing.

    Returns
    -------
    DataFrame or GeoDataFrame, one row per pair, sorted
        The two keys, ``area_dm2`` (int64) and ``area_ha``, and ``geometry`` where asked for.

    Raises
    ------
    InputError
        As in `pieces`.

    Examples
    --------
    >>> from shapely import box
    >>> stand = geopandas.GeoDataFrame(
    ...     {"stand": ["S1"]}, geometry=[box(113, 24, 113.002, 24.001)], crs=4490
    ... )
    >>> parcel = geopandas.GeoDataFrame(
    ...     {"parcel": ["Z1"]}, geometry=[box(113, 24, 113.001, 24.001)], crs=4490
    ... )
    >>> common(stand, parcel)[["stand", "parcel", "area_dm2"]].values.tolist()
    [['S1', 'Z1', 1126980]]
    """
    seen = Findings() if findings is None else findings
    one, other = keys
    if one == other:
        raise ConfigError("E002", value=f"keys={keys}", expected="two different columns")
    base = ground((left, f"{one}s"), (right, f"{other}s"))
    own = ready(left, one, base, seen, drawn=geometry)
    lots = ready(right, other, base, seen, drawn=geometry)
    found = shared(
        own.outlines,
        lots.outlines,
        from_plane=base.from_plane if geometry else None,
        threads=threads,
    )
    area = quantised_dm2(found.area_m2)
    table = pd.DataFrame(
        {
            one: text(own.ids[found.left]),
            other: text(lots.ids[found.right]),
            "area_dm2": area,
            "area_ha": area * HA_PER_DM2,
        }
    )
    if found.shape is None:
        return table
    drawn: pd.DataFrame = with_shapes(table, found.shape, base)
    return drawn
