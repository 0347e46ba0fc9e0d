"""The page: one file, no requests, nothing read as markup."""

import re
from html.parser import HTMLParser

from ecogis.report import html_bytes


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.links, self.sources, self.tags, self.text = set(), [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.ids.add(found.get("id"))
        self.links.append(found.get("href"))
        self.sources.append(found.get("src"))

    def handle_data(self, data):
        self.text.append(data)


def _parsed(report):
    page = _Page()
    page.feed(html_bytes(report).decode())
    return page


def test_the_page_asks_for_nothing(composed):
    html = html_bytes(composed["zh"]).decode()
    assert not re.search(r"https?://|url\(|@import|<script|<link", html)
    sources = [source for source in _parsed(composed["zh"]).sources if source]
    assert len(sources) == 14
    assert all(source.startswith("data:image/png;base64,") for source in sources)


def test_contents_lead_to_sections(composed):
    page = _parsed(composed["zh"])
    links = [link for link in page.links if link]
    assert sum(not link.startswith("#ref-") for link in links) == 18
    assert len(links) > 60
    assert {link.removeprefix("#") for link in links} <= page.ids


def test_values_are_text(composed):
    page = _parsed(composed["zh"])
    assert "合作社" not in page.tags
    assert any("演示林场 & <合作社> “青山”" in text for text in page.text)


def test_same_report_same_bytes(composed):
    assert html_bytes(composed["en"]) == html_bytes(composed["en"])


def test_page_and_content_agree(composed):
    text = "".join(_parsed(composed["en"]).text)
    for block in composed["en"].blocks():
        caption = getattr(block, "caption", None) or block.text
        assert caption in text


def test_language_is_declared(composed, bare):
    assert '<html lang="zh-CN">' in html_bytes(composed["zh"]).decode()
    assert '<html lang="en">' in html_bytes(bare["en"]).decode()
