"""Large results written past the caches, and sums laid out so that they are added up fast.

A result that no cache can hold is read back from memory later anyway. Written in the usual way
each line of it is first fetched, only to be written over: twice the traffic, and what the caches
held is lost. Rows are made near the processor, then written out with stores that fetch nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined

__all__ = ["FAR", "NEAR", "aligned_zeros", "settle", "stream_out"]

NEAR: Final = 2048
"""Values that are made before they are written out: they fit the smallest cache."""

FAR: Final = 1_048_576
"""Values from which on a result is written past the caches. [8 MiB of eight bytes]"""

_LINE_BYTES: Final = 64
_LINE: Final = 8  # values of eight bytes in a line of the cache


def _instruction(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that writes its own machine instructions into the kernels that call it."""
    return cast("Callable[..., Any]", intrinsic(function))


@_instruction
def _stream_line(_typing: Any, out: Any, to: Any, values: Any, at: Any) -> Any:
    """``out[to : to + 8] = values[at : at + 8]`` past the caches; `to` starts a line."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        arrays = [context.make_array(signature.args[i])(context, builder, given[i]) for i in (0, 2)]
        places = [
            builder.gep(array.data, [given[i]]) for array, i in zip(arrays, (1, 3), strict=True)
        ]
        element = context.get_value_type(signature.args[0].dtype)
        line = ir.VectorType(element, _LINE).as_pointer()
        target, source = (builder.bitcast(place, line) for place in places)
        written = builder.store(builder.load(source, align=8), target, align=_LINE_BYTES)
        one = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        written.set_metadata("nontemporal", one)
        return context.get_dummy_value()

    return types.void(out, to, values, at), generate


@_instruction
def _fence(_typing: Any) -> Any:
    """Everything written so far is seen by all before what follows."""

    def generate(context: Any, builder: Any, *_: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@inlined
def stream_out(values: NDArray[Any], count: int, out: NDArray[Any], to: int) -> None:
    """Write ``out[to : to + count] = values[:count]``, both flat and of eight bytes a value.

    Whole lines of the cache go straight to memory, the ends in the usual way.
    """
    head = min(-((out.ctypes.data + to * 8) // 8) % _LINE, count)
    lines = (count - head) // _LINE
    for i in range(head):
        out[to + i] = values[i]
    for i in range(lines):
        place = np.intp(head + i * _LINE)
        _stream_line(out, np.intp(to) + place, values, place)
    for i in range(head + lines * _LINE, count):
        out[to + i] = values[i]


@inlined
def settle() -> None:
    """Wait until what `stream_out` wrote is in memory: once, after the last of it."""
    _fence()


def aligned_zeros(rows: int, columns: int) -> NDArray[np.int64]:
    """Whole numbers, zero, to add up in: every row starts a line of the cache.

    Returns
    -------
    array (row, column and room to the next whole line), int64
        The first `columns` are what was asked for.

    Examples
    --------
    >>> sums = aligned_zeros(3, 60)
    >>> sums.shape, sums.ctypes.data % 64
    ((3, 64), 0)
    """
    wide = -(-columns // _LINE) * _LINE
    raw = np.zeros(rows * wide + _LINE, dtype=np.int64)
    first = -(raw.ctypes.data // 8) % _LINE
    return raw[first : first + rows * wide].reshape(rows, wide)
