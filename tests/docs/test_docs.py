"""Documents that must be true: generated pages, the README's commands, the notebooks."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecogis.cli.main import main

ROOT = Path(__file__).parents[2]


def _maker():
    path = ROOT / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["findings.md", "vocabulary.md", "parameters.md"])
def test_generated_pages_are_up_to_date(name):
    maker = _maker()
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == maker.PAGES[name]()


def test_ci_runs_the_first_two_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^```bash\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)[1]
    install, tests = block.strip().splitlines()
    assert "ecogis demo" in install
    assert "pytest" in tests


NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
LONG = ("02", "03", "04", "05", "06")  # notebooks that take the township through several times


def _slow(name):
    marks = [pytest.mark.slow] if name.startswith(LONG) else []
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [_slow(name) for name in NOTEBOOKS])
def test_a_notebook_runs(name):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake",
         "--nbmake-timeout=300", f"notebooks/{name}", "-c", "/dev/null", "--rootdir", str(ROOT)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs(name):
    cells = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert not [cell for cell in code if cell["outputs"] or cell["execution_count"]]


PAGES = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]


def test_no_document_names_a_machine_path():
    for path in PAGES:
        assert not re.search(r"/(work|home|root)/", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_picture_of_a_document_is_there(page):
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    links = re.findall(r"\]\(([^)#\s{]+)[^)]*\)", text)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


NOTES = sorted((ROOT / "docs" / "method-notes").glob("*.md"))
# sections that hold a science module's figures beside others' or by hand; the library is no module
SHOWN = (
    r"^## (Validation|Compared|Shown on data we did not make|Against published cases|Beside libcbm)"
)
ELSEWHERE = {"parameters.md": "### The biomass parameters", "prices.md": "## Calibration",
             "area-and-overlay.md": "## Area of record"}  # fmt: skip


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.stem)
def test_a_method_note_has_validation_figures_from_a_command_or_test_that_exists(note):
    text = note.read_text(encoding="utf-8")
    titles = ELSEWHERE.get(note.name)
    found = re.search(SHOWN if titles is None else f"^{re.escape(titles)}", text, re.MULTILINE)
    assert found, note.name
    assert re.search(r"^## (Limits|What is not here)", text, re.MULTILINE) or titles
    section = text[found.start() :] if titles is None else text
    named = re.findall(r"\b(?:tests|benchmarks|docs)/[\w/.-]+\w", section)
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


def test_both_readmes_begin_with_the_same_commands():
    blocks = [
        re.search(
            r"^```bash\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE
        )[1]
        for name in ("README.md", "README.zh.md")
    ]
    assert blocks[0] == blocks[1]


def test_every_command_the_readmes_name_exists():
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    named = set(re.findall(r"`ecogis ([a-z]+)", text))
    assert {"pack", "verify", "balance"} <= named <= set(main.commands)
    for path in re.findall(r"\btests/[\w/.]+", text):
        assert (ROOT / path).exists(), path
