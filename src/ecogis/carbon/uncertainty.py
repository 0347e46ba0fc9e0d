"""How far off the carbon of groups of stands may be: draws inside one pass, quantiles after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon.drawing import REST_PER_KG, carried, totals
from ecogis.carbon.drawn_stands import DatedPaths, stock_of
from ecogis.carbon.error_sources import (
    CurveError,
    Events,
    FactorError,
    Sources,
    SurveyError,
    members_of,
    sorted_out,
)
from ecogis.core.errors import ConfigError
from ecogis.numerics import group_sum_int64

__all__ = ["change", "combined", "shortfall", "uncertainty"]

Source = SurveyError | CurveError | FactorError | Events
Wholes = NDArray[np.int64]

_QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
_SAME = ("seed", "draws", "sources", "editions")
_KG = {"units": "kg CO2e"}


def uncertainty(
    paths: DatedPaths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    groups: Iterable[Any],
    *,
    sources: Iterable[Source],
    seed: int,
    draws: int = 1000,
    keep_draws: bool = False,
) -> xr.Dataset:
    r"""Carbon of groups of stands by year with its error, by Monte-Carlo.

    In draw :math:`d` stand :math:`s` holds in year :math:`t`

    .. math::

        m_{s,t,d} = V_{c,d}(a_s + t)\,\frac{V_c(a_s)}{V_{c,d}(a_s)}\,k_s\,w_s\,
        e_{s,d}\,f_{p,d}\,x_{s,t,d}

    with the curve drawn for its class :math:`V_{c,d}`, held to the surveyed volume at the surveyed
    age :math:`a_s`; scale :math:`k_s` and kilograms for a cubic metre :math:`w_s`; survey error
    :math:`e`, error of the species' carbon factor :math:`f`, and what events left :math:`x`. Each
    number comes from the stream of its seed, stand (class, species) and purpose, so that parts,
    order and threads change nothing. Stands times years times draws are never kept.

    Parameters
    ----------
    paths : Trajectories of growth
        Stands on their curves, at instants one year apart.
    coefficients : DataFrame, one row per stand
        As `ecogis.carbon.coefficients` gives it, in the order of the stands.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    groups : array (stand)
        Name of each stand's group; every stand has one.
    sources : iterable of SurveyError, CurveError, FactorError, Events
        What is off, each kind at most once; what is left out is taken as exact.
    seed : int
        Seed of the run.
    draws : int
        Number of draws, two at least. The first draws stay when more are asked for.
    keep_draws : bool
        Keep the totals of every draw too, as `combined` and `change` need them.

    Returns
    -------
    Dataset (group, year)
        ``mean``, ``p5``, ``p50``, ``p95``, ``sd`` float64 over the draws [kg CO2e]; with
        `keep_draws` also ``co2e_kg`` (group, year, draw) int64 [kg CO2e], and, where only curves
        and factors are drawn, ``rest`` int64 [2^-30 kg CO2e], what lies past the nearest kilogram.
        Attributes: ``seed``, ``draws``, ``sources``, ``editions``, ``redrawn`` (curve draws made
        again), ``stands``, ``without_stock`` (stands whose stock is not known, counted as zero).

    Raises
    ------
    ConfigError
        Instants are not a year apart, tables are of other stands, a stand has no group, a source
        stands twice or does not fit, or draws of a curve are no curve.

    Notes
    -----
    With survey errors or events on, each stand, year and draw is rounded to the kilogram before
    it is added. Without both, stands of one class, age, species and group are one weight in whole
    2^-10 kg for a cubic metre, volumes are whole 2^-20 m3 ha-1, and their products are summed
    exactly; time then does not grow with the number of stands.

    Examples
    --------
    >>> import datetime
    >>> from ecogis import growth
    >>> pine = growth.Curve("pine", "schumacher", {"asymptote": 100.0, "decay": 5.0}, 0.0, 40.0)
    >>> curves = growth.CurveSet("own", "1", (pine,), {"pine": "pine"})
    >>> stand = {"stand": ["S1"], "species": ["pine"], "land_class": ["0111"], "age_yr": [10]}
    >>> stand |= {"standing_volume": [50.0], "survey_date": [datetime.date(2025, 1, 1)]}
    >>> from ecogis.core.findings import Findings
    >>> paths = growth.trajectories(
    ...     pd.DataFrame(stand),
    ...     [datetime.date(2025, 1, 1)],
    ...     curves=curves,
    ...     findings=Findings(),
    ... )
    >>> per_m3 = pd.DataFrame({"stand": ["S1"], "co2e_t_m3": [1.2]})
    >>> found = uncertainty(
    ...     paths, per_m3, [1_000_000], ["G"], sources=[SurveyError(0.2)], seed=1, draws=4000
    ... )
    >>> round(float(found["mean"][0, 0]), -3)  # 50 m3 of 1.2 t
    60000.0
    >>> round(float(found["sd"][0, 0]), -3)  # a fifth of it
    12000.0
    """
    if draws < 2:
        raise ConfigError("E680", what=f"draws, {draws}", expected=">= 2")
    on = sorted_out(sources)
    members, names = members_of(groups)
    ages = 0 if on.events is None else on.events.hazard.shape[1]
    stock = stock_of(paths, coefficients, area_dm2, members, names, ages=ages)
    kg, rest, again = totals(stock, on, seed, draws)
    told = {
        "seed": seed,
        "draws": draws,
        **_told(on),
        "redrawn": sum(again.values()),
        "stands": stock.curve.size,
        "without_stock": int((~_known(paths, coefficients)).sum()),
    }
    axes = (names, np.array(stock.years))
    return _summary(kg, rest, axes, told, keep_draws=keep_draws)


def combined(
    parts: Sequence[xr.Dataset], *, into: Mapping[Any, Any] | None = None, keep_draws: bool = False
) -> xr.Dataset:
    """Results of parts of a county as one, draw by draw; the same bytes however it was parted.

    Parameters
    ----------
    parts : sequence of Dataset
        What `uncertainty` gave for each part with ``keep_draws=True``, with the same seed, number
        of draws, years and sources. A group may lie in several parts.
    into : mapping of group to group, optional
        Wider groups to add the groups up to; those that are not named stay as they are.
    keep_draws : bool
        Keep the totals of every draw.

    Returns
    -------
    Dataset (group, year)
        As `uncertainty`; groups in rising order.

    Raises
    ------
    ConfigError
        There is no part, draws were not kept, or parts differ in what they must share.
    """
    _check_parts(parts)
    named = [[(into or {}).get(name, name) for name in part["group"].to_numpy()] for part in parts]
    names = sorted({name for part in named for name in part})
    row = {name: at for at, name in enumerate(names)}
    member = np.array([row[name] for part in named for name in part], dtype=np.int64)
    kg = _added(parts, "co2e_kg", member, len(names))
    rest = None
    if "rest" in parts[0]:
        kg, rest = carried(kg, _added(parts, "rest", member, len(names)))
    told = dict(parts[0].attrs)
    for name in ("redrawn", "stands", "without_stock"):
        told[name] = sum(int(part.attrs[name]) for part in parts)
    told["redrawn"] = max(int(part.attrs["redrawn"]) for part in parts)
    axes = (np.array(names, dtype=object), parts[0]["year"].to_numpy())
    return _summary(kg, rest, axes, told, keep_draws=keep_draws)


def change(result: xr.Dataset, earlier: int, later: int) -> xr.Dataset:
    """Change of the stock between two years, with its error.

    Taken draw by draw, so that what is off in both years alike cancels as far as it does.

    Parameters
    ----------
    result : Dataset
        What `uncertainty` or `combined` gave with ``keep_draws=True``.
    earlier, later : int
        Years of the result. [calendar year]

    Returns
    -------
    Dataset (group)
        ``mean``, ``p5``, ``p50``, ``p95``, ``sd`` of the gain from the earlier year to the later
        one. [kg CO2e]

    Raises
    ------
    ConfigError
        Draws were not kept, or a year is not in the result.
    """
    _check_parts([result])
    years = result["year"].to_numpy().tolist()
    if earlier not in years or later not in years:
        raise ConfigError("E683", what=f"{earlier}, {later}")
    kg = result["co2e_kg"].transpose("draw", "group", "year").to_numpy()
    gain = kg[:, :, [years.index(later)]] - kg[:, :, [years.index(earlier)]]
    axes = (result["group"].to_numpy(), np.array([later]))
    told = {**result.attrs, "from": earlier, "to": later}
    return _summary(gain, None, axes, told, keep_draws=False).isel(year=0, drop=True)


def shortfall(result: xr.Dataset, quantile: str = "p5") -> xr.DataArray:
    """How far a low quantile lies below the mean, as a share of the mean.

    A figure to deduct where a scheme asks for one; how much of it is deducted is the scheme's.

    Parameters
    ----------
    result : Dataset
        What `uncertainty`, `combined` or `change` gave.
    quantile : {"p5", "p50", "p95"}
        Quantile.

    Returns
    -------
    DataArray
        One minus quantile over mean; missing where the mean is not above zero. [1]

    Raises
    ------
    ConfigError
        There is no such quantile.

    Examples
    --------
    >>> figures = {"mean": ("group", [100.0, 0.0]), "p5": ("group", [82.0, 0.0])}
    >>> shortfall(xr.Dataset(figures)).to_numpy()
    array([0.18,  nan])
    """
    if quantile not in _QUANTILES:
        raise ConfigError("E680", what=f"quantile, {quantile}", expected=", ".join(_QUANTILES))
    mean = result["mean"].where(result["mean"] > 0.0)
    return (1.0 - result[quantile] / mean).rename("shortfall").assign_attrs(units="1")


def _known(paths: DatedPaths, coefficients: pd.DataFrame) -> NDArray[np.bool_]:
    """Stands whose stock is known: land without trees holds none, which is known too."""
    per_m3 = coefficients["co2e_t_m3"].to_numpy(dtype=np.float64)
    return np.asarray(np.isfinite(per_m3 * paths.scale) | (paths.scale == 0.0))


def _told(on: Sources) -> dict[str, str]:
    """Sources and their editions, as attributes that any file format holds."""
    listed = on.on()
    return {
        "sources": ", ".join(source.name for source in listed),
        "editions": ", ".join(f"{source.name}: {source.edition or '-'}" for source in listed),
    }


def _summary(
    kg: Wholes,
    rest: Wholes | None,
    axes: tuple[NDArray[Any], NDArray[Any]],
    told: Mapping[str, Any],
    *,
    keep_draws: bool,
) -> xr.Dataset:
    """Mean, quantiles and deviation over the draws of totals (draw, group, year)."""
    groups, years = axes
    figures = {name: np.empty((groups.size, years.size)) for name in ("mean", *_QUANTILES, "sd")}
    for g in range(groups.size):
        block = np.ascontiguousarray(kg[:, g].T)  # (year, draw)
        figures["mean"][g] = block.sum(axis=1) / block.shape[1]
        figures["sd"][g] = np.std(block, axis=1, ddof=1)
        found = np.quantile(block, list(_QUANTILES.values()), axis=1)
        for name, values in zip(_QUANTILES, found, strict=True):
            figures[name][g] = values
    data: dict[str, Any] = {
        name: (("group", "year"), values, _KG) for name, values in figures.items()
    }
    if keep_draws:
        every = ("group", "year", "draw")
        data["co2e_kg"] = (every, kg.transpose(1, 2, 0), _KG)
        if rest is not None:
            steps = {"units": f"1/{REST_PER_KG} kg CO2e"}
            data["rest"] = (every, rest.transpose(1, 2, 0), steps)
    return xr.Dataset(data, coords={"group": groups, "year": years}, attrs=dict(told))


def _check_parts(parts: Sequence[xr.Dataset]) -> None:
    if not parts:
        raise ConfigError("E683", what="-")
    for part in parts:
        if "co2e_kg" not in part:
            raise ConfigError("E683", what="co2e_kg")
        unlike = [name for name in _SAME if part.attrs[name] != parts[0].attrs[name]]
        if part["year"].to_numpy().tolist() != parts[0]["year"].to_numpy().tolist():
            unlike.append("year")
        if unlike:
            raise ConfigError("E683", what=", ".join(unlike))


def _added(parts: Sequence[xr.Dataset], name: str, member: Wholes, count: int) -> Wholes:
    """Totals (draw, group, year) of all parts, added by group."""
    rows = np.concatenate(
        [part[name].transpose("group", "draw", "year").to_numpy() for part in parts]
    )
    return np.ascontiguousarray(group_sum_int64(rows, member, count).transpose(1, 0, 2))
