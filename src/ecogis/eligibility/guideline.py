"""Clause 4.1 a to f of T/GZGFA 8-2026: what a lender must see before a yield right is pledged.

Each clause is three-valued. What is missing leaves it open; it never counts as a yes or a no.
"""

import tomllib
from collections.abc import Collection
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis import methods
from ecogis.core.findings import Findings
from ecogis.eligibility.documents import SILENT, laid
from ecogis.eligibility.encumbrances import CLAIMS, CONTESTS, RESTRAINTS
from ecogis.eligibility.title import Ground, ground
from ecogis.eligibility.verdicts import Case, Verdicts, gather, judge

__all__ = ["CLAUSES", "GUIDELINE", "clause_labels", "guideline"]

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
_SEARCHED = ("clear", "encumbered")
_GRANTED = ("clear", SILENT)


def guideline(  # noqa: PLR0913  the inputs of the stage, and what is known beside them
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    province: str,
    methodology_match: pd.Series | None,
    ledger: pd.DataFrame | None = None,
    project: str | None = None,
    excluded_rights: Collection[str] = (),
    findings: Findings | None = None,
) -> Verdicts:
    """Judge clauses 4.1 a to f for every piece.

    Parameters
    ----------
    pieces : DataFrame
        ``piece stand parcel area_dm2``.
    rights, encumbrances, documents : DataFrame or None
        Canonical tables. None, like an empty table of documents, leaves open what it would show.
    date : date
        Valuation date; documents dated later, undated or past their validity do not count.
    province : str
        First two digits of the administrative code. Outside Guangdong the guideline is used by
        analogy, which is a finding.
    methodology_match : Series of boolean or None
        By piece: whether the methodology's conditions hold (`creditable`).
    ledger : DataFrame, optional
        Claims of our own ledger, in the columns of encumbrances.
    project : str, optional
        Identifier documents about the project use; without it all of them are about this one.
    excluded_rights : collection of str, optional
        Rights a finding leaves open: not in force, and the title to their parcels is not known.
    findings : Findings, optional
        Takes E270 and E271.

    Returns
    -------
    Verdicts
        Clauses ``4.1 a`` to ``4.1 f``.

    Findings
    --------
    E270
        The land lies outside the guideline's area of application; one per run.
    E271
        Shares of co-owners do not add up to one; disposal stays open.

    References
    ----------
    .. [1] T/GZGFA 8-2026, clauses 1 and 4.1.
    """
    known = ground(
        pieces,
        rights,
        encumbrances,
        documents,
        date,
        ledger=ledger,
        project=project,
        excluded=excluded_rights,
    )
    if findings is not None:
        _look(known, province, findings)
    judged = {clause: rule(known) for clause, rule in _CLAUSES.items()}
    judged["4.1 b"] = _developable(known, _matched(methodology_match, known.pieces["piece"]))
    ordered = {clause: judged[clause] for clause in clause_labels()}
    return gather(known.pieces, ordered, clause_labels())


def _title(known: Ground) -> pd.DataFrame:
    contested, contests = known.burden(CONTESTS)
    certified, certificates = known.shelf.held(known.certificates())
    extracted, extracts = known.shelf.held(_extracts(known))
    rights, consents = known.text("yield_rights"), known.text("consents")
    rivalled, rivals = known.at_parcels(known.rivals)
    recorded, excluded = known.on_record(), known.flag("excluded")
    held = recorded & (rights != "")
    open_flags = (
        "holder_missing",
        "holders_differ",
        "shares_disagree",
        "co_ownership_missing",
    )
    undecided = known.pieces["parcel"].map(known.holdings.parcels["disposal"]).isna()
    explained = known.flag("shares_disagree") | known.flag("co_ownership_missing")
    land_only = known.flag("land_only")
    cases = [
        Case("contested", contested, contests),
        Case("right_ended", known.flag("ended"), _rights_of(known)),
        Case("right_not_begun", known.flag("not_begun"), _rights_of(known)),
        Case("owner_refused", known.flag("refused"), consents),
        Case("no_right_on_record", ~recorded),
        Case("right_excluded", excluded, known.text("excluded_rights")),
        Case("right_unplaced", rivalled, rivals),
        Case("land_ownership_only", land_only),
        Case("end_not_known", held & ~known.flag("term_known")),
        Case("term_unknown", known.flag("term_unknown")),
        *(Case(name, known.flag(name)) for name in open_flags),
        Case("consent_missing", undecided.to_numpy() & recorded & ~land_only & ~explained),
        Case("certificate_missing", ~certified),
        Case("register_extract_missing", ~extracted),
    ]
    return judge(cases, "title_shown", _listed(rights, certificates, extracts, consents))


def _developable(known: Ground, match: pd.Series) -> pd.DataFrame:
    filed = ("clear", "refused")
    registered, registrations = known.shelf.says("project_registration", ["clear"], filed)
    refused, refusals = known.shelf.says("project_registration", ["refused"], filed)
    intended, letters = known.shelf.held(known.shelf.of(["intent_letter"], _GRANTED))
    fails = (~match).fillna(False).to_numpy(dtype=bool)
    cases = [
        Case("registration_refused", refused, refusals),
        Case("methodology_not_met", ~registered & fails),
        Case("methodology_open", ~registered & match.isna().to_numpy(dtype=bool)),
        Case("intent_missing", ~registered & ~fails & ~intended),
    ]
    otherwise = np.where(registered, "project_registered", "methodology_and_intent")
    return judge(cases, otherwise.astype(object), _listed(registrations, letters))


def _objective(known: Ground) -> pd.DataFrame:
    reports = known.shelf.of(["third_party_report"], (*_GRANTED, "refused"))
    outside = reports["issuer_kind"].eq("third_party").fillna(False).astype(bool)
    numbered = reports["number"].fillna("").ne("")
    confirmed = outside & numbered & reports["result"].eq("clear")
    held, evidence = known.shelf.held(reports[confirmed])
    refused, refusals = known.shelf.held(reports[outside & reports["result"].eq("refused")])
    own, owned = known.shelf.held(reports[~outside])
    cases = [
        Case("third_party_refused", refused, refusals),
        Case("own_report_only", ~held & own, owned),
        Case("report_missing", ~held),
    ]
    return judge(cases, "third_party_confirmed", evidence)


def _unique(known: Ground) -> pd.DataFrame:
    pledged, claims = known.burden(CLAIMS, of_holder=True)
    cases, clear = [Case("pledged_on_record", pledged, claims), *_unclear(known)], []
    for kind in ("pledge_search", "project_search"):
        found, shown = known.shelf.says(kind, ["encumbered"], _SEARCHED)
        searched, evidence = known.shelf.says(kind, ["clear"], _SEARCHED)
        cases.append(Case(f"{kind}_encumbered", found, shown))
        cases.append(Case(f"{kind}_missing", ~searched))
        clear.append(evidence)
    cases.append(Case("encumbrances_missing", _all(known, not known.burdens.given)))
    return judge(cases, "unique_shown", _listed(*clear))


def _unrestricted(known: Ground) -> pd.DataFrame:
    restrained, restraints = known.burden(RESTRAINTS)
    encumbered, shown = known.shelf.says("register_extract", ["encumbered"], _SEARCHED)
    extracted, extracts = known.shelf.says("register_extract", ["clear"], _SEARCHED)
    cases = [
        Case("restricted", restrained, restraints),
        *_unclear(known),
        Case("extract_encumbered", encumbered, shown),
        Case("register_extract_missing", ~extracted),
        Case("encumbrances_missing", _all(known, not known.burdens.given)),
    ]
    return judge(cases, "unrestricted_shown", extracts)


def _lender(known: Ground) -> pd.DataFrame:
    heard = ("clear", "refused")
    refused, refusals = known.shelf.says("lender_policy", ["refused"], heard)
    agreed, evidence = known.shelf.says("lender_policy", ["clear"], heard)
    cases = [Case("lender_refused", refused, refusals), Case("lender_not_asked", ~agreed)]
    return judge(cases, "lender_agrees", evidence)


_CLAUSES = MappingProxyType(
    {
        "4.1 a": _title,
        "4.1 c": _objective,
        "4.1 d": _unique,
        "4.1 e": _unrestricted,
        "4.1 f": _lender,
    }
)


@cache
def _entries() -> dict[str, Any]:
    text = files("ecogis.eligibility").joinpath("guideline.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def clause_labels() -> dict[str, tuple[str, str]]:
    """The clauses and their short names, Chinese and English.

    >>> clause_labels()["4.1 a"]
    ('权属清晰', 'clear title')
    """
    return {clause: (name["zh"], name["en"]) for clause, name in _entries()["clauses"].items()}


GUIDELINE: Final = "t-gzgfa-8-2026@2026"
"""The guideline judged, as the methods library has it."""

CLAUSES: Final = tuple(f"4.1 {letter}" for letter in "abcdef")
"""The clauses judged, in order."""


def _look(known: Ground, province: str, findings: Findings) -> None:
    if province != methods.guideline(GUIDELINE).province:
        findings.add("E270", layer="project", observed=province, column="province")
    parcels = known.holdings.parcels
    wrong = parcels["shares_disagree"].eq(True).fillna(False)
    findings.add(
        "E271",
        layer="rights",
        where=wrong,
        feature=parcels.index,
        column="share",
        rights=parcels["yield_rights"],
    )


def _matched(match: pd.Series | None, pieces: pd.Series) -> pd.Series:
    if match is None:
        return pd.Series(pd.NA, index=pieces.index, dtype="boolean")
    return pieces.map(match.astype("boolean")).astype("boolean")


def _extracts(known: Ground) -> pd.DataFrame:
    """Register extracts that say what they found."""
    return known.shelf.of(["register_extract"], _SEARCHED)


def _unclear(known: Ground) -> list[Case]:
    """Encumbrances whose kind or land cannot be read: they leave open what they might forbid."""
    unread, found = known.at_parcels(known.burdens.unread())
    unplaced = known.burdens.unplaced
    anywhere = np.full(len(known.pieces), unplaced, dtype=object)
    return [
        Case("encumbrance_unread", unread, found),
        Case("encumbrance_unplaced", _all(known, unplaced != ""), anywhere),
    ]


def _rights_of(known: Ground) -> Texts:
    rights = known.holdings.rights
    listed = rights.loc[rights["right_kind"].ne("land_ownership")]
    texts = listed.groupby("parcel")["right"].agg(";".join)
    return laid(known.pieces["parcel"], texts)


def _all(known: Ground, flag: bool) -> Mask:
    return np.full(len(known.pieces), flag)


def _listed(*texts: Texts) -> Texts:
    """Join the identifiers of several sources, piece by piece."""
    rows = zip(*(column.tolist() for column in texts), strict=True)
    return np.array([";".join(filter(None, row)) for row in rows], dtype=object)
