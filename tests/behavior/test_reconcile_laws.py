"""Laws of reconciliation: figures are moved until they add up, and no further than that."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from steelyard.calibrate.reconcile import (
    InfeasibleIdentitiesError,
    connected_groups,
    reconcile,
    reconcile_by_level,
)
from steelyard.frame import stream


def table(seed: int, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, sparse.csr_array]:
    """Cells, row totals, column totals and the grand total, each figure off by some percent.

    One of the identities follows from the others.
    """
    rng = stream(seed, "table")
    cells = rng.lognormal(8, 2, (rows, columns))
    truth = np.concatenate([cells.ravel(), cells.sum(1), cells.sum(0), [cells.sum()]])
    figures = truth * rng.normal(1, 0.02, truth.size)
    errors = 0.02 * truth * rng.uniform(0.5, 2, truth.size)
    count, at = truth.size, rows * columns
    identities = np.zeros((rows + columns + 2, count))
    for row in range(rows):
        identities[row, at + row] = 1
        identities[row, row * columns : (row + 1) * columns] = -1
    for column in range(columns):
        identities[rows + column, at + rows + column] = 1
        identities[rows + column, column:at:columns] = -1
    identities[-2, -1], identities[-2, at : at + rows] = 1, -1
    identities[-1, -1], identities[-1, at + rows : at + rows + columns] = 1, -1
    return figures, errors, sparse.csr_array(identities)


sizes = st.integers(2, 6)
seeds = st.integers(0, 10_000)


@given(seeds, sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_the_answer_is_the_closed_form(seed: int, rows: int, columns: int) -> None:
    figures, errors, identities = table(seed, rows, columns)
    answer = reconcile(figures, errors, identities)
    dense = identities.toarray()
    variance = np.diag(errors**2)
    inverse = np.linalg.pinv(dense @ variance @ dense.T, rcond=1e-12, hermitian=True)
    wanted = figures - variance @ dense.T @ inverse @ dense @ figures
    np.testing.assert_allclose(answer.figures, wanted, rtol=1e-6)
    np.testing.assert_allclose(answer.gaps_before, dense @ figures)
    assert np.abs(answer.gaps_after).max() <= 1e-9 * figures.max()


@given(seeds, sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_what_adds_up_is_left_alone(seed: int, rows: int, columns: int) -> None:
    figures, errors, identities = table(seed, rows, columns)
    once = reconcile(figures, errors, identities).figures
    twice = reconcile(once, errors, identities).figures
    np.testing.assert_allclose(twice, once, rtol=1e-9)


@given(seeds, sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_no_other_answer_is_nearer(seed: int, rows: int, columns: int) -> None:
    figures, errors, identities = table(seed, rows, columns)
    answer = reconcile(figures, errors, identities).figures
    rng = stream(seed, "another")
    other = reconcile(figures * rng.normal(1, 0.05, figures.size), errors, identities).figures
    between = answer + 0.3 * (other - answer)
    assert np.abs(identities @ between).max() <= 1e-8 * figures.max()
    assert np.sum(((answer - figures) / errors) ** 2) <= np.sum(((between - figures) / errors) ** 2)


@given(seeds, sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_controls_do_not_move_and_others_meet_them(seed: int, rows: int, columns: int) -> None:
    figures, errors, identities = table(seed, rows, columns)
    errors[-1] = 0
    answer = reconcile(figures, errors, identities).figures
    assert answer[-1] == figures[-1]
    assert answer[: rows * columns].sum() == pytest.approx(figures[-1], rel=1e-9)


@given(seeds, st.integers(2, 40))
@settings(max_examples=30, deadline=None)
def test_errors_in_proportion_to_roots_spread_a_gap_in_proportion(seed: int, parts: int) -> None:
    figures = stream(seed, "parts").lognormal(5, 2, parts)
    whole = 1.1 * figures.sum()
    identity = sparse.csr_array(np.append(np.ones(parts), -1.0)[np.newaxis])
    errors = np.append(np.sqrt(figures), 0.0)
    answer = reconcile(np.append(figures, whole), errors, identity).figures
    np.testing.assert_allclose(answer[:-1], 1.1 * figures, rtol=1e-9)


def test_order_and_units_of_groups_do_not_matter() -> None:
    figures, errors, identities = table(1, 4, 3)
    other = table(2, 2, 5)
    both = reconcile(
        np.concatenate([figures, 1e9 * other[0]]),
        np.concatenate([errors, 1e9 * other[1]]),
        sparse.block_diag([identities, other[2]]),
    ).figures
    alone = reconcile(figures, errors, identities).figures
    np.testing.assert_array_equal(both[: figures.size], alone)
    order = stream(3, "order").permutation(figures.size)
    shuffled = reconcile(figures[order], errors[order], identities[:, order]).figures
    np.testing.assert_allclose(shuffled, alone[order], rtol=1e-9)


def test_states_meet_the_nation_and_do_not_move_it() -> None:
    # Nation: total 100, bands 40 and 62. States: 30 and 60, in bands 10 + 22 and 28 + 30.
    figures = np.array([100.0, 40, 62, 30, 10, 22, 60, 28, 30])
    errors = 0.01 * figures
    errors[0] = 0
    levels = [0, 0, 0, 1, 1, 1, 1, 1, 1]
    identities = np.array(
        [
            [1, -1, -1, 0, 0, 0, 0, 0, 0],
            [1, 0, 0, -1, 0, 0, -1, 0, 0],
            [0, 1, 0, 0, -1, 0, 0, -1, 0],
            [0, 0, 1, 0, 0, -1, 0, 0, -1],
            [0, 0, 0, 1, -1, -1, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 1, -1, -1],
        ]
    )
    settled = reconcile_by_level(figures, errors, levels, sparse.csr_array(identities))
    nation = reconcile(figures[:3], errors[:3], sparse.csr_array(identities[:1, :3]))
    np.testing.assert_array_equal(settled.figures[:3], nation.figures)
    assert np.abs(settled.gaps_after).max() < 1e-9


def test_controls_that_contradict_one_another_are_named() -> None:
    identities = sparse.csr_array([[1.0, -1, -1], [0, 1, -1]])
    with pytest.raises(InfeasibleIdentitiesError, match=r"1 of 2 .* \(ages add up by 2\)"):
        reconcile([10, 4, 4], [0, 0, 0], identities, ["ages add up", "sexes are even"])


@pytest.mark.parametrize(
    ("figures", "errors", "said"),
    [
        ([1.0, 2], [1.0, 1, 1], r"figures has shape \(2,\)"),
        ([1.0, np.nan, 3], [1.0, 1, 1], r"1 of 3 figures are not finite \(at \[1\]\)"),
        ([1.0, 2, 3], [1.0, -1, 1], r"1 of 3 standard_errors are negative"),
    ],
)
def test_bad_input_is_refused(figures: list[float], errors: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        reconcile(figures, errors, sparse.csr_array([[1.0, -1, -1]]))


def test_groups_are_cut_at_anchors() -> None:
    # 0 = 1 + 2, 2 = 3 + 4, 5 alone; without figure 2 the chain breaks.
    identities = sparse.csr_array([[1, -1, -1, 0, 0, 0], [0, 0, 1, -1, -1, 0]])
    whole = connected_groups(identities, np.zeros(6, dtype=bool))
    assert len(set(whole[:5])) == 1
    assert whole[5] != whole[0]
    cut = connected_groups(identities, np.arange(6) == 2)
    assert cut[0] == cut[1] != cut[3] == cut[4]
    assert len(set(cut)) == 4
