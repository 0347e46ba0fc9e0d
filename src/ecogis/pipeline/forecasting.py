"""Every stand through the years: volume, then carbon; pieces share their stand's carbon by area."""

from datetime import date

import pandas as pd
import xarray as xr

from ecogis import carbon, crediting, growth
from ecogis.pipeline.run import Run

__all__ = ["grow", "surveyed_kg"]


def grow(run: Run) -> None:
    """Project every stand to the valuation date and to each 1 January of the crediting period."""
    stands = run.layers["stands"]
    curves = _curves(run, stands)
    scaling = run.config.growth.scaling
    assigned = growth.stand_curves(stands, curves, run.findings, scaling=scaling)
    paths = growth.trajectories(
        stands, _instants(run), curves=curves, findings=run.findings, assigned=assigned
    )
    volume = growth.standing_volume(paths)
    per_m3 = carbon.coefficients(stands, run.biomass, run.date, run.findings)
    area = stands["area_dm2"].to_numpy()
    forecast = carbon.stocks(volume, per_m3, area)
    whole = pd.Series(area, index=stands["stand"].to_numpy(dtype=object))
    run.left |= {
        "forecast": forecast.assign_coords(area_dm2=("stand", area)),
        "piece_kg": crediting.piece_stocks(run.layers["pieces"], forecast["co2e_kg"], whole),
    }


def _curves(run: Run, stands: pd.DataFrame) -> growth.CurveSet:
    """The library's curves, behind the project's own, behind those fitted to its stands."""
    asked = run.config.growth
    curves = growth.curve_set(run.curves, run.date)
    if asked.own_curves is not None:
        own = growth.read_curves(run.project.folder / asked.own_curves, run.date)
        curves = own.or_else(curves)
    if asked.fit is not None:
        seed = run.config.project.seed
        fits = growth.fit(stands, run.findings, by=asked.fit.by, form=asked.fit.form, seed=seed)
        if fits.table["refused"].eq("").any():
            curves = fits.curve_set().or_else(curves)
    return curves


def _instants(run: Run) -> list[date]:
    asked = run.config.methodology
    window = crediting.reduction_window(run.methodology, run.date)
    days = crediting.vintage_instants(asked.start, asked.years, window)
    return sorted({*days, run.date})


def surveyed_kg(run: Run, role: str) -> xr.DataArray:
    """Carbon of stands as surveyed: recorded volume, no growth. [kg CO2e]"""
    stands = run.layers[role]
    volume = xr.DataArray(
        _recorded(stands).to_numpy()[:, None],
        coords={"stand": stands["stand"].to_numpy(dtype=object), "instant": [0]},
        dims=("stand", "instant"),
    )
    per_m3 = carbon.coefficients(stands, run.biomass, run.date, run.findings, layer=role)
    return carbon.stocks(volume, per_m3, stands["area_dm2"].to_numpy())["co2e_kg"][:, 0]


def _recorded(stands: pd.DataFrame) -> pd.Series:
    """Recorded volume; land without trees on record has none. [m3 ha-1]"""
    volume = stands["standing_volume"].astype("float64")
    return volume.mask(volume.isna() & stands["species"].isna(), 0.0).where(volume >= 0)
