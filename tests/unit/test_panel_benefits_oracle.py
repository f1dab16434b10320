"""Random panels, tie by tie: the plain reading of who claims what, against the whole at once."""

import numpy as np
import pytest
from panel_families import DIED, DIVORCED, LASTS, LAW, at, panel, someone, wages

from steelyard.oasdi import NEVER, People, Relation, Ties, benefits
from steelyard.panel.payments.benefits import benefits_of_year

YEAR = 2024
WHEN = at(YEAR, 12)
R = Relation


def village(seed, size=240):
    """Return persons and marriages with everything that may happen to them."""
    rng = np.random.default_rng(seed)
    people = []
    for k in range(1, size + 1):
        age = int(rng.integers(0, 96))
        born = WHEN - 12 * age - int(rng.integers(0, 12))
        given = {"is_female": bool(k % 2), "unit_id": k}
        first, last = born // 12 + 22, min(born // 12 + int(rng.integers(40, 68)), YEAR)
        if age > 25 and rng.random() < 0.8:
            given["work"] = wages(float(rng.uniform(0.1, 1.8)), first, last)
        if age > 40 and rng.random() < 0.3:
            given["death"] = min(max(born + 12 * int(rng.integers(35, age)), at(1979)), WHEN)
        ends = given.get("death", int(NEVER))
        claim = born + 744 + int(rng.integers(0, 97))
        if rng.random() < 0.8 and claim < ends and claim <= WHEN + 30:
            given["claim"] = claim
        onset = max(born + 12 * int(rng.integers(16, 64)), at(1979))
        if rng.random() < 0.2 and onset < min(ends, WHEN, given.get("claim", WHEN)):
            given["onset"] = onset
            if rng.random() < 0.2:
                given["recovery"] = min(onset + 40, WHEN)
        widow = born + 720 + int(rng.integers(0, 60))
        if rng.random() < 0.6 and widow <= WHEN:
            given["widow_claim"] = widow
        people.append(someone(k, born, **given))
    return people, weddings(rng, people)


def weddings(rng, people):
    """Marry persons for a time, or until one dies, and give children to wives; twice for some."""
    free = {row["person_id"]: row["birth_month"] + 20 * 12 for row in people}
    death = {row["person_id"]: min(row["death_month"], WHEN + 1) for row in people}
    husbands = [row for row in people if not row["is_female"]]
    wives = [row for row in people if row["is_female"]]
    made = []
    for _ in range(3 * len(husbands)):
        one, two = rng.choice(husbands), rng.choice(wives)
        ids = one["person_id"], two["person_id"]
        start = max(free[k] for k in ids) + int(rng.integers(1, 120))
        ends = min(death[k] for k in ids)
        if start >= ends or abs(one["birth_month"] - two["birth_month"]) > 180:
            continue
        end, by = (ends, DIED) if ends <= WHEN else (int(NEVER), LASTS)
        if rng.random() < 0.5:
            apart = start + int(rng.integers(12, 300))
            end, by = (apart, DIVORCED) if apart < min(ends, WHEN) else (end, by)
        made.append((*ids, start, end, by))
        free |= dict.fromkeys(ids, end + 1)
        if by == LASTS:
            two["unit_id"] = one["unit_id"]
    young = [row for row in people if row["birth_month"] > at(2000)]
    for row in young:
        mothers = [w for w in wives if 200 < row["birth_month"] - w["birth_month"] < 540]
        if mothers and row["death_month"] == NEVER:
            mother = rng.choice(mothers)
            row["mother_id"], row["unit_id"] = mother["person_id"], mother["unit_id"]
    return made


class Reading:
    """The rules of `panel.entitled` in plain words, a person at a time."""

    def __init__(self, people, marriages):
        self.people, self.marriages = people, marriages
        self.row = {row["person_id"]: at for at, row in enumerate(people)}
        self.ties = []
        self.present = {
            who: start
            for husband, wife, start, end, _ in marriages
            for who in (husband, wife)
            if end == NEVER
        }

    def is_alive(self, who):
        return self.people[self.row[who]]["death_month"] == NEVER

    def draws(self, who):
        row = self.people[self.row[who]]
        onset = row["onset_month"]
        disabled = onset + 6 if onset < NEVER and row["recovery_month"] + 2 >= WHEN else NEVER
        return min(row["claim_month"], int(disabled))

    def add(self, relation, worker, person, claim, other=None, **columns):
        if claim <= WHEN and columns.get("until", NEVER) > WHEN:
            row = {"start": 0, "end": NEVER, "until": NEVER, "remarried": NEVER} | columns
            other_row = -1 if other is None else self.row[other]
            self.ties.append((self.row[worker], self.row[person], relation, claim, row, other_row))

    def insured(self, who, when):
        row = self.people[self.row[who]]
        amount = LAW.quarter_of_coverage
        total = 0
        for year, earned in row["work"].items():
            if year <= when // 12:
                each = float(amount.at(year)) if year >= 1978 else 50.0
                total += min(int(earned / each + 1e-9), 4)
        born = row["birth_month"] // 12
        return total >= min(max(born + 61 - max(born + 21, 1950), 6), 40)

    def filed(self, who, possible):
        own = self.people[self.row[who]]["claim_month"]
        if own < NEVER:
            return max(own, possible)
        return int(NEVER) if self.insured(who, possible) else possible

    def sixty_two(self, who):
        row = self.people[self.row[who]]
        exact = row["birth_month"] + 744
        return exact if row["claim_month"] == exact else exact + 1

    def youngest(self, worker, spouse):
        unit = self.people[self.row[spouse]]["unit_id"]
        ends = [0]
        for row in self.people:
            if worker in self.parents(row) and row["unit_id"] == unit and self.is_young(row):
                ends.append(row["birth_month"] + 192)
        return max(ends)

    def is_young(self, row):
        return row["death_month"] == NEVER and row["birth_month"] + 192 > WHEN

    def parents(self, row):
        mother = row["mother_id"]
        if mother == -1:
            adults = [
                (other["death_month"] < NEVER, at, other["person_id"])
                for at, other in enumerate(self.people)
                if other["unit_id"] == row["unit_id"] and other["birth_month"] + 216 <= WHEN
            ]
            return [min(adults)[2]] if adults and row["birth_month"] + 216 > WHEN else []
        found = [m for m in self.marriages if m[1] == mother]
        before = [m for m in found if m[2] <= row["birth_month"]]
        apart = lambda m: m[3] if m[4] == DIVORCED else NEVER  # noqa: E731
        if before and apart(max(before, key=lambda m: m[2])) >= row["birth_month"]:
            return [mother, max(before, key=lambda m: m[2])[0]]
        last = max(found, key=lambda m: m[2], default=None)
        return [mother, last[0]] if last and apart(last) == NEVER else [mother]

    def read(self):
        for husband, wife, start, end, by in self.marriages:
            for worker, person in ((husband, wife), (wife, husband)):
                if self.is_alive(person):
                    self.pair(worker, person, start, end if by == DIVORCED else int(NEVER))
        for row in self.people:
            self.child(row)
        return self.ties

    def pair(self, worker, person, start, divorce):
        other = self.people[self.row[worker]]
        if other["death_month"] < NEVER:
            self.survivor(other, person, start, divorce)
        elif divorce == NEVER and self.draws(worker) <= WHEN:
            since = max(self.draws(worker), start + 12)
            filed = self.filed(person, max(since, self.sixty_two(person)))
            self.add(R.SPOUSE, worker, person, filed, start=start)
            until = self.youngest(worker, person)
            self.add(R.SPOUSE_WITH_CHILD, worker, person, since, start=start, until=until)
        elif divorce < NEVER and divorce - start >= 120 and person not in self.present:
            right = max(other["birth_month"] + 744, divorce + 24)
            since = max(min(self.draws(worker), right), divorce, self.sixty_two(person))
            filed = self.filed(person, since)
            self.add(R.DIVORCED, worker, person, filed, start=start, end=divorce)

    def survivor(self, other, person, start, divorce):
        row, worker = self.people[self.row[person]], other["person_id"]
        again = self.present.get(person, int(NEVER))
        spell = {"start": start, "end": divorce, "remarried": again}
        death, sixty = other["death_month"], row["birth_month"] + 720
        if divorce < NEVER and divorce - start < 120:
            return
        aged, unable = R.WIDOW, R.DISABLED_WIDOW
        if divorce < NEVER:
            aged, unable = R.SURVIVING_DIVORCED, R.DISABLED_SURVIVING_DIVORCED
        if row["widow_claim_month"] < NEVER:
            self.add(aged, worker, person, max(row["widow_claim_month"], death, sixty), **spell)
        onset = row["onset_month"]
        if onset <= WHEN < row["recovery_month"]:
            early = max(row["birth_month"] + 600, death, onset + 6)
            if early < sixty:
                self.add(unable, worker, person, early, **spell)
        if divorce == NEVER:
            until = self.youngest(worker, person)
            self.add(R.PARENT_OF_CHILD, worker, person, death, until=until, **spell)

    def child(self, row):
        born, onset = row["birth_month"], row["onset_month"]
        unable = onset <= WHEN < row["recovery_month"] and onset < born + 264
        if unable and row["person_id"] in self.present and born + 216 <= WHEN:
            return
        if row["death_month"] < NEVER or (born + 216 <= WHEN and not unable):
            return
        opened = []
        for parent in self.parents(row):
            death = self.people[self.row[parent]]["death_month"]
            since = self.draws(parent) if death == NEVER else death
            if since <= WHEN and parent != row["person_id"]:
                opened.append((parent, since))
        if opened:
            other = opened[1][0] if len(opened) > 1 else None
            claim = max(min(since for _, since in opened), born)
            until = int(NEVER) if unable else born + 216
            self.add(R.CHILD, opened[0][0], row["person_id"], claim, other, until=until)


@pytest.mark.parametrize("seed", range(12))
def test_a_village_is_paid_as_the_rules_read(seed):
    people, marriages = village(seed)
    rows = Reading(people, marriages).read()
    worker, person, relation, claim, columns, other = zip(*rows, strict=True)
    ties = Ties(
        *(np.array(each, np.int64) for each in (worker, person, relation, claim)),
        other_worker=np.array(other, np.int64),
        **{name: np.array([each[name] for each in columns], np.int64) for name in columns[0]},
    )
    years = range(1951, YEAR + 1)
    earnings = np.array([[row["work"].get(y, 0.0) for y in years] for row in people])
    months = {
        name: np.array([row[f"{name}_month"] for row in people], np.int64)
        for name in ("birth", "claim", "onset", "recovery", "death")
    }
    expected = benefits(People(earnings, 1951, **months), ties, month=WHEN).total
    found = benefits_of_year(panel(people, marriages, YEAR), YEAR, LAW)
    paid = dict(
        zip(found["person_id"].to_pylist(), found["total_benefit"].to_pylist(), strict=True)
    )
    alive = [row["death_month"] == NEVER for row in people]
    wanted = {
        row["person_id"]: amount
        for row, amount, lives in zip(people, expected.tolist(), alive, strict=True)
        if lives and amount > 0
    }
    assert paid == pytest.approx(wanted, abs=1)  # earnings of histories are single floats
    assert len(rows) > 20
