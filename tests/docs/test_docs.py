"""Documents that must be true: generated pages, the README's commands, the notebook."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _maker():
    path = ROOT / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["findings.md", "vocabulary.md"])
def test_generated_pages_are_up_to_date(name):
    maker = _maker()
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == maker.PAGES[name]()


def test_ci_runs_the_first_two_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^```bash\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)[1]
    install, tests = block.strip().splitlines()
    assert "ecogis demo" in install
    assert "pytest" in tests


def test_the_quickstart_notebook_runs():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake",
         "--nbmake-timeout=300", "notebooks", "-c", "/dev/null", "--rootdir", str(ROOT)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout


def test_no_document_names_a_machine_path():
    for path in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        assert not re.search(r"/(work|home|root)/", path.read_text(encoding="utf-8")), path
