"""What tests of kernels share."""

import pytest


@pytest.fixture
def as_plain(monkeypatch):
    """Makes the inner functions of a module plain Python; what is compiled has run before."""

    def turn(module):
        for name, function in list(vars(module).items()):
            if name.startswith("_") and hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)

    return turn
