"""Quality grades of forest: 优 excellent, 良 good, 中 fair, 差 poor, 劣 bad.

Five grades follow the literature on the standard of ecosystem assets (recalled); how a grade is
reached is not public to us. Where the survey gives no grade, the rule here is a policy of ours
(assumed): volume per hectare against the mean of the same species group and age group at the
opening survey.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.classes import GRADES
from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import FOREST, require

__all__ = ["LIMITS", "graded"]

LIMITS = (1.3, 1.1, 0.9, 0.7)
"""Least ratio to the mean of the class for excellent, good, fair and poor. A policy. [1]"""
_CLASS = ["species_group", "age_group"]


def graded(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    *,
    limits: tuple[float, ...] = LIMITS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both surveys with a column ``quality``, the survey's own grade where it gives one.

    Both are measured against the means of the opening survey, so a grade that rises means better
    forest and not a worse neighbour.

    Parameters
    ----------
    opening, closing : DataFrame
        ``stand land_class species_group age_group standing_volume`` [m3 ha-1] ``area_dm2``,
        optional ``quality_grade``: the survey's own grade, one of `GRADES`.
    limits : tuple of float
        Least ratio for each grade but the last, falling. A policy. [1]

    Returns
    -------
    tuple of DataFrame
        With ``quality``; missing where there is no forest, no volume, or no class to compare with.

    Raises
    ------
    ConfigError
        E400 when the limits are not four falling numbers.

    References
    ----------
    .. [1] GB/T 43677-2024 accounts ecosystem assets by quality grade; five grades recalled.

    Examples
    --------
    >>> stand = {"land_class": "arbor_forest", "species_group": "杉木组", "age_group": "young"}
    >>> table = pd.DataFrame([stand | {"stand": "S1"}, stand | {"stand": "S2"}])
    >>> table = table.assign(standing_volume=[40.0, 60.0], area_dm2=1_000_000)
    >>> before, after = graded(table, table.assign(standing_volume=[50.0, 70.0]))
    >>> before["quality"].tolist(), after["quality"].tolist()
    (['poor', 'good'], ['fair', 'excellent'])
    """
    if len(limits) != len(GRADES) - 1 or any(a <= b for a, b in pairwise(limits)):
        raise ConfigError("E400", limits=limits)
    for table in (opening, closing):
        require(table, ["stand", "land_class", *_CLASS, "standing_volume", "area_dm2"], "stands")
    means = _means(opening)
    made = []
    for table in (opening, closing):
        grade = _grade(table, means, limits)
        if "quality_grade" in table:
            grade = (
                table["quality_grade"].astype(object).where(table["quality_grade"].notna(), grade)
            )
        made.append(table.assign(quality=grade.where(_forest(table))))
    return made[0], made[1]


def _means(opening: pd.DataFrame) -> pd.Series:
    """Mean volume by class, from whole sums. [m3 ha-1]"""
    volume = _volume(opening)
    counted = opening[_forest(opening).to_numpy() & ~np.isnan(volume)]
    area = counted["area_dm2"].to_numpy(dtype=np.int64)
    solid = np.rint(_volume(counted) * area * 1e-3).astype(np.int64)
    sums = counted[_CLASS].assign(solid=solid, area=area).groupby(_CLASS)[["solid", "area"]].sum()
    return (sums["solid"] / sums["area"] * 1e3).where(sums["solid"].gt(0) & sums["area"].gt(0))


def _grade(table: pd.DataFrame, means: pd.Series, limits: tuple[float, ...]) -> pd.Series:
    keys = pd.MultiIndex.from_frame(table[_CLASS].astype(object))
    mean = means.reindex(keys).to_numpy(dtype=np.float64)
    ratio = _volume(table) / mean
    place = np.searchsorted(-np.array(limits), -ratio, side="left")
    grade = np.array([*GRADES, None], dtype=object)[np.where(np.isnan(ratio), len(GRADES), place)]
    return pd.Series(grade, table.index, dtype=object)


def _forest(table: pd.DataFrame) -> pd.Series:
    return table["land_class"].isin(list(FOREST))


def _volume(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    volume = table["standing_volume"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(volume < 0.0, np.nan, volume)
