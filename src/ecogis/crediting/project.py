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
from ecogis.crediting.issuance import (
    Schedule,
    issuable_kg,
    issuances,
    lapsed,
    verified_at,
    vintage_tonnes,
    without_lapsed,
)
from ecogis.crediting.lines import RULES, rate_keys
from ecogis.crediting.pledging import own_parts, pledgeable_parts
from ecogis.crediting.vintages import reduction_window, reduction_years, vintage_removals
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
        buffer_kg cap_kg credit_kg pledgeable_kg``, int64; what is pledgeable is zero or more, and
        never more than the project issues, now or at a verification to come. [kg CO2e]
    tonnes : DataFrame, one row per vintage
        ``vintage verification_date issued_t pledgeable_t lapsed``: whole tonnes, once per project
        and vintage; without a date while no verification covers it, none where it was verified
        too late to be registered. Issuances are their sums. [t CO2e]
    issuances, pledgeable_issuances : DataFrame, one row per verification
        ``verification_date issuance_date vintages credit_kg issued_t`` of all credits, and of
        those on pledgeable pieces that arise while the right runs. [kg CO2e, t CO2e]
    piece_vintages : Dataset (piece, vintage), int64
        ``credit_kg``, ``pledgeable_kg`` [kg CO2e] and the coordinates ``stand`` and ``counted``,
        whether a piece is in the sum or earns nothing; pieces add up to the project in every
        vintage.
    area_dm2 : int
        Area of the pieces in the sum. [0.01 m2]
    waterfall : Waterfall
        The lines behind the vintages.
    schedule : Schedule
        What was asked for.
    """

    vintages: pd.DataFrame
    tonnes: pd.DataFrame
    issuances: pd.DataFrame
    pledgeable_issuances: pd.DataFrame
    piece_vintages: xr.Dataset
    area_dm2: int
    waterfall: Waterfall
    schedule: Schedule

    def pledgeable_share(self) -> float:
        """Share of what the project issues, or will, that can be pledged; within 0 and 1. [1]"""
        kg = self.vintages["credit_kg"].to_numpy(dtype=np.int64)
        late = self.tonnes["lapsed"].to_numpy(dtype=bool)
        row = verified_at(self.vintages["end"], self.schedule.verifications)
        whole = int(issuable_kg(without_lapsed(kg, late), row).sum())
        return int(self.vintages["pledgeable_kg"].sum()) / whole if whole else 0.0

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
        labels = self.piece_vintages["stand"].to_numpy() if groups is None else np.asarray(groups)
        codes, names = pd.factorize(labels, sort=True)
        kg = group_sum_int64(self.piece_vintages[name].to_numpy(), codes, len(names))
        out = self.issued_kg(kg)
        dates = pd.DatetimeIndex(table["issuance_date"], name="issuance_date")
        return pd.DataFrame(out, index=pd.Index(names, name="group"), columns=dates)

    def issued_kg(self, vintage_kg: Ints) -> Ints:
        """Kilograms by the issuance each vintage is verified for; what lapses is left out.

        Parameters
        ----------
        vintage_kg : array (row, vintage), int64
            Of pieces, groups or draws. [kg CO2e]

        Returns
        -------
        array (row, issuance), int64
            [kg CO2e]
        """
        kg = without_lapsed(vintage_kg, self.tonnes["lapsed"].to_numpy(dtype=bool))
        row = verified_at(self.vintages["end"], self.schedule.verifications)
        covered = row >= 0
        by_row = np.ascontiguousarray(kg[:, covered].T)
        return group_sum_int64(by_row, row[covered], len(self.issuances)).T


def credits(  # noqa: A001 (the word of the vocabulary)
    piece_kg: xr.DataArray,
    pieces: pd.DataFrame,
    methodology: Methodology,
    *,
    schedule: Schedule,
    numbers: ParameterSet,
    date: date,
    findings: Findings,
) -> Credits:
    """Credits of the creditable pieces under a methodology.

    Parameters
    ----------
    piece_kg : DataArray (piece, instant), int64
        Stocks of the creditable pieces, in the order of `pieces`, at least at the days
        `vintage_instants` names; optional coordinate ``rated`` (piece, boolean), as `area_stocks`
        gives it for stands: land without a rate earns nothing. [kg CO2e]
    pieces : DataFrame, one row per creditable piece
        Columns ``piece stand area_dm2``; optional ``pledgeable`` (boolean): only where it is yes
        do credits count as pledgeable; optional ``since until`` (datetime): first and last day of
        the right to the piece, missing for one without. What arises outside is credited to the
        project but cannot be pledged, nor what makes up a loss of the project. The columns a rate
        by class is looked up by, where the methodology has one. [1, 1, 0.01 m2, 1, 1, 1]
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
    E375
        Reductions arose before the methodology's window; left out.
    E377
        A vintage lost more than it gained; later ones make it up first.
    E378
        The right to a piece does not cover the whole crediting period.
    E708
        No rate is known for the class a piece is in; it earns nothing.
    E713
        A vintage is verified too late for its reductions to be registered; none are issued.
    """
    require(pieces, ("piece", "stand", "area_dm2"), "pieces")
    if piece_kg["piece"].to_numpy().tolist() != pieces["piece"].tolist():
        raise ConfigError("E381", stand="pieces")
    known = _classed(pieces, methodology, numbers, findings) & _rated(piece_kg)
    removals = vintage_removals(
        piece_kg if known.all() else piece_kg.where(xr.DataArray(known, dims="piece"), 0),
        pieces["stand"].tolist(),
        start=schedule.start,
        years=schedule.years,
        earliest=reduction_window(methodology, schedule.application),
        last_day=schedule.last_day,
        findings=findings,
    )
    area = np.where(known, pieces["area_dm2"].to_numpy(dtype=np.int64), 0)
    lines, vintages = waterfall(
        removals.table,
        methodology,
        numbers,
        area_dm2=int(area.sum()),
        date=date,
        classes=pieces[known],
    )
    credit = vintages["credit_kg"].to_numpy()
    parts = _by_piece(credit, removals.change, pieces["piece"], area)
    own, outside = own_parts(parts, vintages, pieces)
    window = reduction_years(methodology)
    late = lapsed(vintages, schedule.verifications, window)
    row = verified_at(vintages["end"], schedule.verifications)
    own, credit = (without_lapsed(kg, late) for kg in (own, credit))
    pledgeable = pledgeable_parts(own, credit, row, pieces["piece"])
    vintages["pledgeable_kg"] = pledgeable.sum(axis=0, dtype=np.int64)
    _report(findings, vintages, pieces, outside)
    tonnes = _tonnes(vintages, schedule, window)
    _report_lapsed(findings, vintages, tonnes, window)
    plans = [
        issuances(
            vintages,
            schedule.verifications,
            lag_months=schedule.lag_months,
            column=column,
            window_years=window,
        )
        for column in ("credit_kg", "pledgeable_kg")
    ]
    dataset = _dataset(pieces, vintages, parts, pledgeable).assign_coords(counted=("piece", known))
    return Credits(vintages, tonnes, plans[0], plans[1], dataset, int(area.sum()), lines, schedule)


def _tonnes(vintages: pd.DataFrame, schedule: Schedule, window: int | None) -> pd.DataFrame:
    row = verified_at(vintages["end"], schedule.verifications)
    late = lapsed(vintages, schedule.verifications, window)
    dates = pd.DatetimeIndex([*schedule.verifications, pd.NaT]).as_unit("ns")
    whole = {
        name: vintage_tonnes(without_lapsed(vintages[column].to_numpy(dtype=np.int64), late), row)
        for name, column in (("issued_t", "credit_kg"), ("pledgeable_t", "pledgeable_kg"))
    }
    days = {"vintage": vintages["vintage"], "verification_date": dates[row]}
    return pd.DataFrame({**days, **whole, "lapsed": late})


def _report_lapsed(
    findings: Findings, vintages: pd.DataFrame, tonnes: pd.DataFrame, window: int | None
) -> None:
    findings.add(
        "E713",
        layer="project",
        where=tonnes["lapsed"].to_numpy(dtype=bool) & (vintages["credit_kg"] > 0).to_numpy(),
        feature=vintages["vintage"],
        column="credit_kg",
        observed=vintages["credit_kg"],
        action="excluded",
        day=tonnes["verification_date"].dt.date.to_numpy(),
        years=window,
    )


def _rated(piece_kg: xr.DataArray) -> NDArray[np.bool_]:
    """Whether each piece has the rates its stocks are made of; yes where stocks do not say."""
    if "rated" not in piece_kg.coords:
        return np.ones(piece_kg.sizes["piece"], dtype=bool)
    return np.asarray(piece_kg["rated"].to_numpy(), dtype=bool)


def _classed(
    pieces: pd.DataFrame, methodology: Methodology, numbers: ParameterSet, findings: Findings
) -> NDArray[np.bool_]:
    """Whether each piece is of a class every rate by class is known for."""
    known = np.ones(len(pieces), dtype=bool)
    for line in methodology.lines:
        if line.rule in RULES and RULES[line.rule].by_class:
            columns = numbers.parameter(line.parameter).keys
            require(pieces, columns, "pieces")
            keys = rate_keys(pieces, columns)
            rates = {_key(each) for each in numbers.keys(line.parameter)}
            known &= np.array([key in rates for key in keys], dtype=bool)
            findings.add(
                "E708",
                layer="pieces",
                where=~known,
                feature=pieces["piece"],
                column=columns[0],
                observed=["/".join(key or ("—",)) for key in keys],
                area_ha=pieces["area_dm2"].to_numpy(dtype=np.float64) * 1e-6,
                action="excluded",
                name=line.parameter,
            )
    return known


def _key(each: str | tuple[str, ...]) -> tuple[str, ...]:
    return each if isinstance(each, tuple) else (each,)


def _by_piece(credit_kg: Ints, change: Ints, piece: pd.Series, area: Ints) -> Ints:
    """Each vintage's credits over the pieces: by what they gained, a loss by what they lost."""
    order = np.argsort(piece.to_numpy(dtype=str), kind="stable")
    parts = np.zeros(change.shape, dtype=np.int64)
    for column, total in enumerate(credit_kg.tolist()):
        weights = np.maximum(change[:, column] if total >= 0 else -change[:, column], 0)
        weights = weights if weights.any() else area
        parts[order, column] = largest_remainder(weights[order], total)
    if (parts.sum(axis=0, dtype=np.int64) != credit_kg).any():
        raise IdentityError("E372", what="pieces and project")
    return parts


def _report(findings: Findings, vintages: pd.DataFrame, pieces: pd.DataFrame, kg: Ints) -> None:
    findings.add(
        "E377",
        layer="project",
        where=(vintages["credit_kg"] < 0).to_numpy(),
        feature=vintages["vintage"],
        column="credit_kg",
        observed=vintages["credit_kg"],
    )
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
