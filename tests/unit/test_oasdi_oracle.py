"""The engine beside an oracle that was written from the law alone, on thousands of random people.

`oasdi_oracle` computes one person at a time in exact fractions. Each test names how many people it
draws; months end with the last published increase.
"""

import inspect
from fractions import Fraction
from random import Random

import numpy as np
import oasdi_oracle as law
import pytest

from steelyard.oasdi import (
    adjusted_reduction_months,
    aime,
    birth_month,
    claim_months,
    default_parameters,
    disability_benefit,
    earnings_test,
    family_maximum,
    first_disability_month,
    government_pension_offset,
    pia,
    quarters_of_coverage,
    retired_worker_benefit,
    special_minimum_pia,
    spouse_benefit,
    survivor_benefit,
    windfall_pia,
    years_of_coverage,
)
from steelyard.oasdi.insured import required_quarters
from steelyard.oasdi.reductions import widow_months

LAW = default_parameters()
FIRST, LAST = 1937, 2026
LAST_MONTH = law.at(2026, 11)


def differing(people, expected, got):
    """The people for whom the two differ by a cent or more, with both amounts."""
    pairs = zip(people, expected, np.asarray(got).tolist(), strict=True)
    return [(who, float(want), have) for who, want, have in pairs if abs(want - have) > 1e-9]


def dimes(random, most):
    return Fraction(random.randint(0, most * 10), 10)


# -- parameters ------------------------------------------------------------------------------------


def test_amounts_of_every_published_year():
    bends = [*LAW.pia_bends, *LAW.family_bends]
    for year in range(1979, 2027):
        amounts = [law.indexed_amount(b, year) for b in (180, 1085, 230, 332, 433)]
        assert amounts == [int(each.at(year)) for each in bends], year
        assert law.quarter_amount(year) == int(LAW.quarter_of_coverage.at(year))
        assert law.old_law_base(year) == int(LAW.old_law_base.at(year))


def test_ages_and_credits_of_every_cohort():
    for born in range(1910, 2000):
        assert law.full_retirement_age(born) == int(LAW.full_retirement_age(born))
        early, possible = widow_months(12 * born, 12 * (born + 60), LAW)
        assert law.survivor_age(born) - 720 == early == possible
        credit = Fraction(int(np.ravel(LAW.delayed_credit(born))[0]), 2)
        assert law.credit(born) == credit, born


# -- earnings to PIA -------------------------------------------------------------------------------


def career(random, born, last):
    """Earnings of a life of one of five kinds; none before 14."""
    kind = random.choice(["mostly zero", "few", "any", "base", "above"])
    amount = {
        "mostly zero": lambda base: base * random.random() if random.random() < 0.1 else 0.0,
        "few": lambda base: base * random.random() if random.random() < 0.4 else 0.0,
        "any": lambda base: round(base * random.uniform(0, 1.3), random.choice([0, 2])),
        "base": lambda base: base,
        "above": lambda base: base + random.choice([0, 0.01, 1, 1e6]),
    }[kind]
    years = range(max(born + 14, FIRST), last + 1)
    return {year: round(amount(float(law.BASE[year])), 2) for year in years}


def matrix(careers):
    table = np.zeros((len(careers), LAST - FIRST + 1))
    for row, earned in zip(table, careers, strict=True):
        for year, amount in earned.items():
            row[year - FIRST] = amount
    return table


@pytest.mark.parametrize("kind", ["retirement", "survivor", "disability"])
def test_aime_of_1500_people(kind):
    random, people = Random(f"aime {kind}"), []
    for _ in range(1500):
        if kind == "retirement":
            born = random.randint(1917, 1964)
            eligible = born + 62
        else:
            born = random.randint(1917, 1984)
            youngest = 22 if kind == "disability" else 16
            eligible = random.randint(max(1979, born + youngest), min(born + 62, 2026))
        last = min(LAST, eligible + random.choice([-1, 0, 3]))
        people.append((born, eligible, career(random, born, last)))
    got = aime(
        matrix([earned for *_, earned in people]),
        first_year=FIRST,
        birth_year=[born for born, *_ in people],
        eligibility_year=[eligible for _, eligible, _ in people],
        kind=kind,
    )
    expected = [law.aime(earned, born, eligible, kind) for born, eligible, earned in people]
    assert not differing(people, expected, got)


def test_pia_of_4000_people():
    random, people = Random("pia"), []
    for _ in range(4000):
        year = random.randint(1979, 2026)
        average = random.choice([0, 1, random.randint(0, 600), random.randint(0, 15_000)])
        people.append((average, year, random.randint(law.at(year, 1), LAST_MONTH)))
    average, year, when = np.array(people).T
    got = pia(average, eligibility_year=year, benefit_year=when // 12, benefit_month=when % 12 + 1)
    expected = [law.pia(Fraction(a), y, w) for a, y, w in people]
    assert not differing(people, expected, got)


def test_special_minimum_of_every_year_of_coverage():
    people = [(c, law.at(y, m)) for c in range(31) for y in range(1979, 2026) for m in (1, 7, 12)]
    covered, when = np.array(people).T
    got = special_minimum_pia(covered, benefit_year=when // 12, benefit_month=when % 12 + 1)
    assert not differing(people, [law.special_minimum(*each) for each in people], got)


def test_windfall_amounts_of_4000_people():
    random, people = Random("windfall"), []
    for _ in range(4000):
        year = random.randint(1979, 2026)
        pension = random.choice([0, Fraction(random.randint(1, 400_000), 100)])
        when = law.at(random.randint(year, 2026), 1)
        people.append((random.randint(0, 12_000), year, when, pension, random.randint(0, 30)))
    average, year, when, pension, covered = (
        np.array(each, float if k == 3 else int) for k, each in enumerate(zip(*people, strict=True))
    )
    got = windfall_pia(
        average,
        eligibility_year=year,
        benefit_year=when // 12,
        pension=pension,
        years_of_coverage=covered,
    )
    assert not differing(people, [law.windfall(Fraction(a), *r) for a, *r in people], got)


@pytest.mark.parametrize("kind", ["retirement", "survivor", "disability"])
def test_family_maximum_of_1500_people(kind):
    random, people = Random(f"maximum {kind}"), []
    for _ in range(1500):
        year = random.randint(1979, 2026)
        people.append((random.randint(0, 14_000), year, random.randint(year, 2026)))
    average, year, when = np.array(people).T
    starts = [law.formula(Fraction(a), y) for a, y, _ in people]
    got = family_maximum(
        [float(start) for start in starts],
        eligibility_year=year,
        aime=average,
        kind=kind,
        benefit_year=when,
    )
    expected = [
        law.disability_maximum(start, Fraction(a), y, law.at(w, 1))
        if kind == "disability"
        else law.family_maximum(start, y, law.at(w, 1))
        for start, (a, y, w) in zip(starts, people, strict=True)
    ]
    assert not differing(people, expected, got)


# -- coverage --------------------------------------------------------------------------------------


def test_quarters_and_years_of_coverage_of_200_people():
    random = Random("coverage")
    table = np.zeros((200, LAST - FIRST + 1))
    for row in table:
        scale = random.choice([300, 3000, 30_000])
        row[:] = [random.choice([0, random.randint(0, scale)]) for _ in row]
    quarters = quarters_of_coverage(table, first_year=FIRST)
    windfall = years_of_coverage(table, first_year=FIRST)
    special = years_of_coverage(table, first_year=FIRST, purpose="special_minimum")
    amount = {year: law.quarter_amount(year) for year in range(1978, LAST + 1)}
    for k, row in enumerate(table.tolist()):
        earned = dict(zip(range(FIRST, LAST + 1), row, strict=True))
        units = [min(int(e // amount.get(y, 50)), 4) for y, e in earned.items()]
        assert quarters[k].tolist() == units
        assert windfall[k] == law.years_of_coverage(earned)
        assert special[k] == law.years_of_coverage(earned, special=True)


def test_quarters_needed_by_every_cohort():
    for born in range(1910, 2000):
        for event in range(max(born + 22, 1979), born + 63):
            assert required_quarters(born, event) == law.required_quarters(born, event)


# -- age -------------------------------------------------------------------------------------------


def test_months_early_and_credited_of_4000_people():
    random, people = Random("months"), []
    for _ in range(4000):
        year, month, day = (
            random.randint(1917, 1964),
            random.randint(1, 12),
            random.choice([1, 2, 9]),
        )
        born = law.age_month(year, month, day)
        claim = born + random.randint(744, 840)
        people.append((year, month, day, born, claim, claim + random.randint(0, 120)))
    year, month, day, born, claim, when = np.array(people).T
    assert (birth_month(year, month, day) == born).all()
    early, credited = claim_months(born, claim, when, LAW)
    for k, (_, _, _, b, c, w) in enumerate(people):
        expected = law.months_early_and_credited(b // 12, b, c, w)
        assert (early[k], credited[k]) == expected, people[k]


def test_retired_workers_4000():
    random, people = Random("retired"), []
    for _ in range(4000):
        born, claim = random.randint(1917, 1975), random.randint(744, 840)
        full = law.full_retirement_age(born)
        people.append((dimes(random, 5000), born, max(full - claim, 0), max(claim - full, 0)))
    columns = [list(each) for each in zip(*people, strict=True)]
    amount, born, early, late = [[float(x) for x in columns[0]], *columns[1:]]
    for rounding, unit in (("dime", law.DIME), ("dollar", 1)):
        got = retired_worker_benefit(
            amount, months_early=early, months_delayed=late, birth_year=born, rounding=rounding
        )
        expected = [law.down(law.retired(*each), unit) for each in people]
        assert not differing(people, expected, got)


def test_spouses_4000():
    random, people = Random("spouse"), []
    for _ in range(4000):
        own, early = random.choice([Fraction(0), dimes(random, 3000)]), random.randint(0, 60)
        with_credits = own + (dimes(random, 500) if early == 0 else 0)
        people.append((dimes(random, 5000), own, with_credits, early))
    worker, own, drawn, early = (
        np.array([float(x) for x in each]) for each in zip(*people, strict=True)
    )
    got = spouse_benefit(
        worker, own_pia=own, own_benefit=drawn, months_early=early.astype(int), rounding="dime"
    )
    assert not differing(people, [law.spouse(*each) for each in people], got)


def test_widows_4000():
    random, people = Random("widow"), []
    for _ in range(4000):
        possible = law.survivor_age(random.randint(1917, 1975)) - 720
        amount = dimes(random, 5000)
        drawn = law.down(amount * Fraction(random.randint(70, 100), 100), law.DIME)
        people.append((amount, random.randint(0, possible), possible, drawn))
    amount, early, possible, drawn = (
        np.array([float(x) for x in each]) for each in zip(*people, strict=True)
    )
    months = {"months_early": early.astype(int), "months_possible": possible.astype(int)}
    got = survivor_benefit(amount, deceased_benefit=drawn, rounding="dime", **months)
    assert not differing(people, [law.widow(*each) for each in people], got)
    alone = survivor_benefit(amount, rounding="dime", **months)
    assert not differing(people, [law.widow(a, e, p) for a, e, p, _ in people], alone)


def test_credits_of_the_deceased_pass_to_1000_widows():
    random, people = Random("credits"), []
    for _ in range(1000):
        possible = law.survivor_age(random.randint(1917, 1975)) - 720
        months, cohort = random.randint(1, 36), random.randint(1935, 1960)
        people.append(
            (dimes(random, 4000), random.randint(0, possible), possible, None, months, cohort)
        )
    drawn = [law.retired(a, cohort, 0, months) for a, _, _, _, months, cohort in people]
    got = survivor_benefit(
        [float(each[0]) for each in people],
        deceased_benefit=[float(each) for each in drawn],
        months_early=[each[1] for each in people],
        months_possible=[each[2] for each in people],
        rounding="dime",
    )
    assert not differing(people, [law.widow(*each) for each in people], got)


# -- work, pensions, disability --------------------------------------------------------------------


def test_earnings_test_of_4000_people():
    random = Random("work")
    for _ in range(40):
        year = random.randint(1990, 2026)
        attains = year >= 2000 and random.random() < 0.4
        exempt = int((LAW.exempt_at_fra if attains else LAW.exempt_below_fra).at(year))
        people = [
            (
                random.randint(0, 4000),
                Fraction(random.randint(0, 12_000_000), 100),
                random.randint(0, 12),
            )
            for _ in range(100)
        ]
        benefit, earned, months = (
            np.array([float(x) for x in each]) for each in zip(*people, strict=True)
        )
        got = earnings_test(
            benefit, earned, year=year, attains_fra=attains, months=months.astype(int)
        )
        expected = [law.earnings_test(b, e, exempt, 3 if attains else 2, m) for b, e, m in people]
        assert not differing(people, [each[0] for each in expected], got.withheld)
        assert got.months_withheld.tolist() == [each[1] for each in expected]
        assert (got.paid == benefit * months - got.withheld).all()


def test_months_withheld_come_off_the_reduction():
    random = Random("adjusted")
    for _ in range(300):
        born, early = random.randint(1938, 1964), random.randint(1, 48)
        withheld, amount = random.randint(0, early), dimes(random, 4000)
        left = adjusted_reduction_months(early, withheld)
        got = retired_worker_benefit(
            float(amount), months_early=left, birth_year=born, rounding="dime"
        )
        assert got == float(law.retired(amount, born, early - withheld, 0))


def test_pension_offsets_2000():
    random, people = Random("offset"), []
    for _ in range(2000):
        when = random.choice([law.at(2010, 6), law.at(2023, 12), law.at(2024, 1)])
        people.append((dimes(random, 2000), dimes(random, 3000), when))
    benefit, pension, when = (
        np.array([float(x) for x in each]) for each in zip(*people, strict=True)
    )
    got = government_pension_offset(benefit, pension, benefit_month=when.astype(int))
    assert not differing(people, [law.pension_offset(*each) for each in people], got)


def test_disability_pays_the_whole_pia_after_five_full_months():
    for onset in range(law.at(2019, 1), law.at(2021, 1)):
        assert first_disability_month(onset) == law.first_disability_month(onset)
        first = law.first_disability_month(onset, first_of_month=True)
        assert first_disability_month(onset, 1) == first
        paid = disability_benefit(
            1500.6, onset_month=onset, benefit_month=[onset + 5, onset + 6], rounding="dime"
        )
        assert paid.tolist() == [0, 1500.6]


# -- what the plan of the house promises to strangers ----------------------------------------------


def test_signatures_are_those_of_the_plan():
    required = {
        aime: (
            ["earnings"],
            ["first_year", "birth_year", "eligibility_year"],
            {"kind": "retirement"},
        ),
        pia: (["aime"], ["eligibility_year", "benefit_year"], {}),
    }
    for function, (positional, keywords, defaults) in required.items():
        given = inspect.signature(function).parameters
        must = [p for p in given.values() if p.default is p.empty]
        assert [p.name for p in must if p.kind is p.POSITIONAL_OR_KEYWORD] == positional
        assert [p.name for p in must if p.kind is p.KEYWORD_ONLY] == keywords
        assert {name: given[name].default for name in defaults} == defaults


@pytest.mark.parametrize("shape", [list, tuple, np.array], ids=str)
def test_lists_tuples_and_arrays_do_alike(shape):
    earned = shape([20_000.0] * 35)
    average = aime(earned, first_year=1986, birth_year=1964, eligibility_year=2026)
    assert average.shape == (1,)
    amount = pia(average, eligibility_year=2026, benefit_year=2026)
    assert amount.shape == (1,)
    several = aime(
        shape([earned, earned]),
        first_year=1986,
        birth_year=shape([1964, 1964]),
        eligibility_year=shape([2026, 2026]),
    )
    assert several.tolist() == [average[0]] * 2
    assert pia(several, eligibility_year=2026, benefit_year=shape([2026, 2026])).shape == (2,)
