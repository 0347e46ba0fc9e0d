"""Pieces of land, and what may be counted and pledged of them."""

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from ecogis import eligibility, overlay
from ecogis.core.identifiers import among
from ecogis.eligibility import Declaration, Period, Site, Units, Verdicts
from ecogis.methods import Condition
from ecogis.pipeline.ledgers import own_claims
from ecogis.pipeline.run import Run

__all__ = ["join", "judge", "judge_conditions", "rights_held"]

_AREA_RULE = "minimum_area"
_DM2_PER_M2 = 100


def join(run: Run) -> None:
    """Lay the stands over the parcels."""
    stands, parcels = run.layers["stands"], run.layers["parcels"]
    over = overlay.pieces(stands, parcels, run.findings)
    overlay.parcel_cover(over, run.findings)
    overlay.unallocated(over, stands, parcels, run.findings)
    run.left["overlay"] = over
    run.layers["pieces"] = over.pieces
    laid = overlay.right_parcels(run.tables["rights"], parcels, run.findings)
    run.left["rights"] = laid
    overlay.piece_rights(over.pieces, laid, run.date, findings=run.findings)  # for what it tells


def judge(run: Run) -> None:
    """Judge the methodology's conditions and clause 4.1 for every piece."""
    judge_conditions(run)
    pieces = run.layers["pieces"]
    clauses = eligibility.guideline(
        pieces,
        run.left["rights"],
        run.given("encumbrances"),
        run.tables["documents"],
        run.date,
        province=run.config.project.province,
        methodology_match=eligibility.creditable(run.left["conditions"]),
        methodology=run.methodology.label,
        units=Units(run.methodology.unit_kind, run.config.methodology.by_analogy_because or ""),
        ledger=own_claims(run),
        excluded_rights=run.doubtful_rights(),
        known=_ground(run),
        findings=run.findings,
    )
    creditable = pieces.set_index("piece")["creditable"]
    pledgeable = creditable & eligibility.pledgeable(clauses)
    index = pd.Index(pieces["piece"])
    by_clause = clauses.wide().reindex(index)
    run.layers["pieces"] = pieces.assign(
        pledgeable=pledgeable.reindex(index).array,
        **{f"clause_{str(clause)[4:]}": verdict.array for clause, verdict in by_clause.items()},
    )
    run.left["clauses"] = clauses


def judge_conditions(run: Run) -> None:
    """Judge the methodology's conditions: what of each piece's land may be credited."""
    pieces = run.layers["pieces"]
    fit = _fit(run, pieces)
    met = _conditions(run, pieces)
    rules = [entry for entry in run.methodology.conditions if entry.rule == _AREA_RULE]
    pieces = pieces.assign(merged_area_dm2=_merged(pieces, met, fit, rules))
    if rules:
        met = met.updated(_conditions(run, pieces, only=[entry.id for entry in rules]))
    creditable = eligibility.creditable(met) & fit
    index = pd.Index(pieces["piece"])
    run.layers["pieces"] = pieces.assign(
        fit=fit.reindex(index).to_numpy(), creditable=creditable.reindex(index).array
    )
    usable = fit[fit.astype(bool)].index
    run.left |= {
        "conditions": met,
        "project_conditions": eligibility.of_the_project(met, run.methodology, usable),
    }


def _merged(pieces: pd.DataFrame, met: Verdicts, fit: pd.Series, rules: Sequence[Condition]) -> Any:
    """Area of the touching land of one project, missing where it is not known to suffice.

    The least area is asked of land that touches and belongs to one project. At least the pieces
    that meet all else belong to it, at most those that nothing else refuses; where the limit lies
    between the two areas the merged area is not known. [0.01 m2]
    """
    others = eligibility.every(met.wide().drop(columns=[entry.id for entry in rules]))
    sure, possible = others.fillna(False) & fit, others.fillna(True) & fit
    low = _touching(pieces, sure)
    high = low if sure.equals(possible) else _touching(pieces, possible)
    limits = [value for entry in rules for value in entry.arguments.values() if _is_area(value)]
    least, most = (side(limits, default=0) * _DM2_PER_M2 for side in (min, max))
    told = (low == high) | (low >= most) | (high < least)
    return low.where(told.fillna(False)).reindex(pieces["piece"]).astype("Int64").array


def _touching(pieces: pd.DataFrame, chosen: pd.Series) -> pd.Series:
    """Merged area of the chosen pieces by piece; missing for the others."""
    kept = pieces[pieces["piece"].map(chosen).fillna(False).astype(bool)]
    area = overlay.touching_groups(kept).set_index("piece")["merged_area_dm2"].astype("Int64")
    return area.reindex(pd.Index(pieces["piece"]))


def _is_area(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _conditions(run: Run, pieces: pd.DataFrame, only: Collection[str] | None = None) -> Verdicts:
    asked = run.config.methodology
    declared = {
        rule: Declaration(entry.value, entry.because, entry.document)
        for rule, entry in asked.declared.items()
    }
    return eligibility.conditions(
        pieces,
        run.layers["stands"],
        run.tables["land_history"],
        run.left["rights"],
        run.methodology,
        run.date,
        documents=run.tables["documents"],
        period=Period(asked.start, asked.years),
        site=Site(run.config.project.province),
        declared=declared,
        excluded_rights=run.doubtful_rights(),
        known=_ground(run),
        only=only,
        findings=None if "merged_area_dm2" in pieces else run.findings,
    )


def _ground(run: Run) -> eligibility.Ground:
    """Title and documents laid beside the pieces; again only where findings left rights open."""
    doubtful = run.doubtful_rights()
    if "ground" not in run.left or run.left["ground"][0] != doubtful:
        ground = eligibility.ground(
            run.layers["pieces"],
            run.left["rights"],
            run.given("encumbrances"),
            run.tables["documents"],
            run.date,
            excluded=doubtful,
        )
        run.left |= {"ground": (doubtful, ground), "title": None}
    found: eligibility.Ground = run.left["ground"][1]
    return found


def rights_held(run: Run, pieces: pd.DataFrame) -> pd.DataFrame:
    """Every right to some pieces at the valuation date, as `eligibility.title` tells them."""
    known = _ground(run)
    if run.left["title"] is None:
        run.left["title"] = eligibility.title(
            run.layers["pieces"],
            run.left["rights"],
            run.given("encumbrances"),
            run.tables["documents"],
            run.date,
            excluded_rights=run.left["ground"][0],
            known=known,
        )
    held: pd.DataFrame = run.left["title"]
    found = held[among(held["piece"], pieces["piece"])].reset_index(drop=True)
    return found.assign(term_known=found["term_known"].infer_objects())


def _fit(run: Run, pieces: pd.DataFrame) -> pd.Series:
    """Whether no finding takes the piece's stand or parcel out of the count."""
    stands, parcels = run.findings.excluded("stands"), run.findings.excluded("parcels")
    out = among(pieces["stand"], stands) | among(pieces["parcel"], parcels)
    return pd.Series(~out.to_numpy(), index=pd.Index(pieces["piece"]), dtype="boolean")
