"""Monte-Carlo of carbon: stand-year-draws a second, memory, and the same bytes however it is run.

``python benchmarks/montecarlo.py --size small|medium|full``

Stands of 20 species on Richards curves of their own, ages 0 to 60, in 20 groups. Three runs: all
four sources (survey error and events by stand, curves and factors by class); by-stand sources
alone; by-class sources alone, where stands are put together as weights. Each runs in a fresh
process on two threads. ``draws_per_s`` counts a stand, year and draw as one; it is told by CPU
seconds over threads, which a busy machine does not change, and by wall time beside it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

import measuring
from ecogis import growth
from ecogis.carbon import CurveError, Events, FactorError, SurveyError, combined, uncertainty
from ecogis.core.findings import Findings
from ecogis.growth.curves import FORMS

SIZES = {"small": (4_000, 200, 3), "medium": (100_000, 250, 7), "full": (100_000, 1_000, 7)}
YEARS = range(2026, 2066)
SPECIES, GROUPS, LAST_AGE = 20, 20, 80.0
SEED, THREADS, PARTS = 2026, 2, 7
KINDS = ("all", "stand", "class")


def curves() -> growth.CurveSet:
    """One Richards curve for each species."""
    rng = np.random.default_rng(SEED)
    listed = tuple(
        growth.Curve(
            f"c{i}",
            "richards",
            {
                "asymptote": float(rng.uniform(150, 400)),
                "rate": float(rng.uniform(0.05, 0.12)),
                "shape": float(rng.uniform(1.2, 2.5)),
            },
            0.0,
            LAST_AGE,
        )
        for i in range(SPECIES)
    )
    return growth.CurveSet("bench", "1", listed, {f"sp{i}": f"c{i}" for i in range(SPECIES)})


def table(count: int) -> pd.DataFrame:
    """Stands as a survey gives them."""
    rng = np.random.default_rng(SEED)
    kind, age = rng.integers(0, SPECIES, count), rng.integers(1, 61, count)
    volume = growth.age_table(curves()).values[kind, age] * rng.uniform(0.6, 1.6, count)
    return pd.DataFrame(
        {
            "stand": [f"S{i:07d}" for i in range(count)],
            "species": [f"sp{k}" for k in kind],
            "land_class": "0111",
            "age_yr": age,
            "standing_volume": volume,
            "survey_date": [date(2025, 7, 1)] * count,
            "area_dm2": rng.integers(10**5, 10**7, count),
            "group": rng.integers(0, GROUPS, count),
        }
    )


def volumes(forms: dict[str, growth.Curve], name: str, values: Any) -> Any:
    """Rows of growth's table for drawn parameters of a class."""
    like = forms[name]
    names = FORMS[like.form]
    drawn = [
        growth.Curve(
            str(i), like.form, dict(zip(names, map(float, row), strict=True)), 0.0, LAST_AGE
        )
        for i, row in enumerate(values)
    ]
    return growth.age_table(drawn).values[:-1]


def sources(kind: str, stands: pd.DataFrame) -> list[Any]:
    """Sources of one kind of run."""
    listed = curves().curves
    forms = {curve.name: curve for curve in listed}
    deviation = {name: 0.05 * np.array(list(c.values.values())) for name, c in forms.items()}
    like = np.array([[1.0, -0.5, 0.2], [-0.5, 1.0, 0.7], [0.2, 0.7, 1.0]])
    covariance = {name: like * np.outer(sd, sd) for name, sd in deviation.items()}
    middle = {name: list(curve.values.values()) for name, curve in forms.items()}
    hazard = pd.DataFrame([[0.002] * 10 + [0.005] * 30 + [0.01]] * SPECIES, index=list(forms))
    own = [SurveyError(0.2), Events(hazard, share=0.5, restart=list(forms)[::2])]
    shared = [
        CurveError(middle, covariance, functools.partial(volumes, forms)),
        FactorError(0.136, stands["species"]),
    ]
    return {"all": own + shared, "stand": own, "class": shared}[kind]


def call(stands: pd.DataFrame, kind: str, draws: int, *, keep_draws: bool = False) -> Any:
    """Paths and constants of some stands; the call itself comes back, unmade."""
    days = [date(year, 1, 1) for year in YEARS]
    paths = growth.trajectories(stands, days, curves=curves(), findings=Findings())
    factor = dict(zip(curves().by_species, np.linspace(1.1, 2.4, SPECIES), strict=True))
    per_m3 = pd.DataFrame({"stand": stands["stand"], "co2e_t_m3": stands["species"].map(factor)})
    return functools.partial(
        uncertainty,
        paths,
        per_m3,
        stands["area_dm2"].to_numpy(),
        stands["group"].tolist(),
        sources=sources(kind, stands),
        seed=SEED,
        draws=draws,
        keep_draws=keep_draws,
    )


def prepare(count: int, draws: int, kind: str, threads: int) -> Callable[[], tuple[Any, float]]:
    """Inputs of one run, its code compiled; told with the result is the wall time."""
    import numba

    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    call(table(3_000), kind, 64)()
    asked = call(table(count), kind, draws)

    def run() -> tuple[Any, float]:
        begin = time.perf_counter()
        result = asked()
        return result, time.perf_counter() - begin

    return run


def wall(told: tuple[Any, float]) -> float:
    """Wall time of the last run. [s]"""
    return told[1]


def speed(count: int, draws: int, rounds: int) -> dict[str, float]:
    """Stand-year-draws a second of each kind of run, and the highest level of memory."""
    found: dict[str, float] = {}
    peaks = []
    for kind in KINDS:
        of = measuring.fresh(prepare, count, draws, kind, THREADS, repeats=rounds, tell=wall)
        work = count * len(YEARS) * draws
        cpu = measuring.median(of.cpu_s)
        found[kind] = work / (cpu / THREADS)
        peaks.append(of.peak_gb)
        measuring.row(
            part="speed",
            sources=kind,
            stands=count,
            years=len(YEARS),
            draws=draws,
            threads=THREADS,
            cpu_s=cpu,
            wall_s=of.result,
            draws_per_s_cpu=work / cpu,
            draws_per_s_cpu_threads=found[kind],
            draws_per_s_wall=work / of.result,
            rise_gb=of.rise_gb,
            peak_gb=of.peak_gb,
            rounds=[round(one, 3) for one in of.cpu_s],
        )
    return {**found, "peak_gb": max(peaks)}


def digest(result: Any) -> str:
    """Digest of all totals of a result, draw by draw."""
    names = [name for name in ("co2e_kg", "rest") if name in result]
    taken = hashlib.sha256()
    for name in names:
        taken.update(np.ascontiguousarray(result[name].to_numpy()).tobytes())
    return taken.hexdigest()


def run_as(stands: pd.DataFrame, kind: str, draws: int, way: tuple[int, str]) -> str:
    """Digest of a run on some threads, with the rows in their own, another or a parted order."""
    import numba

    threads, order = way
    numba.set_num_threads(threads)
    if order == "shuffled":
        stands = stands.sample(frac=1.0, random_state=1).reset_index(drop=True)
    if order != "parted":
        return digest(call(stands, kind, draws, keep_draws=True)())
    parts = [stands.iloc[i::PARTS].reset_index(drop=True) for i in range(PARTS)]
    drawn = [call(part, kind, draws, keep_draws=True)() for part in parts]
    return digest(combined(drawn, keep_draws=True))


def prepare_bytes(count: int, draws: int) -> Callable[[], dict[str, dict[str, str]]]:
    """All ways of running each kind, in one process."""
    stands = table(count)
    ways = [(1, "own"), (2, "own"), (4, "own"), (2, "shuffled"), (2, "parted")]

    def run() -> dict[str, dict[str, str]]:
        return {
            kind: {
                f"{threads} threads, {order}": run_as(stands, kind, draws, (threads, order))
                for threads, order in ways
            }
            for kind in KINDS
        }

    return run


def same_bytes(count: int, draws: int) -> bool:
    """Whether threads 1, 2, 4, another order and seven parts change nothing."""
    found = measuring.fresh(prepare_bytes, count, draws, tell=dict).result
    for kind, digests in found.items():
        measuring.row(part="bytes", sources=kind, stands=count, draws=draws, digests=digests)
    return all(len(set(digests.values())) == 1 for digests in found.values())


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    size = measuring.arguments(__doc__, given).size
    os.environ.setdefault("NUMBA_NUM_THREADS", "4")  # read by each fresh process as it starts
    count, draws, rounds = SIZES[size]
    measuring.row(**measuring.versions())
    found = speed(count, draws, rounds)
    measuring.summary(
        "montecarlo",
        size,
        draws_per_s=found["all"],
        draws_per_s_class=found["class"],
        draws_per_s_stand=found["stand"],
        peak_gb=found["peak_gb"],
        same_bytes=same_bytes(min(count, 5_000), 100),
    )


if __name__ == "__main__":
    main()
