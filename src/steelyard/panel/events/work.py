"""A year's work: who of the drawn lives works, their ranks anew, and the dollars of them."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit

from steelyard.panel.alignment import align, draw_events
from steelyard.panel.draws import Draws
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.groups import COUNT, group_of, in_groups, name_of
from steelyard.panel.lives import Floats, cells, mid_ranks
from steelyard.panel.plan import YOUNGEST_WORKER, Plan
from steelyard.panel.population import DrawnLives, Log, Persons

OLDEST = 90
#: How sure a drawn year is: the chance to work of who is drawn to work, and of who is not.
_DRAWN, _NOT_DRAWN = 0.97, 0.03
#: Odds not to work of who has claimed, over those of others of the same sex and age, and how far
#: down their ranks move, in logits. Assumed, so that the earnings test takes little.
_AFTER_CLAIM, _LESS_AFTER_CLAIM = 100.0, 1.2
_INDEXED_UNTIL = 61


def work(
    persons: Persons, lives: DrawnLives, year: int, plan: Plan, draws: Draws, log: Log
) -> None:
    """Set who worked in `year`, with which rank and dollars, and what has been earned so far.

    Numbers at work by sex and five years of age are the published share of residents, times one
    factor of the year that makes the Trustees' covered workers. Who is moved is drawn by a number
    that lasts, so that who is taken out of work in a year is out in the next.
    """
    age, december = persons.age(year), year * 12 + 11
    drawn, rank = lives.at(persons.person_id, age)
    disabled = persons.is_disabled(december) & ~at_full_age(persons, december, plan)
    able = (age >= YOUNGEST_WORKER) & (age <= OLDEST) & ~disabled
    chance = np.where(able, np.where(drawn, _DRAWN, _NOT_DRAWN), 0.0)
    claimed = persons.claim_month < year * 12
    chance = np.where(claimed, chance / (chance + _AFTER_CLAIM * (1 - chance)), chance)
    group = group_of(persons.is_female, age)
    number = in_groups(plan.workers_by_age(year))
    aligned = align(chance, persons.base_weight, number, groups=group)
    lasting = draws.lasting("work", persons.person_id)
    works = draw_events(
        aligned.chances,
        persons.base_weight,
        lasting,
        groups=group,
        sampling="sorted_logit_difference",
    )
    happened = np.bincount(group, works * persons.base_weight, minlength=COUNT)
    for at in np.flatnonzero(number > 0):
        log.add("work", name_of(at), number[at], happened[at], aligned.factors[at])
    persons.worked = works
    persons.rank = _ranked(persons, works, rank, year, draws).astype(np.float32)
    persons.earnings = earnings(persons, year, plan)
    to_payroll(persons, year, plan, log)
    remember(persons, year, plan)


def _ranked(persons: Persons, works: np.ndarray, rank: Floats, year: int, draws: Draws) -> Floats:
    """Rank who works anew; who was not drawn to work stands low."""
    found = np.full(len(persons), np.nan)
    low = 0.4 * draws.lasting("standing", persons.person_id)
    rows = np.flatnonzero(works)
    value = np.where(np.isnan(rank[rows]), low[rows], rank[rows])
    people = persons.take(rows)
    cell = cells(people.is_female, people.birth_month // 12, np.full(rows.size, year))
    standing = logit(np.clip(value, 1e-6, 1 - 1e-6))
    standing -= _LESS_AFTER_CLAIM * (people.claim_month < year * 12)
    found[rows] = mid_ranks(standing, people.base_weight, cell)
    return found


def earnings(persons: Persons, year: int, plan: Plan) -> Floats:
    """Return dollars of the year by the scale of ranks; 0 without work."""
    found = np.zeros(len(persons))
    rows = np.flatnonzero(persons.worked)
    found[rows] = plan.scale.dollars(
        persons.rank[rows].astype(np.float64),
        persons.is_female[rows],
        persons.age(year)[rows],
        np.full(rows.size, year),
    )
    return found


def to_payroll(persons: Persons, year: int, plan: Plan, log: Log) -> None:
    """Move all earnings by one factor, so that what is taxable is the Trustees' payroll."""
    base = float(plan.baseline.contribution_base.at(year))
    rows = np.flatnonzero(persons.worked)
    earned, weight = persons.earnings[rows], persons.base_weight[rows]
    wanted = plan.taxable_payroll(year)
    if wanted >= 0.98 * base * weight.sum():
        raise ValueError(
            f"panel: in {year} the workers would have to earn the contribution base of {base:,.0f} "
            f"dollars to pay the Trustees' payroll of {wanted:,.0f}; see the scenario's series"
        )

    def gap(by: float) -> float:
        return float(weight @ np.minimum(earned * np.exp(by), base)) - wanted

    factor = float(brentq(gap, -3.0, 3.0, xtol=1e-9))
    persons.earnings[rows] = earned * np.exp(factor)
    log.add("earnings", "all", wanted, gap(factor) + wanted, factor)


def remember(persons: Persons, year: int, plan: Plan) -> None:
    """Add a year to lifetime earnings and to the years with four quarters of coverage."""
    base = float(plan.baseline.contribution_base.at(year))
    index = float(plan.baseline.average_wage_index.at(year)) / 100.0
    quarter = float(plan.baseline.quarter_of_coverage.at(year))
    counts = persons.age(year) <= _INDEXED_UNTIL
    persons.lifetime_earnings = persons.lifetime_earnings + np.where(
        counts, np.minimum(persons.earnings, base) / index, 0.0
    )
    covered = persons.earnings >= 4 * quarter
    persons.covered_years = (persons.covered_years + covered).astype(np.int16)
    persons.recent_years = ((persons.recent_years << 1 | covered) & 1023).astype(np.int16)
