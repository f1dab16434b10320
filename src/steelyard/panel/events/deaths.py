"""Who dies: cohort tables, turned by lifetime earnings and disability, summing to the tables."""

import numpy as np

from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.groups import COUNT, group_of, in_groups, in_turn, name_of
from steelyard.panel.lives import Bools, Floats, Ints, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import DEATH as BY_DEATH
from steelyard.panel.population import MARRIED, WIDOWED, Log, Marriages, Persons

DECILES = 10
#: Deaths of a hundred thousand single, married, widowed and divorced of 25 and over in 2019, age
#: held alike (NCHS, National Vital Statistics Reports 70(10), 2021).
BY_STATE = np.array([1_423.2, 747, 1_627, 1_324])
#: What lies between the states fades, in logs, between these ages: assumed, and so that it is
#: much as in the Trustees' marital states, whose single and divorced of 90 dwindle as all do.
_STATE_FADES = (65, 95)


def chances(persons: Persons, year: int, plan: Plan) -> Floats:
    """Return each person's chance to die within `year`, before alignment, (n,).

    The table's chance of sex and age, times the relative risk of the decile of lifetime earnings
    among those of the same sex and five years of age (Waldron 2013), and that of the marital state;
    the disabled, whom those risks leave out, by the factor that makes their deaths the published
    ones.
    """
    age = persons.age(year - 1)
    table = plan.published.death_chance(year)
    sex = persons.is_female.astype(np.int64)
    base = table[sex, np.minimum(age, table.shape[1] - 1)]
    cell = group_of(persons.is_female, age)
    rank = mid_ranks(persons.lifetime_earnings, persons.weight, cell)
    decile = np.minimum((rank * DECILES).astype(np.int64), DECILES - 1)
    risk = plan.published.mortality_risk(persons.is_female, age, decile)
    risk *= state_risk(persons.marital, age)
    begin = year * 12 - 1
    disabled = persons.is_disabled(begin) & ~at_full_age(persons, begin, plan)
    factor = np.where(disabled, plan.disabled_mortality, risk)
    return np.asarray(np.clip(base * np.where(age >= 18, factor, 1.0), 0.0, 1.0))


def state_risk(marital: Ints, age: Ints) -> Floats:
    """Return the risk (n,) to die of marital states (n,) over that of the married, by age (n,)."""
    first, last = _STATE_FADES
    left = np.clip((last - age) / (last - first), 0.0, 1.0)
    return np.asarray((BY_STATE[marital] / BY_STATE[MARRIED]) ** left)


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
