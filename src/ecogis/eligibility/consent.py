"""Consent of co-owners, and the power of disposal that follows from it."""

import tomllib
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from ecogis.eligibility.documents import joined, laid, latest

__all__ = ["SHARE_TOLERANCE", "consents", "deciding_share", "disposal"]

SHARE_TOLERANCE = 1e-4
"""Shares are printed with four decimals; three times 0.3333 is one. [1]"""


@cache
def deciding_share() -> float:
    """The share of owners by shares that may dispose of the whole. [1]

    >>> round(deciding_share(), 4)
    0.6667
    """
    text = files("ecogis.eligibility").joinpath("guideline.toml").read_text(encoding="utf-8")
    entry = tomllib.loads(text)["disposal"]
    return float(entry["numerator"] / entry["denominator"])


def consents(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Whether each right's holder agrees to the pledge, and the document that says so.

    A consent speaks for the right that names it in ``consent_document``, for the right it is
    about, and for all rights on the parcel it is about. The latest one speaks; one without a result
    says nothing.

    Returns
    -------
    DataFrame
        ``consent`` (boolean, missing where no consent is on file) and ``consent_evidence``, by
        the index of `rights`.
    """
    letters = documents[documents["document_kind"].eq("joint_consent")]
    letters = letters[letters["result"].isin(["clear", "refused"])]
    named = rights[["right", "consent_document"]].rename(columns={"consent_document": "document"})
    links = [named.dropna().merge(letters, on="document")]
    for kind in ("right", "parcel"):
        about = letters[letters["subject_kind"].eq(kind)]
        own = rights[["right"]].assign(subject=rights[kind])
        links.append(own.merge(about, on="subject"))
    pairs = pd.concat([link for link in links if len(link)] or links[:1], ignore_index=True)
    agreed = latest(pairs, "right", ["clear"])
    refused = latest(pairs, "right", ["refused"])
    held = rights["right"]
    verdict = np.select([held.isin(refused["right"]), held.isin(agreed["right"])], [0, 1], -1)
    evidence = joined(pd.concat([agreed, refused]), "right", "document")
    return pd.DataFrame(
        {
            "consent": pd.Series(verdict == 1, rights.index, "boolean").mask(verdict < 0),
            "consent_evidence": pd.Series(laid(held, evidence), rights.index, "string"),
        }
    )


def disposal(yields: pd.DataFrame) -> pd.DataFrame:
    """Whether the holders who agree may dispose of the yield right, parcel by parcel.

    A sole holder may. Joint owners must all agree. Owners by shares decide with the share of
    `deciding_share`; a refusal that puts it out of reach is a no. Units of one parcel must all be
    disposable.

    Returns
    -------
    DataFrame
        By parcel: ``disposal`` (boolean), ``refused`` ``shares_disagree`` ``co_ownership_missing``
        (bool), ``consents`` (identifiers of the consent documents).
    """
    unit = [yields["parcel"], yields["unit_code"].fillna("")]
    kind, share = yields["co_ownership"], yields["share"].astype("float64").fillna(0.0)
    agree, refuse = yields["consent"].fillna(False), ~yields["consent"].fillna(True)
    joint, by_shares = kind.eq("joint").fillna(False), kind.eq("shares").fillna(False)
    unnamed = kind.isna()
    frame = pd.DataFrame(
        {
            "joint_open": joint & ~agree,
            "joint_no": joint & refuse,
            "by_shares": by_shares,
            "unnamed": unnamed,
            "for": share.where(by_shares & agree, 0.0),
            "against": share.where(by_shares & refuse, 0.0),
            "all": share.where(by_shares, 0.0),
        }
    )
    flags = frame[["joint_open", "joint_no", "by_shares", "unnamed"]].astype(bool)
    units = flags.groupby(unit).any().join(frame[["for", "against", "all"]].groupby(unit).sum())
    return _by_parcel(units, yields)


def _by_parcel(units: pd.DataFrame, yields: pd.DataFrame) -> pd.DataFrame:
    needed = deciding_share() - SHARE_TOLERANCE
    disagree = units["by_shares"] & (units["all"] - 1.0).abs().gt(SHARE_TOLERANCE)
    decided = units["for"].ge(needed) & ~disagree
    out_of_reach = units["by_shares"] & (1.0 - units["against"]).lt(needed)
    refused = units["joint_no"] | out_of_reach
    settled = ~units["joint_open"] & (~units["by_shares"] | decided) & ~units["unnamed"]
    verdict = settled.astype("boolean").mask(~settled).mask(refused, False)
    parcel = units.index.get_level_values(0)
    held = yields.rename(columns={"consent_evidence": "document"})
    held = held[held["document"].ne("").fillna(False) & held["co_ownership"].ne("sole")]
    return pd.DataFrame(
        {
            "disposal": _all(verdict, parcel),
            "refused": refused.groupby(parcel).any(),
            "shares_disagree": disagree.groupby(parcel).any(),
            "co_ownership_missing": units["unnamed"].groupby(parcel).any(),
            "consents": joined(held, "parcel", "document"),
        }
    )


def _all(verdict: pd.Series, key: pd.Index) -> pd.Series:
    """Kleene conjunction within groups."""
    no = verdict.eq(False).fillna(False).groupby(key).any()
    unknown = verdict.isna().groupby(key).any()
    return (~no).astype("boolean").mask(unknown & ~no)
