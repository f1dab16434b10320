"""Input that no rule can be applied to is refused by name, key and count, or set aside."""

import numpy as np
import pytest

from steelyard.oasdi import (
    NEVER,
    BadInput,
    Parameters,
    People,
    Relation,
    Ties,
    aime,
    benefits,
    birth_month,
    earnings_test,
    family_maximum,
    month,
    pia,
    retired_worker_benefit,
    spouse_benefit,
    survivor_benefit,
)
from steelyard.oasdi.parameters import TABLES
from steelyard.oasdi.tables import packaged_table

STEADY = np.full(40, 30_000.0)
BORN_1960 = {"first_year": 1982, "birth_year": 1960, "eligibility_year": 2022}


def refused(message):
    return pytest.raises(BadInput, match=message)


def test_earnings_that_are_negative_or_missing():
    two = np.stack([STEADY, STEADY])
    two[1, 3] = -5
    with refused(r"earnings must not be negative: 1 value\(s\), first -5.0 \(person 1\)"):
        aime(two, **BORN_1960)
    two[1, 3] = np.nan
    with refused(r"earnings must be finite dollars.*first nan \(person 1\)"):
        aime(two, **BORN_1960)


def test_years_and_births_outside_the_tables():
    with refused("contribution base: .* outside 1937-2101"):
        aime(STEADY, first_year=2090, birth_year=2030, eligibility_year=2092)
    with refused("births before 1900"):
        aime(STEADY, first_year=1920, birth_year=1899, eligibility_year=1980, kind="survivor")
    with refused("eligibility before 1979"):
        aime(STEADY, first_year=1951, birth_year=1910, eligibility_year=1972)
    with refused("births before 1900"):
        birth_month(1890, 5)


def test_entitlement_before_eligibility_and_claims_after_70():
    with refused("no benefit is paid before the eligibility year.*first 2020"):
        pia(3000, eligibility_year=2022, benefit_year=2020)
    with refused("retirement eligibility is the year of attaining 62; found at age: .*first 65"):
        aime(STEADY, first_year=1982, birth_year=1960, eligibility_year=2025)
    with refused("disability eligibility lies between ages 14 and 62.*: 1 value.*first 64"):
        aime(STEADY, first_year=1982, birth_year=1960, eligibility_year=2024, kind="disability")
    with refused("no credit is earned after 70.*first 37"):
        retired_worker_benefit(1000, months_delayed=37, birth_year=1960)
    with refused("nobody is paid before 62"):
        retired_worker_benefit(1000, months_early=61, birth_year=1960)
    with refused("early or delayed, not both"):
        retired_worker_benefit(1000, months_early=1, months_delayed=1)


def test_amounts_months_and_words_that_make_no_sense():
    with refused("PIA must not be negative"):
        retired_worker_benefit(-1)
    with refused("months early must not be negative"):
        spouse_benefit(1000, months_early=-1)
    with refused("cannot exceed those possible"):
        survivor_benefit(1000, months_early=70, months_possible=60)
    with refused("months of a year lie between 0 and 12"):
        earnings_test(1000, 0, year=2020, months=13)
    with refused("disability record needs its AIME"):
        family_maximum(1000, eligibility_year=2020, kind="disability")
    with refused("kind must be"):
        aime(STEADY, first_year=1982, birth_year=1960, eligibility_year=2022, kind="pension")
    with refused("rounding must be"):
        retired_worker_benefit(1000, rounding="cent")
    with refused("must be whole numbers.*first 2021.5"):
        pia(3000, eligibility_year=2021.5, benefit_year=2025)


def test_parameter_tables_must_be_whole():
    tables = {"cola": packaged_table("cola")}
    with refused("parameter tables missing: average_wage_index, bend_points"):
        Parameters.from_tables(tables)
    tables = {name: packaged_table(name) for name in TABLES}
    with refused("no rows for scenario 'best'"):
        Parameters.from_tables(tables, "best")
    gap = {column: values[:10] + values[11:] for column, values in tables["cola"].items()}
    with refused(r"cola_percent: years must follow one another; see \[1984\]"):
        Parameters.from_tables({**tables, "cola": gap})


def four_people(**changes):
    earnings = np.tile(STEADY, (4, 1))
    born = np.repeat(birth_month(1960, 5), 4)
    columns = {"claim": np.full(4, int(month(2027, 5)))} | changes
    return People(earnings, 1982, born, keys=np.array(list("abcd")), **columns)


def tie(worker, person, relation=Relation.SPOUSE):
    return Ties(
        np.array(worker),
        np.array(person),
        np.full(len(worker), int(relation)),
        np.full(len(worker), int(month(2027, 6))),
        start=int(month(1990)),
    )


def none():
    empty = np.zeros(0, np.int64)
    return Ties(empty, empty, empty, empty)


WHEN = int(month(2028, 1))


def test_persons_are_named_by_key_and_rows_set_aside_on_request():
    late = np.array([month(2027, 5), month(2031, 1), month(2020, 1), NEVER])
    people = four_people(claim=late)
    with refused(
        r"persons: 2 value\(s\), first claim after the month of attaining 70 \(person b\)"
    ):
        benefits(people, none(), month=WHEN)
    got = benefits(people, none(), month=WHEN, on_error="reason")
    assert got.person_reasons.tolist() == [
        "",
        "claim after the month of attaining 70",
        "claim before the month of attaining 62",
        "",
    ]
    assert (got.own > 0).tolist() == [True, False, False, False]


def test_missing_earnings_set_a_person_aside_without_touching_the_others():
    people = four_people()
    whole = benefits(people, none(), month=WHEN)
    people.earnings[2, 5] = np.nan
    got = benefits(people, none(), month=WHEN, on_error="reason")
    assert got.person_reasons.tolist() == ["", "", "earnings are missing or infinite", ""]
    assert got.total[[0, 1, 3]].tolist() == whole.total[[0, 1, 3]].tolist()


def test_ties_that_point_nowhere_or_come_twice():
    people = four_people()
    with refused(
        r"ties: 1 value\(s\), first worker or person points to no row \(person c, tie 1\)"
    ):
        benefits(people, tie([0, 9], [1, 2]), month=WHEN)
    with refused(r"ties: 2 value\(s\), first the same tie is given twice \(person b, tie 0\)"):
        benefits(people, tie([0, 0], [1, 1]), month=WHEN)
    with refused("worker and person are the same"):
        benefits(people, tie([0], [0]), month=WHEN)
    with refused("relation is not known"):
        benefits(people, tie([0], [1], relation=99), month=WHEN)
    got = benefits(people, tie([0, 9], [1, 2]), month=WHEN, on_error="reason")
    assert got.tie_reasons.tolist() == ["", "worker or person points to no row"]
    assert got.auxiliary[1] == 0
    people.earnings[3, 0] = -1
    got = benefits(people, tie([0, 3], [1, 2]), month=WHEN, on_error="reason")
    assert got.tie_reasons.tolist() == ["", "worker or person cannot be computed"]


def reasons(people):
    return benefits(people, none(), month=WHEN, on_error="reason").person_reasons.tolist()


def test_each_wrong_person_has_a_reason_of_its_own():
    people = four_people(
        claim=np.array([NEVER, int(month(2027, 5)), int(month(2027, 5)), int(month(2027, 5))]),
        onset=np.array([NEVER, int(month(1950)), int(month(2000)), NEVER]),
        recovery=np.array([NEVER, NEVER, int(month(1999)), NEVER]),
        death=np.array([NEVER, NEVER, NEVER, int(month(1950))]),
    )
    assert reasons(people) == [
        "",
        "disability or death before 1979 and 62, under a law that is not computed",
        "recovery before onset",
        "disability or death before 1979 and 62, under a law that is not computed",
    ]
    early = four_people(pension=np.array([0.0, -1.0, np.nan, 5.0]))
    assert reasons(early) == ["", *["pension is missing or negative"] * 2, ""]


def test_years_outside_the_tables_and_births_no_law_here_covers():
    future = People(np.tile(STEADY, (1, 1)), 2090, birth_month(2070, 1), keys=["z"])
    with refused(r"first earnings lie outside 1937-2101 \(person z\)"):
        benefits(future, none(), month=WHEN)
    born = np.array([12 * 1899, 12 * 1912, 12 * 1913, 12 * 1960])
    people = People(np.tile(STEADY, (4, 1)), 1951, born, keys=np.array(list("abcd")))
    assert reasons(people) == [
        "birth before 1900",
        "attains 62 before 1975, under a law that is not computed",
        "",
        "",
    ]
    idle = People(np.zeros((2, 40)), 1951, born[1:3])
    assert reasons(idle) == ["", ""]  # without an own record no law is needed for it
    with refused("benefits are computed from 1979 on; year.*first 1978"):
        benefits(four_people(), none(), month=int(month(1978, 12)))


def test_claims_of_the_family_before_their_age():
    people = four_people()
    for relation, years in ((Relation.SPOUSE, 62), (Relation.WIDOW, 60)):
        with refused(rf"first claim before the month of attaining {years} \(person b, tie 0\)"):
            benefits(people, early_tie(relation, 1960 + years), month=WHEN)
    with refused("attaining 50"):
        benefits(people, early_tie(Relation.DISABLED_WIDOW, 2010), month=WHEN)
    got = benefits(people, early_tie(Relation.WIDOW, 2020), month=WHEN, on_error="reason")
    assert got.tie_reasons.tolist() == ["claim before the month of attaining 60"]


def early_tie(relation, year):
    """A claim of the second person in the month before May of the year."""
    one = np.array([1])
    return Ties(one * 0, one, one * int(relation), one * int(month(year, 4)), start=0)


def test_two_marriages_at_once_and_a_divorce_before_the_marriage():
    people = four_people()
    spells = {"start": np.array([month(1980), month(1990)]).ravel()}
    with refused(r"ties: 1 value\(s\), first two marriages at once \(person d, tie 1\)"):
        benefits(people, marriages([0, 1], [3, 3], **spells), month=WHEN)
    apart = spells | {"end": np.array([int(month(1990)), NEVER])}
    assert benefits(people, marriages([0, 1], [3, 3], **apart), month=WHEN).tie_reasons.sum() == ""
    backwards = {"start": int(month(1990)), "end": int(month(1985))}
    with refused("divorce before marriage"):
        benefits(people, marriages([0], [3], **backwards), month=WHEN)
    other = Ties(*(np.array([n]) for n in (0, 1, int(Relation.CHILD), 0)), other_worker=9)
    with refused("other worker points to no row"):
        benefits(people, other, month=WHEN)


def marriages(worker, person, **spells):
    size = len(worker)
    claim = np.full(size, int(month(2027, 6)))
    kinds = np.full(size, int(Relation.SPOUSE))
    return Ties(np.array(worker), np.array(person), kinds, claim, **spells)
