"""What a disposal brings, paid out in order to the 分, the rest to the borrower."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.methods import ParameterSet, parameters
from ecogis.numerics import largest_remainder

__all__ = ["Claim", "owed_fen", "shortfalls", "waterfall"]

ITEMS: Final = ("cost", "principal", "interest", "fee")
_BORROWER: Final = "borrower"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a party is owed out of a disposal.

    Attributes
    ----------
    party : str
        bank, guarantor, centre ...; a guarantor that has paid the bank stands in its place for
        what it paid.
    item : str
        cost, principal, interest or fee.
    amount_fen : int
        What is owed. [fen]
    """

    party: str
    item: str
    amount_fen: int


def waterfall(
    proceeds_fen: int,
    claims: list[Claim],
    day: date,
    *,
    rules: ParameterSet | None = None,
) -> pd.DataFrame:
    """Pay proceeds out by rank; claims of one rank share by amount; what is left is the borrower's.

    Parameters
    ----------
    proceeds_fen : int
        What the disposal brought. [fen]
    claims : list of Claim
        Who is owed what.
    day : date
        Day of the disposal, for the ranks in force.
    rules : ParameterSet, optional
        Another edition of ``collateral-centre``.

    Returns
    -------
    DataFrame, one row per claim, then the borrower's
        ``rank item party claim_fen paid_fen short_fen``; ``paid_fen`` adds up to the proceeds.

    Raises
    ------
    ConfigError
        E900 an amount is not whole fen, zero or more, or an item is unknown.
    IdentityError
        E009 the payments do not add up to the proceeds.

    References
    ----------
    .. [1] 银监发〔2013〕32号, on disposal (order inferred from how it is told).

    Examples
    --------
    1,000 pay 100 of costs and 900 of 1,200 of principal, shared 2 to 1:

    >>> owed = [Claim("centre", "cost", 100), Claim("bank", "principal", 800)]
    >>> owed += [Claim("guarantor", "principal", 400), Claim("bank", "interest", 50)]
    >>> waterfall(1_000, owed, date(2026, 8, 31))[
    ...     ["party", "paid_fen", "short_fen"]
    ... ].values.tolist()
    [['centre', 100, 0], ['bank', 600, 200], ['guarantor', 300, 100], ['bank', 0, 50],
     ['borrower', 0, 0]]
    """
    held = parameters("collateral-centre") if rules is None else rules
    rank = {item: int(held.value("rank", day, "1", item)) for item in (*ITEMS, "surplus")}
    _must_be_owed(proceeds_fen, claims)
    ordered = sorted(claims, key=lambda claim: rank[claim.item])
    left, rows = proceeds_fen, []
    for level in sorted({rank[claim.item] for claim in ordered}):
        mine = [claim for claim in ordered if rank[claim.item] == level]
        paid = _shared(left, [claim.amount_fen for claim in mine])
        left -= sum(paid)
        rows += [_row(level, claim, part) for claim, part in zip(mine, paid, strict=True)]
    rows.append((rank["surplus"], "surplus", _BORROWER, 0, left, 0))
    columns = ["rank", "item", "party", "claim_fen", "paid_fen", "short_fen"]
    table = pd.DataFrame(rows, columns=columns)
    difference = int(table["paid_fen"].sum()) - proceeds_fen
    if difference:
        what = "proceeds paid out"
        raise IdentityError(
            "E009", identity="waterfall", what=what, difference=difference, unit="fen"
        )
    return table


def _must_be_owed(proceeds_fen: int, claims: list[Claim]) -> None:
    if not _is_fen(proceeds_fen):
        raise ConfigError("E900", field="proceeds", value=proceeds_fen, expected=">= 0 fen, int")
    for claim in claims:
        if claim.item not in ITEMS:
            raise ConfigError("E900", field="item", value=claim.item, expected=", ".join(ITEMS))
        if not _is_fen(claim.amount_fen):
            expected = ">= 0 fen, int"
            raise ConfigError("E900", field=claim.item, value=claim.amount_fen, expected=expected)


def _is_fen(amount: object) -> bool:
    if isinstance(amount, bool) or not isinstance(amount, int | np.integer):
        return False
    return int(amount) >= 0


def _row(level: int, claim: Claim, paid: int) -> tuple[int, str, str, int, int, int]:
    return level, claim.item, claim.party, claim.amount_fen, paid, claim.amount_fen - paid


def _shared(left: int, owed: list[int]) -> list[int]:
    if sum(owed) <= left:
        return owed
    return [int(part) for part in largest_remainder(np.array(owed, dtype=np.int64), left)]


def owed_fen(principal_fen: int, interest_fen: int, compensated_fen: int) -> list[Claim]:
    """What bank and guarantor are owed after the guarantor has paid a part of the principal.

    Parameters
    ----------
    principal_fen, interest_fen : int
        What the borrower owes. [fen]
    compensated_fen : int
        What the guarantor has paid the bank, at most the principal. [fen]

    Returns
    -------
    list of Claim
        The bank's principal and interest, the guarantor's principal.

    Raises
    ------
    ConfigError
        E900 the guarantor has paid more than the principal.

    Examples
    --------
    >>> [(claim.party, claim.amount_fen) for claim in owed_fen(1_000, 30, 800)]
    [('bank', 200), ('guarantor', 800), ('bank', 30)]
    """
    if not 0 <= compensated_fen <= principal_fen:
        expected = f"0-{principal_fen} fen"
        raise ConfigError("E900", field="compensated", value=compensated_fen, expected=expected)
    return [
        Claim("bank", "principal", principal_fen - compensated_fen),
        Claim("guarantor", "principal", compensated_fen),
        Claim("bank", "interest", interest_fen),
    ]


def shortfalls(paid: pd.DataFrame) -> Mapping[str, int]:
    """What each party is still owed after a waterfall. [fen]

    >>> table = waterfall(900, owed_fen(1_000, 30, 800), date(2026, 8, 31))
    >>> dict(shortfalls(table))
    {'bank': 50, 'guarantor': 80}
    """
    short = paid.groupby("party", sort=False)["short_fen"].sum()
    return {str(party): int(amount) for party, amount in short.items() if amount}
