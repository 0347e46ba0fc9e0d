"""Land cover of the later survey: open land in the valleys, forest above it."""

from __future__ import annotations

import numpy as np

from maker.draws import Floats, Ints, ranks, stream
from maker.growing import FACTS
from maker.land import Land

FOREST = ("arbor_forest", "bamboo_forest", "shrub_special")
OPEN = ("cropland", "settlement", "traffic", "industry", "water", "unused", "other_land")
UNSTOCKED = (
    "young_plantation",
    "cutover",
    "burnt",
    "sparse_forest",
    "shrub_other",
    "other_unstocked",
    "barren",
    "enclosed_young",
    "forestry_facility",
)


def make(land: Land, area: Floats, seed: int) -> np.ndarray:
    """Land class of each stand; the shares of all land are those of the facts."""
    target = {name: share * area.sum() for name, share in FACTS["cover"].items()}
    cover = np.full(len(area), "arbor_forest", dtype=object)
    _open_land(cover, land, area, target)
    height = ranks(land.relief.at(land.stands.centre))
    for name, field, lift in (("shrub_special", "oil", 1.2), ("bamboo_forest", "bamboo", 0.3)):
        score = land.fields[field].at(land.stands.centre) + lift * height
        cover[_lowest(score, area, target[name], cover == "arbor_forest")] = name
    rng = stream(seed, "unstocked")
    for name in UNSTOCKED:
        too_large = area > 1.3 * max(target[name], area.min())
        score = rng.random(len(area)) + too_large
        cover[_lowest(score, area, target[name], cover == "arbor_forest")] = name
    return cover


def _open_land(cover: np.ndarray, land: Land, area: Floats, target: dict[str, float]) -> None:
    """The lowest land is farmed; within it water, towns and the rest take their share."""
    xy = land.stands.centre
    low = ranks(land.relief.at(xy))
    valley = low - 0.13 * land.fields["open"].at(xy)
    everywhere = np.ones(len(area), dtype=bool)
    cover[_lowest(valley, area, sum(target[name] for name in OPEN), everywhere)] = "cropland"
    town, river = land.fields["town"].at(xy), land.fields["water"].at(xy)
    scores = {
        "water": low + 0.1 * river,
        "settlement": town,
        "industry": town,
        "traffic": river,
        "unused": -low,
        "other_land": land.fields["oil"].at(xy),
    }
    for name, score in scores.items():
        cover[_lowest(score, area, target[name], cover == "cropland")] = name


def _lowest(score: Floats, area: Floats, total: float, within: np.ndarray) -> Ints:
    """The stands of lowest score within a mask, as many as bring their area nearest to a total."""
    order = np.argsort(np.where(within, score, np.inf), kind="stable")[: int(within.sum())]
    if not len(order):
        return order
    return order[: int(np.abs(np.cumsum(area[order]) - total).argmin()) + 1]
