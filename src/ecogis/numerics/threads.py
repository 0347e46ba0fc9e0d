"""Stands shared out among threads, with one compiled body for one thread and for many.

Kernels run without the interpreter's lock, so plain threads are enough. They work inside other
threads and after a fork, where numba's own pool may not.
"""

from __future__ import annotations

from collections.abc import Callable

import numba

__all__ = ["in_parts", "parts_of"]

Parts = list[tuple[int, int]]

_THREADS_FROM = 1_000_000  # values below which starting threads costs more than it saves


def parts_of(rows: int, values: int) -> Parts:
    """Rows cut into equal parts, one for each of numba's threads; one if there is little to do.

    Parameters
    ----------
    rows : int
        Rows to share out.
    values : int
        Values to work out for all of them.

    Returns
    -------
    list of (int, int)
        First row of each part, and the row after its last.

    Examples
    --------
    >>> parts_of(10, 600)
    [(0, 10)]
    """
    count = max(min(numba.get_num_threads(), rows), 1) if values >= _THREADS_FROM else 1
    return [(rows * part // count, rows * (part + 1) // count) for part in range(count)]


def in_parts(work: Callable[[int, int, int], None], parts: Parts) -> None:
    """Call ``work(part, first, end)`` for each part, each in a thread of its own.

    Examples
    --------
    >>> found = [0, 0]
    >>> def work(part, first, end):
    ...     found[part] = sum(range(first, end))
    >>> in_parts(work, [(0, 3), (3, 5)])
    >>> found
    [3, 7]
    """
    if len(parts) == 1:
        work(0, *parts[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    numbered = [(part, first, end) for part, (first, end) in enumerate(parts)]
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(work, *each) for each in numbered]:
            done.result()
