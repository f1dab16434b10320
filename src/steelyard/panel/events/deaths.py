"""Who dies: cohort tables, turned by lifetime earnings and disability, summing to the tables."""

import numpy as np

from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.groups import COUNT, group_of, in_groups, in_turn, name_of
from steelyard.panel.lives import Bools, Floats, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import DEATH as BY_DEATH
from steelyard.panel.population import WIDOWED, Log, Marriages, Persons

DECILES = 10


def chances(persons: Persons, year: int, plan: Plan) -> Floats:
    """Return each person's chance to die within `year`, before alignment, (n,).

    The table's chance of sex and age, times the relative risk of the decile of lifetime earnings
    among those of the same sex and five years of age (Waldron 2013); the disabled, whom those risks
    leave out, by the factor that makes their deaths the published ones.
    """
    age = persons.age(year - 1)
    table = plan.published.death_chance(year)
    sex = persons.is_female.astype(np.int64)
    base = table[sex, np.minimum(age, table.shape[1] - 1)]
    cell = group_of(persons.is_female, age)
    rank = mid_ranks(persons.lifetime_earnings, persons.weight, cell)
    decile = np.minimum((rank * DECILES).astype(np.int64), DECILES - 1)
    risk = plan.published.mortality_risk(persons.is_female, age, decile)
    begin = year * 12 - 1
    disabled = persons.is_disabled(begin) & ~at_full_age(persons, begin, plan)
    factor = np.where(disabled, plan.disabled_mortality, risk)
    return np.asarray(np.clip(base * np.where(age >= 18, factor, 1.0), 0.0, 1.0))


def wanted(year: int, plan: Plan) -> Floats:
    """Return deaths within `year` of persons alive at its beginning by the tables, (COUNT,)."""
    alive = plan.population(year - 1).sum(axis=2)
    chance = plan.published.death_chance(year)[:, : alive.shape[1]]
    return in_groups(alive * chance)


def draw_deaths(persons: Persons, year: int, plan: Plan, draws: Draws, log: Log) -> Bools:
    """Return who dies within `year`, aligned to the tables by sex and five years of age."""
    group = group_of(persons.is_female, persons.age(year - 1))
    number = wanted(year, plan)
    aligned = align(chances(persons, year, plan), persons.base_weight, number, groups=group)
    died = draw_events(
        aligned.chances,
        persons.base_weight,
        in_turn(group, draws.of("death", persons.person_id)),
    )
    happened = np.bincount(group, died * persons.base_weight, minlength=COUNT)
    for at in range(COUNT):
        log.add("death", name_of(at), number[at], happened[at], aligned.factors[at])
    return died


def leave_widowed(
    persons: Persons, marriages: Marriages, died: Bools, month: np.ndarray, log: Log
) -> None:
    """End the marriages of those who died; the other is a widow or widower from then on.

    Parameters
    ----------
    persons
        The living, those who die in the year included.
    marriages
        All marriages; changed in place, as are `persons`.
    died, month
        (n,) who dies, and in which month.
    """
    rows = marriages.lasting
    husband = persons.rows_of(marriages.husband_id[rows])
    wife = persons.rows_of(marriages.wife_id[rows])
    gone = died[husband] | died[wife]
    rows, husband, wife = rows[gone], husband[gone], wife[gone]
    never = np.iinfo(np.int64).max
    first = np.minimum(
        np.where(died[husband], month[husband], never), np.where(died[wife], month[wife], never)
    )
    marriages.end(rows, first, BY_DEATH)
    for one, other in ((husband, wife), (wife, husband)):
        left = one[died[other]]
        persons.marital[left], persons.spouse_id[left] = WIDOWED, -1
    parted = float(persons.base_weight[husband].sum())
    log.add("widowhood", "all", parted, parted)
