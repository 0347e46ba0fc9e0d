"""Which parcel a row is about, and whose rights may lie there as well."""

from collections.abc import Collection
from typing import Final

import pandas as pd

from ecogis.core.identifiers import among
from ecogis.eligibility.documents import joined

__all__ = ["placed", "rivals"]

_FORM: Final = r"[0-9]{12}[A-Z]{2}[0-9]{5}"
_LAND_OWNERSHIP: Final = "land_ownership"


def placed(parcels: pd.Series, known: Collection[str]) -> pd.Series:
    """Whether a parcel is one of the map's, or at least bears a code of the right form.

    >>> parcels = pd.Series(["Z1", "441899101207JE00038", "4418991012070000038", None])
    >>> placed(parcels, {"Z1"}).tolist()
    [True, True, False, False]
    """
    text = parcels.astype("string")
    return (among(text, known) | text.str.fullmatch(_FORM)).fillna(False).astype(bool)


def rivals(rights: pd.DataFrame, held: pd.DataFrame, ended: pd.Series) -> pd.Series:
    """Rights that lie on no parcel for sure and may lie where somebody else holds the yield.

    Where a right may lie is told by the overlay. Land ownership is no rival, nor is a right that
    has ended, nor one of a holder of the parcel's own yield right.

    Parameters
    ----------
    rights : DataFrame
        All rights: ``right right_kind holder may_lie_on`` (parcels joined by ``;``).
    held : DataFrame
        Rights of `ecogis.eligibility.holdings`, which give the holders of each parcel.
    ended : Series of bool
        By the index of `rights`.

    Returns
    -------
    Series
        Identifiers of the rights by parcel, joined by ``;``.

    Examples
    --------
    >>> rights = pd.DataFrame({"right": ["R2"], "right_kind": ["management"], "holder": ["乙"]})
    >>> held = pd.DataFrame({"parcel": ["Z1"], "holder": ["甲"], "gives_yield": [True]})
    >>> rivals(rights.assign(may_lie_on="Z1;Z2"), held, pd.Series([False])).to_dict()
    {'Z1': 'R2', 'Z2': 'R2'}
    """
    open_land = rights["may_lie_on"].astype("string").fillna("").ne("")
    kept = open_land & ~ended & rights["right"].notna()
    lost = rights[kept & rights["right_kind"].ne(_LAND_OWNERSHIP).fillna(True)]
    where = lost["may_lie_on"].astype("string").str.split(";")
    found = lost[["right", "holder"]].assign(parcel=where).explode("parcel").astype("string")
    theirs = held.loc[held["gives_yield"], ["parcel", "holder"]].dropna().drop_duplicates()
    own = found.merge(theirs.astype("string"), how="left", indicator=True)["_merge"]
    return joined(found[own.eq("left_only").to_numpy()], "parcel", "right")
