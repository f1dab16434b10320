"""What a panel is aligned to, held to figures that were published elsewhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from steelyard.oasdi import default_parameters
from steelyard.oasdi.tables import read_packaged
from steelyard.panel import series
from steelyard.panel.published import (
    AT_ONCE_62,
    BORN_AND_DEAD,
    TABLES,
    Published,
    default_published,
)
from steelyard.panel.readings import CLAIMS

PUBLISHED = default_published()
MEN, WOMEN = 0, 1


def tables() -> dict[str, dict[str, Sequence[Any]]]:
    """The packaged tables, free to be spoiled."""
    return {name: dict(read_packaged("steelyard.panel", f"params_{name}")) for name in TABLES}


def without(table: dict[str, Sequence[Any]], row: int) -> dict[str, list[Any]]:
    return {name: [*values[:row], *values[row + 1 :]] for name, values in table.items()}


def with_cell(
    table: dict[str, Sequence[Any]], row: int, column: str, value: str
) -> dict[str, Sequence[Any]]:
    cells = [*table[column]]
    cells[row] = value
    return table | {column: cells}


def life_expectancy(chances: np.ndarray) -> float:
    alive = np.cumprod(1 - chances)
    return float(0.5 + alive.sum())


def deaths(year: int) -> float:
    """All who die in a year: those alive before it, and those born in it."""
    before = PUBLISHED.people(year - 1).sum(axis=-1)
    chance = PUBLISHED.death_chance(year)[:, : len(before)]
    at_birth = BORN_AND_DEAD * PUBLISHED.death_probability(year)[:, 0].mean()
    return float((before * chance.T).sum() + PUBLISHED.births(year) * at_birth)


# --- the population --------------------------------------------------------------------------


def test_the_population_is_that_of_the_trustees() -> None:
    # 2024 Trustees Report, Social Security area population on 1 July, thousands.
    assert PUBLISHED.mid_year[2023 - PUBLISHED.first_year].sum() == pytest.approx(341_994_588)
    assert (PUBLISHED.first_year, PUBLISHED.last_year) == (2019, 2100)
    assert PUBLISHED.people(2022).shape == (101, 2, 4)


def test_the_year_ends_between_two_julys() -> None:
    at = 2030 - PUBLISHED.first_year
    middle = PUBLISHED.mid_year[at : at + 2]
    np.testing.assert_allclose(PUBLISHED.people(2030), middle.mean(axis=0))
    step = PUBLISHED.mid_year[-1].sum() - PUBLISHED.mid_year[-2].sum()
    last = PUBLISHED.people(2100).sum() - PUBLISHED.mid_year[-1].sum()
    assert last == pytest.approx(step / 2)


def test_the_married_have_each_other() -> None:
    for year in (2022, 2040, 2100):
        husbands, wives = PUBLISHED.people(year)[..., 1].sum(axis=0)
        assert husbands == pytest.approx(wives, rel=0.015)


# --- mortality -------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "men", "women"), [(2022, 74.74, 80.19)])
def test_life_expectancy_is_that_of_the_period_table(year: int, men: float, women: float) -> None:
    # SSA, Actuarial Life Table 2022 (2025 Trustees Report).
    found = [life_expectancy(chances) for chances in PUBLISHED.death_probability(year)]
    assert found == pytest.approx([men, women], abs=0.01)


def test_those_alive_in_december_run_half_of_two_risks() -> None:
    born_1960 = PUBLISHED.death_chance(2031)[MEN, 70]
    now, then = (
        PUBLISHED.death_probability(2030)[MEN, 70],
        PUBLISHED.death_probability(2031)[MEN, 71],
    )
    assert born_1960 == pytest.approx((now + then) / 2, rel=0.001)
    infant = PUBLISHED.death_chance(2031)[WOMEN, 0]
    assert infant < 0.25 * PUBLISHED.death_probability(2030)[WOMEN, 0]
    assert (PUBLISHED.death_chance(2031)[:, -1] == 1).all()


@pytest.mark.parametrize(("year", "least", "most"), [(2022, 1.2, 1.8), (2040, 1.15, 1.4)])
def test_people_less_deaths_plus_births_leave_the_trustees_immigration(
    year: int, least: float, most: float
) -> None:
    """The 2024 report assumes a net 1.2 to 1.3 million a year in the long run, more at first.

    One wrong age or half year in `death_chance` or `births` is worth some 200,000 persons.
    """
    assert least < immigrants(year) / 1e6 < most


def immigrants(year: int) -> float:
    """Net immigration of a year."""
    growth = PUBLISHED.people(year).sum() - PUBLISHED.people(year - 1).sum()
    return float(growth - PUBLISHED.births(year) + deaths(year))


def test_the_page_states_what_is_computed() -> None:
    """Figures of `docs/methodology/panel-published.md`, in millions where it says so."""
    before = PUBLISHED.people(2030).sum(axis=-1)
    of_table = PUBLISHED.death_probability(2031)[:, : len(before)]
    chance = PUBLISHED.death_chance(2031)[:, : len(before)]
    below_100 = before[:100].T
    lost = 1 - (below_100 * of_table[:, :100]).sum() / (below_100 * chance[:, :100]).sum()
    assert f"{100 * lost:.0f}" == "5"
    mothers = PUBLISHED.people(2030)[:50, WOMEN].sum(axis=-1)
    births = [PUBLISHED.births(2030), mothers @ PUBLISHED.birth_rate(2030)]
    assert [f"{number / 1e6:.1f}" for number in births] == ["4.3", "3.7"]
    assert [f"{immigrants(year) / 1e6:.1f}" for year in (2022, 2040)] == ["1.5", "1.3"]
    weddings = [
        PUBLISHED.people(year)[..., 0].T * PUBLISHED.first_marriage_rate(year)
        for year in (2023, 2030, 2060)
    ]
    assert [f"{each.sum() / 2e6:.1f}" for each in weddings] == ["1.6", "2.0", "2.2"]
    couples = [PUBLISHED.marriages(2023), PUBLISHED.divorces(2023)]
    assert [f"{number / 1e6:.1f}" for number in couples] == ["2.1", "0.8"]
    poor, rich = PUBLISHED.mortality_risk([0, 0], [71, 71], [0, 9])
    assert (f"{poor / rich:.1f}", f"{0.028 / 0.008:.1f}") == ("3.1", "3.5")
    assert f"{100 * AT_ONCE_62:.0f}" == "70"


def test_the_poorest_die_four_times_as_often_as_the_richest() -> None:
    # Waldron (2013): men of 63, 0.022 beside 0.005; women of 65, 0.012 beside 0.004.
    assert PUBLISHED.relative_risk[MEN, 0] / PUBLISHED.relative_risk[MEN, 9] == pytest.approx(4.4)
    assert PUBLISHED.relative_risk[WOMEN, 0] / PUBLISHED.relative_risk[WOMEN, 9] == pytest.approx(3)
    np.testing.assert_allclose(PUBLISHED.relative_risk.mean(axis=1), 1)


def test_earnings_tell_less_with_age() -> None:
    lowest = PUBLISHED.relative_risk[MEN, 0]
    risk = PUBLISHED.mortality_risk(np.zeros(5), [30, 63, 79, 95, 110], np.zeros(5))
    np.testing.assert_allclose(risk, [lowest, lowest, (lowest + 1) / 2, 1, 1])
    # Of women the risks of 65 are known to fade later.
    women = PUBLISHED.mortality_risk([1, 1], [65, 80], [9, 9])
    highest = PUBLISHED.relative_risk[WOMEN, 9]
    np.testing.assert_allclose(women, [highest, (highest + 1) / 2])
    # Waldron (2013): men of 71, 0.028 beside 0.008.
    poor, rich = PUBLISHED.mortality_risk([0, 0], [71, 71], [0, 9])
    assert poor / rich == pytest.approx(3.5, rel=0.15)


# --- births, marriages and divorces ----------------------------------------------------------


@pytest.mark.parametrize(("year", "total"), [(2023, 1.621), (2024, 1.5995)])
def test_total_fertility_is_the_published_one(year: int, total: float) -> None:
    # NVSR 75-02: 1,621.0 and 1,599.5 births per thousand women.
    assert PUBLISHED.birth_rate(year).sum() == pytest.approx(total)


def test_bands_of_births_keep_their_sums() -> None:
    rate = PUBLISHED.birth_rate(2024)
    assert rate[20:25].sum() / 5 == pytest.approx(0.0558)
    assert rate[:10].sum() == 0
    # No step from one band to the next.
    assert np.abs(np.diff(rate[15:])).max() < 0.012
    np.testing.assert_array_equal(PUBLISHED.birth_rate(2060), rate)


def test_births_are_near_those_of_the_rates() -> None:
    women = PUBLISHED.people(2023)[:50, WOMEN].sum(axis=-1)
    assert PUBLISHED.births(2023) == pytest.approx(women @ PUBLISHED.birth_rate(2023), rel=0.03)


@pytest.mark.parametrize("year", [2022, 2030, 2060, 2099])
def test_first_marriages_are_as_many_for_men_and_women(year: int) -> None:
    single = PUBLISHED.people(year)[..., 0]
    men, women = (single.T * PUBLISHED.first_marriage_rate(year)).sum(axis=1)
    assert 1e6 < men < 2.5e6
    assert women == pytest.approx(men, rel=0.02)
    # Beside remarriages, within the couples that the registers count.
    assert men < 1.05 * PUBLISHED.marriages(year)


def test_first_marriage_has_its_age() -> None:
    rate = PUBLISHED.first_marriage_rate(2024)
    assert rate[:, :16].sum() == 0
    assert rate[MEN].argmax() in range(28, 33)
    assert rate[WOMEN].argmax() in range(26, 31)
    assert rate[MEN].max() == pytest.approx(0.07, abs=0.02)
    np.testing.assert_array_equal(
        PUBLISHED.first_marriage_rate(2100), PUBLISHED.first_marriage_rate(2099)
    )


def test_first_marriages_keep_the_share_of_single_persons() -> None:
    now, then = PUBLISHED.people(2030), PUBLISHED.people(2031)
    share = (now[30, MEN, 0] / now[30, MEN].sum()) * (
        1 - PUBLISHED.first_marriage_rate(2030)[MEN, 30]
    )
    assert share == pytest.approx(then[31, MEN, 0] / then[31, MEN].sum())


def test_couples_are_the_crude_rates_of_the_area() -> None:
    # NCHS: 6.1 marriages and 2.4 divorces per thousand in 2023.
    people = PUBLISHED.mid_year[2023 - PUBLISHED.first_year].sum()
    assert 1000 * PUBLISHED.marriages(2023) / people == pytest.approx(6.1, abs=0.05)
    assert 1000 * PUBLISHED.divorces(2023) / people == pytest.approx(2.4, abs=0.05)
    later = PUBLISHED.mid_year[2050 - PUBLISHED.first_year].sum()
    ratio = PUBLISHED.marriages(2050) / PUBLISHED.marriages(2023)
    assert ratio == pytest.approx(later / people)


# --- workers and beneficiaries ---------------------------------------------------------------


def test_beneficiaries_add_up_to_all_who_are_paid() -> None:
    # Supplement 2025, Table 5.A1: all of OASDI.
    of = PUBLISHED.beneficiaries.values()
    assert sum(one[0] + one[2] for one in of) == 68_455_973
    dollars = sum(one[0] * one[1] + one[2] * one[3] for one in of)
    assert dollars / 68_455_973 == pytest.approx(1834.43, abs=0.01)


@pytest.mark.parametrize(
    ("bands", "kind"),
    [
        (PUBLISHED.retired_workers, "retired_worker"),
        (PUBLISHED.disabled_workers, "disabled_worker"),
    ],
)
def test_ages_add_up_to_the_type_of_benefit(bands: series.Bands, kind: str) -> None:
    men, men_average, women, women_average = PUBLISHED.beneficiaries[kind]
    assert bands.number.sum(axis=1).tolist() == [men, women]
    averages = (bands.number * bands.average).sum(axis=1) / bands.number.sum(axis=1)
    np.testing.assert_allclose(averages, [men_average, women_average], atol=0.05)
    # Bands follow one another, and ages find theirs.
    assert (bands.lower[1:] == bands.upper[:-1]).all()
    assert (bands.lower[bands.place([62, 66])] == [62, 66]).all()


def test_ages_outside_all_bands_have_none() -> None:
    assert PUBLISHED.retired_workers.place([61, 62, 93, 119]).tolist() == [-1, 0, 28, 30]
    assert PUBLISHED.disabled_workers.place([12, 66, 67]).tolist() == [0, 47, -1]


def test_disability_awards_are_those_of_the_year() -> None:
    # DI Annual Statistical Report 2023, Table 36: 283,035 men and 240,799 women.
    people = PUBLISHED.mid_year[2023 - PUBLISHED.first_year].sum(axis=-1)
    awards = (PUBLISHED.disability_award_rate() * people.T).sum(axis=1)
    np.testing.assert_allclose(awards, [283_035, 240_799])
    rate = PUBLISHED.disability_award_rate()
    assert rate[:, :18].sum() == rate[:, 67:].sum() == 0
    # From the derived table beside it: 7.8 per thousand men of 55 to 59.
    assert 1000 * rate[MEN, 57] == pytest.approx(7.815, abs=0.001)


def test_disabled_workers_leave_by_death_recovery_and_age() -> None:
    # DI Annual Statistical Report 2023, Table 49: 107 ends per thousand workers, gross.
    ends = PUBLISHED.disability_ends
    assert 1000 * sum(ends) == pytest.approx(107, abs=3)
    assert 1000 * ends.deaths == pytest.approx(31, abs=0.5)
    assert 1000 * ends.recoveries == pytest.approx(13.5, abs=0.5)


def test_claims_leave_conversions_out() -> None:
    # Supplement 2023, Table 6.B5.1: of men entitled in 2022, 23.8 of 85.5 percent at 62.
    men = dict(zip(CLAIMS, PUBLISHED.claim_share(False), strict=True))
    assert men["age62"] == pytest.approx(23.8 / 85.5)
    assert sum(men.values()) == pytest.approx(1)
    assert PUBLISHED.claim_share(True)[0] > men["age62"]


@pytest.mark.parametrize("female", [False, True])
@pytest.mark.parametrize("full", [792, 796, 804, 828])
def test_months_of_claim_peak_where_the_law_does(female: bool, full: int) -> None:
    months = PUBLISHED.claim_months(female, full)
    share = dict(zip(CLAIMS, PUBLISHED.claim_share(female), strict=True))
    assert months.sum() == pytest.approx(1)
    assert (months >= 0).all()
    assert months[:12].sum() == pytest.approx(share["age62"])
    assert months[36:48].sum() == pytest.approx(share["age65_before_fra"])
    peaks = {0, full - 744, 96, 36}
    assert set(np.argsort(months)[-4:]) == peaks
    assert months[48 : full - 744].sum() == pytest.approx(
        share["age66_before_fra"] / 3 * (full - 792)
    )


def test_workers_are_counted_then_carried_to_the_trustees_number() -> None:
    # Supplement 2025, Table 4.B5: 182,689 thousand workers in 2023.
    counted = PUBLISHED.covered_workers(2023)
    assert counted.number.sum() == pytest.approx(182_689_000, abs=5000)
    assert counted.place([19, 61, 72, 101]).tolist() == [0, 9, 13, 13]
    ahead = PUBLISHED.covered_workers(2040, "high_cost")
    assert ahead.number.sum() == pytest.approx(
        PUBLISHED.trustees("high_cost").of("covered_workers", 2040)
    )
    # Nobody's group doubles in a year.
    ratio = PUBLISHED.covered_workers(2024).number / counted.number
    assert ratio.min() > 0.95
    assert ratio.max() < 1.06


# --- the Trustees ----------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["low_cost", "intermediate", "high_cost"])
def test_the_trustees_wages_are_those_of_the_engine(scenario: Any) -> None:
    years = np.arange(1990, 2101)
    engine = default_parameters(scenario).average_wage_index.at(years) / 100
    found = PUBLISHED.trustees(scenario).of("average_wage_index", years)
    np.testing.assert_allclose(found, engine, atol=0.01)


def test_scenarios_fan_out_from_one_past() -> None:
    low, middle, high = (
        PUBLISHED.trustees(name) for name in ("low_cost", "intermediate", "high_cost")
    )
    assert low.of("taxable_payroll", 2024) == high.of("taxable_payroll", 2024) == 10_323e9
    assert low.of("gdp", 2060) > middle.of("gdp", 2060) > high.of("gdp", 2060)
    workers = middle.of("covered_workers", 2026)
    paid = middle.of("oasi_beneficiaries", 2026) + middle.of("di_beneficiaries", 2026)
    # 2026 Trustees Report, Table IV.B4: 2.6 workers per beneficiary.
    assert round(float(workers / paid), 1) == 2.6


def test_the_trust_funds_add_up() -> None:
    years = np.arange(2001, 2025)
    of = PUBLISHED.trust_fund.of
    gained = of("receipts", years) - of("outgo", years)
    moved = of("assets_at_end", years) - of("assets_at_end", years - 1)
    np.testing.assert_allclose(moved, gained, atol=3e6)
    assert of("assets_at_end", 2024) == 2_721_466e6


def test_taxed_benefits_are_the_published_part_of_payroll() -> None:
    # The same single-year tables give them as 0.57 percent of payroll in 2025, 1.12 in 2100.
    of = PUBLISHED.cost.of
    part = of("taxation_of_benefits", [2025, 2100]) / of("taxable_payroll", [2025, 2100])
    np.testing.assert_allclose(100 * part, [0.57, 1.12], atol=0.005)
    assert of("cost", 2025) == 1_609e9


# --- the container ---------------------------------------------------------------------------


def test_nobody_writes_into_what_is_shared() -> None:
    with pytest.raises(ValueError, match="read-only"):
        PUBLISHED.people(2022)[0] = 0


def test_the_key_is_that_of_the_content() -> None:
    assert Published.from_tables(tables()).key == PUBLISHED.key
    changed = tables()
    changed["ssa_trustees"] = with_cell(changed["ssa_trustees"], 40, "gdp", "1")
    assert Published.from_tables(changed).key != PUBLISHED.key


def test_a_missing_table_is_named() -> None:
    given = tables()
    del given["ssa_claim_age"]
    with pytest.raises(ValueError, match="published tables missing: ssa_claim_age"):
        Published.from_tables(given)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("ssa_population", 150, r"ssa_population: .*missing or too many: 2020 age 49 \(0\)"),
        ("ssa_death_probability", 3, r"ssa_death_probability: .*2019 age 3 \(0\)"),
        ("ssa_trust_fund", 10, r"ssa_trust_fund: years must follow one another.*\[2009\]"),
        ("ssa_trustees", 38, r"ssa_trustees \(intermediate\): years must follow"),
        ("nchs_birth_rate", 3, "nchs_birth_rate: bands of 2019 leave ages out"),
    ],
)
def test_a_gap_is_found(name: str, row: int, message: str) -> None:
    given = tables()
    given[name] = without(given[name], row)
    with pytest.raises(ValueError, match=message):
        Published.from_tables(given)


def test_a_year_of_births_between_others_is_missed() -> None:
    given = tables()
    table = given["nchs_birth_rate"]
    kept = [at for at, year in enumerate(table["year"]) if year != "2021"]
    given["nchs_birth_rate"] = {name: [values[at] for at in kept] for name, values in table.items()}
    with pytest.raises(ValueError, match=r"nchs_birth_rate: years must follow .*2020, 2022"):
        Published.from_tables(given)


def test_an_empty_cell_is_found() -> None:
    given = tables()
    given["ssa_population"] = with_cell(given["ssa_population"], 101, "female_widowed", "nan")
    with pytest.raises(ValueError, match=r"1 cell.*2020 age 0 female_widowed"):
        Published.from_tables(given)


def test_years_beyond_the_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="2101 is not among the years 2019 to 2100"):
        PUBLISHED.people(2101)
    with pytest.raises(ValueError, match="2018 is not among"):
        PUBLISHED.death_chance(2019)
    with pytest.raises(ValueError, match=r"no gdp for 2 year\(s\), first \[1989, 2101\]"):
        PUBLISHED.trustees().of("gdp", [1989, 2000, 2101])
    with pytest.raises(ValueError, match="no 'wages'; has covered_workers"):
        PUBLISHED.trustees().of("wages", 2030)
    # Nothing was reimbursed in 2023.
    with pytest.raises(ValueError, match="no general_fund for 1 year"):
        PUBLISHED.trust_fund.of("general_fund", 2023)


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no scenario 'middle'; has low_cost"):
        PUBLISHED.trustees("middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"2 decile\(s\) outside 0 to 9, first \[-1, 10\]"):
        PUBLISHED.mortality_risk([0, 0, 0], [60, 60, 60], [-1, 5, 10])
    with pytest.raises(ValueError, match="full retirement age 66 is not 792 to 828 months"):
        PUBLISHED.claim_months(False, 66)
