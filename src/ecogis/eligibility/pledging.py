"""Who may pledge the expected yield of which parcel, by which right, and until when."""

import pandas as pd

from ecogis.core.vocabulary import require
from ecogis.eligibility.documents import joined

__all__ = ["pledgors"]

_LISTED = (
    "right",
    "unit_code",
    "right_kind",
    "co_ownership",
    "chain",
    "missing_link",
    "encumbrances",
)
_PAPERS = ("certificate_evidence", "chain_evidence", "consent_evidence")
_ORDER = (
    "parcel",
    "holder",
    "right",
    "unit_code",
    "right_kind",
    "co_ownership",
    "share",
    "may_pledge",
    "pledge_until",
    "term_known",
    "chain",
    "missing_link",
    "encumbrances",
    "evidence",
    "pieces",
    "area_dm2",
)


def pledgors(title: pd.DataFrame, pieces: pd.DataFrame) -> pd.DataFrame:
    """The holders of the yield right of each parcel, and what each may do with it.

    Parameters
    ----------
    title : DataFrame
        From `title`.
    pieces : DataFrame
        ``piece parcel area_dm2`` of the same pieces.

    Returns
    -------
    DataFrame, one row per parcel and holder
        ``parcel holder``; ``right unit_code right_kind co_ownership chain missing_link
        encumbrances`` of his rights (joined by ``;``); ``share`` of the yield right (1 for a sole
        holder, missing for joint owners, who hold it together, or where it differs between units);
        ``may_pledge`` (boolean, missing where not known; papers and encumbrances apart, which
        clause 4.1 judges); ``pledge_until`` (the earliest end over all rights on the parcel, those
        above in the chain among them; missing: no end where ``term_known``, else not known);
        ``evidence``; ``pieces area_dm2`` of the parcel [0.01 m2]. A parcel nobody holds the yield
        right of has no row.

    Examples
    --------
    >>> from datetime import date
    >>> from ecogis import eligibility
    >>> land = pd.DataFrame({"piece": ["P1"], "stand": ["S1"], "parcel": ["Z1"], "area_dm2": [7]})
    >>> pledgors(eligibility.title(land, None, None, None, date(2026, 8, 31)), land).empty
    True
    """
    require(pieces, ("piece", "parcel", "area_dm2"), "pieces")
    held = title[title["gives_yield"]].drop_duplicates(["parcel", "right"])
    group = held.groupby(["parcel", "holder"], dropna=False).ngroup()
    first = held.assign(group=group).drop_duplicates("group").set_index("group")
    told = first[["parcel", "holder", "may_pledge", "pledge_until", "term_known"]]
    table = told.assign(
        share=_shares(held, group),
        evidence=_joined(held, _PAPERS, group),
        **{name: _joined(held, (name,), group) for name in _LISTED},
    )
    land = pieces.groupby("parcel").agg(pieces=("piece", "size"), area_dm2=("area_dm2", "sum"))
    table = table.merge(land.reset_index(), on="parcel", how="left")
    return table[list(_ORDER)].sort_values(["parcel", "holder"], ignore_index=True)


def _shares(held: pd.DataFrame, group: pd.Series) -> pd.Series:
    """The part of each holder; missing where it differs between the units of a parcel."""
    part = held["share"].astype("Float64").mask(held["co_ownership"].eq("sole"), 1.0)
    parts = part.groupby([group, held["unit_code"].fillna("")]).sum(min_count=1)
    of_holder = parts.groupby(level=0)
    return of_holder.first().mask(of_holder.nunique(dropna=False).gt(1))


def _joined(held: pd.DataFrame, columns: tuple[str, ...], group: pd.Series) -> pd.Series:
    """Identifiers of several cells, each once, in order."""
    cells = pd.concat([pd.DataFrame({"group": group, "text": held[name]}) for name in columns])
    cells = cells[cells["text"].fillna("").ne("")]
    parts = cells.assign(text=cells["text"].astype(str).str.split(";")).explode("text")
    return joined(parts, "group", "text").reindex(group.unique()).astype("string")
