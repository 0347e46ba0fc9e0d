"""Items of household balance sheets as they are handed over: whole amounts, each counted once."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.finance.parties import party_keys

__all__ = ["DEBTS", "MOST_FEN", "RIGHT_ITEMS", "usable_items", "whole_fen"]

Bools = npt.NDArray[np.bool_]

MOST_FEN: Final = 10**13
"""The largest an amount may be, 1e11 CNY: a larger one is a slip of the decimal point. [fen]"""

DEBTS: Final = ("bank_debt", "contingent", "private_debt")
"""Classes of what is owed; each must be stated, nought where there is none."""

RIGHT_ITEMS: Final = ("H06", "H07", "H08", "H09")
"""Items a right of the cadastre may be."""

_RECORD: Final = "record"


def whole_fen(amounts: pd.Series) -> pd.Series:
    """Amounts that are whole fen from nought to `MOST_FEN`; others are not known. [fen]

    Parameters
    ----------
    amounts : Series
        Numbers of any kind.

    Returns
    -------
    Series of Int64
        Missing where a cell is no number, has a fraction, is below nought or too large.

    Examples
    --------
    >>> whole_fen(pd.Series([5, 0.5, -1, float("inf"), None, 10**30, True], dtype=object)).tolist()
    [5, <NA>, <NA>, <NA>, <NA>, <NA>, <NA>]
    """
    if pd.api.types.is_bool_dtype(amounts):
        return pd.Series(pd.NA, index=amounts.index, dtype="Int64")
    plain = amounts
    if amounts.dtype == object:
        plain = amounts.where(np.array([not isinstance(cell, bool | np.bool_) for cell in amounts]))
    if not pd.api.types.is_integer_dtype(plain):
        number = pd.to_numeric(plain, errors="coerce").astype("float64")
        plain = number.where((np.abs(number) <= MOST_FEN) & (number == np.floor(number)))
    return plain.where(plain.between(0, MOST_FEN).fillna(value=False)).astype("Int64")


def usable_items(
    known: pd.Index, items: pd.DataFrame, classes: Mapping[str, str], *, findings: Findings
) -> tuple[pd.DataFrame, Bools]:
    """Items that can be counted, and which households have told all of theirs.

    Parameters
    ----------
    known : Index of str
        Households as `party_keys` folds them.
    items : DataFrame, one row per item
        ``household``, ``item``, ``value_fen`` [fen] and, for those of the cadastre, ``right``.
    classes : mapping of str to str
        Class of each item.
    findings : Findings
        Takes what cannot be counted.

    Returns
    -------
    tuple
        A table ``who`` (place in `known`), ``item`` and ``value_fen`` [fen]; and an array of bool,
        one per household: False where an item of it was left out or a class of debts is not stated.

    Findings
    --------
    E944
        An item of an unknown kind or household, or without a usable value.
    E973
        An item stands twice: the same value, or the same right.
    E974
        A right of a household that is not scored.
    E975
        Land or a right typed in beside rights of the cadastre.
    E976
        A class of debts is not stated.

    Examples
    --------
    >>> items = pd.DataFrame({"household": ["a", "A"], "item": ["H10"] * 2, "value_fen": [5, 5]})
    >>> told, sound = usable_items(
    ...     pd.Index(["A"]), items, {"H10": "financial"}, findings=Findings()
    ... )
    >>> told.values.tolist(), sound.tolist()
    ([[0, 'H10', 5]], [False])
    """
    table = _placed(known, items)
    who, item = table["who"].to_numpy(), table["item"]
    kinds = [name for name, kind in classes.items() if kind != _RECORD]
    strange = (~item.isin(kinds) | table["value_fen"].isna()).to_numpy(dtype=bool)
    typed = table["right"].isna().to_numpy(dtype=bool)
    wrong = (strange & (who >= 0)) | (typed & (who < 0))
    counted = ~wrong & (who >= 0)
    some = counted & (table["value_fen"] > 0).fillna(value=False).to_numpy(dtype=bool)
    landed = np.isin(who, who[~typed & (who >= 0)])
    both = some & typed & landed & item.isin(RIGHT_ITEMS).to_numpy(dtype=bool)
    twice = some & ~both & _again(table, some & ~both)
    for code, where in (("E944", wrong), ("E973", twice), ("E974", ~typed & (who < 0)),
                        ("E975", both)):  # fmt: skip
        for layer, of in (("household_items", typed), ("household_rights", ~typed)):
            findings.add(code, layer=layer, where=where & of, feature=items["household"],
                         row=table["row"], observed=item, action="excluded")  # fmt: skip
    sound = np.ones(len(known), dtype=bool)
    left_out = wrong | both | twice
    sound[who[left_out & (who >= 0)]] = False
    kept = table.loc[counted & ~left_out, ["who", "item", "value_fen"]].astype({"value_fen": int})
    return kept, sound & _owing(known, table[counted], classes, findings)


def _placed(known: pd.Index, items: pd.DataFrame) -> pd.DataFrame:
    """Items with the place of their household and their own row; those of the cadastre apart."""
    rights = items["right"] if "right" in items else pd.Series(pd.NA, index=items.index)
    right = party_keys(rights)
    row = right.isna().groupby(right.isna()).cumcount() + 1
    return pd.DataFrame(
        {
            "who": known.get_indexer(pd.Index(party_keys(items["household"]))),
            "item": items["item"].to_numpy(),
            "right": right.to_numpy(),
            "value_fen": whole_fen(items["value_fen"]).array,
            "row": row.to_numpy(),
        }
    )


def _again(table: pd.DataFrame, where: Bools) -> Bools:
    """Whether a row repeats one before it: by its right where it has one, by its value else."""
    rows = table.loc[where, ["who", "item", "right", "value_fen"]]
    rows["value_fen"] = rows["value_fen"].mask(rows["right"].notna(), 0)
    found = np.zeros(len(table), dtype=bool)
    found[where] = rows.duplicated()
    return found


def _owing(
    known: pd.Index, table: pd.DataFrame, classes: Mapping[str, str], findings: Findings
) -> Bools:
    """Whether every class of debts is stated, by household; tells which items are lacking."""
    kind = table["item"].map(dict(classes))
    lacking = np.full(len(known), "", dtype=object)
    for debt in DEBTS:
        names = "/".join(name for name, each in classes.items() if each == debt)
        if names:
            untold = ~np.isin(np.arange(len(known)), table["who"][kind == debt])
            lacking[untold] += f" {names}"
    owing = lacking == ""
    findings.add(
        "E976", layer="households", where=~owing, feature=known.to_numpy(),
        row=np.arange(1, len(known) + 1), observed=np.array([str(one).strip() for one in lacking]),
    )  # fmt: skip
    return np.asarray(owing, dtype=bool)
