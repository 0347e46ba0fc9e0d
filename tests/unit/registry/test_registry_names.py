"""The package without its extra: a clear word; with it, nothing heavy before it is needed."""

import subprocess
import sys

import pytest

import ecogis.registry

WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
import ecogis.registry
from ecogis.core.errors import ConfigError
try:
    ecogis.registry.{name}
except ConfigError as fault:
    print(fault.code, fault.where["library"], fault.where["extra"])
"""


@pytest.mark.parametrize("library", ["sqlalchemy", "cryptography"])
def test_a_missing_extra_is_named(library):
    code = WITHOUT.format(blocked={library}, name="Ledger")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["E800", library, "registry"]


def test_claims_need_no_extra():
    code = WITHOUT.format(blocked={"sqlalchemy", "cryptography"}, name="Claim")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_the_driver_of_postgresql_is_named():
    code = WITHOUT.format(blocked={"psycopg"}, name="Ledger.open('postgresql://a/b', 'A')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["E800", "psycopg", "postgres"]


def test_names():
    for name in ecogis.registry.__all__:
        assert getattr(ecogis.registry, name) is not None
    with pytest.raises(AttributeError):
        _ = ecogis.registry.nothing
