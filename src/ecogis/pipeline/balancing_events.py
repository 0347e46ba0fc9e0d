"""The opening stands grown from the opening to the closing day, for accounts by event records."""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from ecogis import carbon, growth
from ecogis.core.findings import Findings
from ecogis.core.periods import years_between
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


def grown_stands(
    run: Run, days: tuple[date, date], *, layer: str = "stands_opening"
) -> pd.DataFrame:
    """Volume and carbon of each opening stand on the closing day, had nothing happened.

    What a stand had when it was surveyed is its stock at the opening day. To it comes what its
    curve gains from the opening to the closing day, whatever day it was surveyed on, so that growth
    is of the years of the account and of no others. A policy.

    Parameters
    ----------
    run : Run
        With the opening survey read and looked at.
    days : tuple of date
        Opening and closing day.
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
    E464
        Stands were surveyed on another day than the opening.
    """
    stands = run.layers[layer]
    seen = Findings()  # what is wrong with curves is told of the closing survey
    curves = stated_curves(run)
    volume = _gained(stands, growth.standing_volume(stands, days, curves=curves, findings=seen))
    _tell_span(run, stands, days, layer)
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


def _gained(stands: pd.DataFrame, volume: xr.DataArray) -> xr.DataArray:
    """Surveyed volume and what the curve gains between both days. [m3 ha-1]"""
    first, last = volume.to_numpy().T
    surveyed = stands["standing_volume"].to_numpy(dtype=np.float64, na_value=np.nan)
    kept = np.where(surveyed >= 0.0, surveyed, first)  # bare land has none
    gained = np.maximum(kept + (last - first), 0.0)
    return volume[:, 1:].copy(data=gained[:, None])


def _tell_span(run: Run, stands: pd.DataFrame, days: tuple[date, date], layer: str) -> None:
    """How many stands were surveyed on another day than the account opens."""
    surveyed = pd.to_datetime(stands["survey_date"])
    other = (surveyed.notna() & surveyed.ne(pd.Timestamp(days[0]))).to_numpy(dtype=bool)
    if other.any():
        first, last = surveyed[other].min(), surveyed[other].max()
        run.findings.add(
            "E464",
            layer=layer,
            column="survey_date",
            observed=int(other.sum()),
            area_ha=float(stands["area_dm2"].to_numpy()[other].sum()) * 1e-6,
            first=first.date().isoformat(),
            last=last.date().isoformat(),
            day=days[0],
            years=round(years_between(*days), 4),
        )
