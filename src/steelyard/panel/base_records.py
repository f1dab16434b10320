"""The pasts of the base: working lives, what has been earned, and which benefits are drawn."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from steelyard.oasdi import NEVER
from steelyard.panel.alignment import align, draw_events
from steelyard.panel.claims import claim_months
from steelyard.panel.disability import at_full_age, is_disability_insured
from steelyard.panel.draws import Draws
from steelyard.panel.groups import COUNT, group_of, in_groups, name_of
from steelyard.panel.histories import draw_histories
from steelyard.panel.holdout import Way
from steelyard.panel.likeness import both, likeness, models_of
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Bools, Floats, Ints, People
from steelyard.panel.plan import Plan
from steelyard.panel.population import DrawnLives, Log, Persons

FIRST_YEAR = 1951
#: Chances to be on disability or retirement benefits of who reported them, and of others.
_REPORTED, _NOT_REPORTED = 0.95, 0.08
#: Years since onset of the disabled, on average.
_SINCE_ONSET = 8.0
#: Ages whose lives stand for those of older persons.
_OLD_MODELS = (66, LAST_AGE)


def lives_at_base(persons: Persons, plan: Plan, way: Way, draws: Draws) -> DrawnLives:
    """Return the working lives of all adults, drawn around what they earned in the base year.

    Those older than `LAST_AGE` are given whole lives of persons a little younger, of the same sex.
    """
    year = plan.base_year
    age = persons.age(year)
    adult = np.flatnonzero((age >= FIRST_AGE) & (age <= LAST_AGE))
    people = persons.take(adult)
    histories = draw_histories(
        People(
            people.person_id,
            people.is_female,
            people.birth_month // 12,
            people.education.astype(np.int64),
            people.base_weight,
        ),
        year,
        people.earnings,
        float(plan.law.quarter_of_coverage.at(year)),
        way=way,
        scale=plan.scale,
        seed=plan.seed + 1000 * draws.imputation,
    )
    lives = DrawnLives(people.person_id, histories.lives.worked, histories.lives.rank)
    old = np.flatnonzero(age > LAST_AGE)
    model = (age >= _OLD_MODELS[0]) & (age <= _OLD_MODELS[1])
    number = draws.of("old life", persons.person_id[old])
    chosen = models_of(persons, lives, old, model, number)
    return both(lives, likeness(lives, persons.person_id[chosen], persons.person_id[old]))


def history(persons: Persons, lives: DrawnLives, plan: Plan, last_year: int) -> Floats:
    """Return earnings of the years from `FIRST_YEAR` to `last_year`: dollars (n, years).

    Before `FIRST_YEAR` nothing is known; persons without a life have earned nothing.
    """
    years = np.arange(FIRST_YEAR, last_year + 1)
    found = np.zeros((len(persons), len(years)), np.float64)
    born = persons.birth_month // 12
    for at, year in enumerate(years):
        worked, rank = lives.at(persons.person_id, year - born)
        rows = np.flatnonzero(worked)
        found[rows, at] = plan.scale.dollars(
            rank[rows], persons.is_female[rows], year - born[rows], np.full(rows.size, year)
        )
    return found


def sum_up(persons: Persons, earned: Floats, plan: Plan, last_year: int) -> None:
    """Set lifetime earnings and years of coverage from histories (n, years to `last_year`)."""
    years = np.arange(FIRST_YEAR, last_year + 1)
    law = plan.law
    base = law.contribution_base.at(years).astype(np.float64)
    index = law.average_wage_index.at(years) / 100.0
    counts = years - (persons.birth_month // 12)[:, None] <= 61
    capped = np.minimum(earned, base) / index
    persons.lifetime_earnings = np.where(counts, capped, 0.0).sum(axis=1)
    first = law.quarter_of_coverage.first
    quarter = np.where(years >= first, law.quarter_of_coverage.at(np.maximum(years, first)), 50)
    covered = earned >= 4 * quarter
    persons.covered_years = covered.sum(axis=1).astype(np.int16)
    bits = 1 << np.arange(10)[::-1]
    persons.recent_years = (covered[:, -10:] * bits).sum(axis=1).astype(np.int16)


def history_table(persons: Persons, earned: Floats) -> pa.Table:
    """Return one row a person with lists of earnings from `FIRST_YEAR` on, for those who earned."""
    rows = np.flatnonzero(earned.any(axis=1))
    width = earned.shape[1]
    values = pa.array(earned[rows].astype(np.float32).ravel())
    offsets = pa.array(np.arange(0, (len(rows) + 1) * width, width, dtype=np.int32))
    return pa.table(
        {
            "person_id": persons.person_id[rows],
            "first_year": pa.array(np.full(len(rows), FIRST_YEAR, np.int16)),
            "earnings": pa.ListArray.from_arrays(offsets, values),
        }
    )


def set_disabled(persons: Persons, reported: Bools, plan: Plan, draws: Draws, log: Log) -> None:
    """Set the month of onset of the disabled workers of the base, as many as are published."""
    year = plan.base_year
    december, age = year * 12 + 11, persons.age(year)
    able = is_disability_insured(persons, year - 5) | is_disability_insured(persons, year)
    able |= persons.covered_years >= 5
    able &= (age >= 20) & ~at_full_age(persons, december, plan)
    chance = np.where(able, np.where(reported, _REPORTED, 0.02), 0.0)
    number = in_groups(plan.disabled_by_age(year))
    group = group_of(persons.is_female, age)
    aligned = align(chance, persons.base_weight, number, groups=group)
    drawn = draw_events(
        aligned.chances,
        persons.base_weight,
        draws.of("disabled", persons.person_id),
        groups=group,
    )
    _note(log, "disabled_workers_at_base", group, number, drawn * persons.base_weight)
    rows = np.flatnonzero(drawn)
    since = -_SINCE_ONSET * np.log(1 - draws.of("since onset", persons.person_id[rows]))
    since = np.minimum(since, np.maximum(age[rows] - 22, 0)) * 12
    persons.onset_month[rows] = december - 6 - since.astype(np.int64)


def set_retired(persons: Persons, reported: Bools, plan: Plan, draws: Draws, log: Log) -> None:
    """Set months of claim of who is 62 and over: the published retired workers, others later."""
    year = plan.base_year
    december, age = year * 12 + 11, persons.age(year)
    old = (age >= 62) & (persons.covered_years >= 10) & (persons.onset_month == NEVER)
    chance = np.where(old, np.where(reported, _REPORTED, 0.5), 0.0)
    number = in_groups(plan.retired_by_age(year))
    group = group_of(persons.is_female, age)
    aligned = align(chance, persons.base_weight, number, groups=group)
    drawn = draw_events(
        aligned.chances,
        persons.base_weight,
        draws.of("retired", persons.person_id),
        groups=group,
    )
    _note(log, "retired_workers_at_base", group, number, drawn * persons.base_weight)
    rows = np.flatnonzero(old)
    people = persons.take(rows)
    month = claim_months(people, 0, plan, draws)
    claimed = drawn[rows]
    already = np.where(claimed & (month > december), people.birth_month + 62 * 12 + 1, month)
    later = np.maximum(month, december + 1)
    last = people.birth_month + 70 * 12
    persons.claim_month[rows] = np.minimum(
        np.where(claimed, np.minimum(already, december), np.maximum(later, december + 1)),
        np.maximum(last, people.birth_month + 62 * 12 + 1),
    )
    persons.claim_month[rows] = np.where(
        claimed | (last > december), persons.claim_month[rows], NEVER
    )


def _note(log: Log, event: str, group: Ints, wanted: Floats, weight: Floats) -> None:
    happened = np.bincount(group, weight, minlength=COUNT)
    for at in np.flatnonzero(wanted):
        log.add(event, name_of(at), wanted[at], happened[at])


def reports(released: pa.Table, names: Mapping[str, str]) -> dict[str, Bools]:
    """Return for each name whether a person reports the amount of a column of the release."""
    return {
        name: np.nan_to_num(released[column].to_numpy(zero_copy_only=False).astype(np.float64)) > 0
        for name, column in names.items()
    }
