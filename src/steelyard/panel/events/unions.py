"""Divorces and marriages: how many follows from the published marital states, who by hazards."""

import numpy as np

from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.matching import match
from steelyard.panel.groups import COUNT, PER_SEX, group_of, in_groups, in_turn
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
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
#: How much of the distance to the published states a year's first and later marriages go.
_HASTE, _HASTE_AGAIN = 0.3, 0.6
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
    number of single persons at the end of the year; of the widowed and divorced, most of those
    above theirs. Both sexes' sums are then made equal, to their mean, and brides and grooms are
    matched by the ranks of their working lives, past and to come. Who marries is drawn by the
    published hazard of first marriages, and the same by age for others.

    Returns
    -------
    Marriages
        With the new ones below.
    """
    year = draws.year
    number, total = _wanted(persons, year, plan)
    chance = _chances(persons, year, plan)
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


def _wanted(persons: Persons, year: int, plan: Plan) -> tuple[Floats, float]:
    """Return persons to marry by state and group (4, COUNT), and marriages in all."""
    age, weight = persons.age(year), persons.base_weight
    group = group_of(persons.is_female, age)
    number = np.zeros((4, COUNT))
    stocks, before = plan.population(year), plan.population(year - 1)
    usual = in_groups(_older(before[:, :, SINGLE] * plan.first_marriage_rate(year - 1)))
    for state in (SINGLE, WIDOWED, DIVORCED):
        there = np.bincount(group, weight * (persons.marital == state), minlength=COUNT)
        above = there - in_groups(stocks[:, :, state])
        if state == SINGLE:
            number[state] = usual + _HASTE * (above - usual)
        else:
            number[state] = _HASTE_AGAIN * above
        number[state] = np.clip(number[state], 0, there * 0.5)
    number[:, [0, 1, 2, PER_SEX, PER_SEX + 1, PER_SEX + 2]] = 0.0
    sums = number.reshape(4, 2, PER_SEX).sum(axis=(0, 2))
    total = float(sums.mean())
    share = np.divide(total, sums, out=np.zeros(2), where=sums > 0)
    return (number.reshape(4, 2, PER_SEX) * share[:, None]).reshape(4, COUNT), total


def _older(by_age: Floats) -> Floats:
    """Return counts by sex and age (2, ages) a year on."""
    return np.concatenate([np.zeros((2, 1)), by_age[:, :-1]], axis=1)


def _chances(persons: Persons, year: int, plan: Plan) -> Floats:
    age = persons.age(year)
    free = (persons.marital != MARRIED) & (age >= YOUNGEST)
    hazard = plan.first_marriage_rate(year - 1)
    sex = persons.is_female.astype(np.int64)
    chance = hazard[sex, np.clip(age - 1, 0, hazard.shape[1] - 1)]
    schooling = np.maximum(persons.education.astype(np.float64), 0.0) - 2
    standing = np.nan_to_num(persons.rank.astype(np.float64), nan=0.3) - 0.5
    odds = np.clip(chance, 0.002, 0.5) * np.exp(0.1 * schooling + 0.5 * standing)
    return np.where(free, np.clip(odds, 0.0, 0.9), 0.0)


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
