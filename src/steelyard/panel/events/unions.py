"""Divorces and marriages: how many follows from the published marital states, who by hazards."""

import numpy as np

from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.matching import match
from steelyard.panel.groups import COUNT, PER_SEX, group_of, in_groups, in_turn
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
    DEATH,
    DIVORCE,
    DIVORCED,
    MARRIED,
    SINGLE,
    WIDOWED,
    DrawnLives,
    Log,
    Marriages,
    Persons,
)

YOUNGEST = 16
#: How much of the distance to the published states a year's first marriages, and those of the
#: divorced, go.
_HASTE, _HASTE_AGAIN = 0.3, 0.6
#: Widowers and widows of 65 and over who marry within a year: 14 and 2 of a thousand in 1990, the
#: last year with such rates (NCHS, Monthly Vital Statistics Report 43(12)S, 1995).
AGAIN_AT_65 = (0.014, 0.002)
#: How much less, in logs, the widowed marry with each year of age: assumed.
_AGAIN_BY_AGE = np.array([[-0.065], [-0.08]])
_MOST_AGAIN = 0.25
#: Log-odds of divorce by years since the wedding: a peak between the third and the eighth year.
_DURATIONS = np.array([0.0, 1.0, 3.0, 8.0, 15.0, 25.0, 40.0])
_BY_DURATION = np.log(np.array([0.010, 0.022, 0.034, 0.032, 0.022, 0.012, 0.004]))
#: Less divorce with schooling, a level of five: assumed, as the durations are.
_BY_EDUCATION = -0.18


def divorce_chances(persons: Persons, marriages: Marriages, rows: Ints, year: int) -> Floats:
    """Return the chance that each lasting marriage ends in divorce, before alignment.

    Peaks three to eight years after the wedding and falls with schooling. The shape is assumed: no
    published hazards by duration were at hand; the sum is not (see `draw_divorces`).
    """
    husband = persons.rows_of(marriages.husband_id[rows])
    wife = persons.rows_of(marriages.wife_id[rows])
    duration = np.maximum(year - marriages.start_month[rows] / 12, 0)
    schooling = np.maximum(persons.education[husband], persons.education[wife])
    logit = np.interp(duration, _DURATIONS, _BY_DURATION) + _BY_EDUCATION * (schooling - 2)
    return np.asarray(1 / (1 + np.exp(-logit)))


def draw_divorces(
    persons: Persons, marriages: Marriages, year: int, plan: Plan, draws: Draws, log: Log
) -> None:
    """End marriages by divorce: as many as the crude rate gives; both sides change in place.

    The crude rate (NCHS, reporting states) is held after its last year.
    """
    rows = marriages.lasting
    husband = persons.rows_of(marriages.husband_id[rows])
    wife = persons.rows_of(marriages.wife_id[rows])
    weight = persons.base_weight[husband]
    number = plan.published.divorces(year)
    aligned = align(divorce_chances(persons, marriages, rows, year), weight, number)
    ends = draw_events(aligned.chances, weight, draws.of("divorce", marriages.wife_id[rows]))
    rows, husband, wife = rows[ends], husband[ends], wife[ends]
    month = year * 12 + (draws.of("divorce month", persons.person_id[wife]) * 12).astype(np.int64)
    marriages.end(rows, np.maximum(month, marriages.start_month[rows]), DIVORCE)
    for one in (husband, wife):
        persons.marital[one], persons.spouse_id[one] = DIVORCED, -1
    log.add("divorce", "all", number, float(weight[ends].sum()), aligned.factors[0])


def draw_marriages(
    persons: Persons,
    marriages: Marriages,
    lives: DrawnLives,
    plan: Plan,
    draws: Draws,
    log: Log,
) -> Marriages:
    """Marry as many of each sex, age and state as brings the states to the published ones.

    Of the single of each group as many marry as published hazards give, led towards the published
    number of single persons at the end of the year; of the divorced, most of those above theirs; of
    the widowed, as many as `remarriage_rate` says, and none in the year of the spouse's death. Both
    sexes' sums are then made equal, to their mean, by the single and divorced alone. Brides and
    grooms are matched by the ranks of their working lives, past and to come. Which of the single
    and divorced marry is drawn by the published hazard of first marriages.

    Returns
    -------
    Marriages
        With the new ones below.
    """
    year = draws.year
    chance = _chances(persons, _widowed_in(persons, marriages, year), year, plan)
    number, total = _wanted(persons, chance, year, plan)
    marries, factors = _drawn(persons, year, number, chance, draws)
    grooms = np.flatnonzero(marries & ~persons.is_female)
    brides = np.flatnonzero(marries & persons.is_female)
    one, two = match(
        persons.take(grooms),
        persons.take(brides),
        year,
        draws.stream("matching"),
        plan.taste,
        (lives.standing(persons.person_id[grooms]), lives.standing(persons.person_id[brides])),
    )
    husband, wife = grooms[one], brides[two]
    month = year * 12 + (draws.of("wedding month", persons.person_id[wife]) * 12).astype(np.int64)
    wed(persons, husband, wife)
    log.add(
        "marriage", "all", total, float(persons.base_weight[husband].sum()), float(factors.mean())
    )
    new = Marriages.begun(persons.person_id[husband], persons.person_id[wife], month)
    return marriages.joined(new)


def wed(persons: Persons, husband: Ints, wife: Ints) -> None:
    """Make couples of rows of persons."""
    persons.marital[husband], persons.marital[wife] = MARRIED, MARRIED
    persons.spouse_id[husband] = persons.person_id[wife]
    persons.spouse_id[wife] = persons.person_id[husband]


def remarriage_rate(year: int, plan: Plan) -> Floats:
    """Return the chance (2, ages) that a widower or a widow marries within `year`.

    It falls evenly in logs with age, from where the Trustees' widowed of 65 and over marry as
    often as NCHS says, and is no higher than a quarter.
    """
    widowed = plan.population(year)[:, :, WIDOWED]
    shape = np.exp(_AGAIN_BY_AGE * (np.arange(widowed.shape[1]) - 65))
    old = widowed[:, 65:]
    usual = (shape[:, 65:] * old).sum(axis=1) / old.sum(axis=1)
    level = np.array(AGAIN_AT_65) / usual
    return np.asarray(np.minimum(shape * level[:, None], _MOST_AGAIN))


def _widowed_in(persons: Persons, marriages: Marriages, year: int) -> Bools:
    """Tell whose spouse died within `year`, (n,)."""
    ended = (marriages.ended_by == DEATH) & (marriages.end_month // 12 == year)
    left = np.concatenate([marriages.husband_id[ended], marriages.wife_id[ended]])
    return np.isin(persons.person_id, left)


def _wanted(persons: Persons, chance: Floats, year: int, plan: Plan) -> tuple[Floats, float]:
    """Return persons to marry by state and group (4, COUNT), and marriages in all."""
    age, weight = persons.age(year), persons.base_weight
    group = group_of(persons.is_female, age)
    number = np.zeros((4, COUNT))
    stocks, before = plan.population(year), plan.population(year - 1)
    usual = in_groups(_older(before[:, :, SINGLE] * plan.first_marriage_rate(year - 1)))
    for state in (SINGLE, DIVORCED):
        there = np.bincount(group, weight * (persons.marital == state), minlength=COUNT)
        above = there - in_groups(stocks[:, :, state])
        if state == SINGLE:
            number[state] = usual + _HASTE * (above - usual)
        else:
            number[state] = _HASTE_AGAIN * above
        number[state] = np.clip(number[state], 0, there * 0.5)
    widowed = persons.marital == WIDOWED
    number[WIDOWED] = np.bincount(group, weight * chance * widowed, minlength=COUNT)
    number[:, [0, 1, 2, PER_SEX, PER_SEX + 1, PER_SEX + 2]] = 0.0
    by_sex = number.reshape(4, 2, PER_SEX)
    sums, again = by_sex.sum(axis=(0, 2)), by_sex[WIDOWED].sum(axis=1)
    total = float(sums.mean())
    others = sums - again
    share = np.divide(total - again, others, out=np.zeros(2), where=others > 0)
    by_sex[[SINGLE, DIVORCED]] *= share[:, None]
    return number, total


def _older(by_age: Floats) -> Floats:
    """Return counts by sex and age (2, ages) a year on."""
    return np.concatenate([np.zeros((2, 1)), by_age[:, :-1]], axis=1)


def _chances(persons: Persons, just_widowed: Bools, year: int, plan: Plan) -> Floats:
    age = persons.age(year)
    free = (persons.marital != MARRIED) & (age >= YOUNGEST) & ~just_widowed
    hazard, again = plan.first_marriage_rate(year - 1), remarriage_rate(year, plan)
    sex = persons.is_female.astype(np.int64)
    first = hazard[sex, np.clip(age - 1, 0, hazard.shape[1] - 1)]
    schooling = np.maximum(persons.education.astype(np.float64), 0.0) - 2
    standing = np.nan_to_num(persons.rank.astype(np.float64), nan=0.3) - 0.5
    odds = np.clip(first, 0.002, 0.5) * np.exp(0.1 * schooling + 0.5 * standing)
    later = again[sex, np.clip(age, 0, again.shape[1] - 1)]
    chance = np.where(persons.marital == WIDOWED, later, odds)
    return np.where(free, np.clip(chance, 0.0, 0.9), 0.0)


def _drawn(
    persons: Persons, year: int, number: Floats, chance: Floats, draws: Draws
) -> tuple[Bools, Floats]:
    group = group_of(persons.is_female, persons.age(year))
    cell = persons.marital.astype(np.int64) * COUNT + group
    wanted = number.ravel()
    aligned = align(chance, persons.base_weight, wanted, groups=cell)
    drawn = draw_events(
        aligned.chances,
        persons.base_weight,
        in_turn(cell, draws.of("marriage", persons.person_id)),
        groups=persons.is_female.astype(np.int64),
    )
    found = np.isfinite(aligned.factors) & (wanted > 0)
    return drawn, aligned.factors[found]
