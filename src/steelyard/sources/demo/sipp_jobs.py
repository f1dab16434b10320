"""The SIPP's up to seven jobs a person, month by month, and the employment status they make.

The law's wages and profits of a year are spread over the months in work and over jobs, so that
wage jobs sum to the year's wages and TPEARN to all earnings. Where a job is not held the file
is empty, as the publisher's is. Profits are the job's of a self-employed person; a loss is in
TPEARN alone, since TJBn_MSUM is never negative.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints
from steelyard.sources.demo.sipp_calendar import MONTHS, WEEKS, YOUNGEST_ASKED, Calendar, spread

JOBS = 7
SECOND, THIRD = 0.07, 0.01
# Jobs with tips: their share by place on the occupational ladder, and the tips' share of pay.
TIPPED_LOWER, TIPPED_UPPER, TIPPED, TIPPED_ELSEWHERE = 24, 36, 0.09, 0.008
# Class of worker (EJBn_CLWRK) by the CPS's (PEIO1COW): employers, then own business.
CLASS = np.array([5, 1, 3, 4, 5, 6, 5, 5])
SELF_EMPLOYED = 8
# How often pay is imputed by a hot deck or a model (status flags 2 and 4; 1 is as reported).
HOT_DECK, MODEL = 0.14, 0.03
DRAWS_SALARY = 0.4


def blank(values: Ints | Floats | int, asked: Bools) -> NDArray[Any]:
    """Leave (n, 12) values empty where they were not asked."""
    return np.ma.masked_array(np.broadcast_to(values, asked.shape), ~asked)


def zero_if_blank(values: NDArray[Any]) -> Ints:
    """Return whole values (n, 12) with zero where they are empty."""
    return np.asarray(np.ma.filled(values, 0), dtype=np.int64)


def status(draws: Draws, asked: Bools, name: str) -> NDArray[Any]:
    """Draw a status flag a person (n, 12): 0 not asked, 1 reported, 2 or 4 imputed."""
    luck = draws.uniform(len(asked), f"allocated {name}")
    flag = np.select([luck < MODEL, luck < MODEL + HOT_DECK], [4, 2], 1)
    return np.ma.masked_array(np.where(asked, flag[:, None], 0), False)


def jobs(draws: Draws, person: Columns, when: Calendar, scale: Floats) -> Columns:
    """Lay a year's work out by job and month.

    Parameters
    ----------
    draws
        Of one panel and wave.
    person
        Members with `WSAL_VAL`, `SEMP_VAL`, `FRSE_VAL` in dollars of 2022.
    scale
        (n_persons,) what a dollar of 2022 is in this year and for this person.

    Returns
    -------
    dict of masked arrays of shape (n_persons, 12)
        TJBn_*, EJBn_*, AJBn_* of the jobs, TPEARN, RMESR, RMWKWJB, RMNUMJOBS.
    """
    wages = np.rint(person["WSAL_VAL"] * scale).astype(np.int64)
    profits = np.rint((person["SEMP_VAL"] + person["FRSE_VAL"]) * scale).astype(np.int64)
    share = _shares(draws, wages, profits)
    owned = (profits != 0)[:, None] & when.at_work
    place = np.where(wages > 0, (share > 0).sum(axis=1), 0)
    hours = np.where(person["hours"] > 0, person["hours"], 1)
    found: Columns = {}
    held_at_all = np.zeros((len(wages), MONTHS), dtype=np.int64)
    earned = np.where(owned, spread(profits, when.at_work), 0)
    for job in range(JOBS):
        part = np.floor(wages * share[:, job]).astype(np.int64)
        if job == 0:
            part = wages - np.floor(wages[:, None] * share[:, 1:]).astype(np.int64).sum(axis=1)
        held = _held(draws, when, part > 0, job)
        own = owned & (place == job)[:, None]
        drawn = _salary(draws, profits)
        pay = np.where(own, spread(drawn, when.at_work), spread(part, held))
        earned = earned + np.where(own, 0, spread(part, held))
        held = held | own
        held_at_all += held
        usual = np.where(job == 0, hours, np.maximum(hours // (4 + job), 1))
        found |= _job(draws, person, job, held, own, pay)
        found[f"TJB{job + 1}_JOBHRS1"] = blank(usual[:, None], held)
        found[f"TJB{job + 1}_PRFTB"] = blank((profits - drawn)[:, None], own)
    found |= _tips(draws, person, found)
    found["TPEARN"] = blank(earned, held_at_all > 0)
    asked = when.age >= YOUNGEST_ASKED
    found["RMNUMJOBS"] = blank(held_at_all, asked)
    found["RMWKWJB"] = blank(when.weeks, asked)
    found["RMESR"] = blank(_employment(person, when), asked)
    return found


def _shares(draws: Draws, wages: Ints, profits: Ints) -> Floats:
    """Share of the wages (n, 7) that each job pays; the first employee holds all seven jobs."""
    luck = draws.uniform(len(wages), "more jobs")
    share = np.zeros((len(wages), JOBS))
    share[:, 0] = 1.0
    share[luck < SECOND, :2] = (0.85, 0.15)
    share[luck < THIRD, :3] = (0.7, 0.2, 0.1)
    share[np.flatnonzero((wages > JOBS * MONTHS) & (profits == 0))[:1]] = 1 / JOBS
    return share


def _held(draws: Draws, when: Calendar, has: Bools, job: int) -> Bools:
    """Months (n, 12) in which a wage job is held: the first whenever at work, others later."""
    if job == 0:
        return np.asarray(when.at_work & has[:, None])
    start = 1 + np.floor(draws.uniform(len(has), f"start of job {job + 1}") * MONTHS)
    later = when.at_work & (np.arange(1, MONTHS + 1) >= start[:, None])
    none = ~np.any(later, axis=1, keepdims=True)
    return np.asarray((later | (none & when.at_work)) & has[:, None])


def _salary(draws: Draws, profits: Ints) -> Ints:
    """Return what owners (n,) draw as a regular salary; the rest of the profit is apart."""
    draws_one = draws.uniform(len(profits), "draws a salary") < DRAWS_SALARY
    return np.where(draws_one & (profits > 0), profits * 3 // 5, 0)


def _job(draws: Draws, person: Columns, job: int, held: Bools, own: Bools, pay: Ints) -> Columns:
    """Describe one job: who employs, in what occupation, for how much."""
    kind = np.where(own, 2, 1)
    worker = np.where(own, SELF_EMPLOYED, CLASS[person["class_of_worker"]][:, None])
    ladder = np.clip(person["occupation"], 1, 52)
    number = job + 1
    return {
        f"EJB{number}_JOBID": blank(number, held),
        f"EJB{number}_JBORSE": blank(kind, held),
        f"EJB{number}_CLWRK": blank(worker, held),
        f"TJB{number}_OCC": blank((10 + 183 * ladder // 10 * 10)[:, None], held),
        f"TJB{number}_IND": blank((170 + 180 * ladder)[:, None], held),
        f"TJB{number}_MSUM": blank(pay, held),
        f"AJB{number}_MSUM": status(draws, held, f"pay {number}"),
        f"AJB{number}_CLWRK": status(draws, held, f"class {number}"),
    }


def _tips(draws: Draws, person: Columns, found: Columns) -> Columns:
    """Tips in the first job, part of its pay; empty for those who get none."""
    ladder = person["occupation"]
    serves = (ladder >= TIPPED_LOWER) & (ladder < TIPPED_UPPER)
    employed = zero_if_blank(found["EJB1_JBORSE"]) == 1
    chance = np.where(serves, TIPPED, TIPPED_ELSEWHERE)
    gets = draws.chance(chance, "tips")
    # In every sample somebody is tipped.
    gets[np.flatnonzero(employed.any(axis=1))[:1]] = True
    share = np.clip(np.exp(-2.1 + 0.8 * draws.normal(len(ladder), "tip share")), 0.01, 0.6)
    pay = zero_if_blank(found["TJB1_MSUM"])
    tips = np.floor(pay * share[:, None]).astype(np.int64)
    tipped = employed & gets[:, None]
    blanks = {f"TJB{k}_TXAMT": blank(0, tipped & False) for k in range(2, JOBS + 1)}
    flags = {
        f"AJB{k}_TXAMT": status(draws, tipped & (k == 1), f"tips {k}") for k in range(1, JOBS + 1)
    }
    typical = np.where(tipped, 1, 2)
    return {
        "TJB1_TXAMT": blank(tips, tipped),
        **blanks,
        **flags,
        "EJB1_TYPPAY3": blank(typical, employed),
    }


def _employment(person: Columns, when: Calendar) -> Ints:
    """RMESR: 1 a job all month, 4 and 5 part of it, 6 looking, 8 neither."""
    looking = (person["unemployed_weeks"] > 0)[:, None]
    return np.select(
        [when.weeks >= WEEKS, when.at_work & looking, when.at_work, looking], [1, 5, 4, 6], 8
    )
