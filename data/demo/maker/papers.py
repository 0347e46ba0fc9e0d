"""Documents of parcels and rights: certificates, extracts, searches, letters, reports.

What a case leaves out, makes stale or turns against the parcel is said here; all else is in order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

PROJECT = "演示项目"


def make(parcels: pd.DataFrame, rights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Documents of parcels with cases, and of their rights."""
    one = rights.drop_duplicates("parcel").set_index("parcel")
    held = parcels[parcels["case"].ne("no_right")]
    full = parcels[parcels["documented"]]
    certified = held[held["documented"] | (rng.random(len(held)) < 0.3)]
    certified = certified[certified["case"].ne("no_certificate")]
    parts = [
        of_kind("certificate", certified["parcel"], "registry", None,
                date=one["start"].reindex(certified["parcel"]).to_numpy(),
                number=one["certificate_no"].reindex(certified["parcel"]).to_numpy()),
        _extracts(held[held["documented"]], rng),
        _letters(full, rng),
        _reports(full, rng),
        _searches(full, rng),
        _lender(full, rng),
        _consents(rights, rng),
        _contracts(rights),
        of_kind("lender_policy", pd.Series([PROJECT]), "lender", None, subject_kind="project",
                date=pd.to_datetime(["2026-06-30"]).to_numpy()),
    ]  # fmt: skip
    return numbered(pd.concat(parts, ignore_index=True))


def numbered(filed: pd.DataFrame, start: int = 1) -> pd.DataFrame:
    """Documents with identifiers, and a neutral number where they have none."""
    count = range(start, start + len(filed))
    neutral = pd.Series([f"演示文号{i:05d}" for i in count], filed.index)
    return filed.assign(
        document=[f"W{i:06d}" for i in count],
        number=filed["number"].where(filed["number"].notna(), neutral),
    )


def of_kind(
    kind: str,
    subjects: pd.Series,
    issuer: str | np.ndarray,
    result: str | np.ndarray | None,
    *,
    date: np.ndarray,
    until: np.ndarray | None = None,
    number: np.ndarray | None = None,
    subject_kind: str = "parcel",
) -> pd.DataFrame:
    frame = pd.DataFrame({"subject": subjects.to_numpy()})
    frame["document_kind"], frame["subject_kind"] = kind, subject_kind
    frame["issuer_kind"], frame["result"] = issuer, result
    frame["date"] = pd.to_datetime(date)
    frame["valid_until"] = pd.NaT if until is None else pd.to_datetime(until)
    frame["number"] = None if number is None else number
    return frame


def _recent(count: int, rng: np.random.Generator) -> np.ndarray:
    """Days of August 2026."""
    day = np.datetime64("2026-08-03") + rng.integers(0, 24, count).astype("timedelta64[D]")
    return day.astype("datetime64[ns]")


def _aged(day: np.ndarray, stale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dates and ends of validity; a stale paper is a year older. Valid for 92 days."""
    day = np.where(stale, day - np.timedelta64(330, "D"), day)
    return day, day + np.timedelta64(92, "D")


def _extracts(held: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    held = held[held["case"].ne("no_extract")]
    case = held["case"].to_numpy()
    day, until = _aged(_recent(len(held), rng), case == "stale_extract")
    bound = np.isin(case, ["seized", "frozen", "enforced"]) & (rng.random(len(held)) < 0.5)
    result = np.where(bound, "encumbered", "clear")
    return of_kind("register_extract", held["parcel"], "registry", result, date=day, until=until)


def _letters(full: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = full[~full["case"].isin(["no_intent", "no_right"])]
    day = _recent(len(rows), rng) - np.timedelta64(90, "D")
    return of_kind("intent_letter", rows["parcel"], "holder", None, date=day)


def _reports(full: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = full[full["case"].ne("no_report")]
    case = rows["case"].to_numpy()
    issuer = np.where(case == "own_report", "own", "third_party")
    result = np.where(case == "report_refused", "refused", "clear")
    day = _recent(len(rows), rng) - np.timedelta64(60, "D")
    until = day + np.timedelta64(365, "D")
    return of_kind("third_party_report", rows["parcel"], issuer, result, date=day, until=until)


def _searches(full: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    out = []
    for kind, found in (
        ("pledge_search", ("pledge_search_encumbered", "pledged")),
        ("project_search", ("project_search_encumbered",)),
    ):
        rows = full[full["case"].ne(f"no_{kind}")]
        case = rows["case"].to_numpy()
        day, until = _aged(_recent(len(rows), rng), case == f"stale_{kind}")
        result = np.where(np.isin(case, found), "encumbered", "clear")
        out.append(of_kind(kind, rows["parcel"], "registry", result, date=day, until=until))
    return pd.concat(out)


def _lender(full: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = full[full["case"].ne("lender_not_asked")]
    result = np.where(rows["case"].eq("lender_refused"), "refused", "clear")
    return of_kind("lender_policy", rows["parcel"], "lender", result, date=_recent(len(rows), rng))


def _consents(rights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Letters of co-owners, right by right; who is missing and who refuses follows the case."""
    rows = rights[rights["co_ownership"].ne("sole")]
    rows = rows[rows["documented"] | (rng.random(len(rows)) < 0.3)]
    case, owner = rows["case"], rows["owner"]
    silent = case.eq("joint_without_consent") & owner.gt(0)
    silent |= case.eq("shares_without_two_thirds") & owner.gt(0)
    silent |= case.eq("in_order") & rows["co_ownership"].eq("shares") & owner.eq(2)
    against = case.eq("joint_refused") & owner.gt(0)
    against |= case.eq("shares_refused") & owner.eq(0)
    result = np.where(against, "refused", "clear")[~silent]
    letters = rows[~silent]
    day = _recent(len(letters), rng) - np.timedelta64(30, "D")
    return of_kind(
        "joint_consent", letters["right"], "holder", result, date=day, subject_kind="right"
    )


def _contracts(rights: pd.DataFrame) -> pd.DataFrame:
    rows = rights[rights["right_kind"].eq("management") & rights["documented"]]
    rows = rows[rows["case"].ne("no_certificate")].drop_duplicates("parcel")
    return of_kind("transfer_contract", rows["right"], "holder", "clear",
                   date=rows["start"].to_numpy(), subject_kind="right")  # fmt: skip
