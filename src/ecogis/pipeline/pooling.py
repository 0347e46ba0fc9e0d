"""Carbon pools beside living trees: followed where asked, credited as the methodology says."""

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis import carbon, growth
from ecogis.core.errors import ConfigError, IdentityError
from ecogis.numerics import quantise
from ecogis.pipeline.harvesting import Course
from ecogis.pipeline.run import Run

__all__ = ["follow_pools"]

_LIVING = ("above_ground", "below_ground")
_DEAD: Final = ("dead_wood", "litter", "products")
_TOLERANCE = (
    1.0 / 700
)  # yr of growth: 1 January is part of a year of 365 or of 366 days since the survey
_HOW = {
    "ignored": (
        "方法学不计入,只列示,不计减排量",
        "the methodology leaves it out: told, not credited",
    ),
    "optional": ("方法学可选,已选择计入", "the methodology leaves the choice: chosen and credited"),
    "counted": ("方法学要求计入", "the methodology counts it"),
}

Floats = NDArray[np.float64]


def follow_pools(
    run: Run,
    paths: growth.Trajectories,
    per_m3: pd.DataFrame,
    forecast: xr.Dataset,
    *,
    years: range,
    course: Course | None,
) -> NDArray[np.int64] | None:
    """Follow the pools the project names; what of them is credited, by stand and instant.

    Leaves ``pools``: stocks and flows by township. Living carbon comes out twice, from growth's
    phases and from the pools' own steps; a difference stops the run, as a broken balance does.

    Returns
    -------
    array (stand, instant), int64, or None
        Carbon in the followed pools the methodology counts or lets choose. [kg CO2e]

    Raises
    ------
    IdentityError
        E678: the balance of a stand does not close. E698: the two ways to living carbon differ.
    """
    asked = run.config.growth.pools
    if asked is None or run.pool_rates is None or not len(years):
        return None
    if "products" in asked.follow and asked.products_half_life_yr is None:
        raise ConfigError("E697", what="growth.pools: products_half_life_yr")
    stands = run.layers["stands"]
    living = carbon.living(
        paths,
        per_m3,
        stands["area_dm2"].to_numpy(),
        instant=paths.instants.index(date(years.start, 1, 1)),
        also=None if course is None else course.also,
        parts=True,
    )
    rates = carbon.pool_rates(
        run.pool_rates,
        run.date,
        tracked=asked.follow,
        products_half_life_yr=asked.products_half_life_yr,
    )
    opening = _opening(living, rates, steady=asked.opening == "steady")
    codes, townships = pd.factorize(stands["township"].astype("string").fillna(""), sort=True)
    found = carbon.pools(
        living,
        rates,
        years=len(years),
        events=None if course is None else course.made,
        disturbance="expected" if run.config.growth.disturbance else "none",
        groups=codes.astype(np.int64),
        opening=opening,
        keep_stands=True,
        start_year=years.start,
    )
    _check_living(found, forecast, years, _yearly(living, course))
    counted = _counted(run, asked.follow)
    kg = _dated(found, opening, counted, years, forecast) * living.size[:, None]
    named = found.drop_vars(["stand_stock", "stand_flow", "stand", "inner_flow"])
    run.left["pools"] = named.assign_coords(group=np.asarray(townships, dtype=object))
    return quantise(kg, 1.0) if counted else None


def _opening(living: carbon.Living, rates: carbon.PoolRates, *, steady: bool) -> Floats:
    """Dead wood, litter, soil and products at the start: what living trees keep up, or nothing.

    A stock that falls and decays at steady shares stands where both are equal. [t C ha-1]
    """
    ages = np.clip(living.age, 0, living.above.shape[1] - 1)
    above = living.scale * living.above[living.cls, ages]
    whole = above * (1.0 + living.ratio[living.cls])
    out = np.zeros((4, above.size))
    fed = {"dead_wood": (rates.deaths * whole, rates.dead_wood),
           "litter": (rates.litterfall * above, rates.litter)}  # fmt: skip
    for row, name in enumerate(fed):
        inflow, decay = fed[name]
        if steady and name in rates.tracked and decay > 0.0:
            out[row] = inflow / decay
    return out


def _yearly(living: carbon.Living, course: Course | None) -> Floats:
    """The most a stand can grow in a year. [t C ha-1]"""
    scales = [rule.scale or 1.0 for rule in course.made.rules] if course is not None else [1.0]
    steps = np.abs(np.diff(living.above, axis=1)).max(initial=0.0)
    return np.asarray(steps * np.maximum(living.scale, max(scales)))


def _check_living(found: xr.Dataset, forecast: xr.Dataset, years: range, yearly: Floats) -> None:
    """E698: living carbon of the pools' steps is that of the forecast at every 1 January."""
    days = [pd.Timestamp(year, 1, 1) for year in range(years.start + 1, years.stop + 1)]
    there = np.isin(np.array(days, dtype="datetime64[ns]"), forecast["instant"].to_numpy())
    known = forecast["known"].to_numpy()
    chosen = [day for day, kept in zip(days, there, strict=True) if kept]
    for row, name in enumerate(_LIVING):
        ours = found["stand_stock"].to_numpy()[:, there, row][known]
        theirs = forecast[name].sel(instant=chosen).to_numpy()[known]
        gap = np.abs(ours - theirs).max(axis=1, initial=0.0)
        if not (gap <= _TOLERANCE * yearly[known]).all():
            raise IdentityError("E698", pool=name, gap=f"{gap.max():.6f}")


def _counted(run: Run, followed: tuple[str, ...]) -> list[str]:
    """Followed pools that are credited; how the methodology treats each is told."""
    treated = {entry.pool: entry.treatment for entry in run.methodology.pools}
    for name in followed:
        zh, en = _HOW[treated.get(name, "ignored")]
        run.findings.add(
            "E696", layer="project", column="pools", observed=name, method=run.methodology.id,
            how_zh=zh, how=en,
        )  # fmt: skip
    return [name for name in followed if treated.get(name, "ignored") != "ignored"]


def _dated(
    found: xr.Dataset, opening: Floats, counted: list[str], years: range, forecast: xr.Dataset
) -> Floats:
    """Carbon of the counted pools at the forecast's instants, linear within a year. [t C ha-1]

    Before the first year they are held at the opening: nothing is known of them.
    """
    names: list[Any] = ["dead_wood", "litter", "soil", "products"]
    pools = list(found["pool"].to_numpy())
    first = sum((opening[names.index(name)] for name in counted), np.zeros(opening.shape[1]))
    places = [pools.index(name) for name in counted]
    later = found["stand_stock"].to_numpy()[:, :, places].sum(axis=2)
    yearly = np.hstack([first[:, None], later])
    days = pd.DatetimeIndex(forecast["instant"].to_numpy())
    length = np.where(days.is_leap_year, 366, 365)
    share = (days.day_of_year.to_numpy() - 1) / length
    at = np.clip(days.year.to_numpy() - years.start + share, 0.0, len(years))
    low = np.minimum(at.astype(np.int64), len(years) - 1)
    rest = (at - low)[None, :]
    return np.asarray(yearly[:, low] + rest * (yearly[:, low + 1] - yearly[:, low]))
