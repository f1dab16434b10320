"""Whole families in one month: what each rule of the order of adjustments does."""

import numpy as np
import pytest

from steelyard.oasdi import (
    NEVER,
    People,
    Relation,
    Ties,
    after_earnings_test,
    benefits,
    birth_month,
    child_benefit_ends,
    combined_family_maximum,
    default_parameters,
    earnings_test,
    month,
    spouse_benefit,
    with_deemed_filing,
)

LAW = default_parameters()
YEARS = np.arange(1970, 2026)
WAGES = LAW.average_wage_index.at(np.minimum(YEARS, 2024)) / 100
S, D, C, W = Relation.SPOUSE, Relation.DIVORCED, Relation.CHILD, Relation.WIDOW
WHEN = int(month(2025, 6))


def at(year, of_year=1):
    return int(month(year, of_year))


def population(*persons):
    """Persons as (share of the average wage, birth year, {column: month})."""
    earnings = np.stack([share * WAGES * (born + 22 <= YEARS) for share, born, _ in persons])
    columns = {
        name: np.array([extra.get(name, NEVER) for *_, extra in persons], np.int64)
        for name in ("claim", "onset", "death")
    }
    pension = np.array([extra.get("pension", 0.0) for *_, extra in persons])
    born = np.concatenate([birth_month(year, 3) for _, year, _ in persons])
    return People(earnings, 1970, born, pension=pension, **columns)


def ties(*rows, **columns):
    worker, person, relation, claim = (np.array(column) for column in zip(*rows, strict=True))
    return Ties(worker, person, relation.astype(int), claim, **({"start": at(1980)} | columns))


def pias(got):
    return got.records.pia / 10


def test_spouse_with_an_own_benefit_gets_the_difference_and_frees_the_rest():
    people = population(
        (1.2, 1958, {"claim": at(2024, 11)}),
        (0.3, 1958, {"claim": at(2024, 11)}),
        (0.0, 2012, {}),
        (0.0, 2014, {}),
    )
    family = ties((0, 1, S, at(2024, 11)), (0, 2, C, at(2024, 11)), (0, 3, C, at(2024, 11)))
    got = benefits(people, family, month=WHEN)
    pia, limit = pias(got), got.records.maximum / 10
    room = limit[0] - pia[0]
    share = np.floor(room * 10 / 3) / 10
    assert got.after_maximum[0] == pytest.approx(share, abs=0.1)
    left = max(got.after_maximum[0] - pia[1], 0)
    # The children share what the spouse's own benefit leaves, up to their own half each.
    each = min((room - left) / 2, pia[0] / 2)
    assert got.after_maximum[1:] == pytest.approx([each, each], abs=0.11)
    assert got.total[1] == np.floor(got.own[1] + got.auxiliary[0])


def test_spouse_below_full_retirement_age_is_reduced_on_the_difference_only():
    people = population((1.5, 1957, {"claim": at(2023, 9)}), (0.2, 1962, {"claim": at(2024, 4)}))
    got = benefits(people, ties((0, 1, S, at(2024, 4))), month=WHEN)
    pia = pias(got)
    early = 67 * 12 - (at(2024, 4) - int(birth_month(1962, 3)[0]))
    expected = spouse_benefit(pia[0], own_pia=pia[1], months_early=early, rounding="dime")
    assert early == 59
    assert got.auxiliary[0] == expected
    assert got.own[1] < pia[1]


def test_divorced_spouse_needs_no_claim_of_the_worker_and_no_room_in_the_maximum():
    worker = (1.0, 1960, {})  # 62 and insured, has not claimed
    people = population(worker, (0.0, 1960, {}))
    row = (0, 1, D, at(2025, 4))
    long_ago = benefits(people, ties(row, end=at(2015)), month=WHEN)
    lately = benefits(people, ties(row, end=at(2024, 1)), month=WHEN)
    short = benefits(people, ties(row, end=at(2015), start=at(2006)), month=WHEN)
    remarried = benefits(people, ties(row, end=at(2015), remarried=at(2018)), month=WHEN)
    assert long_ago.is_entitled.tolist() == [True]
    assert [x.is_entitled[0] for x in (lately, short, remarried)] == [False, False, False]

    claimed = population(
        (1.0, 1958, {"claim": at(2024, 11)}), (0.0, 1958, {}), (0.0, 2012, {}), (0.0, 2014, {})
    )
    rows = [(0, 2, C, at(2024, 11)), (0, 3, C, at(2024, 11))]
    alone = benefits(claimed, ties(*rows), month=WHEN)
    beside = benefits(claimed, ties(*rows, (0, 1, D, at(2024, 11)), end=at(2015)), month=WHEN)
    assert beside.after_maximum[:2].tolist() == alone.after_maximum.tolist()
    assert beside.auxiliary[2] == pytest.approx(np.floor(pias(beside)[0] * 5) / 10)


def test_child_of_two_workers_is_paid_under_the_combined_maximum():
    people = population(
        (1.0, 1958, {"claim": at(2024, 11)}),
        (0.8, 1958, {"claim": at(2024, 11)}),
        *[(0.0, 2012 + k, {}) for k in range(4)],
    )
    rows = [(0, 2 + k, C, at(2024, 11)) for k in range(4)]
    single = benefits(people, ties(*rows), month=WHEN)
    both = benefits(people, ties(*rows, other_worker=1), month=WHEN)
    pia, limit = pias(both), both.records.maximum / 10
    cap = combined_family_maximum(limit[0], limit[1], year=2024)[0]
    cap = min(limit[0] + limit[1], np.floor(cap * 1.025 * 10) / 10)
    room = cap - pia[0] - pia[1]
    assert single.after_maximum.sum() <= limit[0] - pia[0]
    assert both.after_maximum.sum() == pytest.approx(min(room, 4 * pia[0] / 2), abs=0.5)
    assert both.after_maximum.sum() > single.after_maximum.sum()


def test_widow_with_an_own_benefit_and_a_worker_who_had_claimed_early():
    people = population(
        (1.2, 1955, {"claim": at(2017, 4), "death": at(2022, 5)}),
        (0.5, 1956, {"claim": at(2022, 7)}),
    )
    got = benefits(people, ties((0, 1, W, at(2022, 7))), month=WHEN)
    pia = pias(got)
    drawn = got.records.drawn_at_death[0] / 10
    assert drawn < pia[0] * 0.825
    assert got.auxiliary[0] == pytest.approx(np.floor(pia[0] * 8.25) / 10 - got.own[1], abs=0.05)


def test_credits_of_the_deceased_pass_to_the_widow():
    people = population((1.2, 1950, {"claim": at(2020, 3), "death": at(2022, 5)}), (0.0, 1954, {}))
    got = benefits(people, ties((0, 1, W, at(2022, 7))), month=WHEN)
    assert got.auxiliary[0] == pytest.approx(np.floor(pias(got)[0] * 13.2) / 10, abs=0.1)


def test_pension_from_work_not_covered_counts_until_the_end_of_2023():
    people = population(
        (1.2, 1955, {"claim": at(2021, 5)}),
        (0.0, 1955, {"pension": 600.0}),
        (0.3, 1957, {"claim": at(2023, 9), "pension": 2000.0}),
    )
    family = ties((0, 1, S, at(2021, 5)))
    before = benefits(people, family, month=at(2023, 12))
    after = benefits(people, family, month=at(2024, 1))
    assert before.auxiliary[0] == pytest.approx(before.after_maximum[0] - 400)
    assert after.auxiliary[0] == after.after_maximum[0]
    assert before.records.pia[2] < after.records.pia[2]


def test_earnings_after_entitlement_count_from_the_next_january():
    working = population((0.5, 1957, {"claim": at(2019, 4)}))
    working.earnings[0, YEARS == 2024] = 160_000
    december, january = (
        benefits(working, _none(), month=when) for when in (at(2024, 12), at(2025, 1))
    )
    assert january.records.aime > december.records.aime
    idle = population((0.5, 1957, {"claim": at(2019, 4)}))
    assert benefits(idle, _none(), month=at(2024, 12)).total == december.total


def test_earnings_of_years_to_come_do_not_count_yet():
    low = population((0.12, 1957, {"claim": at(2019, 4)}))
    known = benefits(low, _none(), month=at(2020, 6))
    low.earnings[0, YEARS >= 2020] = 50_000
    assert benefits(low, _none(), month=at(2020, 6)).total == known.total
    assert benefits(low, _none(), month=at(2021, 6)).total > known.total


def test_recovered_worker_retires_with_the_years_of_disability_left_out():
    # SSA's Detailed Calculator: steady worker of 1950-03-15, disabled June 1995 to June 2005
    people = population((1.0, 1950, {"claim": at(2012, 4), "onset": at(1995, 6)}))
    people.earnings[0, YEARS > 1994] = 0
    ill = People(**(vars(people) | {"recovery": at(2005, 6)}))
    got = benefits(ill, _none(), month=at(2012, 4))
    assert (got.records.aime, got.records.pia, got.own) == (3328, 15098, 1138.6)
    during = benefits(ill, _none(), month=at(2004, 1))
    after = benefits(ill, _none(), month=at(2005, 10))
    assert during.records.is_disabled and during.total > 0
    assert after.total == 0


def test_disabled_worker_keeps_the_amount_at_full_retirement_age():
    people = population((1.0, 1958, {"onset": at(2015, 6)}))
    before, after = (benefits(people, _none(), month=when) for when in (at(2024, 10), at(2024, 11)))
    assert before.records.is_disabled and before.own == before.records.pia / 10
    assert after.own == before.own


def test_children_stop_at_18_in_school_at_19_and_disabled_never():
    born = birth_month(2008, 5)
    ends = [
        int(child_benefit_ends(born, in_school=school, disabled_before_22=disabled)[0])
        for school, disabled in ((False, False), (True, False), (False, True))
    ]
    assert ends == [at(2026, 5), at(2027, 5), int(NEVER)]
    people = population((1.0, 1958, {"claim": at(2024, 11)}), (0.0, 2007, {}), (0.0, 2007, {}))
    rows = [(0, 1, C, at(2024, 11)), (0, 2, C, at(2024, 11))]
    until = np.array([at(2025, 3), at(2026, 3)])
    got = benefits(people, ties(*rows, until=until), month=WHEN)
    assert got.is_entitled.tolist() == [False, True]


def test_deemed_filing_sets_both_months():
    people = population(
        (1.2, 1957, {"claim": at(2023, 9)}),
        (0.3, 1958, {"claim": at(2022, 1)}),
        (0.3, 1953, {"claim": at(2016, 1)}),
        (0.3, 1959, {}),
    )
    family = ties((0, 1, S, NEVER), (0, 2, S, NEVER), (0, 3, S, at(2024, 2)))
    deemed, claims = with_deemed_filing(people, family)
    assert claims.claim.tolist() == [at(2023, 9), int(NEVER), at(2024, 2)]
    assert deemed.claim.tolist()[1:] == [at(2022, 1), at(2016, 1), at(2024, 2)]


def test_earnings_of_the_worker_are_charged_to_the_whole_family():
    people = population(
        (1.2, 1961, {"claim": at(2025, 1)}), (0.0, 1958, {}), (0.0, 2012, {}), (0.0, 1958, {})
    )
    family = ties(
        (0, 1, S, at(2025, 3)),
        (0, 2, C, at(2025, 1)),
        (0, 3, D, at(2025, 3)),
        end=np.array([NEVER, NEVER, at(2010)], np.int64),
    )
    paid = benefits(people, family, month=WHEN)
    monthly = np.floor(paid.own[0]) + np.floor(paid.auxiliary[:2]).sum()
    charged = earnings_test(monthly, 43_400, year=2025).excess[0]
    own, auxiliary = after_earnings_test(paid, family, np.array([charged, 0, 0, 0]))
    assert charged == 10_000
    assert own[0] + auxiliary[:2].sum() == pytest.approx(12 * monthly - 10_000)
    assert auxiliary[2] == 12 * np.floor(paid.auxiliary[2])
    spouse = after_earnings_test(paid, family, np.array([0, 3_000, 0, 0]))[1]
    assert spouse[0] == pytest.approx(12 * np.floor(paid.auxiliary[0]) - 3_000)


def _none():
    empty = np.zeros(0, np.int64)
    return Ties(empty, empty, empty, empty)


def test_what_somebody_is_not_paid_takes_no_room_under_the_maximum():
    spouse_and_child = population((1.0, 1957, {"claim": at(2023, 9)}), (0, 1958, {}), (0, 2012, {}))
    once = ties((0, 1, S, at(2024, 11)), (0, 2, C, at(2024, 11)))
    caring = Relation.SPOUSE_WITH_CHILD
    twice = ties((0, 1, S, at(2024, 11)), (0, 1, caring, at(2024, 11)), (0, 2, C, at(2024, 11)))
    alone, got = (benefits(spouse_and_child, each, month=WHEN) for each in (once, twice))
    assert got.total.tolist() == alone.total.tolist()
    assert got.auxiliary[0] == 0 or got.auxiliary[1] == 0
    dead = population((1.0, 1957, {"death": at(2024, 2)}), (0, 1956, {}), (0, 2012, {}))
    mother = Relation.PARENT_OF_CHILD
    once = ties((0, 1, W, at(2024, 3)), (0, 2, C, at(2024, 3)))
    twice = ties((0, 1, mother, at(2024, 3)), (0, 1, W, at(2024, 3)), (0, 2, C, at(2024, 3)))
    alone, got = (benefits(dead, each, month=WHEN) for each in (once, twice))
    assert got.total.tolist() == alone.total.tolist() and alone.total[1] > 0


def test_divorced_are_deemed_to_file_two_years_after_the_divorce():
    people = population((1.0, 1958, {}), (0.4, 1960, {"claim": at(2024, 1)}))
    married = {"start": at(1985), "end": at(2023, 6)}
    _, filed = with_deemed_filing(people, ties((0, 1, D, NEVER), **married))
    assert filed.column("claim")[0] == at(2025, 6)
    _, waiting = with_deemed_filing(people, ties((0, 1, S, NEVER)))
    assert waiting.column("claim")[0] == NEVER
