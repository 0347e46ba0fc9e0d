"""``.eco`` on layers, tables and forecasts: what an analyst asks of one most often.

``import ecogis.accessors`` registers it; each method is one call to the function it names.
"""

from typing import Final

import geopandas
import pandas as pd
import xarray as xr

from ecogis import quality
from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import code_label, codes, terms
from ecogis.spatial.area import area_dm2

__all__ = ["ForecastAccessor", "TableAccessor"]

_HA_PER_DM2: Final = 1e-6
_KG_PER_T: Final = 1000


@pd.api.extensions.register_dataframe_accessor("eco")
class TableAccessor:
    """``table.eco``: area of record, findings, and the words people use.

    Examples
    --------
    >>> from shapely import box
    >>> square = box(113, 24, 113.001, 24.001)
    >>> layer = geopandas.GeoDataFrame({"stand": ["S1"]}, geometry=[square], crs=4490)
    >>> layer.eco.area_ha().round(2).tolist()
    [1.13]
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def area_ha(self) -> pd.Series:
        """Area of record of each feature: on the ellipsoid of CGCS2000, by whole dm2. [ha]

        Raises
        ------
        ConfigError
            E002: the table is no layer, or its CRS is missing.
        """
        layer = self._layer()
        area = area_dm2(layer.geometry.array) * _HA_PER_DM2
        return pd.Series(area, index=layer.index, name="area_ha")

    def findings(self, key: str = "stand", *, role: str = "stands") -> pd.DataFrame:
        """What is wrong with a layer as a map: drawn twice, left out, too thin, in parts.

        Overlaps are told when layers are laid over one another (`ecogis.overlay.pieces`).

        Parameters
        ----------
        key : str
            Column of identifiers.
        role : {"stands", "stands_opening", "parcels"}
            Which layer it is, in the words of the project file.

        Returns
        -------
        DataFrame
            Findings in both languages, as in ``findings.csv``; see `ecogis.quality.topology`.
        """
        layer = self._layer()
        area = area_dm2(layer.geometry.array)
        found = Findings()
        measured = layer.to_crs(4490).assign(area_dm2=area, area_ha=area * _HA_PER_DM2)
        quality.topology(measured, key, found, role=role, boundary=None)
        return found.table()

    def labelled(self, lang: str = "zh") -> pd.DataFrame:
        """The table with the vocabulary's words for columns, units behind, and for categories.

        Examples
        --------
        >>> pd.DataFrame({"land_class": ["arbor_forest"], "area_ha": [1.0]}).eco.labelled("en")
          land class  area [ha]
        0  arbor forest       1.0
        """
        known = {name: term for name, term in terms().items() if name in self._table}
        words = {
            name: [code_label(name, code, lang) for code in self._table[name]]
            for name in known
            if _has_codes(name)
        }
        heads = {
            name: (term.zh if lang == "zh" else term.en)
            + (f" [{term.unit}]" if term.unit and term.unit != "1" else "")
            for name, term in known.items()
        }
        return self._table.assign(**words).rename(columns=heads)

    def _layer(self) -> geopandas.GeoDataFrame:
        table = self._table
        if not isinstance(table, geopandas.GeoDataFrame) or table.crs is None:
            raise ConfigError("E002", value=type(table).__name__, expected="GeoDataFrame, CRS")
        return table


def _has_codes(name: str) -> bool:
    try:
        return bool(codes(name))
    except VocabularyError:
        return False


@xr.register_dataset_accessor("eco")  # type: ignore[no-untyped-call]
class ForecastAccessor:
    """``dataset.eco``: sums of a forecast over stands.

    Examples
    --------
    >>> kg = ("stand", "instant"), [[1500, 2500], [500, 500]]
    >>> forecast = xr.Dataset({"co2e_kg": kg}, {"stand": ["a", "b"], "instant": [2025, 2026]})
    >>> forecast.eco.totals()["t CO2e"].tolist()
    [2.0, 3.0]
    """

    def __init__(self, forecast: xr.Dataset) -> None:
        self._forecast = forecast

    def totals(self, by: pd.Series | None = None) -> pd.DataFrame:
        """Living carbon by instant, of the whole or of groups of stands. [t CO2e]

        Parameters
        ----------
        by : Series, optional
            Group of each stand, indexed by stand; stands it does not name are left out.

        Returns
        -------
        DataFrame
            One row per instant; one column per group, or ``t CO2e``. Whole kilograms are added.
        """
        kg = pd.DataFrame(self._forecast["co2e_kg"].to_pandas())
        if by is None:
            return kg.sum().to_frame("t CO2e") / _KG_PER_T
        return kg.groupby(by.reindex(kg.index)).sum().T / _KG_PER_T
