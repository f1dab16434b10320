"""The oldest retired and the youngest disabled workers beside SSA's Detailed Calculator (AnyPIA).

Recorded by the public suite of pyanypia (github.com/anthonycolavito/pyanypia, oracle/goldens),
which compiles SSA's source: born on 15 March, paid from 22 until the year before the claim, the
average wage, the base, half the wage, three years in six, or a share that falls with age. The rows
test the table of 1978, the transitional guarantee of 1979-1983, amounts rounded up before June
1982, the special minimum with its own maximum, and credits of 1, 3 and 3.5 % a year. The disabled,
from June of the year of turning 30, have one year dropped and a maximum of 85 % of AIME or 150 %.
"""

from pathlib import Path

import numpy as np
import pytest
from test_oasdi_detailed_calculator import DEATHS, DISABLED_1955, FAMILIES_1955, RETIRED

from steelyard.oasdi import People, Ties, benefits, birth_month, default_parameters, month

LAW = default_parameters()
FIRST = 1937
YEARS = np.arange(FIRST, 2026)
# Average wages before the index begins, as that suite has them, from 1937.
EARLY = [1137.96, 1053.24, 1142.36, 1195.0, 1276.04, 1454.28, 1713.52]
EARLY += [1936.32, 2021.4, 1891.76, 2175.32, 2361.64, 2483.2, 2543.96]
WAGES = np.r_[EARLY, LAW.average_wage_index.at(YEARS[YEARS > 1950]) / 100]
BASE = LAW.contribution_base.at(YEARS).astype(float)
NOBODY = Ties(*[np.zeros(0, np.int64)] * 4)

# born, pattern, age at the claim, years since: AIME (average monthly wage for 1915), PIA, family
# maximum, benefit to the dime.
CASES = """
1915 max 62 5 607 629.1 1109.3 503.3
1915 max 65 0 783 572.0 1000.6 572.0
1915 max 65 5 783 836.4 1463.1 836.4
1915 max 68 0 1075 902.6 1579.4 928.1
1915 max 68 5 1075 1051.8 1841.0 1083.3
1915 half 62 5 229 333.3 500.0 266.7
1915 half 65 0 271 288.1 454.7 288.1
1915 half 65 5 271 421.1 664.9 421.1
1915 half 68 0 328 440.8 748.2 453.2
1915 half 68 5 328 513.7 872.0 529.1
1915 sporadic 62 5 291 381.4 618.4 305.2
1915 sporadic 65 0 291 300.0 486.5 300.0
1915 sporadic 65 5 291 438.7 711.3 438.7
1915 sporadic 68 0 453 545.4 1014.7 560.8
1915 sporadic 68 5 453 635.6 1182.6 654.6
1915 declining 62 5 433 493.6 925.9 394.9
1915 declining 65 0 476 412.8 763.4 412.8
1915 declining 65 5 476 603.7 1116.3 603.7
1915 declining 68 0 534 608.6 1106.0 625.8
1915 declining 68 5 534 709.3 1289.1 730.5
1918 max 62 0 1208 503.4 881.0 402.8
1918 max 62 5 1208 736.0 1288.1 588.8
1918 max 65 0 1387 709.5 1241.6 709.5
1918 max 65 5 1387 826.9 1447.2 826.9
1918 max 68 0 1649 842.7 1474.8 914.3
1918 max 68 5 1649 1020.5 1786.3 1112.3
1918 half 62 0 441 254.3 389.2 203.5
1918 half 62 5 441 371.8 569.1 297.4
1918 half 65 0 457 353.4 548.0 353.4
1918 half 65 5 457 411.6 638.5 411.6
1918 half 68 0 486 404.2 643.3 438.5
1918 half 68 5 486 489.3 779.0 533.3
1918 sporadic 62 0 513 276.7 450.1 221.4
1918 sporadic 62 5 513 404.6 658.2 323.6
1918 sporadic 65 0 654 439.4 782.0 439.4
1918 sporadic 65 5 654 512.0 911.4 512.0
1918 sporadic 68 0 654 485.1 863.5 526.3
1918 sporadic 68 5 654 587.4 1045.8 640.2
1918 declining 62 0 950 416.6 749.8 333.3
1922 steady 62 5 1213 635.9 1160.2 512.2
1922 steady 65 0 1232 593.5 1079.5 593.5
1922 steady 65 5 1232 735.8 1338.4 735.8
1922 steady 68 0 1275 689.9 1247.3 748.5
1922 steady 68 5 1275 819.0 1480.8 892.7
1922 max 62 0 1803 699.3 1223.2 563.3
1922 max 62 5 1803 818.8 1432.7 659.5
1922 max 65 0 2009 789.2 1380.6 789.2
1922 max 65 5 2009 978.4 1711.8 978.4
1922 max 68 0 2262 941.8 1647.9 1021.8
1922 max 68 5 2262 1118.0 1956.4 1218.6
1922 half 62 0 606 357.1 535.8 287.6
1922 half 62 5 606 418.0 627.4 336.7
1922 half 65 0 616 385.8 579.0 385.8
1922 half 65 5 616 478.2 717.8 478.2
1922 half 68 0 637 439.6 684.6 476.9
1922 half 68 5 637 521.8 812.6 568.7
1922 sporadic 62 0 735 390.0 643.5 314.1
1922 sporadic 62 5 735 456.7 753.6 367.8
1922 sporadic 65 0 786 439.1 743.3 439.1
1922 sporadic 65 5 786 544.3 921.5 544.3
1922 sporadic 68 0 899 542.3 964.1 588.3
1922 sporadic 68 5 899 643.6 1144.5 701.5
1922 declining 62 0 1316 575.9 1034.8 463.9
1925 steady 68 5 1464 940.8 1703.4 1039.5
1925 max 62 0 2205 827.7 1447.8 666.7
1925 max 62 5 2205 1026.2 1795.3 826.6
1925 max 65 0 2417 975.0 1705.7 975.0
1925 max 65 5 2417 1157.5 2025.2 1157.5
1925 max 68 0 2687 1149.4 2010.7 1263.3
1925 max 68 5 2687 1306.5 2285.7 1443.6
1925 half 62 0 701 404.1 616.0 325.5
1925 half 62 5 701 500.8 763.6 403.4
1925 half 65 0 711 462.0 708.7 462.0
1925 half 65 5 711 548.4 841.3 548.4
1925 half 68 0 732 528.4 820.9 580.7
1925 half 68 5 732 600.4 933.0 663.4
1925 sporadic 62 0 815 440.6 715.3 354.9
1925 sporadic 62 5 815 546.1 886.9 439.9
1925 sporadic 65 0 916 536.4 911.0 536.4
1925 sporadic 65 5 916 636.6 1081.4 636.6
1925 sporadic 68 0 978 628.9 1094.3 691.2
1925 sporadic 68 5 978 714.8 1243.9 789.8
1925 declining 62 0 1534 670.6 1203.4 540.2
1925 declining 62 5 1534 831.3 1492.1 669.6
1925 declining 65 0 1534 760.7 1365.2 760.7
1925 declining 65 5 1534 902.9 1620.8 902.9
1925 declining 68 0 1535 856.6 1537.5 941.5
1925 declining 68 5 1535 973.6 1747.7 1075.8
"""


def history(pattern, born, last):
    age = YEARS - born
    share = {
        "steady": 1.0,
        "max": 1e6,
        "half": 0.5,
        "sporadic": (YEARS // 3 % 2 == 0) * 1.0,
        "declining": np.maximum(0.3, 1.5 - 0.02 * (age - 25)),
    }[pattern]
    earned = np.round(np.minimum(share * WAGES, BASE), 2)
    return np.where((age >= 22) & (last >= YEARS), earned, 0.0)[None, :]


@pytest.mark.parametrize("case", CASES.split("\n")[1:-1])
def test_retired_workers_of_the_first_cohorts(case):
    words = case.split()
    born, pattern, age, since = int(words[0]), words[1], int(words[2]), int(words[3])
    average, amount, maximum, paid = (float(word) for word in words[4:])
    # From September 1981 on, retirement at 62 begins with the first month throughout 62.
    late = age == 62 and born > 1918
    claim = int(month(born + age, 3 + late))
    people = People(
        history(pattern, born, born + age - 1), FIRST, birth_month(born, 3), claim=np.array([claim])
    )
    got = benefits(people, NOBODY, month=claim + 12 * since)
    assert got.records.aime[0] == average
    assert got.records.pia[0] / 10 == amount
    assert got.records.maximum[0] / 10 == maximum
    assert got.own[0] == paid


# born, pattern, years since the first December: AIME, PIA, family maximum.
DISABLED_AT_30 = """
1980 max 0 8609 2512.3 3768.4
1980 max 1 8682 2614.1 3921.1
1980 half 0 1722 992.4 1463.7
1980 half 1 1724 1028.7 1518.1
1980 declining 0 5166 1995.9 2993.8
1980 declining 1 5166 2067.7 3101.5
1985 steady 0 3759 1681.9 2522.8
1985 steady 1 3797 1699.1 2548.7
1985 max 0 9491 2749.3 4123.9
1985 max 1 9583 2771.3 4157.0
1985 half 0 1879 1080.3 1597.1
1985 half 1 1898 1089.6 1618.1
1985 declining 0 5627 2169.7 3254.5
1985 declining 1 5648 2179.3 3268.9
1990 steady 0 4368 1979.9 2969.8
1990 steady 1 4410 2111.1 3166.7
1990 max 0 10886 3214.3 4821.4
1990 max 1 10997 3421.8 5132.8
1990 half 0 2184 1271.9 1880.5
1990 half 1 2205 1354.2 2010.5
"""


@pytest.mark.parametrize("case", DISABLED_AT_30.split("\n")[1:-1])
def test_workers_disabled_at_thirty(case):
    words = case.split()
    born, pattern, since = int(words[0]), words[1], int(words[2])
    average, amount, maximum = (float(word) for word in words[3:])
    people = People(
        history(pattern, born, born + 30),
        FIRST,
        birth_month(born, 3),
        onset=np.array([int(month(born + 30, 6))]),
    )
    got = benefits(people, NOBODY, month=int(month(born + 30 + since, 12)))
    assert got.records.aime[0] == average
    assert got.records.maximum[0] / 10 == maximum
    assert got.own[0] == got.records.pia[0] / 10 == amount


@pytest.mark.parametrize("born", [1980, 1985])
def test_disabled_at_thirty_without_recent_work(born):
    onset = np.array([int(month(born + 30, 6))])
    people = People(history("sporadic", born, born + 30), FIRST, birth_month(born, 3), onset=onset)
    assert benefits(people, NOBODY, month=int(month(born + 31, 12))).own == 0


def test_the_methodology_says_how_many_workers_and_families_are_compared():
    told = sum(len(each.split("\n")[1:-1]) for each in (CASES, DISABLED_AT_30))
    count = told + len(RETIRED) + len(DISABLED_1955) + len(FAMILIES_1955) + len(DEATHS)
    page = Path(__file__).parents[2] / "docs" / "methodology" / "social-security.md"
    rows = page.read_text(encoding="utf-8").splitlines()
    (row,) = [row for row in rows if row.startswith("| SSA's Detailed Calculator: retired")]
    assert f" | {count} | {count} |" in row
