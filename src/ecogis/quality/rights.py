"""Rights: on a parcel that is there, in force, with shares that add up."""

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.quality.limits import Limits
from ecogis.quality.table import Names, Table

__all__ = [
    "bare_parcels",
    "expired",
    "in_force",
    "kinds",
    "orphans",
    "reversed_dates",
    "share_sums",
    "shares",
]

Mask = npt.NDArray[np.bool_]


def in_force(table: Table, day: dt.date) -> Mask:
    """Rows whose span from ``start`` to ``end`` holds a day; a missing date does not bound."""
    at = pd.Timestamp(day)
    start, end = table.date("start"), table.date("end")
    return np.asarray((start.isna() | (start <= at)) & (end.isna() | (end >= at)), dtype=bool)


def orphans(rights: Table, parcels: Names) -> None:
    """E215: a right whose parcel is not in the layer of parcels."""
    rights.tell("E215", ~rights.known("parcel", parcels), "parcel", x=rights.text("unit_code"))


def bare_parcels(parcels: Table, rights: Table) -> None:
    """E216: a parcel on which no right is registered."""
    parcels.tell("E216", ~parcels.known("parcel", rights.text("parcel")), "parcel")


def reversed_dates(table: Table, first: str = "start", last: str = "end") -> None:
    """E218: a span that ends before it begins."""
    start, end = table.date(first), table.date(last)
    wrong = (end < start).fillna(value=False)
    table.tell("E218", wrong, last, a=start.dt.date, b=end.dt.date)


def expired(rights: Table, day: dt.date) -> None:
    """E217: a right that is not in force at the valuation date."""
    start, end = rights.date("start"), rights.date("end")
    ordered = ~(end < start).fillna(value=False)
    rights.tell(
        "E217",
        ordered & ~in_force(rights, day),
        "end",
        expected=f">= {day}",
        a=start.dt.date,
        b=end.dt.date,
        day=day,
    )


def kinds(rights: Table) -> None:
    """E223: a kind of right or of co-ownership that is not known."""
    for column in ("right_kind", "co_ownership"):
        rights.tell("E223", ~rights.decoded(column, column) & ~rights.told(column), column)


def shares(rights: Table) -> None:
    """E222: a share where there can be none, none where there must be one, or one beyond 0..1."""
    share, given = rights.number("share"), rights.given("share")
    by_shares = rights.known("co_ownership", {"shares"})
    decoded = rights.decoded("co_ownership", "co_ownership")
    outside = given & ~((share > 0) & (share <= 1))
    alone = rights.known("co_ownership", {"sole"}) & (share == 1)
    wrong = outside | (by_shares & ~given) | (decoded & ~by_shares & given & ~alone)
    rights.tell(
        "E222",
        wrong & ~rights.told("share"),
        "share",
        **rights.labels("co_ownership", "co_ownership"),
    )


def share_sums(rights: Table, day: dt.date, limits: Limits) -> None:
    """E219: rights of one kind on one parcel that do not make up one whole at a day.

    A sole right is a whole, all joint holders together are one whole, shares count as they are.
    Where a share is missing the sum is not known, and `shares` tells it.
    """
    table = pd.DataFrame(
        {
            "unit": rights.text("unit_code"),
            "kind": rights.text("right_kind"),
            "how": rights.text("co_ownership"),
            "share": rights.number("share"),
        }
    )
    active = table[in_force(rights, day) & table[["unit", "kind", "how"]].notna().all(axis=1)]
    holders = active.groupby(["unit", "kind", "how"])["how"].transform("size")
    part = np.select(
        [active["how"] == "shares", active["how"] == "joint"], [active["share"], 1.0 / holders], 1.0
    )
    whole = active.assign(part=part).fillna({"part": np.inf})  # a missing share leaves it open
    total = whole.groupby(["unit", "kind"])["part"].sum()
    first = active.drop_duplicates(["unit", "kind"])
    sums = pd.Series(
        total.reindex(pd.MultiIndex.from_frame(first[["unit", "kind"]])).to_numpy(),
        index=first.index,
    ).reindex(table.index, fill_value=1.0)
    rights.tell(
        "E219",
        ((sums - 1.0).abs() > limits.share_sum) & np.isfinite(sums),
        "share",
        observed=sums.round(6),
        expected="1",
        x=table["unit"],
        **rights.labels("right_kind", "right_kind"),
    )
