"""The conditions of a methodology, judged piece by piece."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from ecogis.core import identifiers
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.eligibility.checking import check_rules
from ecogis.eligibility.declared_rules import DECLARABLE
from ecogis.eligibility.facts import Declaration, Period, Site, facts
from ecogis.eligibility.rules import OF_THE_PROJECT, RULES
from ecogis.eligibility.title import Ground, ground
from ecogis.eligibility.verdicts import Verdicts, every, gather
from ecogis.methods import Methodology

__all__ = ["conditions", "creditable", "of_the_project", "pledgeable"]


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
    site: Site | None = None,
    excluded_rights: Collection[str] = (),
    known: Ground | None = None,
    only: Collection[str] | None = None,
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
    site : Site, optional
        Province, and land of registered projects; without it the conditions on them stay open.
    excluded_rights : collection of str, optional
        Rights a finding leaves open: they, and the tenure of their parcels, support no yes.
    known : Ground, optional
        Title and documents laid beside the same pieces before, by `ground` with the same rights,
        documents, date and project; saves laying them again.
    only : collection of str, optional
        Identifiers of the conditions to judge; without it all.
    findings : Findings, optional
        Takes E272.

    Returns
    -------
    Verdicts
        One clause per condition, under the condition's identifier.

    Raises
    ------
    ConfigError
        E273, E275, E732 or E735 when a condition cannot be judged (`check_rules`), E274 when
        something is declared that data must show.

    Findings
    --------
    E272
        The years of a land record are missing or reversed; the record is not used.
    """
    check_rules(methodology)
    _check_declared(declared or {})
    if known is None:
        known = ground(
            pieces, rights, None, documents, date, project=project, excluded=excluded_rights
        )
    seen = facts(
        replace(known, pieces=pieces.reset_index(drop=True)),
        stands,
        land_history,
        documents,
        date,
        period=period,
        declared=declared,
        exemptions=methodology.exemptions,
        site=site,
        findings=findings,
    )
    asked = {
        condition.id: condition
        for condition in methodology.conditions
        if only is None or condition.id in only
    }
    judged = {
        name: RULES[condition.rule](seen, **condition.arguments)
        for name, condition in asked.items()
    }
    labels = {name: (condition.zh, condition.en) for name, condition in asked.items()}
    return gather(known.pieces, judged, labels)


def creditable(verdicts: Verdicts) -> pd.Series:
    """Whether a piece meets all conditions of the methodology: yes, no, or missing for unknown."""
    return verdicts.every()


def of_the_project(
    verdicts: Verdicts, methodology: Methodology, among: Collection[str] | None = None
) -> pd.DataFrame:
    """The verdict of each condition on the project as a whole.

    The project's land is what no condition rules out. A condition is met when it is met on all of
    that land and not known when it is open on some of it; it fails when it rules out every piece.
    Where nothing is left, it is met when some piece meets it and it is open on none.

    Parameters
    ----------
    verdicts : Verdicts
        From `conditions`.
    methodology : Methodology
        The methodology they were judged by.
    among : collection of str, optional
        The pieces asked about; without it all.

    Returns
    -------
    DataFrame, one row per condition
        ``condition clause zh en scope`` (``project`` where the answer is one for all land, else
        ``land``), ``verdict`` (nullable boolean), ``yes_dm2 no_dm2 unknown_dm2`` over all pieces
        asked about [0.01 m2], ``reasons`` and ``would_settle`` of what is open or refused on the
        project's land (joined by ``;``), ``confidence`` of the condition.
    """
    wide = verdicts.wide()
    chosen = wide.index if among is None else wide.index.intersection(pd.Index(list(among)))
    wide = wide.loc[chosen]
    left = wide[every(wide).fillna(True).to_numpy(dtype=bool)]
    area = verdicts.pieces.set_index("piece")["area_dm2"].reindex(chosen)
    land = left if len(left) else wide
    table = verdicts.table[identifiers.among(verdicts.table["piece"], land.index)]
    lacking = table[~table["verdict"].fillna(False).astype(bool)]
    rows = []
    for entry in methodology.conditions:
        verdict = wide[entry.id]
        held = {
            "yes": verdict.fillna(False),
            "no": ~verdict.fillna(True),
            "unknown": verdict.isna(),
        }
        rows.append(
            {
                "condition": entry.id,
                "clause": entry.clause,
                "zh": entry.zh,
                "en": entry.en,
                "scope": "project" if entry.rule in OF_THE_PROJECT else "land",
                "verdict": _over(land[entry.id], verdict),
                **{
                    f"{word}_dm2": int(area[mask.astype(bool)].sum()) for word, mask in held.items()
                },
                **_told(lacking[lacking["clause"].eq(entry.id)]),
                "confidence": entry.confidence,
            }
        )
    return pd.DataFrame(rows).astype({"verdict": "boolean"})


def _over(land: pd.Series, everywhere: pd.Series) -> bool | None:
    """One verdict over pieces: no where all are refused, else open where any is."""
    if not len(everywhere):
        return None
    if (~everywhere.fillna(True)).all():
        return False
    return None if land.isna().any() else True


def _told(lacking: pd.DataFrame) -> dict[str, str]:
    """Reasons and documents of what is not met on some pieces, each once."""
    documents = ";".join(lacking["would_settle"].drop_duplicates()).split(";")
    return {
        "reasons": ";".join(sorted(set(lacking["reason"]))),
        "would_settle": ";".join(sorted(set(documents) - {""})),
    }


def pledgeable(verdicts: Verdicts) -> pd.Series:
    """Whether a piece meets all of clause 4.1 a to f: yes, no, or missing for unknown."""
    return verdicts.every()


def _check_declared(declared: Mapping[str, Declaration]) -> None:
    for rule in declared:
        if rule not in DECLARABLE:
            raise ConfigError("E274", rule=rule, known=", ".join(DECLARABLE))
