"""When retirement and survivors' benefits are claimed: once for each person, by the month."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from steelyard.oasdi import NEVER
from steelyard.panel.draws import Draws
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.lives import Floats, Ints, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import WIDOWED, Persons

FIRST, LAST = 62, 70
YEARS_INSURED = 10
#: How far lifetime standing delays a claim, as a correlation of normal scores; assumed.
_STANDING = 0.2
_SIXTY, _SIXTY_SIX = 60 * 12, 66 * 12


def set_claims(persons: Persons, year: int, plan: Plan, draws: Draws) -> None:
    """Give those between 62 and 70 who are insured, not disabled, and without one a month to claim.

    As a rule those who attain 62 in `year`; later ones are those who become insured, or recover.
    """
    december, age = year * 12 + 11, persons.age(year)
    able = (age >= FIRST) & (age <= LAST) & (persons.claim_month == NEVER)
    able &= (persons.covered_years >= YEARS_INSURED) & ~persons.is_disabled(december)
    rows = np.flatnonzero(able)
    people = persons.take(rows)
    months = claim_months(people, plan, draws, since=np.full(rows.size, year * 12))
    persons.claim_month[rows] = months


def claim_months(
    people: Persons,
    plan: Plan,
    draws: Draws,
    *,
    since: ArrayLike | None = None,
    until: ArrayLike | None = None,
) -> Ints:
    """Return months of claim, drawn from the published ages at entitlement.

    A number that lasts, and rises with lifetime standing, is looked up in the distribution of the
    sex and of the full retirement age (`Published.claim_months`), between `since` and `until`.

    Parameters
    ----------
    people
        (n,) insured persons.
    since, until
        (n,) the first and the last month that is possible; from 62 to 70 unless told otherwise.
    """
    number = np.clip(draws.lasting("claim", people.person_id), 1e-9, 1 - 1e-9)
    standing = mid_ranks(people.lifetime_earnings, people.weight, people.is_female.astype(np.int64))
    place = ndtr(_STANDING * ndtri(standing) + np.sqrt(1 - _STANDING**2) * ndtri(number))
    # Cohorts with an earlier one claim as those of 66 do.
    full = np.maximum(plan.law.full_retirement_age(people.birth_month // 12), _SIXTY_SIX)
    first = np.zeros(len(people)) if since is None else np.asarray(since) - people.birth_month
    last = np.full(len(people), 10_000) if until is None else np.asarray(until) - people.birth_month
    months = np.zeros(len(people), np.int64)
    for sex in (False, True):
        for each in np.unique(full[people.is_female == sex]):
            rows = np.flatnonzero((people.is_female == sex) & (full == each))
            share = plan.published.claim_months(sex, int(each))
            months[rows] = _looked_up(place[rows], share, first[rows], last[rows])
    return np.asarray(people.birth_month + months)


def _looked_up(place: Floats, share: Floats, first: Floats, last: Floats) -> Ints:
    """Return ages in months, given shares of the months from 62 on and bounds of each person."""
    upto = np.concatenate([[0.0], np.cumsum(share)])
    begin = np.clip(first - FIRST * 12, 0, len(share) - 1).astype(np.int64)
    end = np.clip(last - FIRST * 12 + 1, begin + 1, len(share)).astype(np.int64)
    lower, upper = upto[begin], upto[end]
    drawn = np.searchsorted(upto, lower + place * (upper - lower), side="right") - 1
    return np.asarray(FIRST * 12 + np.clip(drawn, begin, end - 1), np.int64)


def set_widow_claims(persons: Persons, year: int, plan: Plan) -> None:
    """Let widows and widowers of 60 and over claim once the earnings test would leave something.

    That is at once for those whose earnings of the year are below twice the exempt amount, and by
    full retirement age for all. Who has an own benefit to come switches when it begins; who takes
    which first for its own sake is not modelled.
    """
    december = year * 12 + 11
    able = (persons.marital == WIDOWED) & (persons.widow_claim_month == NEVER)
    able &= persons.birth_month + _SIXTY <= december
    exempt = float(plan.baseline.exempt_below_fra.at(year))
    able &= (persons.earnings <= 2 * exempt) | at_full_age(persons, december, plan)
    rows = np.flatnonzero(able)
    first = persons.birth_month[rows] + _SIXTY
    persons.widow_claim_month[rows] = np.maximum(first, year * 12)
