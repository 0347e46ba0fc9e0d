"""Ledgers on both databases, and a PostgreSQL started for the tests."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from ledgers import clock, made
from postgres import Cluster

from ecogis.registry.ledger import Ledger


@pytest.fixture(scope="session")
def cluster(program):
    """A PostgreSQL server of our own; skipped where Debian's postgresql is not installed."""
    debian = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    started = Cluster(program("initdb", *debian))
    yield started
    started.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Address and key file of a ledger to be made, on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db"), tmp_path / "ledger.db.key"
    return request.getfixturevalue("cluster").database(), tmp_path / "ledger.key"


@pytest.fixture(scope="session")
def pattern(tmp_path_factory):
    """A ledger with three rights that others are copied from; made once on each database."""
    folder, found = tmp_path_factory.mktemp("pattern"), {}

    def of(dialect, make):
        if dialect not in found:
            url, key = make(folder), folder / f"{dialect}.key"
            made(url, key=key).close()
            found[dialect] = url, key
        return found[dialect]

    return of


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request, tmp_path, pattern):
    """A ledger with three rights, on each database."""
    url = str(tmp_path / "ledger.db")
    if request.param == "sqlite":
        source, key = pattern("sqlite", lambda folder: str(folder / "ledger.db"))
        shutil.copy(source, url)
    else:
        cluster = request.getfixturevalue("cluster")
        source, key = pattern("postgresql", lambda _: cluster.database())
        url = cluster.database(source)
    with Ledger.open(url, "A", key=key, clock=clock) as ledger:
        yield ledger


@pytest.fixture
def small():
    """A ledger with three rights, in memory."""
    with made() as ledger:
        yield ledger
