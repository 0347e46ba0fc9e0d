"""What a map page is made of: land, titles, verdicts and forecast, as a run left them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Land", "Words"]

Words = Mapping[str, Any]
"""Texts of the page in one language."""


@dataclass(frozen=True)
class Land:
    """Layers and tables a map page shows. Layers are in EPSG:4490.

    Attributes
    ----------
    project : mapping
        ``name``, ``valuation_date``, ``run`` (hash of the run's record).
    stands : GeoDataFrame
        ``stand township village land_class species species_en age_group age_yr origin
        forest_category planting_year area_dm2``, one row per stand. [0.01 m2]
    parcels : GeoDataFrame
        ``parcel location land_tenure area_dm2``, one row per parcel.
    pieces : GeoDataFrame
        ``piece stand parcel area_dm2 creditable pledgeable decided_by credit_kg pledgeable_kg
        pledge_value_fen`` and ``clause_a`` to ``clause_f``, one row per piece.
    rights, encumbrances : DataFrame
        Titles and what burdens them, as the run read them.
    clauses : DataFrame
        ``clause zh en``: the words of every condition and clause.
    guideline : tuple of str
        The clauses that ``clause_a`` to ``clause_f`` are, in order.
    verdicts : DataFrame
        ``piece clause verdict reason reason_en``: what is open on land that nothing rules out.
    places : GeoDataFrame
        ``code name level`` (``township`` or ``village``): limits and names; may have no rows.
    instants : tuple of str
        Days of the forecast, in order.
    stock_kg : array (stand, instant), int64
        Carbon of a stand on a day. [kg CO2e]
    known : array (stand), bool
        Whether the stand's forecast is known.
    """

    project: Mapping[str, str]
    stands: geopandas.GeoDataFrame
    parcels: geopandas.GeoDataFrame
    pieces: geopandas.GeoDataFrame
    rights: pd.DataFrame
    encumbrances: pd.DataFrame
    clauses: pd.DataFrame
    guideline: tuple[str, ...]
    verdicts: pd.DataFrame
    places: geopandas.GeoDataFrame
    instants: tuple[str, ...]
    stock_kg: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
