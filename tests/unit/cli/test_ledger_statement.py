"""Our own ledger in a run: it is read, stated to hold no claim, or clause 4.1 d is not known."""

from datetime import UTC, date, datetime

import geopandas
import pytest
import shapely

from ecogis.registry import Claim, Ledger, Right, Survey

WHY = {"day": date(2026, 8, 30), "reason": "测试"}


def asked(tiny, section):
    """The project file with another section on the ledger."""
    start, end = tiny.text.index("[registry]"), tiny.text.index("[policy]")
    tiny.text = tiny.text[:start] + section + "\n\n" + tiny.text[end:]


def clause_d(tiny):
    pieces = geopandas.read_file(tiny.folder / "out" / "pieces.gpkg", layer="地块")
    return dict(zip(pieces["parcel"], pieces["clause_d"], strict=True))


def test_without_a_word_on_our_ledger_nothing_is_unique(sound, tiny):
    assert set(clause_d(sound).values()) == {"yes"}
    asked(tiny, "")
    done = tiny.run()
    assert done.exit_code == 0, done.output
    assert set(clause_d(tiny).values()) == {"unknown"}


@pytest.mark.parametrize(
    "section",
    [
        "[registry]",
        '[registry]\nledger = "ledger.db"',
        '[registry]\nreader = "A"',
        '[registry]\nledger = "ledger.db"\nreader = "A"\nno_claims_because = "无"',
    ],
)
def test_a_section_that_says_neither_or_both_is_refused(tiny, section):
    asked(tiny, section)
    done = tiny.run()
    assert done.exit_code == 2
    assert "E773" in done.output


def test_a_claim_of_our_ledger_keeps_its_parcel_from_a_second_pledge(tiny):
    unit, certificate = tiny.tables["rights"].loc[0, ["不动产单元号", "证书号"]]
    right = Right(unit, "management", certificate.lower())
    survey = Survey(right, shapely.box(114.0, 24.0, 114.001, 24.001), {2027: 1000})
    path = str(tiny.folder / "ledger.db")
    with Ledger.create(path, "A", clock=lambda: datetime(2026, 8, 31, 4, tzinfo=UTC)) as ledger:
        ledger.survey([survey], **WHY)
        ledger.propose([Claim(right, 2027, 600, "演示银行")], **WHY)
    asked(tiny, '[registry]\nledger = "ledger.db"\nreader = "A"')
    done = tiny.run()
    assert done.exit_code == 0, done.output
    assert clause_d(tiny) == {unit[:19]: "no"} | {
        parcel: "yes" for parcel in clause_d(tiny) if parcel != unit[:19]
    }
