"""The due-diligence list: each missing paper once, with what it is about, who issues it, and what
land waits for it.
"""

import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from ecogis.core import identifiers
from ecogis.eligibility.reasons import reason
from ecogis.eligibility.verdicts import Verdicts

__all__ = ["due_diligence"]

COLUMNS = (
    "would_settle",
    "subject_kind",
    "subject",
    "parcel",
    "holder",
    "clause",
    "reasons",
    "issuer_kind",
    "issuer",
    "issuer_en",
    "pieces",
    "area_dm2",
    "settled_dm2",
)
_KEYS = ["would_settle", "subject_kind", "subject"]


def due_diligence(judged: Sequence[Verdicts], among: Collection[str] | None = None) -> pd.DataFrame:
    """The papers still missing over all clauses judged, each once for what it is about.

    Parameters
    ----------
    judged : sequence of Verdicts
        Conditions of a methodology and clauses of the guideline, for the same pieces.
    among : collection of str, optional
        The pieces asked about; without it all.

    Returns
    -------
    DataFrame
        ``would_settle`` (document kinds, any of which settles it, joined by ``;``) ``subject_kind
        subject`` (what the paper is about) ``parcel holder clause reasons issuer_kind`` (joined by
        ``;``) ``issuer issuer_en`` (who issues it) ``pieces area_dm2`` (the land that waits for it)
        ``settled_dm2`` (the part of it that waits for nothing else) [0.01 m2] and both areas in
        ``area_ha settled_ha`` [ha]. The most land settled first, then the most land that waits.

    Examples
    --------
    >>> from ecogis.eligibility.verdicts import Case, gather, judge
    >>> pieces = pd.DataFrame({"piece": ["P1"], "parcel": ["Z1"], "area_dm2": [1_000_000]})
    >>> missing = judge([Case("intent_missing", np.array([True]))], "title_shown", np.array([""]))
    >>> verdicts = gather(pieces, {"4.1 b": missing}, {"4.1 b": ("可开发", "can be developed")})
    >>> found = due_diligence([verdicts])
    >>> found[["would_settle", "subject", "issuer_en", "settled_ha"]].values.tolist()
    [['intent_letter', 'Z1', 'the holder', 1.0]]
    """
    each = [_asked(verdicts, among).assign(part=part) for part, verdicts in enumerate(judged)]
    asked = _not_followed(pd.concat(each, ignore_index=True))
    land = pd.concat([verdicts.pieces for verdicts in judged]).drop_duplicates("piece")
    asked = _subjects(asked.merge(land, on="piece", validate="many_to_one"), judged)
    waits = asked.drop_duplicates(["piece", *_KEYS])
    alone = waits.groupby("piece")["piece"].transform("size").eq(1)
    waits = waits.assign(settled_dm2=waits["area_dm2"].where(alone, 0))
    areas = waits.groupby(_KEYS, dropna=False).agg(
        pieces=("piece", "size"), area_dm2=("area_dm2", "sum"), settled_dm2=("settled_dm2", "sum")
    )
    listed = ["parcel", "holder", "clause", "reasons"]
    found = areas.join(pd.concat([_listed(asked, name) for name in listed], axis=1)).reset_index()
    found = found.assign(**_issuers(found["would_settle"]))[list(COLUMNS)]
    for name in ("area", "settled"):
        found[f"{name}_ha"] = found[f"{name}_dm2"] * 1e-6
    order = ["settled_dm2", "area_dm2", *_KEYS]
    return found.sort_values(order, ascending=[False, False, True, True, True], ignore_index=True)


@cache
def _papers() -> dict[str, dict[str, str]]:
    text = files("ecogis.eligibility").joinpath("guideline.toml").read_text(encoding="utf-8")
    papers: dict[str, dict[str, str]] = tomllib.loads(text)["documents"]
    return papers


def _asked(verdicts: Verdicts, among: Collection[str] | None) -> pd.DataFrame:
    """One row per piece, clause and reason that leaves it open."""
    where = verdicts.table["verdict"].isna()
    if among is not None:
        where &= identifiers.among(verdicts.table["piece"], among)
    rows = verdicts.table.loc[where, ["piece", "clause", "open_reasons"]]
    codes, texts = pd.factorize(rows["open_reasons"])
    lists = [str(text).split(";") for text in texts]
    many = np.array([len(names) for names in lists], dtype=np.int64)[codes]
    out = rows[["piece", "clause"]].loc[rows.index.repeat(many)].reset_index(drop=True)
    reasons = [name for code in codes.tolist() for name in lists[code]]
    settles = {name: ";".join(reason(name).would_settle) for name in set(reasons)}
    out["reasons"] = pd.array(reasons, "string")
    out["would_settle"] = pd.array([settles[name] for name in reasons], "string")
    return out


def _not_followed(asked: pd.DataFrame) -> pd.DataFrame:
    """Without reasons that follow from what another part of the verdicts asks for already."""
    follows = {code: reason(code).follows for code in asked["reasons"].unique()}
    elsewhere = asked.groupby("piece")["part"].transform("nunique").gt(1)
    return asked[~(asked["reasons"].map(follows).astype(bool) & elsewhere)].drop(columns="part")


def _subjects(asked: pd.DataFrame, judged: Sequence[Verdicts]) -> pd.DataFrame:
    """What each paper is asked for: the rights a reason is about, else stand, parcel or project."""
    told = [verdicts.about for verdicts in judged if verdicts.about is not None]
    blank = pd.DataFrame(columns=["parcel", "reasons", "right", "holder"], dtype="string")
    about = pd.concat([frame.rename(columns={"reason": "reasons"}) for frame in told] or [blank])
    about = about.astype("string").drop_duplicates()
    whole = about["reasons"].eq("")
    found = asked.merge(about[~whole], on=["parcel", "reasons"], how="left")
    names = about[whole].set_index("parcel")["holder"]
    holders = found["parcel"].map(names).astype("string")
    kinds = {code: _about(code) for code in asked["reasons"].unique()}
    of_right = found["right"].notna()
    kind = found["reasons"].map(kinds).mask(of_right, "right").astype("string")
    stand = found["stand"] if "stand" in found else found["parcel"]
    subject = found["parcel"].mask(of_right, found["right"]).mask(kind.eq("stand"), stand)
    return found.assign(
        holder=found["holder"].fillna(holders).mask(kind.eq("project")),
        subject_kind=kind,
        subject=subject.mask(kind.eq("project"), "").astype("string"),
        parcel=found["parcel"].mask(kind.eq("project")),
    )


def _about(code: str) -> str:
    """What the papers a reason asks for are about; the parcel where they differ."""
    why = reason(code)
    if why.about:
        return why.about
    found = {_papers()[kind]["about"] for kind in why.would_settle}
    kind = found.pop() if len(found) == 1 else "parcel"
    return "parcel" if kind == "right" else kind  # no right is named


def _issuers(would_settle: pd.Series) -> dict[str, pd.Series]:
    """Who issues the papers, by each list of their kinds."""
    found: dict[str, Any] = {}
    for name, key in (("issuer_kind", "issuer_kind"), ("issuer", "zh"), ("issuer_en", "en")):
        texts = {
            kinds: ";".join(dict.fromkeys(_papers()[kind][key] for kind in kinds.split(";")))
            for kinds in would_settle.unique()
        }
        found[name] = would_settle.map(texts).astype("string")
    return found


def _listed(asked: pd.DataFrame, name: str) -> pd.Series:
    """What a column holds for each paper, each once, joined by ``;``."""
    pairs = asked.loc[asked[name].notna(), [*_KEYS, name]].drop_duplicates()
    texts = pairs.sort_values(name).groupby(_KEYS, dropna=False)[name].agg(";".join)
    return texts.astype("string")
