"""The draws' kernels: compiled = plain Python = NumPy."""

import numpy as np
import pytest

from ecogis.valuation import kernels


@pytest.fixture
def shocks():
    return np.random.default_rng(1).standard_normal((5, 20))


def test_drawn_kilograms(shocks):
    credit = np.arange(15, dtype=np.int64).reshape(5, 3) * 1000
    compiled, plain = (np.zeros((20, 3), dtype=np.int64) for _ in range(2))
    kernels.add_drawn_kg(credit, shocks, 0.3, compiled)
    kernels.add_drawn_kg.py_func(credit, shocks, 0.3, plain)
    sizes = np.exp(0.3 * shocks - 0.045)
    oracle = np.rint(credit[:, None, :] * sizes[:, :, None]).astype(np.int64).sum(axis=0)
    assert (compiled == plain).all()
    assert (compiled == oracle).all()


def test_common_factor(shocks):
    start = np.arange(60, dtype=np.int64).reshape(20, 3) * 1000
    compiled, plain = start.copy(), start.copy()
    kernels.scale_kg(shocks[0], 0.1, compiled)
    kernels.scale_kg.py_func(shocks[0], 0.1, plain)
    oracle = np.rint(start * np.exp(0.1 * shocks[0] - 0.005)[:, None]).astype(np.int64)
    assert (compiled == plain).all()
    assert (compiled == oracle).all()
