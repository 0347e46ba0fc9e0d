"""The opening stands grown to the closing day, for accounts by event records."""

from datetime import date

import numpy as np
import pandas as pd

from ecogis import carbon, growth
from ecogis.core.findings import Findings
from ecogis.numerics.rounding import quantise
from ecogis.pipeline.run import Run

__all__ = ["grown_stands", "stated_curves"]

_DM3_PER_M3_HA_DM2 = 1e-3


def stated_curves(run: Run) -> growth.CurveSet:
    """The library's curves, behind the project's own."""
    curves = growth.curve_set(run.curves, run.date)
    own = run.config.growth.own_curves
    if own is None:
        return curves
    return growth.read_curves(run.project.folder / own, run.date).or_else(curves)


def grown_stands(run: Run, day: date, *, layer: str = "stands_opening") -> pd.DataFrame:
    """Volume and carbon of each opening stand on a day, had nothing happened.

    Parameters
    ----------
    run : Run
        With the opening survey read and looked at.
    day : date
        Closing day.
    layer : str
        Role of the opening survey.

    Returns
    -------
    DataFrame
        ``stand volume_dm3 co2e_kg`` (Int64), missing where growth is not known.

    Findings
    --------
    E412
        The growth of stocked stands is not known; it is booked as nothing.
    """
    stands = run.layers[layer]
    seen = Findings()  # what is wrong with curves is told of the closing survey
    curves = stated_curves(run)
    volume = growth.standing_volume(stands, [day], curves=curves, findings=seen)
    per_m3 = carbon.coefficients(stands, run.biomass, run.date, seen, layer=layer)
    area = stands["area_dm2"].to_numpy()
    made = carbon.stocks(volume, per_m3, area)
    known = made["known"].to_numpy()
    per_ha = np.nan_to_num(volume.to_numpy()[:, 0])
    grown = pd.DataFrame(
        {
            "stand": stands["stand"].to_numpy(dtype=object),
            "volume_dm3": pd.array(quantise(per_ha * area * _DM3_PER_M3_HA_DM2, 1.0), "Int64"),
            "co2e_kg": pd.array(made["co2e_kg"].to_numpy()[:, 0], "Int64"),
        }
    )
    grown.loc[~known, ["volume_dm3", "co2e_kg"]] = pd.NA
    lost = ~known & stands["standing_volume"].gt(0).fillna(False).to_numpy(dtype=bool)
    if lost.any():
        hectares = round(float(area[lost].sum()) * 1e-6, 2)
        run.findings.add(
            "E412", layer=layer, observed=int(lost.sum()), area_ha=hectares, ha=hectares
        )
    return grown
