"""What people see: the Word reports as pages, the PDF for the archive, the page in a browser."""

import subprocess
import xml.etree.ElementTree as ET

import matplotlib.image
import numpy as np
import pytest
from docx import Document

SECTIONS = {
    "report": (
        *("摘要", "委托与主体", "项目边界与权属", "减排量预测", "估值", "质押可行性", "附件"),
        "签名与盖章",
    ),
    "appraisal": (
        *("委托人、产权持有人及其他使用人", "评估依据", "评估结论", "特别事项说明"),
        *("签名盖章", "附件"),
    ),
}
PAGES = {"report": (30, 48), "appraisal": (16, 28)}
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def _run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=240).stdout


@pytest.fixture(scope="module")
def office(out, program, tmp_path_factory):
    """Both Word reports as LibreOffice reads them: as pages and as its own flat document."""
    folder = tmp_path_factory.mktemp("pages")
    names = [str(out / f"{name}.docx") for name in SECTIONS]
    for kind in ("pdf", "fodt"):
        _run(
            program("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless",
            "--convert-to", kind, "--outdir", str(folder), *names,
        )  # fmt: skip
    return folder


def _pages(file, program):
    return _run(program("pdftotext"), "-layout", str(file), "-").split("\f")[:-1]


@pytest.fixture(scope="module", params=["word", "archive"])
def read(request, office, out, program):
    """Pages of both reports, as Word file or as PDF."""
    folder = office if request.param == "word" else out
    return {name: _pages(folder / f"{name}.pdf", program) for name in SECTIONS}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_report_has_a_sensible_number_of_pages_and_none_is_empty(read, name):
    fewest, most = PAGES[name]
    assert fewest <= len(read[name]) <= most
    for number, page in enumerate(read[name], start=1):
        assert len("".join(page.split())) > 60, number


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_stands_in_the_pages(read, name):
    text = "".join("".join(page.split()) for page in read[name])
    for section in SECTIONS[name]:
        assert section in text, section
    assert "□" not in text


@pytest.mark.parametrize("name", SECTIONS)
def test_every_table_of_the_word_file_is_intact_in_libreoffice(office, out, name):
    """The same tables, each with the same rows and the same text in every cell."""
    given = [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in Document(str(out / f"{name}.docx")).tables
    ]
    root = ET.parse(office / f"{name}.fodt").getroot()
    found = [_cells(table) for table in root.iter(f"{_TABLE}table")]
    assert len(given) > 12
    assert [_bare(table) for table in found] == [_bare(table) for table in given]


def _cells(table):
    rows = table.iter(f"{_TABLE}table-row")
    return [["".join(cell.itertext()) for cell in row.iter(f"{_TABLE}table-cell")] for row in rows]


def _bare(table):
    return [["".join(cell.split()) for cell in row] for row in table]


def test_the_archived_pdf_carries_its_fonts_and_tags(out, program):
    for name in ("report", "appraisal", "explanation"):
        told = _run(program("pdfinfo"), str(out / f"{name}.pdf"))
        assert "Tagged:          yes" in told
        for row in _run(program("pdffonts"), str(out / f"{name}.pdf")).splitlines()[2:]:
            assert row.split()[-5] == "yes", row


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
