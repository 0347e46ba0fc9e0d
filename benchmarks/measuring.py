"""What every benchmark measures with: CPU seconds, the rise of memory, rows of JSON.

CPU seconds are user and system time of all threads, and of children that have ended. Wall time is
never judged: it tells how busy the machine was. Memory is the rise of the resident set above its
level before the call, in a fresh process that had its inputs loaded: nothing freed earlier can be
used again unseen.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib.metadata
import json
import math
import multiprocessing
import os
import platform
import resource
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "Fresh",
    "arguments",
    "cache_folder",
    "cpu_seconds",
    "exponent",
    "fresh",
    "median",
    "peak_rise",
    "row",
    "summary",
    "versions",
]

if sys.path and sys.path[0] == str(Path(__file__).resolve().parent):
    sys.path.append(sys.path.pop(0))  # dask.py here is not the package of that name

SIZES = ("small", "medium", "full")
GB = 1e9
PACKAGES = ("ecogis", "geopandas", "shapely", "numpy", "numba", "pandas", "pyproj")

Prepare = Callable[..., Callable[[], Any]]


@dataclass(frozen=True)
class Fresh:
    """One measurement in a process of its own.

    Attributes
    ----------
    cpu_s : list of float
        CPU of each run. [s]
    rise_gb : float
        Rise of memory in the first run. [10^9 bytes]
    peak_gb : float
        Highest level of the process, inputs and interpreter included. [10^9 bytes]
    result : object
        What was told of the last run's result.
    """

    cpu_s: list[float]
    rise_gb: float
    peak_gb: float
    result: Any


def cpu_seconds(function: Callable[[], object], repeats: int = 3) -> list[float]:
    """CPU of each of some runs in this process: threads and ended children included. [s]"""
    taken = []
    for _ in range(repeats):
        gc.collect()
        before = _cpu()
        function()
        taken.append(_cpu() - before)
    return taken


def peak_rise(prepare: Prepare, *given: object) -> float:
    """Rise of memory while ``prepare(*given)()`` runs, in a fresh process. [10^9 bytes]

    `prepare` is a function of a module: it loads the inputs and returns the call to measure.
    """
    return fresh(prepare, *given, repeats=1).rise_gb


def fresh(
    prepare: Prepare, *given: object, repeats: int = 1, tell: Callable[[Any], object] | None = None
) -> Fresh:
    """CPU and memory of the call that ``prepare(*given)`` returns, in a fresh process.

    The process is new, not a copy of this one. What `prepare` does is not measured: it loads the
    inputs and makes a small call first, so that modules and compiled code are loaded. `tell` makes
    a few numbers of the last result, also unmeasured. Both are functions of a module.
    """
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_measure, args=(theirs, prepare, given, repeats, tell))
    worker.start()
    theirs.close()
    try:
        measured: Fresh = mine.recv()
    except EOFError:
        worker.join()
        raise SystemExit(f"the measured process ended with {worker.exitcode}") from None
    worker.join()
    return measured


def _measure(
    pipe: Any,
    prepare: Prepare,
    given: tuple[object, ...],
    repeats: int,
    tell: Callable[[Any], object] | None,
) -> None:
    run = prepare(*given)
    kept: list[Any] = []
    gc.collect()
    _give_back()
    level = _reset_peak()
    cpu = cpu_seconds(lambda: kept.append(run()), 1)
    first_peak = _peak()
    for _ in range(repeats - 1):
        kept.clear()
        cpu += cpu_seconds(lambda: kept.append(run()), 1)
    peak = max(first_peak, _peak())
    result = tell(kept[-1]) if tell else None
    pipe.send(Fresh(cpu, (first_peak - level) / GB, peak / GB, result))
    pipe.close()


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _give_back() -> None:
    """Return freed memory to the system, so that it counts when it is taken again."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _reset_peak() -> int:
    """Forget the highest level so far where the system can; the level now. [bytes]"""
    forget = Path("/proc/self/clear_refs")
    if not forget.exists():
        return _peak()
    forget.write_text("5", encoding="ascii")
    return _status("VmRSS")


def _peak() -> int:
    """Highest level of the resident set. [bytes]"""
    if Path("/proc/self/status").exists():
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


def median(values: list[float]) -> float:
    """The middle of some values.

    >>> median([3.0, 1.0, 2.0])
    2.0
    """
    return float(statistics.median(values))


def exponent(small: tuple[float, float], large: tuple[float, float], start_up: float) -> float:
    """Power of the size with which CPU grows, its fixed part subtracted.

    `small` and `large` are (size, CPU seconds).

    >>> exponent((1.0, 3.0), (10.0, 21.0), 1.0)
    1.0
    """
    grown = (large[1] - start_up) / (small[1] - start_up)
    return math.log(grown) / math.log(large[0] / small[0])


def row(**values: object) -> None:
    """Print one row as one line of JSON; floats are rounded to six digits."""
    line = {name: _rounded(value) for name, value in values.items()}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _rounded(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def summary(benchmark: str, size: str, **values: object) -> None:
    """Print the last line: the figures a benchmark is judged by. What was not run is null."""
    row(benchmark=benchmark, size=size, summary=True, **values)


def versions() -> dict[str, str]:
    """Versions of Python, of the packages that are measured, of GEOS, and the number of cores."""
    import shapely

    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "python": platform.python_version(),
        **found,
        "geos": shapely.geos_version_string,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def cache_folder(name: str = "") -> Path:
    """Folder outside the repository in which inputs are kept between runs.

    ``ECOGIS_CACHE`` if it is set, else ``ecogis`` in the user's cache folder.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("ECOGIS_CACHE") or Path(home) / "ecogis") / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def arguments(
    about: str, given: list[str] | None = None, *, parts: tuple[str, ...] = ()
) -> argparse.Namespace:
    """``--size``, and ``--part`` where a benchmark has several (all of them by default)."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--size", choices=SIZES, default="small")
    if parts:
        parser.add_argument("--part", choices=parts, action="append", help="default: all")
    asked = parser.parse_args(given)
    if parts and not asked.part:
        asked.part = list(parts)
    return asked
