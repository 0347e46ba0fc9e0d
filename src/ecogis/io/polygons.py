"""Well-known binary to polygons, looked at before it is parsed.

The type codes are read first: a collection nested thousands deep would end the process in the
parser, and a curve would be measured as something else.
"""

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ecogis.io.raw import CURVED, DAMAGED, FINE, MISSING, OTHER

__all__ = ["parse"]

_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6
_CURVES: Final = frozenset(range(8, 15))
_Z_FLAG: Final = 0x8000_0000
_M_FLAG: Final = 0x4000_0000
_HEADER: Final = 9  # byte order, type, count
_PLAIN_POLYGON: Final = b"\x01\x03\x00\x00\x00"

Objects = npt.NDArray[np.object_]
Faults = npt.NDArray[np.int8]


def parse(column: pa.ChunkedArray) -> tuple[Objects, Faults, bool]:
    """Polygons of a column of well-known binary.

    Returns
    -------
    tuple of array of geometries, array of int8, bool
        Two-dimensional polygons and multipolygons, missing where the fault is not FINE; and
        whether heights or measures were left out.
    """
    blobs = np.empty(len(column), dtype=object)
    blobs[:] = column.to_pylist()
    fault = np.full(len(blobs), FINE, dtype=np.int8)
    asked = np.flatnonzero(~_polygons(column))
    fault[asked] = [_fault(blob) for blob in blobs[asked]]
    fine = fault == FINE
    geometry = np.full(len(blobs), None, dtype=object)
    geometry[fine] = shapely.from_wkb(blobs[fine], on_invalid="ignore")
    fault[fine & shapely.is_missing(geometry)] = DAMAGED
    fault[(fault == FINE) & shapely.is_empty(geometry)] = MISSING
    geometry[fault != FINE] = None
    high = bool(np.any(shapely.has_z(geometry) | shapely.has_m(geometry)))
    return (shapely.force_2d(geometry) if high else geometry), fault, high


def _polygons(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Rows that begin as a plain polygon in little-endian order, which most do."""
    head = pc.binary_slice(column.cast(pa.large_binary()), 0, len(_PLAIN_POLYGON))
    long = pc.greater_equal(pc.binary_length(column), _HEADER)
    begins = pc.equal(head, pa.scalar(_PLAIN_POLYGON, pa.large_binary()))
    return np.asarray(pc.fill_null(pc.and_(begins, long), fill_value=False), dtype=bool)


def _fault(blob: bytes | None) -> int:
    if not blob:
        return MISSING
    if len(blob) < _HEADER:
        return DAMAGED
    kind, _ = _kind(blob, 0)
    if kind == _POLYGON:
        return FINE
    if kind == _MULTIPOLYGON:
        return FINE if _plain(blob) else DAMAGED
    return CURVED if kind in _CURVES else OTHER


def _kind(blob: bytes, at: int) -> tuple[int, int]:
    """Type of the geometry that starts at a byte, and the numbers a vertex has."""
    code = struct.unpack_from(_order(blob, at) + "I", blob, at + 1)[0]
    plain = code & 0x0FFF_FFFF
    thousands = plain // 1000
    extra = thousands in {1, 3} or bool(code & _Z_FLAG)
    measured = thousands in {2, 3} or bool(code & _M_FLAG)
    return plain % 1000, 2 + extra + measured


def _order(blob: bytes, at: int) -> str:
    return "<" if blob[at] else ">"


def _plain(blob: bytes) -> bool:
    """Whether a multipolygon holds polygons and nothing else, to its last byte."""
    at = _HEADER
    try:
        for _ in range(_count(blob, 0)):
            kind, size = _kind(blob, at)
            if kind != _POLYGON:
                return False
            at = _after_polygon(blob, at, size)
    except (struct.error, IndexError):
        return False
    return at <= len(blob)


def _count(blob: bytes, at: int) -> int:
    return int(struct.unpack_from(_order(blob, at) + "I", blob, at + 5)[0])


def _after_polygon(blob: bytes, start: int, size: int) -> int:
    at = start + _HEADER
    unpack: Any = struct.Struct(_order(blob, start) + "I").unpack_from
    for _ in range(_count(blob, start)):
        at += 4 + unpack(blob, at)[0] * size * 8
    return at
