"""SEEA EA condition: variables of the stands, indicators from 0 to 1, and an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import FOREST, Term, code_label, require, term

__all__ = ["BOUNDED", "Variable", "condition", "indicator"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of condition and the levels it is measured against.

    Parameters
    ----------
    column : str
        Column of the stands, a word of the vocabulary.
    group : {"physical", "chemical", "compositional", "structural", "functional", "landscape"}
        Group of the condition typology.
    low, high : float
        Level that is worth 0 and level that is worth 1. [unit of the column]
    because : str
        Source of, or reason for, the two levels.
    weight : float
        Weight in the index. A policy. [1]
    higher_is_better : bool
        False for a variable that harms.
    """

    column: str
    group: str
    low: float
    high: float
    because: str
    weight: float = 1.0
    higher_is_better: bool = True


BOUNDED: Final = (
    Variable("canopy_cover", "structural", 0.0, 1.0, "郁闭度取值范围 / range of canopy cover"),
)
"""What needs no reference level but its own bounds: all that is used unless the project says."""

_GROUPS: Final = (
    "physical", "chemical", "compositional", "structural", "functional", "landscape",
)  # fmt: skip


def indicator(values: Floats, variable: Variable) -> Floats:
    r"""Values on a scale from 0 (the low level) to 1 (the high one), cut off at both.

    .. math:: I = \frac{V - V_{low}}{V_{high} - V_{low}}

    Raises
    ------
    ConfigError
        E421: the levels are no range, the weight is below nothing, or the group is unknown.

    References
    ----------
    .. [1] United Nations, "SEEA Ecosystem Accounting," 2021, condition account; recalled.

    Examples
    --------
    >>> cover = Variable("canopy_cover", "structural", 0.2, 0.8, "a policy")
    >>> indicator(np.array([0.1, 0.5, 0.9]), cover).tolist()
    [0.0, 0.5, 1.0]
    """
    sound = variable.high > variable.low and variable.weight >= 0 and variable.group in _GROUPS
    if not sound:
        raise ConfigError("E421", name=variable.column, value=(variable.low, variable.high))
    found = np.clip((values - variable.low) / (variable.high - variable.low), 0.0, 1.0)
    return np.asarray(found if variable.higher_is_better else 1.0 - found, dtype=np.float64)


def condition(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    variables: Iterable[Variable] = BOUNDED,
    *,
    classes: Sequence[str] = tuple(sorted(FOREST)),
) -> pd.DataFrame:
    """Condition of forest ecosystems at both ends, area weighted over the stands.

    Parameters
    ----------
    opening, closing : DataFrame, one row per stand
        ``land_class area_dm2`` and the column of each variable.
    variables : iterable of Variable
        What is looked at; the index is their weighted mean where all are known. A value the word
        cannot have is not known.
    classes : sequence of str
        Land classes taken as ecosystem types.

    Returns
    -------
    DataFrame, one row per type and variable, and per type its index
        ``land_class zh en variable variable_zh variable_en group unit low high weight because
        opening closing`` (values), ``opening_indicator closing_indicator change`` [1],
        ``known_share_opening known_share_closing`` (share of the area with a value) and
        ``status``: observed, incomplete where some area has no value, missing where none has.
        The row ``variable = "index"`` has the index in the columns of the indicators. Rows with
        ``land_class = ""`` speak for all types.

    Raises
    ------
    ConfigError
        E421: the levels of a variable are no range.

    Examples
    --------
    Two hectares at 0.4 and one at 0.7: the mean is 0.5.

    >>> stands = pd.DataFrame(
    ...     {
    ...         "land_class": ["arbor_forest"] * 2,
    ...         "area_dm2": [2_000_000, 1_000_000],
    ...         "canopy_cover": [0.4, 0.7],
    ...     }
    ... )
    >>> made = condition(stands, stands)
    >>> round(float(made.loc[0, "opening_indicator"]), 12)
    0.5
    """
    wanted = tuple(variables)
    sides = {"opening": opening, "closing": closing}
    for name, stands in sides.items():
        require(stands, ["land_class", "area_dm2", *(v.column for v in wanted)], name)
    named = [stands["land_class"].astype(object) for stands in sides.values()]
    present = [code for code in classes if any(column.eq(code).any() for column in named)]
    parts = []
    for code in [*present, ""]:
        chosen = {
            name: stands[stands["land_class"].astype(object).isin([code] if code else present)]
            for name, stands in sides.items()
        }
        made = [_row(chosen, variable) for variable in wanted]
        parts += [{"land_class": code} | row for row in [*made, _index(made)]]
    found = pd.DataFrame(parts)
    for place, lang in enumerate(("zh", "en"), start=1):
        whole = "全部" if lang == "zh" else "all types"
        words = [code_label("land_class", c, lang) if c else whole for c in found["land_class"]]
        found.insert(place, lang, words)
    return found


def _row(sides: dict[str, pd.DataFrame], variable: Variable) -> dict[str, Any]:
    word = term(variable.column)
    made: dict[str, Any] = {
        "variable": variable.column,
        "variable_zh": word.zh,
        "variable_en": word.en,
        "group": variable.group,
        "unit": word.unit,
        "low": variable.low,
        "high": variable.high,
        "weight": variable.weight,
        "because": variable.because,
    }
    shares: list[float] = []
    for name, stands in sides.items():
        given = stands[variable.column].astype("Float64")
        values: Floats = given.to_numpy(np.float64, na_value=np.nan).astype(np.float64)
        area: Floats = stands["area_dm2"].to_numpy(dtype=np.float64)
        known = _in_range(values, word)
        made[name] = _mean(values, area, known)
        made[f"{name}_indicator"] = _mean(indicator(values, variable), area, known)
        made[f"known_share_{name}"] = float(area[known].sum() / area.sum()) if area.sum() else 0.0
        shares.append(made[f"known_share_{name}"])
    made["change"] = made["closing_indicator"] - made["opening_indicator"]
    none, some = min(shares) == 0.0, min(shares) < 1.0
    made["status"] = "missing" if none else "incomplete" if some else "observed"
    return made


def _in_range(values: Floats, word: Term) -> npt.NDArray[np.bool_]:
    """Whether a value is known and one the word can have."""
    low = -np.inf if word.low is None else word.low
    high = np.inf if word.high is None else word.high
    return np.asarray(np.isfinite(values) & (values >= low) & (values <= high))


def _index(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Weighted mean of the indicators; nothing where one of them is missing."""
    frame = pd.DataFrame(rows)
    weights = frame["weight"].to_numpy(dtype=np.float64)
    made: dict[str, Any] = {"variable": "index", "variable_zh": "状况指数"}
    made |= {"variable_en": "condition index", "group": "", "unit": "1", "weight": weights.sum()}
    for name in ("opening", "closing"):
        values = frame[f"{name}_indicator"].to_numpy(dtype=np.float64)
        total = weights.sum()
        made[f"{name}_indicator"] = float((values * weights).sum() / total) if total else np.nan
        made[f"known_share_{name}"] = float(frame[f"known_share_{name}"].min())
    made["change"] = made["closing_indicator"] - made["opening_indicator"]
    statuses = set(frame["status"])
    worst = next(s for s in ("missing", "incomplete", "observed") if s in statuses)
    return made | {"status": worst}


def _mean(values: Floats, weights: Floats, known: npt.NDArray[np.bool_]) -> float:
    total = weights[known].sum()
    return float((values[known] * weights[known]).sum() / total) if total else float("nan")
