"""SEEA Ecosystem Accounting: extent, carbon, and the value of ecosystems from their services."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.asset_flows import physical_rows
from ecogis.accounts.layout import Column, Table, column_table
from ecogis.accounts.seea import layout, rows, seea_table
from ecogis.accounts.seea_cf import TOTAL, land_columns
from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.core.vocabulary import code_label

__all__ = ["ServiceFlow", "annuity", "carbon_account", "ecosystem_assets", "extent"]

_HECTARE: Final = 1_000_000  # dm2 of 0.01 m2


@dataclass(frozen=True, slots=True)
class ServiceFlow:
    """A yearly service of one ecosystem type at both ends, as the caller states it.

    Parameters
    ----------
    land_class : str
        The ecosystem type.
    opening_per_ha, closing_per_ha : float
        Quantity of the service a hectare and year. [unit ha-1 yr-1]
    opening_cny, closing_cny : float
        Price of one unit. [CNY]
    rate : float
        Discount rate. [1]
    years : int
        Years the service is expected to last. [yr]
    because : str
        Source or reason.
    """

    land_class: str
    opening_per_ha: float
    closing_per_ha: float
    opening_cny: float
    closing_cny: float
    rate: float
    years: int
    because: str


def annuity(rate: float, years: int) -> float:
    r"""Present value of one a year, the first a year ahead. [yr]

    .. math:: a = \sum_{t=1}^{n} (1 + r)^{-t}

    Raises
    ------
    UnitError, ConfigError
        The rate is no share; E421 the years are none.

    Examples
    --------
    >>> round(annuity(0.1, 2), 6), annuity(0.0, 5)
    (1.735537, 5.0)
    """
    share(rate, "rate")
    if years < 1:
        raise ConfigError("E421", name="years", value=years)
    return float(sum((1.0 + rate) ** -year for year in range(1, years + 1)))


def extent(postings: pd.DataFrame) -> Table:
    """SEEA EA extent account by land class. [dm2]

    Raises
    ------
    IdentityError
        E399 when a type does not close.
    """
    named = postings.assign(column=postings["land_class"].astype(object))
    flows = physical_rows(named, "land", ["column"])
    return seea_table("seea_extent", flows, land_columns(postings, "land", unit="dm2"))


def carbon_account(postings: pd.DataFrame) -> Table:
    """SEEA EA carbon account of living biomass by land class. [kg CO2e]

    Raises
    ------
    IdentityError
        E399 (I11) when a class does not close.
    """
    named = postings.assign(column=postings["land_class"].astype(object))
    flows = physical_rows(named, "carbon", ["column"])
    return seea_table("seea_carbon", flows, land_columns(postings, "carbon", unit="kg"))


def ecosystem_assets(area: Table, services: Iterable[ServiceFlow]) -> Table:
    r"""SEEA EA value of each ecosystem type from the service the caller states. [fen]

    With the area A, the service a hectare q and the present worth of one unit w = price x annuity,
    the value is A q w. Conversions are the areas in and out at the mean q and w; enhancement or
    degradation is the mean area times the change of q at the mean w; the revaluation is the mean
    quantity times the change of w. What rounding and the statistical difference leave is MA7.
    Catastrophic losses are not told apart from conversions.

    Parameters
    ----------
    area : Table
        As `extent` gives it: types are its columns.
    services : iterable of ServiceFlow
        At most one for each type; a type without one is missing, not nought.

    Returns
    -------
    Table
        Rows MA1 to MA9.

    Raises
    ------
    ConfigError
        E421: a type is valued twice, is not in the extent account, or has a number below nothing.

    References
    ----------
    .. [1] United Nations, "SEEA Ecosystem Accounting," 2021, monetary ecosystem asset account;
       the list of rows is recalled.
    """
    stated = {entry.land_class: entry for entry in _checked(services, area)}
    columns = [column for column in area.columns if not column.sums]
    cells = [
        (row, column.code, amount, "modelled" if amount is not None else "missing")
        for column in columns
        for row, amount in _valued(area, column.code, stated.get(column.code)).items()
    ]
    table = pd.DataFrame(cells, columns=["row", "column", "amount", "status"])
    heads = [Column(c.code, code_label("land_class", c.code, "zh") if c.code else "未记录",
                    code_label("land_class", c.code, "en") if c.code else "not stated", "fen")
             for c in columns]  # fmt: skip
    total = Column("total", *TOTAL, "fen", tuple((1, head.code) for head in heads))
    words = {key: layout("seea_asset")[key] for key in ("zh", "en", "identity")}
    notes = {key: layout("seea_asset")[key] for key in ("note_zh", "note_en")}
    named = {"name": "seea_asset"} | words | notes
    return column_table(table.astype({"amount": "Int64"}), rows("seea_asset"), [*heads, total],
                        absent=["MA6"], words=named)  # fmt: skip


def _checked(services: Iterable[ServiceFlow], area: Table) -> list[ServiceFlow]:
    found: list[ServiceFlow] = []
    types = {column.code for column in area.columns if not column.sums}
    for entry in services:
        numbers = (
            entry.opening_per_ha,
            entry.closing_per_ha,
            entry.opening_cny,
            entry.closing_cny,
        )
        twice = any(entry.land_class == other.land_class for other in found)
        if entry.land_class not in types or twice or not all(n >= 0 for n in numbers):
            raise ConfigError("E421", name=entry.land_class, value=numbers)
        found.append(entry)
    return found


def _valued(area: Table, column: str, flow: ServiceFlow | None) -> dict[str, int | None]:
    """Rows of one type; all missing without a service."""
    names = ("MA1", "MA2", "MA3", "MA4", "MA5", "MA7", "MA8", "MA9")
    if flow is None:
        return dict.fromkeys(names, None)
    first, last, came, went = (_ha(area, row, column) for row in ("EX1", "EX7", "in", "out"))
    worth = annuity(flow.rate, flow.years) * 100.0
    w0, w1 = flow.opening_cny * worth, flow.closing_cny * worth
    q0, q1 = flow.opening_per_ha, flow.closing_per_ha
    mid, rate = (w0 + w1) / 2, (q0 + q1) / 2
    better = (first + last) / 2 * (q1 - q0) * mid
    made = {
        "MA1": first * q0 * w0,
        "MA2": max(better, 0.0),
        "MA3": max(-better, 0.0),
        "MA4": came * rate * mid,
        "MA5": went * rate * mid,
        "MA8": (first * q0 + last * q1) / 2 * (w1 - w0),
        "MA9": last * q1 * w1,
    }
    whole: dict[str, int | None] = {}
    whole |= {name: int(np.rint(value)) for name, value in made.items()}
    signs = {"MA3": -1, "MA5": -1, "MA9": -1}
    rest = -sum(signs.get(name, 1) * (value or 0) for name, value in whole.items())
    return whole | {"MA7": rest}


def _ha(area: Table, row: str, column: str) -> float:
    rows_of = {"in": ("EX2", "EX3", "EX3x"), "out": ("EX4", "EX5", "EX5x")}.get(row, (row,))
    return sum(area.amount(code, column) or 0 for code in rows_of) / _HECTARE
