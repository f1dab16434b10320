"""What ranks are worth: published medians, published shares below the base, and a tail."""

import numpy as np
import pytest

from steelyard.oasdi import default_parameters
from steelyard.oasdi.tables import packaged_table
from steelyard.panel.histories.dollars import GRID, EarningsScale, fit_scale
from steelyard.panel.lives import FIRST_AGE, LAST_AGE

LAW = default_parameters()
MEDIANS, BELOW = packaged_table("median_earnings"), packaged_table("share_below_base")


@pytest.fixture(scope="module")
def workers() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    count = 20_000
    body = np.exp(10.6 + 0.9 * rng.standard_normal(count))
    return {
        "earnings": np.where(rng.random(count) < 0.02, body * rng.pareto(2, count) + body, body),
        "weights": rng.exponential(size=count),
        "female": rng.random(count) < 0.48,
        "age": rng.integers(FIRST_AGE, LAST_AGE + 1, count),
    }


@pytest.fixture(scope="module")
def scale(workers: dict[str, np.ndarray]) -> EarningsScale:
    return fit_scale(**workers, parameters=LAW, medians=MEDIANS, below_base=BELOW, last_year=2060)


def published(sex: str, year: int) -> float:
    rows = zip(BELOW["year"], BELOW["sex"], BELOW["share_below_base"], strict=True)
    (found,) = (float(share) for at, of, share in rows if of == sex and int(at) == year)
    return found


@pytest.mark.parametrize("year", [1955, 1970, 1982, 1990, 2006, 2023])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_as_many_lie_below_the_base_as_was_published(
    scale: EarningsScale, workers: dict[str, np.ndarray], year: int, sex: str
) -> None:
    mine = workers["female"] == (sex == "female")
    age, weight = np.repeat(workers["age"][mine], 200), np.repeat(workers["weights"][mine], 200)
    rank = np.tile((np.arange(200) + 0.5) / 200, np.count_nonzero(mine))
    female, years = np.full(len(age), sex == "female"), np.full(len(age), year)
    base = LAW.contribution_base.at(np.array([year]))[0]
    below = np.average(scale.dollars(rank, female, age, years) < base, weights=weight)
    assert below == pytest.approx(published(sex, year), abs=0.006)


def test_the_middle_worker_has_the_published_median(scale: EarningsScale) -> None:
    # Women of 40 to 44 in 2020, at the middle of the band; published for the whole of it.
    rows = zip(
        *(MEDIANS[name] for name in ("year", "sex", "age_lower", "median_earnings")), strict=True
    )
    (wanted,) = (float(m) for y, s, a, m in rows if (y, s, a) == ("2020", "female", "40"))
    found = scale.dollars([0.5, 0.5], [True, True], [42, 43], [2020, 2020]).mean()
    assert found == pytest.approx(wanted, rel=0.01)


def test_after_the_last_published_year_dollars_grow_with_the_wage_index(
    scale: EarningsScale,
) -> None:
    now, later = (scale.dollars([0.7], [False], [40], [year])[0] for year in (2023, 2050))
    index = LAW.average_wage_index.at(np.array([2023, 2050]))
    assert later / now == pytest.approx(index[1] / index[0])


def test_more_rank_is_more_money_and_the_tail_goes_on(scale: EarningsScale) -> None:
    rank = np.concatenate([GRID, [0.99995, 0.99999]])
    same = np.full(len(rank), 45)
    for year in (1960, 2022):
        dollars = scale.dollars(rank, same > 99, same, np.full(len(rank), year))
        assert (np.diff(dollars) >= 0).all() and dollars[-1] > dollars[-2] > dollars[-3]


def test_years_and_groups_that_are_not_known_are_named(
    scale: EarningsScale, workers: dict[str, np.ndarray]
) -> None:
    with pytest.raises(ValueError, match="knows 1951 to 2060, was asked for 1949 to 2070"):
        scale.dollars([0.5, 0.5], [True, True], [30, 30], [1949, 2070])
    young = {name: values[workers["age"] < 66] for name, values in workers.items()}
    with pytest.raises(ValueError, match="0 male workers from age 66 on"):
        fit_scale(**young, parameters=LAW, medians=MEDIANS, below_base=BELOW, last_year=2030)
