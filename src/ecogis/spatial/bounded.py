"""Geometry that may never end, done in a child process with a limit of time and memory.

GEOS cannot be interrupted: mending one polygon of a few thousand vertices that crosses itself
everywhere takes minutes, and the crossing of many lines takes all memory. The child is one
process for a batch; it is ended by the system when a shape has used up its processor time, and the
next shape gets a new one. Nothing is started while there is nothing to do.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.spatial.bounded_child import FACES, FAULT, HEADER, MEMORY, MENDED

__all__ = ["POLICY", "Bounds", "Child", "Mended", "faces", "mended"]

_SCRIPT: Final = Path(__file__).with_name("bounded_child.py")
_SLOW: Final = 20.0  # a machine so busy gives a process one second of its own in these
_GRACE_S: Final = 30.0  # to start, to send and to be sent
_WHY: Final = {FAULT: "fault", MEMORY: "memory"}

Objects = npt.NDArray[np.object_]
Shape = Any  # a shapely geometry


class Bounds(NamedTuple):
    """How much a child may use. Policies.

    Parameters
    ----------
    seconds : float
        Processor time for one shape. [s]
    batch_seconds : float
        Processor time for all shapes of a call. [s]
    megabytes : int
        Memory above what the child has after its start. [MiB]
    """

    seconds: float = 5.0
    batch_seconds: float = 60.0
    megabytes: int = 1024


POLICY: Final = Bounds()
"""What a child may use where nothing else is said."""


class Answer(NamedTuple):
    """What came back: a shape, or why there is none; and the processor time it took. [s]"""

    shape: Shape
    why: str
    seconds: float


class Mended(NamedTuple):
    """Polygons made valid.

    Attributes
    ----------
    shape : array of geometries
        Valid polygons, or what was given where `why` says so.
    why : array of str
        ``""`` where mended; otherwise ``"time"``, ``"batch"``, ``"memory"``, ``"fault"``,
        ``"crash"`` or ``"start"``.
    """

    shape: Objects
    why: Objects


class Child:
    """One process, started when first asked and again after it was ended.

    Examples
    --------
    >>> with Child(512) as child:
    ...     child.ask(MENDED, shapely.box(0, 0, 1, 1), 5.0).shape.area
    1.0
    """

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, operation: bytes, shape: Shape, seconds: float) -> Answer:
        """Have one operation done on one shape within so much processor time."""
        try:
            process = self._started()
        except OSError:
            return Answer(None, "start", 0.0)
        timed = hasattr(signal, "setitimer")
        watch = threading.Timer(seconds * (_SLOW if timed else 1.0) + _GRACE_S, process.kill)
        watch.start()
        try:
            return _exchange(process, operation, shapely.to_wkb(shape), seconds) or self._ended(
                seconds, overslept=not watch.is_alive()
            )
        finally:
            watch.cancel()

    def close(self) -> None:
        """End the process, if there is one; asking again starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  our own script, our own interpreter
                [sys.executable or "python3", "-P", str(_SCRIPT), str(self._megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_surroundings(),
            )
        return self._process

    def _ended(self, seconds: float, *, overslept: bool) -> Answer:
        """Why the process is no more."""
        process = self._process
        code = process.wait() if process is not None else 0
        self.close()
        if overslept or code == -getattr(signal, "SIGPROF", 0):
            return Answer(None, "time", seconds)
        return Answer(None, "memory" if code == -getattr(signal, "SIGKILL", 0) else "crash", 0.0)


def _surroundings() -> dict[str, str]:
    """Environment of the child: it finds the same packages, and keeps to one thread."""
    path = os.pathsep.join(filter(None, sys.path))
    return os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}


def _exchange(
    process: "subprocess.Popen[bytes]", operation: bytes, body: bytes, seconds: float
) -> Answer | None:
    """Send a request and wait for its answer; None where the process ended before."""
    requests, answers = process.stdin, process.stdout
    assert requests is not None  # noqa: S101  both were asked for as pipes
    assert answers is not None  # noqa: S101
    try:
        requests.write(HEADER.pack(operation, seconds, len(body)) + body)
        requests.flush()
        head = answers.read(HEADER.size)
        if len(head) < HEADER.size:
            return None
        status, taken, length = HEADER.unpack(head)
        answer = answers.read(length)
    except OSError:
        return None
    if len(answer) < length:
        return None
    return Answer(shapely.from_wkb(answer) if length else None, _WHY.get(status, ""), taken)


def mended(shapes: Any, bounds: Bounds = POLICY) -> Mended:
    """Make polygons valid by the structure of their rings, within bounds.

    The smaller ones go first, so that a hostile one does not use up their time.

    Parameters
    ----------
    shapes : array of polygons or multipolygons
        Mended one by one, valid or not.
    bounds : Bounds
        Time and memory.

    Returns
    -------
    Mended
        One entry for each shape, in their order.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> found = mended([bow_tie])
    >>> found.shape[0].area, found.why[0]
    (2.0, '')
    """
    given = np.array(shapes, dtype=object)
    why = np.full(len(given), "", dtype=object)
    left = bounds.batch_seconds
    with Child(bounds.megabytes) as child:
        for place in np.argsort(shapely.get_num_coordinates(given), kind="stable"):
            answer = Answer(None, "batch", 0.0)
            if left > 0:
                answer = child.ask(MENDED, given[place], min(bounds.seconds, left))
            left -= answer.seconds
            why[place] = answer.why
            if not answer.why:
                given[place] = answer.shape
    return Mended(given, why)


def faces(lines: Any, bounds: Bounds = POLICY) -> tuple[Objects, str]:
    """Faces between lines that may cross one another, within bounds.

    Parameters
    ----------
    lines : array of lines
        Of one plane.
    bounds : Bounds
        Time and memory; the batch is one shape.

    Returns
    -------
    tuple of array of polygons, str
        The faces; and ``""``, or why there are none, as in `Mended`.

    Examples
    --------
    >>> square = shapely.linestrings([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    >>> found, why = faces([square])
    >>> len(found), why
    (2, '')
    """
    given = np.asarray(lines, dtype=object)
    if not len(given):
        return given, ""
    with Child(bounds.megabytes) as child:
        answer = child.ask(FACES, shapely.multilinestrings(given), bounds.batch_seconds)
    found = shapely.get_parts(answer.shape) if not answer.why else given[:0]
    return np.asarray(found, dtype=object), answer.why
