"""Encumbrances in force at a date, bound to parcels.

What cannot be read never works in the pledgor's favour: it leaves open what it might forbid.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ecogis.core.identifiers import among
from ecogis.core.vocabulary import require
from ecogis.eligibility.documents import in_force, joined, laid
from ecogis.eligibility.placing import placed

__all__ = [
    "CLAIMS",
    "COLUMNS",
    "CONTESTS",
    "LEDGER_COLUMNS",
    "RESTRAINTS",
    "Burdens",
    "burdens",
    "claims",
    "no_claims",
]

COLUMNS = ("encumbrance", "right", "parcel", "encumbrance_kind", "start", "end")
LEDGER_COLUMNS = ("claim", "right", "vintage", "lender")
CLAIMS = ("mortgage", "pledge")
CONTESTS = ("dispute", "objection")
RESTRAINTS = ("seizure", "freeze", "enforcement", *CONTESTS)


@dataclass(frozen=True, slots=True)
class Burdens:
    """Encumbrances in force: ``encumbrance right parcel encumbrance_kind``.

    ``parcel`` is filled from the right where only the right was named. `unplaced` names those that
    tell neither, and may bind any land. `given` is false where no table of encumbrances was handed
    in at all.
    """

    table: pd.DataFrame
    unplaced: str
    given: bool

    def on_parcels(
        self, kinds: Collection[str], rights: Collection[str] | None = None
    ) -> pd.Series:
        """Identifiers by parcel; `rights` keeps those on these rights or on the whole parcel."""
        found = self.table[self.table["encumbrance_kind"].isin(list(kinds))]
        if rights is not None:
            found = found[found["right"].isna() | among(found["right"], rights)]
        return joined(found.dropna(subset=["parcel"]), "parcel", "encumbrance")

    def unread(self) -> pd.Series:
        """Identifiers of those of a kind that cannot be read, by parcel."""
        known = self.table["encumbrance_kind"].isin([*CLAIMS, *RESTRAINTS])
        return joined(self.table[~known], "parcel", "encumbrance")

    def on_rights(self) -> pd.Series:
        """Identifiers by right."""
        return joined(self.table.dropna(subset=["right"]), "right", "encumbrance")


def burdens(
    encumbrances: pd.DataFrame | None,
    rights: pd.DataFrame,
    day: date,
    parcels: Collection[str],
) -> Burdens:
    """The encumbrances in force on a day.

    One whose right is not on record binds the whole parcel it names: a claim must not vanish
    because its right cannot be found. One that names no parcel either is `unplaced`. One that ends
    before it begins is in force, for which of the two days is wrong cannot be known. One without an
    identifier binds like any other and is named ``?``.

    Parameters
    ----------
    encumbrances : DataFrame or None
        In the columns of `COLUMNS`.
    rights : DataFrame
        ``right parcel`` of the rights whose parcel can be read.
    day : date
        Valuation date.
    parcels : collection of str
        The parcels of the map.
    """
    if encumbrances is None:
        return Burdens(pd.DataFrame(columns=[*COLUMNS[:4]]), "", given=False)
    require(encumbrances, COLUMNS, "encumbrances")
    found = encumbrances[list(COLUMNS)].reset_index(drop=True)
    found["encumbrance"] = found["encumbrance"].astype("string").fillna("?")
    reversed_term = pd.to_datetime(found["end"]).lt(pd.to_datetime(found["start"])).to_numpy()
    found = found[in_force(found["start"], found["end"], day) | reversed_term]
    home = rights.drop_duplicates("right").set_index("right")["parcel"]
    known = found["right"].isin(home.index)
    parcel = np.where(known, laid(found["right"], home), found["parcel"].to_numpy(dtype=object))
    right = found["right"].where(known, pd.NA)
    bound = found.assign(parcel=pd.array(parcel, "string"), right=right)[list(COLUMNS[:4])]
    there = placed(bound["parcel"], parcels)
    unplaced = ";".join(sorted(set(bound.loc[~there, "encumbrance"])))
    return Burdens(bound[there].reset_index(drop=True), unplaced, given=True)


def no_claims() -> pd.DataFrame:
    """An empty table of active claims, for an office whose ledger holds none.

    >>> no_claims().columns.tolist()
    ['claim', 'right', 'vintage', 'lender']
    """
    return pd.DataFrame(columns=[*LEDGER_COLUMNS]).astype("string")


def claims(ledger: pd.DataFrame | None) -> pd.DataFrame | None:
    """Active claims of our own ledger as pledges in force, in the columns of encumbrances.

    A claim stands in the ledger once for each vintage; a table may name the ``parcel`` beside the
    right. Whichever the vintage and the lender, the right is pledged.

    >>> told = {"claim": ["K1"] * 2, "right": ["R1"] * 2, "vintage": [2026, 2027], "lender": "行"}
    >>> claims(pd.DataFrame(told))[["encumbrance", "right"]].values.tolist()
    [['K1', 'R1']]
    """
    if ledger is None:
        return None
    require(ledger, LEDGER_COLUMNS, "ledger")
    own = ledger.reindex(columns=["claim", "right", "parcel"]).astype("string").drop_duplicates()
    never = pd.Series(pd.NaT, own.index, dtype="datetime64[s]")
    found = own.assign(encumbrance=own["claim"].fillna("?"), start=never, end=never)
    found["encumbrance_kind"] = pd.array(["pledge"] * len(found), "string")
    return found[list(COLUMNS)].reset_index(drop=True)
