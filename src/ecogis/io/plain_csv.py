"""A comma-separated table without quotes, read column by column.

Whatever is out of the ordinary is left to the reader that tells where the fault is.
"""

import csv

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

__all__ = ["plain_columns"]


def plain_columns(content: bytes) -> pa.Table | None:
    r"""Columns of a plain table as text, in their order, the header in the first row.

    Parameters
    ----------
    content : bytes
        UTF-8, without a byte order mark.

    Returns
    -------
    Table or None
        None where there is a quote, an empty line, a row of empty fields, a row with another
        number of fields than the header, or a field too long for the `csv` module.

    Examples
    --------
    >>> plain_columns(b"a,b\n1,\n").to_pydict()
    {'f0': ['a', '1'], 'f1': ['b', '']}
    >>> plain_columns(b"a,b\n1\n") is None
    True
    """
    if b'"' in content or b"\0" in content or _gaps(content):
        return None
    width = content[: content.find(b"\n")].count(b",") + 1
    texts = {f"f{at}": pa.string() for at in range(width)}
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(content),
            arrow_csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
            arrow_csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(column_types=texts, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    longest = max(pc.max(pc.binary_length(column)).as_py() for column in table.columns)
    last = table.slice(table.num_rows - 1).to_pylist()[0]
    if longest >= csv.field_size_limit() or not any(last.values()):
        return None
    return table.combine_chunks()


def _gaps(content: bytes) -> bool:
    """Whether there is no full line at the start, an empty one, or a return without line feed."""
    breaks = content.count(b"\r")
    if breaks != content.count(b"\r\n") or content[:1] in {b"", b"\n", b"\r"}:
        return True
    return b"\n\n" in content or b"\n\r\n" in content or b"\n" not in content
