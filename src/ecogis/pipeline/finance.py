"""What a run hands over to finance: holders' carbon as assets, and rights with their shares."""

from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.parties import party_keys
from ecogis.numerics import largest_remainder

__all__ = ["carbon_assets", "household_rights"]

_MILLION: Final = 1_000_000
_SOLE: Final = "sole"
_SHARED: Final = "shares"


def carbon_assets(schedule: pd.DataFrame) -> pd.DataFrame:
    """The carbon of each holder as an asset for `ecogis.finance.match`.

    Parameters
    ----------
    schedule : DataFrame, one row per parcel
        ``holder`` and ``value_fen`` [fen], as `ecogis.pipeline.itemising.parcel_values` gives them.

    Returns
    -------
    DataFrame, one row per holder
        ``borrower``, ``kind`` (carbon) and ``value_fen``: missing where one of the holder's parcels
        is not valued. Land without a holder on record, or with a mark or blank for one, is nobody's
        asset; a holder in two spellings, as `ecogis.finance.parties` folds them, is one, named as
        in the first row.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Examples
    --------
    >>> told = pd.DataFrame({"holder": ["A", "a ", None], "value_fen": [3, 4, 9]})
    >>> carbon_assets(told).values.tolist()
    [['A', 'carbon', 7]]
    """
    require(schedule, ["holder", "value_fen"], "schedule")
    holder = party_keys(schedule["holder"]).set_axis(schedule.index)
    value = schedule["value_fen"].astype("Int64")
    total = value.groupby(holder).sum()
    known = value.notna().groupby(holder).all()
    named = schedule["holder"].groupby(holder).first()
    return pd.DataFrame(
        {"borrower": named.array, "kind": "carbon", "value_fen": total.mask(~known).array}
    )


def household_rights(
    rights: pd.DataFrame, values: pd.DataFrame, *, findings: Findings
) -> pd.DataFrame:
    """Rights of the cadastre with their shares and values, for `ecogis.finance.forest_items`.

    Parameters
    ----------
    rights : DataFrame, one row per holder of a right
        ``right``, ``holder``, ``co_ownership`` and ``share`` [1], as a run reads them.
    values : DataFrame, one row per right
        ``right``, ``kind`` (forest_right, operating_right, compensation, ticket) and ``value_fen``
        or ``yearly_fen`` [fen] of the whole right, from an appraisal.
    findings : Findings
        Takes rights that are not valued.

    Returns
    -------
    DataFrame, one row per holder of a valued right
        ``household right kind value_fen yearly_fen share_ppm``; shares of a right are rounded
        together, by largest remainder. A share is missing for joint ownership, which states none,
        and where it is none from 0 to 1, so that it opens the sheet rather than filling it.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E956
        A value for a right that is not on record, or more than one.

    Examples
    --------
    >>> rights = pd.DataFrame(
    ...     {"right": ["R1"], "holder": ["A"], "co_ownership": ["sole"], "share": [None]}
    ... )
    >>> values = pd.DataFrame(
    ...     {"right": ["R1"], "kind": ["forest_right"], "value_fen": [500], "yearly_fen": [None]}
    ... )
    >>> household_rights(rights, values, findings=Findings())["share_ppm"].tolist()
    [1000000]
    """
    require(rights, ["right", "holder", "co_ownership", "share"], "rights")
    require(values, ["right", "kind", "value_fen", "yearly_fen"], "values")
    strange = ~values["right"].isin(rights["right"].dropna().tolist())
    wrong = (strange | values["right"].duplicated(keep=False)).to_numpy(dtype=bool)
    findings.add(
        "E956", layer="values", where=wrong, feature=values["right"],
        row=np.arange(1, len(values) + 1), action="excluded",
    )  # fmt: skip
    told = rights.merge(values[~wrong], on="right", how="inner")
    share = _ppm(pd.to_numeric(told["share"], errors="coerce"), told["right"])
    own = told["co_ownership"].astype("string")
    ppm = share.mask(own == _SOLE, _MILLION).mask(~own.isin([_SOLE, _SHARED]))
    kept = told[["holder", "right", "kind", "value_fen", "yearly_fen"]]
    return kept.rename(columns={"holder": "household"}).assign(share_ppm=ppm)


def _ppm(share: pd.Series, right: pd.Series) -> pd.Series:
    """Shares in millionths that add up to what a right's shares do; others are not known."""
    number = share.astype("float64")
    fits = ((number >= 0) & (number <= 1)).fillna(value=False)
    code, rights = pd.factorize(right[fits])
    totals = np.bincount(code, weights=number[fits], minlength=len(rights)) * _MILLION
    parts = largest_remainder(number[fits].to_numpy(), np.rint(totals).astype(np.int64), code)
    return pd.Series(parts, index=share.index[fits]).reindex(share.index).astype("Int64")
