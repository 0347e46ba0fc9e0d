"""Who holds the yield right of a parcel at a date, until when, and with what power of disposal.

The rule, in order: a management right whose transfer contract is confirmed; forest use; forest
ownership; management; contracted management or use of state forest land. The first kind with a
right in force gives the yield right. Land ownership alone never does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import pandas as pd

from ecogis.core.vocabulary import require
from ecogis.eligibility.consent import consents, disposal
from ecogis.eligibility.documents import joined

__all__ = ["COLUMNS", "Holdings", "holdings", "turns"]

COLUMNS = (
    "right",
    "unit_code",
    "parcel",
    "right_kind",
    "holder",
    "co_ownership",
    "share",
    "certificate_no",
    "start",
    "end",
    "consent_document",
)
_GRANTED: Final = 0
_RANK: Final = MappingProxyType(
    {
        "forest_use": 1,
        "forest_ownership": 2,
        "management": 3,
        "contract_management": 4,
        "forest_land_use": 4,
    }
)
_NONE: Final = 9  # land ownership and unknown kinds never give the yield right
_LAND: Final = ("contract_management", "management", "forest_land_use")
_WITH_TERM: Final = (*_LAND, "forest_use")  # without an end on record it is not known
_YIELDING: Final = ("forest_use", "forest_ownership", "management")


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rights at a date and what they come to, parcel by parcel.

    Attributes
    ----------
    rights : DataFrame
        One row per right and parcel it lies on: its own columns, ``excluded``, ``active`` (boolean,
        missing where the term is not known), ``gives_yield``, ``of_holder`` (a right in force of a
        holder of the yield right), ``consent`` (boolean) and ``consent_evidence``.
    parcels : DataFrame
        Indexed by parcel: ``ended not_begun land_only excluded term_unknown holder_missing
        holders_differ refused shares_disagree co_ownership_missing term_known`` (bool),
        ``disposal`` (boolean), ``pledge_until`` (missing: no end where ``term_known``, else not
        known), ``holders yield_rights excluded_rights consents`` (identifiers or names joined by
        ``;``).
    """

    rights: pd.DataFrame
    parcels: pd.DataFrame


def holdings(
    rights: pd.DataFrame | None,
    documents: pd.DataFrame,
    day: date,
    *,
    excluded: Collection[str] = (),
) -> Holdings:
    """Work out who holds the yield right of each parcel on a day.

    Parameters
    ----------
    rights : DataFrame or None
        One row per right and parcel, as the overlay lays them: a right lies on the ``parcel`` of
        its row, and one without lies on none. None or empty gives no parcel at all.
    documents : DataFrame
        Usable documents (`ecogis.eligibility.documents.usable`).
    day : date
        Valuation date.
    excluded : collection of str
        Rights a finding leaves open: they are not in force, and nothing on their parcels is
        decided by what is left.
    """
    if rights is None:
        rights = pd.DataFrame(columns=[*COLUMNS])
    require(rights, COLUMNS, "rights")
    found = rights.loc[rights["right"].notna() & rights["parcel"].notna(), list(COLUMNS)]
    found = found.sort_values("right", kind="stable", ignore_index=True)
    found["excluded"] = found["right"].isin(list(excluded))
    found = found.assign(active=_active(found, day), begun=_begun(found, day))
    found = found.assign(rank=_rank(found, documents))
    found["gives_yield"] = _gives_yield(found)
    found["of_holder"] = _of_holder(found) & found["active"].fillna(False).astype(bool)
    found = found.join(pd.concat([consents(part, documents) for part in turns(found)]))
    return Holdings(found, _parcels(found, day))


def turns(rights: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows in parts in which no right stands twice, for what is bound by a right's name.

    A right that lies on several parcels has a row for each, and what binds or frees one of them
    says nothing of the others.

    >>> rights = pd.DataFrame({"right": ["R1", "R1", "R2"], "parcel": ["Z1", "Z2", "Z2"]})
    >>> [part["parcel"].tolist() for part in turns(rights)]
    [['Z1', 'Z2'], ['Z2']]
    """
    if not rights["right"].duplicated().any():
        return [rights]
    turn = rights.groupby("right", dropna=False).cumcount()
    return [part for _, part in rights.groupby(turn)]


def _begun(rights: pd.DataFrame, day: date) -> pd.Series:
    start = pd.to_datetime(rights["start"])
    return start.le(pd.Timestamp(day)).astype("boolean").mask(start.isna())


def _active(rights: pd.DataFrame, day: date) -> pd.Series:
    """Begun and not ended; a term right without an end on record may or may not be in force.

    Nor is it known of a term that ends before it begins: which of the two days is wrong is not.
    """
    start, end = pd.to_datetime(rights["start"]), pd.to_datetime(rights["end"])
    open_end = end.isna() & rights["right_kind"].isin(_WITH_TERM)
    lasts = (end.ge(pd.Timestamp(day)) | end.isna()).astype("boolean").mask(open_end)
    known = (_begun(rights, day) & lasts).mask(end.lt(start))
    return known.mask(rights["excluded"], False)


def _rank(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    confirmed = documents["document_kind"].eq("transfer_contract") & documents["result"].eq("clear")
    contracts = documents.loc[confirmed & documents["subject_kind"].eq("right"), "subject"]
    managed = rights["right_kind"].eq("management")
    unit = rights["unit_code"].fillna(rights["right"])  # a contract speaks for all its co-owners
    granted = managed & unit.isin(unit[managed & rights["right"].isin(contracts)])
    ranked = rights["right_kind"].map(dict(_RANK)).fillna(_NONE).astype("int64")
    return ranked.mask(granted, _GRANTED)


def _gives_yield(rights: pd.DataFrame) -> pd.Series:
    possible = rights["rank"].lt(_NONE) & rights["active"].fillna(True).astype(bool)
    first = rights["rank"].where(possible).groupby(rights["parcel"]).transform("min")
    return possible & rights["rank"].eq(first)


def _of_holder(rights: pd.DataFrame) -> pd.Series:
    """Rights, other than of the land itself, of those who hold the parcel's yield right."""
    owners = set(rights.loc[rights["gives_yield"], ["parcel", "holder"]].itertuples(index=False))
    pairs = pd.Series(list(zip(rights["parcel"], rights["holder"], strict=True)), rights.index)
    return pairs.isin(list(owners)) & rights["right_kind"].ne("land_ownership")


def _parcels(rights: pd.DataFrame, day: date) -> pd.DataFrame:
    yields = rights[rights["gives_yield"]]
    parcels = pd.DataFrame(index=pd.Index(sorted(rights["parcel"].unique()), name="parcel"))

    def any_of(mask: pd.Series) -> pd.Series:
        return mask.groupby(rights["parcel"]).any().reindex(parcels.index, fill_value=False)

    kinds = rights["rank"].lt(_NONE)
    has_yield = any_of(rights["gives_yield"])
    lapsed = _lapsed(rights, day).reindex(parcels.index, fill_value=False)
    waiting = any_of(kinds & ~rights["begun"].fillna(True).astype(bool))
    parcels["excluded"] = any_of(rights["excluded"])
    parcels["not_begun"] = ~has_yield & waiting & ~parcels["excluded"]
    over = (~has_yield & any_of(kinds) & ~waiting) | lapsed
    parcels["ended"] = over & ~parcels["excluded"]
    parcels["land_only"] = ~any_of(kinds)
    parcels["term_unknown"] = any_of(rights["gives_yield"] & rights["active"].isna())
    parcels["holder_missing"] = any_of(rights["gives_yield"] & rights["holder"].isna())
    parcels["holders_differ"] = _holders_differ(rights).reindex(parcels.index, fill_value=False)
    parcels = parcels.join(disposal(yields))
    parcels["disposal"] = parcels["disposal"].astype("boolean").mask(parcels["excluded"])
    parcels["refused"] = parcels["refused"].eq(True) & ~parcels["excluded"]
    parcels = parcels.join(_terms(rights))
    left_out = rights[rights["excluded"]]
    listed = (
        ("holders", yields, "holder"),
        ("yield_rights", yields, "right"),
        ("excluded_rights", left_out, "right"),
    )
    for name, rows, column in listed:
        parcels[name] = joined(rows.dropna(subset=[column]), "parcel", column).astype("string")
    return parcels


def _lapsed(rights: pd.DataFrame, day: date) -> pd.Series:
    """Parcels where every term right of the yield right's holder has ended.

    Trees stand on land: their owner cannot pledge beyond the end of the right to the land.
    """
    owners = rights.loc[rights["gives_yield"], ["parcel", "holder"]].drop_duplicates()
    theirs = rights[rights["right_kind"].isin(_LAND)].merge(owners, on=["parcel", "holder"])
    ended = pd.to_datetime(theirs["end"]).lt(pd.Timestamp(day))
    return ended.groupby(theirs["parcel"]).all()


def _holders_differ(rights: pd.DataFrame) -> pd.Series:
    """Parcels where the yield right is spread over holders in a way the record does not explain."""
    yields = rights[rights["gives_yield"]]
    granted = yields["rank"].eq(_GRANTED).groupby(yields["parcel"]).any()
    possible = rights["active"].fillna(True).astype(bool) & rights["right_kind"].isin(_YIELDING)
    pairs = rights.loc[possible, ["parcel", "right_kind", "holder"]].drop_duplicates()
    sizes = pairs.groupby("parcel").agg(
        pairs=("holder", "size"), kinds=("right_kind", "nunique"), holders=("holder", "nunique")
    )
    spread = sizes["pairs"].ne(sizes["kinds"] * sizes["holders"])
    several = yields.groupby("parcel")["holder"].nunique().gt(1)
    sole = yields["co_ownership"].eq("sole").groupby(yields["parcel"]).any()
    unexplained = (spread & ~granted.reindex(spread.index, fill_value=False)).reindex(
        several.index, fill_value=False
    )
    return unexplained | (several & sole)


def _terms(rights: pd.DataFrame) -> pd.DataFrame:
    """Earliest end over the rights in force but land ownership, and whether it is known.

    It is not where a right with a term has no end on record, nor where no right has one: only who
    owns the land itself holds its trees without end.
    """
    active = rights["active"].fillna(True).astype(bool) & rights["right_kind"].ne("land_ownership")
    held = rights[active]
    ends = pd.to_datetime(held["end"]).groupby(held["parcel"]).min()
    open_end = held["end"].isna() & held["right_kind"].isin(_WITH_TERM)
    is_open = open_end.groupby(held["parcel"]).any()
    known = ~is_open & (ends.notna() | ends.index.isin(_own_land(rights)))
    return pd.DataFrame({"pledge_until": ends, "term_known": known})


def _own_land(rights: pd.DataFrame) -> list[str]:
    """Parcels of which a holder of the yield right owns the land."""
    owned = rights[rights["right_kind"].eq("land_ownership") & rights["active"].fillna(False)]
    yields = rights.loc[rights["gives_yield"], ["parcel", "holder"]].dropna()
    return list(owned.merge(yields, on=["parcel", "holder"])["parcel"].unique())
