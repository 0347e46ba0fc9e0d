"""Carbon of land-cover classes in two rasters, and what the change is worth.

For land that has no stands. Where stands are known, carbon comes from the carbon stage and from
nowhere else.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ecogis.core.errors import InputError
from ecogis.core.units import share
from ecogis.services import raster_kernels as kernels
from ecogis.services.erosion import aligned
from ecogis.spatial.grids import RasterSource

__all__ = ["BANDS", "CarbonWindow", "carbon_windows", "worth_of_a_tonne"]

Singles = npt.NDArray[np.float32]
NODATA: Final = np.iinfo(np.int32).min
BANDS: Final = MappingProxyType(
    {
        "opening_t_ha": "t C ha-1",
        "closing_t_ha": "t C ha-1",
        "change_t_ha": "t C ha-1",
        "value_ha": "CNY ha-1",
    }
)
"""What each window holds, with units."""


class CarbonWindow(NamedTuple):
    """Some rows: carbon before and after, the change [t C ha-1], and its value [CNY ha-1]."""

    rows: slice
    opening_t_ha: Singles
    closing_t_ha: Singles
    change_t_ha: Singles
    value_ha: Singles


def worth_of_a_tonne(
    price: float, years: int, *, discount_rate: float, price_growth: float = 0.0
) -> float:
    r"""Present value of a tonne that comes in equal parts over some years.

    .. math:: \frac1N \sum_{t=0}^{N-1} P (1+g)^t (1+r)^{-t}

    Tonnes × price × discount, year by year: a rising price raises the value. InVEST divides by
    :math:`(1+r)(1+g)`, so that a rising price lowers it; its factor is this one with
    :math:`1/(1+g) - 1` for the growth.

    Parameters
    ----------
    price : float
        Of a tonne of carbon in the first year. [CNY]
    years : int
        N, at least 1. [yr]
    discount_rate, price_growth : float
        r and g, shares above -1; 5 for 0.05 is refused. [1]

    Returns
    -------
    float
        Exact at rates of nought, where it is the price. [CNY]

    Raises
    ------
    InputError
        E506 less than one year.
    UnitError
        A rate that is no share.

    Examples
    --------
    >>> worth_of_a_tonne(100.0, 2, discount_rate=0.25)
    90.0
    >>> worth_of_a_tonne(43.0, 20, discount_rate=0.0)
    43.0
    """
    if years < 1:
        raise InputError("E506", value=years, expected="years >= 1")
    growth = _rate(price_growth, "price_growth")
    ratio = (1.0 + growth) / (1.0 + _rate(discount_rate, "discount_rate"))
    return float(price * np.mean(ratio ** np.arange(years)))


def carbon_windows(
    before: RasterSource,
    after: RasterSource,
    stores: Mapping[int, float],
    *,
    worth: float,
    rows: int = 512,
) -> Iterator[CarbonWindow]:
    """Carbon stored before and after, the change and its value, window by window.

    Parameters
    ----------
    before, after : RasterSource
        Classes of land cover on the same grid, whole numbers; missing where there is none.
    stores : mapping of int to float
        Carbon of each class, all pools together. [t C ha-1]
    worth : float
        Value of a tonne more, as `worth_of_a_tonne`. [CNY]
    rows : int
        Rows of a window. [1]

    Yields
    ------
    CarbonWindow
        From the first row to the last; missing where either raster is.

    Raises
    ------
    InputError
        E508 unlike grids, E509 a class that `stores` does not name.
    """
    grid, other = before.grid, after.grid
    if not aligned(grid, other):
        raise InputError("E508", detail=f"{other.rows} x {other.columns}")
    lowest, table = _table(stores)
    whole = slice(0, grid.columns)
    for start in range(0, grid.rows, rows):
        part = slice(start, min(start + rows, grid.rows))
        old, new = (_codes(source.window(part, whole)) for source in (before, after))
        a, b, change, value = (np.empty(old.shape, np.float32) for _ in BANDS)
        unknown = kernels.carbon_of_classes(
            old, new, lowest, table, float(worth), NODATA, a, b, change, value
        )
        if unknown != NODATA:
            raise InputError("E509", land_class=unknown)
        yield CarbonWindow(part, a, b, change, value)


def _table(stores: Mapping[int, float]) -> tuple[int, npt.NDArray[np.float64]]:
    lowest, highest = min(stores), max(stores)
    if highest - lowest > 1_000_000:
        raise InputError("E508", detail=f"{lowest} … {highest}")
    table = np.full(highest - lowest + 1, np.nan)
    for code, carbon in stores.items():
        table[code - lowest] = carbon
    return lowest, table


def _codes(values: Any) -> npt.NDArray[np.int32]:
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values), values, NODATA).astype(np.int32)


def _rate(value: float, name: str) -> float:
    return share(value, name) if value >= 0.0 else -share(-value, name)
