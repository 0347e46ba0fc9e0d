"""One table under inspection: its columns as the checks need them, and how a fault is told."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.identifiers import among
from ecogis.core.vocabulary import code_label, codes, require

__all__ = ["Names", "Table"]

Mask = npt.NDArray[np.bool_]
Names = Collection[str] | pd.Series  # identifiers of another table
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """A layer or table with its role, the column of its identifier, and where findings go.

    A column the table does not have reads as missing throughout.
    """

    frame: pd.DataFrame
    layer: str
    key: str
    findings: Findings
    area_ha: Floats | None = None

    def __post_init__(self) -> None:
        require(self.frame, [self.key], self.layer)

    def text(self, column: str) -> "pd.Series[Any]":
        """A column as text, missing as <NA>."""
        return self._column(column).astype("string").reset_index(drop=True)

    def number(self, column: str) -> Floats:
        """A column as float64, missing as NaN."""
        values = pd.to_numeric(self._column(column), errors="coerce")
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))

    def date(self, column: str) -> "pd.Series[pd.Timestamp]":
        """A column as dates, missing as NaT."""
        return pd.to_datetime(self._column(column)).reset_index(drop=True)

    def given(self, column: str) -> Mask:
        """Rows where a column is not missing."""
        return np.asarray(self._column(column).notna(), dtype=bool)

    def known(self, column: str, names: Names) -> Mask:
        """Rows whose value is one of some identifiers."""
        return np.asarray(among(self.text(column), names), dtype=bool)

    def decoded(self, column: str, vocabulary: str) -> Mask:
        """Rows whose value is a code of the vocabulary."""
        return self.known(column, codes(vocabulary))

    def labels(self, column: str, vocabulary: str) -> dict[str, Any]:
        """Values of a category as people call them: ``{column}_zh`` and ``{column}_en``."""
        place, values = pd.factorize(self.text(column), use_na_sentinel=False)
        return {
            f"{column}_{lang}": np.array(
                [code_label(vocabulary, value, lang) for value in values], dtype=object
            )[place]
            for lang in ("zh", "en")
        }

    def told(self, column: str) -> Mask:
        """Rows about whose column there is a finding already, such as one from reading."""
        return self.known(self.key, self.findings.features(self.layer, column=column))

    def tell(
        self,
        code: str,
        where: npt.ArrayLike,
        column: str,
        *,
        expected: str = "",
        excluded: bool = False,
        repaired: bool = False,
        area_ha: Floats | None = None,
        **values: Any,
    ) -> None:
        """Add a finding for each row of a mask; arrays among the values follow the rows.

        The area at stake is the feature's where nothing else is given.
        """
        if not np.any(where):
            return
        observed = values.pop("observed", None)
        self.findings.add(
            code,
            layer=self.layer,
            where=np.asarray(where, dtype=bool),
            feature=self.text(self.key),
            row=self.rows(),
            column=column,
            observed=self.text(column) if observed is None else observed,
            expected=expected,
            area_ha=self.area_ha if area_ha is None else area_ha,
            action="excluded" if excluded else "repaired" if repaired else "kept",
            **values,
        )

    def rows(self) -> npt.NDArray[np.int64]:
        """Source row of each row, counted from 1."""
        if "row" in self.frame:
            return self.frame["row"].to_numpy(dtype=np.int64)
        return np.arange(1, len(self.frame) + 1, dtype=np.int64)

    def _column(self, column: str) -> "pd.Series[Any]":
        if column in self.frame:
            return self.frame[column]
        return pd.Series(pd.NA, index=self.frame.index, dtype="object")
