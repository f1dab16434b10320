"""The pasts of the base: working lives, what has been earned, and which benefits are drawn."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from scipy.special import ndtr

from steelyard.oasdi import NEVER
from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.claims import FIRST, LAST, YEARS_INSURED, claim_months
from steelyard.panel.events.disability import BY_STANDING, at_full_age, enough_for_disability
from steelyard.panel.groups import COUNT, group_of, in_groups, in_turn, name_of
from steelyard.panel.histories.holdout import Way
from steelyard.panel.histories.spouses import Coupled, linked_normals, standing
from steelyard.panel.histories.working_lives import draw_lives
from steelyard.panel.likeness import both, likeness, models_of
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Bools, Floats, Ints, People, mid_ranks
from steelyard.panel.payments.covered import FIRST_YEAR
from steelyard.panel.plan import Plan
from steelyard.panel.population import MARRIED, DrawnLives, Log, Persons

#: The chance to draw what was reported, and the odds of disability of who reported nothing.
_REPORTED, _SELDOM = 0.95, 0.02
#: Odds to be insured of who has an insured spouse, over those of others: assumed.
_BOTH = 19.0
#: Odds to draw a retirement benefit of who earns too much for it, over those of others: assumed.
_EARNS = 0.1
#: Years since onset of the disabled, on average.
_SINCE_ONSET = 8.0
#: Ages whose lives stand for those of older persons.
_OLD_MODELS = (66, LAST_AGE)


def lives_at_base(persons: Persons, plan: Plan, way: Way, draws: Draws) -> DrawnLives:
    """Return the working lives of all adults, drawn around what they earned in the base year.

    Those older than `LAST_AGE` are given whole lives of persons a little younger, of the same sex.
    Spouses' lives go together beyond the base year (`steelyard.panel.histories.spouses`).
    """
    year = plan.base_year
    age = persons.age(year)
    spouse = np.where(persons.spouse_id >= 0, persons.spouse_id, persons.person_id)
    normal = linked_normals(draws, persons.person_id, spouse)
    adult = np.flatnonzero((age >= FIRST_AGE) & (age <= LAST_AGE))
    people = persons.take(adult)
    number = np.where(people.marital == MARRIED, normal[adult], np.nan)
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
        way=Coupled(way, number),
        seed=plan.seed + 1000 * draws.imputation,
    )
    lives = DrawnLives(people.person_id, drawn.worked, drawn.rank)
    old = np.flatnonzero(age > LAST_AGE)
    model = (age >= _OLD_MODELS[0]) & (age <= _OLD_MODELS[1])
    place = np.zeros(len(persons))
    place[adult] = standing(drawn.worked, drawn.rank)
    chosen = models_of(persons, lives, old, model, ndtr(normal[old]), place)
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


def insure(
    persons: Persons, lives: DrawnLives, reported: Bools, plan: Plan, draws: Draws, log: Log
) -> Ints:
    """Give insured lives to as many of 70 and over as published retired workers ask for.

    Who drew too little work to be insured cannot be a retired worker, and far more of that age are
    than a panel's short careers allow. Who is given another life, of an insured person of the
    same sex from 62 on, is drawn among the uninsured: rather those who report retirement benefits,
    and those whose spouse is insured, since couples mostly are both or neither.

    Parameters
    ----------
    lives
        Changed in place.
    reported
        (n,) whether retirement benefits were reported.

    Returns
    -------
    rows of the persons with another life
    """
    year, age = plan.base_year, persons.age(plan.base_year)
    insured = persons.covered_years >= YEARS_INSURED
    old, group = age >= LAST, group_of(persons.is_female, age)
    there = np.bincount(group, persons.base_weight * (old & insured), minlength=COUNT)
    grown = np.where(np.bincount(group, old, minlength=COUNT) > 0, 1.0, 0.0)
    lacking = np.maximum(in_groups(plan.retired_by_age(year)) - there, 0.0) * grown
    spouse = persons.rows_of(persons.spouse_id)
    both = (spouse >= 0) & insured[np.maximum(spouse, 0)]
    odds = np.where(reported, _REPORTED / (1 - _REPORTED), 1.0) * np.where(both, _BOTH, 1.0)
    chance = np.where(old & ~insured, odds / (1 + odds), 0.0)
    rows = np.flatnonzero(_aligned(persons, chance, lacking, draws, ("insured_at_base", log)))
    place = np.zeros(len(persons))
    place[persons.rows_of(lives.person_id)] = standing(lives.worked, lives.rank)
    donor = insured & (age >= FIRST) & (age <= LAST_AGE)
    spouse_id = np.where(persons.spouse_id >= 0, persons.spouse_id, persons.person_id)[rows]
    number = ndtr(linked_normals(draws, persons.person_id[rows], spouse_id))
    chosen = models_of(persons, lives, rows, donor, number, place)
    given = likeness(lives, persons.person_id[chosen], persons.person_id[rows])
    here = np.searchsorted(lives.person_id, persons.person_id[rows])
    earlier = np.arange(FIRST_AGE, LAST_AGE + 1) < age[rows, None]
    lives.worked[here] = np.where(earlier, given.worked, lives.worked[here])
    lives.rank[here] = np.where(earlier, given.rank, lives.rank[here])
    return rows


def set_retired(
    persons: Persons, lives: DrawnLives, reported: Bools, plan: Plan, draws: Draws, log: Log
) -> None:
    """Set months of claim of who is 62 and over: the published retired workers, others later.

    Who has not claimed by 70 and is not among them never does. Below full retirement age those
    are rather not among them who earn more than the earnings test leaves alone.
    """
    year = plan.base_year
    december, age = year * 12 + 11, persons.age(year)
    old = (age >= 62) & (persons.covered_years >= YEARS_INSURED) & (persons.onset_month == NEVER)
    exempt = float(plan.baseline.exempt_below_fra.at(year))
    earns = (persons.earnings > exempt) & ~at_full_age(persons, december, plan)
    by_age = plan.retired_by_age(year)
    share = np.clip(by_age / np.maximum(plan.population(year).sum(axis=2), 1.0), 0.01, 0.99)
    usual = share[persons.is_female.astype(np.int64), np.minimum(age, share.shape[1] - 1)]
    odds = usual / (1 - usual) * np.where(reported, _REPORTED / (1 - _REPORTED), 1.0)
    odds *= np.where(earns, _EARNS, 1.0)
    chance = np.where(old, odds / (1 + odds), 0.0)
    number = in_groups(by_age)
    drawn = _aligned(persons, chance, number, draws, ("retired_workers_at_base", log))
    claimed = np.flatnonzero(drawn)
    people = persons.take(claimed)
    persons.claim_month[claimed] = claim_months(
        people, lives, plan, draws, until=np.full(claimed.size, december)
    )
    later = np.flatnonzero(old & ~drawn & (persons.birth_month + LAST * 12 > december))
    people = persons.take(later)
    persons.claim_month[later] = claim_months(
        people, lives, plan, draws, since=np.full(later.size, december + 1)
    )


def settle_claims(persons: Persons, dead: Persons, year: int) -> Ints:
    """Let the insured of 70 and over who have no other benefit claim before survivors who have.

    Retired workers are as many as published, of each group; that more are insured in the panel is
    the panel's. In life hardly anybody insured goes without: so claims of survivors with the
    lowest lifetime earnings pass to those who neither survive an insured spouse nor have one who
    draws, at the same age, within the group.

    Parameters
    ----------
    persons
        Of the base, with their claims; changed in place.
    dead
        Late spouses, with what they earned.

    Returns
    -------
    rows of those who claim now
    """
    december, age = year * 12 + 11, persons.age(year)
    old = (age >= LAST) & (persons.onset_month == NEVER)
    insured = old & (persons.covered_years >= YEARS_INSURED)
    left = np.isin(persons.person_id, dead.spouse_id[dead.covered_years >= YEARS_INSURED])
    spouse = persons.rows_of(persons.spouse_id)
    draws = (persons.claim_month <= december) | persons.is_disabled(december)
    supported = left | ((spouse >= 0) & draws[np.maximum(spouse, 0)])
    waits = np.flatnonzero(insured & ~supported & (persons.claim_month == NEVER))
    gives = np.flatnonzero(old & left & (persons.claim_month <= december))
    gives = gives[np.argsort(persons.lifetime_earnings[gives], kind="stable")]
    group = group_of(persons.is_female, age)
    claimed = [np.zeros(0, np.int64)]
    for each in np.unique(group[waits]):
        one, other = waits[group[waits] == each], gives[group[gives] == each]
        one, other = one[: other.size], other[: one.size]
        at = persons.claim_month[other] - persons.birth_month[other]
        persons.claim_month[one] = persons.birth_month[one] + at
        persons.claim_month[other] = NEVER
        claimed.append(one)
    return np.concatenate(claimed)


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
