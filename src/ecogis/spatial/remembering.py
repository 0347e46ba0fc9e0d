"""What was found about an array of shapes, kept as long as it is asked for again.

Geometries cannot be changed, so what holds for an array of them holds for the same ones in the
same order. Nothing is kept outside `remembering`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["remembered", "remembering"]

Found = TypeVar("Found")
Shapes = npt.NDArray[np.object_]

_KEPT: ContextVar[dict[tuple[str, bytes], tuple[Shapes, Any]] | None] = ContextVar(
    "kept", default=None
)


@contextmanager
def remembering() -> Iterator[None]:
    """Keep what functions under `remembered` find, until the end of the block."""
    before = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(before)


def remembered(function: Callable[[Shapes], Found]) -> Callable[[Shapes], Found]:
    """A function of shapes that is asked but once for the same shapes while `remembering`.

    What it gives is shared between those who ask, so none of them may change it.

    Examples
    --------
    >>> import shapely
    >>> asked = []
    >>> area = remembered(lambda shapes: asked.append(len(shapes)) or shapely.area(shapes))
    >>> boxes = np.array([shapely.box(0, 0, 1, 1)])
    >>> with remembering():
    ...     area(boxes).tolist(), area(boxes.copy()).tolist()
    ([1.0], [1.0])
    >>> asked
    [1]
    """

    @wraps(function)
    def asked(shapes: Shapes) -> Found:
        kept = _KEPT.get()
        if kept is None:
            return function(shapes)
        identities = np.fromiter(map(id, shapes), dtype=np.int64, count=len(shapes))
        key = (repr(function), identities.tobytes())
        if key not in kept:
            # the shapes are kept too: an identity is never given to another while they live
            kept[key] = (shapes.copy(), function(shapes))
        found: Found = kept[key][1]
        return found

    return asked
