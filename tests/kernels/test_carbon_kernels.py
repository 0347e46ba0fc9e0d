"""Carbon kernels: compiled = plain Python = NumPy, and the same bytes on any number of threads."""

import hashlib
from types import SimpleNamespace

import numba
import numpy as np
import pandas as pd
import pytest

from ecogis.carbon import group_kg, kernels, stand_kg
from ecogis.core.errors import ConfigError
from ecogis.numerics.runs import nearest_whole, within_whole, year_runs

INSTANTS = 10
GROUPS = 6
YEARS = np.arange(INSTANTS)


@pytest.fixture
def inputs():
    """500 stands, one survey with a steady part of the year, one with leap years."""
    rng = np.random.default_rng(2)
    stands = 500
    return {
        "table": np.cumsum(rng.uniform(0, 8, (5, 60)), axis=1),
        "curve": rng.integers(0, 5, stands).astype(np.int32),
        "age": rng.integers(0, 70, stands).astype(np.int32),
        "scale": np.where(rng.random(stands) < 0.1, np.nan, rng.uniform(0.2, 3.0, stands)),
        "size": np.where(rng.random(stands) < 0.1, np.nan, rng.uniform(1e2, 5e4, stands)),
        "survey": rng.integers(0, 2, stands).astype(np.int32),
        "group": rng.integers(0, GROUPS, stands).astype(np.int32),
        "whole": np.array([YEARS - 5, YEARS + 2], dtype=np.int32),
        "part": np.array([np.full(INSTANTS, 0.25), np.where(YEARS % 4 == 1, 1 / 366, 1 / 365)]),
    }


def arguments(x):
    runs = year_runs(x["table"], x["whole"], x["part"])
    return (
        runs.table, x["curve"], x["age"], x["scale"], x["size"], x["survey"],
        runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part,
    )  # fmt: skip


def kilograms(x, function=kernels.fill_kg):
    out = np.full((x["age"].size, INSTANTS), -1, dtype=np.int64)
    function(*arguments(x), out)
    return out


def totals(x, function=kernels.add_group_kg):
    out = np.zeros((GROUPS, INSTANTS), dtype=np.int64)
    function(*arguments(x), x["group"], out)
    return out


def misplaced(shape):
    """An array that begins one byte past where a number may begin."""
    size = int(np.prod(shape)) * 8
    return np.zeros(size + 8, dtype=np.uint8)[1 : size + 1].view(np.int64).reshape(shape)


def twin(x):
    """The same kilograms with NumPy, rows at once, each instant looked up for itself."""
    index, rows = x["age"][:, None] + x["whole"][x["survey"]], x["curve"][:, None]
    last = x["table"].shape[1] - 1
    low = x["table"][rows, np.clip(index, 0, last)]
    high = x["table"][rows, np.clip(index + 1, 0, last)]
    rest = np.where(index < 0, 0.0, x["part"][x["survey"]])
    volume = x["scale"][:, None] * (low + rest * (high - low))
    return np.rint(np.nan_to_num(volume * x["size"][:, None])).astype(np.int64)


def summed(x):
    out = np.zeros((GROUPS, INSTANTS), dtype=np.int64)
    np.add.at(out, x["group"], twin(x))
    return out


def test_kilograms_compiled_plain_and_numpy(inputs):
    compiled = kilograms(inputs)
    np.testing.assert_array_equal(compiled, kilograms(inputs, kernels.fill_kg.py_func))
    np.testing.assert_array_equal(compiled, twin(inputs))
    missing = np.isnan(inputs["scale"]) | np.isnan(inputs["size"])
    assert missing.any()
    assert (compiled[missing] == 0).all()


def test_totals_compiled_plain_and_numpy(inputs):
    expected = summed(inputs).tobytes()
    assert totals(inputs).tobytes() == expected
    assert totals(inputs, kernels.add_group_kg.py_func).tobytes() == expected


def test_order_of_stands_changes_nothing(inputs):
    count = inputs["age"].size
    order = np.random.default_rng(3).permutation(count)
    mixed = {
        name: values[order] if values.shape == (count,) else values
        for name, values in inputs.items()
    }
    assert totals(mixed).tobytes() == totals(inputs).tobytes()
    assert kilograms(mixed).tobytes() == kilograms(inputs)[order].tobytes()


@pytest.mark.parametrize(
    ("value", "whole"),
    [(0.5, 0), (1.5, 2), (2.5, 2), (0.49999999999999994, 0), (-3.0, 0), (np.nan, 0), (-0.0, 0),
     (2.0**50 + 0.5, 2**50), (2.0**51 - 1.0, 2**51 - 1)],
)  # fmt: skip
def test_the_nearest_whole_number(value, whole):
    @numba.njit
    def compiled(number):
        return nearest_whole(number)

    assert nearest_whole.py_func(np.float64(value)) == whole
    assert compiled(value) == whole


def test_what_is_too_large_is_refused_and_counted():
    table = np.array([[0.0, 1000.0]])
    within_whole(table, np.array([2.0e12, np.nan]))  # 2.0e15 < 2**51
    with pytest.raises(ConfigError, match=r"E261.*\b2 "):
        within_whole(table, np.array([2.3e12, 1.0, np.inf]))
    with pytest.raises(ConfigError, match=r"E261.*\b3000 "):
        within_whole(table, np.full(3000, 2.0e12))
    with pytest.raises(ConfigError, match=r"E262.*\b3 values"):
        within_whole(np.array([[0.0, -1.0, np.nan, np.inf]]), np.ones(1))


@pytest.fixture
def paths(inputs):
    """What the public functions take, made of the same arrays."""
    names = pd.array([f"S{i}" for i in range(inputs["age"].size)], dtype="string")
    path = SimpleNamespace(
        **{name: inputs[name] for name in ("curve", "age", "scale", "survey", "whole", "part")},
        stands=pd.DataFrame({"stand": names}),
        table=SimpleNamespace(values=inputs["table"]),
    )
    # 1 t CO2e m-3 on 0.001 ha is one kilogram
    per_m3 = pd.DataFrame({"stand": names, "co2e_t_m3": inputs["size"]})
    return path, per_m3, np.full(names.size, 1000)


def test_the_same_bytes_on_any_number_of_threads(inputs, paths, monkeypatch):
    monkeypatch.setattr("ecogis.numerics.threads._THREADS_FROM", 0)
    found = set()
    for threads in (1, 2, 4, 1000):  # also more threads than stands
        monkeypatch.setattr(numba, "get_num_threads", lambda count=threads: count)
        sums = group_kg(*paths, inputs["group"], GROUPS).to_numpy()
        found.add((stand_kg(*paths).to_numpy().tobytes(), sums.tobytes()))
    assert len(found) == 1


def test_golden_bytes(inputs, paths):
    """Changes only with a reason: the bytes are promised for every machine."""
    sums = group_kg(*paths, inputs["group"], GROUPS)
    np.testing.assert_allclose(sums, summed(inputs), atol=150)  # kg: factors rounded elsewhere
    assert hashlib.sha256(sums.to_numpy().tobytes()).hexdigest()[:16] == "8ccefb88608e1ca4"


def test_totals_have_names_and_tell_what_they_lack(inputs, paths):
    labels = np.array(list("fedcba"))[inputs["group"]]
    named, counted = group_kg(*paths, labels), group_kg(*paths, inputs["group"], GROUPS + 1)
    assert named["group"].to_numpy().tolist() == list("abcdef")
    np.testing.assert_array_equal(named.to_numpy()[::-1], counted.to_numpy()[:-1])
    assert (counted[-1] == 0).all()
    assert named.attrs["units"] == "kg CO2e"
    missing = np.isnan(inputs["scale"]) | np.isnan(inputs["size"])
    lost = np.bincount(inputs["group"][missing], minlength=GROUPS)
    assert named["unknown_stands"].to_numpy()[::-1].tolist() == lost.tolist()


def test_an_array_of_ones_own_is_filled(paths):
    own = np.empty((len(paths[1]), INSTANTS), dtype=np.int64)
    assert np.shares_memory(stand_kg(*paths, out=own).to_numpy(), own)
    assert own.tobytes() == stand_kg(*paths).to_numpy().tobytes()
    with pytest.raises(ConfigError, match="E262"):
        stand_kg(*paths, out=own[:, ::2])
    with pytest.raises(ConfigError, match="E262"):
        stand_kg(*paths, out=own.astype(np.float64))
    with pytest.raises(ConfigError, match="out of shape"):
        stand_kg(*paths, out=misplaced(own.shape))
