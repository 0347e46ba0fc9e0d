"""One standard per result; a second one beside it, never mixed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from ecogis.carbon.stocks import stocks
from ecogis.core.errors import ConfigError

__all__ = ["beside", "joined", "opinions"]


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Coefficients of several groups of stands in one table, all of one parameter set.

    Parameters
    ----------
    tables : sequence of DataFrame
        As `coefficients` gives them.

    Returns
    -------
    DataFrame
        The rows one after the other, with the set they share.

    Raises
    ------
    ConfigError
        E674: the tables are of different sets, or one does not say its set.
    """
    sets = list(dict.fromkeys(str(table.attrs.get("parameter_set", "?")) for table in tables))
    if len(sets) != 1 or "?" in sets:
        raise ConfigError("E674", sets=", ".join(sets))
    found = pd.concat(list(tables), ignore_index=True)
    found.attrs = dict(tables[0].attrs)
    return found


def opinions(
    volume: xr.DataArray,
    first: pd.DataFrame,
    second: pd.DataFrame,
    area_dm2: ArrayLike,
) -> xr.Dataset:
    """Stocks by two parameter sets side by side.

    The first is the one a method orders; the second shows how much hangs on it. Totals and their
    difference are of the stands both know. The two are never added up or averaged.

    Parameters
    ----------
    volume : DataArray (stand, instant), float64
        Standing volume. [m3 ha-1]
    first, second : DataFrame, one row per stand
        Coefficients of two sets, as `coefficients` or `mean_tree_coefficients` give them.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]

    Returns
    -------
    Dataset
        ``co2e_kg`` (opinion, stand, instant) int64 [kg CO2e]; ``both`` (stand) bool, known to
        both; ``total_kg`` (opinion, instant) int64 over those [kg CO2e]; ``difference`` (instant),
        second over first less one; ``careful`` (instant), the set with the lower total [1].

    Raises
    ------
    ConfigError
        E674: both are of one set, or a table does not say its set. E266: other stands.
    """
    return beside(*(stocks(volume, table, area_dm2) for table in (first, second)))


def beside(first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """Stocks of two parameter sets side by side, whatever route each took.

    Parameters
    ----------
    first, second : Dataset (stand, instant)
        ``co2e_kg``, int64 [kg CO2e], ``known`` (stand), and the attribute ``parameter_set``, as
        `stocks` and `linear_stocks` give them.

    Returns
    -------
    Dataset
        As `opinions`.

    Raises
    ------
    ConfigError
        E674: both are of one set, or one does not say its set. E266: other stands.

    Examples
    --------
    >>> kilograms = {"co2e_kg": (("stand", "instant"), [[100]]), "known": ("stand", [True])}
    >>> made = [
    ...     xr.Dataset({**kilograms}, coords={"stand": ["S"]}, attrs={"parameter_set": name})
    ...     for name in ("a@1", "b@1")
    ... ]
    >>> made[1]["co2e_kg"] = made[1]["co2e_kg"] - 20
    >>> beside(*made)["difference"].to_numpy().tolist()  # 80 over 100, less one
    [-0.2]
    """
    made = (first, second)
    labels = [str(each.attrs.get("parameter_set", "?")) for each in made]
    if labels[0] == labels[1] or "?" in labels:
        raise ConfigError("E674", sets=", ".join(labels))
    if first["stand"].to_numpy().tolist() != second["stand"].to_numpy().tolist():
        raise ConfigError("E266", what="stands")
    both = first["known"].to_numpy() & second["known"].to_numpy()
    kg = np.stack([each["co2e_kg"].to_numpy() for each in made])
    total = kg[:, both].sum(axis=1, dtype=np.int64)
    difference = np.full(total.shape[1], np.nan)
    np.divide(total[1] - total[0], total[0], out=difference, where=total[0] != 0)
    axes = ("opinion", "stand", "instant")
    return xr.Dataset(
        {
            "co2e_kg": (axes, kg, {"units": "kg CO2e"}),
            "both": ("stand", both, {"units": "1"}),
            "total_kg": (("opinion", "instant"), total, {"units": "kg CO2e"}),
            "difference": ("instant", difference, {"units": "1"}),
            "careful": (
                "instant",
                np.array(labels, dtype=object)[(total[1] < total[0]).astype(int)],
            ),
        },
        coords={"opinion": labels} | {name: first[name] for name in first["co2e_kg"].coords},
    )
