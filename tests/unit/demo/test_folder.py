from pathlib import Path

import pytest

from ecogis import demo

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "data" / "demo"
LEFT_AT_HOME = {"make.py", "README.md", "codes.csv"}


def test_the_folder_is_the_package():
    assert demo.folder().name == "demo"
    assert (demo.folder() / "__init__.py").is_file()


@pytest.mark.parametrize("name", sorted(path.name for path in SOURCE.iterdir() if path.is_file()))
def test_the_packaged_copy_is_the_source_byte_for_byte(name):
    if name in LEFT_AT_HOME:
        assert not (demo.folder() / name).exists()
    else:
        assert (demo.folder() / name).read_bytes() == (SOURCE / name).read_bytes()


def test_nothing_else_is_packaged():
    packaged = {path.name for path in demo.folder().iterdir() if path.is_file()}
    assert packaged - {"__init__.py"} <= {path.name for path in SOURCE.iterdir()}
