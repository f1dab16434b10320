"""The engine beside what SSA has published: series, maxima year by year, worked examples, rules."""

import csv
import runpy
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from steelyard.oasdi import (
    People,
    Ties,
    adjusted_reduction_months,
    aime,
    aime_after_disability,
    aime_with_child_care,
    average_monthly_wage,
    benefits,
    birth_month,
    chargeable_months,
    claim_months,
    combined_family_maximum,
    deemed_to_file,
    default_parameters,
    disability_benefit,
    earnings_test,
    family_maximum,
    first_disability_month,
    first_month_of_62,
    government_pension_offset,
    lump_sum_death_payment,
    month,
    pia,
    quarters_of_coverage,
    retired_worker_benefit,
    special_minimum_pia,
    spouse_benefit,
    survivor_benefit,
    table_pia,
    windfall_pia,
    years_of_coverage,
)
from steelyard.oasdi import projection as law
from steelyard.oasdi.benefit_table import table_dimes
from steelyard.oasdi.disability import is_substantial, workers_compensation_offset
from steelyard.oasdi.insured import is_currently_insured, is_disability_insured, required_quarters
from steelyard.oasdi.limits import within_maximum
from steelyard.oasdi.reductions import widow_months
from steelyard.oasdi.series import Series

LAW = default_parameters()
YEARS = np.arange(1951, 2027)
FROM_1937 = np.arange(1937, 2027)
BASE_1937 = LAW.contribution_base.at(FROM_1937).astype(float)


def published(series):
    values = series.values[: series.last_published - series.first + 1]
    return Series(series.name, series.first, values, series.last_published)


# -- series that the law derives from the average wage index ---------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("contribution_base", law.CONTRIBUTION_BASE),
        ("old_law_base", law.OLD_LAW_BASE),
        ("quarter_of_coverage", law.QUARTER_OF_COVERAGE),
        ("exempt_below_fra", law.EXEMPT_BELOW_FRA),
        ("exempt_at_fra", law.EXEMPT_AT_FRA),
        ("gainful_nonblind", law.GAINFUL_NONBLIND),
        ("gainful_blind", law.GAINFUL_BLIND),
    ],
)
def test_formula_gives_every_published_amount(name, rule):
    series = published(getattr(LAW, name))
    years = np.arange(rule.first, series.last + 1)
    recomputed = law.Rules(LAW.average_wage_index, LAW.cola).recomputed(series, rule)
    assert series.last == 2026
    np.testing.assert_array_equal(recomputed, series.at(years))


def test_bases_of_1982_to_1994_follow_from_those_before():
    chained = law.chained_base(LAW.average_wage_index, int(LAW.contribution_base.at(1981)))
    np.testing.assert_array_equal(chained, LAW.contribution_base.at(np.arange(1982, 1995)))
    before = int(LAW.old_law_base.at(1978))
    old = law.chained_base(LAW.average_wage_index, before, first=1979)
    np.testing.assert_array_equal(old, LAW.old_law_base.at(np.arange(1979, 1995)))


def test_bend_points_of_every_year_follow_from_the_index():
    years = np.arange(1979, 2027)
    bends = (*LAW.pia_bends, *LAW.family_bends)
    for series, dollars in zip(bends, law.BENDS.values(), strict=True):
        assert series.last_published == 2026
        computed = law.bend_point(LAW.average_wage_index, dollars)
        np.testing.assert_array_equal(computed.at(years), series.at(years))


def test_projected_years_are_marked_and_differ_by_scenario():
    low, high = default_parameters("low_cost"), default_parameters("high_cost")
    assert not LAW.contribution_base.is_projected(2026)
    assert LAW.contribution_base.is_projected(2027)
    assert LAW.average_wage_index.is_projected(2025) and LAW.cola.is_projected(2026)
    low_bend, bend, high_bend = (int(p.pia_bends[0].at(2060)) for p in (low, LAW, high))
    assert low_bend > bend > high_bend
    np.testing.assert_array_equal(low.pia_bends[0].values[:48], high.pia_bends[0].values[:48])


# -- workers whose benefits SSA has published -----------------------------------------------------


def examples(name):
    file = files("steelyard.oasdi") / "data" / f"facts_ssa_example_{name}.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


WORKERS = {row["worker_id"]: row for row in examples("worker")}


def listed(name):
    found = [row for row in examples("earnings") if row["worker_id"] == name]
    years = [int(row["earnings_year"]) for row in found]
    assert years == list(range(years[0], years[-1] + 1))
    return years[0], [float(row["covered_earnings"]) for row in found]


def worker(name):
    row = WORKERS[name]
    born, claimed = int(row["birth_year"]), int(row["claim_year"])
    first, earned = 1937, np.where((born + 22 <= FROM_1937) & (claimed > FROM_1937), BASE_1937, 0.0)
    if row["earnings_pattern"] == "listed":
        first, earned = listed(name)
    return People(
        np.atleast_2d(earned),
        first,
        birth_month(born, int(row["birth_month"]), int(row["birth_day"])),
        claim=month(claimed, int(row["claim_month"])),
        keys=[name],
    )


@pytest.mark.parametrize(
    "row", examples("benefit"), ids=lambda r: f"{r['worker_id']}-{r['benefit_year']}"
)
def test_worker_of_a_publication_gets_what_ssa_says(row):
    when = int(month(int(row["benefit_year"]), int(row["benefit_month"])))
    got = benefits(worker(row["worker_id"]), Ties(*[np.zeros(0, np.int64)] * 4), month=when)
    ours = {
        "average_indexed_earnings": got.records.aime[0],
        "primary_insurance_amount": got.records.pia[0] / 10,
        "benefit": got.total[0],
        "benefit_to_the_dime": got.own[0],
    }
    told = {name: float(row[name]) for name in ours if row[name]}
    assert told, "a row that says nothing"
    assert {name: ours[name] for name in told} == (
        pytest.approx(told, abs=1) if row["note"] else told
    )


def test_the_table_of_the_methodology_is_what_the_engine_prints(capsys):
    root = Path(__file__).resolve().parents[2]
    runpy.run_path(str(root / "benchmarks" / "oasdi_published.py"), run_name="__main__")
    printed = capsys.readouterr().out
    page = (root / "docs" / "methodology" / "social-security.md").read_text(encoding="utf-8")
    assert page.endswith(printed)
    cells = [cell.split(" / ") for line in printed.splitlines() for cell in line.split("|")]
    both = [cell for cell in cells if len(cell) == 2 and "–" not in "".join(cell)]
    maxima = [w for w, row in WORKERS.items() if row["earnings_pattern"] == "maximum"]
    differing = [cell for cell in both if cell[0].strip() != cell[1].strip()]
    assert len(both) == len(maxima) and differing == [[" 474.8", "474.6 "]]


# -- worked examples -------------------------------------------------------------------------------


def test_cases_of_2008_and_2026_at_given_aime():
    # https://www.ssa.gov/oact/ProgData/retirebenefit2.html, editions of 2008 and 2026
    assert pia(3225, eligibility_year=2008, benefit_year=2008) == 1444.30
    assert retired_worker_benefit(1444.30, months_early=48) == 1083
    assert pia(3887, eligibility_year=2004, benefit_year=2008) == 1768.00
    assert pia(11463, eligibility_year=2021, benefit_year=2026) == 4152.40


def test_ms_f_of_the_regulation_on_the_special_minimum():
    # 20 CFR 404.261: born 1917, 62 in January 1979; $10,000 before 1951
    first, earned = listed("ms_f")  # the row of 1950 holds what came before 1951
    covered = years_of_coverage(earned, first_year=first, purpose="special_minimum")
    assert covered == 26
    by_year = [
        special_minimum_pia(covered, benefit_year=year, benefit_month=6)[0]
        for year in (1979, 1980, 1981)
    ]
    assert by_year == [202.30, 231.30, 257.30]
    average = aime(earned, first_year=first, birth_year=1917, eligibility_year=1979)
    assert average == 229
    # The regulation goes on to a regular PIA of $240.40, which its own AIME, bend points of 180
    # and 1,085 and increases do not give: 177.68 up to 177.70, then 195.30, 223.30 and 248.40.
    assert pia(average, eligibility_year=1979, benefit_year=1981, benefit_month=6) == 248.40


# -- rules with an example in a regulation, in POMS, or on SSA's pages -----------------------------


def test_age_reductions_and_credits():
    early, late = [60, 48, 36, 24, 12, 0, 0, 0, 0], [0] * 6 + [12, 24, 36]
    exact = retired_worker_benefit(1000, months_early=early, months_delayed=late, rounding="none")
    table = [700, 750, 800, 866.67, 933.33, 1000, 1080, 1160, 1240]  # ssa.gov ar_drc.html
    np.testing.assert_allclose(exact, table, atol=0.005)
    # 20 CFR 404.410(a), (b), (c)
    assert retired_worker_benefit(980.50, months_early=44, rounding="dime") == 751.70
    assert spouse_benefit(824.80, months_early=28, rounding="dime") == 332.20
    reduced = survivor_benefit(785.70, months_early=16, months_possible=64, rounding="dime")
    assert reduced == 729.70
    # POMS RS 00615.692: born 1940, 30 credits at 7/12 of 1 %
    assert retired_worker_benefit(1000, months_delayed=30, birth_year=1940) == 1175


@pytest.mark.parametrize(
    ("born", "full", "survivors", "credit"),
    [
        (1937, 780, 780, 13),
        (1938, 782, 780, 13),
        (1940, 786, 782, 14),
        (1954, 792, 792, 16),
        (1957, 798, 794, 16),
        (1960, 804, 800, 16),
        (1975, 804, 804, 16),
    ],
)
def test_schedules_of_ages_and_credits(born, full, survivors, credit):
    # 20 CFR 404.409, 404.313; credits in 2400ths a month
    assert LAW.full_retirement_age(born) == full
    assert LAW.full_retirement_age(born, survivor=True) == survivors
    assert LAW.delayed_credit(born) == credit


def test_credits_count_from_january_or_at_70():
    born = birth_month(1956, 6)  # full retirement age 66 and 4 months: October 2022
    claim, seventy = month(2024, 3), month(2026, 6)
    same_year = claim_months(born, claim, month(2024, 3), LAW)
    next_year = claim_months(born, claim, month(2025, 1), LAW)
    at_70 = claim_months(born, seventy, seventy, LAW)
    assert (same_year[1], next_year[1], at_70[1]) == (15, 17, 44)
    assert claim_months(born, month(2019, 6), month(2019, 6), LAW)[0] == 40


def test_spouse_is_paid_beyond_the_own_amount():
    assert spouse_benefit(1600, months_early=36) == 600  # ssa.gov, benefits for your spouse
    assert spouse_benefit(2000, months_early=[60, 48]).tolist() == [650, 700]  # quickcalc
    assert spouse_benefit(2000, months_early=60, child_in_care=True) == 1000
    assert spouse_benefit(2000, own_pia=700, months_early=0) == 300
    assert spouse_benefit(2000, own_pia=900, own_benefit=1050) == 0
    assert spouse_benefit(2000, own_pia=1100) == 0


def test_widow_with_and_without_a_reduced_or_delayed_claim():
    assert survivor_benefit(2000, months_early=84) == 1430  # POMS RS 00615.302
    assert survivor_benefit(2000, deceased_benefit=1400) == 1650  # 82.5 %
    assert survivor_benefit(2000, deceased_benefit=1800) == 1800
    assert survivor_benefit(2000, deceased_benefit=2480) == 2480
    assert survivor_benefit(2000, deceased_benefit=1400, months_early=84) == 1430
    early, possible = widow_months(birth_month(1962, 5), month(2022, 5), LAW)
    assert (early, possible) == (84, 84)


def test_family_maximum_of_each_kind():
    assert family_maximum(2000, eligibility_year=2026) == 3435.50
    # A disabled worker: 85 % of AIME, not above 150 % and not below 100 % of the PIA.
    kinds = {"eligibility_year": 2000, "kind": "disability"}
    assert family_maximum(693.9, aime=1206, **kinds) == 1025.1
    assert family_maximum(693.9, aime=2000, **kinds) == 1040.8
    assert family_maximum(693.9, aime=700, **kinds) == 693.9
    assert family_maximum(693.9, aime=1206, benefit_year=2001, **kinds) == 1060.9
    assert np.floor(combined_family_maximum(4000, 4000, year=2018)) == 5322  # RS 00615.770
    assert combined_family_maximum(2000, 1500.5, year=2018) == 3500.5


def test_credits_of_the_deceased_enter_the_shares_of_the_maximum():
    # POMS RS 00615.710 C: PIA 400, maximum 700; widow 410 with credits, child 300
    cut = within_maximum(np.array([4100, 3000]), np.array([0, 0]), np.array([7000]))
    assert cut.tolist() == [4042, 2957]


def test_earnings_test_of_2026():
    # ssa.gov, receiving benefits while working
    under = earnings_test(800, 33_400, year=2026)
    assert (under.withheld, under.months_withheld, under.paid) == (4460, 6, 5140)
    reaching = earnings_test(800, 66_000, year=2026, attains_fra=True, months=7)
    assert (reaching.withheld, reaching.paid) == (280, 5320)
    assert earnings_test(800, 500_000, year=2026, attains_fra=True, months=0).withheld == 0
    assert adjusted_reduction_months(60, under.months_withheld) == 54


def test_earnings_test_took_half_from_everybody_before_1990():
    assert earnings_test(900, 10_880, year=1989, attains_fra=True).withheld == 1000
    assert earnings_test(900, 12_360, year=1990, attains_fra=True).withheld == 1000


def test_first_year_pays_the_months_without_work_whatever_the_year_earned():
    # SSA publication 05-10077, "special rule": 62 in October, $45,000 by then, then $500 a month
    wages = np.array([4_500.0] * 10 + [500.0] * 2)
    entitled = np.arange(12) >= 10
    assert chargeable_months(wages, year=2025, entitled=entitled) == 0
    above = np.where(np.arange(12) == 11, 1_951.0, wages)  # the monthly limit is $1,950
    both = np.stack([wages, above])
    touched = chargeable_months(both, year=2025, entitled=entitled)
    assert touched.tolist() == [0, 1]
    got = earnings_test(1_500, both.sum(axis=1), year=2025, months=touched)
    assert got.withheld.tolist() == [0, 1_500]
    busy = chargeable_months(wages, year=2025, entitled=entitled, substantial_services=True)
    assert busy == 2


def test_lump_sum_is_255_dollars_to_a_survivor_of_an_insured_worker():
    # 20 CFR 404.390: $255, or three times the amount where that is less
    paid = lump_sum_death_payment(
        [1_000, 1_000, 1_000, 60], insured=[True, False, True, True], has_survivor=[1, 1, 0, 1]
    )
    assert paid.tolist() == [255, 0, 0, 180]


@pytest.mark.parametrize(
    ("wage", "when", "amount", "maximum"),
    [
        # 20 CFR 404.222: Mr. B.'s average monthly wage of $502
        (502, (1979, 1), 390.5, None),
        (502, (1979, 6), 429.2, None),
        # SSA's Detailed Calculator, workers born in March 1915 (pyanypia, oracle/goldens/hist_v1)
        (271, (1980, 3), 288.1, 454.7),
        (783, (1980, 3), 572.0, 1000.6),
        (607, (1982, 3), 629.1, 1109.3),
        (229, (1982, 3), 333.3, 500.0),
        (542, (1985, 3), 659.3, 1195.8),
        (1075, (1983, 3), 902.6, 1579.4),
        (1075, (1988, 3), 1051.8, 1841.0),
        (328, (1983, 3), 440.8, 748.2),
        (476, (1980, 3), 412.8, 763.4),
        (453, (1988, 3), 635.6, 1182.6),
    ],
)
def test_benefit_table_of_december_1978(wage, when, amount, maximum):
    year, of_year = when
    got = table_pia(wage, eligibility_year=1977, benefit_year=year, benefit_month=of_year)
    assert got == amount
    if maximum is not None:
        _, limit = table_dimes(np.array([wage]), int(month(*when)), LAW)
        assert limit[0] / 10 == maximum


def test_wages_beyond_the_table_stand_in_the_lines_that_increases_added():
    # $17,700 a year is the last line; a dollar for each five up to a twelfth of the base of 1979
    june = {"eligibility_year": 1977, "benefit_year": 1979, "benefit_month": 6}
    got = table_pia([1475, 1476, 1480, 1481, 1910], **june)
    last = LAW.benefit_table[-1, 2] / 10
    grown = np.ceil((last + np.array([0, 1, 1, 2, 87])) * 1.099 * 10 - 1e-9) / 10
    assert got.tolist() == grown.tolist()


@pytest.mark.parametrize(
    ("wage", "when", "amount"),
    [
        (255, (1980, 3), 254.3),
        (488, (1980, 3), 383.1),
        (729, (1983, 3), 687.2),
        (255, (1985, 3), 371.8),
    ],
)
def test_guarantee_of_1979_to_1983(wage, when, amount):
    # SSA's Detailed Calculator, workers born in March 1918 (pyanypia, oracle/goldens/hist_v1)
    year, of_year = when
    got = table_pia(wage, eligibility_year=1980, benefit_year=year, benefit_month=of_year)
    assert got == amount


def test_guarantee_below_the_table_and_after_its_minimum():
    # P.L. 97-35: the first line's $121.80 of a wage of 76 in proportion, from 1982 on
    at_62 = {"benefit_year": 1982, "benefit_month": 1}
    assert table_pia([76, 38, 1], eligibility_year=1982, **at_62).tolist() == [121.8, 60.9, 1.7]
    assert table_pia(1, eligibility_year=1979, benefit_year=1979) == 121.8


def test_average_monthly_wage_leaves_earnings_as_they_are():
    base = LAW.contribution_base.at(np.arange(1951, 1982)).astype(float)
    wage = average_monthly_wage(base, first_year=1951, eligibility_year=[1977, 1980])
    # Twenty-one and twenty-four computation years; from 1979 on those before the year of 62
    assert wage[0] == np.sort(base)[-21:].sum() // 252
    assert wage[1] == np.sort(base[:29])[-24:].sum() // 288


def test_frozen_minimum_of_eligibility_in_1979_to_1981():
    # $122 and its maximum of $183 with the increases since entitlement: 14.3, 11.2 and 7.4 %
    earned = np.where((YEARS >= 1957) & (YEARS < 1980), 225.0, 0.0)[None, :]
    nobody = Ties(*[np.zeros(0, np.int64)] * 4)
    for onset, months, told in (
        (1980, (1982, 1), (155.2, 232.7)),
        (1980, (1982, 7), (166.6, 249.9)),
        (1982, (1982, 12), (0, 0)),
    ):
        low = People(earned, 1951, birth_month(1935, 3), onset=month(onset, 1))
        got = benefits(low, nobody, month=int(month(*months))).records
        if told[0]:
            assert (got.pia[0] / 10, got.maximum[0] / 10) == told
        else:
            assert 0 < got.pia[0] < 1220


def test_windfall_reduction_by_years_of_coverage():
    # ssa.gov WEP chart, eligibility year 2023: half of $1,115 at 20 years or fewer
    covered = np.array([15, 20, 21, 25, 29, 30])
    full = pia(4000, eligibility_year=2023, benefit_year=2023)
    got = windfall_pia(
        4000, eligibility_year=2023, benefit_year=2023, pension=3000, years_of_coverage=covered
    )
    np.testing.assert_allclose(full - got, [557.5, 557.5, 501.8, 278.8, 55.8, 0], atol=0.11)
    repealed = windfall_pia(
        4000, eligibility_year=2023, benefit_year=2024, pension=3000, years_of_coverage=15
    )
    assert repealed == pia(4000, eligibility_year=2023, benefit_year=2024)


def test_windfall_chart_of_1990():
    # ssa.gov WEP chart, eligibility year 1990
    covered = np.array([20, 21, 22, 25])
    years = {"eligibility_year": 1990, "benefit_year": 1990}
    full = pia(2000, **years)
    got = windfall_pia(2000, pension=3000, years_of_coverage=covered, **years)
    np.testing.assert_allclose(full - got, [178.0, 160.2, 142.4, 89.0], atol=0.01)


def test_windfall_guarantee_takes_no_more_than_half_the_pension():
    full = pia(4000, eligibility_year=2023, benefit_year=2023)
    got = windfall_pia(
        4000, eligibility_year=2023, benefit_year=2023, pension=300, years_of_coverage=10
    )
    assert got == pytest.approx(full - 150)


def test_government_pension_offset_ends_with_2023():
    # SSA publication 05-10007: $600 pension takes $400 of $500
    assert government_pension_offset(500, 600, benefit_month=month(2023, 12)) == 100
    assert government_pension_offset(500, 600, benefit_month=month(2024, 1)) == 500
    assert government_pension_offset(300, 600, benefit_month=month(2010)) == 0
    assert government_pension_offset(500, 600.05, benefit_month=month(2010)) == 99.9


def test_disability_begins_after_five_full_months_and_converts_unchanged():
    onset = month(2020, 6)
    assert first_disability_month(onset) == month(2020, 12)
    assert first_disability_month(onset, onset_day=1) == month(2020, 11)
    waiting = disability_benefit(1000, onset_month=onset, benefit_month=month(2020, 11))
    begun = disability_benefit(1000, onset_month=onset, benefit_month=month(2020, 12))
    assert (waiting, begun) == (0, 1000)
    assert disability_benefit(1000, months_reduced=36) == 800
    assert workers_compensation_offset(1200, 1000, 2000) == 600
    assert is_substantial([1620, 1621, 1621], 2025, blind=[False, False, True]).tolist() == [
        False,
        True,
        False,
    ]


def test_periods_of_disability_are_left_out_where_that_helps():
    # SSA's Detailed Calculator: born 15 March 1950, disabled June 1995 to June 2005
    earned = np.where(
        (YEARS >= 1972) & (YEARS <= 1994),
        LAW.average_wage_index.at(np.minimum(YEARS, 2024)) / 100,
        0.0,
    )
    got = aime_after_disability(
        np.stack([earned, np.round(earned / 2, 2)]),
        first_year=1951,
        birth_year=1950,
        onset_month=month(1995, 6),
        recovery_month=month(2005, 6),
    )
    assert got.tolist() == [3328, 1664]


def test_years_of_child_care_are_left_out_up_to_three_in_all():
    # Disabled at 33 in 2013: eleven elapsed years, two dropped, nine counted; one more may go.
    earned = np.zeros((2, 34))
    earned[:, 22:30] = 30_000
    caring = np.zeros((2, 34), bool)
    caring[1, 30:33] = True
    years = {"first_year": 1980, "birth_year": 1980, "eligibility_year": 2013}
    plain = aime(earned, kind="disability", **years)
    cared = aime_with_child_care(earned, caring, **years)
    assert plain[0] == plain[1] == cared[0]
    assert cared[1] == pytest.approx(plain[0] * 9 / 8, abs=1)


def test_quarters_of_coverage_before_and_after_1978():
    earned = [49.0, 120.0, 17_000.0, 249.0, 500.0, 1_000.0, 20_000.0]
    got = quarters_of_coverage(earned, first_year=1975)
    assert got.tolist() == [[0, 2, 4, 0, 1, 3, 4]]
    assert required_quarters([1929, 1960, 1995], [1991, 2022, 2022]).tolist() == [40, 40, 6]


def test_recent_work_counts_for_disability_and_for_survivors():
    worked = np.zeros((3, 30), np.int64)  # 1990-2019
    worked[0, 10:20] = 4
    worked[1, 20:] = 4
    worked[2, 26:] = 4
    onset = month(2019, 7)
    born = np.array([month(1970), month(1970), month(1993)])
    insured = is_disability_insured(
        worked,
        first_year=1990,
        birth_month=born,
        onset_month=onset,
        fully_insured=np.ones(3, bool),
    )
    assert insured.tolist() == [False, True, True]
    current = is_currently_insured(worked, first_year=1990, event_month=onset)
    assert current.tolist() == [False, True, True]


def test_ages_are_attained_the_day_before_the_birthday():
    assert birth_month(1960, 1, 1) == month(1959, 12)
    assert birth_month(1960, 5, 1) == month(1960, 4)
    assert birth_month(1960, 5, 2) == month(1960, 5)
    assert birth_month(1960, 3, 15) + LAW.full_retirement_age(1960) == month(2027, 3)


def test_retirement_begins_with_the_first_month_of_62_throughout():
    # 42 U.S.C. 402(a); 20 CFR 404.311: born on the second is 62 on the first of the month
    assert first_month_of_62(1964, 1, [1, 2, 3, 31]).tolist() == [
        month(2026, 1),
        month(2026, 1),
        month(2026, 2),
        month(2026, 2),
    ]


def test_filing_is_deemed_for_those_born_from_2_january_1954():
    born = np.array([birth_month(1954, 1, 1), birth_month(1954, 1, 2)]).ravel()
    full = born + LAW.full_retirement_age(born // 12)
    assert deemed_to_file(born, full + 1, full).tolist() == [False, True]
    assert deemed_to_file(born, full - 1, full).tolist() == [True, True]
