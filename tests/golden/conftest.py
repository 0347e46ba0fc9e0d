"""The demo run, made once for all golden tests."""

import pytest
from click.testing import CliRunner

from ecogis.cli.main import main


@pytest.fixture(scope="session")
def out(tmp_path_factory):
    """Folder of the demo's outputs."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = CliRunner().invoke(main, ["demo", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.strip().splitlines()) == 10
    return folder
