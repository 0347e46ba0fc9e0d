"""Maps and charts: all there, in the report's language, the same bytes each time."""

import dataclasses
import io
from pathlib import Path

import geopandas
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import rcParams
from matplotlib.image import imread
from shapely import Polygon, box

from ecogis.core.errors import InputError
from ecogis.report import Content, draw
from ecogis.report.canvas import _drawn, canvas, fonts_beside, png, shades
from ecogis.report.desk import Desk
from ecogis.report.figures import draw_one
from ecogis.report.glyphs import signs
from ecogis.report.maps import _states
from ecogis.report.sheetmap import (
    _degrees,
    _outlines,
    _round_length,
    _round_ticks,
    local_crs,
    map_sheet,
)
from ecogis.report.words import Words

NAMES = {
    "map_location", "map_species", "map_age", "map_eligibility", "map_rights", "map_carbon",
    "map_value",
    "chart_stock", "chart_credits", "chart_distribution", "chart_price", "chart_cash",
    "chart_tornado",
}  # fmt: skip


def test_every_figure_is_drawn(pictures):
    for lang in ("zh", "en"):
        assert pictures[lang].keys() == NAMES
        for name, data in pictures[lang].items():
            image = imread(io.BytesIO(data))
            assert image.shape[1] == pytest.approx(15 / 2.54 * 200, abs=2), name
            assert image[..., :3].std() > 0.05, name


def test_the_languages_differ(pictures):
    for name in NAMES:
        assert pictures["zh"][name] != pictures["en"][name]


def test_same_content_same_bytes(content):
    small = Content(content.summary, {"price_parts": content.tables["price_parts"]})
    assert draw(small) == draw(small)


def test_no_date_or_version_is_in_the_picture(pictures):
    assert b"Matplotlib" not in pictures["zh"]["chart_price"]
    assert b"tEXt" not in pictures["zh"]["chart_price"]


def test_nothing_to_draw_is_no_fault(content):
    assert draw(Content(content.summary, {})) == {}
    empty = {
        "stands": content.tables["stands"].iloc[:0],
        "forecast": content.tables["forecast"].iloc[:0],
    }
    assert draw(Content(content.summary, empty)) == {}


def test_a_table_without_shapes_makes_no_map(content):
    plain = content.tables["stands"].drop(columns="geometry")
    assert draw(Content(content.summary, {"stands": plain})) == {}


def test_relief_lies_under_the_map(content, pictures):
    flat = dataclasses.replace(content, dem=None, tables={"stands": content.tables["stands"]})
    assert draw(flat)["map_location"] != pictures["zh"]["map_location"]


def test_no_setting_is_left_behind(content):
    before = dict(rcParams)
    with canvas(5, 5) as axes:
        axes.set_title("碳密度 (t CO₂e/公顷) 堃镕喆珺玥")
        png(axes)
    assert dict(rcParams) == before


@pytest.mark.parametrize(
    ("longitude", "code"),
    [(114.04, "EPSG:4547"), (112.4, "EPSG:4546"), (74.0, "EPSG:4534"), (140.0, "EPSG:4554")],
)
def test_local_zone(longitude, code):
    found, name = local_crs(longitude)
    assert found == code
    assert geopandas.GeoSeries([box(0, 0, 1, 1)], crs=found).crs.name.startswith(
        "CGCS2000 / 3-degree"
    )
    assert name.endswith("°E")


def test_holes_turn_against_their_shell():
    ring = Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    path = _outlines(geopandas.GeoSeries([ring, None]))
    starts = np.flatnonzero(path.codes == path.MOVETO)
    assert starts.tolist() == [0, 5]
    signed = [
        np.sum(p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1])
        for p in (path.vertices[:5], path.vertices[5:])
    ]
    assert signed[0] * signed[1] < 0


def test_round_scales_and_ticks():
    assert [_round_length(metres) for metres in (1234, 499, 60_000)] == [1000, 200, 50_000]
    ticks = _round_ticks(114.012, 114.068)
    assert 2 <= len(ticks) <= 5
    assert [_degrees(tick, "E") for tick in ticks] == [
        "114°01′E",
        "114°02′E",
        "114°03′E",
        "114°04′E",
    ]
    assert _degrees(23.7125, "N") == "23°42′45″N"


def test_colours_go_from_light_to_dark():
    for number in range(2, 9):
        light = [
            sum(int(c[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11)))
            for c in shades(number)
        ]
        assert light == sorted(light, reverse=True)
        assert len(set(light)) == number


def test_a_misplaced_shape_is_left_out_and_counted(content):
    stands = content.tables["stands"]
    far = stands.iloc[[0]].assign(geometry=stands.geometry.iloc[[0]].translate(3.0, 0.0))
    both = geopandas.GeoDataFrame(pd.concat([stands, far]), crs=4490)
    with map_sheet(stands) as alone, map_sheet(both) as crowded:
        assert alone.outside == 0
        assert crowded.outside == 1
        assert crowded.extent == alone.extent


def _with(content, **tables):
    return Content(content.summary, {"stands": content.tables["stands"], **tables})


def test_villages_are_named_from_their_layer(content):
    stands = content.tables["stands"]
    villages = stands.dissolve("village").reset_index()[["geometry"]]
    villages = villages.assign(village="441899101201", location=["上村", "中村", "下村"])
    other = villages.assign(location=["甲村", "乙村", "丙村"])
    drawn = [draw(_with(content, villages=layer)) for layer in (villages, other)]
    assert drawn[0]["map_location"] != drawn[1]["map_location"]
    assert drawn[0]["map_species"] == drawn[1]["map_species"]


def test_the_boundary_is_drawn_where_it_crosses_the_sheet(content):
    whole = content.tables["stands"].dissolve()[["geometry"]].assign(township="t", location="镇")
    plain, near = (draw(_with(content, **more)) for more in ({}, {"boundary": whole}))
    assert all(plain[name] != near[name] for name in plain)
    away = whole.set_geometry([box(110, 20, 118, 28)])
    assert draw(_with(content, boundary=away)) == plain


def test_shapes_are_drawn_no_finer_than_the_paper():
    wavy = Polygon([(0, 0), (5, 0.01), (10, 0), (10, 10), (0, 10)])
    layer = geopandas.GeoSeries([wavy])
    assert len(_outlines(layer).vertices) == 6
    assert len(_outlines(layer, 0.1).vertices) == 5


def test_names_that_are_only_codes_are_not_written(content):
    stands = content.tables["stands"]
    coded = Content(content.summary, {"stands": stands.assign(village="441899101201")})
    plain = Content(content.summary, {"stands": stands.drop(columns="village")})
    assert draw(coded)["map_location"] == draw(plain)["map_location"]


def test_a_burden_of_a_kind_nobody_can_read_is_no_free_land(content):
    held = content.tables["encumbrances"]
    unread = held.assign(encumbrance_kind=pd.NA)
    parcels = content.tables["parcels"]
    states = [
        _states(Desk(Content(content.summary, {**content.tables, "encumbrances": rows}),
                     Words("zh"), {}), parcels)
        for rows in (held, unread)
    ]  # fmt: skip
    bound = states[0].isin(held["encumbrance_kind"])
    assert bound.sum() == 4
    assert (states[1][bound] == "unnamed").all()
    assert (states[1][~bound] == states[0][~bound]).all()


def _below(values):
    """Parcel values with every amount below nought."""
    return values.assign(value_fen_ha=-values["value_fen_ha"])


def test_a_value_below_nought_is_no_missing_value(content):
    parcels, shares = content.tables["parcels"], content.tables["parcel_values"]
    drawn = [
        draw_one(Content(content.summary, {"parcels": parcels, "parcel_values": rows}), "map_value")
        for rows in (_below(shares), _below(shares).assign(value_fen_ha=shares["value_fen_ha"]))
    ]
    assert drawn[0] != drawn[1]


def _place_named(content, name):
    stands = content.tables["stands"].assign(village=name)
    return Content(content.summary, {"stands": stands})


def test_two_dollar_signs_make_no_formula(content):
    for name in (r"甲$\frac$村", "$甲$村 $x$"):
        assert draw_one(_place_named(content, name), "map_location")[1:4] == b"PNG"
    with canvas(4, 3) as axes:
        assert not axes.text(0, 0, "$x$").get_parse_math()


def test_a_character_no_font_has_is_an_error_on_a_map_too(content, tmp_path):
    told = _place_named(content, "\U0002a6a5村")
    with pytest.raises(InputError, match=r"E455.*U\+2A6A5.*村"):
        draw_one(told, "map_location")
    with pytest.raises(InputError, match="E461"), fonts_beside([tmp_path / "absent.otf"]):
        draw_one(told, "map_location")


def test_a_font_of_the_firm_is_drawn_with(content):
    font = Path(mpl.get_data_path(), "fonts/ttf/STIXGeneral.ttf")
    sign = min(signs(font) - _drawn())
    named = _place_named(content, f"{sign}村")
    with pytest.raises(InputError, match="E455"):
        draw_one(named, "map_location")
    with fonts_beside([font]):
        assert draw_one(named, "map_location")[1:4] == b"PNG"
