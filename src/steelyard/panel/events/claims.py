"""When retirement and survivors' benefits are claimed: once for each person, by the month."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from steelyard.oasdi import NEVER
from steelyard.oasdi.entitlement import MARRIED_BEFORE_DIVORCE
from steelyard.panel.draws import Draws
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.lives import Bools, Floats, Ints, mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import DIVORCE, DIVORCED, WIDOWED, DrawnLives, Marriages, Persons

FIRST, LAST = 62, 70
YEARS_INSURED = 10
#: How far lifetime standing, and the work that a life has left from 62 on, delay a claim: weights
#: of normal scores beside those of chance. Assumed.
_STANDING, _WORK, _CHANCE = 0.2, 1.0, 0.5
#: Ages whose work delays a claim.
_DELAYS = (FIRST, LAST)
_SIXTY, _SIXTY_SIX = 60 * 12, 66 * 12


def set_claims(persons: Persons, lives: DrawnLives, year: int, plan: Plan, draws: Draws) -> None:
    """Give those between 62 and 70 who are insured, not disabled, and without one a month to claim.

    As a rule those who attain 62 in `year`; later ones are those who become insured, or recover.
    """
    december, age = year * 12 + 11, persons.age(year)
    able = (age >= FIRST) & (age <= LAST) & (persons.claim_month == NEVER)
    able &= (persons.covered_years >= YEARS_INSURED) & ~persons.is_disabled(december)
    rows = np.flatnonzero(able)
    people = persons.take(rows)
    months = claim_months(people, lives, plan, draws, since=np.full(rows.size, year * 12))
    persons.claim_month[rows] = months


def claim_months(
    people: Persons,
    lives: DrawnLives,
    plan: Plan,
    draws: Draws,
    *,
    since: ArrayLike | None = None,
    until: ArrayLike | None = None,
) -> Ints:
    """Return months of claim, drawn from the published ages at entitlement.

    A number that lasts, and rises with the work that a life has left and with lifetime standing,
    is looked up in the distribution of the sex and of the full retirement age
    (`Published.claim_months`), between `since` and `until`.

    Parameters
    ----------
    people
        (n,) insured persons.
    lives
        What they are drawn to work.
    since, until
        (n,) the first and the last month that is possible; from 62 to 70 unless told otherwise.
    """
    place = _places(people, lives, draws)
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


def _places(people: Persons, lives: DrawnLives, draws: Draws) -> Floats:
    """Return where each stands among those of the sex who claim, in (0, 1), early ones first."""
    sex = people.is_female.astype(np.int64)
    number = np.clip(draws.lasting("claim", people.person_id), 1e-9, 1 - 1e-9)
    work = np.zeros(len(people))
    for age in range(*_DELAYS):
        works, rank = lives.at(people.person_id, np.full(len(people), age))
        work += np.where(works, rank, 0.0)
    # Many have no work left: their order is chance.
    left = mid_ranks(work + 1e-6 * number, people.weight, sex)
    standing = mid_ranks(people.lifetime_earnings, people.weight, sex)
    score = _WORK * ndtri(left) + _STANDING * ndtri(standing) + _CHANCE * ndtri(number)
    return mid_ranks(score, people.weight, sex)


def _looked_up(place: Floats, share: Floats, first: Floats, last: Floats) -> Ints:
    """Return ages in months, given shares of the months from 62 on and bounds of each person."""
    upto = np.concatenate([[0.0], np.cumsum(share)])
    begin = np.clip(first - FIRST * 12, 0, len(share) - 1).astype(np.int64)
    end = np.clip(last - FIRST * 12 + 1, begin + 1, len(share)).astype(np.int64)
    lower, upper = upto[begin], upto[end]
    drawn = np.searchsorted(upto, lower + place * (upper - lower), side="right") - 1
    return np.asarray(FIRST * 12 + np.clip(drawn, begin, end - 1), np.int64)


def set_widow_claims(persons: Persons, marriages: Marriages, year: int, plan: Plan) -> None:
    """Let survivors of 60 and over claim once the earnings test would leave something.

    That is at once for those whose earnings of the year are below twice the exempt amount, and by
    full retirement age for all. Survivors are the widowed, and those not married whose former
    spouse of ten years is no longer among `persons`; who has an own benefit to come switches when
    it begins; who takes which first for its own sake is not modelled.
    """
    december = year * 12 + 11
    able = (persons.marital == WIDOWED) | _survives_divorced(persons, marriages)
    able &= persons.widow_claim_month == NEVER
    able &= persons.birth_month + _SIXTY <= december
    exempt = float(plan.baseline.exempt_below_fra.at(year))
    able &= (persons.earnings <= 2 * exempt) | at_full_age(persons, december, plan)
    rows = np.flatnonzero(able)
    first = persons.birth_month[rows] + _SIXTY
    persons.widow_claim_month[rows] = np.maximum(first, year * 12)


def _survives_divorced(persons: Persons, marriages: Marriages) -> Bools:
    """Tell who is divorced after ten years from somebody who is no longer there, (n,)."""
    lasted = marriages.end_month - marriages.start_month
    long = (marriages.ended_by == DIVORCE) & (lasted >= MARRIED_BEFORE_DIVORCE)
    husband, wife = marriages.husband_id[long], marriages.wife_id[long]
    widower = husband[persons.rows_of(wife) < 0]
    widow = wife[persons.rows_of(husband) < 0]
    left = np.isin(persons.person_id, np.concatenate([widower, widow]))
    return np.asarray(left & (persons.marital == DIVORCED))
