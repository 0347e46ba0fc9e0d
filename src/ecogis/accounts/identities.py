"""What must hold in every run: I01 to I04, I11, I12 on the sheets, parts that add up to the whole.

`ecogis.accounts.checking` holds what is asked of the postings themselves. All amounts are whole
numbers and all tolerances nought. A failure is our fault and stops the run.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ecogis.accounts.rows import Survey
from ecogis.accounts.tables import HEAD, WHOLE
from ecogis.core.errors import IdentityError

__all__ = [
    "check_additive",
    "check_carbon_of_volume",
    "check_closing",
    "check_matrix",
    "check_moves",
    "check_surveys",
]


def check_closing(table: pd.DataFrame, identity: str, unit: str) -> None:
    """I01 and I11: closing = opening + additions - reductions + difference, in every column.

    Raises
    ------
    IdentityError
        Names the township and the column.
    """
    amounts = _amounts(table)
    sign = table["kind"].map({"add": 1, "less": -1, "check": 1, "signed": 1}).fillna(0)
    opens = table["line_code"].str.endswith("00")
    closes = table["line_code"].str.endswith("90") & table["kind"].eq("stock")
    weight = sign.astype("int64") + opens.astype("int64") - closes.astype("int64")
    left = amounts.mul(weight, axis=0).groupby(table["township"]).sum()
    _refuse(left, identity, unit)


def check_moves(table: pd.DataFrame, pairs: Iterable[tuple[str, str]], unit: str) -> None:
    """I04: what is reclassified into classes equals what is reclassified out of them.

    Raises
    ------
    IdentityError
        Names the township and the two lines.
    """
    keyed = table.set_index("township")
    for into, out in pairs:
        came = keyed.loc[keyed["line_code"].eq(into), "total"]
        went = keyed.loc[keyed["line_code"].eq(out), "total"]
        _refuse((came - went).to_frame(f"{into} - {out}"), "I04", unit)


def check_additive(table: pd.DataFrame, unit: str) -> None:
    """V3: the townships add up to the whole, line by line.

    Raises
    ------
    IdentityError
        Names the line and the column.
    """
    amounts = _amounts(table)
    whole = table["township"].eq(WHOLE)
    if whole.all():
        return
    signed = amounts.mul(np.where(whole, -1, 1), axis=0).groupby(table["line_code"]).sum()
    _refuse(signed, "V3", unit)


def check_matrix(matrix: pd.DataFrame, opening: Survey, closing: Survey) -> None:
    """I02 and I03: margins of the change matrix are the surveys' areas by land class.

    Raises
    ------
    IdentityError
        Names the land class.
    """
    body = matrix[matrix["from_class"].ne("total")].set_index("from_class")
    last = matrix[matrix["from_class"].eq("total")].iloc[0]
    for side, margin in ((opening, body["total"]), (closing, last.drop(["zh", "en"]))):
        area = side.stands.groupby("land_class")["area_dm2"].sum()
        found = margin.reindex(area.index).fillna(0).astype("int64") - area
        _refuse(found.to_frame("area_dm2"), "I03", "dm2")
    inner = body.drop(columns=["zh", "en", "total"]).to_numpy(dtype=np.int64).sum()
    _refuse(pd.DataFrame({"all": [inner - int(last["total"])]}), "I02", "dm2")


def check_surveys(
    table: pd.DataFrame, quantity: str, opening: Survey, closing: Survey, unit: str
) -> None:
    """I12: stocks of an account are the sums over the stands of the same two surveys.

    Raises
    ------
    IdentityError
        Names the land class.
    """
    whole = table[table["township"].eq(WHOLE)].set_index("line_code")
    for ending, side in (("00", opening), ("90", closing)):
        line = next(code for code in whole.index if code.endswith(ending))
        stands = side.stands.groupby("land_class")[quantity].sum()
        booked = whole.loc[line].reindex(stands.index, fill_value=0).astype("int64")
        found = booked - stands
        _refuse(found.to_frame(line), "I12", unit)


def check_carbon_of_volume(side: Survey, layer: str) -> None:
    """I12: carbon comes from the same stands as volume; without volume there is none.

    Raises
    ------
    IdentityError
        Names the first such stand.
    """
    stands = side.stands
    wrong = stands[stands["volume_dm3"].eq(0) & stands["co2e_kg"].ne(0)]
    if len(wrong):
        raise IdentityError(
            "E399",
            identity="I12",
            cells=f"{layer} {wrong.index[0]}",
            difference=int(wrong["co2e_kg"].iloc[0]),
            unit="kg CO2e",
        )


def _amounts(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns=list(HEAD))


def _refuse(left: pd.DataFrame, identity: str, unit: str) -> None:
    wrong = np.argwhere(left.to_numpy() != 0)
    if len(wrong):
        row, column = wrong[0]
        raise IdentityError(
            "E399",
            identity=identity,
            cells=f"{left.index[row] or 'all'} / {left.columns[column]}",
            difference=int(left.to_numpy()[row, column]),
            unit=unit,
        )
