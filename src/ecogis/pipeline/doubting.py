"""How far off the forecast may be: quantiles by year, and draws of what can be issued."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis import carbon, crediting, growth
from ecogis.carbon.error_sources import HELD
from ecogis.core.errors import ConfigError
from ecogis.core.identifiers import among
from ecogis.pipeline.harvesting import Course
from ecogis.pipeline.run import Run

__all__ = ["doubt"]

_FIGURES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
_KG = {"units": "kg CO2e"}
_WHOLE, _PROJECT = "whole", "project"
_TOO_WIDE = "E681"

Whole = NDArray[np.int64]


def doubt(run: Run) -> None:
    """Draw the forecast's living carbon: all land, townships, the project, its pledgeable part.

    Leaves ``forecast_quantiles`` (group, year), the groups being ``whole``, ``project`` and the
    townships, ``drawn_credits``, the project's credits of each draw, and ``issuable_draws`` (draw,
    vintage), pledgeable reductions of each draw; the last two None where nothing is creditable or
    credits are area times rate. Draws are keyed by the run's seed, stand and purpose.
    """
    drawn = _Drawn(run)
    stands = run.layers["stands"]
    area = stands["area_dm2"].to_numpy()
    townships = stands["township"].astype("string").fillna("").to_numpy(dtype=object)
    found = drawn.totals(area, townships)
    names = sorted(found)
    listed = {_WHOLE: sum(found.values(), np.zeros_like(found[names[0]]))}
    run.left |= {"issuable_draws": None, "drawn_credits": None}
    if run.left["project"] is not None:
        pieces = run.layers["pieces"]
        listed[_PROJECT] = drawn.of_pieces(pieces["creditable"])
        if not run.methodology.removal.by_area:
            counted = _counted(run)
            stock = listed[_PROJECT] if counted is None else drawn.of_pieces(counted)
            run.left["drawn_credits"] = _credits(run, stock, drawn)
            wanted = pieces["pledgeable"] if counted is None else pieces["pledgeable"] & counted
            run.left["issuable_draws"] = _issuable(run, drawn.of_pieces(wanted), drawn)
    listed |= {name: found[name] for name in names if name not in listed}
    run.left["forecast_quantiles"] = _quantiles(listed, drawn)


class _Drawn:
    """Draws of living carbon at each 1 January, for any part of the stands' areas."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.course: Course | None = run.left["course"]
        paths: growth.Trajectories = run.left["paths"]
        phases = None if self.course is None else self.course.phases
        first = paths.instants[0].year if self.course is None else self.course.years.start
        days = [d for d in paths.instants if (d.month, d.day) == (1, 1) and d.year >= first]
        columns = [paths.instants.index(d) for d in days]
        self.years = [d.year for d in days]
        rows = paths if phases is None else phases.paths
        self.paths = replace(
            rows,
            instants=tuple(days),
            whole=np.ascontiguousarray(rows.whole[:, columns]),
            part=np.ascontiguousarray(rows.part[:, columns]),
        )
        per_m3: pd.DataFrame = run.left["per_m3"]
        self.per_m3 = per_m3 if self.course is None else self.course.coefficients(per_m3)
        count = len(per_m3)
        self.stand = np.arange(count) if phases is None else phases.stand
        none, all_ = np.zeros(count, dtype=np.int64), np.full(count, len(days))
        self.begin = none if phases is None else np.searchsorted(columns, phases.begin)
        self.end = all_ if phases is None else np.searchsorted(columns, phases.end)
        self.draws = run.config.valuation.draws
        self.too_wide: set[Any] = set()

    def totals(self, area_dm2: Whole, labels: NDArray[np.object_]) -> dict[Any, Whole]:
        """Draws (year, draw) of living carbon by label of the stands. [kg CO2e]

        Each phase counts from its first year to its last.
        """
        label = labels[self.stand]
        return {
            name: self._total(area_dm2, np.flatnonzero(label == name))
            for name in sorted(set(label.tolist()))
        }

    def of_pieces(self, wanted: pd.Series) -> Whole:
        """Draws (year, draw) of the living carbon on some pieces, by their share of the stands."""
        pieces = self.run.layers["pieces"][wanted.fillna(False).to_numpy(dtype=bool)]
        by_stand = pieces.groupby("stand")["area_dm2"].sum()
        names = self.run.layers["stands"]["stand"]
        area = by_stand.reindex(names.to_numpy(dtype=object)).fillna(0).to_numpy(dtype=np.int64)
        return self._total(area, np.flatnonzero(area[self.stand] > 0))

    def _total(self, area_dm2: Whole, rows: NDArray[np.intp]) -> Whole:
        spans = pd.Series(zip(self.begin[rows], self.end[rows], strict=True))
        code, kinds = pd.factorize(spans)
        out = np.zeros((len(self.years), self.draws), dtype=np.int64)
        if not rows.size:
            return out
        found = self._uncertainty(area_dm2, rows, code)
        kg = found["co2e_kg"].transpose("group", "year", "draw").to_numpy()
        for row, group in enumerate(found["group"].to_numpy().tolist()):
            begin, end = kinds[group]
            out[begin:end] += kg[row, begin:end]
        return out

    def _uncertainty(self, area_dm2: Whole, rows: NDArray[np.intp], code: Any) -> xr.Dataset:
        """Draws of some phases; a fit too wide to draw from gives way to the error of the level."""
        try:
            return carbon.uncertainty(
                _some(self.paths, rows),
                self.per_m3.iloc[rows].reset_index(drop=True),
                area_dm2[self.stand[rows]],
                code,
                sources=_sources(self.run, self, rows),
                seed=self.run.config.project.seed,
                draws=self.draws,
                keep_draws=True,
            )
        except ConfigError as fault:
            curve = fault.where.get("curve")
            if fault.code != _TOO_WIDE or curve in self.too_wide:
                raise
        self.too_wide.add(curve)
        self.run.findings.add("E693", layer="stands", column="curve", observed=curve)
        return self._uncertainty(area_dm2, rows, code)


def _some(paths: growth.Trajectories, rows: NDArray[np.intp]) -> growth.Trajectories:
    return replace(
        paths,
        stands=paths.stands.iloc[rows].reset_index(drop=True),
        curve=paths.curve[rows],
        age=paths.age[rows],
        survey=paths.survey[rows],
        scale=paths.scale[rows],
    )


def _sources(run: Run, drawn: _Drawn, rows: NDArray[np.intp]) -> list[Any]:
    """Survey, curves, carbon factors, and disasters where the project asks for them."""
    numbers = run.uncertainty
    cv = {
        name: numbers.value(name, run.date, "1")
        for name in ("cv_stand_volume", "cv_biomass_factor", "cv_growth_level")
    }
    species = drawn.per_m3["species"].iloc[rows]
    found: list[Any] = [
        carbon.SurveyError(cv["cv_stand_volume"], edition=numbers.label),
        _curve_error(run, drawn, cv["cv_growth_level"]),
        carbon.FactorError(cv["cv_biomass_factor"], species, edition=numbers.label),
    ]
    asked = run.config.growth.disturbance
    if asked is not None and drawn.course is not None:
        hazard = _hazard_by_curve(drawn, drawn.course)
        found.append(carbon.Events(hazard, share=asked.severity, edition=asked.hazards))
    return found


def _curve_error(run: Run, drawn: _Drawn, level_cv: float) -> carbon.CurveError:
    """Fitted curves by their covariance; others by one level, which a surveyed volume cancels."""
    paths = drawn.paths
    fits: growth.Fits | None = run.left.get("fits")
    found = {} if fits is None else fits.coefficients()
    fitted = {name: values for name, values in found.items() if name not in drawn.too_wide}
    names = paths.table.names
    values = {name: fitted.get(name, np.ones(1)) for name in names}
    variance = np.array([[level_cv**2]])
    covariance = {
        name: fits.covariance(name) if fits is not None and name in fitted else variance
        for name in names
    }

    def volumes(name: str, draws: NDArray[np.float64]) -> NDArray[np.float64]:
        if fits is not None and name in fitted:
            return fits.volumes(name, draws)
        return np.asarray(draws[:, [0]] * paths.table.values[[names.index(name)]])

    return carbon.CurveError(values, covariance, volumes, edition=paths.curve_set)


def _hazard_by_curve(drawn: _Drawn, course: Course) -> pd.DataFrame:
    """Chance by curve and age: the mean of the stands on it, by area. [yr-1]"""
    hazards = course.made.hazards
    names = [*drawn.paths.table.names, HELD]
    if hazards is None:
        return pd.DataFrame(np.zeros((len(names), 1)), index=names)
    area = drawn.run.layers["stands"]["area_dm2"].to_numpy(dtype=np.float64)
    paths: growth.Trajectories = drawn.run.left["paths"]
    weight = np.zeros((len(names), len(hazards.names)))
    np.add.at(weight, (paths.curve, course.made.hazard), area)
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    return pd.DataFrame(np.minimum(weight @ hazards.chance, 1.0), index=names)


def _counted(run: Run) -> pd.Series | None:
    """Which pieces of all are in the project's sum; None where every creditable one is."""
    counted = run.left["project"].piece_vintages["counted"]
    if bool(counted.all()):
        return None
    pieces: pd.DataFrame = run.layers["pieces"]
    return among(pieces["piece"], pd.Series(counted["piece"].to_numpy()[counted.to_numpy()]))


def _credits(run: Run, stock: Whole, drawn: _Drawn) -> crediting.DrawnCredits:
    """The methodology's sum on the drawn change of every whole year; parts of years as expected."""
    project: crediting.Credits = run.left["project"]
    vintages = project.vintages
    net = (vintages["removal_kg"] - vintages["emission_kg"]).to_numpy(dtype=np.int64)
    changes = np.repeat(net[None, :], drawn.draws, axis=0)
    place = {year: at for at, year in enumerate(drawn.years[:-1])}
    whole = (vintages["years"] == 1.0).to_numpy()
    for column, year in enumerate(vintages["vintage"].tolist()):
        if whole[column] and year in place:
            changes[:, column] = stock[place[year] + 1] - stock[place[year]]
    counted = project.piece_vintages["counted"].to_numpy()
    return crediting.drawn_credits(
        changes,
        vintages,
        run.methodology,
        run.crediting,
        area_dm2=project.area_dm2,
        date=run.date,
        verifications=project.schedule.verifications,
        classes=run.left["project_pieces"][counted],
    )


def _issuable(run: Run, stock: Whole, drawn: _Drawn) -> xr.DataArray:
    """Pledgeable reductions by draw and vintage, spread as the change of the land's stock is.

    A vintage keeps its expected reductions; of what a draw's change differs from the mean change,
    the share counts that becomes reductions in that vintage: after deductions, while rights run.
    """
    vintages: pd.DataFrame = run.left["project"].vintages
    expected = vintages["pledgeable_kg"].to_numpy(dtype=np.int64)
    out = np.repeat(expected[None, :], drawn.draws, axis=0)
    place = {year: at for at, year in enumerate(drawn.years[:-1])}
    for column, year in enumerate(vintages["vintage"].tolist()):
        if year not in place:
            continue
        change = stock[place[year] + 1] - stock[place[year]]
        mean = float(change.mean())
        share = min(max(expected[column] / mean, 0.0), 1.0) if mean > 0.0 else 1.0
        out[:, column] += np.rint(share * (change - mean)).astype(np.int64)
    return xr.DataArray(
        out,
        coords={"draw": np.arange(drawn.draws), "vintage": vintages["vintage"].to_numpy()},
        dims=("draw", "vintage"),
        name="issuable_kg",
        attrs=_KG | {"seed": run.config.project.seed},
    )


def _quantiles(listed: dict[Any, Whole], drawn: _Drawn) -> xr.Dataset:
    """Mean, deviation and quantiles of each group and year over the draws."""
    blocks: Sequence[Whole] = list(listed.values())
    figures = {
        "mean": [block.mean(axis=1) for block in blocks],
        "sd": [block.std(axis=1, ddof=1) for block in blocks],
    }
    for name, share in _FIGURES.items():
        figures[name] = [np.quantile(block, share, axis=1) for block in blocks]
    return xr.Dataset(
        {name: (("group", "year"), np.array(values), _KG) for name, values in figures.items()},
        coords={"group": np.array(list(listed), dtype=object), "year": drawn.years},
        attrs={"seed": drawn.run.config.project.seed, "draws": drawn.draws},
    )
