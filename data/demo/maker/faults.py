"""Faults planted on purpose, a few rows of each kind, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from maker.draws import stream

TRUE_AREA = 15.0  # mu in a hectare
# a claim in force that names no known land would leave the title to the whole township open
LAPSED = pd.Timestamp("2016-03-01"), pd.Timestamp("2020-02-29")


@dataclass
class Tables:
    """Everything the demo writes that can be faulty; changed in place."""

    stands: geopandas.GeoDataFrame
    parcels: geopandas.GeoDataFrame
    rights: pd.DataFrame
    encumbrances: pd.DataFrame
    documents: pd.DataFrame
    land_history: pd.DataFrame
    listed: list[dict[str, str]] = field(default_factory=list)

    def note(self, fault: str, layer: str, ids: object, expected: str) -> None:
        """List a fault by the identifiers under which it will be found."""
        for name in np.atleast_1d(np.asarray(ids, dtype=object)):
            self.listed.append(
                {"fault": fault, "layer": layer, "id": str(name), "expected": expected}
            )


def plant(tables: Tables, seed: int) -> pd.DataFrame:
    """Plant every fault; the list of them."""
    rng = stream(seed, "faults")
    _stand_faults(tables, rng)
    _stand_shapes(tables, rng)
    _parcel_faults(tables, rng)
    _right_faults(tables, rng)
    _loose_ends(tables)
    return pd.DataFrame(tables.listed)


class _Picker:
    """Hands out rows that no other fault has."""

    def __init__(self, rows: np.ndarray, rng: np.random.Generator) -> None:
        self.rows = list(rng.permutation(rows))

    def __call__(self, count: int) -> list[int]:
        taken, self.rows = self.rows[:count], self.rows[count:]
        return [int(row) for row in taken]


def _stand_faults(tables: Tables, rng: np.random.Generator) -> None:
    stands = tables.stands
    name = stands["XBID"]
    small = stands["MIAN_JI"].lt(stands["MIAN_JI"].median())
    calm = stands["DI_LEI"].isin(["111", "112"]) & small & stands["BHYY"].isna()
    pick = _Picker(np.flatnonzero(calm & stands["PINGJUN_NL"].gt(14)), rng)
    _spoil(tables, "volume negative", pick(2), {"HUO_LMGQXJ": -35.0, "ZXJ": -35.0}, "E220")
    _spoil(tables, "volume missing", pick(3), {"HUO_LMGQXJ": np.nan, "ZXJ": np.nan}, "E220")
    _spoil(tables, "volume absurd", pick(2), {"HUO_LMGQXJ": 2860.0}, "E221")
    _spoil(tables, "species code unknown", pick(2), {"YOU_SHI_SZ": "999"}, "E147")
    _spoil(tables, "age absurd", pick(2), {"PINGJUN_NL": 410}, "E204")
    _spoil(tables, "canopy cover in percent", pick(2), {"YU_BI_DU": 70.0}, "E205")
    _spoil(tables, "land class code unknown", pick(1), {"DI_LEI": "199"}, "E147")
    rows = pick(3)
    slip = {"MIAN_JI": np.round(stands.loc[rows, "MIAN_JI"] * TRUE_AREA, 3)}
    _spoil(tables, "area of record in mu", rows, slip, "E210")
    rows = pick(1)
    slip = {"MIAN_JI": np.round(stands.loc[rows, "MIAN_JI"] * 1e4, 1)}
    _spoil(tables, "area of record in m2", rows, slip, "E210")
    first, second = pick(2), pick(2)
    stands.loc[second, "XBID"] = name.loc[first].to_numpy()
    tables.note("stand id twice", "stands", name.loc[first], "E143")
    rows = pick(2)
    damaged = [f"{n[0]}.{n[1:12]}E+18" for n in name.loc[rows]]
    stands.loc[rows, "XBID"] = damaged
    tables.note("stand id damaged by a spreadsheet", "stands", damaged, "E137")


def _spoil(tables: Tables, fault: str, rows: list[int], values: dict, expected: str) -> None:
    for column, value in values.items():
        tables.stands.loc[rows, column] = value
    tables.note(fault, "stands", tables.stands.loc[rows, "XBID"], expected)


def _stand_shapes(tables: Tables, rng: np.random.Generator) -> None:
    stands = tables.stands
    calm = stands["DI_LEI"].isin(["111", "130"]) & stands["BHYY"].isna()
    calm &= ~stands["XBID"].isin([row["id"] for row in tables.listed])
    pick = _Picker(np.flatnonzero(calm & stands["PINGJUN_NL"].gt(14)), rng)
    rows = pick(1)
    stands.loc[rows, "geometry"] = [_knotted(g) for g in stands.loc[rows, "geometry"]]
    tables.note("ring crosses itself a little", "stands", stands.loc[rows, "XBID"], "E340")
    rows = pick(1)
    stands.loc[rows, "geometry"] = [_crossed(g, 5) for g in stands.loc[rows, "geometry"]]
    tables.note("ring crosses itself", "stands", stands.loc[rows, "XBID"], "E342")
    rows = pick(2)
    for row in rows:
        stands.loc[row, "geometry"] = _swollen(stands.loc[row, "geometry"], 18.0)
    tables.note("stand over its neighbours", "stands", stands.loc[rows, "XBID"], "E350")
    far = stands.loc[pick(1)].copy()
    box = stands.total_bounds
    far["geometry"] = far["geometry"].translate(0.55 * (box[2] - box[0]) + 9000.0, 0.0)
    far["geometry"] = shapely.transform(far["geometry"].to_numpy(), lambda xy: np.round(xy, 3))
    far["XIAO_BAN"] = "9001"
    far["XBID"] = far["CUN"] + far["LIN_BAN"] + "9001"
    tables.stands = pd.concat([stands, far], ignore_index=True)
    tables.note("stand outside the township", "stands", far["XBID"], "no piece")


def _crossed(shape: Polygon, apart: int) -> Polygon:
    """The outer ring with two vertices exchanged, so many places apart, where it changes least."""
    ring = shapely.get_coordinates(shape.exterior)[:-1]
    found = []
    for first in range(len(ring)):
        xy = ring.copy()
        other = (first + apart) % len(ring)
        xy[[first, other]] = xy[[other, first]]
        tried = shapely.polygons(np.concatenate([xy, xy[:1]]))
        if not tried.is_valid:
            change = abs(shapely.make_valid(tried).area - shape.area)
            found.append((change, first, tried))
    return min(found, key=lambda one: one[:2])[2]


def _knotted(shape: Polygon) -> Polygon:
    """The outer ring with a small knot in its longest side; the area hardly changes."""
    ring = shapely.get_coordinates(shape.exterior)
    way = np.diff(ring, axis=0)
    at = int(np.hypot(*way.T).argmax())
    lift = 0.15 * np.asarray([-way[at, 1], way[at, 0]]) / np.hypot(*way[at])
    knot = np.stack([ring[at] + share * way[at] + lift for share in (0.53, 0.47)])
    return shapely.polygons(np.round(np.insert(ring, at + 1, knot, axis=0), 3))


def _swollen(shape: Polygon, metres: float) -> Polygon:
    """The shape grown over its neighbours, with few vertices."""
    grown = shapely.simplify(shapely.buffer(shape, metres, quad_segs=2), 1.0)
    return shapely.transform(grown, lambda xy: np.round(xy, 3))


def _parcel_faults(tables: Tables, rng: np.random.Generator) -> None:
    parcels = tables.parcels
    papered = parcels["ZDDM"].isin(tables.documents["subject"])
    pick = _Picker(np.flatnonzero(~papered), rng)
    rows = pick(3)
    for row in rows:
        parcels.loc[row, "geometry"] = _swollen(parcels.loc[row, "geometry"], 12.0)
    tables.note("parcel over its neighbours", "parcels", parcels.loc[rows, "ZDDM"], "E355")
    rows = pick(1)
    parcels.loc[rows, "geometry"] = [_crossed(g, 5) for g in parcels.loc[rows, "geometry"]]
    tables.note("ring crosses itself", "parcels", parcels.loc[rows, "ZDDM"], "E342")
    rows = pick(2)
    parcels.loc[rows, "ZDMJ"] = np.round(parcels.loc[rows, "ZDMJ"] * 15 / 1e4, 2)
    tables.note("area of record in mu", "parcels", parcels.loc[rows, "ZDDM"], "E210")
    first, second = pick(1), pick(1)
    parcels.loc[second, "ZDDM"] = parcels.loc[first, "ZDDM"].to_numpy()
    tables.note("parcel id twice", "parcels", parcels.loc[first, "ZDDM"], "E143")


def _right_faults(tables: Tables, rng: np.random.Generator) -> None:
    rights = tables.rights
    parcel = rights["unit_code"].str[:19]
    alone = ~parcel.duplicated(keep=False)
    pick = _Picker(np.flatnonzero(alone & ~parcel.isin(tables.documents["subject"])), rng)

    def spoil(fault: str, rows: list[int], codes: list[str], expected: str) -> None:
        rights.loc[rows, "unit_code"] = codes
        tables.note(fault, "rights", rights.loc[rows, "right"], expected)

    rows = pick(2)
    spoil(
        "unit code of 27 characters", rows, [c[:-1] for c in rights.loc[rows, "unit_code"]], "E138"
    )
    rows = pick(1)
    codes = [c[:12] + "00" + c[14:] for c in rights.loc[rows, "unit_code"]]
    spoil("unit code with digits for letters", rows, codes, "E138")
    rows = pick(1)
    codes = [f"{c[0]}.{c[1:12]}E+27" for c in rights.loc[rows, "unit_code"]]
    spoil("unit code damaged by a spreadsheet", rows, codes, "E137")
    rows = pick(3)
    codes = [f"{c[:14]}{99001 + i}{c[19:]}" for i, c in enumerate(rights.loc[rows, "unit_code"])]
    spoil("right without a parcel", rows, codes, "E215")
    rows = pick(1)
    rights.loc[rows, ["start", "end"]] = rights.loc[rows, ["end", "start"]].to_numpy()
    tables.note("right ends before it starts", "rights", rights.loc[rows, "right"], "E218")
    shared = rights.loc[
        rights["co_ownership"].eq("shares") & ~parcel.isin(tables.documents["subject"])
    ]
    row = int(shared.index[0])
    rights.loc[row, "share"] = 0.6
    tables.note("shares above one", "rights", rights.loc[row, "right"], "E219")
    first, second = pick(1), pick(1)
    rights.loc[second, "right"] = rights.loc[first, "right"].to_numpy()
    tables.note("right id twice", "rights", rights.loc[first, "right"], "E143")


def _loose_ends(tables: Tables) -> None:
    """Rows that name what does not exist, one in each table."""
    burden = tables.encumbrances.iloc[[-1]].assign(
        encumbrance="X900001", right="Q9999999", parcel=None, registration_no="演示登记900001"
    )
    burden[["start", "end"]] = LAPSED
    tables.encumbrances = pd.concat([tables.encumbrances, burden], ignore_index=True)
    tables.note("encumbrance without a right", "encumbrances", "X900001", "E224")
    paper = tables.documents.iloc[[0]].assign(document="W900001", subject="441899101201JE99999")
    tables.documents = pd.concat([tables.documents, paper], ignore_index=True)
    tables.note("document without a parcel", "documents", "W900001", "E224")
    row = tables.land_history.iloc[[0]].assign(stand="4418991019990019999")
    tables.land_history = pd.concat([tables.land_history, row], ignore_index=True)
    tables.note("history without a stand", "land_history", "4418991019990019999", "E224")
