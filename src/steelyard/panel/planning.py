"""A plan from what a build has: the scale of earnings and the odds of births, learnt from it."""

import numpy as np
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

from steelyard.oasdi import Parameters
from steelyard.oasdi.parameters import Scenario
from steelyard.oasdi.tables import packaged_table
from steelyard.panel.base import refuse_unfit
from steelyard.panel.histories.dollars import EarningsScale, fit_scale
from steelyard.panel.histories.tables import education_codes
from steelyard.panel.lives import FIRST_AGE, Bools, Floats, Ints
from steelyard.panel.plan import BirthOdds, Plan
from steelyard.panel.published import Published

MOTHERS = (15, 49)
_AGE_BAND = 5
_LEAST_INFANTS = 30


def plan_of(  # noqa: PLR0913  the base, and what a run is asked for
    persons: pa.Table,
    *,
    base_year: int,
    last_year: int,
    law: Parameters,
    baseline: Parameters,
    published: Published,
    scenario: Scenario = "intermediate",
    size: int = 0,
    seed: int = 0,
) -> Plan:
    """Return the plan of a panel that begins with a release's persons.

    Parameters
    ----------
    persons
        With the columns `steelyard.panel.base.NEEDED`.
    base_year, last_year
        The year that they describe, and the last one to age to.
    law, baseline, published, scenario
        What is paid; and what events are aligned to.
    size
        Records that the base is drawn into; 0 for one a person.
    seed
        Of all draws.

    Raises
    ------
    UnfitBuild
        If the persons lack what ageing needs.
    ValueError
        If published paths do not reach so far.
    """
    refuse_unfit(persons)
    return Plan(
        base_year=base_year,
        last_year=last_year,
        published=published,
        law=law,
        baseline=baseline,
        scale=_scale(persons, baseline, base_year, last_year),
        scenario=scenario,
        persons=size,
        seed=seed,
        birth_odds=birth_odds(persons),
    )


def _scale(persons: pa.Table, law: Parameters, base_year: int, last_year: int) -> EarningsScale:
    earned = np.maximum(
        _numbers(persons, "employment_income") + _numbers(persons, "self_employment_income"), 0.0
    )
    age = _numbers(persons, "age").astype(np.int64)
    least = float(law.quarter_of_coverage.at(base_year))
    workers = (earned >= least) & (age >= FIRST_AGE)
    furthest = min(last_year, int(law.average_wage_index.last))
    return fit_scale(
        earned[workers],
        _numbers(persons, "calibrated_weight")[workers],
        _female(persons)[workers],
        age[workers],
        parameters=law,
        medians=packaged_table("median_earnings"),
        below_base=packaged_table("share_below_base"),
        last_year=furthest,
    )


def birth_odds(persons: pa.Table) -> BirthOdds:
    """Return how marriage, schooling and earlier births move the odds of a birth.

    A weighted logistic regression, with a small ridge, of whether a woman of 15 to 49 lives with a
    child of hers under one, on five years of age, marriage, schooling and her other children at
    home. Too few infants give no odds.
    """
    age = _numbers(persons, "age").astype(np.int64)
    mother = _mothers(persons)
    infants = np.bincount(mother[(mother >= 0) & (age < 1)], minlength=len(age))
    others = np.bincount(mother[(mother >= 0) & (age >= 1)], minlength=len(age))
    rows = np.flatnonzero(_female(persons) & (age >= MOTHERS[0]) & (age <= MOTHERS[1]))
    born = infants[rows] > 0
    if np.count_nonzero(born) < _LEAST_INFANTS or born.all():
        return BirthOdds()
    married = np.array(persons["marital_status"].to_pylist(), object)[rows] == "married_present"
    schooling = np.maximum(education_codes(persons["education"])[rows], 0) - 2.0
    parity = np.minimum(others[rows], 3)
    bands = (age[rows] - MOTHERS[0]) // _AGE_BAND
    columns = [married, schooling]
    columns += [parity == number for number in range(1, 4)]
    columns += [bands == band for band in range(1, int(bands.max()) + 1)]
    weight = _numbers(persons, "calibrated_weight")[rows]
    fitted = LogisticRegression(C=10.0, max_iter=500).fit(
        np.column_stack(columns).astype(np.float64),
        born,
        sample_weight=weight * len(weight) / weight.sum(),
    )
    found = fitted.coef_[0]
    return BirthOdds(
        married=float(found[0]),
        education=float(found[1]),
        parity=(0.0, float(found[2]), float(found[3]), float(found[4])),
    )


def _mothers(persons: pa.Table) -> Ints:
    """Return the row of each person's mother in the table, -1 for none."""
    place = {each: at for at, each in enumerate(persons["person_id"].to_pylist())}
    female = _female(persons)
    found = np.full(persons.num_rows, -1)
    for name in ("parent1_person_id", "parent2_person_id"):
        row = np.array([place.get(each, -1) for each in persons[name].to_pylist()])
        is_mother = (row >= 0) & female[np.maximum(row, 0)]
        found[is_mother] = row[is_mother]
    return found


def _numbers(persons: pa.Table, name: str) -> Floats:
    values = persons[name].to_numpy(zero_copy_only=False).astype(np.float64)
    return np.asarray(np.nan_to_num(values))


def _female(persons: pa.Table) -> Bools:
    return np.asarray(persons["is_female"].to_numpy(zero_copy_only=False), np.bool_)
