"""The rules a methodology's conditions name: small predicates, yes, no or not known by piece.

A methodology file says which rules apply and with which arguments; nothing here has a number.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.identifiers import among
from ecogis.core.units import factor
from ecogis.eligibility.declared_rules import DECLARED_RULES
from ecogis.eligibility.documents import SILENT, joined, laid
from ecogis.eligibility.facts import Facts, text, true
from ecogis.eligibility.history import covering, land_before
from ecogis.eligibility.site_rules import SITE_RULES
from ecogis.eligibility.verdicts import Case, judge

__all__ = ["OF_THE_PROJECT", "RULES"]

_DM2_PER_M2: Final = factor("m2", "dm2")

Mask = npt.NDArray[np.bool_]


def activity(
    facts: Facts,
    *,
    land_class: Sequence[str],
    origin: Sequence[str],
    forest_use: Sequence[str],
) -> pd.DataFrame:
    """Whether the stand is the kind of planting the methodology covers."""
    asked = {"land_class": land_class, "origin": origin, "forest_use": forest_use}
    missing, outside = facts.everywhere(False), facts.everywhere(False)
    for column, allowed in asked.items():
        value = facts.land[column]
        missing |= value.isna().to_numpy()
        outside |= (value.notna() & ~value.isin(list(allowed))).to_numpy()
    cases = [Case("activity_excluded", outside), Case("activity_unknown", missing)]
    return judge(cases, "met", facts.stand_evidence())


def not_forest_before(
    facts: Facts, *, years: int | None = None, since: date | None = None
) -> pd.DataFrame:
    """Whether the land is on record as other than forest in every year before planting.

    `years` counts back from the planting year; `since` asks for every year from that date's year.
    """
    before = land_before(facts.history, facts.planting(), years=years, since=since)
    laid = before.reindex(facts.land["stand"])
    cases = [
        Case("was_forest", true(laid["forest"]), text(laid["forest_documents"])),
        Case("was_unstocked", true(laid["unstocked"]), text(laid["unstocked_documents"])),
        Case("start_unknown", facts.land["planting_year"].isna().to_numpy()),
        Case("history_incomplete", ~true(laid["complete"])),
    ]
    return judge(cases, "met", text(laid["documents"]))


def started_after(facts: Facts, *, after: date) -> pd.DataFrame:
    """Whether planting began after a day; in that day's own year the year does not tell."""
    year = facts.land["planting_year"]
    cases = [
        Case("started_before", true(year < after.year)),
        Case("start_unknown", ~true(year != after.year)),
    ]
    return judge(cases, "met", facts.stand_evidence())


def tenure_documented(
    facts: Facts, *, document_kinds: Sequence[str], right_kinds: Sequence[str] | None = None
) -> pd.DataFrame:
    """Whether a document of title is on file and the right it speaks for has not ended.

    With `right_kinds` a right of one of these kinds must be in force on the parcel as well; that
    none is on record does not show that there is none.
    """
    papers = facts.ground.shelf.of(document_kinds, ("clear", "encumbered", SILENT))
    held, evidence = facts.ground.shelf.held(papers)
    cases = [
        Case("right_ended", facts.ground.flag("ended")),
        Case("right_excluded", facts.ground.flag("excluded"), facts.ground.text("excluded_rights")),
        Case("tenure_not_shown", ~held),
    ]
    if right_kinds is not None:
        cases.append(Case("tenure_kind_not_shown", ~_of_kinds(facts, right_kinds)))
    return judge(cases, "met", evidence)


def _of_kinds(facts: Facts, kinds: Sequence[str]) -> Mask:
    """Whether a right of one of some kinds is in force on the piece's parcel."""
    rights = facts.ground.holdings.rights
    mine = rights["right_kind"].isin(list(kinds)) & true(rights["active"])
    parcels = rights.loc[mine, "parcel"]
    return among(facts.land["parcel"], parcels).to_numpy()


def minimum_area(
    facts: Facts,
    *,
    minimum_m2: float,
    earlier_minimum_m2: float | None = None,
    begun_before: date | None = None,
    merge_touching: bool = False,
) -> pd.DataFrame:
    """Whether the connected land is large enough; begun before a day another minimum holds.

    Without merged areas the piece's own area is a lower bound: it can show yes, never no. Where
    the year of planting does not tell which minimum holds, only what both say counts.
    """
    own = facts.land["area_dm2"].astype("Int64")
    merged = facts.land["merged_area_dm2"] if merge_touching else own
    low, high = _minima(facts, minimum_m2, earlier_minimum_m2, begun_before)
    reached = true(merged.fillna(own) >= high)
    below = true(merged < low)
    cases = [Case("too_small", below), Case("size_unknown", ~reached)]
    return judge(cases, "met", facts.stand_evidence())


def not_wetland(facts: Facts, *, land_class: Sequence[str]) -> pd.DataFrame:
    """Whether neither the land today, nor before, nor on any record is of a wetland class."""
    wet = covering(land_class)
    recorded = facts.history[facts.history["land_class"].isin(wet)]
    was = among(facts.land["stand"], recorded["stand"])
    now, prior = facts.land["land_class"], facts.land["prior_land_class"]
    texts = joined(recorded.dropna(subset=["document"]), "stand", "document")
    known = among(facts.land["stand"], facts.history.loc[facts.history["documented"], "stand"])
    cases = [
        Case("wetland", (now.isin(wet) | prior.isin(wet) | was).to_numpy(), _laid(facts, texts)),
        Case("wetland_unknown", (now.isna() | (prior.isna() & ~known)).to_numpy()),
    ]
    return judge(cases, "met", facts.stand_evidence())


def crediting_years(facts: Facts, *, minimum: int, maximum: int) -> pd.DataFrame:
    """Whether the crediting period is as long as the methodology allows."""
    years = None if facts.period is None else facts.period.years
    outside = years is not None and not minimum <= years <= maximum
    cases = [
        Case("period_outside", facts.everywhere(outside)),
        Case("period_unknown", facts.everywhere(years is None)),
    ]
    return judge(cases, "met", facts.nothing())


def period_starts_after(facts: Facts, *, after: date) -> pd.DataFrame:
    """Whether the crediting period begins after a day: an activity on forest that stands."""
    early = facts.period is not None and facts.period.start <= after
    cases = [
        Case("period_early", facts.everywhere(early)),
        Case("period_unknown", facts.everywhere(facts.period is None)),
    ]
    return judge(cases, "met", facts.nothing())


def reduction_window(
    facts: Facts,
    *,
    after: date,
    years_before_application: int,  # noqa: ARG001  applied vintage by vintage in crediting
) -> pd.DataFrame:
    """Whether the crediting period reaches past the day after which reductions count."""
    missed = facts.period is not None and facts.period.end <= after
    cases = [
        Case("window_missed", facts.everywhere(missed)),
        Case("period_unknown", facts.everywhere(facts.period is None)),
    ]
    return judge(cases, "met", facts.nothing())


def registration_open(
    facts: Facts, *, open_from: date, open_to: date | None = None
) -> pd.DataFrame:
    """Whether a project can be registered under the methodology on the day, or was in its time.

    A registration on file of before the methodology was closed stands.
    """
    is_open = open_from <= facts.date and (open_to is None or facts.date < open_to)
    papers = facts.ground.shelf.of(["project_registration"], ["clear"])
    if open_to is not None:
        papers = papers[papers["date"].lt(pd.Timestamp(open_to))]
    registered, documents = facts.ground.shelf.held(papers)
    cases = [Case("registration_closed", facts.everywhere(not is_open) & ~registered)]
    why = np.where(registered, "registered_in_time", "met").astype(object)
    return judge(cases, why, documents)


def _minima(
    facts: Facts, later_m2: float, earlier_m2: float | None, begun_before: date | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The least and the greatest minimum that may hold for each piece. [dm2]"""
    later_dm2 = later_m2 * _DM2_PER_M2
    flat = np.full(len(facts.land), later_dm2)
    if earlier_m2 is None or begun_before is None:
        return flat, flat
    earlier_dm2 = earlier_m2 * _DM2_PER_M2
    year = facts.land["planting_year"]
    whole_year = begun_before == date(begun_before.year, 1, 1)
    earlier = true(year < begun_before.year)
    later = true(year >= begun_before.year if whole_year else year > begun_before.year)
    least, greatest = sorted((later_dm2, earlier_dm2))
    low = np.select([earlier, later], [earlier_dm2, later_dm2], least)
    return low, np.select([earlier, later], [earlier_dm2, later_dm2], greatest)


def _laid(facts: Facts, by_stand: pd.Series) -> npt.NDArray[np.object_]:
    found = laid(facts.land["stand"], by_stand)
    return np.where(found == "", facts.stand_evidence(), found)


OF_THE_PROJECT: Final = (
    "crediting_years",
    "period_starts_after",
    "reduction_window",
    "registration_open",
    "region",
    "text_checked",
)
"""Rules whose answer is the same for all land of a project."""

RULES: Final[Mapping[str, Callable[..., pd.DataFrame]]] = MappingProxyType(
    {
        "activity": activity,
        "not_forest_before": not_forest_before,
        "started_after": started_after,
        "tenure_documented": tenure_documented,
        "minimum_area": minimum_area,
        "not_wetland": not_wetland,
        **DECLARED_RULES,
        **SITE_RULES,
        "crediting_years": crediting_years,
        "period_starts_after": period_starts_after,
        "reduction_window": reduction_window,
        "registration_open": registration_open,
    }
)
"""The rules by the names methodology files use."""
