"""Missing age and volume filled by rules the caller chooses, one finding for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.methods import ParameterSet

__all__ = ["AGE_RULES", "VOLUME_RULES", "age_limits", "filled", "tree_volume"]

Floats = NDArray[np.float64]
_GROUPS = ("young", "middle", "near_mature", "mature", "over_mature")

AGE_RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "planting_year": ("调查年度减造林年度", "year of survey less year of planting"),
        "age_group": ("龄组年龄段的中值", "middle of the ages of its age group"),
    }
)
"""Rules for a missing age, in Chinese and English."""

VOLUME_RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mean_tree": (
            "株数乘以平均木材积",
            "stems times the volume of the mean tree",
        ),
        "canopy": (
            "同树种同龄组小班单位郁闭度的蓄积乘以郁闭度",
            "canopy cover times the volume per canopy cover of stands of its species and age group",
        ),
    }
)
"""Rules for a missing volume, in Chinese and English."""


def age_limits(
    groups: ParameterSet, day: date
) -> dict[tuple[str, str], tuple[float, float, float, float]]:
    """Last years of the age groups by species and origin. [yr]

    Parameters
    ----------
    groups : ParameterSet
        An edition of ``age-groups``.
    day : date
        Day the limits must be in force.

    Returns
    -------
    dict of (species, origin) to four ages
        Ends of the young, middle, near-mature and mature group.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> age_limits(parameters("age-groups"), date(2026, 8, 31))["杉木", "planted"]
    (10.0, 20.0, 25.0, 35.0)
    """
    names = ("young_max", "middle_max", "near_mature_max", "mature_max")
    ends = [groups.table(name, day, "yr") for name in names]
    of_group = {
        (str(group), str(origin)): tuple(float(end[group, origin]) for end in ends)
        for group, origin in ends[0].index
    }
    follows = groups.texts("species_group", day)
    return {
        (str(species), origin): limits  # type: ignore[misc]
        for species, group in follows.items()
        for (name, origin), limits in of_group.items()
        if name == group
    }


def tree_volume(dbh_cm: ArrayLike, height_m: ArrayLike, equation: Mapping[str, float]) -> Floats:
    r"""Volume of a tree. [m3]

    .. math:: V = a \, D^{b_0 + b_1 (D+H)} \, H^{c_0 + c_1 (D+H)}

    Parameters
    ----------
    dbh_cm, height_m : array
        Diameter at breast height [cm] and height [m].
    equation : mapping of str to float
        ``a b0 b1 c0 c1``; with both c zero the height is not needed.

    Examples
    --------
    >>> fir = {"a": 5.8777042e-5, "b0": 1.9699831, "b1": 0.0, "c0": 0.89646157, "c1": 0.0}
    >>> tree_volume(15.0, 12.0, fir).round(4).tolist()  # LY 208-77
    0.1131
    """
    d, h = np.asarray(dbh_cm, dtype=np.float64), np.asarray(height_m, dtype=np.float64)
    if equation["c0"] == 0.0 and equation["c1"] == 0.0:
        h = np.zeros(d.shape)
        return np.asarray(equation["a"] * d ** equation["b0"])
    slender = d + h
    rise = equation["b0"] + equation["b1"] * slender
    return np.asarray(equation["a"] * d**rise * h ** (equation["c0"] + equation["c1"] * slender))


def filled(
    stands: pd.DataFrame,
    findings: Findings,
    *,
    rules: Sequence[str],
    limits: Mapping[tuple[str, str], tuple[float, float, float, float]] | None = None,
    equations: Mapping[str, Mapping[str, float]] | None = None,
    donors: int = 10,
) -> pd.DataFrame:
    """Stands with missing ages and volumes filled by the rules chosen, and only by those.

    Nothing recorded is changed. ``age_basis`` and ``volume_basis`` say where each value is from:
    ``recorded``, or the name of the rule.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        ``stand species land_class age_yr standing_volume survey_date`` and what the rules need:
        ``planting_year``; ``age_group origin``; ``dbh_cm height_m stems_ha``; ``canopy_cover
        age_group``.
    findings : Findings
        Grows by the findings below.
    rules : sequence of str
        Keys of `AGE_RULES` and `VOLUME_RULES`, tried in this order; an empty one fills nothing.
    limits : mapping, optional
        Ages of the age groups, for ``age_group``; see `age_limits`.
    equations : mapping of species to mapping, optional
        Volume equation of each species, for ``mean_tree``; see `tree_volume`.
    donors : int
        Our policy: fewest stands with a volume that ``canopy`` takes a mean from.

    Returns
    -------
    DataFrame
        A copy with ``age_basis`` and ``volume_basis``.

    Raises
    ------
    ConfigError
        A rule is not known, or lacks its limits or equations.
    VocabularyError
        The stands lack a column a rule needs.

    Findings
    --------
    E666, E667
        An age or a volume was filled, and by which rule.
    E668
        A stocked stand's age or volume is missing and no rule chosen can fill it.
    """
    known = {*AGE_RULES, *VOLUME_RULES}
    lacking = [name for name, given in (("age_group", limits), ("mean_tree", equations))
               if name in rules and given is None]  # fmt: skip
    if set(rules) - known or lacking:
        what = ", ".join([*sorted(set(rules) - known), *lacking])
        raise ConfigError("E662", what=what, expected=", ".join(sorted(known)))
    require(stands, ("stand", "species", "age_yr", "standing_volume"), "stands")
    sources: dict[str, Callable[[pd.DataFrame], Floats]] = {
        "planting_year": _since_planting,
        "age_group": lambda table: _middle_ages(table, limits or {}),
        "mean_tree": lambda table: _mean_trees(table, equations or {}),
        "canopy": lambda table: _by_canopy(table, donors),
    }
    out = stands.copy()
    for column, basis, of in (
        ("age_yr", "age_basis", AGE_RULES),
        ("standing_volume", "volume_basis", VOLUME_RULES),
    ):
        chosen = {name: sources[name] for name in rules if name in of}
        _fill(out, column, basis, chosen, findings)
    return out


def _fill(
    out: pd.DataFrame,
    column: str,
    basis: str,
    chosen: Mapping[str, Callable[[pd.DataFrame], Floats]],
    findings: Findings,
) -> None:
    texts, code = (AGE_RULES, "E666") if column == "age_yr" else (VOLUME_RULES, "E667")
    values = out[column].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    missing = np.isnan(values) & out["species"].notna().to_numpy(dtype=bool)
    origin = np.full(values.size, None, dtype=object)
    origin[~np.isnan(values)] = "recorded"
    for name, rule in chosen.items():
        if not missing.any():
            break
        found = rule(out)
        use = missing & np.isfinite(found)
        values[use], origin[use], missing = found[use], name, missing & ~use
        zh, en = texts[name]
        cells = {"column": column, "observed": np.round(found, 1)}
        _report(findings, out, code, use, rule_zh=zh, rule_en=en, **cells)
    if column == "age_yr":
        out[column] = pd.array(np.where(np.isnan(values), np.nan, np.round(values)), dtype="Int64")
        what = {"what_zh": "年龄", "what_en": "age"}
    else:
        out[column] = values
        what = {"what_zh": "公顷蓄积", "what_en": "standing volume"}
    out[basis] = pd.array(origin, dtype="string")
    if chosen:
        _report(findings, out, "E668", missing, column=column, **what)


def _report(
    findings: Findings,
    out: pd.DataFrame,
    code: str,
    where: NDArray[np.bool_],
    **cells: object,
) -> None:
    findings.add(
        code,
        layer="stands",
        where=where,
        feature=out["stand"],
        row=out.get("row"),
        area_ha=out.get("area_ha"),
        action="kept" if code == "E668" else "repaired",
        **cells,  # type: ignore[arg-type]
    )


def _numbers(stands: pd.DataFrame, column: str) -> Floats:
    found = stands[column].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(found)


def _since_planting(stands: pd.DataFrame) -> Floats:
    require(stands, ("planting_year", "survey_date"), "planting_year")
    planted = stands["planting_year"]
    years = planted.dt.year if pd.api.types.is_datetime64_any_dtype(planted) else planted
    surveyed = pd.to_datetime(stands["survey_date"]).dt.year
    planted_in = years.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    age = surveyed.to_numpy(np.float64) - planted_in
    return np.asarray(np.where(age >= 0.0, age, np.nan), dtype=np.float64)


def _middle_ages(
    stands: pd.DataFrame, limits: Mapping[tuple[str, str], tuple[float, float, float, float]]
) -> Floats:
    """Middle of the group's ages; the over-mature group has no end and is not filled."""
    require(stands, ("age_group", "origin"), "age_group")
    middles = {
        (species, origin, group): (start + end) / 2.0
        for (species, origin), ends in limits.items()
        for group, start, end in zip(_GROUPS, (1.0, *(e + 1.0 for e in ends)), ends, strict=False)
    }
    keys = zip(stands["species"], stands["origin"], stands["age_group"], strict=True)
    return np.array([middles.get(key, np.nan) for key in keys], dtype=np.float64)


def _mean_trees(stands: pd.DataFrame, equations: Mapping[str, Mapping[str, float]]) -> Floats:
    require(stands, ("dbh_cm", "height_m", "stems_ha"), "mean_tree")
    dbh, height, stems = (_numbers(stands, name) for name in ("dbh_cm", "height_m", "stems_ha"))
    found = np.full(len(stands), np.nan)
    for species, equation in equations.items():
        rows = (stands["species"] == species).fillna(False).to_numpy(dtype=bool)
        rows &= (dbh > 0) & (stems > 0)
        found[rows] = stems[rows] * tree_volume(dbh[rows], height[rows], equation)
    return found


def _by_canopy(stands: pd.DataFrame, donors: int) -> Floats:
    """Canopy cover times the ratio of sums over the stands that have both, by species and group."""
    require(stands, ("canopy_cover", "age_group"), "canopy")
    canopy, volume = _numbers(stands, "canopy_cover"), _numbers(stands, "standing_volume")
    both = (canopy > 0) & (volume >= 0)
    table = pd.DataFrame({"canopy": canopy, "volume": volume})[both]
    keys = [stands.loc[both, name].astype("string").array for name in ("species", "age_group")]
    groups = table.groupby(keys)
    sums = groups.sum()[groups.size() >= donors]
    ratio = (sums["volume"] / sums["canopy"]).to_dict()
    pairs = zip(stands["species"], stands["age_group"], strict=True)
    return np.where(canopy > 0, [ratio.get(pair, np.nan) for pair in pairs], np.nan) * canopy
