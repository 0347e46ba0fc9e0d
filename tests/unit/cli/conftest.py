"""A project by hand: two stands of 1 ha, two parcels, one right each, beside one another."""

import json
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
from click.testing import CliRunner
from shapely import box

from ecogis.cli.main import main

X, Y = 38_510_000.0, 2_667_000.0
PARCELS = ("441899101201JE00001", "441899101201JE00002")
DEMO = files("ecogis.demo").joinpath("project.toml").read_text(encoding="utf-8")


def squares() -> list:
    """Two squares of 100 m."""
    return [box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)]


def stands() -> geopandas.GeoDataFrame:
    """杉木 planted in 2014 on farmland, surveyed at ten years."""
    table = {
        "XIANG": ["441899101"] * 2,
        "CUN": ["441899101201"] * 2,
        "XBID": ["S1", "S2"],
        "MIAN_JI": [1.0, 1.0],
        "DI_LEI": ["111", "111"],
        "Q_DI_LEI": ["111", "111"],
        "YOU_SHI_SZ": ["120", "120"],
        "QI_YUAN": ["21", "21"],
        "PINGJUN_NL": [10, 10],
        "LING_ZU": ["1", "1"],
        "YU_BI_DU": [0.7, 0.7],
        "HUO_LMGQXJ": [60.0, 70.0],
        "ZXJ": [60.0, 70.0],
        "SEN_LIN_LB": ["22", "22"],
        "LIN_ZHONG": ["233", "233"],
        "LD_QS": ["21", "21"],
        "ZLND": ["2014", "2014"],
        "BHYY": [None, None],
        "BHND": [None, None],
        "GXSJ": ["20241231", "20241231"],
    }
    return geopandas.GeoDataFrame(table, geometry=squares(), crs=4526)


def parcels() -> geopandas.GeoDataFrame:
    """One parcel under each stand."""
    table = {
        "ZDDM": list(PARCELS),
        "ZL": ["演示一村"] * 2,
        "ZDMJ": [10_000.0] * 2,
        "QSXZ": ["21"] * 2,
    }
    return geopandas.GeoDataFrame(table, geometry=squares(), crs=4526)


def tables() -> dict[str, pd.DataFrame]:
    """Title, documents, land history and prices that settle everything for both parcels."""
    rights = [
        (f"Q{n}", f"{code}L00000001", "林地经营权", f"持有人000{n}", "单独所有", "1",
         f"演示证000{n}", "2014-01-01", "2064-01-01", "")
        for n, code in enumerate(PARCELS, 1)
    ]  # fmt: skip
    kinds = [
        ("权属证书", "2014-01-01", "", "登记机构"),
        ("登记簿查询结果", "2026-08-01", "无异常", "登记机构"),
        ("开发意向书", "2026-07-01", "", "权利人"),
        ("第三方评估报告", "2026-07-01", "无异常", "第三方机构"),
        ("动产融资统一登记查询", "2026-08-01", "无异常", "登记机构"),
        ("减排项目登记查询", "2026-08-01", "无异常", "登记机构"),
        ("贷款人条件核对", "2026-08-01", "无异常", "贷款人"),
    ]
    documents = [
        (f"W{p}{k}", kind, "宗地", code, f"演示文号{p}{k}", date, "", result, issuer)
        for p, code in enumerate(PARCELS, 1)
        for k, (kind, date, result, issuer) in enumerate(kinds)
    ]
    documents += [(f"W{n}9", "地类变更记录", "小班", f"S{n}", "", "2014-01-01", "", "", "主管部门")
                  for n in (1, 2)]  # fmt: skip
    history = [(f"S{n}", "2005", "2013", "宜林荒山荒地", f"W{n}9") for n in (1, 2)]
    prices = [
        ("2026-08-19", "全国", "CCER", "当期市场成交均价", "86.09", "11254183", "公开统计", "推算")
    ]
    heads = {
        "rights": "权利编号,不动产单元号,权利类型,权利人,共有情况,份额,证书号,"
        "起始日期,终止日期,共有人同意书",
        "encumbrances": "限制编号,权利编号,宗地代码,限制类型,起始日期,终止日期,登记号",
        "documents": "文件编号,文件类型,对象类型,对象编号,文号,日期,有效期至,结果,出具方",
        "land_history": "小班编号,起始年,终止年,地类,文件编号",
        "prices": "日期,市场,品种,价格来源,价格,成交量,来源,可信度",
    }
    rows = {"rights": rights, "encumbrances": [], "documents": documents,
            "land_history": history, "prices": prices}  # fmt: skip
    return {name: pd.DataFrame(rows[name], columns=head.split(",")) for name, head in heads.items()}


def project_text() -> str:
    """The demo's project file on the small layers, with nothing accepted."""
    start, end = DEMO.index("# 演示数据中预埋的问题"), DEMO.index("[output]")
    text = DEMO[:start] + "\n" + DEMO[end:]
    for name in ("stands_opening", "boundary", "villages"):
        at = text.index(f"[layers.{name}]")
        text = text[:at] + text[text.index("\n\n", at) + 2 :]
    for section in ("[rasters]", "[accounts]"):
        at = text.index(section)
        text = text[:at] + text[text.index("\n\n", at) + 2 :]
    return text.replace('formats = ["docx", "html", "pdf", "xlsx", "gpkg"]', 'formats = ["gpkg"]')


def project(folder: Path) -> SimpleNamespace:
    """The project in a folder: `write` puts it there, `run` also gives it to a command."""
    made = SimpleNamespace(
        folder=folder,
        stands=stands(),
        parcels=parcels(),
        tables=tables(),
        text=project_text(),
    )

    def write():
        made.stands.to_file(folder / "stands.gpkg", layer="小班_2024", driver="GPKG")
        made.parcels.to_file(folder / "parcels.gpkg", layer="宗地", driver="GPKG")
        for name, table in made.tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
        (folder / "project.toml").write_text(made.text, encoding="utf-8")

    def run(command: str = "assess", *words: str):
        write()
        return ask(command, *words)

    def ask(command: str, *words: str):
        (folder / "project.toml").write_text(made.text, encoding="utf-8")
        out = ["--out", str(folder / "out")] if command == "assess" else []
        return CliRunner().invoke(main, [command, str(folder / "project.toml"), *out, *words])

    made.write, made.run, made.ask = write, run, ask
    return made


@pytest.fixture(scope="session")
def small_project():
    """Makes the project in any folder."""
    return project


@pytest.fixture
def tiny(tmp_path: Path):
    """A folder to be spoilt, and `run` to see what the command says of it."""
    return project(tmp_path)


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """The project as it is, assessed once for all who only look: answer, outputs and record."""
    made = project(tmp_path_factory.mktemp("sound"))
    made.done = made.run()
    assert made.done.exit_code == 0, made.done.output
    made.out = made.folder / "out"
    made.record = json.loads((made.out / "run.json").read_text(encoding="utf-8"))
    return made
