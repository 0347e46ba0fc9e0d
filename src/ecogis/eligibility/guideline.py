"""Clause 4.1 a to f of T/GZGFA 8-2026: what a lender must see before a yield right is pledged.

Each clause is three-valued. What is missing leaves it open; it never counts as a yes or a no.
"""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd

from ecogis import methods
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import code_label
from ecogis.eligibility.asking import rights_asked
from ecogis.eligibility.clauses import RULES
from ecogis.eligibility.reasons import reason_label
from ecogis.eligibility.title import Ground, ground
from ecogis.eligibility.verdicts import Verdicts, gather

__all__ = ["CLAUSES", "GUIDELINE", "Units", "clause_labels", "guideline"]


@dataclass(frozen=True, slots=True)
class Units:
    """What is issued for the land, and why the guideline is used where it does not name it.

    Attributes
    ----------
    kind : str
        Of `ecogis.methods.UNIT_KINDS`; empty where the methodology does not say.
    by_analogy : str
        The client's reason; empty where the guideline is not used by analogy.
    """

    kind: str
    by_analogy: str = ""

    @property
    def named(self) -> bool | None:
        """Whether the guideline speaks of them (clause 3.3); None where the kind is not known.

        >>> [Units(kind).named for kind in ("gd_phcer", "carbon_ticket", "")]
        [True, False, None]
        """
        return self.kind in _entries()["units"]["named"] if self.kind else None


def guideline(  # noqa: PLR0913  the inputs of the stage, and what is known beside them
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    province: str,
    methodology_match: pd.Series | None,
    methodology: str = "",
    units: Units | None = None,
    ledger: pd.DataFrame | None = None,
    project: str | None = None,
    excluded_rights: Collection[str] = (),
    known: Ground | None = None,
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
    methodology : str, optional
        Its identifier, the evidence for a no of clause b.
    units : Units, optional
        What is issued under it. Units clause 3.3 does not speak of cannot be pledged under the
        guideline, unless the client uses it by analogy; without them, clause b is not known.
    ledger : DataFrame, optional
        Active claims of our own ledger: ``claim right vintage lender``, and ``parcel`` where it
        tells. None is not an empty one (`no_claims`): without it clause d is not known, unless an
        extract of it is on file.
    project : str, optional
        Identifier documents about the project use; without it all of them are about this one.
    excluded_rights : collection of str, optional
        Rights a finding leaves open: not in force, and the title to their parcels is not known.
    known : Ground, optional
        What `ground` laid beside the same pieces from the same tables before; saves laying it
        again.
    findings : Findings, optional
        Takes E270, E271, E737 and E770 to E772.

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
    E737
        The client uses the guideline by analogy for units it does not name; one per run.
    E770
        A link of the chain of transfers a yield right rests on is missing.
    E771
        Claims of our own ledger name no right or parcel that is known; one per run.
    E772
        The guideline is not in force on the day; one per run.

    References
    ----------
    .. [1] T/GZGFA 8-2026, clauses 1, 3.3 and 4.1.
    """
    if known is None:
        known = ground(
            pieces,
            rights,
            encumbrances,
            documents,
            date,
            project=project,
            excluded=excluded_rights,
        )
    units = units or Units("")
    known = known.matched(methodology_match, methodology).claimed_by(ledger, date)
    known = replace(known, units_fit=True if units.by_analogy else units.named)
    if findings is not None:
        _look(known, province, date, findings)
        _look_at_units(units, methodology, findings)
    judged = {clause: rule(known) for clause, rule in RULES.items()}
    return gather(known.pieces, judged, clause_labels(), rights_asked(known.holdings))


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


def _look_at_units(units: Units, methodology: str, findings: Findings) -> None:
    if units.by_analogy and not units.named:
        findings.add(
            "E737",
            layer="project",
            observed=methodology,
            column="methodology.by_analogy_because",
            units_zh=code_label("unit_kind", units.kind or None, "zh"),
            units_en=code_label("unit_kind", units.kind or None, "en"),
            because=units.by_analogy,
        )


def _look(known: Ground, province: str, day: date, findings: Findings) -> None:
    asked = methods.guideline(GUIDELINE)
    if not asked.in_force_on(day):
        findings.add("E772", layer="project", observed=day, column="valuation_date")
    if province != asked.province:
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
    rights = known.holdings.rights
    broken = rights["gives_yield"] & rights["link_fault"].ne("")
    findings.add(
        "E770",
        layer="rights",
        where=broken,
        feature=rights["right"],
        column="from_right",
        observed=rights["missing_link"],
        why_zh=rights["link_fault"].map(lambda code: code and reason_label(code, "zh")),
        why_en=rights["link_fault"].map(lambda code: code and reason_label(code, "en")),
    )
    if known.ledger.unplaced:
        findings.add("E771", layer="rights", observed=known.ledger.unplaced, column="right")
