"""When one application counts as two, and when a child's benefit ends."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.auxiliary import deemed_to_file
from steelyard.oasdi.dates import AGE_62, NEVER, year_of
from steelyard.oasdi.disability import first_disability_month
from steelyard.oasdi.entitlement import DIVORCED_BEFORE_OWN_RIGHT
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People, Relation, Ties
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]

AGE_18, AGE_19 = 18 * 12, 19 * 12


def with_deemed_filing(
    people: People, ties: Ties, parameters: Parameters | None = None
) -> tuple[People, Ties]:
    """Return the same persons and ties with the months at which the law takes them to have filed.

    Who files as (divorced) spouse files for the own benefit too, and who files for the own one
    files as spouse as soon as the worker draws benefits (the divorced also two years after the
    divorce, once the worker is 62): always if born from 2 January 1954 on,
    else only before full retirement age and for a worker who draws already (42 U.S.C. 402(r);
    20 CFR 404.623; POMS GN 00204.035). Widow(er)s may file for either.
    """
    law = parameters or default_parameters()
    rows = np.flatnonzero(ties.is_a(Relation.SPOUSE, Relation.DIVORCED))
    person, worker = ties.column("person")[rows], ties.column("worker")[rows]
    born = people.months("birth")[person]
    full = born + law.full_retirement_age(year_of(born))
    own, spouse = people.months("claim").copy(), ties.column("claim").copy()
    both = (spouse[rows] < NEVER) & deemed_to_file(born, spouse[rows], full)
    np.minimum.at(own, person[both], spouse[rows][both])
    filed = own[person]
    draws = np.minimum(people.months("claim"), first_disability_month(people.months("onset")))
    divorced = ties.is_a(Relation.DIVORCED)[rows]
    own_right = np.maximum(
        people.months("birth")[worker] + AGE_62,
        ties.column("end")[rows] + DIVORCED_BEFORE_OWN_RIGHT,
    )
    drawing = np.where(divorced, np.minimum(draws[worker], own_right), draws[worker])
    always = deemed_to_file(born, full, full)
    deemed = np.where(always, np.maximum(filed, drawing), filed)
    applies = always | ((filed < full) & (drawing <= filed))
    applies &= (filed < NEVER) & (drawing < NEVER)
    spouse[rows] = np.where(applies, np.minimum(spouse[rows], deemed), spouse[rows])
    return replace(people, claim=own), replace(ties, claim=spouse)


def child_benefit_ends(
    birth_month: ArrayLike, *, in_school: ArrayLike = False, disabled_before_22: ArrayLike = False
) -> Integers:
    """Return the month with which a child's benefit ends, for `Ties.until`.

    The month of attaining 18; 19 for a full-time pupil; never for a child disabled before 22
    (42 U.S.C. 402(d)(1), (6)-(7); 20 CFR 404.350, 404.352).
    """
    born = np.asarray(birth_month, np.int64)
    age = np.where(np.asarray(in_school, bool), AGE_19, AGE_18)
    ends = np.where(np.asarray(disabled_before_22, bool), NEVER, born + age)
    return np.asarray(ends, np.int64)
