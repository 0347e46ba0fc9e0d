"""Rules about what stands there, what was there before, where it lies and who has registered it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.identifiers import among
from ecogis.core.periods import add_months
from ecogis.eligibility.documents import joined, laid
from ecogis.eligibility.facts import Facts, text, true
from ecogis.eligibility.history import classes_before, covering
from ecogis.eligibility.verdicts import Case, judge

__all__ = ["SITE_RULES"]

_SEARCHED: Final = ("clear", "encumbered")


def recorded_as(facts: Facts, *, column: str, values: Sequence[str]) -> pd.DataFrame:
    """Whether the stand's record has one of some codes: forest category, age group, species."""
    wanted = covering(values) if column.endswith("land_class") else list(values)
    value = facts.land[column]
    cases = [
        Case("record_outside", (value.notna() & ~value.isin(wanted)).to_numpy(dtype=bool)),
        Case("record_missing", value.isna().to_numpy(dtype=bool)),
    ]
    return judge(cases, "met", facts.stand_evidence())


def measured_between(
    facts: Facts, *, column: str, minimum: float | None = None, maximum: float | None = None
) -> pd.DataFrame:
    """Whether a figure of the stand lies within limits, which count as met: canopy cover, age."""
    value = pd.to_numeric(facts.land[column]).astype("Float64")
    outside = facts.everywhere(False)
    if minimum is not None:
        outside |= true(value < minimum)
    if maximum is not None:
        outside |= true(value > maximum)
    cases = [
        Case("measure_outside", outside),
        Case("measure_missing", value.isna().to_numpy(dtype=bool)),
    ]
    return judge(cases, "met", facts.stand_evidence())


def land_before(
    facts: Facts,
    *,
    land_class: Sequence[str],
    years: int | None = None,
    since: date | None = None,
) -> pd.DataFrame:
    """Whether the land was of some classes in every year before planting: tidal flat, old ponds.

    Without `years` and `since` the class before the survey decides.
    """
    classes = covering(land_class)
    if years is None and since is None:
        return _class_before(facts, facts.land["prior_land_class"].isin(classes), "land_was_other")
    found = _before(facts, classes, years, since)
    cases = [
        Case("land_was_other", true(found["other"]), text(found["other_documents"])),
        Case("start_unknown", facts.land["planting_year"].isna().to_numpy()),
        Case("history_incomplete", ~true(found["always"])),
    ]
    return judge(cases, "met", text(found["among_documents"]))


def absent_before(
    facts: Facts,
    *,
    land_class: Sequence[str],
    years: int | None = None,
    since: date | None = None,
) -> pd.DataFrame:
    """Whether the land was of none of some classes before planting: no mangrove stood there.

    Without `years` and `since` the class before the survey decides.
    """
    classes = covering(land_class)
    if years is None and since is None:
        clear = ~facts.land["prior_land_class"].isin(classes)
        return _class_before(facts, clear, "land_was_such")
    found = _before(facts, classes, years, since)
    cases = [
        Case("land_was_such", true(found["among"]), text(found["among_documents"])),
        Case("start_unknown", facts.land["planting_year"].isna().to_numpy()),
        Case("history_incomplete", ~true(found["never"])),
    ]
    return judge(cases, "met", text(found["other_documents"]))


def region(facts: Facts, *, provinces: Sequence[str]) -> pd.DataFrame:
    """Whether the project lies in one of some provinces, by the first two digits of its code."""
    told = facts.site.province
    cases = [
        Case("region_outside", facts.everywhere(bool(told) and told not in provinces)),
        Case("region_unknown", facts.everywhere(not told)),
    ]
    return judge(cases, "met", facts.nothing())


def single_registration(facts: Facts, *, searched_within_months: int | None = None) -> pd.DataFrame:
    """Whether the land is in no other registered project: a search on file, our own ledger.

    The latest search speaks. One older than `searched_within_months` on the valuation date leaves
    the condition open; a claim it found decides however old it is.
    """
    claimed, projects = _registered(facts)
    found, claims = facts.ground.shelf.says("project_search", ["encumbered"], _SEARCHED)
    clear, searches = facts.ground.shelf.says("project_search", ["clear"], _SEARCHED)
    recent = clear & _recent(facts, searched_within_months)
    cases = [
        Case("registered_in_ledger", claimed, projects),
        Case("registered_elsewhere", found, claims),
        Case("registration_not_searched", ~clear),
        Case("registration_search_old", clear & ~recent, searches),
    ]
    return judge(cases, "registered_nowhere", searches)


def _recent(facts: Facts, months: int | None) -> np.ndarray:
    """Whether the newest clear search about a piece is not older than some months."""
    if months is None:
        return facts.everywhere(True)
    first = pd.Timestamp(add_months(facts.date, -months))
    searches = facts.ground.shelf.of(["project_search"], ["clear"])
    recent = searches.loc[searches["date"].ge(first), "piece"]
    return among(facts.land["piece"], recent).to_numpy()


def _registered(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Pieces on parcels of registered projects, and the projects."""
    if facts.site.registered is None:
        return facts.everywhere(False), facts.nothing()
    projects = laid(facts.land["parcel"], joined(facts.site.registered, "parcel", "project"))
    return projects != "", projects


def _before(
    facts: Facts, classes: list[str], years: int | None, since: date | None
) -> pd.DataFrame:
    """What the records before planting tell of the classes, laid beside the pieces."""
    found = classes_before(facts.history, facts.planting(), classes, years=years, since=since)
    return found.reindex(facts.land["stand"])


def _class_before(facts: Facts, met: pd.Series, refused: str) -> pd.DataFrame:
    known = facts.land["prior_land_class"].notna()
    cases = [
        Case(refused, (known & ~met).to_numpy(dtype=bool)),
        Case("history_incomplete", (~known).to_numpy(dtype=bool)),
    ]
    return judge(cases, "met", facts.stand_evidence())


SITE_RULES: Final[Mapping[str, Callable[..., pd.DataFrame]]] = MappingProxyType(
    {
        "recorded_as": recorded_as,
        "measured_between": measured_between,
        "land_before": land_before,
        "absent_before": absent_before,
        "region": region,
        "single_registration": single_registration,
    }
)
"""The rules by the names methodology files use."""
