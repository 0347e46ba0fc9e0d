"""On which parcel each right lies, and where one that cannot be placed may lie.

The one definition of "lies on" in the house; pieces follow their parcel. What is law, such as which
right may be pledged, is not known here.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.overlay.evidence import (
    Land,
    Reading,
    by_certificate,
    by_code,
    by_likeness,
    code_text,
    known_land,
    plain,
)
from ecogis.overlay.places import by_place, place_text
from ecogis.overlay.unit_codes import cleaned, land_only, whole_unit

__all__ = ["RIGHT_COLUMNS", "right_parcels"]

RIGHT_COLUMNS = (
    "right",
    "unit_code",
    "right_kind",
    "holder",
    "co_ownership",
    "share",
    "certificate_no",
    "start",
    "end",
)
_COLUMN = {"E621": "certificate_no", "E622": "parcel", "E624": "location"}
_SHOWN = 5  # parcels named in a finding

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the evidence comes to.

    ``lies``: ``row at joined_by``. ``may``: ``row at``, of rows that lie nowhere; ``at`` is a place
    in ``read.names``. ``fault`` by row: a code, or ``""``.
    """

    lies: pd.DataFrame
    may: pd.DataFrame
    fault: npt.NDArray[np.object_]
    read: Reading


def right_parcels(
    rights: pd.DataFrame,
    parcels: pd.DataFrame,
    findings: Findings | None = None,
    *,
    misfit_share: float = 0.1,
) -> pd.DataFrame:
    """Lay rights on parcels: by unit code, else by certificate number, else by place.

    The first nineteen characters of a unit code are the parcel's code. Only where the code is
    missing or damaged is the certificate number asked: the parcel layer or another right whose code
    is sound may bear it. Then the certificate's own point, polygon or place name. What leads to
    several parcels, or to contradictory ones, leads to none; a parcel that a sound code names
    outside the layer counts as one. A right whose sound code names such a parcel lies on none of
    the layer's. Blanks around codes do not count. In a layer of national codes ``parcel`` of a
    right counts only where it is in the layer or has the form of such a code.

    Parameters
    ----------
    rights : DataFrame or GeoDataFrame
        ``right unit_code right_kind holder co_ownership share certificate_no start end``;
        ``parcel`` where the record names it apart; ``geometry`` (points or polygons, in the
        parcels' coordinate system) or ``location`` of older certificates. What else it has is
        carried along.
    parcels : DataFrame or GeoDataFrame
        ``parcel``, unique; ``certificate_no``, ``location`` and ``geometry`` where there are such.
    findings : Findings, optional
        Receives each right that could not be placed.
    misfit_share : float
        Share of a parcel's area, and of its own, up to which an older polygon may lie on a parcel
        that is not meant, and share of a parcel meant that it may leave uncovered. How far it
        reaches over land of no parcel is not asked. A policy. [1]

    Returns
    -------
    DataFrame, one row per right and parcel, by right
        A right that lies on no parcel has one row. The columns of `rights` without ``geometry``,
        with ``parcel`` (where it lies; the parcel of a sound code outside the layer; else missing),
        and ``joined_by`` (``"unit_code"``, ``"certificate"``, ``"place"``; missing where it lies on
        no parcel), ``unit`` (the unit in which its share counts), ``land_only`` (boolean, missing
        where the last nine characters do not tell) and ``may_lie_on`` (parcels of the layer on
        which a right that could not be placed may lie, joined by ``;``).

    Raises
    ------
    InputError
        E345 shapes have no coordinate system, E349 or not that of the parcels. E346 a parcel's
        identifier is missing or stands twice.
    VocabularyError
        A column is missing.

    Findings
    --------
    E620
        Nothing leads to a parcel of the layer.
    E621
        Code missing or damaged, and the certificate number stands on several parcels.
    E622
        Parcel, unit code, certificate and place contradict one another.
    E623
        Code damaged; what is left of it fits one or more parcels.
    E624
        The place leads to several parcels or covers one in part.

    Examples
    --------
    The code of the second co-owner was damaged, his certificate is the first one's:

    >>> rights = pd.DataFrame(
    ...     {
    ...         "right": ["R1", "R2"],
    ...         "unit_code": ["441899101207JE00038L00000001", "4.41899E+27"],
    ...         "right_kind": ["management"] * 2,
    ...         "holder": ["持有人0001", "持有人0002"],
    ...         "co_ownership": ["joint"] * 2,
    ...         "share": [None, None],
    ...         "certificate_no": ["证1", "证1"],
    ...         "start": pd.to_datetime(["2010-01-01"] * 2),
    ...         "end": pd.to_datetime(["2059-12-31"] * 2),
    ...     }
    ... )
    >>> parcels = pd.DataFrame({"parcel": ["441899101207JE00038"]})
    >>> right_parcels(rights, parcels)[["right", "parcel", "joined_by"]].values.tolist()
    [['R1', '441899101207JE00038', 'unit_code'], ['R2', '441899101207JE00038', 'certificate']]
    """
    require(rights, RIGHT_COLUMNS, "rights")
    land = known_land(parcels)
    table = _ordered(rights)
    found = _found(table, land, misfit_share)
    if findings is not None:
        _tell(table, found, findings)
    return _laid(table, land, found)


def _ordered(rights: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order that does not depend on the one they came in."""
    if "parcel" not in rights:
        rights = rights.assign(parcel=pd.Series(pd.NA, rights.index, dtype="string"))
    if "row" not in rights:
        rights = rights.assign(row=np.arange(1, len(rights) + 1))
    rights = rights.assign(right=rights["right"].astype("string"))
    keys = ["right"]
    if rights["right"].duplicated().any():
        keys += ["row", *RIGHT_COLUMNS[1:]]
    return rights.sort_values(keys, ignore_index=True, key=_sortable)


def _sortable(column: pd.Series) -> pd.Series:
    """Values of any kinds as text, for numbers and words cannot be told larger or smaller."""
    return column.astype("string") if column.dtype == object else column


def _found(table: pd.DataFrame, land: Land, misfit_share: float) -> _Found:
    count = len(table)
    read = by_code(table, land)
    certified = by_certificate(table, land, read)
    fitting = certified[certified["fits"]]
    inside = fitting[fitting["at"] < len(land.ids)]
    several = _number(fitting, count) > 1
    named = (_number(inside, count) == 1) & ~several
    contradicted = (_number(certified, count) > 0) & (_number(fitting, count) == 0)
    left = np.flatnonzero(read.damaged & ~named & ~contradicted)
    spots = by_place(table, land, left, misfit_share=misfit_share)
    agreed = _agreed(spots, fitting)
    spotted, unsure = _number(agreed, count) > 0, _number(agreed[~agreed["sure"]], count) > 0
    contradicted |= read.clashes | ((_number(spots, count) > 0) & ~spotted)
    coded = pd.DataFrame({"row": np.arange(count), "at": read.place})
    ways = (
        (coded, (read.place >= 0) & ~read.off_map, "unit_code"),
        (inside, named, "certificate"),
        (agreed, spotted & ~unsure, "place"),
    )
    lies = pd.concat([_lying(*way) for way in ways], ignore_index=True)
    lost = (_number(lies, count) == 0) & ~read.off_map
    alike = by_likeness(table, land, np.flatnonzero(lost))
    may = pd.concat([pairs[["row", "at"]] for pairs in (read.clash, certified, spots, alike)])
    may = may[lost[may["row"]]].drop_duplicates().sort_values(["row", "at"], ignore_index=True)
    fault = np.select(
        [~lost & ~read.off_map, contradicted, unsure, several, _number(alike, count) > 0],
        ["", "E622", "E624", "E621", "E623"],
        "E620",
    )
    return _Found(lies, may, fault.astype(object), read)


def _number(pairs: pd.DataFrame, count: int) -> Ints:
    """How many pairs each row has."""
    return np.asarray(np.bincount(pairs["row"].to_numpy(), minlength=count), dtype=np.int64)


def _agreed(spots: pd.DataFrame, certified: pd.DataFrame) -> pd.DataFrame:
    """Places that do not contradict the certificate, for rows where one speaks."""
    asked = spots["row"].isin(certified["row"]).to_numpy()
    both = spots[asked].merge(certified[["row", "at"]], on=["row", "at"])
    return pd.concat([spots[~asked], both], ignore_index=True)


def _lying(pairs: pd.DataFrame, where: Mask, way: str) -> pd.DataFrame:
    kept = pairs.loc[where[pairs["row"]], ["row", "at"]]
    return kept.assign(joined_by=pd.array([way] * len(kept), dtype="string"))


def _laid(table: pd.DataFrame, land: Land, found: _Found) -> pd.DataFrame:
    """The table of rights with a row for every parcel a right lies on."""
    nowhere = pd.DataFrame({"row": np.flatnonzero(found.fault != ""), "at": -1})
    nowhere["joined_by"] = pd.array([pd.NA] * len(nowhere), dtype="string")
    pairs = pd.concat([found.lies, nowhere], ignore_index=True).sort_values(["row", "at"])
    row, at = pairs["row"].to_numpy(), pairs["at"].to_numpy()
    out = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).take(row)
    out = out.reset_index(drop=True)
    away = found.read.off_map[row]
    parcel = np.full(len(row), None, dtype=object)
    parcel[away] = found.read.names.take(found.read.place[row[away]])
    parcel[at >= 0] = land.layer["parcel"].to_numpy(dtype=object)[at[at >= 0]]
    out["parcel"] = pd.array(parcel, dtype="string")
    out["joined_by"] = pairs["joined_by"].array
    out["unit"] = _unit(out, land.national)
    out["land_only"] = land_only(cleaned(out["unit_code"]))
    inside = found.may[found.may["at"] < len(land.ids)]
    texts = _names(inside, found.read.names).map(";".join).reindex(row).fillna("")
    out["may_lie_on"] = pd.array(texts.to_numpy(dtype=object), dtype="string")
    return out


def _names(pairs: pd.DataFrame, known: pd.Index) -> pd.Series:
    """Lists of the parcels of each row."""
    names = pd.Series(known.to_numpy(dtype=object)[pairs["at"]], pairs.index, dtype=object)
    return names.groupby(pairs["row"]).agg(list)


def _unit(laid: pd.DataFrame, national: bool) -> pd.Series:
    """The unit a share counts in; a damaged code takes that of its certificate on the parcel."""
    code, lies = cleaned(laid["unit_code"]), laid["joined_by"].notna()
    sound = whole_unit(code) if national else code.notna()
    lost = laid[lies & ~sound]
    beside = laid[lies & sound & laid["parcel"].isin(lost["parcel"])]
    pairs = pd.DataFrame(
        {
            "parcel": beside["parcel"],
            "number": plain(beside["certificate_no"]),
            "unit": code[beside.index],
        }
    )
    known = pairs.dropna().drop_duplicates().drop_duplicates(["parcel", "number"], keep=False)
    keys = pd.MultiIndex.from_arrays([lost["parcel"], plain(lost["certificate_no"])])
    found = known.set_index(["parcel", "number"])["unit"].reindex(keys)
    other = pd.Series(found.to_numpy(dtype=object), lost.index, "string")
    return code.where(sound).fillna(other).fillna(code).fillna(laid["parcel"])


def _tell(table: pd.DataFrame, found: _Found, findings: Findings) -> None:
    """A finding for each right that lies on no parcel of the layer."""
    names = _names(found.may, found.read.names)
    shown = names.map(lambda parcels: ", ".join(parcels[:_SHOWN]))
    for code in ("E620", "E621", "E622", "E623", "E624"):
        rows = np.flatnonzero(found.fault == code)
        lost = table.iloc[rows]
        findings.add(
            code,
            layer="rights",
            where=np.ones(len(rows), dtype=bool),
            feature=lost["right"],
            row=lost["row"],
            column=_COLUMN.get(code, "unit_code"),
            observed=code_text(lost),
            certificate=lost["certificate_no"],
            place=place_text(lost),
            parcels=shown.reindex(rows, fill_value="—"),
            number=names.map(len).reindex(rows, fill_value=0),
        )
