"""Price paths and the worth of pieces: compiled = plain Python = NumPy and SciPy."""

import numba
import numpy as np
import pytest
from scipy import stats

from ecogis.core.errors import ConfigError
from ecogis.numerics import normals, stream_keys, uniforms
from ecogis.valuation import PriceProcess, drawn_prices, price_kernels, worth_of_pieces

NAMES = ["a", "b", "c", "d", "e"]
YEARS = np.array([0.0, 0.5, 1.0, 3.0, 3.0])
PATH = np.array([8000.0, 8100.0, 8200.0, 8300.0, 8400.0])
OFFSET = np.array([0.0, 0.01, 0.02, 0.05, 0.05])
DRAWS = 40


def walked(function, *process):
    out = np.zeros((DRAWS, 5), dtype=np.int64)
    keys = stream_keys(7, NAMES, "price"), stream_keys(7, NAMES, "price-jumps")
    function(*keys, YEARS, PATH, OFFSET, *process, out)
    return out


def stepped(volatility, reversion, rate, mean, spread):
    """The same walk with NumPy, and SciPy's quantile of the number of jumps."""
    shocks, chances = normals(7, NAMES, "price", DRAWS), uniforms(7, NAMES, "price-jumps", 64 * 40)
    sizes = normals(7, NAMES, "price-jumps", 64 * DRAWS)
    state, out = np.zeros(DRAWS), np.zeros((DRAWS, 5), dtype=np.int64)
    for i, step in enumerate(np.diff(YEARS, prepend=0.0)):
        keep = np.exp(-reversion * step)
        fresh = volatility**2 * (step if not reversion else (1 - keep**2) / (2 * reversion))
        state = state * keep + np.sqrt(fresh) * shocks[i]
        for d in range(DRAWS if rate * step else 0):
            for j in range(int(stats.poisson.ppf(chances[i, 64 * d], rate * step))):
                age, size = chances[i, 64 * d + 1 + 2 * j], sizes[i, 64 * d + 2 + 2 * j]
                state[d] += (mean + spread * size) * np.exp(-reversion * age * step)
        out[:, i] = np.rint(PATH[i] * np.exp(state - OFFSET[i]))
    return out


@pytest.mark.parametrize("reversion", [0.0, 0.7])
@pytest.mark.parametrize("jumps", [(0.0, 0.0, 0.0), (1.5, -0.1, 0.2)])
def test_paths_compiled_plain_and_numpy(reversion, jumps):
    compiled = walked(price_kernels.walk_process, 0.3, reversion, *jumps)
    plain = walked(price_kernels.walk_process.py_func, 0.3, reversion, *jumps)
    np.testing.assert_array_equal(compiled, plain)
    np.testing.assert_array_equal(compiled, stepped(0.3, reversion, *jumps))
    assert (compiled[:, 0] == 8000).all()  # nothing has moved on the valuation date


@pytest.fixture
def land():
    rng = np.random.default_rng(4)
    return rng.integers(0, 50_000, (37, 6)), rng.integers(1, 20_000, (300, 6)), 0.95 ** np.arange(6)


def test_worth_compiled_plain_and_numpy(land):
    kg, price, factors = land
    each = np.rint(kg @ (price * factors / 1000.0).T).astype(np.int64)
    by_path, by_piece = worth_of_pieces(*land)
    np.testing.assert_array_equal(by_path, each.sum(axis=0))
    np.testing.assert_array_equal(by_piece, each.sum(axis=1))
    assert by_path.sum() == by_piece.sum()
    plain = np.zeros(300, dtype=np.int64), np.zeros(37, dtype=np.int64)
    unit = np.ascontiguousarray((price * factors / 1000.0).T)
    price_kernels.add_worth.py_func(kg.astype(np.float64), unit, *plain)
    np.testing.assert_array_equal(plain[0], by_path)
    np.testing.assert_array_equal(plain[1], by_piece)


def test_order_and_threads_change_nothing():
    rng = np.random.default_rng(5)
    kg, price = rng.integers(0, 9_000, (90, 4)), rng.integers(1, 9_000, (4_000, 4))
    factors, order = 0.9 ** np.arange(4), rng.permutation(90)
    before = numba.get_num_threads()
    found = []
    for threads in sorted({1, min(2, numba.config.NUMBA_NUM_THREADS)}):
        numba.set_num_threads(threads)
        found += [worth_of_pieces(kg, price, factors), worth_of_pieces(kg[order], price, factors)]
    numba.set_num_threads(before)
    assert len({by_path.tobytes() for by_path, _ in found}) == 1
    for straight, mixed in zip(found[::2], found[1::2], strict=True):
        np.testing.assert_array_equal(straight[1][order], mixed[1])


def test_a_longer_run_begins_with_the_shorter_one():
    process = PriceProcess(0.4, "example", "assumed", jump_rate=0.5, jump_spread=0.2)
    few, many = (drawn_prices(process, PATH, YEARS, NAMES, seed=3, draws=n) for n in (5, 50))
    np.testing.assert_array_equal(few, many[:5])


@pytest.mark.parametrize(
    "given",
    [
        {"credit_kg": np.array([[-1]])},
        {"price_fen": np.ones((2, 3), dtype=np.int64)},
        {"price_fen": np.array([[-5]])},
        {"factors": np.array([np.nan])},
        {"credit_kg": np.array([[10**12]]), "price_fen": np.array([[10**7]])},
        {"credit_kg": np.full((4000, 1), 10**9), "price_fen": np.full((200, 1), 10**10)},
    ],
)
def test_what_does_not_fit_is_refused(given):
    fine = {"credit_kg": np.array([[1]]), "price_fen": np.array([[1]]), "factors": np.array([1.0])}
    with pytest.raises(ConfigError, match="E535"):
        worth_of_pieces(**(fine | given))
