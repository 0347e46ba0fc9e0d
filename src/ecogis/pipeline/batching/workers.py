"""Steps in worker processes of this machine: one that dies takes only its own step with it."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import numba

from ecogis.core.errors import EcogisError
from ecogis.pipeline.batching.jobs import Job, Outcome, Perform, failed, perform

__all__ = ["in_processes"]


@contextmanager
def in_processes(workers: int) -> Iterator[Perform]:
    """Processes of this machine, each with one step at a time.

    Parameters
    ----------
    workers : int
        Most processes at once; each is started when it is first needed, and is no copy of this one.

    Yields
    ------
    callable
        Given steps, it yields each with its outcome as they end. A step whose process died, by a
        fault of a library or for want of memory, has failed with E440; a new process takes the
        next one.
    """
    threads = max(1, (os.cpu_count() or 1) // workers)
    crew = [_Worker(threads) for _ in range(workers)]
    try:
        yield lambda jobs: _performed(crew, deque(jobs))
    finally:
        for worker in crew:
            worker.close()


def _performed(crew: list["_Worker"], left: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
    for worker in crew:
        worker.give(left.popleft() if left else None)
    while busy := [worker for worker in crew if worker.job]:
        ready = wait([worker.pipe for worker in busy])
        told = []
        for worker in busy:
            if worker.job and worker.pipe in ready:
                told.append((worker.job, worker.result()))
                worker.give(left.popleft() if left else None)
        yield from told


class _Worker:
    """A process that does one step after the other, and is replaced when it dies."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._process: Any = None
        self.pipe: Any = None
        self.job: Job | None = None

    def _start(self) -> None:
        if self._process is not None:
            self.close()
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._threads), daemon=True)
        process.start()
        self._process = process
        theirs.close()

    def give(self, job: Job | None) -> None:
        """Hand over the next step, to a new process if the last one died."""
        self.job = job
        if job is None:
            return
        if self._process is None or not self._process.is_alive():
            self._start()
        try:
            self.pipe.send(job)
        except OSError:  # it died since
            self._start()
            with suppress(OSError):  # it died again: its closed pipe is what comes of the step
                self.pipe.send(job)

    def result(self) -> Outcome:
        """What came of the step; a closed pipe is a process that died."""
        try:
            outcome: Outcome = self.pipe.recv()
        except (EOFError, OSError):  # closed, or torn in the midst of an answer
            self._process.join()
            return failed(EcogisError("E440", detail=_ending(self._process.exitcode)))
        return outcome

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is None:
            return
        self.pipe.close()
        self._process.terminate()
        self._process.join()


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _serve(pipe: Connection, threads: int) -> None:
    """Do what comes through the pipe until it closes; end at once when the parent is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    with closing(pipe):
        while True:
            try:
                job = pipe.recv()
            except EOFError:
                return
            pipe.send(perform(job))


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    wait([parent.sentinel])
    os._exit(1)
