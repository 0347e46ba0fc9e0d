"""A batch from its file to its sums: what is done stays, what is touched is redone, all is told."""

import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from ecogis.core.errors import ConfigError, EcogisError, IdentityError
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.batching.areas import LEVELS, Area, read_areas
from ecogis.pipeline.batching.clusters import in_cluster
from ecogis.pipeline.batching.inputs import asks_elsewhere, inputs_of, program_sha256
from ecogis.pipeline.batching.jobs import ROLL_UP, Job, Outcome, Perform, failed, key_of
from ecogis.pipeline.batching.locking import LOCK, held
from ecogis.pipeline.batching.marks import (
    MARK,
    Mark,
    as_text,
    drafts,
    own_files,
    publish,
    read_mark,
    write_text,
)
from ecogis.pipeline.batching.tasks import task
from ecogis.pipeline.batching.unlisted import UNLISTED, unlisted
from ecogis.pipeline.batching.workers import in_processes

__all__ = ["BatchProgress", "Batched", "batch"]

BatchProgress = Callable[[str, str, str, int, int], None]
"""Told area, task, state, number of steps that are settled, and how many there are."""

LOG: Final = "log.jsonl"
_ABOUT, _STATUS, _WORK, _AREAS = "batch.json", "status.csv", ".work", "areas"
_SCHEMA: Final = "ecogis-batch/1"
_SEVERITIES: Final = ("note", "warning", "error")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batched:
    """What a batch has come to.

    Attributes
    ----------
    name : str
        Name of the batch.
    out : Path
        Its folder: ``areas/ID/TASK``, ``rollup``, ``status.csv``, ``log.jsonl``.
    status : DataFrame, one row per area and task, and one for the roll-up
        ``area name county province task state seconds note warning error code message_zh
        message_en``. `state` is done, refused (by findings or by a file) or failed; or unlisted,
        for a folder that an earlier batch file left and this one does not name. `seconds` is
        missing where nothing had to be done. [s]
    """

    name: str
    out: Path
    status: pd.DataFrame

    @property
    def failures(self) -> pd.DataFrame:
        """Rows of the status that are not done; a folder nobody asked for is none of them."""
        return self.status[~self.status["state"].isin(["done", UNLISTED])]

    @property
    def complete(self) -> bool:
        """Whether every step is done and the sums have no finding that is an error."""
        sums = self.status["task"].eq(ROLL_UP) & self.status["error"].gt(0)
        return self.failures.empty and not bool(sums.any())

    @property
    def rollup(self) -> pd.DataFrame:
        """Sums by batch, province, county and area; without rows when no area is done."""
        file = self.out / ROLL_UP / "rollup.parquet"
        return pd.read_parquet(file) if file.is_file() else pd.DataFrame()

    def __repr__(self) -> str:
        counts = self.status["state"].value_counts()
        told = ", ".join(f"{number} {state}" for state, number in counts.items())
        return f"Batched({self.name}: {told}; {self.out})"

    def _repr_html_(self) -> str:
        return str(self.status.to_html(index=False))


@dataclass
class _Step:
    """A step of the batch: an area and a task, or the roll-up."""

    about: dict[str, str]
    source: Path
    target: Path
    inputs: dict[str, str] = field(default_factory=dict)
    key: str = ""
    members: tuple[dict[str, str], ...] = ()
    outcome: Outcome | None = None
    mark: Mark | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The step's row of the status."""
        mark, outcome = self.mark, self.outcome
        told = mark or outcome
        return {
            **self.about,
            "state": "" if told is None else told.state,
            "seconds": None if outcome is None else outcome.seconds,
            **{name: (told.findings if told else {}).get(name, 0) for name in _SEVERITIES},
            "code": told.code if told else "",
            "message_zh": told.zh if told else "",
            "message_en": told.en if told else "",
        }


def batch(
    file: str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    dask: bool = False,
    scheduler: str | None = None,
    lang: str | None = None,
    progress: BatchProgress | None = None,
) -> Batched:
    """Do the tasks of a batch file for every area, and add the areas up.

    A step is done when its done-mark names the inputs, the program and the outputs as they are now,
    by content. Such a step is left as it is; everything else is done, in worker processes. One area
    that fails stops no other. After a crash at any moment the same call goes on where it was and
    ends with the same bytes; only ``log.jsonl`` holds clock and machine.

    Parameters
    ----------
    file : str or Path
        The batch file.
    out : str or Path
        Folder of the batch: a new one, an empty one, or an earlier one of a batch.
    workers : int, optional
        Worker processes; the number of processors by default.
    dask : bool
        Let a cluster of Dask on this machine do the steps.
    scheduler : str, optional
        Address of a scheduler of Dask whose workers see the same folders.
    lang : {"zh", "en"}, optional
        Language of the outputs; each project file's by default.
    progress : callable, optional
        Told each step that is settled.

    Returns
    -------
    Batched

    Raises
    ------
    ConfigError
        The batch file is wrong, E002 there are to be less than one worker, E438 another batch is
        at work in the folder, E546 the batch's own files there cannot be written, E551 the folder
        holds something else, E439, E441, E447 Dask cannot be used so.
    IdentityError
        E453 areas do not add up.

    Findings
    --------
    E434
        A folder of an area or task that the batch file does not name; a row of the status.
    """
    found, folder = read_areas(file)
    for name in found.batch.tasks:
        task(name)
    here = _folder(Path(out))
    crew = _crew(workers, scheduler, dask=dask)
    with held(here), drafts(here / _WORK) as work:
        about = {"schema": _SCHEMA, "name": found.batch.name, "tasks": list(found.batch.tasks)}
        with own_files(here):
            write_text(here / _ABOUT, as_text(about), work)
        run = _Running(here, work, lang, progress)
        steps = [
            run.planned(area, name, folder / area.project)
            for area in found.areas
            for name in found.batch.tasks
        ]
        run.settle(steps, crew)
        with own_files(here):
            places = {step.target for step in steps if step.about["area"]}
            status = pd.DataFrame([step.row for step in steps] + unlisted(here / _AREAS, places))
            write_text(here / _STATUS, _csv(status), work)
    whole = steps[-1].row
    if whole["task"] == ROLL_UP and whole["code"] in {"E446", "E399"}:
        raise IdentityError("E453", zh_=whole["message_zh"], en_=whole["message_en"])
    return Batched(found.batch.name, here, status)


def _csv(status: pd.DataFrame) -> str:
    text: str = status.drop(columns="seconds").to_csv(index=False, lineterminator="\n")
    return "\ufeff" + text


def _folder(out: Path) -> Path:
    """The folder of the batch, made if it is not there; never one with other things in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in out.iterdir()}
    except OSError as fault:
        raise ConfigError("E546", file=out, detail=fault.strerror) from None
    if names - {LOCK, _WORK} and _ABOUT not in names:
        raise ConfigError("E551", file=out)
    return out.resolve()


Crew = Callable[[], AbstractContextManager[Perform]]


def _crew(workers: int | None, scheduler: str | None, *, dask: bool) -> Crew:
    if workers is not None and workers < 1:
        raise ConfigError("E002", value=workers, expected="workers ≥ 1")
    count = workers or len(os.sched_getaffinity(0))
    if dask or scheduler is not None:
        return lambda: in_cluster(scheduler, count)
    return lambda: in_processes(count)


@contextmanager
def _when_needed(crew: Crew) -> Iterator[Perform]:
    """Workers that are started with the first steps they are given, and not without any."""
    with ExitStack() as stack:
        started: list[Perform] = []

        def do(jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
            if not started:
                started.append(stack.enter_context(crew()))
            return started[0](jobs)

        yield do


class _Running:
    """One call of `batch`: its folder, and what was told so far."""

    def __init__(
        self, out: Path, work: Path, lang: str | None, progress: BatchProgress | None
    ) -> None:
        self._out, self._work, self._lang, self._progress = out, work, lang, progress
        self._known: dict[Path, dict[str, str]] = {}
        self._settled = 0

    def planned(self, area: Area, name: str, project: Path) -> _Step:
        """A step with its key, and its mark where it is done already."""
        about = {"area": area.id, "name": area.name}
        about |= {level: getattr(area.parents, level) for level in LEVELS} | {"task": name}
        step = _Step(about, project, self._out / _AREAS / area.id / name)
        try:
            step.inputs = self._inputs(project)
            step.key = key_of(name, step.inputs, self._lang)
            if not asks_elsewhere(project):
                step.mark = read_mark(step.target, step.key)
        except Exception as fault:
            log.debug("%s %s", area.id, name, exc_info=True)
            step.outcome = self._placed(step, failed(fault))
        return step

    def _inputs(self, project: Path) -> dict[str, str]:
        if project not in self._known:
            self._known[project] = inputs_of(project)
        return self._known[project]

    def settle(self, steps: list[_Step], crew: Crew) -> None:
        """Do what is not done, then add up; the roll-up joins the steps."""
        count = len(steps) + 1
        todo = []
        for step in steps:
            if step.mark or step.outcome:
                self._tell(step, count)
            else:
                todo.append(step)
        with _when_needed(crew) as do:
            self._do(todo, do, count)
            with own_files(self._out):
                whole = self._roll_up(steps)
                if whole is None:
                    publish(None, self._out / ROLL_UP, self._work)
                    return
            steps.append(whole)
            if whole.mark is None:
                self._do([whole], do, count)
            else:
                self._tell(whole, count)

    def _do(self, todo: list[_Step], do: Perform, count: int) -> None:
        waiting = {(step.about["area"], step.about["task"]): step for step in todo}
        for job, outcome in do([self._job(step) for step in todo]) if todo else ():
            step = waiting.pop((job.area, job.task))
            step.outcome = self._placed(step, outcome)
            with own_files(self._out):
                self._log(step, step.outcome)
            self._tell(step, count)
        for step in waiting.values():
            step.outcome = self._placed(step, failed(EcogisError("E440", detail="no answer")))
            self._tell(step, count)

    def _placed(self, step: _Step, outcome: Outcome) -> Outcome:
        """Let the draft take its place, and the old results go; what came of it in the end."""
        try:
            publish(Path(outcome.draft) if outcome.draft else None, step.target, self._work)
        except OSError as fault:
            if outcome.state == "failed":
                return outcome
            area = f"{step.about['area']} {step.about['task']}".strip()
            detail = fault.strerror or fault
            lost = failed(EcogisError("E515", area=area, file=step.target, detail=detail))
            return msgspec.structs.replace(lost, seconds=outcome.seconds)
        return outcome

    def _job(self, step: _Step) -> Job:
        return Job(
            area=step.about["area"],
            task=step.about["task"],
            source=str(step.source),
            key=step.key,
            inputs=step.inputs,
            work=str(self._work),
            program=program_sha256(),
            lang=self._lang,
            members=step.members,
        )

    def _roll_up(self, steps: list[_Step]) -> _Step | None:
        """The step that adds up what is done; none where nothing is."""
        members, inputs = [], {}
        for step in steps:
            done = step.row["state"] == "done"
            place = step.target.relative_to(self._out).as_posix()
            members.append(step.about | {"folder": place if done else ""})
            if done:
                inputs[place] = sha256_file(step.target / MARK)
        if not inputs:
            return None
        about = dict.fromkeys(("area", "name", *LEVELS), "") | {"task": ROLL_UP}
        whole = _Step(about, self._out, self._out / ROLL_UP, inputs, members=tuple(members))
        told = {f"{row['area']}/{row['task']}": as_text(row) for row in members}
        whole.key = key_of(ROLL_UP, inputs | told, self._lang)
        whole.mark = read_mark(whole.target, whole.key)
        return whole

    def _tell(self, step: _Step, count: int) -> None:
        self._settled += 1
        if self._progress is not None:
            about = step.about
            self._progress(about["area"], about["task"], step.row["state"], self._settled, count)

    def _log(self, step: _Step, outcome: Outcome) -> None:
        """One line for each step that was done: the only place with clock and machine."""
        line = step.about | {
            "state": outcome.state,
            "code": outcome.code,
            "seconds": outcome.seconds,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": socket.gethostname(),
        }
        path = self._out / LOG
        torn = path.is_file() and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if torn else "") + json.dumps(line, ensure_ascii=False) + "\n")
