"""The later survey: what is planted where, how much it holds, and for what it is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maker import before, cover, growing
from maker.before import LATER
from maker.cover import OPEN
from maker.draws import Floats, stream
from maker.growing import FACTS, NAMES, SPECIES
from maker.land import Land

NEW_LAND, NO_RECORD, SHORT_RECORD = 0.125, 0.025, 0.010  # shares of all stands
BEFORE = {
    "barren": 0.46,
    "cropland": 0.22,
    "other_unstocked": 0.16,
    "unused": 0.06,
    "sparse_forest": 0.10,
}
WELFARE = 0.38  # share of forest land that is public-welfare forest


@dataclass(frozen=True)
class Forest:
    """Surveys by later stand and by earlier region, and what the land was before planting."""

    later: pd.DataFrame
    earlier: pd.DataFrame
    history: pd.DataFrame  # stand, kind, planted, before


def make(land: Land, area_ha: Floats, seed: int) -> Forest:
    """Both surveys of a land; `area_ha` is the area of record of the later stands [ha]."""
    table = pd.DataFrame({"area": area_ha, "cover": cover.make(land, area_ha, seed)})
    table["kind"] = _kinds(land, table, stream(seed, "kinds"))
    _plant(land, table, seed)
    _copy_parts(table, land.stands.past)
    _hold(table, stream(seed, "volume"))
    _use(land, table, stream(seed, "use"))
    past = before.make(table, stream(seed, "before"))
    before.explain(table, past, stream(seed, "causes"))
    earlier = before.by_region(past, land.stands.part_of, stream(seed, "regions before"))
    history = table[["kind", "planted", "before"]].copy()
    return Forest(table, earlier, history)


def _kinds(land: Land, table: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """What is known of the land before planting; "" for stands that are no recent planting.

    new_land: not forest before; no_record: nothing known; short_record: known for a year or two;
    replanted: forest before.
    """
    xy, count = land.stands.centre, len(table)
    kind = np.full(count, "", dtype=object)
    arbor = (table["cover"] == "arbor_forest").to_numpy()
    score = land.fields["planting"].at(xy) + 0.35 * rng.standard_normal(count)
    order = np.argsort(np.where(arbor, -score, np.inf), kind="stable")
    sizes = [max(2, round(share * count)) for share in (NEW_LAND, NO_RECORD, SHORT_RECORD)]
    mixed = rng.permutation(sum(sizes))
    names = np.repeat(["new_land", "no_record", "short_record"], sizes).astype(object)
    kind[order[: sum(sizes)][mixed]] = names
    score = land.fields["eucalypt"].at(xy) + 0.3 * rng.standard_normal(count)
    rest = arbor & (kind == "")
    order = np.argsort(np.where(rest, -score, np.inf), kind="stable")
    arbor_area = table["area"].to_numpy()[arbor].sum()
    running = np.cumsum(table["area"].to_numpy()[order])
    kind[order[running <= SPECIES["桉树"]["share"] * arbor_area]] = "replanted"
    fresh = np.flatnonzero(table["cover"] == "young_plantation")
    kind[fresh] = np.where(np.arange(len(fresh)) % 2 == 0, "new_land", "replanted")
    return kind


def _plant(land: Land, table: pd.DataFrame, seed: int) -> None:
    """Species, origin, planting year, age, and what stood there before planting."""
    rng = stream(seed, "planting")
    count = len(table)
    kind, land_class = table["kind"].to_numpy(), table["cover"].to_numpy()
    arbor = land_class == "arbor_forest"
    table["species"] = _species(land, table, rng)
    table.loc[land_class == "bamboo_forest", "species"] = "毛竹"
    table.loc[land_class == "shrub_special", "species"] = "油茶"
    species = table["species"].to_numpy()
    share = np.asarray([SPECIES[s]["planted"] if s in SPECIES else 0.0 for s in species])
    planted = (rng.random(count) < share) | (kind != "") | (land_class == "shrub_special")
    table["origin"] = np.where(planted, "planted", "natural")
    table.loc[species == "", "origin"] = ""
    age = np.zeros(count, dtype=np.int64)
    old = arbor & (kind == "")
    age[old] = growing.old_ages(rng, species[old], planted[old])
    age[land_class == "shrub_special"] = rng.integers(
        13, 30, int((land_class == "shrub_special").sum())
    )
    age[land_class == "bamboo_forest"] = rng.integers(
        3, 9, int((land_class == "bamboo_forest").sum())
    )
    new = arbor & np.isin(kind, ["new_land", "no_record", "short_record"])
    weight = np.asarray([0.12, 0.15, 0.15, 0.15, 0.13, 0.12, 0.10, 0.08])
    age[new] = LATER - rng.choice(np.arange(2013, 2021), int(new.sum()), p=weight)
    again = arbor & (kind == "replanted")
    age[again] = LATER - rng.choice(np.arange(2015, 2022), int(again.sum()))
    fresh = land_class == "young_plantation"
    age[fresh] = rng.integers(1, 4, int(fresh.sum()))
    table["age"] = age
    table["planted"] = np.where((table["origin"] == "planted") & (age > 0), LATER - age, 0)
    names, odds = list(BEFORE), list(BEFORE.values())
    earlier = np.asarray(names, dtype=object)[rng.choice(len(names), count, p=odds)]
    table["before"] = np.where(
        kind == "replanted", "arbor_forest", np.where(kind == "", "", earlier)
    )


def _species(land: Land, table: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Species of arbor stands and young plantations; "" elsewhere."""
    kind, area = table["kind"].to_numpy(), table["area"].to_numpy()
    arbor = (table["cover"] == "arbor_forest").to_numpy()
    out = np.full(len(table), "", dtype=object)
    new = np.isin(kind, ["new_land", "no_record", "short_record"])
    out[new] = growing.young_species(rng, int(new.sum()))
    out[kind == "replanted"] = "桉树"
    fresh = (kind == "replanted") & (table["cover"] == "young_plantation").to_numpy()
    out[fresh] = "杉木"
    rest = arbor & (out == "")
    wanted = np.asarray([entry["share"] for entry in SPECIES.values()]) * area[arbor].sum()
    wanted -= np.asarray([area[arbor & (out == name)].sum() for name in NAMES])
    wanted[NAMES == "桉树"] = 0.0
    fields = [land.fields[f"species {i}"] for i in range(4)]
    out[rest] = growing.sorted_species(rng, fields, land.stands.centre[rest], area[rest], wanted)
    return out


def _copy_parts(table: pd.DataFrame, past: np.ndarray) -> None:
    """Stands that were one stand before get the same history: what the first has, all have."""
    columns = ["cover", "kind", "species", "origin", "age", "planted", "before"]
    first = pd.Series(np.arange(len(table))).groupby(past).transform("first").to_numpy()
    for column in columns:
        table[column] = table[column].to_numpy()[first]
    table["divided"] = pd.Series(past).duplicated(keep=False).to_numpy()


def _hold(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Volume and canopy; one factor brings the whole to the volume of the county of record."""
    count, land_class = len(table), table["cover"].to_numpy()
    age, species = table["age"].to_numpy(), table["species"].to_numpy()
    table["site"] = growing.sites(rng, count)
    volume = growing.base_volume(species, age.astype(float)) * table["site"]
    volume = np.where(land_class == "arbor_forest", volume * growing.survey_error(rng, count), 0.0)
    county, area = FACTS["county"], table["area"].to_numpy()
    per_ha = county["standing_volume_m3"] / (county["forest_land_mu"] / 15)
    forest_land = area[~np.isin(land_class, OPEN)].sum()
    table["scale"] = per_ha * forest_land / (volume * area).sum()
    volume = volume * table["scale"]
    volume[land_class == "sparse_forest"] = rng.uniform(
        8, 18, int((land_class == "sparse_forest").sum())
    )
    table["volume"] = np.round(volume, 1)
    table["canopy"] = growing.canopy(land_class, age, rng)
    table["land"] = land_class


def _use(land: Land, table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Forest category, forest use and tenure."""
    xy, kind = land.stands.centre, table["kind"].to_numpy()
    land_class = table["land"].to_numpy()
    forest_land = ~np.isin(land_class, OPEN)
    score = land.fields["welfare"].at(xy) + 0.8 * (table["origin"] == "natural").to_numpy()
    score += 1.6 * np.isin(kind, ["new_land", "no_record"]) - 1.2 * (kind == "replanted")
    score -= 2.0 * (land_class == "shrub_special")
    score += 0.3 * rng.standard_normal(len(table))
    order = np.argsort(np.where(forest_land, -score, np.inf), kind="stable")
    running = np.cumsum(table["area"].to_numpy()[order])
    welfare = np.zeros(len(table), dtype=bool)
    welfare[order[running <= WELFARE * table["area"].to_numpy()[forest_land].sum()]] = True
    table["category"] = np.select([~forest_land, welfare], ["", "public_welfare"], "commercial")
    wooded = (table["species"] != "").to_numpy()
    special = welfare & (rng.random(len(table)) < 0.08)
    table["use"] = np.select(
        [~wooded, land_class == "shrub_special", special, welfare],
        ["", "economic", "special_use", "protection"],
        "timber",
    )
    table["tenure"] = tenure(land, xy)


def tenure(land: Land, xy: Floats) -> np.ndarray:
    """Tenure of the land at points, the same for stands and parcels."""
    field = land.fields["tenure"].at(xy)
    bounds = [-1.25, -0.70, -0.45, 0.62]
    words = ["state", "collective", "joint_household", "household", "collective_enterprise"]
    return np.asarray(words, dtype=object)[np.searchsorted(bounds, field)]
