"""What a run offers: the land and yield of each right, and claims on them."""

from datetime import UTC, date, datetime

import geopandas
import pandas as pd
import pytest
import shapely
from shapely import box

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.registry import Ledger
from ecogis.registry.imports_run import COLUMNS, Terms, as_newest, claims_on, surveys_of

A, B = "441899101201JE00001L00000001", "441899101201JE00002L00000001"
LAND = geopandas.GeoDataFrame(
    {"piece": ["K1", "K2", "K3"]},
    geometry=[
        box(114, 23, 114.01, 23.01),
        box(114.01, 23, 114.02, 23.01),
        box(115, 23, 115.1, 23.1),
    ],
    crs=4490,
)
ROWS = [
    ("K1", A, "management", "演示证1", 2027, 100),
    ("K2", A, "management", " 演示证１", 2027, 11),
    ("K1", A, "management", "演示证1", 2028, 7),
    ("K3", B, "management", "演示证2", 2027, 5),
]
RUN = {"manifest": "ab" * 32}


def offered(*more):
    return pd.DataFrame([*ROWS, *more], columns=list(COLUMNS))


def test_a_right_is_the_union_of_its_pieces_however_its_number_is_spelled():
    first, second = surveys_of(LAND, offered(), **RUN, methodology="M@1")
    assert first.pieces == ("K1", "K2")
    assert dict(first.yields) == {2027: 111, 2028: 7}
    assert shapely.equals(first.geometry, box(114, 23, 114.02, 23.01))
    assert (first.right.registration_no, first.methodology) == ("演示证1", "M@1")
    assert dict(second.yields) == {2027: 5}


def test_the_same_run_has_the_same_keys_in_any_order():
    back = offered().iloc[::-1]
    pairs = zip(surveys_of(LAND, offered(), **RUN), surveys_of(LAND, back, **RUN), strict=True)
    assert all((a.key, a.pieces, a.yields) == (b.key, b.pieces, b.yields) for a, b in pairs)
    other = surveys_of(LAND, offered(), manifest="cd" * 32)
    assert other[0].key != surveys_of(LAND, offered(), **RUN)[0].key


def test_a_newer_run_is_the_newest_word_on_every_vintage():
    newer = offered().query("vintage == 2027").assign(pledgeable_kg=3)
    first = surveys_of(LAND, offered(), **RUN)
    second = surveys_of(LAND, newer, manifest="cd" * 32)
    clock = datetime(2026, 9, 2, tzinfo=UTC)
    why = {"day": date(2026, 9, 1), "reason": "录入"}
    with Ledger.create("sqlite://", "柜员01", clock=lambda: clock) as ledger:
        for surveys in (first, second, second):
            ledger.survey(as_newest(ledger, surveys), **why)
        found = ledger.balances().set_index(["unit_code", "vintage"])["yield_kg"]
        assert found.to_dict() == {(A, 2027): 6, (A, 2028): 0, (B, 2027): 3}
        events = len(ledger.history())
        with pytest.raises(ConfigError, match=r"E858.*replaced"):
            as_newest(ledger, first)
        assert [s.yields for s in as_newest(ledger, second)] == [{2027: 6, 2028: 0}, {2027: 3}]
        assert len(ledger.history()) == events == 6


def test_claims_take_all_that_was_asked_for_and_no_more():
    surveys = surveys_of(LAND, offered(), **RUN)
    terms = Terms("甲银行", "ZY-1", units=[A.lower()], vintages=[2027])
    assert [(c.right.unit_code, c.vintage, c.kg) for c in claims_on(surveys, terms)] == [
        (A, 2027, 111)
    ]
    everything = claims_on(surveys, Terms("甲银行", "ZY-1"))
    assert sum(claim.kg for claim in everything) == 123
    assert len({claim.key for claim in everything}) == 3


@pytest.mark.parametrize(
    "terms", [Terms("甲", "Z", units=["x"]), Terms("甲", "Z", vintages=[2027, 2099])]
)
def test_what_is_not_offered_cannot_be_claimed(terms):
    with pytest.raises(ConfigError, match="E858"):
        claims_on(surveys_of(LAND, offered(), **RUN), terms)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("K3", A, "management", "演示证1", 2029, 1), "E859"),
        (("K3", B, "management", "演示证2", 2027, 1), "E858"),
        (("K9", B, "management", "演示证2", 2027, 1), "E858"),
        (("K3", B, "management", None, 2029, 1), "E858"),
        (("K3", B, "servitude", "演示证2", 2029, 1), "E859"),
    ],
)
def test_what_is_not_settled_is_refused_but_not_for_other_rights(row, code):
    with pytest.raises(ConfigError, match=code):
        surveys_of(LAND, offered(row), **RUN)
    if row[1] == B:
        sound = surveys_of(LAND, offered(row), **RUN, units=[A])
        assert [survey.right.unit_code for survey in sound] == [A]


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(VocabularyError):
        surveys_of(LAND, offered().drop(columns="vintage"), **RUN)
