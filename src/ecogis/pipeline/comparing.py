"""The same land under several methodologies, one row each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from ecogis import crediting, methods
from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.methods import Methodology
from ecogis.pipeline.crediting import credit
from ecogis.pipeline.forecasting import grow
from ecogis.pipeline.judging import judge_conditions
from ecogis.pipeline.run import Progress, Project, Run, open_project
from ecogis.pipeline.stages import run_stages

__all__ = ["compare"]

_LINES: Final = (
    "removal_kg",
    "emission_kg",
    "baseline_kg",
    "leakage_kg",
    "uncertainty_kg",
    "buffer_kg",
    "cap_kg",
)
_REGISTRATION: Final = "registration_open"
_HA_PER_DM2: Final = 1e-6
_COLUMNS: Final = {
    "methodology": "string",
    "title_zh": "string",
    "title_en": "string",
    "status": "string",
    "creditable_ha": "Float64",
    "unknown_ha": "Float64",
    "excluded_ha": "Float64",
    **dict.fromkeys(_LINES, "Int64"),
    "credit_kg": "Int64",
    "issued_t": "Int64",
    "rate": "Float64",
    "refused": "boolean",
    "findings": "string",
    "must_supply_zh": "string",
    "must_supply_en": "string",
    "not_computed_zh": "string",
    "not_computed_en": "string",
    "confidence": "string",
}


def compare(
    project: Project | str | Path,
    methodologies: Sequence[str],
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Judge and credit one project's land under several methodologies.

    Layers are read and laid over one another once. The project's crediting period, declarations
    and documents are the same in every row. Of the numbers it supplies another methodology gets
    those it leaves to the project, where both ask for them in the same form; a number that
    replaces one of an edition's own set is for the project's methodology alone. Whether a
    methodology is open to new registrations is told as its status and rules out no land here:
    closed ones are compared as if they were open. Nothing is valued.

    Parameters
    ----------
    project : Project, str or Path
        A project, or the path of its file.
    methodologies : sequence of str
        ``id@edition`` of the library, or names of own files in the project's folder.
    progress : callable, optional
        Told the name of each step, its number and how many there are.

    Returns
    -------
    DataFrame, one row per methodology in the order given
        ``methodology title_zh title_en``; ``status`` (open, closed, not_yet, draft) on the
        valuation date; ``creditable_ha unknown_ha excluded_ha`` [ha]; ``removal_kg`` and what the
        lines of its sum take off, ``credit_kg`` [kg CO2e]; ``issued_t`` [t CO2e]; ``rate``, the
        mean yearly credits of a hectare that earns [t CO2e ha-1 yr-1]; ``refused``, whether an
        assessment under it would be refused, and ``findings``, the codes found under it beside
        those of the layers, with how many of each; ``must_supply_zh`` and
        ``must_supply_en``, numbers it asks for and the project does not give; ``not_computed_zh``
        and ``not_computed_en``, why there are no figures; ``confidence``, the weakest mark of
        conditions, lines and numbers used. A figure that could not be had is missing, never zero.

    Raises
    ------
    ConfigError
        E736 when no methodology, or one twice, is named; when one is not in the library.
    StageRefusedError
        When findings in the layers refuse the run.
    """
    opened = project if isinstance(project, Project) else open_project(project)
    if not methodologies or len(set(methodologies)) != len(methodologies):
        raise ConfigError("E736", named=", ".join(methodologies) or "—")
    chosen = [methods.methodology(name, folder=opened.folder) for name in methodologies]
    base = Run(opened)
    run_stages(base, "overlay", progress, after=len(chosen))
    rows = []
    for number, (name, entry) in enumerate(zip(methodologies, chosen, strict=True)):
        if progress is not None:
            progress(entry.label, 4 + number, 3 + len(chosen))
        rows.append(_row(base, name, entry))
    return pd.DataFrame(rows, columns=[*_COLUMNS]).astype(_COLUMNS)


def _row(base: Run, name: str, entry: Methodology) -> dict[str, Any]:
    """What is known of a methodology before the run, and the run's figures where there are any."""
    given = _given(base, entry)
    row: dict[str, Any] = {
        "methodology": entry.label,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        "status": entry.status(base.date),
        "must_supply_zh": _missing(given, entry, "zh"),
        "must_supply_en": _missing(given, entry, "en"),
    }
    try:
        run = _under(base, name, entry, given)
        for stage in (grow, judge_conditions):
            stage(run)
        row |= _areas(run)
        credit(run)
    except (ConfigError, NotInForceError) as fault:
        told = {f"not_computed_{lang}": getattr(fault, lang) for lang in ("zh", "en")}
        return row | {name: f"{fault.code} {text}" for name, text in told.items()}
    return row | _figures(run) | _told(base, run) | {"confidence": _weakest(run)}


def _missing(given: Mapping[str, Any], entry: Methodology, lang: str) -> str:
    """Numbers the methodology asks for and the project does not give: name, meaning and unit."""
    named = {key: each for key, each in entry.supplied.items() if key not in given}
    return "; ".join(f"{key}: {getattr(each, lang)} [{each.unit}]" for key, each in named.items())


def _given(base: Run, entry: Methodology) -> dict[str, Any]:
    """The numbers the project supplies that are for a methodology, by name.

    All of them for the project's own; for another those it leaves to the project as well, where
    the project's own asks for them by the same classes.
    """
    stated, own = base.config.methodology.parameters, base.methodology
    if entry.label == own.label:
        return dict(stated)
    numbers = methods.parameters(own.parameters["crediting"])
    forms = {name: numbers.parameter(name).keys for name in numbers.names}
    forms |= {name: each.by for name, each in own.supplied.items()}
    wanted = {name: each.by for name, each in entry.supplied.items() if name in stated}
    return {name: stated[name] for name, by in wanted.items() if forms.get(name, by) == by}


def _under(base: Run, name: str, entry: Methodology, given: Mapping[str, Any]) -> Run:
    """A run of the same land under another methodology; what it finds is its own.

    Whether it can be registered today is the row's status; the land is compared without it.
    """
    section = msgspec.structs.replace(base.config.methodology, id=name, parameters=given)
    config = msgspec.structs.replace(base.config, methodology=section)
    run = Run(replace(base.project, config=config))
    run.methodology = replace(
        run.methodology,
        conditions=tuple(each for each in entry.conditions if each.rule != _REGISTRATION),
    )
    run.findings.extend(base.findings)
    run.layers, run.tables = dict(base.layers), dict(base.tables)
    run.inputs, run.left, run.dem = list(base.inputs), dict(base.left), base.dem
    return run


def _areas(run: Run) -> dict[str, float]:
    """Creditable, open and excluded land of the pieces. [ha]"""
    pieces = run.layers["pieces"]
    verdict, area = pieces["creditable"], pieces["area_dm2"]
    held = {"creditable": verdict.fillna(False), "unknown": verdict.isna()}
    held["excluded"] = ~verdict.fillna(True)
    return {
        f"{word}_ha": int(area[mask.to_numpy(dtype=bool)].sum()) * _HA_PER_DM2
        for word, mask in held.items()
    }


def _figures(run: Run) -> dict[str, Any]:
    """Sums over the crediting period; none where no land is creditable."""
    project = run.left["project"]
    if project is None:
        return {"credit_kg": 0, "issued_t": 0}
    vintages = project.vintages
    return {
        **{name: int(vintages[name].sum()) for name in _LINES if name in vintages},
        "credit_kg": int(vintages["credit_kg"].sum()),
        "issued_t": int(project.issuances["issued_t"].sum()),
        "rate": crediting.mean_rate(vintages, project.area_dm2),
    }


def _told(base: Run, run: Run) -> dict[str, Any]:
    """Whether an assessment would stop here, and what was found under this methodology."""
    counts = Counter(row["code"] for row in run.findings.rows()[base.findings.count() :])
    policy = run.config.policy
    left = run.findings.open(policy.refuse_at, [entry.code for entry in policy.accept])
    return {
        "refused": len(left) > 0,
        "findings": ", ".join(f"{code} ×{counts[code]}" for code in sorted(counts)),
    }


def _weakest(run: Run) -> str:
    """The weakest mark of the conditions, lines and numbers the figures rest on."""
    marks = [entry.confidence for entry in run.methodology.conditions]
    marks += [entry.confidence for entry in run.methodology.lines]
    for each in (run.curves, run.biomass, run.crediting):
        marks += [value.confidence for value in each.uses]
    return methods.weakest(marks)
