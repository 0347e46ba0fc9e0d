"""The page by its blocks: what is in it, what is not, and that nothing in it can act."""

import base64
import gzip
import hashlib
import html
import json
import re
from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, InputError
from ecogis.report.onemap import write_folder, write_page
from ecogis.report.onemap.content import blocks, words_of
from ecogis.report.onemap.public import coarsened, made_public
from ecogis.report.onemap.themes import themes
from ecogis.report.onemap.tiles import tiles

PRIVATE = ("持有人", "张三", "演示证", "演示登记", "JE0000", "pledge_value_fen", "750000")


def _blocks(page):
    """What the browser reads, by name: a record, or bytes where it is none."""
    found = re.findall(r'<script type="text/plain" id="block-([\w-]+)">([^<]*)</script>', page)
    return {name: _opened(base64.b64decode(text)) for name, text in found}


def _opened(content):
    if content[:2] != b"\x1f\x8b":
        return content
    content = gzip.decompress(content)
    return json.loads(content) if content[:1] == b"{" else content


@pytest.fixture
def page(land, tmp_path):
    return write_page(land, tmp_path / "张三 & <图>.html").read_text(encoding="utf-8")


@pytest.fixture
def public(land, tmp_path):
    return write_page(land, tmp_path / "public.html", public=True).read_text(encoding="utf-8")


def _theme(land, name, lang="zh"):
    return next(theme for theme in themes(land, words_of(lang), lang, public=False)
                if theme.name == name)  # fmt: skip


def test_the_same_land_gives_the_same_bytes(land, tmp_path):
    first, second = (
        write_page(land, tmp_path / name).read_bytes() for name in ("a.html", "b.html")
    )
    assert first == second


def test_names_and_codes_arrive_unchanged(land, page):
    titles = _blocks(page)["titles"]["rights"]
    assert titles["holder"] == land.rights["holder"].tolist()
    assert titles["unit"] == ["", "441899101203JE00002L00000001"]
    assert _blocks(page)["start"]["project"]["name"] == land.project["name"]
    assert _blocks(page)["parcels"]["location"] == ["", "岭上", ""]


def test_a_hostile_name_is_text_and_nothing_else(land, page):
    assert "alert(" not in page.replace(html.escape(land.project["name"]), "")
    assert page.count("<script>") == 3
    plain = replace(land, project={**land.project, "name": "x"})
    assert page.count("<script") == 4 + len(list(blocks(plain, lang="zh", public=False)))


def test_only_the_page_s_own_scripts_may_run_and_nothing_is_asked_of_a_network(page):
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "http" not in policy
    assert "'self'" not in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"<(?:link|img|iframe|script)[^>]*(?:src|href)=", page)


def test_licences_go_with_the_page(page):
    assert "MapLibre contributors" in page
    assert "Protomaps LLC" in page
    assert "fflate" in page


def test_the_public_page_holds_no_person_title_or_amount(land, public):
    found = _blocks(public)
    assert set(found) == {"start", "stands-tiles", "pieces-tiles", "stands", "series", "pieces"}
    text = public + json.dumps([each for each in found.values() if isinstance(each, dict)],
                               ensure_ascii=False)  # fmt: skip
    for private in PRIVATE:
        assert private not in text.replace("宗地代码", ""), private
    assert [theme["name"] for theme in found["start"]["themes"]] == [
        "land_class", "species", "age_group", "carbon", "eligibility",
    ]  # fmt: skip
    assert set(found["pieces"]) == {"stand", "dm2", "verdict", "box"}
    assert "审图号" in public
    assert "公开版" in public


def test_the_full_page_does_hold_them(page):
    text = page + json.dumps([each for each in _blocks(page).values() if isinstance(each, dict)],
                             ensure_ascii=False)  # fmt: skip
    for private in ("持有人", "张三", "演示证", "演示登记", "JE0000", "750000"):
        assert private in text, private
    assert "审图号" not in page.replace(json.dumps("审图号"), "").partition("<main>")[0]


def test_public_shapes_lie_on_the_grid_and_keep_touching(land):
    coarse, swallowed = coarsened(land.stands, 50.0)
    plane = coarse.to_crs("EPSG:4545")
    steps = plane.get_coordinates().to_numpy() / 50.0
    assert np.abs(steps - np.rint(steps)).max() < 1e-4
    assert swallowed == 0
    assert plane.area.to_numpy() == pytest.approx(np.full(4, 10_000.0), abs=0.01)


def test_a_shape_smaller_than_the_grid_is_told_and_still_counted(land, tmp_path):
    """On 150 m the third stand's sides fall together, and with it its two pieces."""
    text = write_page(land, tmp_path / "c.html", public=True, coarsen_m=150.0).read_text("utf-8")
    found = _blocks(text)
    bare, swallowed = made_public(land, 150.0)
    assert swallowed == 3
    assert bare.stands.geometry.isna().tolist() == [False, False, True, False]
    assert "3 个图斑小于 150 m 格网" in found["start"]["notes"][1]
    assert len(found["start"]["notes"]) == 2
    assert found["stands"]["dm2"] == land.stands["area_dm2"].tolist()


def test_shapes_that_are_missing_are_told(land, tmp_path):
    stands = land.stands.copy()
    stands.loc[3, "geometry"] = None
    text = write_page(replace(land, stands=stands), tmp_path / "c.html").read_text("utf-8")
    assert _blocks(text)["start"]["notes"] == ["1 个要素没有图形,未绘出。"]
    assert _blocks(text)["stands"]["box"][3] is None


def test_carbon_by_hand(land):
    """60 t on one hectare in August, 150 t in the year after; no trees; a stand not known."""
    theme = _theme(land, "carbon")
    assert theme.bounds == [50.0, 60.0, 80.0, 110.0]
    assert theme.values == ["235", "000", "000", "xxx"]
    assert [label for label, _ in theme.entries] == [
        "无林木碳储量", "< 50", "50 – 60", "60 – 80", "80 – 110", "≥ 110",
    ]  # fmt: skip


def test_areas_of_a_theme_add_up_to_the_layer(land):
    for theme in themes(land, words_of("zh"), "zh", public=False):
        if theme.name == "carbon":
            continue
        area = getattr(land, theme.layer)["area_dm2"].to_numpy()
        assert sum(theme.record(area)["dm2"]) == area.sum()


def test_land_class_without_a_record_is_in_no_class(land):
    theme = _theme(land, "land_class")
    assert theme.values.tolist() == [0, 0, 1, -1]
    assert theme.record(land.stands["area_dm2"].to_numpy())["dm2"] == [
        2_000_000,
        1_000_000,
        1_000_000,
    ]


def test_species_in_the_language_of_the_page(land):
    for lang, names in (("zh", {"杉木", "马尾松", "其他树种"}),
                        ("en", {"Cunninghamia", "Pinus", "Other species"})):  # fmt: skip
        assert {label for label, _ in _theme(land, "species", lang).entries} == names


def test_the_gravest_burden_in_force_decides_and_one_that_ended_does_not(land):
    theme = _theme(land, "rights")
    labels = [theme.entries[place][0] for place in theme.values]
    assert labels == ["抵押", "有权属记录,无在存负担", "无权属记录"]


def test_value_by_hand(land):
    """7,500 yuan on one hectare, 2,500 on half a hectare, none on the rest."""
    theme = _theme(land, "value")
    assert theme.values.tolist()[1:3] == [0, 0]
    assert theme.values[0] > theme.values[3] > 0


def test_groups_are_villages_of_a_single_township(page):
    start = _blocks(page)["start"]
    assert (start["level"], start["groups"]) == ("village", ["一村", "V2"])
    assert _blocks(page)["stands"]["group"] == [0, 0, 1, 1]
    assert _blocks(page)["parcels"]["group"] == [0, 0, 1]


def test_groups_are_townships_where_there_are_several(land, tmp_path):
    two = land.stands.assign(township=["T1", "T1", "T2", None])
    text = write_page(replace(land, stands=two), tmp_path / "t.html").read_text("utf-8")
    assert _blocks(text)["start"]["groups"] == ["演示镇", "T2"]
    assert _blocks(text)["stands"]["group"] == [0, 0, 1, -1]


def test_pieces_keep_three_values_and_their_clause(page):
    found = _blocks(page)["pieces"]
    assert found["verdict"] == ["y", "n", "u", "y"]
    assert found["clauses"] == ["yy", "nn", "uu", "yy"]
    assert found["decided"] == [-1, 0, -1, -1]
    assert _blocks(page)["verdicts"] == {
        "piece": [2], "clause": [0], "verdict": ["u"], "reason": [0], "reasons": ["记录不完整"],
    }  # fmt: skip
    assert _blocks(page)["stands"]["counted"] == [1_000_000, 0, 500_000, 0]


def test_stock_is_whole_kilograms(land, page):
    series = np.frombuffer(_blocks(page)["series"], "<u4").reshape(4, 3)
    assert (series == land.stock_kg).all()


def test_stock_beyond_32_bits_keeps_every_kilogram(land, tmp_path):
    much = land.stock_kg.copy()
    much[0, 0] = 2**40 + 1
    text = write_page(replace(land, stock_kg=much), tmp_path / "m.html").read_text("utf-8")
    assert _blocks(text)["start"]["wide"] is False
    assert np.frombuffer(_blocks(text)["series"], "<f8")[0] == 2**40 + 1


def test_both_languages_have_the_same_words():
    zh, en = words_of("zh"), words_of("en")
    assert zh.keys() == en.keys()
    assert zh["verdicts"].keys() == en["verdicts"].keys()


def test_english_page(land, tmp_path):
    text = write_page(land, tmp_path / "e.html", lang="en").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert _blocks(text)["verdicts"]["reasons"] == ["incomplete"]


def test_tiles_are_pmtiles_and_the_same_twice(land):
    first, second = (tiles(land.stands[["geometry"]], "stands", (12, 13)) for _ in range(2))
    assert first[:7] == b"PMTiles"
    assert first == second


def test_a_folder_reads_its_layers_from_files_beside_it(land, tmp_path):
    index = write_folder(land, tmp_path / "图")
    text = index.read_text(encoding="utf-8")
    assert set(_blocks(text)) == {"start"}
    names = {path.stem for path in (tmp_path / "图" / "data").iterdir()}
    assert names == {
        "stands-tiles", "parcels-tiles", "pieces-tiles", "stands", "parcels", "pieces", "series",
        "titles", "verdicts",
    }  # fmt: skip
    assert re.fullmatch(
        r'ecogisBlock\("stands","[A-Za-z0-9+/=]+"\);\n',
        (tmp_path / "图" / "data" / "stands.js").read_text(encoding="utf-8"),
    )


def test_a_folder_replaces_its_own_and_nobody_else_s(land, tmp_path):
    write_folder(land, tmp_path / "m")
    write_folder(land, tmp_path / "m", public=True)
    assert not (tmp_path / "m" / "data" / "titles.js").exists()
    (tmp_path / "m" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="E551"):
        write_folder(land, tmp_path / "m")
    assert (tmp_path / "m" / "notes.txt").exists()


def test_wrong_calls_are_told(land, tmp_path):
    with pytest.raises(ConfigError, match="E561"):
        write_page(land, tmp_path / "map.png")
    for metres in (0.0, 9.9, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="E473"):
            write_page(land, tmp_path / "map.html", public=True, coarsen_m=metres)
    with pytest.raises(ConfigError, match="E002"):
        write_page(land, tmp_path / "map.html", lang="fr")
    bare = geopandas.GeoDataFrame(land.stands.assign(geometry=None), crs="EPSG:4490")
    with pytest.raises(InputError, match="E472"):
        write_page(replace(land, stands=bare), tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_burden_of_a_kind_nobody_can_read_is_no_free_land(land, tmp_path):
    held = land.encumbrances.assign(encumbrance_kind=pd.NA)
    theme = _theme(replace(land, encumbrances=held), "rights")
    labels = [theme.entries[place][0] for place in theme.values]
    assert labels == ["有在存负担,种类不明", "有权属记录,无在存负担", "无权属记录"]
    loose = replace(land, encumbrances=held.assign(parcel=[pd.NA, pd.NA]))
    text = write_page(loose, tmp_path / "b.html").read_text("utf-8")
    assert _blocks(text)["start"]["notes"] == ["1 项在存负担没有对应宗地,图上未显示。"]


def test_a_page_that_is_not_ours_is_not_replaced(land, tmp_path):
    own = tmp_path / "own"
    (own / "data").mkdir(parents=True)
    (own / "index.html").write_text("mine", encoding="utf-8")
    (own / "data" / "stands.js").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="E551"):
        write_folder(land, own)
    assert (own / "index.html").read_text(encoding="utf-8") == "mine"
    write_folder(land, tmp_path / "m")
    (tmp_path / "m" / "data" / "app.js").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="E551"):
        write_folder(land, tmp_path / "m")
