"""What is wrong in the data: rows of a table that grow through a run and are never silent."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.texts import Rule, Severity, filled, rule

__all__ = ["COLUMNS", "Findings", "Rule", "Severity", "rule"]

COLUMNS = (
    "code",
    "severity",
    "layer",
    "feature",
    "row",
    "column",
    "observed",
    "expected",
    "area_ha",
    "action",
    "message_zh",
    "message_en",
    "remedy_zh",
    "remedy_en",
)
_ACTIONS = ("kept", "excluded", "repaired")
_WEIGHT = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}

Cells = Any  # a scalar for one finding, or an array as long as the table


class Findings:
    """The findings of one run.

    A check adds rows by mask and never acts; `action` says what the run does about the row.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.add("E004", layer="stands", feature="A1", columns="species", action="excluded")
    1
    >>> findings.excluded("stands")
    {'A1'}
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self._table: pd.DataFrame | None = None

    def add(
        self,
        code: str,
        *,
        layer: str,
        where: npt.ArrayLike | None = None,
        feature: Cells = None,
        row: Cells = None,
        column: str = "",
        observed: Cells = None,
        expected: str = "",
        area_ha: Cells = None,
        action: str = "kept",
        **values: Cells,
    ) -> int:
        """Add one finding, or one for each true element of `where`.

        Parameters
        ----------
        code : str
            Code of the catalogue.
        layer : str
            Role of the layer or table: stands, parcels, rights ...
        where : array of bool, optional
            Rows the finding is about; the array arguments have its length.
        feature, row, observed, area_ha : scalar or array
            Identifier, 1-based source row, value seen, area touched [ha].
        action : {"kept", "excluded", "repaired"}
            What the run does with the row.
        **values
            Values for the placeholders of the texts; ``id``, ``v`` and ``row`` are filled from
            `feature`, `observed` and `row` where not given.

        Returns
        -------
        int
            Number of rows added.
        """
        if action not in _ACTIONS:
            raise ConfigError("E002", value=action, expected=", ".join(_ACTIONS))
        about = rule(code)
        at = None if where is None else np.flatnonzero(np.asarray(where, dtype=bool))
        count = 1 if at is None else len(at)
        if not count:
            return 0
        given = {"feature": feature, "row": row, "observed": observed, "area_ha": area_ha}
        cells = {name: _cells(cell, at) for name, cell in given.items()}
        same = {"layer": layer, "column": column, "expected": expected, "action": action}
        cells |= {name: [text] * count for name, text in same.items()}
        self._take(_rows(about, cells, {name: _cells(cell, at) for name, cell in values.items()}))
        return count

    def _take(self, columns: dict[str, list[Any]]) -> None:
        self._table = None
        for name, cells in self._columns.items():
            cells.extend(columns[name])

    def extend(self, other: "Findings", *, layer: str | None = None) -> None:
        """Take over the rows of another collection, all or those about one layer."""
        rows = [row for row in other.rows() if layer in (None, row["layer"])]
        self._take({name: [row[name] for row in rows] for name in COLUMNS})

    def rows(self) -> list[dict[str, Any]]:
        """The findings as records, in the order they were made."""
        rows = zip(*self._columns.values(), strict=True)
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    def table(self) -> pd.DataFrame:
        """All findings, one row each, ordered by code, layer and source row."""
        if self._table is None:
            table = pd.DataFrame(self._columns, columns=list(COLUMNS))
            table["row"] = table["row"].astype("Int64")
            table["area_ha"] = pd.to_numeric(table["area_ha"]).astype("float64")
            order = ["code", "layer", "row", "feature"]
            table = table.sort_values(order, kind="stable", na_position="last")
            self._table = table.reset_index(drop=True)
        return self._table.copy(deep=False)

    def count(self, code: str | None = None) -> int:
        """Number of findings, of one code or of all."""
        codes = self._columns["code"]
        return len(codes) if code is None else codes.count(code)

    def features(
        self,
        layer: str,
        *,
        column: str | None = None,
        action: str | None = None,
        codes: Collection[str] | None = None,
    ) -> set[str]:
        """Identifiers of a layer's rows with a finding: on a column, of some action or codes."""
        names = ("feature", "layer", "column", "action", "code")
        return {
            feature
            for feature, where, about, done, code in zip(
                *(self._columns[name] for name in names), strict=True
            )
            if where == layer
            and feature is not None
            and column in (None, about)
            and action in (None, done)
            and (codes is None or code in codes)
        }

    def excluded(self, layer: str) -> set[str]:
        """Identifiers of a layer's rows that a finding excludes from earning."""
        return self.features(layer, action="excluded")

    def open(self, refuse_at: str, accept: Collection[str] = ()) -> pd.DataFrame:
        """Findings at or above a severity whose code has not been accepted."""
        grave = _grave(refuse_at)
        table = self.table()
        return table[table["severity"].isin(list(grave)) & ~table["code"].isin(list(accept))]

    def refuse(self, refuse_at: str, accept: Collection[str] = ()) -> None:
        """Stop when findings are open.

        Raises
        ------
        StageRefusedError
            Names the codes that are open and how many of each.
        """
        seen = set(zip(self._columns["code"], self._columns["severity"], strict=True))
        grave = _grave(refuse_at)
        if any(severity in grave and code not in accept for code, severity in seen):
            left = self.open(refuse_at, accept)
            counts = left["code"].value_counts().sort_index()
            worst = ", ".join(f"{code} ×{number}" for code, number in counts.items())
            first = left.iloc[0]
            raise StageRefusedError(
                "E003",
                number=len(left),
                codes=worst,
                layer=first["layer"],
                row=first["row"],
                first_zh=first["message_zh"],
                first_en=first["message_en"],
            )


def _grave(refuse_at: str) -> set[str]:
    """Severities at or above one."""
    floor = _WEIGHT[Severity(refuse_at)]
    return {str(name) for name, weight in _WEIGHT.items() if weight >= floor}


def _cells(cell: Cells, at: npt.NDArray[np.int64] | None) -> list[Any]:
    """A scalar as one value, an array as its values at some places; missing ones are None."""
    if at is None:
        return [_plain(cell)]
    if isinstance(cell, pd.Series):
        return [_plain(value) for value in cell.iloc[at].tolist()]
    if isinstance(cell, np.ndarray | pd.Index | pd.api.extensions.ExtensionArray):
        return [_plain(value) for value in cell[at].tolist()]
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return [_plain(cell[place]) for place in at.tolist()]
    return [_plain(cell)] * len(at)


def _plain(cell: Any) -> Any:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def _rows(
    about: Rule, cells: dict[str, list[Any]], values: dict[str, list[Any]]
) -> dict[str, list[Any]]:
    """Columns of the rows of one call."""
    count = len(cells["layer"])
    seen = {"id": cells["feature"], "v": cells["observed"]}
    known = seen | {name: cells[name] for name in ("row", "layer", "column", "expected")} | values
    text = {name: ["—" if cell is None else cell for cell in col] for name, col in known.items()}
    sources = [about.zh, about.en, about.remedy_zh, about.remedy_en]
    zh, en, remedy_zh, remedy_en = filled(sources, text, count)
    return {
        **cells,
        "feature": [None if cell is None else str(cell) for cell in cells["feature"]],
        "observed": ["" if cell is None else str(cell) for cell in cells["observed"]],
        "code": [about.code] * count,
        "severity": [about.severity.value] * count,
        "message_zh": zh,
        "message_en": en,
        "remedy_zh": remedy_zh,
        "remedy_en": remedy_en,
    }
