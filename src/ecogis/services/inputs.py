"""What is known of each land unit: stand before raster before table, and which it was."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.services.formulas import LAND
from ecogis.services.items import Variable, variables

__all__ = ["ORIGINS", "UNIT_COLUMNS", "LandInputs", "joined", "resolve"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

ORIGINS: Final = ("stand", "raster", "table")
"""Where a value comes from, the first before the next."""
UNIT_COLUMNS: Final = ("township", "ecosystem", "area_dm2")
"""Columns of land units; their index is the unit's identifier."""
_HA_PER_DM2: Final = 1e-6


def resolve(units: pd.DataFrame, given: Mapping[str, pd.Series]) -> tuple[Floats, Texts]:
    """One value for each unit: the stand's own, else the raster's, else the table's.

    Parameters
    ----------
    units : DataFrame
        Land units, by their identifier.
    given : mapping of str to Series
        ``stand``, ``raster`` and ``table``, each by unit; any may be left out or have gaps.

    Returns
    -------
    values : array of float64
        Missing where no source has a value.
    origins : array of str
        One of `ORIGINS`, or empty where there is no value.

    Raises
    ------
    ConfigError
        E002: a source is none of `ORIGINS`.

    Examples
    --------
    >>> units = pd.DataFrame(index=["A", "B", "C"])
    >>> stand, raster = pd.Series({"A": 1.0}), pd.Series({"A": 9.0, "B": 2.0})
    >>> values, origins = resolve(units, {"raster": raster, "stand": stand})
    >>> values.tolist(), origins.tolist()
    ([1.0, 2.0, nan], ['stand', 'raster', ''])
    """
    for name in given:
        if name not in ORIGINS:
            raise ConfigError("E002", value=name, expected=", ".join(ORIGINS))
    values = np.full(len(units), np.nan)
    origins = np.full(len(units), "", dtype=object)
    for name in ORIGINS:
        if name in given:
            own = given[name].reindex(units.index).to_numpy(dtype=np.float64, na_value=np.nan)
            taken = np.isnan(values) & ~np.isnan(own)
            values[taken] = own[taken]
            origins[taken] = name
    return values, origins


class LandInputs:
    """The variables of land units, each resolved once, computed of others where not given.

    Parameters
    ----------
    units : DataFrame
        `UNIT_COLUMNS`, indexed by unit; areas as int64. [dm2]
    given : mapping of str to mapping of str to Series
        By variable, then by source as in `resolve`.
    findings : Findings
        Takes values out of their range.

    Attributes
    ----------
    derived : dict of str to str
        Variables asked for so far that were computed of others: the name of their formula.

    Raises
    ------
    ConfigError
        E002: a variable is not known.

    Findings
    --------
    E500
        A value out of the variable's range: it is not used.
    """

    def __init__(
        self,
        units: pd.DataFrame,
        given: Mapping[str, Mapping[str, pd.Series]],
        findings: Findings,
    ) -> None:
        require(units, UNIT_COLUMNS, "units")
        known = variables()
        for name in given:
            if name not in known:
                raise ConfigError("E002", value=name, expected=", ".join(known))
        self.units = units
        self.area_ha = units["area_dm2"].to_numpy(dtype=np.int64) * _HA_PER_DM2
        self._given = given
        self._findings = findings
        self._found: dict[str, tuple[Floats, Texts]] = {}
        self._cells: dict[str, tuple[Floats, Texts]] = {}
        self._means: dict[str, tuple[Floats, Texts]] = {}
        self.derived: dict[str, str] = {}

    def fill(
        self,
        name: str,
        values: Floats,
        origins: Texts,
        *,
        by_cell: bool,
    ) -> None:
        """Take values of a variable that were worked out of others, before it is asked for.

        Parameters
        ----------
        name : str
            Variable.
        values : array (unit)
            Missing where nothing was worked out. [unit of the variable]
        origins : array of str (unit)
            Where those it was worked out of come from, as `joined` puts it.
        by_cell : bool
            Whether they are means of what was worked out cell by cell, which stand where a raster
            stands, before a table's; else they stand after it.
        """
        (self._cells if by_cell else self._means)[name] = values, origins
        self._found.pop(name, None)

    def worked_out(self, name: str) -> tuple[Bools, Bools]:
        """Units that have a filled value of a variable, since none that is given goes before it.

        Parameters
        ----------
        name : str
            Variable.

        Returns
        -------
        by_cell, of_means : array (unit) of bool
            Whether a unit has what was worked out cell by cell, and what was of means.
        """
        near, table = (values for values, _ in self._given_of(name))
        missing = np.full(len(self.units), np.nan), np.full(len(self.units), "", dtype=object)
        cells, means = (
            ~np.isnan(each.get(name, missing)[0]) for each in (self._cells, self._means)
        )
        by_cell = np.isnan(near) & cells
        return by_cell, np.isnan(near) & ~cells & np.isnan(table) & means

    def _given_of(self, name: str) -> tuple[tuple[Floats, Texts], tuple[Floats, Texts]]:
        """What is given of a variable: by stand or raster, and by table."""
        given = self._given.get(name, {})
        table = {source: series for source, series in given.items() if source == "table"}
        nearer = {source: series for source, series in given.items() if source != "table"}
        return resolve(self.units, nearer), resolve(self.units, table)

    def __getitem__(self, name: str) -> tuple[Floats, Texts]:
        """Values and their origins; of a computed value the origins of all it is computed of."""
        if name not in self._found:
            self._found[name] = self._resolved(variables()[name])
        return self._found[name]

    def _resolved(self, about: Variable) -> tuple[Floats, Texts]:
        near, table = self._given_of(about.name)
        found = _filled(near, self._cells.get(about.name))
        found = _filled(found, table)
        found = _filled(found, self._means.get(about.name))
        if about.formula:
            parts = [self[name] for name in about.of]
            made = LAND[about.formula](*(values for values, _ in parts))
            by_cell = about.name in self._cells and self.worked_out(about.name)[0].any()
            if by_cell or (np.isnan(found[0]) & ~np.isnan(made)).any():
                self.derived[about.name] = about.formula
            found = _filled(found, (made, joined([origin for _, origin in parts])))
        return self._within(about, *found)

    def _within(self, about: Variable, values: Floats, origins: Texts) -> tuple[Floats, Texts]:
        with np.errstate(invalid="ignore"):
            wrong = (values < about.minimum) | (values > about.maximum)
        self._findings.add(
            "E500",
            layer="stands",
            where=wrong,
            feature=self.units.index.to_numpy(dtype=object),
            column=about.name,
            observed=values,
            expected=f"{about.minimum:g} – {about.maximum:g}",
            area_ha=self.area_ha,
            zh=about.zh,
            en=about.en,
            unit=about.unit,
        )
        return np.where(wrong, np.nan, values), np.where(wrong, "", origins)


def _filled(
    found: tuple[Floats, Texts], other: tuple[Floats, Texts] | None
) -> tuple[Floats, Texts]:
    """Values and origins, those missing taken from others."""
    if other is None:
        return found
    gap = np.isnan(found[0]) & ~np.isnan(other[0])
    return np.where(gap, other[0], found[0]), np.where(gap, other[1], found[1])


def joined(origins: list[Texts]) -> Texts:
    """Origins of a value computed of several, each once, in the order of precedence.

    >>> joined([np.array(["table", "stand"]), np.array(["raster", "stand"])]).tolist()
    ['raster+table', 'stand']
    """
    known: dict[tuple[str, ...], str] = {}
    found = np.empty(len(origins[0]), dtype=object)
    for at, row in enumerate(zip(*origins, strict=True)):
        if row not in known:
            seen = {name for text in row for name in text.split("+")}
            known[row] = "+".join(name for name in ORIGINS if name in seen)
        found[at] = known[row]
    return found
