"""What no weighted statistic may depend on, and how each must move."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard import validate

Statistic = Callable[[np.ndarray, np.ndarray], float]
STATISTICS: dict[str, Statistic] = {
    "median": lambda x, w: float(validate.weighted_quantile(x, w, 0.5)),
    "interpolated median": lambda x, w: float(
        validate.weighted_quantile(x, w, 0.5, interpolated=True)
    ),
    "gini": validate.gini,
    "theil": validate.theil,
    "atkinson": validate.atkinson,
    "top share": lambda x, w: validate.top_share(x, w, 0.13),
    "palma": validate.palma,
    "poverty": lambda x, w: validate.poverty_rate(x, w, 300.0, alpha=1),
    "ks": lambda x, w: validate.ks_distance(x, w, x[::2], w[::2]),
    "wasserstein": lambda x, w: validate.wasserstein(x, w, x[::2], w[::2]),
}
ONE_SAMPLE = [name for name in STATISTICS if name not in ("ks", "wasserstein")]
SCALE_FREE = ("gini", "theil", "atkinson", "top share", "palma", "ks")


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Positive values with ties and heavy tails, and weights with some zeros but not only."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    size = draw(st.integers(2, 60))
    values = np.round(rng.lognormal(5, draw(st.floats(0.1, 2.5)), size)) + 1
    weights = rng.exponential(100, size) * (rng.random(size) < 0.9)
    weights[0] += 1
    return values, weights


@pytest.mark.parametrize("name", STATISTICS)
@settings(max_examples=25, deadline=None)
@given(sample=samples(), factor=st.floats(1e-3, 1e6))
def test_scaling_weights_changes_nothing(
    name: str, sample: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    values, weights = sample
    weights[::2] += 1
    plain = STATISTICS[name](values, weights)
    assert STATISTICS[name](values, weights * factor) == pytest.approx(plain, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ONE_SAMPLE)
@settings(max_examples=25, deadline=None)
@given(sample=samples(), seed=st.integers(0, 1000))
def test_order_and_weightless_records_change_nothing(
    name: str, sample: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    values, weights = sample
    plain = STATISTICS[name](values, weights)
    order = np.random.default_rng(seed).permutation(values.size)
    shuffled = STATISTICS[name](values[order], weights[order])
    assert shuffled == pytest.approx(plain, rel=1e-9, abs=1e-12)
    wider = STATISTICS[name](np.append(values, 1e9), np.append(weights, 0.0))
    assert wider == pytest.approx(plain, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", ONE_SAMPLE)
@settings(max_examples=25, deadline=None)
@given(sample=samples())
def test_splitting_every_record_in_two_changes_nothing(
    name: str, sample: tuple[np.ndarray, np.ndarray]
) -> None:
    values, weights = sample
    plain = STATISTICS[name](values, weights)
    split = STATISTICS[name](np.repeat(values, 2), np.repeat(weights / 2, 2))
    assert split == pytest.approx(plain, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", SCALE_FREE)
@settings(max_examples=25, deadline=None)
@given(sample=samples(), factor=st.floats(1e-2, 1e6))
def test_units_do_not_matter(
    name: str, sample: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    values, weights = sample
    weights[::2] += 1
    plain = STATISTICS[name](values, weights)
    assert STATISTICS[name](values * factor, weights) == pytest.approx(plain, rel=1e-9, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(sample=samples())
def test_indices_stay_in_their_range_and_order(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, weights = sample
    positive = np.count_nonzero(weights)
    assert -1e-12 <= validate.gini(values, weights) < 1
    assert validate.theil(values, weights) >= -1e-12
    mild, strong = (validate.atkinson(values, weights, epsilon) for epsilon in (0.5, 2.0))
    assert -1e-12 <= mild <= strong + 1e-12 <= 1 + 1e-12
    assert 1 - 1e-9 <= validate.effective_sample_size(weights) <= positive + 1e-9
    population, held = validate.lorenz(values, weights)
    assert np.all(held <= population + 1e-12)
    slopes = np.diff(held) / np.diff(population)
    assert np.all(np.diff(slopes) >= -1e-6 * slopes.max())


@settings(max_examples=25, deadline=None)
@given(sample=samples(), part=st.floats(0.01, 0.99))
def test_giving_from_rich_to_poor_lowers_inequality(
    sample: tuple[np.ndarray, np.ndarray], part: float
) -> None:
    values, _ = sample
    weights = np.ones(values.size)
    poor, rich = np.argmin(values), np.argmax(values)
    gift = part * (values[rich] - values[poor]) / 2
    fairer = values.copy()
    fairer[poor] += gift
    fairer[rich] -= gift
    for index in (validate.gini, validate.theil, validate.atkinson):
        assert index(fairer, weights) <= index(values, weights) + 1e-12


@settings(max_examples=25, deadline=None)
@given(sample=samples(), line=st.floats(10, 1e4), raised=st.floats(1, 5))
def test_poverty_rises_with_the_line_and_falls_with_alpha(
    sample: tuple[np.ndarray, np.ndarray], line: float, raised: float
) -> None:
    values, weights = sample
    rates = [validate.poverty_rate(values, weights, line, alpha=alpha) for alpha in (0, 1, 2)]
    assert 0 <= rates[2] <= rates[1] <= rates[0] <= 1
    assert validate.poverty_rate(values, weights, line * raised) >= rates[0] - 1e-12


@settings(max_examples=25, deadline=None)
@given(one=samples(), other=samples(), shift=st.floats(-1e3, 1e3))
def test_distances_are_distances(
    one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], shift: float
) -> None:
    for distance in (validate.ks_distance, validate.wasserstein):
        assert distance(*one, *one) == 0
        assert distance(*one, *other) == pytest.approx(distance(*other, *one))
    assert 0 <= validate.ks_distance(*one, *other) <= 1
    moved = (one[0] + shift, one[1])
    assert validate.wasserstein(*one, *moved) == pytest.approx(abs(shift), rel=1e-6, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(sample=samples(), low=st.floats(0, 1), high=st.floats(0, 1))
def test_quantiles_rise_and_stay_inside(
    sample: tuple[np.ndarray, np.ndarray], low: float, high: float
) -> None:
    values, weights = sample
    low, high = sorted((low, high))
    counted = values[weights > 0]
    for interpolated in (False, True):
        below, above = np.atleast_1d(
            validate.weighted_quantile(values, weights, [low, high], interpolated=interpolated)
        )
        assert counted.min() <= below <= above <= counted.max()
