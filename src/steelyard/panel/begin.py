"""The first year of a panel: a cross-section with pasts."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtr, ndtri

from steelyard.oasdi import NEVER
from steelyard.panel.base import persons_of
from steelyard.panel.base_families import couples, past_divorces, past_spouses, to_single_ages
from steelyard.panel.base_records import (
    history,
    history_table,
    insure,
    lives_at_base,
    reports,
    set_disabled,
    set_retired,
    settle_claims,
    sum_up,
)
from steelyard.panel.draws import Draws
from steelyard.panel.events.claims import set_widow_claims
from steelyard.panel.events.work import remember, to_payroll, work
from steelyard.panel.histories.spouses import ALIKE, standing
from steelyard.panel.histories.tables import lives_of_table
from steelyard.panel.histories.trajectories import Trajectories
from steelyard.panel.likeness import both, likeness, models_of
from steelyard.panel.lives import mid_ranks
from steelyard.panel.plan import Plan
from steelyard.panel.population import DrawnLives, Log, Persons
from steelyard.panel.step import paid
from steelyard.panel.yearly_weights import weigh

#: Whose lives stand for those of late spouses.
OLD_ENOUGH = 62
_REPORTS = {"disabled": "social_security_disability", "retired": "social_security_retirement"}


def begin(base: Mapping[str, pa.Table], plan: Plan, imputation: int) -> dict[str, pa.Table]:
    """Return the tables of the base year.

    Parameters
    ----------
    base
        ``person``: persons of a release, with the columns `steelyard.panel.base.NEEDED`;
        ``pnl_person_year``: the panels whose trajectories are transplanted, as
        `steelyard.panel.histories.tables.lives_of_table` reads them; the first by name is used.
    plan
        What the panel is aged by.
    imputation
        Number of the imputation.

    Returns
    -------
    dict
        ``person``, ``dead`` (the deceased spouses of the widowed), ``marriage``, ``life``,
        ``history``, ``event``, ``benefit`` and ``total``.

    Raises
    ------
    UnfitBuild
        If the release's persons lack what ageing needs.
    """
    year = plan.base_year
    draws, log = Draws(plan.seed, imputation, year), Log()
    persons, rows = persons_of(base["person"], plan, draws, log)
    rng = draws.stream("base families")
    persons, source = to_single_ages(persons, plan, len(persons) + 1, rng, log)
    rows = rows.take(pa.array(source))
    marriages = couples(persons, plan, rng)
    marriages = past_divorces(persons, marriages, plan, rng)
    way = trajectories(base["pnl_person_year"], plan.seed)
    lives = lives_at_base(persons, plan, way, draws)
    earned = history(persons, lives, plan, year - 1)
    sum_up(persons, earned, plan, year - 1)
    said = reports(rows, _REPORTS)
    again = insure(persons, lives, said["retired"], plan, draws, log)
    earned[again] = history(persons.take(again), lives, plan, year - 1)
    sum_up(persons, earned, plan, year - 1)
    set_disabled(persons, earned, said["disabled"], plan, draws, log)
    _stop_at_onset(persons, earned, plan)
    _work(persons, lives, plan, draws, log)
    set_retired(persons, lives, said["retired"], plan, draws, log)
    set_widow_claims(persons, marriages, year, plan)
    dead, died, past = past_spouses(persons, int(persons.person_id[-1]) + 1, plan, rng)
    dead_lives, dead_earned = _pasts_of_the_dead(persons, dead, died, lives, plan, rng)
    settle_claims(persons, dead, year)
    weigh(persons, year, plan, log)
    everybody, every_past = persons.joined(dead), np.concatenate([earned, dead_earned])
    made = {
        "person": persons.table(),
        "dead": dead.table().append_column("death_month", pa.array(died)),
        "marriage": marriages.joined(past).table(),
        "life": both(lives, dead_lives).table(),
        "history": history_table(everybody, every_past),
        "event": log.table(),
    }
    return made | paid({}, made, year, plan)


def trajectories(years: pa.Table, seed: int) -> Trajectories:
    """Return the paths of the first panel by name of a table of person-years.

    Raises
    ------
    ValueError
        If there are none.
    """
    names = sorted(set(years["dataset_id"].to_pylist()))
    if not names:
        raise ValueError(
            "panel: pnl_person_year has no rows, so that no working life can be drawn; build with "
            "a panel of persons, as the demo does"
        )
    rows = pc.equal(years["dataset_id"], names[0])
    return Trajectories.fit(lives_of_table(years.filter(rows)), "panel/trajectories", seed)


def _stop_at_onset(persons: Persons, earned: np.ndarray, plan: Plan) -> None:
    """Take out what the disabled are drawn to have earned after the year of onset."""
    last_year = plan.base_year - 1
    rows = np.flatnonzero(persons.onset_month < NEVER)
    years = np.arange(last_year - earned.shape[1] + 1, last_year + 1)
    after = years > (persons.onset_month[rows] // 12)[:, None]
    earned[rows] = np.where(after, 0.0, earned[rows])
    sum_up(persons, earned, plan, last_year)


def _work(persons: Persons, lives: DrawnLives, plan: Plan, draws: Draws, log: Log) -> None:
    """Set the base year's work like any other's, with the earnings that were told where there are.

    Told earnings stay for those who work by both; ranks and sums then follow from them.
    """
    told = persons.earnings.copy()
    before = persons.lifetime_earnings, persons.covered_years, persons.recent_years
    work(persons, lives, plan.base_year, plan, draws, log)
    keeps = persons.worked & (told > 0)
    persons.earnings[keeps] = told[keeps]
    to_payroll(persons, plan.base_year, plan, log)
    persons.lifetime_earnings, persons.covered_years, persons.recent_years = before
    remember(persons, plan.base_year, plan)


def _pasts_of_the_dead(
    persons: Persons,
    dead: Persons,
    died: np.ndarray,
    lives: DrawnLives,
    plan: Plan,
    rng: np.random.Generator,
) -> tuple[DrawnLives, np.ndarray]:
    """Return lives and earnings of deceased spouses: of others of their sex, until they died.

    The standing of a life goes together with that of the one who is left, as couples' do.
    """
    place = np.zeros(len(persons))
    place[persons.rows_of(lives.person_id)] = standing(lives.worked, lives.rank)
    donor = persons.age(plan.base_year) >= OLD_ENOUGH
    left = persons.rows_of(dead.spouse_id)
    theirs = mid_ranks(place[left], dead.base_weight, persons.is_female[left].astype(np.int64))
    normal = ALIKE * ndtri(theirs) + np.sqrt(1 - ALIKE**2) * rng.standard_normal(len(dead))
    number = np.minimum(ndtr(normal), 1 - 1e-9)
    rows = np.arange(len(persons), len(persons) + len(dead))
    everybody, donors = persons.joined(dead), np.append(donor, np.zeros(len(dead), np.bool_))
    place = np.append(place, np.zeros(len(dead)))
    model = everybody.person_id[models_of(everybody, lives, rows, donors, number, place)]
    found = likeness(lives, model, dead.person_id)
    earned = history(dead, found, plan, plan.base_year - 1)
    years = np.arange(plan.base_year - earned.shape[1], plan.base_year)
    earned = np.where(years > (died // 12)[:, None], 0.0, earned)
    sum_up(dead, earned, plan, plan.base_year - 1)
    dead.worked = np.zeros(len(dead), np.bool_)
    dead.earnings = np.zeros(len(dead))
    return found, earned
