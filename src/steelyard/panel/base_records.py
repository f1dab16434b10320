"""The pasts of the base: working lives, what has been earned, and which benefits are drawn."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from steelyard.oasdi import NEVER
from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.claims import LAST, YEARS_INSURED, claim_months
from steelyard.panel.events.disability import BY_STANDING, at_full_age, enough_for_disability
from steelyard.panel.groups import COUNT, group_of, in_groups, in_turn, name_of
from steelyard.panel.histories.holdout import Way
from steelyard.panel.histories.working_lives import draw_lives
from steelyard.panel.likeness import both, likeness, models_of
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Bools, Floats, Ints, People, mid_ranks
from steelyard.panel.payments.covered import FIRST_YEAR
from steelyard.panel.plan import Plan
from steelyard.panel.population import DrawnLives, Log, Persons

#: The chance to draw what was reported, and the odds of disability of who reported nothing.
_REPORTED, _SELDOM = 0.95, 0.02
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
    drawn = draw_lives(
        People(
            people.person_id,
            people.is_female,
            people.birth_month // 12,
            people.education.astype(np.int64),
            people.base_weight,
        ),
        year,
        people.earnings,
        float(plan.baseline.quarter_of_coverage.at(year)),
        way=way,
        seed=plan.seed + 1000 * draws.imputation,
    )
    lives = DrawnLives(people.person_id, drawn.worked, drawn.rank)
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
    law = plan.baseline
    base = law.contribution_base.at(years).astype(np.float64)
    index = law.average_wage_index.at(years) / 100.0
    counts = years - (persons.birth_month // 12)[:, None] <= 61
    capped = np.minimum(earned, base) / index
    persons.lifetime_earnings = np.where(counts, capped, 0.0).sum(axis=1)
    covered = _covered(earned, plan, last_year)
    persons.covered_years = covered.sum(axis=1).astype(np.int16)
    bits = 1 << np.arange(10)[::-1]
    persons.recent_years = (covered[:, -10:] * bits).sum(axis=1).astype(np.int16)


def _covered(earned: Floats, plan: Plan, last_year: int) -> Bools:
    """Return which years (n, years from `FIRST_YEAR`) have four quarters of coverage."""
    years = np.arange(FIRST_YEAR, last_year + 1)
    series = plan.baseline.quarter_of_coverage
    quarter = np.where(years >= series.first, series.at(np.maximum(years, series.first)), 50)
    return np.asarray(earned >= 4 * quarter)


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


def set_disabled(
    persons: Persons, earned: Floats, reported: Bools, plan: Plan, draws: Draws, log: Log
) -> None:
    """Set months of onset of the disabled workers of the base, as many as are published.

    Everybody is given a time since onset, and may have been disabled then if insured; who is, is
    drawn by what was reported and by lifetime standing.

    Parameters
    ----------
    earned
        Earnings (n, years) from `FIRST_YEAR` to the year before the base's.
    reported
        (n,) whether benefits of disability insurance were reported.
    """
    year = plan.base_year
    december, age = year * 12 + 11, persons.age(year)
    since = -_SINCE_ONSET * np.log1p(-draws.of("since onset", persons.person_id)) + 0.5
    onset = december - 6 - (np.minimum(since, np.maximum(age - 25, 0.5)) * 12).astype(np.int64)
    able = _insured_at(persons, earned, onset // 12, plan)
    able &= (age >= 20) & ~at_full_age(persons, december, plan)
    standing = mid_ranks(
        persons.lifetime_earnings, persons.base_weight, group_of(persons.is_female, age)
    )
    odds = np.where(reported, _REPORTED / (1 - _REPORTED), _SELDOM) * np.exp(
        BY_STANDING * (standing - 0.5)
    )
    chance = np.where(able, odds / (1 + odds), 0.0)
    number = in_groups(plan.disabled_by_age(year))
    drawn = _aligned(persons, chance, number, draws, ("disabled_workers_at_base", log))
    persons.onset_month[drawn] = onset[drawn]


def _insured_at(persons: Persons, earned: Floats, onset_year: Ints, plan: Plan) -> Bools:
    """Tell who was insured for disability at the beginning of a year of each, by whole years."""
    covered = _covered(earned, plan, plan.base_year - 1)
    upto = np.concatenate([np.zeros((len(persons), 1)), covered.cumsum(axis=1)], axis=1)
    at = np.clip(onset_year - FIRST_YEAR, 0, covered.shape[1])
    rows = np.arange(len(persons))
    total = upto[rows, at]
    recent = total - upto[rows, np.maximum(at - 10, 0)]
    return enough_for_disability(onset_year - persons.birth_month // 12, recent, total)


def set_retired(persons: Persons, reported: Bools, plan: Plan, draws: Draws, log: Log) -> None:
    """Set months of claim of who is 62 and over: the published retired workers, others later.

    Who has not claimed by 70 and is not among them never does.
    """
    year = plan.base_year
    december, age = year * 12 + 11, persons.age(year)
    old = (age >= 62) & (persons.covered_years >= YEARS_INSURED) & (persons.onset_month == NEVER)
    chance = np.where(old, np.where(reported, _REPORTED, 0.5), 0.0)
    number = in_groups(plan.retired_by_age(year))
    drawn = _aligned(persons, chance, number, draws, ("retired_workers_at_base", log))
    claimed = np.flatnonzero(drawn)
    people = persons.take(claimed)
    persons.claim_month[claimed] = claim_months(
        people, plan, draws, until=np.full(claimed.size, december)
    )
    later = np.flatnonzero(old & ~drawn & (persons.birth_month + LAST * 12 > december))
    people = persons.take(later)
    persons.claim_month[later] = claim_months(
        people, plan, draws, since=np.full(later.size, december + 1)
    )


def _aligned(
    persons: Persons, chance: Floats, number: Floats, draws: Draws, note: tuple[str, Log]
) -> Bools:
    event, log = note
    group = group_of(persons.is_female, persons.age(draws.year))
    aligned = align(chance, persons.base_weight, number, groups=group)
    number_of = draws.of(event, persons.person_id)
    drawn = draw_events(aligned.chances, persons.base_weight, in_turn(group, number_of))
    _note(log, event, group, number, drawn * persons.base_weight)
    return drawn


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
