"""From a cubic metre of stem to carbon, by species."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.methods import ParameterSet

__all__ = ["coefficients"]


def coefficients(
    stands: pd.DataFrame,
    parameters: ParameterSet,
    date: date,
    findings: Findings,
    *,
    layer: str = "stands",
) -> pd.DataFrame:
    r"""Carbon and CO2e that one cubic metre of standing volume stands for, by stand.

    The volume route with constants of the species:

    .. math::

        C_{above} = D \cdot BEF \cdot CF \qquad C_{below} = C_{above} \cdot R \qquad
        CO_2e = (C_{above} + C_{below}) \cdot 44/12

    with basic wood density D, biomass expansion factor BEF, carbon fraction CF and root to shoot
    ratio R. One parameter set serves a whole result; sets of different standards are not mixed.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand species``.
    parameters : ParameterSet
        Set with ``wood_density bef carbon_fraction root_shoot_ratio`` by species and
        ``co2_per_c``, such as ``biomass-inventory``.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the finding below.
    layer : str
        Name of the stands' layer in findings.

    Returns
    -------
    DataFrame, one row per stand, in the order of `stands`
        ``stand species``; ``above_t_c_m3``, ``below_t_c_m3`` [t C m-3]; ``co2e_t_m3``
        [t CO2e m-3]; ``stem_share`` [1], stem in the above-ground carbon, one over BEF; missing
        where the species has no parameters or is not known. Attributes name the set
        (``parameter_set``) and the ratio used (``co2_per_c``).

    Raises
    ------
    NotInForceError
        No value is in force at the date.

    Findings
    --------
    E251
        The species has no parameters; excluded. Told once for a stand of a layer.
    """
    require(stands, ("stand", "species"), "stands")
    species = stands["species"].astype("string")
    named = sorted(set(species.dropna()))
    density = parameters.table("wood_density", date, "t DM m-3", named)
    bef = parameters.table("bef", date, "1", named)
    above = density * bef
    above = above * parameters.table("carbon_fraction", date, "t C t-1", named)
    below = above * parameters.table("root_shoot_ratio", date, "1", named)
    co2_per_c = parameters.value("co2_per_c", date, "t CO2e t-1 C-1")
    lost = species.notna() & ~species.isin(density.index)
    lost &= ~stands["stand"].isin(_told(findings, layer))
    findings.add(
        "E251",
        layer=layer,
        where=lost.to_numpy(dtype=bool),
        feature=stands["stand"],
        row=stands.get("row"),
        column="species",
        observed=species,
        area_ha=stands.get("area_ha"),
        action="excluded",
        species=species,
    )
    per_m3 = {
        "above_t_c_m3": above,
        "below_t_c_m3": below,
        "co2e_t_m3": (above + below) * co2_per_c,
        "stem_share": 1.0 / bef,
    }
    places, kinds = pd.factorize(species)  # a missing one is -1, the last
    columns = {
        name: np.append(values.reindex(kinds).to_numpy(dtype=np.float64), np.nan)[places]
        for name, values in per_m3.items()
    }
    keys = {"stand": stands["stand"].astype("string").array, "species": species.array}
    found = pd.DataFrame({**keys, **columns})
    found.attrs = {"parameter_set": parameters.label, "co2_per_c": co2_per_c}
    return found


def _told(findings: Findings, layer: str) -> set[str]:
    """Stands of the layer that have the finding already."""
    return findings.features(layer, codes=["E251"])
