"""Without a single piece of land everything works and comes to nothing."""

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.eligibility.guideline import CLAUSES
from ecogis.methods import methodology


@pytest.fixture(params=["no pieces", "no pieces, no rights", "no tables"])
def given(request, case):
    """The tables of the case without pieces; without rights; without any table."""
    tables = [case.rights, case.burdens, case.documents]
    if request.param == "no tables":
        tables = [None, None, None]
    if request.param == "no pieces, no rights":
        tables = [table.iloc[:0] for table in tables]
    return case.pieces.iloc[:0], *tables


def _is_nothing(verdicts, clauses):
    assert list(verdicts.wide().columns) == list(clauses)
    assert set(verdicts.wide().dtypes.astype(str)) == {"boolean"}
    assert verdicts.wide().empty
    assert verdicts.table.empty
    assert str(verdicts.table["verdict"].dtype) == "boolean"
    assert str(verdicts.every().dtype) == "boolean"
    counts = verdicts.counts()
    assert counts["clause"].tolist() == list(clauses)
    words = ["yes", "no", "unknown"]
    assert counts[[*words, *(f"{word}_ha" for word in words)]].eq(0).all(axis=None)
    wanted = eligibility.due_diligence([verdicts])
    assert {"would_settle", "subject", "clause", "pieces", "area_ha"} <= set(wanted)
    assert wanted.empty
    assert verdicts.by_parcel().empty
    whole = verdicts.of_project()
    assert whole["clause"].tolist() == [*clauses, "all"]
    assert whole["verdict"].isna().all()
    assert whole[["pieces", "yes_dm2", "no_dm2", "unknown_dm2"]].eq(0).all(axis=None)


def test_guideline(case, given):
    verdicts = eligibility.guideline(*given, case.day, province="44", methodology_match=None)
    _is_nothing(verdicts, CLAUSES)
    none = pd.Series([], index=pd.Index([], dtype="string"), dtype="boolean")
    matched = eligibility.guideline(*given, case.day, province="44", methodology_match=none)
    _is_nothing(matched, CLAUSES)


def test_title(case, given):
    assert eligibility.title(*given, case.day).empty


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("name", ["CCER-14-001-V01", "AR-CM-001-V01"])
def test_conditions(case, given, name, merged):
    pieces, rights, _, documents = given
    if merged:
        pieces = pieces.assign(merged_area_dm2=pd.array([], dtype="Int64"))
    asked = methodology(name)
    verdicts = eligibility.conditions(
        pieces, case.stands.iloc[:0], None, rights, asked, case.day, documents=documents
    )
    _is_nothing(verdicts, [condition.id for condition in asked.conditions])
    assert eligibility.creditable(verdicts).empty
