"""What is told of an account of services: of its standard, items, prices and their spread."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecogis.core.findings import Findings
from ecogis.services.items import Part, parts
from ecogis.services.prices import PriceSet
from ecogis.services.quantities import CARBON
from ecogis.services.valuing import Prices

if TYPE_CHECKING:
    from ecogis.services.account import GepAccount

__all__ = [
    "RANKS",
    "tell_dear",
    "tell_items",
    "tell_prices",
    "tell_sets",
    "tell_spread",
    "tell_standard",
]

RANKS: Final = {
    "compulsory": ("必选", "compulsory"),
    "optional": ("可选", "optional"),
    "listed": ("列入", "listed"),
    "unseen": ("未见", "not seen"),
    "": ("未列入", "not listed"),
}
"""What an item is to the standard, in words."""
_CARBON_WAY: Final = "biomass"  # the carbon stage's: the change of a stock
_WITHOUT: Final = {
    "data": ("没有数据", "there are no data"),
    "price": ("价格集中没有价格", "the price set has no price"),
}


def tell_standard(made: "GepAccount", findings: Findings) -> None:
    """What is known of the standard, and what its sum is (E495, E566, E962, E963)."""
    if made.standard.in_force_on(date(made.year, 12, 31)) is False:
        findings.add(
            "E495",
            layer="gep",
            feature=made.standard.label,
            standard=made.standard.number_or_label,
            day=made.standard.in_force_from,
            year=made.year,
        )
    listed = {"feature": made.standard.label, "standard": made.standard.number_or_label}
    if made.standard.is_of_forests:
        findings.add("E962", layer="gep", **listed)
    if made.standard.complete is False:
        findings.add("E566", layer="gep", **listed, number=len(made.standard.items))
    ways = made.standard.carbon_methods
    if ways and _CARBON_WAY not in ways and made.rows["item"].eq(CARBON[0]).any():
        findings.add("E963", layer="gep", **listed, ways=", ".join(ways))


def tell_dear(
    made: "GepAccount", known: Prices, prices: PriceSet, findings: Findings, times: float = 10.0
) -> None:
    """Main prices far above every other: a slip of units, or a cost that is not of a year."""
    sets = made.by_set[made.by_set["price_set"].ne(prices.label)]
    others = sets.groupby(["item", "part"])["listed"].max()
    for key, price in known.items():
        listed = prices.listed(parts()[key])
        rest = [others.get(key, np.nan), np.nan if listed is None else listed.value]
        highest = np.nanmax(rest) if not np.isnan(rest).all() else np.nan
        if price is None or not price.value > times * highest:
            continue
        about = parts()[key]
        findings.add(
            "E964",
            layer="gep",
            feature="/".join(key),
            observed=f"{price.value:g}",
            zh=about.zh,
            en=about.en,
            unit=about.unit,
            highest=f"{highest:g}",
            ratio=f"{price.value / highest:.1f}",
        )


def tell_items(made: "GepAccount", findings: Findings) -> None:
    """Items and parts of the standard without a value (E502, E567)."""
    has_rows = set(made.rows["item"])
    for row in made.items[made.items["counted"] & made.items["value_fen"].isna()].itertuples():
        _tell_without(made, row, "price" if row.item in has_rows else "data", findings)
    for part in _without_rows(made):
        _tell_without(made, part, "data", findings)
    unpriced = made.parts[made.parts["counted"] & made.parts["value_fen"].isna()]
    valued = made.items.loc[made.items["value_fen"].notna(), "item"]
    for row in unpriced[unpriced["item"].isin(valued)].itertuples():
        _tell_without(made, row, "price", findings)


def _without_rows(made: "GepAccount") -> list[Part]:
    """Parts computed on land that have no row, of items that count and have other parts."""
    seen = set(zip(made.rows["item"], made.rows["part"], strict=True))
    counted = set(made.items.loc[made.items["counted"] & made.items["value_fen"].notna(), "item"])
    return [
        part
        for key, part in parts().items()
        if part.variables and part.item in counted and key not in seen
    ]


def _tell_without(made: "GepAccount", row: Any, why: str, findings: Findings) -> None:
    zh, en = _WITHOUT[why]
    listed = made.standard.items[row.item]
    whole = not getattr(row, "part", "")
    findings.add(
        "E567" if whole and listed.rank == "compulsory" else "E502",
        layer="gep",
        feature=f"{row.item}/{getattr(row, 'part', '')}".rstrip("/"),
        standard=made.standard.number_or_label,
        zh=row.zh,
        en=row.en,
        rank_zh=RANKS[listed.rank][0],
        rank=RANKS[listed.rank][1],
        why_zh=zh,
        why=en,
    )


def tell_prices(known: Prices, prices: PriceSet, year: int, findings: Findings) -> None:
    """Main prices that stand at the level of another year (E499)."""
    for key, price in known.items():
        if price is None or prices.is_levelled(price):
            continue
        findings.add(
            "E499",
            layer="gep",
            feature="/".join(key),
            zh=parts()[key].zh,
            en=parts()[key].en,
            base=price.base_year,
            set=price.source,
            year=year,
        )


def tell_sets(made: "GepAccount", findings: Findings) -> None:
    """Other sets with prices that stand at the level of their own years (E568)."""
    apart = made.by_set["listed"].notna() & ~made.by_set["levelled"].astype(bool)
    others = made.by_set[apart & made.by_set["price_set"].ne(made.price_set)]
    for name, rows in others.groupby("price_set", sort=False):
        findings.add(
            "E568",
            layer="gep",
            feature=str(name),
            set=str(name),
            number=len(rows),
            year=made.year,
        )


def tell_spread(made: "GepAccount", findings: Findings) -> None:
    """Parts whose prices lie far apart (E493, PC7)."""
    for row in made.spread[made.spread["flagged"]].itertuples():
        about = parts()[str(row.item), str(row.part)]
        findings.add(
            "E493",
            layer="gep",
            feature=f"{row.item}/{row.part}",
            observed=f"{row.ratio:.1f}",
            zh=about.zh,
            en=about.en,
            limit=3,
            low=f"{row.low:g}",
            high=f"{row.high:g}",
            unit=about.unit,
        )
