"""Draws in kernels: compiled = plain Python = a twin with Python's own whole numbers."""

import math

import numpy as np
import pytest
from numba import njit

from ecogis.carbon import draw_kernels as kernels
from ecogis.numerics import draws, normals, stream_keys, uniforms

STANDS, DRAWS, YEARS, CLASSES, GROUPS, SPECIES = 60, 37, 12, 4, 3, 3
ZERO, AGES = 5, 40
WIDTH = ZERO + AGES + YEARS + 1
SEED = 11
MOST = 2**64 - 1
IDS = [f"S{i}" for i in range(STANDS)]


def inputs(*, errors=True, events=True, lognormal=True):
    rng = np.random.default_rng(7)
    tables = np.cumsum(rng.uniform(0, 8, (DRAWS, CLASSES, WIDTH)), axis=2)
    hazard = np.zeros((CLASSES, WIDTH))
    if events:
        hazard[:, ZERO:] = rng.uniform(0, 0.2, (CLASSES, WIDTH - ZERO))
        hazard[3] = 0.0
    risk = np.zeros((CLASSES, WIDTH))
    np.cumsum(-np.log1p(-hazard[:, :-1]), axis=1, out=risk[:, 1:])
    spread = np.where(np.arange(STANDS) % 5 == 0, 0.0, 0.3) * errors
    shift = spread**2 / 2 if lognormal else np.where(spread > 0, 0.0004, 0.0)

    def one_of(count):
        return rng.integers(0, count, STANDS).astype(np.int32)

    return {
        "zero": ZERO,
        "tables": tables,
        "levels": rng.uniform(0.8, 1.2, (DRAWS, CLASSES, 3)),
        "factors": rng.uniform(0.9, 1.1, (DRAWS, SPECIES)),
        "first_draw": 0,
        "lognormal": lognormal,
        "risk": risk,
        "lost": np.array([0.4, 1.0, 1.0, 0.5]),
        "restart": np.array([False, True, False, True]),
        "part": rng.random((2, YEARS)),
        "curve": one_of(CLASSES),
        "start": one_of(ZERO + AGES),
        "anchor": one_of(3),
        "survey": one_of(2),
        "species": one_of(SPECIES),
        "group": one_of(GROUPS),
        "scale": rng.uniform(0.3, 3.0, STANDS),
        "size": rng.uniform(1e2, 5e4, STANDS),
        "spread": spread,
        "shift": shift,
        "error_keys": stream_keys(SEED, IDS, "survey error"),
        "event_keys": stream_keys(SEED, IDS, "event"),
    }


def added(function, given, draws=DRAWS):
    out = np.zeros((draws, GROUPS, YEARS), dtype=np.int64)
    function(*given.values(), out, 0, draws)
    return out


def mixed(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MOST
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MOST
    return z ^ (z >> 31)


def uniform(key, index):
    counter = (int(key[0]) + (index + 1) * 0x9E3779B97F4A7C15) & MOST
    return ((mixed(mixed(counter) ^ int(key[1])) >> 11) + 0.5) * 2.0**-53


def place_and_rest(given, s, draw):
    """Place, share of a year past it, and kept share of the stock, year by year: one trial each."""
    c, place, kept, turn = given["curve"][s], int(given["start"][s]), 1.0, 0
    past = given["part"][given["survey"][s]]
    left = -math.log(uniform(given["event_keys"][s], draw))
    for t in range(YEARS):
        yield t, place, past[t], kept
        left -= given["risk"][c, place + 1] - given["risk"][c, place]
        place += 1
        if left <= 0.0:
            turn += 1
            left = -math.log(uniform(given["event_keys"][s], draw + turn * 2**32))
            if given["restart"][c]:
                place, past = ZERO + 1, np.zeros(YEARS)
            else:
                kept *= 1.0 - given["lost"][c]


def twin(given):
    out = np.zeros((DRAWS, GROUPS, YEARS), dtype=np.int64)
    for s in range(STANDS):
        c, z = given["curve"][s], normals(SEED, IDS[s], "survey error", DRAWS)
        for d in range(DRAWS):
            error = math.exp(given["spread"][s] * z[d] - given["shift"][s])
            scale = given["scale"][s] * given["levels"][d, c, given["anchor"][s]] * error
            size = given["size"][s] * given["factors"][d, given["species"][s]]
            row = given["tables"][d, c]
            for t, place, part, kept in place_and_rest(given, s, d):
                volume = kept * scale * (row[place] + part * (row[place + 1] - row[place]))
                out[d, given["group"][s], t] += round(volume * size)
    return out


@pytest.mark.parametrize(("errors", "events"), [(1, 1), (1, 0), (0, 1), (0, 0)])
def test_totals_are_those_of_the_twin(errors, events):
    given = inputs(errors=errors, events=events)
    compiled = added(kernels.add_stand_draws, given)
    np.testing.assert_array_equal(compiled, twin(given))


def test_compiled_and_plain_python_agree(monkeypatch):
    given = inputs(lognormal=False)
    expected = added(kernels.add_stand_draws, given)
    for name in ("_add_block", "_follow", "_add_years", "_year_of_event", "_error_at", "_whole"):
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    with np.errstate(over="ignore"):  # wrapping is meant
        found = added(kernels.add_stand_draws.py_func, given)
    np.testing.assert_array_equal(found, expected)


def test_a_table_for_all_draws_is_the_same_as_one_for_each():
    given = inputs()
    for name in ("tables", "levels", "factors"):
        given[name] = given[name][:1]
    alone = added(kernels.add_stand_draws, given)
    for name in ("tables", "levels", "factors"):
        given[name] = np.repeat(given[name], DRAWS, axis=0)
    assert added(kernels.add_stand_draws, given).tobytes() == alone.tobytes()


def test_later_draws_alone_are_those_drawn_with_the_earlier_ones():
    given = inputs()
    whole = added(kernels.add_stand_draws, given)
    for name in ("tables", "levels", "factors"):
        given[name] = np.ascontiguousarray(given[name][20:])
    given["first_draw"] = 20
    assert added(kernels.add_stand_draws, given, DRAWS - 20).tobytes() == whole[20:].tobytes()


def test_any_order_parts_and_spans_of_draws_give_the_same_bytes():
    given = inputs()
    expected = added(kernels.add_stand_draws, given).tobytes()
    by_stand = [name for name, value in given.items() if np.shape(value)[:1] == (STANDS,)]
    order = np.random.default_rng(3).permutation(STANDS)
    other = {k: v[order] if k in by_stand else v for k, v in given.items()}
    assert added(kernels.add_stand_draws, other).tobytes() == expected
    parts = [
        {k: v[i::7].copy() if k in by_stand else v for k, v in given.items()} for i in range(7)
    ]
    assert sum(added(kernels.add_stand_draws, part) for part in parts).tobytes() == expected
    out = np.zeros((DRAWS, GROUPS, YEARS), dtype=np.int64)
    for begin, end in ((30, DRAWS), (0, 5), (5, 30)):
        kernels.add_stand_draws(*given.values(), out, begin, end)
    assert out.tobytes() == expected


def test_a_stand_without_stock_adds_nothing_and_changes_no_other():
    given = inputs()
    whole = added(kernels.add_stand_draws, given)
    given["scale"][7] = 0.0
    without = added(kernels.add_stand_draws, given)
    moved = np.flatnonzero((whole != without).any(axis=(0, 2)))
    assert moved.tolist() == [given["group"][7]]
    assert (without <= whole).all()


def over_a_grid(risk, at, years, count):
    """Share of uniform numbers that lead to each year; no chance, an even grid instead."""

    @njit
    def counted(risk, at, years, count, out):
        for i in range(count):
            out[kernels._year_of_event(risk, at, years, (i + 0.5) / count)] += 1

    out = np.zeros(years + 1)
    counted(risk, at, years, count, out)
    return out / count


@pytest.mark.parametrize("at", [0, 3])
def test_the_year_of_an_event_follows_one_trial_a_year(at):
    hazard = np.array([0.01, 0.2, 0.0, 0.05, 0.6, 0.3, 0.1, 0.02, 0.4, 0.0])
    risk = np.concatenate([[0.0], np.cumsum(-np.log1p(-hazard))])
    years, count = 6, 200_000
    found = over_a_grid(risk, at, years, count)
    trials = hazard[at : at + years - 1]
    alive = np.concatenate([[1.0], np.cumprod(1.0 - trials)])
    np.testing.assert_allclose(found[1:years], alive[:-1] * trials, atol=2 / count)
    assert found[years] == pytest.approx(alive[-1], abs=2 / count)
    assert found[0] == 0


def test_a_certain_event_never_fails_and_none_never_comes():
    smallest, largest = 2.0**-54, 1.0 - 2.0**-53
    for u in (smallest, 0.5, largest):
        assert kernels._year_of_event(np.array([0.0, 40.0, 40.0, 40.0]), 0, 4, u) == 1
        assert kernels._year_of_event(np.array([2.0, 2.0, 2.0, 2.0]), 0, 4, u) == 4


def one_stand(hazard, restart, draws, years):
    """Ages of one stand over the draws: its volume is its age, and so are its kilograms."""
    width = hazard.size
    risk = np.concatenate([[0.0], np.cumsum(-np.log1p(-hazard))])[None, :width]
    ints = {name: np.zeros(1, np.int32) for name in ("start", "anchor", "survey", "species")}
    ones = np.ones(1)
    out = np.zeros((draws, 1, years), dtype=np.int64)
    kernels.add_stand_draws(
        0, np.arange(width, dtype=np.float64)[None, None], np.ones((1, 1, 1)), np.ones((1, 1)), 0,
        True, np.ascontiguousarray(risk), ones, np.array([restart]), np.zeros((1, years)),
        np.zeros(1, np.int32), ints["start"] + np.int32(10), *list(ints.values())[1:],
        np.zeros(1, np.int32), ones, ones, 0 * ones, 0 * ones,
        stream_keys(1, ["S"], "survey error"), stream_keys(1, ["S"], "event"), out, 0, draws,
    )  # fmt: skip
    return out[:, 0]


def test_ages_after_restarts_follow_the_chain_of_chances():
    draws_made, years = 40_000, 9
    hazard = np.linspace(0.05, 0.3, 30)
    ages = one_stand(hazard, True, draws_made, years)
    chance = {10: 1.0}
    for t in range(1, years):
        later: dict[int, float] = {}
        for age, p in chance.items():
            later[age + 1] = later.get(age + 1, 0.0) + p * (1 - hazard[age])
            later[1] = later.get(1, 0.0) + p * hazard[age]
        chance = later
        found = np.bincount(ages[:, t], minlength=30) / draws_made
        expected = np.array([chance.get(age, 0.0) for age in range(30)])
        error = np.sqrt(expected * (1 - expected) / draws_made)
        assert (np.abs(found - expected) <= 4.5 * error).all()


def test_a_stand_that_loses_all_stays_empty():
    ages = one_stand(np.full(30, 0.2), False, 20_000, 8)
    alive = (ages > 0).mean(axis=0)
    np.testing.assert_allclose(alive, 0.8 ** np.arange(8), atol=4.5 * 0.5 / np.sqrt(20_000))
    assert (np.diff((ages > 0).astype(int), axis=1) <= 0).all()


@pytest.mark.parametrize("lognormal", [True, False])
def test_errors_are_those_of_the_streams(lognormal):
    keys, spread = stream_keys(SEED, IDS[:3], "x"), np.array([0.3, 0.0, 0.8])
    shift = spread**2 / 2 if lognormal else np.array([0.0004290603, 0.0, 0.1056497737])
    out, plain = np.empty((200, 3)), np.empty((200, 3))
    kernels.fill_errors(keys, spread, shift, lognormal, out)
    with np.errstate(over="ignore"):
        kernels.fill_errors.py_func(keys, spread, shift, lognormal, plain)
    np.testing.assert_array_equal(out, plain)
    u = uniforms(SEED, IDS[:3], "x", 200).T
    if lognormal:
        z = normals(SEED, IDS[:3], "x", 200).T
        np.testing.assert_allclose(out, np.exp(spread * z - shift), rtol=1e-14)
    else:
        z = np.vectorize(draws.quantile)(shift + u * (1 - shift))
        np.testing.assert_allclose(out, np.maximum(1 + spread * z, 0), rtol=1e-14, atol=1e-15)
        assert out.min() >= 0.0


def cells(count=50):
    rng = np.random.default_rng(5)
    given = inputs()
    ways = 20
    bounds = np.sort(rng.integers(0, count, ways + 1))
    bounds[0], bounds[-1] = 0, count
    return {
        **{name: given[name] for name in ("tables", "levels", "factors")},
        "per_unit": 2.0**20,
        "part": given["part"],
        **{
            name: np.ascontiguousarray(given[name][:ways])
            for name in ("curve", "start", "anchor", "survey", "species")
        },
        "bounds": bounds,
        "group": rng.integers(0, GROUPS, count).astype(np.int32),
        "weight": rng.integers(0, 2**40, count),
    }


def summed(function, given):
    high, low = (np.zeros((DRAWS, GROUPS, YEARS), dtype=np.int64) for _ in range(2))
    function(*given.values(), high, low, 0, DRAWS)
    return high, low


def test_weights_times_volumes_are_exact():
    """The twin multiplies with Python's whole numbers, which have no end."""
    given = cells()
    high, low = summed(kernels.add_cell_draws, given)
    d, t = 29, 8
    expected = [0] * GROUPS
    for w in range(given["curve"].size):
        c, place = given["curve"][w], given["start"][w] + t
        row = given["tables"][d, c]
        scale = given["levels"][d, c, given["anchor"][w]]
        scale = scale * given["factors"][d, given["species"][w]] * 2.0**20
        part = given["part"][given["survey"][w], t]
        steps = round(scale * (row[place] + part * (row[place + 1] - row[place])))
        for k in range(given["bounds"][w], given["bounds"][w + 1]):
            expected[given["group"][k]] += steps * int(given["weight"][k])
    found = [int(high[d, g, t]) * 2**kernels.LOW_BITS + int(low[d, g, t]) for g in range(GROUPS)]
    assert found == expected


def test_cells_plain(monkeypatch):
    given = cells()
    expected = summed(kernels.add_cell_draws, given)
    monkeypatch.setattr(kernels, "_add_cells", kernels._add_cells.py_func)
    monkeypatch.setattr(kernels, "_whole", kernels._whole.py_func)
    found = summed(kernels.add_cell_draws.py_func, given)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_splitting_a_weight_changes_nothing():
    given = cells()
    whole = summed(kernels.add_cell_draws, given)
    half = given["weight"] // 3
    first = summed(kernels.add_cell_draws, {**given, "weight": half})
    second = summed(kernels.add_cell_draws, {**given, "weight": given["weight"] - half})
    np.testing.assert_array_equal(first[0] + second[0], whole[0])
    np.testing.assert_array_equal(first[1] + second[1], whole[1])


def test_whole_is_the_nearest_ties_to_even():
    x = np.array([0.0, 0.5, 1.5, 2.5, 2.4999999, 1e15 + 0.5, 123.7])
    found = [int(kernels._whole(v)) for v in x]
    assert found == [int(v) for v in np.rint(x)]
