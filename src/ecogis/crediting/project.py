"""From the pieces' stocks to credits: by vintage, by piece and by issuance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.crediting.issuance import Schedule, issuances, verified_at
from ecogis.crediting.plausibility import check_rate
from ecogis.crediting.vintages import reduction_window, vintage_removals
from ecogis.crediting.waterfall import Waterfall, waterfall
from ecogis.methods import Methodology, ParameterSet
from ecogis.numerics import group_sum_int64, largest_remainder

__all__ = ["Credits", "credits"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits of one project.

    Attributes
    ----------
    vintages : DataFrame, one row per vintage
        ``vintage start end years removal_kg emission_kg baseline_kg leakage_kg uncertainty_kg
        buffer_kg credit_kg pledgeable_kg``, int64. [kg CO2e]
    issuances, pledgeable_issuances : DataFrame, one row per verification
        ``verification_date issuance_date vintages credit_kg issued_t`` of all credits, and of
        those on pledgeable pieces that arise while the right runs. [kg CO2e, t CO2e]
    piece_vintages : Dataset (piece, vintage), int64
        ``credit_kg``, ``pledgeable_kg`` [kg CO2e] and the coordinate ``stand``; pieces add up to
        the project in every vintage.
    waterfall : Waterfall
        The lines behind the vintages.
    schedule : Schedule
        What was asked for.
    """

    vintages: pd.DataFrame
    issuances: pd.DataFrame
    pledgeable_issuances: pd.DataFrame
    piece_vintages: xr.Dataset
    waterfall: Waterfall
    schedule: Schedule

    def by_issuance(
        self, groups: ArrayLike | None = None, *, pledgeable: bool = True
    ) -> pd.DataFrame:
        """Kilograms by group of pieces and issuance date.

        Parameters
        ----------
        groups : array (piece), optional
            Label of each piece, such as its holder; without it the stand.
        pledgeable : bool
            The pledgeable part, or all.

        Returns
        -------
        DataFrame (group, issuance date), int64
            Groups sorted; columns add up to ``credit_kg`` of the issuances. [kg CO2e]
        """
        name = "pledgeable_kg" if pledgeable else "credit_kg"
        table = self.pledgeable_issuances if pledgeable else self.issuances
        kg = self.piece_vintages[name].to_numpy()
        labels = self.piece_vintages["stand"].to_numpy() if groups is None else np.asarray(groups)
        codes, names = pd.factorize(labels, sort=True)
        by_group = group_sum_int64(kg, codes, len(names))
        row = verified_at(self.vintages["end"], self.schedule.verifications)
        covered = row >= 0
        out = group_sum_int64(by_group[:, covered].T, row[covered], len(table)).T
        dates = pd.DatetimeIndex(table["issuance_date"], name="issuance_date")
        return pd.DataFrame(out, index=pd.Index(names, name="group"), columns=dates)


def credits(  # noqa: A001 (the word of the vocabulary)
    piece_kg: xr.DataArray,
    pieces: pd.DataFrame,
    methodology: Methodology,
    *,
    schedule: Schedule,
    numbers: ParameterSet,
    date: date,
    findings: Findings,
    notable_rate: float = 8.0,
    refused_rate: float = 13.0,
) -> Credits:
    """Credits of the creditable pieces under a methodology.

    Parameters
    ----------
    piece_kg : DataArray (piece, instant), int64
        Stocks of the creditable pieces, in the order of `pieces`, at least at the days
        `vintage_instants` names. [kg CO2e]
    pieces : DataFrame, one row per creditable piece
        Columns ``piece stand area_dm2``; optional ``pledgeable`` (boolean): only where it is yes
        do credits count as pledgeable; optional ``since until`` (datetime): first and last day of
        the right to the piece, missing for one without. What arises outside is credited to the
        project but cannot be pledged. [1, 1, 0.01 m2, 1, 1, 1]
    methodology : Methodology
        Lines, and the window reductions must arise in.
    schedule : Schedule
        Crediting period, application, verifications and lag of issuance.
    numbers : ParameterSet
        Numbers of the crediting sum: the set the methodology names for it.
    date : date
        Valuation date: numbers must be in force on it.
    findings : Findings
        Grows by the findings below.
    notable_rate, refused_rate : float
        Mean yearly credits above which a warning or an error is found; from the spread of the
        national register for South China. [t CO2e ha-1 yr-1]

    Returns
    -------
    Credits

    Raises
    ------
    ConfigError
        Pieces and stocks are not the same, or an argument of the parts does not fit.
    NotInForceError
        A parameter has no value at the date.
    IdentityError
        Pieces do not add up to the project.

    Findings
    --------
    E373, E374
        Mean yearly credits are above the notable or the refused rate.
    E375
        Reductions arose before the methodology's window; left out.
    E377
        A vintage lost more than it gained; later ones make it up first.
    E378
        The right to a piece does not cover the whole crediting period.
    """
    require(pieces, ("piece", "stand", "area_dm2"), "pieces")
    if piece_kg["piece"].to_numpy().tolist() != pieces["piece"].tolist():
        raise ConfigError("E381", stand="pieces")
    removals = vintage_removals(
        piece_kg,
        pieces["stand"].tolist(),
        start=schedule.start,
        years=schedule.years,
        earliest=reduction_window(methodology, schedule.application),
        findings=findings,
    )
    area_dm2 = int(pieces["area_dm2"].sum())
    lines, vintages = waterfall(removals.table, methodology, numbers, area_dm2=area_dm2, date=date)
    parts = _by_piece(vintages["credit_kg"].to_numpy(), removals.change, pieces)
    allowed = _while_right_runs(vintages, pieces)
    clear = _clear(pieces)
    pledgeable = np.where(clear[:, None] & (allowed | (parts < 0)), parts, 0)
    vintages["pledgeable_kg"] = pledgeable.sum(axis=0, dtype=np.int64)
    _report(findings, vintages, pieces, np.where(clear[:, None], parts - pledgeable, 0))
    check_rate(vintages, area_dm2, findings, notable=notable_rate, refused=refused_rate)
    plans = [
        issuances(vintages, schedule.verifications, lag_months=schedule.lag_months, column=column)
        for column in ("credit_kg", "pledgeable_kg")
    ]
    dataset = _dataset(pieces, vintages, parts, pledgeable)
    return Credits(vintages, plans[0], plans[1], dataset, lines, schedule)


def _by_piece(credit_kg: Ints, change: Ints, pieces: pd.DataFrame) -> Ints:
    """Each vintage's credits over the pieces: by what they gained, a loss by what they lost."""
    order = np.argsort(pieces["piece"].to_numpy(dtype=str), kind="stable")
    area = pieces["area_dm2"].to_numpy(dtype=np.int64)
    parts = np.zeros(change.shape, dtype=np.int64)
    for column, total in enumerate(credit_kg.tolist()):
        weights = np.maximum(change[:, column] if total >= 0 else -change[:, column], 0)
        weights = weights if weights.any() else area
        parts[order, column] = largest_remainder(weights[order], total)
    if (parts.sum(axis=0, dtype=np.int64) != credit_kg).any():
        raise IdentityError("E372", what="pieces and project")
    return parts


def _while_right_runs(vintages: pd.DataFrame, pieces: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether all of a vintage (column) lies within the right to a piece (row)."""
    first = pd.DatetimeIndex(vintages["start"]).as_unit("ns").to_numpy()
    last = pd.DatetimeIndex(vintages["end"]).as_unit("ns").to_numpy() - np.timedelta64(1, "D")
    since, until = (_days(pieces, name)[:, None] for name in ("since", "until"))
    begun = np.isnat(since) | (first[None, :] >= since)
    return np.asarray(begun & (np.isnat(until) | (last[None, :] <= until)))


def _days(pieces: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    if name not in pieces:
        return np.full(len(pieces), np.datetime64("NaT", "ns"))
    return np.asarray(pd.to_datetime(pieces[name]).to_numpy().astype("datetime64[ns]"))


def _clear(pieces: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a piece may be pledged at all; not known is no."""
    if "pledgeable" not in pieces:
        return np.ones(len(pieces), dtype=bool)
    return pieces["pledgeable"].astype("boolean").fillna(False).to_numpy(dtype=bool)


def _report(findings: Findings, vintages: pd.DataFrame, pieces: pd.DataFrame, lost: Ints) -> None:
    findings.add(
        "E377",
        layer="project",
        where=(vintages["credit_kg"] < 0).to_numpy(),
        feature=vintages["vintage"],
        column="credit_kg",
        observed=vintages["credit_kg"],
    )
    kg = lost.sum(axis=1, dtype=np.int64)
    findings.add(
        "E378",
        layer="pieces",
        where=kg > 0,
        feature=pieces["piece"],
        column="until",
        observed=kg,
        area_ha=pieces["area_dm2"].to_numpy(dtype=np.float64) * 1e-6,
    )


def _dataset(
    pieces: pd.DataFrame, vintages: pd.DataFrame, credit: Ints, pledgeable: Ints
) -> xr.Dataset:
    axes, units = ("piece", "vintage"), {"units": "kg CO2e"}
    return xr.Dataset(
        {"credit_kg": (axes, credit, units), "pledgeable_kg": (axes, pledgeable, units)},
        coords={
            "piece": pieces["piece"].to_numpy(dtype=object),
            "vintage": vintages["vintage"].to_numpy(),
            "stand": ("piece", pieces["stand"].to_numpy(dtype=object)),
        },
    )
