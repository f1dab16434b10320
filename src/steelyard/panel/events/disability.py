"""Disability benefits: who becomes entitled, and who recovers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi import NEVER
from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.groups import COUNT, PER_SEX, YEARS, group_of, in_groups, in_turn, name_of
from steelyard.panel.lives import Bools, Floats, Ints, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import Log, Persons

YOUNGEST = 20
#: How much of what the path lacks a year's awards make up, beyond the usual ones.
_HASTE = 0.5
#: Log-odds of onset a level of schooling: assumed.
_BY_EDUCATION = -0.35
#: Log-odds from the lowest lifetime earnings of sex and age to the highest: set so that disabled
#: workers' average benefit is about the published share of that of retired workers (0.80 at the
#: end of 2024; Supplement 2025, Table 5.A1). Neither decides how many become entitled.
BY_STANDING = -5.0


def at_full_age(persons: Persons, month: int, plan: Plan) -> Bools:
    """Tell who has reached full retirement age by a month."""
    return np.asarray(persons.birth_month + full_ages(persons, plan) <= month)


def full_ages(persons: Persons, plan: Plan) -> Ints:
    """Return full retirement ages in months, (n,), without a reform."""
    return plan.baseline.full_retirement_age(persons.birth_month // 12)


def is_disability_insured(persons: Persons, year: int) -> Bools:
    """Tell who is insured for disability, by whole years (see `enough_for_disability`)."""
    bits = np.array([word.bit_count() for word in range(1024)])
    recent = bits[persons.recent_years & 1023]
    return enough_for_disability(persons.age(year), recent, persons.covered_years)


def enough_for_disability(age: Ints, recent: NDArray[Any], total: NDArray[Any]) -> Bools:
    """Tell whose years of coverage, of the last ten and in all, insure for disability.

    From 31 on five years of the last ten, and a quarter of a year for each year after 21; before,
    half the years since 21, at least a year and a half (42 U.S.C. 414(a), 423(c)(1), in years
    instead of quarters). What is paid is decided by the quarters themselves.
    """
    young = np.maximum((age - 21) / 2, 1.5)
    of_late = np.where(age < 31, np.minimum(young, 5.0), 5.0)
    in_all = np.where(age < 31, young, np.clip((age - 22) / 4, 1.5, 10))
    return np.asarray((recent >= of_late) & (total >= in_all))


def onset_chances(persons: Persons, year: int, plan: Plan) -> Floats:
    """Return each person's chance to become entitled within `year`, before alignment, (n,).

    Of the insured below full retirement age who have not claimed; awards per resident of the sex
    and age, turned by schooling and lifetime standing.
    """
    age = persons.age(year)
    able = (
        (age >= YOUNGEST)
        & ~at_full_age(persons, year * 12 + 11, plan)
        & (persons.onset_month == NEVER)
        & (persons.claim_month > year * 12 + 11)
        & is_disability_insured(persons, year)
    )
    rate = plan.published.disability_award_rate()
    chance = rate[persons.is_female.astype(np.int64), np.clip(age, 0, rate.shape[1] - 1)]
    group = group_of(persons.is_female, age)
    standing = mid_ranks(persons.lifetime_earnings, persons.weight, group) - 0.5
    turned = _BY_EDUCATION * (np.maximum(persons.education, 0) - 2.0) + BY_STANDING * standing
    return np.where(able, np.clip(chance * np.exp(turned), 0, 0.5), 0.0)


def draw_onsets(persons: Persons, year: int, plan: Plan, draws: Draws, log: Log) -> None:
    """Set the month of onset of who becomes entitled.

    Awards by sex and five years of age are the published per resident, times one factor of the
    year that leads the disabled towards the Trustees' path, given who died, recovered and reached
    full retirement age. Weights close the rest.
    """
    december = year * 12 + 11
    age, weight = persons.age(year), persons.base_weight
    drawing = persons.is_disabled(december) & ~at_full_age(persons, december, plan)
    missing = plan.disabled_workers(year) - float(weight[drawing].sum())
    rate = plan.published.disability_award_rate()
    residents = plan.population(year).sum(axis=2)
    number = in_groups(residents * rate[:, : residents.shape[1]])
    # Nobody younger is insured in the panel: their awards go to the next five years of age.
    by_band, first = number.reshape(2, PER_SEX), YOUNGEST // YEARS
    by_band[:, first] += by_band[:, :first].sum(axis=1)
    by_band[:, :first] = 0.0
    usual = float(number.sum())
    number *= np.clip(1 + _HASTE * (missing - usual) / usual, 0.6, 1.5)
    group = group_of(persons.is_female, age)
    aligned = align(onset_chances(persons, year, plan), weight, number, groups=group)
    number_of = draws.of("disability", persons.person_id)
    begins = draw_events(aligned.chances, weight, in_turn(group, number_of))
    rows = np.flatnonzero(begins)
    month = (draws.of("onset month", persons.person_id[rows]) * 12).astype(np.int64)
    persons.onset_month[rows] = year * 12 + month
    persons.recovery_month[rows] = NEVER
    happened = np.bincount(group, begins * weight, minlength=COUNT)
    for at in np.flatnonzero(number):
        log.add("disability_onset", name_of(at), number[at], happened[at], aligned.factors[at])


def draw_recoveries(persons: Persons, year: int, plan: Plan, draws: Draws, log: Log) -> None:
    """End disabilities by recovery and work: the published share of the disabled."""
    december = year * 12 + 11
    able = persons.is_disabled(year * 12 - 1) & ~at_full_age(persons, december, plan)
    age = persons.age(year)
    chance = np.where(able, np.clip(0.03 - 0.0006 * (age - 25), 0.004, 0.03), 0.0)
    weight = persons.base_weight
    number = plan.published.disability_ends.recoveries * float(weight[able].sum())
    aligned = align(chance, weight, number)
    ends = draw_events(aligned.chances, weight, draws.of("recovery", persons.person_id))
    rows = np.flatnonzero(ends)
    month = (draws.of("recovery month", persons.person_id[rows]) * 12).astype(np.int64)
    persons.recovery_month[rows] = np.maximum(year * 12 + month, persons.onset_month[rows] + 1)
    log.add(
        "disability_end", "recovery", number, float(weight[rows].sum()), float(aligned.factors[0])
    )
