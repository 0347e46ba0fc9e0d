"""Which products a borrower's assets qualify for, how much each grants, and why others refuse.

Every demand is answered yes, no or not known. One no refuses; one not known leaves the product
open; what is not known never counts as yes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.households import household_rules
from ecogis.finance.products import Product, product_words
from ecogis.finance.products_amounts import Held, granted, line_caps, stated_cap
from ecogis.finance.products_demands import (
    FREE,
    Demand,
    Words,
    all_known,
    demands,
    demands_on_amount,
)
from ecogis.finance.products_people import told_people

__all__ = ["Matched", "match", "one_per_lender"]

_ORDER: Final = {"offered": 0, "open": 1, "refused": 2}
_VERDICTS: Final = {
    "offered": ("可办理", "offered"),
    "open": ("待核定", "open"),
    "refused": ("不符合", "refused"),
}
_HIGHER: Final = "higher_cap"
_OF_THE_LENDER: Final = ("terms", "unseen")  # of no interest where something else refuses
_OFFERS: Final = (
    "borrower", "rank", "product", "name_zh", "name_en", "lender", "forestry", "verdict",
    "amount_fen", "limited_by", "basis_fen", "cover", "tenor_yr", "rate", "fee",
    "appraised_by", "confidence", "cap_fen", "not_known", "lenders", "verdict_zh", "verdict_en",
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
        ``rate`` and ``fee`` [1], ``appraised_by`` (bank, outside or blank), ``confidence``,
        ``cap_fen``, the cap that holds, which is no amount [fen], ``not_known`` (number of demands
        not known), ``lenders`` (their own names, 、 between), ``verdict_zh`` and
        ``verdict_en``; ranked within a borrower.
    reasons : DataFrame, one row per demand not met
        ``borrower product reason known`` (False where it is only not shown), ``zh``, ``en``.
    """

    offers: pd.DataFrame
    reasons: pd.DataFrame


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

    A product whose rule for the amount is not public stays open: its lender sets the amount, and a
    cap is none. What rests on an asset is refused where its title is stated not to be clear, or it
    is stated to be pledged or seized. A household line never passes the cap of its place.

    Ranked by verdict, then by the fewest demands not known, then by the amount of use (no more than
    is wanted; not known last), then by the lower rate (not known last), the longer term and the
    product's key.

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
    E876
        A cell of a borrower cannot be read; it is taken as not known.
    E877
        An asset stands twice with the same amounts; it counts once.
    E942
        An asset of an unknown borrower, of an unknown kind, or with an amount that is no whole fen,
        nought or more; it is left out, and what its borrower lacks is not known.

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
    words, catalogue = product_words(day), tuple(catalogue)
    people = told_people(
        borrowers, _facts(catalogue), [n for g, n in words if g == "borrower"], findings
    )
    held = Held.of(assets, people["borrower"], {n for g, n in words if g == "asset"}, findings)
    caps = _place_caps(catalogue, people, day)
    offers, reasons = [], []
    for product in catalogue:
        asked = [*demands(product, people, held, words, day)]
        if product.status == "proposal" and not proposals:
            asked.append(Demand("proposal", ("", ""), all_known(people, answer=False)))
        offer, told = _one(product, people, held, asked, (words, caps))
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
        The first offered or open row of each borrower and lender, ``lender`` by its own name; one
        told only by its kind is one lender in each region. Refused ones are absent.
    """
    left = offers[offers["verdict"] != "refused"]
    each = left.assign(lender=left["lenders"].str.split("、")).explode("lender")
    return each.drop_duplicates(["borrower", "lender"]).reset_index(drop=True)


def _facts(catalogue: Iterable[Product]) -> list[str]:
    """Every fact that may be asked for, once."""
    asked = [name for product in catalogue for name in (*product.facts, product.raised_if) if name]
    return list(dict.fromkeys([*asked, *FREE, _HIGHER]))


def _place_caps(catalogue: Iterable[Product], people: pd.DataFrame, day: date) -> pd.Series:
    """Cap of a household line where each borrower lives; asked for only where a line is lent."""
    if not any(product.rule == "line" for product in catalogue):
        return pd.Series(pd.NA, index=people.index, dtype="Int64")
    return line_caps(people["place"], people[_HIGHER], household_rules(day).caps)


def _one(
    product: Product,
    people: pd.DataFrame,
    held: Held,
    asked: list[Demand],
    stated: tuple[Words, pd.Series],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offers and reasons of one product for all borrowers."""
    words, place_caps = stated
    raised = people[product.raised_if].fillna(value=False) if product.raised_if else None
    cap = stated_cap(product, held.count, raised=raised, place_caps=place_caps)
    amount, limited = granted(
        product, held, line=people["line_fen"], wanted=people["wanted_fen"], cap=cap
    )
    asked = [*asked, *demands_on_amount(product, people, held, amount, cap)]
    answers = pd.concat([demand.answer for demand in asked], axis=1)
    refused, unknown = answers.eq(False).any(axis=1), answers.isna().any(axis=1)
    verdict = np.where(refused, "refused", np.where(unknown, "open", "offered"))
    appraised: Any = ""
    if product.self_appraisal_below_fen is not None:
        below = (amount < product.self_appraisal_below_fen).fillna(value=False)
        appraised = np.where(amount.isna(), "", np.where(below, "bank", "outside"))
    basis = held.worth(product.assets)
    offer = pd.DataFrame({"borrower": people["borrower"], "rank": 0}).assign(
        **{n: getattr(product, n) for n in ("product", "name_zh", "name_en", "lender", "forestry")},
        verdict=verdict, amount_fen=amount.mask(refused), limited_by=limited.mask(refused, ""),
        basis_fen=basis, cover=basis.astype("Float64") / amount.mask(refused | (amount == 0)),
        tenor_yr=_number(product.tenor_max), rate=_number(product.rate), fee=_number(product.fee),
        appraised_by=appraised, confidence=product.confidence, cap_fen=cap,
        not_known=answers.isna().sum(axis=1), lenders="、".join(product.lenders),
        verdict_zh=[_VERDICTS[one][0] for one in verdict],
        verdict_en=[_VERDICTS[one][1] for one in verdict],
    )[list(_OFFERS)]  # fmt: skip
    open_ = ~refused.to_numpy(dtype=bool)
    told = [_told(product, people, demand, words, at_lender=open_) for demand in asked]
    return offer, pd.concat(told)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _told(
    product: Product,
    people: pd.DataFrame,
    demand: Demand,
    words: Words,
    *,
    at_lender: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Rows for the borrowers that do not meet a demand, or are not known to."""
    answer = demand.answer
    at = (answer.isna() | answer.eq(False)).fillna(value=True).to_numpy(dtype=bool)
    if demand.reason in _OF_THE_LENDER:
        at &= at_lender
    known = answer.notna()[at]
    no, open_ = words["reason", demand.reason], words["reason", demand.reason]
    if demand.told_apart:
        open_ = words["unknown", demand.reason]
    zh, en = (np.where(known, no[n].replace("{what}", what), open_[n].replace("{what}", what))
              for n, what in enumerate(demand.what))  # fmt: skip
    return pd.DataFrame({"borrower": people["borrower"][at], "product": product.product}).assign(
        reason=demand.reason, known=known, zh=zh, en=en
    )


def _ranked(offers: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """In the borrowers' order, best first, numbered."""
    place = dict(zip(people["borrower"], range(len(people)), strict=True))
    keyed = offers.assign(
        _who=offers["borrower"].map(place), _verdict=offers["verdict"].map(_ORDER),
        _less=-offers["amount_fen"].fillna(-1), _short=-offers["tenor_yr"].fillna(-1.0),
    )  # fmt: skip
    keyed["_open"] = keyed["not_known"].where(keyed["verdict"] == "open", 0)
    by = ["_who", "_verdict", "_open", "_less", "rate", "_short", "product"]
    table = keyed.sort_values(by, kind="stable", na_position="last")[list(_OFFERS)]
    return table.assign(rank=table.groupby("borrower", sort=False).cumcount() + 1).reset_index(
        drop=True
    )


def _ordered(reasons: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    place = dict(zip(people["borrower"], range(len(people)), strict=True))
    order = reasons["borrower"].map(place).to_numpy().argsort(kind="stable")
    return reasons[list(_REASONS)].iloc[order].reset_index(drop=True)
