"""From creditable pieces to the project's reductions, and to what of them can be pledged."""

from dataclasses import replace
from datetime import date

import msgspec
import pandas as pd
import xarray as xr

from ecogis import crediting, methods, overlay
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import add_years
from ecogis.pipeline.judging import rights_held
from ecogis.pipeline.run import Run

__all__ = ["about_stocks", "credit", "credited_kg", "tell_beside"]


def credit(run: Run) -> None:
    """Reductions of the project (all creditable pieces) and of its pledgeable part."""
    pieces = run.layers["pieces"]
    creditable = pieces["creditable"].fillna(False).to_numpy(dtype=bool)
    run.left |= {"project": None, "piece_kg": _piece_kg(run)}
    run.crediting = _numbers(run)
    if not creditable.any():
        run.findings.add("E548", layer="pieces")
        return
    project = pieces[creditable].reset_index(drop=True)
    held = rights_held(run, project)
    project["since"], project["until"] = _term(held, project)
    schedule, project = _merged(run, _schedule(run), held, _with_classes(run, project))
    if schedule.last_day is not None and schedule.last_day < date(schedule.start.year, 12, 31):
        run.findings.add("E548", layer="pieces")
        return
    run.left["project"] = crediting.credits(
        credited_kg(run)[creditable],
        project,
        run.methodology,
        schedule=schedule,
        numbers=run.crediting,
        date=run.date,
        findings=run.findings,
    )
    run.left["project_pieces"] = project
    run.left["holders"] = _holders(run, held, project)
    _compare_with_register(run)


def _compare_with_register(run: Run) -> None:
    """Whether the project's credits of a hectare are like those of registered ones."""
    bands = crediting.register_bands(
        run.register, run.methodology.id, run.config.project.province, run.date
    )
    project = run.left["project"]
    crediting.check_rate(project.vintages, project.area_dm2, run.findings, bands=bands)


def _piece_kg(run: Run) -> xr.DataArray:
    """Stocks of all pieces: their stands' grown ones, shared out by area. [kg CO2e]"""
    stands = run.layers["stands"]
    whole = pd.Series(stands["area_dm2"].to_numpy(), index=stands["stand"].to_numpy(dtype=object))
    return crediting.piece_stocks(run.layers["pieces"], run.left["stand_kg"], whole)


def credited_kg(run: Run) -> xr.DataArray:
    """Stocks of all pieces whose change is credited: of their stands, or gained by area and rate.

    Returns
    -------
    DataArray (piece, instant), int64
        In the order of the pieces, at the instants the stands were grown to; gained stocks have
        the coordinate ``rated`` (piece): no where the stand has no rate. [kg CO2e]
    """
    grown: xr.DataArray = run.left["piece_kg"]
    if not run.methodology.removal.by_area:
        return grown
    stands = run.layers["stands"]
    gained = crediting.area_stocks(
        stands,
        run.methodology,
        run.crediting,
        instants=[each.date() for each in pd.DatetimeIndex(grown["instant"].to_numpy())],
        start=run.config.methodology.start,
        date=run.date,
        findings=run.findings,
    )
    whole = pd.Series(stands["area_dm2"].to_numpy(), index=stands["stand"].to_numpy(dtype=object))
    pieces = run.layers["pieces"]
    rated = gained["rated"].sel(stand=pieces["stand"].to_numpy(dtype=object)).to_numpy()
    return crediting.piece_stocks(pieces, gained, whole).assign_coords(rated=("piece", rated))


def about_stocks(run: Run) -> Findings:
    """Where faults of the stands' forecast are told.

    The run's findings; beside them where credits are area times rate and do not rest on it.
    """
    return Findings() if run.methodology.removal.by_area else run.findings


def tell_beside(run: Run, told: Findings) -> None:
    """Say how many stands have no forecast of stock where credits do not rest on it.

    Findings
    --------
    E711
        Stands without a curve, volume or biomass parameters; their credits are area times rate.
    """
    without = told.excluded("stands")
    if told is run.findings or not without:
        return
    area = run.layers["stands"].set_index("stand")["area_dm2"]
    run.findings.add(
        "E711",
        layer="stands",
        column="standing_volume",
        observed=len(without),
        area_ha=int(area.reindex(sorted(without)).sum()) * 1e-6,
    )


def _numbers(run: Run) -> methods.ParameterSet:
    """The methodology's numbers with those the project gives; what it replaces is told."""
    stated = run.config.methodology.parameters
    if not stated and not run.methodology.supplied:
        return run.crediting
    given = {
        name: methods.Given(
            **(msgspec.structs.asdict(each) | {"confidence": each.confidence or ""})
        )
        for name, each in stated.items()
    }
    numbers = methods.supplied_numbers(run.methodology, given, file=run.project.file.name)
    for name in sorted(set(stated) - set(run.methodology.supplied)):
        run.findings.add(
            "E703",
            layer="project",
            feature=name,
            column=f"methodology.parameters.{name}",
            observed=_figure(numbers, name, run),
            expected=_figure(run.crediting, name, run),
            because=stated[name].because,
        )
    return numbers


def _figure(numbers: methods.ParameterSet, name: str, run: Run) -> str:
    """A number as it is printed; of a table, how many it has."""
    if numbers.parameter(name).keys:
        return f"[{len(numbers.keys(name))}]"
    return f"{numbers.entry(name, run.date).value:g}"


def _with_classes(run: Run, pieces: pd.DataFrame) -> pd.DataFrame:
    """Pieces with the columns of their stands that rates by class are looked up by."""
    lines = [each for each in run.methodology.lines if crediting.RULES[each.rule].by_class]
    columns = {name for each in lines for name in run.crediting.parameter(each.parameter).keys}
    wanted = sorted(columns.difference(pieces.columns))
    about = run.layers["stands"].set_index("stand")[wanted]
    return pieces.join(about, on="stand") if wanted else pieces


def _schedule(run: Run) -> crediting.Schedule:
    asked = run.config.methodology
    application = asked.application or run.date
    days = list(asked.verifications)
    if asked.verify_every_years is not None:
        days = crediting.verification_dates(
            asked.start,
            asked.years,
            every_years=asked.verify_every_years,
            not_before=max(run.date, application),
        )
    return crediting.Schedule(
        start=asked.start,
        years=asked.years,
        verifications=tuple(days),
        application=application,
        lag_months=asked.issuance_lag_months,
    )


def _term(held: pd.DataFrame, pieces: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day of the right a piece's reductions belong to; missing: without one."""
    since = pd.to_datetime(_giving(held).groupby("piece")["start"].max())
    until = pd.to_datetime(held.groupby("piece")["pledge_until"].min())
    keys = pieces["piece"]
    return (
        pd.Series(since.reindex(keys).array, index=pieces.index),
        pd.Series(until.reindex(keys).array, index=pieces.index),
    )


def _giving(held: pd.DataFrame) -> pd.DataFrame:
    """Rights that give the yield."""
    return held[held["gives_yield"].fillna(False).astype(bool)]


def _merged(
    run: Run, schedule: crediting.Schedule, held: pd.DataFrame, pieces: pd.DataFrame
) -> tuple[crediting.Schedule, pd.DataFrame]:
    """Days and pieces of projects that share a registration: it ends with the first right.

    Where it is not known when that is, nothing can be pledged.

    Raises
    ------
    ConfigError
        E714: the methodology does not let projects share a registration.
    """
    if not run.config.methodology.merged:
        return schedule, pieces
    if not run.methodology.merging_clause:
        raise ConfigError("E714", file=run.project.file.name, name=run.methodology.label)
    known = held.groupby("piece")["term_known"].min().reindex(pieces["piece"]).array
    terms = pieces[["piece", "until"]].assign(term_known=known)
    end = crediting.ends_with_first_right(
        terms, add_years(schedule.start, schedule.years), run.findings
    )
    schedule = replace(schedule, last_day=end.last_day)
    if end.certain or "pledgeable" not in pieces:  # a comparison judges no pledge
        return schedule, pieces
    return schedule, pieces.assign(pledgeable=pieces["pledgeable"] & False)


def _holders(run: Run, held: pd.DataFrame, pieces: pd.DataFrame) -> crediting.HolderCredits:
    """Credits of the project by holder, by the shares of the rights that give the yield."""
    mine = _giving(held)
    mine = mine.assign(share=overlay.exact_shares(mine["share"]))
    kg = run.left["project"].piece_vintages["credit_kg"]
    return crediting.by_holder(kg, pieces, mine, run.findings)
