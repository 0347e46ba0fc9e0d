"""Sections of the project file for cross-checks and for the limits of a loan."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from ecogis.core.errors import ConfigError

__all__ = [
    "Comparables",
    "Development",
    "ForestAssets",
    "Guarantee",
    "Limits",
    "Option",
    "Sale",
    "Spent",
    "Timber",
    "check_cross_checks",
]

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Rate = Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
Amount = Annotated[float, msgspec.Meta(ge=0.0)]
Because = Annotated[str, msgspec.Meta(min_length=4)]
Confidence = Literal["quoted", "inferred", "recalled", "assumed"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Sale(_Strict, frozen=True, kw_only=True):
    """[[valuation.comparables.sales]]: one comparable transaction, brought to this project."""

    name: str
    date: dt.date
    basis: Literal["issued", "right"]
    price_cny_t: Positive
    source: str
    confidence: Confidence
    quality: Positive = 1.0
    price_index: Positive = 1.0


class Comparables(_Strict, frozen=True, kw_only=True):
    """[valuation.comparables]: transactions for the market approach, listed or in a table."""

    because: Because
    sales: tuple[Sale, ...] = ()
    path: str | None = None
    profile: str | None = None
    sheet: str | None = None
    instruments: tuple[str, ...] = ()


class Spent(_Strict, frozen=True, kw_only=True):
    """[[valuation.development.spent]]: what was paid for the development, and when."""

    zh: str
    en: str
    date: dt.date
    cny: Amount


class Development(_Strict, frozen=True, kw_only=True):
    """[valuation.development]: what development has cost, for the cost approach."""

    spent: Annotated[tuple[Spent, ...], msgspec.Meta(min_length=1)]
    return_rate: Share
    because: Because
    confidence: Confidence = "assumed"


class Option(_Strict, frozen=True, kw_only=True):
    """[valuation.option]: the freedom to wait with the development."""

    window_yr: Positive
    volatility: Positive
    risk_free: Share
    because: Because
    elasticity: Annotated[float, msgspec.Meta(ge=0.0, le=2.0)] = 2.0


class Timber(_Strict, frozen=True, kw_only=True):
    """[[valuation.forest_assets.species]]: prices, costs and return of one or more species.

    A steady yearly income, as of bamboo, or rotation, price, cost, profit and outturn.
    """

    species: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    return_of: str | None = None
    return_rate: Rate | None = None
    income_cny_ha: Positive | None = None
    rotation_yr: Annotated[int, msgspec.Meta(ge=1, le=299)] | None = None
    price_cny_m3: Positive | None = None
    cost_cny_m3: Amount = 0.0
    profit_share: Share = 0.0
    outturn: Rate | None = None
    planting_cny_ha: tuple[Amount, ...] = ()
    yearly_cny_ha: Amount = 0.0


class ForestAssets(_Strict, frozen=True, kw_only=True):
    """[valuation.forest_assets]: the trees on the pledged land, beside the carbon right."""

    because: Because
    species: Annotated[tuple[Timber, ...], msgspec.Meta(min_length=1)]
    returns: str | None = None


class Limits(_Strict, frozen=True, kw_only=True):
    """[valuation.limits]: limits of the loan beside the pledge value."""

    because: Because
    least_cover: Positive | None = None
    cover_at: Literal["every_date", "maturity"] = "every_date"
    other_income_cny_yr: Amount = 0.0
    requested_cny: Amount | None = None
    product_cap_cny: Amount | None = None
    guarantee_room_cny: Amount | None = None
    contract_end: dt.date | None = None


class Guarantee(_Strict, frozen=True, kw_only=True):
    """[valuation.guarantee]: the guarantee company's book, which says how much it may take on."""

    book: str
    fund: str
    relations: str
    loan: Annotated[str, msgspec.Meta(min_length=1)]
    borrower: Annotated[str, msgspec.Meta(min_length=1)]
    kind: Literal["small_firm", "farmer", "bond_aa", "other"]


def check_cross_checks(
    file: str, comparables: Comparables | None, trees: ForestAssets | None
) -> None:
    """Refuse sections of which a part is missing.

    Raises
    ------
    ConfigError
        E883: comparables without sales and without a table and its profile; a species without a
        return, or without an income and without rotation, price and outturn.
    """
    if comparables is not None:
        table = comparables.path, comparables.profile
        if (None in table) is not (table == (None, None)) or not (comparables.sales or table[0]):
            what = "sales, path + profile"
            raise ConfigError("E883", file=file, key="valuation.comparables", what=what)
    for entry in () if trees is None else trees.species:
        _check_species(file, entry, trees)


def _check_species(file: str, entry: Timber, trees: ForestAssets | None) -> None:
    names, key = "、".join(entry.species), "valuation.forest_assets.species"
    known = trees is not None and trees.returns is not None and entry.return_of is not None
    if entry.return_rate is None and not known:
        what = f"{names}: return_rate, return_of + returns"
        raise ConfigError("E883", file=file, key=key, what=what)
    felled = entry.rotation_yr, entry.price_cny_m3, entry.outturn
    if entry.income_cny_ha is None and None in felled:
        what = f"{names}: income_cny_ha, rotation_yr + price_cny_m3 + outturn"
        raise ConfigError("E883", file=file, key=key, what=what)
