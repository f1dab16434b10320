"""The families of the base: couples with a wedding day, and spouses of the past.

A cross-section knows who is married today. Survivors' and divorced spouses' benefits need those of
the past: the widowed are given a deceased spouse, the divorced one who is divorced, too.
"""

import numpy as np

from steelyard.oasdi import NEVER
from steelyard.panel.events.arrivals import moves_towards
from steelyard.panel.events.matching import match
from steelyard.panel.events.unions import wed
from steelyard.panel.groups import COUNT, PER_SEX, YEARS, group_of
from steelyard.panel.lives import Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
    DEATH,
    DIVORCE,
    DIVORCED,
    MARRIED,
    NOBODY,
    SINGLE,
    WIDOWED,
    Log,
    Marriages,
    Persons,
)

YOUNGEST_BRIDE, OLDEST_BRIDE = 17, 60
#: Share of the widowed whose spouse died in each earlier year, over that of the next: the widowed
#: of all ages have been so for a dozen years.
_STAYS_WIDOWED = 0.92
#: Deaths before are paid under a law that is not computed.
_LAW_SINCE = 1980
#: Years that a marriage that ended in divorce had lasted on average, and the shortest one.
_LASTED, _SHORTEST = 9.0, 1


def couples(persons: Persons, plan: Plan, rng: np.random.Generator) -> Marriages:
    """Return marriages that last; who is married to nobody in the panel is given somebody.

    Weddings fall as the Trustees' single persons dwindle with age (of the wife), since the survey
    does not say when; that some are second marriages is left out.
    """
    _pair_the_apart(persons, plan.base_year, rng)
    first = np.flatnonzero((persons.marital == MARRIED) & (persons.spouse_id > persons.person_id))
    second = persons.rows_of(persons.spouse_id[first])
    wife = np.where(persons.is_female[first], first, second)
    husband = np.where(persons.is_female[first], second, first)
    years = _wedding_ages(persons, wife, husband, plan, rng)
    month = np.minimum(
        persons.birth_month[wife] + years * 12 + rng.integers(0, 12, wife.size),
        plan.base_year * 12 + 11,
    )
    return Marriages.begun(persons.person_id[husband], persons.person_id[wife], month)


def _pair_the_apart(persons: Persons, year: int, rng: np.random.Generator) -> None:
    apart = (persons.marital == MARRIED) & (persons.spouse_id < 0)
    men = np.flatnonzero(apart & ~persons.is_female)
    women = np.flatnonzero(apart & persons.is_female)
    one, two = match(persons.take(men), persons.take(women), year, rng)
    persons.marital[apart] = np.where(persons.age(year)[apart] < 40, SINGLE, DIVORCED)
    wed(persons, men[one], women[two])


def _wedding_ages(
    persons: Persons, wife: Ints, husband: Ints, plan: Plan, rng: np.random.Generator
) -> Ints:
    """Return ages of wives at the wedding, both of an age to wed."""
    hazard = plan.first_marriage_rate(plan.base_year)[1]
    ages = np.arange(len(hazard))
    usual = (ages >= YOUNGEST_BRIDE) & (ages <= OLDEST_BRIDE)
    single = np.cumprod(np.where(usual, 1 - hazard, 1.0))
    upto = np.cumsum(np.where(usual, hazard * single, 0.0))
    today = np.minimum(persons.age(plan.base_year)[wife], OLDEST_BRIDE)
    younger = (persons.birth_month[husband] - persons.birth_month[wife]) // 12
    earliest = np.minimum(np.maximum(YOUNGEST_BRIDE, YOUNGEST_BRIDE + younger), today)
    lower, upper = upto[np.maximum(earliest - 1, 0)], upto[today]
    drawn = lower + rng.random(wife.size) * (upper - lower)
    return np.asarray(np.clip(np.searchsorted(upto, drawn), earliest, today))


def past_divorces(
    persons: Persons, marriages: Marriages, plan: Plan, rng: np.random.Generator
) -> Marriages:
    """Return the marriages and those that the divorced were in, with one another."""
    year = plan.base_year
    men = np.flatnonzero((persons.marital == DIVORCED) & ~persons.is_female)
    women = np.flatnonzero((persons.marital == DIVORCED) & persons.is_female)
    one, two = match(persons.take(men), persons.take(women), year, rng)
    husband, wife = men[one], women[two]
    younger = np.minimum(persons.age(year)[husband], persons.age(year)[wife])
    adult = np.maximum(younger - YOUNGEST_BRIDE, 1)
    lasted = np.clip(rng.exponential(_LASTED, adult.size).astype(np.int64) + _SHORTEST, 1, adult)
    ended = (rng.random(adult.size) * (adult - lasted + 1)).astype(np.int64)
    end = (year - ended) * 12 + rng.integers(0, 12, adult.size)
    past = Marriages.begun(persons.person_id[husband], persons.person_id[wife], end - lasted * 12)
    past.end(np.arange(len(past)), end, DIVORCE)
    return marriages.joined(past)


def past_spouses(
    persons: Persons, first_id: int, plan: Plan, rng: np.random.Generator
) -> tuple[Persons, Ints, Marriages]:
    """Return the deceased spouses of the widowed, the months of their deaths, the marriages.

    Each is made in the likeness of a married person of the other sex and about the age that the
    spouse would have; the ids go on from `first_id`.
    """
    year = plan.base_year
    widowed = np.flatnonzero(persons.marital == WIDOWED)
    age = persons.age(year)
    model = np.zeros(widowed.size, np.int64)
    for sex in (False, True):
        mine = np.flatnonzero(persons.is_female[widowed] != sex)
        pool = np.flatnonzero((persons.marital == MARRIED) & (persons.is_female == sex))
        pool = pool[np.argsort(age[pool], kind="stable")]
        gap = plan.taste.age_gap * (-1 if sex else 1)
        would_be = age[widowed[mine]] + rng.normal(gap, plan.taste.age_gap_sd, mine.size)
        place = np.searchsorted(age[pool], would_be) + rng.integers(-10, 11, mine.size)
        model[mine] = pool[np.clip(place, 0, pool.size - 1)]
    dead = persons.take(model)
    dead.person_id = first_id + np.arange(widowed.size)
    dead.source_person_id = np.full(widowed.size, NOBODY)
    dead.marital = np.full(widowed.size, MARRIED, np.int8)
    dead.spouse_id = persons.person_id[widowed].copy()
    dead.mother_id = np.full(widowed.size, NOBODY)
    dead.base_weight, dead.weight = persons.base_weight[widowed], persons.weight[widowed]
    shift = (persons.birth_month[widowed] - dead.birth_month) // 12
    far = np.abs(shift) > 15
    _move_life(dead, np.where(far, persons.birth_month[widowed] - dead.birth_month, 0))
    ago = np.minimum(
        rng.geometric(1 - _STAYS_WIDOWED, widowed.size),
        np.clip(np.minimum(dead.age(year), age[widowed]) - 30, 1, year - _LAW_SINCE),
    )
    died = (year - ago) * 12 + rng.integers(0, 12, widowed.size)
    earliest = np.maximum(dead.birth_month, persons.birth_month[widowed]) + YOUNGEST_BRIDE * 12
    start = np.minimum(earliest + rng.integers(0, 10 * 12, widowed.size), died - 12)
    for name in ("claim_month", "onset_month"):
        month = getattr(dead, name)
        setattr(dead, name, np.where(month <= died, month, NEVER))
    husband = np.where(dead.is_female, dead.spouse_id, dead.person_id)
    wife = np.where(dead.is_female, dead.person_id, dead.spouse_id)
    past = Marriages.begun(husband, wife, start)
    past.end(np.arange(len(past)), died, DEATH)
    return dead, died, past


def _move_life(persons: Persons, months: Ints) -> None:
    """Move births, claims and onsets by months each."""
    persons.birth_month = persons.birth_month + months
    for name in ("claim_month", "onset_month"):
        month = getattr(persons, name)
        setattr(persons, name, np.where(month < NEVER, month + months, NEVER))


def to_single_ages(
    persons: Persons, plan: Plan, next_id: int, rng: np.random.Generator, log: Log
) -> tuple[Persons, Ints]:
    """Return persons whose numbers by sex and single age are the published ones.

    Within five years of age, persons keep their order and are given the ages of residents: a
    sample's ages are uneven. What a band as a whole has too many is taken out, unmarried ones
    first, and what it lacks is doubled, without the family.

    Returns
    -------
    persons, and the row of the given ones that each is in the likeness of
    """
    residents = plan.population(plan.base_year).sum(axis=2)
    _spread_ages(persons, plan.base_year, residents, rng)
    moves = moves_towards(persons, plan.base_year, residents, rng)
    stay = np.ones(len(persons), np.bool_)
    stay[moves.leave] = False
    torn = (persons.spouse_id >= 0) & ~stay[np.maximum(persons.rows_of(persons.spouse_id), 0)]
    persons.marital[torn & stay], persons.spouse_id[torn & stay] = DIVORCED, NOBODY
    twins = persons.take(moves.models)
    twins.person_id = next_id + np.arange(len(twins))
    alone = twins.marital == MARRIED
    twins.marital[alone] = np.where(twins.age(plan.base_year)[alone] < 40, SINGLE, DIVORCED)
    twins.spouse_id = np.full(len(twins), NOBODY)
    twins.children_born = np.zeros(len(twins), np.int16)
    each = float(persons.base_weight[0])
    log.add("base", "left out", 0.0, len(moves.leave) * each)
    log.add("base", "doubled", 0.0, len(twins) * each)
    kept = np.flatnonzero(stay)
    return persons.take(kept).joined(twins), np.concatenate([kept, moves.models])


def _spread_ages(persons: Persons, year: int, residents: Floats, rng: np.random.Generator) -> None:
    age = persons.age(year)
    group = group_of(persons.is_female, age)
    order = np.lexsort((rng.random(len(persons)), age, group))
    bounds = np.searchsorted(group[order], np.arange(COUNT + 1))
    for at in range(COUNT):
        rows = order[bounds[at] : bounds[at + 1]]
        sex, band = divmod(at, PER_SEX)
        there = residents[sex, band * YEARS : (band + 1) * YEARS]
        if not rows.size or there.sum() <= 0:
            continue
        upto = np.cumsum(there) / there.sum()
        place = (np.arange(rows.size) + 0.5) / rows.size
        new = band * YEARS + np.searchsorted(upto, place)
        persons.birth_month[rows] -= (new - age[rows]) * 12
