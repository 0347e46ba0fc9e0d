"""The account of ecosystem services of a project: a flow beside the balance sheet, never in it."""

from pathlib import Path

import pandas as pd

from ecogis import services
from ecogis.core.errors import ConfigError
from ecogis.pipeline.gep_account import GepResult, accounted, carbon_sold, gep_sets
from ecogis.pipeline.run import Progress, Project, Run, open_project
from ecogis.pipeline.stages import run_stages

__all__ = ["GepResult", "gep", "gep_sets", "gep_years"]


def gep(project: Project | str | Path, *, progress: Progress | None = None) -> GepResult:
    """Account for the ecosystem services of a project's land.

    Stages up to the forecast are run, since carbon is the carbon stage's own; where carbon is sold
    as a product, crediting too, so that a tonne is claimed once.

    Parameters
    ----------
    project : Project, str or Path
        A project with a section ``[gep]``, or the path of its file.
    progress : callable, optional
        Told the name of each stage, its number and how many there are.

    Returns
    -------
    GepResult

    Raises
    ------
    ConfigError
        E543: the project has no section ``[gep]``; E002 a name in it is not known.
    EcogisError
        A file cannot be read, findings refuse the run, or a value is not in force.
    """
    opened = project if isinstance(project, Project) else open_project(project)
    asked = opened.config.gep
    if asked is None:
        raise ConfigError("E543", file=opened.file.name, key="gep")
    run = Run(opened)
    run_stages(run, "credit" if carbon_sold(asked) else "grow", progress)
    found = accounted(run, asked)
    run.refuse()
    return found


def gep_years(first: GepResult, last: GepResult) -> pd.DataFrame:
    """Two years of one area, split into quantity and price, as `ecogis.services.compared`."""
    return services.compared(first.account, last.account)
