"""Rules no layer can show in full: a declaration of the client or a document on file settles them.

A no in either decides; nothing said leaves the condition open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.eligibility.facts import Facts, true
from ecogis.eligibility.verdicts import Case, judge

__all__ = ["DECLARABLE", "DECLARED_RULES"]

_EXEMPTING: Final = ("forest_category",)
"""What a stand's record can show of the cases exempt from proof of additionality."""

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


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
        [facts.stand_evidence(), said.papers, said.statement],
        "",
    )
    return judge(cases, why, shown)


def _exempt(facts: Facts) -> Mask:
    """Where every argument of an exempt case is shown by the stand's record."""
    found = facts.everywhere(False)
    for case in facts.exemptions:
        if case.arguments and set(case.arguments) <= set(_EXEMPTING):
            held = [facts.land[name].eq(value) for name, value in case.arguments.items()]
            found |= np.logical_and.reduce([true(mask) for mask in held])
    return found


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


def _stated(rule: str) -> Callable[..., pd.DataFrame]:
    """A rule that is as declared, whatever the clause says of it in numbers or words."""

    def judged(facts: Facts, **_said: object) -> pd.DataFrame:
        return _as_declared(facts, rule)

    return judged


_STATED: Final = (
    "no_burning",
    "litter_kept",
    "mineral_soil",
    "site_suitable",
    "management_kept",
    "text_checked",
)
"""Nothing burnt; litter, roots and dead wood left; no organic soil; a site where the plants can
live; management as the methodology asks; conditions compared with the printed text."""

DECLARED_RULES: Final[Mapping[str, Callable[..., pd.DataFrame]]] = MappingProxyType(
    {
        "vegetation_kept": vegetation_kept,
        "soil_disturbance": soil_disturbance,
        "additionality": additionality,
        **{rule: _stated(rule) for rule in _STATED},
    }
)
"""The rules by the names methodology files use."""

DECLARABLE: Final = tuple(DECLARED_RULES)
"""Rules a project file may declare."""
