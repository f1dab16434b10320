"""When retirement and survivors' benefits are claimed: once for each person, by the month."""

import numpy as np
from scipy.special import ndtr, ndtri

from steelyard.oasdi import NEVER
from steelyard.panel.disability import full_ages
from steelyard.panel.draws import Draws
from steelyard.panel.lives import Ints, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import WIDOWED, Log, Persons

FIRST, LAST = 62, 70
QUARTERS_IN_YEARS = 10
#: How far lifetime standing delays a claim, as a correlation of normal scores; assumed.
_STANDING = 0.2
_SIXTY = 60 * 12


def set_claims(persons: Persons, year: int, plan: Plan, draws: Draws, log: Log) -> None:
    """Give those who attain 62 in `year`, are insured and not disabled, a month to claim in.

    A number that rises with lifetime standing is looked up in the published distribution of ages
    at entitlement (without conversions), whose peaks at full retirement age move with it.
    """
    age = persons.age(year)
    comes = (age == FIRST) | ((age > FIRST) & (age <= LAST))
    able = comes & (persons.claim_month == NEVER) & (persons.covered_years >= QUARTERS_IN_YEARS)
    able &= ~(persons.is_disabled(year * 12 + 11))
    rows = np.flatnonzero(able)
    if not rows.size:
        return
    people = persons.take(rows)
    persons.claim_month[rows] = claim_months(people, year, plan, draws)
    log.add("claim", "set", float(rows.size), float(rows.size))


def claim_months(people: Persons, year: int, plan: Plan, draws: Draws) -> Ints:
    """Return the month of claim of persons who have not claimed by the end of last year."""
    number = draws.lasting("claim", people.person_id)
    standing = mid_ranks(people.lifetime_earnings, people.weight, people.is_female.astype(np.int64))
    score = _STANDING * ndtri(standing) + np.sqrt(1 - _STANDING**2) * ndtri(
        np.clip(number, 1e-9, 1 - 1e-9)
    )
    place = ndtr(score)
    full = full_ages(people, plan)
    months = np.zeros(len(people), np.int64)
    for sex in (0, 1):
        mine = np.flatnonzero(people.is_female == bool(sex))
        for each in np.unique(full[mine]):
            rows = mine[full[mine] == each]
            upto = np.cumsum(plan.published.claim_months(bool(sex), int(each)))
            months[rows] = FIRST * 12 + np.minimum(
                np.searchsorted(upto / upto[-1], place[rows]), len(upto) - 1
            )
    earliest = np.maximum(FIRST * 12 + 1, year * 12 - people.birth_month)
    return np.asarray(people.birth_month + np.clip(months, earliest, LAST * 12))


def set_widow_claims(persons: Persons, year: int) -> None:
    """Let widows and widowers of 60 and over, and those who become so, claim at once.

    Who has an own benefit to come switches when it begins; who takes which first for its own sake
    is not modelled.
    """
    december = year * 12 + 11
    able = (persons.marital == WIDOWED) & (persons.widow_claim_month == NEVER)
    able &= persons.birth_month + _SIXTY <= december
    rows = np.flatnonzero(able)
    first = persons.birth_month[rows] + _SIXTY
    persons.widow_claim_month[rows] = np.maximum(first, year * 12)
