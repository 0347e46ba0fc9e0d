"""Whom to ask next when the solver does not settle; the county's report in both languages."""

from dataclasses import replace
from datetime import date

import geopandas
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.indicators import indicator_board, observations
from ecogis.finance.products_places import mountain_counties
from ecogis.pipeline import finance_land
from ecogis.pipeline.finance_land import ask_near
from ecogis.pipeline.finance_report import finance_content, write_county_board
from ecogis.report import finance_charts
from ecogis.report.finance_charts import board_pictures

DAY = date(2026, 8, 31)


@pytest.fixture
def land():
    """P - A - B in a row, C beside P: B is cheap but lies behind A."""
    places = [(0, 0), (1, 0), (2, 0), (0, 1), (9, 9)]
    squares = [shapely.box(5e5 + 100 * x, 3e6 + 100 * y, 500_100 + 100 * x, 3_000_100 + 100 * y)
               for x, y in places]  # fmt: skip
    table = {"parcel": list("pabcz"), "holder": list("PABCZ"), "area_dm2": [1_000_000] * 5,
             "price_fen": [0, 40_000, 10_000, 60_000, 0]}  # fmt: skip
    return geopandas.GeoDataFrame(table, geometry=squares, crs=4547)


def unsolved(*_, **__):
    raise ConfigError("E916", detail="node limit")


def test_a_greedy_choice_is_named_as_such(land, monkeypatch):
    best = ask_near(land, 50_000, "P", findings=Findings())
    assert (best.method, best.asked.holders, best.asked.cost_fen) == ("optimum", ("A", "B"), 50_000)
    monkeypatch.setattr(finance_land, "ask_next", unsolved)
    told = ask_near(land, 50_000, "P", findings=Findings())
    assert told.method == "greedy"
    assert told.asked == best.asked
    poor = ask_near(land, 30_000, "P", findings=Findings())
    assert poor.asked.holders == ()
    assert poor.asked.gain_dm2 == 0
    assert poor.asked.area_dm2 == 1_000_000


def test_how_much_more_a_choice_could_bring_is_told(land):
    best = ask_near(land, 50_000, "P", findings=Findings())
    assert best.most_gain_dm2 == best.asked.gain_dm2  # all with a way were looked at
    few = ask_near(land, 50_000, "P", findings=Findings(), most=1)
    assert few.asked.gain_dm2 <= best.asked.gain_dm2 <= few.most_gain_dm2
    none = ask_near(land, 0, "P", findings=Findings(), most=1)
    assert none.most_gain_dm2 == 0


def test_other_faults_are_not_taken_for_an_unsettled_choice(land):
    land["price_fen"] = land["price_fen"].astype("Int64").mask(land["holder"] == "A")
    with pytest.raises(ConfigError, match="E900"):
        ask_near(land, 50_000, "P", findings=Findings())


def test_holders_without_a_way_are_not_looked_at(land):
    found = ask_near(land, 50_000, "P", findings=Findings())
    assert (found.looked_at, found.holders) == (3, 4)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_county_report(tmp_path, lang):
    seen = pd.DataFrame({"indicator": ["Z09"], "day": ["2025-12-31"], "value": [61.5]})
    board = indicator_board(seen, DAY, findings=Findings()).iloc[7:9]
    counties = mountain_counties(DAY)
    files = write_county_board(board, counties, DAY, tmp_path / "out", lang=lang,
                               formats=("html", "docx", "xlsx"))  # fmt: skip
    assert sorted(path.name for path in files) == ["finance.docx", "finance.html", "finance.xlsx"]
    page = (tmp_path / "out" / "finance.html").read_text(encoding="utf-8")
    for text in ("61.5", "淳安县", "2026"):
        assert text in page
    assert page.count("data:image/png") == 2  # the charts
    assert 'src="http' not in page
    again = finance_content(board, counties, DAY)
    assert again.summary["finance"]["met"] == 1
    assert again.summary["manifest"] == finance_content(board, counties, DAY).summary["manifest"]


def test_the_board_is_drawn_from_what_was_seen():
    told = pd.DataFrame({
        "indicator": ["Z09", "Z09", "Z01", "Z02", "Z13"],
        "day": ["2025-12-31", "2024-12-31", "2024-12-31", "2024-12-31", "2024-12-31"],
        "value": [61.5, 58.0, 2.1e12, -0.4, 2.9e6],
    })  # fmt: skip
    board = indicator_board(told, DAY, findings=Findings())
    content = finance_content(board[board["indicator"].isin(told["indicator"])],
                              mountain_counties(DAY), DAY,
                              tables={"finance_history": observations(told, DAY)})  # fmt: skip
    drawn = board_pictures(content, lang="en")
    assert list(drawn) == ["chart_indicators", "chart_gaps"]
    assert all(picture.startswith(b"\x89PNG") for picture in drawn.values())
    open_ = replace(content, tables=dict(content.tables))
    open_.tables["finance_indicators"] = (
        content.tables["finance_indicators"].iloc[1:2].assign(state="unknown")
    )
    again = board_pictures(open_, lang="en")
    assert again["chart_gaps"] != drawn["chart_gaps"]
    assert again == board_pictures(open_, lang="en")  # the same bytes each time
    nothing = indicator_board(told.iloc[:0], DAY, findings=Findings())
    bare = board_pictures(finance_content(nothing.head(3), mountain_counties(DAY), DAY), lang="en")
    assert list(bare) == ["chart_indicators"]  # targets alone; no gap is known


def test_a_value_after_the_deadline_stands_apart(tmp_path, monkeypatch):
    told = pd.DataFrame({"indicator": ["Z09", "Z09", "Z01"], "value": [61.5, 55.0, 2.1e12],
                         "day": ["2025-12-31", "2026-06-30", "2025-12-31"]})  # fmt: skip
    board = indicator_board(told, DAY, findings=Findings())
    board = board[board["indicator"].isin(["Z01", "Z09"])]
    drawn, panels = [], finance_charts._plotted
    monkeypatch.setattr(finance_charts, "_plotted",
                        lambda axes, *rest: (panels(axes, *rest), drawn.append(axes)))  # fmt: skip
    write_county_board(board, mountain_counties(DAY), DAY, tmp_path, lang="en", formats=("html",),
                       tables={"finance_history": observations(told, DAY)})  # fmt: skip
    mark = drawn[-1].get_lines()[-1]
    assert (mark.get_marker(), list(mark.get_ydata())) == ("o", [61.5])  # met, on its own day
    assert str(mark.get_xdata()[0])[:10] == "2025-12-31"
    assert drawn[-1].collections[0].get_segments()[0][:, 1].tolist() == [60.0, 61.5]
    page = (tmp_path / "finance.html").read_text(encoding="utf-8")
    assert "Values seen after the deadline" in page
    for text in (">55<", ">2026-06-30<", ">2,100<", ">bn CNY<"):
        assert text in page
    assert "2,100,000,000,000" not in page


def test_business_tables_stand_in_the_report(tmp_path):
    from ecogis import report

    seen = pd.DataFrame({"indicator": ["Z09"], "day": ["2025-12-31"], "value": [61.5]})
    board = indicator_board(seen, DAY, findings=Findings())
    lines = pd.DataFrame({"number": ["户00001"], "net_fen": [1], "income_fen": [2],
                          "verdict": ["granted"], "line_fen": [3_000_000],
                          "reason_zh": ["按公式"], "reason_en": ["the formula"],
                          "verdict_zh": ["授信"], "verdict_en": ["granted"],
                          "cap_kind": ["general"], "confidence": ["assumed"],
                          "rules": ["x@1"]})  # fmt: skip
    content = finance_content(board, mountain_counties(DAY), DAY, tables={"finance_lines": lines})
    report.write(content, tmp_path, lang="zh", formats=("html",), forms=("finance",))
    page = (tmp_path / "finance.html").read_text(encoding="utf-8")
    assert "户00001" in page
    assert "30,000.00" in page
