"""The child that does the geometry which may never end, within limits the system holds it to.

Run as a script by `ecogis.spatial.bounded`. It imports nothing of ecogis, so it starts in a sixth
of a second. A request is an operation, the processor time it may take [s] and the length of the
well-known binary that follows; an answer is a status, the time taken [s] and what it is made of.
"""

import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Final

import shapely

__all__ = ["FACES", "FAULT", "HEADER", "MEMORY", "MENDED", "OPERATIONS", "faces", "mended", "serve"]

HEADER: Final = struct.Struct("<cdQ")
"""First bytes of a request or an answer: what, seconds, length of the rest."""

MENDED: Final = b"v"
FACES: Final = b"f"
FAULT: Final = b"x"
MEMORY: Final = b"m"

_AREAL: Final = (3, 6)
_MEBIBYTE: Final = 1 << 20

Shape = Any  # a shapely geometry


def mended(shape: Shape) -> Shape:
    """A polygon made valid by the structure of its rings; lines that collapse are left out.

    >>> mended(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])).area
    2.0
    """
    found = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if shapely.get_type_id(found) in _AREAL:
        return found
    parts = shapely.get_parts(shapely.get_parts(found))
    areal = parts[shapely.get_type_id(parts) == _AREAL[0]]
    return shapely.union_all(areal) if len(areal) else shapely.Polygon()


def faces(lines: Shape) -> Shape:
    """The faces between lines that may cross one another, as a collection of polygons.

    >>> cross = shapely.MultiLineString([[(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]])
    >>> sorted(face.area for face in faces(cross).geoms)
    [1.0, 1.0]
    """
    noded = shapely.union_all(shapely.get_parts(lines))
    return shapely.polygonize(shapely.get_parts(noded))


OPERATIONS: Final[dict[bytes, Callable[[Shape], Shape]]] = {MENDED: mended, FACES: faces}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while len(head := requests.read(HEADER.size)) == HEADER.size:
        operation, seconds, length = HEADER.unpack(head)
        body = requests.read(length)
        began = time.process_time()
        _allow(seconds)
        status, answer = _answer(operation, body)
        _allow(0.0)
        answers.write(HEADER.pack(status, time.process_time() - began, len(answer)))
        answers.write(answer)
        answers.flush()


def _answer(operation: bytes, body: bytes) -> tuple[bytes, bytes]:
    try:
        found = OPERATIONS[operation](shapely.from_wkb(body))
        return operation, shapely.to_wkb(found)
    except MemoryError:
        return MEMORY, b""
    except (shapely.errors.ShapelyError, ValueError, TypeError) as fault:
        return (MEMORY if "bad_alloc" in str(fault) else FAULT), b""


def _allow(seconds: float) -> None:
    """Let the system end this process after so much processor time; 0 for no end."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _hold_memory(megabytes: int) -> None:
    """Let the process grow by no more than this, where the system can say so."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as now:  # noqa: PTH123  no Path at start
            used = int(now.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * _MEBIBYTE,) * 2)


if __name__ == "__main__":
    _hold_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, sys.stdout.buffer)
