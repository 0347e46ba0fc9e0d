"""A stand's carbon shared out among the pieces of land it lies on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.vocabulary import require
from ecogis.numerics import group_sum_int64, largest_remainder

__all__ = ["piece_stocks"]


def piece_stocks(
    pieces: pd.DataFrame, stand_kg: xr.DataArray, stand_area_dm2: pd.Series
) -> xr.DataArray:
    """Stock of each piece at each instant: its share of its stand by area, in whole kilograms.

    At every instant the pieces of a stand and the rest of it (land of no parcel, or contested)
    add up to the stand to the kilogram. Growth is the stand's: a piece is area times its stand.

    Parameters
    ----------
    pieces : DataFrame, one row per piece
        Columns ``piece stand area_dm2``. [1, 1, 0.01 m2]
    stand_kg : DataArray (stand, instant), int64
        Stock of each stand. [kg CO2e]
    stand_area_dm2 : Series, int64, index stand
        Whole area of each stand. [0.01 m2]

    Returns
    -------
    DataArray (piece, instant), int64
        Stock of each piece, in the order of `pieces`. [kg CO2e]

    Raises
    ------
    ConfigError
        A piece lies on a stand that is not given.
    IdentityError
        The pieces of a stand are larger than the stand.
    """
    require(pieces, ("piece", "stand", "area_dm2"), "pieces")
    stands = pd.Index(stand_kg["stand"].to_numpy())
    member = stands.get_indexer(pd.Index(pieces["stand"].to_numpy(dtype=object)))
    areas = stand_area_dm2.reindex(stands)
    if (member < 0).any() or areas.isna().any():
        lost = pieces["stand"][member < 0].tolist() or stands[areas.isna()].tolist()
        raise ConfigError("E381", stand=lost[0])
    order = np.lexsort((pieces["piece"].to_numpy(dtype=str), member))  # ties: piece by piece
    area = pieces["area_dm2"].to_numpy(dtype=np.int64)
    rest = areas.to_numpy(dtype=np.int64) - group_sum_int64(area, member, len(stands))
    if (rest < 0).any():
        first = int(np.flatnonzero(rest < 0)[0])
        raise IdentityError("E380", stand=stands[first], difference=int(-rest[first]))
    parts = largest_remainder(
        np.concatenate([area[order], rest]),
        stand_kg.transpose("stand", "instant").to_numpy(),
        np.concatenate([member[order], np.arange(len(stands))]),
    )
    kg = np.empty((len(pieces), stand_kg.sizes["instant"]), dtype=np.int64)
    kg[order] = parts[: len(pieces)]
    return xr.DataArray(
        kg,
        coords={
            "piece": pieces["piece"].to_numpy(dtype=object),
            "instant": stand_kg["instant"].to_numpy(),
        },
        dims=("piece", "instant"),
        name="co2e_kg",
        attrs={"units": "kg CO2e"},
    )
