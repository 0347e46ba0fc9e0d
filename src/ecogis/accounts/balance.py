"""The physical balance of two surveys: land, timber and carbon, opening to closing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts import identities
from ecogis.accounts.checking import check
from ecogis.accounts.classes import AGE_GROUPS, GRADES, book_ages, book_grades
from ecogis.accounts.flows import (
    FOREST_TYPE,
    area_lines,
    book_extent,
    book_forest,
    book_land,
    book_stock,
    loss_lines,
)
from ecogis.accounts.gross import both_ways, gross_of_surveys
from ecogis.accounts.limits import Limits, difference
from ecogis.accounts.lines import booking
from ecogis.accounts.parts import DIMENSIONS, Parts, parts
from ecogis.accounts.postings import Ledger, line_place
from ecogis.accounts.rows import QUANTITIES, Survey, land_rows, survey
from ecogis.accounts.tables import change_matrix, line_table, sheet, structure, unmatched
from ecogis.core.findings import Findings

__all__ = ["BOOKED", "Balance", "part_table", "physical_balance", "posted", "sheets"]

BOOKED: Final = MappingProxyType(
    {"age_group": AGE_GROUPS, "quality": GRADES, "land_class": (FOREST_TYPE,)}
)
"""Texts bookings need beside those the surveys have."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The accounts of one area between two days; all amounts are int64.

    Attributes
    ----------
    area : DataFrame
        Land by class and cause: ``township line_code zh en kind confidence``, one column per land
        class, ``total``. [dm2]
    volume : DataFrame
        Timber, laid out in the same way. [dm3]
    carbon : DataFrame
        Carbon in biomass, laid out in the same way. [kg CO2e]
    timber : DataFrame
        The timber sheet: per line ``area_dm2`` (forest only), ``volume_dm3``, ``co2e_kg``.
    matrix : DataFrame
        Land class at the opening by land class at the closing. [dm2]
    structure : DataFrame
        Forest by type, origin, category and age group.
    unmatched : DataFrame
        Land of one survey only, the statistical difference in detail.
    opening_date, closing_date : date or None
        Days of the two surveys.
    postings : DataFrame
        All amounts in one table (`POSTING_COLUMNS`); every sheet is a pivot of it.
    limits : DataFrame
        The statistical difference against the limits of the policy, as `difference` gives it, and
        both ways, as `both_ways` does.
    route : str
        ``"surveys"``, or ``"events"`` where event records explain the change.
    rows : DataFrame
        Land of both surveys by stand and owner, as `part_table` gives it; empty for events.
    """

    area: pd.DataFrame
    volume: pd.DataFrame
    carbon: pd.DataFrame
    timber: pd.DataFrame
    matrix: pd.DataFrame
    structure: pd.DataFrame
    unmatched: pd.DataFrame
    opening_date: date | None = None
    closing_date: date | None = None
    postings: pd.DataFrame = field(default_factory=pd.DataFrame)
    limits: pd.DataFrame = field(default_factory=pd.DataFrame)
    route: str = "surveys"
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)


def physical_balance(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    *,
    pairs: pd.DataFrame,
    owners: pd.DataFrame | None = None,
    opening_date: date | None = None,
    closing_date: date | None = None,
    sources: Sequence[str] = ("stands_opening", "stands"),
    limits: Limits | None = None,
    findings: Findings | None = None,
) -> Balance:
    """Balance two surveys of the same land.

    The cause of change of the closing stand decides the line; what a cause does not explain is
    booked as a correction of the survey, never as growth or harvest (see the method note).

    Parameters
    ----------
    opening, closing : DataFrame
        One row per stand: ``stand township land_class origin forest_category age_group
        standing_volume`` [m3 ha-1] ``area_dm2`` ``co2e_kg``; the closing one with
        ``change_cause``. Optional ``farm forest_use species_group quality volume_status``.
    pairs : DataFrame
        ``left right area_dm2``: area of each opening stand in each closing stand; rows with a side
        missing are land of one survey only.
    owners : DataFrame, optional
        ``stand owner_opening owner_closing area_dm2`` of closing stands, as `stand_owners` gives
        them; without it owners are not on record.
    opening_date, closing_date : date, optional
        Days of the surveys, carried along.
    sources : sequence of str
        What the opening and the closing figures come from, carried along.
    limits : Limits, optional
        How much may be left unexplained; `Limits()` where not given. A policy.
    findings : Findings, optional
        Takes what the surveys do not explain.

    Returns
    -------
    Balance
        All identities checked.

    Raises
    ------
    IdentityError
        E399 when a sum does not close, naming its cells.
    InputError
        E396 when a stand's identifier is missing or stands twice.

    Findings
    --------
    E390
        More land than the limit is in one survey only; it is shown as statistical difference.
    E391
        A stocked stand has no volume or no carbon: booked as nothing.
    E392
        A stand lost more volume than the limit and its cause explains no loss: booked to T27.
    E401
        The statistical difference of an account is above its limit: the sheet is refused.

    Examples
    --------
    >>> stand = {
    ...     "stand": ["S1"],
    ...     "township": ["T"],
    ...     "land_class": ["arbor_forest"],
    ...     "origin": ["planted"],
    ...     "forest_category": ["commercial"],
    ...     "age_group": ["young"],
    ...     "area_dm2": [1_000_000],
    ... }
    >>> before = pd.DataFrame(stand | {"standing_volume": [50.0], "co2e_kg": [60_000]})
    >>> after = pd.DataFrame(stand | {"standing_volume": [80.0], "co2e_kg": [96_000]})
    >>> pairs = pd.DataFrame({"left": ["S1"], "right": ["S1"], "area_dm2": [1_000_000]})
    >>> timber = physical_balance(before, after, pairs=pairs).timber
    >>> timber[timber["township"].eq("")].set_index("line_code")["volume_dm3"]["T13"].item()
    30000
    """
    policy = Limits() if limits is None else limits
    first = survey(opening, layer="stands_opening", findings=findings)
    last = survey(closing, layer="stands", findings=findings)
    rows = land_rows(first, last, pairs)
    land = parts(rows, first, last, owners)
    named = (*sources, " + ".join(sources))
    ledger = Ledger(land.names, named, BOOKED)
    posted(ledger, land)
    postings = ledger.postings()
    laid, stands = sheets(postings), len(first.stands) + len(last.stands)
    apart = unmatched(rows, first, last)
    found = difference(postings, policy, stands=stands, findings=findings)
    made = Balance(
        area=laid["area"],
        volume=laid["volume"],
        carbon=laid["carbon"],
        timber=laid["timber"],
        matrix=change_matrix(land),
        structure=structure(first, last),
        unmatched=apart,
        opening_date=opening_date,
        closing_date=closing_date,
        postings=postings,
        limits=both_ways(found, postings, gross_of_surveys(apart)),
        rows=part_table(land, first, last),
    )
    _check(made, first, last)
    if findings is not None:
        _look(made, land, last, policy, findings)
    return made


def part_table(land: Parts, opening: Survey, closing: Survey) -> pd.DataFrame:
    """Land of two surveys by stand and owner, for what is worked out stand by stand.

    Returns
    -------
    DataFrame
        ``left right`` (identifiers of stands, missing where there is none) ``area_dm2``, opening
        and closing of volume and carbon, and each of `DIMENSIONS` as ``from_*`` and ``to_*``
        (categories).
    """
    made: dict[str, object] = {}
    for side, index, at in (
        ("left", opening.stands.index, land.left),
        ("right", closing.stands.index, land.right),
    ):
        made[side] = np.array([*index, None], dtype=object)[at]
    made["area_dm2"] = land.area
    for quantity in QUANTITIES:
        made[f"opening_{quantity}"] = land.opening(quantity)
        made[f"closing_{quantity}"] = land.closing(quantity)
    for name in DIMENSIONS:
        texts = pd.Index(land.names[name])
        made[f"from_{name}"] = pd.Categorical.from_codes(land.before[name], categories=texts)
        made[f"to_{name}"] = pd.Categorical.from_codes(land.after[name], categories=texts)
    return pd.DataFrame(made)


def posted(ledger: Ledger, land: Parts) -> None:
    """Book parts of land to every account."""
    book_land(ledger, land)
    book_forest(ledger, land)
    book_stock(ledger, land, "timber", "volume_dm3")
    book_stock(ledger, land, "carbon", "co2e_kg")
    book_ages(ledger, land)
    book_grades(ledger, land)
    book_extent(ledger, land)


def sheets(postings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The sheets of land, timber and carbon, by the names of `Balance`."""
    area, forest, volume, carbon = (
        line_table(postings, account) for account in ("land", "forest", "timber", "carbon")
    )
    timber = sheet({"area_dm2": forest, "volume_dm3": volume, "co2e_kg": carbon})
    return {"area": area, "volume": volume, "carbon": carbon, "timber": timber}


def _check(made: Balance, first: Survey, last: Survey) -> None:
    check(made.postings)
    less = area_lines("less")
    moves = [(code, less[cause]) for cause, code in area_lines("add").items()]
    for table, identity, unit in (
        (made.area, "I01", "dm2"),
        (made.volume, "I01", "dm3"),
        (made.carbon, "I11", "kg CO2e"),
        (made.timber, "I01", "dm2, dm3, kg CO2e"),
    ):
        identities.check_closing(table, identity, unit)
        identities.check_additive(table, unit)
    identities.check_moves(made.area, moves, "dm2")
    for table, unit in ((made.volume, "dm3"), (made.carbon, "kg CO2e")):
        identities.check_moves(table, [("T14", "T26")], unit)
    identities.check_matrix(made.matrix, first, last)
    identities.check_surveys(made.area, "area_dm2", first, last, "dm2")
    identities.check_surveys(made.volume, "volume_dm3", first, last, "dm3")
    identities.check_surveys(made.carbon, "co2e_kg", first, last, "kg CO2e")
    for side, layer in ((first, "stands_opening"), (last, "stands")):
        identities.check_carbon_of_volume(side, layer)


def _look(made: Balance, land: Parts, last: Survey, policy: Limits, findings: Findings) -> None:
    apart = int(made.unmatched["area_dm2"].sum())
    total = last.total("area_dm2")
    if apart > policy.unmatched * total:
        share = round(100 * apart / total, 2) if total else 100.0
        findings.add(
            "E390", layer="stands", observed=apart, area_ha=apart * 1e-6, p=share, m=apart / 100
        )
    unexplained = loss_lines(land) == line_place([booking("loss")["unexplained"]])[0]
    named = ~land.named("cause", ["survey"])[land.cause]
    kept = unexplained & named & land.both
    lost, had, area = (np.zeros(len(last.stands), dtype=np.int64) for _ in range(3))
    stand = land.right[kept]
    np.add.at(lost, stand, land.fall["volume_dm3"][kept])
    np.add.at(had, stand, land.opening("volume_dm3")[kept])
    np.add.at(area, stand, land.area[kept])
    findings.add(
        "E392",
        layer="stands",
        where=lost > policy.drop * had,
        feature=last.stands.index.to_numpy(dtype=object),
        column="change_cause",
        observed=np.round(lost / 1000, 1),
        area_ha=area * 1e-6,
    )
