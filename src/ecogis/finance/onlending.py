"""On-lending at cost and a small margin (保本微利): every part of the price is kept."""

from typing import Final

import pandas as pd

from ecogis.core.vocabulary import require

__all__ = ["onlending_prices"]

_PARTS: Final = ("wholesale_bp", "cost_bp", "loss_bp", "margin_bp")
_BP: Final = 10_000
_MOST_BP: Final = 100_000  # 1000 %: a larger part is a slip, and sums stay exact


def onlending_prices(offers: pd.DataFrame) -> pd.DataFrame:
    r"""The retail rate of on-lent money against its cap.

    .. math:: r = w + c + l + m \le cap

    Parameters
    ----------
    offers : DataFrame, one row per offer
        ``wholesale_bp`` (policy bank's rate), ``cost_bp``, ``loss_bp`` (expected loss),
        ``margin_bp``, ``cap_bp``, whole basis points a year [1e-4]; other columns are kept.

    Returns
    -------
    DataFrame
        The same rows with ``retail_bp``, ``room_bp`` (cap less retail) [1e-4], ``retail_rate`` [1]
        and ``passed``: missing where a part is not stated, is below nought, above 100,000 or has a
        fraction, and then nothing is added up.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Notes
    -----
    No margin is published; parts and cap are the bank's own and are stored with the price.

    Examples
    --------
    >>> one = pd.DataFrame(
    ...     {
    ...         "wholesale_bp": [200],
    ...         "cost_bp": [80],
    ...         "loss_bp": [50],
    ...         "margin_bp": [20],
    ...         "cap_bp": [350],
    ...     }
    ... )
    >>> onlending_prices(one)[["retail_bp", "room_bp", "passed"]].values.tolist()
    [[350, 0, True]]
    """
    require(offers, [*_PARTS, "cap_bp"], "onlending")
    parts = offers[[*_PARTS, "cap_bp"]].apply(_whole)
    stated = parts.notna().all(axis=1)
    retail = parts[list(_PARTS)].sum(axis=1, skipna=False).astype("Int64").mask(~stated)
    return offers.assign(
        retail_bp=retail,
        room_bp=parts["cap_bp"] - retail,
        retail_rate=retail.astype("Float64") / _BP,
        passed=(retail <= parts["cap_bp"]).astype("boolean"),
    )


def _whole(column: pd.Series) -> pd.Series:
    """Basis points that are whole numbers from nought to the most; others are not known."""
    number = pd.to_numeric(column, errors="coerce").astype("float64")
    fits = (number >= 0) & (number <= _MOST_BP) & (number % 1 == 0)
    return number.where(fits).astype("Int64")
