"""The earlier survey, and the causes of what changed until the later one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maker import growing
from maker.cover import OPEN
from maker.draws import Ints

LATER, EARLIER = 2024, 2019


def make(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What the earlier survey says of each later stand."""
    past = table.copy()
    span = LATER - EARLIER
    past["age"] = np.where(table["age"] > 0, np.maximum(table["age"] - span, 1), 0)
    past.loc[table["cover"] == "bamboo_forest", "age"] = table["age"]
    _planted_since(table, past)
    _felled_since(table, past, rng)
    _taken_since(table, past, rng)
    _other_changes(table, past, rng)
    grown = growing.base_volume(past["species"].to_numpy(), past["age"].to_numpy(dtype=float))
    volume = grown * past["site"] * past["scale"] * growing.survey_error(rng, len(past))
    volume = np.where(past["land"] == "arbor_forest", volume, 0.0)
    same = ((past["land"] == table["land"]) & (past["age"] + span == table["age"])).to_numpy()
    volume = np.where(same, np.minimum(volume, 0.985 * table["volume"]), volume)
    volume = np.where(past["land"] == "sparse_forest", np.clip(table["volume"], 6, 14), volume)
    past["volume"] = np.round(volume, 1)
    past["canopy"] = growing.canopy(past["land"].to_numpy(), past["age"].to_numpy(), rng)
    past["planted"] = np.where(
        (past["origin"] == "planted") & (past["age"] > 0), EARLIER - past["age"], 0
    )
    return past


def _clear(past: pd.DataFrame, rows: np.ndarray, land: object) -> None:
    """Rows without trees."""
    past.loc[rows, "land"] = land
    past.loc[rows, ["species", "origin", "use"]] = ""
    past.loc[rows, "age"] = 0
    open_land = rows & past["land"].isin(OPEN).to_numpy()
    past.loc[open_land, "category"] = ""


def _wooded(past: pd.DataFrame, rows: np.ndarray, species: str, ages: np.ndarray) -> None:
    """Rows with a mature planted stand."""
    past.loc[rows, "land"] = "arbor_forest"
    past.loc[rows, ["species", "origin", "use"]] = [species, "planted", "timber"]
    past.loc[rows, "age"] = ages
    past.loc[rows & (past["category"] == "").to_numpy(), "category"] = "commercial"


def _planted_since(table: pd.DataFrame, past: pd.DataFrame) -> None:
    """New plantings of 2020 and later were open land; those of 2018 and 2019 were young."""
    new = table["kind"].isin(["new_land", "no_record", "short_record"]).to_numpy()
    late = new & (table["planted"] > EARLIER).to_numpy()
    _clear(past, late, table.loc[late, "before"])
    young = new & (table["planted"] <= EARLIER).to_numpy() & (past["age"] < 3).to_numpy()
    past.loc[young, "land"] = "young_plantation"
    past.loc[new & ~late, "age"] = EARLIER - table.loc[new & ~late, "planted"]
    past.loc[past["age"].eq(0) & young, "age"] = 1


def _felled_since(table: pd.DataFrame, past: pd.DataFrame, rng: np.random.Generator) -> None:
    """Replanted, felled, burnt and wind-thrown stands stood at the earlier survey."""
    again = (table["kind"] == "replanted").to_numpy()
    late = again & (table["planted"] > EARLIER - 2).to_numpy()
    ripe = rng.integers(5, 9, int(late.sum()))
    _wooded(past, late, "桉树", ripe)
    fir = late & (table["species"] == "杉木").to_numpy()
    _wooded(past, fir, "杉木", rng.integers(20, 28, int(fir.sum())))
    for land, species in (("cutover", "杉木"), ("burnt", "马尾松"), ("other_unstocked", "马尾松")):
        rows = (table["land"] == land).to_numpy()
        _wooded(past, rows, species, rng.integers(20, 28, int(rows.sum())))


def _taken_since(table: pd.DataFrame, past: pd.DataFrame, rng: np.random.Generator) -> None:
    """Some built-up land was pine forest."""
    built = np.flatnonzero(table["land"].isin(["settlement", "traffic", "industry"]))
    chosen = np.zeros(len(table), dtype=bool)
    chosen[rng.permutation(built)[: max(1, round(0.004 * len(table)))]] = True
    _wooded(past, chosen, "马尾松", rng.integers(15, 30, int(chosen.sum())))


def _other_changes(table: pd.DataFrame, past: pd.DataFrame, rng: np.random.Generator) -> None:
    """Natural regeneration of open forest land, and land the earlier survey had wrongly."""
    few = max(1, round(0.005 * len(table)))
    calm = ~table["divided"].to_numpy() & (table["kind"] == "").to_numpy()
    natural = calm & (table["land"] == "arbor_forest") & (table["origin"] == "natural")
    grown = rng.permutation(np.flatnonzero(natural))[:few]
    table.loc[grown, "age"] = rng.integers(9, 14, len(grown))
    volume = growing.base_volume(
        table.loc[grown, "species"].to_numpy(), table.loc[grown, "age"].to_numpy(dtype=float)
    )
    table.loc[grown, "volume"] = np.round(
        volume * table.loc[grown, "site"] * table.loc[grown, "scale"], 1
    )
    rows = np.zeros(len(table), dtype=bool)
    rows[grown] = True
    _clear(past, rows, "sparse_forest")
    wrong = calm & table["land"].isin(["bamboo_forest", "shrub_special"]).to_numpy()
    rows = np.zeros(len(table), dtype=bool)
    rows[rng.permutation(np.flatnonzero(wrong))[:few]] = True
    _clear(past, rows, "barren")
    _clear(past, (table["land"] == "enclosed_young").to_numpy(), "barren")


def explain(table: pd.DataFrame, past: pd.DataFrame, rng: np.random.Generator) -> None:
    """Cause and year of each change, earlier land class, age group."""
    was, now, count = past["land"], table["land"], len(table)
    planted = table["planted"].to_numpy()
    rows = [
        (
            table["kind"].isin(["new_land", "no_record", "short_record"]) & (was != now),
            "afforestation",
        ),
        ((table["kind"] == "replanted") & (planted >= EARLIER - 1), "harvest"),
        ((now == "cutover"), "harvest"),
        ((now == "burnt"), "fire"),
        ((now == "other_unstocked"), "disaster"),
        (now.isin(OPEN) & (was != now), "land_take"),
        ((was == "sparse_forest") & (now == "arbor_forest"), "natural_regeneration"),
        ((now == "enclosed_young"), "natural_regeneration"),
        ((was != now), "survey"),
        (table["divided"], "survey"),
    ]
    cause = np.select([c.to_numpy() for c, _ in rows], [w for _, w in rows], "")
    year = rng.integers(EARLIER + 1, LATER + 1, count)
    known = np.isin(cause, ["afforestation", "harvest"]) & (planted > EARLIER)
    year = np.where(known, planted, year)
    year = np.where(cause == "survey", LATER, year)
    table["cause"], table["cause_year"] = cause, np.where(cause == "", 0, year)
    table["was"] = was.to_numpy()
    table["was_species"] = past["species"].to_numpy()
    past["cause"], past["cause_year"] = "", 0
    past["was"], past["was_species"] = past["land"], past["species"]
    for frame in (table, past):
        arbor = (frame["land"] == "arbor_forest").to_numpy()
        groups = growing.age_groups(*(frame[c].to_numpy() for c in ("species", "origin", "age")))
        frame["group"] = np.where(arbor, groups, "")


def by_region(past: pd.DataFrame, part_of: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """The earlier survey by its own regions; two halves of one later stand differ a little."""
    out = past.iloc[part_of].reset_index(drop=True)
    half = pd.Series(part_of).duplicated(keep=False).to_numpy()
    vary = np.where(half, rng.uniform(0.93, 1.04, len(out)), 1.0)
    out["volume"] = np.round(out["volume"] * vary, 1)
    return out
