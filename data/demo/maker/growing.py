"""Species, ages and volumes: what grows where, how old it is, and how much it holds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from maker.draws import Floats, Grid, Ints

FACTS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "facts.toml").read_text(encoding="utf-8")
)
SPECIES = FACTS["species"]
NAMES = np.asarray(list(SPECIES), dtype=object)
SITE_SPREAD, SURVEY_NOISE = 0.20, 0.05
SPECIES_CONTRAST = 1.1  # how strongly smooth fields sort the species


def base_volume(species: np.ndarray, age: Floats) -> Floats:
    """Volume by the curve of each species before its site [m3 ha-1]; 0 without a curve or age."""
    out = np.zeros(len(species))
    for name in np.unique(species[np.isin(species, NAMES)].astype(str)):
        entry = SPECIES[name]
        chosen = (species == name) & (age > 0)
        out[chosen] = entry["times"] * _curve(FACTS["curves"][entry["curve"]], age[chosen])
    return out


def _curve(curve: dict[str, Any], age: Floats) -> Floats:
    a, k, p = curve["a"], curve["k"], curve["p"]
    if curve["form"] == "power":
        return a * (1.0 - np.exp(-k * age)) ** p
    if curve["form"] == "schumacher":
        return a * np.exp(-k / age)
    peak = np.minimum(age, -k / (2 * p))
    return a + k * peak + p * peak**2


def age_groups(species: np.ndarray, origin: np.ndarray, age: Floats) -> np.ndarray:
    """Age group of arbor stands by the limits of species and origin; "" elsewhere."""
    words = np.asarray(["young", "middle", "near_mature", "mature", "over_mature"], dtype=object)
    out = np.full(len(species), "", dtype=object)
    for name, entry in SPECIES.items():
        for kind, key in (("planted", "limits"), ("natural", "natural_limits")):
            chosen = (species == name) & (origin == kind)
            out[chosen] = words[np.searchsorted(entry[key], age[chosen], side="left")]
    return out


def sorted_species(
    rng: np.random.Generator, fields: list[Grid], xy: Floats, area: Floats, wanted: Floats
) -> np.ndarray:
    """Species of stands so that the areas come close to `wanted` shares, neighbours alike."""
    pull = rng.standard_normal((len(fields), len(NAMES)))
    score = np.stack([f.at(xy) for f in fields], axis=1) @ pull * SPECIES_CONTRAST / 2
    score += rng.gumbel(size=score.shape)
    wanted = np.maximum(wanted, 0) / np.maximum(wanted, 0).sum()
    open_to = wanted > 0
    bias = np.where(open_to, np.log(np.maximum(wanted, 1e-12)), -np.inf)
    choice = (score + bias).argmax(axis=1)
    for _ in range(200):
        have = np.bincount(choice, area, len(NAMES)) / area.sum()
        bias[open_to] += 0.3 * np.log(wanted[open_to] / np.maximum(have[open_to], 1e-4))
        choice = (score + bias).argmax(axis=1)
    return NAMES[choice]


def young_species(rng: np.random.Generator, count: int) -> np.ndarray:
    """Species of recent planting on land that was not forest."""
    weight = np.asarray([entry["young"] for entry in SPECIES.values()])
    return NAMES[rng.choice(len(NAMES), count, p=weight / weight.sum())]


def old_ages(rng: np.random.Generator, species: np.ndarray, planted: np.ndarray) -> Ints:
    """Ages of stands that are no recent planting [yr]; natural stands are older."""
    low = np.asarray([SPECIES[s]["age"][0] for s in species])
    high = np.asarray([SPECIES[s]["age"][1] for s in species])
    low = np.where(planted, low, np.minimum(low + 4, high))
    high = np.where(planted, np.maximum(low + 4, low + 0.7 * (high - low)), high)
    return np.round(low + (high - low) * rng.beta(1.5, 1.9, len(species))).astype(np.int64)


def sites(rng: np.random.Generator, count: int) -> Floats:
    """Site factor of each stand, mean about 1, within two standard deviations."""
    return np.exp(SITE_SPREAD * np.clip(rng.standard_normal(count), -2, 2))


def survey_error(rng: np.random.Generator, count: int) -> Floats:
    """Factor between the volume that stands and the volume that is written down."""
    return np.exp(SURVEY_NOISE * np.clip(rng.standard_normal(count), -2, 2))


def canopy(land_class: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> Floats:
    """Canopy or ground cover, NaN where none is recorded."""
    count = len(land_class)
    closed = 0.32 + 0.45 * (1 - np.exp(-0.14 * age)) + 0.08 * rng.standard_normal(count)
    out = np.where(land_class == "arbor_forest", np.clip(closed, 0.2, 0.95), np.nan)
    for name, low, high in (
        ("bamboo_forest", 0.5, 0.9), ("shrub_special", 0.35, 0.75), ("shrub_other", 0.3, 0.5),
        ("sparse_forest", 0.10, 0.19), ("young_plantation", 0.05, 0.19),
    ):  # fmt: skip
        chosen = land_class == name
        out[chosen] = rng.uniform(low, high, int(chosen.sum()))
    return np.round(out, 2)
