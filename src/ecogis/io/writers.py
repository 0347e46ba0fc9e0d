"""Tables out: CSV for people, Parquet for machines; whole or not at all, read back and counted."""

import csv
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecogis.core.errors import InputError
from ecogis.io.whole import whole

__all__ = ["write_csv", "write_parquet", "write_parquet_parts"]


def write_csv(path: str | Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV in UTF-8 with a byte-order mark, which Excel and WPS read as Chinese.

    Numbers are written in full; days as ISO; a missing cell is empty. A text is written as it is:
    a spreadsheet may take one that starts with ``=`` for a formula, so CSV is not a format to edit.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        E162, E163 it cannot be written, E164 it does not read back with as many rows.
    """
    target = Path(path)
    with whole(target) as draft:
        table.to_csv(draft, index=False, encoding="utf-8-sig", lineterminator="\n")
        with draft.open(encoding="utf-8-sig", newline="") as stream:
            _compare(target, "CSV", len(table), sum(1 for _ in csv.reader(stream)) - 1)
    return target


def write_parquet(path: str | Path, table: pd.DataFrame | geopandas.GeoDataFrame) -> Path:
    """Write a table as Parquet, a layer as GeoParquet 1.1 with a bounding box for each row.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        E162, E163 it cannot be written, E164 it does not read back with as many rows.
    """
    target = Path(path)
    with whole(target) as draft:
        if isinstance(table, geopandas.GeoDataFrame):
            table.to_parquet(
                draft,
                index=False,
                compression="zstd",
                schema_version="1.1.0",
                write_covering_bbox=True,
            )
        else:
            table.to_parquet(draft, index=False, compression="zstd")
        _compare(target, "Parquet", len(table), pq.read_metadata(draft).num_rows)
    return target


def write_parquet_parts(path: str | Path, parts: Iterable[pd.DataFrame]) -> Path:
    """Write a long table as Parquet part by part, so that not all of it need be in memory.

    Parameters
    ----------
    path : str or Path
        The file.
    parts : iterable of DataFrame
        At least one, all with the columns and kinds of the first; each may have categories (of
        text, without an order) of its own.

    Returns
    -------
    Path
        The file; columns that are categories in the first part read back as such.

    Raises
    ------
    InputError
        E162, E163 it cannot be written, E164 it does not read back with as many rows.
    """
    target = Path(path)
    tables = (pa.Table.from_pandas(part, preserve_index=False) for part in parts)
    first = next(tables)
    schema = pa.schema([_same_in_all(field) for field in first.schema])
    written = 0
    with whole(target) as draft:
        with pq.ParquetWriter(draft, schema, compression="zstd") as stream:
            for table in chain([first], tables):
                stream.write_table(table.cast(schema))
                written += table.num_rows
        _compare(target, "Parquet", written, pq.read_metadata(draft).num_rows)
    return target


def _same_in_all(field: pa.Field) -> pa.Field:
    """A field whatever the number of its categories."""
    if not pa.types.is_dictionary(field.type):
        return field
    return field.with_type(pa.dictionary(pa.int32(), pa.string()))


def _compare(target: Path, name: str, written: int, found: int) -> None:
    if written != found:
        raise InputError("E164", file=target.name, name=name, a=written, b=found)
