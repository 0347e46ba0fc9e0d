"""What tells on which parcel a right lies: its unit code, its certificate, what is left of a code.

Every way gives pairs of a row of the table of rights and a place in the list of parcels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import InputError
from ecogis.core.identifiers import among
from ecogis.core.vocabulary import require
from ecogis.overlay.unit_codes import (
    PARCEL_CHARACTERS,
    cleaned,
    digits_of,
    parcel_of,
    readable_start,
    runs_on,
    whole_parcel,
)

__all__ = [
    "Land",
    "Reading",
    "by_certificate",
    "by_code",
    "by_likeness",
    "code_text",
    "known_land",
    "plain",
]

_SHORTEST = 14  # twelve digits of the sub-area and the two letters of the parcel [characters]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Land:
    """The parcels a right can lie on, by identifier.

    Attributes
    ----------
    layer : DataFrame
        The layer of parcels, rising by ``parcel``.
    ids : Index of str
        Its identifiers, without blanks before and after them.
    national : bool
        Whether parcels bear the national code, so that a code of another form is a damaged one.
    """

    layer: pd.DataFrame
    ids: pd.Index
    national: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the codes of the rights say, by row.

    Attributes
    ----------
    names : Index of str
        The parcels of the layer, then those that sound codes name outside it.
    place : array (right) of int
        Place in ``names``, -1 where the code does not lead to a parcel.
    off_map : array (right) of bool
        The code is sound, its parcel is not in the layer.
    damaged : array (right) of bool
        The code is missing or cannot be relied upon.
    clash : DataFrame
        ``row at``: parcels of rows whose parcel and unit code name different ones.
    clashes : array (right) of bool
        Rows whose parcel and unit code name different parcels.
    """

    names: pd.Index
    place: Ints
    off_map: Mask
    damaged: Mask
    clash: pd.DataFrame
    clashes: Mask


def known_land(parcels: pd.DataFrame) -> Land:
    """The parcels ordered by identifier.

    Raises
    ------
    InputError
        E346 an identifier is missing or stands twice, blanks around it aside.
    VocabularyError
        E004 the identifier's column is missing.
    """
    require(parcels, ["parcel"], "parcels")
    names = parcels["parcel"].astype("string")
    wrong = names.isna() | names.str.strip().duplicated(keep=False)
    if wrong.any():
        first = names[wrong].iloc[0]
        raise InputError("E346", layer="parcels", number=int(wrong.sum()), id=first)
    layer = parcels.assign(parcel=names).sort_values("parcel", ignore_index=True)
    ids = pd.Index(layer["parcel"].str.strip())
    return Land(layer, ids, bool(whole_parcel(layer["parcel"].str.strip()).any()))


def by_code(table: pd.DataFrame, land: Land) -> Reading:
    """Where the codes lead: the recorded parcel, or else the start of the unit code.

    In a layer of national codes a recorded parcel counts only where it is in the layer or has the
    form of such a code.
    """
    unit, given = cleaned(table["unit_code"]), _given(table, land)
    named = given.fillna(unit.str.slice(0, PARCEL_CHARACTERS))
    at = np.asarray(land.ids.get_indexer(pd.Index(named)), dtype=np.int64)
    formed = whole_parcel(named).to_numpy() if land.national else named.notna().to_numpy(dtype=bool)
    doubtful = runs_on(unit).to_numpy() & land.national
    own = parcel_of(unit)
    differ = own.ne(given).fillna(False).to_numpy(dtype=bool)
    clashes = differ & ((at >= 0) | formed) & ~doubtful & land.national
    there = (at >= 0) & ~doubtful & ~clashes
    off_map = (at < 0) & formed & ~doubtful & ~clashes
    number, beyond = pd.factorize(named.where(off_map))
    own_at = np.asarray(land.ids.get_indexer(pd.Index(own)), dtype=np.int64)
    return Reading(
        names=pd.Index(land.layer["parcel"]).append(pd.Index(beyond)),
        place=np.where(there, at, np.where(off_map, number + len(land.ids), -1)),
        off_map=off_map,
        damaged=~(there | off_map | clashes),
        clash=_clash(np.flatnonzero(clashes), at, own_at),
        clashes=clashes,
    )


def by_certificate(table: pd.DataFrame, land: Land, read: Reading) -> pd.DataFrame:
    """Parcels that bear the certificate number of a right whose code is missing or damaged.

    A parcel bears the numbers its layer gives it and those of the rights whose codes lead there,
    be it in the layer or not.

    Returns
    -------
    DataFrame
        ``row at fits``: place in ``names`` of the reading, and whether the parcel begins like what
        is readable of the damaged code.
    """
    lost = np.flatnonzero(read.damaged & table["certificate_no"].notna().to_numpy(dtype=bool))
    if not len(lost):
        return pd.DataFrame({"row": [], "at": [], "fits": []}).astype(
            {"row": "int64", "at": "int64", "fits": "bool"}
        )
    number = plain(table["certificate_no"])
    sound = read.place >= 0
    borne = [pd.DataFrame({"number": number[sound].to_numpy(), "at": read.place[sound]})]
    if "certificate_no" in land.layer:
        own = plain(land.layer["certificate_no"]).to_numpy()
        borne.append(pd.DataFrame({"number": own, "at": np.arange(len(land.ids))}))
    listed = pd.concat(borne, ignore_index=True).dropna().drop_duplicates()
    sought = pd.DataFrame({"row": lost, "number": number.iloc[lost].to_numpy()}).dropna()
    pairs = sought.merge(listed, on="number")[["row", "at"]].astype("int64")
    return pairs.assign(fits=_fits(pairs, code_text(table), read.names))


def by_likeness(table: pd.DataFrame, land: Land, rows: Ints) -> pd.DataFrame:
    """Parcels that a damaged code may have meant.

    They begin like what is readable of it, letters included, or have the digits of a whole code
    whose letters were lost. Less than the twelve digits and two letters means nothing.

    Returns
    -------
    DataFrame
        ``row at``.
    """
    code = code_text(table).iloc[rows]
    names, at = pd.Series(land.ids, dtype="string"), np.arange(len(land.ids))
    start = readable_start(code).str.slice(0, PARCEL_CHARACTERS)
    length = start.str.len().fillna(0).to_numpy(dtype=np.int64)
    ways = [
        _matched(start[length == size], rows[length == size], names.str.slice(0, size), at)
        for size in sorted(set(length[length >= _SHORTEST].tolist()))
    ]
    ways.append(_matched(digits_of(code), rows, digits_of(names), at))
    return pd.concat(ways, ignore_index=True).drop_duplicates(ignore_index=True)


def code_text(table: pd.DataFrame) -> pd.Series:
    """The unit code as recorded, or the parcel where there is none; blanks around it left out."""
    return cleaned(table["unit_code"]).fillna(cleaned(table["parcel"]))


def plain(texts: pd.Series) -> pd.Series:
    """Texts as they are compared: full-width and half-width alike, without blanks.

    >>> plain(pd.Series(["粤(2020) 第1号", "粤(2020)第1号", " "])).tolist()
    ['粤(2020)第1号', '粤(2020)第1号', <NA>]
    """
    text = texts.astype("string").str.normalize("NFKC").str.replace(r"\s+", "", regex=True)
    return text.mask(text.eq("").fillna(False).astype(bool))


def _given(table: pd.DataFrame, land: Land) -> pd.Series:
    """The recorded parcels that can be one of the land's."""
    given = cleaned(table["parcel"])
    return given.where(among(given, land.ids) | whole_parcel(given)) if land.national else given


def _clash(rows: Ints, at: Ints, own_at: Ints) -> pd.DataFrame:
    both = pd.DataFrame({"row": np.tile(rows, 2), "at": np.r_[at[rows], own_at[rows]]})
    return both[both["at"].ge(0)].reset_index(drop=True)


def _fits(pairs: pd.DataFrame, code: pd.Series, known: pd.Index) -> Mask:
    start = readable_start(code.iloc[pairs["row"]]).str.slice(0, PARCEL_CHARACTERS).fillna("")
    names = known.take(pairs["at"].to_numpy())
    alike = [name.strip().startswith(begun) for name, begun in zip(names, start, strict=True)]
    return np.array(alike, dtype=bool)


def _matched(keys: pd.Series, rows: Ints, names: pd.Series, at: Ints) -> pd.DataFrame:
    sought = pd.DataFrame({"key": keys.to_numpy(), "row": rows}).dropna()
    listed = pd.DataFrame({"key": names.to_numpy(), "at": at}).dropna()
    return sought.merge(listed, on="key")[["row", "at"]].astype("int64")
