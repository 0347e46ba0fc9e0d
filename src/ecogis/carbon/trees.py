r"""Biomass by tree equations, where diameter, height and number of stems are known.

Forms, diameter :math:`D` [cm] and height :math:`H` [m]:

.. math::

    \text{d:}\; a D^b \qquad \text{d\_h:}\; a D^b H^c \qquad \text{d2h:}\; a (D^2 H)^b

.. math::

    \text{saturating:}\; f \exp\Big(a + b\frac{s}{s+k} + c\frac{H}{H+m} + e \ln H + g H\Big)
    \qquad s = 2 + 1.25 D
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.methods import ParameterSet

__all__ = ["FORMS", "fir_models", "mean_tree_coefficients", "tree_biomass", "tree_models"]

Floats = NDArray[np.float64]

_KG_PER_T = 1000.0
_MODEL = ("species", "component", "form", "a", "b")
_OTHERWISE: Final = MappingProxyType(
    {"c": 0.0, "e": 0.0, "g": 0.0, "k": 1.0, "m": 1.0, "f": 1.0, "d_min": 0.0, "d_max": np.inf}
)
_FIR = "杉木"
_SMALL_FROM = MappingProxyType({"from_5_cm": (5.0, np.inf), "under_5_cm": (0.0, 5.0)})


def _saturating(d: Floats, h: Floats, q: Mapping[str, float]) -> Floats:
    stump = 2.0 + 1.25 * d  # diameter at the stump, cm
    power = q["a"] + q["b"] * stump / (stump + q["k"]) + q["c"] * h / (h + q["m"])
    return np.asarray(q["f"] * np.exp(power + q["e"] * np.log(h) + q["g"] * h))


FORMS: Final[Mapping[str, Callable[[Floats, Floats, Mapping[str, float]], Floats]]] = (
    MappingProxyType(
        {
            "d": lambda d, _, q: np.asarray(q["a"] * d ** q["b"]),
            "d_h": lambda d, h, q: np.asarray(q["a"] * d ** q["b"] * h ** q["c"]),
            "d2h": lambda d, h, q: np.asarray(q["a"] * (d * d * h) ** q["b"]),
            "saturating": _saturating,
        }
    )
)
"""Forms of equation by name."""


def tree_models(library: ParameterSet, date: date, region: str) -> pd.DataFrame:
    """Tree equations of one region from the library.

    Parameters
    ----------
    library : ParameterSet
        Set with the table ``models``, such as ``tree-biomass-china``.
    date : date
        Day the values must be in force.
    region : str
        Region of the equations; regions are not mixed.

    Returns
    -------
    DataFrame, one row per equation
        ``species component form a b c d_min d_max``; attribute ``parameter_set``.

    Raises
    ------
    ConfigError
        E673: no such region.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> found = tree_models(parameters("tree-biomass-china"), date(2026, 8, 31), "Anhui")
    >>> found.query("species == '杉木' and component == 'stem'")[["form", "a", "b"]].to_numpy()[0]
    array(['d2h', 0.0411, 0.8941], dtype=object)
    """
    table = library.frame("models", date)
    found = table[table["region"] == region].rename(columns=lambda n: n.removeprefix("tree_"))
    if found.empty:
        raise ConfigError(
            "E673", what=f"region = {region}: {', '.join(sorted(set(table['region'])))}"
        )
    kept = ["species", "component", "form", "a", "b", "c", "d_min", "d_max"]
    found = found[kept].reset_index(drop=True)
    found.attrs = {"parameter_set": f"{library.label} {region}"}
    return found


def fir_models(library: ParameterSet, date: date) -> pd.DataFrame:
    """Chinese fir by LY/T 2264-2014: above and below ground, two branches that meet at 5 cm.

    Arguments and result as `tree_models`, without a region.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> fir_models(parameters("biomass-lyt2264"), date(2026, 8, 31))["component"].tolist()
    ['above_ground', 'above_ground', 'below_ground', 'below_ground']
    """
    table = library.frame("tree_models", date)
    table = table[table["quantity"].isin(["above_ground", "below_ground"])]
    spans = [_SMALL_FROM[size] for size in table["size"]]
    found = pd.DataFrame(
        {
            "species": _FIR,
            "component": table["quantity"].to_numpy(dtype=object),
            "form": "d_h",
            "a": table["model_a"].to_numpy(),
            "b": table["model_b"].to_numpy(),
            "c": table["model_c"].to_numpy(),
            "d_min": [span[0] for span in spans],
            "d_max": [span[1] for span in spans],
        }
    )
    found.attrs = {"parameter_set": library.label}
    return found


def tree_biomass(
    trees: pd.DataFrame, models: pd.DataFrame, findings: Findings, *, layer: str = "trees"
) -> pd.DataFrame:
    """Dry biomass of mean trees by component, and per hectare.

    Parameters
    ----------
    trees : DataFrame, one row per tree, stratum or stand
        Columns ``stand species dbh_cm height_m stems_ha``. [1, 1, cm, m, ha-1]
    models : DataFrame, one row per equation
        As `tree_models` gives it: ``species component form a b`` and, where the form has them,
        ``c e g k m f``; ``d_min d_max`` the diameters it holds for, the upper one left out. [cm]
    findings : Findings
        Grows by the findings below.
    layer : str
        Name of the table in findings.

    Returns
    -------
    DataFrame, one row per row of `trees`
        ``stand``; for each component ``<component>_kg`` of one tree [kg DM] and ``<component>_t``
        [t DM ha-1]; missing where there is no equation or it does not hold. Attribute
        ``parameter_set``.

    Raises
    ------
    ConfigError
        E673: an unknown form, or two equations that hold for one tree.

    Findings
    --------
    E676
        Diameter, height or stems are missing or no equation holds for that diameter; excluded.
    E677
        The species has no equation; excluded.

    Examples
    --------
    >>> models = pd.DataFrame(
    ...     {"species": ["oak"], "component": ["stem"], "form": ["d2h"], "a": [0.02], "b": [1.0]}
    ... )
    >>> tree = pd.DataFrame(
    ...     {
    ...         "stand": ["S"],
    ...         "species": ["oak"],
    ...         "dbh_cm": [10.0],
    ...         "height_m": [5.0],
    ...         "stems_ha": [1000.0],
    ...     }
    ... )
    >>> tree_biomass(tree, models, Findings())[["stem_kg", "stem_t"]].to_numpy()[0].tolist()
    [10.0, 10.0]
    """
    require(trees, ("stand", "species", "dbh_cm", "height_m", "stems_ha"), "trees")
    require(models, _MODEL, "models")
    lost = sorted(set(models["form"]) - FORMS.keys())
    if lost:
        raise ConfigError("E673", what=f"form {', '.join(lost)}: {', '.join(FORMS)}")
    d, h, stems = (
        trees[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("dbh_cm", "height_m", "stems_ha")
    )
    measured = (d > 0.0) & (h > 0.0) & (stems >= 0.0)
    species = trees["species"].astype("string")
    out: dict[str, Floats] = {}
    for component in dict.fromkeys(models["component"]):
        rows = models[models["component"] == component]
        kg = _component(rows, species, d, h, measured)
        out[f"{component}_kg"] = kg
        out[f"{component}_t"] = kg * stems / _KG_PER_T
    none = np.all([np.isnan(values) for values in out.values()], axis=0)
    _report(trees, models, none, findings, layer)
    found = pd.DataFrame({"stand": trees["stand"].astype("string").array, **out})
    found.attrs = {"parameter_set": models.attrs.get("parameter_set", "")}
    return found


def _component(
    rows: pd.DataFrame, species: pd.Series, d: Floats, h: Floats, measured: NDArray[np.bool_]
) -> Floats:
    kg = np.full(d.size, np.nan)
    for row in rows.to_dict("records"):
        numbers = {k: float(row.get(k, v)) for k, v in _OTHERWISE.items()}
        numbers = {k: _OTHERWISE[k] if np.isnan(v) else v for k, v in numbers.items()}
        numbers |= {"a": float(row["a"]), "b": float(row["b"])}
        holds = measured & (species == row["species"]).to_numpy(dtype=bool, na_value=False)
        holds &= (d >= numbers["d_min"]) & (d < numbers["d_max"])
        if (~np.isnan(kg[holds])).any():
            raise ConfigError("E673", what=f"two equations: {row['species']} {row['component']}")
        kg[holds] = FORMS[row["form"]](d[holds], h[holds], numbers)
    return kg


def _report(
    trees: pd.DataFrame,
    models: pd.DataFrame,
    none: NDArray[np.bool_],
    findings: Findings,
    layer: str,
) -> None:
    species = trees["species"].astype("string")
    known = species.isin(models["species"]).to_numpy(dtype=bool, na_value=False)
    named = species.notna().to_numpy(dtype=bool)
    for code, where, column in (
        ("E677", named & ~known, "species"),
        ("E676", known & none, "dbh_cm"),
    ):
        findings.add(
            code,
            layer=layer,
            where=where,
            feature=trees["stand"],
            row=trees.get("row"),
            column=column,
            observed=trees[column],
            action="excluded",
        )


def mean_tree_coefficients(
    stands: pd.DataFrame,
    library: ParameterSet,
    date: date,
    findings: Findings,
    *,
    co2_per_c: float,
    layer: str = "stands",
) -> pd.DataFrame:
    r"""Carbon of a cubic metre of Chinese fir by the diameter and height of the mean tree.

    .. math::

        C_{above} = BCF\,CF_{above} \qquad C_{below} = BCF\,RSR\,CF_{below}

    with the conversion factor and root to shoot ratio of LY/T 2264-2014, each
    :math:`a D^b H^c` in two branches. A second opinion beside the inventory's constants, and the
    careful one for stout trees: never in one result with them.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand species dbh_cm height_m``. [1, 1, cm, m]
    library : ParameterSet
        ``biomass-lyt2264``.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the findings below.
    co2_per_c : float
        Mass of CO2 of one of carbon, as ``biomass-inventory`` has it. [t CO2e t-1 C-1]
    layer : str
        Name of the stands' layer in findings.

    Returns
    -------
    DataFrame, one row per stand
        As `coefficients` gives it; ``stem_share`` is missing, the standard has none.

    Findings
    --------
    E676
        Diameter or height is missing; excluded.
    E677
        The species is not in the standard; excluded.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> stand = pd.DataFrame(
    ...     {"stand": ["S"], "species": ["杉木"], "dbh_cm": [15.0], "height_m": [12.0]}
    ... )
    >>> found = mean_tree_coefficients(
    ...     stand, parameters("biomass-lyt2264"), date(2026, 8, 31), Findings(), co2_per_c=44 / 12
    ... )
    >>> round(float(found["co2e_t_m3"][0]), 3)
    0.996
    """
    require(stands, ("stand", "species", "dbh_cm", "height_m"), "stands")
    table = library.frame("tree_models", date).set_index(["quantity", "size"])
    values = table[["model_a", "model_b", "model_c"]].to_numpy()
    numbers = dict(zip(table.index, values, strict=True))
    models = pd.DataFrame(
        [
            {"species": _FIR, "component": quantity, "form": "d_h", "d_min": low, "d_max": high}
            | dict(zip("abc", numbers[quantity, size], strict=True))
            for quantity in ("bcef", "root_shoot_ratio")
            for size, (low, high) in _SMALL_FROM.items()
        ]
    )
    found = tree_biomass(stands.assign(stems_ha=0.0), models, findings, layer=layer)
    bcef, ratio = (found[f"{name}_kg"].to_numpy() for name in ("bcef", "root_shoot_ratio"))
    above = bcef * library.value("carbon_fraction_above", date, "t C t-1", key=_FIR)
    below = bcef * ratio * library.value("carbon_fraction_below", date, "t C t-1", key=_FIR)
    made = pd.DataFrame(
        {
            "stand": stands["stand"].astype("string").array,
            "species": stands["species"].astype("string").array,
            "above_t_c_m3": above,
            "below_t_c_m3": below,
            "co2e_t_m3": (above + below) * co2_per_c,
            "stem_share": np.nan,
        }
    )
    made.attrs = {"parameter_set": library.label, "co2_per_c": co2_per_c}
    return made
