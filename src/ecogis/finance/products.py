"""The catalogue of finance products: shipped ones, and a lender's own from a TOML file.

What a product demands (place, borrower, asset, facts, limits) and what it grants (a rule and a
factor) are data; loans of single cases stand apart and are never used as caps.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.methods import CONFIDENCES, ParameterSet, parameters
from ecogis.methods.loader import Place, check, one_of, toml, within

__all__ = ["RULES", "Product", "by_lender", "product_words", "products", "read_products"]

RULES: Final = ("value", "yearly", "deposit", "fixed", "line", "unstated")
"""Rules of an amount: factor × value, × yearly income, × risk deposit; the stated amount, whoever
qualifies; the household line; none made public, whatever the cap."""

_EDITION: Final = "finance-products@2026-2"
_FACTORED: Final = ("value", "yearly", "deposit")
_FEN: Final = 100
_OWN: Final[dict[str, type]] = {
    "name_zh": str,
    "name_en": str,
    "lender": str,
    "family": str,
    "forestry": bool,
    "instrument": str,
    "places": list,
    "borrowers?": list,
    "assets?": list,
    "facts?": list,
    "rule": str,
    "factor?": float,
    "amount_min?": float,
    "amount_max?": float,
    "raised_max?": float,
    "raised_if?": str,
    "tenor_max?": float,
    "rate?": float,
    "fee?": float,
    "self_appraisal_below?": float,
    "age_min?": float,
    "age_max?": float,
    "debt_ratio_max?": float,
    "area_min_village?": float,
    "area_min_household?": float,
    "sows_min?": float,
    "source": str,
    "confidence": str,
}
_MOST: Final = {"factor": 100.0} | dict.fromkeys(
    ("amount_min", "amount_max", "raised_max", "self_appraisal_below"), 1e10
)
_TOP: Final[dict[str, type]] = {"products": dict, "facts?": list}
_NUMBERS: Final = tuple(n.rstrip("?") for n, kind in _OWN.items() if kind is float)
_SHARES: Final = ("rate", "fee", "debt_ratio_max")
_MARKS: Final = ("source_zh", "source_en", "locator_zh", "locator_en", "confidence", "note_zh",
                 "note_en")  # fmt: skip
_LISTS: Final = ("places", "borrowers", "assets", "facts")
_NAMES: Final = ("lenders", "partners")
_NOT_BELOW: Final = (
    ("amount_min", "amount_max"), ("amount_max", "raised_max"), ("age_min", "age_max"),
)  # fmt: skip
_COLUMNS: Final = frozenset(
    ("borrower", "kind", "place", "age_yr", "debt_ratio", "area_mu", "sows", "wanted_fen",
     "line_fen")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A finance product.

    Attributes
    ----------
    product, name_zh, name_en, lender, family, instrument, status, terms : str
        Its key and names; `status` is offered or proposal, `terms` seen or unseen.
    forestry : bool
        Whether it is one of forestry.
    lenders, partners : tuple of str
        Each lender by its own name, one told only by its kind with its region in brackets; and the
        guarantors, collectors and insurers beside them.
    places, borrowers, assets, facts : tuple of str
        What it demands; empty where it does not matter. An asset ``a+b`` asks for both.
    rule : str
        One of `RULES`.
    factor : Decimal or None
        Amount over value, yearly income or deposit. [1]
    amount_min_fen, amount_max_fen, raised_max_fen : int or None
        Limits of the amount; the last where the fact `raised_if` holds. [fen]
    self_appraisal_below_fen : int or None
        Below it the bank appraises itself. [fen]
    tenor_max, rate, fee : float or None
        Longest term [yr], yearly rate and guarantee fee [1].
    age_min, age_max, debt_ratio_max, area_min_village, area_min_household, sows_min : float or None
        Limits of age [yr], debt ratio [1], area [mu] and sows.
    source_zh, source_en, confidence : str
        Where its terms are from, and their mark.
    """

    product: str
    name_zh: str
    name_en: str
    lender: str
    family: str
    instrument: str
    status: str
    terms: str
    forestry: bool
    lenders: tuple[str, ...]
    partners: tuple[str, ...]
    places: tuple[str, ...]
    borrowers: tuple[str, ...]
    assets: tuple[str, ...]
    facts: tuple[str, ...]
    rule: str
    factor: Decimal | None
    amount_min_fen: int | None
    amount_max_fen: int | None
    raised_max_fen: int | None
    raised_if: str
    self_appraisal_below_fen: int | None
    tenor_max: float | None
    rate: float | None
    fee: float | None
    age_min: float | None
    age_max: float | None
    debt_ratio_max: float | None
    area_min_village: float | None
    area_min_household: float | None
    sows_min: float | None
    source_zh: str
    source_en: str
    confidence: str


def products(
    day: date, *, own: Iterable[Product] = (), catalogue: ParameterSet | None = None
) -> tuple[Product, ...]:
    """The catalogue on a day, with a lender's own products behind it.

    A product is in it from the first day its source shows it on.

    Parameters
    ----------
    day : date
        Day it is asked for.
    own : iterable of Product
        As `read_products` gives them.
    catalogue : ParameterSet, optional
        Another edition of the shipped catalogue.

    Returns
    -------
    tuple of Product
        In the catalogue's order.

    Raises
    ------
    ConfigError
        E940 an own product goes by the key of another.
    NotInForceError
        The day comes before the catalogue's.

    Examples
    --------
    >>> found = products(date(2026, 8, 31))
    >>> len(found), sum(product.forestry for product in found)
    (58, 33)
    >>> len(products(date(2024, 8, 20)))
    21
    """
    held = parameters(_EDITION) if catalogue is None else catalogue
    coded = held.frame("demands", day).drop(columns=list(_MARKS))
    table = held.frame("products", day).merge(coded, on="product", validate="one_to_one")
    if "seen_on" in table:
        table = table[table["seen_on"].astype(str) <= day.isoformat()]
    shipped = [_shipped(row) for row in table.to_dict("records")]
    found = [*shipped, *own]
    seen: set[str] = set()
    for product in found:
        if product.product in seen:
            raise ConfigError("E940", product=product.product, detail="key")
        seen.add(product.product)
    return tuple(found)


def product_words(
    day: date, *, catalogue: ParameterSet | None = None
) -> dict[tuple[str, str], tuple[str, str]]:
    """Words of the catalogue by group and word, in Chinese and English.

    >>> product_words(date(2026, 8, 31))["asset", "water_right"]
    ('取水权', 'water right')
    """
    held = parameters(_EDITION) if catalogue is None else catalogue
    table = held.frame("words", day)
    keys = zip(table["group"], table["word"], strict=True)
    return dict(zip(keys, zip(table["word_zh"], table["word_en"], strict=True), strict=True))


def read_products(path: str | Path) -> tuple[Product, ...]:
    """A lender's own products from a TOML file, read strictly.

    Each ``[products.KEY]`` states every demand; an asset, borrower or fact that the catalogue has
    no word for is refused, a fact unless the file's list ``facts`` names it.

    Parameters
    ----------
    path : str or Path
        TOML file.

    Returns
    -------
    tuple of Product
        Marked by their own source and confidence.

    Raises
    ------
    ConfigError
        E231, E232, E233, E240 a key is unknown, missing or wrong; E247 the file is no TOML; E940
        a product contradicts itself or uses a word nobody knows.
    """
    file = Path(path)
    at = Place(file.name)
    content = check(toml(file), _TOP, at)
    known = set(product_words(date.max)) | {("fact", str(name)) for name in content["facts"] or ()}
    places = {key: at.at(f"products.{key}") for key in content["products"]}
    return tuple(
        _own({"product": key} | check(content["products"][key], _OWN, place), known, place)
        for key, place in places.items()
    )


def by_lender(catalogue: Iterable[Product]) -> pd.DataFrame:
    """“One bank, one product”: lenders with what each offers.

    Parameters
    ----------
    catalogue : iterable of Product
        Products.

    Returns
    -------
    DataFrame, one row per lender and product
        ``lender product name_zh name_en family forestry`` and ``partners``, who guarantee, collect
        or insure but do not lend; proposals have no lender and are absent.

    Examples
    --------
    >>> table = by_lender(products(date(2026, 8, 31)))
    >>> table.loc[table["lender"] == "资溪农商行", "product"].tolist()
    ['FM24']
    """
    names = ("product", "name_zh", "name_en", "family", "forestry")
    rows = [
        {"lender": lender, "partners": "、".join(product.partners)}
        | {name: getattr(product, name) for name in names}
        for product in catalogue
        if product.status == "offered"
        for lender in product.lenders
    ]
    table = pd.DataFrame(rows, columns=["lender", *names, "partners"])
    return table.sort_values(["lender", "product"], kind="stable").reset_index(drop=True)


def _shipped(row: Mapping[Hashable, Any]) -> Product:
    """A row of the catalogue; a blank cell is None."""
    said = {str(name): None if pd.isna(value) else value for name, value in row.items()}
    lists = {name: tuple((said[name] or "").split()) for name in _LISTS}
    lender = said["lender"] or ""
    told = {name: tuple((said.get(name) or "").split()) for name in _NAMES}
    text = {"forestry": said["forestry"] == "yes", "lender": lender,
            "terms": said.get("terms") or "seen", "lenders": told["lenders"] or _apart(lender),
            "partners": told["partners"],
            "source_zh": said["locator_zh"], "source_en": said["locator_en"]}  # fmt: skip
    return _product(said | lists | text)


def _apart(lender: str) -> tuple[str, ...]:
    """Names that stand in one text."""
    parts = lender.replace("、", "/").replace("+", "/").split("/")
    return tuple(part.strip() for part in parts if part.strip())


def _own(said: dict[str, Any], known: set[tuple[str, str]], at: Place) -> Product:
    one_of(said["rule"], RULES, at.at("rule"))
    one_of(said["confidence"], CONFIDENCES, at.at("confidence"))
    for name in _NUMBERS:
        if said[name] is not None:
            most = 1.0 if name in _SHARES else _MOST.get(name)
            within(said[name], (0.0, most), at.at(name))
    lists = {name: tuple(map(str, said[name] or ())) for name in _LISTS}
    if (said["rule"] in _FACTORED) is (said["factor"] is None):
        raise ConfigError("E940", product=said["product"], detail="rule/factor")
    _must_agree(said, lists)
    _known_words(said, lists, known)
    source = {"source_zh": said["source"], "source_en": said["source"], "status": "offered",
              "terms": "seen", "lenders": _apart(said["lender"]), "partners": ()}  # fmt: skip
    return _product(said | lists | source)


def _must_agree(said: dict[str, Any], lists: dict[str, tuple[str, ...]]) -> None:
    """What a product states must not contradict itself."""
    wrong = [
        f"{low}/{high}"
        for low, high in _NOT_BELOW
        if said[low] is not None and said[high] is not None and said[low] > said[high]
    ]
    if (said["raised_max"] is None) is not (said["raised_if"] is None):
        wrong.append("raised_max/raised_if")
    if said["amount_max"] is None and (said["rule"] == "fixed" or said["raised_max"] is not None):
        wrong.append("amount_max")
    if not all(place.strip() for place in lists["places"] or ("",)):
        wrong.append("places")
    wrong += [name for name in (*lists["facts"], said["raised_if"]) if name in _COLUMNS]
    if wrong:
        raise ConfigError("E940", product=said["product"], detail=", ".join(wrong))


def _known_words(
    said: dict[str, Any], lists: dict[str, tuple[str, ...]], known: set[tuple[str, str]]
) -> None:
    used = [("borrower", name) for name in lists["borrowers"]]
    used += [("asset", part) for name in lists["assets"] for part in name.split("+")]
    used += [("fact", name) for name in (*lists["facts"], said["raised_if"]) if name]
    for group, name in used:
        if (group, name) not in known:
            raise ConfigError("E940", product=said["product"], detail=f"{group}: {name}")


def _product(said: dict[str, Any]) -> Product:
    """The product of a complete record; amounts in fen, factors exact."""
    money = {
        f"{name}_fen": None if said[name] is None else round(said[name] * _FEN)
        for name in ("amount_min", "amount_max", "raised_max", "self_appraisal_below")
    }
    factor = None if said["factor"] is None else Decimal(str(said["factor"]))
    record = said | money | {"factor": factor, "raised_if": said["raised_if"] or ""}
    return Product(**{field.name: record[field.name] for field in fields(Product)})
