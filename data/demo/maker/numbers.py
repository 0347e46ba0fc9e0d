"""Codes of places, stands and parcels: structurally valid, of a county that does not exist."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maker.draws import Floats, Ints
from maker.land import Stands

COUNTY = "441899"
DIGITS = "一二三四五六七八九十"


def township_code(township: Ints) -> np.ndarray:
    """Nine digits: county and township."""
    return np.asarray([f"{COUNTY}{101 + t:03d}" for t in township], dtype=object)


def village_code(township: Ints, village: Ints) -> np.ndarray:
    """Twelve digits: county, township and village."""
    return np.asarray(
        [f"{COUNTY}{101 + t:03d}{201 + v:03d}" for t, v in zip(township, village, strict=True)],
        dtype=object,
    )


def township_name(township: int, townships: int) -> str:
    """演示镇, or 演示镇 with a number where there are several."""
    return "演示镇" if townships == 1 else f"演示镇{township + 1:02d}"


def village_name(village: int) -> str:
    """演示一村, 演示二村, …"""
    return f"演示{DIGITS[village]}村"


def stand_numbers(stands: Stands) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Codes of the later stands and of the earlier regions.

    Columns ``township village compartment number stand``. A stand that did not change keeps its
    number; one that was divided or joined gets a new number at the end of its compartment.
    """
    past = _places(stands, stands.part_of)
    centre = stands.centre[stands.part_of]
    past["number"] = _ordered(past, centre)
    later = _places(stands, np.arange(len(stands.past)))
    kept = _one_to_one(stands)
    later["number"] = np.where(kept, past["number"].to_numpy()[stands.past], 0)
    place = [later[c] for c in ("village", "compartment")]
    high = past.groupby(["village", "compartment"])["number"].max().rename("high").reset_index()
    top = later.merge(high, on=["village", "compartment"], how="left")["high"].fillna(0)
    fresh = pd.Series(~kept).groupby([p.to_numpy() for p in place]).cumsum()
    later["number"] = np.where(kept, later["number"], top.to_numpy(dtype=np.int64) + fresh)
    return _named(later), _named(past)


def _places(stands: Stands, rows: Ints) -> pd.DataFrame:
    township, village = stands.township[rows], stands.village[rows]
    return pd.DataFrame(
        {
            "township": township_code(township),
            "village": village_code(township, village),
            "compartment": stands.compartment[rows] + 1,
        }
    )


def _ordered(places: pd.DataFrame, centre: Floats) -> Ints:
    """Numbers 1, 2, … in each compartment, in rows of 150 m from north to south, west to east."""
    frame = places.assign(row=-(centre[:, 1] // 150), x=centre[:, 0])
    order = frame.sort_values(["village", "compartment", "row", "x"], kind="stable").index
    number = frame.loc[order].groupby(["village", "compartment"]).cumcount() + 1
    return number.sort_index().to_numpy(dtype=np.int64)


def _one_to_one(stands: Stands) -> np.ndarray:
    several = pd.Series(stands.past).duplicated(keep=False).to_numpy()
    halves = pd.Series(stands.part_of)
    halved = np.isin(np.arange(len(stands.past)), halves[halves.duplicated()])
    return ~several & ~halved


def _named(places: pd.DataFrame) -> pd.DataFrame:
    compartment = places["compartment"].map("{:03d}".format)
    number = places["number"].map("{:04d}".format)
    return places.assign(
        compartment=compartment, number=number, stand=places["village"] + compartment + number
    )


def parcel_numbers(village: np.ndarray, tenure: np.ndarray, forest: np.ndarray) -> np.ndarray:
    """Nineteen characters: county, cadastral district and sub-district, two letters, five digits.

    GE state forest land, JE collective forest land, GB state building land, JD collective farmland.
    """
    state = tenure == "state"
    letters = np.select([forest & state, forest, state], ["GE", "JE", "GB"], "JD")
    area = pd.Series([v[:6] + v[6:9] + v[9:] for v in village]) + letters
    number = area.groupby(area).cumcount() + 1
    return (area + number.map("{:05d}".format)).to_numpy(dtype=object)
