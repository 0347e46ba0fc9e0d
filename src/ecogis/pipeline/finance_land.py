"""Fragments of the cadastre joined: groups before and after, whom to ask next, a map's layer."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ecogis import io
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.asking import Asked, ask_next
from ecogis.finance.joining import adjacent, contiguity_groups, groups_before_after
from ecogis.pipeline.finance_inputs import finance_table
from ecogis.spatial import area_dm2

__all__ = ["HELD", "AskedNext", "ask_near", "joined_layer", "land_of"]

HELD: Final = "holder"
_UNSOLVED: Final = "E916"


@dataclass(frozen=True, slots=True)
class AskedNext:
    """Whom to ask, and how far the question went.

    Attributes
    ----------
    asked : Asked
        The choice.
    method : str
        ``optimum`` over the holders looked at, or ``greedy`` where the solver did not settle.
    looked_at, holders : int
        Holders that took part, and all there are.
    most_gain_dm2 : int
        No choice among all holders with a way to the block can bring more for the budget: parts of
        holders bought at will, joined or not. [dm2]
    """

    asked: Asked
    method: str
    looked_at: int
    holders: int
    most_gain_dm2: int


def land_of(
    layer: str | Path,
    holders: str | Path,
    *,
    profile: str | Path = "demo-parcels",
    findings: Findings,
) -> geopandas.GeoDataFrame:
    """Parcels of a cadastral layer with holder, area of record and asking price.

    Parameters
    ----------
    layer, holders : str or Path
        Layer of parcels, and a table ``parcel holder`` with ``area_dm2`` and ``price_fen`` where
        they are known; the area is that of the polygon otherwise.
    profile : str or Path
        Profile of the layer.
    findings : Findings
        Takes what is wrong in them.

    Returns
    -------
    GeoDataFrame, one row per parcel that has a holder and a polygon
        ``parcel holder area_dm2 price_fen geometry``; price 0 only where it is stated so.

    Raises
    ------
    InputError
        A file cannot be read.

    Findings
    --------
    E954
        A parcel without one holder, a polygon, or an area; it takes no part.
    """
    parcels = io.read_layer(layer, profile=profile, role="parcels", findings=findings)
    told = finance_table(holders, "holders", findings)
    for name in ("area_dm2", "price_fen"):
        if name not in told:
            told[name] = pd.Series(pd.NA, index=told.index, dtype="Int64")
    once = told.drop_duplicates("parcel", keep=False)
    found = parcels[["parcel", "geometry"]].merge(once, on="parcel", how="left")
    usable = ~(found.geometry.isna() | found.geometry.is_empty).to_numpy() & found[
        HELD
    ].notna().to_numpy(dtype=bool)
    findings.add(
        "E954", layer="parcels", where=~usable, feature=found["parcel"],
        row=np.arange(1, len(found) + 1), action="excluded",
    )  # fmt: skip
    kept = found[usable].reset_index(drop=True)
    measured = pd.Series(area_dm2(np.asarray(kept.geometry.array)), dtype="Int64")
    kept["area_dm2"] = kept["area_dm2"].fillna(measured)
    return geopandas.GeoDataFrame(kept, geometry="geometry", crs=parcels.crs)


def joined_layer(
    land: geopandas.GeoDataFrame,
    collected: Collection[str],
    collector: str,
    *,
    findings: Findings,
) -> tuple[pd.DataFrame, geopandas.GeoDataFrame]:
    """Groups before and after a collection, and the parcels with their groups for a map.

    Parameters
    ----------
    land : GeoDataFrame
        As `land_of` gives it.
    collected : collection of str
        Parcels the collector takes.
    collector : str
        Who takes them.
    findings : Findings
        Takes parcels without a usable polygon.

    Returns
    -------
    before_after : DataFrame, two rows
        As `groups_before_after` gives it.
    layer : GeoDataFrame
        ``parcel``, ``collected``, ``group_before``, ``group_after``, ``area_dm2``; holders are not
        carried, so that the map may be shown.

    Raises
    ------
    ConfigError
        E955 a parcel to be collected is not in the land.
    """
    strange = sorted(set(collected) - set(land["parcel"]))
    if strange:
        raise ConfigError("E955", value=", ".join(strange[:5]))
    pairs = adjacent(land, findings)
    taken = land["parcel"].isin(list(collected))
    table = groups_before_after(land, taken, collector, pairs, Findings())
    after = land[HELD].mask(taken, collector)
    layer = land[["parcel", "area_dm2", "geometry"]].assign(
        collected=taken,
        group_before=contiguity_groups(pairs, land[HELD]),
        group_after=contiguity_groups(pairs, after),
    )
    return table, layer


def ask_near(
    land: geopandas.GeoDataFrame,
    budget_fen: int,
    collector: str,
    *,
    findings: Findings,
    most: int = 60,
) -> AskedNext:
    """Whom to ask next among the holders nearest to what the collector has.

    Parameters
    ----------
    land : GeoDataFrame
        As `land_of` gives it; every parcel must have a price.
    budget_fen : int
        What may be spent. [fen]
    collector : str
        Who asks; it must hold a parcel, for near is counted from it.
    findings : Findings
        Takes parcels without a usable polygon.
    most : int
        Holders looked at, by steps from parcel to parcel. A policy.

    Returns
    -------
    AskedNext
        The optimum over those holders, or a greedy choice that is named as such; and what no choice
        at all could exceed.

    Raises
    ------
    ConfigError
        E900 a price is missing; E955 the collector holds no parcel.
    """
    own = (land[HELD] == collector).to_numpy(dtype=bool)
    if not own.any():
        raise ConfigError("E955", value=collector)
    pairs = adjacent(land, findings)
    ends = pairs[["first", "second"]].to_numpy(dtype=np.int64)
    steps = _steps(ends, own)
    near = land.assign(_steps=steps)[np.isfinite(steps)]
    ranked = near[~own[np.isfinite(steps)]].groupby(HELD)["_steps"].min().sort_values(kind="stable")
    chosen = ranked.index[:most].tolist()
    kept = np.flatnonzero(own | land[HELD].isin(chosen).to_numpy(dtype=bool))
    place = np.full(len(land), -1)
    place[kept] = np.arange(len(kept))
    inside = pairs[(place[ends] >= 0).all(axis=1)]
    inner = pd.DataFrame({name: place[inside[name]] for name in ("first", "second")})
    table = pd.DataFrame(land.iloc[kept].drop(columns="geometry")).reset_index(drop=True)
    table["price_fen"] = table["price_fen"].mask(table[HELD] == collector, 0)
    holders = int(land[HELD].nunique()) - 1
    method = "optimum"
    try:
        asked = ask_next(table, inner, budget_fen, collector=collector)
    except ConfigError as fault:
        if fault.code != _UNSOLVED:
            raise
        method, asked = "greedy", _greedy(table, inner, budget_fen, collector)
    most = asked.gain_dm2
    if method == "greedy" or len(chosen) < len(ranked):
        most = _most_gain(near[~own[np.isfinite(steps)]], budget_fen)
    return AskedNext(asked, method, len(chosen), holders, most)


def _most_gain(offered: pd.DataFrame, budget_fen: int) -> int:
    """The largest area for a budget where holders may be divided, the cheapest area first. [dm2]

    A parcel without a price stands for nothing paid, so that the figure is never too small.
    """
    sums = offered.assign(price=offered["price_fen"].fillna(0)).groupby(HELD)[["area_dm2", "price"]]
    table = sums.sum()
    order = (table["price"] / table["area_dm2"]).sort_values(kind="stable").index
    left, found = budget_fen, 0
    for area, price in table.loc[order].itertuples(index=False):
        if price > left:
            return found + -(-int(area) * left // int(price))
        found, left = found + int(area), left - int(price)
    return found


def _steps(ends: npt.NDArray[np.int64], own: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Steps from parcel to parcel to the nearest one held; infinite where there is no way."""
    both = np.concatenate([ends, ends[:, ::-1]])
    graph = coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(len(own), len(own)))
    found = dijkstra(graph.tocsr(), indices=np.flatnonzero(own), min_only=True, unweighted=True)
    return np.asarray(found, dtype=np.float64)


def _greedy(table: pd.DataFrame, pairs: pd.DataFrame, budget_fen: int, collector: str) -> Asked:
    """One holder after another: each time the most area joined for a fen, while money lasts."""
    cost = table.groupby(HELD)["price_fen"].sum()
    mine, left, asked = {collector}, budget_fen, []
    block = _block(table, pairs, mine, collector)
    while True:
        options = []
        for holder in sorted(set(table[HELD]) - mine):
            price = int(cost[holder])
            if price <= left:
                gain = int(
                    table["area_dm2"][_block(table, pairs, mine | {holder}, collector)].sum()
                )
                gain -= int(table["area_dm2"][block].sum())
                options.append((gain / max(price, 1), gain, holder))
        best = max(options, default=(0.0, 0, ""))
        if best[1] <= 0:
            break
        mine.add(best[2])
        asked.append(best[2])
        left -= int(cost[best[2]])
        block = _block(table, pairs, mine, collector)
    joined = block & (table[HELD] != collector).to_numpy(dtype=bool)
    area = table["area_dm2"].to_numpy(dtype=np.int64)
    return Asked(
        tuple(sorted(asked)), tuple(table["parcel"][joined].astype(str)),
        int(area[block].sum()), int(area[joined].sum()), budget_fen - left,
    )  # fmt: skip


def _block(
    table: pd.DataFrame, pairs: pd.DataFrame, mine: set[str], collector: str
) -> npt.NDArray[np.bool_]:
    """Parcels of some holders that are joined to the collector's."""
    held = table[HELD].isin(list(mine)).to_numpy(dtype=bool)
    ends = pairs[["first", "second"]].to_numpy(dtype=np.int64)
    steps = _steps(ends[held[ends].all(axis=1)], (table[HELD] == collector).to_numpy(dtype=bool))
    return held & np.isfinite(steps)
