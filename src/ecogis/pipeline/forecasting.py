"""Every stand through the years: volume, then carbon; pieces share their stand's carbon by area."""

from datetime import date
from typing import Any

import pandas as pd
import xarray as xr

from ecogis import carbon, crediting, growth
from ecogis.pipeline.crediting import about_stocks, tell_beside
from ecogis.pipeline.harvesting import Course, course, followed_years, no_fellings
from ecogis.pipeline.opining import second_opinion
from ecogis.pipeline.pooling import follow_pools
from ecogis.pipeline.run import Run

__all__ = ["grow", "surveyed_kg"]


def grow(run: Run) -> None:
    """Project every stand to the valuation date and to each 1 January of the crediting period.

    Through harvest, disturbance and pools where the project asks for them; where it asks for
    neither harvest nor disturbance that is told.
    """
    stands, told = run.layers["stands"], about_stocks(run)
    curves = _curves(run, stands)
    scaling = run.config.growth.scaling
    assigned = growth.stand_curves(stands, curves, told, scaling=scaling)
    instants = _instants(run)
    paths = growth.trajectories(stands, instants, curves=curves, findings=told, assigned=assigned)
    per_m3 = carbon.coefficients(stands, run.biomass, run.date, told)
    tell_beside(run, told)
    area = stands["area_dm2"].to_numpy()
    years = followed_years(run, instants)
    way = course(run, paths, curves, years)
    _tell_assumed(run, years)
    forecast = _forecast(paths, per_m3, area, way)
    dead = follow_pools(run, paths, per_m3, forecast, years=years, course=way)
    stock = forecast["co2e_kg"] if dead is None else forecast["co2e_kg"] + dead
    run.left |= {
        "forecast": forecast.assign_coords(area_dm2=("stand", area)),
        "stand_kg": stock,
        "paths": paths,
        "per_m3": per_m3,
        "course": way,
        "fellings": no_fellings() if way is None else way.fellings,
        "opinion": second_opinion(run, paths, per_m3, area),
    }


def _forecast(
    paths: growth.Trajectories, per_m3: pd.DataFrame, area: Any, way: Course | None
) -> xr.Dataset:
    """Volume and living carbon of every stand; through its phases where it has several."""
    if way is None:
        kilograms = carbon.stand_kg(paths, per_m3, area)
        return carbon.stocks(growth.standing_volume(paths), per_m3, area, co2e_kg=kilograms)
    volume = growth.standing_volume(way.phases.paths) * way.kept()
    factors = way.coefficients(per_m3)
    made = carbon.stocks(volume, factors, area[way.phases.stand])
    stands = paths.stands["stand"].to_numpy(dtype=object)
    woven = {
        name: (("stand", "instant"), way.phases.woven(made[name].to_numpy()), made[name].attrs)
        for name in ("standing_volume", "above_ground", "below_ground", "co2e_kg")
    }
    known = ("stand", made["known"].to_numpy()[: len(stands)], made["known"].attrs)
    times = {"stand": stands, "instant": made["instant"].to_numpy()}
    return xr.Dataset({**woven, "known": known}, coords=times, attrs=made.attrs)


def _tell_assumed(run: Run, years: range) -> None:
    """E690: what the forecast leaves out."""
    asked = run.config.growth
    left = {("采伐", "harvest"): asked.harvest, ("灾害", "disturbance"): asked.disturbance}
    named = [words for words, value in left.items() if value is None or not len(years)]
    if named:
        zh, en = zip(*named, strict=True)
        run.findings.add("E690", layer="project", what_zh="和".join(zh), what=" or ".join(en))


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
        run.left["fits"] = fits
        if fits.table["refused"].eq("").any():
            curves = fits.curve_set().or_else(curves)
    return curves


def _instants(run: Run) -> list[date]:
    """Days stocks are needed at; with events or pools every 1 January between them too."""
    asked = run.config.methodology
    window = crediting.reduction_window(run.methodology, asked.application or run.date)
    days = {*crediting.vintage_instants(asked.start, asked.years, window), run.date}
    wanted = run.config.growth
    if wanted.harvest or wanted.disturbance or wanted.pools:
        days |= {date(year, 1, 1) for year in range(min(days).year + 1, max(days).year + 1)}
    return sorted(days)


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
