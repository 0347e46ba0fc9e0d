"""A whole county is balanced in a minute of CPU: from its files to its workbook.

The county is the demo's maker's, faults and two surveys included. `balance` reads, looks, lays the
stands over the parcels, grows them through the crediting period, accounts, and writes workbook and
tables; `assess` runs every stage and writes nothing. Start-up counts in both.
"""

from __future__ import annotations

import hashlib
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import measuring

MAKER = Path(__file__).resolve().parents[1] / "data" / "demo"
TINY = 200
LAYERS = {
    'path = "stands.gpkg"\nlayer = "小班_2024"': 'path = "stands_小班_2024.parquet"',
    'path = "stands.gpkg"\nlayer = "小班_2019"': 'path = "stands_小班_2019.parquet"',
    'path = "parcels.gpkg"\nlayer = "宗地"': 'path = "parcels.parquet"',
}
FILE = "project.toml"
VOLUME = 0.02  # limit of the difference of volume where a project states none
LIMIT = re.compile(r"(?m)^difference_area_share = (\S+)$")


@dataclass(frozen=True)
class Plan:
    """What a size runs.

    Attributes
    ----------
    stands : tuple of int
        Of the county that is judged and of the larger one; parcels are twice as many.
    """

    stands: tuple[int, int]


PLANS = {
    "small": Plan((1_000, 2_000)),
    "medium": Plan((20_000, 100_000)),
    "full": Plan((100_000, 500_000)),
}


def county(stands: int) -> Path:
    """Folder of a county and its project file, made where it is missing; by a hash of the maker."""
    text = b"".join(path.read_bytes() for path in sorted((MAKER / "maker").glob("*.py")))
    home = measuring.cache_folder("counties")
    folder = home / f"{stands}-{hashlib.sha256(text).hexdigest()[:12]}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=home) as workplace:
            made = Path(workplace) / "made"
            words = ["--stands", str(stands), "--parcels", str(2 * stands), "--format", "parquet"]
            make = [sys.executable, str(MAKER / "make.py"), *words, "--out", str(made)]
            subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
            made.rename(folder)
    (folder / FILE).write_text(_project(stands), encoding="utf-8")
    return folder


def _project(stands: int) -> str:
    """The demo's project file, its layers in GeoParquet.

    The planted faults are as many in a small county: there the limits of the difference are wider.
    """
    text = (MAKER / FILE).read_text(encoding="utf-8")
    for before, after in LAYERS.items():
        if before not in text:
            raise SystemExit(f"{MAKER / FILE}: {before!r} is not in it")
        text = text.replace(before, after)
    stated = LIMIT.search(text)
    if stated is None:
        raise SystemExit(f"{MAKER / FILE}: it states no limit of the difference of area")
    wider = max(float(stated[1]), 10 / stands)
    shares = {"area": wider, "volume": max(VOLUME, 20 / stands)}
    lines = [f"difference_{name}_share = {share:g}" for name, share in shares.items()]
    return LIMIT.sub("\n".join(lines), text)


def balancing(folder: Path) -> Callable[[], dict[str, Any]]:
    """The call that balances a county and writes its files."""

    def run() -> dict[str, Any]:
        import ecogis as eg
        from ecogis.core.errors import IdentityError

        clock = _Clock()
        with tempfile.TemporaryDirectory() as out:
            try:
                result = eg.balance(folder / FILE, progress=clock)
                result.write(Path(out) / "balance", progress=clock)
            except IdentityError as broken:
                return {"shares": clock.shares(), "identities_broken": 1, "why": str(broken)}
        return {"shares": clock.shares(), "identities_broken": 0}

    return run


def assessing(folder: Path) -> Callable[[], dict[str, Any]]:
    """The call that assesses a county."""

    def run() -> dict[str, Any]:
        import ecogis as eg

        clock = _Clock()
        pieces = len(eg.assess(folder / FILE, progress=clock).pieces)
        return {"shares": clock.shares(), "pieces": pieces}

    return run


class _Clock:
    """CPU of each stage, children that ended included, told as shares of the whole."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = [("start", 0.0)]

    def __call__(self, stage: str, *_: int) -> None:
        self.seen.append((stage, self._now()))

    def shares(self) -> dict[str, float]:
        ends = [*(at for _, at in self.seen[1:]), self._now()]
        spent = [(name, end - at) for (name, at), end in zip(self.seen, ends, strict=True)]
        return {name: round(cpu / ends[-1], 4) for name, cpu in spent}

    @staticmethod
    def _now() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)


def _itself(told: Any) -> Any:
    return told


def measured(method: str, stands: int) -> measuring.Fresh:
    """One run in a fresh process, and a row about it."""
    prepare = {"balance": balancing, "assess": assessing}[method]
    found = measuring.fresh(prepare, county(stands), tell=_itself)
    measuring.row(
        method=method, stands=stands, parcels=2 * stands,
        cpu_s=found.cpu_s[0], peak_gb=found.peak_gb, **found.result,
    )  # fmt: skip
    return found


def main() -> None:
    """Run the parts, print the rows."""
    asked = measuring.arguments(__doc__ or "", parts=("balance", "exponent", "assess"))
    few, many = PLANS[asked.size].stands
    measuring.row(**measuring.versions())
    figures: dict[str, Any] = dict.fromkeys(
        ("cpu_s", "peak_gb", "exponent", "identities_broken", "assess_cpu_s", "assess_peak_gb")
    )
    measured("balance", TINY)  # loads compiled code into the cache
    start = measured("balance", TINY).cpu_s[0]
    if "balance" in asked.part or "exponent" in asked.part:
        one = measured("balance", few)
        figures |= {"cpu_s": one.cpu_s[0], "peak_gb": one.peak_gb}
        figures["identities_broken"] = one.result["identities_broken"]
        if "exponent" in asked.part:
            other = measured("balance", many)
            sizes = (few, one.cpu_s[0]), (many, other.cpu_s[0])
            figures["exponent"] = measuring.exponent(*sizes, start)
            figures["identities_broken"] += other.result["identities_broken"]
    if "assess" in asked.part:
        whole = measured("assess", few)
        figures |= {"assess_cpu_s": whole.cpu_s[0], "assess_peak_gb": whole.peak_gb}
    measuring.summary("county", asked.size, start_up_cpu_s=start, **figures)


if __name__ == "__main__":
    main()
