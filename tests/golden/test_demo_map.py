"""The map of the demo in a browser: from the disk, without a network, as a clerk would use it."""

import subprocess

import pytest
from playwright.sync_api import sync_playwright

from ecogis.pipeline.mapping import write_map

PARCEL = "441899101203JE00002"
GRAPHICS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
LOCAL = ("file:", "blob:", "data:")


@pytest.fixture(scope="module")
def pages(township, tmp_path_factory):
    """The demo's map as a file, as a folder and for the public, in a folder with a Chinese name."""
    home = tmp_path_factory.mktemp("地图 & 图")
    township.map(home / "map.html")
    write_map(township, folder=home / "folder", lang="zh")
    write_map(township, home / "public.html", lang="en", public=True)
    return home


@pytest.fixture(scope="module")
def browser(program):
    with sync_playwright() as tool:
        path = program("chromium", "chromium-browser", "google-chrome")
        started = tool.chromium.launch(executable_path=path, args=GRAPHICS)
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Open a page; at the end nothing was asked of a network and no script complained."""
    asked, said = [], []

    def start(page):
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda fault: said.append(str(fault)))
        tab.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        tab.goto(page.as_uri())
        tab.wait_for_selector("html[data-ready]", timeout=120_000)
        return tab

    yield start
    for context in browser.contexts:
        context.close()
    assert asked
    assert not [url for url in asked if not url.startswith(LOCAL)]
    assert not said


def _drawn(tab, theme):
    """How many features of a theme are drawn."""
    return tab.evaluate(
        "(id) => ecogis.map.queryRenderedFeatures({ layers: [id] }).length", f"theme-{theme}"
    )


def _set_day(tab, place):
    tab.evaluate(
        """(place) => {
          const day = document.getElementById('day');
          day.value = place;
          day.dispatchEvent(new Event('input'));
        }""",
        place,
    )


def test_a_parcel_is_found_by_its_code_and_shows_its_card(pages, opened):
    tab = opened(pages / "map.html")
    tab.fill("#search", PARCEL)
    tab.wait_for_selector("#found button")
    tab.press("#search", "Enter")
    card = tab.locator(".maplibregl-popup .card")
    card.wait_for()
    text = card.inner_text()
    for words in (PARCEL, "持有人0395", "演示证0005", "计入资格", "2 a)", "碳储量预测"):
        assert words in text
    assert card.locator("svg.chart path.line").count() == 1
    assert tab.evaluate("ecogis.map.getZoom()") > 14


def test_search_by_stand_holder_and_certificate(pages, opened):
    tab = opened(pages / "map.html")
    for asked, kind in (
        ("持有人0395", "权利人"),
        ("演示证0005", "证书"),
        ("4418991012070070036", "小班"),
    ):
        tab.fill("#search", asked)
        tab.locator("#found button", has_text=asked).first.wait_for()
        assert kind in tab.locator("#found button").first.inner_text()
    tab.fill("#search", "查无此人")
    tab.locator("#found .none").wait_for()


def test_the_slider_changes_date_stock_and_colours(pages, opened):
    tab = opened(pages / "map.html")
    tab.check("input[value=carbon]")
    stock = "#sums tfoot tr:first-child td:nth-child(4)"
    seen = []
    for place in (0, 21):
        _set_day(tab, place)
        tab.wait_for_function(
            "(day) => document.getElementById('sums-title').textContent.includes(day)",
            arg=["2025-01-01", "2045-01-01"][place > 0],
        )
        tab.wait_for_timeout(600)
        legend = tab.inner_text("#legend")
        seen.append((tab.inner_text("#day-shown"), tab.inner_text(stock), legend))
    assert [day for day, _, _ in seen] == ["2025-01-01", "2045-01-01"]
    assert seen[1][1] == "496,459"
    assert seen[0][1] != seen[1][1]
    assert seen[0][2] != seen[1][2]


def test_a_click_on_the_map_opens_a_card_and_on_the_table_filters(pages, opened):
    tab = opened(pages / "map.html")
    tab.check("input[value=eligibility]")
    tab.wait_for_function("() => ecogis.map.loaded() && ecogis.map.areTilesLoaded()")
    whole = tab.evaluate("ecogis.map.getZoom()")
    tab.click("#sums tbody tr >> nth=2")
    tab.locator("#sums tr.chosen").wait_for()
    tab.wait_for_function("() => ecogis.map.loaded() && ecogis.map.areTilesLoaded()")
    assert tab.evaluate("ecogis.map.getZoom()") > whole
    cells = [tab.locator(f"#sums {row} td").all_inner_texts()
             for row in ("tr.chosen", "tfoot tr.view")]  # fmt: skip
    assert cells[0][1:] == cells[1][1:]  # what is in view is the village
    groups = tab.evaluate(
        "ecogis.map.queryRenderedFeatures({layers: ['theme-eligibility']}).map(f => f.properties.g)"
    )
    assert set(groups) == {2}
    tab.locator("#map").click(position={"x": 400, "y": 500})
    tab.locator(".maplibregl-popup .card").wait_for()
    assert "4.1 a" in tab.locator(".card").inner_text()


def test_it_prints_on_one_sheet_with_map_legend_and_table(pages, opened, program, tmp_path):
    tab = opened(pages / "map.html")
    tab.pdf(path=tmp_path / "a3.pdf", prefer_css_page_size=True, print_background=True)
    words = [program("pdftotext"), "-layout", str(tmp_path / "a3.pdf"), "-"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert text.count("\f") == 1
    for printed in ("生态资源一张图", "图例", "乔木林地", "合计", "2,505.63", "CGCS2000"):
        assert printed in text
    words = [program("pdfimages"), "-list", str(tmp_path / "a3.pdf")]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert " 192 " in listed.splitlines()[2]  # dots an inch: the scale bar holds on paper
    assert tab.evaluate("document.querySelectorAll('.paper').length") == 0


def test_the_folder_reads_a_layer_only_when_it_is_shown(pages, opened):
    tab = opened(pages / "folder" / "index.html")
    read = "Array.from(ecogis.blocks.keys())"
    assert "stands-tiles" in tab.evaluate(read)
    assert not {"parcels-tiles", "pieces-tiles", "titles"} & set(tab.evaluate(read))
    tab.check("input[value=rights]")
    tab.wait_for_function("() => ecogis.blocks.has('parcels-tiles') && ecogis.map.areTilesLoaded()")
    tab.wait_for_function("() => ecogis.map.loaded()")
    assert _drawn(tab, "rights") > 1000
    assert "pieces-tiles" not in tab.evaluate(read)


def test_the_public_page_shows_stands_only(pages, opened):
    tab = opened(pages / "public.html")
    assert "Map review no.:" in tab.inner_text("header")
    assert tab.locator("#themes label").count() == 5
    tab.fill("#search", "持有人")
    tab.locator("#found .none").wait_for()
    text = (pages / "public.html").read_text(encoding="utf-8")
    assert "持有人" not in text
