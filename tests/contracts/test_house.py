"""The house as designed: layers, sizes, light start, words, codes."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecogis.core.texts import catalogue

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ecogis"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = ("pandas", "geopandas", "numba", "matplotlib", "xarray", "rasterio", "numpy")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)


def test_imports_only_point_down():
    linter = Path(sys.executable).with_name("lint-imports")
    done = _run(str(linter), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_passes_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_kernels_know_arrays_and_numbers_only():
    """NumPy, numba, ecogis.numerics, and the kernels of their own package."""
    for module in MODULES:
        if not module.stem.endswith("kernels"):
            continue
        for name in set(_imported(module)) - {"__future__"}:
            own = name.startswith(f"ecogis.{module.parent.name}.") and name.endswith("kernels")
            plain = name.split(".")[0] in {"numpy", "numba", "math", "typing", "collections"}
            assert own or plain or name.startswith("ecogis.numerics"), (module, name)


def _imported(module: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def test_functions_stay_short():
    long = [
        f"{module.relative_to(SOURCE)}:{node.name} {_code_lines(node)}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and _code_lines(node) > 60
        and not module.stem.endswith("kernels")
    ]
    assert not long


def _code_lines(node: ast.FunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("statement", ["import ecogis", "import ecogis.cli.main"])
def test_starting_loads_nothing_heavy(statement):
    code = f"{statement}; import sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert _run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from ecogis.cli.main import main;"
        "done = CliRunner().invoke(main, ['--help']); assert done.exit_code == 0;"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert _run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_every_public_name_of_the_package_loads():
    import ecogis

    for name in ecogis.__all__:
        assert getattr(ecogis, name) is not None


def test_every_package_names_what_it_offers():
    for package in SOURCE.glob("*/__init__.py"):
        text = package.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), package
        if package.parent.name not in {"cli", "core", "demo"}:
            assert "__all__" in text, package


def test_every_code_used_stands_in_the_catalogue():
    used = {
        (module.relative_to(SOURCE), code)
        for module in MODULES
        for code in re.findall(r"[\"'](E\d{3})[\"']", module.read_text(encoding="utf-8"))
    }
    assert used
    assert not [(where, code) for where, code in used if code not in catalogue()]


def test_every_text_of_the_catalogue_is_used():
    used = {
        code
        for module in MODULES
        for code in re.findall(r"E\d{3}", module.read_text(encoding="utf-8"))
    }
    assert sorted(set(catalogue()) - used) == []


def test_no_folder_is_called_a_drawer():
    names = {path.stem for path in SOURCE.rglob("*")}
    assert not names & {"utils", "helpers", "common", "misc"}


def test_nobody_prints_outside_the_command_line():
    for module in MODULES:
        if module.parent.name == "cli":
            continue
        calls = [
            node
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
        ]
        assert not calls, module


@pytest.mark.parametrize(
    "words", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)], ids=" ".join
)
def test_the_tools_have_nothing_to_say(words):
    program, *rest = words
    done = _run(str(Path(sys.executable).with_name(program)), *rest)
    assert done.returncode == 0, done.stdout + done.stderr
