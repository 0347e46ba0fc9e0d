"""A batch through Dask costs little more CPU than the same batch in local processes.

The batch is a province of the demo's maker: counties beside one another, added up. `overhead`
assesses them in turns: local workers, then a cluster of as many workers of Dask with certificates.
CPU is that of the batch and of all its processes; a warm run before loads compiled code. `scaling`
balances them locally, one county first, then always more beside those that are done.
"""

from __future__ import annotations

import hashlib
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import measuring

MAKER = Path(__file__).resolve().parents[1] / "data" / "demo"
WORKERS = 2
CLOCK = {"log.jsonl", ".lock"}
ASSESSED = 'tasks = ["assess"]'


@dataclass(frozen=True)
class Plan:
    """What a size runs.

    Attributes
    ----------
    stands : int
        In each county; parcels are twice as many.
    counties : tuple of int
        Sizes of the province for the scaling.
    compared : int
        Counties of the batch that is run both ways.
    rounds : int
        Of the comparison.
    """

    stands: int
    counties: tuple[int, ...]
    compared: int
    rounds: int


PLANS = {
    "small": Plan(150, (1, 2, 4), 4, 1),
    "medium": Plan(2_000, (1, 2, 5, 10, 20), 10, 2),
    "full": Plan(100_000, (1, 2, 5, 10, 20), 4, 1),
}


def province(counties: int, stands: int) -> Path:
    """Folder of a province, made where it is missing; a changed maker makes a new one."""
    sources = sorted((MAKER / "maker").glob("*.py"))
    text = b"".join(path.read_bytes() for path in [*sources, MAKER / "project.toml"])
    name = f"{counties}x{stands}-{hashlib.sha256(text).hexdigest()[:12]}"
    home = measuring.cache_folder("provinces")
    if not (home / name).is_dir():
        with tempfile.TemporaryDirectory(dir=home) as workplace:
            words = ["--scale", "province", "--counties", str(counties), "--clean"]
            words += ["--stands", str(stands), "--parcels", str(2 * stands)]
            words += ["--out", str(Path(workplace) / "made")]
            make = [sys.executable, str(MAKER / "make.py"), *words]
            subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
            (Path(workplace) / "made").rename(home / name)
    return home / name


def some(folder: Path, counties: int, task: str = "assess") -> Path:
    """A batch file of the first counties of a province."""
    text = (folder / "COUNTIES.toml").read_text(encoding="utf-8")
    if ASSESSED not in text:
        raise SystemExit(f"{folder / 'COUNTIES.toml'}: {ASSESSED!r} is not in it")
    text = text.replace(ASSESSED, f'tasks = ["{task}"]')
    file = folder / f"FIRST-{counties}.toml"
    parts = text.split("\n[[areas]]")
    file.write_text("\n[[areas]]".join(parts[: counties + 1]), encoding="utf-8")
    return file


def batched(file: Path, out: Path, *words: str) -> dict[str, Any]:
    """CPU of a batch with all its processes, and how it ended. [s]"""
    before = _cpu()
    line = [sys.executable, "-m", "ecogis", "batch", str(file), "--out", str(out)]
    line += ["--workers", str(WORKERS), "--quiet", *words]
    done = subprocess.run(line, cwd=out.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return {"cpu_s": _cpu() - before, "peak_gb": _largest()}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _largest() -> float:
    """Highest level any process has had until now. [10^9 bytes]"""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / measuring.GB


def content(out: Path) -> dict[str, str]:
    """SHA-256 of every file without a clock in it."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in CLOCK
    }


def overhead(plan: Plan, folder: Path, workplace: Path) -> dict[str, Any]:
    """Both ways in turns: CPU of each, and whether the bytes are the same."""
    file = some(folder, plan.compared)
    taken: dict[str, list[float]] = {"local": [], "dask": []}
    same = True
    for number in range(plan.rounds):
        found = []
        for way, words in {"local": (), "dask": ("--dask",)}.items():
            out = workplace / f"{way}-{number}"
            figures = batched(file, out, *words)
            taken[way].append(figures["cpu_s"])
            found.append(content(out))
            measuring.row(method=way, round=number, counties=plan.compared, **figures)
            shutil.rmtree(out)
        same = same and found[0] == found[1]
    local, through_dask = (measuring.median(taken[way]) for way in ("local", "dask"))
    return {"overhead": through_dask / local - 1, "same_bytes": same}


def scaling(plan: Plan, folder: Path, workplace: Path) -> dict[str, Any]:
    """CPU and memory of more and more counties, and what it costs to find that nothing is left.

    Counties that are done stay done: the CPU of so many is that of all calls until then.
    """
    told, spent, out = [], 0.0, workplace / "scaling"
    for counties in plan.counties:
        file = some(folder, counties, "balance")
        figures = batched(file, out)
        spent += figures.pop("cpu_s")
        told.append((counties, spent))
        again = batched(file, out)["cpu_s"]
        stands = counties * plan.stands
        measuring.row(
            method="local", counties=counties, stands=stands, parcels=2 * stands,
            cpu_s=spent, **figures, cpu_s_again=again,
        )  # fmt: skip
    shutil.rmtree(out)
    start = (told[0][1] * told[1][0] - told[1][1] * told[0][0]) / (told[1][0] - told[0][0])
    exponent = measuring.exponent(told[0], told[-1], max(min(start, told[0][1] / 2), 0.0))
    return {"exponent": exponent, "cpu_s": told[-1][1], "peak_gb": _largest()}


def main() -> None:
    """Run the parts, print the rows."""
    asked = measuring.arguments(__doc__ or "", parts=("scaling", "overhead"))
    plan = PLANS[asked.size]
    measuring.row(**measuring.versions(), distributed=version("distributed"))
    figures: dict[str, Any] = dict.fromkeys(
        ("overhead", "same_bytes", "exponent", "cpu_s", "peak_gb")
    )
    folder = province(max(*plan.counties, plan.compared), plan.stands)
    with tempfile.TemporaryDirectory() as workplace:
        task = "assess" if "overhead" in asked.part else "balance"
        batched(some(folder, 1, task), Path(workplace) / "warm")
        for name, part in (("scaling", scaling), ("overhead", overhead)):
            if name in asked.part:
                figures |= part(plan, folder, Path(workplace))
    measuring.summary("dask", asked.size, **figures)


if __name__ == "__main__":
    main()
