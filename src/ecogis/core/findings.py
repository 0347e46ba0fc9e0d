"""What is wrong in the data: rows of a table that grow through a run and are never silent."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.texts import Rule, Severity, fill, rule

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

_ARRAYS = (Sequence, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray)

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
        self._rows: list[dict[str, Any]] = []

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
        at = [None] if where is None else np.flatnonzero(np.asarray(where, dtype=bool)).tolist()
        for index in at:
            cells = {
                name: _cell(cell, index)
                for name, cell in {
                    "feature": feature,
                    "row": row,
                    "observed": observed,
                    "area_ha": area_ha,
                }.items()
            }
            cells |= {"layer": layer, "column": column, "expected": expected, "action": action}
            filled = {name: _cell(cell, index) for name, cell in values.items()}
            self._rows.append(_row(about, cells, filled))
        return len(at)

    def extend(self, other: "Findings", *, layer: str | None = None) -> None:
        """Take over the rows of another collection, all or those about one layer."""
        self._rows.extend(row for row in other.rows() if layer in (None, row["layer"]))

    def rows(self) -> list[dict[str, Any]]:
        """The findings as records, in the order they were made."""
        return list(self._rows)

    def table(self) -> pd.DataFrame:
        """All findings, one row each, ordered by code, layer and source row."""
        table = pd.DataFrame(self._rows, columns=list(COLUMNS))
        table["row"] = table["row"].astype("Int64")
        table["area_ha"] = pd.to_numeric(table["area_ha"]).astype("float64")
        order = ["code", "layer", "row", "feature"]
        return table.sort_values(order, kind="stable", na_position="last").reset_index(drop=True)

    def count(self, code: str | None = None) -> int:
        """Number of findings, of one code or of all."""
        return sum(code in (None, row["code"]) for row in self._rows)

    def excluded(self, layer: str) -> set[str]:
        """Identifiers of a layer's rows that a finding excludes from earning."""
        return {
            row["feature"]
            for row in self._rows
            if row["layer"] == layer and row["action"] == "excluded" and row["feature"] is not None
        }

    def open(self, refuse_at: str, accept: Collection[str] = ()) -> pd.DataFrame:
        """Findings at or above a severity whose code has not been accepted."""
        floor = _WEIGHT[Severity(refuse_at)]
        table = self.table()
        weight = table["severity"].map(lambda severity: _WEIGHT[Severity(severity)])
        return table[(weight >= floor) & ~table["code"].isin(list(accept))]

    def refuse(self, refuse_at: str, accept: Collection[str] = ()) -> None:
        """Stop when findings are open.

        Raises
        ------
        StageRefusedError
            Names the codes that are open and how many of each.
        """
        left = self.open(refuse_at, accept)
        if len(left):
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


def _cell(cell: Cells, index: int | None) -> Any:
    if index is not None:
        if isinstance(cell, pd.Series):
            cell = cell.iloc[index]
        elif isinstance(cell, _ARRAYS) and not isinstance(cell, str):
            cell = cell[index]
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def _row(about: Rule, cells: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    seen = {"id": cells["feature"], "v": cells["observed"]}
    known = seen | {name: cells[name] for name in ("row", "layer", "column", "expected")} | values
    text = {name: "—" if value is None else value for name, value in known.items()}
    feature = None if cells["feature"] is None else str(cells["feature"])
    return {
        **cells,
        "feature": feature,
        "observed": "" if cells["observed"] is None else str(cells["observed"]),
        "code": about.code,
        "severity": about.severity.value,
        "message_zh": fill(about.zh, text),
        "message_en": fill(about.en, text),
        "remedy_zh": fill(about.remedy_zh, text),
        "remedy_en": fill(about.remedy_en, text),
    }
