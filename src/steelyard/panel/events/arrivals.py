"""Who enters and who leaves: births, and migration that closes the gap to the published path."""

from dataclasses import dataclass

import numpy as np

from steelyard.oasdi import NEVER
from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.matching import match
from steelyard.panel.events.unions import wed
from steelyard.panel.groups import OLDEST, by_single_age, whole
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
    BIRTH,
    DIVORCE,
    DIVORCED,
    IMMIGRATION,
    MARRIED,
    NOBODY,
    SINGLE,
    Log,
    Marriages,
    Persons,
)

FIRST_BIRTH, LAST_BIRTH = 15, 49
ADULT = 18


def birth_chances(persons: Persons, year: int, plan: Plan) -> Floats:
    """Return each person's chance to give birth within `year`, before alignment, (n,).

    The rate of the mother's age (NCHS), its odds turned by marriage, schooling and earlier births.
    """
    age = persons.age(year)
    able = persons.is_female & (age >= FIRST_BIRTH) & (age <= LAST_BIRTH)
    rate = plan.published.birth_rate(year)[np.clip(age, 0, LAST_BIRTH)]
    odds = plan.birth_odds
    turned = (
        odds.married * (persons.marital == MARRIED)
        + odds.education * (np.maximum(persons.education, 0) - 2.0)
        + np.asarray(odds.parity)[np.minimum(persons.children_born, 3)]
    )
    raised = np.exp(turned) * rate / np.maximum(1 - rate, 1e-9)
    return np.where(able, raised / (1 + raised), 0.0)


def give_birth(
    persons: Persons, year: int, next_id: int, plan: Plan, draws: Draws, log: Log
) -> Persons:
    """Return the children born in `year` who live at its end, and count them to their mothers.

    As many of each sex as are published at age 0; mothers by `birth_chances`, in their unit and
    with their weight.
    """
    infants = plan.population(year)[:, 0].sum(axis=1)
    weight = float(persons.base_weight[0])
    number = whole(infants / weight)
    chance = birth_chances(persons, year, plan)
    group = np.where(chance > 0, 0, 1)
    aligned = align(
        chance,
        persons.base_weight,
        [float(number.sum()) * weight, np.nan],
        groups=group,
    )
    gives = draw_events(
        aligned.chances, persons.base_weight, draws.of("birth", persons.person_id), groups=group
    )
    mothers = np.flatnonzero(gives)
    persons.children_born[mothers] += 1
    rng = draws.stream("infants")
    girls = np.zeros(len(mothers), np.bool_)
    girls[rng.permutation(len(mothers))[: int(number[1])]] = True
    log.add("birth", "all", float(infants.sum()), len(mothers) * weight, float(aligned.factors[0]))
    return _infants(persons, mothers, girls, year, next_id, rng)


def _infants(
    persons: Persons,
    mothers: Ints,
    girls: Bools,
    year: int,
    next_id: int,
    rng: np.random.Generator,
) -> Persons:
    born = persons.take(mothers)
    count = len(mothers)
    born.person_id = next_id + np.arange(count)
    born.source_person_id = np.full(count, NOBODY)
    born.birth_month = year * 12 + rng.integers(0, 12, count)
    born.is_female = girls
    born.mother_id = persons.person_id[mothers]
    born.entered_as = np.full(count, BIRTH, np.int8)
    return anew(born, year)


def anew(persons: Persons, year: int) -> Persons:
    """Return persons as they begin: single, without children, work or claims."""
    count = len(persons)
    for name, value in (
        ("marital", SINGLE), ("spouse_id", NOBODY), ("children_born", 0), ("entry_year", year),
        ("worked", False), ("rank", np.nan), ("earnings", 0.0), ("lifetime_earnings", 0.0),
        ("covered_years", 0), ("recent_years", 0), ("claim_month", NEVER),
        ("widow_claim_month", NEVER), ("onset_month", NEVER), ("recovery_month", NEVER),
    ):  # fmt: skip
        setattr(persons, name, np.full(count, value, Persons.TYPES[name]))
    return persons


@dataclass(frozen=True, eq=False)
class Moves:
    """Who is to leave, and whose likeness is to enter.

    Parameters
    ----------
    leave
        Rows of persons.
    models
        Rows of persons, again for each time.
    """

    leave: Ints
    models: Ints


def moves_towards(
    persons: Persons, year: int, wanted: Floats, rng: np.random.Generator, first_age: int = 0
) -> Moves:
    """Return the moves that bring numbers by sex and single age to what is wanted.

    Parameters
    ----------
    persons
        All of one base weight.
    wanted
        (2, 101) persons represented at the end of `year`.
    rng
        Chooses who.
    first_age
        Younger ones are left as they are.

    Notes
    -----
    An age is left alone while it is less than one person off: rounding would move people to and
    fro. The unmarried leave first, so that few marriages are torn. Models are of the sex and age
    that is short, or of the nearest age where nobody is.
    """
    weight = float(persons.base_weight[0])
    age = np.minimum(persons.age(year), OLDEST)
    there = by_single_age(persons.is_female, age, np.ones(len(persons)))
    gap = np.trunc(wanted / weight - there).astype(np.int64)
    leave, models = [], []
    order = rng.permutation(len(persons))
    for sex in range(2):
        mine = order[persons.is_female[order] == bool(sex)]
        ages, wedded = age[mine], persons.marital[mine] == MARRIED
        for at in range(first_age, OLDEST + 1):
            here = mine[ages == at]
            if gap[sex, at] < 0:
                single_first = np.argsort(wedded[ages == at], kind="stable")
                leave.append(here[single_first][: -gap[sex, at]])
            elif gap[sex, at] > 0:
                if not here.size:
                    near = np.abs(ages - at)
                    here = mine[near == near.min()]
                models.append(here[rng.integers(0, here.size, gap[sex, at])])
    return Moves(_joined(leave), _joined(models))


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def depart(persons: Persons, marriages: Marriages, rows: Ints, year: int) -> Persons:
    """Return those who stay; who was married to one that leaves is divorced."""
    leaves = np.zeros(len(persons), np.bool_)
    leaves[rows] = True
    lasting = marriages.lasting
    husband = persons.rows_of(marriages.husband_id[lasting])
    wife = persons.rows_of(marriages.wife_id[lasting])
    torn = leaves[husband] | leaves[wife]
    marriages.end(lasting[torn], year * 12 + 11, DIVORCE)
    for one in (husband[torn], wife[torn]):
        persons.marital[one], persons.spouse_id[one] = DIVORCED, NOBODY
    return persons.take(~leaves)


def arrive(
    persons: Persons, models: Ints, year: int, next_id: int, rng: np.random.Generator
) -> tuple[Persons, Marriages]:
    """Return newcomers in the likeness of others, without a past in the country.

    The married among them are matched with each other; who finds nobody is single, or, from 40 on,
    divorced. Children belong to women of the newcomers who could be their mothers, while there are.
    """
    new = persons.take(models)
    marital = new.marital.copy()
    birth, education, standing = new.birth_month.copy(), new.education.copy(), new.rank.copy()
    children = new.children_born.copy()
    new = anew(new, year)
    new.person_id = next_id + np.arange(len(new))
    new.unit_id = new.person_id.copy()
    new.mother_id = np.full(len(new), NOBODY)
    new.entered_as = np.full(len(new), IMMIGRATION, np.int8)
    new.birth_month, new.education, new.rank = birth, education, standing
    new.children_born = children
    new.marital = marital
    return settle_families(new, year, rng)


def settle_families(new: Persons, year: int, rng: np.random.Generator) -> tuple[Persons, Marriages]:
    """Make couples of the married and families of the children among newcomers."""
    married = new.marital == MARRIED
    men, women = np.flatnonzero(married & ~new.is_female), np.flatnonzero(married & new.is_female)
    one, two = match(new.take(men), new.take(women), year, rng)
    new.marital[married] = np.where(new.age(year)[married] < 40, SINGLE, DIVORCED)
    husband, wife = men[one], women[two]
    wed(new, husband, wife)
    younger = np.maximum(new.birth_month[husband], new.birth_month[wife]) // 12
    start = np.minimum(year, younger + 20 + rng.integers(0, 15, husband.size)) * 12 + 5
    start = np.minimum(start, year * 12)
    marriages = Marriages.begun(new.person_id[husband], new.person_id[wife], start)
    _give_mothers(new, year, rng)
    return new, marriages


def _give_mothers(new: Persons, year: int, rng: np.random.Generator) -> None:
    children = np.flatnonzero(new.age(year) < ADULT)
    able = np.flatnonzero(new.is_female & (new.age(year) >= 20) & (new.children_born > 0))
    if not children.size or not able.size:
        return
    chosen = able[rng.integers(0, able.size, children.size)]
    apart = (new.birth_month[children] - new.birth_month[chosen]) // 12
    fits = (apart >= 16) & (apart <= 44)
    new.mother_id[children[fits]] = new.person_id[chosen[fits]]
