r"""Growth by rates: Pressler's percentage by species and span of ages.

.. math:: p = \frac{V_2 - V_1}{V_2 + V_1} \cdot \frac{2}{n} \qquad
   V_2 = V_1 \, \frac{2 + n p}{2 - n p}

References
----------
.. [1] M. R. Pressler, "Zur Forstzuwachskunde," Dresden, 1868.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import require
from ecogis.growth.curves import POINTS, Curve, CurveSet
from ecogis.methods import ParameterSet, parameters

__all__ = ["grown", "pressler", "rate_curves", "rate_set", "spans_of_groups"]

_COLUMNS = ("species", "age_from", "age_to", "growth_rate")
_GROUPS = ("young", "middle", "near_mature", "mature")


def pressler(first: float, last: float, years: float) -> float:
    """Pressler's rate between two volumes, a share of their mean per year. [yr-1]

    >>> round(pressler(100.0, 150.0, 5.0), 3)  # 50 / 250 * 2 / 5
    0.08
    """
    return (last - first) / (last + first) * 2.0 / years


def grown(volume: float, rate: float, years: float) -> float:
    """Volume after some years at Pressler's rate, the inverse of `pressler`. [m3 ha-1]

    Parameters
    ----------
    volume : float
        Volume at the start. [m3 ha-1]
    rate : float
        Pressler's rate, a share. [yr-1]
    years : float
        Years of one span; the law holds only while rate times years stays below two.

    Raises
    ------
    ConfigError
        It does not.

    Examples
    --------
    >>> round(grown(100.0, 0.08, 5.0), 9)
    150.0
    """
    step = rate * years
    if not -2.0 < step < 2.0:
        raise ConfigError("E669", what=f"{rate:g} × {years:g}")
    return volume * (2.0 + step) / (2.0 - step)


def rate_curves(rates: pd.DataFrame, *, name: str, edition: str = "table") -> CurveSet:
    """Relative curves from rates: 1 m3 ha-1 at a species' first age, then grown span by span.

    The curves carry growth and no level: a stand's volume is the scale. Within a span volume is a
    straight line, as a mean annual increment is.

    Parameters
    ----------
    rates : DataFrame, one row per species and span
        ``species``, ``age_from age_to`` [yr], ``growth_rate`` a share [yr-1].
    name, edition : str
        Of the set.

    Returns
    -------
    CurveSet
        Relative curves.

    Raises
    ------
    ConfigError
        Spans of a species do not meet, or a rate is not one.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"species": "fir", "age_from": [5, 10], "age_to": [10, 20], "growth_rate": [0.08, 0.0]}
    ... )
    >>> [round(float(v), 9) for v in rate_curves(table, name="t").curves[0].at([5, 10, 20])]
    [1.0, 1.5, 1.5]
    """
    require(rates, _COLUMNS, name)
    curves, follows = [], {}
    for species, rows in rates.groupby("species", sort=False):
        listed = rows.sort_values("age_from")
        starts, ends = (listed[column].to_numpy(np.float64) for column in ("age_from", "age_to"))
        shares = listed["growth_rate"].to_numpy(np.float64)
        if (starts[1:] != ends[:-1]).any() or (ends <= starts).any() or (starts <= 0).any():
            raise ConfigError("E669", what=f"{species}: {starts.tolist()} - {ends.tolist()}")
        volumes = [1.0]
        for rate, years in zip(shares, ends - starts, strict=True):
            volumes.append(grown(volumes[-1], float(rate), float(years)))
        ages = [float(starts[0]), *map(float, ends)]
        label = f"{name}:{species}"
        curves.append(
            Curve(
                label,
                POINTS,
                MappingProxyType({}),
                ages[0],
                ages[-1],
                points=tuple(zip(ages, volumes, strict=True)),
                interpolation="linear",
                source=name,
                relative=True,
            )
        )
        follows[str(species)] = label
    return CurveSet(name, edition, tuple(curves), MappingProxyType(follows))


def rate_set(
    library: str | ParameterSet, date: date, species: Iterable[str] | None = None
) -> CurveSet:
    """Relative curves from the rates of a library edition.

    Parameters
    ----------
    library : str or ParameterSet
        ``id`` or ``id@edition``, or a set already read.
    date : date
        Day the rates must be in force.
    species : iterable of str, optional
        Species wanted; without it all.

    Returns
    -------
    CurveSet
        Relative curves; see `rate_curves`.

    Raises
    ------
    NotInForceError
        No rate is in force at the date.

    Examples
    --------
    >>> pine = rate_set("growth-rates-south-china", date(2026, 8, 31), ["马尾松"])
    >>> ratio = pine.curves[0].at(20) / pine.curves[0].at(10)
    >>> round(float(ratio[0]), 2)  # 80.6 / 52.6 m3/ha on the curve the rates are from
    1.53
    """
    if isinstance(library, str):
        library = parameters(library)
    wanted = None if species is None else set(species)
    keys = [key for key in library.keys("growth_rate") if wanted is None or key[0] in wanted]
    rates = library.table("growth_rate", date, "yr-1", keys)
    ends = library.table("span_end", date, "yr", keys)
    table = rates.rename("growth_rate").reset_index()
    table["age_to"] = ends.to_numpy()
    table["age_from"] = table["age_from"].astype(float)
    return rate_curves(table, name=library.id, edition=library.edition)


def spans_of_groups(
    rates: pd.DataFrame, limits: Mapping[tuple[str, str], tuple[float, float, float, float]]
) -> pd.DataFrame:
    """Rates by species and age group as rates by species and span of ages.

    Parameters
    ----------
    rates : DataFrame, one row per species, origin and age group
        ``species origin age_group growth_rate``; groups ``young middle near_mature mature``, and
        ``over_mature`` up to twice the end of the mature group.
    limits : mapping of (species, origin) to four ages
        Last years of the four groups, as `ecogis.growth.missing.age_limits` gives them. [yr]

    Returns
    -------
    DataFrame
        ``species origin age_from age_to growth_rate``, for `rate_curves` after a choice of origin.

    Raises
    ------
    ConfigError
        A species has no limits, or a group is not known.
    """
    require(rates, ("species", "origin", "age_group", "growth_rate"), "rates")
    rows = []
    for row in rates.itertuples(index=False):
        key = (str(row.species), str(row.origin))
        if key not in limits or row.age_group not in {*_GROUPS, "over_mature"}:
            raise ConfigError("E669", what=f"{key}, {row.age_group}")
        ends = (1.0, *limits[key], 2.0 * limits[key][-1])
        place = (*_GROUPS, "over_mature").index(str(row.age_group))
        rows.append((*key, ends[place], ends[place + 1], row.growth_rate))
    return pd.DataFrame(rows, columns=["species", "origin", "age_from", "age_to", "growth_rate"])
