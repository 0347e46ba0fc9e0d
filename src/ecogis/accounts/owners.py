"""Who owns and runs the land: a column of the ownership view for each parcel, at a day.

The order is a policy: a dispute on record decides before all; then a collection platform that holds
a right in force; then state land; then a management right in force, which is a transferred
operating right; then a contract of a household or person; then one of an organisation; then what
the record says the collective runs itself. A contract whose kind of holder is not on record tells
nothing. Anything else is not on record, never guessed.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ecogis.accounts.parts import NOT_ON_RECORD
from ecogis.core.identifiers import among
from ecogis.core.vocabulary import require

__all__ = ["parcel_owners", "stand_owners"]

_MANAGEMENT = ("management", "grassland_management", "wetland_management")
_CONTRACT = ("contract_management", "grassland_contract")
_OF_HOUSEHOLDS = ("person", "minor", "household")
_WITHOUT_TERM = ("land_ownership", "forest_ownership")
_TENURE = {
    "state": "state",
    "household": "household",
    "joint_household": "household",
    "collective_enterprise": "collective",
}
"""Land tenure on record of the parcel, where no right in force tells more. A policy."""


def parcel_owners(
    parcels: pd.DataFrame,
    rights: pd.DataFrame,
    day: date,
    *,
    encumbrances: pd.DataFrame | None = None,
    platforms: Collection[str] = (),
) -> pd.Series:
    """Column of the ownership view of each parcel on a day.

    Parameters
    ----------
    parcels : DataFrame
        ``parcel``; optional ``land_tenure``.
    rights : DataFrame
        Rights laid on parcels: ``parcel right_kind holder holder_kind start end``. A right whose
        start is not on record, that ends before it starts, or of a kind with a term and without an
        end, tells nothing.
    day : date
        Day asked for.
    encumbrances : DataFrame, optional
        ``parcel encumbrance_kind start end``; those of kind dispute count.
    platforms : collection of str
        Holders that are collection platforms, as the project names them.

    Returns
    -------
    Series
        By parcel: ``state collective household company transferred platform disputed
        not_on_record``.

    Examples
    --------
    >>> parcels = pd.DataFrame({"parcel": ["Z1", "Z2"], "land_tenure": ["state", None]})
    >>> rights = pd.DataFrame(
    ...     {
    ...         "parcel": ["Z2"],
    ...         "right_kind": ["management"],
    ...         "holder": ["持有人0001"],
    ...         "holder_kind": [None],
    ...         "start": pd.to_datetime(["2010-01-01"]),
    ...         "end": pd.to_datetime(["2040-12-31"]),
    ...     }
    ... )
    >>> parcel_owners(parcels, rights, date(2024, 12, 31)).to_dict()
    {'Z1': 'state', 'Z2': 'transferred'}
    """
    require(parcels, ["parcel"], "parcels")
    require(rights, ["parcel", "right_kind", "holder", "start", "end"], "rights")
    index = pd.Index(parcels["parcel"].astype(object))
    held = rights[_in_force(rights, day)]
    kind, holder = held["right_kind"], held["holder"]
    who = held.get("holder_kind", pd.Series(pd.NA, held.index))
    tenure = parcels.get("land_tenure", pd.Series(pd.NA, parcels.index)).astype(object)
    contract, owned = kind.isin(list(_CONTRACT)), kind.eq("land_ownership")
    household = contract & who.isin(list(_OF_HOUSEHOLDS))
    named = [
        ("disputed", _disputed(encumbrances, day)),
        ("platform", held.loc[holder.isin(list(platforms)), "parcel"]),
        ("state", held.loc[kind.eq("forest_land_use") | (owned & who.eq("state")), "parcel"]),
        ("state", parcels.loc[tenure.eq("state").to_numpy(), "parcel"]),
        ("transferred", held.loc[kind.isin(list(_MANAGEMENT)), "parcel"]),
        ("household", held.loc[household, "parcel"]),
        ("company", held.loc[contract & who.eq("organisation"), "parcel"]),
        ("collective", held.loc[(owned | contract) & who.eq("collective"), "parcel"]),
    ]
    on_record = tenure.map(_TENURE).fillna(NOT_ON_RECORD).to_numpy(dtype=object)
    masks = [among(parcels["parcel"], those.dropna()).to_numpy() for _, those in named]
    found = np.select(masks, [owner for owner, _ in named], default="")
    return pd.Series(np.where(found == "", on_record, found), index=index)


def stand_owners(
    pieces: pd.DataFrame,
    stands: pd.DataFrame,
    opening: pd.Series,
    closing: pd.Series,
) -> pd.DataFrame:
    """Area of each stand by its owners at the opening and at the closing.

    Parameters
    ----------
    pieces : DataFrame
        ``stand parcel area_dm2``.
    stands : DataFrame
        ``stand area_dm2``; what the pieces leave of a stand is not on record.
    opening, closing : Series
        Owners by parcel, as `parcel_owners` gives them.

    Returns
    -------
    DataFrame
        ``stand owner_opening owner_closing area_dm2``; rows of a stand add up to it, but for
        stands whose pieces have more area than they have.

    Examples
    --------
    >>> pieces = pd.DataFrame({"stand": ["S1"], "parcel": ["Z1"], "area_dm2": [60]})
    >>> stands = pd.DataFrame({"stand": ["S1"], "area_dm2": [100]})
    >>> owners = pd.Series({"Z1": "state"})
    >>> stand_owners(pieces, stands, owners, owners)["area_dm2"].tolist()
    [40, 60]
    """
    require(pieces, ["stand", "parcel", "area_dm2"], "pieces")
    names = sorted({*opening, *closing, NOT_ON_RECORD})
    count = len(names)
    at, on = _places(pieces["stand"], stands["stand"]), _places(pieces["parcel"], opening.index)
    none = names.index(NOT_ON_RECORD)
    one, two = (_owned(owners, opening.index, names)[on] for owners in (opening, closing))
    area = pieces["area_dm2"].to_numpy(dtype=np.int64)
    sums = np.zeros((len(stands), count * count), dtype=np.int64)
    known = at >= 0
    np.add.at(sums, (at[known], (one * count + two)[known]), area[known])
    rest = stands["area_dm2"].to_numpy(dtype=np.int64) - sums.sum(axis=1)
    sums[:, none * count + none] += np.maximum(rest, 0)
    stand, pair = np.nonzero(sums)
    texts = pd.Index(names)
    return pd.DataFrame(
        {
            "stand": stands["stand"].to_numpy(dtype=object)[stand],
            "owner_opening": pd.Categorical.from_codes(pair // count, categories=texts),
            "owner_closing": pd.Categorical.from_codes(pair % count, categories=texts),
            "area_dm2": sums[stand, pair],
        }
    )


def _owned(owners: pd.Series, parcels: pd.Index, names: list[str]) -> npt.NDArray[np.int64]:
    """Place in `names` of the owner of each parcel, and last that of land of no parcel."""
    there = owners if owners.index.equals(parcels) else owners.reindex(parcels)
    codes = pd.Categorical(there, categories=names).codes.astype(np.int64)
    none = names.index(NOT_ON_RECORD)
    return np.append(np.where(codes < 0, none, codes), none)


def _places(names: pd.Series, among_these: pd.Series | pd.Index) -> npt.NDArray[np.int64]:
    """Place of each name among others, -1 where it is none of them."""
    texts = (pa.array(texts.astype("string").array, from_pandas=True).cast(pa.large_string())
             for texts in (names, among_these))  # fmt: skip
    found = pc.fill_null(pc.index_in(*texts), -1)
    return np.asarray(found, dtype=np.int64)


def _in_force(rights: pd.DataFrame, day: date) -> pd.Series:
    start, end = pd.to_datetime(rights["start"]), pd.to_datetime(rights["end"])
    now = pd.Timestamp(day)
    lasting = end.isna() & rights["right_kind"].isin(list(_WITHOUT_TERM))
    return start.le(now) & (lasting | (end.ge(now) & end.ge(start)))


def _disputed(encumbrances: pd.DataFrame | None, day: date) -> pd.Series:
    """Parcels in dispute on the day; one whose start is not on record counts as begun."""
    if encumbrances is None:
        return pd.Series([], dtype=object)
    require(encumbrances, ["parcel", "encumbrance_kind", "start", "end"], "encumbrances")
    start, end = pd.to_datetime(encumbrances["start"]), pd.to_datetime(encumbrances["end"])
    now = pd.Timestamp(day)
    lasts = (start.isna() | start.le(now)) & (end.isna() | end.ge(now))
    return encumbrances.loc[encumbrances["encumbrance_kind"].eq("dispute") & lasts, "parcel"]
