"""Variables that are worked out cell by cell where rasters are given, then taken under the stands.

The mean of a product, or of a curve, is not the product of means: what stands have of rasters is
worked out on the finest of their grids and the mean taken last. Where a stand has no raster, it is
worked out of what is known of the stand, and which it was is kept.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis import services
from ecogis.pipeline.config_gep import Gep, GepWater
from ecogis.pipeline.gep_rasters import Rasters, mean_under, tell_of_means
from ecogis.pipeline.run import Run
from ecogis.services import LandInputs
from ecogis.services.inputs import joined
from ecogis.spatial.grids import RasterSource

__all__ = ["worked_out"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

BY_CELL: Final = "by-cell"
_KEPT: Final = ("cover_factor", "practice_factor")
_AIR: Final = ("rain_mm", "potential_et_mm", "plant_water")
_MOST_GROUPS: Final = 64  # a policy: passes over the rasters; stands of rarer constants take means


def worked_out(run: Run, asked: Gep, made: Rasters, inputs: LandInputs) -> dict[str, str]:
    """Work out soil retained, actual evapotranspiration and storm runoff, as the project asks.

    Returns
    -------
    dict of str to str
        By variable: formula, rasters, and how many stands have it as worked out cell by cell.
        Nothing of a variable every stand has from elsewhere.

    Findings
    --------
    E958
        Stands whose rasters do not suffice: they have it of mean factors.
    """
    wanted = asked.water or GepWater()
    told = _soil(run, made, inputs)
    if wanted.evapotranspiration is not None:
        told |= _actual(run, made, inputs, wanted.evapotranspiration)
    if wanted.storms is not None:
        told |= _storms(run, made, inputs, wanted.storms.abstraction)
    return told


def _soil(run: Run, made: Rasters, inputs: LandInputs) -> dict[str, str]:
    """Soil retained as the mean of R K LS (1 - C P) over a stand's cells.

    Factors a stand has as one number stand before the mean; with fewer than two rasters the two
    ways are the same.
    """
    known, laid, origins = _resolved(services.FACTORS, made, inputs)
    wanted = (laid.sum(axis=0) >= 2) & ~np.isnan(known).any(axis=0)
    values = np.full(len(inputs.units), np.nan)
    for pattern in np.unique(laid.T[wanted], axis=0) if wanted.any() else ():
        at = wanted & (laid == pattern[:, None]).all(axis=0)
        of_rasters = [n for n, by in zip(services.FACTORS, pattern, strict=True) if by]
        parts = _on_one_grid([made.sources[name] for name in of_rasters])
        without = services.CellSource(partial(_without_plants, of_rasters), parts)
        bare = mean_under(run, without, at).to_numpy()
        lost = bare
        if pattern[3:].any():
            lost = mean_under(run, services.CellSource(_with_plants, parts), at).to_numpy()
        one = np.where(pattern[:, None], 1.0, known[:, at])
        values[at] = one[:3].prod(axis=0) * (bare - one[3:].prod(axis=0) * lost)
    name = "soil_retained_t_ha"
    inputs.fill(name, values, joined(origins), by_cell=True)
    tell_of_means(name, inputs, wanted & np.isnan(values), run.findings)
    by_cell, _ = inputs.worked_out(name)
    if not by_cell.any():
        return {}
    return {name: f"{BY_CELL}: {_rasters_of(services.FACTORS, laid)} {_share_of(by_cell)}"}


def _without_plants(names: Sequence[str], *cells: Any) -> Any:
    """What bare cells lose; missing where a raster of plants is."""
    found: Any = np.ones(cells[0].shape)
    for name, values in zip(names, cells, strict=True):
        services.within(name, values)
        found = np.where(np.isnan(values), np.nan, found) if name in _KEPT else found * values
    return found


def _with_plants(*cells: Any) -> Any:
    """What cells with plants lose."""
    return np.prod(np.stack(cells).astype(np.float64), axis=0)


def _actual(run: Run, made: Rasters, inputs: LandInputs, way: str) -> dict[str, str]:
    """Actual evapotranspiration by a curve of rain and potential."""
    curve: Callable[..., Any] = _curve(way)
    values, wanted, laid, origins = _by_groups(run, made, inputs, _AIR, curve)
    inputs.fill("et_mm", values, origins, by_cell=True)
    means = curve(*(inputs[name][0] for name in _AIR))
    inputs.fill("et_mm", np.asarray(means), origins, by_cell=False)
    tell_of_means("et_mm", inputs, wanted & np.isnan(values), run.findings)
    by_cell, of_means = inputs.worked_out("et_mm")
    if by_cell.any():
        return {"et_mm": f"{way}, {BY_CELL}: {_rasters_of(_AIR, laid)} {_share_of(by_cell)}"}
    return {"et_mm": f"{way}: {', '.join(_AIR)}"} if of_means.any() else {}


def _curve(way: str) -> Callable[..., Any]:
    def curve(rain: Any, potential: Any, plant_water: Any) -> Any:
        return services.actual_et(rain, potential, way=way, plant_water=plant_water)

    return curve


def _storms(run: Run, made: Rasters, inputs: LandInputs, abstraction: float) -> dict[str, str]:
    """Runoff of the year's storms by curve numbers."""
    curve = partial(services.year_runoff, abstraction=abstraction)
    values, _, _, origins = _by_groups(
        run, made, inputs, ("curve_number",), curve, beside=made.storms
    )
    inputs.fill("storm_runoff_mm", values, origins, by_cell=True)
    by_cell, _ = inputs.worked_out("storm_runoff_mm")
    if not by_cell.any():
        return {}
    told = made.made_of["storm_rain_mm"].partition(": ")[2]
    return {"storm_runoff_mm": f"curve-number, {BY_CELL}: {told} {_share_of(by_cell)}"}


def _by_groups(
    run: Run,
    made: Rasters,
    inputs: LandInputs,
    names: Sequence[str],
    curve: Callable[..., Any],
    *,
    beside: Sequence[RasterSource] = (),
) -> tuple[Floats, Bools, Bools, npt.NDArray[np.object_]]:
    """Means of a curve over the cells of stands, those with the same constants at once.

    Returns
    -------
    values : array (unit)
        Missing where it was not worked out.
    wanted : array (unit) of bool
        Units that have a raster and all else.
    laid : array (variable, unit) of bool
        Whether a unit has a variable of a raster.
    origins : array of str (unit)
        Where the variables come from.
    """
    known, laid, origins = _resolved(names, made, inputs)
    wanted: Bools = np.asarray(~np.isnan(known).any(axis=0))
    if not beside:
        wanted = wanted & np.asarray(laid.any(axis=0))
    constants = np.where(laid, np.inf, known)  # a raster's is no constant
    values = np.full(len(inputs.units), np.nan)
    groups = pd.DataFrame(constants.T[wanted]).value_counts(sort=True).index
    for group in groups if beside else groups[:_MOST_GROUPS]:  # storms have no mean to fall back on
        of_group = np.asarray(group)
        at = wanted & (constants == of_group[:, None]).all(axis=0)
        by = np.isinf(of_group)
        sources = [made.sources[name] for name, raster in zip(names, by, strict=True) if raster]
        parts = _on_one_grid([*sources, *beside])
        source = services.CellSource(partial(_called, curve, of_group), parts)
        values[at] = mean_under(run, source, at).to_numpy()
    told = [*origins, *([np.full(len(inputs.units), "raster", dtype=object)] if beside else [])]
    return values, wanted, laid, joined(told)


def _called(curve: Callable[..., Any], constants: Floats, *cells: Any) -> Any:
    """The curve of some cells: each variable of its raster or its constant, then what is beside."""
    left = iter(cells)
    taken = [next(left) if np.isinf(value) else value for value in constants]
    return curve(*taken, *left)


def _resolved(
    names: Sequence[str], made: Rasters, inputs: LandInputs
) -> tuple[Floats, Bools, list[npt.NDArray[np.object_]]]:
    """Values of variables, whether each is a raster's, and where it comes from."""
    found = [inputs[name] for name in names]
    laid = [
        (origins == "raster") & (name in made.sources)
        for name, (_, origins) in zip(names, found, strict=True)
    ]
    return np.array([v for v, _ in found]), np.array(laid, dtype=bool), [o for _, o in found]


def _on_one_grid(sources: Sequence[RasterSource]) -> list[RasterSource]:
    """The rasters on the finest of their grids."""
    grid = services.finest(sources)
    return [
        each if services.aligned(each.grid, grid) else services.OnGrid(each, grid)
        for each in sources
    ]


def _rasters_of(names: Sequence[str], laid: Bools) -> str:
    return ", ".join(name for name, by in zip(names, laid, strict=True) if by.any())


def _share_of(those: Bools) -> str:
    return f"({int(those.sum())}/{len(those)})"
