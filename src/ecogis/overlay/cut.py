"""Two layers cut into one another in float64: pieces, slivers and contested land."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.overlay.clip import shared
from ecogis.overlay.contested import Claims, claims
from ecogis.overlay.layer import Ground, Layer
from ecogis.overlay.rings import sound

__all__ = ["Cut", "cut"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Cut:
    """Pieces of land, sorted by (left, right).

    Attributes
    ----------
    left, right : array (piece), int64
        Rows of the features a piece belongs to.
    area_m2 : array (piece)
        Its area. [m2]
    shape : array (piece), optional
        Its polygon, in the coordinates of the layers.
    left_contested_m2, right_contested_m2 : array (feature)
        Area of each feature that lies in an overlap of either layer. [m2]
    left_claims, right_claims : Claims
        The overlaps themselves.
    """

    left: Ints
    right: Ints
    area_m2: Floats
    shape: Objects | None
    left_contested_m2: Floats
    right_contested_m2: Floats
    left_claims: Claims
    right_claims: Claims


def cut(
    left: Layer,
    right: Layer,
    ground: Ground,
    findings: Findings,
    *,
    sliver_m2: float,
    overlap_m2: float,
    drawn: bool = False,
    threads: int | None = None,
) -> Cut:
    """Cut two layers into one another.

    Parameters
    ----------
    left, right : Layer
        Ready, on the same ground.
    ground : Ground
        Their frame and plane.
    findings : Findings
        Receives the overlaps (E350, E352, E355) and one note on slivers (E353).
    sliver_m2 : float
        Smallest piece; less stays in the remainder of both features. [m2]
    overlap_m2 : float
        Smallest overlap inside a layer that is cut out; infinite: none is looked for. [m2]
    drawn : bool
        Whether pieces get shapes.
    threads : int, optional
        As in `clip.shared`.
    """
    for name, value in (("sliver_m2", sliver_m2), ("overlap_m2", overlap_m2)):
        if not value >= 0.0:  # also false for what is no number
            raise ConfigError("E002", value=f"{name}={value}", expected=">= 0 m2")
    own = claims(left, ground, findings, overlap_m2=overlap_m2, threads=threads)
    other = claims(right, ground, findings, overlap_m2=overlap_m2, threads=threads)
    found = shared(
        own.exclusive,
        other.exclusive,
        from_plane=ground.from_plane if drawn else None,
        least_m2=sliver_m2,
        threads=threads,
    )
    kept = found.area_m2 >= sliver_m2
    _report_slivers(left, right, found.area_m2[~kept], sliver_m2, findings)
    pieces = found.only(kept)
    cut_out = (own.contested_m2[pieces.left] > 0) | (other.contested_m2[pieces.right] > 0)
    return Cut(
        left=pieces.left,
        right=pieces.right,
        area_m2=pieces.area_m2,
        shape=_mended(pieces.shape, cut_out),
        left_contested_m2=own.contested_m2 + _inside(own, other),
        right_contested_m2=other.contested_m2 + _inside(other, own),
        left_claims=own,
        right_claims=other,
    )


def _mended(shape: Objects | None, where: npt.NDArray[np.bool_]) -> Objects | None:
    """Shapes whose features lost an overlap, valid: such a cut leaves needles of 1e-8 m."""
    if shape is None or not where.any():
        return shape
    out = shape.copy()
    out[where] = sound(shape[where])
    return out


def _inside(own: Claims, other: Claims) -> Floats:
    """Area of what a feature has for itself that the other layer contests. [m2]"""
    found = shared(own.exclusive, other.zone)
    return np.asarray(
        np.bincount(found.left, weights=found.area_m2, minlength=own.exclusive.count),
        dtype=np.float64,
    )


def _report_slivers(
    left: Layer, right: Layer, area: Floats, limit: float, findings: Findings
) -> None:
    total = round(float(area.sum()), 2)
    if total > 0:
        findings.add(
            "E353",
            layer=left.name,
            column="geometry",
            observed=total,
            expected=f">= {limit} m2",
            area_ha=total / 10_000.0,
            other=right.name,
            number=len(area),
            m=total,
            limit=limit,
        )
