"""Carbon sold as an ecosystem product, against pledges that our own ledger holds on the land."""

import copy

import pandas as pd

from ecogis.pipeline.config_gep import Gep
from ecogis.pipeline.ledgers import own_claims
from ecogis.pipeline.run import Run

__all__ = ["last_year_sold", "sells_from_land", "tell_pledges"]


def sells_from_land(asked: Gep) -> bool:
    """Whether the borrower's land sells carbon as a product."""
    return asked.vep is not None and asked.vep.sold.get("carbon_fixation", 0.0) > 0.0


def last_year_sold(asked: Gep) -> int:
    """Last year carbon is sold of: of the term where the borrower's land sells it."""
    term = asked.vep.years if asked.vep is not None and sells_from_land(asked) else 1
    return asked.year + term - 1


def tell_pledges(run: Run, asked: Gep) -> int:
    """Tell of live pledges on land whose carbon is sold, of the years it is sold in (PC11).

    Parameters
    ----------
    run : Run
        A run whose rights and pieces are known.
    asked : Gep
        The account, in which carbon is sold.

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E572
        The project does not tell of the ledger: pledges were not looked at.
    E573
        Carbon is sold and pledged.
    """
    apart = copy.copy(run)  # the ledger stands on the list of inputs once
    apart.inputs = []
    claims = own_claims(apart)
    if claims is None:
        return run.findings.add("E572", layer="gep", feature="carbon_fixation", column="registry")
    pledged = claims[_on_land(claims, run, asked) & _in_term(claims, asked)]
    if pledged.empty:
        return 0
    years = pledged["vintage"].astype(int)
    return run.findings.add(
        "E573",
        layer="gep",
        feature="carbon_fixation",
        number=pledged["claim"].nunique(),
        first=int(years.min()),
        last=int(years.max()),
    )


def _on_land(claims: pd.DataFrame, run: Run, asked: Gep) -> "pd.Series[bool]":
    """Claims on rights or parcels of the land that sells."""
    pieces = run.layers["pieces"]
    if asked.vep is not None and asked.carbon_claim != "sale":
        pieces = pieces[pieces["parcel"].isin(asked.vep.parcels)]
    parcels = set(pieces["parcel"].dropna().astype(str))
    laid = run.left["rights"]
    rights = set(laid.loc[laid["parcel"].astype("string").isin(parcels), "right"].astype(str))
    of_right = claims["right"].astype("string").isin(rights)
    if "parcel" not in claims:
        return of_right
    return of_right | claims["parcel"].astype("string").isin(parcels)


def _in_term(claims: pd.DataFrame, asked: Gep) -> "pd.Series[bool]":
    vintages = claims["vintage"].astype("Int64")
    return vintages.between(asked.year, last_year_sold(asked)).fillna(value=True).astype(bool)
