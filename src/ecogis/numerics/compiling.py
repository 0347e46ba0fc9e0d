"""How kernels are compiled here: the same choices everywhere, with types kept.

No `fastmath`: it breaks missing values and lets the compiler reorder sums, and with it the same
bytes on every machine. Compiled code is kept beside the module (``cache``) and runs without the
interpreter's lock. Parallel kernels may only go over stands, never over a sum.

The kept code is renewed when the kernel's own file changes, not when a function inlined from
another module does: after editing one of those, delete the ``*.nbi`` files beside the kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["inlined", "kernel", "parallel_kernel"]

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a serial kernel; the plain function stays reachable as ``py_func``."""
    return cast("F", njit(cache=True, nogil=True, error_model="numpy")(function))


def parallel_kernel(function: F) -> F:
    """Compile a kernel whose outer loop over stands may run on several threads."""
    return cast("F", njit(cache=True, nogil=True, error_model="numpy", parallel=True)(function))


def inlined(function: F) -> F:
    """Compile a small scalar function that is written into the kernels that call it."""
    return cast("F", njit(inline="always", error_model="numpy")(function))
