"""Consent of co-owners, and the power of disposal that follows from it."""

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.identifiers import among
from ecogis.eligibility.documents import joined, laid, latest

__all__ = ["NEEDS", "SHARE_TOLERANCE", "capacities", "consents", "deciding_share", "disposal"]

SHARE_TOLERANCE = 1e-4
"""Shares are printed with four decimals; three times 0.3333 is one. [1]"""

NEEDS: Final = MappingProxyType({"minor": "guardian_consent", "collective": "collective_decision"})
"""The paper by which a kind of holder that cannot bind itself is bound."""


_BETWEEN_NAMES: Final = r"\s*[、,，;；]\s*"


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
    named = rights[["right", "consent_document"]].rename(columns={"consent_document": "document"})
    verdict, evidence = _said(rights, documents, "joint_consent", named.dropna())
    return pd.DataFrame({"consent": verdict, "consent_evidence": evidence})


def capacities(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Whether each holder can bind himself: a minor by his guardian, a collective by its decision.

    Others are taken to be able to, and so are holders of whom the record does not tell what they
    are: a dated register extract, which the title needs as well, would show a restriction.

    Returns
    -------
    DataFrame
        ``capacity`` (boolean, missing where the paper it takes is not on file) and
        ``capacity_evidence``, by the index of `rights`.
    """
    able = pd.Series(True, rights.index, dtype="boolean")
    shown = pd.Series("", rights.index, dtype="string")
    for holder, paper in NEEDS.items():
        bound = rights["holder_kind"].eq(holder).fillna(False).astype(bool)
        if bound.any():
            verdict, evidence = _said(rights, documents, paper, None)
            able, shown = able.mask(bound, verdict), shown.mask(bound, evidence)
    return pd.DataFrame({"capacity": able, "capacity_evidence": shown})


def _said(
    rights: pd.DataFrame, documents: pd.DataFrame, kind: str, named: pd.DataFrame | None
) -> tuple[pd.Series, pd.Series]:
    """What papers of a kind say for each right: the latest about it, its parcel, or named by it."""
    letters = documents[documents["document_kind"].eq(kind)]
    letters = letters[letters["result"].isin(["clear", "refused"])]
    links = [] if named is None else [named.merge(letters, on="document")]
    for subject in ("right", "parcel"):
        about = letters[letters["subject_kind"].eq(subject)]
        own = rights[["right"]].assign(subject=rights[subject])
        links.append(own.merge(about, on="subject"))
    pairs = pd.concat([link for link in links if len(link)] or links[:1], ignore_index=True)
    agreed = latest(pairs, "right", ["clear"])
    refused = latest(pairs, "right", ["refused"])
    held = rights["right"]
    verdict = np.select([among(held, refused["right"]), among(held, agreed["right"])], [0, 1], -1)
    evidence = joined(pd.concat([agreed, refused]), "right", "document")
    return (
        pd.Series(verdict == 1, rights.index, "boolean").mask(verdict < 0),
        pd.Series(laid(held, evidence), rights.index, "string"),
    )


def disposal(yields: pd.DataFrame) -> pd.DataFrame:
    """Whether the holders who agree may dispose of the yield right, parcel by parcel.

    A sole holder may. Joint owners must all agree; where only one is on record it is not known
    whether all do. Owners by shares decide with the share of `deciding_share`; a refusal that puts
    it out of reach is a no. Where a share is missing, not between 0 and 1, or the sum is not one,
    neither can be told. Units of one parcel must all be
    disposable. Who cannot bind himself agrees only with the paper that does (`NEEDS`).

    Returns
    -------
    DataFrame
        By parcel: ``disposal`` (boolean), ``refused`` ``shares_disagree`` ``co_ownership_missing``
        ``co_owner_missing`` ``consent_missing`` ``guardian_missing`` ``decision_missing`` (bool),
        ``consents`` (identifiers of the papers).
    """
    kind, share = yields["co_ownership"], yields["share"].astype("float64").fillna(0.0)
    joint, by_shares = (kind.eq(name).fillna(False) for name in ("joint", "shares"))
    alone = kind.eq("sole").fillna(False)
    said = yields["consent"].mask(alone, True) & yields["capacity"]
    agree, refuse = said.fillna(False), ~said.fillna(True)
    together = joint | alone
    frame = pd.DataFrame(
        {
            "whole_open": together & ~agree,
            "whole_no": together & refuse,
            "silent": ~alone & yields["consent"].isna(),
            "by_shares": by_shares,
            "impossible": by_shares & ~yields["share"].between(0, 1, "right").fillna(False),
            "lone": _lone(yields, joint),
            "unnamed": kind.isna(),
            "guardian_missing": _unable(yields, "minor"),
            "decision_missing": _unable(yields, "collective"),
            "for": share.where(by_shares & agree, 0.0),
            "against": share.where(by_shares & refuse, 0.0),
            "all": share.where(by_shares, 0.0),
        }
    )
    sums = ["for", "against", "all"]
    unit = [yields["parcel"], yields["unit_code"].fillna("")]
    flags = frame.drop(columns=sums).astype(bool)
    units = flags.groupby(unit).any().join(frame[sums].groupby(unit).sum())
    return _by_parcel(units, yields)


def _lone(yields: pd.DataFrame, joint: pd.Series) -> pd.Series:
    """Joint rights of a unit that has one owner on record; a cell may name several."""
    owners = yields.loc[joint.astype(bool), ["parcel", "unit_code"]]
    owners["holder"] = yields["holder"].astype("string").str.split(_BETWEEN_NAMES, regex=True)
    owners["unit_code"] = owners["unit_code"].fillna("")
    named = owners.explode("holder").groupby(["parcel", "unit_code"])["holder"].nunique()
    unit = pd.MultiIndex.from_arrays([yields["parcel"], yields["unit_code"].fillna("")])
    several = np.asarray(named.reindex(unit).fillna(0).gt(1), dtype=bool)
    return joint & ~several


def _unable(yields: pd.DataFrame, holder: str) -> pd.Series:
    return yields["capacity"].isna() & yields["holder_kind"].eq(holder).fillna(False)


def _by_parcel(units: pd.DataFrame, yields: pd.DataFrame) -> pd.DataFrame:
    needed = deciding_share() - SHARE_TOLERANCE
    disagree = units["by_shares"] & (units["all"] - 1.0).abs().gt(SHARE_TOLERANCE)
    disagree |= units["impossible"]
    decided = units["for"].ge(needed) & ~disagree
    out_of_reach = units["by_shares"] & ~disagree & (1.0 - units["against"]).lt(needed)
    refused = units["whole_no"] | out_of_reach
    settled = ~units["whole_open"] & (~units["by_shares"] | decided)
    settled &= ~units["unnamed"] & ~units["lone"]
    verdict = settled.astype("boolean").mask(~settled).mask(refused, False)
    parcel = units.index.get_level_values(0)
    open_units = ~settled & ~refused
    flags = {
        "refused": refused,
        "shares_disagree": disagree,
        "co_ownership_missing": units["unnamed"],
        "co_owner_missing": units["lone"],
        "consent_missing": open_units & units["silent"] & ~units["unnamed"] & ~disagree,
        "guardian_missing": open_units & units["guardian_missing"],
        "decision_missing": open_units & units["decision_missing"],
    }
    told = {name: flag.groupby(parcel).any() for name, flag in flags.items()}
    return pd.DataFrame({"disposal": _all(verdict, parcel)} | told | {"consents": _papers(yields)})


def _papers(yields: pd.DataFrame) -> pd.Series:
    """Consents of co-owners and what binds those who cannot bind themselves, by parcel."""
    several = yields["co_ownership"].ne("sole").fillna(True)
    kept = [
        yields.loc[where, ["parcel", column]].set_axis(["parcel", "document"], axis=1)
        for column, where in (("consent_evidence", several), ("capacity_evidence", slice(None)))
    ]
    papers = pd.concat(kept, ignore_index=True)
    return joined(papers[papers["document"].fillna("").ne("")], "parcel", "document")


def _all(verdict: pd.Series, key: pd.Index) -> pd.Series:
    """Kleene conjunction within groups."""
    no = verdict.eq(False).fillna(False).groupby(key).any()
    unknown = verdict.isna().groupby(key).any()
    return (~no).astype("boolean").mask(unknown & ~no)
