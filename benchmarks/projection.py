"""Every stand, every year: the kernels beside NumPy, beside plain writing, and from a cold start.

``python benchmarks/projection.py --size small|medium|full``

Stands of 100 classes, each class with its own Chapman-Richards curve, are followed year by year
and turned into carbon dioxide. Ours is what the package calls: the age table from the curves, each
stand scaled to its surveyed volume, whole kilograms. The peers are the same formula in NumPy, by
stand: in one line, and in blocks of 4,096 stands that write into the result. Methods take turns in
one process; the median of the rounds is told. How fast this machine writes and reads is measured
in the same rounds by plain loops, compiled the same way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit

import measuring
from ecogis import carbon, growth
from ecogis.carbon.kernels import add_group_kg, fill_kg
from ecogis.core.findings import Findings
from ecogis.growth.kernels import fill_richards, fill_volume
from ecogis.numerics.runs import YearRuns, year_runs
from ecogis.numerics.streaming import aligned_zeros
from ecogis.numerics.threads import in_parts

Floats = npt.NDArray[np.float64]

# stands, years, rounds, cold starts; stands and years of the totals whose memory is told
SIZES = {
    "small": (20_000, 60, 3, 1, 50_000, 100),
    "medium": (100_000, 60, 7, 7, 1_000_000, 100),
    "full": (100_000, 60, 7, 7, 1_000_000, 100),
}
CLASSES, GROUPS, OLDEST = 100, 64, 100
SURVEY = date(2024, 12, 31)
SEED, BLOCK = 60, 4_096

LINE, CHUNKED = "NumPy in one line", "NumPy in blocks"
CHUNKED_TOTALS = "NumPy in blocks, added up by group"
VOLUME, STANDS, GROUPED = "fill_volume", "fill_kg", "add_group_kg"
LEAP_STANDS, LEAP_GROUPED = "fill_kg, leap years between", "add_group_kg, leap years between"
EXACT = "fill_richards"
PUBLIC, PUBLIC_GROUPED = "carbon.stand_kg", "carbon.group_kg"
FILL, FILL_TWO = "plain fill", "plain fill, two threads"
TRIAD, TWO = "triad, two threads", "fill_kg, two threads"

ADD_UP = """
import numpy as np
from ecogis.numerics.run_kernels import add_whole_runs
from ecogis.numerics.runs import year_runs
runs = year_runs(np.ones((1, 9)), np.zeros((1, 2), np.int32), np.zeros((1, 2)))
one, zero, out = np.ones(1), np.zeros(1, np.int32), np.zeros((1, 2), np.int64)
add_whole_runs(runs.table, zero, zero, one, one, zero, runs.first, runs.low, runs.high,
               runs.offset, runs.layer, runs.part, zero, out)
assert out[0, 0] == 1
"""
COLD = {
    "cold_s": ADD_UP,
    "cold_carbon_s": "import ecogis.carbon.kernels" + ADD_UP,
    "cold_growth_s": """
import ecogis as eg
import pandas as pd
law = {"asymptote": 300.0, "rate": 0.05, "shape": 2.0}
curve = eg.growth.Curve("a", "richards", law, 0.0, 90.0)
curves = eg.growth.CurveSet("one", "1", (curve,), {"a": "a"})
stands = pd.DataFrame({"stand": ["A"], "species": ["a"], "land_class": ["arbor_forest"],
                       "age_yr": [9], "standing_volume": [50.0],
                       "survey_date": [pd.Timestamp("2024-12-31")]})
eg.growth.standing_volume(stands, range(2025, 2031), curves=curves)
""",
}  # fmt: skip


@njit(nogil=True, error_model="numpy")
def fill(value: float, out: Floats) -> None:
    """Write one value everywhere."""
    flat = out.ravel()
    for i in range(flat.size):
        flat[i] = value


@njit(nogil=True, error_model="numpy")
def triad(a: Floats, b: Floats, c: Floats, factor: float) -> None:
    """Read two arrays and write a third."""
    for i in range(a.size):
        a[i] = b[i] + factor * c[i]


class Case:
    """Stands with everything the methods need; arrays by stand, `since` by year."""

    def __init__(self, stands: int, years: int, year_day: tuple[int, int] = (12, 31)) -> None:
        rng = np.random.default_rng(SEED)
        klass = rng.integers(0, CLASSES, stands)
        self.rate = (0.02 + 0.03 * np.arange(CLASSES) / CLASSES)[klass]
        self.shape = (1.5 + 2.0 * (np.arange(CLASSES) * 37 % CLASSES) / CLASSES)[klass]
        self.age = rng.integers(1, OLDEST + 1, stands)
        self.asymptote = rng.uniform(200.0, 800.0, stands)
        self.group = rng.integers(0, GROUPS, stands).astype(np.int32)
        self.area = rng.integers(100_000, 30_000_000, stands)  # 0.1 to 30 ha
        self.t_per_m3 = rng.uniform(1.1, 2.6, CLASSES)[klass]
        self.years, self.stands = years, stands
        now = self.asymptote * (1.0 - np.exp(-self.rate * self.age)) ** self.shape
        names = pd.array([f"S{i:07d}" for i in range(stands)], dtype="string")
        species = np.array([f"c{c:03d}" for c in range(CLASSES)])[klass]
        survey = {"survey_date": pd.Timestamp(SURVEY), "standing_volume": now}
        table = pd.DataFrame(
            {"stand": names, "species": species, "land_class": "arbor_forest", "age_yr": self.age}
            | survey
        )
        instants = [date(2025 + year, *year_day) for year in range(years)]
        self.paths = growth.trajectories(
            table, instants, curves=self._curves(years), findings=Findings()
        )
        self.per_m3 = pd.DataFrame({"stand": names, "co2e_t_m3": self.t_per_m3})
        self.since = (self.paths.whole + self.paths.part)[0]
        self.size = self.t_per_m3 * 1000.0 * (self.area * 1e-6)
        self.runs = year_runs(self.paths.table.values, self.paths.whole, self.paths.part)

    def _curves(self, years: int) -> growth.CurveSet:
        laws = [
            {"asymptote": 400.0, "rate": rate, "shape": shape}
            for rate, shape in zip(
                0.02 + 0.03 * np.arange(CLASSES) / CLASSES,
                1.5 + 2.0 * (np.arange(CLASSES) * 37 % CLASSES) / CLASSES,
                strict=True,
            )
        ]
        curves = tuple(
            growth.Curve(f"c{c:03d}", "richards", law, 0.0, float(OLDEST + years + 2))
            for c, law in enumerate(laws)
        )
        return growth.CurveSet("benchmark", "1", curves, {one.name: one.name for one in curves})

    def looked_up(self, low: int = 0, high: int | None = None) -> tuple[Any, ...]:
        """What the look-up kernels take, of some stands: up to the size, and after it."""
        paths, runs, at = self.paths, self.runs, slice(low, high)
        return (runs.table, paths.curve[at], paths.age[at], paths.scale[at], self.size[at],
                paths.survey[at], *_of_runs(runs))  # fmt: skip

    def own(self) -> tuple[Any, ...]:
        """What the kernel of own parameters takes."""
        runs, ones = self.runs, np.ones(self.stands)
        values = np.column_stack([self.asymptote * self.t_per_m3, self.rate, self.shape, ones])
        limits = np.column_stack([0.0 * ones, np.inf * ones])
        return (values, limits, self.age.astype(np.float64), self.paths.survey, runs.first,
                runs.low, runs.high, runs.steady, self.since[None])  # fmt: skip

    def in_one_line(self) -> Floats:
        """CO2e by stand and year, temporaries and all. [t ha-1]"""
        at = self.age[:, None] + self.since
        risen = 1.0 - np.exp(-self.rate[:, None] * at)
        return (self.asymptote * self.t_per_m3)[:, None] * risen ** self.shape[:, None]

    def in_blocks(self, out: Floats, added: Floats | None = None) -> Floats:
        """The same in blocks that fit the cache, each step in place; added up by group if asked."""
        for low in range(0, self.stands, BLOCK):
            at = slice(low, low + BLOCK)
            block = out[at] if added is None else out[: len(self.age[at])]
            np.add(self.age[at, None], self.since, out=block)
            np.multiply(block, -self.rate[at, None], out=block)
            np.exp(block, out=block)
            np.subtract(1.0, block, out=block)
            np.power(block, self.shape[at, None], out=block)
            np.multiply(block, (self.asymptote[at] * self.t_per_m3[at])[:, None], out=block)
            if added is not None:
                np.add.at(added, self.group[at], block)
        return out


def _of_runs(runs: YearRuns) -> tuple[Any, ...]:
    return runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part


def two_threads(work: Callable[[int, int, int], None], rows: int) -> None:
    """Half of the rows each."""
    in_parts(work, [(0, rows // 2), (rows // 2, rows)])


def methods(case: Case, leap: Case) -> dict[str, Callable[[], object]]:
    """Every method by name; those of ours write into arrays that are there."""
    shape = (case.stands, case.years)
    floats = np.zeros(shape)
    whole = floats.view(np.int64)  # all methods write to the same place
    sums = aligned_zeros(GROUPS, case.years)  # as the package lays them out
    volume = [each for i, each in enumerate(case.looked_up()) if i != 4]
    flat, other, third = (np.zeros(floats.size) for _ in range(3))
    added, own = np.zeros((GROUPS, case.years)), case.own()

    def halves(_: int, low: int, high: int) -> None:
        fill_kg(*case.looked_up(low, high), whole[low:high])

    def plain(_: int, low: int, high: int) -> None:
        fill(1.5, floats[low:high])

    def stream(_: int, low: int, high: int) -> None:
        triad(flat[low:high], other[low:high], third[low:high], 3.0)

    return {
        LINE: case.in_one_line,
        CHUNKED: lambda: case.in_blocks(floats),
        CHUNKED_TOTALS: lambda: case.in_blocks(floats, added),
        VOLUME: lambda: fill_volume(*volume, floats),
        STANDS: lambda: fill_kg(*case.looked_up(), whole),
        LEAP_STANDS: lambda: fill_kg(*leap.looked_up(), whole),
        GROUPED: lambda: add_group_kg(*case.looked_up(), case.group, sums),
        LEAP_GROUPED: lambda: add_group_kg(*leap.looked_up(), leap.group, sums),
        EXACT: lambda: fill_richards(*own, floats),
        PUBLIC: lambda: carbon.stand_kg(case.paths, case.per_m3, case.area, out=whole),
        PUBLIC_GROUPED: lambda: carbon.group_kg(
            case.paths, case.per_m3, case.area, case.group, GROUPS
        ),
        FILL: lambda: fill(1.5, floats),
        FILL_TWO: lambda: two_threads(plain, case.stands),
        TWO: lambda: two_threads(halves, case.stands),
        TRIAD: lambda: two_threads(stream, flat.size),
    }


def race(case: Case, leap: Case, rounds: int) -> dict[str, float]:
    """Median CPU of each method, each run once before. [s]"""
    every = methods(case, leap)
    taken: dict[str, list[float]] = {name: [] for name in every}
    for method in every.values():
        method()
    for _ in range(rounds):
        for name, method in every.items():
            taken[name] += measuring.cpu_seconds(method, 1)
    cells = case.stands * case.years
    for name, seconds in taken.items():
        middle = measuring.median(seconds)
        measuring.row(
            part="speed",
            method=name,
            stands=case.stands,
            years=case.years,
            cpu_s=middle,
            million_stand_years_per_s=cells / middle / 1e6,
            rounds=[round(one, 5) for one in seconds],
        )
    return {name: measuring.median(seconds) for name, seconds in taken.items()}


def agreement(case: Case) -> None:
    """Ours beside the formula in NumPy, for the first stands; totals beside stands."""
    some = slice(0, min(case.stands, 20_000))
    whole = np.zeros((case.stands, case.years), np.int64)
    fill_kg(*case.looked_up(), whole)
    sums = np.zeros((GROUPS, case.years), np.int64)
    add_group_kg(*case.looked_up(), case.group, sums)
    expected = np.zeros_like(sums)
    np.add.at(expected, case.group, whole)
    exact = np.zeros(whole.shape)
    fill_richards(*case.own(), exact)
    formula = case.in_one_line()[some]
    kg = formula * (case.area[some] * 1e-3)[:, None]
    measuring.row(
        part="agreement",
        max_abs_diff_kg=float(np.abs(whole[some] - kg).max()),
        max_rel_diff_exact=float(np.abs(exact[some] / formula - 1.0).max()),
        totals_equal=bool((sums == expected).all()),
    )


def totals_of(stands: int, years: int) -> Callable[[], object]:
    """A call that adds up all stands by group; for a process of its own."""
    case = Case(stands, years)
    small = Case(10, years)
    carbon.group_kg(small.paths, small.per_m3, small.area, small.group, GROUPS)
    return lambda: carbon.group_kg(case.paths, case.per_m3, case.area, case.group, GROUPS)


def cold(rounds: int) -> dict[str, float]:
    """CPU of a new process until its first result, compiled code kept from before. [s]

    NumPy and SciPy bring a BLAS each, whose threads spin while they wait for work that the
    kernels never give them: here they are told not to start.
    """
    found, alone = {}, os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    for name, code in COLD.items():
        command = [sys.executable, "-c", code]
        run = partial(subprocess.run, command, check=True, env=alone)
        run()
        start = measuring.cpu_seconds(run, rounds)
        found[name] = measuring.median(start)
        measuring.row(part="cold start", what=name, cpu_s=found[name])
    return found


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    size = measuring.arguments(__doc__, given).size
    stands, years, rounds, starts, many, long = SIZES[size]
    measuring.row(**measuring.versions())
    case, leap = Case(stands, years), Case(stands, years, (1, 1))
    agreement(case)
    cpu = race(case, leap, rounds)
    totals = measuring.fresh(totals_of, many, long, repeats=rounds)
    seconds = measuring.median(totals.cpu_s)
    measuring.row(part="totals", stands=many, years=long, cpu_s=seconds,
                  extra_gb=totals.rise_gb, peak_gb=totals.peak_gb)  # fmt: skip
    cells = stands * years
    measuring.summary(
        "projection",
        size,
        speedup_numpy=cpu[LINE] / cpu[STANDS],
        speedup_chunked=cpu[CHUNKED] / cpu[STANDS],
        speedup_exact=cpu[CHUNKED] / cpu[EXACT],
        fill_fraction=cpu[FILL] / cpu[STANDS],
        triad_fraction=8.0 * cpu[TRIAD] / (24.0 * cpu[TWO]),
        totals_gsy_s=cells / cpu[GROUPED] / 1e9,
        totals_extra_gb=totals.rise_gb,
        **cold(starts),
        triad_fraction_of_fill=8.0 * cpu[TRIAD] / (24.0 * cpu[FILL_TWO]),
        totals_gsy_s_leap=cells / cpu[LEAP_GROUPED] / 1e9,
        fill_fraction_leap=cpu[FILL] / cpu[LEAP_STANDS],
        speedup_totals=cpu[CHUNKED_TOTALS] / cpu[GROUPED],
    )


if __name__ == "__main__":
    main()
