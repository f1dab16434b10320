"""When benefits are claimed: by published ages, later by those who work on, and by survivors."""

import ageing_fixture
import numpy as np
import pytest
from scipy.stats import spearmanr

from steelyard.oasdi import NEVER
from steelyard.panel.begin import begin
from steelyard.panel.draws import Draws
from steelyard.panel.events.claims import claim_months, set_widow_claims
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
    AGES,
    DIVORCE,
    DIVORCED,
    MARRIED,
    DrawnLives,
    Marriages,
    Persons,
)

YEAR, COUNT = 2022, 4_000


@pytest.fixture(scope="module")
def plan() -> Plan:
    return ageing_fixture.plan(size=6_000)


@pytest.fixture(scope="module")
def everybody(plan: Plan) -> Persons:
    return Persons.from_table(begin(ageing_fixture.base(), plan, 1)["person"])


@pytest.fixture
def old(everybody: Persons) -> Persons:
    """Persons of 61 who have not claimed, each with a number of its own."""
    some = everybody.take(np.resize(np.flatnonzero(everybody.age(YEAR) == 61), COUNT))
    some.person_id = np.arange(1, COUNT + 1)
    return some


def working_until(people: Persons, last: np.ndarray) -> DrawnLives:
    """Lives at work, at the middle rank, up to an age of each."""
    worked = (np.arange(18, 18 + AGES) <= last[:, None]).astype(np.int8)
    return DrawnLives(people.person_id, worked, np.where(worked, 0.5, np.nan).astype(np.float32))


def test_claims_keep_their_bounds_and_their_peaks(old: Persons, plan: Plan) -> None:
    draws, last = Draws(1, 1, YEAR), np.random.default_rng(1).integers(55, 76, COUNT)
    lives = working_until(old, last)
    age = claim_months(old, lives, plan, draws) - old.birth_month
    assert age.min() >= 62 * 12
    assert age.max() <= 70 * 12
    shares = plan.published.claim_months(True, 804)
    at_once = np.mean(age[old.is_female] == 62 * 12)
    assert at_once == pytest.approx(shares[0], abs=0.01)
    assert np.mean(age == 804) > 10 * np.mean(age == 803)
    since = old.birth_month + 64 * 12
    until = old.birth_month + 65 * 12
    bounded = claim_months(old, lives, plan, draws, since=since, until=until)
    assert (bounded >= since).all()
    assert (bounded <= until).all()


def test_who_works_on_claims_later(old: Persons, plan: Plan) -> None:
    last = np.random.default_rng(2).integers(55, 76, COUNT)
    age = claim_months(old, working_until(old, last), plan, Draws(1, 1, YEAR)) - old.birth_month
    for sex in (True, False):
        mine = old.is_female == sex
        assert spearmanr(last[mine], age[mine]).statistic > 0.6
        early = (age < 63 * 12) & mine
        assert (last[early] >= 64).mean() < 0.35 * (last[mine] >= 64).mean()


def test_survivors_of_former_spouses_claim_after_ten_years_of_marriage(
    everybody: Persons, plan: Plan
) -> None:
    age = everybody.age(YEAR)
    some = everybody.take(np.flatnonzero(everybody.is_female & (age >= 64) & (age < 80))[:4])
    some.marital[:] = (DIVORCED, DIVORCED, MARRIED, DIVORCED)
    some.widow_claim_month[:] = NEVER
    some.earnings[:] = 0.0
    gone, there = 10**9, int(some.person_id[3])
    husbands = np.array([gone, gone + 1, gone + 2, there])
    marriages = Marriages.begun(husbands, some.person_id, 1980 * 12)
    ended = np.array([1990, 1989, 2000, 2000]) * 12
    marriages.end(np.arange(4), ended, DIVORCE)
    set_widow_claims(some, marriages, YEAR, plan)
    assert (some.widow_claim_month < NEVER).tolist() == [True, False, False, False]
