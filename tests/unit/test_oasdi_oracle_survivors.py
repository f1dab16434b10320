"""Survivors of two more cohorts beside SSA's Detailed Calculator (AnyPIA).

More than test_oasdi_detailed_calculator.py has: workers who died at 65, at 70 and at 35,
with the widow(er)s' reindexed amounts, as recorded by the public suite of pyanypia
(github.com/anthonycolavito/pyanypia, oracle/goldens/surv_v1), which compiles SSA's source.
"""

import numpy as np
import oasdi_oracle as law
import pytest

from steelyard.oasdi import NEVER, People, Relation, Ties, benefits, birth_month, default_parameters

LAW = default_parameters()
YEARS = np.arange(1951, 2027)
BASE = LAW.contribution_base.at(YEARS).astype(float)
CHILD = Relation.CHILD
W, X, D, P = (
    Relation.WIDOW,
    Relation.DISABLED_WIDOW,
    Relation.SURVIVING_DIVORCED,
    Relation.PARENT_OF_CHILD,
)
# Born 15 March, died 20 August; the earnings are the average wage, the base or half the wage, from
# 22 to the year of death; nothing was claimed.
# born, died, pattern, month, PIA, maximum, (relation, original, paid) of each.
SURVIVORS = [
    (1950, 2015, "max", (2015, 8), 2639.4, 4619.7, [(W, 2639.4, 2158)]),
    (1950, 2015, "max", (2016, 8), 2639.4, 4619.7, [(W, 2639.4, 2158), (D, 2639.4, 2440)]),
    (1950, 2015, "max", (2015, 8), 2639.4, 4619.7, [(r, 1979.5, 1539) for r in (P, CHILD, CHILD)]),
    (1950, 2015, "max", (2015, 8), 2639.4, 4619.7, [(CHILD, 1979.5, 1979)]),
    (1950, 2015, "half", (2015, 8), 1057.4, 1621.3, [(W, 1057.4, 864), (D, 1057.4, 977)]),
    (1950, 2015, "half", (2016, 8), 1057.4, 1621.3, [(r, 793.0, 540) for r in (P, CHILD, CHILD)]),
    (1950, 2015, "half", (2016, 8), 1057.4, 1621.3, [(CHILD, 793.0, 793)]),
    (
        1950,
        2020,
        "steady",
        (2020, 8),
        1805.5,
        3268.7,
        [(r, 1354.1, 1089) for r in (P, CHILD, CHILD)],
    ),
    (
        1950,
        2020,
        "steady",
        (2021, 8),
        1828.9,
        3311.1,
        [(r, 1371.6, 1103) for r in (P, CHILD, CHILD)],
    ),
    (1950, 2020, "steady", (2021, 8), 1828.9, 3311.1, [(CHILD, 1371.6, 1371)]),
    (1950, 2020, "half", (2020, 8), 1151.9, 1792.5, [(r, 863.9, 597) for r in (P, CHILD, CHILD)]),
    (1950, 2020, "half", (2021, 8), 1166.8, 1815.8, [(r, 875.1, 605) for r in (P, CHILD, CHILD)]),
    (1960, 1995, "steady", (2023, 6), 1734.5, 3160.5, [(W, 2257.8, 1614), (D, 2325.4, 1880)]),
    (1960, 1995, "steady", (2024, 6), 1790.0, 3261.6, [(W, 2330.0, 1665), (D, 2399.8, 1941)]),
    (1960, 1995, "steady", (2015, 6), 1392.3, 2536.9, [(X, 1683.1, 1203)]),
    (1960, 1995, "steady", (2016, 6), 1392.3, 2536.9, [(X, 1683.1, 1203)]),
    (1960, 1995, "steady", (1995, 8), 871.0, 1586.7, [(r, 653.2, 528) for r in (P, CHILD, CHILD)]),
    (1960, 1995, "steady", (1996, 8), 893.6, 1627.9, [(r, 670.2, 542) for r in (P, CHILD, CHILD)]),
    (1960, 1995, "max", (2023, 6), 2792.5, 4887.0, [(W, 3641.5, 2603)]),
    (1960, 1995, "max", (2024, 6), 2881.8, 5043.3, [(W, 3758.0, 2686)]),
    (1960, 1995, "max", (2015, 6), 2241.3, 3922.5, [(X, 2714.3, 1940)]),
    (1960, 1995, "max", (1995, 8), 1401.8, 2452.9, [(r, 1051.3, 817) for r in (P, CHILD, CHILD)]),
    (1960, 1995, "max", (1996, 8), 1438.2, 2516.6, [(r, 1078.6, 838) for r in (P, CHILD, CHILD)]),
]


def survivor_claim(relation, born, died):
    """Month in which that suite has each begin: a month after 60 or 52, or at death."""
    death = law.at(died, 8)
    ages = {W: (born + 63, 6), D: (born + 63, 6), X: (born + 55, 6)}
    return max(law.at(*ages[relation]), death) if relation in ages else death


@pytest.mark.parametrize("case", SURVIVORS, ids=lambda case: f"{case[:4]}{len(case[-1])}")
def test_survivors_of_other_cohorts(case):
    born, died, pattern, when, amount, maximum, members = case
    wages = LAW.average_wage_index.at(np.minimum(YEARS, 2025)) / 100
    level = {"steady": wages, "max": BASE, "half": wages / 2}[pattern]
    earned = np.round(np.minimum(level, BASE), 2) * ((born + 22 <= YEARS) & (died >= YEARS))
    relations = [each[0] for each in members]
    births = {W: (born + 3, 6, 10), X: (born + 3, 6, 10), D: (born + 1, 3, 4), P: (born + 4, 2, 25)}
    births[CHILD] = (died - 6, 4, 1)
    size = 1 + len(members)
    table = np.zeros((size, YEARS.size))
    table[0] = earned
    claims = [survivor_claim(r, born, died) for r in relations]
    never = int(NEVER)
    death = law.at(died, 8)
    onset = [never] + [c - 12 if r is X else never for r, c in zip(relations, claims, strict=True)]
    people = People(
        table,
        1951,
        np.concatenate([birth_month(born, 3), *(birth_month(*births[r]) for r in relations)]),
        death=np.array([death] + [never] * len(members)),
        onset=np.array(onset),
    )
    ties = Ties(
        np.zeros(size - 1, int),
        np.arange(1, size),
        np.array([int(r) for r in relations]),
        np.array(claims),
        start=law.at(born + 22, 1),
        end=np.array([death - 12 if r is D else never for r in relations]),
        seven_years_from=max(claims),
    )
    got = benefits(people, ties, month=law.at(*when))
    assert (got.records.pia[0], got.records.maximum[0]) == (round(10 * amount), round(10 * maximum))
    assert got.original.tolist() == [each[1] for each in members]
    assert got.total[1:].tolist() == [each[2] for each in members]
