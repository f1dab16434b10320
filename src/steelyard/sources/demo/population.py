"""One population behind every file: households with members, work, wealth and benefits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.sources.demo import kin, need, taxes, units
from steelyard.sources.demo.draws import Columns, Draws, Floats, total
from steelyard.sources.demo.income import income
from steelyard.sources.demo.traits import traits
from steelyard.sources.demo.wealth import wealth
from steelyard.sources.demo.work import work


@dataclass(frozen=True)
class Population:
    """A sample of households with everything known about them.

    Each table is a dict of equally long arrays. `person` is in household order and points at
    others by position; `home` has a row a household, `owned` its wealth, `family` and `spm`
    a row a family and SPM unit; `member` maps persons to families.
    """

    home: Columns
    person: Columns
    owned: Columns
    family: Columns
    member: Columns
    unit: Columns
    spm: Columns


def populate(draws: Draws, households: int, *, listed: float = 0.0) -> Population:
    """Draw a sample of the demo population.

    Parameters
    ----------
    households
        Number of households, at least `kin.FIXED_HOUSEHOLDS`.
    listed
        Share of households drawn from among the fortunate, as a list sample does.
    """
    home = kin.householders(draws, households)
    home["listed"] = draws.uniform(households, "listed") < listed
    person = kin.people(draws, home)
    return live(draws, home, person | traits(draws, person))


def live(draws: Draws, home: Columns, person: Columns) -> Population:
    """Draw a year in the life of households: work, incomes, benefits, taxes.

    Parameters
    ----------
    home
        Households from `kin.householders`, with `listed`.
    person
        Their members from `kin.people`, with `traits`.
    """
    state = home["state"][person["household"]]
    person |= work(draws, person, state)
    owned = wealth(draws, economic_family(home, person))
    person |= {
        "WSAL_VAL": person["wage"],
        "SEMP_VAL": person["business"],
        "FRSE_VAL": person["farm"],
    }
    person |= income(draws, person, owned)
    unit = units.economic_units(person)
    person |= need.assistance(draws, person, unit)
    person |= need.totals(person)
    member, family = units.families(person)
    home |= _household_account(draws, home, person, owned)
    ratio = home["ratio"][person["household"]]
    person |= need.health(draws, person, ratio)
    person["MOOP"] = need.out_of_pocket(person)
    file = units.tax_units(person, person["PTOTVAL"])
    person |= file
    person |= taxes.taxes(person, file["unit_head"], file["claimer"], state)
    spm = need.account(draws, person, unit, home)
    return Population(home, person, owned, family, member, unit, spm)


#: Columns of persons that hold the position of another person, -1 for none.
TIES = ("parent1", "parent2", "spouse", "partner", "family", "unit", "unit_head", "claimer")


def together(parts: Sequence[Population]) -> Population:
    """Put samples one after the other, their positions counted on."""
    if len(parts) == 1:
        return parts[0]
    sizes = {
        "household": [len(part.home["age"]) for part in parts],
        "person": [len(part.person["age"]) for part in parts],
        "family": [len(part.family["household"]) for part in parts],
        "unit": [len(part.unit["household"]) for part in parts],
    }
    before = {name: np.cumsum([0, *counts[:-1]]) for name, counts in sizes.items()}

    def stacked(tables: list[Columns], counted: dict[str, str]) -> Columns:
        """Concatenate columns; `counted` says what the positions in a column count."""
        return {
            name: np.concatenate(
                [
                    np.where(table[name] >= 0, table[name] + before[counted[name]][at], table[name])
                    if name in counted
                    else table[name]
                    for at, table in enumerate(tables)
                ]
            )
            for name in tables[0]
        }

    places = {"household": "household", "root": "person"}
    persons = {tie: "person" for tie in TIES} | {"household": "household"}
    return Population(
        home=stacked([part.home for part in parts], {}),
        person=stacked([part.person for part in parts], persons),
        owned=stacked([part.owned for part in parts], {}),
        family=stacked([part.family for part in parts], places),
        member=stacked(
            [part.member for part in parts], {"own": "family", "poverty_family": "family"}
        ),
        unit=stacked([part.unit for part in parts], places | {"unit": "unit"}),
        spm=stacked([part.spm for part in parts], {}),
    )


def economic_family(home: Columns, person: Columns) -> Columns:
    """Describe the economic family at the centre of each household: head, mate, their work."""
    count = len(home["age"])
    household = person["household"]
    head = np.searchsorted(household, np.arange(count))
    core = np.isin(person["role"], (kin.HEAD, kin.SPOUSE, kin.PARTNER))

    def core_total(values: Floats) -> Floats:
        return total(values * core, household, count)

    return {
        "age": home["age"].astype(np.float64),
        "state": home["state"],
        "skill": person["skill"][head],
        "school_rank": person["school_rank"][head],
        "earnings": core_total(person["wage"] + np.maximum(person["business"], 0.0)),
        "business": core_total(np.abs(person["business"]) + np.abs(person["farm"])),
        "married": home["union"] > 0,
        "black": person["race"][head] == 2,
        "hispanic": person["hispanic"][head] > 0,
        "listed": home["listed"],
    }


def _household_account(draws: Draws, home: Columns, person: Columns, owned: Columns) -> Columns:
    """Household totals, tenure, and benefits the household reports as a whole."""
    count = len(home["age"])
    household = person["household"]
    size = np.bincount(household, minlength=count)
    money = total(person["PTOTVAL"], household, count)
    kids = total(person["age"] < 18, household, count)
    line = units.poverty_thresholds(size, kids.astype(np.int64), np.zeros(count, dtype=bool))
    owner = (owned["HOUSES"] > 0) & ~home["quarters"]
    ratio = money / line
    found = need.household_benefits(draws, size, ratio, owner)
    found["subsidised"] = (found["HPUBLIC"] == 1) | (found["HLORENT"] == 1)
    free = draws.uniform(count, "no cash rent") < 0.025
    found["H_TENURE"] = np.where(owner, 1, np.where(free & ~found["subsidised"], 3, 2))
    found["tenure"] = np.where(owner, np.where(owned["MRTHEL"] > 0, 1, 2), 3)
    return found | {"size": size, "HTOTVAL": money, "ratio": ratio}
