"""The engine beside SSA's Detailed Calculator (AnyPIA, 2026 Trustees Report version).

Publisher: Social Security Administration, Office of the Chief Actuary,
https://www.ssa.gov/oact/anypia/. What it prints for these histories was recorded by the public
test suite of pyanypia (github.com/anthonycolavito/pyanypia, oracle/goldens), which compiles SSA's
source. Every worker is born on 15 March (those of 1957 on the 2nd) and earns, from 22 on, the
average wage (steady), half of it, or the contribution base; other patterns are in `history`.
Benefits of 2027 and 2028 rest on the intermediate projections of the 2026 Trustees Report.
"""

import numpy as np
import pytest

from steelyard.oasdi import NEVER, People, Relation, Ties, benefits, birth_month, month
from steelyard.oasdi.tables import default_parameters

LAW = default_parameters()
FIRST = 1951
YEARS = np.arange(FIRST, 2027)
WAGES = LAW.average_wage_index.at(np.minimum(YEARS, 2025)) / 100
BASE = LAW.contribution_base.at(YEARS).astype(float)


def history(pattern, born, last):
    age = YEARS - born
    share = {
        "steady": 1.0,
        "max": 1e6,
        "half": 0.5,
        "sporadic": (YEARS // 3 % 2 == 0) * 1.0,
        "late_start": (age >= 40) * 1.2,
        "early_quit": (age <= 45) * 1.2,
        "declining": np.maximum(0.3, 1.5 - 0.02 * (age - 25)),
    }[pattern]
    earned = np.round(np.minimum(share * WAGES, BASE), 2)
    return np.where((age >= 22) & (last >= YEARS), earned, 0.0)[None, :]


# born, pattern, claimed, benefit for, AIME, PIA, family maximum, benefit before the last truncation
RETIRED = [
    (1950, "steady", (2012, 4), (2012, 4), 3475, 1556.8, 2843.2, None),
    (1950, "steady", (2012, 4), (2013, 4), 3475, 1583.2, 2891.5, 1193.9),
    (1950, "steady", (2016, 3), (2016, 3), 3516, 1647.9, 3003.0, 1647.9),
    (1950, "steady", (2016, 3), (2017, 3), 3516, 1652.8, 3012.0, 1652.8),
    (1950, "steady", (2020, 3), (2020, 3), 3608, 1793.6, 3253.0, 2367.5),
    (1950, "steady", (2020, 3), (2021, 3), 3608, 1816.9, 3295.2, 2398.3),
    (1950, "max", (2012, 4), (2012, 4), 8199, 2460.7, 4306.8, 1855.7),
    (1950, "max", (2012, 4), (2013, 4), 8199, 2502.5, 4380.0, 1887.3),
    (1950, "max", (2016, 3), (2016, 3), 8556, 2639.4, 4619.7, 2639.4),
    (1950, "max", (2016, 3), (2017, 3), 8556, 2647.3, 4633.5, 2647.3),
    (1950, "max", (2020, 3), (2020, 3), 8864, 2871.9, 5026.7, 3790.9),
    (1950, "max", (2020, 3), (2021, 3), 8864, 2909.2, 5092.0, 3840.1),
    (1950, "half", (2012, 4), (2012, 4), 1737, 1000.7, 1526.3, 754.6),
    (1950, "half", (2012, 4), (2013, 4), 1737, 1017.7, 1552.2, 767.5),
    (1950, "half", (2016, 3), (2016, 3), 1758, 1057.4, 1621.3, 1057.4),
    (1950, "half", (2016, 3), (2017, 3), 1758, 1060.5, 1626.1, 1060.5),
    (1950, "half", (2020, 3), (2020, 3), 1804, 1146.2, 1777.0, 1512.9),
    (1950, "half", (2020, 3), (2021, 3), 1804, 1161.1, 1800.1, 1532.6),
    (1950, "sporadic", (2012, 4), (2012, 4), 1987, 1080.7, 1743.9, 815.0),
    (1950, "sporadic", (2012, 4), (2013, 4), 1987, 1099.0, 1773.5, 828.8),
    (1950, "sporadic", (2016, 3), (2016, 3), 2093, 1170.0, 1927.5, 1170.0),
    (1950, "sporadic", (2016, 3), (2017, 3), 2093, 1173.5, 1933.2, 1173.5),
    (1950, "sporadic", (2020, 3), (2020, 3), 2452, 1378.8, 2409.9, 1820.0),
    (1950, "sporadic", (2020, 3), (2021, 3), 2452, 1396.7, 2441.2, 1843.6),
    (1950, "late_start", (2012, 4), (2012, 4), 2623, 1284.2, 2297.4, 968.5),
    (1950, "late_start", (2012, 4), (2013, 4), 2623, 1306.0, 2336.4, 984.9),
    (1950, "late_start", (2016, 3), (2016, 3), 3148, 1524.3, 2837.5, 1524.3),
    (1950, "late_start", (2016, 3), (2017, 3), 3148, 1528.8, 2846.0, 1528.8),
    (1950, "late_start", (2020, 3), (2020, 3), 3734, 1839.0, 3313.6, 2427.4),
    (1950, "late_start", (2020, 3), (2021, 3), 3734, 1862.9, 3356.6, 2459.0),
    (1950, "early_quit", (2012, 4), (2012, 4), 2857, 1359.1, 2501.1, 1024.9),
    (1950, "early_quit", (2016, 3), (2016, 3), 2857, 1426.7, 2625.5, 1426.7),
    (1950, "early_quit", (2020, 3), (2021, 3), 2857, 1544.1, 2841.6, 2038.2),
    (1950, "declining", (2012, 4), (2012, 4), 4195, 1787.2, 3151.9, 1347.8),
    (1950, "declining", (2012, 4), (2013, 4), 4195, 1817.5, 3205.4, 1370.6),
    (1950, "declining", (2016, 3), (2017, 3), 4195, 1881.6, 3318.6, 1881.6),
    (1950, "declining", (2020, 3), (2020, 3), 4195, 2004.4, 3535.2, 2645.8),
    (1955, "steady", (2017, 4), (2017, 4), 4009, 1796.1, 3280.4, 1339.5),
    (1955, "steady", (2017, 4), (2018, 4), 4009, 1832.0, 3346.0, 1366.3),
    (1955, "steady", (2021, 5), (2021, 5), 4056, 1954.4, 3561.9, 1954.4),
    (1955, "steady", (2021, 5), (2022, 5), 4056, 2069.7, 3772.0, 2069.7),
    (1955, "steady", (2025, 3), (2025, 3), 4219, 2448.2, 4428.6, 3198.9),
    (1955, "steady", (2025, 3), (2026, 3), 4219, 2516.7, 4552.6, 3288.4),
    (1955, "max", (2017, 4), (2017, 4), 9784, 2888.0, 5054.4, 2153.9),
    (1937, "steady", (1999, 4), (1999, 4), 2288, 1025.0, 1871.3, 825.6),
    (1937, "steady", (2002, 3), (2002, 3), 2320, 1126.7, 2051.7, 1126.7),
    (1937, "steady", (2002, 3), (2003, 3), 2320, 1142.4, 2080.4, 1142.4),
    (1937, "steady", (2007, 3), (2007, 3), 2419, 1327.4, 2398.3, 1758.8),
    (1937, "steady", (2007, 3), (2008, 3), 2419, 1357.9, 2453.4, 1799.2),
    (1937, "max", (1999, 4), (1999, 4), 4463, 1479.6, 2589.4, 1191.9),
    (1937, "max", (2002, 3), (2002, 3), 4770, 1660.5, 2906.1, 1660.5),
    (1937, "max", (2002, 3), (2003, 3), 4770, 1683.7, 2946.7, 1683.7),
    (1937, "max", (2007, 3), (2007, 3), 5406, 2017.2, 3530.3, 2672.7),
    (1937, "max", (2007, 3), (2008, 3), 5406, 2063.5, 3611.4, 2734.1),
    (1937, "half", (1999, 4), (1999, 4), 1144, 658.9, 1005.3, 530.7),
    (1937, "half", (2002, 3), (2002, 3), 1160, 722.8, 1109.4, 722.8),
    (1937, "half", (2002, 3), (2003, 3), 1160, 732.9, 1124.9, 732.9),
    (1937, "half", (2007, 3), (2007, 3), 1209, 845.4, 1320.8, 1120.1),
    (1937, "half", (2007, 3), (2008, 3), 1209, 864.8, 1351.1, 1145.8),
    (1937, "sporadic", (1999, 4), (1999, 4), 1244, 690.9, 1092.3, 556.5),
    (1937, "sporadic", (2002, 3), (2002, 3), 1393, 803.7, 1330.0, 803.7),
    (1937, "sporadic", (2002, 3), (2003, 3), 1393, 814.9, 1348.6, 814.9),
    (1937, "sporadic", (2007, 3), (2007, 3), 1658, 1024.3, 1807.5, 1357.1),
    (1937, "sporadic", (2007, 3), (2008, 3), 1658, 1047.8, 1849.0, 1388.3),
    (1937, "late_start", (1999, 4), (1999, 4), 1728, 845.8, 1513.6, 681.3),
    (1937, "late_start", (2002, 3), (2002, 3), 2001, 1015.6, 1902.9, 1015.6),
    (1937, "late_start", (2002, 3), (2003, 3), 2001, 1029.8, 1929.5, 1029.8),
    (1957, "half", (2023, 9), (2024, 9), 2137, 1492.5, 2293.9, 1492.5),
    (1957, "sporadic", (2019, 3), (2019, 3), 2520, 1343.4, 2209.5, 973.9),
    (1957, "sporadic", (2019, 3), (2020, 3), 2520, 1364.8, 2244.8, 989.4),
    (1957, "sporadic", (2023, 9), (2023, 9), 2672, 1649.0, 2774.5, 1649.0),
    (1957, "sporadic", (2023, 9), (2024, 9), 2672, 1701.7, 2863.2, 1701.7),
    (1957, "late_start", (2019, 3), (2019, 3), 3168, 1550.8, 2773.6, 1124.3),
    (1957, "late_start", (2019, 3), (2020, 3), 3168, 1575.6, 2817.9, 1142.3),
    (1957, "late_start", (2023, 9), (2023, 9), 3837, 2090.8, 3882.8, 2090.8),
    (1957, "late_start", (2023, 9), (2024, 9), 3837, 2157.7, 4007.0, 2157.7),
    (1957, "early_quit", (2019, 3), (2019, 3), 3450, 1641.0, 3019.0, 1189.7),
    (1957, "early_quit", (2019, 3), (2020, 3), 3450, 1667.2, 3067.3, 1208.7),
    (1957, "early_quit", (2023, 9), (2023, 9), 3450, 1943.9, 3576.6, 1943.9),
    (1957, "early_quit", (2023, 9), (2024, 9), 3450, 2006.1, 3691.0, 2006.1),
    (1957, "early_quit", (2027, 3), (2027, 3), 3450, 2170.7, 3994.1, 2778.4),
    (1957, "early_quit", (2027, 3), (2028, 3), 3450, 2222.7, 4089.9, 2845.0),
    (1957, "declining", (2019, 3), (2019, 3), 5116, 2174.2, 3825.9, 1576.2),
    (1957, "declining", (2019, 3), (2020, 3), 5116, 2208.9, 3887.1, 1601.4),
    (1957, "declining", (2023, 9), (2023, 9), 5116, 2575.7, 4532.6, 2575.7),
    (1957, "declining", (2023, 9), (2024, 9), 5116, 2658.1, 4677.6, 2658.1),
]


@pytest.mark.parametrize("row", RETIRED, ids=str)
def test_retired_workers(row):
    born, pattern, claim, when, aime, pia, maximum, benefit = row
    people = People(
        history(pattern, born, claim[0] - 1),
        FIRST,
        birth_month(born, 3, 2 if born == 1957 else 15),
        claim=month(*claim),
    )
    got = benefits(people, none(), month=int(month(*when)))
    if aime is not None:
        assert got.records.aime == aime
    assert got.records.pia == round(10 * pia)
    assert got.records.maximum == round(10 * maximum)
    if benefit is not None:
        assert got.own == benefit
        assert got.total == np.floor(benefit)


# pattern, year of onset (15 June), benefit for December of the year, AIME, PIA, family maximum
DISABLED_1955 = [
    ("steady", 1985, 1985, 1280, 589.7, 884.5),
    ("steady", 1985, 1986, 1299, 603.6, 905.4),
    ("steady", 2000, 2000, 2412, 1117.5, 1676.3),
    ("steady", 2000, 2001, 2426, 1151.3, 1727.0),
    ("steady", 2013, 2013, 3585, 1629.9, 2444.9),
    ("steady", 2013, 2014, 3590, 1659.3, 2488.9),
    ("max", 1985, 1985, 2714, 883.4, 1325.1),
    ("max", 1985, 1986, 2879, 920.8, 1381.1),
    ("max", 2000, 2000, 5754, 1775.4, 2663.1),
    ("max", 2000, 2001, 5815, 1831.2, 2746.8),
    ("max", 2013, 2013, 8727, 2616.9, 3925.4),
    ("max", 2013, 2014, 8775, 2668.8, 4003.2),
    ("half", 1985, 1985, 640, 378.5, 560.8),
    ("half", 1985, 1986, 649, 386.3, 575.9),
    ("half", 2000, 2000, 1206, 718.1, 1060.9),
    ("half", 2000, 2001, 1213, 739.1, 1094.7),
    ("half", 2013, 2013, 1792, 1047.6, 1546.0),
    ("half", 2013, 2014, 1795, 1066.3, 1574.8),
    ("sporadic", 2000, 2000, 1399, 782.0, 1173.0),
    ("sporadic", 2000, 2001, 1540, 850.2, 1275.3),
    ("sporadic", 2013, 2013, 2083, 1142.1, 1713.2),
    ("sporadic", 2013, 2014, 2083, 1161.5, 1742.3),
]


@pytest.mark.parametrize("row", DISABLED_1955, ids=str)
def test_disabled_workers_born_1955(row):
    pattern, onset, year, aime, pia, maximum = row
    people = People(
        history(pattern, 1955, onset), FIRST, birth_month(1955, 3), onset=month(onset, 6)
    )
    got = benefits(people, none(), month=int(month(year, 12)))
    assert got.records.aime == aime
    assert got.records.pia == round(10 * pia)
    assert got.records.maximum == round(10 * maximum)
    assert got.own == pia
    waiting = benefits(people, none(), month=int(month(onset, 11)))
    assert waiting.own == 0


def test_sporadic_worker_without_recent_work_is_not_insured_for_disability():
    people = People(
        history("sporadic", 1955, 1985), FIRST, birth_month(1955, 3), onset=month(1985, 6)
    )
    assert benefits(people, none(), month=int(month(1985, 12))).own == 0


S, Y, C = Relation.SPOUSE, Relation.SPOUSE_WITH_CHILD, Relation.CHILD
# pattern, relations of the family, spouse's claim, benefit for, original, paid to each
FAMILIES_1955 = [
    ("steady", [S], (2021, 5), (2021, 5), 977.2, 760),
    ("steady", [S], (2021, 5), (2022, 5), 1034.8, 804),
    ("steady", [S], (2022, 7), (2022, 7), 1034.8, 905),
    ("steady", [S], (2022, 7), (2023, 7), 1124.8, 984),
    ("steady", [Y, C, C], (2021, 5), (2021, 5), 977.2, 535),
    ("steady", [Y, C, C], (2021, 5), (2022, 5), 1034.8, 567),
    ("steady", [C, C], (2021, 5), (2021, 5), 977.2, 803),
    ("steady", [C, C], (2021, 5), (2022, 5), 1034.8, 851),
    ("max", [S], (2021, 5), (2021, 5), 1574.0, 1224),
    ("max", [S], (2021, 5), (2022, 5), 1666.9, 1296),
    ("max", [S], (2022, 7), (2022, 7), 1666.9, 1458),
    ("max", [S], (2022, 7), (2023, 7), 1811.9, 1585),
    ("max", [Y, C, C], (2021, 5), (2021, 5), 1574.0, 787),
    ("max", [Y, C, C], (2021, 5), (2022, 5), 1666.9, 833),
    ("max", [C, C], (2021, 5), (2021, 5), 1574.0, 1180),
    ("max", [C, C], (2021, 5), (2022, 5), 1666.9, 1250),
    ("half", [S], (2021, 5), (2021, 5), 626.9, 487),
    ("half", [S], (2021, 5), (2022, 5), 663.9, 516),
    ("half", [S], (2022, 7), (2022, 7), 663.9, 580),
    ("half", [S], (2022, 7), (2023, 7), 721.6, 631),
    ("half", [Y, C, C], (2021, 5), (2021, 5), 626.9, 222),
    ("half", [Y, C, C], (2021, 5), (2022, 5), 663.9, 235),
    ("half", [C, C], (2021, 5), (2021, 5), 626.9, 334),
]


@pytest.mark.parametrize("row", FAMILIES_1955, ids=str)
def test_families_of_workers_born_1955(row):
    pattern, relations, claim, when, original, paid = row
    births = [birth_month(1955, 3, 15)] + [
        birth_month(*{S: (1957, 7, 20), Y: (1975, 1, 15), C: (2013, 4, 1)}[r]) for r in relations
    ]
    size = len(births)
    earnings = np.zeros((size, YEARS.size))
    earnings[0] = history(pattern, 1955, 2020)
    claims = np.full(size, NEVER)
    claims[0] = month(2021, 5)
    people = People(earnings, FIRST, np.concatenate(births), claim=claims)
    m = len(relations)
    ties = Ties(
        worker=np.zeros(m, int),
        person=np.arange(1, size),
        relation=np.array([int(r) for r in relations]),
        claim=np.full(m, int(month(*claim))),
        start=int(month(1990)),
    )
    got = benefits(people, ties, month=int(month(*when)))
    assert (got.original == original).all()
    assert (got.total[1:] == paid).all()


W, X, D, P = (
    Relation.WIDOW,
    Relation.DISABLED_WIDOW,
    Relation.SURVIVING_DIVORCED,
    Relation.PARENT_OF_CHILD,
)
# pattern, benefit for, worker's PIA, family maximum, (relation, original, paid) of each survivor
SURVIVORS_1950 = [
    ("steady", (2013, 6), 1255.5, 2286.6, [(W, 1582.3, 1131)]),
    ("steady", (2014, 6), 1274.3, 2320.8, [(W, 1606.0, 1148)]),
    ("steady", (2005, 6), 1024.1, 1864.9, [(X, 1275.1, 911)]),
    ("steady", (2006, 6), 1066.0, 1941.3, [(X, 1327.3, 949)]),
    ("steady", (1985, 8), 576.8, 1049.6, [(P, 432.6, 349), (C, 432.6, 349), (C, 432.6, 349)]),
    ("steady", (1986, 8), 594.6, 1082.1, [(P, 445.9, 360), (C, 445.9, 360), (C, 445.9, 360)]),
    ("steady", (1985, 8), 576.8, 1049.6, [(C, 432.6, 432)]),
    ("steady", (2013, 6), 1255.5, 2286.6, [(W, 1582.3, 1131), (D, 1601.2, 1315)]),
    ("steady", (2014, 6), 1274.3, 2320.8, [(W, 1606.0, 1148), (D, 1625.2, 1335)]),
    ("max", (2013, 6), 1890.8, 3309.5, [(W, 2389.2, 1708)]),
    ("max", (2014, 6), 1919.1, 3359.1, [(W, 2425.0, 1733)]),
    ("max", (2005, 6), 1542.1, 2699.0, [(X, 1925.0, 1376)]),
    ("max", (2006, 6), 1605.3, 2809.6, [(X, 2003.9, 1432)]),
    ("max", (1985, 8), 867.9, 1518.7, [(P, 650.9, 506), (C, 650.9, 506), (C, 650.9, 506)]),
    ("max", (1986, 8), 894.8, 1565.7, [(P, 671.1, 521), (C, 671.1, 521), (C, 671.1, 521)]),
    ("max", (1986, 8), 894.8, 1565.7, [(C, 671.1, 671)]),
    ("max", (2013, 6), 1890.8, 3309.5, [(W, 2389.2, 1708), (D, 2417.9, 1987)]),
    ("half", (2013, 6), 803.6, 1236.8, [(W, 1017.3, 727)]),
    ("half", (2014, 6), 815.6, 1255.3, [(W, 1032.5, 738)]),
    ("half", (2005, 6), 655.5, 1008.9, [(X, 819.6, 586)]),
]
BORN = {W: (1953, 6, 10), X: (1953, 6, 10), D: (1951, 3, 4), P: (1954, 2, 25), C: (1979, 4, 1)}
CHILD_OF_2011 = (2005, 4, 1)


# The same for workers who died in August 2011, at 61.
SURVIVORS_2011 = [
    ("steady", (2013, 6), 1604.0, 2928.5, [(W, 1604.0, 1146)]),
    ("steady", (2014, 6), 1628.0, 2972.4, [(W, 1628.0, 1164)]),
    ("steady", (2011, 8), 1522.4, 2779.6, [(X, 1522.4, 1088)]),
    ("steady", (2012, 8), 1577.2, 2879.6, [(X, 1577.2, 1127)]),
    ("steady", (2011, 8), 1522.4, 2779.6, [(P, 1141.8, 926), (C, 1141.8, 926), (C, 1141.8, 926)]),
    ("steady", (2012, 8), 1577.2, 2879.6, [(P, 1182.9, 959), (C, 1182.9, 959), (C, 1182.9, 959)]),
    ("steady", (2011, 8), 1522.4, 2779.6, [(C, 1141.8, 1141)]),
    ("steady", (2013, 6), 1604.0, 2928.5, [(W, 1604.0, 1146), (D, 1604.0, 1318)]),
    ("steady", (2014, 6), 1628.0, 2972.4, [(W, 1628.0, 1164), (D, 1628.0, 1338)]),
    ("max", (2013, 6), 2545.2, 4454.6, [(W, 2545.2, 1819)]),
    ("max", (2014, 6), 2583.3, 4521.4, [(W, 2583.3, 1847)]),
    ("max", (2011, 8), 2415.8, 4228.0, [(X, 2415.8, 1727)]),
    ("max", (2012, 8), 2502.7, 4380.2, [(X, 2502.7, 1789)]),
    ("max", (2011, 8), 2415.8, 4228.0, [(P, 1811.8, 1409), (C, 1811.8, 1409), (C, 1811.8, 1409)]),
    ("max", (2012, 8), 2502.7, 4380.2, [(P, 1877.0, 1460), (C, 1877.0, 1460), (C, 1877.0, 1460)]),
    ("max", (2011, 8), 2415.8, 4228.0, [(C, 1811.8, 1811)]),
    ("max", (2013, 6), 2545.2, 4454.6, [(W, 2545.2, 1819), (D, 2545.2, 2091)]),
    ("max", (2014, 6), 2583.3, 4521.4, [(W, 2583.3, 1847), (D, 2583.3, 2123)]),
    ("half", (2013, 6), 1030.8, 1573.7, [(W, 1030.8, 737)]),
]
DEATHS = [(1985, row) for row in SURVIVORS_1950] + [(2011, row) for row in SURVIVORS_2011]


@pytest.mark.parametrize(("died", "row"), DEATHS, ids=str)
def test_survivors_of_workers_born_1950_who_died_in_august(died, row):
    pattern, when, pia, maximum, family = row
    relations = [each[0] for each in family]
    born = BORN | ({C: CHILD_OF_2011} if died == 2011 else {})
    births = [birth_month(1950, 3)] + [birth_month(*born[r]) for r in relations]
    size = len(births)
    earnings = np.zeros((size, YEARS.size))
    earnings[0] = history(pattern, 1950, died)
    death = np.full(size, NEVER)
    death[0] = month(died, 8)
    first = {W: (2013, 6), D: (2013, 6), X: (2005, 6), P: (died, 8), C: (died, 8)}
    first[X] = max(first[X], (died, 8))
    onset = [NEVER] + [month(2004, 6) if r is X else NEVER for r in relations]
    people = People(
        earnings, FIRST, np.concatenate(births), death=death, onset=np.array(onset, np.int64)
    )
    ties = Ties(
        worker=np.zeros(len(family), int),
        person=np.arange(1, size),
        relation=np.array([int(r) for r in relations]),
        claim=np.array([int(month(*first[r])) for r in relations]),
        start=int(month(1972)),
        seven_years_from=int(month(max(died, 1997), 9)),
        end=np.array([month(1984) if r is D else NEVER for r in relations], np.int64),
    )
    got = benefits(people, ties, month=int(month(*when)))
    assert got.records.pia[0] == round(10 * pia)
    assert got.records.maximum[0] == round(10 * maximum)
    assert got.original.tolist() == [each[1] for each in family]
    assert got.total[1:].tolist() == [each[2] for each in family]


def none():
    empty = np.zeros(0, np.int64)
    return Ties(empty, empty, empty, empty)
