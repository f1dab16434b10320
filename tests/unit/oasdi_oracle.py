"""Social Security law once more, one person at a time, in fractions: what the engine must equal.

Written from the statute, the regulations and SSA's manual, with none of the engine's code. Money is
`Fraction` dollars; a month is 12 * year + month - 1. Of the engine's files only the raw published
series are read: wage index, increases, contribution base.
"""

import csv
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from math import ceil, floor

DATA = files("steelyard.oasdi") / "data"
DIME, CENT = Fraction(1, 10), Fraction(1, 100)


def column(table, key, value, **wanted):
    with (DATA / f"params_ssa_{table}.csv").open(encoding="utf-8") as lines:
        found = [r for r in csv.DictReader(lines) if all(r[k] == v for k, v in wanted.items())]
    return {int(r[key]): Fraction(r[value]) for r in found}


WAGE_INDEX = column("average_wage_index", "year", "average_wage_index", scenario="published")
COLA = column("cola", "year", "cola_percent", scenario="published")
BASE = column("contribution_base", "year", "contribution_base")
LAST_INDEX = max(WAGE_INDEX)


def down(amount, unit):
    return floor(amount / unit) * unit


def up(amount, unit):
    return ceil(amount / unit) * unit


def nearest(amount, unit):
    return floor(amount / unit + Fraction(1, 2)) * unit


def at(year, month):
    return 12 * year + month - 1


def age_month(year, month, day):
    """Month in which birthdays are attained: the day before (20 CFR 404.2(c)(4))."""
    return at(year, month) - (day == 1)


def full_retirement_age(birth_year):
    """Months, 42 USC 416(l): 65, two months more a cohort 1938-42, 66, two more 1955-59, 67."""
    if birth_year < 1938:
        return 780
    if birth_year <= 1942:
        return 780 + 2 * (birth_year - 1937)
    if birth_year <= 1954:
        return 792
    return min(792 + 2 * (birth_year - 1954), 804)


def survivor_age(birth_year):
    """Months, 42 USC 416(l)(1) for widow(er)s: the cohort born two years before."""
    return full_retirement_age(birth_year - 2)


def credit(birth_year):
    """Delayed retirement credit, percent a year (42 USC 402(w)(6))."""
    if birth_year < 1917:
        return Fraction(1)
    if birth_year <= 1924:
        return Fraction(3)
    return min(Fraction(3) + Fraction((birth_year - 1923) // 2, 2), Fraction(8))


def indexed_amount(of_1979, year):
    """Bend points, 42 USC 415(a)(1)(B): the amount of 1979 over the index of 1977, to a dollar."""
    return nearest(of_1979 * WAGE_INDEX[year - 2] / WAGE_INDEX[1977], 1)


def quarter_amount(year):
    """42 USC 413(d): $250 of 1978, index of two years before over 1976, to $10, never lower."""
    amounts = [Fraction(250)]
    for y in range(1979, year + 1):
        amounts.append(max(nearest(250 * WAGE_INDEX[y - 2] / WAGE_INDEX[1976], 10), amounts[-1]))
    return amounts[-1]


def quarters(year, earned):
    """20 CFR 404.140-143; before 1978 the year's pay evenly, but $50 a quarter."""
    if year >= 1978:
        return min(floor(Fraction(earned) / quarter_amount(year)), 4)
    return min(floor(Fraction(earned) / 50), 4)


def required_quarters(birth_year, end_year):
    """42 USC 414(a): one a year after 1950 or 21 and before the event; 6 to 40."""
    return min(max(end_year - max(birth_year + 21, 1950) - 1, 6), 40)


def old_law_base(year):
    """The base of 42 USC 430(d): as if P.L. 95-216 had not raised it (WEP, special minimum)."""
    fixed = (18900, 20400, 22200, 24300, 26700, 28200, 29700, 31500, 32700, 33600, 35700, 38100)
    fixed += (39600, 41400, 42900, 45000)
    if year < 1995:
        return BASE[year] if year < 1979 else Fraction(fixed[year - 1979])
    # From 1995: $45,000 of 1994 over the index of 1992, to $300, only where there is a COLA.
    before = old_law_base(year - 1)
    if COLA.get(year - 1, 1) == 0:
        return before
    return max(nearest(45000 * WAGE_INDEX[year - 2] / WAGE_INDEX[1992], 300), before)


def years_of_coverage(earnings, special=False):
    """20 CFR 404.213(d), 404.261: a quarter (special minimum from 1991: 15 %) of that base."""
    early = sum(Fraction(e) for y, e in earnings.items() if y < 1951)
    count = min(floor(early / 900), 14)
    for year, earned in earnings.items():
        if year >= 1951:
            share = Fraction(15, 100) if special and year > 1990 else Fraction(1, 4)
            count += Fraction(earned) >= share * old_law_base(year)
    return min(count, 30)


def computation_years(birth_year, end_year, kind):
    """42 USC 415(b)(2): elapsed years less five, or a fifth of them if disabled; at least two."""
    elapsed = max(end_year - max(birth_year + 21, 1950) - 1, 0)
    dropped = min(elapsed // 5, 5) if kind == "disability" else 5
    return max(elapsed - dropped, 2)


def indexed(earnings, eligibility_year):
    """42 USC 415(b)(3): under the base of the year, by the index of two years before."""
    pivot = eligibility_year - 2
    amounts = []
    for year, earned in earnings.items():
        if year < 1951:
            continue
        paid = min(Fraction(earned), BASE[year])
        if year < pivot:
            paid = nearest(paid * WAGE_INDEX[pivot] / WAGE_INDEX[year], CENT)
        amounts.append(paid)
    return amounts


def aime(earnings, birth_year, eligibility_year, kind="retirement"):
    """42 USC 415(b)(1): the highest computation years over their months, whole dollars."""
    end = birth_year + 62 if kind == "retirement" else min(birth_year + 62, eligibility_year)
    count = computation_years(birth_year, end, kind)
    best = sorted(indexed(earnings, eligibility_year), reverse=True)[:count]
    return down(sum(best, Fraction(0)) / (12 * count), 1)


def formula(average, year, first_share=Fraction(90, 100)):
    """42 USC 415(a)(1)(A): 90, 32, 15 %; up to the dime before 1983 (P.L. 97-35), then down."""
    one, two = indexed_amount(180, year), indexed_amount(1085, year)
    raw = first_share * min(average, one)
    raw += Fraction(32, 100) * max(min(average, two) - one, 0)
    raw += Fraction(15, 100) * max(average - two, 0)
    return (up if year < 1983 else down)(raw, DIME)


def with_increases(amount, first_year, when):
    """42 USC 415(i): June to 1982, December from 1983; up to the dime before June 1982."""
    for year in range(first_year, max(COLA) + 1):
        if at(year, 6 if year < 1983 else 12) <= when:
            raised = amount * (100 + COLA[year]) / 100
            amount = (up if year < 1982 else down)(raised, DIME)
    return amount


def pia(average, eligibility_year, when):
    return with_increases(formula(average, eligibility_year), eligibility_year, when)


def special_minimum(coverage, when):
    """42 USC 415(a)(1)(C): $11.50 of 1979 for each year over ten, with the increases since."""
    years = min(max(coverage - 10, 0), 20)
    return with_increases(Fraction(23, 2) * years, 1979, when)


def special_maximum(coverage, when):
    """Its family maximum: 150 % of it, or the maximum before with the increase where that is more
    (20 CFR 404 subpart C, appendix V)."""
    amount = Fraction(23, 2) * min(max(coverage - 10, 0), 20)
    total = up(amount * 3 / 2, DIME)
    for year in range(1979, max(COLA) + 1):
        if at(year, 6 if year < 1983 else 12) <= when:
            step = up if year < 1982 else down
            raised = (100 + COLA[year]) / 100
            amount = step(amount * raised, DIME)
            total = max(step(total * raised, DIME), step(amount * 3 / 2, DIME))
    return total


def windfall(average, eligibility_year, when, pension, coverage):
    """42 USC 415(a)(7) until 2024: 40 % from 1990 on, 5 points for each year over 20."""
    regular = formula(average, eligibility_year)
    if when >= at(2024, 1) or pension == 0 or eligibility_year < 1986 or coverage >= 30:
        return with_increases(regular, eligibility_year, when)
    by_year = {1986: 80, 1987: 70, 1988: 60, 1989: 50}.get(eligibility_year, 40)
    share = max(by_year, 40 + 5 * max(coverage - 20, 0))
    reduced = formula(average, eligibility_year, Fraction(share, 100))
    guarantee = down(max(regular - Fraction(pension) / 2, 0), DIME)
    return with_increases(max(reduced, guarantee), eligibility_year, when)


def early_share(months, spouse=False):
    """42 USC 402(q)(1), (9): 5/9 (spouse 25/36) of 1 % for 36 months, 5/12 of 1 % beyond."""
    first = Fraction(25, 3600) if spouse else Fraction(5, 900)
    return 1 - min(months, 36) * first - max(months - 36, 0) * Fraction(5, 1200)


def months_early_and_credited(birth_year, born, claim, when):
    """Months before full retirement age, and credits: from January, or at 70 (20 CFR 404.313)."""
    full, seventy = born + full_retirement_age(birth_year), born + 840
    early = max(full - claim, 0)
    counted_to = when if when >= seventy else 12 * (when // 12)
    return early, max(min(claim, counted_to, seventy) - full, 0)


def retired(amount, birth_year, early, credited):
    """Retirement benefit to the dime (20 CFR 404.304(f), 404.313, 404.410(a))."""
    if early:
        return down(amount * early_share(early), DIME)
    return down(amount * (1 + credited * credit(birth_year) / 1200), DIME)


def spouse(worker_pia, own_pia=0, own_benefit=0, early=0):
    """Spouse's benefit beyond the own: 402(b)(2), 402(k)(3)(A), 402(q)(3)."""
    half = down(Fraction(worker_pia) / 2, DIME)
    excess = max(half - own_pia, 0)
    if early == 0:
        excess = max(half - max(own_pia, own_benefit), 0)
    return down(excess * early_share(early, spouse=True), DIME)


def widow_share(months, possible):
    """42 USC 402(q)(1): 28.5 % over the months from 60 to full retirement age; all below 60."""
    return 1 - Fraction(285, 1000) * Fraction(min(months, possible), possible)


def widow(deceased_pia, months, possible, drawn=None, credits=0, cohort=1960):
    """402(e)(2)(C)-(D): PIA with credits, age, and the limit where the deceased claimed early."""
    original = down(Fraction(deceased_pia) * (1 + credits * credit(cohort) / 1200), DIME)
    paid = down(original * widow_share(months, possible), DIME)
    if drawn is not None and drawn < deceased_pia:
        paid = min(paid, max(drawn, down(Fraction(825, 1000) * deceased_pia, DIME)))
    return paid


def family_maximum(amount, eligibility_year, when=None):
    """42 USC 403(a)(1): 150, 272, 134, 175 %; to the dime as the PIA is."""
    bends = [indexed_amount(b, eligibility_year) for b in (230, 332, 433)]
    limits, total, rest = [0, *bends, None], Fraction(0), Fraction(amount)
    for rate, low, high in zip((150, 272, 134, 175), limits, limits[1:], strict=False):
        top = rest if high is None else min(rest, high)
        total += Fraction(rate, 100) * max(top - low, 0)
    total = (up if eligibility_year < 1983 else down)(total, DIME)
    return with_increases(total, eligibility_year, when or 0)


def disability_maximum(amount, average, eligibility_year, when=None):
    """42 USC 403(a)(6): 85 % of AIME, no less than the PIA, no more than 150 % of it."""
    total = min(max(Fraction(85, 100) * average, amount), Fraction(3, 2) * amount)
    total = (up if eligibility_year < 1983 else down)(total, DIME)
    return with_increases(total, eligibility_year, when or 0)


def shared(originals, own, room):
    """Auxiliaries under a living worker's maximum, 20 CFR 404.403: cut alike, own entitlement,
    and what that frees to the others, no more than their original amounts."""
    total = sum(originals)
    if total <= room:
        return [max(o - mine, 0) for o, mine in zip(originals, own, strict=True)]
    cut = [down(o * room / total, DIME) for o in originals]
    paid = [max(c - mine, 0) for c, mine in zip(cut, own, strict=True)]
    others = [k for k, mine in enumerate(own) if mine == 0]
    free = room - sum(p for k, p in enumerate(paid) if k not in others)
    for k in others:
        paid[k] = min(
            originals[k], down(free * originals[k] / sum(originals[j] for j in others), DIME)
        )
    return paid


def earnings_test(benefit, earned, exempt, per_dollars, months=12):
    """42 USC 403(f)(3), (b): whole dollars of a half or third, in whole months first."""
    excess = Fraction(floor(max(Fraction(earned) - exempt, 0) / per_dollars))
    withheld = min(excess, benefit * months)
    return withheld, (ceil(withheld / benefit) if benefit else 0)


def pension_offset(benefit, pension, when):
    """42 USC 402(k)(5) until 2024: two thirds of the pension, up to the dime."""
    offset = up(Fraction(pension) * 2 / 3, DIME) if when < at(2024, 1) else 0
    return max(Fraction(benefit) - offset, 0)


def first_disability_month(onset, first_of_month=False):
    """42 USC 423(c)(2): after five full calendar months."""
    return onset + (5 if first_of_month else 6)


# -- one person's record in one month --------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Earnings by year, the cohort, the months of what happens, None for never."""

    earnings: dict
    birth_year: int
    born: int
    claim: int | None = None
    onset: int | None = None
    death: int | None = None
    withheld: int = 0

    @property
    def full(self):
        return self.born + full_retirement_age(self.birth_year)

    def is_dead(self, when):
        return self.death is not None and self.death <= when

    def is_disabled(self, when):
        """Past the waiting period; a retired worker from full retirement age on."""
        begun = self.onset is not None and first_disability_month(self.onset) <= when
        return begun and not self.is_dead(when)

    def eligibility_year(self, when):
        events = [self.birth_year + 62]
        last = self.death if self.is_dead(when) else when
        if self.onset is not None and first_disability_month(self.onset) <= last:
            events.append(self.onset // 12)
        if self.is_dead(when):
            events.append(self.death // 12)
        return min(events)

    def counted(self, when):
        """Earnings to the year before; of the dead and disabled to the year of the event."""
        last = self.death // 12 if self.is_dead(when) else when // 12 - 1
        if self.onset is not None and self.eligibility_year(when) == self.onset // 12:
            last = min(last, self.onset // 12)
        return {year: earned for year, earned in self.earnings.items() if year <= last}

    def amounts(self, when):
        """Primary insurance amount and family maximum."""
        year, earned = self.eligibility_year(when), self.counted(when)
        disabled = self.is_disabled(when)
        kind = "disability" if disabled else "survivor"
        average = aime(earned, self.birth_year, year, kind)
        start = formula(average, year)
        amount = with_increases(start, year, when)
        maximum = family_maximum(start, year, when)
        if disabled and when < self.full:
            maximum = disability_maximum(start, average, year, when)
        coverage = years_of_coverage(earned, special=True)
        if special_minimum(coverage, when) > amount:
            return special_minimum(coverage, when), special_maximum(coverage, when)
        return amount, maximum

    def draws(self, when):
        """The own benefit: all of the PIA when disabled, else by age; None before the claim."""
        if self.is_disabled(when):
            return self.amounts(when)[0]
        if self.claim is None or self.claim > when or self.is_dead(when):
            return None
        return self.aged(self.claim, when, when)

    def aged(self, claim, when, counted):
        """By age; from full retirement age on without the months in which work took it."""
        early, late = months_early_and_credited(self.birth_year, self.born, claim, counted)
        early = max(early - self.withheld, 0) if when >= self.full else early
        return retired(self.amounts(when)[0], self.birth_year, early, late)

    def drew(self, when):
        """What the dead drew or, after full retirement age, could have, with credits to death."""
        began = self.claim if self.claim is not None and self.claim <= self.death else None
        if began is None and self.death >= self.full:
            began = self.death
        if began is None or self.eligibility_year(when) < self.birth_year + 62:
            return None
        return self.aged(began, when, self.born + 840)

    def reindexed(self, when, widow_born, disabled_since=None):
        """The widow(er)'s PIA where death came before 62 (402(e)(2)(B)): indexed later."""
        own_year = widow_born // 12 + 60
        if disabled_since is not None:
            own_year = max(disabled_since // 12, widow_born // 12 + 50)
        year = min(max(self.death // 12, own_year), self.birth_year + 62)
        if self.death // 12 >= self.birth_year + 62 or year > when // 12:
            return Fraction(0)
        count = computation_years(self.birth_year, self.eligibility_year(when), "survivor")
        best = sorted(indexed(self.counted(when), year), reverse=True)[:count]
        average = down(sum(best, Fraction(0)) / (12 * count), 1)
        return pia(average, year, when)
