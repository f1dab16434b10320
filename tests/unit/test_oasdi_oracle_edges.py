"""Edges of the law: birthdays, cohorts, ages, empty and full careers, the ends of the tables."""

from random import Random

import numpy as np
import oasdi_oracle as law
import pytest
from oasdi_oracle import Person, at

from steelyard.oasdi import (
    NEVER,
    BadInput,
    People,
    Relation,
    Ties,
    aime,
    benefits,
    birth_month,
    claim_months,
    default_parameters,
    family_maximum,
    month,
    pia,
    retired_worker_benefit,
    survivor_benefit,
    windfall_pia,
)
from steelyard.oasdi.insured import is_currently_insured, is_disability_insured

LAW = default_parameters()
YEARS = np.arange(1951, 2026)
WAGES = LAW.average_wage_index.at(np.minimum(YEARS, 2024)) / 100
NOBODY = Ties(*[np.zeros(0, np.int64)] * 4)


def worker(born, **months):
    """A steady earner of the average wage from 22 to 61."""
    earned = WAGES * ((born // 12 + 22 <= YEARS) & (born // 12 + 62 > YEARS))
    return People(earned[None, :], 1951, np.array([born]), **months)


def own(people, when):
    got = benefits(people, NOBODY, month=when)
    return got.own[0], got.records


# -- birthdays and cohorts -------------------------------------------------------------------------


def test_births_on_the_first_belong_to_the_month_before():
    assert birth_month(1960, 1, 1) == month(1959, 12)
    assert birth_month(1960, 1, 2) == month(1960, 1)
    assert birth_month(1960, 3, 1) == birth_month(1960, 2, 15)
    # Born on New Year's Day 1960: the cohort of 1959, 66 and ten months, eligible in 2021.
    born = int(birth_month(1960, 1, 1).item())
    _, record = own(worker(born, claim=np.array([born + 802])), born + 802)
    assert record.eligibility_year[0] == 2021
    assert record.own[0] == record.pia[0]
    _, early = own(worker(born, claim=np.array([born + 801])), born + 802)
    assert early.own[0] < early.pia[0]


def test_born_on_the_second_may_draw_for_the_month_of_turning_62():
    # 62 on the first of the month, so throughout it: sixty months early, not fifty-nine.
    born = int(birth_month(1962, 5, 2).item())
    early, _ = claim_months(born, born + 744, born + 744, LAW)
    paid, record = own(worker(born, claim=np.array([born + 744])), born + 744)
    assert early == 60
    assert 10 * paid == record.pia[0] * 7 // 10
    with pytest.raises(BadInput):
        own(worker(born, claim=np.array([born + 743])), born + 744)


# 20 CFR 404.409 and 404.410: age, and what is left at 62 of 100,000, for the cohorts at each step.
COHORTS = {
    1937: (65, 0, 80_000),
    1938: (65, 2, 79_166),
    1942: (65, 10, 75_833),
    1943: (66, 0, 75_000),
    1954: (66, 0, 75_000),
    1955: (66, 2, 74_166),
    1959: (66, 10, 70_833),
    1960: (67, 0, 70_000),
    1990: (67, 0, 70_000),
}


@pytest.mark.parametrize("born", COHORTS)
def test_cohorts_at_the_steps_of_full_retirement_age(born):
    years, months, left = COHORTS[born]
    full = 12 * years + months
    assert LAW.full_retirement_age(born) == full
    got = retired_worker_benefit(100_000.0, months_early=full - 744, birth_year=born)
    assert got == left
    with pytest.raises(BadInput):
        retired_worker_benefit(1000.0, months_early=full - 743, birth_year=born)
    late = retired_worker_benefit(1000.0, months_delayed=840 - full, birth_year=born)
    assert late == law.down(law.retired(1000, born, 0, 840 - full), 1)
    with pytest.raises(BadInput):
        retired_worker_benefit(1000.0, months_delayed=841 - full, birth_year=born)


def test_claims_at_full_retirement_age_and_at_seventy():
    born = int(birth_month(1954, 6).item())
    for age, share in ((792, 1.0), (840, 1.32)):
        claim = np.array([born + age])
        paid, record = own(worker(born, claim=claim), born + age)
        assert 10 * paid == np.floor(record.pia[0] * share + 1e-9)
    # A month after full retirement age earns a credit that counts from January on.
    people = worker(born, claim=np.array([born + 793]))
    assert own(people, at(2020, 12))[0] == own(people, at(2020, 12))[1].pia[0] / 10
    paid, record = own(people, at(2021, 1))
    assert 10 * paid == record.pia[0] * 302 // 300
    with pytest.raises(BadInput):
        own(worker(born, claim=np.array([born + 841])), born + 841)


def test_widows_by_cohort_and_a_disabled_widow_at_fifty():
    for born in (1939, 1940, 1945, 1956, 1957, 1961, 1962, 1980):
        possible = law.survivor_age(born) - 720
        months = {"months_possible": possible, "rounding": "dime"}
        assert survivor_benefit(1000.0, months_early=possible, **months) == 715.0
        assert survivor_benefit(1000.0, months_early=0, **months) == 1000.0
    died = at(2020, 3)
    deceased = worker(at(1965, 2), death=np.array([died]))
    born = np.array([deceased.birth[0], at(1971, 5)])
    people = People(
        np.vstack([deceased.earnings, 0 * deceased.earnings]),
        1951,
        born,
        death=np.array([died, int(NEVER)]),
        onset=np.array([int(NEVER), at(2021, 2)]),
    )
    claim = np.array([at(2021, 5)])
    tie = Ties(
        np.array([0]),
        np.array([1]),
        np.array([int(Relation.DISABLED_WIDOW)]),
        claim,
        start=at(1995, 1),
    )
    before, since = (benefits(people, tie, month=when) for when in (at(2021, 4), at(2021, 5)))
    assert not before.is_entitled[0]
    assert since.auxiliary[0] == np.floor(since.original[0] * 7.15 + 1e-9) / 10


# -- careers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 10, 34, 35, 36, 40, 49])
def test_years_short_of_and_beyond_thirty_five(count):
    earned = {year: 30_000.0 + year for year in range(2026 - count, 2026)}
    row = [earned.get(year, 0.0) for year in range(1977, 2026)]
    got = aime(row, first_year=1977, birth_year=1964, eligibility_year=2026)
    assert got == law.aime(earned, 1964, 2026)
    assert (got == 0) == (count == 0)


def test_earnings_at_and_above_the_base():
    base = LAW.contribution_base.at(np.arange(1986, 2026)).astype(float)
    at_base, above, below = (
        aime(base + more, first_year=1986, birth_year=1964, eligibility_year=2026)[0]
        for more in (0, 0.01, -120)
    )
    assert at_base == above == 14_358  # SSA's maximum for 2026
    assert below < at_base


def test_no_earnings_are_no_amount_and_no_benefit():
    born = at(1962, 5)
    people = People(np.zeros((1, 60)), 1966, np.array([born]), claim=np.array([born + 804]))
    paid, record = own(people, born + 804)
    assert paid == 0
    assert not record.is_fully_insured[0]
    assert pia(0, eligibility_year=2024, benefit_year=2026) == 0
    assert family_maximum(0.0, eligibility_year=2024) == 0


def test_computation_years_of_the_oldest_and_the_youngest():
    # Born 1917: elapsed 1951-1978, 23 years; disabled at 24: two elapsed years, none dropped.
    for born, eligible, kind in ((1917, 1979, "retirement"), (1999, 2023, "disability")):
        earned = {year: 3000.0 for year in range(born + 20, eligible)}
        first = min(earned)
        got = aime(
            list(earned.values()),
            first_year=first,
            birth_year=born,
            eligibility_year=eligible,
            kind=kind,
        )
        assert got == law.aime(earned, born, eligible, kind)
    assert law.computation_years(1917, 1979, "retirement") == 23
    assert law.computation_years(1999, 2023, "disability") == 2


def test_thirty_years_of_coverage_leave_no_windfall_to_take():
    given = {"eligibility_year": 2015, "benefit_year": 2020, "pension": 2000.0}
    regular = pia(1500, eligibility_year=2015, benefit_year=2020)
    assert windfall_pia(1500, years_of_coverage=30, **given) == regular
    assert windfall_pia(1500, years_of_coverage=29, **given) < regular
    after = windfall_pia(1500, years_of_coverage=0, **(given | {"benefit_year": 2024}))
    assert after == pia(1500, eligibility_year=2015, benefit_year=2024)


def quarter(month):
    return 4 * (month // 12) + month % 12 // 3


def recent_enough(covered, born, onset):
    """42 USC 423(c)(1)(B): 20 of 40 quarters; before 31 half since 21, 6 of 12 at least."""
    last, since = quarter(onset), quarter(onset) - quarter(born + 252)
    usual = sum(each in covered for each in range(last - 39, last + 1)) >= 20
    span = max(since, 12)
    had = sum(each in covered for each in range(last - span + 1, last + 1))
    return usual or (onset < born + 372 and had >= span // 2)


def test_recent_work_of_2000_people():
    random, first = Random("insured"), 1975
    worked = np.array([[random.choice([0, 4]) for _ in range(50)] for _ in range(2000)])
    born = np.array([random.randint(at(1955, 1), at(1995, 12)) for _ in range(2000)])
    onset = [random.randint(b + 253, min(b + 720, at(2024, 12))) for b in born.tolist()]
    disabled = is_disability_insured(
        worked, first_year=first, birth_month=born, onset_month=onset, fully_insured=True
    )
    current = is_currently_insured(worked, first_year=first, event_month=onset)
    for row, b, when, recent, current_too in zip(
        worked.tolist(), born.tolist(), onset, disabled, current, strict=True
    ):
        covered = {4 * (first + k) + q for k, each in enumerate(row) if each for q in range(4)}
        assert recent == recent_enough(covered, b, when)
        last = quarter(when)
        assert current_too == (sum(each in covered for each in range(last - 12, last + 1)) >= 6)


# -- events ----------------------------------------------------------------------------------------


def test_death_before_62_and_conversion_at_full_retirement_age():
    born = at(1957, 3)
    people = worker(born, onset=np.array([at(2015, 6)]))
    person = Person(
        dict(zip(YEARS.tolist(), people.earnings[0].tolist(), strict=True)),
        1957,
        born,
        onset=at(2015, 6),
    )
    for when in (at(2015, 12), born + 797, born + 798, at(2025, 12)):
        paid, record = own(people, when)
        amount, maximum = person.amounts(when)
        assert (paid, record.maximum[0] / 10) == (float(amount), float(maximum))
    assert own(people, at(2015, 11))[0] == 0
    for died in (at(1995, 1), at(2018, 12), at(2019, 1)):
        dead = worker(born, death=np.array([died]))
        _, record = own(dead, at(2025, 1))
        assert record.eligibility_year[0] == min(died // 12, 2019)
        assert record.is_dead[0]


@pytest.mark.parametrize("second", [at(2010, 5), at(2011, 1), at(2010, 4)])
def test_a_marriage_ends_with_the_death_of_the_worker(second):
    """She drew on the first, whose death freed her to marry the next; not before it."""
    first, next_, she = at(1945, 3), at(1948, 3), at(1950, 3)
    earned = np.vstack([worker(first).earnings, worker(next_).earnings, 0 * YEARS])
    people = People(
        earned,
        1951,
        np.array([first, next_, she]),
        claim=np.array([NEVER, at(2014, 3), NEVER]),
        death=np.array([at(2010, 5), NEVER, NEVER]),
    )
    kind, claim = int(Relation.SPOUSE), np.array([at(2012, 3), at(2016, 3)])
    start = np.array([at(1975, 1), second])
    ties = Ties(np.array([0, 1]), np.array([2, 2]), np.array([kind, kind]), claim, start=start)
    if second < at(2010, 5):
        with pytest.raises(BadInput, match="two marriages at once"):
            benefits(people, ties, month=at(2020, 1))
        return
    got = benefits(people, ties, month=at(2020, 1))
    assert got.is_entitled.tolist() == [False, True]
    assert got.total[2] == np.floor(got.records.pia[1] / 20)


def test_years_beyond_the_tables_are_refused():
    for given in ((1978, 1979), (2103, 2103), (2024, 2023)):
        with pytest.raises(BadInput):
            pia(1000, eligibility_year=given[0], benefit_year=given[1])
    with pytest.raises(BadInput):
        aime([1000.0], first_year=2101, birth_year=2045, eligibility_year=2107)
    later = pia(1000, eligibility_year=2060, benefit_year=2070)
    assert later > pia(1000, eligibility_year=2060, benefit_year=2060)
