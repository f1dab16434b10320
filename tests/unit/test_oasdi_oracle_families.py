"""Whole families in one month, beside the oracle: every amount of some hundred random families.

Retired, disabled and deceased workers with spouses, children, parents of children, aged and
disabled widow(er)s, with and without own benefits; six months between 1999 and 2026.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

import numpy as np
import oasdi_oracle as law
import pytest
from oasdi_oracle import Person, at

from steelyard.oasdi import NEVER, People, Relation, Ties, benefits

FIRST = 1951
MONTHS = [at(1999, 11), at(2008, 6), at(2016, 12), at(2022, 3), at(2024, 12), at(2026, 1)]
SPOUSE, YOUNG, DIVORCED, CHILD = (
    Relation.SPOUSE,
    Relation.SPOUSE_WITH_CHILD,
    Relation.DIVORCED,
    Relation.CHILD,
)
WIDOW, DISABLED_WIDOW, PARENT = (
    Relation.WIDOW,
    Relation.DISABLED_WIDOW,
    Relation.PARENT_OF_CHILD,
)


@dataclass
class Tie:
    relation: Relation
    person: Person
    claim: int
    start: int
    end: int | None = None
    onset: int | None = None


@dataclass
class Family:
    worker: Person
    ties: list = field(default_factory=list)


# -- random families -------------------------------------------------------------------------------


def career(random, born, last, share):
    """A share of the average wage with a random year to year, every year from 20 on."""
    earned = {}
    for year in range(max(born + 20, FIRST), min(last, 2025) + 1):
        wage = float(law.WAGE_INDEX[min(year, law.LAST_INDEX)]) * share * random.uniform(0.7, 1.3)
        earned[year] = round(min(wage, float(law.BASE[year])), 2)
    return earned


def claimed(random, worker, last):
    """Claimed in some month; work took some of those before full retirement age."""
    claim = random.randint(worker.born + 745, last)
    return replace(worker, claim=claim, withheld=random.randint(0, max(worker.full - claim, 0)))


def person(random, born, share=0.0, last=2025):
    earned = career(random, born, last, share) if share else {}
    return Person(earned, born, at(born, random.randint(1, 12)))


def retired_family(random, when):
    """A worker who has claimed; perhaps a spouse, or one divorced, with an own claim or none."""
    year = when // 12
    worker = person(random, random.randint(year - 80, year - 63), random.choice([0.12, 0.5, 1, 2]))
    last = min(worker.born + 840, when)
    if worker.born + 745 > last:
        return None
    worker = claimed(random, worker, last)
    family = Family(worker)
    if random.random() < 0.8:
        spouse = person(random, random.randint(year - 75, year - 63), random.choice([0, 0.1, 0.4]))
        first, last = max(spouse.born + 745, worker.claim), min(spouse.born + 840, when)
        if first <= last:
            claim = random.randint(first, last)
            spouse = replace(spouse, claim=claim if spouse.earnings else None)
            married = at(worker.birth_year + 23, 1)
            relation, end = random.choice([(SPOUSE, None), (SPOUSE, None), (DIVORCED, at(1995, 1))])
            family.ties.append(Tie(relation, spouse, claim, married, end))
    return family


def disabled_family(random, when):
    """A disabled worker, before or after full retirement age, with a young spouse at times."""
    year, age = when // 12, random.randint(24, 60)
    if max(year - 75, 1985 - age) > year - age - 1:
        return None
    born = random.randint(max(year - 75, 1985 - age), year - age - 1)
    onset = at(born + age, random.randint(1, 12))
    if law.first_disability_month(onset) > when:
        return None
    share = random.choice([0.12, 0.5, 1, 2])
    family = Family(replace(person(random, born, share, onset // 12), onset=onset))
    if random.random() < 0.6:
        claim = law.first_disability_month(onset)
        family.ties.append(Tie(YOUNG, person(random, born + 2), claim, at(born + 20, 1)))
    return family


def survivors(random, when):
    """A worker who died before or after 62, 70, a claim, or in disability; one adult survivor."""
    year, age = when // 12, random.choice([30, 40, 50, 58, 61, 63, 66, 69, 72])
    born = random.randint(max(year - 82, 1922), year - age)
    death = at(born + age, random.randint(1, 12))
    if death > when or born + age < 1985:
        return None
    worker = person(random, born, random.choice([0.12, 0.5, 1, 2]), death // 12)
    worker = replace(worker, death=death)
    if age >= 63 and random.random() < 0.7:
        worker = claimed(random, worker, min(death, worker.born + 840))
    elif age <= 61 and age >= 30 and random.random() < 0.3:
        onset = death - random.randint(7, 60)
        if onset // 12 >= 1984:
            worker = replace(worker, onset=onset)
    family, married = Family(worker), at(born + 20, 1)
    kind = random.choice([WIDOW, WIDOW, DISABLED_WIDOW, PARENT])
    if kind is PARENT:
        family.ties.append(Tie(PARENT, person(random, year - 45), death, married))
    elif kind is WIDOW:
        widow = person(random, random.randint(year - 80, year - 61), random.choice([0, 0.2, 0.6]))
        first = max(widow.born + 720, death)
        own = random.randint(widow.born + 745, widow.born + 840)
        if first <= when:
            widow = replace(widow, claim=own if widow.earnings and own <= when else None)
            if widow.earnings and widow.born > at(1935, 1) and random.random() < 0.5:
                onset = random.randint(widow.born + 620, widow.born + 700)
                earned = {y: e for y, e in widow.earnings.items() if y <= onset // 12}
                widow = replace(widow, claim=None, onset=onset, earnings=earned)
            family.ties.append(Tie(WIDOW, widow, random.randint(first, when), married))
    else:
        widow = person(random, random.randint(year - 59, year - 51))
        onset = random.randint(max(death - 24, widow.born + 480), max(death + 60, widow.born + 480))
        claim = max(widow.born + 600, death, onset)
        if claim <= when and onset <= death + 84:
            family.ties.append(Tie(DISABLED_WIDOW, widow, claim, married, onset=onset))
    return family


def families(kind, when, count):
    random, found = Random(f"{kind.__name__} {when}"), []
    while len(found) < count:
        family = kind(random, when)
        if family is None:
            continue
        for _ in range(random.choice([0, 0, 1, 2, 3])):
            child = Person({}, when // 12 - 9, at(when // 12 - 9, 5))
            family.ties.append(Tie(CHILD, child, when, at(when // 12 - 9, 5)))
        if family.ties:
            found.append(family)
    return found


# -- what the law pays -----------------------------------------------------------------------------


def originals(family, when):
    amount, _ = family.worker.amounts(when)
    dead = family.worker.is_dead(when)
    for tie in family.ties:
        if tie.relation in (WIDOW, DISABLED_WIDOW):
            later = family.worker.reindexed(when, tie.person.born, tie.onset)
            yield max(amount, family.worker.drew(when) or 0, later)
        else:
            yield law.down(amount * (Fraction(3, 4) if dead else Fraction(1, 2)), law.DIME)


def offsets(family, when):
    """The own benefit; beside a living worker's record the own PIA where that is more."""
    for tie in family.ties:
        own = tie.person.draws(when)
        if own is not None and not family.worker.is_dead(when):
            own = max(own, tie.person.amounts(when)[0])
        yield own or Fraction(0)


def after_maximum(family, when):
    """Shares of what the record has, twice: before the own benefits and with what they free."""
    amount, room = family.worker.amounts(when)
    if not family.worker.is_dead(when):
        room -= amount
    full, own = list(originals(family, when)), list(offsets(family, when))
    inside = [k for k, tie in enumerate(family.ties) if tie.relation is not DIVORCED]

    def cut(room, among):
        total = sum(full[k] for k in among)
        share = min(room / total, Fraction(1)) if total else Fraction(1)
        return {k: law.down(full[k] * share, law.DIME) for k in among}

    first = cut(room, inside)
    free = room - sum(max(first[k] - own[k], 0) for k in inside if own[k])
    second = cut(free, [k for k in inside if not own[k]])
    return [
        (second | {k: v for k, v in first.items() if own[k]}).get(k, x) for k, x in enumerate(full)
    ]


def payable(family, when):
    """What each is paid beyond the own benefit."""
    worker, amount = family.worker, family.worker.amounts(when)[0]
    shares = zip(family.ties, after_maximum(family, when), offsets(family, when), strict=True)
    for tie, share, own in shares:
        reduced = share
        if tie.relation in (WIDOW, DISABLED_WIDOW):
            possible = law.survivor_age(tie.person.birth_year) - 720
            early = max(tie.person.born + 720 + possible - tie.claim, 0)
            kept = law.widow_share(early, possible)
            reduced = law.down(share * kept, law.DIME)
            if tie.person.is_disabled(when):  # POMS RS 00615.350 and .595
                kept = 1 if when >= tie.person.full else kept
                reduced = own + law.down(max(share - own, 0) * kept, law.DIME)
            drawn = worker.drew(when)
            if drawn is not None and drawn < amount:
                least = law.down(Fraction(825, 1000) * amount, law.DIME)
                reduced = min(reduced, max(drawn, least))
        if worker.is_dead(when):
            yield max(reduced - own, Fraction(0))
        else:
            aged = tie.relation in (SPOUSE, DIVORCED)
            early = max(tie.person.full - tie.claim, 0) if aged else 0
            yield law.down(max(share - own, 0) * law.early_share(early, spouse=True), law.DIME)


# -- both ------------------------------------------------------------------------------------------


def engine(found, when):
    persons = [each for f in found for each in (f.worker, *(tie.person for tie in f.ties))]
    table = np.zeros((len(persons), 2026 - FIRST))
    for row, each in zip(table, persons, strict=True):
        for year, amount in each.earnings.items():
            row[year - FIRST] = amount

    def months(values):
        return np.array([int(NEVER) if value is None else value for value in values])

    onset = [each.onset for each in persons]
    rows, start = [], 0
    for f in found:
        for k, tie in enumerate(f.ties, start=1):
            end = int(NEVER) if tie.end is None else tie.end
            rows.append((start, start + k, int(tie.relation), tie.claim, tie.start, end))
            onset[start + k] = tie.onset or tie.person.onset
        start += 1 + len(f.ties)
    worker, who, relation, claim, married, end = np.array(rows).T
    people = People(
        table,
        FIRST,
        np.array([each.born for each in persons]),
        claim=months(each.claim for each in persons),
        onset=months(onset),
        death=months(each.death for each in persons),
        months_withheld=np.array([each.withheld for each in persons]),
    )
    ties = Ties(worker, who, relation, claim, start=married, end=end)
    return benefits(people, ties, month=when), worker


@pytest.mark.parametrize("when", MONTHS)
@pytest.mark.parametrize("kind", [retired_family, disabled_family, survivors])
def test_fifty_families(kind, when):
    found = families(kind, when, 50)
    got, worker = engine(found, when)
    wrong, k = [], 0
    for row, family in zip(np.unique(worker), found, strict=True):
        amount, maximum = family.worker.amounts(when)
        own = family.worker.draws(when) or 0
        expected = [float(x) for x in (amount, maximum, own, *payable(family, when))]
        record = got.records
        have = [record.pia[row] / 10, record.maximum[row] / 10, got.own[row]]
        have += got.auxiliary[k : k + len(family.ties)].tolist()
        if not np.allclose(expected, have, rtol=0, atol=1e-9):
            wrong.append((family, expected, have))
        k += len(family.ties)
    assert not wrong, wrong[0]


def test_the_families_drawn_are_of_every_kind():
    drawn = Counter(
        tie.relation
        for kind in (retired_family, disabled_family, survivors)
        for when in MONTHS
        for family in families(kind, when, 50)
        for tie in family.ties
    )
    assert set(drawn) == {SPOUSE, YOUNG, DIVORCED, CHILD, WIDOW, DISABLED_WIDOW, PARENT}
    assert min(drawn.values()) > 10
