"""``ecogis finance``: tables in, answers and exit codes out, ours alone."""

import fcntl
import json

import geopandas
import pytest
import shapely
from click.testing import CliRunner

from ecogis import io
from ecogis.cli.main import main

DAY = ["--day", "2026-08-31"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, code=0):
    done = CliRunner().invoke(main, ["finance", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return name


def records(*words, code=0):
    return json.loads(run(*words, *DAY, "--json", code=code).stdout)


def test_products_are_listed(folder):
    assert len(records("products", "list")["products"]) == 58
    lenders = records("products", "list", "--by-lender")["lenders"]
    assert {"lender": "资溪农商行", "product": "FM24"}.items() <= next(
        row for row in lenders if row["product"] == "FM24"
    ).items()


def test_products_are_matched(folder):
    people = write(folder, "b.csv", "borrower,kind,place,listed_public_forest\n甲,village,"
                                    "浙江/丽水/云和,是\n")  # fmt: skip
    assets = write(folder, "a.csv", "borrower,kind,value_fen,yearly_fen\n甲,compensation,,300000\n")
    found = records("products", "match", people, assets)
    first = found["offers"][0]
    assert (first["product"], first["amount_fen"]) == ("FM09", 4_500_000)
    assert all(row["verdict"] != "refused" for row in found["offers"])
    everything = records("products", "match", people, assets, "--refused")["offers"]
    assert len(everything) == 58
    assert all(row["zh"] and row["en"] for row in everything if row["verdict"] == "refused")
    shown = run("products", "match", people, assets, *DAY).stdout
    assert "45,000.00" in shown
    assert "可办理" in shown
    run("products", "match", people, assets, "--one-per-lender", "--out", "o.csv", *DAY)
    assert "FM09" in (folder / "o.csv").read_text(encoding="utf-8-sig")


def test_unreadable_cells_are_told_and_not_known(folder):
    people = write(folder, "b.csv", "borrower,kind,place,listed_public_forest\n甲,village,"
                                    "浙江/丽水/云和,maybe\n")  # fmt: skip
    assets = write(folder, "a.csv", "borrower,kind,value_fen,yearly_fen\n甲,compensation,,1.5\n")
    found = records("products", "match", people, assets, code=1)
    assert [row["code"] for row in found["findings"]] == ["E951", "E951"]
    assert all(row["verdict"] == "open" for row in found["offers"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("borrower,kind\n甲,village\n", "E952"),
        ("borrower,kind,value_fen,colour\n甲,a,1,b\n", "E952"),
    ],
)
def test_wrong_headers_are_refused(folder, text, code):
    people = write(folder, "b.csv", "borrower,kind,place\n甲,village,浙江\n")
    done = run("products", "match", people, write(folder, "a.csv", text), code=2)
    assert code in done.stderr


def test_json_goes_in_too(folder):
    people = write(folder, "b.json", json.dumps([{"borrower": "甲", "kind": "village",
                   "place": "浙江/丽水/云和", "listed_public_forest": True,
                   "sows": None}]))  # fmt: skip
    assets = write(folder, "a.json", json.dumps([{"borrower": "甲", "kind": "compensation",
                   "value_fen": None, "yearly_fen": 300_000}]))  # fmt: skip
    assert records("products", "match", people, assets)["offers"][0]["amount_fen"] == 4_500_000
    for text in ("{", "{}", "[1]"):
        assert "E953" in run("products", "match", write(folder, "c.json", text), assets,
                             code=2).stderr  # fmt: skip


HOUSEHOLDS = (
    "household,place,unsecured_fen,bad_record,grade,veto,minutes,name\n"
    "330-1,浙江/丽水/云和,0,否,A,否,纪要1,持有人0001\n"
    "330-2,浙江/丽水/云和,0,否,A,是,纪要1,持有人0002\n"
)


def test_a_village_is_scored_without_names(folder):
    people = write(folder, "h.csv", HOUSEHOLDS)
    none = "".join(f"330-{n},{item},0\n" for n in (1, 2) for item in ("H17", "H18", "H19"))
    head = "household,item,value_fen\n" + none
    items = write(folder, "i.csv", head + "330-1,H15,1000000\n330-9,H10,5\n")
    rights = write(folder, "r.csv", "household,right,kind,value_fen,yearly_fen,share_ppm\n"
                                    "330-1,R1,compensation,,10000,1000000\n")  # fmt: skip
    done = run("household", "score", people, items, "--rights", rights, *DAY, "--json", code=1)
    found = json.loads(done.stdout)
    assert [row["line_fen"] for row in found["decisions"]] == [620_000, 0]  # 0.6 I + 0.15 x 15 y
    assert [row["reason"] for row in found["decisions"]] == ["formula", "veto"]
    for private in ("330-", "持有人"):
        assert private not in done.stdout + done.stderr
    named = run("household", "score", people, items, "--named", *DAY, code=1).stdout
    assert "持有人0001" in named
    assert "household-credit@2026-2; 最弱的依据: 假定" in named
    raised = write(folder, "i2.csv", head + "330-1,H15,100000000\n")
    told = records("household", "score", people, raised, "--higher", "浙江/丽水")["decisions"]
    assert (told[0]["line_fen"], told[0]["cap_kind"]) == (50_000_000, "higher")
    assert told[0]["confidence"] == "assumed"
    assert "E900" in run("household", "score", people, raised, "--higher", "丽水", code=2).stderr
    twice = write(folder, "h2.csv", HOUSEHOLDS + HOUSEHOLDS.splitlines()[1] + "\n")
    refused = run("household", "score", twice, raised, *DAY, code=2)
    assert "E943" in refused.stderr
    assert "330-" not in refused.stdout + refused.stderr


def test_the_guarantee_book_is_checked(folder):
    book = write(folder, "g.csv", "loan,borrower,kind,balance_fen\nL1,甲,other,300000000\n"
                                  "L2,乙,other,300000000\n")  # fmt: skip
    relations = write(folder, "rel.csv", "party,related_party\n甲,乙\n")
    unknown = records("guarantee", "check", book, "--net-assets", 50_000_000, code=1)
    assert "E922" in {row["code"] for row in unknown["findings"]}
    none = write(folder, "none.csv", "party,related_party\n")
    alone = records("guarantee", "check", book, "--net-assets", 50_000_000, "--relations", none)
    assert all(row["passed"] for row in alone["limits"])
    words = ("guarantee", "check", book, "--net-assets", 36_000_000, "--relations", relations)
    joined = records(*words, code=1)
    assert {row["rule"] for row in joined["limits"] if not row["passed"]} == {"group"}


@pytest.fixture
def land(folder):
    """Four hectares in a row: the collector's, then H1's, then two of H2's."""
    squares = [shapely.box(500_000 + 100 * i, 3e6, 500_100 + 100 * i, 3_000_100) for i in range(4)]
    codes = [f"331125001002JE{n:05d}" for n in range(1, 5)]
    layer = geopandas.GeoDataFrame({"宗地代码": codes}, geometry=squares, crs=4547)
    layer.to_file(folder / "p.gpkg", layer="parcels", engine="pyogrio")
    rows = zip(codes, ["P", "H1", "H2", "H2"], [0, 500, 600, 600], strict=True)
    table = "\n".join(f"{code},{holder},{price}" for code, holder, price in rows)
    write(folder, "holders.csv", f"parcel,holder,price_fen\n{table}\n")
    return codes


LAND = ("p.gpkg", "holders.csv", "--collector", "P")


def test_land_is_joined_and_drawn(folder, land):
    found = records("collection", "groups", *LAND, "--take", land[1], "--map", "m.gpkg")["groups"]
    assert [row["groups"] for row in found] == [3, 2]
    drawn = geopandas.read_file(folder / "m.gpkg", engine="pyogrio")
    assert drawn["collected"].sum() == 1
    assert drawn["group_after"].nunique() == 2
    assert "holder" not in drawn
    assert "E955" in run("collection", "groups", *LAND, "--take", "X", code=2).stderr


def test_whom_to_ask_next(land):
    words = ("collection", "next", *LAND, "--budget")
    found = records(*words, 5)["next"][0]
    assert (found["holders"], found["parcels"], found["cost_fen"]) == ("H1", land[1], 500)
    assert (found["method"], found["looked_at"], found["all_holders"]) == ("optimum", 1 + 1, 2)
    every = records(*words, 17)["next"][0]
    assert every["cost_fen"] == 1_700
    near = records(*words, 17, "--nearest", 1)["next"][0]
    assert (near["holders"], near["looked_at"]) == ("H1", 1)
    assert "最近的 1 户" in run(*words, 17, "--nearest", 1).stdout
    assert "E955" in run(*words[:-1], "--budget", 1, "--collector", "Z", code=2).stderr


def test_parcels_without_a_holder_take_no_part(folder, land):
    write(folder, "holders.csv", f"parcel,holder\n{land[0]},P\n{land[1]},H1\n")
    found = records("collection", "groups", *LAND, "--take", land[1])
    assert [row["code"] for row in found["findings"]].count("E954") == 2
    assert [row["groups"] for row in found["groups"]] == [2, 1]
    assert "E900" in run("collection", "next", *LAND, "--budget", 1, code=2).stderr


def test_requests_and_indicators_and_onlending(folder):
    events = write(folder, "e.csv", "request,day,step,level,due,said\nR1,2026-08-01,logged,,,x\n"
                                    "R1,2026-08-02,assigned,county,2026-08-10,\n")  # fmt: skip
    told = records("requests", "status", events)["requests"]
    assert (told[0]["state"], told[0]["days_over"]) == ("overdue", 21)
    values = write(folder, "v.csv", "indicator,day,value\nZ09,2025-12-31,61.5\n")
    board = records("indicators", values, "--report", "board")
    assert len(board["counties"]) == 25
    assert {p.name for p in (folder / "board").iterdir()} == {"finance.html", "finance.xlsx"}
    assert "县域生态金融" in (folder / "board" / "finance.html").read_text(encoding="utf-8")
    offers = write(folder, "o.csv", "offer,wholesale_bp,cost_bp,loss_bp,margin_bp,cap_bp\n"
                                    "A,200,80,50,20,350\nB,200,80,,20,350\n")  # fmt: skip
    told = records("onlending", "price", offers, code=1)
    assert [row["passed"] for row in told["onlending"]] == [True, None]
    assert [row["code"] for row in told["findings"]] == ["E972"]
    write(folder, "o.csv", "offer,wholesale_bp,cost_bp,loss_bp,margin_bp,cap_bp\n"
                           "A,200,80,50,21,350\n")  # fmt: skip
    over = records("onlending", "price", offers, code=1)["findings"]
    assert [(row["code"], row["row"]) for row in over] == [("E971", 1)]
    shown = run("onlending", "price", offers, code=1).stdout
    assert "资金成本(bp)" in shown
    assert "_bp" not in shown
    plain = run("indicators", values, *DAY).stdout
    assert "期限后" not in plain
    write(folder, "v.csv", "indicator,day,value\nZ09,2025-12-31,61.5\nZ09,2026-06-30,55\n")
    shown = run("indicators", values, *DAY).stdout
    assert "期限后数值" in shown
    assert "2026-06-30" in shown


ASSIGNED = ("--request", "R1", "--step", "logged", "--said", "x")


def test_a_request_is_written_by_one_clerk_at_a_time(folder, monkeypatch):
    writing, seen = io.write_csv, []

    def written(path, table):
        with (folder / ".e.csv.lock").open("w", encoding="utf-8") as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(path.name)
        return writing(path, table)

    monkeypatch.setattr(io, "write_csv", written)
    shown = records("requests", "add", "e.csv", *ASSIGNED)["requests"]
    assert (seen, shown[0]["state"]) == (["e.csv"], "logged")
    due = ("--request", "R1", "--step", "assigned", "--level", "county", "--due", "2026-12-31")
    shown = records("requests", "add", "e.csv", *due)["requests"]
    assert (shown[0]["state"], shown[0]["days_over"]) == ("assigned", 0)  # not due yet


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("e.json", *ASSIGNED, "--day", "2026-08-31"), "E933"),
        (("e.csv", *ASSIGNED, "--day", "2999-01-01"), "E934"),
        (("e.csv", "--request", " ", "--step", "logged", "--day", "2026-08-31"), "E957"),
    ],
)
def test_what_cannot_be_recorded_is_not_written(folder, words, code):
    assert code in run("requests", "add", *words, code=2).stderr
    assert not list(folder.glob("e.*"))


@pytest.mark.parametrize("text", ["[" * 50_000, '[{"borrower": "\\ud800"}]'])
def test_json_that_cannot_be_told_is_refused(folder, text):
    assets = write(folder, "a.csv", "borrower,kind,value_fen\n")
    assert "E953" in run("products", "match", write(folder, "p.json", text), assets,
                         code=2).stderr  # fmt: skip


def test_days_with_a_zone_are_days(folder):
    text = "indicator,day,value\nZ09,2025-12-31T23:00+08:00,61.5\nZ01,2025-12-31Z,1\n"
    told = records("indicators", write(folder, "v.csv", text), code=1)
    seen = {row["indicator"]: row["actual_day"] for row in told["indicators"]}
    assert (seen["Z09"], seen["Z01"]) == ("2025-12-31", None)
    assert [row["code"] for row in told["findings"]] == ["E947"]


def test_cases_step_and_stand(folder):
    words = ["--case", "C1", "--to", "performing", "--set", "right=R1", "--set", "loan=L1",
             "--set", "principal_fen=1000", "--set", "interest_fen=30"]  # fmt: skip
    assert len(records("centre", "step", "s.csv", *words)["cases"]) == 1
    assert "E912" in run("centre", "step", "s.csv", "--case", "C1", "--to", "disposed", *DAY,
                         code=1).stderr  # fmt: skip
    assert "E900" in run("centre", "step", "s.csv", *words[:4], "--set", "x", code=2).stderr
    assert records("centre", "status", "s.csv")["cases"][0]["state"] == "performing"
    assert "E914" in run("centre", "status", "s.csv", "--case", "C1", *DAY, code=1).stderr


RECORD = {
    "holdings": [{"parcel": "P1", "right": "operating_right", "holder": "H1", "quantity": 600,
                  "outline": "0" * 64}]
}  # fmt: skip


def test_the_ledger_is_kept_by_two(folder):
    file = write(folder, "r.json", json.dumps(RECORD))
    made = records("collection", "record", "l.db", file, "--new", "--actor", "A",
                   "--reason", "补登")["proposed"]  # fmt: skip
    tx = made[0]["tx_id"]
    assert "E906" in run("collection", "approve", "l.db", tx, "--actor", "A", code=1).stderr
    run("collection", "approve", "l.db", tx, "--actor", "B")
    held = records("collection", "replay", "l.db", "--actor", "B")["balances"]
    assert sorted(row["amount"] for row in held) == [-600, 600]
    before = records("collection", "replay", "l.db", "--actor", "B", "--known", "2026-01-01")
    assert before["balances"] == []
    for show in ("in-force", "payments", "transactions"):
        assert show in records("collection", "replay", "l.db", "--actor", "B", "--show", show)
    for text in ('{"x": []}', '{"holdings": [{"colour": 1}]}', '{"collections": [{}]}', "["):
        wrong = write(folder, "w.json", text)
        assert "E953" in run("collection", "record", "l.db", wrong, "--actor", "A", code=2).stderr


def test_requests_are_logged_in_order(folder):
    words = ("requests", "add", "q.csv", "--request", "R1", "--step")
    assert records(*words, "logged", "--said", "缺评估")["requests"][0]["state"] == "logged"
    before = (folder / "q.csv").read_bytes()
    for wrong in (("answered",), ("assigned",), ("assigned", "--level", "city", "--due", "x")):
        assert "E957" in run(*words, *wrong, *DAY, code=2).stderr
    assert (folder / "q.csv").read_bytes() == before
    done = records(*words, "assigned", "--level", "city", "--due", "2026-09-10")["requests"][0]
    assert (done["level"], done["due"]) == ("city", "2026-09-10")
    told = run("requests", "status", "q.csv", "--day", "2026-09-12").stdout
    assert "超期" in told
