"""Totals that are sums of others are found, and added up once, without a digit lost."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.parts import parts_of
from steelyard.calibrate.problem import Problem, problem_from

HOUSEHOLDS, STATES, BANDS = 2_000, 6, 4
RANDOM = np.random.default_rng(4)
IN_STATE = RANDOM.integers(STATES, size=HOUSEHOLDS) == np.arange(STATES)[:, None]
IN_BAND = RANDOM.integers(BANDS, size=HOUSEHOLDS) == np.arange(BANDS)[:, None]
INCOME = RANDOM.lognormal(10, 1, HOUSEHOLDS) * (RANDOM.random(HOUSEHOLDS) < 0.7)
WEIGHTS = RANDOM.uniform(1, 9, HOUSEHOLDS)
#: What each goal is of the initial total.
ASKED = RANDOM.lognormal(0, 0.2, 100)


def facts() -> NDArray[np.float64]:
    """Income and its receivers: the nation, states, bands, and bands of the first state."""
    rows = []
    for value in (INCOME, (INCOME > 0).astype(float)):
        rows.append(value)
        rows += [value * is_in for is_in in IN_STATE]
        rows += [value * is_in for is_in in IN_BAND]
        rows += [value * (IN_STATE[0] & is_in) for is_in in IN_BAND]
    return np.stack(rows)


def test_a_nation_is_its_states_and_a_state_its_bands() -> None:
    matrix = sparse.csr_array(facts())
    found = parts_of(matrix)
    np.testing.assert_array_equal((found.sums @ found.values).toarray(), matrix.toarray())
    nation, first_state = 0, 1
    assert found.values[[nation]].nnz == 0
    assert found.values[[first_state]].nnz == 0
    bands = 1 + STATES + BANDS + np.arange(BANDS)
    np.testing.assert_array_equal(found.sums[[first_state]].toarray()[0, bands], 1)
    assert set(np.unique(found.sums.data)) == {1.0}
    # Of four of an income's rows that know it, states and bands are left: the nation is either.
    assert found.values.nnz < 0.7 * matrix.nnz


def test_one_household_of_another_value_makes_no_part() -> None:
    rows = np.ones((2, 100))
    rows[1, 50:] = 0
    assert parts_of(sparse.csr_array(rows)).values.nnz == 100
    rows[1, 33] = 2.0  # none of the eight that are asked first
    assert parts_of(sparse.csr_array(rows)).values.nnz == 150


def test_of_equal_rows_the_first_is_the_whole() -> None:
    found = parts_of(sparse.csr_array(np.ones((3, 7))))
    np.testing.assert_array_equal(np.diff(found.values.indptr), [0, 0, 7])
    np.testing.assert_array_equal(found.sums.toarray(), [[1, 1, 1], [0, 1, 1], [0, 0, 1]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 30))
def test_no_digit_is_lost(seed: int, targets: int, households: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(-1, 3, (1, households)) * (random.random((targets, households)) < 0.6)
    matrix = sparse.csr_array(values.astype(np.float32))
    # Stored zeros are values too.
    matrix.data[random.random(matrix.nnz) < 0.1] = 0
    found = parts_of(matrix)
    np.testing.assert_array_equal((found.sums @ found.values).toarray(), matrix.toarray())
    assert found.values.nnz <= matrix.nnz
    assert set(np.unique(found.sums.data)) == {1.0}


def laid_out(in_parts: bool, matrix: "sparse.csr_array", **optional: NDArray[np.bool_]) -> Problem:
    config = CalibrationConfig(solver="adam", epochs=40, patience=40, record_every=10, dropout=0.1)
    goals = matrix @ WEIGHTS * ASKED[: matrix.shape[0]]
    inputs = checked(matrix, goals, WEIGHTS, config, dict(optional))
    return problem_from(inputs, config, np.float64, in_parts=in_parts)


@pytest.mark.parametrize("held_out", [0, 5])
def test_descent_is_the_same_in_parts(held_out: int) -> None:
    matrix = sparse.csr_array(facts())
    is_held_out = np.arange(matrix.shape[0]) < held_out
    whole, parted = (
        solve_adam(laid_out(in_parts, matrix, held_out=is_held_out), None)
        for in_parts in (False, True)
    )
    np.testing.assert_allclose(parted.u, whole.u, rtol=1e-6, atol=1e-9)
    assert parted.history[-1].loss == pytest.approx(whole.history[-1].loss, rel=1e-9)
    assert parted.history[-1].loss < whole.history[0].loss / 2


def test_both_products_are_those_of_the_whole() -> None:
    matrix = sparse.csr_array(facts())
    # Twice the same place: its values are one value's parts.
    twice = sparse.csr_array(
        (
            np.append(matrix.data, 0.5),
            np.append(matrix.indices, 3),
            np.append(matrix.indptr[:-1], matrix.nnz + 1),
        ),
        shape=matrix.shape,
    )
    for each in (matrix, twice):
        whole, parted = (laid_out(in_parts, each).fitted for in_parts in (False, True))
        assert parted.products.parts.shape[1] > matrix.shape[0], "some share a part"
        moved = parted.on("cpu")
        ratios = torch.from_numpy(RANDOM.uniform(0.5, 2, HOUSEHOLDS))
        y = torch.from_numpy(RANDOM.normal(size=matrix.shape[0]))
        for totals in (parted, moved, moved.on("cpu")):
            np.testing.assert_allclose(totals.of(ratios), whole.of(ratios), rtol=1e-12)
            np.testing.assert_allclose(totals.pull(y), whole.pull(y), rtol=1e-9, atol=1e-15)
        by_household = whole.contributions
        curved = by_household.T @ (ratios.numpy() * (by_household @ y.numpy()))
        found = parted.products.curved(ratios.numpy(), y.numpy())
        np.testing.assert_allclose(found, curved, rtol=1e-9, atol=1e-15)
        with pytest.raises(TypeError, match="laid out as InParts"):
            _ = parted.contributions
