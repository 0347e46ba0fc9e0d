"""The committed demo: what it promises in its README holds, and every planted fault is found."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from ecogis import io, overlay, quality
from ecogis.core import vocabulary
from ecogis.core.findings import Findings
from ecogis.eligibility import (
    Declaration,
    Period,
    Units,
    conditions,
    creditable,
    guideline,
    no_claims,
)
from ecogis.methods import methodology
from ecogis.spatial.area import ellipsoidal_area_m2

FOLDER = Path(__file__).parents[2] / "data" / "demo"
DAY = dt.date(2026, 8, 31)
PLACE = ["SHENG", "SHI", "XIAN", "XIANG", "CUN", "LIN_BAN", "XIAO_BAN", "XBID"]
TREES = ["YOU_SHI_SZ", "QI_YUAN", "PINGJUN_NL", "LING_ZU", "YU_BI_DU", "HUO_LMGQXJ", "ZXJ"]
USE = ["SEN_LIN_LB", "LIN_ZHONG", "LD_QS", "ZLND", "BHYY", "BHND", "GXSJ"]
FIELDS = [*PLACE, "MIAN_JI", "DI_LEI", "Q_DI_LEI", *TREES, *USE]
HEADERS = {
    "rights": "权利编号,不动产单元号,权利类型,权利人,共有情况,份额,证书号,"
    "起始日期,终止日期,共有人同意书",
    "encumbrances": "限制编号,权利编号,宗地代码,限制类型,起始日期,终止日期,登记号",
    "documents": "文件编号,文件类型,对象类型,对象编号,文号,日期,有效期至,结果,出具方",
    "land_history": "小班编号,起始年,终止年,地类,文件编号",
    "prices": "日期,市场,品种,价格来源,价格,成交量,来源,可信度",
}
# one fiftieth of the county of record: 1.676 M 亩, 11.05 M m3, 87.7 % of 1,251 km2
FOREST_LAND_HA, VOLUME_M3, COVER, LAND_HA = 111_733 / 50, 11.05e6 / 50, 0.877, 125_100 / 50


@pytest.fixture(scope="module")
def demo():
    """Layers and tables as the pipeline has them, and all findings up to the pieces."""
    findings = Findings()

    def layer(name, table, profile, role):
        read = io.read_layer(
            FOLDER / name, layer=table, profile=profile, role=role, findings=findings
        )
        return quality.repair_rings(read, role, findings)

    stands = layer("stands.gpkg", "小班_2024", "cn-forest-map", "stands")
    opening = layer("stands.gpkg", "小班_2019", "cn-forest-map", "stands_opening")
    parcels = layer("parcels.gpkg", "宗地", "demo-parcels", "parcels")
    tables = {
        name: io.read_table(
            FOLDER / f"{name}.csv",
            profile=f"demo-{name.replace('_', '-')}",
            role=name,
            findings=findings,
        )
        for name in HEADERS
    }
    quality.look(
        stands,
        parcels,
        tables["rights"],
        tables["encumbrances"],
        tables["documents"],
        findings,
        valuation_date=DAY,
        land_history=tables["land_history"],
    )
    pieces = overlay.pieces(stands, parcels, findings).pieces
    return SimpleNamespace(
        stands=stands,
        opening=opening,
        parcels=parcels,
        pieces=pieces,
        findings=findings.table(),
        **tables,
    )


@pytest.fixture(scope="module")
def verdicts(demo):
    """Creditable pieces by the methodology, and the guideline's clauses."""
    groups = overlay.touching_groups(demo.pieces)
    pieces = demo.pieces.merge(groups[["piece", "merged_area_dm2"]], on="piece")
    judged = conditions(
        pieces,
        demo.stands,
        demo.land_history,
        demo.rights,
        methodology("CCER-14-001-V01@2023"),
        DAY,
        documents=demo.documents,
        period=Period(dt.date(2025, 1, 1), 20),
        declared={"additionality": Declaration(True, "as in the demo's project file")},
    )
    match = creditable(judged)
    clauses = guideline(
        pieces,
        demo.rights,
        demo.encumbrances,
        demo.documents,
        DAY,
        province="44",
        methodology_match=match,
        units=Units("ccer"),
        ledger=no_claims(),
    )
    return SimpleNamespace(match=match, clauses=clauses)


def test_fields_and_headers_are_those_agreed():
    later = geopandas.read_file(FOLDER / "stands.gpkg", layer="小班_2024", rows=1)
    earlier = geopandas.read_file(FOLDER / "stands.gpkg", layer="小班_2019", rows=1)
    assert list(later.columns.drop("geometry")) == FIELDS
    assert list(earlier.columns.drop("geometry")) == [name.lower() for name in FIELDS]
    parcels = geopandas.read_file(FOLDER / "parcels.gpkg", rows=1)
    assert list(parcels.columns.drop("geometry")) == ["ZDDM", "ZL", "ZDMJ", "QSXZ"]
    for name, header in HEADERS.items():
        raw = (FOLDER / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        assert raw.decode("utf-8-sig").splitlines()[0] == header


def test_every_code_stands_in_the_code_book():
    book = pd.read_csv(FOLDER / "codes.csv", dtype=str)
    known = book.groupby("field")["code"].agg(set).to_dict()
    stands = geopandas.read_file(FOLDER / "stands.gpkg", layer="小班_2024")
    planted = {"YOU_SHI_SZ": {"999"}, "DI_LEI": {"199"}}
    for field, codes in known.items():
        unknown = set(stands[field].dropna()) - codes
        assert unknown == planted.get(field, set())


def test_the_township_is_a_fiftieth_of_the_county_of_record(demo):
    inside = demo.stands[~demo.stands["stand"].str.endswith("9001")]
    hectares = ellipsoidal_area_m2(inside.geometry.to_numpy()) / 1e4
    forest_land = inside["land_class"].isin(vocabulary.FOREST_LAND).to_numpy()
    forest = inside["land_class"].isin(vocabulary.FOREST).to_numpy()
    usable = inside["standing_volume"].between(0, 600).to_numpy()
    volume = (inside["standing_volume"].to_numpy() * hectares)[usable].sum()
    assert hectares.sum() == pytest.approx(LAND_HA, rel=0.005)
    assert hectares[forest_land].sum() == pytest.approx(FOREST_LAND_HA, rel=0.01)
    assert hectares[forest].sum() / hectares.sum() == pytest.approx(COVER, rel=0.01)
    assert volume == pytest.approx(VOLUME_M3, rel=0.02)  # faulty volumes are missing from it


def test_the_earlier_survey_tiles_the_township_exactly():
    earlier = geopandas.read_file(FOLDER / "stands.gpkg", layer="小班_2019")
    shapes = earlier.geometry.to_numpy()
    town = geopandas.read_file(FOLDER / "boundary.gpkg", layer="乡镇").geometry.iloc[0]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.equals(shapely.coverage_union_all(shapes).normalize(), town.normalize())
    villages = geopandas.read_file(FOLDER / "boundary.gpkg", layer="村")
    assert 6 <= len(villages) <= 10
    assert set(earlier["cun"]) == set(villages["CUN"])


def test_the_map_is_small_enough_to_be_shipped_and_detailed_enough_to_be_real():
    for name in ("stands.gpkg", "parcels.gpkg", "boundary.gpkg"):
        assert (FOLDER / name).stat().st_size < 3_000_000
    earlier = geopandas.read_file(FOLDER / "stands.gpkg", layer="小班_2019")
    assert shapely.get_num_coordinates(earlier.geometry.to_numpy()).mean() > 25


def test_the_surveys_agree_where_nothing_changed(demo):
    faulty = pd.read_csv(FOLDER / "faults.csv", dtype=str)["id"]
    sound = demo.stands[~demo.stands["stand"].isin(faulty)]
    both = sound.merge(demo.opening, on="stand", suffixes=("", "_opening"))
    assert len(both) > 0.9 * len(demo.stands)
    calm = both[both["change_cause"].isna() & both["planting_year"].isna()]
    calm = calm[calm["land_class"].eq("arbor_forest")]
    assert (calm["age_yr"] - calm["age_yr_opening"]).eq(5).all()
    assert calm["standing_volume"].ge(calm["standing_volume_opening"]).all()
    changed = both["land_class"].ne(both["land_class_opening"]) & both["land_class"].notna()
    assert both.loc[changed, "change_cause"].notna().all()
    assert both.loc[changed, "prior_land_class"].eq(both.loc[changed, "land_class_opening"]).all()
    causes = set(both.loc[changed, "change_cause"])
    assert causes >= {"afforestation", "harvest", "fire", "land_take", "survey"}


def test_recent_planting_is_on_open_land_on_forest_and_on_land_not_known(demo):
    planted = demo.stands[demo.stands["planting_year"].ge(2013).fillna(False)]
    history = demo.land_history.merge(planted[["stand", "planting_year"]], on="stand")
    year = history["planting_year"]
    before = history[history["year_to"].ge(year - 3) & history["year_from"].lt(year)]
    was_forest = set(before.loc[before["land_class"].isin(vocabulary.FOREST), "stand"])
    long = before[before["year_from"].le(before["planting_year"] - 3)]
    was_open = set(long["stand"]) - was_forest
    unknown = set(planted["stand"]) - set(history["stand"])
    assert 0.10 <= len(was_open) / len(demo.stands) <= 0.15
    assert len(was_forest) > 50
    assert len(unknown) > 20
    young = planted["land_class"].eq("young_plantation")
    assert planted.loc[young, "standing_volume"].eq(0).all()
    assert young.sum() > 5


def test_every_clause_comes_out_yes_no_and_not_known(verdicts):
    counts = verdicts.clauses.counts().set_index("clause")
    assert counts.index.tolist() == [f"4.1 {letter}" for letter in "abcdef"]
    assert (counts[["yes", "no", "unknown"]] > 20).all(axis=None)


def test_a_project_remains(demo, verdicts):
    whole = verdicts.clauses.wide().eq(True).fillna(False).all(axis=1)
    pieces = demo.pieces.set_index("piece")
    good = pieces.loc[whole[whole].index]
    assert 80 <= good["area_ha"].sum() <= 150
    assert good["stand"].nunique() >= 60
    no = verdicts.clauses.wide().eq(False).fillna(False).any(axis=1)
    matched = verdicts.match.fillna(False).astype(bool).to_numpy()
    still_open = pieces.loc[whole.index[~whole.to_numpy() & ~no.to_numpy() & matched]]
    assert 60 <= still_open["area_ha"].sum() <= 150


def _codes_about(findings, name):
    """Codes of the findings that name an identifier, as feature or in their words."""
    about = findings["feature"].astype("string").str.startswith(name).fillna(False)
    about |= findings["message_en"].str.contains(name, regex=False)
    return set(findings.loc[about, "code"])


@pytest.mark.parametrize(
    "fault", pd.read_csv(FOLDER / "faults.csv", dtype=str).to_dict("records"), ids=lambda f: f["id"]
)
def test_every_planted_fault_is_found(demo, fault):
    if fault["expected"] == "no piece":
        assert not demo.pieces["stand"].eq(fault["id"]).any()
    else:
        assert fault["expected"] in _codes_about(demo.findings, fault["id"])


def test_the_readme_lists_the_faults_as_they_are():
    listed = pd.read_csv(FOLDER / "faults.csv", dtype=str)
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for (fault, layer, code), rows in listed.groupby(["fault", "layer", "expected"]):
        assert f"| {fault} | {layer} | {len(rows)} | {code}" in text


def test_nothing_is_found_in_the_earlier_survey(demo):
    assert not demo.findings["layer"].eq("stands_opening").any()


def test_words_of_the_tables_are_those_of_the_vocabulary():
    columns = {
        "rights": {"权利类型": "right_kind", "共有情况": "co_ownership"},
        "encumbrances": {"限制类型": "encumbrance_kind"},
        "documents": {
            "文件类型": "document_kind",
            "对象类型": "subject_kind",
            "结果": "result",
            "出具方": "issuer_kind",
        },
        "land_history": {"地类": "land_class"},
        "prices": {"价格来源": "price_kind", "可信度": "confidence"},
    }
    for name, lists in columns.items():
        table = pd.read_csv(FOLDER / f"{name}.csv", dtype=str, encoding="utf-8-sig")
        for column, listed in lists.items():
            words = {code.zh for code in vocabulary.codes(listed).values()}
            assert set(table[column].dropna()) <= words


def test_prices_are_those_on_record(shared_tables):
    prices = pd.read_csv(FOLDER / "prices.csv", dtype={"日期": str}, encoding="utf-8-sig")
    prices["year"] = prices["日期"].str[:4].astype(int)
    yearly = pd.read_csv(shared_tables / "price_stats_by_year.csv")
    regional = pd.read_csv(shared_tables / "phcer_by_year.csv").assign(market="PHCER")
    record = {
        **yearly.set_index(["market", "year"])["volume_weighted_avg"].to_dict(),
        **regional.set_index(["market", "year"])["weighted_price_cny_t"].to_dict(),
    }
    market = prices[prices["价格来源"].eq("当期市场成交均价")]
    assert len(market) == len(prices) - 1
    for row in market.itertuples():
        assert row.价格 == pytest.approx(record[row.品种, row.year])
    assert prices.loc[prices["价格来源"].eq("有偿取得价格"), "价格"].tolist() == [43.40]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Bare layers for measurements, clean, made again, and dirty: stands and parcels of each."""

    def made(folder, *words):
        subprocess.run(
            [sys.executable, str(FOLDER / "make.py"), "--layers-only", "--stands", "400",
             "--epsg", "4547", "4490", "--out", str(folder), *words],
            check=True, capture_output=True,
        )  # fmt: skip
        return SimpleNamespace(
            **{
                path.stem.replace("-", "_"): geopandas.read_parquet(path)
                for path in folder.glob("*.parquet")
            }
        )

    folder = tmp_path_factory.mktemp("bare")
    return SimpleNamespace(
        clean=made(folder / "clean"),
        again=made(folder / "again", "--parcels", "800"),
        dirty=made(folder / "dirty", "--dirty"),
    )


def test_bare_layers_are_two_exact_tilings_of_one_square(bare):
    layers = bare.clean.stands_4547, bare.clean.parcels_4547
    assert [len(layer) for layer in layers] == [400, 800]
    for layer, key, vertices in zip(layers, ("stand", "parcel"), (80, 50), strict=True):
        assert list(layer.columns) == [key, "geometry"]
        assert layer[key].is_unique
        assert shapely.coverage_is_valid(layer.geometry.to_numpy())
        assert layer.area.sum() == pytest.approx(400 * 12_510, rel=0.01)
        assert shapely.get_num_coordinates(layer.geometry).mean() == pytest.approx(
            vertices, rel=0.1
        )


def test_bare_layers_hardly_share_a_border(bare):
    lines = [
        layer.boundary.union_all() for layer in (bare.clean.stands_4547, bare.clean.parcels_4547)
    ]
    assert lines[0].intersection(lines[1]).length < 1e-6 * lines[0].length


def test_the_same_seed_makes_the_same_layers(bare):
    for name, layer in vars(bare.clean).items():
        other = vars(bare.again)[name]
        assert layer.to_wkb().equals(other.to_wkb()), name


def test_degrees_and_metres_are_the_same_land(bare):
    for key in ("stands", "parcels"):
        metres, degrees = (getattr(bare.clean, f"{key}_{code}") for code in (4547, 4490))
        assert (metres.crs.to_epsg(), degrees.crs.to_epsg()) == (4547, 4490)
        back = degrees.to_crs(4547).get_coordinates() - metres.get_coordinates()
        assert back.abs().max(axis=None) < 1e-5


def test_dirt_is_strewn_in_its_shares(bare):
    """Of 400 stands 4 are blown up, 4 shrunk, 2 have an enclave, 1 is tied, 2 have a far part."""
    stands, parcels = bare.dirty.stands_4547, bare.dirty.parcels_4547
    assert len(stands) == 400 - 2
    assert len(parcels) == 800 - 4 + 24
    shapes = stands.geometry.to_numpy()
    assert (shapely.get_num_geometries(shapes) > 1).sum() == 2
    assert (~shapely.is_valid(shapes)).sum() == 1
    assert (shapely.get_num_interior_rings(shapely.get_parts(shapes)) > 0).sum() in {1, 2}
    assert not shapely.coverage_is_valid(shapely.get_parts(shapes))
    clean = bare.clean.stands_4547.geometry.to_numpy()
    moved = ~np.isin(shapely.to_wkb(shapes), shapely.to_wkb(clean))
    assert moved.sum() in range(9, 14)


@pytest.mark.parametrize("words", [["--dirty"], ["--epsg", "4490"], ["--layers-only"]])
def test_the_maker_refuses_what_does_not_go_together(words):
    done = subprocess.run(
        [sys.executable, str(FOLDER / "make.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "error:" in done.stderr
