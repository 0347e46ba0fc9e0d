"""Carbon pools with harvest and disturbance beside libcbm_py's step, one core each.

``python benchmarks/libcbm.py --size small|medium|full [--part increments|volumes]``

The same stands, years and events go to both. libcbm comes from PyPI into an environment of its
own under the cache folder, made on the first run, and is stepped in a process of its own
(``peers/cbm_steps.py``); only its calls of ``step`` are timed. Ours is the whole public call
``ecogis.carbon.pools`` with totals by group, on one thread.

- ``increments``: libcbm's model for external increments is given the yearly increments of our
  curves. Living pools must agree; the largest relative difference of any stand and year is told.
- ``volumes``: libcbm's standard model is given the same volume curves; it makes biomass of them by
  its own equations, so the difference of the sums is told and not judged. Its speed is what ours
  is compared with.

libcbm computes more: 5 living and 11 dead organic pools of softwood and hardwood each, products
and four gases against our six pools; growth and turnover of each; temperature; a spin-up of dead
organic matter before the first year; land classes; 52 flux indicators against our five.
"""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path
from typing import Any

import numba
import numpy as np

import measuring
from ecogis.carbon.living import Living
from ecogis.carbon.pools import pools
from ecogis.carbon.rates import PoolRates
from ecogis.growth.events import Event, Felling, Rule
from ecogis.growth.schedules import Schedule, schedule

VERSION = "2.10.2"
PEER = Path(__file__).parent / "peers" / "cbm_steps.py"
SIZES = {  # stands and years of each part, rounds of ours
    "small": {"increments": (500, 12), "volumes": (2_000, 12), "rounds": 5},
    "medium": {"increments": (10_000, 20), "volumes": (100_000, 20), "rounds": 7},
    "full": {"increments": (10_000, 60), "volumes": (100_000, 60), "rounds": 7},
}
PARTS = ("increments", "volumes")
CURVES, OLDEST, GROUPS = 8, 200, 64
ROTATION, FIRE, SEED = 60, 0.005, 14
SHARES = (0.62, 0.08, 0.30)  # merchantable, foliage, other of what is above ground; any do
DENSITY = 0.405 * 1.587 * 0.51  # t C above ground in a m3: mixed conifers of `biomass-inventory`
ROOTS = 0.222


def land(stands: int, years: int) -> dict[str, np.ndarray]:
    """Volume curves, stands on them, and which event strikes in which year: 1 felling, 2 fire."""
    rng = np.random.default_rng(SEED)
    age = np.arange(OLDEST + 1.0)
    top, rate = rng.uniform(200, 600, CURVES), rng.uniform(0.02, 0.05, CURVES)
    volume = top[:, None] * (1.0 - np.exp(-rate[:, None] * age)) ** 2.5
    cls, old = rng.integers(0, CURVES, stands), rng.integers(1, ROTATION, stands)
    felled, events = rng.random(stands) < 0.6, np.zeros((stands, years), dtype=np.int8)
    now = old.copy()
    for year in range(years):
        struck = rng.random(stands) < FIRE
        due = felled & (now >= ROTATION) & ~struck
        events[struck, year], events[due, year] = 2, 1
        now[struck | due] = 0
        now += 1
    return {"volume": volume, "cls": cls, "age": old, "events": events}


def treated(given: dict[str, np.ndarray]) -> Schedule:
    """The events as a plan: the same felling and fire in the same years."""
    import pandas as pd

    names = _names(given)
    cut = Event("felling", "final_felling", 1.0, restart=True, stem_out=1.0)
    fire = Event("fire", "fire", 1.0, restart=True, above_air=0.2, above_dead=0.6, litter_air=0.8)
    row, year = np.nonzero(given["events"])
    plan = pd.DataFrame(
        {
            "stand": names[row],
            "year": year,
            "event": np.array(["", "felling", "fire"])[given["events"][row, year]],
        }
    )
    stands = pd.DataFrame({"stand": names, "rule": "forest"})
    rule = Rule("forest", [Felling(cut, OLDEST)])
    return schedule(stands, [rule], plan=plan, events=[fire], years=given["events"].shape[1])


def _names(given: dict[str, np.ndarray]) -> Any:
    return np.array([f"S{k}" for k in range(given["cls"].size)], dtype=object)


def ours(given: dict[str, np.ndarray], above: np.ndarray) -> Living:
    """The stands on curves of living carbon above ground, one hectare each."""
    size = given["cls"].size
    return Living(
        names=tuple(f"c{k}" for k in range(CURVES)),
        above=above,
        ratio=np.full(CURVES, ROOTS),
        stem=np.full(CURVES, SHARES[0]),
        stands=_names(given),
        cls=given["cls"].astype(np.int32),
        age=given["age"].astype(np.int32),
        scale=np.ones(size),
        area_dm2=np.full(size, 1_000_000),
        known=np.ones(size, dtype=bool),
        co2_per_c=44.0 / 12.0,
        parameter_set="benchmark",
    )


RATES = PoolRates(0.08, 0.005, 0.05, 0.36, 0.17, 0.005, 0.02, 0.9)


def python() -> Path:
    """Interpreter of the peer's environment, made where it is missing."""
    folder = measuring.cache_folder("peers") / f"libcbm-{VERSION}"
    done, interpreter = folder / "ready", folder / "bin" / "python"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        _run(str(interpreter), "-m", "pip", "install", f"libcbm=={VERSION}")
        done.touch()
    return interpreter


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr[-3000:]}")


def peer(mode: str, given: dict[str, np.ndarray]) -> dict[str, Any]:
    """What libcbm makes of the stands, in a process of its own."""
    folder = measuring.cache_folder("libcbm")
    source, target = folder / f"{mode}-in.npz", folder / f"{mode}-out.npz"
    np.savez(source, **given)
    _run(str(python()), "-I", str(PEER), str(source), str(target), mode)
    with np.load(target) as loaded:
        return dict(loaded)


def increments(size: str) -> dict[str, float]:
    """The same increments to both: living pools of every stand and year, after every event."""
    stands, years = SIZES[size]["increments"]
    given = land(stands, years)
    above = given["volume"] * DENSITY
    parts = np.array([share * above for share in SHARES])
    found = peer("increments", given | {"parts": parts})
    made = pools(ours(given, parts.sum(axis=0)), RATES, years=years, events=treated(given),
                 keep_stands=True)  # fmt: skip
    worst = {}
    for pool, name in (("above_ground", "above"), ("below_ground", "below")):
        mine = made["stand_stock"].sel(pool=pool).to_numpy().T
        worst[name] = float((np.abs(mine - found[name]) / found[name]).max())
    measuring.row(
        part="increments", stands=stands, years=years, libcbm=str(found["version"]),
        events=int((given["events"] > 0).sum()), root_ratio=float(found["root_ratio"]),
        max_rel_diff_above=worst["above"], max_rel_diff_below=worst["below"],
        peer_step_cpu_s=float(found["cpu_s"]),
        peer_stand_years_per_s=stands * years / float(found["cpu_s"]),
    )  # fmt: skip
    return {
        "max_rel_diff_increments": max(worst.values()),
        "increments_stand_years_per_s": stands * years / float(found["cpu_s"]),
    }


def volumes(size: str) -> dict[str, float]:
    """Speed beside the standard model, and how far the two ways from volume to carbon lie apart."""
    (stands, years), rounds = SIZES[size]["volumes"], SIZES[size]["rounds"]
    given = land(stands, years)
    found = peer("volumes", given)
    living, events = ours(given, given["volume"] * DENSITY), treated(given)
    groups = np.arange(stands) * GROUPS // stands
    numba.set_num_threads(1)

    def run() -> Any:
        return pools(living, RATES, years=years, events=events, groups=groups)

    made = run()
    seconds = measuring.median(measuring.cpu_seconds(run, rounds))
    mine = made["stock_kg"].sel(pool="above_ground").sum("group").to_numpy()[1:]
    theirs = found["above"].sum(axis=1) * 1000.0 * 44.0 / 12.0
    rates = {"ours": stands * years / seconds, "peer": stands * years / float(found["cpu_s"])}
    measuring.row(
        part="volumes", stands=stands, years=years, libcbm=str(found["version"]),
        events=int((given["events"] > 0).sum()), cpu_s=seconds, rounds=rounds,
        stand_years_per_s=rates["ours"], peer_step_cpu_s=float(found["cpu_s"]),
        peer_stand_years_per_s=rates["peer"], peer_spinup_cpu_s=float(found["spinup_cpu_s"]),
        rel_diff_first_year=float(mine[0] / theirs[0] - 1.0),
        rel_diff_last_year=float(mine[-1] / theirs[-1] - 1.0),
        largest_gap_t_c_ha=made.attrs["largest_gap_t_c_ha"],
    )  # fmt: skip
    return {
        "ratio": rates["ours"] / rates["peer"],
        "stand_years_per_s": rates["ours"],
        "peer_stand_years_per_s": rates["peer"],
        "rel_diff_volumes": float(mine[-1] / theirs[-1] - 1.0),
    }


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    asked = measuring.arguments(__doc__ or "", given, parts=PARTS)
    measuring.row(**measuring.versions())
    found: dict[str, Any] = {"ratio": None, "max_rel_diff_increments": None}
    for part in asked.part:
        found |= {"increments": increments, "volumes": volumes}[part](asked.size)
    if found["ratio"] and found["max_rel_diff_increments"] is not None:
        faster = found["stand_years_per_s"] / found["increments_stand_years_per_s"]
        found["ratio_increments"] = faster
    measuring.summary("libcbm", asked.size, **found)


if __name__ == "__main__":
    main()
