"""One block of an ACS sample: housing units, vacant units, group quarters and who lives there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo import acs_kin, kin
from steelyard.sources.demo.acs_replicates import Weights, controlled, whole
from steelyard.sources.demo.acs_text import joined
from steelyard.sources.demo.anchors import column, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints
from steelyard.sources.demo.population import Population, populate
from steelyard.sources.demo.weights import household_weights

HOUSING, INSTITUTION, NONINSTITUTION = 1, 2, 3
# Residents of group quarters are the unmarried adults of extra households, so many per household.
QUARTERS_SHARE = 0.10


@dataclass(frozen=True)
class Sample:
    """Housing records and persons of a block.

    `home` has a row a record: occupied units, then vacant units, then group quarters, whose one
    resident has a placeholder record; `law` is the household of the population, -1 for none.
    `person` is in order of records; `record` points at the row of `home`. Replicate weights are
    (rows, 80). `owned` and `snap` are what households of the population own and receive.
    """

    home: Columns
    person: Columns
    owned: Columns
    snap: Bools
    home_replicates: Weights
    person_replicates: Weights


def draw(seed: int, vintage: int, number: int, count: int, share: float) -> Sample:
    """Draw a block of `count` households.

    Parameters
    ----------
    number
        Which block, from 0; its draws are its own.
    share
        Part of the whole sample that the block is, for the weights.
    """
    draws = Draws(seed, f"acs {vintage} {number}")
    world = populate(draws, count)
    facts = _facts(vintage)
    kept = ~world.home["quarters"]
    weights = household_weights(draws, world.home, world.person, world.owned["rarity"])
    settled = kept[world.person["household"]]
    lived = weights[world.person["household"]][settled].sum()
    weights = weights[kept] * (facts["residents"] - facts["quarters"]) * share / lived
    tenants = _tenants(draws, world, kept)
    vacant = _vacant(draws, weights, facts["vacancy"])
    residents, quarters = _quarters(seed, vintage, number, count, share)
    homes = {"law": np.flatnonzero(kept), "state": world.home["state"][kept], "weight": weights}
    homes["type"] = np.full(len(weights), HOUSING)
    residents["record"] = residents["record"] + len(weights) + len(vacant["law"])
    home = joined(homes, vacant, quarters)
    person = joined(tenants, residents)
    home["size"] = np.bincount(person["record"], minlength=len(home["law"]))
    return _weighed(draws, home, person, world)


def _facts(vintage: int) -> dict[str, float]:
    """Return the published totals of a vintage."""
    row = table("acs_vintages")["vintage"].tolist().index(vintage)
    names = ("residents", "vacancy")
    return {name: float(column("acs_vintages", name)[row]) for name in names} | {
        "quarters": float(column("acs_quarters", "persons").sum())
    }


def _tenants(draws: Draws, world: Population, kept: Bools) -> Columns:
    """Members of the households kept, with the ACS's account of their kinship."""
    person = world.person | acs_kin.subfamilies(world)
    person["RELSHIPP"] = acs_kin.relationship(draws, person)
    household = person["household"]
    start = np.searchsorted(household, household)
    person["SPORDER"] = np.arange(len(household)) - start + 1
    person["record"] = (np.cumsum(kept) - 1)[household]
    person["core"] = np.isin(person["role"], (kin.HEAD, kin.SPOUSE))
    person["ratio"] = world.home["ratio"][household]
    inside = kept[household]
    return {name: values[inside] for name, values in person.items()}


def _vacant(draws: Draws, weights: Floats, vacancy: float) -> Columns:
    """Units where nobody lives, in states as people are."""
    count = max(1, round(len(weights) * vacancy / (1 - vacancy)))
    size = np.exp(0.3 * draws.normal(count, "vacant weight"))
    total = weights.sum() * vacancy / (1 - vacancy)
    share = np.tile(column("states", "persons"), (count, 1))
    return {
        "law": np.full(count, -1),
        "state": draws.pick(share, "vacant state"),
        "weight": size * total / size.sum(),
        "type": np.full(count, HOUSING),
    }


def _quarters(
    seed: int, vintage: int, number: int, count: int, share: float
) -> tuple[Columns, Columns]:
    """Residents of group quarters and their placeholder records, one for one."""
    draws = Draws(seed, f"acs {vintage} {number} quarters")
    world = populate(draws, max(kin.FIXED_HOUSEHOLDS, round(QUARTERS_SHARE * count)))
    person = world.person
    chosen = np.flatnonzero(
        (person["spouse"] < 0) & (person["partner"] < 0) & (person["age"] >= 18)
    )
    age = person["age"][chosen]
    persons = column("acs_quarters", "persons")
    fits = (age[:, None] >= column("acs_quarters", "age_lower")) & (
        age[:, None] <= column("acs_quarters", "age_upper")
    )
    kind = draws.pick(fits * persons, "kind of quarters")
    each = persons / np.maximum(np.bincount(kind, minlength=len(persons)), 1)
    which = column("acs_quarters", "TYPEHUGQ").astype(np.int64)[kind]
    residents = {name: values[chosen] for name, values in person.items()}
    alone = np.zeros(len(chosen), dtype=np.int64)
    residents |= {
        "SFN": alone, "SFR": alone, "SPORDER": alone + 1, "record": np.arange(len(chosen)),
        "RELSHIPP": np.where(which == INSTITUTION, acs_kin.INSTITUTION, acs_kin.NONINSTITUTION),
        "core": alone == 0, "ratio": world.home["ratio"][residents["household"]],
    }  # fmt: skip
    records = {
        "law": alone - 1,
        "state": world.home["state"][residents["household"]],
        "weight": each[kind] * share,
        "type": which,
    }
    return residents, records


def _weighed(draws: Draws, home: Columns, person: Columns, world: Population) -> Sample:
    """Round weights to integers and spread them over the replicates.

    A reference person and a spouse have the weight of the unit; others vary around it.
    """
    base = np.maximum(np.rint(home["weight"]), 1.0)
    # Controls are the states' households, and group quarters by type.
    unit, states = home["type"] == HOUSING, len(table("states"))
    cell = np.where(unit, home["state"], states + home["type"])
    spread = controlled(base, home["size"].astype(np.float64), cell)
    factor = spread / base[:, None]
    noise = np.exp(0.10 * draws.normal(len(person["record"]), "person weight") - 0.005)
    own = base[person["record"]] * np.where(person["core"], 1.0, noise)
    own = np.maximum(np.rint(own), 1.0)
    home["WGTP"] = np.where(unit, base, 0.0)
    person["PWGTP"] = own
    return Sample(
        home=home,
        person=person,
        owned=world.owned,
        snap=world.home["HFDVAL"] > 0,
        home_replicates=whole(spread * unit[:, None]),
        person_replicates=whole(own[:, None] * factor[person["record"]]),
    )


def places(draws: Draws, state: Ints) -> NDArray[np.int64]:
    """Draw a PUMA number (n,) from 1; a state has one for 130,000 residents."""
    areas = np.maximum(np.rint(column("states", "persons") / 130_000.0), 1.0)
    return 1 + np.floor(draws.uniform(len(state), "puma") * areas[state]).astype(np.int64)
