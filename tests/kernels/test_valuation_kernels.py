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


@pytest.mark.parametrize("reversion", [0.0, 0.7])
def test_price_walk(shocks, reversion):
    years = np.array([0.0, 0.5, 1.0, 3.0, 3.0])
    path = np.array([8000, 8100, 8200, 8300, 8400], dtype=np.int64)
    compiled, plain = (np.zeros((20, 5), dtype=np.int64) for _ in range(2))
    kernels.walk_price(shocks, years, path, 0.3, reversion, compiled)
    kernels.walk_price.py_func(shocks, years, path, 0.3, reversion, plain)
    state, variance, oracle = np.zeros(20), 0.0, np.zeros((20, 5), dtype=np.int64)
    for i, step in enumerate(np.diff(years, prepend=0.0)):
        keep = np.exp(-reversion * step)
        fresh = 0.09 * (step if not reversion else (1 - keep**2) / (2 * reversion))
        state = state * keep + np.sqrt(fresh) * shocks[i]
        variance = variance * keep**2 + fresh
        oracle[:, i] = np.rint(path[i] * np.exp(state - variance / 2))
    assert (compiled == plain).all()
    assert (compiled == oracle).all()
    assert (compiled[:, 0] == 8000).all()  # nothing has moved on the valuation date
