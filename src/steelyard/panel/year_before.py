"""December before the base year: what its twelve months begin with, from the base itself.

Benefits of a year are paid from one December to the next, and a panel begins with the second of
them. The base knows since when each person has been married, disabled or on a benefit; so the first
December is the base without what came later.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steelyard.oasdi import NEVER
from steelyard.panel.events.claims import set_widow_claims
from steelyard.panel.lives import Floats
from steelyard.panel.payments.benefits import benefits_of_year
from steelyard.panel.payments.covered import FIRST_YEAR, RowsById
from steelyard.panel.payments.finance import totals_of_year
from steelyard.panel.plan import Plan
from steelyard.panel.population import LASTS, Log, Marriages, Persons
from steelyard.panel.yearly_weights import weigh

_NOTHING_LIVED = pa.table(
    {
        "person_id": pa.array([], pa.int64()),
        "year": pa.array([], pa.int16()),
        "earnings": pa.array([], pa.float64()),
    }
)


def total_before(made: Mapping[str, pa.Table], plan: Plan) -> pa.Table:
    """Return ``total`` of the year before the base year, one row.

    Who is alive in the base year stands for who was a year before: weights are calibrated to that
    year's residents by sex, age and marital state, its covered workers and payroll, its retired and
    disabled workers, as those of any year are (`yearly_weights.weigh`). So who died meanwhile is
    represented by persons of the same kind. Claims, onsets of disability, weddings and divorces
    after that December have not happened; survivors claim by the rule of every year.

    Parameters
    ----------
    made
        ``person``, ``dead``, ``marriage`` and ``history`` of the base year.
    plan
        What the panel is aged by.

    Returns
    -------
    pyarrow.Table
        Of `steelyard.panel.payments.finance.totals_of_year`.
    """
    year = plan.base_year - 1
    december = year * 12 + 11
    persons = Persons.from_table(made["person"])
    persons = persons.take(persons.birth_month <= december)
    persons.earnings = _earnings(made["history"], year, persons)
    persons.worked = persons.earnings > 0
    later = persons.widow_claim_month > december
    persons.widow_claim_month = np.where(later, NEVER, persons.widow_claim_month)
    marriages = _as_of(Marriages.from_table(made["marriage"]), december)
    set_widow_claims(persons, marriages, year, plan)
    weigh(persons, year, plan, Log())
    person = persons.table()
    parts = {
        "person": person,
        "dead": made["dead"].filter(pc.less_equal(made["dead"]["death_month"], december)),
        "marriage": marriages.table(),
        "history": made["history"],
        "earned": _NOTHING_LIVED,
    }
    benefit = benefits_of_year(parts, year, plan.law)
    return totals_of_year(person, benefit, year, plan.taxed or plan.law.contribution_base)


def _earnings(history: pa.Table, year: int, persons: Persons) -> Floats:
    """Return what each person earned in a year by the histories, dollars (n,)."""
    of_year = pc.list_element(history["earnings"], year - FIRST_YEAR).to_numpy()
    earned = np.append(of_year.astype(np.float64), 0.0)
    return earned[RowsById(history["person_id"].to_numpy()).find(persons.person_id)]


def _as_of(marriages: Marriages, month: int) -> Marriages:
    """Return the marriages begun by a month, those that ended later as lasting."""
    found = marriages.take(marriages.start_month <= month)
    found.end(np.flatnonzero(found.end_month > month), NEVER, LASTS)
    return found
