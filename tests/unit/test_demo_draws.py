"""The demo world's building blocks: named draws, tails, rounding, anchors."""

import numpy as np
import pytest

from steelyard.sources.demo import anchors
from steelyard.sources.demo.draws import Draws, heap, heavy_tail, pick, total
from steelyard.sources.demo.need import equivalence_scale
from steelyard.sources.demo.units import poverty_thresholds
from steelyard.sources.demo.weights import tilt

ANCHORS = (
    "earnings",
    "education",
    "eitc_2022",
    "householders",
    "origins",
    "other_income",
    "population",
    "poverty_thresholds_2022",
    "retirement",
    "schooling_by_origin",
    "snap_allotments_2022",
    "spm_thresholds",
    "states",
    "tax_brackets_2022",
    "tax_rules_2022",
    "unmarried",
    "wealth",
    "work",
)


def test_shorter_run_of_a_stream_begins_the_longer_one() -> None:
    draws = Draws(7, "asec")
    assert np.array_equal(draws.uniform(10, "age"), draws.uniform(1000, "age")[:10])
    assert np.array_equal(draws.normal(10, "age"), draws.normal(1000, "age")[:10])


@pytest.mark.parametrize(
    "other", [Draws(8, "asec").uniform(50, "age"), Draws(7, "scf").uniform(50, "age")]
)
def test_seed_and_sample_each_change_the_draws(other: np.ndarray) -> None:
    assert not np.array_equal(Draws(7, "asec").uniform(50, "age"), other)


def test_names_give_independent_streams() -> None:
    draws = Draws(7, "asec")
    first, second = draws.normal(20_000, "age"), draws.normal(20_000, "sex")
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_pick_follows_shares_that_do_not_sum_to_one() -> None:
    shares = np.tile([1.0, 3.0, 0.0], (4, 1))
    assert pick(shares, np.array([0.0, 0.24, 0.26, 0.999])).tolist() == [0, 0, 1, 1]


def test_poisson_has_its_mean_and_its_ceiling() -> None:
    counts = Draws(1, "asec").poisson(np.full(40_000, 0.8), "children", 3)
    assert counts.max() == 3
    # The ceiling takes 0.01 off the mean.
    assert counts.mean() == pytest.approx(0.79, abs=0.02)


def test_heavy_tail_rises_has_median_one_and_the_pareto_index() -> None:
    normal = np.sort(Draws(2, "asec").normal(400_000, "tail"))
    factor = heavy_tail(normal, 0.5, tail_share=0.05, alpha=1.5)
    assert (np.diff(factor) >= 0).all()
    assert np.median(factor) == pytest.approx(1.0, rel=0.01)
    top = factor[-8000:]
    hill = 1.0 / np.mean(np.log(top / top[0]))
    assert hill == pytest.approx(1.5, rel=0.05)


def test_heaping_moves_no_amount_by_more_than_half_its_unit() -> None:
    amounts = np.array([37.0, 480.0, 5400.0, 61_234.0, -7_650.0])
    assert heap(amounts, np.zeros(5)).tolist() == [37.0, 500.0, 5000.0, 61_000.0, -8000.0]
    assert heap(amounts, np.full(5, 0.99)).tolist() == amounts.tolist()


def test_total_keeps_empty_groups() -> None:
    assert total(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2]), 4).tolist() == [1.0, 0.0, 6.0, 0.0]


@pytest.mark.parametrize("name", ANCHORS)
def test_every_anchor_row_names_its_source(name: str) -> None:
    table = anchors.table(name)
    assert len(table) > 0
    assert table["source"].str.len().gt(10).all()
    assert not table.isna().any().any()


def test_anchors_cover_states_and_ages_once() -> None:
    assert anchors.table("states")["state_fips"].is_unique
    assert len(anchors.table("states")) == 51
    cells = anchors.table("population")[["age_lower", "a_sex"]]
    # Eighteen five-year bands, 15 to 19 split at 18, by sex.
    assert len(cells) == 38
    assert not cells.duplicated().any()


@pytest.mark.parametrize(
    ("size", "children", "elderly", "dollars"),
    [
        (1, 0, False, 15_225),
        (1, 0, True, 14_036),
        (2, 1, False, 20_172),
        (4, 2, False, 29_678),
        (9, 8, False, 56_578),
        (14, 11, True, 56_578),
    ],
)
def test_official_thresholds_of_2022(size: int, children: int, elderly: bool, dollars: int) -> None:
    got = poverty_thresholds(np.array([size]), np.array([children]), np.array([elderly]))
    assert got.tolist() == [dollars]


def test_a_family_of_children_alone_has_a_threshold() -> None:
    got = poverty_thresholds(np.array([1, 2]), np.array([1, 2]), np.array([False, False]))
    assert got.tolist() == [15_225, 20_172]


@pytest.mark.parametrize(
    ("adults", "kids", "scale"),
    [
        (1, 0, 0.4635),
        (2, 0, 0.6535),
        (1, 1, 0.6994),
        (1, 2, 0.8303),
        (2, 1, 0.8802),
        (2, 2, 1.0),
        (3, 0, 1.0),
        (4, 2, 1.4299),
        (0, 1, 0.4635),
    ],
)
def test_spm_scale_is_the_published_three_parameter_scale(
    adults: int, kids: int, scale: float
) -> None:
    assert equivalence_scale(np.array([adults]), np.array([kids])).tolist() == [scale]


def test_tilt_stays_at_a_design_that_meets_its_targets() -> None:
    matrix = np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 5.0]])
    design = np.array([10.0, 20.0, 5.0])
    assert tilt(design, matrix, design @ matrix) == pytest.approx(design, rel=1e-6)
