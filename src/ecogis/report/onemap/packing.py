"""Blocks of a page: bytes as text, and tables by column, small and the same each time."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["as_text", "numbers", "packed", "places_of", "texts"]


def packed(content: Mapping[str, Any] | bytes) -> bytes:
    """A record as gzipped JSON, or bytes gzipped; no clock in them.

    >>> packed({"a": 1}) == packed({"a": 1})
    True
    """
    if not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(content, compresslevel=9, mtime=0)


def as_text(content: bytes) -> str:
    """Bytes as text that no markup can be read into: letters, digits, plus, slash, equals.

    >>> as_text(b"</script>")
    'PC9zY3JpcHQ+'
    """
    return base64.b64encode(content).decode("ascii")


def numbers(column: pd.Series | npt.NDArray[Any]) -> list[int | None]:
    """Whole numbers; a missing one is None.

    >>> numbers(pd.Series([3, None], dtype="Int64"))
    [3, None]
    """
    found = pd.Series(column)
    missing = found.isna().to_numpy()
    if not missing.any():
        return [int(value) for value in found.to_numpy()]
    return [None if gone else int(value) for value, gone in zip(found, missing, strict=True)]


def texts(column: pd.Series) -> list[str]:
    """Texts; days as YYYY-MM-DD, what is missing as nothing."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    return ["" if gone else str(value)
            for value, gone in zip(column, column.isna(), strict=True)]  # fmt: skip


def places_of(column: pd.Series, among: Sequence[Any]) -> npt.NDArray[np.int64]:
    """Where each value stands in a list; -1 for one that is missing or not in it.

    >>> places_of(pd.Series(["b", None, "a"]), ["a", "b"]).tolist()
    [1, -1, 0]
    """
    order = {value: place for place, value in enumerate(among)}
    found = column.astype(object).map(order)
    return np.array(found.fillna(-1).astype("int64").to_numpy(), dtype=np.int64)
