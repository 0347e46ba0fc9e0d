"""The only place that knows the order: from a project file to a result.

``open`` reads a project file, ``check`` reads and looks at its inputs, ``assess`` runs every stage.
"""

import time
from pathlib import Path

from ecogis.pipeline.comparing import compare
from ecogis.pipeline.explaining import explain_run
from ecogis.pipeline.manifest import verify
from ecogis.pipeline.result import Result, result_of
from ecogis.pipeline.revaluing import Revaluation, revalue
from ecogis.pipeline.run import Progress, Project, Run
from ecogis.pipeline.run import open_project as open  # noqa: A004 - the word users know
from ecogis.pipeline.stages import STAGES, run_stages
from ecogis.pipeline.watching import Watched, read_policy, watch

__all__ = [
    "STAGES",
    "Progress",
    "Project",
    "Result",
    "Revaluation",
    "Run",
    "Watched",
    "assess",
    "check",
    "compare",
    "explain_run",
    "open",
    "read_policy",
    "revalue",
    "verify",
    "watch",
]


def assess(project: Project | str | Path, *, progress: Progress | None = None) -> Result:
    """Run every stage of a project.

    Parameters
    ----------
    project : Project, str or Path
        A project, or the path of its file.
    progress : callable, optional
        Told the name of each stage, its number and how many there are.

    Returns
    -------
    Result

    Raises
    ------
    EcogisError
        A file cannot be read, findings refuse the run, or a value is not in force.
    """
    started = time.monotonic()
    run = Run(project if isinstance(project, Project) else open(project))
    run_stages(run, "account", progress)
    if progress is not None:
        progress("present", len(STAGES) + 1, len(STAGES) + 2)
    return result_of(run, started)


def check(project: Project | str | Path, *, progress: Progress | None = None) -> Run:
    """Read the inputs of a project and look at them, without refusing.

    Returns
    -------
    Run
        With the findings so far; `Run.refuse` says whether the policy lets it go on.
    """
    run = Run(project if isinstance(project, Project) else open(project))
    run_stages(run, "look", progress, refuse=False, after=0)
    return run
