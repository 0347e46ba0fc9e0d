"""Draw the validation figures of the method notes: ``python docs/make_figures.py``.

Each holds a result of ours against one that was not computed by the code it checks.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from shapely import Polygon

from ecogis import growth
from ecogis.core.findings import Findings
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.valuation.processes import PriceProcess, drawn_prices, expected_price, log_moments

FOLDER = Path(__file__).parent / "images"
DEGREE_M = 111_320.0


def area() -> Figure:
    """Area of record against PROJ's geodesic area, by length of edge and latitude."""
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    edges = np.array([50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0])
    for latitude in (20.0, 35.0, 50.0):
        squares = [_on_its_corner(latitude, edge) for edge in edges]
        ours = ellipsoidal_area_m2(squares)
        geodesic = ellipsoidal_area_m2(squares, definition="geodesic")
        axes.loglog(edges, np.abs(ours / geodesic - 1), "o-", label=f"{latitude:.0f}° N")
    axes.set(xlabel="edge of a square [m]", ylabel="relative difference")
    axes.legend()
    return figure


def _on_its_corner(latitude: float, edge_m: float) -> Polygon:
    """A square on its corner, so that no edge runs along a parallel or a meridian."""
    high = edge_m / np.sqrt(2) / DEGREE_M
    wide = high / np.cos(np.radians(latitude))
    corners = [(wide, 0), (0, high), (-wide, 0), (0, -high)]
    return Polygon([(110 + x, latitude + y) for x, y in corners])


def fit() -> Figure:
    """A curve recovered from stands with noise, three in a hundred of them miscoded."""
    rng = np.random.default_rng(1)
    age = rng.integers(3, 50, size=400)
    truth = 260.0 * (1 - np.exp(-0.06 * np.arange(1, 51))) ** 2.2
    volume = truth[age - 1] * np.exp(rng.normal(0.0, 0.25, size=400))
    volume[:12] *= 6.0
    stands = pd.DataFrame(
        {
            "stand": np.arange(400).astype(str),
            "species": "pine",
            "age_yr": age,
            "standing_volume": volume,
        }
    )
    fits = growth.fit(stands, Findings(), by=["species"], form="richards")
    figure = growth.fit_plot(fits, stands)
    axes = figure.axes[0]
    axes.plot(np.arange(1, 51), truth, "k--", label="truth")
    axes.set_ylim(0, 500)
    axes.legend()
    return figure


def prices() -> Figure:
    """Mean and quantiles of 20,000 draws against the closed forms of the process."""
    process = PriceProcess(0.35, "figure of this page", "assumed", reversion=0.4, level_cny_t=90)
    years = np.arange(1.0, 11.0)
    mean = expected_price(process, 70, years)
    drawn = drawn_prices(
        process, np.rint(mean * 100), years, [str(year) for year in years], seed=1, draws=20_000
    )
    _, spread = log_moments(process, 70, years)
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    middle = np.log(mean) - spread / 2
    for name, shift in (("5 %", -1.6449), ("95 %", 1.6449)):
        axes.plot(years, np.exp(middle + shift * np.sqrt(spread)), "-", label=f"{name}, formula")
        quantile = np.quantile(drawn / 100, 0.05 if shift < 0 else 0.95, axis=0)
        axes.plot(years, quantile, "o", color="black", ms=3)
    axes.plot(years, mean, "-", label="mean, formula")
    axes.plot(years, drawn.mean(axis=0) / 100, "o", color="black", ms=3, label="20,000 draws")
    axes.set(xlabel="years", ylabel="CNY t⁻¹", ylim=(0, None))
    axes.legend(loc="lower right", ncols=2)
    return figure


FIGURES = {"check-area.png": area, "check-fit.png": fit, "check-prices.png": prices}

if __name__ == "__main__":
    for name, draw in FIGURES.items():
        draw().savefig(FOLDER / name, dpi=110, metadata={"Software": None})
