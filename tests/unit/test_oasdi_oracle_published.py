"""Examples that SSA publishes in its manual, handbook and pages, in its own numbers.

Each source was seen; where only part of a page was, only that part is asked. Two cells of the
Handbook's table of 2009 are misprints (see `HANDBOOK_2009`).
"""

from dataclasses import fields

import numpy as np
import oasdi_oracle as law
import pytest

from steelyard.oasdi import (
    NEVER,
    People,
    Relation,
    Ties,
    adjusted_reduction_months,
    aime,
    default_parameters,
    disability_benefit,
    earnings_test,
    month,
    pia,
    retired_worker_benefit,
    special_minimum_pia,
    spouse_benefit,
    survivor_benefit,
    years_of_coverage,
)
from steelyard.oasdi.disability import workers_compensation_offset
from steelyard.oasdi.formula import special_minimum_dimes
from steelyard.oasdi.limits import within_maximum
from steelyard.oasdi.records import Records
from steelyard.oasdi.sharing import Claims, family_amounts

LAW = default_parameters()
YEARS = np.arange(1951, 2027)
BASE = LAW.contribution_base.at(YEARS).astype(float)


# -- the special minimum and its family maximum ----------------------------------------------------

# 20 CFR 404 subpart C, appendix V: from eleven years of coverage on, PIA and maximum.
APPENDIX_V = {
    1979: (
        "12.70 25.30 38.00 50.60 63.20 75.90 88.50 101.20 113.80 126.40 139.10 151.70 164.40 "
        "177.00 189.60 202.30 214.90 227.50 240.20 252.80",
        "19.10 38.00 57.00 75.90 94.90 113.90 132.80 151.80 170.70 189.60 208.70 227.60 246.60 "
        "265.50 284.50 303.50 322.40 341.30 360.30 379.20",
    ),
    1980: (
        "14.60 29.00 43.50 57.90 72.30 86.80 101.20 115.70 130.10 144.50 159.00 173.40 188.00 "
        "202.40 216.80 231.30 245.70 260.10 274.60 289.00",
        "21.90 43.50 65.30 86.90 108.50 130.20 151.80 173.60 195.20 216.80 238.60 260.20 282.00 "
        "303.60 325.20 347.00 368.60 390.20 411.90 433.50",
    ),
    1981: (
        "16.30 32.30 48.40 64.40 80.40 96.60 112.60 128.70 144.70 160.70 176.90 192.90 209.10 "
        "225.10 241.10 257.30 273.30 289.30 305.40 321.40",
        "24.50 48.50 72.70 96.70 120.70 144.90 168.90 193.10 217.10 241.10 265.40 289.40 313.70 "
        "337.70 361.70 386.00 410.00 434.00 458.10 482.10",
    ),
    1982: (
        "17.50 34.60 51.90 69.10 86.30 103.70 120.90 138.20 155.40 172.50 189.90 207.10",
        "26.30 52.00 78.00 103.80 129.60 155.60 181.30 207.30 233.10 258.90 285.00 310.80",
    ),
}
# SSA Handbook 717.3, December 2008. It prints 654.90 for 27 years and 725.20 for 29; appendix V
# with the increases since gives 648.50 and 725.00, and the maximums beside them agree with those.
HANDBOOK_2009 = (
    "36.90 75.10 113.60 151.60 189.40 227.80 266.10 304.30 342.40 380.70 419.10 457.00 495.80 "
    "533.90 572.00 610.80 648.50 686.80 725.00 763.20",
    "56.10 113.70 171.00 228.10 285.20 342.80 400.50 457.60 515.00 572.00 629.80 687.00 745.10 "
    "802.00 858.70 917.10 974.30 1031.40 1089.10 1145.80",
)
TABLES = [(law.at(year, 6), *both) for year, both in APPENDIX_V.items()]
TABLES.append((law.at(2009, 1), *HANDBOOK_2009))


@pytest.mark.parametrize(("when", "amounts", "maximums"), TABLES, ids=lambda x: str(x)[:8])
def test_special_minimum_tables(when, amounts, maximums):
    amounts = [round(10 * float(x)) for x in amounts.split()]
    maximums = [round(10 * float(x)) for x in maximums.split()]
    years = np.arange(11, 11 + len(amounts))
    got = special_minimum_dimes(years, when, LAW)
    assert [each.tolist() for each in got] == [amounts, maximums]
    year, of_year = when // 12, when % 12 + 1
    paid = special_minimum_pia(years, benefit_year=year, benefit_month=of_year)
    assert np.round(10 * paid).tolist() == amounts
    oracle = [law.special_maximum(int(covered), when) for covered in years]
    assert [10 * each for each in oracle] == maximums


# POMS RS 00605.362 and RS 00605.070: earnings for a year of coverage.
YEAR_OF_COVERAGE = {
    "windfall": {1954: 900, 1958: 1050, 1966: 1650, 1978: 4425, 1979: 4725, 1982: 6075, 1990: 9525}
    | {1991: 9900, 1992: 10350, 1993: 10725, 1995: 11325, 1997: 12150, 1999: 13425, 2000: 14175},
    "special_minimum": {1979: 4725, 1990: 9525, 1991: 5940, 1994: 6750, 1995: 6795, 1998: 7605}
    | {1999: 8055, 2000: 8505, 2001: 8955, 2002: 9450, 2003: 9675},
}


@pytest.mark.parametrize("purpose", YEAR_OF_COVERAGE)
def test_amounts_of_a_year_of_coverage(purpose):
    for year, amount in YEAR_OF_COVERAGE[purpose].items():
        enough = years_of_coverage([float(amount)], first_year=year, purpose=purpose)
        short = years_of_coverage([amount - 0.01], first_year=year, purpose=purpose)
        assert (enough, short) == (1, 0), year


# -- AIME and PIA ----------------------------------------------------------------------------------


def test_lorraine_staley_of_the_manual():
    # POMS RS 00605.021: benchmark year 1979, AIME 682; rounded up to the dime until June 1982.
    steps = {(1979, 1): 322.7, (1979, 6): 354.7, (1980, 6): 405.5, (1981, 6): 451.0}
    steps[1982, 9] = 484.3
    for (year, of_year), amount in steps.items():
        got = pia(682, eligibility_year=1979, benefit_year=year, benefit_month=of_year)
        assert got == amount


def test_ms_a_of_the_regulation():
    # 20 CFR 404.211(d): 62 in July 1979; her indexed years by the printed factors, 23 highest.
    # The average and the amount are computed here from those factors: the part of the page that
    # prints them was not seen.
    earned = [3200, 3400, 3300, 3600, 3700, 3700, 4000, 4200, 4400, 4500, 2800, 2200, 0, 0, 3700]
    earned += [4500, 5400, 6200, 6900, 7300, 7500, 7800, 8200, 9000, 9900, 11100, 9900, 11000]
    factors = (
        "3.4937053 3.2890641 3.1150269 3.0990354 2.9621741 2.7685287 2.6853904 2.6619413 "
        "2.5362934 2.4405159 2.3929568 2.2788461 2.2242986 2.1369659 2.0991689 1.9803012 "
        "1.8758133 1.7551797 1.6592871 1.5808375 1.5052054 1.3708599 1.2901364 1.2177478 1.1330704"
    )
    relative = [float(x) for x in factors.split()] + [9779.44 / 9226.48, 1, 1]
    printed = sorted((e * f for e, f in zip(earned, relative, strict=True)), reverse=True)[:23]
    got = aime(earned, first_year=1951, birth_year=1917, eligibility_year=1979)
    assert got == np.floor(sum(printed) / 276) == 903
    assert pia(got, eligibility_year=1979, benefit_year=1979) == 393.4


@pytest.mark.parametrize(
    ("average", "eligible", "retired", "amount", "paid"),
    [  # ssa.gov/oact/ProgData/retirebenefit2.html, editions of 2008 and 2017
        (3225, 2008, 2008, 1444.3, None),
        (3887, 2004, 2008, 1768.0, 1768),
        (4010, 2017, 2017, 1796.5, None),
        (8843, 2013, 2017, 2687.3, 2687),
    ],
)
def test_cases_a_and_b_of_other_years(average, eligible, retired, amount, paid):
    got = pia(average, eligibility_year=eligible, benefit_year=retired)
    assert got == amount
    if paid is not None:
        assert retired_worker_benefit(got, birth_year=eligible - 62) == paid


@pytest.mark.parametrize(
    ("retired", "born", "average", "amount"),
    [  # case B earns the base for the forty years before: editions of 2017, 2023 and 2026
        (2017, 1951, 8843, 2687.3),
        (2023, 1957, None, 3627.1),
        (2026, 1959, 11463, 4152.4),
    ],
)
def test_case_b_from_its_earnings(retired, born, average, amount):
    earned = np.where((retired - 40 <= YEARS) & (retired > YEARS), BASE, 0.0)
    got = aime(earned, first_year=1951, birth_year=born, eligibility_year=born + 62)
    assert average is None or got == average
    assert pia(got, eligibility_year=born + 62, benefit_year=retired) == amount


# ssa.gov/oact/COLA/examplemax.html, editions of 2012 and 2025: today's benefit of who retired in
# January at the maximum, for the years of retirement 1987 on.
MAXIMUM = {
    (2012, 62): [1367, 1361, 1399, 1410, 1399, 1422, 1445, 1494, 1481],
    (2012, 65): [1618, 1650, 1702, 1762, 1754, 1801, 1813, 1796, 1826],
    (2012, 70): [2167, 2126, 2013, 1961, 1996, 2037, 2070, 2126, 2244],
    (2025, 62): [1891, 1882, 1935, 1950, 1935],
    (2025, 65): [2238, 2283, 2354, 2438, 2426],
    (2025, 66): [2288, 2343, 2387, 2462, 2561],
    (2025, 67): [2342, 2398, 2451, 2496, 2573],
    (2025, 70): [2998, 2941, 2784, 2713],
}


@pytest.mark.parametrize("edition", MAXIMUM, ids=str)
def test_maximum_benefits_in_two_more_editions(edition):
    now, age = edition
    for retired, paid in enumerate(MAXIMUM[edition], start=1987):
        born = retired - age
        earned = np.where((born + 22 <= YEARS) & (retired > YEARS), BASE, 0.0)
        average = aime(earned, first_year=1951, birth_year=born, eligibility_year=born + 62)
        amount = pia(average, eligibility_year=born + 62, benefit_year=now)
        # At 62, entitlement begins with the first full month: 35 months early.
        early, late = (35, 0) if age == 62 else (0, 12 * (age - 65))
        months = {"months_early": early, "months_delayed": late}
        assert retired_worker_benefit(amount, birth_year=born, **months) == paid, retired


# -- age, work, dual entitlement -------------------------------------------------------------------


def test_reductions_and_credits_of_the_manual():
    def dime(function, amount, **given):
        return function(amount, rounding="dime", **given)

    # RS 00615.692: 25 credits at 1/3 of 1 %; RS 00615.301: 37 of 62 months; RS 00615.476.
    assert dime(retired_worker_benefit, 802.8, months_delayed=25, birth_year=1928) == 869.7
    assert dime(survivor_benefit, 987.6, months_early=37, months_possible=62) == 819.6
    assert dime(retired_worker_benefit, 1259.0, months_early=44, birth_year=1945) == 965.2
    reduced = dime(disability_benefit, 1287.9, months_reduced=5)
    widow = dime(survivor_benefit, 1743.0, months_early=39, months_possible=72)
    assert (reduced, widow) == (1252.1, 1473.9)
    assert widow - reduced == pytest.approx(221.8)
    # GN 00204.045: a limit of $633.50 under an unreduced $740.50.
    assert survivor_benefit(740.5, deceased_benefit=633.5, rounding="dime") == 633.5


@pytest.mark.parametrize(
    ("worker", "own", "early", "excess"),
    [  # RS 00615.250, RS 00615.768; ssa.gov, benefits for your spouse
        (2000.0, 400.0, 0, 600.0),
        (2000.0, 1000.0, 0, 0.0),
        (1600.0, 0.0, 36, 600.0),
        (1600.0, 500.0, 0, 300.0),
    ],
)
def test_spouses_of_the_manual(worker, own, early, excess):
    got = spouse_benefit(worker, own_pia=own, months_early=early, rounding="dime")
    assert got == excess


@pytest.mark.parametrize(("year", "earned"), [(2007, 20_960), (2013, 23_120)])
def test_eight_thousand_over_the_limit(year, earned):
    # socialsecurity.gov/retire2/whileworking3.htm, editions of 2007 and 2013
    got = earnings_test(800, earned, year=year)
    assert (got.excess, got.withheld, got.paid, got.months_withheld) == (4000, 4000, 5600, 5)


def test_months_withheld_raise_the_benefit_at_full_retirement_age():
    # The same page: $800 at 62; $900 after twenty months withheld, $822 after five. The $1,067
    # without any reduction that it prints is the PIA rounded up: $800 at 75 % is $1,066.70.
    left = [adjusted_reduction_months(48, withheld).item() for withheld in (0, 5, 20)]
    assert retired_worker_benefit(1066.7, months_early=left).tolist() == [800, 822, 900]


# -- families of given amounts ---------------------------------------------------------------------


def paid(amounts, maximums, ties, *, dead=()):
    """Dollars payable on records of given PIAs and maximums; everybody is 68, workers have claimed.

    `ties` are (worker, person, relation, other worker or -1) by rows.
    """
    size, at = len(amounts), int(month(2024, 6))
    is_dead = np.isin(np.arange(size), dead)
    columns = {each.name: np.zeros(size, bool) for each in fields(Records)}
    columns |= {name: np.zeros(size, np.int64) for name in ("aime", "drawn_at_death")}
    columns["pia"] = np.round(10 * np.array(amounts)).astype(np.int64)
    columns["maximum"] = np.round(10 * np.array(maximums)).astype(np.int64)
    columns["is_fully_insured"] = columns["is_currently_insured"] = np.ones(size, bool)
    columns |= {"is_dead": is_dead, "is_retired": (columns["pia"] > 0) & ~is_dead}
    columns["own"] = np.where(columns["is_retired"], columns["pia"], 0)
    columns["eligibility_year"] = np.full(size, 2018)
    death = np.where(is_dead, at - 24, int(NEVER))
    people = People(np.zeros((size, 1)), 2023, np.full(size, at - 68 * 12), death=death)
    worker, person, relation, other = np.array([[int(x) for x in tie] for tie in ties]).T
    claim = np.full(len(ties), at - 1)
    rows = Ties(worker, person, relation, claim, start=at - 300, other_worker=other)
    return family_amounts(Claims(people, rows, Records(**columns), at, LAW)).payable / 10


def family(amount, maximum, own, relations):
    """The same for one retired worker's family, with the own PIAs of its members."""
    ties = [(0, k, relation, -1) for k, relation in enumerate(relations, start=1)]
    return paid([amount, *own], [maximum, *[0] * len(own)], ties)


WIFE, CHILD = Relation.SPOUSE, Relation.CHILD


@pytest.mark.parametrize(
    ("amount", "maximum", "own", "relations", "paid"),
    [
        (600, 900, [120, 0], [WIFE, CHILD], [30, 270]),  # 20 CFR 404.403(a)(5), example 1
        (
            1250,
            2180,
            [0, 390, 280],
            [WIFE, CHILD, CHILD],
            [625, 0, 30],
        ),  # 2; the wife's by the rule
        (400, 650, [100, 0, 0], [WIFE, CHILD, CHILD], [0, 125, 125]),  # RS 00615.768, GN 02603.060
        (600, 900, [120, 0], [CHILD, CHILD], [30, 270]),  # RS 00615.768, example 2
        (600, 900, [0, 0], [WIFE, CHILD], [150, 150]),
    ],
)
def test_what_own_benefits_free_goes_to_the_others(amount, maximum, own, relations, paid):
    assert family(amount, maximum, own, relations).tolist() == paid


@pytest.mark.parametrize("others", [[2, 1, 1, 1], [1, 2, 1, 1], [1, 1, 1, 2]], ids=str)
def test_children_of_one_worker_and_of_two_others(others):
    # POMS RS 00615.772: Don, Wilma and Agnes, who has died; the higher of two combined maximums,
    # 1,057.80, less Don's own 410.20, is shared by all four children, in whatever order they come.
    amounts, maximums = [410.2, 206.7, 209.1, 0, 0, 0, 0], [744.1, 310.1, 313.7, 0, 0, 0, 0]
    ties = [(0, child, CHILD, other) for child, other in enumerate(others, start=3)]
    assert paid(amounts, maximums, ties, dead=[2]).tolist() == [161.9] * 4


@pytest.mark.parametrize(
    ("originals", "available", "shares"),
    [
        ([225.3] * 4, 548.4, [137.1] * 4),  # GN 02603.060 A.1
        ([225.3] * 3, 548.4, [182.8] * 3),
        ([225.3] * 2, 548.4, [225.3] * 2),  # A.2: the original benefits and no more
        ([159.9] * 4, 396.0, [99.0] * 4),  # RS 02501.160
        ([410.0, 300.0], 700.0, [404.2, 295.7]),  # RS 00615.710
        ([160.5] * 5, 623.0, [124.6] * 5),  # SSA Handbook 737
        ([151.0] * 3, 301.8, [100.6] * 3),
    ],
)
def test_shares_of_a_maximum(originals, available, shares):
    amounts = np.round(10 * np.array(originals)).astype(np.int64)
    record = np.zeros(amounts.size, np.int64)
    got = within_maximum(amounts, record, np.array([round(10 * available)]))
    assert (got / 10).tolist() == shares


def test_family_beside_workers_compensation():
    # DI 52170.025: 80 % of average current earnings is $675, compensation $250.
    assert workers_compensation_offset(528.0, 250.0, 675 / 0.8) == 425
    assert workers_compensation_offset(528.0, 290.0, 675 / 0.8) == 385
