"""Credits of every draw: the methodology's sum on drawn removals, and its quantiles by vintage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.crediting.issuance import lapsed, verified_at, vintage_tonnes, without_lapsed
from ecogis.crediting.vintages import reduction_years
from ecogis.crediting.waterfall import applied
from ecogis.methods import Methodology, ParameterSet

__all__ = ["DrawnCredits", "drawn_credits"]

Ints = NDArray[np.int64]

_QUANTILES = {"p5": Fraction(1, 20), "p50": Fraction(1, 2), "p95": Fraction(19, 20)}


@dataclass(frozen=True, slots=True)
class DrawnCredits:
    """Credits and tonnes of each draw.

    Attributes
    ----------
    vintages : array (vintage), int64
        Calendar years.
    credit_kg : array (draw, vintage), int64
        After every line of the methodology. [kg CO2e]
    tonnes : array (draw, vintage), int64
        Whole tonnes issued; none where no verification covers a vintage, or one that is too late.
        [t CO2e]
    """

    vintages: Ints
    credit_kg: Ints
    tonnes: Ints

    def table(self) -> pd.DataFrame:
        """P5, P50, P95 and mean by vintage and, last, of all vintages together.

        Returns
        -------
        DataFrame
            ``vintage`` (missing for the whole period), and for ``credit_kg`` and ``issued_t``
            the columns ``_p5 _p50 _p95 _mean``: the smallest draw that at least that share of
            draws does not exceed. Quantiles of years do not add up to those of the whole.
            [kg CO2e, t CO2e]
        """
        columns: dict[str, list[int]] = {}
        for name, draws in (("credit_kg", self.credit_kg), ("issued_t", self.tonnes)):
            whole = np.column_stack([draws, draws.sum(axis=1, dtype=np.int64)])
            ordered = np.sort(whole, axis=0)
            for label, share in _QUANTILES.items():
                rank = max(math.ceil(share * len(ordered)), 1) - 1
                columns[f"{name}_{label}"] = ordered[rank].tolist()
            sums = whole.sum(axis=0, dtype=np.int64).tolist()
            columns[f"{name}_mean"] = [round(Fraction(each, len(whole))) for each in sums]
        years = pd.array([*self.vintages.tolist(), None], dtype="Int64")
        return pd.DataFrame({"vintage": years, **columns})


def drawn_credits(
    draws_kg: Ints,
    vintages: pd.DataFrame,
    methodology: Methodology,
    numbers: ParameterSet,
    *,
    area_dm2: int,
    date: date,
    verifications: Sequence[date],
    classes: pd.DataFrame | None = None,
) -> DrawnCredits:
    """The crediting sum of every draw.

    Deductions are the methodology's own, the same lines as in the central sum; nothing is taken
    off beside them. What a prudent reader takes is a quantile, and he sees which.

    Parameters
    ----------
    draws_kg : array (draw, vintage) or (draw, group, vintage), int64
        Change of stock in each vintage, negative where carbon was lost. With groups of pieces,
        such as stands, what some gain is removal and what others lose emission; without them the
        project's net change counts as one. [kg CO2e]
    vintages : DataFrame, one row per vintage
        ``vintage start end years``, as ``Credits.vintages``. [calendar year, 1, 1, yr]
    methodology, numbers, area_dm2, date, classes
        As in `waterfall`.
    verifications : sequence of date
        Rising days.

    Returns
    -------
    DrawnCredits
        In the order of the draws.

    Raises
    ------
    ConfigError
        E709: no draws, not whole numbers, or not one column for each vintage.

    Examples
    --------
    >>> from ecogis.methods import methodology, parameters
    >>> used = methodology("CCER-14-001-V01")
    >>> year = pd.DataFrame(
    ...     {"vintage": [2025], "start": ["2025-01-01"], "end": ["2026-01-01"], "years": [1.0]}
    ... ).astype({"start": "datetime64[ns]", "end": "datetime64[ns]"})
    >>> found = drawn_credits(
    ...     np.array([[9_000], [11_000], [10_000]]),
    ...     year,
    ...     used,
    ...     parameters(used.parameters["crediting"]),
    ...     area_dm2=1_000_000,
    ...     date=pd.Timestamp("2026-08-31").date(),
    ...     verifications=[pd.Timestamp("2026-01-01").date()],
    ... )
    >>> found.table()[["credit_kg_p5", "credit_kg_p50", "credit_kg_p95"]].iloc[0].tolist()
    [8100, 9000, 9900]
    """
    changes = np.asarray(draws_kg)
    if changes.ndim == 2:  # the project as one group
        changes = changes[:, None, :]
    shape = changes.shape
    whole = np.issubdtype(changes.dtype, np.integer)
    if not whole or changes.ndim != 3 or not shape[0] or shape[2] != len(vintages):
        raise ConfigError("E709", shape=np.shape(draws_kg), vintages=len(vintages))
    amounts = applied(
        np.maximum(changes, 0).sum(axis=1, dtype=np.int64),
        np.maximum(-changes, 0).sum(axis=1, dtype=np.int64),
        methodology,
        numbers,
        years=vintages["years"].to_numpy(dtype=np.float64),
        area_dm2=area_dm2,
        date=date,
        classes=classes,
    )
    credit = sum(amounts.values(), np.zeros((shape[0], shape[2]), dtype=np.int64))
    row = verified_at(vintages["end"], verifications)
    late = lapsed(vintages, verifications, reduction_years(methodology))
    years = vintages["vintage"].to_numpy(dtype=np.int64)
    tonnes = vintage_tonnes(without_lapsed(credit, late), row)
    return DrawnCredits(years, credit, tonnes)
