"""Two stands, one parcel, one right, on squares of 100 m: two pieces of one hectare each."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

DAY = date(2026, 8, 31)
HECTARE_DM2 = 1_000_000


RIGHT = (
    "right",
    "unit_code",
    "parcel",
    "right_kind",
    "holder",
    "co_ownership",
    "share",
    "certificate_no",
    "start",
    "end",
    "consent_document",
)
DOCUMENT = (
    "document",
    "document_kind",
    "subject_kind",
    "subject",
    "number",
    "date",
    "valid_until",
    "result",
    "issuer_kind",
)
BURDEN = ("encumbrance", "right", "parcel", "encumbrance_kind", "start", "end")
HISTORY = ("stand", "year_from", "year_to", "land_class", "document")


DATES = ("start", "end", "date", "valid_until")


def table(rows, columns):
    """A canonical table: text is string, numbers nullable, dates dates."""
    made = pd.DataFrame(rows, columns=list(columns))
    kinds = dict.fromkeys(DATES, "datetime64[ns]") | {"share": "Float64"}
    kinds |= {"year_from": "Int64", "year_to": "Int64"}
    return made.astype({name: kinds.get(name, "string") for name in columns})


def rights(*rows):
    """Rights on parcel Z1 from 2010 to 2060 unless a row says otherwise."""
    blank = {
        "unit_code": "U1",
        "parcel": "Z1",
        "right_kind": "management",
        "holder": "持有人0001",
        "co_ownership": "sole",
        "share": None,
        "certificate_no": None,
        "start": pd.Timestamp("2010-01-01"),
        "end": pd.Timestamp("2060-12-31"),
        "consent_document": None,
    }
    return table([blank | row for row in rows], RIGHT)


def documents(*rows):
    """Documents about parcel Z1 of 2026-08-01 unless a row says otherwise."""
    blank = {
        "subject_kind": "parcel",
        "subject": "Z1",
        "number": "文号",
        "date": pd.Timestamp("2026-08-01"),
        "valid_until": pd.NaT,
        "result": None,
        "issuer_kind": "registry",
    }
    made = [blank | {"document": f"D{place + 1}"} | row for place, row in enumerate(rows)]
    return table(made, DOCUMENT)


def burden_table(*rows):
    blank = {"right": None, "parcel": "Z1", "start": pd.Timestamp("2020-01-01"), "end": pd.NaT}
    made = [blank | {"encumbrance": f"X{place + 1}"} | row for place, row in enumerate(rows)]
    return table(made, BURDEN)


def paper(kind, result=None, **cells):
    return {"document_kind": kind, "result": result} | cells


FULL_FILE = (
    paper("certificate"),
    paper("register_extract", "clear"),
    paper("intent_letter"),
    paper("third_party_report", "clear", issuer_kind="third_party"),
    paper("pledge_search", "clear"),
    paper("project_search", "clear"),
    paper("lender_policy", "clear", issuer_kind="lender"),
)


def history(*rows):
    return table(list(rows), HISTORY)


@pytest.fixture
def case():
    pieces = pd.DataFrame(
        {
            "piece": ["P1", "P2"],
            "stand": ["S1", "S2"],
            "parcel": ["Z1", "Z1"],
            "area_dm2": [HECTARE_DM2, HECTARE_DM2],
        }
    ).astype({"piece": "string", "stand": "string", "parcel": "string"})
    stands = pd.DataFrame(
        {
            "stand": ["S1", "S2"],
            "land_class": ["arbor_forest"] * 2,
            "prior_land_class": ["barren"] * 2,
            "origin": ["planted"] * 2,
            "forest_category": ["commercial"] * 2,
            "forest_use": ["timber"] * 2,
            "planting_year": pd.array([2018, 2018], dtype="Int64"),
        }
    ).astype(dict.fromkeys(("stand", "land_class", "prior_land_class", "origin"), "string"))
    return SimpleNamespace(
        day=DAY,
        pieces=pieces,
        stands=stands,
        rights=rights({"right": "R1"}),
        documents=documents(*FULL_FILE),
        burdens=burden_table(),
        match=pd.Series(True, index=["P1", "P2"], dtype="boolean"),
        make=SimpleNamespace(
            rights=rights, documents=documents, burdens=burden_table, paper=paper, history=history
        ),
        full=FULL_FILE,
    )
