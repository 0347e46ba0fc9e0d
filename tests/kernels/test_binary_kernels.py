"""Powers to base two: compiled = plain Python = NumPy in longer numbers."""

import numba
import numpy as np
import pytest

from ecogis.numerics.binary import LOWEST, exp2, log2


@numba.njit
def both(x, y, out):
    for i in range(x.size):
        out[0, i] = log2(x[i])
        out[1, i] = exp2(y[i])


def test_against_longer_numbers():
    rng = np.random.default_rng(8)
    x = np.concatenate([np.exp(rng.uniform(-700, 700, 20_000)), rng.uniform(0.5, 2.0, 20_000)])
    y = np.concatenate([rng.uniform(-1019, 1020, 20_000), rng.uniform(-1.0, 1.0, 20_000)])
    out = np.empty((2, x.size))
    both(x, y, out)
    plain = np.array([[log2.py_func(v) for v in x], [exp2.py_func(v) for v in y]])
    assert out.tobytes() == plain.tobytes()
    logs, powers = np.log2(x.astype(np.longdouble)), np.exp2(y.astype(np.longdouble))
    eps = np.finfo(np.float64).eps
    assert float(np.abs((out[0] - logs) / np.maximum(np.abs(logs), 1.0)).max()) < 2 * eps
    assert float(np.abs(out[1] / powers - 1).max()) < 1.5 * eps


@pytest.mark.parametrize("whole", [-1020, -3, 0, 1, 52, 1022])
def test_whole_powers_are_exact(whole):
    assert exp2.py_func(float(whole)) == 2.0**whole
    assert log2.py_func(2.0**whole) == whole


def test_below_the_lowest_its_value_is_held():
    assert exp2.py_func(-5000.0) == 2.0**LOWEST
