"""The statistical difference both ways: what is above and what is below, before they cancel."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.parts import Parts
from ecogis.accounts.rows import QUANTITIES, Survey
from ecogis.core.errors import IdentityError

__all__ = ["both_ways", "gross_of_events", "gross_of_surveys"]

_ACCOUNTS: Final = {"land": "area_dm2", "timber": "volume_dm3", "carbon": "co2e_kg"}

Gross = Mapping[str, tuple[int, int]]


def gross_of_events(land: Parts, opening: Survey, closing: Survey) -> Gross:
    """What the closing survey has above and below the modelled closing, stand by stand.

    Stands are compared by identifier and land class; one that only one side has is wholly above or
    wholly below.

    Parameters
    ----------
    land : Parts
        Parts the events make, owners told apart or not.
    opening, closing : Survey
        The surveys.

    Returns
    -------
    mapping of str to (int, int)
        Above and below by account: land [dm2], timber [dm3], carbon [kg CO2e].
    """
    classes = np.array(land.names["land_class"], dtype=object)[land.after["land_class"]]
    modelled = pd.DataFrame({"stand": opening.stands.index[land.left], "land_class": classes})
    modelled["area_dm2"] = -land.area
    for name in QUANTITIES:
        modelled[name] = -land.closing(name)
    columns = ["land_class", *_ACCOUNTS.values()]
    surveyed = closing.stands[columns].rename_axis("stand").reset_index()
    both = pd.concat([modelled, surveyed], ignore_index=True)
    apart = both.groupby(["stand", "land_class"], sort=False)[list(_ACCOUNTS.values())].sum()
    return {account: _signs(apart[name].to_numpy()) for account, name in _ACCOUNTS.items()}


def gross_of_surveys(unmatched: pd.DataFrame) -> Gross:
    """What only the closing survey has, and what only the opening one has, with what was on it.

    Parameters
    ----------
    unmatched : DataFrame
        As `ecogis.accounts.tables.unmatched` gives it.

    Examples
    --------
    >>> sides = {"survey": ["opening", "closing"], "area_dm2": [5, 3]}
    >>> gross_of_surveys(pd.DataFrame(sides | {"volume_dm3": 0, "co2e_kg": 0}))["land"]
    (3, 5)
    """
    sign = np.where(unmatched["survey"].eq("closing"), 1, -1)
    return {
        account: _signs(unmatched[name].to_numpy(dtype=np.int64) * sign)
        for account, name in _ACCOUNTS.items()
    }


def both_ways(limits: pd.DataFrame, postings: pd.DataFrame, gross: Gross) -> pd.DataFrame:
    """The table of limits with what lies above and below, and their shares of the opening.

    Parameters
    ----------
    limits : DataFrame
        As `difference` gives it.
    postings : DataFrame
        The postings it was made from.
    gross : mapping
        As `gross_of_events` or `gross_of_surveys` gives it.

    Returns
    -------
    DataFrame
        `limits` and ``above below above_share below_share``.

    Raises
    ------
    IdentityError
        E399 (V3) when above less below is not the difference that is booked.
    """
    for account, line, unit in zip(
        limits["account"], limits["line_code"], limits["unit"], strict=True
    ):
        mine = postings["account"].eq(account) & postings["line_code"].eq(line)
        above, below = gross[account]
        gap = above - below - int(postings.loc[mine, "amount"].sum())
        if gap:
            cells = f"{account} / {line} / above - below"
            raise IdentityError("E399", identity="V3", cells=cells, difference=gap, unit=unit)
    made = limits.copy()
    opening = limits["opening"].to_numpy(dtype=np.float64)
    for place, name in enumerate(("above", "below")):
        made[name] = [gross[account][place] for account in limits["account"]]
        share = made[name].to_numpy(dtype=np.float64) / np.where(opening > 0.0, opening, np.inf)
        made[f"{name}_share"] = share
    return made


def _signs(apart: npt.NDArray[np.int64]) -> tuple[int, int]:
    return int(apart[apart > 0].sum()), int(-apart[apart < 0].sum())
