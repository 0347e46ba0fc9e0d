"""The rules of clause 4.1 a to f: yes, no or not known by piece, with evidence.

*Yes* needs a positive, dated document; what is missing leaves the clause open.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.eligibility.chain import LINKS
from ecogis.eligibility.documents import SILENT, laid, latest, numbered, standing, strung
from ecogis.eligibility.encumbrances import CLAIMS, CONTESTS, RESTRAINTS
from ecogis.eligibility.title import Ground
from ecogis.eligibility.verdicts import Case, judge

__all__ = ["RULES"]

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
_SEARCHED: Final = ("clear", "encumbered")
_ANSWERED: Final = (*_SEARCHED, "refused")
_GRANTED: Final = ("clear", SILENT)
_HEARD: Final = ("clear", "refused")
_OURS: Final = ("own", "holder")
_RUN: Final = re.compile(r"[0-9a-fA-F]{64}")  # a report of ours bears the hash of its run
_UNDECIDED: Final = (
    "holder_missing",
    "holders_differ",
    "shares_disagree",
    "co_ownership_missing",
    "co_owner_missing",
    "guardian_missing",
    "decision_missing",
)


def title_clear(known: Ground) -> pd.DataFrame:
    """4.1 a: a right in force, numbered paper and register extract, and power of disposal."""
    contested, contests = known.burden(CONTESTS)
    papers = known.certificates()
    on_file, _ = known.shelf.held(papers)
    certified, certificates = known.shelf.held(numbered(papers))
    extracted, extracts = known.shelf.says("register_extract", _SEARCHED, _ANSWERED)
    rights, consents = known.text("yield_rights"), known.text("consents")
    rivalled, rivals = known.at_parcels(known.rivals)
    of_parcel = _rights_of(known)
    recorded, excluded = known.on_record(), known.flag("excluded")
    held, links = recorded & (rights != ""), known.text("missing_links")
    cases = [
        Case("contested", contested, contests),
        Case("right_ended", known.flag("ended"), of_parcel),
        Case("right_not_begun", known.flag("not_begun"), of_parcel),
        Case("owner_refused", known.flag("refused"), consents),
        Case("no_right_on_record", ~recorded),
        Case("right_excluded", excluded, known.text("excluded_rights")),
        Case("right_unplaced", rivalled, rivals),
        Case("right_kind_unread", known.flag("kind_unread")),
        Case("land_ownership_only", known.flag("land_only")),
        *(Case(fault, known.flag(fault), links) for fault in LINKS),
        Case("end_not_known", held & ~known.flag("term_known")),
        Case("term_unknown", known.flag("term_unknown")),
        *(Case(name, known.flag(name)) for name in _UNDECIDED),
        Case("consent_missing", held & _unconsented(known)),
        Case("certificate_unnumbered", on_file & ~certified),
        Case("certificate_missing", ~on_file),
        Case("register_extract_missing", ~extracted),
    ]
    shown = _listed(rights, certificates, known.text("contracts"), extracts, consents)
    return judge(cases, "title_shown", shown)


def developable(known: Ground) -> pd.DataFrame:
    """4.1 b: a registered project; or methodology or local standard, with a letter of intent.

    All three of units the guideline speaks of (3.3); where these are not known a registered
    project of the schemes it names shows them.
    """
    filed = latest(known.shelf.of(["project_registration"], _HEARD), "piece", {"clear"})
    registered, registrations = known.shelf.held(numbered(filed))
    accepted, acceptances = known.shelf.held(filed)
    refused, refusals = known.shelf.says("project_registration", ["refused"], _HEARD)
    standard, proofs = known.shelf.says("local_standard_proof", ["clear"], _HEARD)
    refusing = known.shelf.of(["intent_letter"], ["refused"])
    meant = standing(known.shelf.of(["intent_letter"], _GRANTED), refusing)
    intended, letters = known.shelf.held(meant)
    fails = (~known.match).fillna(False).to_numpy(dtype=bool) & ~standard
    is_open = known.match.isna().to_numpy(dtype=bool) & ~standard
    named = np.full(len(known.pieces), known.methodology, dtype=object)
    cases = [
        Case("units_outside", _all(known, known.units_fit is False), named),
        Case("registration_refused", refused & ~standard, refusals),
        Case("methodology_not_met", ~accepted & fails, named),
        Case("registration_unnumbered", accepted & ~registered & fails, acceptances),
        Case("units_unknown", ~registered & (known.units_fit is None), named),
        Case("methodology_open", ~registered & is_open),
        Case("intent_missing", ~registered & ~fails & ~intended),
    ]
    why = np.select(
        [registered, ~known.match.fillna(False).to_numpy(dtype=bool)],
        ["project_registered", "local_standard_and_intent"],
        "methodology_and_intent",
    )
    return judge(cases, why.astype(object), _listed(registrations, letters, proofs))


def objective(known: Ground) -> pd.DataFrame:
    """4.1 c: the latest third party's report confirms, with a number; one of a run never counts."""
    reports = known.shelf.of(["third_party_report"], (*_GRANTED, "refused"))
    ours = reports["issuer_kind"].isin(_OURS) | _of_a_run(reports["number"])
    outside = reports["issuer_kind"].eq("third_party").fillna(False).astype(bool) & ~ours
    confirmed = outside & reports["result"].eq("clear")
    heard = pd.concat(
        [numbered(reports[confirmed]), reports[~ours & reports["result"].eq("refused")]]
    )
    held, evidence = known.shelf.held(latest(heard, "piece", {"clear"}))
    refused, refusals = known.shelf.held(latest(heard, "piece", {"refused"}))
    own, owned = known.shelf.held(reports[ours])
    others, found = known.shelf.held(reports[~ours & ~outside])
    bare, told = known.shelf.held(reports[confirmed])
    cases = [
        Case("third_party_refused", refused, refusals),
        Case("own_report_only", ~held & own, owned),
        Case("report_issuer_unknown", ~held & others, found),
        Case("report_unnumbered", ~held & bare, told),
        Case("report_missing", ~held & ~own & ~others & ~bare),
    ]
    return judge(cases, "third_party_confirmed", evidence)


def unique(known: Ground) -> pd.DataFrame:
    """4.1 d: both searches clear, nothing on record, and nothing in our own ledger."""
    pledged, claims = known.burden(CLAIMS, of_holder=True)
    ours, entries = known.claimed()
    cases = [
        Case("pledged_on_record", pledged, claims),
        Case("pledged_in_ledger", ours, entries),
        *_unclear(known),
    ]
    clear = []
    for kind in ("pledge_search", "project_search"):
        found, shown = known.shelf.says(kind, ["encumbered"], _SEARCHED)
        searched, evidence = known.shelf.says(kind, ["clear"], _ANSWERED)
        cases.append(Case(f"{kind}_encumbered", found, shown))
        cases.append(Case(f"{kind}_missing", ~searched))
        clear.append(evidence)
    bound, bonds = known.shelf.says("ledger_extract", ["encumbered"], _SEARCHED)
    looked, extracts = known.shelf.says("ledger_extract", ["clear"], _ANSWERED)
    unplaced = known.ledger.unplaced
    cases += [
        Case("ledger_extract_encumbered", bound, bonds),
        Case("claim_unplaced", _all(known, unplaced != ""), _everywhere(known, unplaced)),
        Case("encumbrances_missing", _all(known, not known.burdens.given)),
        Case("ledger_missing", ~looked & (not known.ledger.given)),
    ]
    return judge(cases, "unique_shown", _listed(*clear, extracts))


def unrestricted(known: Ground) -> pd.DataFrame:
    """4.1 e: a dated register extract is clear and no restraint is on record."""
    restrained, restraints = known.burden(RESTRAINTS)
    encumbered, shown = known.shelf.says("register_extract", ["encumbered"], _SEARCHED)
    extracted, extracts = known.shelf.says("register_extract", ["clear"], _ANSWERED)
    cases = [
        Case("restricted", restrained, restraints),
        *_unclear(known),
        Case("extract_encumbered", encumbered, shown),
        Case("register_extract_missing", ~extracted & ~encumbered),
        Case("encumbrances_missing", _all(known, not known.burdens.given)),
    ]
    return judge(cases, "unrestricted_shown", extracts)


def lender_agrees(known: Ground) -> pd.DataFrame:
    """4.1 f: the lender's own check is clear; a refusal counts whoever wrote it down."""
    checks = known.shelf.of(["lender_policy"], _HEARD)
    theirs = checks["issuer_kind"].eq("lender").fillna(False).astype(bool)
    heard = checks[theirs | checks["result"].eq("refused")]
    refused, refusals = known.shelf.held(latest(heard, "piece", {"refused"}))
    agreed, evidence = known.shelf.held(latest(heard, "piece", {"clear"}))
    cases = [Case("lender_refused", refused, refusals), Case("lender_not_asked", ~agreed)]
    return judge(cases, "lender_agrees", evidence)


RULES: Final[Mapping[str, Callable[[Ground], pd.DataFrame]]] = MappingProxyType(
    {
        "4.1 a": title_clear,
        "4.1 b": developable,
        "4.1 c": objective,
        "4.1 d": unique,
        "4.1 e": unrestricted,
        "4.1 f": lender_agrees,
    }
)
"""The rule of each clause, in order."""


def _unconsented(known: Ground) -> Mask:
    """Disposal not shown and no other flag says why: the consents are asked for."""
    told = [known.flag(name) for name in (*_UNDECIDED, "excluded", "refused")]
    undecided = known.pieces["parcel"].map(known.holdings.parcels["disposal"]).isna().to_numpy()
    alone = undecided & ~np.logical_or.reduce(told)
    return np.asarray(known.flag("consent_missing") | alone, dtype=bool)


def _of_a_run(numbers: pd.Series) -> pd.Series:
    found = numbers.astype("string").str.strip().str.fullmatch(_RUN.pattern)
    return found.fillna(False).astype(bool)


def _unclear(known: Ground) -> list[Case]:
    """Encumbrances whose kind or land cannot be read: they leave open what they might forbid."""
    unread, found = known.at_parcels(known.burdens.unread())
    unplaced = known.burdens.unplaced
    return [
        Case("encumbrance_unread", unread, found),
        Case("encumbrance_unplaced", _all(known, unplaced != ""), _everywhere(known, unplaced)),
    ]


def _rights_of(known: Ground) -> Texts:
    rights = known.holdings.rights
    listed = rights.loc[rights["right_kind"].ne("land_ownership").fillna(True)]
    return laid(known.pieces["parcel"], strung(listed, "parcel", "right"))


def _all(known: Ground, flag: bool) -> Mask:
    return np.full(len(known.pieces), flag)


def _everywhere(known: Ground, text: str) -> Texts:
    return np.full(len(known.pieces), text, dtype=object)


def _listed(*texts: Texts) -> Texts:
    """Join the identifiers of several sources, piece by piece, each once."""
    rows = zip(*(column.tolist() for column in texts), strict=True)
    parts = (";".join(filter(None, row)).split(";") for row in rows)
    return np.array([";".join(dict.fromkeys(names)) for names in parts], dtype=object)
