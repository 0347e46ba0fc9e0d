"""Physical rows of each asset line, from the postings: what the value table values."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.layout import sums_of
from ecogis.accounts.lines import lines
from ecogis.accounts.prices import Price, asset_of, price_table
from ecogis.accounts.values import KEYS, transfers
from ecogis.core.vocabulary import FOREST_LAND

__all__ = ["asset_flows", "holdings", "kinds", "physical_rows"]

_NAMES: Final = ("line_code", "kind", "amount", "status")
_BY_CAUSE: Final = ("A1", "A2")  # land that changed its class, by cause
_SHEETS: Final = {"land": "area", "forest": "timber", "timber": "timber", "carbon": "timber"}
CREDITS: Final = "X10"


def kinds(account: str) -> dict[str, str]:
    """Line of an account to what it does: opening, add, less, difference or closing.

    >>> [kinds("timber")[code] for code in ("T00", "T21", "T90", "T91")]
    ['opening', 'less', 'closing', 'difference']
    """
    found = {}
    for line in lines(_SHEETS[account]):
        if line.kind == "stock":
            found[line.code] = "opening" if line.code.endswith("00") else "closing"
        elif line.kind in {"add", "less"}:
            found[line.code] = line.kind
        elif line.kind == "check":
            found[line.code] = "difference"
    return found


def physical_rows(postings: pd.DataFrame, account: str, keys: Sequence[str]) -> pd.DataFrame:
    """Rows of one account between the cells of `keys`, moves between them as X14 and X26.

    What moved between attributes is left out and worked out anew between these cells.

    Parameters
    ----------
    postings : DataFrame
        The postings, with every column of `keys`.
    account : {"land", "forest", "timber", "carbon"}
        Which account.
    keys : sequence of str
        What tells the cells apart.

    Returns
    -------
    DataFrame
        `keys`, ``line_code kind amount status``; in each cell opening + additions - reductions +
        difference = closing. [whole units of the account]

    Raises
    ------
    IdentityError
        E399 (I04) when what moves in is not what moves out, in some township.
    """
    mine = postings[postings["account"].astype(object).eq(account)]
    lasting = mine["move"].eq("") | mine["line_code"].astype(object).str.startswith(_BY_CAUSE)
    sums = sums_of(mine[lasting], [*keys, "line_code"])
    rows = sums.assign(**{name: sums[name].astype(object) for name in (*keys, "line_code")})
    rows["kind"] = rows["line_code"].map(kinds(account))
    rows = rows[rows["kind"].notna()]
    rows["amount"] = rows["amount"].fillna(0).astype("int64")
    moved = transfers(rows, keys)
    parts = [part for part in (rows, moved) if len(part)]
    return (pd.concat(parts, ignore_index=True) if parts else rows)[[*keys, *_NAMES]]


def asset_flows(
    postings: pd.DataFrame,
    prices: Iterable[Price] = (),
    *,
    credits_kg: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Physical rows of every asset line, in the unit its price is for.

    Land by the land account; what has a price a hectare by the forest area account; the other
    trees by the timber account. Timber without age group, and land that is no forest land, is no
    asset line.

    Parameters
    ----------
    postings : DataFrame
        The postings.
    prices : iterable of Price
        Tell the lines that are priced by area; without one M05 and M06 are, the others are not.
    credits_kg : tuple of int, optional
        Future reductions that can be certified, at the opening and the closing: M07. [kg CO2e]

    Returns
    -------
    DataFrame
        ``asset``, the keys, ``line_code kind amount status``.
    """
    table = price_table(prices)
    basis = {"M05": "area", "M06": "area"} | table["basis"].to_dict()
    by_area = {line for line, name in basis.items() if name == "area"} - {"M01"}
    keys = [*KEYS, "asset"]
    land = postings[postings["account"].eq("land")]
    land = land.assign(asset=np.where(land["land_class"].isin(list(FOREST_LAND)), "M01", ""))
    ground = physical_rows(land, "land", keys)
    trees = postings[postings["account"].isin(["forest", "timber"])]
    trees = trees.assign(asset=asset_of(trees))
    area = physical_rows(trees, "forest", keys)
    volume = physical_rows(trees, "timber", keys)
    parts = [
        _netted(ground[ground["asset"].eq("M01")], keys),
        area[area["asset"].isin(by_area)],
        volume[~volume["asset"].isin([*by_area, ""])],
    ]
    if credits_kg is not None:
        parts.append(_credits(*credits_kg))
    return pd.concat(parts, ignore_index=True)[[*keys, *_NAMES]]


def holdings(flows: pd.DataFrame) -> pd.DataFrame:
    """Who holds any of each asset line, at the opening and at the closing.

    Parameters
    ----------
    flows : DataFrame
        As `asset_flows` gives them.

    Returns
    -------
    DataFrame
        ``asset owner kind status``, one row for each; kind is opening or closing. What a stand has
        no figure for is held too, and missing.

    Examples
    --------
    >>> row = {"asset": "M04", "owner": "state", "kind": "closing", "status": "observed"}
    >>> holdings(pd.DataFrame([row | {"amount": 5}, row | {"amount": 0}])).values.tolist()
    [['M04', 'state', 'closing', 'observed']]
    """
    some = flows["amount"].gt(0) | flows["status"].isin(["missing", "incomplete"])
    ends = flows["kind"].isin(["opening", "closing"]) & some
    names = ["asset", "owner", "kind", "status"]
    return flows.loc[ends, names].astype(object).drop_duplicates(ignore_index=True)


def _netted(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Land that came and land that went for the same cause, set off cell by cell."""
    moves = rows["kind"].isin(["add", "less"]) & rows["line_code"].str.startswith("A")
    cause = rows.loc[moves, "line_code"].str[-1]
    signed = rows.loc[moves, "amount"].where(rows.loc[moves, "kind"].eq("add"), -rows["amount"])
    sums = rows[moves].assign(cause=cause, amount=signed)
    net = sums_of(sums, [*keys, "cause"])
    net = net[net["amount"].fillna(0).ne(0)]
    came = net["amount"].gt(0)
    prefix = np.where(came, *_BY_CAUSE)
    made = net.assign(
        line_code=prefix + net["cause"].to_numpy(dtype=object),
        kind=np.where(came, "add", "less"),
        amount=net["amount"].abs(),
    ).drop(columns="cause")
    return pd.concat([rows[~moves], made], ignore_index=True) if len(made) else rows[~moves]


def _credits(opening: int, closing: int) -> pd.DataFrame:
    """Rows of the carbon asset: only what it was and is are known, so the change is net."""
    kind = "add" if closing >= opening else "less"
    made = pd.DataFrame(
        {
            "line_code": ["X00", CREDITS, "X90"],
            "kind": ["opening", kind, "closing"],
            "amount": [opening, abs(closing - opening), closing],
        }
    )
    return made.assign(asset="M07", status="modelled", **dict.fromkeys(KEYS, ""))
