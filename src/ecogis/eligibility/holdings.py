"""Who holds the yield right of a parcel at a date, until when, and with what power of disposal.

The rule, in order: a right to manage whose transfer contract is confirmed; forest use; forest
ownership; a right to manage; a contracted right, or use of land or sea. The first kind with a right
in force gives the yield right. Land ownership alone never does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ecogis.core.identifiers import among
from ecogis.core.vocabulary import require
from ecogis.eligibility.chain import LINKS, chains
from ecogis.eligibility.consent import capacities, consents, disposal
from ecogis.eligibility.documents import joined, latest
from ecogis.eligibility.kinds import GRANTED, LAND, LEVEL, MANAGEMENT, NONE, RANK, WITH_TERM

__all__ = ["COLUMNS", "OPTIONAL", "Holdings", "holdings", "turns"]

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
OPTIONAL = ("from_right", "holder_kind")
"""What a record may tell beside: the right it derives from, the kind of holder."""

_YIELDING = ("forest_use", "forest_ownership", *MANAGEMENT)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rights at a date and what they come to, parcel by parcel.

    Attributes
    ----------
    rights : DataFrame
        One row per right and parcel it lies on: its own columns, ``excluded``, ``active`` (boolean,
        missing where the term is not known), ``gives_yield``, ``same_holder`` (a right of a holder
        of the yield right, at whatever time; every right where nobody holds the yield right),
        ``of_holder`` (one of them in force), ``consent`` and ``capacity`` (boolean, with
        ``consent_evidence`` and ``capacity_evidence``), and what `chains` tells.
    parcels : DataFrame
        Indexed by parcel: ``ended not_begun land_only kind_unread excluded term_unknown
        holder_missing holders_differ refused shares_disagree co_ownership_missing
        co_owner_missing consent_missing
        guardian_missing decision_missing term_known`` and those of `LINKS` (bool), ``disposal``
        (boolean), ``pledge_until`` (missing: no end where ``term_known``, else not known),
        ``holders yield_rights excluded_rights consents contracts missing_links`` (identifiers or
        names joined by ``;``).
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
        its row, and one without lies on none. None or empty gives no parcel at all. Of `OPTIONAL`
        columns one that is not there tells nothing.
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
    for name in OPTIONAL:
        if name not in rights:
            rights = rights.assign(**{name: pd.Series(pd.NA, rights.index, dtype="string")})
    there = rights["right"].notna() & rights["parcel"].notna()
    found = rights.loc[there, [*COLUMNS, *OPTIONAL]]
    found = found.sort_values("right", kind="stable", ignore_index=True)
    found["excluded"] = found["right"].isin(list(excluded))
    found = found.assign(active=_active(found, day), begun=_begun(found, day))
    found = found.join(chains(found, documents)).assign(rank=_rank(found, documents))
    found["gives_yield"] = _gives_yield(found)
    found["same_holder"] = _same_holder(found)
    found["of_holder"] = found["same_holder"] & found["active"].fillna(False).astype(bool)
    for told in (consents, capacities):
        found = found.join(pd.concat([told(part, documents) for part in turns(found)]))
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
    open_end = end.isna() & rights["right_kind"].isin(WITH_TERM)
    lasts = (end.ge(pd.Timestamp(day)) | end.isna()).astype("boolean").mask(open_end)
    known = (_begun(rights, day) & lasts).mask(end.lt(start))
    return known.mask(rights["excluded"], False)


def _rank(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    told = documents["document_kind"].eq("transfer_contract") & documents["subject_kind"].eq(
        "right"
    )
    told &= documents["result"].isin(["clear", "refused"])
    contracts = latest(documents[told], "subject", ["clear"])["subject"]
    managed = rights["right_kind"].isin(MANAGEMENT)
    unit = rights["unit_code"].fillna(rights["right"])  # a contract speaks for all its co-owners
    granted = managed & among(unit, unit[managed & among(rights["right"], contracts)])
    ranked = rights["right_kind"].map(dict(RANK)).fillna(NONE).astype("int64")
    return ranked.mask(granted, GRANTED)


def _gives_yield(rights: pd.DataFrame) -> pd.Series:
    """The first kind that may be in force; a right to manage passed on gives nothing any more."""
    possible = rights["rank"].lt(NONE) & rights["active"].fillna(True).astype(bool)
    possible &= ~rights["passed_on"]
    first = rights["rank"].where(possible).groupby(rights["parcel"]).transform("min")
    return possible & rights["rank"].eq(first)


def _same_holder(rights: pd.DataFrame) -> pd.Series:
    """Rights, other than of the land itself, of those who hold the parcel's yield right."""
    owners = set(rights.loc[rights["gives_yield"], ["parcel", "holder"]].itertuples(index=False))
    pairs = pd.Series(list(zip(rights["parcel"], rights["holder"], strict=True)), rights.index)
    nobody = ~rights["gives_yield"].groupby(rights["parcel"]).transform("any").astype(bool)
    theirs = pairs.isin(list(owners)) | nobody
    return theirs & rights["right_kind"].ne("land_ownership").fillna(True).astype(bool)


def _parcels(rights: pd.DataFrame, day: date) -> pd.DataFrame:
    yields = rights[rights["gives_yield"]]
    parcels = pd.DataFrame(index=pd.Index(sorted(rights["parcel"].unique()), name="parcel"))

    def any_of(mask: pd.Series) -> pd.Series:
        return mask.groupby(rights["parcel"]).any().reindex(parcels.index, fill_value=False)

    kinds = rights["rank"].lt(NONE)
    has_yield = any_of(rights["gives_yield"])
    lapsed = _lapsed(rights, day).reindex(parcels.index, fill_value=False)
    waiting = any_of(kinds & ~rights["begun"].fillna(True).astype(bool))
    parcels["excluded"] = any_of(rights["excluded"])
    parcels["not_begun"] = ~has_yield & waiting & ~parcels["excluded"]
    over = (~has_yield & any_of(kinds) & ~waiting) | lapsed
    parcels["ended"] = over & ~parcels["excluded"]
    parcels["land_only"] = ~any_of(kinds)
    parcels["kind_unread"] = any_of(_unread(rights))
    parcels["term_unknown"] = any_of(rights["gives_yield"] & rights["active"].isna())
    parcels["holder_missing"] = any_of(rights["gives_yield"] & rights["holder"].isna())
    parcels["holders_differ"] = _holders_differ(rights).reindex(parcels.index, fill_value=False)
    parcels = parcels.join(disposal(yields))
    parcels["disposal"] = parcels["disposal"].astype("boolean").mask(parcels["excluded"])
    parcels["refused"] = parcels["refused"].eq(True) & ~parcels["excluded"]
    parcels = parcels.join(_terms(rights))
    for fault in LINKS:
        parcels[fault] = any_of(rights["gives_yield"] & rights["link_fault"].eq(fault))
    return parcels.join(_named(rights, yields, parcels.index))


def _named(rights: pd.DataFrame, yields: pd.DataFrame, parcels: pd.Index) -> pd.DataFrame:
    """Identifiers and names by parcel."""
    listed = (
        ("holders", yields, "holder"),
        ("yield_rights", yields, "right"),
        ("excluded_rights", rights[rights["excluded"]], "right"),
        ("contracts", yields, "chain_evidence"),
        ("missing_links", yields, "missing_link"),
    )
    found = pd.DataFrame(index=parcels)
    for name, rows, column in listed:
        told = rows[rows[column].fillna("").ne("")]
        found[name] = joined(told, "parcel", column).astype("string")
    return found


def _lapsed(rights: pd.DataFrame, day: date) -> pd.Series:
    """Parcels where every term right of the yield right's holder has ended.

    Trees stand on land: their owner cannot pledge beyond the end of the right to the land.
    """
    owners = rights.loc[rights["gives_yield"], ["parcel", "holder"]].drop_duplicates()
    theirs = rights[rights["right_kind"].isin(LAND)].merge(owners, on=["parcel", "holder"])
    start, end = pd.to_datetime(theirs["start"]), pd.to_datetime(theirs["end"])
    ended = end.lt(pd.Timestamp(day)) & ~end.lt(start)  # a reversed term shows no end
    return ended.groupby(theirs["parcel"]).all()


def _unread(rights: pd.DataFrame) -> pd.Series:
    """Rights of a kind that cannot be read, perhaps in force, of others than the yield's holder."""
    unread = ~rights["right_kind"].isin(list(LEVEL)) & rights["active"].fillna(True).astype(bool)
    others = ~rights["same_holder"] | rights["holder"].isna()
    alone = ~rights["gives_yield"].groupby(rights["parcel"]).transform("any").astype(bool)
    return unread & (others | alone)


def _holders_differ(rights: pd.DataFrame) -> pd.Series:
    """Parcels where the yield right is spread over holders in a way the record does not explain."""
    yields = rights[rights["gives_yield"]]
    granted = yields["rank"].eq(GRANTED).groupby(yields["parcel"]).any()
    possible = rights["active"].fillna(True).astype(bool) & rights["right_kind"].isin(_YIELDING)
    pairs = rights.loc[possible, ["parcel", "right_kind", "holder"]].drop_duplicates()
    by_parcel = pairs.groupby("parcel")
    holders = by_parcel["holder"].nunique(dropna=False)  # one not on record may be another
    spread = by_parcel.size().ne(by_parcel["right_kind"].nunique() * holders)
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
    open_end = held["end"].isna() & held["right_kind"].isin(WITH_TERM)
    is_open = open_end.groupby(held["parcel"]).any()
    known = ~is_open & (ends.notna() | ends.index.isin(_own_land(rights)))
    return pd.DataFrame({"pledge_until": ends, "term_known": known})


def _own_land(rights: pd.DataFrame) -> list[str]:
    """Parcels of which a holder of the yield right owns the land."""
    owned = rights[rights["right_kind"].eq("land_ownership") & rights["active"].fillna(False)]
    yields = rights.loc[rights["gives_yield"], ["parcel", "holder"]].dropna()
    return list(owned.merge(yields, on=["parcel", "holder"])["parcel"].unique())
