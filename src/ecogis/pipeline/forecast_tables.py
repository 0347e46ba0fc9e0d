"""The forecast and its spread, as the tables people and the report read."""

from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from ecogis import crediting
from ecogis.numerics import quantise
from ecogis.pipeline.run import Run

__all__ = ["credit_quantiles", "forecasts"]

_M3_PER_DM3: Final = 0.001
_LAND: Final = {"whole": ("全部林分", "all stands"), "project": ("可计入地块", "creditable land")}


def forecasts(run: Run) -> dict[str, pd.DataFrame]:
    """Stocks by year of all stands and of the project, their quantiles, and what is felled."""
    forecast: xr.Dataset = run.left["forecast"]
    creditable = run.layers["pieces"]["creditable"].fillna(False).to_numpy(dtype=bool)
    area = run.layers["pieces"][creditable].groupby("stand")["area_dm2"].sum()
    share = area.reindex(forecast["stand"].to_numpy()).fillna(0).to_numpy(dtype=np.int64)
    whole = forecast["area_dm2"].to_numpy()
    found = {"forecast": _by_year(forecast, whole, forecast["co2e_kg"].sum("stand").to_numpy())}
    if creditable.any():
        kg = run.left["piece_kg"].to_numpy()[creditable].sum(axis=0, dtype=np.int64)
        found["project_forecast"] = _by_year(forecast, share, kg)
    found["forecast_quantiles"] = _quantiles(run.left["forecast_quantiles"])
    found["fellings"] = run.left["fellings"]
    return found


def _quantiles(drawn: xr.Dataset) -> pd.DataFrame:
    """One row per group of land and year; townships under their own name. [kg CO2e]"""
    table = drawn.to_dataframe().round().astype("int64").reset_index()
    order = {name: at for at, name in enumerate(drawn["group"].to_numpy().tolist())}
    table = table.sort_values("group", key=lambda names: names.map(order), kind="stable")
    named = [_LAND.get(name, (name, name)) for name in table["group"]]
    return table.assign(
        group=[zh for zh, _ in named], group_en=[en for _, en in named]
    ).reset_index(drop=True)


def _by_year(forecast: xr.Dataset, area_dm2: Any, kg: Any) -> pd.DataFrame:
    """Sums over stands at each 1 January, rounded by stand to the litre and the kilogram first."""
    hectares = np.asarray(area_dm2)[:, None] * 1e-6
    days = pd.DatetimeIndex(forecast["instant"].to_numpy())
    per_ha = {
        "standing_volume_m3": "standing_volume",
        "above_ground_t_c": "above_ground",
        "below_ground_t_c": "below_ground",
    }
    sums = {
        name: _whole(forecast[source].to_numpy() * hectares) / 1000
        for name, source in per_ha.items()
    }
    table = pd.DataFrame({"instant": days, "year": days.year, **sums, "co2e_t": kg / 1000})
    return table[(days.month == 1) & (days.day == 1)].reset_index(drop=True)


def _whole(amounts: Any) -> Any:
    """Thousandths of the amounts of all stands, added as whole numbers; what is missing is none."""
    return quantise(np.nan_to_num(amounts), _M3_PER_DM3).sum(axis=0, dtype=np.int64)


def credit_quantiles(drawn: crediting.DrawnCredits | None) -> pd.DataFrame:
    """Quantiles by vintage and, last, of the whole crediting period."""
    if drawn is None:
        return pd.DataFrame()
    table = drawn.table()
    years = table["vintage"].astype("string")
    return table.assign(year=years.fillna("合计"), year_en=years.fillna("all"))
