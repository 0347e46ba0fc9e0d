"""Asset lines of the value table, what each is measured in, and the prices they are valued at."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError

__all__ = ["BASES", "Asset", "Price", "asset_of", "assets", "price_table"]

BASES: Final = {
    "volume": ("timber", "dm3", 1_000, "元/m³", "CNY/m³"),
    "area": ("land", "dm2", 1_000_000, "元/公顷", "CNY/ha"),
    "carbon": ("credits", "kg", 1_000, "元/t CO₂e", "CNY/t CO₂e"),
}
"""What a price is per: account of the quantity, its whole unit, wholes in one price unit, words."""

_TREES: Final = ("volume", "area")
_ALLOWED: Final = {"M01": ("area",), "M07": ("carbon",)}
"""Bases a price of a line may have; the lines of trees have two."""

_YOUNG: Final = {
    "young": "M02",
    "middle": "M03",
    "near_mature": "M03",
    "mature": "M04",
    "over_mature": "M04",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One line of the value table; kind is asset, liability, memo, flow or equity."""

    code: str
    kind: str
    zh: str
    en: str
    method_zh: str
    method_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one asset line at both ends of the period, and where it comes from.

    Parameters
    ----------
    asset : str
        Line of the value table, ``"M01"`` to ``"M07"``.
    basis : {"volume", "area", "carbon"}
        What it is the price of: a cubic metre, a hectare, a tonne of CO2e.
    opening_fen, closing_fen : int
        Price of one unit of the basis at the opening and at the closing. [fen]
    because : str
        Source or reason, as the project gives it.
    confidence : {"quoted", "inferred", "recalled", "assumed"}
        How sure the price is.
    """

    asset: str
    basis: str
    opening_fen: int
    closing_fen: int
    because: str
    confidence: str = "assumed"


@cache
def _tables() -> dict[str, Any]:
    text = files("ecogis.accounts").joinpath("values.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def assets() -> tuple[Asset, ...]:
    """Lines of the value table, in order.

    >>> [line.code for line in assets() if line.kind == "liability"]
    ['M20', 'M21']
    """
    return tuple(Asset(**entry) for entry in _tables()["asset"])


def asset_of(timber: pd.DataFrame) -> pd.Series:
    """Asset line of each row of standing timber; empty where its age group is not on record.

    Parameters
    ----------
    timber : DataFrame
        ``land_class age_group`` and, where known, ``forest_use``.

    Returns
    -------
    Series of str
        M06 for bamboo, M05 for economic forest, else M02 to M04 by age group.

    Examples
    --------
    >>> stands = {"land_class": ["arbor_forest", "bamboo_forest"], "age_group": ["mature", ""]}
    >>> asset_of(pd.DataFrame(stands)).tolist()
    ['M04', 'M06']
    """
    found = timber["age_group"].astype(object).map(_YOUNG).fillna("").astype(object)
    if "forest_use" in timber:
        found = found.mask(timber["forest_use"].astype(object).eq("economic"), "M05")
    return found.mask(timber["land_class"].astype(object).eq("bamboo_forest"), "M06")


def price_table(prices: Iterable[Price]) -> pd.DataFrame:
    """Prices by asset line.

    Returns
    -------
    DataFrame, indexed by asset
        ``basis account unit per opening_fen closing_fen because confidence``.

    Raises
    ------
    ConfigError
        E420: a line is none of M01 to M07, has two prices, a price below nothing, or a basis
        that is not one of the line: the area for land, the carbon for M07, either of volume and
        area for trees.

    Examples
    --------
    >>> price_table([Price("M04", "volume", 60_000, 66_000, "survey")]).loc["M04", "per"].item()
    1000
    """
    rows: list[dict[str, object]] = []
    known = {line.code for line in assets() if line.kind == "asset"}
    for price in prices:
        twice = any(row["asset"] == price.asset for row in rows)
        wrong = (
            price.basis not in _ALLOWED.get(price.asset, _TREES)
            or min(price.opening_fen, price.closing_fen) < 0
        )
        if price.asset not in known or twice or wrong:
            raise ConfigError("E420", asset=price.asset, basis=price.basis)
        account, unit, per, _, _ = BASES[price.basis]
        row = {name: getattr(price, name) for name in Price.__slots__}
        rows.append(row | {"account": account, "unit": unit, "per": per})
    names = [*Price.__slots__, "account", "unit", "per"]
    return pd.DataFrame(rows, columns=names).set_index("asset")
