"""The pledge ledger: processes that want the same tonnes, kills while writing, appends a second.

``python benchmarks/registry.py --size small|medium|full [--part appends|contest|kills]``

Appends are single proposals, each a transaction of its own that is on disk before the next begins,
with every check on, in an SQLite ledger that holds claims already. Contests and kills are those of
the tests, with processes of their own, judged from the ledger afterwards.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import shapely

import measuring
from ecogis.registry import Claim, Ledger, Right, Survey

TESTS = Path(__file__).parents[1] / "tests" / "unit" / "registry"
WHY: dict[str, Any] = {"day": date(2026, 8, 31), "reason": "benchmark"}
VINTAGES = range(2027, 2032)
CELL = 0.002  # degrees, some 200 m
ON_A_SIDE = 12  # points


@dataclass(frozen=True)
class Plan:
    """What a size runs.

    Attributes
    ----------
    claims : int
        In the ledger before appends are timed.
    appends : int
        Timed.
    contests : tuple of (int, int)
        Processes, and rights they all want.
    kills : int
        Writers killed.
    """

    claims: int
    appends: int
    contests: tuple[tuple[int, int], ...]
    kills: int


PLANS = {
    "small": Plan(400, 100, ((8, 16),), 5),
    "medium": Plan(10_000, 1_000, ((8, 200), (16, 200)), 50),
    "full": Plan(10_000, 2_000, ((8, 1_000), (16, 1_000)), 500),
}


def right(number: int) -> Right:
    """The right of a parcel."""
    return Right(f"441899101207JE{number:05d}L00000001", "forest_ownership", f"{number}")


def parcel(number: int, columns: int) -> shapely.Polygon:
    """A parcel of a bent grid; neighbours share their border point for point."""
    column, row = number % columns, number // columns
    along = np.arange(ON_A_SIDE) / ON_A_SIDE
    sides = [(along, 0 * along), (0 * along + 1, along), (1 - along, 0 * along + 1)]
    sides.append((0 * along, 1 - along))
    x = np.concatenate([side[0] for side in sides]) + column
    y = np.concatenate([side[1] for side in sides]) + row
    bent_x = x + 0.21 * np.sin(2.3 * y + 0.7 * x)
    bent_y = y + 0.21 * np.sin(2.9 * x + 0.3 * y)
    return shapely.Polygon(np.column_stack([113 + CELL * bent_x, 24 + CELL * bent_y]))


def filled(folder: Path, claims: int) -> Ledger:
    """A ledger of parcels with claims on all vintages but the last."""
    ledger = Ledger.create(
        folder / "ledger.db", "A", clock=lambda: datetime(2026, 9, 1, tzinfo=UTC)
    )
    taken = len(VINTAGES) - 1
    rights = claims // taken
    columns = int(rights**0.5)
    yields = dict.fromkeys(VINTAGES, 1_000)
    ledger.survey([Survey(right(n), parcel(n, columns), yields) for n in range(rights)], **WHY)
    for vintage in VINTAGES[:taken]:
        ledger.propose([Claim(right(n), vintage, 600, "lender") for n in range(rights)], **WHY)
    return ledger


def appended(plan: Plan) -> dict[str, Any]:
    """Propose one claim after the other on the last vintage."""
    folder = Path(tempfile.mkdtemp(prefix="ecogis-registry-"))
    try:
        with filled(folder, plan.claims) as ledger:
            held, before = len(ledger.claims()), _cpu()
            start, order = time.perf_counter(), np.random.default_rng(1)
            rights = plan.claims // (len(VINTAGES) - 1)
            chosen = order.permutation(rights)[: plan.appends]
            for number in chosen:
                ledger.propose([Claim(right(int(number)), VINTAGES[-1], 600, "lender")], **WHY)
            clock_s, cpu_s = time.perf_counter() - start, _cpu() - before
            before = _cpu()
            findings = ledger.verify([ledger.head()]).count()
            return {
                "claims_before": held,
                "appends": len(chosen),
                "clock_s": clock_s,
                "cpu_s": cpu_s,
                "verify_cpu_s": _cpu() - before,
                "findings": findings,
            }
    finally:
        shutil.rmtree(folder)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def of_the_tests(script: str, *words: object) -> dict[str, Any]:
    """What a script of the tests found in processes of its own."""
    line = [sys.executable, str(TESTS / script), *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def contested(writers: int, rights: int) -> dict[str, Any]:
    """Processes that want the same rights at once, in a new ledger."""
    folder = Path(tempfile.mkdtemp(prefix="ecogis-registry-"))
    try:
        ledger = folder / "ledger.db"
        told = of_the_tests("contest.py", ledger, f"{ledger}.key", writers, rights)
        double, nobody = len(told["double"]), len(told["none"])
        counts = {"double": double, "nobody": nobody, "findings": told["findings"]}
        return {"processes": writers, "rights": rights, "attempts": told["attempts"]} | counts
    finally:
        shutil.rmtree(folder)


def killed(rounds: int) -> dict[str, Any]:
    """Writers killed at random moments, on one ledger."""
    folder = Path(tempfile.mkdtemp(prefix="ecogis-registry-"))
    try:
        return {"kills": rounds} | of_the_tests("killing.py", folder / "ledger.db", rounds, 1)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Run the parts, print the rows."""
    asked = measuring.arguments(__doc__ or "", parts=("appends", "contest", "kills"))
    plan = PLANS[asked.size]
    measuring.row(**measuring.versions(), sqlalchemy=version("sqlalchemy"))
    appends = appended(plan) if "appends" in asked.part else None
    contests = [contested(*each) for each in plan.contests if "contest" in asked.part]
    kills = killed(plan.kills) if "kills" in asked.part else None
    for found in filter(None, (appends, *contests, kills)):
        measuring.row(**found)
    measuring.summary(
        "registry",
        asked.size,
        attempts=sum(each["attempts"] for each in contests) if contests else None,
        double_pledges=sum(each["double"] for each in contests) if contests else None,
        lost=kills["lost"] if kills else None,
        appends_per_s=appends["appends"] / appends["clock_s"] if appends else None,
        appends_per_cpu_s=appends["appends"] / appends["cpu_s"] if appends else None,
    )


if __name__ == "__main__":
    main()
