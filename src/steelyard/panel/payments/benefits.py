"""What everybody in an aged panel is paid by Social Security in a year, one row a person."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.oasdi import (
    Benefits,
    Parameters,
    People,
    Relation,
    Ties,
    benefits,
    quarters_of_coverage,
)
from steelyard.oasdi.dates import NEVER, month, year_of
from steelyard.oasdi.disability import first_disability_month
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY
from steelyard.oasdi.insured import required_quarters, total_quarters
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.payments.covered import FIRST_YEAR, Covered, RowsById
from steelyard.panel.payments.entitled import Insured, Rows, Situation, joined, ties_of
from steelyard.panel.payments.relatives import Couples, Everybody, children, parts_of
from steelyard.panel.payments.withholding import withheld
from steelyard.panel.population import NOBODY

PARTS = ("person", "dead", "marriage", "history", "earned")
TYPES = (
    "retired_worker",
    "disabled_worker",
    "spouse",
    "widow",
    "disabled_widow",
    "child",
    "parent",
)
"""What a person is counted as; the own record comes first, as SSA counts."""
RECORDS = ("own", "retired", "disabled", "deceased")
EARLIEST_BIRTH, EARLIEST_EVENT = int(month(1914)), int(month(1979))
"""Births, and deaths and disabilities before 62, that fall under a law that is not computed."""
SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("year", pa.int16()),
        ("benefit_type", pa.string()),
        ("record_type", pa.string()),
        ("worker_id", pa.int64()),
        ("own_benefit", pa.float64()),
        ("auxiliary_benefit", pa.float64()),
        ("total_benefit", pa.float64()),
        ("months", pa.int8()),
        ("withheld", pa.float64()),
        ("months_withheld", pa.int16()),
        ("aime", pa.float64()),
        ("pia", pa.float64()),
        ("is_fully_insured", pa.bool_()),
        ("claim_age_months", pa.int16()),
        ("replacement_rate", pa.float64()),
    ]
)
_KINDS = {
    Relation.SPOUSE: "spouse",
    Relation.SPOUSE_WITH_CHILD: "spouse",
    Relation.DIVORCED: "spouse",
    Relation.CHILD: "child",
    Relation.WIDOW: "widow",
    Relation.DISABLED_WIDOW: "disabled_widow",
    Relation.SURVIVING_DIVORCED: "widow",
    Relation.DISABLED_SURVIVING_DIVORCED: "disabled_widow",
    Relation.PARENT_OF_CHILD: "parent",
}


def benefits_of_year(
    parts: Mapping[str, pa.Table], year: int, law: Parameters, *, before: pa.Table | None = None
) -> pa.Table:
    """Return the benefits of December of `year`, and what that year's earnings take from them.

    Parameters
    ----------
    parts
        The panel at the end of the year: ``person``; ``dead`` of all years up to it, late spouses
        and parents of the base year among them; ``marriage``; ``history``; ``earned`` (person_id,
        year, earnings) of the years that the panel has lived through.
    year, law
        Calendar year, and the parameters of a scenario and perhaps a reform.
    before
        This function's table of the year before, for the months withheld so far; None for none.

    Returns
    -------
    pyarrow.Table
        `SCHEMA`, one row a person who is paid, or would be but for the earnings test, in the order
        of ``person``. Dollars a month of December before the test: ``own_benefit`` (to the dime),
        ``auxiliary_benefit`` (what a family record adds) and ``total_benefit`` (as paid).
        ``months`` of the year with the benefit. ``withheld``: dollars of the year that the
        earnings test takes. ``months_withheld`` up to the end of the year. ``aime`` and ``pia`` of
        the own record, 0 without one. ``record_type`` and ``worker_id``: whose record adds the
        family benefit, ``own`` and null if none does. ``claim_age_months``: null for the disabled,
        children and parents. ``replacement_rate``: the own benefit over AIME, both in dollars of
        the eligibility year (the increases since taken off), null without an own benefit.

    Raises
    ------
    ValueError
        If a part or column is missing, a person comes twice, or the engine refuses a person or a
        tie (`steelyard.oasdi.BadInput`), with the first three. Left out, as the engine does not
        know their law: births before 1914, deaths and disabilities before 1979 and 62.

    Notes
    -----
    Linear in persons. Who claims what, and since when: `steelyard.panel.payments.entitled`.
    """
    person, dead, marriage, history, earned = parts_of(parts, PARTS)
    when = int(month(year, 12))
    everybody = Everybody.of(person, dead)
    covered = Covered(history, earned, everybody.rows, year)
    couples = Couples.of(marriage, everybody)
    offspring = children(everybody, couples, when)
    situation = Situation(everybody, couples, offspring, when, _insured(everybody, covered, law))
    computed = _is_computed(everybody)
    found = [_among(rows, computed) for rows in ties_of(situation)]
    rows = np.flatnonzero(computed & _matters(situation, found))
    if not len(rows):
        return SCHEMA.empty_table()
    place = np.full(len(everybody), NOBODY)
    place[rows] = np.arange(len(rows))
    taken = _withheld_before(everybody.person_id[rows], before)
    people = _people(everybody, rows, covered, taken)
    ties = joined(found, place)
    paid = benefits(people, ties, month=when, parameters=law)
    return _table(people, ties, paid, year, law)


def _is_computed(everybody: Everybody) -> Bools:
    """Tell whose benefits, and whose family's, the engine can compute, (n,)."""
    event = np.minimum(everybody.onset_month, everybody.death_month)
    late = (event >= EARLIEST_EVENT) | (year_of(event) >= year_of(everybody.birth_month) + 62)
    return np.asarray((everybody.birth_month >= EARLIEST_BIRTH) & late)


def _insured(everybody: Everybody, covered: Covered, law: Parameters) -> Insured:
    def is_insured(rows: Ints, months: Ints) -> Bools:
        people, place = np.unique(rows, return_inverse=True)
        earnings = covered.of(people, len(everybody))[place]
        quarters = quarters_of_coverage(earnings, first_year=FIRST_YEAR, parameters=law)
        total = total_quarters(
            quarters, earnings, first_year=FIRST_YEAR, through_year=year_of(months)
        )
        born = year_of(everybody.birth_month[rows])
        return np.asarray(total >= required_quarters(born, born + 62))

    return is_insured


def _among(rows: Rows, computed: Bools) -> Rows:
    """Leave out ties with somebody whose law is not computed."""
    other = (rows.other_worker == NOBODY) | computed[rows.other_worker]
    return rows.where(computed[rows.worker] & computed[rows.person] & other)


def _matters(situation: Situation, found: list[Rows]) -> Bools:
    """Tell who draws on the own record or stands in a tie, (n,)."""
    everybody = situation.everybody
    matters = everybody.is_alive & (situation.draws <= situation.month)
    for rows in found:
        matters[rows.worker] = matters[rows.person] = True
        matters[rows.other_worker[rows.other_worker != NOBODY]] = True
    return matters


def _people(everybody: Everybody, rows: Ints, covered: Covered, taken: Ints) -> People:
    return People(
        covered.of(rows, len(everybody)),
        FIRST_YEAR,
        everybody.birth_month[rows],
        claim=everybody.claim_month[rows],
        onset=everybody.onset_month[rows],
        recovery=everybody.recovery_month[rows],
        death=everybody.death_month[rows],
        months_withheld=taken,
        keys=everybody.person_id[rows],
    )


def _withheld_before(person_ids: Ints, before: pa.Table | None) -> Ints:
    """Return the months withheld up to the year before, (n,)."""
    if before is None or not before.num_rows:
        return np.zeros(len(person_ids), np.int64)
    row = RowsById(before["person_id"].to_numpy()).find(person_ids)
    months = np.append(before["months_withheld"].to_numpy(), 0).astype(np.int64)
    return months[row]


def _table(people: People, ties: Ties, paid: Benefits, year: int, law: Parameters) -> pa.Table:
    """Return one row a person who is paid; see `benefits_of_year`."""
    taken = withheld(people, ties, paid, people.earnings[:, -1], year, law)
    tie = np.full(people.size, NOBODY)
    paying = np.flatnonzero(paid.auxiliary > 0)
    tie[ties.column("person")[paying]] = paying
    own, of_family = paid.own > 0, tie != NOBODY
    first = np.minimum(people.months("claim"), first_disability_month(people.months("onset")))
    since = np.where(own, first, _at(ties, "claim", tie, int(NEVER)))
    late = np.clip(since - int(month(year)), 0, 11)
    age = since - people.months("birth")
    worker = _at(ties, "worker", tie, NOBODY)
    keys = np.asarray(people.names())
    rate = _replacement(paid, year, law)
    columns = {
        "person_id": keys,
        "year": np.full(people.size, year),
        "benefit_type": _types(ties, tie, paid),
        "record_type": _record_types(worker, paid),
        "worker_id": pa.array(keys[worker], pa.int64(), mask=~of_family),
        "own_benefit": paid.own,
        "auxiliary_benefit": np.where(of_family, np.append(paid.auxiliary, 0.0)[tie], 0.0),
        "total_benefit": paid.total,
        "months": 12 - late,
        "withheld": taken.dollars,
        "months_withheld": people.months("months_withheld") + taken.months,
        "aime": paid.records.aime,
        "pia": paid.records.pia / 10,
        "is_fully_insured": paid.records.is_fully_insured,
        "claim_age_months": pa.array(age, mask=~_has_claim_age(ties, tie, paid)),
        "replacement_rate": pa.array(rate, mask=np.isnan(rate)),
    }
    rows = np.flatnonzero((paid.total > 0) & ~paid.records.is_dead)
    arrays = [pa.array(columns[field.name]).cast(field.type, safe=False) for field in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA).take(pa.array(rows))


def _at(ties: Ties, column: str, tie: Ints, nothing: int) -> Ints:
    """Return a column of each person's tie, `nothing` for those without one, (n,)."""
    return np.append(ties.column(column), nothing)[tie]


def _types(ties: Ties, tie: Ints, paid: Benefits) -> NDArray[np.str_]:
    names = np.array([_KINDS.get(kind, "") for kind in (0, *Relation)])
    of_family = names[np.append(ties.kinds, 0)[tie]]
    of_own = np.where(paid.records.is_disabled, "disabled_worker", "retired_worker")
    return np.where(paid.own > 0, of_own, of_family)


def _record_types(worker: Ints, paid: Benefits) -> NDArray[np.str_]:
    own = paid.records
    of_worker = np.where(own.is_dead, "deceased", np.where(own.is_disabled, "disabled", "retired"))
    return np.append(of_worker, "own")[worker]


def _has_claim_age(ties: Ties, tie: Ints, paid: Benefits) -> Bools:
    """Tell whose age at the claim changed the benefit, (n,)."""
    aged = [Relation.SPOUSE, Relation.DIVORCED, Relation.WIDOW, Relation.SURVIVING_DIVORCED]
    of_family = np.isin(np.append(ties.kinds, 0)[tie], [int(relation) for relation in aged])
    of_own = paid.records.is_retired & ~paid.records.is_converted
    return np.asarray(np.where(paid.own > 0, of_own, of_family))


def _replacement(paid: Benefits, year: int, law: Parameters) -> Floats:
    """Return own benefits over AIME, both in dollars of the eligibility year, NaN without, (n,)."""
    own = paid.records
    years = np.arange(FIRST_ELIGIBILITY, year + 1)
    level = np.concatenate([[1.0], np.cumprod(1 + law.cola.at(years) / 1000)])
    known = (paid.own > 0) & (own.aime > 0) & (own.eligibility_year >= FIRST_ELIGIBILITY)
    start = np.clip(own.eligibility_year - FIRST_ELIGIBILITY, 0, len(years))
    today = own.aime * level[-1] / level[start]
    return np.where(known, paid.own / np.where(known, today, 1.0), np.nan)
