"""Accounts in short: land classes gathered into the few groups a printed page has room for."""

from typing import Final

import pandas as pd

from ecogis.core.vocabulary import FOREST_LAND, codes
from ecogis.report.words import Words

__all__ = ["GROUP", "in_groups"]

GROUP: Final = "group:"
"""Mark of a column that holds a group; the rest of its name is a text of ``land_groups``."""

_OWN: Final = ("arbor_forest", "bamboo_forest", "shrub_special")
_OTHER, _NONE = "other_forest_land", "non_forest_land"
_LEFT: Final = ("not_stated", "", "total")  # what belongs to no group, after the groups
_ORDER: Final = (*(f"{GROUP}{name}" for name in (*_OWN, _OTHER, _NONE)), *_LEFT)
_FROM: Final = "from_class"


def in_groups(account: pd.DataFrame, words: Words) -> pd.DataFrame:
    """An account by group of land classes; sums of whole numbers, so nothing is rounded.

    Arbor forest, bamboo and special shrub stay by themselves; the other forest land is one group,
    all else another. Land whose class is not stated is in no group.

    Parameters
    ----------
    account : DataFrame
        Lines with a whole-number column for each land class, ``total`` and perhaps ``""`` (found
        in one survey only). A change matrix, which has ``from_class``, is gathered by row too.
    words : Words
        For the names of the groups.

    Returns
    -------
    DataFrame
        The same lines; the columns of the groups are named `GROUP` and a text of ``land_groups``.
    """
    places = {str(name): _group(str(name)) for name in account.columns}
    amounts = [name for name, group in places.items() if group in _ORDER]
    gathered = account[amounts].T.groupby([places[name] for name in amounts], sort=False)
    sums = gathered.sum().T.astype("int64")
    found = account.drop(columns=amounts).join(sums[[name for name in _ORDER if name in sums]])
    return _rows_in_groups(found, words) if _FROM in account.columns else found


def _group(name: str) -> str:
    if name in _OWN:
        return f"{GROUP}{name}"
    if name in FOREST_LAND:
        return f"{GROUP}{_OTHER}"
    return name if name in _LEFT or name not in codes("land_class") else f"{GROUP}{_NONE}"


def _rows_in_groups(matrix: pd.DataFrame, words: Words) -> pd.DataFrame:
    groups = matrix[_FROM].map(_group)
    labels = matrix.select_dtypes(exclude="int64").groupby(groups, sort=False).first()
    found = labels.join(matrix.select_dtypes("int64").groupby(groups, sort=False).sum())
    found = found.reindex([name for name in _ORDER if name in found.index])
    for name in found.index[found.index.str.startswith(GROUP)]:
        found.loc[name, ["zh", "en"]] = words.word(f"land_groups.{name.removeprefix(GROUP)}")
    return found.reset_index(drop=True)
