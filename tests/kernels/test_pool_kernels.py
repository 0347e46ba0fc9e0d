"""Pool kernel: compiled = plain Python = a stand at a time; same bytes however it is run."""

import math

import numba
import numpy as np
import pytest

from ecogis.carbon import pool_kernels as kernels
from ecogis.numerics import stream_keys
from ecogis.numerics.draws import fill_uniforms

YEARS, GROUPS, CLASSES = 30, 4, 3
QUANTITIES = kernels.POOLS + kernels.FLOWS


def land(stands=60, seed=5):
    """Curves, stands, rules and rates in which everything happens."""
    rng = np.random.default_rng(seed)
    above = np.cumsum(rng.uniform(0.0, 3.0, (CLASSES, 45)), axis=1)
    above[:, 0] = 0.0
    above[2, 30:] *= 0.98 ** np.arange(15)  # a curve that falls in old age
    curves = kernels.Curves(
        above,
        rng.uniform(0.2, 0.3, CLASSES),
        rng.uniform(0.5, 0.7, CLASSES),
        np.array([1, 1, 0], dtype=np.int32),
    )
    names = [f"S{i}" for i in range(stands)]
    some = kernels.Stands(
        rng.integers(0, CLASSES, stands).astype(np.int32),
        rng.integers(0, 40, stands).astype(np.int32),
        np.where(rng.random(stands) < 0.1, 0.0, rng.uniform(0.3, 2.0, stands)),
        rng.uniform(1e3, 1e5, stands),
        rng.integers(0, 3, stands).astype(np.int32),
        rng.integers(0, 2, stands).astype(np.int32),
        rng.uniform(0.0, 5.0, (4, stands)),
    )
    effects = np.zeros((5, 9))
    effects[1] = [1.0, 1.0, 0.0, 0.1, 0.0, 0.0, 0.2, 1.0, 0.0]  # clear cut
    effects[2] = [0.3, 0.9, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0]  # thinning
    effects[3] = [0.6, 0.0, 0.3, 0.5, 0.05, 0.4, 0.9, 0.0, 1.0]  # fire
    effects[4] = [1.0, 0.4, 0.1, 0.2, 0.0, 0.0, 0.0, 1.0, 1.0]  # wind, which levels the stand
    felling = np.zeros((3, 50), dtype=np.int32)
    felling[1, 12], felling[1, 30:] = 2, 1
    felling[2, 25:] = 1
    rules = kernels.Rules(
        effects,
        felling,
        np.array([-1, -1, 1], dtype=np.int32),
        np.array([0, 0, 2], dtype=np.int32),
        np.array([np.nan, np.nan, 1.25]),
        np.zeros((0, 0), dtype=np.int8),
    )
    rates = np.array([0.08, 0.004, 0.3, 0.4, 0.1, 0.02, 0.05, 0.7, 0.0, 0.0, 0.0, 0.0])
    chance = np.vstack([np.zeros(60), np.linspace(0.02, 0.1, 60)])
    mix = np.cumsum([[0.5, 0.5], [0.7, 0.3]], axis=1)
    agent = np.array([3, 4], dtype=np.int32)
    none = kernels.Hazards(chance, mix, agent, np.zeros((0, 7)), np.zeros((0, 2), dtype=np.uint64))
    return curves, some, rules, none, rates, names


def expected_hazards(none):
    mean = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    fire = np.array([0.6, 0.0, 0.3, 0.5, 0.05, 0.4, 0.9])
    return none._replace(expected=np.vstack([mean, fire]))


def drawn_hazards(none, names):
    return none._replace(keys=stream_keys(3, names, "disturbance"))


def blocks(member, size=kernels.BLOCK):
    order = np.argsort(member, kind="stable").astype(np.int32)
    start, group = [0], []
    for g in range(GROUPS):
        left = int((member == g).sum())
        while left:
            group.append(g)
            start.append(start[-1] + min(left, size))
            left -= min(left, size)
    return kernels.Blocks(order, np.array(start, dtype=np.int32), np.array(group, dtype=np.int32))


def run(function, parts, member, size=kernels.BLOCK, *, years=YEARS):
    curves, stands, rules, hazards, rates = parts
    totals = np.zeros((GROUPS, QUANTITIES, years + 1), dtype=np.int64)
    states = np.full((member.size, years, QUANTITIES), np.nan)
    gap = function(curves, stands, rules, hazards, rates, blocks(member, size), totals, states)
    return totals, states, gap


def one_stand(parts, s, years=YEARS):
    """The same years of one stand, written out: above, below, dead, litter, soil, products."""
    curves, stands, rules, hazards, rates = parts
    fall, death, rot, litter_rot, to_soil, soil_rot, wear, kept = rates[:8]
    cls, age, rule = stands.cls[s], int(stands.age[s]), stands.rule[s]
    scale = stands.scale[s]

    def at(table, row, years_old):
        return table[row, min(max(years_old, 0), table.shape[1] - 1)]

    above = scale * at(curves.above, cls, age)
    pool = [above, curves.ratio[cls] * above, *stands.opening[:, s]]
    draws = np.empty((1, years))
    if len(hazards.keys):
        fill_uniforms(hazards.keys[s : s + 1], draws)
    out = []
    for t in range(years):
        rotten, fallen = rot * pool[2], litter_rot * pool[3]
        humus, worn = soil_rot * pool[4], wear * pool[5]
        pool[2] -= rotten
        pool[3] -= fallen
        pool[4] += to_soil * fallen - humus
        pool[5] -= worn
        released = rotten + (1 - to_soil) * fallen + humus + worn
        harvested = disturbed = 0.0
        events = []
        chance = at(hazards.chance, stands.hazard[s], age)
        if len(hazards.expected):
            loss = hazards.expected[stands.hazard[s]]
            events.append([chance * loss[0], *loss[1:5], chance * loss[5], chance * loss[6], 0, 1])
        if len(hazards.keys) and draws[0, t] < chance and pool[0] > 0:
            first = draws[0, t] < chance * hazards.mix[stands.hazard[s], 0]
            events.append(rules.effects[hazards.agent[0 if first else 1]])
        for turn in (0, 1):
            if turn == 1:
                number = at(rules.felling, rule, age)
                if rules.given.size and rules.given[s, t]:
                    number = rules.given[s, t]
                events = [rules.effects[number]]
            for (
                share,
                stem_out,
                to_air,
                to_dead,
                root_air,
                old_dead,
                old_litter,
                new,
                wild,
            ) in events:
                lost, roots = share * pool[0], share * pool[1]
                stem = stem_out * curves.stem[cls] * lost
                burnt = to_air * lost
                dead, litter = old_dead * pool[2], old_litter * pool[3]
                pool[0] -= lost
                pool[1] -= roots
                pool[2] += to_dead * lost + (1 - root_air) * roots - dead
                pool[3] += lost - stem - burnt - to_dead * lost - litter
                pool[5] += kept * stem
                released += burnt + root_air * roots + dead + litter + (1 - kept) * stem
                harvested += stem
                disturbed += wild * (lost + roots)
                scale *= 1 - share
                if new:
                    cls = curves.anew[cls] if rules.replant[rule] < 0 else rules.replant[rule]
                    again = rules.rescale[rule]
                    scale = stands.scale[s] if math.isnan(again) else again
                    age = -int(rules.delay[rule])
        age += 1
        live = [scale * at(curves.above, cls, age)]
        live.append(curves.ratio[cls] * live[0])
        shrunk = sum(max(pool[i] - live[i], 0.0) for i in (0, 1))
        shed, died = fall * live[0], death * sum(live)
        pool = [*live, pool[2] + died + shrunk, pool[3] + shed, *pool[4:]]
        for k, left_out in enumerate(rates[8:]):
            released += left_out * pool[2 + k]
            pool[2 + k] *= 1 - left_out
        out.append([*pool, released, harvested, disturbed, shed + died + shrunk])
    return np.array(out)


@pytest.fixture(params=["quiet", "expected", "drawn", "given", "tracked"])
def parts(request):
    curves, stands, rules, none, rates, names = land()
    hazards = none
    if request.param == "expected":
        hazards = expected_hazards(none)
    if request.param == "drawn":
        hazards = drawn_hazards(none, names)
    if request.param == "given":
        plan = np.random.default_rng(1).choice([0, 0, 0, 0, 0, 1, 2, 3, 4], (60, YEARS))
        rules = rules._replace(given=plan.astype(np.int8))
    if request.param == "tracked":
        rates = np.append(rates[:8], [0.0, 1.0, 1.0, 1.0])
        stands = stands._replace(opening=stands.opening * [[1.0], [0.0], [0.0], [0.0]])
    return curves, stands, rules, hazards, rates


@pytest.fixture
def member():
    return np.random.default_rng(8).integers(0, GROUPS, 60).astype(np.int32)


def test_a_stand_at_a_time_gives_the_same(parts, member):
    totals, states, gap = run(kernels.add_pools, parts, member)
    alone = np.array([one_stand(parts, s) for s in range(member.size)])
    np.testing.assert_allclose(states, alone, rtol=1e-12, atol=1e-12)
    assert gap < 1e-11
    whole = np.rint(states * parts[1].size[:, None, None]).astype(np.int64)
    for g in range(GROUPS):
        np.testing.assert_array_equal(totals[g, :, 1:], whole[member == g].sum(axis=0).T)


def plain(*given):
    """The kernel with every function of its module as plain Python."""
    end = given[5].group.size
    return kernels._run_blocks.py_func(*given[:6], 0, end, *given[6:])


INLINED = ("_strike", "_restart", "_load", "_decay", "_expect", "_grow", "_add")


def test_compiled_and_plain_python_agree(parts, member, monkeypatch):
    few = tuple(
        each._replace(**{name: values[..., :9].copy() for name, values in each._asdict().items()})
        if isinstance(each, kernels.Stands)
        else each
        for each in parts
    )
    compiled = run(kernels.add_pools, few, member[:9], years=12)
    for name in INLINED:
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    slow = run(plain, few, member[:9], years=12)
    np.testing.assert_array_equal(compiled[0], slow[0])
    np.testing.assert_array_equal(compiled[1], slow[1])
    assert compiled[2] == slow[2]


def test_bytes_do_not_depend_on_threads_blocks_or_order(parts, member):
    whole, states, _ = run(kernels.add_pools, parts, member)
    curves, stands, rules, hazards, rates = parts
    before = numba.get_num_threads()
    try:
        for threads in {1, min(2, before)}:
            numba.set_num_threads(threads)
            for workers, size in ((1, 512), (2, 16), (7, 3)):
                own = np.zeros((workers, *whole.shape), dtype=np.int64)
                kernels.add_pools_parallel(
                    curves, stands, rules, hazards, rates, blocks(member, size), own,
                    np.zeros((0, 0, 0)),
                )  # fmt: skip
                assert own.sum(axis=0).tobytes() == whole.tobytes()
    finally:
        numba.set_num_threads(before)
    order = np.random.default_rng(2).permutation(member.size)
    mixed = stands._replace(**{k: v.take(order, axis=-1) for k, v in stands._asdict().items()})
    if rules.given.size:
        rules = rules._replace(given=rules.given[order])
    if hazards.keys.size:
        hazards = hazards._replace(keys=hazards.keys[order])
    again, moved, _ = run(kernels.add_pools, (curves, mixed, rules, hazards, rates), member[order])
    assert again.tobytes() == whole.tobytes()
    np.testing.assert_array_equal(moved, states[order])


def test_the_balance_closes_for_every_stand_and_year(parts, member):
    _, states, gap = run(kernels.add_pools, parts, member)
    stock = states[..., : kernels.POOLS].sum(axis=2)
    assert (states[..., kernels.POOLS :] >= -1e-12).all()
    assert (states[..., : kernels.POOLS] >= -1e-12).all()
    assert gap <= 1e-12 * max(1.0, float(stock.max()))
