"""The tables behind a page, by column: what a search finds and a popup shows."""

from typing import Any, Final

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import code_label, codes
from ecogis.report.onemap.packing import numbers, places_of, texts
from ecogis.report.onemap.source import Land
from ecogis.report.present import verdict

__all__ = ["Groups", "groups", "labels", "parcel_table", "piece_table", "series", "stand_table",
           "title_table", "verdict_table"]  # fmt: skip

Ints = npt.NDArray[np.int64]

_FINE: Final = 100_000  # steps of a degree that boxes are given in, about 1 m
_CODED: Final = ("land_class", "age_group", "origin", "forest_category", "land_tenure",
                 "right_kind", "co_ownership", "encumbrance_kind")  # fmt: skip
_MARKS: Final = {"yes": "y", "no": "n", "unknown": "u"}
_LARGEST: Final = 2**32


class Groups:
    """The townships, or the villages where there is one township, and who belongs to which.

    Attributes
    ----------
    level : {"township", "village"}
        What the groups are.
    listed : list of str
        Codes in order.
    names : list of str
        Their names; the code where there is none.
    stand : array (stand), int64
        Group of each stand, -1 for none.
    """

    def __init__(self, land: Land) -> None:
        stands = land.stands
        self.level = "township" if len(stands["township"].dropna().unique()) > 1 else "village"
        self.listed = sorted(stands[self.level].dropna().astype(str).unique())
        known = land.places[land.places["level"].eq(self.level)]
        name = dict(zip(known["code"], known["name"], strict=True))
        self.names = [str(name.get(code, code)) for code in self.listed]
        self.stand = places_of(stands[self.level], self.listed)


def groups(land: Land) -> Groups:
    """The groups of the table beside the map."""
    return Groups(land)


def labels(lang: str) -> dict[str, list[str]]:
    """Words of every coded column, in the order of its codes."""
    return {name: [code_label(name, code, lang) for code in codes(name)] for name in _CODED}


def stand_table(land: Land, found: Groups, lang: str) -> dict[str, Any]:
    """Stands by column."""
    stands = land.stands
    kept = land.pieces["creditable"].fillna(False).astype(bool)
    counted = land.pieces[kept].groupby("stand")["area_dm2"].sum()
    species = stands["species_en"] if lang == "en" else stands["species"]
    return {
        "id": texts(stands["stand"]),
        "group": found.stand.tolist(),
        "species": texts(species),
        "age": numbers(stands["age_yr"]),
        "planted": numbers(stands["planting_year"]),
        "dm2": numbers(stands["area_dm2"]),
        "counted": numbers(stands["stand"].map(counted).fillna(0)),
        "known": land.known.astype(int).tolist(),
        "box": _boxes(stands),
        **{name: places_of(stands[name], list(codes(name))).tolist()
           for name in ("land_class", "age_group", "origin", "forest_category")},
    }  # fmt: skip


def parcel_table(land: Land, group: Ints) -> dict[str, Any]:
    """Parcels by column."""
    parcels = land.parcels
    return {
        "id": texts(parcels["parcel"]),
        "group": group.tolist(),
        "location": texts(parcels["location"]),
        "land_tenure": places_of(parcels["land_tenure"], list(codes("land_tenure"))).tolist(),
        "dm2": numbers(parcels["area_dm2"]),
        "box": _boxes(parcels),
    }


def piece_table(land: Land, *, public: bool) -> dict[str, Any]:
    """Pieces by column; stand and parcel by their row, -1 for none."""
    pieces = land.pieces
    base = {
        "stand": places_of(pieces["stand"], land.stands["stand"].tolist()).tolist(),
        "dm2": numbers(pieces["area_dm2"]),
        "verdict": _marks(pieces["creditable"]),
        "box": _boxes(pieces),
    }
    if public:
        return base
    listed = land.clauses["clause"].tolist()
    marks = [_marks(pieces[name]) for name in sorted(pieces) if str(name).startswith("clause_")]
    return base | {
        "id": texts(pieces["piece"]),
        "parcel": places_of(pieces["parcel"], land.parcels["parcel"].tolist()).tolist(),
        "pledgeable": _marks(pieces["pledgeable"]),
        "decided": places_of(pieces["decided_by"], listed).tolist(),
        "clauses": ["".join(row) for row in zip(*marks, strict=True)],
        "credit_kg": numbers(pieces["credit_kg"]),
        "pledgeable_kg": numbers(pieces["pledgeable_kg"]),
        "fen": numbers(pieces["pledge_value_fen"]),
    }


def verdict_table(land: Land, lang: str) -> dict[str, Any]:
    """What is open or against on land that nothing rules out, by piece."""
    rows = land.verdicts[land.verdicts["verdict"].ne(True).fillna(True)]
    reason = rows["reason_en"] if lang == "en" else rows["reason"]
    known = sorted(reason.dropna().astype(str).unique())
    return {
        "piece": places_of(rows["piece"], land.pieces["piece"].tolist()).tolist(),
        "clause": places_of(rows["clause"], land.clauses["clause"].tolist()).tolist(),
        "verdict": _marks(rows["verdict"]),
        "reason": places_of(reason, known).tolist(),
        "reasons": known,
    }


def title_table(land: Land) -> dict[str, Any]:
    """Rights and burdens, one row each, with the row of their parcel."""
    rights, held = land.rights, land.encumbrances
    parcels = land.parcels["parcel"].tolist()
    return {
        "rights": {
            "parcel": places_of(rights["parcel"], parcels).tolist(),
            "kind": places_of(rights["right_kind"], list(codes("right_kind"))).tolist(),
            "co": places_of(rights["co_ownership"], list(codes("co_ownership"))).tolist(),
            "share": [None if pd.isna(value) else float(value) for value in rights["share"]],
            **{name: texts(rights[column]) for name, column in (
                ("right", "right"), ("unit", "unit_code"), ("holder", "holder"),
                ("certificate", "certificate_no"), ("start", "start"), ("end", "end"))},
        },
        "burdens": {
            "parcel": places_of(held["parcel"], parcels).tolist(),
            "kind": places_of(held["encumbrance_kind"], list(codes("encumbrance_kind"))).tolist(),
            "force": held["in_force"].astype(int).tolist(),
            **{name: texts(held[column]) for name, column in (
                ("start", "start"), ("end", "end"), ("number", "registration_no"))},
        },
    }  # fmt: skip


def series(land: Land) -> bytes:
    """Stock of every stand on every day, little-endian: uint32 where all fit, else float64. [kg]"""
    fits = not land.stock_kg.size or int(land.stock_kg.max()) < _LARGEST
    return land.stock_kg.astype("<u4" if fits else "<f8").tobytes()


def _marks(column: pd.Series) -> list[str]:
    return [_MARKS[verdict(value)] for value in column]


def _boxes(layer: geopandas.GeoDataFrame) -> list[list[int] | None]:
    """West, south, east, north of each shape; None where there is none. [10^-5 degree]"""
    bounds = layer.geometry.bounds.to_numpy() * _FINE
    there = np.isfinite(bounds).all(axis=1)
    whole = np.rint(np.where(there[:, None], bounds, 0)).astype(np.int64)
    return [row.tolist() if seen else None for row, seen in zip(whole, there, strict=True)]
