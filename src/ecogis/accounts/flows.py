"""Flows: what moved between two surveys, booked row by row to the lines of the accounts."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.lines import booking, lines
from ecogis.core.vocabulary import FOREST

__all__ = ["area_flows", "forest_area_flows", "gain_lines", "loss_lines", "stock_flows"]

GROWING = FOREST | {"young_plantation", "enclosed_young", "sparse_forest", "shrub_other"}
"""Land classes that bear plants which can grow; a rise from nothing elsewhere is a discovery."""

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def loss_lines(cause: pd.Series) -> Texts:
    """Line of a fall: by its cause, or downward reappraisal where the cause explains none.

    >>> loss_lines(pd.Series(["harvest", "afforestation"])).tolist()
    ['T21', 'T27']
    """
    return _booked(cause, booking("loss"), "unexplained")


def gain_lines(rows: pd.DataFrame, opening: str) -> Texts:
    """Line of a rise: by its cause, or growth, or discovery where nothing stood before.

    Parameters
    ----------
    rows : DataFrame
        ``cause from_class`` and the column named by `opening`.
    opening : str
        The opening quantity; above nothing there was something to grow.
    """
    book = booking("gain")
    grew = rows[opening].gt(0) | rows["from_class"].isin(list(GROWING))
    other = np.where(grew, book["growth"], book["discovery"])
    named = rows["cause"].map(book).to_numpy(dtype=object)
    return np.where(pd.isna(named), other, named)


def stock_flows(rows: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Every booking of a quantity: ``township land_class line_code amount``.

    What both surveys have stays, or moves with the land to its new class (T26 and T14, equal by
    row); the fall is booked to the class before, the rise to the class after. Land of one survey
    only goes to the statistical difference.
    """
    before = rows[f"opening_{quantity}"].to_numpy(dtype=np.int64)
    after = rows[f"closing_{quantity}"].to_numpy(dtype=np.int64)
    has_left, has_right = rows["left"].notna().to_numpy(), rows["right"].notna().to_numpy()
    both = has_left & has_right
    moved = both & rows["from_class"].ne(rows["to_class"]).to_numpy()
    kept = np.minimum(before, after)
    from_class, to_class = rows["from_class"].to_numpy(), rows["to_class"].to_numpy()
    bookings = [
        _book(rows, from_class, "T00", before, has_left),
        _book(rows, to_class, gain_lines(rows, f"opening_{quantity}"), after - kept, both),
        _book(rows, to_class, "T14", kept, moved),
        _book(rows, from_class, loss_lines(rows["cause"]), before - kept, both),
        _book(rows, from_class, "T26", kept, moved),
        _book(rows, from_class, "T91", -before, has_left & ~has_right),
        _book(rows, to_class, "T91", after, has_right & ~has_left),
        _book(rows, to_class, "T90", after, has_right),
    ]
    return pd.concat(bookings, ignore_index=True)


def area_flows(rows: pd.DataFrame) -> pd.DataFrame:
    """Every booking of land to the area account: ``township land_class line_code amount``."""
    area = rows["area_dm2"].to_numpy(dtype=np.int64)
    has_left, has_right = rows["left"].notna().to_numpy(), rows["right"].notna().to_numpy()
    moved = has_left & has_right & rows["from_class"].ne(rows["to_class"]).to_numpy()
    from_class, to_class = rows["from_class"].to_numpy(), rows["to_class"].to_numpy()
    by_cause = {
        kind: {line.cause: line.code for line in lines("area") if line.kind == kind}
        for kind in ("add", "less")
    }
    bookings = [
        _book(rows, from_class, "A00", area, has_left),
        _book(rows, to_class, _booked(rows["cause"], by_cause["add"], "not_stated"), area, moved),
        _book(
            rows, from_class, _booked(rows["cause"], by_cause["less"], "not_stated"), area, moved
        ),
        _book(rows, from_class, "A91", -area, has_left & ~has_right),
        _book(rows, to_class, "A91", area, has_right & ~has_left),
        _book(rows, to_class, "A90", area, has_right),
    ]
    return pd.concat(bookings, ignore_index=True)


def forest_area_flows(rows: pd.DataFrame) -> pd.DataFrame:
    """Every booking of land that becomes or ceases to be forest, to the timber lines."""
    area = rows["area_dm2"].to_numpy(dtype=np.int64)
    was = rows["from_class"].isin(list(FOREST)).to_numpy()
    now = rows["to_class"].isin(list(FOREST)).to_numpy()
    has_left, has_right = rows["left"].notna().to_numpy(), rows["right"].notna().to_numpy()
    both = has_left & has_right
    from_class, to_class = rows["from_class"].to_numpy(), rows["to_class"].to_numpy()
    came = _booked(rows["cause"], booking("forest_gain"), "any")
    left = _booked(rows["cause"], booking("forest_loss"), "any")
    bookings = [
        _book(rows, from_class, "T00", area, was),
        _book(rows, to_class, came, area, both & now & ~was),
        _book(rows, from_class, left, area, both & was & ~now),
        _book(rows, from_class, "T91", -area, was & ~has_right),
        _book(rows, to_class, "T91", area, now & ~has_left),
        _book(rows, to_class, "T90", area, now),
    ]
    return pd.concat(bookings, ignore_index=True)


def _booked(cause: pd.Series, book: Mapping[str, str], otherwise: str) -> Texts:
    named = cause.map(dict(book)).to_numpy(dtype=object)
    return np.where(pd.isna(named), book[otherwise], named)


def _book(
    rows: pd.DataFrame,
    land_class: Texts,
    line: str | Texts,
    amount: Ints,
    where: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    codes = np.full(len(rows), line, dtype=object) if isinstance(line, str) else line
    return pd.DataFrame(
        {
            "township": rows["township"].to_numpy()[where],
            "land_class": land_class[where],
            "line_code": codes[where],
            "amount": amount[where],
        }
    )
