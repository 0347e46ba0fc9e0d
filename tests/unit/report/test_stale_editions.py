"""Every report says which editions nobody has compared with their sources for a year."""

import dataclasses
from datetime import date

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.methods import methodology, note_stale, parameters
from ecogis.report import compose
from ecogis.report.model import Paragraph


def _with(content, day):
    """The report's content with what freshness finds on a day."""
    findings = Findings()
    editions = [methodology("CCER-14-001-V01@2023"), parameters("age-groups@2017")]
    note_stale(editions, day, findings)
    tables = {**content.tables, "findings": findings.table()}
    return dataclasses.replace(content, tables=tables)


def _notices(content, lang):
    blocks = compose(content, lang=lang).blocks()
    return [b.text for b in blocks if isinstance(b, Paragraph) and b.style == "notice"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_after_the_last_look_there_is_a_notice(content, lang):
    told = [text for text in _notices(_with(content, date(2027, 9, 1)), lang) if "@" in text]
    assert len(told) == 1
    assert "CCER-14-001-V01@2023, age-groups@2017" in told[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_within_the_year_there_is_none(content, lang):
    assert not [text for text in _notices(_with(content, date(2027, 8, 31)), lang) if "@" in text]


def test_a_run_without_findings_says_nothing(content):
    tables = {name: table for name, table in content.tables.items() if name != "findings"}
    bare = dataclasses.replace(content, tables={**tables, "findings": pd.DataFrame()})
    assert not [text for text in _notices(bare, "en") if "@" in text]
