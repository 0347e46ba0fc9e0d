"""Whole hundredths of a square metre that add up: pieces, remainder and contested land."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecogis.core.errors import IdentityError
from ecogis.core.findings import Findings
from ecogis.numerics import group_sum_int64, largest_remainder, quantise
from ecogis.overlay.cut import Cut
from ecogis.overlay.layer import Layer

__all__ = ["Balance", "balanced"]

_WEIGHT_M2 = 1e-6  # areas are weighed in square millimetres
_TOLERANCE_M2 = 1e-4  # float noise of a cut, absolute and relative to the stand
_TOLERANCE_SHARE = 1e-9

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Balance:
    """Integer areas. [dm2]

    Attributes
    ----------
    piece : array (piece)
        Area of each piece.
    left_rest, left_contested : array (left feature)
        What of each left feature is in no piece, and what is contested.
    right_rest, right_contested : array (right feature)
        The same for the right layer. A rest may be some dm2 below zero: what rounding moved.
    """

    piece: Ints
    left_rest: Ints
    left_contested: Ints
    right_rest: Ints
    right_contested: Ints


def balanced(left: Layer, right: Layer, cut: Cut, findings: Findings) -> Balance:
    """Split each left feature's area over its pieces, contested land and remainder, exactly.

    Parameters
    ----------
    left, right : Layer
        The two layers.
    cut : Cut
        Their pieces in float64.
    findings : Findings
        Receives E351 where the pieces are more than the feature by more than float noise and
        the small overlaps that were left in place.

    Returns
    -------
    Balance
        For each feature pieces + rest + contested = area of record.
    """
    over = _excess(left, cut.left, cut.area_m2, cut.left_contested_m2)
    over_right = _excess(right, cut.right, cut.area_m2, cut.right_contested_m2)
    _report(left, over, _explained(cut.left, cut.right_claims.small_m2[cut.right], left), findings)
    _report(
        right,
        over_right,
        _explained(cut.right, cut.left_claims.small_m2[cut.left], right),
        findings,
    )
    rest = np.maximum(-over, 0.0)
    count, pieces = len(left.ids), len(cut.left)
    each = np.arange(count, dtype=np.int64)
    weights = np.concatenate([cut.area_m2, cut.left_contested_m2, rest])
    parts = largest_remainder(
        quantise(weights, _WEIGHT_M2),
        left.area_dm2,
        np.concatenate([cut.left, each, each]),
    )
    piece = parts[:pieces]
    right_contested = quantise(cut.right_contested_m2, 0.01)
    used = group_sum_int64(piece, cut.right, len(right.ids))
    result = Balance(
        piece=piece,
        left_contested=parts[pieces : pieces + count],
        left_rest=parts[pieces + count :],
        right_contested=right_contested,
        right_rest=right.area_dm2 - used - right_contested,
    )
    _refuse_open(left, cut, result)
    return result


def _excess(layer: Layer, feature: Ints, area_m2: Floats, contested_m2: Floats) -> Floats:
    """How much more the pieces and contested land are than the feature. [m2]"""
    pieces = np.bincount(feature, weights=area_m2, minlength=len(layer.ids))
    return np.asarray(pieces + contested_m2 - layer.area_m2)


def _explained(feature: Ints, small_m2: Floats, layer: Layer) -> Floats:
    """Area that small overlaps of the other layer, left in place, may count twice. [m2]"""
    return np.asarray(
        np.bincount(feature, weights=small_m2, minlength=len(layer.ids)), dtype=np.float64
    )


def _report(layer: Layer, over: Floats, explained: Floats, findings: Findings) -> None:
    noise = np.maximum(_TOLERANCE_M2, _TOLERANCE_SHARE * layer.area_m2)
    findings.add(
        "E351",
        layer=layer.name,
        where=over > noise + explained,
        feature=layer.ids,
        column="geometry",
        observed=np.round(over, 4),
        expected="0 m2",
        area_ha=over / 10_000.0,
        m=np.round(over, 4),
    )


def _refuse_open(left: Layer, cut: Cut, result: Balance) -> None:
    pieces = group_sum_int64(result.piece, cut.left, len(left.ids))
    gap = pieces + result.left_rest + result.left_contested - left.area_dm2
    if gap.any():
        worst = int(np.abs(gap).max())
        raise IdentityError("E009", identity="I18", what=left.name, difference=worst, unit="dm2")
