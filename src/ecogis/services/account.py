"""The account of ecosystem services of a year: a flow, item by item, exact to the fen.

It is never a part of a balance sheet: it has no opening, no closing and no stock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import IdentityError
from ecogis.core.findings import Findings
from ecogis.methods.gep_standard import GepStandard
from ecogis.services.account_findings import (
    RANKS,
    tell_dear,
    tell_items,
    tell_prices,
    tell_sets,
    tell_spread,
    tell_standard,
)
from ecogis.services.items import items, parts
from ecogis.services.prices import PriceSet
from ecogis.services.quantities import part_codes
from ecogis.services.valuing import (
    LISTED,
    PRICE_COLUMNS,
    Prices,
    part_prices,
    set_tables,
    spread,
    told,
    worth_fen,
)

__all__ = ["GepAccount", "account"]

_PART: Final = ["item", "part", "product", "unit"]


@dataclass(frozen=True, slots=True)
class GepAccount:
    """Gross ecosystem product of one year; all values are whole fen, all quantities thousandths.

    Attributes
    ----------
    year : int
        Year the flow is of.
    standard : GepStandard
        Says which items count.
    price_set : str
        The main price set.
    rows : DataFrame
        Quantities with ``counted``, ``why_not`` and ``value_fen`` (missing without a price).
    parts : DataFrame
        By part and product: quantity, price with its source, value.
    items : DataFrame
        By item, also those without value: ``item code class zh en rank rank_zh rank_en value_fen
        counted``.
    townships : DataFrame
        ``township item value_fen`` of what counts; township ``""`` is not placed in one.
    sets, by_set : DataFrame
        The account under every price set, and its parts.
    spread : DataFrame
        How far prices lie apart.
    total_fen : int
        Sum of what counts: the gross ecosystem product where `sum_key` says so. [fen]
    """

    year: int
    standard: GepStandard
    price_set: str
    rows: pd.DataFrame
    parts: pd.DataFrame
    items: pd.DataFrame
    townships: pd.DataFrame
    sets: pd.DataFrame
    by_set: pd.DataFrame
    spread: pd.DataFrame
    total_fen: int

    @property
    def counted(self) -> pd.DataFrame:
        """The rows that count and have a value."""
        return self.rows[self.rows["counted"] & self.rows["value_fen"].notna()]

    @property
    def sum_key(self) -> str:
        """What the total is: ``product``, ``forest`` services, or ``seen`` items of a standard."""
        if self.standard.is_of_forests:
            return "forest"
        return "seen" if self.standard.complete is False else "product"


def account(
    quantities: pd.DataFrame,
    *,
    year: int,
    standard: GepStandard,
    prices: PriceSet,
    sets: Sequence[PriceSet] = (),
    findings: Findings,
) -> GepAccount:
    """Value the quantities of a year.

    Parameters
    ----------
    quantities : DataFrame
        As of `ecogis.services.quantities`, after `once` and `less_outside`.
    year : int
        Year of the account.
    standard : GepStandard
        Items it does not list are valued and shown, and do not count.
    prices : PriceSet
        The main prices.
    sets : sequence of PriceSet
        Sets the account is shown under beside it.
    findings : Findings
        Takes what is below.

    Returns
    -------
    GepAccount
        Totals by item, township and row agree to the fen.

    Raises
    ------
    IdentityError
        E504 (I13): sums by two ways differ.

    Findings
    --------
    E493
        PC7: prices of a part lie more than three times apart, those on record among them.
    E495
        The standard is not in force in the year.
    E499
        A price is of another year and no index was given.
    E568
        The same of another set: how many of its prices.
    E502
        An item of the standard, or a part of one, has no value: without data, or without a price.
    E566
        Not all items of the standard were seen: the sum is of those that were.
    E567
        An item the standard has as compulsory has no value.
    E962, E963
        The standard is one of forests, whose sum is no gross ecosystem product; it does not name
        the way the carbon stage takes.
    E964
        PC7: a main price is more than ten times (a policy) the highest of all other sets.
    """
    quantities = _ordered(quantities)
    known = part_prices(quantities, prices)
    rows = _counted(quantities, standard, known).assign(value_fen=worth_fen(quantities, known))
    counting = rows[rows["counted"]]
    totals, by_set = set_tables(counting, (prices, *sets), counting["value_fen"])
    made = GepAccount(
        year=year,
        standard=standard,
        price_set=prices.label,
        rows=rows,
        parts=_by_part(rows, known),
        items=_by_item(rows, standard),
        townships=_by_township(counting),
        sets=totals,
        by_set=by_set,
        spread=spread(_all_prices(by_set, counting, prices)),
        total_fen=int(counting["value_fen"].sum()),
    )
    _check(made)
    tell_standard(made, findings)
    tell_items(made, findings)
    _, counted_parts = part_codes(counting[counting["own_price"].isna()])
    used = {key: known[key] for key in counted_parts}
    tell_prices(used, prices, year, findings)
    tell_sets(made, findings)
    tell_spread(made, findings)
    tell_dear(made, used, prices, findings)
    return made


def _ordered(quantities: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of accounts; rows of a part as they came."""
    order = {key: at for at, key in enumerate(parts())}
    codes, keys = part_codes(quantities)
    places = np.array([order[key] for key in keys], dtype=np.int64)[codes]
    return quantities.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)


def _counted(quantities: pd.DataFrame, standard: GepStandard, known: Prices) -> pd.DataFrame:
    """Whether each row counts, and if not by what rule.

    Where a standard lists soil both ways, that of forests counts if the main prices have it, else
    that by silt and nutrients: never both, and never the one without a price beside the other.
    Supporting services count under a standard of forests only.
    """
    item = quantities["item"]
    groups = item.map({key: about.group for key, about in items().items()})
    supporting = groups.eq("supporting") & (not standard.is_of_forests)
    listed = item.isin(list(standard.items))
    both = {"soil_retention", "soil_conservation"} <= set(standard.items)
    priced = any(
        price is not None for (name, _), price in known.items() if name == "soil_conservation"
    )
    twice = item.eq("soil_retention" if priced else "soil_conservation") & both
    why = pd.Series("", index=quantities.index, dtype=object)
    why = why.mask(twice, "soil_parts_once").mask(supporting, "supporting_apart")
    why = why.mask(~listed, "not_seen" if standard.complete is False else "not_listed")
    return quantities.assign(counted=why.eq(""), why_not=why)


def _by_part(rows: pd.DataFrame, prices: Prices) -> pd.DataFrame:
    own = rows["own_price"].notna().rename("own")
    grouped = rows.groupby([*_PART, "formula", "counted", own], sort=False)
    sums = grouped.agg(
        quantity_milli=("quantity_milli", "sum"),
        value_fen=("value_fen", lambda fen: fen.sum(min_count=1)),
        origins=("origin", lambda texts: ", ".join(sorted(texts.unique()))),
    ).reset_index()
    about = [
        told(prices[item, part], own=bool(has_own))
        for item, part, has_own in zip(sums["item"], sums["part"], sums["own"], strict=True)
    ]
    priced = pd.DataFrame(about, columns=list(PRICE_COLUMNS), index=sums.index)
    names = [parts()[key] for key in zip(sums["item"], sums["part"], strict=True)]
    sums = sums.assign(zh=[name.zh for name in names], en=[name.en for name in names])
    sums["value_fen"] = sums["value_fen"].astype("Int64")
    return pd.concat([sums.drop(columns="own"), priced], axis=1)


def _by_item(rows: pd.DataFrame, standard: GepStandard) -> pd.DataFrame:
    worth = rows[rows["counted"]].groupby("item")["value_fen"].sum(min_count=1)
    shown = rows.groupby("item")["value_fen"].sum(min_count=1)
    lines = []
    for key, about in items().items():
        listed = standard.items.get(key)
        if listed is None and key not in shown.index:
            continue
        rank = listed.rank if listed else ""
        names = (about.code, about.group, about.zh, about.en)
        counted = listed is not None and (key in worth.index or key not in shown.index)
        value = (worth if counted else shown).get(key, pd.NA)
        told_as = "unseen" if not listed and standard.complete is False else rank
        lines.append((key, *names, rank, *RANKS[told_as], value, counted))
    heads = ["item", "code", "class", "zh", "en", "rank", "rank_zh", "rank_en", "value_fen"]
    return pd.DataFrame(lines, columns=[*heads, "counted"]).astype({"value_fen": "Int64"})


def _all_prices(by_set: pd.DataFrame, counting: pd.DataFrame, prices: PriceSet) -> pd.DataFrame:
    """Prices of the sets, and beside them those on record of parts that a set prices.

    Where the project has a price of its own, that of the main set stands beside it too.
    """
    keys = ["item", "part"]
    priced = by_set.loc[by_set["listed"].notna(), keys].drop_duplicates()
    own = counting.loc[counting["own_price"].notna(), [*keys, "own_price"]]
    records = own.rename(columns={"own_price": "listed"}).merge(priced, on=keys)
    records = records.assign(base=records["listed"], levelled=True, of_set=False)
    _, counted = part_codes(counting)
    replaced = [
        (*key, price.value, price.base, prices.is_levelled(price), True)
        for key in counted
        if (price := prices.listed(parts()[key])) is not None
    ]
    columns = [*keys, *LISTED[1:]]
    tables = [by_set[columns], records[columns], pd.DataFrame(replaced, columns=columns)]
    some = [table for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if some else by_set[columns]


def _by_township(counting: pd.DataFrame) -> pd.DataFrame:
    valued = counting[counting["value_fen"].notna()]
    found = valued.groupby(["township", "item"], sort=True)["value_fen"].sum().reset_index()
    return found.astype({"value_fen": "int64"})


def _check(made: GepAccount) -> None:
    """I13: the total is the sum of rows, of items, of townships and of the main set."""
    ways = {
        "items": int(made.items.loc[made.items["counted"], "value_fen"].sum()),
        "townships": int(made.townships["value_fen"].sum()),
        "parts": int(made.parts.loc[made.parts["counted"], "value_fen"].sum()),
        "price set": int(made.sets["total_fen"].iloc[0]),
    }
    for name, total in ways.items():
        if total != made.total_fen:
            gap = f"{total - made.total_fen} fen"
            raise IdentityError("E504", identity="I13", cells=f"rows, {name}", difference=gap)
