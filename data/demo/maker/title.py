"""Rights and encumbrances: every clause of the guideline comes out yes, no and not known.

Each documented parcel gets one case. `CASES` says how often and what is missing or wrong; whatever
a case does not touch is in order, so that the reason for a verdict can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maker import papers
from maker.draws import stream

CASES = {
    "in_order": 0.440,
    # something is missing: not known
    "no_certificate": 0.030, "no_extract": 0.035, "stale_extract": 0.025, "no_intent": 0.040,
    "no_report": 0.025, "own_report": 0.030, "no_pledge_search": 0.030,
    "stale_pledge_search": 0.025, "no_project_search": 0.025, "lender_not_asked": 0.035,
    "joint_without_consent": 0.025, "shares_without_two_thirds": 0.025, "end_not_known": 0.015,
    # something stands against it: no
    "expired": 0.020, "joint_refused": 0.015, "shares_refused": 0.015, "disputed": 0.010,
    "report_refused": 0.010, "mortgaged": 0.020, "pledged": 0.015,
    "pledge_search_encumbered": 0.015, "project_search_encumbered": 0.010,
    "seized": 0.015, "frozen": 0.010, "enforced": 0.010,
    "lender_refused": 0.015, "no_right": 0.030,
}  # fmt: skip
OTHER = {"in_order": 0.52, "no_right": 0.35, "expired": 0.03, "mortgaged": 0.06, "disputed": 0.01,
         "seized": 0.01, "joint_without_consent": 0.02}  # fmt: skip
OPEN_LAND_WITHOUT_RIGHT = 0.85
RIGHTS_A_PARCEL_BEYOND_FIRST = 0.06
HOLDERS_A_PARCEL = 0.4
NOT_DATED = pd.NaT


@dataclass(frozen=True)
class Title:
    """The three tables, in the words of the vocabulary."""

    rights: pd.DataFrame
    encumbrances: pd.DataFrame
    documents: pd.DataFrame
    cases: pd.Series  # case of each parcel


def make(parcels: pd.DataFrame, seed: int) -> Title:
    """Title of parcels: ``parcel tenure forest documented``."""
    rng = stream(seed, "title")
    cases = _cases(parcels, rng)
    rights = _rights(parcels.assign(case=cases), rng)
    burdens = _encumbrances(parcels.assign(case=cases), rights, rng)
    filed = papers.make(parcels.assign(case=cases), rights, rng)
    rights = _with_consents(rights, filed)
    return Title(rights, burdens, filed, pd.Series(cases, parcels["parcel"]))


def _cases(parcels: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    def draw(odds: dict[str, float]) -> np.ndarray:
        weight = np.asarray(list(odds.values()))
        names = np.asarray(list(odds), dtype=object)
        return names[rng.choice(len(names), len(parcels), p=weight / weight.sum())]

    documented, forest = parcels["documented"].to_numpy(), parcels["forest"].to_numpy()
    bare = rng.random(len(parcels)) < OPEN_LAND_WITHOUT_RIGHT
    ordinary = np.where(forest, draw(OTHER), np.where(bare, "no_right", "in_order"))
    return np.where(documented, draw(CASES), ordinary)


# --- rights --------------------------------------------------------------------------------


def _rights(parcels: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    held = parcels[parcels["case"].ne("no_right")].reset_index(drop=True)
    count = len(held)
    pool = max(2, round(HOLDERS_A_PARCEL * count))
    common = held["tenure"].isin(["collective", "collective_enterprise"]) & held["forest"]
    leased = common.to_numpy() & (rng.random(count) < 0.6)
    state = held["tenure"].eq("state").to_numpy() & held["forest"].to_numpy()
    kind = np.select([state, leased], ["forest_land_use", "management"], "contract_management")
    begun = np.where(leased, rng.integers(2013, 2019, count), rng.integers(2007, 2013, count))
    years = np.where(leased, 50, rng.choice([50, 70], count))
    rights = pd.DataFrame(
        {
            "parcel": held["parcel"],
            "case": held["case"],
            "forest": held["forest"],
            "documented": held["documented"],
            "right_kind": kind,
            "holder": np.where(state, 1, rng.integers(2, pool + 1, count)),
            "co_ownership": _co_ownership(held["case"].to_numpy(), kind, rng),
            "start": _days(begun, rng),
        }
    )
    rights["end"] = rights["start"] + pd.to_timedelta(np.round(years * 365.2425), "D")
    late = rights["case"].eq("expired")
    rights.loc[late, "end"] = _days(np.full(int(late.sum()), 2025), rng)
    rights.loc[rights["case"].eq("end_not_known"), "end"] = NOT_DATED
    rights["share"] = np.where(rights["co_ownership"].eq("sole"), 1.0, np.nan)
    rights = _more_rights(_shared(rights, pool), rng)
    rights["certificate_no"] = _certificates(rights)
    fixture = np.where(rights["forest"], "L00000001", "W00000000")
    rights["unit_code"] = rights["parcel"] + fixture
    rights["right"] = [f"Q{i:07d}" for i in range(1, len(rights) + 1)]
    return rights


def _co_ownership(case: np.ndarray, kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    ordinary = rng.choice(["sole", "joint", "shares"], len(case), p=[0.90, 0.05, 0.05]).astype(
        object
    )
    ordinary[kind == "forest_land_use"] = "sole"
    joint = np.isin(case, ["joint_without_consent", "joint_refused"])
    shares = np.isin(case, ["shares_without_two_thirds", "shares_refused"])
    return np.select([joint, shares], ["joint", "shares"], ordinary)


def _shared(rights: pd.DataFrame, pool: int) -> pd.DataFrame:
    """One row for each co-owner: two joint owners, or owners of 0.5, 0.3 and 0.2."""
    several = {"sole": 1, "joint": 2, "shares": 3}
    rows = rights.loc[rights.index.repeat(rights["co_ownership"].map(several))]
    rows = rows.assign(owner=rows.groupby(level=0).cumcount())
    first = rows["holder"].to_numpy()
    rows["holder"] = np.where(
        rows["owner"] > 0, 2 + (first + 7 * rows["owner"]) % (pool - 1), first
    )
    parts = rows["owner"].map({0: 0.5, 1: 0.3, 2: 0.2})
    rows["share"] = rows["share"].where(rows["co_ownership"].ne("shares"), parts)
    return rows.reset_index(drop=True)


def _more_rights(rights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some sole holders own the trees by a right of its own."""
    fit = rights["co_ownership"].eq("sole") & rights["forest"] & rights["case"].eq("in_order")
    chosen = fit & (rng.random(len(rights)) < RIGHTS_A_PARCEL_BEYOND_FIRST)
    trees = rights[chosen].assign(right_kind="forest_ownership")
    both = pd.concat([rights, trees])
    return both.sort_index(kind="stable").reset_index(drop=True)


def _certificates(rights: pd.DataFrame) -> pd.Series:
    """One certificate number for each parcel; none where the case lacks it."""
    number = rights["parcel"].ne(rights["parcel"].shift()).cumsum()
    text = number.map("演示证{:04d}".format)
    return text.where(rights["case"].ne("no_certificate"))


def _days(years: np.ndarray, rng: np.random.Generator) -> pd.DatetimeIndex:
    return pd.to_datetime([f"{y}-01-01" for y in years]) + pd.to_timedelta(
        rng.integers(0, 360, len(years)), "D"
    )


def _with_consents(rights: pd.DataFrame, filed: pd.DataFrame) -> pd.DataFrame:
    """The consent named in the right it speaks for."""
    letters = filed[filed["document_kind"].eq("joint_consent")]
    named = letters.set_index("subject")["document"]
    out = rights.assign(consent_document=rights["right"].map(named))
    columns = ["right", "unit_code", "right_kind", "holder", "co_ownership", "share",
               "certificate_no", "start", "end", "consent_document"]  # fmt: skip
    return out[columns]


# --- encumbrances --------------------------------------------------------------------------


def _encumbrances(
    parcels: pd.DataFrame, rights: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    kinds = {"mortgaged": "mortgage", "pledged": "pledge", "seized": "seizure", "frozen": "freeze",
             "enforced": "enforcement", "disputed": "dispute"}  # fmt: skip
    first = rights.drop_duplicates("parcel").set_index("parcel")["right"]
    standing = parcels.loc[parcels["case"].isin(list(kinds)), ["parcel", "case"]]
    kind = standing["case"].map(kinds).to_numpy(dtype=object)
    kind = np.where((kind == "dispute") & (rng.random(len(kind)) < 0.5), "objection", kind)
    now = pd.DataFrame({"parcel": standing["parcel"].to_numpy(), "encumbrance_kind": kind})
    now["start"] = _days(rng.integers(2023, 2026, len(now)), rng)
    now["end"] = np.where(
        now["encumbrance_kind"].eq("mortgage"), now["start"] + pd.Timedelta(1826, "D"), NOT_DATED
    )
    past = first.index[rng.random(len(first)) < 0.02]
    done = pd.DataFrame({"parcel": past, "encumbrance_kind": "mortgage"})
    done["encumbrance_kind"] = np.where(rng.random(len(done)) < 0.2, "pledge", "mortgage")
    done["start"] = _days(rng.integers(2016, 2020, len(done)), rng)
    done["end"] = done["start"] + pd.Timedelta(1461, "D")
    both = pd.concat([now, done]).sort_values(["parcel", "start"], ignore_index=True)
    number = [f"{i:06d}" for i in range(1, len(both) + 1)]
    whole = both["encumbrance_kind"].isin(["seizure", "dispute", "objection"])
    return both.assign(
        encumbrance=[f"X{n}" for n in number],
        right=both["parcel"].map(first).where(~whole),
        end=pd.to_datetime(both["end"]),
        registration_no=[f"演示登记{n}" for n in number],
    )
