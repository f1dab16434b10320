"""The life of a panel: families of 1968 and those that split off, wave after wave.

Members of the first families and their children are followed wherever they go; spouses they
find are in the study as long as they live with them. Hazards are assumptions of a round size
(none is published as a table of this shape); what they must give is every kind of passage that
the files know: split-offs, births, people moving in, leaving, dying, families lost.
"""

import numpy as np

from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints
from steelyard.sources.demo.histories import death_years
from steelyard.sources.demo.kin import FIXED_HOUSEHOLDS
from steelyard.sources.demo.psid_start import (
    COHABITING,
    DIVORCED,
    LEGAL,
    NEVER_MARRIED,
    NONRELATIVE,
    RELATIVE,
    WIDOWED,
    first_families,
    place_within,
    poorest,
)

START, IMMIGRANTS = 1968, 1997
# First families are of a cross-section or, two in five, of an oversample of the poor, numbered
# from 5001; families of recent immigrants joined in 1997, numbered from 3001.
OVERSAMPLE, OVERSAMPLE_FROM, IMMIGRANTS_FROM = 0.39, 5001, 3001
IMMIGRANT_SHARE = 0.09
# Person numbers: the first members, those born in, those who moved in.
BORN_IN, MOVED_IN = 30, 170
MOVED_OUT, DIED = 71, 81
# Yearly hazards by age: of the single to find a mate, of women with a mate to bear a child, of the
# grown to leave home.
WEDDING = (
    [17, 18, 22, 27, 35, 50, 70, 71], [0, 0.06, 0.13, 0.13, 0.07, 0.02, 0.005, 0],
)  # fmt: skip
BIRTH = [17, 18, 24, 30, 38, 43, 44], [0, 0.17, 0.23, 0.17, 0.05, 0.01, 0]
LEAVING = [17, 18, 22, 30, 60, 61], [0, 0.12, 0.22, 0.2, 0.05, 0]


class Panel:
    """A panel under way; each year changes who lives with whom.

    Parameters
    ----------
    draws
        Named draws of the sample.
    families
        Families of 1968.
    """

    def __init__(self, draws: Draws, families: int) -> None:
        self.draws, self.year, self.families = draws, START, 0
        self.numbers: dict[str, Ints] = {
            "born": np.full(10_000, BORN_IN), "moved": np.full(10_000, MOVED_IN),
        }  # fmt: skip
        self.person: Columns = {}
        first = first_families(draws, families, START)
        poor = poorest(draws, first, OVERSAMPLE)
        count = np.cumsum(~poor), np.cumsum(poor) + OVERSAMPLE_FROM - 1
        self._settle(first, np.where(poor, count[1], count[0]))

    def advance(self) -> None:
        """Live through one year, up to the interviews of the next."""
        self.year += 1
        if self.year == IMMIGRANTS:
            families = max(FIXED_HOUSEHOLDS, round(IMMIGRANT_SHARE * self.families_of_start))
            new = first_families(Draws(self.draws.seed, "psid immigrants"), families, self.year)
            self._settle(new, np.arange(IMMIGRANTS_FROM, IMMIGRANTS_FROM + families))
        self._die()
        self._part()
        self._marry()
        self._wed()
        self._bear()
        self._leave_home()
        self._lose()

    def _settle(self, new: Columns, lineage_of_family: Ints) -> None:
        """Take families into the study, each with its interview number of the start."""
        household = new.pop("household")
        first = place_within(household, ~new["lead"])
        if not self.person:
            self.families_of_start = len(lineage_of_family)
        offset = 0 if not self.person else len(self.person["lineage"])
        for tie in ("mother", "father", "spouse"):
            new[tie] = np.where(new[tie] >= 0, new[tie] + offset, -1)
        self._append(
            new
            | {
                "lineage": lineage_of_family[household],
                "number": first + 1,
                "family": self.families + household,
                "sample": np.ones(len(household), dtype=bool),
            }
        )
        self.families += len(lineage_of_family)

    def _append(self, new: Columns) -> None:
        count = len(new["lineage"])
        new = {
            "left": np.zeros(count, dtype=np.int64),
            "left_family": np.full(count, -1, dtype=np.int64),
            "since": np.full(count, self.year - 2, dtype=np.int64),
            "alone": np.full(count, NEVER_MARRIED, dtype=np.int64),
        } | new
        self.person = {
            name: np.concatenate([self.person[name], values]) if self.person else values
            for name, values in sorted(new.items())
        }

    def _uniform(self, name: str) -> Floats:
        return self.draws.uniform(len(self.person["lineage"]), f"{name} {self.year}")

    @property
    def age(self) -> Ints:
        """Age (n,) that everyone reaches this year."""
        return np.asarray(self.year - self.person["birth_year"], dtype=np.int64)

    @property
    def leads(self) -> Ints:
        """Position of each family's head, by family; -1 where it has none."""
        found = np.full(self.families, -1, dtype=np.int64)
        heads = np.flatnonzero(self.person["lead"] & (self.person["family"] >= 0))
        found[self.person["family"][heads]] = heads
        return found

    def _separate(self, who: Ints, status: int) -> None:
        """End the unions of some persons; who was married is now of another status."""
        person = self.person
        mates = person["spouse"][who]
        both = np.concatenate([who, mates[mates >= 0]])
        person["alone"][both[person["union"][both] == LEGAL]] = status
        person["spouse"][both], person["union"][both] = -1, 0

    def _go(self, who: Ints, how: int) -> None:
        """Let persons leave the study, remembered until the next wave."""
        person = self.person
        person["left"][who], person["left_family"][who] = how, person["family"][who]
        person["family"][who], person["lead"][who] = -1, False

    def _split_off(self, who: Ints) -> None:
        """Give each of some persons a family of their own."""
        self.person["family"][who] = self.families + np.arange(len(who))
        self.person["lead"][who] = True
        self.families += len(who)

    def _promote(self) -> None:
        """Let the oldest grown member head a family that lost its head; else it leaves."""
        person = self.person
        inside = np.flatnonzero(person["family"] >= 0)
        without = inside[self.leads[person["family"][inside]] < 0]
        grown = without[self.age[without] >= 16]
        order = grown[np.lexsort((-self.age[grown], person["family"][grown]))]
        _, first = np.unique(person["family"][order], return_index=True)
        person["lead"][order[first]] = True
        left = inside[self.leads[person["family"][inside]] < 0]
        self._go(left, MOVED_OUT)

    def _die(self) -> None:
        dead = np.flatnonzero(
            (self.person["family"] >= 0) & (self.person["death_year"] < self.year)
        )
        self._separate(dead, WIDOWED)
        self._go(dead, DIED)
        self._promote()

    def _part(self) -> None:
        """End some unions: who is not followed moves out, of two followed the man splits off."""
        person = self.person
        lasted = self.year - person["since"]
        hazard = np.where(person["union"] == LEGAL, np.where(lasted < 10, 0.025, 0.01), 0.10)
        couple = person["lead"] & (person["spouse"] >= 0) & (self._uniform("part") < hazard)
        heads = np.flatnonzero(couple)
        mates = person["spouse"][heads]
        both = person["sample"][heads] == person["sample"][mates]
        mate_moves = np.where(both, person["female"][heads], person["sample"][heads])
        movers = np.where(mate_moves, mates, heads)
        stayers = np.where(mate_moves, heads, mates)
        self._separate(heads, DIVORCED)
        person["lead"][movers], person["lead"][stayers] = False, True
        followed = person["sample"][movers]
        self._go(movers[~followed], MOVED_OUT)
        self._split_off(movers[followed])

    def _marry(self) -> None:
        """Turn some partners into spouses."""
        person = self.person
        chosen = person["lead"] & (person["union"] == COHABITING)
        chosen &= (person["since"] < self.year) & (self._uniform("marry") < 0.15)
        heads = np.flatnonzero(chosen)
        person["union"][heads] = LEGAL
        person["union"][person["spouse"][heads]] = LEGAL

    def _wed(self) -> None:
        """Let some of the single find a mate, who moves in; children at home leave for it."""
        person, age = self.person, self.age
        hazard = np.interp(age, *WEDDING)
        free = (person["family"] >= 0) & (person["spouse"] < 0) & person["sample"]
        free &= person["lead"] | (person["mother"] >= 0) | (person["father"] >= 0)
        chosen = np.flatnonzero(free & (self._uniform("wed") < hazard))
        self._split_off(chosen[~person["lead"][chosen]])
        count, start = len(chosen), len(age)
        woman = ~person["female"][chosen]
        gap = np.rint(np.where(woman, 2.0, -2.0) + 3.5 * self._normal("mate's age", count))
        born = np.minimum(person["birth_year"][chosen] + gap, self.year - 17).astype(np.int64)
        cohabit = np.interp(self.year, [1968, 1980, 2000, 2020], [0.02, 0.2, 0.45, 0.5])
        union = np.where(self._draw("cohabit", count) < cohabit, COHABITING, LEGAL)
        none = np.full(count, -1, dtype=np.int64)
        mates = {
            "lineage": person["lineage"][chosen], "family": person["family"][chosen],
            "number": self._next("moved", person["lineage"][chosen]),
            "birth_year": born, "female": woman, "mother": none, "father": none,
            "school_rank": self._like("mate's school", person["school_rank"][chosen], 0.6),
            "skill": self._like("mate's skill", person["skill"][chosen], 0.4),
            "spouse": chosen, "union": union, "since": np.full(count, self.year),
            "lead": ~woman, "sample": np.zeros(count, dtype=bool),
            "kin": np.full(count, NONRELATIVE),
        }  # fmt: skip
        self._append(mates | self._life("mate", born, woman))
        person = self.person
        person["spouse"][chosen] = start + np.arange(count)
        person["union"][chosen], person["since"][chosen] = union, self.year
        person["lead"][chosen] = woman

    def _bear(self) -> None:
        """Add children of women who head a family or live with its head."""
        person, age = self.person, self.age
        leads = self.leads
        head = np.where(person["family"] >= 0, leads[np.maximum(person["family"], 0)], -1)
        place = np.arange(len(age))
        core = (head == place) | ((person["spouse"] >= 0) & (person["spouse"] == head))
        chance = np.interp(age, *BIRTH)
        chance *= np.where(person["union"] > 0, 1.0, 0.3)
        chance *= np.interp(self.year, [1968, 1976, 2020], [1.1, 0.85, 0.75])
        mothers = np.flatnonzero(
            person["female"] & core & (head >= 0) & (self._uniform("bear") < chance)
        )
        fathers, count = person["spouse"][mothers], len(mothers)
        follow = np.where(person["sample"][mothers] | (fathers < 0), mothers, fathers)
        born, female = np.full(count, self.year), self._draw("girl", count) < 0.488
        none = np.full(count, -1, dtype=np.int64)
        children = {
            "lineage": person["lineage"][follow], "family": person["family"][mothers],
            "number": self._next("born", person["lineage"][follow]),
            "birth_year": born, "female": female, "mother": mothers, "father": fathers,
            "school_rank": self._like("child's school", person["school_rank"][mothers], 0.4),
            "skill": self._normal("child's skill", count),
            "spouse": none, "union": np.zeros(count, dtype=np.int64),
            "lead": np.zeros(count, dtype=bool), "sample": person["sample"][follow],
            "kin": np.full(count, RELATIVE),
        }  # fmt: skip
        self._append(children | self._life("child", born, female))

    def _leave_home(self) -> None:
        """Let grown members who are neither head nor mate set up on their own."""
        person, age = self.person, self.age
        hazard = np.interp(age, *LEAVING)
        chosen = (person["family"] >= 0) & ~person["lead"] & (person["spouse"] < 0)
        leavers = np.flatnonzero(chosen & (self._uniform("leave home") < hazard))
        followed = person["sample"][leavers]
        self._go(leavers[~followed], MOVED_OUT)
        self._split_off(leavers[followed])

    def _lose(self) -> None:
        """Lose whole families to refusal, most of them after the first interview."""
        hazard = 0.11 if self.year == START + 1 else 0.010
        refuses = self.draws.uniform(self.families, f"refuse {self.year}") < hazard
        inside = np.flatnonzero(self.person["family"] >= 0)
        lost = inside[refuses[self.person["family"][inside]]]
        self._go(lost, 0)

    def _normal(self, name: str, count: int) -> Floats:
        return self.draws.normal(count, f"{name} {self.year}")

    def _like(self, name: str, whose: Floats, strength: float) -> Floats:
        """Draw standard normals (n,) correlated with those of others."""
        fresh = self._normal(name, len(whose))
        return np.asarray(strength * whose + np.sqrt(1 - strength**2) * fresh, dtype=np.float64)

    def _draw(self, name: str, count: int) -> Floats:
        return self.draws.uniform(count, f"{name} {self.year}")

    def _life(self, name: str, birth_year: Ints, female: Bools) -> Columns:
        """Draw a birth month, and a year of death after the present one."""
        draws = Draws(self.draws.seed, f"{self.draws.sample} {name} {self.year}")
        alive = np.full(len(birth_year), self.year)
        month = 1 + np.floor(draws.uniform(len(birth_year), "month") * 12).astype(np.int64)
        return {"birth_month": month, "death_year": death_years(draws, birth_year, female, alive)}

    def _next(self, kind: str, lineage: Ints) -> Ints:
        """Return the next person numbers of lineages, in order of appearance."""
        found = self.numbers[kind][lineage] + place_within(lineage)
        np.add.at(self.numbers[kind], lineage, 1)
        return found
