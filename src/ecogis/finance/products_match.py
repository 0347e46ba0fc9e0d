"""Which products a borrower's assets qualify for, how much each grants, and why others refuse.

Every demand is answered yes, no or not known. One no refuses; one not known leaves the product
open; what is not known never counts as yes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.products import Product, product_words
from ecogis.finance.products_amounts import Held, granted
from ecogis.finance.products_places import in_places

__all__ = ["Matched", "match", "one_per_lender"]

_FEN: Final = 100
_ORDER: Final = {"offered": 0, "open": 1, "refused": 2}
_OFFERS: Final = (
    "borrower", "rank", "product", "name_zh", "name_en", "lender", "forestry", "verdict",
    "amount_fen", "limited_by", "basis_fen", "cover", "tenor_yr", "rate", "fee",
    "appraised_by", "confidence",
)  # fmt: skip
_REASONS: Final = ("borrower", "product", "reason", "known", "zh", "en")


@dataclass(frozen=True, slots=True)
class Matched:
    """What a catalogue says to borrowers.

    Attributes
    ----------
    offers : DataFrame, one row per borrower and product
        ``borrower rank product name_zh name_en lender forestry verdict`` (offered, open, refused),
        ``amount_fen`` [fen] (missing where no rule is public or a fact is not known),
        ``limited_by`` (rule, cap, wanted), ``basis_fen``, the value of the assets it accepts [fen],
        and ``cover``, that value over the amount [1], beside each other; ``tenor_yr`` [yr],
        ``rate`` and ``fee`` [1], ``appraised_by`` (bank, outside or blank) and
        ``confidence``; ranked within a borrower.
    reasons : DataFrame, one row per demand not met
        ``borrower product reason known`` (False where it is only not shown), ``zh``, ``en``.
    """

    offers: pd.DataFrame
    reasons: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Demand:
    """One demand of a product, answered for every borrower."""

    reason: str
    what: tuple[str, str]
    answer: pd.Series


def match(
    borrowers: pd.DataFrame,
    assets: pd.DataFrame,
    catalogue: Iterable[Product],
    day: date,
    *,
    findings: Findings,
    proposals: bool = False,
) -> Matched:
    """Offer every product to every borrower, ranked, with the reason for each refusal.

    Ranked by verdict, then by the amount of use (no more than is wanted; not known last), then by
    the lower rate (not known last), the longer term and the product's key.

    Parameters
    ----------
    borrowers : DataFrame, one row per borrower
        ``borrower``, ``kind`` and ``place``; where known ``age_yr`` [yr], ``debt_ratio`` [1],
        ``area_mu`` [mu], ``sows``, ``wanted_fen`` and ``line_fen`` [fen], and one column for each
        fact a product may ask for. A column that is absent is not known.
    assets : DataFrame, one row per asset
        ``borrower``, ``kind``, ``value_fen``; for some rules ``yearly_fen``, ``deposit_fen`` [fen].
        A borrower has no assets but these.
    catalogue : iterable of Product
        As `products.products` gives it.
    day : date
        Day the offer is made: lists of counties are those of the day.
    findings : Findings
        Takes assets that cannot be used.
    proposals : bool
        Whether products that are only proposed take part. A policy.

    Returns
    -------
    Matched
        Offers and reasons.

    Raises
    ------
    ConfigError
        E941 a borrower is missing or stands twice.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E942
        An asset of an unknown borrower, of an unknown kind, or with an amount below nought; it is
        left out.

    Examples
    --------
    >>> from ecogis.finance.products import products
    >>> people = pd.DataFrame(
    ...     {
    ...         "borrower": ["B"],
    ...         "kind": ["village"],
    ...         "place": ["浙江/丽水/云和"],
    ...         "listed_public_forest": [True],
    ...     }
    ... )
    >>> assets = pd.DataFrame(
    ...     {
    ...         "borrower": ["B"],
    ...         "kind": ["compensation"],
    ...         "value_fen": [pd.NA],
    ...         "yearly_fen": [3_000_000],
    ...     }
    ... )
    >>> day = date(2026, 8, 31)
    >>> found = match(people, assets, products(day), day, findings=Findings()).offers
    >>> found.loc[found["rank"] == 1, ["product", "verdict", "amount_fen"]].values.tolist()
    [['FM09', 'offered', 45000000]]
    """
    require(borrowers, ["borrower", "kind", "place"], "borrowers")
    keys = borrowers["borrower"]
    if keys.isna().any() or keys.duplicated().any():
        value = keys[keys.isna() | keys.duplicated()].iloc[0]
        raise ConfigError("E941", value=value)
    people = borrowers.reset_index(drop=True)
    words = product_words(day)
    held = Held.of(assets, people["borrower"], {n for g, n in words if g == "asset"}, findings)
    offers, reasons = [], []
    for product in catalogue:
        demands = [*_demands(product, people, held, words, day)]
        if product.status == "proposal" and not proposals:
            demands.append(_Demand("proposal", ("", ""), _all(people, answer=False)))
        offer, told = _one(product, people, held, demands, words)
        offers.append(offer)
        reasons.append(told)
    if not offers:
        return Matched(pd.DataFrame(columns=list(_OFFERS)), pd.DataFrame(columns=list(_REASONS)))
    return Matched(_ranked(pd.concat(offers), people), _ordered(pd.concat(reasons), people))


def one_per_lender(offers: pd.DataFrame) -> pd.DataFrame:
    """“One bank, one product”: of each lender the product that ranks first for a borrower.

    Parameters
    ----------
    offers : DataFrame
        As `match` gives them.

    Returns
    -------
    DataFrame
        The first offered or open row of each borrower and lender; refused ones are absent.
    """
    left = offers[offers["verdict"] != "refused"]
    return left.drop_duplicates(["borrower", "lender"]).reset_index(drop=True)


def _all(people: pd.DataFrame, *, answer: bool) -> pd.Series:
    return pd.Series(answer, index=people.index, dtype="boolean")


def _column(people: pd.DataFrame, name: str, kind: Any) -> pd.Series:
    """A column of the borrowers; all missing where the table has none."""
    found: pd.Series = pd.Series(pd.NA, index=people.index, dtype=kind)
    return people[name].astype(kind) if name in people else found


def _demands(
    product: Product,
    people: pd.DataFrame,
    held: Held,
    words: dict[tuple[str, str], tuple[str, str]],
    day: date,
) -> Iterator[_Demand]:
    """Every demand of a product but those on its amount."""
    places = people["place"].astype("string")
    yield _Demand(
        "place", _twice("、".join(product.places)), in_places(places, product.places, day)
    )
    if product.borrowers:
        kinds = people["kind"].astype("string")
        fits = kinds.isin(product.borrowers).astype("boolean").mask(kinds.isna())
        yield _Demand("borrower", _named(words, "borrower", product.borrowers), fits)
    if product.assets:
        parts = [part for name in product.assets for part in name.split("+")]
        has = pd.Series(held.has(product.assets), index=people.index, dtype="boolean")
        yield _Demand("asset", _named(words, "asset", parts), has)
    for fact in product.facts:
        yield _Demand("fact", _named(words, "fact", [fact]), _column(people, fact, "boolean"))
    yield from _limits(product, people)


def _limits(product: Product, people: pd.DataFrame) -> Iterator[_Demand]:
    """Limits of age, debt ratio, area and sows."""
    low, high = product.age_min, product.age_max
    if low is not None or high is not None:
        age = _column(people, "age_yr", "Float64")
        fits = (age >= (low or 0.0)) & (age <= (np.inf if high is None else high))
        yield _Demand("age", _twice(f"{low or 0:g}-{'' if high is None else f'{high:g}'}"), fits)
    if product.debt_ratio_max is not None:
        ratio = _column(people, "debt_ratio", "Float64") < product.debt_ratio_max
        yield _Demand("debt_ratio", _twice(f"{product.debt_ratio_max:.0%}"), ratio)
    for kind, least in (("village", product.area_min_village),
                        ("household", product.area_min_household)):  # fmt: skip
        if least is not None:
            other = people["kind"].astype("string").ne(kind).astype("boolean")
            enough = (_column(people, "area_mu", "Float64") >= least) | other
            yield _Demand("area", _twice(f"{least:g}"), enough)
    if product.sows_min is not None:
        enough = _column(people, "sows", "Float64") >= product.sows_min
        yield _Demand("sows", _twice(f"{product.sows_min:g}"), enough)


def _one(
    product: Product,
    people: pd.DataFrame,
    held: Held,
    demands: list[_Demand],
    words: dict[tuple[str, str], tuple[str, str]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offers and reasons of one product for all borrowers."""
    raised = None
    if product.raised_if:
        raised = _column(people, product.raised_if, "boolean").fillna(value=False)
    wanted, line = (_column(people, name, "Int64") for name in ("wanted_fen", "line_fen"))
    amount, limited = granted(product, held, line=line, wanted=wanted, raised=raised)
    demands = [*demands, *_amounts(product, held, amount)]
    answers = pd.concat([demand.answer for demand in demands], axis=1)
    refused, unknown = answers.eq(False).any(axis=1), answers.isna().any(axis=1)
    verdict = np.where(refused, "refused", np.where(unknown, "open", "offered"))
    appraised: Any = ""
    if product.self_appraisal_below_fen is not None:
        below = (amount < product.self_appraisal_below_fen).fillna(value=False)
        appraised = np.where(below, "bank", "outside")
    basis = held.worth(product.assets)
    offer = pd.DataFrame({"borrower": people["borrower"], "rank": 0}).assign(
        **{n: getattr(product, n) for n in ("product", "name_zh", "name_en", "lender", "forestry")},
        verdict=verdict, amount_fen=amount.mask(refused), limited_by=limited.mask(refused, ""),
        basis_fen=basis, cover=basis.astype("Float64") / amount.mask(refused | (amount == 0)),
        tenor_yr=_number(product.tenor_max), rate=_number(product.rate), fee=_number(product.fee),
        appraised_by=appraised, confidence=product.confidence,
    )[list(_OFFERS)]  # fmt: skip
    told = [_told(product, people, demand, words) for demand in demands]
    return offer, pd.concat(told)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _amounts(product: Product, held: Held, amount: pd.Series) -> Iterator[_Demand]:
    """Demands on the amount: known, something to lend, no less than the least."""
    if product.rule == "unstated":
        return
    known = amount.notna().to_numpy()
    stated = pd.Series(pd.array(known, dtype="boolean"), index=amount.index).mask(~known)
    if product.rule == "line":
        yield _Demand("line", ("", ""), stated)
    else:
        without = ~held.has(product.assets) if product.assets else known
        yield _Demand("value", ("", ""), stated.mask(without, other=True))
    yield _Demand("amount", ("", ""), (amount > 0).mask(~known, other=True))
    if product.amount_min_fen is not None:
        enough = (amount >= product.amount_min_fen).mask(~known, other=True)
        yield _Demand("minimum", _twice(f"{product.amount_min_fen // _FEN:,}"), enough)


def _told(
    product: Product,
    people: pd.DataFrame,
    demand: _Demand,
    words: dict[tuple[str, str], tuple[str, str]],
) -> pd.DataFrame:
    """Rows for the borrowers that do not meet a demand, or are not known to."""
    answer = demand.answer
    at = (answer.isna() | answer.eq(False)).fillna(value=True).to_numpy(dtype=bool)
    zh, en = words["reason", demand.reason]
    return pd.DataFrame({"borrower": people["borrower"][at], "product": product.product}).assign(
        reason=demand.reason, known=answer.notna()[at],
        zh=zh.replace("{what}", demand.what[0]), en=en.replace("{what}", demand.what[1]),
    )  # fmt: skip


def _named(
    words: dict[tuple[str, str], tuple[str, str]], group: str, names: Iterable[str]
) -> tuple[str, str]:
    """Names in both languages; a word of the lender's own stands for itself."""
    pairs = [words.get((group, name), (name, name)) for name in names]
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def _twice(text: str) -> tuple[str, str]:
    return text, text


def _ranked(offers: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """In the borrowers' order, best first, numbered."""
    place = dict(zip(people["borrower"], range(len(people)), strict=True))
    keyed = offers.assign(
        _who=offers["borrower"].map(place), _verdict=offers["verdict"].map(_ORDER),
        _less=-offers["amount_fen"].fillna(-1), _short=-offers["tenor_yr"].fillna(-1.0),
    )  # fmt: skip
    by = ["_who", "_verdict", "_less", "rate", "_short", "product"]
    table = keyed.sort_values(by, kind="stable", na_position="last")[list(_OFFERS)]
    return table.assign(rank=table.groupby("borrower", sort=False).cumcount() + 1).reset_index(
        drop=True
    )


def _ordered(reasons: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    place = dict(zip(people["borrower"], range(len(people)), strict=True))
    order = reasons["borrower"].map(place).to_numpy().argsort(kind="stable")
    return reasons[list(_REASONS)].iloc[order].reset_index(drop=True)
