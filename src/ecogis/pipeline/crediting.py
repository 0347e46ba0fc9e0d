"""From creditable pieces to the project's reductions, and to what of them can be pledged."""

import pandas as pd

from ecogis import crediting, eligibility
from ecogis.pipeline.run import Run

__all__ = ["credit"]


def credit(run: Run) -> None:
    """Reductions of the project (all creditable pieces) and of its pledgeable part."""
    pieces = run.layers["pieces"]
    creditable = pieces["creditable"].fillna(False).to_numpy(dtype=bool)
    run.left["project"] = None
    if not creditable.any():
        run.findings.add("E548", layer="pieces")
        return
    project = pieces[creditable].reset_index(drop=True)
    project["since"], project["until"] = _term(run, project)
    run.left["project"] = crediting.credits(
        run.left["piece_kg"][creditable],
        project,
        run.methodology,
        schedule=_schedule(run),
        numbers=run.crediting,
        date=run.date,
        findings=run.findings,
    )
    run.left["project_pieces"] = project


def _schedule(run: Run) -> crediting.Schedule:
    asked = run.config.methodology
    verifications = crediting.verification_dates(
        asked.start, asked.years, every_years=asked.verify_every_years, not_before=run.date
    )
    return crediting.Schedule(
        start=asked.start,
        years=asked.years,
        verifications=tuple(verifications),
        application=run.date,
        lag_months=asked.issuance_lag_months,
    )


def _term(run: Run, pieces: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day of the right a piece's reductions belong to; missing: without one."""
    held = eligibility.title(
        pieces,
        run.left["rights"],
        run.given("encumbrances"),
        run.tables["documents"],
        run.date,
        excluded_rights=run.doubtful_rights(),
    )
    mine = held[held["gives_yield"].fillna(False).astype(bool)]
    since = pd.to_datetime(mine.groupby("piece")["start"].max())
    until = pd.to_datetime(held.groupby("piece")["pledge_until"].min())
    keys = pieces["piece"]
    return (
        pd.Series(since.reindex(keys).array, index=pieces.index),
        pd.Series(until.reindex(keys).array, index=pieces.index),
    )
