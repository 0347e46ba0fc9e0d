"""What must hold of the postings: I01, I02, I04 to I07, I11, I12, and accounts that tie.

Closing is asked of every cell, told apart by all attributes at once; so it holds in every sheet
that can be drawn from them. Tolerance nought; a failure stops the run and names the cell.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.classes import AGE_GROUPS
from ecogis.accounts.flows import FOREST_TYPE, area_lines
from ecogis.accounts.lines import SHEETS, lines
from ecogis.accounts.parts import DIMENSIONS
from ecogis.accounts.postings import ACCOUNTS, POSTING_COLUMNS, UNITS
from ecogis.core.errors import IdentityError
from ecogis.core.vocabulary import FOREST, FOREST_LAND, require

__all__ = ["check"]

_SIGN: Final = {"add": 1, "less": -1, "check": 1, "signed": 1}
_KIND: Final = {line.code: line.kind for sheet in SHEETS for line in lines(sheet)}

Bools = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.int64]


def check(postings: pd.DataFrame) -> None:
    """Check every identity the postings must satisfy.

    Parameters
    ----------
    postings : DataFrame
        `POSTING_COLUMNS`.

    Raises
    ------
    IdentityError
        E399 names the identity, the account and the cell: I01 closing = opening + additions -
        reductions (I11 for carbon), I02 land stays land, I04 reclassified in = out, I05 what
        changes hands nets to nought, I06 grades add up to the forest, I07 what ages out of a group
        enters the next, I12 no carbon without volume, V4 forest is the land of forest classes and
        the extent of forest land (L03) the land of its classes.
    VocabularyError
        A column is missing.

    Examples
    --------
    >>> from ecogis.accounts.postings import Ledger
    >>> ledger = Ledger({"township": ["T"]}, ["survey"])
    >>> nought = np.zeros(1, dtype=np.int64)
    >>> ledger.book("timber", "T00", nought + 5, {"township": nought})
    >>> check(ledger.postings())
    Traceback (most recent call last):
    ecogis.core.errors.IdentityError: E399 账户恒等式 I01 不成立:timber / T 相差 5 dm3...
    """
    require(postings, POSTING_COLUMNS, "postings")
    for account in ACCOUNTS:
        mine = postings[postings["account"].eq(account)]
        if len(mine):
            _check_closing(mine, account)
            _check_moves(mine, account)
    _check_land(postings)
    _check_forest(postings)
    _check_extent(postings)
    _check_grades(postings)
    _check_ages(postings)
    _check_carbon(postings)


def _check_closing(mine: pd.DataFrame, account: str) -> None:
    """I01 and I11 in every cell."""
    _refuse(mine, _signs(mine), DIMENSIONS, "I11" if account == "carbon" else "I01")


def _signs(mine: pd.DataFrame) -> Weights:
    """Sign of each posting in closing = opening + additions - reductions + difference."""
    return _weights(mine, {code: _sign(code) for code in mine["line_code"].cat.categories})


def _sign(code: str) -> int:
    if _KIND[code] == "stock":
        return {"00": 1, "90": -1}[code[-2:]]
    return _SIGN.get(_KIND[code], 0)


def _check_moves(mine: pd.DataFrame, account: str) -> None:
    """I04 and I05: into cells as much as out of them, township by township and move by move."""
    if account == "land":
        less = area_lines("less")
        pairs = [(code, less[cause]) for cause, code in area_lines("add").items()]
        pairs += [("A51", "A52"), ("A53", "A54")]
    else:
        pairs = [("T14", "T26"), ("T16", "T28")]
    moved = mine[mine["move"].ne("").to_numpy()]
    for into, out in pairs:
        weight = _weights(moved, {into: 1, out: -1})
        identity = "I05" if into in {"T16", "A51", "A53"} else "I04"
        _refuse(moved, weight, ("township", "move"), identity, f"{into} - {out}")
    if account in {"land", "forest", "timber", "carbon"}:
        owned = moved[moved["move"].eq("owner").to_numpy()]
        _refuse(owned, _signs(owned), ("township",), "I05", "owner")


def _check_land(postings: pd.DataFrame) -> None:
    """I02: what was land at the opening is land at the closing, but for the difference."""
    mine = postings[postings["account"].eq("land")]
    _refuse(mine, _weights(mine, {"A00": 1, "A91": 1, "A90": -1}), ("township",), "I02")


def _check_forest(postings: pd.DataFrame) -> None:
    """V4: opening and closing forest are the land of forest classes, owner by owner."""
    classes = postings["land_class"].isin(list(FOREST))
    mine = postings[postings["account"].eq("forest") | (postings["account"].eq("land") & classes)]
    for ending in ("00", "90"):
        weight = _weights(mine, {f"T{ending}": 1, f"A{ending}": -1})
        _refuse(mine, weight, ("township", "farm", "owner", "land_class"), "V4", ending)


def _check_extent(postings: pd.DataFrame) -> None:
    """V4: forest land (L03) of the extents is the land of its classes, and so is its change."""
    if not postings["account"].eq("land").any():
        return
    land = postings["account"].eq("land") & postings["land_class"].isin(list(FOREST_LAND))
    ours = postings["account"].eq("extent") & postings["land_class"].eq(FOREST_TYPE)
    mine = postings[ours | land]
    for name, signs in (
        ("E00", {"E00": 1, "A00": -1}),
        ("E90", {"E90": 1, "A90": -1}),
        ("E91", {"E91": 1, "A91": -1}),
    ):
        _refuse(mine, _weights(mine, signs), ("township",), "V4", f"extent {FOREST_TYPE} {name}")


def _check_grades(postings: pd.DataFrame) -> None:
    """I06: grades add up to the forest; up and down net to nought."""
    both = postings[postings["account"].isin(["forest", "quality"])]
    if not both["account"].eq("quality").any():
        return
    for ending in ("00", "90"):
        weight = _weights(both, {f"T{ending}": -1, f"Q{ending}": 1})
        _refuse(both, weight, ("township", "farm"), "I06", f"Q{ending}")
    for line in ("Q10", "Q20"):
        _refuse(both, _weights(both, {line: 1}), ("township", "farm"), "I06", line)


def _check_ages(postings: pd.DataFrame) -> None:
    """I07: what ages out of a group enters the next; groups add up to the forest."""
    both = postings[postings["account"].isin(["forest", "age"])]
    if not both["account"].eq("age").any():
        return
    for ending in ("00", "90"):
        weight = _weights(both, {f"T{ending}": -1, f"G{ending}": 1})
        _refuse(both, weight, ("township", "farm"), "I07", f"G{ending}")
    group = both["age_group"].astype(object)
    following = {name: AGE_GROUPS[at - 1] for at, name in enumerate(AGE_GROUPS) if at}
    origin = group.where(both["line_code"].eq("G21"), group.map(following).fillna("none"))
    aged = both.assign(age_group=pd.Categorical(origin))
    weight = _weights(both, {"G21": 1, "G11": -1})
    _refuse(aged, weight, ("township", "farm", "age_group"), "I07", "G21 - G11")


def _check_carbon(postings: pd.DataFrame) -> None:
    """I12: where there is no volume there is no carbon, in every cell of either survey."""
    cell = tuple(name for name in DIMENSIONS if name != "owner")
    for line in ("T00", "T90"):
        mine = postings[postings["line_code"].eq(line)]
        carbon = mine[mine["account"].eq("carbon")]
        wood = mine[mine["account"].eq("timber")]
        stocked = set(_keys(wood[wood["amount"].ne(0)], cell).tolist())
        bare = ~np.isin(_keys(carbon, cell), list(stocked))
        _refuse(carbon[bare], np.ones(int(bare.sum()), dtype=np.int64), cell, "I12", line)


def _weights(mine: pd.DataFrame, signs: dict[str, int]) -> Weights:
    codes = mine["line_code"].cat.categories
    sign = np.array([signs.get(name, 0) for name in codes], dtype=np.int64)
    return sign[mine["line_code"].cat.codes.to_numpy()]


def _keys(
    mine: pd.DataFrame, columns: Sequence[str], at: npt.NDArray[np.intp] | None = None
) -> npt.NDArray[np.int64]:
    key = np.zeros(len(mine) if at is None else len(at), dtype=np.int64)
    for name in columns:
        codes = mine[name].cat.codes.to_numpy()
        key = key * len(mine[name].cat.categories) + (codes if at is None else codes[at])
    return key


def _refuse(
    mine: pd.DataFrame, weight: Weights, columns: Sequence[str], identity: str, what: str = ""
) -> None:
    """Stop where the weighted amounts of a cell are not nought; the first such cell is named."""
    used = np.flatnonzero(weight)
    signed = mine["amount"].to_numpy(dtype=np.int64)[used] * weight[used]
    if not len(used):
        return
    keys = _keys(mine, columns, used)
    order = np.argsort(keys)
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sums = np.add.reduceat(signed[order], first)
    wrong = np.flatnonzero(sums)
    if len(wrong):
        row = mine.iloc[used[order[first[wrong[0]]]]]
        named = [str(row[name]) for name in columns if row[name]]
        account = str(row["account"])
        raise IdentityError(
            "E399",
            identity=identity,
            cells=" / ".join([account, *named, *filter(None, [what])]),
            difference=int(sums[wrong[0]]),
            unit=UNITS[account],
        )
