"""What products demand of borrowers: each answered yes, no or not known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.finance.products import Product
from ecogis.finance.products_amounts import Held
from ecogis.finance.products_places import in_places

__all__ = ["FREE", "Demand", "Words", "all_known", "demands", "demands_on_amount"]

Words = dict[tuple[str, str], tuple[str, str]]

FREE: Final = ("clear_title", "unpledged", "unseized")
"""Facts whose stated no bars every product that rests on an asset."""

_FEN: Final = 100
_SECURED: Final = ("mortgage", "pledge", "mixed", "guarantee")


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand of a product, answered for every borrower.

    Attributes
    ----------
    reason : str
        Word of the catalogue for it.
    what : tuple of str
        What is demanded, in Chinese and English.
    answer : Series of boolean
        One per borrower; missing where it is not known.
    told_apart : bool
        Whether what is not known has words of its own.
    """

    reason: str
    what: tuple[str, str]
    answer: pd.Series
    told_apart: bool = False


def all_known(people: pd.DataFrame, *, answer: bool) -> pd.Series:
    """One answer for every borrower.

    >>> all_known(pd.DataFrame({"borrower": ["A", "B"]}), answer=False).tolist()
    [False, False]
    """
    return pd.Series(answer, index=people.index, dtype="boolean")


def _not_known(people: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.NA, index=people.index, dtype="boolean")


def demands(
    product: Product,
    people: pd.DataFrame,
    held: Held,
    words: Words,
    day: date,
) -> Iterator[Demand]:
    """Every demand of a product but those on its amount.

    Parameters
    ----------
    product : Product
        The product.
    people : DataFrame, one row per borrower
        As `told_people` gives them.
    held : Held
        What they hold.
    words : dict
        As `product_words` gives them.
    day : date
        Day of the lists of counties.

    Yields
    ------
    Demand
        In the order they are told in.
    """
    places = people["place"].astype("string")
    yield Demand(
        "place", _twice("、".join(product.places)), in_places(places, product.places, day),
        told_apart=True,
    )  # fmt: skip
    if product.borrowers:
        kinds = people["kind"].astype("string")
        fits = kinds.isin(product.borrowers).astype("boolean").mask(kinds.isna())
        yield Demand(
            "borrower", _named(words, "borrower", product.borrowers), fits, told_apart=True
        )
    if product.assets:
        parts = [part for name in product.assets for part in name.split("+")]
        has = pd.Series(held.has(product.assets), index=people.index, dtype="boolean")
        has = has.mask(~has & held.doubtful)
        yield Demand("asset", _named(words, "asset", parts), has, told_apart=True)
    for fact in product.facts:
        yield Demand("fact", _named(words, "fact", [fact]), people[fact], told_apart=True)
    if product.assets and product.instrument in _SECURED:
        for fact in [name for name in FREE if name not in product.facts]:
            free = people[fact].fillna(value=True)
            yield Demand("encumbered", _named(words, "fact", [fact]), free)
    yield from _limits(product, people)


def _limits(product: Product, people: pd.DataFrame) -> Iterator[Demand]:
    """Limits of age, debt ratio, area and sows."""
    low, high = product.age_min, product.age_max
    if low is not None or high is not None:
        age = people["age_yr"]
        fits = (age >= (low or 0.0)) & (age <= (np.inf if high is None else high))
        yield Demand(
            "age",
            _twice(f"{low or 0:g}-{'' if high is None else f'{high:g}'}"),
            fits,
            told_apart=True,
        )
    if product.debt_ratio_max is not None:
        ratio = people["debt_ratio"] < product.debt_ratio_max
        what = _twice(f"{product.debt_ratio_max:.0%}")
        yield Demand("debt_ratio", what, ratio, told_apart=True)
    for kind, least in (("village", product.area_min_village),
                        ("household", product.area_min_household)):  # fmt: skip
        if least is not None:
            other = people["kind"].astype("string").ne(kind).astype("boolean")
            enough = (people["area_mu"] >= least) | other
            yield Demand("area", _twice(f"{least:g}"), enough, told_apart=True)
    if product.sows_min is not None:
        enough = people["sows"] >= product.sows_min
        yield Demand("sows", _twice(f"{product.sows_min:g}"), enough, told_apart=True)


def demands_on_amount(
    product: Product, people: pd.DataFrame, held: Held, amount: pd.Series, cap: pd.Series
) -> Iterator[Demand]:
    """Demands on the amount: known, something to lend, no less than the least.

    Parameters
    ----------
    product, people, held
        As for `demands`.
    amount, cap : Series of Int64
        As `granted` and `stated_cap` give them. [fen]

    Yields
    ------
    Demand
        In the order they are told in.
    """
    if product.rule == "unstated":
        yield from _unstated(product, people)
        return
    known = amount.notna().to_numpy()
    stated = pd.Series(pd.array(known, dtype="boolean"), index=amount.index).mask(~known)
    if product.rule == "line":
        yield Demand("own_cap", ("", ""), all_known(people, answer=True).mask(cap.isna()))
        yield Demand("line", ("", ""), stated.mask(people["line_fen"].notna(), other=True))
    else:
        without = ~held.has(product.assets) if product.assets else known
        yield Demand("value", ("", ""), stated.mask(without, other=True))
    yield Demand("amount", ("", ""), (amount > 0).mask(~known, other=True))
    if product.amount_min_fen is not None:
        enough = (amount >= product.amount_min_fen).mask(~known, other=True)
        yield Demand("minimum", _twice(f"{product.amount_min_fen // _FEN:,}"), enough)


def _unstated(product: Product, people: pd.DataFrame) -> Iterator[Demand]:
    """What only the lender knows; and whether less is wanted than the least it lends."""
    if product.terms == "unseen":
        yield Demand("unseen", ("", ""), _not_known(people))
    yield Demand("terms", ("", ""), _not_known(people))
    if product.amount_min_fen is not None:
        enough = (people["wanted_fen"] >= product.amount_min_fen).fillna(value=True)
        yield Demand("minimum", _twice(f"{product.amount_min_fen // _FEN:,}"), enough)


def _named(words: Words, group: str, names: Iterable[str]) -> tuple[str, str]:
    """Names in both languages; a word of the lender's own stands for itself."""
    pairs = [words.get((group, name), (name, name)) for name in names]
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def _twice(text: str) -> tuple[str, str]:
    return text, text
