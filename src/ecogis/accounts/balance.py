"""The physical balance of two surveys: land, timber and carbon, opening to closing."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ecogis.accounts import identities
from ecogis.accounts.flows import area_flows, forest_area_flows, loss_lines, stock_flows
from ecogis.accounts.lines import booking, lines
from ecogis.accounts.rows import Survey, land_rows, survey
from ecogis.accounts.tables import change_matrix, line_table, sheet, structure, unmatched
from ecogis.core.findings import Findings

__all__ = ["Balance", "physical_balance"]


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


def physical_balance(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    *,
    pairs: pd.DataFrame,
    opening_date: date | None = None,
    closing_date: date | None = None,
    unmatched_share: float = 0.01,
    drop_share: float = 0.05,
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
        ``change_cause``.
    pairs : DataFrame
        ``left right area_dm2``: area of each opening stand in each closing stand; rows with a side
        missing are land of one survey only.
    opening_date, closing_date : date, optional
        Days of the surveys, carried along.
    unmatched_share : float
        Policy: share of the closing area in one survey only above which E390 is found. [1]
    drop_share : float
        Policy: share of its volume a stand may lose without a cause before E392 is found. [1]
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
    first = survey(opening, layer="stands_opening", findings=findings)
    last = survey(closing, layer="stands", findings=findings)
    rows = land_rows(first, last, pairs)
    made = _laid_out(rows, first, last, (opening_date, closing_date))
    _check(made, first, last)
    if findings is not None:
        _look(made, rows, last, unmatched_share, drop_share, findings)
    return made


def _laid_out(
    rows: pd.DataFrame, first: Survey, last: Survey, days: tuple[date | None, date | None]
) -> Balance:
    volume = line_table(stock_flows(rows, "volume_dm3"), "timber", rows)
    carbon = line_table(stock_flows(rows, "co2e_kg"), "timber", rows)
    forest = line_table(forest_area_flows(rows), "timber", rows)
    return Balance(
        area=line_table(area_flows(rows), "area", rows),
        volume=volume,
        carbon=carbon,
        timber=sheet({"area_dm2": forest, "volume_dm3": volume, "co2e_kg": carbon}),
        matrix=change_matrix(rows),
        structure=structure(first, last),
        unmatched=unmatched(rows),
        opening_date=days[0],
        closing_date=days[1],
    )


def _check(made: Balance, first: Survey, last: Survey) -> None:
    sides = {
        kind: {line.cause: line.code for line in lines("area") if line.kind == kind}
        for kind in ("add", "less")
    }
    moves = [(code, sides["less"][cause]) for cause, code in sides["add"].items()]
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


def _look(  # noqa: PLR0917  what was found, its limits, and where it goes
    made: Balance,
    rows: pd.DataFrame,
    last: Survey,
    unmatched_share: float,
    drop_share: float,
    findings: Findings,
) -> None:
    apart = int(made.unmatched["area_dm2"].sum())
    total = last.total("area_dm2")
    if apart > unmatched_share * total:
        share = round(100 * apart / total, 2) if total else 100.0
        findings.add(
            "E390", layer="stands", observed=apart, area_ha=apart * 1e-6, p=share, m=apart / 100
        )
    explained = set(booking("loss").values()) - {booking("loss")["unexplained"]}
    before, after = rows["opening_volume_dm3"], rows["closing_volume_dm3"]
    unexplained = rows["left"].notna() & ~np.isin(loss_lines(rows["cause"]), list(explained))
    named = rows["cause"].ne("survey")
    kept = rows[unexplained & named & rows["right"].notna()]
    sums = kept.assign(lost=(before - after).clip(lower=0), had=before).groupby("right")
    lost = sums[["lost", "had", "area_dm2"]].sum()
    findings.add(
        "E392",
        layer="stands",
        where=lost["lost"].gt(drop_share * lost["had"]).to_numpy(),
        feature=lost.index.to_numpy(dtype=object),
        column="change_cause",
        observed=np.round(lost["lost"].to_numpy() / 1000, 1),
        area_ha=lost["area_dm2"].to_numpy() * 1e-6,
    )
