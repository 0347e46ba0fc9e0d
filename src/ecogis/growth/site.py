"""Site class and site index from dominant height, or from volume, at an age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.curves import Curve
from ecogis.growth.yield_tables import YieldTable

__all__ = ["site_class", "site_index"]

Floats = NDArray[np.float64]


def site_index(
    height: ArrayLike, age: ArrayLike, guide: Curve, *, base_age: float, offset: float = 0.0
) -> Floats:
    r"""Height a stand has, had or will have at the base age, by one guide curve.

    .. math:: SI = h_0 + (H - h_0) \, \frac{g(t_0)}{g(t)}

    The curves of all sites are the guide curve times a factor: a stand keeps its site index for
    life. It says nothing of ages the guide does not cover.

    Parameters
    ----------
    height : array
        Dominant height. [m]
    age : array
        Age. [yr]
    guide : Curve
        Mean height over age, less `offset`. [m]
    base_age : float
        Age the index is stated for. [yr]
    offset : float
        Height the guide begins at, such as breast height; not scaled. [m]

    Returns
    -------
    array, float64
        Site index; missing where the guide does not cover the age, or height is missing. [m]

    Examples
    --------
    >>> guide = Curve("h", "richards", {"asymptote": 20.0, "rate": 0.05, "shape": 1.0}, 1.0, 80.0)
    >>> twice = 2.0 * guide.at(10.0)
    >>> bool(np.isclose(site_index(twice, 10.0, guide, base_age=20.0), 2.0 * guide.at(20.0))[0])
    True
    """
    heights, ages = np.broadcast_arrays(
        np.atleast_1d(np.asarray(height, dtype=np.float64)),
        np.atleast_1d(np.asarray(age, dtype=np.float64)),
    )
    inside = (ages >= max(guide.first_age, 1e-9)) & (ages <= guide.last_age)
    mean = guide.at(np.where(inside, ages, guide.last_age))
    return np.where(inside, offset + (heights - offset) * (guide.at(base_age) / mean), np.nan)


def site_class(
    stands: pd.DataFrame,
    table: YieldTable,
    findings: Findings,
    *,
    by: str = "dominant_height",
    margin: float = 0.5,
) -> pd.DataFrame:
    """Site class of each stand: the class whose curve at the stand's age lies nearest.

    By volume, an open stand on a good site and a full one on a poor site look alike; prefer
    dominant height where it was measured.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        ``stand species age_yr`` and the column `by`.
    table : YieldTable
        Heights or volumes by species, site class and age, in the unit of `by`.
    findings : Findings
        Grows by E665.
    by : str
        ``dominant_height`` [m] or ``standing_volume`` [m3 ha-1].
    margin : float
        Our policy: how far a stand may lie beyond the outermost class, in steps to its
        neighbour. [1]

    Returns
    -------
    DataFrame, one row per stand
        ``stand``; ``site_class``, missing where there is none; ``site_rank`` float64, the place
        among the classes ordered by value, with parts between two.

    Findings
    --------
    E665
        The table does not cover the stand's species or age, `by` is missing, or the stand lies
        beyond the classes.
    """
    require(stands, ("stand", "species", "age_yr", by), "stands")
    ages = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    seen = stands[by].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    rank = np.full(len(stands), np.nan)
    found = pd.Series(pd.NA, index=stands.index, dtype="string")
    for species, rows in stands.groupby("species", sort=False).indices.items():
        classes = table.classes(str(species))
        if len(classes) > 1:
            by_class = np.stack([table.at(str(species), name, ages[rows]) for name in classes])
            for place, row in enumerate(rows):
                rank[row], name = _placed(by_class[:, place], seen[row], classes, margin)
                found.iloc[row] = name
    shown = stands["species"].astype("string").fillna("—") + f", {by} "
    shown = shown + stands[by].astype("string").fillna("—") + ", "
    findings.add(
        "E665",
        layer="stands",
        where=np.isnan(rank),
        feature=stands["stand"],
        row=stands.get("row"),
        column=by,
        observed=shown + stands["age_yr"].astype("string").fillna("—"),
        reason_zh="各立地级均不含该年龄的数值,或超出立地级范围",
        reason_en="no class covers its value at its age, or it lies beyond the classes",
    )
    return pd.DataFrame(
        {"stand": stands["stand"].to_numpy(), "site_class": found, "site_rank": rank}
    )


def _placed(
    values: Floats, seen: float, classes: tuple[str, ...], margin: float
) -> tuple[float, str | None]:
    """Rank among the classes that have a value at the age, and the nearest class."""
    order = np.argsort(values, kind="stable")
    order = order[~np.isnan(values[order])]
    if order.size < 2 or np.isnan(seen):
        return np.nan, None
    rising = values[order]
    if rising[0] - seen > margin * (rising[1] - rising[0]):
        return np.nan, None
    if seen - rising[-1] > margin * (rising[-1] - rising[-2]):
        return np.nan, None
    nearest = int(np.argmin(np.abs(rising - seen)))
    return float(np.interp(seen, rising, np.arange(order.size))), classes[order[nearest]]
