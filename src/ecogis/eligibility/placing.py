"""Which parcel a row is about, where its code was damaged on the way."""

from collections.abc import Collection
from typing import Final

import pandas as pd

from ecogis.eligibility.documents import joined

__all__ = ["placed", "readable", "rivals"]

_FORM: Final = r"[0-9]{12}[A-Z]{2}[0-9]{5}"
_READABLE: Final = r"^([0-9]{12}(?:[A-Z](?:[A-Z][0-9]{0,5})?)?)"
_SHORTEST, _WHOLE = 14, 19  # sub-area with its letters, and a parcel's whole code [characters]
_LETTERS: Final = slice(12, 14)  # the two letters of a parcel's code
_LAND_OWNERSHIP: Final = "land_ownership"


def placed(parcels: pd.Series, known: Collection[str]) -> pd.Series:
    """Whether a parcel is one of the map's, or at least bears a code of the right form.

    >>> parcels = pd.Series(["Z1", "441899101207JE00038", "4418991012070000038", None])
    >>> placed(parcels, {"Z1"}).tolist()
    [True, True, False, False]
    """
    text = parcels.astype("string")
    return (text.isin(list(known)) | text.str.fullmatch(_FORM)).fillna(False).astype(bool)


def readable(codes: pd.Series) -> pd.Series:
    """As much of a unit code as has the form of a parcel's, from its twelve digits on.

    >>> readable(pd.Series(["4418991012070000038L0000001", "4.41E+27"])).tolist()
    ['441899101207', <NA>]
    """
    return codes.astype("string").str.extract(_READABLE, expand=False)


def rivals(
    rights: pd.DataFrame, held: pd.DataFrame, parcels: Collection[str], ended: pd.Series
) -> pd.Series:
    """Rights that cannot be placed and may lie on a parcel where somebody else holds the yield.

    Such a right may lie on every parcel that begins like what is readable of its code, letters
    included; on the parcel that a whole code names but for its letters; and on those whose rights
    bear its certificate number. Land ownership is no rival, nor is a right that
    has ended, nor one of a holder of the parcel's own yield right.

    Parameters
    ----------
    rights : DataFrame
        All rights, those without a parcel too: ``right unit_code parcel right_kind holder
        certificate_no``.
    held : DataFrame
        Rights of `ecogis.eligibility.holdings`, which give the holders of each parcel.
    parcels : collection of str
        The parcels of the map.
    ended : Series of bool
        By the index of `rights`.

    Returns
    -------
    Series
        Identifiers of the rights by parcel, joined by ``;``.
    """
    adrift = ~placed(rights["parcel"], parcels) & ~ended & rights["right"].notna()
    lost = rights[adrift & rights["right_kind"].ne(_LAND_OWNERSHIP).fillna(True)]
    code = lost["unit_code"].fillna(lost["parcel"]).astype("string")
    start = readable(code).str.slice(0, _WHOLE)
    lost = lost[["right", "holder", "certificate_no"]].assign(start=start, digits=_digits(code))
    ways = [_by_code(lost, parcels), _by_digits(lost, parcels), _by_certificate(lost, held)]
    found = pd.concat(ways, ignore_index=True).drop_duplicates()
    theirs = held.loc[held["gives_yield"], ["parcel", "holder"]].dropna().drop_duplicates()
    own = found.merge(theirs, on=["parcel", "holder"], how="left", indicator=True)["_merge"]
    return joined(found[own.eq("left_only").to_numpy()], "parcel", "right")


def _by_code(lost: pd.DataFrame, parcels: Collection[str]) -> pd.DataFrame:
    known = pd.DataFrame({"parcel": pd.array(sorted(parcels), dtype="string")})
    parts = [
        lost[lost["start"].str.len().eq(length).fillna(False)].merge(
            known.assign(start=known["parcel"].str.slice(0, length)), on="start"
        )
        for length in range(_SHORTEST, _WHOLE + 1)
    ]
    return pd.concat(parts, ignore_index=True)[["parcel", "right", "holder"]]


def _digits(codes: pd.Series) -> pd.Series:
    """The digits of a whole parcel code, without the place of its letters."""
    whole = codes.str.slice(0, _WHOLE).where(codes.str.len().ge(_WHOLE))
    return whole.str.slice(0, _LETTERS.start) + whole.str.slice(_LETTERS.stop)


def _by_digits(lost: pd.DataFrame, parcels: Collection[str]) -> pd.DataFrame:
    known = pd.DataFrame({"parcel": pd.array(sorted(parcels), dtype="string")})
    known["digits"] = _digits(known["parcel"])
    pairs = lost.dropna(subset=["digits"]).merge(known.dropna(), on="digits")
    return pairs[["parcel", "right", "holder"]]


def _by_certificate(lost: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    certified = held[["parcel", "certificate_no"]].dropna().drop_duplicates()
    named = lost.dropna(subset=["certificate_no"])[["right", "holder", "certificate_no"]]
    return named.merge(certified, on="certificate_no")[["parcel", "right", "holder"]]
