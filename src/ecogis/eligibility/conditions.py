"""The conditions of a methodology, judged piece by piece."""

import inspect
from collections.abc import Collection, Mapping
from datetime import date

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.eligibility.facts import Declaration, Period, facts
from ecogis.eligibility.rules import DECLARABLE, RULES
from ecogis.eligibility.title import ground
from ecogis.eligibility.verdicts import Verdicts, gather
from ecogis.methods import Condition, Methodology

__all__ = ["check_rules", "conditions", "creditable", "pledgeable"]


def conditions(  # noqa: PLR0913, PLR0917  the six inputs of the stage, in their order
    pieces: pd.DataFrame,
    stands: pd.DataFrame,
    land_history: pd.DataFrame | None,
    rights: pd.DataFrame | None,
    methodology: Methodology,
    date: date,
    *,
    documents: pd.DataFrame | None = None,
    period: Period | None = None,
    declared: Mapping[str, Declaration] | None = None,
    project: str | None = None,
    excluded_rights: Collection[str] = (),
    findings: Findings | None = None,
) -> Verdicts:
    """Judge every condition of a methodology for every piece.

    Parameters
    ----------
    pieces : DataFrame
        ``piece stand parcel area_dm2``; ``merged_area_dm2`` (area of the touching pieces) where
        the methodology asks for connected land.
    stands, land_history, rights, documents : DataFrame or None
        Canonical tables; a missing one leaves open what it would have shown.
    methodology : Methodology
        With its conditions: each names a rule and its arguments.
    date : date
        Valuation date.
    period : Period, optional
        The crediting period; without it the conditions on it stay open.
    declared : mapping, optional
        Rule name to `Declaration`, for what no layer can show.
    project : str, optional
        Identifier documents about the project use.
    excluded_rights : collection of str, optional
        Rights a finding leaves open: they, and the tenure of their parcels, support no yes.
    findings : Findings, optional
        Takes E272.

    Returns
    -------
    Verdicts
        One clause per condition, under the condition's identifier.

    Raises
    ------
    ConfigError
        E273 when a rule is not known, E275 when its arguments do not fit, E274 when something is
        declared that data must show.

    Findings
    --------
    E272
        The years of a land record are missing or reversed; the record is not used.
    """
    check_rules(methodology)
    _check_declared(declared or {})
    known = ground(pieces, rights, None, documents, date, project=project, excluded=excluded_rights)
    seen = facts(
        known,
        stands,
        land_history,
        documents,
        date,
        period=period,
        declared=declared,
        exemptions=methodology.exemptions,
        findings=findings,
    )
    asked = {condition.id: condition for condition in methodology.conditions}
    judged = {
        name: RULES[condition.rule](seen, **condition.arguments)
        for name, condition in asked.items()
    }
    labels = {name: (condition.zh, condition.en) for name, condition in asked.items()}
    return gather(known.pieces, judged, labels)


def check_rules(methodology: Methodology) -> None:
    """See that every condition names a rule we have, with arguments that fit.

    Raises
    ------
    ConfigError
        Names the rule and what does not fit.
    """
    for condition in methodology.conditions:
        if condition.rule not in RULES:
            raise ConfigError("E273", rule=condition.rule, known=", ".join(RULES))
        _bind(condition)


def creditable(verdicts: Verdicts) -> pd.Series:
    """Whether a piece meets all conditions of the methodology: yes, no, or missing for unknown."""
    return verdicts.every()


def pledgeable(verdicts: Verdicts) -> pd.Series:
    """Whether a piece meets all of clause 4.1 a to f: yes, no, or missing for unknown."""
    return verdicts.every()


def _bind(condition: Condition) -> None:
    try:
        inspect.signature(RULES[condition.rule]).bind(None, **condition.arguments)
    except TypeError as problem:
        raise ConfigError("E275", rule=condition.rule, arguments=str(problem)) from None


def _check_declared(declared: Mapping[str, Declaration]) -> None:
    for rule in declared:
        if rule not in DECLARABLE:
            raise ConfigError("E274", rule=rule, known=", ".join(DECLARABLE))
