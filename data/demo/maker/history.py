"""What the land was before planting, and the declarations of what was done at planting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maker.draws import stream
from maker.papers import of_kind

RECORD_FROM = 2005


def make(stands: np.ndarray, history: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Land history and its documents, for the stands in the order of `history`."""
    rng = stream(seed, "history")
    table = history.assign(stand=stands)
    known = table[table["kind"].isin(["new_land", "replanted", "short_record"])]
    rows = pd.concat([_open(known, rng), _felled(known), _short(known)]).sort_values(
        ["stand", "year_from"], kind="stable", ignore_index=True
    )
    recorded = rows.drop_duplicates("stand")
    year = rows.groupby("stand")["year_to"].max().reindex(recorded["stand"])
    records = of_kind("land_record", recorded["stand"], "government", None, subject_kind="stand",
                      date=pd.to_datetime([f"{y}-12-31" for y in year]).to_numpy())  # fmt: skip
    planted = table[table["kind"].isin(["new_land", "no_record", "short_record"])]
    told = planted[rng.random(len(planted)) < 0.92]
    result = np.where(rng.random(len(told)) < 0.03, "refused", "clear")
    declarations = of_kind(
        "site_declaration", told["stand"], "third_party", result, subject_kind="stand",
        date=np.full(len(told), np.datetime64("2026-05-20")),
    )  # fmt: skip
    return rows, pd.concat([records, declarations], ignore_index=True)


def _open(known: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Open land from 2005 or from a felling at least three years before planting."""
    rows = known[known["kind"].eq("new_land")]
    spell = rng.integers(3, 7, len(rows))
    earlier = rng.choice(["barren", "sparse_forest", "same"], len(rows), p=[0.2, 0.15, 0.65])
    last = pd.DataFrame(
        {
            "stand": rows["stand"],
            "year_from": rows["planted"] - spell,
            "year_to": rows["planted"] - 1,
            "land_class": rows["before"],
        }
    )
    first = last.assign(
        year_from=RECORD_FROM,
        year_to=last["year_from"] - 1,
        land_class=np.where(earlier == "same", last["land_class"], earlier),
    )
    same = (first["land_class"] == last["land_class"]).to_numpy()
    last["year_from"] = np.where(same, RECORD_FROM, last["year_from"])
    return pd.concat([first[~same], last])


def _felled(known: pd.DataFrame) -> pd.DataFrame:
    """Forest until the year before planting, cutover in that year."""
    rows = known[known["kind"].eq("replanted")]
    forest = pd.DataFrame(
        {
            "stand": rows["stand"],
            "year_from": RECORD_FROM,
            "year_to": rows["planted"] - 2,
            "land_class": "arbor_forest",
        }
    )
    return pd.concat(
        [
            forest,
            forest.assign(
                year_from=rows["planted"] - 1, year_to=rows["planted"] - 1, land_class="cutover"
            ),
        ]
    )


def _short(known: pd.DataFrame) -> pd.DataFrame:
    """The record begins two years before planting."""
    rows = known[known["kind"].eq("short_record")]
    return pd.DataFrame(
        {
            "stand": rows["stand"],
            "year_from": rows["planted"] - 2,
            "year_to": rows["planted"] - 1,
            "land_class": rows["before"],
        }
    )
