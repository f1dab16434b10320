"""Laws that hold for every history, not only for published ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steelyard.oasdi import (
    NEVER,
    People,
    Relation,
    Ties,
    aime,
    benefits,
    default_parameters,
    earnings_test,
    family_maximum,
    month,
    pia,
    retired_worker_benefit,
    spouse_benefit,
    survivor_benefit,
)
from steelyard.oasdi.limits import within_maximum

LAW = default_parameters()
YEARS = np.arange(1980, 2022)
BASE = LAW.contribution_base.at(YEARS).astype(float)
BORN = {"first_year": 1980, "birth_year": 1960, "eligibility_year": 2022}

histories = arrays(
    np.float64, YEARS.size, elements=st.floats(0, 400_000).map(lambda x: round(x, 2))
)
averages = st.integers(0, 20_000)
eligible = st.integers(1979, 2026)
dimes = st.integers(0, 60_000).map(lambda tenths: tenths / 10)


@given(averages, averages, averages, eligible)
def test_pia_rises_with_aime_and_ever_less(one, two, three, year):
    low, middle, high = sorted({one, two, three} | {0, 20_001, 10_000})[:3]
    values = pia([low, middle, high], eligibility_year=year, benefit_year=year)
    assert (np.diff(values) >= 0).all()
    steps = np.diff(values) / np.diff([low, middle, high])
    tolerance = 0.1 / (middle - low) + 0.1 / (high - middle)  # each value lost up to a dime
    assert steps[1] <= steps[0] + tolerance


@given(averages, eligible, st.integers(0, 12))
def test_increases_never_lower_an_amount(average, year, later):
    until = min(year + later, 2030)
    values = [
        pia(average, eligibility_year=year, benefit_year=each)[0] for each in range(year, until + 1)
    ]
    assert (np.diff(values) >= 0).all()


@given(histories)
def test_earnings_above_the_base_change_nothing(earned):
    above = np.where(earned >= BASE, earned + 123_456, earned)
    assert aime(above, **BORN) == aime(np.minimum(earned, BASE), **BORN)


@given(histories, st.randoms(use_true_random=False))
def test_order_of_computation_years_does_not_matter(earned, random):
    # In level wages every year counts alike: indexed first, then put in another order.
    wages = LAW.average_wage_index.at(np.minimum(YEARS, 2020)) / 100
    share = np.round(np.minimum(earned / wages, 0.9), 2)
    order = list(range(YEARS.size))
    random.shuffle(order)
    plain = aime(np.round(share * wages, 2), **BORN)
    mixed = aime(np.round(share[order] * wages, 2), **BORN)
    assert abs(plain[0] - mixed[0]) <= 1


@given(histories, st.integers(0, YEARS.size - 1), st.floats(0, 50_000))
def test_more_earnings_never_lower_aime(earned, year, more):
    raised = earned.copy()
    raised[year] += round(more, 2)
    assert aime(raised, **BORN) >= aime(earned, **BORN)


@given(histories)
def test_retirement_and_disability_agree_at_62(earned):
    assert aime(earned, **BORN) == aime(earned, **BORN, kind="disability")
    assert aime(earned, **BORN) == aime(earned, **BORN, kind="survivor")


@given(dimes)
def test_age_reductions_fall_month_by_month(amount):
    worker = retired_worker_benefit(amount, months_early=np.arange(61))
    spouse = spouse_benefit(amount, months_early=np.arange(61))
    widow = survivor_benefit(amount, months_early=np.arange(85))
    credit = retired_worker_benefit(amount, months_delayed=np.arange(37), birth_year=1960)
    for falling in (worker, spouse, widow, -credit):
        assert (np.diff(falling) <= 0).all()


@given(dimes, st.floats(0, 200_000), st.floats(0, 50_000), st.integers(1975, 2026), st.booleans())
def test_the_earnings_test_never_raises_a_benefit(amount, earned, more, year, attains):
    less = earnings_test(amount, earned, year=year, attains_fra=attains)
    worse = earnings_test(amount, earned + more, year=year, attains_fra=attains)
    assert 0 <= worse.paid <= less.paid <= 12 * amount
    assert worse.months_withheld >= less.months_withheld
    assert 0 <= less.months_withheld <= 12
    np.testing.assert_allclose(less.paid + less.withheld, 12 * amount)


@given(
    arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 40_000)),
    st.integers(-100, 60_000),
    st.data(),
)
def test_benefits_under_the_maximum_never_exceed_it(original, available, data):
    record = data.draw(arrays(np.int64, original.size, elements=st.integers(0, 2)))
    left = np.array([available, 30_000, 0])
    cut = within_maximum(original, record, left)
    assert (cut <= original).all() and (cut >= 0).all()
    total = np.bincount(record, cut, 3)
    assert (total <= np.maximum(left, 0)).all()
    # Nothing is cut without need, and no more than a dime each is lost to truncation.
    wanted = np.bincount(record, original, 3)
    lost = np.minimum(wanted, np.maximum(left, 0)) - total
    assert (lost <= np.bincount(record, minlength=3)).all()


@given(averages, eligible)
def test_family_maximum_lies_between_150_and_188_percent(average, year):
    amount = pia(average, eligibility_year=year, benefit_year=year)
    limit = family_maximum(amount, eligibility_year=year)
    assert limit >= np.floor(amount * 15 - 1) / 10
    assert limit <= amount * 1.88 + 0.2
    disabled = family_maximum(amount, eligibility_year=year, aime=average, kind="disability")
    assert amount <= disabled <= amount * 1.5 + 0.11  # before 1983 rounded up


@given(dimes, st.integers(0, 60), st.integers(0, 84))
def test_widow_of_an_early_claimer_keeps_what_rib_lim_leaves(amount, months_early, widow_early):
    drawn = retired_worker_benefit(amount, months_early=months_early, rounding="dime")
    limited = survivor_benefit(
        amount, deceased_benefit=drawn, months_early=widow_early, rounding="dime"
    )
    free = survivor_benefit(amount, months_early=widow_early, rounding="dime")
    floor = np.floor(amount * 8.25 + 1e-6) / 10
    assert limited <= free
    assert limited >= np.minimum(free, np.maximum(floor, drawn))
    full = survivor_benefit(amount, deceased_benefit=drawn, rounding="dime")
    assert full >= floor


def population(seed, size=240):
    """A random population of couples, divorced and widowed people, and children."""
    rng = np.random.default_rng(seed)
    earned = rng.lognormal(10, 1.2, (size, 60)) * (rng.random((size, 60)) < 0.75)
    born = month(rng.integers(1938, 1964, size), rng.integers(1, 13, size))
    child = np.arange(size) % 4 == 3
    born = np.where(child, month(rng.integers(2005, 2022, size)), born)
    earned[child] = 0
    claim = np.where(child, NEVER, born + rng.integers(745, 840, size))
    death = np.where(
        ~child & (rng.random(size) < 0.3), month(rng.integers(2000, 2023, size)), NEVER
    )
    began = np.maximum(born + rng.integers(400, 760, size), month(1979))
    onset = np.where(~child & (rng.random(size) < 0.2), began, NEVER)
    people = People(earned, 1960, born, claim=claim, onset=onset, death=death)
    worker = np.flatnonzero(np.arange(size) % 4 == 0)
    spouse = rng.choice(
        [Relation.SPOUSE, Relation.SPOUSE_WITH_CHILD, Relation.DIVORCED], worker.size
    )
    widow = np.where(spouse == Relation.DIVORCED, Relation.SURVIVING_DIVORCED, Relation.WIDOW)
    dead = death[worker] < NEVER
    kinds = np.concatenate(
        [np.where(dead, widow, spouse), np.repeat(int(Relation.CHILD), worker.size * 2)]
    )
    person = np.concatenate([worker + 1, worker + 3, worker + 2])
    ended = np.where(np.isin(kinds[: worker.size], [3, 7]), int(month(1999)), NEVER)
    end = np.concatenate([ended, np.repeat(NEVER, worker.size * 2)])
    claims = np.concatenate([claim[worker + 1], np.repeat(int(month(2010)), worker.size * 2)])
    ties = Ties(np.tile(worker, 3), person, kinds, claims, start=int(month(1980)), end=end)
    return people, ties


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2010, 2026))
def test_families_stay_within_the_maximum(seed, year):
    people, ties = population(seed)
    got = benefits(people, ties, month=int(month(year, 6)))
    own = got.records
    counted = got.is_entitled & ~np.isin(ties.kinds, [3, 7, 8])
    worker = ties.column("worker")
    # What somebody's own benefit replaces is not counted (Acquiescence Ruling 97-1(1)).
    paid = np.bincount(worker, np.where(counted, np.rint(got.auxiliary * 10), 0), people.size)
    limit = own.maximum - np.where(own.is_dead, 0, own.pia)
    assert (paid <= np.maximum(limit, 0)).all()
    assert (got.auxiliary <= got.after_maximum + 1e-9).all()
    assert (got.after_maximum <= got.original + 1e-9).all()
    assert (got.total >= np.floor(got.own)).all()
    assert (got.total[people.months("death") <= month(year, 6)] == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_persons_does_not_matter(seed, random):
    people, ties = population(seed)
    when = int(month(2020, 6))
    order = np.arange(people.size)
    random.shuffle(order)
    place = np.argsort(order)
    moved = Ties(
        place[ties.worker],
        place[ties.person],
        ties.kinds,
        ties.claim,
        start=ties.start,
        end=ties.end,
    )
    plain, mixed = (
        benefits(people, ties, month=when),
        benefits(people.take(order), moved, month=when),
    )
    np.testing.assert_array_equal(mixed.total, plain.total[order])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_person_alone_is_paid_as_in_the_crowd(seed):
    people, _ = population(seed)
    empty = np.zeros(0, np.int64)
    none = Ties(empty, empty, empty, empty)
    crowd = benefits(people, none, month=int(month(2021, 3)))
    for row in (0, 7, 101):
        alone = benefits(people.take(np.array([row])), none, month=int(month(2021, 3)))
        assert alone.total[0] == crowd.total[row]
