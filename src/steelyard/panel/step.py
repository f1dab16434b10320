"""One year of the panel: events in the order in which a year's rules read them.

Deaths come first, so that nobody who died weds; divorces before marriages; migration closes the gap
to the published path before who is there marries and gives birth; then work, disability, claims,
weights, and what is paid.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from steelyard.panel.draws import Draws
from steelyard.panel.events.arrivals import arrive, depart, give_birth, moves_towards
from steelyard.panel.events.claims import set_claims, set_widow_claims
from steelyard.panel.events.deaths import draw_deaths, leave_widowed
from steelyard.panel.events.disability import draw_onsets, draw_recoveries
from steelyard.panel.events.unions import draw_divorces, draw_marriages
from steelyard.panel.events.work import work
from steelyard.panel.likeness import both, likeness, models_of
from steelyard.panel.lives import FIRST_AGE, Ints
from steelyard.panel.payments.benefits import benefits_of_year
from steelyard.panel.payments.finance import joined_totals, totals_of_year
from steelyard.panel.plan import Plan
from steelyard.panel.population import DrawnLives, Log, Marriages, Persons
from steelyard.panel.year_before import total_before
from steelyard.panel.yearly_weights import weigh

#: Ages whose drawn lives young people are given: whole, and of the present.
_DONORS = (25, 45)
_IDS_A_YEAR = 10_000_000


def age_one_year(
    parts: Mapping[str, pa.Table], year: int, plan: Plan, imputation: int
) -> dict[str, pa.Table]:
    """Return the tables of `year`, given those of the years before.

    Parameters
    ----------
    parts
        ``person``, ``marriage`` and ``benefit`` of the year before; ``life``, ``dead``,
        ``history`` and ``earned`` of all years before.
    year
        The year that follows.
    plan
        What the panel is aged by.
    imputation
        Number of the imputation: another has streams of its own.

    Returns
    -------
    dict
        ``person``, ``dead``, ``marriage``, ``life``, ``history``, ``event``, ``benefit`` and
        ``total``.
    """
    persons = Persons.from_table(parts["person"])
    marriages = Marriages.from_table(parts["marriage"])
    lives = DrawnLives.from_table(parts["life"])
    draws, log = Draws(plan.seed, imputation, year), Log()

    died = draw_deaths(persons, year, plan, draws, log)
    month = year * 12 + (draws.of("death month", persons.person_id) * 12).astype(np.int64)
    leave_widowed(persons, marriages, died, month, log)
    dead = persons.take(died).table().append_column("death_month", pa.array(month[died]))
    persons = persons.take(~died)

    draw_divorces(persons, marriages, year, plan, draws, log)
    persons, marriages, came = _migrate(persons, marriages, year, plan, draws, log)
    new = _new_lives(persons, lives, year, came, draws)
    lives = both(lives, new)
    marriages = draw_marriages(persons, marriages, lives, plan, draws, log)
    next_id = first_id(year) + came.person_id.size
    born = give_birth(persons, year, next_id, plan, draws, log)
    persons = persons.joined(born)
    work(persons, lives, year, plan, draws, log)
    draw_recoveries(persons, year, plan, draws, log)
    draw_onsets(persons, year, plan, draws, log)
    set_claims(persons, lives, year, plan, draws)
    set_widow_claims(persons, marriages, year, plan)
    weigh(persons, year, plan, log)
    made = {
        "person": persons.table(),
        "dead": dead,
        "marriage": marriages.table(),
        "life": new.table(),
        "history": no_history(),
        "event": log.table(),
    }
    return made | paid(parts, made, year, plan, parts["benefit"])


def paid(
    parts: Mapping[str, pa.Table],
    made: Mapping[str, pa.Table],
    year: int,
    plan: Plan,
    before: pa.Table | None = None,
) -> dict[str, pa.Table]:
    """Return ``benefit`` and ``total``: what a year's persons are paid, and what it adds up to.

    ``total`` of the base year has the year before it, too, so that its cost can be told.

    Parameters
    ----------
    parts
        Of the year before; empty in the base year.
    made
        The other tables of the year.
    before
        Benefits of the year before.
    """
    person = made["person"]
    earned = pa.table(
        {
            "person_id": person["person_id"],
            "year": pa.repeat(pa.scalar(year, pa.int16()), person.num_rows),
            "earnings": person["earnings"],
        }
    )
    now = {"person": person, "marriage": made["marriage"]}
    for name, table in {**made, "earned": earned}.items():
        if name in ("dead", "history", "earned"):
            now[name] = pa.concat_tables([parts[name], table]) if parts else table
    benefit = benefits_of_year(now, year, plan.law, before=before)
    taxed = plan.taxed or plan.law.contribution_base
    total = totals_of_year(person, benefit, year, taxed)
    if not parts and year > plan.published.first_year:
        total = joined_totals([total_before(made, plan), total])
    return {"benefit": benefit, "total": total}


def first_id(year: int) -> int:
    """Return the number of the first person who enters in a year: they never meet those before."""
    return year * _IDS_A_YEAR


def no_history() -> pa.Table:
    """Return the table of earnings before entry, without rows."""
    return pa.table(
        {
            "person_id": pa.array([], pa.int64()),
            "first_year": pa.array([], pa.int16()),
            "earnings": pa.array([], pa.list_(pa.float32())),
        }
    )


class _Came(NamedTuple):
    """Newcomers of a year, and in whose likeness they are."""

    person_id: Ints
    model_id: Ints


def _migrate(
    persons: Persons, marriages: Marriages, year: int, plan: Plan, draws: Draws, log: Log
) -> tuple[Persons, Marriages, _Came]:
    rng, weight = draws.stream("migration"), float(persons.base_weight[0])
    residents = plan.population(year).sum(axis=2)
    moves = moves_towards(persons, year, residents, rng, first_age=1)
    net = float(residents[:, 1:].sum() - persons.base_weight.sum())
    models = persons.person_id[moves.models]
    new, weddings = arrive(persons, moves.models, year, first_id(year), rng)
    persons = depart(persons, marriages, moves.leave, year)
    log.add("immigration", "all", max(net, 0.0), len(new) * weight)
    log.add("emigration", "all", max(-net, 0.0), len(moves.leave) * weight)
    came = _Came(new.person_id, models)
    return persons.joined(new), marriages.joined(weddings), came


def _new_lives(
    persons: Persons, lives: DrawnLives, year: int, came: _Came, draws: Draws
) -> DrawnLives:
    """Return lives of newcomers, and of those who attain 18.

    The young have the schooling of their donors, too.
    """
    known = np.isin(came.model_id, lives.person_id)
    found = likeness(lives, came.model_id[known], came.person_id[known])
    with_life = np.concatenate([lives.person_id, found.person_id])
    age = persons.age(year)
    young = np.flatnonzero(~np.isin(persons.person_id, with_life) & (age >= FIRST_AGE))
    donor = (age >= _DONORS[0]) & (age < _DONORS[1])
    number = draws.of("life", persons.person_id[young])
    model = models_of(persons, lives, young, donor, number)
    persons.education[young] = persons.education[model]
    given = likeness(lives, persons.person_id[model], persons.person_id[young])
    return both(found, given)
