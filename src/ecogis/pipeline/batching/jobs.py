"""One step as a worker does it: from a project file to a sealed draft, or to why not."""

import logging
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import pandas as pd

from ecogis import io
from ecogis.core.errors import (
    ConfigError,
    EcogisError,
    InputError,
    NotInForceError,
    StageRefusedError,
)
from ecogis.core.findings import Findings
from ecogis.core.provenance import canonical_json, sha256_text
from ecogis.pipeline.batching.inputs import inputs_of, program_sha256
from ecogis.pipeline.batching.marks import Mark, draft_in, sealed
from ecogis.pipeline.batching.rolling import roll_up
from ecogis.pipeline.batching.tasks import task
from ecogis.pipeline.run import Run, open_project

__all__ = ["ROLL_UP", "Job", "Outcome", "Perform", "failed", "key_of", "perform"]

ROLL_UP: Final = "rollup"
_SCHEMA: Final = "ecogis-batch/1"
_ONE_AT_A_TIME: Final = threading.Lock()  # memory is bounded by the largest area
_SEVERITIES: Final = ("note", "warning", "error")
_MAY_PASS: Final = frozenset({"E162", "E163", "E164", "E810", "E814"})  # disk or ledger, no input
_CONTROL: Final = frozenset({"Cc", "Cs"})


log = logging.getLogger(__name__)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A step to be done.

    Attributes
    ----------
    area, task : str
        Whose step; the roll-up has no area.
    source : str
        Project file of the area; of the roll-up, the folder of the batch.
    key : str
        Hash of everything the step depends on.
    inputs : dict of str to str
        SHA-256 of each input, by name.
    work : str
        Folder of drafts.
    program : str
        Hash of the program that asks; a worker with another one refuses.
    lang : str or None
        Language of the outputs; None for the project's own.
    members : tuple
        Of the roll-up, what it is made of.
    """

    area: str
    task: str
    source: str
    key: str
    inputs: dict[str, str]
    work: str
    program: str
    lang: str | None = None
    members: tuple[dict[str, str], ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a step: its state, its draft, how long it took, and why it failed."""

    state: str
    draft: str = ""
    seconds: float = 0.0
    findings: dict[str, int] = {}
    code: str = ""
    zh: str = ""
    en: str = ""


Perform = Callable[[Iterable[Job]], Iterator[tuple[Job, Outcome]]]
"""Given steps, yields each with its outcome, in the order they end."""


def key_of(task_name: str, inputs: dict[str, str], lang: str | None) -> str:
    """Hash of everything a step depends on: its inputs, its task, its options, this program."""
    record = {"schema": _SCHEMA, "task": task_name, "lang": lang, "program": program_sha256()}
    return sha256_text(canonical_json(record | {"inputs": inputs}))


def failed(fault: Exception) -> Outcome:
    """The outcome of a step that left nothing, whatever went wrong with it."""
    told = _told(fault)
    return Outcome(state="failed", code=told.code, zh=_shown(told.zh), en=_shown(told.en))


def _told(fault: Exception) -> EcogisError:
    """The fault as one of ours: the machine's by name, any other as an internal one."""
    if isinstance(fault, EcogisError):
        return fault
    brief = " ".join(str(fault).split())[:300]
    if isinstance(fault, OSError):
        detail = fault.strerror or brief
        return EcogisError("E516", file=fault.filename or "—", detail=detail)
    if isinstance(fault, MemoryError):
        return EcogisError("E518", detail=brief or "MemoryError")
    return EcogisError("E450", detail=f"{type(fault).__name__}: {brief}")


def _shown(text: str) -> str:
    """A text that any file can hold: control characters and broken names as escapes."""
    return "".join(
        ascii(sign)[1:-1] if unicodedata.category(sign) in _CONTROL else sign for sign in text
    )


def perform(job: Job) -> Outcome:
    """Do a step in this process; whatever goes wrong is told and never raised.

    The draft is the caller's to publish: a process that outlives its batch can publish nothing.
    """
    started = time.monotonic()
    draft = draft_in(Path(job.work))
    with _ONE_AT_A_TIME:
        try:
            outcome = _performed(job, draft)
        except Exception as fault:
            log.debug("%s %s", job.area, job.task, exc_info=True)
            outcome = failed(fault)
    if outcome.state == "failed":
        shutil.rmtree(draft, ignore_errors=True)
    return msgspec.structs.replace(outcome, seconds=round(time.monotonic() - started, 3))


def _performed(job: Job, draft: Path) -> Outcome:
    if job.program != program_sha256():
        raise ConfigError("E448")
    mark = Mark(key=job.key, state="done", inputs=job.inputs, outputs={}, findings={})
    if job.task == ROLL_UP:
        counted = roll_up(Path(job.source), job.members, draft, job.lang or "zh")
        return _sealed(draft, msgspec.structs.replace(mark, findings=counted))
    run = None
    try:
        run = Run(open_project(Path(job.source)))
        findings = task(job.task)(run, draft, job.lang)
    except (StageRefusedError, InputError, NotInForceError) as fault:
        if fault.code in _MAY_PASS:  # the same inputs need not be refused again
            raise
        findings = (Findings() if run is None else run.findings).table()
        mark = _refused(mark, fault, draft, findings)
    if inputs_of(Path(job.source)) != job.inputs:
        raise ConfigError("E452", file=job.source)
    return _sealed(draft, msgspec.structs.replace(mark, findings=_counted(findings)))


def _refused(mark: Mark, fault: EcogisError, draft: Path, findings: pd.DataFrame) -> Mark:
    """The same inputs would be refused again: leave the findings that say why."""
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    io.write_csv(draft / "findings.csv", findings)
    changed: dict[str, str] = {"state": "refused", "code": fault.code}
    return msgspec.structs.replace(mark, **changed, zh=fault.zh, en=fault.en)


def _counted(findings: pd.DataFrame) -> dict[str, int]:
    counts = findings["severity"].value_counts()
    return {name: int(counts.get(name, 0)) for name in _SEVERITIES}


def _sealed(draft: Path, mark: Mark) -> Outcome:
    mark = sealed(draft, mark)
    return Outcome(
        state=mark.state,
        draft=str(draft),
        findings=mark.findings,
        code=mark.code,
        zh=mark.zh,
        en=mark.en,
    )
