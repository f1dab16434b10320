"""Work and earnings: hours, weeks, wages, and business and farm profits."""

import numpy as np

from steelyard.sources.demo.anchors import by_age, column, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints, heap, heavy_tail
from steelyard.sources.demo.kin import BUSINESS_LOSS, HEAD, LODGER, PARTNER, QUARTERED

# Spread and tail of full-year wages within schooling, age and sex.
SIGMA, TAIL_SHARE, TAIL_INDEX = 0.53, 0.02, 1.9
WAGE_LEVEL = 1.0
SPOUSE_SKILL = 0.4


def work(draws: Draws, person: Columns, state: Ints) -> Columns:
    """Draw the year's work of each person.

    Parameters
    ----------
    person
        Members with their traits.
    state
        (n_persons,) row of the states anchor.

    Returns
    -------
    dict of arrays of shape (n_persons,), dollars a year
        skill (standard normal), weeks, hours, wage, business, farm, class_of_worker,
        occupation, unemployed_weeks.
    """
    age, female = person["age"], person["female"]
    skill = _skill(draws, person)
    worked = _worked(draws, person, skill)
    part_time = draws.chance(
        np.where(
            person["full_time_student"],
            0.9,
            np.where(
                female,
                by_age("work", "part_time_female", age),
                by_age("work", "part_time_male", age),
            ),
        ),
        "part time",
    )
    hours, weeks, looking = _time(draws, worked, part_time, age)
    full_year = _full_time_wage(person, skill, state)
    earned = full_year * (hours / 40.0) * (weeks / 52.0) * np.where(part_time, 0.85, 1.0)
    kind = _kind(draws, person, worked)
    amount = heap(np.maximum(earned, 150.0), draws.uniform(len(age), "wage heaping"))
    business, farm = _profits(draws, person, kind, worked)
    wage = np.where(worked & np.isin(kind, (0, 3)), amount, 0.0)
    return {
        "skill": skill,
        "weeks": weeks,
        "hours": np.round(hours).astype(np.int64),
        "wage": wage,
        "business": business,
        "farm": farm,
        "unemployed_weeks": looking,
        **_occupation(draws, person, worked, kind),
    }


def _skill(draws: Draws, person: Columns) -> Floats:
    """Return the normal rank (n,) of earning power beyond schooling, correlated between mates."""
    own = draws.normal(len(person["age"]), "skill")
    skill = own.copy()
    for tie in ("spouse", "partner"):
        later = np.flatnonzero((person[tie] >= 0) & (person[tie] < np.arange(len(own))))
        skill[later] = (
            SPOUSE_SKILL * own[person[tie][later]] + np.sqrt(1 - SPOUSE_SKILL**2) * own[later]
        )
    return skill


def _worked(draws: Draws, person: Columns, skill: Floats) -> Bools:
    """Whether a person worked in the year: by age and sex, schooling, health, small children."""
    age, female = person["age"], person["female"]
    rate = np.where(
        female, by_age("work", "worked_female", age), by_age("work", "worked_male", age)
    )
    odds = np.log(rate / (1 - rate)) + 0.40 * person["school_rank"] + 0.20 * skill + 0.35
    odds -= 1.7 * person["disabled"].any(axis=1)
    mothers = np.zeros(len(age), dtype=bool)
    parents = person["parent1"][(age < 6) & (person["parent1"] >= 0)]
    parents2 = person["parent2"][(age < 6) & (person["parent2"] >= 0)]
    mothers[parents], mothers[parents2] = True, True
    odds -= 0.6 * (mothers & female)
    odds += 0.7 * ((person["spouse"] >= 0) & ~female & (age < 65))
    alone = np.isin(person["role"], (HEAD, PARTNER, LODGER)) & (person["spouse"] < 0)
    odds += 0.4 * (alone & (age < 65))
    odds -= 0.5 * person["full_time_student"]
    chance = np.where(age < 15, 0.0, 1.0 / (1.0 + np.exp(-odds)))
    worked = draws.chance(chance, "worked")
    worked[(person["household"] == BUSINESS_LOSS) & (person["role"] == HEAD)] = True
    return worked


def _time(draws: Draws, worked: Bools, part_time: Bools, age: Ints) -> tuple[Floats, Ints, Ints]:
    """Usual weekly hours, weeks worked and weeks looking for work."""
    count = len(age)
    pace = draws.uniform(count, "hours")
    spread = draws.normal(count, "hours spread")
    full = np.where(pace < 0.62, 40.0, np.clip(44 + 7 * spread, 35, 80))
    part = np.clip(21 + 7 * spread, 4, 34)
    hours = np.where(worked, np.where(part_time, part, full), 0.0)
    whole_year = draws.chance(
        np.where(part_time, 0.55, np.where(age < 25, 0.72, 0.92)), "full year"
    )
    some = 4 + np.floor(draws.uniform(count, "weeks") * 46)
    weeks = np.where(worked, np.where(whole_year, 52, some), 0).astype(np.int64)
    between = worked & ~whole_year & (draws.uniform(count, "unemployed") < 0.24)
    never = ~worked & (draws.uniform(count, "never found work") < 0.012)
    never &= (age >= 16) & (age < 70)
    looking = np.where(between, np.minimum(52 - weeks, 30), np.where(never, 20, 0))
    return hours, weeks, looking.astype(np.int64)


def _full_time_wage(person: Columns, skill: Floats, state: Ints) -> Floats:
    """Dollars a full-time, full-year worker earns, by schooling, age, sex and state."""
    anchor = table("earnings")
    codes = anchor["A_HGA"].to_numpy()
    row = np.clip(np.searchsorted(codes, person["schooling"]), 0, len(codes) - 1)
    base = column("earnings", "full_time_median")[row]
    years = np.clip(person["age"], 16, 70) - 47.0
    profile = np.exp(-0.00062 * years**2 - 0.0000035 * np.abs(years) ** 3 * (years < 0))
    sex = np.where(person["female"], 0.90, 1.10)
    pay = column("states", "wages") / column("states", "wage_returns")
    place = (pay / np.median(pay)) ** 0.7
    # The lower half is narrower than the upper: a floor of minimum wages.
    luck = heavy_tail(
        np.where(skill < 0, 0.85, 1.0) * skill, SIGMA, tail_share=TAIL_SHARE, alpha=TAIL_INDEX
    )
    return WAGE_LEVEL * base * profile * sex * place[state] * luck


def _kind(draws: Draws, person: Columns, worked: Bools) -> Ints:
    """Draw what a worker lives from: 0 wages, 1 business, 2 farm, 3 wages and a business."""
    age = person["age"]
    business = np.where(age < 22, 0.008, 0.035 + 0.0009 * (age - 22))
    both = np.where(age < 22, 0.004, 0.022)
    farm = np.where(age < 22, 0.001, 0.004 + 0.00012 * (age - 22))
    kind = draws.pick(np.column_stack([1 - business - both - farm, business, farm, both]), "kind")
    kind[(person["household"] == BUSINESS_LOSS) & (person["role"] == HEAD)] = 1
    return np.where(worked, kind, 0)


def _profits(draws: Draws, person: Columns, kind: Ints, worked: Bools) -> tuple[Floats, Floats]:
    """Profit or loss of businesses and farms; about one business in twelve loses money."""
    count = len(kind)
    luck = draws.normal(count, "profit") + 0.35 * person["school_rank"]
    size = heavy_tail(luck / np.hypot(1, 0.35), 1.15, tail_share=0.05, alpha=1.5)
    loses = draws.uniform(count, "loss") < np.where(kind == 2, 0.38, 0.08)
    loses |= (person["household"] == BUSINESS_LOSS) & (person["role"] == HEAD)
    profit = np.where(kind == 3, 7000.0, 31000.0) * size * np.where(person["female"], 0.75, 1.1)
    lost = -np.minimum(0.45 * profit + 500.0, 400_000.0)
    amount = heap(np.where(loses, lost, profit), draws.uniform(count, "profit heaping"))
    business = np.where(worked & np.isin(kind, (1, 3)), amount, 0.0)
    farm = np.where(worked & (kind == 2), np.round(0.8 * amount), 0.0)
    return business, farm


def _occupation(draws: Draws, person: Columns, worked: Bools, kind: Ints) -> Columns:
    """Class of worker and a coarse occupation that follows schooling."""
    count = len(kind)
    sector = draws.uniform(count, "sector")
    clerk = np.select(
        [sector < 0.025, sector < 0.07, sector < 0.15, sector < 0.23], [1, 2, 3, 5], 4
    )
    owner = np.where(sector < 0.35, 6, 7)
    ladder = np.clip(
        np.floor(53 * (0.55 - 0.16 * person["school_rank"] + 0.25 * (sector - 0.5))), 1, 52
    )
    census = np.floor(10 + 183 * ladder / 10) * 10
    return {
        "class_of_worker": np.where(
            worked & (person["role"] != QUARTERED),
            np.where(np.isin(kind, (1, 2)), owner, clerk),
            np.where(worked, 4, 0),
        ),
        "occupation": np.where(worked, ladder, np.where(person["age"] < 15, 0, 53)).astype(
            np.int64
        ),
        "census_occupation": np.where(worked, census, -1).astype(np.int64),
    }
