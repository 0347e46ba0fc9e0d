"""Units in which a county's indicators are read: amounts of a region in 亿元 or billions."""

from typing import Final

import pandas as pd

__all__ = ["in_large_units", "large_unit"]

_MONEY: Final = "CNY"
_SCALE: Final = {"zh": (1e8, "亿元"), "en": (1e9, "bn CNY")}
_FIGURES: Final = ("target", "actual", "gap", "later")
_DECIMALS: Final = 6  # 100 yuan of an amount in 亿元, 1,000 of one in billions


def large_unit(measure: str, measure_zh: str, lang: str) -> tuple[float, str]:
    """What a value is divided by to be read, and the unit it is then in.

    Parameters
    ----------
    measure, measure_zh : str
        Measure of the indicator; its name in Chinese.
    lang : {"zh", "en"}
        Language.

    Examples
    --------
    >>> large_unit("CNY", "元", "zh"), large_unit("%", "%", "en")
    ((100000000.0, '亿元'), (1.0, '%'))
    """
    if measure == _MONEY:
        return _SCALE[lang]
    return 1.0, measure_zh if lang == "zh" else measure


def in_large_units(board: pd.DataFrame) -> pd.DataFrame:
    """The board as a page shows it, with figures short enough for its columns.

    Parameters
    ----------
    board : DataFrame, one row per indicator
        As `ecogis.finance.indicator_board` gives it.

    Returns
    -------
    DataFrame
        The board with ``unit``, ``target``, ``actual``, ``gap`` and ``later`` for each language
        (``_zh``, ``_en``), the figures rounded to six decimals.

    Examples
    --------
    >>> board = pd.DataFrame(
    ...     {
    ...         "measure": ["CNY"],
    ...         "measure_zh": ["元"],
    ...         "target": [2e12],
    ...         "actual": [2.1e12],
    ...         "gap": [1e11],
    ...         "later": [None],
    ...     }
    ... )
    >>> in_large_units(board)[["actual_zh", "unit_zh", "actual_en", "unit_en"]].values.tolist()
    [[21000.0, '亿元', 2100.0, 'bn CNY']]
    """
    columns: dict[str, pd.Series] = {}
    for lang in _SCALE:
        pairs = zip(board["measure"], board["measure_zh"], strict=True)
        units = [large_unit(str(one), str(zh), lang) for one, zh in pairs]
        columns[f"unit_{lang}"] = pd.Series([unit for _, unit in units], board.index, dtype=object)
        scale = pd.Series([scale for scale, _ in units], board.index, dtype="float64")
        for name in _FIGURES:
            figure = board[name].astype("float64")
            columns[f"{name}_{lang}"] = (figure / scale).round(_DECIMALS)
    return board.assign(**columns)
