"""Uniforms belong to ids: order, number and neighbours of ids do not matter."""

import numpy as np
import pytest
from scipy import stats

from steelyard.impute import keyed_uniforms

IDS = np.arange(200_000)


def test_uniforms_of_consecutive_ids_are_uniform_and_independent() -> None:
    uniforms = keyed_uniforms(7, ("model", "kginc"), IDS)
    assert uniforms.min() >= 0 and uniforms.max() < 1
    assert stats.kstest(uniforms, "uniform").pvalue > 0.001
    for lag in (1, 2, 10):
        assert abs(np.corrcoef(uniforms[:-lag], uniforms[lag:])[0, 1]) < 0.01
    grid = np.histogram2d(uniforms[:-1], uniforms[1:], bins=20)[0]
    assert stats.chisquare(grid.ravel()).pvalue > 0.001


def test_every_bit_of_the_id_moves_every_leading_bit_of_the_uniform() -> None:
    ids = np.random.default_rng(1).integers(0, 2**62, 4000)
    before = (keyed_uniforms(7, ("m",), ids) * 2**16).astype(np.int64)
    for bit in (0, 7, 31, 61):
        changed = before ^ (keyed_uniforms(7, ("m",), ids ^ (1 << bit)) * 2**16).astype(np.int64)
        for place in range(16):
            assert 0.45 < np.mean(changed >> place & 1) < 0.55


@pytest.mark.parametrize("ids", [IDS[:1000], np.char.add("A", IDS[:1000].astype(str))])
def test_a_uniform_follows_its_id_through_any_permutation_or_subset(ids: np.ndarray) -> None:
    shuffled = np.random.default_rng(2).permutation(len(ids))[:300]
    whole = keyed_uniforms(7, ("model", "kginc"), ids)
    assert np.array_equal(whole[shuffled], keyed_uniforms(7, ("model", "kginc"), ids[shuffled]))


def test_other_seed_model_or_variable_gives_unrelated_uniforms() -> None:
    base = keyed_uniforms(7, ("model", "kginc"), IDS)
    for seed, names in ((8, ("model", "kginc")), (7, ("model", "debt")), (7, ("modelk", "ginc"))):
        other = keyed_uniforms(seed, names, IDS)
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.01


def test_width_of_the_integer_type_does_not_matter() -> None:
    ids = np.arange(100)
    assert np.array_equal(
        keyed_uniforms(1, ("m",), ids.astype(np.int32)), keyed_uniforms(1, ("m",), ids)
    )


@pytest.mark.parametrize("ids", [[0.5, 1.0], [None, "a"], [["a"]]])
def test_ids_that_are_no_keys_are_refused(ids: list[object]) -> None:
    with pytest.raises(ValueError, match="ids: expected"):
        keyed_uniforms(1, ("m",), ids)
