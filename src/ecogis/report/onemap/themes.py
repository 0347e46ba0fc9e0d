"""What the map is coloured by: one theme each, with its classes, colours and areas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import code_label, codes
from ecogis.report.canvas import breaks, shades
from ecogis.report.onemap.packing import places_of
from ecogis.report.onemap.source import Land, Words
from ecogis.report.present import KINDS, verdict

__all__ = ["Theme", "themes"]

Ints = npt.NDArray[np.int64]

_MOST_SPECIES: Final = 9
_NONE: Final = "#f2f2ee"
_ZERO: Final = "#fbfbf8"
_KG_PER_T, _DM2_PER_HA = KINDS["t_kg"].per, KINDS["ha_dm2"].per
# forest green, unstocked land ochre, other land as topographic maps have it
_LAND: Final = MappingProxyType(
    {
        "arbor_forest": "#3f8f4f", "bamboo_forest": "#8cc152", "mangrove_forest": "#2c7a6b",
        "shrub_special": "#a9cf8a", "sparse_forest": "#c5dba4", "shrub_other": "#d3e2b4",
        "young_plantation": "#6fbf9b", "enclosed_young": "#9bd3bb", "nursery": "#b5dfcb",
        "cutover": "#c98a4b", "burnt": "#8c4a32", "other_unstocked": "#d9ae6d",
        "barren": "#e6cc96", "forestry_facility": "#b39b7c", "cropland": "#f6e7a4",
        "orchard": "#f2d07f", "grassland": "#dfe8b6", "wetland": "#a8d4d8",
        "tidal_flat": "#cfdfe6", "salt_marsh": "#b3d0c8", "seagrass_bed": "#86bfb2",
        "aquaculture_pond": "#9dc4e0", "water": "#7fb2dc", "unused": "#e2ddd2",
        "built_up": "#d79a9a", "other_land": "#c9c4bc", "not_stated": _NONE,
    }
)  # fmt: skip
_VERDICTS: Final = (("yes", "#58a55c"), ("unknown", "#f2cf6b"), ("no", "#c9c3d6"))
_UNNAMED: Final = "#8a8a8a"
_BURDENS: Final = ("#e0a030", "#c8641e", "#a8322d", "#7d1f4c", "#54205f", "#d96aa7", "#2f2f6b")


@dataclass(frozen=True)
class Theme:
    """One way to colour one layer.

    Attributes
    ----------
    name, layer : str
        Name of the theme; layer it colours.
    column : str
        Attribute of the tiles that holds the class; for a theme through time, one character of
        it for every day.
    values : array or list
        The class of each shape, -1 for none; texts for a theme through time.
    entries : list of (label, colour)
        Legend, in the order of the classes.
    bounds : list of float
        Limits between the classes where they are a quantity.
    """

    name: str
    layer: str
    column: str
    values: Any
    entries: list[tuple[str, str]]
    bounds: list[float] = field(default_factory=list)

    def record(self, area_dm2: Ints) -> dict[str, Any]:
        """The theme as the page reads it; areas by class, the last one of what has none."""
        found: dict[str, Any] = {
            "name": self.name,
            "layer": self.layer,
            "column": self.column,
            "entries": [list(entry) for entry in self.entries],
            "bounds": self.bounds,
        }
        if not isinstance(self.values, list):
            place = np.where(self.values < 0, len(self.entries), self.values)
            sums = np.zeros(len(self.entries) + 1, np.int64)
            np.add.at(sums, place, area_dm2)
            found["dm2"] = sums.tolist()
        return found


def themes(land: Land, words: Words, lang: str, *, public: bool) -> list[Theme]:
    """Every theme the land has data for, in the order of the page's list."""
    found = list(_of_stands(land, words, lang))
    if len(land.pieces):
        found.append(_eligibility(land, words))
    if not public:
        if len(land.parcels):
            found.append(_rights(land, words, lang))
        if len(land.pieces):
            found.append(_value(land, words))
    return found


def _of_stands(land: Land, words: Words, lang: str) -> Iterator[Theme]:
    stands = land.stands
    for name, column, colours in (("land_class", "lc", _LAND), ("age_group", "ag", None)):
        listed = [code for code in codes(name) if code != "not_stated"]
        if name == "land_class":
            listed = [code for code in listed if stands[name].eq(code).any()]
        looks = shades(len(listed) + 2) if colours is None else [colours[code] for code in listed]
        entries = [(code_label(name, code, lang), looks[i]) for i, code in enumerate(listed)]
        yield Theme(name, "stands", column, places_of(stands[name], listed), entries)
        if name == "land_class":
            yield _species(land, words, lang)
    yield _carbon(land, words)


def _species(land: Land, words: Words, lang: str) -> Theme:
    """The species with the most land, then all others."""
    stands = land.stands
    ranked = stands.groupby("species")["area_dm2"].sum().sort_values(ascending=False, kind="stable")
    shown = [str(name) for name in ranked.index[:_MOST_SPECIES]]
    english = dict(zip(stands["species"], stands["species_en"], strict=True))
    labels = [str(english[name]) if lang == "en" else name for name in shown]
    place = places_of(stands["species"], shown)
    others = (place < 0) & stands["species"].notna().to_numpy()
    place[others] = len(shown)
    entries = list(zip(labels, _palette(len(shown)), strict=True))
    return Theme("species", "stands", "sp", place, [*entries, (words["others"], "#b9b4a7")])


def _palette(number: int) -> list[str]:
    """Colours told apart by hue and lightness."""
    known = ("#2f7f4f", "#8fcf6f", "#d9b13b", "#3c78a8", "#9cc8e6", "#b5563c", "#e8b48c",
             "#6a4c93", "#c7a6dc")  # fmt: skip
    return list(known[:number])


def _carbon(land: Land, words: Words) -> Theme:
    """Density of carbon on every day: a class a day, `x` unknown, `0` nothing, then the classes."""
    area = land.stands["area_dm2"].to_numpy(np.float64)
    hectares = np.where(area > 0, area, np.nan)[:, None] / _DM2_PER_HA
    density = land.stock_kg / _KG_PER_T / hectares
    growing = density[land.known[:, None] & (density > 0)]
    bounds = breaks(growing)
    digit = np.searchsorted(bounds, density, side="right") + 1
    digit = np.where(density > 0, digit, 0).astype("U1")
    digit[~land.known | np.isnan(hectares[:, 0])] = "x"
    values = ["".join(row) for row in digit]
    colours = shades(len(bounds) + 3)[1:]
    entries = [(words["no_stock"], _ZERO), *zip(_labels(bounds), colours, strict=False)]
    return Theme("carbon", "stands", "c", values, entries, bounds)


def _labels(bounds: Sequence[float]) -> list[str]:
    if not bounds:
        return ["> 0"]
    middle = [f"{low:,.0f} – {high:,.0f}" for low, high in pairwise(bounds)]
    return [f"< {bounds[0]:,.0f}", *middle, f"≥ {bounds[-1]:,.0f}"]


def _eligibility(land: Land, words: Words) -> Theme:
    verdicts = land.pieces["creditable"].map(verdict)
    place = places_of(verdicts, [name for name, _ in _VERDICTS])
    entries = [(words["verdicts"][name], colour) for name, colour in _VERDICTS]
    return Theme("eligibility", "pieces", "v", place, entries)


def _rights(land: Land, words: Words, lang: str) -> Theme:
    """Title of a parcel, or the gravest burden in force on it at the valuation date."""
    kinds = list(codes("encumbrance_kind"))
    titled = land.parcels["parcel"].isin(land.rights["parcel"].dropna())
    place = np.where(titled, 0, 1).astype(np.int64)
    held = land.encumbrances[land.encumbrances["in_force"]]
    # a burden of a kind nobody can read is a burden; the kinds that are known come over it
    place[land.parcels["parcel"].isin(held["parcel"].dropna()).to_numpy()] = 2
    for number, kind in enumerate(kinds):
        bound = held.loc[held["encumbrance_kind"].eq(kind), "parcel"].dropna()
        place[land.parcels["parcel"].isin(bound).to_numpy()] = number + 3
    entries = [
        (words["clear"], "#bcdcae"),
        (words["untitled"], "#f4efe2"),
        (words["burden_unnamed"], _UNNAMED),
        *((code_label("encumbrance_kind", kind, lang), _BURDENS[i]) for i, kind in
          enumerate(kinds)),
    ]  # fmt: skip
    return Theme("rights", "parcels", "s", place, entries)


def _value(land: Land, words: Words) -> Theme:
    """Pledge value per hectare of each piece."""
    pieces = land.pieces
    fen = pd.to_numeric(pieces["pledge_value_fen"]).to_numpy(np.float64)
    area = pieces["area_dm2"].to_numpy(np.float64)
    yuan = fen / KINDS["yuan"].per / np.where(area > 0, area / _DM2_PER_HA, np.nan)
    worth = np.nan_to_num(yuan) > 0
    bounds = breaks(yuan[worth])
    place = np.where(worth, np.searchsorted(bounds, yuan, side="right") + 1, 0)
    colours = shades(len(bounds) + 3)[1:]
    entries = [(words["no_value"], _NONE), *zip(_labels(bounds), colours, strict=False)]
    return Theme("value", "pieces", "w", place.astype(np.int64), entries, bounds)
