"""What two totals share at many households is added up once, without a digit lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from steelyard.calibrate import shared
from steelyard.calibrate.shared import Shared, shared_of

RANDOM = np.random.default_rng(11)
#: Households that a pair of rows has in common at least to be a row of its own.
ENOUGH = 32


def is_whole(found: Shared, matrix: "sparse.csr_array") -> bool:
    """Whether J S is the matrix, and J has ones alone."""
    same = np.array_equal((found.joins @ found.values).toarray(), matrix.toarray())
    return bool(same and set(np.unique(found.joins.data)) == {1.0})


def test_a_cell_of_two_partitions_is_in_both() -> None:
    n_states, n_bands, n_households = 5, 4, 4_000
    in_state = RANDOM.integers(n_states, size=n_households) == np.arange(n_states)[:, None]
    in_band = RANDOM.integers(n_bands, size=n_households) == np.arange(n_bands)[:, None]
    income = RANDOM.lognormal(10, 1, n_households)
    matrix = sparse.csr_array(income * np.concatenate([in_state, in_band]))
    found = shared_of(matrix)
    assert is_whole(found, matrix)
    # Every household is in one cell, and no longer in a state and a band.
    assert found.values.nnz == n_households
    assert found.values.shape[0] == n_states + n_bands + n_states * n_bands
    np.testing.assert_array_equal(
        found.joins.sum(axis=1), [1 + n_bands] * n_states + [1 + n_states] * n_bands
    )


@pytest.mark.parametrize(
    ("households", "others", "entries", "rows"),
    [(ENOUGH, 0, ENOUGH, 3), (ENOUGH - 1, 0, 2 * (ENOUGH - 1), 2), (ENOUGH, ENOUGH, None, 3)],
)
def test_few_households_or_other_values_are_not_shared(
    households: int, others: int, entries: int | None, rows: int
) -> None:
    both = np.ones((2, households + others))
    both[1, households:] = 2.0
    matrix = sparse.csr_array(both)
    found = shared_of(matrix)
    assert is_whole(found, matrix)
    assert found.values.shape[0] == rows
    assert found.values.nnz == (entries or households + 2 * others)


@pytest.mark.parametrize("rows", [2, 3, 4, 7])
def test_what_many_rows_share_is_shared_again(rows: int) -> None:
    """A pair, what a pair shares with a third, what two pairs share: one entry a household."""
    matrix = sparse.csr_array(np.ones((rows, 100)))
    found = shared_of(matrix)
    assert is_whole(found, matrix)
    assert found.values.nnz == 100


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 300), st.booleans())
def test_no_digit_is_lost(seed: int, rows: int, households: int, is_sampled: bool) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(-1, 3, (1, households)) * (random.random((rows, households)) < 0.7)
    matrix = sparse.csr_array(values.astype(np.float32))
    # Stored zeros are values too.
    matrix.data[random.random(matrix.nnz) < 0.1] = 0
    before = matrix.copy()
    with pytest.MonkeyPatch.context() as patch:
        if is_sampled:
            patch.setattr(shared, "_COUNTED", 50)
        found = shared_of(matrix)
    assert is_whole(found, matrix)
    assert found.values.nnz <= matrix.nnz
    assert found.values.has_canonical_format
    np.testing.assert_array_equal(matrix.data, before.data)
    np.testing.assert_array_equal(matrix.indices, before.indices)


@pytest.mark.parametrize(("compared", "entries"), [(0, 400), (1, 100)])
def test_a_search_that_takes_too_long_ends(
    monkeypatch: pytest.MonkeyPatch, compared: int, entries: int
) -> None:
    """Comparisons are counted in all entries of the matrix; two rows of four are half of them."""
    matrix = sparse.csr_array(np.ones((4, 100)))
    monkeypatch.setattr(shared, "_COMPARED", compared)
    found = shared_of(matrix)
    assert is_whole(found, matrix)
    assert found.values.nnz == entries


def test_a_matrix_without_entries_shares_none() -> None:
    found = shared_of(sparse.csr_array((3, 5)))
    assert (found.values.nnz, found.values.shape) == (0, (3, 5))
