"""Attributes of stands: there where they are needed, in their range, and in agreement."""

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import FOREST_LAND, code_label, term
from ecogis.quality.limits import Limits
from ecogis.quality.table import Table

__all__ = [
    "ages",
    "canopies",
    "classes",
    "groups_of_age",
    "plantings",
    "surveys",
    "volumes",
    "volumes_in_all",
]

_TREES = "arbor_forest"  # the land class whose stands are grown and counted by volume
_GROUPS = ("young", "middle", "near_mature", "mature", "over_mature")
_BOUNDS = ["young_max", "middle_max", "near_mature_max", "mature_max"]

Floats = npt.NDArray[np.float64]


def classes(stands: Table) -> None:
    """E207, E208: land class not known; arbor forest whose species is not known."""
    stands.tell("E207", ~stands.decoded("land_class", "land_class"), "land_class", excluded=True)
    trees = stands.known("land_class", {_TREES})
    stands.tell("E208", trees & ~stands.given("species"), "species", excluded=True)


def ages(stands: Table) -> None:
    """E203, E204: arbor forest without age; an age out of range."""
    age, (low, high) = stands.number("age_yr"), _range("age_yr")
    trees = stands.known("land_class", {_TREES})
    stands.tell("E203", trees & np.isnan(age), "age_yr", excluded=True)
    stands.tell(
        "E204", (age < low) | (age > high), "age_yr", expected=f"{low}..{high} yr", excluded=True
    )


def canopies(stands: Table) -> None:
    """E205: a canopy cover out of range, such as a percentage."""
    cover, (low, high) = stands.number("canopy_cover"), _range("canopy_cover")
    outside = (cover < low) | (cover > high)
    expected = f"{low}..{high}"
    stands.tell("E205", outside, "canopy_cover", expected=expected, excluded=True)


def _range(name: str) -> tuple[float, float]:
    """Range of a column by the vocabulary; open where it names no bound."""
    found = term(name)
    low = -np.inf if found.low is None else found.low
    return low, np.inf if found.high is None else found.high


def _plausible_age(stands: Table) -> Floats:
    """Age, missing where it is out of range: `ages` tells those."""
    age, (low, high) = stands.number("age_yr"), _range("age_yr")
    return np.where((age >= low) & (age <= high), age, np.nan)


def volumes(stands: Table, limits: Limits) -> None:
    """E220, E221, E211: no valid volume; more than trees can hold; volume where no forest is."""
    volume = stands.number("standing_volume")
    trees = stands.known("land_class", {_TREES})
    invalid = np.isinf(volume) | (volume < 0) | (trees & np.isnan(volume))
    stands.tell("E220", invalid, "standing_volume", expected=">= 0 m3 ha-1", excluded=True)
    highest = _highest_volume(stands, limits)
    stands.tell(
        "E221",
        np.isfinite(volume) & (volume > highest),
        "standing_volume",
        excluded=True,
        max=np.round(highest, 1),
        species=stands.text("species").fillna("—"),
        n=stands.text("age_yr").fillna("—"),
    )
    elsewhere = stands.given("land_class") & ~stands.known("land_class", FOREST_LAND)
    labels = stands.labels("land_class", "land_class")
    stands.tell("E211", elsewhere & (volume > 0), "standing_volume", **labels)


def _highest_volume(stands: Table, limits: Limits) -> Floats:
    """Policy maximum by species and age; by the ceiling alone where the age is missing."""
    per_year = stands.text("species").map(limits.mean_increment_by_species).astype("float64")
    age = np.maximum(stands.number("age_yr"), limits.young_age)
    by_age = per_year.fillna(limits.mean_increment_high).to_numpy() * age
    return np.fmin(by_age, limits.volume_high)


def volumes_in_all(stands: Table, limits: Limits) -> None:
    """E212: volume in all is not volume per hectare times the polygon's area.

    Where the polygon is at fault already, there is nothing to compare with.
    """
    stated, volume = stands.number("standing_volume_m3"), stands.number("standing_volume")
    product = np.where(volume >= 0, volume, np.nan) * np.asarray(stands.area_ha)
    gap = np.abs(stated - product) > limits.volume_share * np.maximum(np.abs(product), 1.0)
    drawn = ~stands.told("geometry")
    stands.tell("E212", gap & drawn, "standing_volume_m3", a=np.round(product, 2))


def groups_of_age(stands: Table, age_limits: pd.DataFrame) -> None:
    """E209: the age group is not the one that species, origin and age give.

    Parameters
    ----------
    stands : Table
        The stands.
    age_limits : DataFrame
        ``species origin young_max middle_max near_mature_max mature_max`` [yr], from the library.
        Stands whose species and origin it does not list are not judged.
    """
    pairs = pd.DataFrame({name: stands.text(name) for name in ("species", "origin")})
    known = age_limits.astype({"species": "string", "origin": "string"})
    bounds = pairs.merge(known, on=["species", "origin"], how="left")[_BOUNDS].to_numpy(float)
    age = _plausible_age(stands)
    place = (age[:, None] > bounds).sum(axis=1)
    judged = np.isfinite(bounds).all(axis=1) & np.isfinite(age) & stands.given("age_group")
    expected = np.array(_GROUPS, dtype=object)[place]
    wrong = judged & (stands.text("age_group").to_numpy(object, na_value="") != expected)
    names: dict[str, Any] = {
        f"group_{lang}": np.array([code_label("age_group", group, lang) for group in expected])
        for lang in ("zh", "en")
    }
    labels = stands.labels("age_group", "age_group")
    stands.tell("E209", wrong, "age_group", n=stands.text("age_yr"), **names, **labels)


def plantings(stands: Table, limits: Limits) -> None:
    """E213: years between planting and survey do not agree with the age."""
    year = stands.date("survey_date").dt.year.to_numpy(dtype=np.float64, na_value=np.nan)
    since = year - stands.number("planting_year")
    gap = np.abs(since - _plausible_age(stands)) > limits.age_years
    span = pd.Series(since).astype("Int64")
    age = stands.text("age_yr")
    stands.tell("E213", gap, "planting_year", excluded=True, n=age, since=span)


def surveys(stands: Table, valuation_date: dt.date) -> None:
    """E214: no survey date, or one after the valuation date."""
    date = stands.date("survey_date")
    late = date.isna() | (date > pd.Timestamp(valuation_date))
    expected = f"<= {valuation_date}"
    stands.tell("E214", late, "survey_date", excluded=True, expected=expected, day=valuation_date)
