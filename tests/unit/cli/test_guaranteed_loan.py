"""The room under a guarantee comes from the guarantee company's book, and cuts the loan."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

import ecogis as eg
from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance.guarantee_proposals import GuaranteeBook
from ecogis.pipeline import lending
from ecogis.pipeline.config import load
from ecogis.pipeline.config_values import Guarantee, Limits
from ecogis.pipeline.finance_guarantee import guarantee_room, net_assets_on
from ecogis.pipeline.finance_inputs import finance_table
from ecogis.valuation import PledgeValue

SECTION = (
    '\n[valuation.guarantee]\nbook = "book.csv"\nfund = "fund.csv"\nrelations = "rel.csv"\n'
    'loan = "L9"\nborrower = "村集体"\nkind = "small_firm"\n\n[valuation.stress]'
)
DAY = dt.date(2026, 8, 31)
BOOK = "loan,borrower,kind,balance_fen\n"


@pytest.fixture
def tables(tmp_path):
    def write(**texts):
        default = {"book": BOOK, "fund": "day,net_assets_fen\n2026-06-30,5000000000\n",
                   "rel": "party,related_party\n"}  # fmt: skip
        for name, text in (default | texts).items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def asked(**more):
    words = {"book": "book.csv", "fund": "fund.csv", "relations": "rel.csv", "loan": "L9",
             "borrower": "F1", "kind": "other"}  # fmt: skip
    return Guarantee(**words | more)


def found(folder, **more):
    findings = Findings()
    return guarantee_room(asked(**more), folder, DAY, findings), findings


def test_the_room_is_what_the_book_leaves(tables):
    folder = tables(book=BOOK + "L1,F1,other,300000000\nL2,F2,other,100000000\n")
    room, findings = found(folder)
    assert (room.fen, room.assets_day) == (200_000_000, "2026-06-30")  # 10 % of 50 M less 3 M
    assert str(room.cny) == "2000000"
    assert findings.count() == 0
    assert [role for role, _ in room.inputs] == [
        "guarantee_book", "guarantee_fund", "guarantee_relations",
    ]  # fmt: skip
    assert all(len(info.sha256) == 64 for _, info in room.inputs)
    tables(book=BOOK + "L2,F2,other,650000000\n", rel="party,related_party\nF1,F2\n",
           fund="day,net_assets_fen\n2026-06-30,7000000000\n")  # fmt: skip
    assert found(folder)[0].fen == 400_000_000  # 15 % of 70 M less 6.5 M, not 10 %


@pytest.mark.parametrize(
    "texts",
    [
        {"book": BOOK + "L1,F1,other,600000000\n"},  # a limit is passed already
        {"book": BOOK + "L1,,other,1\n"},
        {"book": BOOK + "L1,F1,other,about 5\n"},
        {"rel": "party,related_party\nF1,\n"},  # of an empty book too
        {"fund": "day,net_assets_fen\n2026-09-01,5000000000\n"},  # not stated by then
        {"fund": "day,net_assets_fen\n2026-06-30,\n"},
        {"fund": "day,net_assets_fen\n2026-06-30,-5\n"},
        {"fund": "day,net_assets_fen\n2026-06-30,5\n2026-06-30,6\n"},
        {"fund": "day,net_assets_fen\nJune,5\n"},
    ],
)
def test_a_book_that_cannot_be_judged_leaves_no_room(tables, texts):
    room, findings = found(tables(**texts))
    assert (room.fen, room.book) == (0, None)
    assert findings.table()["code"].tolist() == ["E966"]
    assert "F1" not in findings.table()["message_zh"].iloc[0]  # other people's loans stay there


def test_the_last_statement_up_to_the_day_counts(tables):
    text = "day,net_assets_fen\n2026-08-31,7\n2024-12-31,3\n2026-12-31,9\n"
    fund = finance_table(tables(fund=text) / "fund.csv", "guarantee_fund", Findings())
    assert net_assets_on(fund, DAY) == (7, "2026-08-31")
    assert net_assets_on(fund, dt.date(2026, 8, 30)) == (3, "2024-12-31")


@pytest.fixture
def cheap(tiny):
    """The small project without costs, so that it is worth something."""
    start = tiny.text.index("costs = [")
    end = tiny.text.index("\n]\n", start) + 3
    text = tiny.text[:start] + "costs = []\n" + tiny.text[end:]
    tiny.text = text.replace("draws = 2000", "draws = 200")
    return tiny


@pytest.mark.slow  # a whole run; the limit alone is tested below
def test_a_book_without_room_cuts_the_loan(cheap, tables):
    bare = cheap.text
    cheap.text = bare.replace("\n[valuation.stress]", SECTION, 1)
    tables(fund="day,net_assets_fen\n2026-06-30,2000000\n", book=BOOK + "L1,村集体,farmer,60000\n")
    cheap.write()
    result = eg.assess(cheap.folder / "project.toml")
    amounts = result.tables["loan_amounts"].set_index("limit")
    # a tenth of 20,000 CNY is 2,000 of liability; small debts weigh 75 %: 2,666.66 less 600
    assert amounts.loc["guarantee_room", "amount_fen"] == 206_666
    assert amounts.index[amounts["binding"]].tolist() == ["guarantee_room"]
    assert result.summary["valuation"]["principal_fen"] == 200_000
    assert "the guarantor's book, net assets of 2026-06-30" in amounts.loc["guarantee_room", "en"]
    assert "担保台账" in result.summary["valuation"]["binding_zh"]
    assert "guarantee_book" in {entry["role"] for entry in result.record["inputs"]}


def test_the_project_file_names_the_book(tiny):
    tiny.text = tiny.text.replace("\n[valuation.stress]", SECTION, 1)
    file = tiny.folder / "project.toml"
    file.write_text(tiny.text, encoding="utf-8")
    asked = load(file)[0].valuation.guarantee
    assert (asked.book, asked.kind) == ("book.csv", "small_firm")
    file.write_text(tiny.text.replace('"small_firm"', '"firm"'), encoding="utf-8")
    with pytest.raises(ConfigError):
        load(file)


@pytest.fixture
def run(tmp_path):
    """What `lending.loan` asks of a run: 100 t sold in 2030, half of 1,000,000 CNY lent."""
    valuation = SimpleNamespace(limits=None, guarantee=None, cap_cny=None, pledge_rate=0.5,
                                term_years=3, repayment="equal_instalment")  # fmt: skip
    method = SimpleNamespace(start=DAY, years=20)
    project = SimpleNamespace(folder=tmp_path, file=tmp_path / "project.toml")
    ends = pd.DataFrame({"pledgeable": [True], "until": [pd.Timestamp("2050-01-01")]})
    return SimpleNamespace(
        config=SimpleNamespace(valuation=valuation, methodology=method), date=DAY, inputs=[],
        left={"project_pieces": ends}, findings=Findings(), project=project,
    )  # fmt: skip


def lent(run):
    sold = pd.DataFrame({"issued_t": [100], "issuance_date": [pd.Timestamp("2030-01-01")]})
    flow = pd.DataFrame({"date": [pd.Timestamp("2028-01-01")], "net_fen": [1]})
    pledge = PledgeValue(100_000_000, 0.05, 100_000_000, 100_000_000, "quantile", "", "")
    return lending.loan(run, pledge, SimpleNamespace(pledgeable_issuances=sold), flow)


def test_a_typed_room_is_marked_as_stated_by_the_user(run):
    assert lent(run).principal_fen == 50_000_000
    assert run.findings.count() == 0
    run.config.valuation.limits = Limits(because="example", guarantee_room_cny=3_000)
    found = lent(run)
    assert found.principal_fen == 300_000
    told = found.amounts.set_index("limit").loc["guarantee_room"]
    assert (told["zh"][-6:], told["en"][-23:]) == ("(用户自报)", "(as stated by the user)")
    assert run.findings.table()["code"].tolist() == ["E967"]
    run.config.valuation.guarantee = asked()
    with pytest.raises(ConfigError, match="E968"):
        lent(run)


def test_the_book_is_asked_again_when_the_loan_is_known(run, tables, monkeypatch):
    tables(book=BOOK + "L1,F1,other,470000000\n")
    run.config.valuation.guarantee = asked()
    assert lent(run).principal_fen == 30_000_000
    assert next(entry["role"] for entry in run.inputs) == "guarantee_book"
    monkeypatch.setattr(GuaranteeBook, "room", lambda *_: 50_000_000)  # a wrong room
    with pytest.raises(StageRefusedError, match="E905"):
        lent(run)
    monkeypatch.undo()
    run.config.valuation.guarantee = asked(loan="L1")
    with pytest.raises(ConfigError, match="E900"):
        lent(run)
