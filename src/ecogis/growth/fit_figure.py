"""Fitted curves over the stands they come from, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.growth.curves import FORMS, Curve
from ecogis.growth.fit_laws import jacobian
from ecogis.growth.fitting import Fits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["band", "fit_plot"]

Floats = NDArray[np.float64]
_TITLES = {"zh": ("年龄(年)", "公顷蓄积(m³/ha)"), "en": ("age (yr)", "standing volume (m3/ha)")}


def band(fits: Fits, name: str, ages: Floats) -> tuple[Floats, Floats, Floats]:
    """A fitted curve and one standard error below and above it, by the delta method.

    Parameters
    ----------
    fits : Fits
        Fits.
    name : str
        Curve.
    ages : array
        Ages. [yr]

    Returns
    -------
    three arrays
        Curve, curve less and plus one standard error of its mean. [m3 ha-1]
    """
    curve = _named(fits, name)
    coefficients = np.array([curve.values[term] for term in FORMS[curve.form]])
    slopes = jacobian(curve.form, coefficients, ages)
    variance = np.einsum("ai,ij,aj->a", slopes, fits.covariance(name), slopes)
    middle, error = curve.at(ages), np.sqrt(np.maximum(variance, 0.0))
    return middle, middle - error, middle + error


def fit_plot(fits: Fits, stands: pd.DataFrame, *, language: str = "en") -> Figure:
    """One panel per fitted curve: its stands, the curve and one standard error. Needs matplotlib.

    Parameters
    ----------
    fits : Fits
        Fits.
    stands : DataFrame, one row per stand
        As given to `fit`.
    language : {"en", "zh"}
        Of the axes; a font with Chinese must be set in matplotlib for names in Chinese.

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.figure import Figure

    count = max(len(fits.curves), 1)
    figure = Figure(figsize=(4.5 * min(count, 3), 3.4 * -(-count // 3)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(-(-count // 3), min(count, 3))).ravel()
    age_title, volume_title = _TITLES[language]
    for panel in panels[len(fits.curves) :]:
        panel.set_axis_off()
    for curve, panel in zip(fits.curves, panels, strict=False):
        row = fits.table[fits.table["curve"] == curve.name].iloc[0]
        members = (stands[list(fits.keys)].astype("string") == row[list(fits.keys)]).all(axis=1)
        points = stands[members.fillna(False)]
        panel.plot(points["age_yr"], points["standing_volume"], "o", ms=2.5, color="0.55")
        ages = np.linspace(max(curve.first_age, 1e-3), curve.last_age, 120)
        middle, low, high = band(fits, curve.name, ages)
        panel.fill_between(ages, low, high, color="#1b6e3c", alpha=0.25, linewidth=0)
        panel.plot(ages, middle, color="#1b6e3c")
        held = f"n {row['stands']}, RMSE {row['rmse']:.1f}, held out {row['rmse_held_out']:.1f}"
        panel.set_title(f"{curve.name}\n{held}", fontsize=8)
        panel.set(xlabel=age_title, ylabel=volume_title, xlim=(0, None), ylim=(0, None))
    return figure


def _named(fits: Fits, name: str) -> Curve:
    fits.covariance(name)  # refuses a name that was not fitted
    return next(curve for curve in fits.curves if curve.name == name)
