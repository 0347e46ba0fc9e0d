"""What a run offers the registry: a right for each pledgeable tonne, every kilogram once."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr

from ecogis.pipeline.offering import COLUMNS, offered

BEGUN = date(2014, 1, 1)
PARCELS = ("441899101201JE00001", "441899101201JE00002")


def right(name, parcel, holder, **changed):
    row = {
        "right": name,
        "unit_code": f"{parcel}L00000001",
        "parcel": parcel,
        "right_kind": "management",
        "holder": holder,
        "co_ownership": "sole",
        "share": 1.0,
        "certificate_no": f"演示证{parcel[-1]}",
        "start": pd.Timestamp("2014-01-01"),
        "end": pd.Timestamp("2064-01-01"),
        "consent_document": None,
    }
    return row | changed


def run(rights, kg=((5, 0), (7, 9), (0, 0))):
    """Three pieces: two on the first parcel, one on the second."""
    pieces = pd.DataFrame(
        {
            "piece": ["K1", "K2", "K3"],
            "stand": ["S1", "S2", "S3"],
            "parcel": [PARCELS[0], PARCELS[0], PARCELS[1]],
            "area_dm2": [1_000_000] * 3,
        }
    )
    amounts = xr.Dataset(
        {"pledgeable_kg": (("piece", "vintage"), np.array(kg, dtype=np.int64))},
        coords={"piece": pieces["piece"].to_numpy(), "vintage": [2027, 2028]},
    )
    documents = pd.DataFrame(
        [(f"W{n}", "transfer_contract", "right", name, "1", BEGUN, None, None, "registry")
         for n, name in enumerate(r["right"] for r in rights)],
        columns=["document", "document_kind", "subject_kind", "subject", "number", "date",
                 "valid_until", "result", "issuer_kind"],
    )  # fmt: skip
    return SimpleNamespace(
        layers={"pieces": pieces},
        left={
            "project": SimpleNamespace(piece_vintages=amounts),
            "project_pieces": pieces,
            "rights": pd.DataFrame(rights),
        },
        tables={"documents": documents.astype({"date": "datetime64[ns]"})},
        date=date(2026, 8, 31),
        given=lambda _name: None,
        doubtful_rights=set,
    )


def told(made):
    return made[["piece", "certificate_no", "vintage", "pledgeable_kg"]].to_numpy().tolist()


def test_each_kilogram_is_offered_once_under_its_right():
    made = offered(run([right("Q1", PARCELS[0], "甲"), right("Q2", PARCELS[1], "乙")]))
    assert list(made) == list(COLUMNS)
    assert told(made) == [["K1", "演示证1", 2027, 5], ["K2", "演示证1", 2027, 7],
                          ["K2", "演示证1", 2028, 9]]  # fmt: skip
    assert made["unit_code"].unique().tolist() == [f"{PARCELS[0]}L00000001"]


def test_co_owners_of_one_right_are_one_row():
    shared = {"co_ownership": "shares", "share": 0.5}
    made = offered(
        run([right("Q1", PARCELS[0], "甲", **shared), right("Q2", PARCELS[0], "乙", **shared)])
    )
    assert made["pledgeable_kg"].sum() == 5 + 7 + 9


def test_a_right_without_certificate_keeps_its_rows():
    made = offered(run([right("Q1", PARCELS[0], "甲", certificate_no=None)]))
    assert len(made) == 3
    assert made["certificate_no"].isna().all()


def test_a_run_that_credits_nothing_offers_nothing():
    empty = run([right("Q1", PARCELS[0], "甲")])
    empty.left["project"] = None
    assert offered(empty).empty
    assert offered(run([right("Q1", PARCELS[0], "甲")], kg=((0, 0),) * 3)).empty
