"""What every test may ask for: real data laid beside the project, programs on the machine."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# the same examples each time; --hypothesis-profile=many goes further
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("many", deadline=None, max_examples=1000)
settings.load_profile("fixed")

ROOT = Path(__file__).parents[1]
STRICT = os.environ.get("CI") == "true"


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
def program():
    """Path of a program on this machine, by any of its names."""

    def find(*names: str) -> str:
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            absent(" or ".join(names))
        return str(found)

    return find
