"""Small panels by hand: what each family is paid, beside the engine and SSA's own figures.

Golden dollars are those of `test_oasdi_detailed_calculator` (SSA's Detailed Calculator), taken at a
December: no increase lies between it and the month recorded there.
"""

import numpy as np
import pytest
from panel_families import DIED, DIVORCED, LAW, at, marriage, panel, row_of, someone, wages

from steelyard.oasdi import (
    NEVER,
    BadInput,
    People,
    Relation,
    Ties,
    benefits,
    birth_month,
    earnings_test,
    pia,
)
from steelyard.panel.payments.benefits import SCHEMA, benefits_of_year

STEADY = 1.0


def born(year, of_year=3, day=15):
    return int(birth_month(year, of_year, day)[0])


def steady(first, last):
    """Return the average wage of each year, to the cent, as the Detailed Calculator was given."""
    return {year: round(amount, 2) for year, amount in wages(STEADY, first, last).items()}


def engine(people, ties, year):
    """Return what the engine pays in December, from persons and ties written out by hand."""
    years = range(1951, year + 1)
    earnings = np.array([[row["work"].get(y, 0.0) for y in years] for row in people])
    columns = {
        name: np.array([row[f"{name}_month"] for row in people])
        for name in ("birth", "claim", "onset", "recovery", "death")
    }
    return benefits(People(earnings, 1951, **columns), ties, month=at(year, 12)).total


def test_retired_and_disabled_workers_are_paid_what_ssa_computes():
    retired = someone(1, born(1950), claim=at(2012, 4), work=steady(1972, 2011))
    found = row_of(benefits_of_year(panel([retired], year=2012), 2012, LAW), 1)
    assert (found["own_benefit"], found["pia"], found["aime"]) == (1193.9, 1583.2, 3475.0)
    assert (found["benefit_type"], found["record_type"]) == ("retired_worker", "own")
    assert (found["months"], found["claim_age_months"]) == (9, at(2012, 4) - born(1950))

    disabled = someone(2, born(1955), onset=at(2013, 6), work=steady(1977, 2013))
    found = row_of(benefits_of_year(panel([disabled], year=2014), 2014, LAW), 2)
    assert (found["benefit_type"], found["own_benefit"]) == ("disabled_worker", 1659.3)
    assert (found["months"], found["claim_age_months"]) == (12, None)


def family_of_1955(*others, year=2021):
    """Return the table of a worker who claimed in May 2021, with a spouse and children."""
    worker = someone(1, born(1955), claim=at(2021, 5), work=steady(1977, 2020))
    parts = panel([worker, *others], [marriage(1, 2, at(1990))], year=year)
    return benefits_of_year(parts, year, LAW)


def test_spouses_are_paid_what_ssa_computes():
    aged = someone(2, born(1957, 7, 20), is_female=True)
    found = row_of(family_of_1955(aged), 2)
    assert (found["benefit_type"], found["record_type"]) == ("spouse", "retired")
    assert (found["total_benefit"], found["worker_id"]) == (804.0, 1)

    young = someone(2, born(1975, 1), is_female=True, unit_id=1)
    children = [someone(k, born(2013, 4, 2), mother_id=2, unit_id=1) for k in (3, 4)]
    table = family_of_1955(young, *children)
    assert [row_of(table, k)["total_benefit"] for k in (2, 3, 4)] == [567.0] * 3
    assert [row_of(table, k)["benefit_type"] for k in (2, 3, 4)] == ["spouse", "child", "child"]
    # Elsewhere the children are not in her care, and have more to share.
    away = [row | {"unit_id": 9} for row in children]
    table = family_of_1955(young, *away)
    assert row_of(table, 2) is None
    assert [row_of(table, k)["total_benefit"] for k in (3, 4)] == [851.0] * 2


def test_survivors_are_paid_what_ssa_computes():
    worker = someone(1, born(1950), death=at(1985, 8), work=steady(1972, 1985))
    widow = someone(2, born(1953, 6), widow_claim=at(2013, 6), is_female=True)
    wed = [marriage(1, 2, at(1972), at(1985, 8), DIED)]
    found = row_of(benefits_of_year(panel([worker, widow], wed, 2013), 2013, LAW), 2)
    assert (found["benefit_type"], found["record_type"]) == ("widow", "deceased")
    assert (found["total_benefit"], found["claim_age_months"]) == (1148.0, 60 * 12)

    mother = someone(2, born(1954, 2), is_female=True)
    children = [someone(k, born(1979, 4, 2), mother_id=2, unit_id=2) for k in (3, 4)]
    table = benefits_of_year(panel([worker, mother, *children], wed, 1985), 1985, LAW)
    assert [row_of(table, k)["total_benefit"] for k in (2, 3, 4)] == [360.0] * 3
    assert row_of(table, 2)["benefit_type"] == "parent"
    # Married again, she is no longer paid; the children go on, with more for each.
    again = [*wed, marriage(5, 2, at(1985, 10))]
    husband = someone(5, born(1950))
    table = benefits_of_year(panel([worker, mother, *children, husband], again, 1985), 1985, LAW)
    assert row_of(table, 2) is None
    assert row_of(table, 3)["total_benefit"] > 360


def test_a_widow_of_a_reduced_claim_is_held_to_what_ribs_limit_leaves():
    worker = someone(
        1, born(1957), claim=born(1957) + 745, death=at(2023, 5), work=wages(1.2, 1979, 2018)
    )
    wed = [marriage(1, 2, at(1985), at(2023, 5), DIED)]
    amount = pia_of(worker, 2023)

    def paid(birth, claim):
        widow = someone(2, birth, widow_claim=claim, is_female=True)
        table = benefits_of_year(panel([worker, widow], wed, 2023), 2023, LAW)
        expected = engine(
            [worker, widow],
            Ties(*np.array([[0], [1], [Relation.WIDOW], [claim]]), start=at(1985)),
            2023,
        )
        assert row_of(table, 2)["total_benefit"] == expected[1]
        return row_of(table, 2)["total_benefit"]

    at_sixty = paid(born(1963, 6), at(2023, 6))
    assert at_sixty == np.floor(0.715 * amount)
    of_full_age = paid(born(1955, 3), at(2023, 6))
    assert of_full_age == np.floor(0.825 * amount)


def pia_of(worker, year):
    """Return the PIA of a worker's record in December of a year."""
    alone = worker | {"death_month": int(NEVER)}
    return row_of(benefits_of_year(panel([alone], year=year), year, LAW), 1)["pia"]


@pytest.mark.parametrize(("years", "is_paid"), [(10, True), (9.9, False)])
def test_a_divorced_spouse_needs_ten_years_and_no_claim_of_the_worker(years, is_paid):
    worker = someone(1, born(1960), work=wages(1.0, 1982, 2022))
    former = someone(2, born(1961), is_female=True)
    end = at(1990) + round(years * 12)
    parts = panel([worker, former], [marriage(1, 2, at(1990), end, DIVORCED)])
    found = row_of(benefits_of_year(parts, 2024, LAW), 2)
    assert (found is not None) == is_paid
    if is_paid:
        claim = born(1961) + 62 * 12 + 1
        tie = np.array([[0], [1], [Relation.DIVORCED], [claim]])
        expected = engine([worker, former], Ties(*tie, start=at(1990), end=end), 2024)
        assert found["total_benefit"] == expected[1] > 0
        assert found["claim_age_months"] == 62 * 12 + 1


def test_a_divorced_spouse_is_paid_nothing_once_married_again_and_more_once_widowed():
    worker = someone(1, born(1958), claim=at(2024), work=wages(1.0, 1980, 2022))
    former = someone(2, born(1960), is_female=True)
    apart = marriage(1, 2, at(1985), at(2000), DIVORCED)
    while_alive = row_of(benefits_of_year(panel([worker, former], [apart]), 2024, LAW), 2)
    husband = someone(3, born(1957))
    again = [apart, marriage(3, 2, at(2021))]
    table = benefits_of_year(panel([worker, former, husband], again), 2024, LAW)
    assert row_of(table, 2) is None

    died = worker | {"death_month": at(2024, 6)}
    widow = former | {"widow_claim_month": at(2024, 6)}
    found = row_of(benefits_of_year(panel([died, widow], [apart]), 2024, LAW), 2)
    assert found["benefit_type"] == "widow"
    assert found["total_benefit"] > while_alive["total_benefit"]
    # Marriage after 60 does no harm to a survivor.
    late = [apart, marriage(3, 2, at(2021))]
    found = row_of(benefits_of_year(panel([died, widow, husband], late), 2024, LAW), 2)
    assert found["benefit_type"] == "widow"


def test_a_spouse_without_an_own_record_files_as_soon_as_possible_and_others_wait():
    worker = someone(1, born(1957), claim=at(2022, 3), work=wages(1.0, 1979, 2021))
    wed = [marriage(1, 2, at(1985))]
    at_home = someone(2, born(1960), is_female=True)
    table = benefits_of_year(panel([worker, at_home], wed), 2024, LAW)
    assert row_of(table, 2)["claim_age_months"] == 62 * 12 + 1
    insured = at_home | {"work": wages(0.2, 1985, 2000)}
    assert row_of(benefits_of_year(panel([worker, insured], wed), 2024, LAW), 2) is None
    # Filing for the own benefit at 64 is filing for the spouse's.
    claimed = insured | {"claim_month": born(1960) + 64 * 12}
    found = row_of(benefits_of_year(panel([worker, claimed], wed), 2024, LAW), 2)
    tie = np.array([[0], [1], [Relation.SPOUSE], [born(1960) + 64 * 12]])
    assert found["total_benefit"] == engine([worker, claimed], Ties(*tie, start=at(1985)), 2024)[1]
    assert (found["benefit_type"], found["record_type"]) == ("retired_worker", "retired")
    assert found["auxiliary_benefit"] > 0
    # A worker who has not claimed opens nothing for a wife.
    later = worker | {"claim_month": at(2025, 3)}
    assert row_of(benefits_of_year(panel([later, at_home], wed), 2024, LAW), 2) is None


def test_a_disability_benefit_becomes_a_retirement_benefit_of_the_same_amount():
    birth = born(1957)
    full = birth + int(LAW.full_retirement_age(1957))
    assert full // 12 == 2023
    worker = someone(1, birth, onset=at(2015, 6), work=wages(0.9, 1979, 2014))
    before = row_of(benefits_of_year(panel([worker], year=2022), 2022, LAW), 1)
    after = row_of(benefits_of_year(panel([worker], year=2023), 2023, LAW), 1)
    assert (before["benefit_type"], after["benefit_type"]) == ("disabled_worker", "retired_worker")
    cola = float(LAW.cola.at(2023)) / 1000
    assert after["pia"] == np.floor(before["pia"] * (1 + cola) * 10) / 10
    assert after["own_benefit"] == after["pia"]
    assert after["claim_age_months"] is None
    assert after["replacement_rate"] == pytest.approx(before["replacement_rate"], rel=1e-3)
    # Recovered, nothing is paid until a claim.
    well = worker | {"recovery_month": at(2020, 1)}
    assert benefits_of_year(panel([well], year=2022), 2022, LAW).num_rows == 0


def test_children_find_their_fathers_and_lose_benefits_at_eighteen():
    father = someone(1, born(1975), death=at(2020, 2), work=wages(1.0, 1997, 2019))
    mother = someone(2, born(1977), is_female=True)
    wed = [marriage(1, 2, at(2000), at(2020, 2), DIED)]
    ages = {3: born(2006, 11), 4: born(2007, 1), 5: born(2012, 5)}
    children = [someone(k, when, mother_id=2, unit_id=2) for k, when in ages.items()]
    people = [father, mother, *children]
    table = benefits_of_year(panel(people, wed), 2024, LAW)
    assert row_of(table, 3) is None
    order = np.array([[0, 0, 0], [3, 4, 1], [Relation.CHILD] * 2 + [Relation.PARENT_OF_CHILD]])
    expected = engine(
        people, Ties(*order, np.full(3, at(2020, 2)), start=at(2000), until=at(2028, 5)), 2024
    )
    assert [row_of(table, k)["total_benefit"] for k in (4, 5, 2)] == expected[[3, 4, 1]].tolist()
    assert [row_of(table, k)["worker_id"] for k in (4, 5, 2)] == [1, 1, 1]
    assert expected[3] > 0

    # Disabled at 17, the eldest goes on; the divorced father of no child in the house is no worker.
    unable = children[0] | {"onset_month": at(2023, 11)}
    table = benefits_of_year(panel([father, mother, unable, *children[1:]], wed), 2024, LAW)
    assert row_of(table, 3)["benefit_type"] == "child"
    born_before = [marriage(1, 2, at(2013), at(2018, 2), DIVORCED)]
    table = benefits_of_year(panel(people, born_before), 2024, LAW)
    assert table.num_rows == 0


def test_children_of_two_drawing_parents_are_paid_under_both_records():
    father = someone(1, born(1958), claim=at(2024, 2), work=wages(1.0, 1980, 2022))
    mother = someone(2, born(1962), claim=at(2024, 6), work=wages(0.8, 1984, 2022), is_female=True)
    children = [someone(k, born(2012), mother_id=2, unit_id=1) for k in (3, 4, 5, 6)]
    people = [father, mother | {"unit_id": 1}, *children]
    table = benefits_of_year(panel(people, [marriage(1, 2, at(2000))]), 2024, LAW)
    worker = np.zeros(4, int)
    tie = np.array([worker, [2, 3, 4, 5], [Relation.CHILD] * 4, [at(2024, 2)] * 4])
    both = engine(people, Ties(*tie, other_worker=np.ones(4, int)), 2024)
    one = engine(people, Ties(*tie), 2024)
    assert [row_of(table, k)["total_benefit"] for k in (3, 4, 5, 6)] == both[2:].tolist()
    assert both[2] > one[2]


def test_a_child_without_a_known_mother_has_the_adult_of_its_unit():
    father = someone(1, born(1960), claim=at(2023, 6), work=wages(1.0, 1982, 2022))
    child = someone(2, born(2010), unit_id=1)
    found = row_of(benefits_of_year(panel([father, child]), 2024, LAW), 2)
    assert (found["benefit_type"], found["worker_id"]) == ("child", 1)
    died = father | {"death_month": at(2024, 3)}
    found = row_of(benefits_of_year(panel([died, child]), 2024, LAW), 2)
    assert found["record_type"] == "deceased"


def test_a_disabled_widow_is_paid_from_fifty_on():
    husband = someone(1, born(1965), death=at(2021, 3), work=wages(1.0, 1987, 2020))
    widow = someone(2, born(1968), onset=at(2022, 6), is_female=True)
    wed = [marriage(1, 2, at(1995), at(2021, 3), DIED)]
    found = row_of(benefits_of_year(panel([husband, widow], wed), 2024, LAW), 2)
    assert found["benefit_type"] == "disabled_widow"
    tie = np.array([[0], [1], [Relation.DISABLED_WIDOW], [at(2022, 12)]])
    assert found["total_benefit"] == engine([husband, widow], Ties(*tie, start=at(1995)), 2024)[1]
    well = widow | {"onset_month": int(NEVER)}
    assert row_of(benefits_of_year(panel([husband, well], wed), 2024, LAW), 2) is None


def test_earnings_above_the_exempt_amount_are_withheld_until_full_retirement_age():
    def found(birth, claim, earned, **given):
        work = wages(1.0, birth // 12 + 22, 2023) | {2024: earned}
        row = someone(1, birth, claim=claim, work=work, **given)
        return row_of(benefits_of_year(panel([row]), 2024, LAW), 1)

    exempt, higher = (float(s.at(2024)) for s in (LAW.exempt_below_fra, LAW.exempt_at_fra))
    young = found(born(1961), at(2023, 6), exempt + 10_001)
    assert young["withheld"] == 5_000
    assert young["months_withheld"] == np.ceil(5_000 / young["total_benefit"])
    assert found(born(1961), at(2023, 6), exempt)["withheld"] == 0
    everything = found(born(1961), at(2024, 1), 1e6)
    assert everything["withheld"] == 12 * everything["total_benefit"]
    # Work is taken to end with a claim: the rest of its year is paid.
    first = found(born(1961), at(2024, 10), 1e6)
    assert first["months"] == 3
    assert first["withheld"] == first["months_withheld"] == 0
    # Born in March 1958, full retirement age comes in November: ten months before it.
    turning = found(born(1958), at(2023, 6), higher * 1.2 + 9_000)
    assert turning["withheld"] == np.floor((higher * 1.2 + 9_000) * 10 / 12 - higher) // 3
    assert found(born(1956), at(2023, 6), 1e6)["withheld"] == 0
    assert found(born(1961), int(NEVER), 1e6, onset=at(2020))["withheld"] == 0


def test_a_workers_earnings_are_charged_to_the_family_and_withheld_months_come_back():
    birth = born(1957, 6)
    work = wages(1.0, 1979, 2021) | {2022: 30_000.0, 2023: 30_000.0}
    worker = someone(1, birth, claim=at(2021, 1), work=work)
    wife = someone(2, born(1956), is_female=True)
    parts = panel([worker, wife], [marriage(1, 2, at(1985))], year=2022)
    table = benefits_of_year(parts, 2022, LAW)
    first, second = row_of(table, 1), row_of(table, 2)
    monthly = first["own_benefit"] // 1 + second["auxiliary_benefit"] // 1
    excess = earnings_test(monthly, 30_000.0, year=2022).excess[0]
    assert first["withheld"] + second["withheld"] == pytest.approx(excess)
    share = (first["own_benefit"] // 1) / monthly
    assert first["withheld"] == pytest.approx(excess * share)
    assert first["months_withheld"] > 0

    later = panel([worker, wife], [marriage(1, 2, at(1985))], year=2024)
    with_credit = row_of(benefits_of_year(later, 2024, LAW, before=table), 1)
    without = row_of(benefits_of_year(later, 2024, LAW), 1)
    assert with_credit["own_benefit"] > without["own_benefit"]
    assert with_credit["months_withheld"] == first["months_withheld"]


def test_replacement_is_the_benefit_over_average_earnings_of_the_same_dollars():
    worker = someone(1, born(1957), claim=born(1957) + int(LAW.full_retirement_age(1957)))
    worker |= {"work": wages(1.0, 1979, 2018)}
    found = row_of(benefits_of_year(panel([worker]), 2024, LAW), 1)
    start = pia(found["aime"], eligibility_year=2019, benefit_year=2019)[0]
    assert found["replacement_rate"] == pytest.approx(start / found["aime"], rel=1e-3)


def test_rows_in_another_order_change_nothing_and_strangers_neither():
    worker = someone(1, born(1955), claim=at(2021, 5), work=steady(1977, 2020))
    wife = someone(2, born(1960), claim=at(2022, 6), work=wages(0.2, 1985, 2010), is_female=True)
    child = someone(3, born(2010), mother_id=2, unit_id=1)
    strangers = [someone(k, born(1940 + k), claim=at(2002 + k, 8)) for k in range(10, 17)]
    wed = [marriage(1, 2, at(1990)), marriage(16, 77, at(1980))]
    alone = benefits_of_year(panel([worker, wife, child], wed[:1]), 2024, LAW)
    people = [*strangers[3:], child, wife, *strangers[:3], worker]
    among = benefits_of_year(panel(people, wed[::-1]), 2024, LAW)
    assert among.sort_by("person_id").to_pylist() == alone.sort_by("person_id").to_pylist()
    assert alone.num_rows == 3


def test_who_falls_under_a_law_that_is_not_computed_is_left_out():
    late = someone(1, born(1930), death=at(1975), work=wages(1.0, 1952, 1975))
    widow = someone(2, born(1932), widow_claim=at(1992), is_female=True)
    old = someone(3, born(1913), claim=at(1976), work=wages(1.0, 1951, 1975))
    parts = panel([late, widow, old], [marriage(1, 2, at(1955), at(1975), DIED)])
    assert benefits_of_year(parts, 2024, LAW).num_rows == 0
    later = late | {"death_month": at(1979, 2)}
    parts = panel([later, widow], [marriage(1, 2, at(1955), at(1979, 2), DIED)])
    assert row_of(benefits_of_year(parts, 2024, LAW), 2)["benefit_type"] == "widow"


def test_an_empty_panel_and_what_cannot_be_read():
    nobody = benefits_of_year(panel([someone(1, born(1990))]), 2024, LAW)
    assert (nobody.num_rows, nobody.schema) == (0, SCHEMA)
    parts = panel([someone(1, born(1990))])
    with pytest.raises(ValueError, match="parts of the panel missing: earned"):
        benefits_of_year({k: v for k, v in parts.items() if k != "earned"}, 2024, LAW)
    lacking = parts | {"person": parts["person"].drop_columns(["onset_month"])}
    with pytest.raises(ValueError, match="person: column onset_month is missing"):
        benefits_of_year(lacking, 2024, LAW)
    with pytest.raises(ValueError, match="come more than once, first \\[1\\]"):
        benefits_of_year(panel([someone(1, born(1990)), someone(1, born(1991))]), 2024, LAW)
    early = someone(7, born(1965), claim=at(2024, 2), work=wages(1.0, 1990, 2023))
    with pytest.raises(BadInput, match="claim before the month of attaining 62 \\(person 7\\)"):
        benefits_of_year(panel([early]), 2024, LAW)
