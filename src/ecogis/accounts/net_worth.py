"""The balance sheet in money: assets, liabilities by a named policy, net worth by owner."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.layout import Column, Row, Table, column_table, sums_of
from ecogis.accounts.parts import NOT_ON_RECORD
from ecogis.accounts.prices import Asset, assets
from ecogis.accounts.values import REVALUED
from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import codes
from ecogis.numerics.rounding import largest_remainder

__all__ = ["HOLDINGS", "POLICIES", "Duty", "Memo", "duties", "net_worth_table", "value_table"]

POLICIES: Final = {
    "none": ("不确认负债,仅附列", "no liability is booked; memo lines only"),
    "restoration": (
        "待恢复林地的恢复成本列为林地负债",
        "the cost of restoring land that awaits it is a land liability",
    ),
    "over_quota": (
        "超限额采伐的蓄积按价格列为林木负债",
        "volume felled above the quota, at a price, is a timber liability",
    ),
}
"""Policies of liabilities and what they book. No binding layout exists."""

_PLACES: Final = ("township", "owner")
_OF_NOBODY: Final = "M07"  # the project states it as a whole, not by owner
HOLDINGS: Final = ("M01", "M02", "M03", "M04", "M05", "M06", "M07")
"""Asset lines of the value table."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One policy of liabilities with its figures.

    Parameters
    ----------
    policy : {"restoration", "over_quota"}
        What is booked.
    opening_fen, closing_fen : int
        Cost of restoring a hectare, or price of a cubic metre, at both ends. [fen]
    because : str
        Source or reason.
    land_classes : tuple of str
        Restoration: land that awaits it.
    quota_dm3 : int
        Over quota: volume that may be felled in the whole period. [dm3]
    """

    policy: str
    opening_fen: int
    closing_fen: int
    because: str
    land_classes: tuple[str, ...] = ("cutover", "burnt")
    quota_dm3: int = 0


@dataclass(frozen=True, slots=True)
class Memo:
    """An amount shown beside and never added: encumbrances, ecosystem services. [fen]"""

    line: str
    opening_fen: int
    closing_fen: int


def duties(postings: pd.DataFrame, policies: Sequence[Duty]) -> pd.DataFrame:
    """Liabilities by township and owner at both ends.

    Restoration: hectares of the land classes named, at the cost of a hectare. Over quota: removals
    and residues of the period above the quota, spread by what each felled, at the closing price;
    nothing at the opening, because the period before is not in the account.

    Parameters
    ----------
    postings : DataFrame
        The postings.
    policies : sequence of Duty
        Policies in force; empty books nothing.

    Returns
    -------
    DataFrame
        ``asset township owner kind amount status``; kind is opening or closing. [fen]

    Raises
    ------
    ConfigError
        E422: a policy is unknown or its figures are below nothing; a land class is unknown, or
        is named by two policies; two policies are of the quota.

    Examples
    --------
    >>> cut = pd.DataFrame(
    ...     {
    ...         "account": ["land"],
    ...         "line_code": ["A90"],
    ...         "township": ["T"],
    ...         "owner": ["state"],
    ...         "land_class": ["cutover"],
    ...         "amount": [2_000_000],
    ...         "status": ["observed"],
    ...     }
    ... )
    >>> duties(cut, [Duty("restoration", 900_000, 1_000_000, "policy")])["amount"].tolist()
    [2000000]
    """
    _check_once(policies)
    parts = [_booked(postings, duty) for duty in policies]
    names = ["asset", *_PLACES, "kind", "amount", "status"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _check_once(policies: Sequence[Duty]) -> None:
    """No duty is booked twice, and none on land there cannot be."""
    named = [c for duty in policies if duty.policy == "restoration" for c in duty.land_classes]
    known = codes("land_class")
    wrong = [c for place, c in enumerate(named) if c not in known or c in named[:place]]
    if wrong:
        expected = f"land_classes: {', '.join(known)}"
        raise ConfigError("E422", policy=f"restoration {wrong[0]}", expected=expected)
    if sum(duty.policy == "over_quota" for duty in policies) > 1:
        raise ConfigError("E422", policy="over_quota", expected="one quota")


def _booked(postings: pd.DataFrame, duty: Duty) -> pd.DataFrame:
    figures = duty.opening_fen, duty.closing_fen, duty.quota_dm3
    if duty.policy not in POLICIES or duty.policy == "none" or min(figures) < 0:
        raise ConfigError("E422", policy=duty.policy, expected=", ".join(POLICIES))
    return _restoration(postings, duty) if duty.policy == "restoration" else _over(postings, duty)


def _restoration(postings: pd.DataFrame, duty: Duty) -> pd.DataFrame:
    waiting = postings["land_class"].astype(object).isin(list(duty.land_classes))
    mine = postings[postings["account"].astype(object).eq("land") & waiting]
    kinds = {"A00": "opening", "A90": "closing"}
    rows = mine.assign(kind=mine["line_code"].astype(object).map(kinds))
    plain = {name: rows[name].astype(object) for name in (*_PLACES, "kind", "status")}
    rows = pd.DataFrame(plain | {"amount": rows["amount"]})
    found = sums_of(rows[rows["kind"].notna()], [*_PLACES, "kind"])
    cost = np.where(found["kind"].eq("opening"), duty.opening_fen, duty.closing_fen)
    hectares = found["amount"].fillna(0).to_numpy(dtype=np.float64) * 1e-6
    return found.assign(asset="M20", amount=np.rint(hectares * cost).astype(np.int64))


def _over(postings: pd.DataFrame, duty: Duty) -> pd.DataFrame:
    felled = postings["line_code"].astype(object).isin(["T21", "T22"])
    mine = postings[postings["account"].astype(object).eq("timber") & felled]
    plain = {name: mine[name].astype(object) for name in (*_PLACES, "status")}
    found = sums_of(pd.DataFrame(plain | {"amount": mine["amount"]}), list(_PLACES))
    volume = found["amount"].fillna(0).to_numpy(dtype=np.int64)
    above = max(int(volume.sum()) - duty.quota_dm3, 0)
    parts = largest_remainder(volume, above * duty.closing_fen // 1_000) if above else volume * 0
    return found.assign(asset="M21", kind="closing", amount=parts)


def value_table(
    money: pd.DataFrame,
    owed: pd.DataFrame,
    memos: Sequence[Memo] = (),
    *,
    held: Collection[str] = HOLDINGS,
) -> Table:
    """Value of each asset line: opening, effect of volume, effect of prices, closing. [fen]

    Parameters
    ----------
    money : DataFrame
        As `money_rows` gives it.
    owed : DataFrame
        As `duties` gives it.
    memos : sequence of Memo
        Amounts shown beside.
    held : collection of str
        Asset lines the accounts have anything of; the others are nought and need no price.

    Returns
    -------
    Table
        A line that is held and has no price is missing and no part of the sums, which are then
        incomplete.

    Raises
    ------
    IdentityError
        E399 when a line does not close (I08) or net worth is not assets less liabilities (I17).
    """
    kind = money["kind"].mask(money["line_code"].eq(REVALUED), "price")
    rows = pd.concat([money.assign(kind=kind), _as_changes(owed)], ignore_index=True)
    cells = _beside(memos)
    if len(rows):
        booked = sums_of(rows, ["asset", "kind"]).rename(columns={"asset": "row", "kind": "column"})
        cells = pd.concat([booked, cells], ignore_index=True) if len(cells) else booked
    columns = [
        Column("opening", "期初价值", "opening value", "fen"),
        Column("add", "实物增加", "additions", "fen"),
        Column("less", "实物减少", "reductions", "fen"),
        Column("difference", "统计差异", "difference", "fen"),
        Column(
            "volume", "数量变动影响", "effect of volume", "fen",
            ((1, "add"), (-1, "less"), (1, "difference")),
        ),
        Column("price", "价格变动影响(重估价)", "effect of prices (revaluation)", "fen"),
        Column(
            "closing", "期末价值", "closing value", "fen",
            ((1, "opening"), (1, "volume"), (1, "price")),
        ),
    ]  # fmt: skip
    words = {
        "name": "value",
        "zh": "森林资源资产价值表",
        "en": "Value of forest assets",
        "identity": "I17",
        "note_zh": "实物各项按期初、期末均价计价;重估价为其余部分。"
        "生态服务(GEP)为年流量,不计入存量。",
        "note_en": "Physical lines at the mean price; the revaluation is what is left. Ecosystem "
        "services are a yearly flow and never added.",
    }
    return column_table(_all_lines(cells, columns, held), _lines(), columns, words=words)


def net_worth_table(
    money: pd.DataFrame,
    owed: pd.DataFrame,
    *,
    held: Collection[str] = HOLDINGS,
    owned: pd.DataFrame | None = None,
) -> Table:
    """Assets, liabilities and net worth of each owner at both ends. [fen]

    Parameters
    ----------
    money, owed : DataFrame
        As `money_rows` and `duties` give them.
    held : collection of str
        Lines in `held` without a price are missing; the others without one are nought.
    owned : DataFrame, optional
        As `holdings` gives it. An owner who holds none of a line then has nought of it, as surely
        as the surveys say who holds what; missing is what an owner holds and has no price.

    Returns
    -------
    Table

    Raises
    ------
    IdentityError
        E399 (I17) when an owner's net worth is not assets less liabilities.
    """
    ends = money[money["kind"].isin(["opening", "closing"])]
    names = ["asset", "owner", "kind", "amount", "status"]
    rows = pd.concat([ends[names], owed[names]], ignore_index=True)
    rows["owner"] = rows["owner"].astype(object).replace("", NOT_ON_RECORD)
    have = _held_by(owned)
    present = {*rows["owner"], *(owner for _, owner, _ in have)}
    words = codes("owner")
    owners = [code for code in words if code in present]
    cells = _beside(())
    if len(rows):
        cells = sums_of(rows, ["asset", "owner", "kind"])
        cells["column"] = cells["kind"] + "." + cells["owner"]
        cells = cells.rename(columns={"asset": "row"})
    if have:
        cells = pd.concat([cells, _noughts(cells, have, owners)], ignore_index=True)
    columns = []
    for kind, zh, en in (("opening", "期初", "opening"), ("closing", "期末", "closing")):
        made = [Column(f"{kind}.{code}", words[code].zh, words[code].en, "fen") for code in owners]
        sums = tuple((1, column.code) for column in made)
        made.append(Column(f"{kind}.total", "合计", "total", "fen", sums))
        columns += [replace(column, group_zh=zh, group_en=en) for column in made]
    title = {
        "name": "net_worth",
        "zh": "净资产表(按权属分栏)",
        "en": "Net worth by owner",
        "identity": "I17",
    }
    plain = [row for row in _lines() if row.role not in {"memo", "flow"}]
    return column_table(_all_lines(cells, columns, held), plain, columns, words=title)


def _held_by(owned: pd.DataFrame | None) -> dict[tuple[str, str, str], str]:
    """Status by asset line, owner and end of what is held of trees and land."""
    if owned is None:
        return {}
    rows = owned[owned["asset"].ne(_OF_NOBODY)]
    owner = rows["owner"].astype(object).replace("", NOT_ON_RECORD)
    return dict(zip(zip(rows["asset"], owner, rows["kind"], strict=True), rows["status"],
                    strict=True))  # fmt: skip


def _noughts(
    cells: pd.DataFrame, have: dict[tuple[str, str, str], str], owners: Sequence[str]
) -> pd.DataFrame:
    """Of the lines somebody holds: nought for who holds none, missing where there is no price."""
    priced = set(cells["row"])
    there = set(zip(cells["row"], cells["column"], strict=True))
    lines = [asset for asset in HOLDINGS if any(name == asset for name, _, _ in have)]
    made: list[tuple[str, str, int | None, str]] = []
    for kind in ("opening", "closing"):
        known = {status for (_, _, end), status in have.items() if end == kind}
        sure = "observed" if "observed" in known else "modelled"
        for owner in owners:
            column = f"{kind}.{owner}"
            held = {asset for asset in lines if (asset, owner, kind) in have}
            made += [
                (asset, column, None, "missing") if asset in held else (asset, column, 0, sure)
                for asset in lines
                if (asset, column) not in there
            ]
            if held and not held & priced:
                made.append(("M10", column, None, "missing"))
        unpriced = [asset for asset in lines if asset not in priced]
        made += [(asset, f"{kind}.total", None, "missing") for asset in unpriced]
    found = pd.DataFrame(made, columns=["row", "column", "amount", "status"])
    return found.astype({"amount": "Int64"})


def _lines() -> list[Row]:
    """Asset lines, their sum, liabilities, their sum, net worth, and what stands beside."""
    found = assets()
    made = [_line(line) for line in found if line.kind == "asset"]
    made.append(Row("M10", "资产合计", "assets", "subtotal", tuple((1, r.code) for r in made)))
    owed = [_line(line) for line in found if line.kind == "liability"]
    made += owed
    made.append(Row("M29", "负债合计", "liabilities", "subtotal", tuple((1, r.code) for r in owed)))
    equity = next(line for line in found if line.kind == "equity")
    made.append(Row(equity.code, equity.zh, equity.en, "equity", ((1, "M10"), (-1, "M29"))))
    return made + [_line(line) for line in found if line.kind in {"memo", "flow"}]


def _line(line: Asset) -> Row:
    return Row(line.code, line.zh, line.en, line.kind)


def _all_lines(
    cells: pd.DataFrame, columns: Sequence[Column], held: Collection[str]
) -> pd.DataFrame:
    """Held lines without a price, and memo lines without an amount, are missing, not nought."""
    have = set(cells["row"])
    wanted = [line.code for line in assets() if line.kind in {"memo", "flow"} or line.code in held]
    rows = [(code, column.code) for code in wanted if code not in have for column in columns]
    missing = pd.DataFrame(rows, columns=["row", "column"]).assign(amount=None, status="missing")
    parts = [part.astype({"amount": "Int64"}) for part in (cells, missing) if len(part)]
    found = pd.concat(parts, ignore_index=True) if parts else cells
    return found.astype({"amount": "Int64"})[["row", "column", "amount", "status"]]


def _as_changes(owed: pd.DataFrame) -> pd.DataFrame:
    """A liability's change between both ends as an addition or a reduction."""
    if not len(owed):
        return owed
    sign = np.where(owed["kind"].eq("opening"), -1, 1)
    net = owed.assign(amount=owed["amount"] * sign).groupby("asset")["amount"].sum()
    change = pd.DataFrame({"asset": net.index, "amount": net.abs().to_numpy()})
    change = change.assign(status="modelled", kind=np.where(net.to_numpy() >= 0, "add", "less"))
    return pd.concat([owed, change], ignore_index=True)


def _beside(memos: Sequence[Memo]) -> pd.DataFrame:
    """Memo lines with an amount at both ends, and what changed between."""
    rows = []
    for memo in memos:
        change = memo.closing_fen - memo.opening_fen
        ends = {"opening": memo.opening_fen, "closing": memo.closing_fen}
        ends |= {"add": max(change, 0), "less": max(-change, 0)}
        rows += [(memo.line, column, amount, "observed") for column, amount in ends.items()]
    return pd.DataFrame(rows, columns=["row", "column", "amount", "status"])
