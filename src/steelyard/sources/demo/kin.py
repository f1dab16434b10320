"""Who lives with whom: households, their members, and the ties between them.

Persons are made block by block (householder, spouse, children, ...), each block pointing at
people already made; `settle` puts them in household order and turns ties into positions.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from steelyard.sources.demo.anchors import band, by_age, column, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Ints

# Part in the household. Order is the order of line numbers.
HEAD, SPOUSE, PARTNER, CHILD, CHILD_IN_LAW, GRANDCHILD, PARENT, SIBLING, OTHER = range(9)
FOSTER, LODGER, LODGER_CHILD, PARTNER_CHILD, QUARTERED = range(9, 14)
RELATED = (HEAD, SPOUSE, CHILD, CHILD_IN_LAW, GRANDCHILD, PARENT, SIBLING, OTHER)

# Households whose make-up is fixed, so that every sample holds each awkward case.
TWO_FAMILIES, SAME_SEX, THREE_GENERATIONS, TEEN_MOTHER, QUARTERS, MARRIED_SUBFAMILY = range(6)
OLDEST, PARTNER_WITH_CHILD, BUSINESS_LOSS = 6, 7, 8
FIXED_HOUSEHOLDS = 9

OLDEST_AGE = 94
YOUNGEST_PARENT = 15


@dataclass
class Blocks:
    """Persons under construction; ties are positions in order of creation, -1 for none."""

    parts: list[Columns] = field(default_factory=list)
    size: int = 0

    def add(self, household: Ints, role: int, age: ArrayLike, sex: ArrayLike, **ties: Ints) -> Ints:
        """Append one person for each household (n,) and return their positions (n,)."""
        count = len(household)
        none = np.full(count, -1, dtype=np.int64)
        own = np.arange(self.size, self.size + count, dtype=np.int64)
        part: Columns = {
            "household": household,
            "role": np.full(count, role, dtype=np.int64),
            "age": np.asarray(age, dtype=np.int64),
            "female": np.asarray(sex, dtype=bool),
        }
        for tie in ("parent1", "parent2", "spouse", "partner", "family"):
            part[tie] = np.array(ties.get(tie, own if tie == "family" else none))
        self.parts.append(part)
        self.size += count
        return own

    def tie(self, name: str, whom: Ints, to: Ints) -> None:
        """Point persons already made at others."""
        offset = 0
        for part in self.parts:
            here = (whom >= offset) & (whom < offset + len(part["role"]))
            part[name][whom[here] - offset] = to[here]
            offset += len(part["role"])

    def columns(self) -> Columns:
        """Return all persons in order of creation."""
        return {name: np.concatenate([p[name] for p in self.parts]) for name in self.parts[0]}


def householders(draws: Draws, count: int) -> Columns:
    """Draw households: where they are, and who heads them.

    Returns
    -------
    dict of arrays of shape (count,)
        state (row of the states anchor), age, female, union (0 none, 1 married,
        2 cohabiting), same_sex, quarters.
    """
    # Small states are sampled at higher rates, as in the real survey.
    rate = np.cumsum(column("states", "persons") ** 0.6)
    place = (np.arange(count) + 0.5) / count
    order = np.argsort(draws.uniform(count, "state"), kind="stable")
    state = np.searchsorted(rate / rate[-1], place)[np.argsort(order, kind="stable")]

    anchor = table("householders")
    shares = np.tile(column("householders", "households"), (count, 1))
    row = draws.pick(shares, "head age band")
    lower = anchor["age_lower"].to_numpy()[row]
    upper = anchor["age_upper"].to_numpy()[row]
    # Older bands thin out with age.
    thinning = np.select([lower >= 75, lower >= 65], [2.2, 1.3], 1.0)
    position = draws.uniform(count, "head age") ** thinning
    age = lower + np.floor(position * (upper - lower + 1)).astype(np.int64)
    age = np.where(lower == 18, upper - np.floor(position**1.5 * 7).astype(np.int64), age)

    union = draws.pick(
        np.column_stack(
            [
                1 - column("householders", "married") - column("householders", "cohabiting"),
                column("householders", "married"),
                column("householders", "cohabiting"),
            ]
        )[row],
        "union",
    )
    female = draws.chance(column("householders", "female")[row], "head sex")
    female &= ~((union == 0) & draws.chance(np.full(count, 0.03), "head sex, single"))
    same_sex = (union > 0) & draws.chance(np.where(union == 1, 0.012, 0.08), "same sex")
    head: Columns = {
        "state": state,
        "age": age,
        "female": female,
        "union": union,
        "same_sex": same_sex,
        "quarters": (union == 0) & draws.chance(np.full(count, 0.006), "group quarters"),
    }
    return _fix(head)


def _fix(head: Columns) -> Columns:
    """Write the fixed households over the first few drawn."""
    fixed = np.arange(FIXED_HOUSEHOLDS)
    head["age"][fixed] = [44, 41, 58, 43, 20, 66, 89, 37, 52]
    head["union"][fixed] = [1, 1, 1, 1, 0, 1, 1, 2, 1]
    head["female"][fixed] = [True, True, False, True, False, True, False, False, False]
    head["same_sex"][fixed] = fixed == SAME_SEX
    head["quarters"][fixed] = fixed == QUARTERS
    return head


def people(draws: Draws, head: Columns) -> Columns:
    """Populate households (n,) and return their members in household order.

    Returns
    -------
    dict of arrays of shape (n_persons,)
        household, role, age, female; parent1, parent2, spouse, partner: position of that
        person, -1 for none; family: position of the person at the root of the own family
        (the householder, or the root of a subfamily); unit: household-wide root of the
        economic unit (SPM); line, sequence: numbers within the household from 1.
    """
    blocks = Blocks()
    everyone = np.arange(len(head["age"]), dtype=np.int64)
    heads = blocks.add(everyone, HEAD, head["age"], head["female"])
    mates = _mates(draws, blocks, head, heads)
    _children(draws, blocks, head, mates)
    grown = _grown_children(draws, blocks, head, mates)
    _third_generation(draws, blocks, head, grown)
    _elders_and_kin(draws, blocks, head, mates)
    _lodgers(draws, blocks, head)
    return settle(blocks.columns())


def _mates(draws: Draws, blocks: Blocks, head: Columns, heads: Ints) -> Ints:
    """Add spouses and partners; return each household's mate, -1 for none."""
    mates = np.full(len(heads), -1, dtype=np.int64)
    gap = np.round(draws.normal(len(heads), "age gap") * 4.0 + np.where(head["female"], 2.0, -2.0))
    age = np.clip(head["age"] + gap.astype(np.int64), 18, OLDEST_AGE)
    age[OLDEST] = 82
    sex = np.where(head["same_sex"], head["female"], ~head["female"])
    for union, role, tie in ((1, SPOUSE, "spouse"), (2, PARTNER, "partner")):
        where = np.flatnonzero(head["union"] == union)
        ties = {tie: heads[where]}
        if union == 1:
            ties["family"] = heads[where]
        made = blocks.add(where, role, age[where], sex[where], **ties)
        blocks.tie(tie, heads[where], made)
        mates[where] = made
    return mates


def _children(draws: Draws, blocks: Blocks, head: Columns, mates: Ints) -> None:
    """Add children under 18 of the householder, of both, or of the partner only."""
    row = band("householders", head["age"])
    single = np.where(
        head["female"],
        column("householders", "kids_single_female")[row],
        column("householders", "kids_single_male")[row],
    )
    chance = np.select(
        [head["union"] == 1, head["union"] == 2],
        [
            column("householders", "kids_married")[row],
            column("householders", "kids_cohabiting")[row],
        ],
        single,
    )
    chance = np.where(head["same_sex"], 0.4 * chance, np.where(head["quarters"], 0.0, chance))
    some = draws.chance(chance, "has children")
    number = some * (1 + draws.poisson(column("householders", "kids_beyond_first")[row], "kids", 6))
    fixed = [TWO_FAMILIES, THREE_GENERATIONS, TEEN_MOTHER, OLDEST, PARTNER_WITH_CHILD]
    number[fixed] = [2, 0, 1, 0, 1]

    mother = np.where(
        head["female"] | (mates < 0), head["age"], head["age"] - np.where(head["age"] > 40, 3, 1)
    )
    where = np.repeat(np.arange(len(number)), number)
    youngest = np.maximum(mother - 43, 0)
    oldest = np.clip(mother - 17, 0, 17)
    spread = draws.uniform(len(where), "child age")
    low = np.minimum(youngest, oldest)[where]
    age = low + np.floor(spread * (oldest[where] - low + 1)).astype(np.int64)
    age[where == TEEN_MOTHER] = 17
    sex = draws.uniform(len(where), "child sex") < 0.488
    sex[where == TEEN_MOTHER] = True

    whose = draws.uniform(len(number), "whose children")
    theirs = (head["union"] == 2) & (whose < 0.15)
    theirs[PARTNER_WITH_CHILD] = True
    alone = (head["union"] == 1) & (whose < 0.08) | (head["union"] == 2) & (whose < 0.40)
    of_partner = theirs[where]
    _own_children(blocks, where[~of_partner], age[~of_partner], sex[~of_partner], mates, alone)
    mate = mates[where[of_partner]]
    partner_age = blocks.columns()["age"][mate]
    blocks.add(
        where[of_partner],
        PARTNER_CHILD,
        np.minimum(age[of_partner], np.clip(partner_age - 18, 0, 16)),
        sex[of_partner],
        parent1=mate,
        family=mate,
    )
    # The teenage mother's own child makes a three-generation household of the least usual kind.
    mothers = _found(blocks, (CHILD,), 15, 17, female=True)
    young = draws.chance(np.full(len(mothers[0]), 0.008), "teen mother") | (
        mothers[1] == TEEN_MOTHER
    )
    _grandchildren(blocks, mothers[0][young], mothers[1][young], np.zeros(young.sum(), dtype=int))


def _own_children(
    blocks: Blocks, where: Ints, age: Ints, sex: Bools, mates: Ints, alone: Bools
) -> Ints:
    """Add children of the householder, and of the mate too unless the household is `alone`."""
    mate = mates[where]
    mate_age = blocks.columns()["age"][mate]
    second = np.where(alone[where] | (mate_age < age + YOUNGEST_PARENT), -1, mate)
    return blocks.add(where, CHILD, age, sex, parent1=where, parent2=second, family=where)


def _found(
    blocks: Blocks, roles: tuple[int, ...], low: int, high: int, *, female: bool
) -> tuple[Ints, Ints]:
    """Return positions and households of persons made so far, by role, age and sex."""
    made = blocks.columns()
    hit = np.isin(made["role"], roles) & (made["age"] >= low) & (made["age"] <= high)
    hit &= made["female"] == female
    return np.flatnonzero(hit), made["household"][hit]


def _grandchildren(blocks: Blocks, parents: Ints, where: Ints, age: Ints) -> None:
    """Add a child of a person at home; the two become a related subfamily."""
    blocks.add(where, GRANDCHILD, age, where % 2 == 0, parent1=parents, family=parents)
    blocks.tie("family", parents, parents)


def _grown_children(draws: Draws, blocks: Blocks, head: Columns, mates: Ints) -> Ints:
    """Add children of 18 and over who live at home; return the positions of all of them."""
    row = band("householders", head["age"])
    number = draws.poisson(column("householders", "adult_children")[row], "adult children", 4)
    number = np.where(head["quarters"], 0, number)
    number[[THREE_GENERATIONS, MARRIED_SUBFAMILY, TEEN_MOTHER, OLDEST]] = [1, 1, 0, 0]
    where = np.repeat(np.arange(len(number)), number)
    middle = column("householders", "adult_child_age")[row][where]
    spread = np.abs(draws.normal(len(where), "adult child age")) * 3.5
    age = np.clip(np.floor(middle + spread), 18, np.maximum(head["age"][where] - 17, 18))
    sex = draws.uniform(len(where), "adult child sex") < 0.44
    age[where == THREE_GENERATIONS], sex[where == THREE_GENERATIONS] = 29, True
    age[where == MARRIED_SUBFAMILY] = 31
    alone = draws.chance(np.full(len(mates), 0.15), "adult child of the householder only")
    return _own_children(blocks, where, age.astype(np.int64), sex, mates, alone)


def _third_generation(draws: Draws, blocks: Blocks, head: Columns, grown: Ints) -> None:
    """Give some grown children at home a spouse, or children of their own."""
    made = blocks.columns()
    age, where, sex = made["age"][grown], made["household"][grown], made["female"][grown]
    married = draws.chance(np.where(age >= 24, 0.07, 0.01), "child in law")
    married[where == MARRIED_SUBFAMILY] = True
    spouses = blocks.add(
        where[married],
        CHILD_IN_LAW,
        np.maximum(age[married] + np.where(sex[married], 2, -1), 18),
        ~sex[married],
        spouse=grown[married],
        family=grown[married],
    )
    blocks.tie("spouse", grown[married], spouses)
    blocks.tie("family", grown[married], grown[married])
    chance = np.where(married, 0.5, np.where(sex, 0.12, 0.02)) * (age < 45)
    parent = draws.chance(chance, "grandchild")
    parent[where == THREE_GENERATIONS] = True
    number = parent * (1 + draws.poisson(np.full(len(parent), 0.45), "grandchildren", 3))
    who = np.repeat(np.arange(len(parent)), number)
    limit = np.minimum(age[who] - 18, 17)
    years = np.floor(draws.uniform(len(who), "grandchild age") * (limit + 1)).astype(np.int64)
    _grandchildren(blocks, grown[who], where[who], years)


def _elders_and_kin(draws: Draws, blocks: Blocks, head: Columns, mates: Ints) -> None:
    """Add parents, siblings and other relatives of the householder."""
    count = len(head["age"])
    free = ~head["quarters"]
    where = np.flatnonzero(
        free & draws.chance(by_age("householders", "parent", head["age"]), "parent")
    )
    age = np.clip(
        head["age"][where] + 20 + draws.poisson(np.full(len(where), 6.0), "parent age", 20),
        38,
        OLDEST_AGE,
    )
    mothers = draws.uniform(len(where), "parent sex") < 0.75
    first = blocks.add(where, PARENT, age, mothers, family=where)
    blocks.tie("parent1", where, first)
    both = draws.chance(np.full(len(where), 0.25), "both parents")
    second = blocks.add(
        where[both], PARENT, age[both], ~mothers[both], spouse=first[both], family=first[both]
    )
    blocks.tie("spouse", first[both], second)
    blocks.tie("parent2", where[both], second)
    blocks.tie("family", first[both], first[both])
    for role, name in ((SIBLING, "sibling"), (OTHER, "other_relative")):
        where = np.flatnonzero(free & draws.chance(by_age("householders", name, head["age"]), name))
        if role == SIBLING:
            shift = np.round(draws.normal(len(where), name + " age") * 6).astype(np.int64)
            age = np.clip(head["age"][where] + shift, 16, OLDEST_AGE)
        else:
            age = np.floor(draws.uniform(len(where), name + " age") ** 1.5 * 72).astype(np.int64)
        blocks.add(where, role, age, draws.uniform(len(where), name + " sex") < 0.48, family=where)
    foster = np.flatnonzero(
        (head["union"] > 0) & free & draws.chance(np.full(count, 0.003), "foster child")
    )
    years = np.floor(draws.uniform(len(foster), "foster age") * 17).astype(np.int64)
    blocks.add(foster, FOSTER, years, draws.uniform(len(foster), "foster sex") < 0.5)


def _lodgers(draws: Draws, blocks: Blocks, head: Columns) -> None:
    """Add roommates, families that lodge, and the other residents of group quarters."""
    chance = by_age("householders", "roommates", head["age"])
    chance = np.where(head["union"] == 0, chance, 0.12 * chance)
    number = (~head["quarters"] & draws.chance(chance, "roommates")) * (
        1 + draws.poisson(np.full(len(chance), 0.45), "number of roommates", 3)
    )
    where = np.repeat(np.arange(len(number)), number)
    shift = np.round(draws.normal(len(where), "roommate age") * 7).astype(np.int64)
    age = np.clip(head["age"][where] + shift, 18, 85)
    blocks.add(where, LODGER, age, draws.uniform(len(where), "roommate sex") < 0.42)

    lodging = draws.chance(np.full(len(chance), 0.003), "lodging family") & ~head["quarters"]
    lodging[TWO_FAMILIES] = True
    where = np.flatnonzero(lodging)
    mothers = blocks.add(where, LODGER, 24 + where % 15, np.ones(len(where)))
    blocks.add(where, LODGER_CHILD, where % 6, where % 2 == 0, parent1=mothers, family=mothers)

    where = np.repeat(np.flatnonzero(head["quarters"]), 1 + (head["quarters"].nonzero()[0] % 3))
    spread = np.floor(draws.uniform(len(where), "quarters age") ** 2 * 45).astype(np.int64)
    blocks.add(where, QUARTERED, 18 + spread, draws.uniform(len(where), "quarters sex") < 0.4)


def settle(made: Columns) -> Columns:
    """Order persons by household and line, and re-point every tie.

    Line numbers follow the order of listing; one household in thirty has lost its second
    line, so that a line number is not a position. The sequence runs family by family.
    """
    household, role = made["household"], made["role"]
    order = np.lexsort((-made["age"], role, household))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    person = {name: values[order] for name, values in made.items()}
    for tie in ("parent1", "parent2", "spouse", "partner", "family"):
        target = person[tie]
        person[tie] = np.where(target >= 0, place[target], -1)
    household = person["household"]
    start = np.searchsorted(household, np.arange(household[-1] + 1))
    line = np.arange(len(household)) - start[household] + 1
    person["line"] = line + ((household % 30 == 11) & (line > 1))
    person["unit"] = _units(person, start)
    person["sequence"] = sequence_numbers(person, start)
    return person


def _units(person: Columns, start: Ints) -> Ints:
    """Root of each person's SPM unit: partners, their children and foster children join."""
    joined = np.isin(person["role"], (*RELATED, PARTNER, PARTNER_CHILD, FOSTER))
    return np.where(joined, start[person["household"]], person["family"])


def sequence_numbers(person: Columns, start: Ints) -> Ints:
    """Return numbers within the household, primary family first, then family by family."""
    primary = np.isin(person["role"], RELATED)
    root = np.where(primary, start[person["household"]], person["family"])
    order = np.lexsort((person["line"], person["family"], root, ~primary, person["household"]))
    household = person["household"][order]
    sequence = np.empty(len(order), dtype=np.int64)
    sequence[order] = np.arange(len(order)) - start[household] + 1
    return sequence
