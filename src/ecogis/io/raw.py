"""What a file holds before it is understood: columns as the source has them, rows in its order."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["CURVED", "DAMAGED", "FINE", "MISSING", "OTHER", "Raw"]

FINE: Final = 0
MISSING: Final = 1
OTHER: Final = 2
CURVED: Final = 3
DAMAGED: Final = 4

Note = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Raw:
    """A layer or table as read.

    Attributes
    ----------
    file, layer : str
        Names for messages.
    table : pyarrow.Table
        Attribute columns in the source's own types; text tables hold strings only.
    geometry : array of shapely geometries or None
        Missing where `fault` is not FINE.
    fault : array of int8 or None
        FINE, MISSING, OTHER (not a polygon), CURVED or DAMAGED for each row.
    crs : str
        The file's coordinate system as WKT or PROJJSON text; empty where it states none.
    encoding : str
        Encoding of the text.
    lost : dict of str to (code, array of bool)
        Cells of a column whose text is not what was once meant: digits of a long number (E137), or
        a character the encoding does not have (E156).
    notes : list of (code, values)
        What was met on the way and belongs among the findings of the layer.
    """

    file: str
    layer: str
    table: pa.Table
    geometry: npt.NDArray[np.object_] | None = None
    fault: npt.NDArray[np.int8] | None = None
    crs: str = ""
    encoding: str = "UTF-8"
    lost: dict[str, tuple[str, npt.NDArray[np.bool_]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of rows; a layer may have geometries and no attributes."""
        return int(self.table.num_rows) if self.fault is None else len(self.fault)

    def note(self, code: str, **values: Any) -> None:
        """Remember a finding about the layer as a whole."""
        self.notes.append((code, values))
