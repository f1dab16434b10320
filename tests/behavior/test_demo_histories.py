"""Working lives of the demo population: published levels, and moments as earnings have them."""

import numpy as np
import pytest

from steelyard.oasdi import default_parameters
from steelyard.sources.demo.draws import Columns, Draws
from steelyard.sources.demo.histories import (
    Careers,
    careers,
    death_years,
    published_medians,
    schooling,
    wage_index,
)

YEARS = range(1950, 2023)
PERSONS = 12_000


def people(count: int, seed: int = 5) -> Columns:
    """Persons of all cohorts who never die."""
    draws = Draws(seed, "histories test")
    return {
        "birth_year": 1900 + np.floor(draws.uniform(count, "born") * 105).astype(np.int64),
        "female": draws.uniform(count, "sex") < 0.5,
        "school_rank": draws.normal(count, "school"),
        "skill": draws.normal(count, "skill"),
        "death_year": np.full(count, 9999),
    }


@pytest.fixture(scope="module")
def lives() -> tuple[Columns, Careers, np.ndarray]:
    person = people(PERSONS)
    age = np.asarray(YEARS)[None, :] - person["birth_year"][:, None]
    return person, careers(Draws(5, "lives"), person, YEARS), age


def test_the_same_names_give_the_same_lives(lives: tuple[Columns, Careers, np.ndarray]) -> None:
    person, whole, _ = lives
    again = careers(Draws(5, "lives"), person, YEARS)
    other = careers(Draws(6, "lives"), person, YEARS)
    assert (again.earnings == whole.earnings).all()
    assert (other.earnings != whole.earnings).any()


def test_the_first_persons_do_not_depend_on_those_after(
    lives: tuple[Columns, Careers, np.ndarray],
) -> None:
    person, whole, _ = lives
    few = {name: values[:500] for name, values in person.items()}
    part = careers(Draws(5, "lives"), few, YEARS)
    assert (part.earnings == whole.earnings[:500]).all()
    assert (part.hours == whole.hours[:500]).all()


def test_nothing_is_earned_in_childhood_old_age_or_after_death() -> None:
    person = people(2000) | {"death_year": np.full(2000, 1990)}
    found = careers(Draws(5, "lives"), person, YEARS)
    age = np.asarray(YEARS)[None, :] - person["birth_year"][:, None]
    outside = (age < 15) | (age > 85) | (np.asarray(YEARS)[None, :] > 1990)
    assert (found.earnings[outside] == 0).all()
    assert (found.earnings[~outside] > 0).any()


def test_earnings_come_with_hours_and_businesses_are_part_of_them(
    lives: tuple[Columns, Careers, np.ndarray],
) -> None:
    _, found, _ = lives
    assert ((found.earnings > 0) == (found.hours > 0)).all()
    assert (found.hours <= 80 * 52).all()
    assert (found.own_business >= 0).all()
    assert (found.own_business <= found.earnings).all()
    assert 0.03 < (found.own_business > 0).sum() / (found.earnings > 0).sum() < 0.15


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("year", [1960, 1980, 2000, 2020])
def test_medians_are_the_published_ones(
    lives: tuple[Columns, Careers, np.ndarray], sex: str, year: int
) -> None:
    person, found, age = lives
    at = year - YEARS[0]
    row = published_medians()[sex].loc[year]
    mine = person["female"] == (sex == "female")
    for lower in (25, 30, 35, 40, 45, 50):
        band = mine & (age[:, at] >= lower) & (age[:, at] < lower + 5)
        earned = found.earnings[band, at]
        middle = np.median(earned[earned > 0])
        assert middle == pytest.approx(row[lower], rel=0.25), lower


def logs(found: Careers, age: np.ndarray, lower: int, upper: int) -> np.ndarray:
    """Log earnings net of the year's mean, NaN without earnings or outside the ages."""
    inside = (age >= lower) & (age < upper) & (found.earnings > 0)
    value = np.where(inside, np.log(np.maximum(found.earnings, 1.0)), np.nan)
    return np.asarray(value - np.nanmean(value, axis=0, keepdims=True))


def correlation(value: np.ndarray, lag: int) -> float:
    early, late = value[:, :-lag].ravel(), value[:, lag:].ravel()
    both = ~np.isnan(early) & ~np.isnan(late)
    return float(np.corrcoef(early[both], late[both])[0, 1])


def test_earnings_last_and_fade(lives: tuple[Columns, Careers, np.ndarray]) -> None:
    _, found, age = lives
    value = logs(found, age, 25, 60)
    at = {lag: correlation(value, lag) for lag in (1, 2, 5, 10, 20)}
    assert 0.75 < at[1] < 0.9
    assert 0.5 < at[10] < 0.65
    assert list(at.values()) == sorted(at.values(), reverse=True)


def test_earnings_spread_with_age_and_over_the_decades(
    lives: tuple[Columns, Careers, np.ndarray],
) -> None:
    person, found, age = lives
    real = found.earnings / wage_index(np.asarray(YEARS))[None, :]
    full = np.where(found.hours > 1500, real, 0.0)
    men = ~person["female"]
    spread = []
    for lower in (25, 35, 45, 55):
        inside = men[:, None] & (age >= lower) & (age < lower + 10) & (full > 0)
        spread.append(float(np.var(np.log(full[inside]))))
    assert spread == sorted(spread)
    early, late = (slice(0, 20), slice(53, 73))
    inside = (age >= 35) & (age < 45) & (full > 0)
    assert np.var(np.log(full[:, early][inside[:, early]])) < np.var(
        np.log(full[:, late][inside[:, late]])
    )


def test_years_out_of_work_come_in_spells(lives: tuple[Columns, Careers, np.ndarray]) -> None:
    person, found, age = lives
    prime = (age[:, :-1] >= 30) & (age[:, :-1] < 55)
    out, later = found.earnings[:, :-1] == 0, found.earnings[:, 1:] == 0
    men = ~person["female"][:, None]
    assert 0.05 < out[prime & men].mean() < 0.15
    assert 0.2 < out[prime & ~men].mean() < 0.5
    # Who is out stays out far oftener than whoever is at work leaves it.
    assert later[prime & men & out].mean() > 0.6
    assert later[prime & men & ~out].mean() < 0.06


def test_few_earn_the_base_as_published(lives: tuple[Columns, Careers, np.ndarray]) -> None:
    """Table 4.B4 of the Annual Statistical Supplement: percent of workers below the maximum."""
    person, found, _ = lives
    base = default_parameters().contribution_base
    for year, men, women in ((1951, 64.6, 96.7), (1980, 85.5, 98.8), (2006, 91.1, 97.1)):
        at = year - YEARS[0]
        for female, published in ((False, men), (True, women)):
            worked = (person["female"] == female) & (found.earnings[:, at] > 0)
            worked &= found.covered[:, at]
            below = 100 * (found.earnings[worked, at] < float(base.at(year))).mean()
            assert below == pytest.approx(published, abs=5.0), (year, female)


def test_the_index_of_wages_is_the_published_one_and_goes_back_to_1937() -> None:
    index = wage_index(np.arange(1937, 2023))
    assert index[1951 - 1937] == pytest.approx(2799.16)
    assert index[2022 - 1937] == pytest.approx(63795.13)
    assert (np.diff(index[:14]) > -60).all() and 700 < index[0] < 1500


def test_later_cohorts_have_more_schooling() -> None:
    rank = Draws(1, "schooling test").normal(4000, "rank")
    share = [
        float((schooling(rank, np.full(4000, born)) >= 43).mean()) for born in (1910, 1940, 1975)
    ]
    assert share == sorted(share) and share[0] < 0.2 < share[2]


def test_people_die_as_the_life_table_has_it() -> None:
    """SSA period life table 2022: years that men and women of 65 have left."""
    born, alive = np.full(20_000, 1935), np.full(20_000, 2000)
    for female, left in ((False, 17.5), (True, 20.1)):
        years = death_years(Draws(3, "deaths"), born, np.full(20_000, female), alive)
        assert (years >= 2000).all()
        assert float((years - 2000).mean()) + 0.5 == pytest.approx(left, abs=0.6)
