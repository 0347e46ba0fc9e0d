"""Pieces of land, and what may be counted and pledged of them."""

import pandas as pd

from ecogis import eligibility, overlay
from ecogis.eligibility import Declaration, Period, Verdicts
from ecogis.pipeline.run import Run

__all__ = ["join", "judge"]

_AREA_RULE = "minimum_area"


def join(run: Run) -> None:
    """Lay the stands over the parcels."""
    over = overlay.pieces(run.layers["stands"], run.layers["parcels"], run.findings)
    overlay.parcel_cover(over, run.findings)
    run.left["overlay"] = over
    run.layers["pieces"] = over.pieces


def judge(run: Run) -> None:
    """Judge the methodology's conditions and clause 4.1 for every piece.

    The least area is asked of land that touches and belongs to one project, so the other
    conditions are judged first, and pieces that none of them refuses are merged.
    """
    pieces = run.layers["pieces"]
    met = _conditions(run, pieces)
    possible = _not_refused(run, met)
    merged = overlay.touching_groups(pieces[pieces["piece"].isin(possible)])
    area = merged.set_index("piece")["merged_area_dm2"].astype("Int64")
    pieces = pieces.assign(merged_area_dm2=pieces["piece"].map(area).astype("Int64"))
    met = _conditions(run, pieces)
    match = eligibility.creditable(met)
    clauses = eligibility.guideline(
        pieces,
        run.tables["rights"],
        run.tables["encumbrances"],
        run.tables["documents"],
        run.date,
        province=run.config.project.province,
        methodology_match=match,
        findings=run.findings,
    )
    fit = _fit(run, pieces)
    creditable = match & fit
    pledgeable = creditable & eligibility.pledgeable(clauses)
    index = pd.Index(pieces["piece"])
    by_clause = clauses.wide().reindex(index)
    run.layers["pieces"] = pieces.assign(
        fit=fit.reindex(index).to_numpy(),
        creditable=creditable.reindex(index).array,
        pledgeable=pledgeable.reindex(index).array,
        **{f"clause_{str(clause)[4:]}": verdict.array for clause, verdict in by_clause.items()},
    )
    run.left |= {"conditions": met, "clauses": clauses}


def _conditions(run: Run, pieces: pd.DataFrame) -> Verdicts:
    asked = run.config.methodology
    declared = {
        rule: Declaration(entry.value, entry.because, entry.document)
        for rule, entry in asked.declared.items()
    }
    return eligibility.conditions(
        pieces,
        run.layers["stands"],
        run.tables["land_history"],
        run.tables["rights"],
        run.methodology,
        run.date,
        documents=run.tables["documents"],
        period=Period(asked.start, asked.years),
        declared=declared,
        findings=None if "merged_area_dm2" in pieces else run.findings,
    )


def _not_refused(run: Run, met: Verdicts) -> pd.Index:
    area = [entry.id for entry in run.methodology.conditions if entry.rule == _AREA_RULE]
    others = met.wide().drop(columns=area)
    refused = others.eq(False).fillna(False).any(axis=1)
    possible: pd.Index = refused.index[~refused.to_numpy()]
    return possible


def _fit(run: Run, pieces: pd.DataFrame) -> pd.Series:
    """Whether no finding takes the piece's stand or parcel out of the count."""
    stands, parcels = run.findings.excluded("stands"), run.findings.excluded("parcels")
    out = pieces["stand"].isin(stands) | pieces["parcel"].isin(parcels)
    return pd.Series(~out.to_numpy(dtype=bool), index=pd.Index(pieces["piece"]), dtype="boolean")
