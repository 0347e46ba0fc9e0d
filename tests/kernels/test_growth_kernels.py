"""Growth kernels: compiled = plain Python = NumPy."""

import numpy as np
import pytest

from ecogis.growth import kernels
from ecogis.numerics.runs import year_runs

INSTANTS = 30
LEAP = np.where(np.arange(INSTANTS) % 4 == 3, 1 / 366, 1 / 365)
PARTS = {
    "the same every year": np.array([np.full(INSTANTS, 0.25), np.zeros(INSTANTS)]),
    "leap years": np.array([LEAP, np.full(INSTANTS, 0.5)]),
}


@pytest.fixture
def stands():
    rng = np.random.default_rng(1)
    count = 300
    return {
        "table": np.cumsum(rng.uniform(0, 8, (4, 50)), axis=1),
        "curve": rng.integers(0, 4, count).astype(np.int32),
        "age": rng.integers(0, 90, count).astype(np.int32),
        "scale": np.where(rng.random(count) < 0.1, np.nan, rng.uniform(0.2, 3.0, count)),
        "survey": rng.integers(0, 2, count).astype(np.int32),
    }


def volume(stands, whole, part, function=kernels.fill_volume):
    runs = year_runs(stands["table"], whole, part)
    out = np.full((stands["age"].size, whole.shape[1]), -1.0)
    function(
        runs.table, stands["curve"], stands["age"], stands["scale"], stands["survey"],
        runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part, out,
    )  # fmt: skip
    return out


def general(stands, whole, part):
    """The same volumes with NumPy: each instant looked up for itself, its ends held."""
    table, rows = stands["table"], stands["curve"][:, None]
    index, rest = stands["age"][:, None] + whole[stands["survey"]], part[stands["survey"]]
    last = table.shape[1] - 1
    low = table[rows, np.clip(index, 0, last)]
    high = table[rows, np.clip(index + 1, 0, last)]
    return stands["scale"][:, None] * (low + np.where(index < 0, 0.0, rest) * (high - low))


def years(first):
    return np.array([np.arange(INSTANTS) + begin for begin in first], dtype=np.int32)


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("first", [(0, 3), (-40, -7), (-300, 20_000)])
def test_volume_compiled_plain_and_numpy(stands, parts, first):
    whole, part = years(first), PARTS[parts]
    compiled = volume(stands, whole, part)
    assert compiled.tobytes() == general(stands, whole, part).tobytes()
    np.testing.assert_array_equal(
        compiled, volume(stands, whole, part, kernels.fill_volume.py_func)
    )
    assert np.isnan(compiled).any(axis=1).tolist() == np.isnan(stands["scale"]).tolist()


def test_any_days_give_the_bytes_of_the_general_way(stands):
    rng = np.random.default_rng(4)
    whole = np.sort(rng.integers(-20, 60, (2, 40)), axis=1).astype(np.int32)
    part = rng.choice([0.0, 0.3, 0.7], (2, 40))
    compiled = volume(stands, whole, part)
    assert compiled.tobytes() == general(stands, whole, part).tobytes()


def test_a_table_too_large_for_layers_gives_the_same_bytes(stands, monkeypatch):
    whole, part = years((0, 3)), PARTS["the same every year"]
    layered = volume(stands, whole, part)
    monkeypatch.setattr("ecogis.numerics.runs._LAYERS_BYTES", 0)
    assert (year_runs(stands["table"], whole, part).layer == [-1, 0]).all()
    assert volume(stands, whole, part).tobytes() == layered.tobytes()


def test_a_day_alone_has_the_bytes_it_has_in_a_row(stands):
    whole, part = years((0, 3)), PARTS["leap years"]
    row = volume(stands, whole, part)
    for t in (0, 3, 17):
        alone = volume(stands, whole[:, t : t + 1].copy(), part[:, t : t + 1].copy())
        assert alone.tobytes() == row[:, t : t + 1].tobytes()


@pytest.fixture
def own():
    rng = np.random.default_rng(5)
    count = 400
    return {
        "values": np.column_stack(
            [
                rng.uniform(50, 800, count),
                rng.uniform(0.01, 0.3, count),
                rng.uniform(0.6, 4.0, count),
                np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0.3, 1.0, count)),
            ]
        ),
        "limits": np.column_stack(
            [
                np.where(rng.random(count) < 0.5, 0.0, rng.uniform(1, 12, count)),
                np.where(rng.random(count) < 0.5, np.inf, rng.uniform(20, 90, count)),
            ]
        ),
        "age": rng.integers(0, 60, count).astype(np.float64),
        "survey": rng.integers(0, 2, count).astype(np.int32),
    }


def richards(own, whole, part, function=kernels.fill_richards):
    runs = year_runs(np.zeros((1, 1)), whole, part)
    out = np.full((own["age"].size, whole.shape[1]), -1.0)
    function(
        own["values"], own["limits"], own["age"], own["survey"],
        runs.first, runs.low, runs.high, runs.steady, whole + part, out,
    )  # fmt: skip
    return out


def in_numpy(own, whole, part):
    """The formula, its valid ages and the straight line below them."""
    a, k, p, b = (column[:, None] for column in own["values"].T)
    first, last = (column[:, None] for column in own["limits"].T)
    at = own["age"][:, None] + (whole + part)[own["survey"]]

    def law(age):
        return a * ((1.0 - b) - b * np.expm1(-k * np.maximum(age, 0.0))) ** p

    safe = np.where(first > 0.0, first, 1.0)
    grown = np.where(at <= first, law(first) * at / safe, law(np.minimum(at, last)))
    return np.where(at > 0.0, grown, 0.0)


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("first", [(0, 3), (-40, -7)])
def test_own_curves_compiled_plain_and_numpy(own, parts, first):
    whole, part = years(first), PARTS[parts]
    compiled = richards(own, whole, part)
    np.testing.assert_array_equal(
        compiled, richards(own, whole, part, kernels.fill_richards.py_func)
    )
    np.testing.assert_allclose(compiled, in_numpy(own, whole, part), rtol=1e-12)


def test_own_curves_over_a_long_time_and_few_years(own):
    for count in (1, 7, 8, 9, 300):
        whole = np.arange(count, dtype=np.int32) + np.zeros((2, 1), dtype=np.int32)
        part = np.zeros((2, count))
        np.testing.assert_allclose(
            richards(own, whole, part), in_numpy(own, whole, part), rtol=1e-12
        )


def test_a_longer_horizon_and_another_order_change_no_byte(own):
    whole, part = years((0, 3)), PARTS["the same every year"]
    full = richards(own, whole, part)
    short = richards(own, whole[:, :11].copy(), part[:, :11].copy())
    assert short.tobytes() == full[:, :11].tobytes()
    order = np.random.default_rng(6).permutation(own["age"].size)
    mixed = {name: np.ascontiguousarray(values[order]) for name, values in own.items()}
    assert richards(mixed, whole, part).tobytes() == full[order].tobytes()


def test_a_missing_asymptote_is_a_missing_row(own):
    own["values"][7, 0] = np.nan
    found = richards(own, years((-40, 3)), PARTS["leap years"])
    assert np.isnan(found).any(axis=1).nonzero()[0].tolist() == [7]
    assert np.isnan(found[7]).all()
