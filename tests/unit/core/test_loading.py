"""Names of a package loaded on first use."""

import subprocess
import sys

import pytest

from ecogis import carbon, growth


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("package", ["carbon", "growth"])
def test_kernels_come_without_tables(package):
    code = f"import sys, ecogis.{package}.kernels; print('pandas' in sys.modules)"
    assert run(code).stdout == "False\n"


@pytest.mark.parametrize("package", [carbon, growth])
def test_every_name_offered_is_there(package):
    listed = {name for names in package._MODULES.values() for name in names}
    assert listed == set(package.__all__)
    for name in package.__all__:
        assert getattr(getattr(package, name), "__name__", name) == name
    assert set(package.__all__) <= set(dir(package))


def test_a_function_is_found_though_its_module_has_its_name():
    code = "import ecogis.carbon.stocks; from ecogis import carbon; print(callable(carbon.stocks))"
    assert run(code).stdout == "True\n"


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match=r"module 'ecogis\.carbon' has no attribute 'nothing'"):
        _ = carbon.nothing
