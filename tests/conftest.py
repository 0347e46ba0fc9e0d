"""What every test may ask for: real data laid beside the project, programs on the machine."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# the same examples each time; --hypothesis-profile=many goes further
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("many", deadline=None, max_examples=1000)
settings.load_profile("fixed")

ROOT = Path(__file__).parents[1]
STRICT = os.environ.get("CI") == "true"


SHARING = ("tests/golden/", "tests/unit/registry/", "tests/unit/report/")
"""Folders whose files share what takes long: a run, a database, drawn maps."""


class ByFile(LoadFileScheduling):
    """A worker takes whole files, and whole folders where files share what takes long."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, SHARING), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Take the place of ``--dist loadfile``."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def absent(what: str) -> None:
    """Skip on a desk, fail in continuous integration, where everything must be there."""
    if STRICT:
        pytest.fail(f"{what} is missing, and with CI=true nothing may be skipped")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real inputs nobody here wrote; never copied into the project."""
    folder = Path(os.environ.get("ECOGIS_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        absent(f"folder {folder.name} (set ECOGIS_SHARED)")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """Real layers, prices and hostile files."""
    return shared / "data"


@pytest.fixture(scope="session")
def shared_tables(shared: Path) -> Path:
    """Tables of facts with their sources."""
    return shared / "tables"


@pytest.fixture(scope="session")
def township():
    """The demo, assessed once for all who only look at the result."""
    import ecogis as eg
    from ecogis import demo

    return eg.assess(demo.folder() / "project.toml")


@pytest.fixture(scope="session")
def small_area():
    """Makes an area of a few stands and parcels of the demo, with nothing else in its project."""
    import geopandas

    from ecogis import demo

    whole = (demo.folder() / "project.toml").read_text(encoding="utf-8")
    start, end = whole.index("[tables]"), whole.index("[growth]")
    text = whole[:start] + whole[end:]
    for section in ("[layers.stands_opening]", "[layers.boundary]", "[layers.villages]",
                    "[accounts]"):  # fmt: skip
        at = text.index(section)
        text = text[:at] + text[text.index("\n\n", at) + 2 :]

    def make(folder: Path, first: int = 0) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for file, layer in {"stands.gpkg": "小班_2024", "parcels.gpkg": "宗地"}.items():
            rows = slice(first, first + 3)
            some = geopandas.read_file(demo.folder() / file, layer=layer, rows=rows)
            some.to_file(folder / file, layer=layer, driver="GPKG")
        (folder / "project.toml").write_text(text, encoding="utf-8")
        return folder / "project.toml"

    return make


@pytest.fixture(scope="session")
def program():
    """Path of a program on this machine, by any of its names."""

    def find(*names: str) -> str:
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            absent(" or ".join(names))
        return str(found)

    return find
