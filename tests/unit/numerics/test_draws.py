"""Draws belong to a name, not to an order."""

import hashlib

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from ecogis.core.errors import ConfigError
from ecogis.numerics import normals, stream_keys, uniforms
from ecogis.numerics.draws import quantile


def test_a_stand_draws_the_same_alone_and_in_company():
    names = [f"S{i:05d}" for i in range(500)]
    together = uniforms(2026, names, "growth", 8)
    shuffled = uniforms(2026, names[::-1], "growth", 8)
    np.testing.assert_array_equal(together, shuffled[::-1])
    np.testing.assert_array_equal(together[17], uniforms(2026, names[17], "growth", 8))
    np.testing.assert_array_equal(together[:, :3], uniforms(2026, names, "growth", 3))


def in_python(seed, name, purpose, count):
    """The same stream with whole numbers of any size."""
    digest = hashlib.sha256(f"{seed}\0{purpose}\0{name}".encode()).digest()
    low, high = (int.from_bytes(digest[i : i + 8], "little") for i in (0, 8))
    most = 2**64 - 1

    def mixed(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & most
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & most
        return z ^ (z >> 31)

    counters = [(low + (i + 1) * 0x9E3779B97F4A7C15) & most for i in range(count)]
    return [((mixed(mixed(c) ^ high) >> 11) + 0.5) * 2.0**-53 for c in counters]


def test_the_stream_is_pinned():
    # a change here changes every published distribution
    assert uniforms(7, "小班1", "growth", 5).tolist() == in_python(7, "小班1", "growth", 5)


@pytest.mark.parametrize("other", [(8, "S1", "growth"), (7, "S2", "growth"), (7, "S1", "price")])
def test_seed_name_and_purpose_each_change_the_draws(other):
    seed, name, purpose = other
    assert not np.any(uniforms(7, "S1", "growth", 16) == uniforms(seed, name, purpose, 16))


def test_draws_are_uniform_and_independent():
    draws = uniforms(1, [f"S{i}" for i in range(400)], "test", 250)
    assert 0.0 < draws.min() < draws.max() < 1.0
    assert stats.kstest(draws.ravel(), "uniform").pvalue > 0.001
    counts = np.histogram(draws[:, 0], bins=20, range=(0, 1))[0]  # across streams, first draws
    assert stats.chisquare(counts).pvalue > 0.001
    assert abs(np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]) < 0.2
    assert abs(np.corrcoef(draws[0], draws[1])[0, 1]) < 0.25


def test_normals_are_normal():
    draws = normals(1, [f"S{i}" for i in range(200)], "test", 200).ravel()
    assert stats.kstest(draws, "norm").pvalue > 0.001
    assert normals(1, "S7", "test", 4).shape == (4,)


def test_quantile_against_an_independent_one():
    tail = 10.0 ** -np.arange(1, 300, 7)
    u = np.concatenate([np.linspace(0.001, 0.999, 501), tail, 1 - tail[:2]])
    own = np.array([quantile(x) for x in u])
    np.testing.assert_allclose(own, ndtri(u), rtol=2e-14, atol=1e-15)


def test_known_quantile():
    assert quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-15)
    assert quantile(0.5) == 0.0


@pytest.mark.parametrize("purpose", ["", "a\0b"])
def test_a_purpose_is_a_word(purpose):
    with pytest.raises(ConfigError) as caught:
        stream_keys(1, ["S1"], purpose)
    assert caught.value.code == "E264"
