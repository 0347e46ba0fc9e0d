"""Identifiers made unique, so that two features never merge by their name."""

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.spatial.area import ellipsoidal_area_m2

__all__ = ["unique_ids"]


def unique_ids(
    layer: geopandas.GeoDataFrame, key: str, findings: Findings, *, role: str = ""
) -> geopandas.GeoDataFrame:
    """Give repeated identifiers the endings ``#2``, ``#3`` ... and missing ones their row number.

    None of the features concerned earns anything: it cannot be known which one a document means.
    The endings go by the shape of the features, not by the order of rows.

    Parameters
    ----------
    layer : GeoDataFrame
        EPSG:4490.
    key : str
        Column of the identifier: ``"stand"`` or ``"parcel"``.
    findings : Findings
        Receives E200 for a missing and E202 for a repeated identifier, both excluded.
    role : str
        Role of the layer in the findings; by default the key's plural, such as ``"stands"``.

    Returns
    -------
    GeoDataFrame
        A copy with unique text identifiers in `key`, rows in their order.

    Examples
    --------
    >>> from shapely import box
    >>> twice = geopandas.GeoDataFrame(
    ...     {"stand": ["A", "A"]}, geometry=[box(0, 0, 1, 1)] * 2, crs=4490
    ... )
    >>> unique_ids(twice, "stand", Findings())["stand"].tolist()
    ['A', 'A#2']
    """
    name = role or f"{key}s"
    require(layer, [key, "geometry"], name)
    out = layer.copy()
    row = out["row"] if "row" in out else pd.Series(np.arange(1, len(out) + 1), index=out.index)
    given = out[key].astype("string")
    missing = given.isna().to_numpy()
    named = given.fillna("#" + row.astype("string"))
    repeated = named.duplicated(keep=False).to_numpy()
    out[key] = _with_endings(named, out) if repeated.any() else named
    area = ellipsoidal_area_m2(out.geometry.array) / 10_000.0
    for code, where in (("E200", missing), ("E202", repeated)):
        findings.add(
            code,
            layer=name,
            where=where,
            feature=out[key],
            row=row,
            column=key,
            observed=given,
            area_ha=area,
            action="excluded",
        )
    return out


def _with_endings(named: pd.Series, layer: geopandas.GeoDataFrame) -> pd.Series:
    """The identifiers, later ones of a kind with an ending that no other feature has."""
    shape = shapely.to_wkb(shapely.normalize(np.asarray(layer.geometry.array, dtype=object)))
    order = np.lexsort((pd.factorize(shape, sort=True)[0], named.to_numpy(dtype=object)))
    taken = set(named)
    seen: dict[str, int] = {}
    out = named.to_numpy(dtype=object).copy()
    for place in order:
        name = str(out[place])
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1 and f"{name}#{seen[name]}" in taken:
            seen[name] += 1
        if seen[name] > 1:
            out[place] = f"{name}#{seen[name]}"
    return pd.Series(out, index=named.index, dtype="string")
