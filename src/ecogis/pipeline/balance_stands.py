"""Prices of standing timber from the value of the stands, line by line of the value table."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis import growth, valuation
from ecogis.accounts.prices import BASES, Price, asset_of
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST
from ecogis.pipeline.balancing_events import stated_curves
from ecogis.pipeline.cross_checking import timber_terms
from ecogis.pipeline.run import Run
from ecogis.valuation import TimberTerms

__all__ = ["check_stand_prices", "stand_prices"]

_BASES: Final = {"M02": "area", "M03": "volume", "M04": "volume", "M05": "area", "M06": "area"}
_DM3_PER_M3_HA_DM2: Final = 1e-3


def check_stand_prices(run: Run) -> None:
    """Refuse prices from stands where there are no terms of timber, or one survey only.

    Raises
    ------
    ConfigError
        E426.
    """
    asked = run.config.accounts
    if asked is None or asked.timber_prices == "stated":
        return
    if run.absent or run.config.valuation.forest_assets is None:
        raise ConfigError("E426", file=run.project.file.name, key="valuation.forest_assets")
    if "stands_opening" not in run.config.layers:
        raise ConfigError("E426", file=run.project.file.name, key="layers.stands_opening")


def stand_prices(run: Run) -> list[Price]:
    """Mean value of a hectare or a cubic metre of each asset line, at both surveys.

    Each stand is valued by the method of its age group at the terms of [valuation.forest_assets],
    the same at both ends; the mean is over the stands that can be valued, and stands for the rest
    of the line. Young stands, economic forest and bamboo are priced by the hectare, older stands by
    the cubic metre. A line of which nothing can be valued at an end that has it gets no price.

    Returns
    -------
    list of Price
        Empty where the project states its prices.
    """
    asked = run.config.accounts
    if asked is None or asked.timber_prices == "stated":
        return []
    trees = run.config.valuation.forest_assets
    if trees is None:
        return []
    terms = timber_terms(run, trees)
    ends = [
        _means(_valued(run, role, day, terms)).to_dict("index")
        for role, day in (("stands_opening", asked.opening), ("stands", asked.closing))
    ]
    made = []
    for line, basis in _BASES.items():
        opening, closing = (end[line] for end in ends)
        fens = [_fen(end, basis) for end in (opening, closing)]
        known = [fen for fen in fens if fen is not None]
        held = [end["held"] > 0 for end in (opening, closing)]
        if known and all(fen is not None for fen, has in zip(fens, held, strict=True) if has):
            first, last = (known[0] if fen is None else fen for fen in fens)
            valued = (opening["area"] + closing["area"]) / (opening["held"] + closing["held"])
            because = f"{trees.because};逐小班评估 / stand by stand, {valued:.1%}"
            made.append(Price(line, basis, first, last, because))
    return made


def _valued(run: Run, role: str, day: date, terms: dict[str, TimberTerms]) -> pd.DataFrame:
    """Forest stands of a survey, their asset line and value; faults of terms are told once."""
    stands = pd.DataFrame(run.layers[role].drop(columns="geometry")).reset_index(drop=True)
    seen = Findings()
    paths = growth.trajectories(stands, [day], curves=stated_curves(run), findings=seen)
    age = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    rotation = stands["species"].map({name: each.rotation_yr for name, each in terms.items()})
    late = np.nan_to_num(rotation.to_numpy(dtype=np.float64) - age).astype(np.int64)
    last = paths.table.values.shape[1] - 1
    at_end = paths.table.values[paths.curve, np.clip(paths.age + late, 0, last)]
    table = pd.DataFrame(
        {
            "stand": stands["stand"],
            "species": stands["species"],
            "site_class": stands["origin"].fillna(""),
            "age_group": stands["age_group"],
            "age_yr": age,
            "area_ha": stands["area_dm2"] * 1e-6,
            "standing_volume": stands["standing_volume"],
            "final_volume": paths.scale * at_end,
            "area_dm2": stands["area_dm2"],
            "asset": asset_of(stands),
        }
    )
    forest = stands["land_class"].isin(list(FOREST)).to_numpy()
    told = run.findings if role == "stands" else seen
    return valuation.stand_assets(table[forest].reset_index(drop=True), terms, told)


def _means(valued: pd.DataFrame) -> pd.DataFrame:
    """Value, area and volume of what is valued, and area held, by line. [fen, dm2, dm3]"""
    known = valued["value_fen"].notna()
    volume = valued["standing_volume"].astype("float64").fillna(0.0) * valued["area_dm2"]
    table = pd.DataFrame(
        {
            "asset": valued["asset"],
            "fen": valued["value_fen"].fillna(0).astype("int64"),
            "area": valued["area_dm2"].where(known, 0),
            "volume": np.rint(volume * _DM3_PER_M3_HA_DM2).astype("int64").where(known, 0),
            "held": valued["area_dm2"],
        }
    )
    return table.groupby("asset").sum().reindex(list(_BASES), fill_value=0)


def _fen(end: Mapping[Hashable, Any], basis: str) -> int | None:
    """Price of one unit; nothing where nothing was valued or the value is below nothing. [fen]"""
    quantity, value = int(end[basis]), int(end["fen"])
    per = BASES[basis][2]
    return None if quantity <= 0 or value < 0 else round(value * per / quantity)
