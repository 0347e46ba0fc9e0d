"""Harvest and disturbance of a project: what law, quota and permits let happen to its stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis import carbon, growth
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import day
from ecogis.growth.phases import Phases, phases, stock_at
from ecogis.growth.plans import felling_event, planned_fellings, read_plan
from ecogis.growth.stands import followed
from ecogis.pipeline.config import FellingRule
from ecogis.pipeline.run import Run

__all__ = ["Course", "course", "followed_years", "no_fellings"]

_NEVER = -1  # last year, from 0, of a stand that has no permit where one is needed


@dataclass(frozen=True, slots=True)
class Course:
    """Stands on their way through harvest and disturbance.

    Attributes
    ----------
    years : range
        Calendar years they are followed in.
    phases : Phases
        Each stand's phases.
    made : Schedule
        Events, hazards and the fellings that happen.
    fellings : DataFrame
        ``stand year event volume_m3``; calendar years. [m3]
    also : DataFrame or None
        Coefficients of species that are replanted, and their row of the age table.
    """

    years: range
    phases: Phases
    made: growth.Schedule
    fellings: pd.DataFrame
    also: pd.DataFrame | None

    def kept(self) -> NDArray[np.float64]:
        """What expected disturbances leave by phase and instant. [1]"""
        return self.phases.kept(self.made, self.years)

    def coefficients(self, per_m3: pd.DataFrame) -> pd.DataFrame:
        """Coefficients of the species that grows in each phase."""
        found = per_m3.iloc[self.phases.stand].reset_index(drop=True)
        if self.also is None:
            return found
        other = self.also.set_index("species")
        own = per_m3["species"].astype("string").fillna("").to_numpy(dtype=object)
        changed = np.asarray(self.phases.species != own[self.phases.stand], dtype=bool)
        species = self.phases.species[changed]
        for name in found.columns.intersection(other.columns).drop("stand"):
            found.loc[changed, name] = other.loc[species, name].to_numpy()
        found.loc[changed, "species"] = species
        return found


def followed_years(run: Run, instants: list[date]) -> range:
    """Calendar years harvest and disturbance are followed in: from the 1 January after the survey.

    What happened before the last survey is in its volumes.
    """
    surveyed = pd.to_datetime(run.layers["stands"]["survey_date"]).max()
    last = instants[0] if pd.isna(surveyed) else max(instants[0], day(surveyed))
    first = last.year + ((last.month, last.day) > (1, 1))
    end = instants[-1]
    return range(first, max(first, end.year + ((end.month, end.day) > (1, 1))))


def course(
    run: Run, paths: growth.Trajectories, curves: growth.CurveSet, years: range
) -> Course | None:
    """The way of the stands through what the project asks for.

    None where it asks for nothing, or the last survey leaves no year to follow.
    """
    asked = run.config.growth
    if (asked.harvest is None and asked.disturbance is None) or not len(years):
        return None
    stands = run.layers["stands"]
    table, fellings = stands[["stand"]], no_fellings()
    rules: list[growth.Rule] = []
    events: tuple[growth.Event, ...] = ()
    rows, also = _replanted(run, paths, curves)
    if asked.harvest is not None:
        table, rules, events, fellings = _harvest(run, paths, years)
    hazards = None
    if asked.disturbance is not None:
        by = asked.disturbance.by
        table = table.assign(**{by: stands[by].array})
        hazards = _hazards(run)
    made = growth.schedule(
        table,
        [growth.Rule(rule.name, (), rule.replant, rule.delay_yr, rule.scale) for rule in rules],
        hazards=hazards,
        hazard_of="species" if asked.disturbance is None else asked.disturbance.by,
        plan=fellings,
        events=events,
        years=len(years),
    )
    way = phases(
        paths,
        fellings,
        made,
        species=stands["species"].astype("string").fillna("").to_numpy(dtype=object),
        first_year=years.start,
        replanted=rows,
    )
    dated = fellings.assign(year=fellings["year"] + years.start)
    return Course(years, way, made, dated, also)


def no_fellings() -> pd.DataFrame:
    """A plan without rows: ``stand year event volume_m3``. [m3]"""
    columns = {"stand": "object", "year": "int64", "event": "object", "volume_m3": "float64"}
    return pd.DataFrame(columns=list(columns)).astype(columns)


def _harvest(
    run: Run, paths: growth.Trajectories, years: range
) -> tuple[pd.DataFrame, list[growth.Rule], tuple[growth.Event, ...], pd.DataFrame]:
    """Stands with their rules, the rules, their events, and the fellings that happen."""
    asked, stands = run.config.growth.harvest, run.layers["stands"]
    if asked is None:
        raise ConfigError("E697", what="growth.harvest")
    usable = paths.stands["usable"].to_numpy(dtype=bool)
    grown = stands.assign(species=stands["species"].where(usable))
    wanted = _rules(run, set(grown["species"].dropna()))
    rules, names = growth.permitted_rules(grown, wanted, run.law, run.date, run.findings)
    plan: pd.DataFrame | None = None
    events: tuple[growth.Event, ...] = ()
    if asked.plan is not None:
        found = planned_fellings(
            read_plan(run.project.folder / asked.plan),
            stands,
            run.law,
            run.date,
            run.findings,
            years=years,
            followed=usable,
            stem_out=asked.stem_out,
        )
        plan, events = found.table, found.events
    table = _permits(stands, years, needed=asked.permits == "needed").assign(rule=names.array)
    made = growth.schedule(table, rules, plan=plan, events=events, years=len(years))
    fellings = growth.within_quota(
        made,
        stock_at(paths, years.start, stands["area_ha"].to_numpy()),
        table,
        np.full(len(years), asked.quota_m3),
        run.findings,
        first_year=years.start,
    )
    return table, rules, made.events, fellings


def _permits(stands: pd.DataFrame, years: range, *, needed: bool) -> pd.DataFrame:
    """Stands with the first and last year, from 0, their permit lets them be felled in."""
    found = stands[["stand"]].assign(
        row=stands["row"].array if "row" in stands else range(len(stands))
    )
    dated = {
        name: pd.to_datetime(stands[name]).dt.year.astype("Int64") - years.start
        if name in stands
        else pd.Series(pd.NA, index=stands.index, dtype="Int64")
        for name in ("permit_from", "permit_to")
    }
    without = dated["permit_from"].isna() & dated["permit_to"].isna()
    if needed:
        dated["permit_to"] = dated["permit_to"].mask(without, _NEVER)
    return found.assign(**{name: values.array for name, values in dated.items()})


def _rules(run: Run, present: set[str]) -> dict[str, growth.Rule]:
    """What is done in each species that stands, by the first rule that names it or its group."""
    asked = run.config.growth.harvest
    groups = run.ages.texts("species_group", run.date).to_dict()
    found: dict[str, growth.Rule] = {}
    for number, entry in enumerate(asked.rules if asked else (), start=1):
        for species in sorted(present - found.keys()):
            if species in entry.species or groups.get(species) in entry.species:
                name = f"{number} {species}"
                found[species] = _rule(run, name, species, entry, asked.stem_out if asked else 1.0)
    return found


def _rule(run: Run, name: str, species: str, entry: FellingRule, stem_out: float) -> growth.Rule:
    age = entry.felling_age_yr
    if age is None:
        ages = growth.felling_ages(run.ages, run.date, [species], "planted")
        if species not in ages.index:
            raise ConfigError("E697", what=f"harvest.rules: felling_age_yr, {species}")
        age = int(ages[species])
    if bool(entry.thinning_ages_yr) != (0.0 < entry.thinning_share < 1.0):
        raise ConfigError("E697", what="harvest.rules: thinning_ages_yr, thinning_share")
    thinning = felling_event("thinning", entry.thinning_share, stem_out)
    fellings = [growth.Felling(thinning, at) for at in entry.thinning_ages_yr]
    clear = felling_event("final_felling", 1.0, stem_out)
    return growth.Rule(
        name,
        (growth.Felling(clear, age), *fellings),
        entry.replant,
        entry.delay_yr,
        entry.replant_scale,
    )


def _replanted(
    run: Run, paths: growth.Trajectories, curves: growth.CurveSet
) -> tuple[Mapping[str, int], pd.DataFrame | None]:
    """Row of the age table of species that rules replant with, and their coefficients."""
    asked = run.config.growth.harvest
    names = sorted({rule.replant for rule in asked.rules if rule.replant}) if asked else []
    if not names:
        return {}, None
    keys: dict[str, Any] = {"species": names, "origin": "planted"}
    table = pd.DataFrame({key: keys.get(key, "") for key in curves.keys}, index=range(len(names)))
    curve = followed(table, curves).array
    plants = pd.DataFrame({"stand": names, "species": names})
    per_m3 = carbon.coefficients(plants, run.biomass, run.date, Findings())
    for name, found, carbon_m3 in zip(names, curve, per_m3["co2e_t_m3"], strict=True):
        if pd.isna(found) or np.isnan(carbon_m3):
            raise ConfigError("E697", what=f"harvest.rules: replant, {name}")
    rows = {name: paths.table.names.index(str(at)) for name, at in zip(names, curve, strict=True)}
    return rows, per_m3.assign(**{"class": list(rows.values())})


def _hazards(run: Run) -> growth.Hazards:
    asked = run.config.growth.disturbance
    if asked is None or run.mortality is None:
        raise ConfigError("E697", what="growth.disturbance")
    agent = growth.Event("disaster", "disaster", asked.severity, above_dead=1.0)
    return growth.disaster_hazards(
        run.layers["stands"],
        run.mortality,
        run.date,
        run.findings,
        disaster_share=asked.disaster_share,
        agents=[agent],
        by=asked.by,
    )
