"""Components are made to sum to their total, by a rule that can be written out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steelyard.impute.constraints import add_up, bounded, bounds, missed
from steelyard.impute.spec import Target

FREE = (np.full((1, 3), -np.inf), np.full((1, 3), np.inf))


@pytest.mark.parametrize(
    ("components", "total", "least", "most", "expected"),
    [
        # Shares are kept.
        ([1, 2, 3], 12, 0, np.inf, [2, 4, 6]),
        ([-1, -2, -3], -3, -np.inf, 0, [-0.5, -1, -1.5]),
        # Mixed signs are moved by size, not multiplied by 8.
        ([-5, 10, 0], 8, -np.inf, np.inf, [-4, 12, 0]),
        # What is over a cap goes to the others by their size.
        ([4, 4, 2], 20, 0, 6, None),
        ([4, 4, 2], 17, 0, [6, 100, 100], [6, 22 / 3, 11 / 3]),
        # Zeros take part when no other has room.
        ([1, 0, 0], 5, 0, [1, 10, 10], [1, 2, 2]),
    ],
)
def test_what_is_missing_is_shared_out_by_size(components, total, least, most, expected) -> None:
    given = np.array([components], dtype=float)
    limits = [np.broadcast_to(np.asarray(end, dtype=float), (1, 3)) for end in (least, most)]
    found = add_up(given, np.array([float(total)]), *limits)
    if expected is None:
        assert missed(found, np.array([float(total)])).tolist() == [0]
        assert found.tolist() == [[6, 6, 6]]
    else:
        np.testing.assert_allclose(found, [expected], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    components=arrays(float, (20, 4), elements=st.floats(-1e6, 1e6)),
    room=arrays(float, (20, 4), elements=st.floats(0, 1e6)),
    share=arrays(float, (20,), elements=st.floats(0, 1)),
)
def test_every_total_within_reach_is_reached_inside_the_bounds(components, room, share) -> None:
    least = components - room / 3
    most = least + room
    total = least.sum(axis=1) + share * (most - least).sum(axis=1)
    found = add_up(components * 2, total, least, most)
    assert (found >= least).all() and (found <= most).all()
    assert np.abs(found.sum(axis=1) - total).max() <= 1e-9 * np.abs(total).max() + 1e-6


def test_a_total_of_zero_leaves_exact_zeros() -> None:
    parts = np.random.default_rng(2).lognormal(size=(300, 3))
    free = (np.repeat(end, 300, axis=0) for end in FREE)
    assert not add_up(parts, np.zeros(300), *free).any()


def test_unbounded_components_always_reach_their_total() -> None:
    rng = np.random.default_rng(1)
    parts, total = rng.normal(size=(500, 3)) * (rng.random((500, 3)) < 0.5), rng.normal(size=500)
    found = add_up(parts, total, *(np.repeat(end, 500, axis=0) for end in FREE))
    assert not missed(found, total).size


def test_caps_by_record_are_kept_in_the_values_type() -> None:
    target = Target("y", at_least=1, at_most="cap")
    limits = bounds(target, {"cap": np.array([2.0, 9.0, 1.0])}, 3, "recipient")
    moved = bounded(np.array([5, 5, -7]), *limits)
    assert moved.tolist() == [2, 5, 1] and moved.dtype == np.int64
    with pytest.raises(ValueError, match=r"'cap' caps 'y' below its at_least 1 in 2 .*\[1, 2\]"):
        bounds(target, {"cap": np.array([2.0, 0.0, -1.0])}, 3, "recipient")
