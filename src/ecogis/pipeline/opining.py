"""A second official conversion beside the one the run follows: how much hangs on it."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ecogis import carbon, growth
from ecogis.carbon.opinions import beside
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST
from ecogis.methods import ParameterSet
from ecogis.pipeline.run import Run

__all__ = ["second_opinion"]


def second_opinion(
    run: Run,
    paths: growth.Trajectories,
    per_m3: pd.DataFrame,
    area_dm2: Any,
) -> xr.Dataset | None:
    """Living carbon by the run's parameter set and by the one ``growth.opinion`` names.

    Both are of the same volumes, before harvest and disturbance, which strike them alike. Nothing
    of the second enters the run: what it lacks excludes no stand.

    Returns
    -------
    Dataset or None
        As `ecogis.carbon.opinions` gives it; None where no second opinion is asked for.

    Findings
    --------
    E699
        How many stands both sets know, and by how much the second differs.
    """
    if run.opinion is None:
        return None
    stands = run.layers["stands"]
    volume = growth.standing_volume(paths)
    first = carbon.stocks(volume, per_m3, area_dm2)
    second = _stocks(run, run.opinion, volume, per_m3, area_dm2)
    found = beside(first, second)
    both = found["both"].to_numpy()
    forest = (stands["land_class"].isin(FOREST) & (first["known"].to_numpy())).to_numpy()
    now = found["difference"].sel(instant=pd.Timestamp(run.date))
    run.findings.add(
        "E699",
        layer="project",
        column="opinion",
        observed=f"{float(now):+.1%}",
        set=run.opinion.label,
        known=int((both & forest).sum()),
        stands=int(forest.sum()),
        first=run.biomass.label,
    )
    return found


def _stocks(
    run: Run, library: ParameterSet, volume: xr.DataArray, per_m3: pd.DataFrame, area_dm2: Any
) -> xr.Dataset:
    """Stocks by the route the second set has: constants, lines, or the mean tree."""
    stands, seen = run.layers["stands"], Findings()
    if "wood_density" in library.names:
        table = carbon.coefficients(stands, library, run.date, seen)
        return carbon.stocks(volume, table, area_dm2)
    if "linear_a" in library.names:
        fraction = run.biomass.table("carbon_fraction", run.date, "t C t-1")
        species = stands["species"].astype("string").map(fraction.to_dict())
        return carbon.linear_stocks(
            carbon.linear_biomass(volume, stands, library, run.date, seen),
            area_dm2,
            carbon_fraction=species.to_numpy(dtype=np.float64, na_value=np.nan),
            co2_per_c=per_m3.attrs["co2_per_c"],
        )
    if "model_a" in library.names and _measured(stands):
        table = carbon.mean_tree_coefficients(
            stands, library, run.date, seen, co2_per_c=per_m3.attrs["co2_per_c"]
        )
        return carbon.stocks(volume, table, area_dm2)
    raise ConfigError("E697", what=f"growth.opinion = {library.label}")


def _measured(stands: pd.DataFrame) -> bool:
    """Whether any stand has diameter and height on record."""
    sizes = stands.reindex(columns=["dbh_cm", "height_m"])
    return bool(sizes.notna().all(axis=1).any())
