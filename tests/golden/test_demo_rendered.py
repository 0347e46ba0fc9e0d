"""What people see: the Word report as pages, the HTML page in a browser."""

import subprocess

import matplotlib.image
import numpy as np
import pytest

SECTIONS = (
    "摘要",
    "委托与主体",
    "项目边界与权属",
    "减排量预测",
    "估值",
    "质押可行性",
    "附件",
    "签名与盖章",
)


def _run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=240).stdout


@pytest.fixture(scope="module")
def pages(out, program, tmp_path_factory):
    """Text of every page of the Word report, as LibreOffice sets it."""
    folder = tmp_path_factory.mktemp("pages")
    _run(
        program("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless",
        "--convert-to", "pdf", "--outdir", str(folder), str(out / "report.docx"),
    )  # fmt: skip
    text = _run(program("pdftotext"), "-layout", str(folder / "report.pdf"), "-")
    return text.split("\f")[:-1]


def test_the_report_has_a_sensible_number_of_pages_and_none_is_empty(pages):
    assert 25 <= len(pages) <= 42
    for number, page in enumerate(pages, start=1):
        assert len("".join(page.split())) > 60, number


def test_every_section_stands_in_the_pages(pages):
    text = "".join("".join(page.split()) for page in pages)
    for section in SECTIONS:
        assert section in text, section
    assert "□" not in text


def test_the_page_opens_in_a_browser_and_shows_something(out, program, tmp_path):
    picture = tmp_path / "page.png"
    subprocess.run(
        [program("chromium", "chromium-browser", "google-chrome"), "--headless", "--no-sandbox",
         "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--window-size=1280,900",
         f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}",
         (out / "report.html").as_uri()],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    seen = matplotlib.image.imread(picture)
    assert seen.shape[:2] == (900, 1280)
    dark = float(np.mean(seen[..., :3].mean(axis=2) < 0.5))
    assert 0.005 < dark < 0.5
