"""Accounts in money: each physical line at the mid price, what is left is the change of prices.

All amounts are whole fen and add up exactly; prices are whole fen of a cubic metre, hectare or
tonne, so that a value is a ratio of whole numbers, rounded once.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.layout import STATUS, sums_of
from ecogis.accounts.prices import Price, price_table
from ecogis.core.errors import IdentityError
from ecogis.core.vocabulary import require

__all__ = ["KEYS", "MOVED_IN", "MOVED_OUT", "REVALUED", "money_rows", "split_value", "transfers"]

KEYS: Final = ("township", "farm", "owner", "origin", "forest_category")
"""What a row of money says of the land it is about."""
REVALUED: Final = "R01"
MOVED_IN: Final = "X14"
MOVED_OUT: Final = "X26"

_SIGN: Final = {"opening": 1, "add": 1, "less": -1, "difference": 1, "closing": -1}
_MOST_OFF: Final = 2  # fen: opening, closing and volume effect are each rounded once

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.object_]  # Python integers: quantity times price may pass 2**63


def split_value(
    opening: Sequence[int], closing: Sequence[int], prices: tuple[int, int], per: int
) -> pd.DataFrame:
    r"""Values at both ends, and their difference as an effect of volume and one of price.

    .. math:: V_1 - V_0 = (Q_1 - Q_0) \frac{p_0 + p_1}{2} + \frac{Q_0 + Q_1}{2} (p_1 - p_0)

    Parameters
    ----------
    opening, closing : sequence (cell) of int
        Quantities in whole units.
    prices : tuple of int
        Price at the opening and at the closing. [fen]
    per : int
        Whole units one price is for.

    Returns
    -------
    DataFrame (cell)
        ``opening volume_effect price_effect closing``: the first three add up to the last. [fen]

    References
    ----------
    .. [1] Identity I08 of the balance sheet; SEEA Central Framework, monetary asset account.

    Examples
    --------
    Ten cubic metres at 500 yuan become twelve at 600: two at 550, eleven times 100.

    >>> split_value([10_000], [12_000], (50_000, 60_000), 1_000).iloc[0].tolist()
    [500000, 110000, 110000, 720000]
    """
    first, last = _whole(opening), _whole(closing)
    start = _ratio(first * prices[0], per)
    end = _ratio(last * prices[1], per)
    volume = _ratio((last - first) * sum(prices), 2 * per)
    columns = {"opening": start, "volume_effect": volume, "price_effect": end - start - volume}
    return pd.DataFrame(columns | {"closing": end}).astype("int64")


def transfers(flows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """What moved from one cell to another without a line of its own: ageing, a change of use.

    Parameters
    ----------
    flows : DataFrame
        ``line_code kind amount status`` and `keys`; kind is opening, add, less, difference or
        closing. [whole units]
    keys : sequence of str
        What tells the cells apart.

    Returns
    -------
    DataFrame
        Rows of lines X14 (in) and X26 (out), by cell.

    Raises
    ------
    IdentityError
        E399 (I04) when what moves in is not what moves out, in some township.

    Examples
    --------
    >>> aged = pd.DataFrame(
    ...     {
    ...         "township": ["T", "T"],
    ...         "asset": ["M02", "M03"],
    ...         "line_code": ["T00", "T90"],
    ...         "kind": ["opening", "closing"],
    ...         "amount": [5, 5],
    ...         "status": ["observed", "observed"],
    ...     }
    ... )
    >>> transfers(aged, ["township", "asset"])[["asset", "line_code", "amount"]].values.tolist()
    [['M02', 'X26', 5], ['M03', 'X14', 5]]
    """
    signed = flows["amount"].astype("int64") * flows["kind"].map(_SIGN).astype("int64")
    left = -signed.groupby([flows[key] for key in keys], sort=True, observed=True).sum()
    moved = left[left.ne(0)].rename("amount").reset_index()
    places = moved["township"] if "township" in moved else pd.Series("", moved.index)
    gap = moved["amount"].groupby(places).sum()
    wrong = gap[gap.ne(0)]
    if len(wrong):
        raise IdentityError(
            "E399",
            identity="I04",
            cells=f"{wrong.index[0] or 'all'} / {MOVED_IN} - {MOVED_OUT}",
            difference=int(wrong.iloc[0]),
            unit="dm2, dm3",
        )
    came = moved["amount"].gt(0)
    return moved.assign(
        line_code=np.where(came, MOVED_IN, MOVED_OUT),
        kind=np.where(came, "add", "less"),
        amount=moved["amount"].abs(),
        status="modelled",
    )


def money_rows(
    flows: pd.DataFrame, prices: Iterable[Price], *, keys: Sequence[str] = KEYS
) -> pd.DataFrame:
    """Every physical line of the priced assets in money, with the revaluation of each cell.

    Parameters
    ----------
    flows : DataFrame
        ``asset line_code kind amount status`` and `keys`: physical rows of each asset line in the
        unit its price is for, transfers between cells among them.
    prices : iterable of Price
        One for each asset line that has one; lines without a price are left out, never valued at
        nothing.
    keys : sequence of str
        What tells the cells apart, with the asset.

    Returns
    -------
    DataFrame
        `keys`, ``asset line_code kind amount status``: opening at the opening price, each line at
        the mid price, ``R01`` the revaluation, closing at the closing price; in each cell opening
        + additions - reductions + difference + revaluation = closing. Reductions are positive
        unless a line runs against its sign. [fen]

    Raises
    ------
    ConfigError
        E420: a price is wrong.
    IdentityError
        E399: a cell does not close in kind (I01), or its value does not split (I08).

    Examples
    --------
    Ten cubic metres grow by two, the price rises from 500 to 600 yuan.

    >>> row = {"line_code": ["T00", "T13", "T90"], "kind": ["opening", "add", "closing"]}
    >>> flows = pd.DataFrame(
    ...     row | {"asset": "M04", "amount": [10_000, 2_000, 12_000], "status": "observed"}
    ... )
    >>> made = money_rows(flows, [Price("M04", "volume", 50_000, 60_000, "survey")], keys=[])
    >>> made.set_index("line_code")["amount"].to_dict()
    {'T00': 500000, 'T13': 110000, 'T90': 720000, 'R01': 110000}
    """
    require(flows, ["asset", "line_code", "kind", "amount", "status", *keys], "flows")
    cells = [*keys, "asset"]
    table = price_table(prices)
    parts = [
        _asset(flows[flows["asset"].eq(str(asset))], price, cells)
        for asset, price in table.iterrows()
        if flows["asset"].eq(str(asset)).any()
    ]
    names = [*cells, "line_code", "kind", "amount", "status"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _asset(flows: pd.DataFrame, price: pd.Series, cells: list[str]) -> pd.DataFrame:
    """One asset line: sums by cell and line, then the split of each cell."""
    rows = sums_of(flows, [*cells, "line_code", "kind"])
    rows["amount"] = rows["amount"].fillna(0).astype("int64")
    cell = _cells_of(rows, cells)
    count = int(cell.max()) + 1
    kind = rows["kind"].to_numpy(dtype=object)
    amount: Ints = rows["amount"].to_numpy(dtype=np.int64)
    first, last = (_at(kind == name, amount, cell, count) for name in ("opening", "closing"))
    signs = np.array([_SIGN[name] for name in kind], dtype=np.int64)
    flow = ~np.isin(kind, ["opening", "closing"])
    _closed(_at(flow, amount * signs, cell, count) + first - last, rows, cell, cells)
    ends = int(price["opening_fen"]), int(price["closing_fen"])
    per = int(price["per"])
    split = split_value(first.tolist(), last.tolist(), ends, per)
    _check_split(split, first, last, ends, per)
    value = np.zeros(len(rows), dtype=np.int64)
    value[kind == "opening"] = split["opening"].to_numpy()[cell[kind == "opening"]]
    value[kind == "closing"] = split["closing"].to_numpy()[cell[kind == "closing"]]
    shares = _whole((amount * signs)[flow]) * sum(ends)
    effects: Ints = split["volume_effect"].to_numpy(dtype=np.int64)
    value[flow] = _shared(shares, 2 * per, cell[flow], effects) * signs[flow]
    made = rows.assign(amount=value, status=_valued(rows["status"]))
    return pd.concat([made, _revalued(made, split, cell, cells)], ignore_index=True)


def _cells_of(rows: pd.DataFrame, cells: list[str]) -> Ints:
    """Number of each row's cell."""
    return np.asarray(rows.groupby(cells, sort=True, observed=True).ngroup(), dtype=np.int64)


def _revalued(
    rows: pd.DataFrame, split: pd.DataFrame, cell: Ints, cells: list[str]
) -> pd.DataFrame:
    """The line of the revaluation of each cell that has one."""
    status = sums_of(rows, cells)
    first = rows.assign(cell=cell).drop_duplicates("cell")[cells]
    effect = split["price_effect"].to_numpy()
    made: pd.DataFrame = first.assign(
        line_code=REVALUED, kind="add", amount=effect, status=status["status"].to_numpy()
    )
    revalued: pd.DataFrame = made.loc[effect != 0]
    return revalued


def _shared(shares: Whole, per: int, cell: Ints, totals: Ints) -> Ints:
    """Whole parts of ``shares / per`` that add up to each cell's total, by largest remainder."""
    parts = np.array([number // per for number in shares], dtype=np.int64)
    rest = np.array([number % per for number in shares], dtype=np.float64)
    left = totals.copy()
    np.subtract.at(left, cell, parts)
    order = np.lexsort((np.arange(len(cell)), -rest, cell))
    ordered = cell[order]
    place = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
    parts[order] += place < left[ordered]
    return parts


def _check_split(
    split: pd.DataFrame,
    first: Ints,
    last: Ints,
    ends: tuple[int, int],
    per: int,
) -> None:
    """I08: the revaluation is the mean quantity times the change of price, but for rounding."""
    meant = (_whole(first) + _whole(last)) * (ends[1] - ends[0])
    off = np.abs(_whole(split["price_effect"]) * (2 * per) - meant)
    worst_off = max(off, default=0)
    if worst_off > _MOST_OFF * 2 * per:
        raise IdentityError(
            "E399", identity="I08", cells="price effect", difference=worst_off, unit="fen"
        )


def _closed(
    gap: Ints,
    rows: pd.DataFrame,
    cell: Ints,
    cells: list[str],
) -> None:
    wrong = np.flatnonzero(gap)
    if len(wrong):
        where = rows[cell == wrong[0]].iloc[0]
        named = " / ".join(str(where[name]) for name in cells if str(where[name]))
        raise IdentityError(
            "E399", identity="I01", cells=named, difference=int(gap[wrong[0]]), unit="dm2, dm3, kg"
        )


def _valued(status: pd.Series) -> pd.Series:
    """A value is never better than modelled: it is a quantity times a price."""
    return status.where(status.ne(STATUS[0]), "modelled")


def _at(
    where: npt.NDArray[np.bool_],
    amount: Ints,
    cell: Ints,
    count: int,
) -> Ints:
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, cell[where], amount[where])
    return found


def _whole(numbers: Iterable[int]) -> Whole:
    return np.array([int(number) for number in numbers], dtype=object)


def _ratio(numbers: Whole, per: int) -> Whole:
    """Whole number nearest to ``number / per``, ties to the even one, exactly."""
    made = np.empty(len(numbers), dtype=object)
    for place, number in enumerate(numbers):
        quotient, rest = divmod(number, per)
        up = 2 * rest > per or (2 * rest == per and quotient % 2 == 1)
        made[place] = quotient + int(up)
    return made
