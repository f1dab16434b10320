"""Working lives: what each person of the demo population earned in every year of a span.

Log earnings of a full year are the published median of that year, age and sex, a premium for
schooling, and a score that moves as earnings are known to move: a part that never changes, a
part that wanders, a part that fades within a few years, and luck of the year (the shape of
Guvenen, Karahan, Ozkan and Song 2021, sizes assumed). Spells without work, short years and part
time make what was earned of it. Medians are published; `career_trends` and
`career_shape` say row by row what is only assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from steelyard.oasdi import default_parameters
from steelyard.oasdi.tables import packaged_table
from steelyard.sources.demo.anchors import band, by_age, column, shares, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints, heavy_tail, pick

# Spread and upper tail of a full year's pay within schooling, age and sex.
SIGMA, TAIL_SHARE, TAIL_INDEX = 0.57, 0.02, 2.2
# Parts of the score's variance at 45: never changing, wandering, fading, of the year.
FIXED, WANDER, FADING, LUCK = 0.30, 0.26, 0.32, 0.08
WANDER_DECAY, FADING_DECAY = 0.985, 0.65
# What keeps a person in or out of work: always, for some years, this year.
WORK_FIXED, WORK_FADING, WORK_LUCK, WORK_DECAY = 0.48, 0.48, 0.04, 0.90
PART_TIME_DECAY, MOST_LOST = 0.97, 0.94
SCHOOL_BY_WORK, SKILL_BY_WORK = 0.25, 0.10
FIRST_AGE, LAST_AGE = 15, 85
OLDEST = 109
# Schooling rises by so many deviations of rank a birth year until the cohort of 1975.
SCHOOL_TREND, SCHOOL_SETTLED = 0.013, 1975
HOURS_A_YEAR = 2080.0
# Gompertz hazard of death: level at birth and growth a year of age, men and women; fitted by eye
# to the SSA period life table of 2022 (expectation at 65 of 17.5 and 20.1 years).
MORTALITY = {False: (1.0e-4, 0.080), True: (3.4e-5, 0.090)}


@dataclass(frozen=True)
class Careers:
    """Working lives of n persons over consecutive years.

    Parameters
    ----------
    first_year
        The calendar year of the first column.
    earnings
        (n, years) dollars of the year from all work, 0 in years without.
    own_business
        (n, years) the part of them earned in an own business or farm.
    hours
        (n, years) hours worked in the year.
    covered
        (n, years) whether the year's work counted for Social Security.
    """

    first_year: int
    earnings: Floats
    own_business: Floats
    hours: Floats
    covered: Bools


def careers(draws: Draws, person: Columns, years: range) -> Careers:
    """Draw working lives.

    Parameters
    ----------
    person
        Equally long arrays (n,): birth_year, female, school_rank and skill (standard normal),
        and death_year, after which nothing is earned.
    years
        Consecutive calendar years, none before 1937.

    Notes
    -----
    One stream a variable and year: the first k persons are the same whatever n, and a year is
    the same whatever span it is part of only from the span's first year on. O(n years).
    """
    calendar = np.asarray(years, dtype=np.int64)
    age = calendar[None, :] - person["birth_year"][:, None]
    alive = (age >= FIRST_AGE) & (age <= LAST_AGE)
    alive &= calendar[None, :] <= person["death_year"][:, None]
    score = _scores(draws, person["skill"], age, years)
    worked = _worked(draws, person, age, years) & alive
    time, hours = _time(draws, person["female"], age, worked, years)
    pay = _median(person["female"], age, calendar)
    pay *= np.exp(_premium(person)[:, None] * np.clip((age - 16) / 24, 0.15, 1.1))
    luck = heavy_tail(score, SIGMA, tail_share=TAIL_SHARE, alpha=TAIL_INDEX)
    luck **= _trend("spread", years)
    earned = np.where(worked, np.maximum(np.round(pay * luck * time), 1.0), 0.0)
    return Careers(
        first_year=int(calendar[0]),
        earnings=earned,
        own_business=np.round(earned * _business_share(draws, age, years)),
        hours=np.where(worked, np.maximum(np.round(hours), 1.0), 0.0),
        covered=_covered(draws, calendar, len(age)),
    )


def wage_index(years: Ints) -> Floats:
    """Return the Average Wage Index of years (n,), before 1951 carried back by medians.

    The index of 42 U.S.C. 409(k), and its projection after the last published year. Before, the
    median of all workers (Table 4.B6) stands in for it.
    """
    published = default_parameters().average_wage_index
    early = years < published.first
    found = published.at(np.where(early, published.first, years)) / 100.0
    rows = published_medians()["all"]
    known, medians = rows.index.to_numpy(), rows[np.inf].to_numpy(dtype=np.float64)
    back = np.interp(years, known, medians) / np.interp(published.first, known, medians)
    return np.asarray(found * np.where(early, back, 1.0), dtype=np.float64)


@lru_cache(maxsize=1)
def published_medians() -> dict[str, pd.DataFrame]:
    """Return median taxable earnings in dollars: sex (all, male, female) to years by lowest ages.

    The column of all ages is infinite, that of the youngest begins at `FIRST_AGE`. SSA Annual
    Statistical Supplement, Table 4.B6.
    """
    rows = pd.DataFrame(packaged_table("median_earnings")).astype(
        {name: np.float64 for name in ("year", "age_lower", "age_upper", "median_earnings")}
    )
    youngest = rows["age_lower"].isna() & rows["age_upper"].notna()
    rows["age_lower"] = rows["age_lower"].mask(youngest, FIRST_AGE).fillna(np.inf)
    return {
        str(sex): of.pivot(index="year", columns="age_lower", values="median_earnings")
        for sex, of in rows.groupby("sex")
    }


def schooling(rank: Floats, birth_year: Ints) -> Ints:
    """Return the completed schooling (n,), as A_HGA, that a rank reaches in its cohort."""
    distribution, codes = shares("education", "A_HGA")
    settled = np.minimum(birth_year - SCHOOL_SETTLED, 0) * SCHOOL_TREND
    grown = distribution[band("education", np.full(len(rank), 35))]
    return codes[pick(grown, np.minimum(ndtr(rank + settled), 1 - 1e-12))]


def death_years(draws: Draws, birth_year: Ints, female: Bools, alive_in: Ints) -> Ints:
    """Draw the year of death (n,) of persons alive in a given year, by a Gompertz hazard."""
    level = np.where(female, MORTALITY[True][0], MORTALITY[False][0])
    growth = np.where(female, MORTALITY[True][1], MORTALITY[False][1])
    reached = np.maximum(alive_in - birth_year, 0)
    spent = -np.log1p(-draws.uniform(len(birth_year), "death"))
    age = np.log(np.exp(growth * reached) + spent * growth / level) / growth
    return np.asarray(birth_year + np.minimum(np.floor(age), OLDEST), dtype=np.int64)


def _autoregressive(
    draws: Draws, name: str, count: int, years: range, decay: float
) -> Iterator[Floats]:
    """Yield a standard normal (n,) a year whose correlation fades by `decay` a year."""
    state = draws.normal(count, f"{name} at start")
    for year in years:
        fresh = draws.normal(count, f"{name} {year}")
        state = decay * state + np.sqrt(1.0 - decay**2) * fresh
        yield state


def _scores(draws: Draws, skill: Floats, age: Ints, years: range) -> Floats:
    """Return scores (n, years) whose variance is near one at 45 and rises with age.

    The wandering part has half its variance of 45 at 20 and one and a half times at 70.
    """
    count = len(skill)
    fading = _autoregressive(draws, "fading score", count, years, FADING_DECAY)
    wander = _autoregressive(draws, "wandering score", count, years, WANDER_DECAY)
    score = np.empty(age.shape)
    for at, (year, passing, lasting) in enumerate(zip(years, fading, wander, strict=True)):
        reach = np.sqrt(WANDER * np.clip(0.5 + (age[:, at] - 20) / 50, 0.4, 1.6))
        score[:, at] = np.sqrt(FIXED) * skill + reach * lasting + np.sqrt(FADING) * passing
        score[:, at] += np.sqrt(LUCK) * draws.normal(count, f"luck {year}")
    return score


def _worked(draws: Draws, person: Columns, age: Ints, years: range) -> Bools:
    """Tell who worked (n, years): those whose pull to work beats the rate of the day."""
    count = len(age)
    female = person["female"]
    pull = SCHOOL_BY_WORK * person["school_rank"] + SKILL_BY_WORK * person["skill"]
    spread = np.sqrt(1.0 + SCHOOL_BY_WORK**2 + SKILL_BY_WORK**2)
    always = draws.normal(count, "always at work")
    trend = {name: _trend(name, years) for name in ("women_worked", "elder_worked")}
    fading = _autoregressive(draws, "at work", count, years, WORK_DECAY)
    worked = np.empty(age.shape, dtype=bool)
    for at, (year, lasting) in enumerate(zip(years, fading, strict=True)):
        old = age[:, at]
        rate = np.where(
            female, by_age("work", "worked_female", old), by_age("work", "worked_male", old)
        )
        rate = rate * np.where(female & (old < 62), trend["women_worked"][at], 1.0)
        rate = np.clip(rate * np.where(old >= 62, trend["elder_worked"][at], 1.0), 0.01, 0.97)
        push = np.sqrt(WORK_FIXED) * always + np.sqrt(WORK_FADING) * lasting
        push += np.sqrt(WORK_LUCK) * draws.normal(count, f"work this year {year}")
        worked[:, at] = ndtri(rate) * spread + pull + push > 0.0
    return worked


def _time(
    draws: Draws, female: Bools, age: Ints, worked: Bools, years: range
) -> tuple[Floats, Floats]:
    """Return full-time equivalents and hours (n, years).

    Years in which work begins or ends are short, and so are those with a spell between jobs.
    """
    count = len(age)
    before = np.pad(worked, ((0, 0), (1, 0)), mode="edge")[:, :-1]
    after = np.pad(worked, ((0, 0), (0, 1)), mode="edge")[:, 1:]
    edge = worked & (~before | ~after)
    lasting = _autoregressive(draws, "part time", count, years, PART_TIME_DECAY)
    full = np.where(
        draws.uniform(count, "usual hours") < 0.6,
        40.0,
        np.clip(46 + 7 * draws.normal(count, "long hours"), 36, 80),
    )
    time, hours = np.empty(age.shape), np.empty(age.shape)
    for at, (year, less) in enumerate(zip(years, lasting, strict=True)):
        old = age[:, at]
        rate = np.where(
            female, by_age("work", "part_time_female", old), by_age("work", "part_time_male", old)
        )
        part = ndtr(less) < rate
        week = np.where(part, np.clip(21 + 7 * less, 6, 34), full)
        spell = draws.uniform(count, f"between jobs {year}")
        short = edge[:, at] | (spell < by_age("career_shape", "unemployed", old))
        lost = MOST_LOST * draws.uniform(count, f"weeks {year}") ** 2
        year_share = np.where(short, 1.0 - lost, 1.0)
        time[:, at] = year_share * np.where(part, 0.9 * week / 40.0, 1.0)
        hours[:, at] = year_share * week * 52.0
    return time, hours


def _median(female: Bools, age: Ints, calendar: Ints) -> Floats:
    """Return the pay (n, years) that the middle full-year worker of age and sex has.

    Published medians relative to the index are interpolated between ages and years.
    """
    ages = np.arange(FIRST_AGE, LAST_AGE + 1)
    pay = np.empty((2, len(calendar), len(ages)))
    bands = column("career_shape", "age_lower")
    for sex, name in enumerate(("male", "female")):
        rows = published_medians()[name].drop(columns=np.inf)
        lower = rows.columns.to_numpy(dtype=np.float64)
        known = rows.index.to_numpy(dtype=np.int64)
        values = rows.ffill(axis=1).to_numpy(dtype=np.float64)
        ratio = np.log(values / wage_index(known)[:, None])
        by_single = np.array([np.interp(ages, _centres(lower), row) for row in ratio])
        over = np.array([np.interp(calendar, known, by_single[:, k]) for k in range(len(ages))])
        whole = np.log(column("career_shape", f"full_year_{name}"))
        pay[sex] = np.exp(over.T + np.interp(ages, _centres(bands), whole))
    pay *= wage_index(calendar)[None, :, None]
    place = np.clip(age - FIRST_AGE, 0, len(ages) - 1)
    found = pay[female.astype(np.int64)[:, None], np.arange(len(calendar))[None, :], place]
    return np.asarray(found, dtype=np.float64)


def _centres(lower: Floats | Ints) -> Floats:
    """Return the middle (k,) of age bands, the last of which ends at 80."""
    return np.asarray((lower + np.append(lower[1:], 80)) / 2, dtype=np.float64)


def _premium(person: Columns) -> Floats:
    """Return the log pay premium (n,) of a person's schooling over the middle worker's."""
    reached = schooling(person["school_rank"], person["birth_year"])
    codes = table("earnings")["A_HGA"].to_numpy(dtype=np.int64)
    row = np.clip(np.searchsorted(codes, reached), 0, len(codes) - 1)
    pay = np.log(column("earnings", "full_time_median"))
    # The middle of the cohort, so that no cohort gains by having less schooling.
    middle = np.interp(
        person["birth_year"], [1900, SCHOOL_SETTLED], [np.log(40_000.0), np.log(54_000.0)]
    )
    return np.asarray(pay[row] - middle, dtype=np.float64)


def _business_share(draws: Draws, age: Ints, years: range) -> Floats:
    """Return the share (n, years) of earnings from an own business: all, three tenths, none."""
    count = len(age)
    lasting = _autoregressive(draws, "own business", count, years, 0.93)
    share = np.zeros(age.shape)
    for at, owner in enumerate(lasting):
        rate = np.where(age[:, at] < 22, 0.012, np.minimum(0.057 + 0.001 * (age[:, at] - 22), 0.1))
        above = 1.0 - ndtr(owner)
        share[:, at] = np.where(above < 0.65 * rate, 1.0, np.where(above < rate, 0.3, 0.0))
    return share


def _covered(draws: Draws, calendar: Ints, count: int) -> Bools:
    """Tell whose work (n, years) is covered: the widely covered first, as the law widened."""
    rank = draws.uniform(count, "covered")
    share = _trend("covered_share", range(int(calendar[0]), int(calendar[-1]) + 1))
    return np.asarray(rank[:, None] < share[None, :])


def _trend(name: str, years: range) -> Floats:
    """Interpolate a column of `career_trends` over years."""
    known = column("career_trends", "year")
    found = np.interp(np.asarray(years), known, column("career_trends", name))
    return np.asarray(found, dtype=np.float64)
