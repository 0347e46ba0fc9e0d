"""Joining fragments: which parcels lie together, in how many groups, before and after."""

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.parties import components, party_keys
from ecogis.numerics import group_sum_int64
from ecogis.spatial import frame_of, plane_of

__all__ = ["adjacent", "contiguity_groups", "group_figures", "groups_before_after"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]


def adjacent(
    parcels: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    edge_m: float = 5.0,
    gap_m: float = 1.0,
) -> pd.DataFrame:
    """Pairs of parcels that lie side by side: the contiguity graph.

    Two parcels are side by side when at least `edge_m` of the border of either lies within `gap_m`
    of the other: they share an edge, or only a path or a slip of the pen parts them. Meeting in a
    corner does not join, which is why `edge_m` must be more than four times `gap_m`. No more than
    half of a border counts, so that the far side of a slip thinner than the gap does not; of two
    such slips that are longer than `edge_m` it still may. A parcel that lies in another is beside
    it.

    Parameters
    ----------
    parcels : GeoDataFrame, one row per parcel
        ``parcel geometry``, in EPSG:4490 or a Gauss-Krüger zone of CGCS2000.
    findings : Findings
        Takes parcels without a usable polygon.
    edge_m : float
        Common border that joins, at least. A policy. [m]
    gap_m : float
        Gap that still counts as common, at most. A policy. [m]

    Returns
    -------
    DataFrame, one row per pair
        ``first`` and ``second`` (rows of `parcels`, first < second) and ``edge_m``, the common
        border, by the parcel that has less of it. [m]

    Raises
    ------
    ConfigError
        E900 `edge_m` is not more than four times `gap_m`, or a length is negative.

    Findings
    --------
    E917
        A parcel has no usable polygon; it lies beside nothing.

    Examples
    --------
    >>> squares = [shapely.box(500_000 + 100 * i, 0, 500_100 + 100 * i, 100) for i in (0, 1, 3)]
    >>> parcels = geopandas.GeoDataFrame({"parcel": ["A", "B", "C"]}, geometry=squares, crs=4547)
    >>> found = adjacent(parcels, Findings())
    >>> found[["first", "second"]].values.tolist(), round(found.loc[0, "edge_m"])
    ([[0, 1]], 102)
    """
    require(parcels, ["parcel", "geometry"], "parcels")
    if gap_m < 0 or edge_m <= 4 * gap_m:
        raise ConfigError("E900", field="edge_m", value=edge_m, expected=f"> {4 * gap_m}")
    shapes = _laid(parcels, findings)
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=gap_m)
    once = first < second
    first, second = first[once], second[once]
    length = _facing(shapes, first, second, max(gap_m, 1e-3))
    joined = length >= edge_m
    order = np.lexsort((second[joined], first[joined]))
    columns = {"first": first[joined], "second": second[joined], "edge_m": length[joined]}
    return pd.DataFrame({name: column[order] for name, column in columns.items()})


def _facing(shapes: Objects, first: Ints, second: Ints, gap_m: float) -> Floats:
    """Border two parcels have in common, for each pair. [m]"""
    used = np.union1d(first, second)
    wider = np.full(len(shapes), None, dtype=object)
    wider[used] = shapely.buffer(shapes[used], gap_m, quad_segs=4)
    border = shapely.boundary(shapes)
    half = shapely.length(border) / 2
    one, other = (
        shapely.length(shapely.intersection(border[mine], wider[theirs]))
        for mine, theirs in ((first, second), (second, first))
    )
    inside = shapely.covers(shapes[first], shapes[second])
    inside |= shapely.covered_by(shapes[first], shapes[second])
    facing = np.minimum(np.minimum(one, half[first]), np.minimum(other, half[second]))
    return np.asarray(np.where(inside, np.maximum(one, other), facing), dtype=np.float64)


def _laid(parcels: geopandas.GeoDataFrame, findings: Findings) -> Objects:
    """Polygons in the equal-area plane; an empty one for a parcel without a usable shape."""
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    usable = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    usable[usable] = shapely.is_valid(shapes[usable])
    rows = np.arange(1, len(shapes) + 1)
    findings.add(
        "E917",
        layer="parcels",
        where=~usable,
        feature=parcels["parcel"],
        row=rows,
        column="geometry",
    )
    kept = np.where(usable, shapes, shapely.Polygon())
    if not usable.any():
        return np.asarray(kept, dtype=object)
    frame = frame_of(parcels.crs, layer="parcels")
    plane = plane_of(kept[usable], frame=frame)
    laid = shapely.transform(kept, lambda xy: frame.to_plane(xy, plane), include_z=False)
    return np.asarray(laid, dtype=object)


def contiguity_groups(pairs: pd.DataFrame, holders: pd.Series) -> Ints:
    """Group of each parcel: parcels that lie together and have one holder.

    Parameters
    ----------
    pairs : DataFrame
        As `adjacent` gives it.
    holders : Series, one per parcel
        Who holds it; a parcel whose holder is not known is a group of its own.

    Returns
    -------
    array (parcel), int64
        Row of the group's first parcel.

    Examples
    --------
    >>> pairs = pd.DataFrame({"first": [0, 1], "second": [1, 2]})
    >>> contiguity_groups(pairs, pd.Series(["H1", "H1", "H2"])).tolist()
    [0, 0, 2]
    """
    key = party_keys(holders)
    first, second = pairs["first"].to_numpy(), pairs["second"].to_numpy()
    code, _ = pd.factorize(key)
    alike = (code[first] == code[second]) & (code[first] >= 0)
    label = components(first[alike], second[alike], len(key))
    _, leader = np.unique(label, return_index=True)
    return np.asarray(leader[label], dtype=np.int64)


def group_figures(
    parcels: geopandas.GeoDataFrame, groups: Ints, findings: Findings
) -> pd.DataFrame:
    """Parcels, area and compactness of each group.

    Parameters
    ----------
    parcels : GeoDataFrame, one row per parcel
        ``parcel holder area_dm2 geometry``.
    groups : array (parcel), int64
        As `contiguity_groups` gives it.
    findings : Findings
        Takes parcels without a usable polygon.

    Returns
    -------
    DataFrame, one row per group, the largest first
        ``group`` (its first parcel), ``holder``, ``parcels``, ``area_dm2`` [dm2] and
        ``compactness``, 4 pi area over squared perimeter of the joined shape [1]; 1 is a disc.

    Findings
    --------
    E917
        As for `adjacent`.

    Examples
    --------
    >>> square = geopandas.GeoDataFrame(
    ...     {"parcel": ["A"], "holder": ["H1"], "area_dm2": [1_000_000]},
    ...     geometry=[shapely.box(500_000, 0, 500_100, 100)],
    ...     crs=4547,
    ... )
    >>> found = group_figures(square, np.array([0]), Findings())
    >>> float(round(found.loc[0, "compactness"], 3))  # a square: pi / 4
    0.785
    """
    require(parcels, ["parcel", "holder", "area_dm2", "geometry"], "parcels")
    shapes = _laid(parcels, findings)
    leader, label = np.unique(groups, return_inverse=True)
    area = group_sum_int64(parcels["area_dm2"].to_numpy(dtype=np.int64), label, len(leader))
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(len(leader)))
    joined = [shapely.union_all(part) for part in np.split(shapes[order], bounds[1:])]
    perimeter = shapely.length(np.array(joined, dtype=object))
    inside = shapely.area(np.array(joined, dtype=object))
    round_as = np.full(len(leader), np.nan)
    np.divide(4 * np.pi * inside, perimeter**2, out=round_as, where=perimeter > 0)
    table = pd.DataFrame(
        {
            "group": parcels["parcel"].to_numpy()[leader],
            "holder": parcels["holder"].to_numpy()[leader],
            "parcels": np.bincount(label, minlength=len(leader)),
            "area_dm2": area,
            "compactness": round_as,
        }
    )
    ordered = table.sort_values(["area_dm2", "group"], ascending=[False, True], kind="stable")
    return ordered.reset_index(drop=True)


def groups_before_after(
    parcels: geopandas.GeoDataFrame,
    collected: pd.Series,
    collector: str,
    pairs: pd.DataFrame,
    findings: Findings,
) -> pd.DataFrame:
    """What collection joins: groups, holders and areas before it and after.

    Parameters
    ----------
    parcels : GeoDataFrame, one row per parcel
        ``parcel holder area_dm2 geometry``.
    collected : Series of bool
        Parcels the collector takes over.
    collector : str
        Who takes them.
    pairs : DataFrame
        As `adjacent` gives it.
    findings : Findings
        Takes parcels without a usable polygon.

    Returns
    -------
    DataFrame, two rows: before and after
        ``at``, ``groups``, ``holders``, ``parcels_per_group``, ``largest_dm2``, ``mean_dm2`` [dm2]
        and ``compactness``, the mean by area [1].

    Findings
    --------
    E917
        As for `adjacent`.

    Examples
    --------
    >>> squares = [shapely.box(500_000 + 100 * i, 0, 500_100 + 100 * i, 100) for i in (0, 1)]
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"parcel": ["A", "B"], "holder": ["H1", "H2"], "area_dm2": [1_000_000] * 2},
    ...     geometry=squares,
    ...     crs=4547,
    ... )
    >>> pairs = adjacent(parcels, Findings())
    >>> found = groups_before_after(parcels, pd.Series([True, True]), "P", pairs, Findings())
    >>> found[["at", "groups", "holders", "largest_dm2"]].values.tolist()
    [['before', 2, 2, 1000000], ['after', 1, 1, 2000000]]
    """
    taken = collected.to_numpy(dtype=bool)
    later = parcels["holder"].astype("string").mask(taken, collector)
    rows = []
    for at, holders, notes in (
        ("before", parcels["holder"], findings),
        ("after", later, Findings()),
    ):
        held = parcels.assign(holder=holders)
        found = group_figures(held, contiguity_groups(pairs, held["holder"]), notes)
        area = found["area_dm2"].to_numpy()
        rows.append(
            {
                "at": at,
                "groups": len(found),
                "holders": int(party_keys(held["holder"]).nunique()),
                "parcels_per_group": len(parcels) / max(len(found), 1),
                "largest_dm2": int(area.max(initial=0)),
                "mean_dm2": float(area.mean()) if len(area) else 0.0,
                "compactness": _by_area(found["compactness"].to_numpy(), area),
            }
        )
    return pd.DataFrame(rows)


def _by_area(values: npt.NDArray[np.float64], area: Ints) -> float:
    known = np.isfinite(values) & (area > 0)
    if not known.any():
        return float("nan")
    return float(np.average(values[known], weights=area[known]))
