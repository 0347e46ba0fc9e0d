"""Quantities times prices, rounded row by row to the fen, under every price set."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.numerics.rounding import quantise
from ecogis.services.items import parts
from ecogis.services.prices import Price, PriceSet
from ecogis.services.quantities import part_codes

__all__ = ["LISTED", "PRICE_COLUMNS", "part_prices", "set_tables", "spread", "told", "worth_fen"]

PRICE_COLUMNS: Final = (
    "price",
    "base_price",
    "base_year",
    "deflator",
    "price_source",
    "price_title_zh",
    "price_title_en",
    "price_confidence",
)
"""What is told of a price, beside the part it is of."""
LISTED: Final = ("price", "listed", "base", "levelled", "of_set")
"""What a set says of the price of a part."""
_RECORD: Final = ("record", "项目统计表", "the project's records", "assumed")

Prices = Mapping[tuple[str, str], Price | None]


def part_prices(quantities: pd.DataFrame, prices: PriceSet) -> dict[tuple[str, str], Price | None]:
    """The price of every part there is a quantity of; None where the set has none.

    Returns
    -------
    dict of (str, str) to Price or None
        By item and part.
    """
    _, keys = part_codes(quantities)
    return {key: prices.price(parts()[key]) for key in keys}


def worth_fen(quantities: pd.DataFrame, prices: Prices) -> pd.Series:
    """Value of each row, rounded once to the fen; missing where it has no price.

    A record's own price goes before that of the set.

    Parameters
    ----------
    quantities : DataFrame
        As of `ecogis.services.quantities`.
    prices : mapping of (str, str) to Price or None
        By item and part.

    Returns
    -------
    Series of Int64
        Value. [fen]

    Examples
    --------
    3,000 m3 at 6.1107 CNY are 18,332.10 CNY.

    >>> table = pd.DataFrame(
    ...     {
    ...         "item": ["water_retention"],
    ...         "part": ["water"],
    ...         "quantity_milli": [3_000_000],
    ...         "own_price": [np.nan],
    ...     }
    ... )
    >>> price = Price(6.1107, 6.1107, 2005, 1.0, "set@1", "", "", "recalled")
    >>> worth_fen(table, {("water_retention", "water"): price}).tolist()
    [1833210]
    """
    each = _price_of_rows(quantities, prices)
    known = ~np.isnan(each)
    amount = quantities["quantity_milli"].to_numpy(dtype=np.int64)
    value = np.zeros(len(quantities), dtype=np.int64)
    value[known] = quantise(amount[known] / 1000.0 * each[known], 0.01)
    return pd.Series(pd.array(value, dtype="Int64"), index=quantities.index).mask(~known)


def _price_of_rows(quantities: pd.DataFrame, prices: Prices) -> npt.NDArray[np.float64]:
    codes, keys = part_codes(quantities)
    found = [prices[key] for key in keys]
    each = np.array([np.nan if price is None else price.value for price in found], dtype=np.float64)
    of_set = each[codes] if len(codes) else each
    own = quantities["own_price"].to_numpy(dtype=np.float64)
    return np.where(np.isnan(own), of_set, own)


def set_tables(
    quantities: pd.DataFrame, sets: Sequence[PriceSet], main_fen: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The account under every price set: by set, and by set and part.

    A set that has no price for a part leaves it without value: its total is of the parts it
    prices, beside the main set's total of the same rows.

    Parameters
    ----------
    quantities : DataFrame
        Rows that count.
    sets : sequence of PriceSet
        The sets.
    main_fen : Series of Int64
        Values under the main set, by row. [fen]

    Returns
    -------
    sets : DataFrame, one row per set
        ``price_set rows_priced rows_unpriced total_fen main_fen ratio``.
    by_part : DataFrame, one row per set and part priced
        ``price_set item part price listed base levelled of_set value_fen``: `price` is what was
        used, missing where records have their own; `listed` the set's at the account's level as far
        as an index is known (`levelled`), `base` as its source has it; `of_set` is false for the
        project's own price.
    """
    totals, by_part = [], []
    used = quantities["own_price"].isna().groupby([quantities["item"], quantities["part"]]).any()
    for each in sets:
        prices = part_prices(quantities, each)
        value = worth_fen(quantities, prices)
        known = value.notna()
        total, main = int(value.sum()), int(main_fen[known].sum())
        priced = (int(known.sum()), int((~known).sum()))
        totals.append((each.label, *priced, total, main, total / main if main else np.nan))
        sums = value[known].groupby([quantities["item"], quantities["part"]], sort=False).sum()
        for key, worth in sums.items():
            told_of = _listed(each, prices[_pair(key)], used=bool(used[_pair(key)]))
            by_part.append((each.label, *_pair(key), *told_of, int(worth)))
    heads = ["price_set", "rows_priced", "rows_unpriced", "total_fen", "main_fen", "ratio"]
    lines = ["price_set", "item", "part", *LISTED, "value_fen"]
    return pd.DataFrame(totals, columns=heads), pd.DataFrame(by_part, columns=lines)


def _listed(prices: PriceSet, price: Price | None, *, used: bool) -> tuple[Any, ...]:
    """What a set says of a part, in the order of `LISTED`."""
    if price is None:
        return (np.nan, np.nan, np.nan, False, True)
    level = prices.is_levelled(price)
    of_set = price.source != "project"
    return (price.value if used else np.nan, price.value, price.base, level, of_set)


def _pair(key: Any) -> tuple[str, str]:
    return str(key[0]), str(key[1])


def spread(prices: pd.DataFrame, *, limit: float = 3.0) -> pd.DataFrame:
    """How far the prices of a part lie apart among the sets (PC7), at one level.

    Where any of them cannot be brought to the account's year all are compared as their sources have
    them: one that is raised beside one that is not would tell of the index, not of the prices.

    Parameters
    ----------
    prices : DataFrame
        ``item part listed base levelled of_set``, as `set_tables` has them.
    limit : float
        A policy: the highest over the lowest above which a part is flagged. [1]

    Returns
    -------
    DataFrame, one row per part with a price in any set
        ``item part sets low high levelled ratio flagged``: `sets` counts sets, and no records; the
        ratio is 1 where there is one price; `levelled` says which level the prices are of.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "item": ["w", "w", "c"],
    ...         "part": ["water", "water", "co2"],
    ...         "listed": [0.92, 14.12, 380.0],
    ...         "base": [0.92, 7.06, 380.0],
    ...         "levelled": [False, True, False],
    ...         "of_set": True,
    ...     }
    ... )
    >>> spread(table)[["part", "ratio", "flagged"]].round(2).to_numpy().tolist()
    [['water', 7.67, True], ['co2', 1.0, False]]
    """
    priced = prices[prices["listed"].gt(0.0)]
    levelled = priced["levelled"].astype(bool)
    level = levelled.groupby([priced["item"], priced["part"]]).transform("all")
    each = priced["listed"].where(level, priced["base"]).astype("float64")
    grouped = priced.assign(each=each, level=level).groupby(["item", "part"], sort=False)
    found = grouped.agg(
        sets=("of_set", "sum"),
        low=("each", "min"),
        high=("each", "max"),
        levelled=("level", "first"),
    ).reset_index()
    ratio = found["high"] / found["low"]
    return found.assign(ratio=ratio, flagged=ratio.gt(limit))


def told(price: Price | None, *, own: bool) -> tuple[Any, ...]:
    """What the table of parts says of a price, in the order of `PRICE_COLUMNS`."""
    if own:
        return (np.nan, np.nan, 0, 1.0, *_RECORD)
    if price is None:
        return (np.nan, np.nan, 0, np.nan, "", "", "", "")
    figures = (price.value, price.base, price.base_year, price.deflator)
    return (*figures, price.source, price.title_zh, price.title_en, price.confidence)
