"""The rules a methodology's conditions name: small predicates, yes, no or not known by piece.

A methodology file says which rules apply and with which arguments; nothing here has a number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.units import factor
from ecogis.eligibility.documents import SILENT, joined, laid
from ecogis.eligibility.facts import Facts
from ecogis.eligibility.history import land_before
from ecogis.eligibility.verdicts import Case, judge

__all__ = ["DECLARABLE", "RULES"]

DECLARABLE: Final = ("vegetation_kept", "soil_disturbance", "additionality")
"""Rules that no layer can show in full: a declaration or a document on file settles them."""

_EXEMPTING: Final = ("forest_category",)
"""What a stand's record can show of the cases exempt from proof of additionality."""

_DM2_PER_M2: Final = factor("m2", "dm2")

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


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
    return judge(cases, "met", _stand_evidence(facts))


def not_forest_before(
    facts: Facts, *, years: int | None = None, since: date | None = None
) -> pd.DataFrame:
    """Whether the land is on record as other than forest in every year before planting.

    `years` counts back from the planting year; `since` asks for every year from that date's year.
    """
    before = land_before(facts.history, _planting(facts), years=years, since=since)
    laid = before.reindex(facts.land["stand"])
    cases = [
        Case("was_forest", _true(laid["forest"]), _text(laid["forest_documents"])),
        Case("was_unstocked", _true(laid["unstocked"]), _text(laid["unstocked_documents"])),
        Case("start_unknown", facts.land["planting_year"].isna().to_numpy()),
        Case("history_incomplete", ~_true(laid["complete"])),
    ]
    return judge(cases, "met", _text(laid["documents"]))


def started_after(facts: Facts, *, after: date) -> pd.DataFrame:
    """Whether planting began after a day; in that day's own year the year does not tell."""
    year = facts.land["planting_year"]
    cases = [
        Case("started_before", _true(year < after.year)),
        Case("start_unknown", ~_true(year != after.year)),
    ]
    return judge(cases, "met", _stand_evidence(facts))


def tenure_documented(facts: Facts, *, document_kinds: Sequence[str]) -> pd.DataFrame:
    """Whether a document of title is on file and the right it speaks for has not ended."""
    papers = facts.ground.shelf.of(document_kinds, ("clear", "encumbered", SILENT))
    held, evidence = facts.ground.shelf.held(papers)
    cases = [
        Case("right_ended", facts.ground.flag("ended")),
        Case("right_excluded", facts.ground.flag("excluded"), facts.ground.text("excluded_rights")),
        Case("tenure_not_shown", ~held),
    ]
    return judge(cases, "met", evidence)


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
    reached = _true(merged.fillna(own) >= high)
    below = _true(merged < low)
    cases = [Case("too_small", below), Case("size_unknown", ~reached)]
    return judge(cases, "met", _stand_evidence(facts))


def not_wetland(facts: Facts, *, land_class: Sequence[str]) -> pd.DataFrame:
    """Whether neither the land today, nor before, nor on any record is of a wetland class."""
    wet = list(land_class)
    recorded = facts.history[facts.history["land_class"].isin(wet)]
    was = facts.land["stand"].isin(recorded["stand"])
    now, prior = facts.land["land_class"], facts.land["prior_land_class"]
    texts = joined(recorded.dropna(subset=["document"]), "stand", "document")
    known = facts.land["stand"].isin(facts.history.loc[facts.history["documented"], "stand"])
    cases = [
        Case("wetland", (now.isin(wet) | prior.isin(wet) | was).to_numpy(), _laid(facts, texts)),
        Case("wetland_unknown", (now.isna() | (prior.isna() & ~known)).to_numpy()),
    ]
    return judge(cases, "met", _stand_evidence(facts))


def vegetation_kept(
    facts: Facts,
    *,
    removed_share_max: float | None = None,  # noqa: ARG001  what the declaration is about
    culm_dbh_cm: float | None = None,  # noqa: ARG001
) -> pd.DataFrame:
    """Whether what grew there was left, within the shares the clause allows: as declared."""
    return _as_declared(facts, "vegetation_kept")


def soil_disturbance(
    facts: Facts,
    *,
    initial_only: bool,  # noqa: ARG001  what the declaration is about
    share_max: float | None = None,  # noqa: ARG001
    not_repeated_years: int | None = None,  # noqa: ARG001
) -> pd.DataFrame:
    """Whether the soil was disturbed at planting only, within the clause's limits: as declared."""
    return _as_declared(facts, "soil_disturbance")


def additionality(facts: Facts) -> pd.DataFrame:
    """Whether a case exempt from proof is on the map, or the proof is on file or declared.

    A case that no layer shows (rainfall, a protected zone) is a matter of the proof.
    """
    exempt = _exempt(facts)
    said = _heard(facts, "additionality", "additionality_proof")
    cases = [
        Case("additionality_refused", said.refused & ~exempt, said.refusals),
        Case("declared_no", said.denied & ~exempt, said.statement),
        Case("additionality_open", ~(said.confirmed | said.affirmed | exempt)),
    ]
    why = np.select(
        [exempt, said.confirmed], ["additionality_exempt", "additionality_proved"], "declared_yes"
    ).astype(object)
    shown = np.select(
        [exempt, said.confirmed, said.affirmed],
        [_stand_evidence(facts), said.papers, said.statement],
        "",
    )
    return judge(cases, why, shown)


def _exempt(facts: Facts) -> Mask:
    """Where every argument of an exempt case is shown by the stand's record."""
    found = facts.everywhere(False)
    for case in facts.exemptions:
        if case.arguments and set(case.arguments) <= set(_EXEMPTING):
            held = [facts.land[name].eq(value) for name, value in case.arguments.items()]
            found |= np.logical_and.reduce([_true(mask) for mask in held])
    return found


def crediting_years(facts: Facts, *, minimum: int, maximum: int) -> pd.DataFrame:
    """Whether the crediting period is as long as the methodology allows."""
    years = None if facts.period is None else facts.period.years
    outside = years is not None and not minimum <= years <= maximum
    cases = [
        Case("period_outside", facts.everywhere(outside)),
        Case("period_unknown", facts.everywhere(years is None)),
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
    """Whether projects can be registered under the methodology on the day."""
    is_open = open_from <= facts.date and (open_to is None or facts.date < open_to)
    return judge(
        [Case("registration_closed", facts.everywhere(not is_open))], "met", facts.nothing()
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """What documents of a kind say of each piece, and what the client states of all of them."""

    refused: Mask
    refusals: Texts
    confirmed: Mask
    papers: Texts
    denied: Mask
    affirmed: Mask
    statement: Texts


def _heard(facts: Facts, rule: str, kind: str) -> _Heard:
    """The latest document of a kind, and the statement on a rule unless its document is missing."""
    results = ("clear", "refused")
    refused, refusals = facts.ground.shelf.says(kind, ["refused"], results)
    confirmed, papers = facts.ground.shelf.says(kind, ["clear"], results)
    said = facts.declared.get(rule)
    if said is not None and said.document and said.document not in facts.on_file:
        said = None
    text = ""
    if said is not None:
        text = f"declared: {said.because}" + (f" ({said.document})" if said.document else "")
    return _Heard(
        refused=refused,
        refusals=refusals,
        confirmed=confirmed,
        papers=papers,
        denied=facts.everywhere(said is not None and not said.value),
        affirmed=facts.everywhere(said is not None and said.value),
        statement=np.full(len(facts.land), text, dtype=object),
    )


def _as_declared(facts: Facts, rule: str) -> pd.DataFrame:
    """A statement handed in, or a site declaration on file; a no in either decides."""
    said = _heard(facts, rule, "site_declaration")
    refusals = np.where(said.refused, said.refusals, said.statement)
    papers = np.where(said.confirmed, said.papers, said.statement)
    confirmed = said.confirmed | said.affirmed
    cases = [
        Case("declared_no", said.refused | said.denied, refusals),
        Case("not_declared", ~confirmed),
    ]
    return judge(cases, "declared_yes", np.where(confirmed, papers, ""))


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
    earlier = _true(year < begun_before.year)
    later = _true(year >= begun_before.year if whole_year else year > begun_before.year)
    least, greatest = sorted((later_dm2, earlier_dm2))
    low = np.select([earlier, later], [earlier_dm2, later_dm2], least)
    return low, np.select([earlier, later], [earlier_dm2, later_dm2], greatest)


def _planting(facts: Facts) -> pd.Series:
    known = facts.land.dropna(subset=["stand"]).drop_duplicates("stand")
    return known.set_index("stand")["planting_year"]


def _stand_evidence(facts: Facts) -> npt.NDArray[np.object_]:
    """The stand's own record is the evidence for what the map says."""
    return facts.land["stand"].fillna("").to_numpy(dtype=object)


def _laid(facts: Facts, by_stand: pd.Series) -> npt.NDArray[np.object_]:
    found = laid(facts.land["stand"], by_stand)
    return np.where(found == "", _stand_evidence(facts), found)


def _true(mask: pd.Series) -> Mask:
    """True where it is; a missing answer is not."""
    return mask.fillna(False).to_numpy(dtype=bool)


def _text(column: pd.Series) -> npt.NDArray[np.object_]:
    return column.fillna("").to_numpy(dtype=object)


RULES: Final[Mapping[str, Callable[..., pd.DataFrame]]] = MappingProxyType(
    {
        "activity": activity,
        "not_forest_before": not_forest_before,
        "started_after": started_after,
        "tenure_documented": tenure_documented,
        "minimum_area": minimum_area,
        "not_wetland": not_wetland,
        "vegetation_kept": vegetation_kept,
        "soil_disturbance": soil_disturbance,
        "additionality": additionality,
        "crediting_years": crediting_years,
        "reduction_window": reduction_window,
        "registration_open": registration_open,
    }
)
"""The rules by the names methodology files use."""
