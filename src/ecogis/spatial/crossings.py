"""How often the rings of a polygon cross one another: the measure of a hostile polygon."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ecogis.spatial import kernels
from ecogis.spatial.rings import rings_of

__all__ = ["crossings"]


def crossings(geometries: Any, limit: int) -> npt.NDArray[np.int64]:
    """Number of edges of a polygon that cross another of its edges, counted up to a limit.

    Parameters
    ----------
    geometries : array of polygons or multipolygons
        In any plane, valid or not.
    limit : int
        Counting stops one above it, so that a hostile polygon costs no time. [1]

    Returns
    -------
    array (geometry,), int64
        Proper crossings; touching and shared edges are not counted. 0 for a missing geometry.

    Examples
    --------
    >>> import shapely
    >>> bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> crossings([bow_tie, None], 10).tolist()
    [1, 0]
    """
    array = np.asarray(geometries, dtype=object)
    rings = rings_of(array)
    first = np.searchsorted(rings.feature, np.arange(len(array) + 1)).astype(np.int64)
    out = np.zeros(len(array), dtype=np.int64)
    kernels.count_crossings(rings.xy, rings.starts, first, limit, out)
    return out
