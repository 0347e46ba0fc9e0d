"""Stands laid over parcels: CPU, memory and exactness beside geopandas and GEOS.

``python benchmarks/overlay.py --size small|medium|full [--part clean …]``

Every method is given the same two GeoDataFrames in Gauss-Krueger coordinates and ends with the area
of each pair. `ecogis.overlay.common` does what the peers do, pair by pair as drawn, and ends with
area of record in whole 0.01 m2: the speed-ups are its own. `ecogis.overlay.pieces` does more: it
looks for overlaps inside each layer, cuts them out, and its areas add up; it is told beside. Every
run has a process of its own, the methods take turns, and the median is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

import layers
import measuring
from ecogis import overlay
from ecogis.core.findings import Findings
from ecogis.overlay.clip import shared
from ecogis.overlay.layer import ground, ready
from ecogis.spatial.frames import frame_of
from ecogis.spatial.plane import plane_of
from measuring import Fresh

PAIR = ["stand", "parcel"]
TINY = (200, 400)  # a pair of layers to warm up with, and to measure the fixed part of a call
PEER, JOIN = "geopandas.overlay", "geopandas.sjoin + shapely.intersection"
AREA, GEOMETRY = "ecogis.overlay.pieces(geometry=False)", "ecogis.overlay.pieces(geometry=True)"
ALIKE, AREA_ALIKE = "ecogis.overlay.common(geometry=True)", "ecogis.overlay.common()"
LARGE = 500_000  # stands
OURS, WHOLE = (AREA_ALIKE, ALIKE), (AREA, GEOMETRY)
KEYS = (
    "speedup_geometry", "speedup_geometry_sjoin", "speedup_area", "speedup_area_sjoin",
    "speedup_dirty", "max_abs_diff_m2", "rel_total", "invalid", "memory_ratio_area",
    "memory_ratio_geometry", "exponent", "peak_gb_large",
)  # fmt: skip

Layer = geopandas.GeoDataFrame
Size = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """What a size runs.

    Attributes
    ----------
    size : (stands, parcels)
        Of the races and the comparison.
    rounds, dirty_rounds : int
        Runs of each method on clean and on dirty layers.
    dirty : methods
        Those that race on dirty layers.
    other : (stands, parcels), optional
        Second size, for ours alone.
    """

    size: Size
    rounds: int
    dirty_rounds: int
    dirty: tuple[str, ...]
    other: Size | None


# --- methods: two layers in, a result out; the result told in a few numbers -----------------


def by_overlay(stands: Layer, parcels: Layer) -> Any:
    """The whole overlay of geopandas, then areas."""
    return geopandas.overlay(stands, parcels, how="intersection").area


def by_join(stands: Layer, parcels: Layer) -> Any:
    """A spatial join, then one vectorised intersection, then areas."""
    pairs = geopandas.sjoin(stands, parcels, predicate="intersects")
    other = parcels.geometry.array[pairs["index_right"].to_numpy()]
    return shapely.area(shapely.intersection(pairs.geometry.array, other))


def by_area(stands: Layer, parcels: Layer) -> Any:
    """Ours, without polygons."""
    return overlay.pieces(stands, parcels, Findings(), geometry=False).pieces


def by_geometry(stands: Layer, parcels: Layer) -> Any:
    """Ours, with polygons."""
    return overlay.pieces(stands, parcels, Findings(), geometry=True).pieces


def by_area_alike(stands: Layer, parcels: Layer) -> Any:
    """Ours, each pair as it is drawn: what the peers do, without polygons."""
    return overlay.common(stands, parcels)


def by_geometry_alike(stands: Layer, parcels: Layer) -> Any:
    """Ours, each pair as it is drawn, with polygons."""
    return overlay.common(stands, parcels, geometry=True)


METHODS: dict[str, Callable[[Layer, Layer], Any]] = {
    PEER: by_overlay,
    JOIN: by_join,
    AREA: by_area,
    GEOMETRY: by_geometry,
    AREA_ALIKE: by_area_alike,
    ALIKE: by_geometry_alike,
}


PLANS = {
    "small": Plan((1_000, 2_000), 1, 1, (PEER, JOIN, *OURS), None),
    "medium": Plan((30_000, 60_000), 3, 1, tuple(METHODS), (10_000, 20_000)),
    "full": Plan((100_000, 200_000), 3, 3, (PEER, *OURS, AREA), (500_000, 1_000_000)),
}


def prepared(method: str, folder: Path, tiny: Path) -> Callable[[], Any]:
    """The call to measure: layers loaded, modules and compiled code warmed on a tiny pair."""
    run = METHODS[method]
    run(*layers.read(tiny))
    stands, parcels = layers.read(folder)
    return lambda: run(stands, parcels)


def told(result: Any) -> dict[str, object]:
    """Number of pairs with land in common, its area, and polygons that are not valid."""
    if not isinstance(result, pd.DataFrame):
        area = np.asarray(result)
        return {"pairs": int((area > 0).sum()), "area_m2": round(float(area.sum()))}
    number: dict[str, object] = {
        "pairs": len(result),
        "area_m2": round(int(result["area_dm2"].sum()) / 100),
    }
    if "geometry" in result:
        number["invalid"] = int((~shapely.is_valid(result.geometry.array)).sum())
    return number


# --- exactness: each piece beside GEOS, on the same vertices in the equal-area plane --------


def compared(folders: dict[str, Path]) -> Callable[[], dict[str, dict[str, Any]]]:
    """The comparison of some pairs of layers, by name."""
    return lambda: {name: difference(*layers.read(folder)) for name, folder in folders.items()}


def difference(stands: Layer, parcels: Layer) -> dict[str, Any]:
    """Every pair ours finds against every pair GEOS finds; the worst and the total."""
    both = by_geos(stands, parcels).merge(by_ours(stands, parcels), on=PAIR, how="outer")
    truth, ours, recorded = (
        both[name].fillna(0.0).to_numpy(dtype=np.float64)
        for name in ("geos_m2", "ours_m2", "recorded_m2")
    )
    return {
        "pairs": len(both),
        "max_abs_diff_m2": float(np.abs(ours - truth).max()),
        "max_abs_diff_recorded_m2": float(np.abs(recorded - truth).max()),
        "rel_total": float(abs(ours.sum() - truth.sum()) / truth.sum()),
    }


def by_ours(stands: Layer, parcels: Layer) -> pd.DataFrame:
    """Areas before and after they are rounded to area of record: ``ours_m2 recorded_m2``."""
    findings = Findings()
    base = ground((stands, "stands"), (parcels, "parcels"))
    own = ready(stands, "stand", base, findings, drawn=False)
    other = ready(parcels, "parcel", base, findings, drawn=False)
    found = shared(own.outlines, other.outlines)
    table = pd.DataFrame(
        {
            "stand": own.ids[found.left],
            "parcel": other.ids[found.right],
            "ours_m2": found.area_m2,
        }
    )
    recorded = overlay.common(stands, parcels)
    return table.merge(recorded.assign(recorded_m2=recorded["area_dm2"] / 100), on=PAIR)


def by_geos(stands: Layer, parcels: Layer) -> pd.DataFrame:
    """Areas of the intersections in the equal-area plane: ``stand parcel geos_m2``."""
    frame = frame_of(stands.crs, layer="stands")
    plane = plane_of(stands.geometry.array, parcels.geometry.array, frame=frame)
    own, other = (
        shapely.transform(np.asarray(layer.geometry.array), lambda xy: frame.to_plane(xy, plane))
        for layer in (stands, parcels)
    )
    first, second = shapely.STRtree(other).query(own, predicate="intersects")
    area = shapely.area(shapely.intersection(own[first], other[second]))
    table = pd.DataFrame(
        {
            "stand": stands["stand"].to_numpy()[first],
            "parcel": parcels["parcel"].to_numpy()[second],
            "geos_m2": area,
        }
    )
    return table[table["geos_m2"] > 0]


# --- runs -----------------------------------------------------------------------------------


def race(
    part: str, methods: tuple[str, ...], size: Size, *, rounds: int, dirty: bool = False
) -> dict[str, Fresh]:
    """Methods on one pair of layers in turn, round after round; a row for each."""
    folder, tiny = layers.files(*size, dirty=dirty), layers.files(*TINY, dirty=False)
    runs: dict[str, list[Fresh]] = {method: [] for method in methods}
    for _ in range(rounds):
        for method, done in runs.items():
            done.append(measuring.fresh(prepared, method, folder, tiny, tell=told))
    middle = {method: _middle(done) for method, done in runs.items()}
    for method, one in middle.items():
        measuring.row(
            part=part,
            stands=size[0],
            parcels=size[1],
            method=method,
            cpu_s=measuring.median(one.cpu_s),
            rounds=rounds,
            rise_gb=one.rise_gb,
            peak_gb=one.peak_gb,
            **one.result,
        )
    return middle


def _middle(done: list[Fresh]) -> Fresh:
    """One measurement of several: every CPU time, the middle of memory."""
    return Fresh(
        cpu_s=[seconds for one in done for seconds in one.cpu_s],
        rise_gb=measuring.median([one.rise_gb for one in done]),
        peak_gb=measuring.median([one.peak_gb for one in done]),
        result=done[0].result,
    )


def _ratio(of: Fresh, to: Fresh) -> float:
    return measuring.median(of.cpu_s) / measuring.median(to.cpu_s)


def clean(plan: Plan) -> dict[str, Any]:
    """Clean layers: speed-ups, and ratios of memory."""
    runs = race("clean", (PEER, JOIN, *OURS, *WHOLE), plan.size, rounds=plan.rounds)
    return {
        "speedup_geometry": _ratio(runs[PEER], runs[ALIKE]),
        "speedup_geometry_sjoin": _ratio(runs[JOIN], runs[ALIKE]),
        "speedup_area": _ratio(runs[PEER], runs[AREA_ALIKE]),
        "speedup_area_sjoin": _ratio(runs[JOIN], runs[AREA_ALIKE]),
        "speedup_pieces_geometry": _ratio(runs[PEER], runs[GEOMETRY]),
        "speedup_pieces_area": _ratio(runs[PEER], runs[AREA]),
        "memory_ratio_area": _memory(runs, AREA_ALIKE, AREA),
        "memory_ratio_geometry": _memory(runs, ALIKE, GEOMETRY),
        "invalid": _invalid(runs),
    }


def dirty(plan: Plan) -> dict[str, Any]:
    """Dirty layers: geopandas beside ours, pair by pair; and pieces, that settle every overlap."""
    runs = race("dirty", plan.dirty, plan.size, rounds=plan.dirty_rounds, dirty=True)
    found = {
        "speedup_dirty": _ratio(runs[PEER], runs[AREA_ALIKE]),
        "speedup_dirty_geometry": _ratio(runs[PEER], runs[ALIKE]),
        "invalid": _invalid(runs),
    }
    if AREA in runs:
        found["speedup_dirty_pieces"] = _ratio(runs[PEER], runs[AREA])
    return found


def _memory(runs: dict[str, Fresh], *ours: str) -> float:
    """The larger rise of memory of some of ours, by that of geopandas."""
    return max(runs[name].rise_gb for name in ours) / runs[PEER].rise_gb


def _invalid(runs: dict[str, Fresh]) -> int:
    return sum(one.result.get("invalid", 0) for one in runs.values())


def accuracy(plan: Plan) -> dict[str, Any]:
    """The largest difference of a piece and of the total, over clean and dirty layers."""
    folders = {kind: layers.files(*plan.size, dirty=kind == "dirty") for kind in ("clean", "dirty")}
    found = measuring.fresh(compared, folders, tell=dict).result
    for kind, figures in found.items():
        measuring.row(part="accuracy", layers=kind, compared_with="GEOS", **figures)
    return {
        name: max(figures[name] for figures in found.values())
        for name in ("max_abs_diff_m2", "max_abs_diff_recorded_m2", "rel_total")
    }


def large(plan: Plan) -> dict[str, Any]:
    """How CPU of ours grows from one size to the other, and the peak of the million parcels."""
    if plan.other is None:
        return {}
    size, reach = plan.size[0], plan.other[0]
    tiny = layers.files(*TINY, dirty=False)
    start_up = measuring.fresh(prepared, GEOMETRY, tiny, tiny).cpu_s[0]
    one_size = race("large", WHOLE, plan.size, rounds=plan.rounds)
    more = race("large", WHOLE, plan.other, rounds=1)
    exponents = {
        method: measuring.exponent(
            (size, measuring.median(one_size[method].cpu_s)),
            (reach, measuring.median(more[method].cpu_s)),
            start_up,
        )
        for method in WHOLE
    }
    return {
        "exponent": exponents[GEOMETRY],
        "exponent_area": exponents[AREA],
        "start_up_s": start_up,
        "peak_gb_large": max(one.peak_gb for one in more.values()) if reach >= LARGE else None,
    }


RUNS: dict[str, Callable[[Plan], dict[str, Any]]] = {
    "clean": clean,
    "dirty": dirty,
    "accuracy": accuracy,
    "large": large,
}


def main(given: list[str] | None = None) -> None:
    """Run the parts asked for; the last line is the summary."""
    asked = measuring.arguments(__doc__, given, parts=tuple(RUNS))
    measuring.row(**measuring.versions())
    figures: dict[str, Any] = dict.fromkeys(KEYS)
    for part in asked.part:
        found = RUNS[part](PLANS[asked.size])
        if "invalid" in found:
            found["invalid"] += figures["invalid"] or 0
        figures |= found
    measuring.summary("overlay", asked.size, **figures)


if __name__ == "__main__":
    main()
