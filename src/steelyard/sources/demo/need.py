"""Benefits given for need, health coverage and expenses, and the SPM unit's account."""

import numpy as np

from steelyard.sources.demo.anchors import BASE_YEAR, column, dollars, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints, heap, total
from steelyard.sources.demo.units import poverty_thresholds

SSI_FEDERAL_RATE = 10_092.0  # a year for one person, SSA, 2022
MEDICARE_PREMIUM = 2_041.0  # part B standard premium, CMS, 2022
WEEKLY_WORK_EXPENSE = 43.5

EARNINGS = ("WSAL_VAL", "SEMP_VAL", "FRSE_VAL")
OTHER_INCOME = (
    "UC_VAL", "WC_VAL", "SS_VAL", "SSI_VAL", "PAW_VAL", "VET_VAL", "SRVS_VAL", "DIS_VAL1",
    "DIS_VAL2", "PNSN_VAL", "ANN_VAL", "DST_VAL1", "DST_VAL2", "DST_VAL1_YNG", "DST_VAL2_YNG",
    "INT_VAL", "DIV_VAL", "RNT_VAL", "ED_VAL", "CSP_VAL", "FIN_VAL", "OI_VAL",
)  # fmt: skip
MEDICAL = ("PHIP_VAL", "POTC_VAL", "PMED_VAL", "PEMCPREM")
#: Items of an SPM unit's account that are sums over its members.
SUMMED = {
    "SPM_TOTVAL": "PTOTVAL",
    "SPM_FICA": "FICA",
    "SPM_FEDTAX": "FEDTAX_AC",
    "SPM_STTAX": "STATETAX_A",
    "SPM_MEDXPNS": "MOOP",
    "SPM_CHILDSUPPD": "CHSP_VAL",
}


def totals(person: Columns) -> Columns:
    """Return PEARNVAL, POTHVAL and PTOTVAL, exact sums; capital gains count in none."""
    earned = np.sum([person[name] for name in EARNINGS], axis=0)
    other = np.sum([person[name] for name in OTHER_INCOME if name in person], axis=0)
    return {"PEARNVAL": earned, "POTHVAL": other, "PTOTVAL": earned + other}


def assistance(draws: Draws, person: Columns, unit: Columns) -> Columns:
    """Draw SSI and cash assistance from the income that is there without them."""
    count = len(person["age"])
    money = totals(person)["PTOTVAL"]
    units = len(unit["household"])
    size = np.bincount(unit["unit"], minlength=units)
    kids = total(person["age"] < 18, unit["unit"], units)
    ratio = _ratio(total(money, unit["unit"], units), size, kids)[unit["unit"]]
    disabled = person["disabled"].any(axis=1)
    eligible = ((person["age"] >= 65) | disabled) & (person["age"] >= 15) & (money < 15_000)
    takes = eligible & (draws.uniform(count, "SSI") < np.where(ratio < 1.3, 0.55, 0.16))
    months = np.where(draws.uniform(count, "SSI months") < 0.9, 12, 6)
    full = SSI_FEDERAL_RATE - np.maximum(0.6 * money - 240, 0)
    supplemental = np.round(np.maximum(full, 1200) / 12) * months
    parent = np.zeros(count, dtype=bool)
    young = (person["age"] < 18) & (person["parent1"] >= 0)
    parent[person["parent1"][young]] = True
    poor = parent & (ratio < 0.9) & (draws.uniform(count, "cash assistance") < 0.14)
    amount = heap(
        3200 * np.exp(0.8 * draws.normal(count, "TANF")), draws.uniform(count, "TANF heap")
    )
    return {
        "SSI_VAL": np.where(takes, supplemental, 0.0),
        "PAW_VAL": np.where(poor & (person["age"] >= 15), amount, 0.0),
    }


def _ratio(money: Floats, size: Ints, kids: Floats) -> Floats:
    """Income over the official threshold of a family of that size."""
    line = poverty_thresholds(size, kids.astype(np.int64), np.zeros(len(size), dtype=bool))
    return money / line


def health(draws: Draws, person: Columns, ratio: Floats) -> Columns:
    """Draw coverage and medical spending; ratio (n,) is the unit's income to poverty."""
    age, count = person["age"], len(person["age"])
    disabled = person["disabled"].any(axis=1)
    medicare = (age >= 65) & (draws.uniform(count, "Medicare") < 0.95)
    medicare |= (person["RESNSS1"] == 2) & (age < 65)
    chance = np.select(
        [ratio < 1.0, ratio < 1.5, ratio < 2.5, ratio < 4], [0.62, 0.42, 0.2, 0.09], 0.03
    )
    chance = np.minimum(chance * np.where(age < 19, 1.45, 1.0) * np.where(disabled, 1.5, 1.0), 0.95)
    medicaid = draws.chance(chance, "Medicaid")
    premium = heap(
        2300 * np.exp(0.9 * draws.normal(count, "premium")) * np.clip(ratio / 4, 0.25, 1.7),
        draws.uniform(count, "premium heap"),
    )
    pays = (age >= 19) & ~medicaid & (draws.uniform(count, "pays premium") < 0.52)
    pays |= medicare & ~medicaid & (draws.uniform(count, "pays supplement") < 0.4)
    counter = heap(80 * np.exp(0.9 * draws.normal(count, "counter")), draws.uniform(count, "otc"))
    other = heap(
        np.where(age < 18, 90, 280) * np.exp(1.4 * draws.normal(count, "care")),
        draws.uniform(count, "care heap"),
    )
    seen = draws.uniform(count, "any care") < np.where(medicaid, 0.45, 0.72)
    part_b = np.where(medicare & ~medicaid, MEDICARE_PREMIUM, 0.0)
    buys = draws.uniform(count, "buys medicine") < 0.75
    return {
        "MCARE": np.where(medicare, 1, 2),
        "CAID": np.where(medicaid, 1, 2),
        "PHIP_VAL": np.where(pays, premium, 0.0),
        "POTC_VAL": np.where(buys, counter, 0.0),
        "PMED_VAL": np.where(seen, np.minimum(other, 60_000), 0.0),
        "PEMCPREM": part_b,
    }


def household_benefits(draws: Draws, size: Ints, ratio: Floats, owner: Bools) -> Columns:
    """Draw what a household (n,) reports as a whole: SNAP, energy aid, subsidised rent.

    Parameters
    ----------
    ratio
        Household money income over a poverty threshold of its size.
    """
    count = len(size)
    chance = np.select(
        [ratio < 0.75, ratio < 1.3, ratio < 1.85, ratio < 3.0], [0.55, 0.42, 0.18, 0.05], 0.007
    )
    snap = draws.chance(chance, "SNAP")
    most = column("snap_allotments_2022", "maximum_monthly")[np.minimum(size, 8) - 1]
    months = np.where(draws.uniform(count, "SNAP months") < 0.75, 12, 6)
    monthly = most * np.clip(
        1.05 - 0.35 * ratio + 0.25 * draws.normal(count, "SNAP amount"), 0.1, 1
    )
    energy = draws.chance(np.where(ratio < 1.5, 0.13, 0.012), "energy aid")
    bill = heap(
        450 * np.exp(0.6 * draws.normal(count, "energy")), draws.uniform(count, "energy heap")
    )
    poor_renter = ~owner & (ratio < 1.6)
    public = poor_renter & (draws.uniform(count, "public housing") < 0.16)
    subsidised = poor_renter & ~public & (draws.uniform(count, "low rent") < 0.14)
    return {
        "HFDVAL": np.where(snap, np.round(monthly) * months, 0.0),
        "HENGVAL": np.where(energy, np.minimum(bill, 2000), 0.0),
        "HPUBLIC": np.where(owner, 0, np.where(public, 1, 2)),
        "HLORENT": np.where(owner | public, 0, np.where(subsidised, 1, 2)),
    }


def equivalence_scale(adults: Ints, kids: Ints) -> Floats:
    """Three-parameter SPM scale, 1 for two adults and two children, four decimals.

    Census uses 1.41 for two adults alone; a child on its own counts as the adult.
    """
    grown = np.where(adults == 0, 1, adults)
    young = np.where(adults == 0, np.maximum(kids - 1, 0), kids)
    alone = np.where(grown == 1, 1.0, np.where(grown == 2, 1.41, grown**0.7))
    single = (grown + 0.8 + 0.5 * np.maximum(young - 1, 0)) ** 0.7
    several = (grown + 0.5 * young) ** 0.7
    scale = np.where(young == 0, alone, np.where(grown == 1, single, several))
    return np.round(scale / 3**0.7, 4)


def account(draws: Draws, person: Columns, unit: Columns, home: Columns) -> Columns:
    """Draw up the account of each SPM unit (n_units,), whole dollars.

    SPM_RESOURCES is exactly cash and in-kind benefits less taxes and expenses, and
    SPM_POVTHRESHOLD exactly the base of the tenure times scale times SPM_GEOADJ, rounded.

    Parameters
    ----------
    person
        Members with incomes, taxes, expenses.
    unit
        From `units.economic_units`.
    home
        Per household: state, tenure (SPM_TENMORTSTATUS), HFDVAL, HENGVAL, subsidised (bool).
    """
    of, where = unit["unit"], unit["household"]
    count = len(where)
    first = unit["number"] == 1
    age = person["age"]
    kids = total(age < 18, of, count).astype(np.int64)
    adults = np.bincount(of, minlength=count) - kids
    found = summed(person, unit) | {
        "SPM_NUMADULTS": adults,
        "SPM_NUMKIDS": kids,
        "SPM_NUMPER": adults + kids,
        "SPM_TENMORTSTATUS": np.where(first, home["tenure"][where], 3),
        "SPM_SNAPSUB": np.where(first, home["HFDVAL"][where], 0.0),
        "SPM_ENGVAL": np.where(first, home["HENGVAL"][where], 0.0),
    }
    ratio = _ratio(found["SPM_TOTVAL"], adults + kids, kids.astype(np.float64))
    found |= _in_kind(draws, person, unit, ratio, home)
    found |= _outlays(draws, person, unit, ratio)
    found |= _scales(found, home["state"][where])
    found["SPM_POVTHRESHOLD"] = threshold(found, spm_bases(BASE_YEAR))
    return found | balance(found)


def summed(person: Columns, unit: Columns) -> Columns:
    """Return the items of an SPM unit's account (n_units,) that are sums over its members."""
    of, count = unit["unit"], len(unit["household"])
    return {name: total(person[part], of, count) for name, part in SUMMED.items()}


def spm_by_tenure(of: str, income_year: int) -> Floats:
    """Return a column of the SPM's anchor for owners with and without mortgage and renters (3,)."""
    rows = table("spm_thresholds")
    return rows.loc[rows["income_year"] == income_year, of].to_numpy(dtype=np.float64)


def spm_bases(income_year: int) -> Floats:
    """Return the SPM thresholds of two adults with two children, by tenure (3,), whole dollars.

    A year after the last published one takes that one's, grown with the average wage.
    """
    last = int(table("spm_thresholds")["income_year"].max())
    base = spm_by_tenure("base_threshold", min(income_year, last))
    grown = dollars(income_year) / dollars(last) if income_year > last else 1.0
    return np.asarray(np.round(base * grown))


def threshold(found: Columns, bases: Floats) -> Floats:
    """Return SPM thresholds (n_units,) from bases by tenure, whole dollars."""
    base = bases[found["SPM_TENMORTSTATUS"] - 1]
    return np.asarray(np.round(base * found["SPM_EQUIVSCALE"] * found["SPM_GEOADJ"]))


def balance(found: Columns) -> Columns:
    """Return SPM_RESOURCES of units (n_units,), and SPM_POOR: whether below the threshold."""
    gains = ("TOTVAL", "SNAPSUB", "SCHLUNCH", "WICVAL", "ENGVAL", "CAPHOUSESUB", "BBSUBVAL")
    costs = ("FEDTAX", "STTAX", "FICA", "CAPWKCCXPNS", "MEDXPNS", "CHILDSUPPD")
    resources = np.sum([found[f"SPM_{name}"] for name in gains], axis=0) - np.sum(
        [found[f"SPM_{name}"] for name in costs], axis=0
    )
    return {
        "SPM_RESOURCES": resources,
        "SPM_POOR": resources < found["SPM_POVTHRESHOLD"],
    }


def out_of_pocket(person: Columns) -> Floats:
    """Return what each person (n,) spends on health, dollars a year."""
    return np.asarray(np.sum([person[name] for name in MEDICAL], axis=0))


def _in_kind(draws: Draws, person: Columns, unit: Columns, ratio: Floats, home: Columns) -> Columns:
    """School meals, WIC, capped housing subsidy and broadband subsidy of each unit."""
    of, where = unit["unit"], unit["household"]
    count = len(where)
    school = total((person["age"] >= 5) & (person["age"] < 18), of, count)
    eats = draws.uniform(count, "school meals") < 0.8
    price = np.where(ratio < 1.85, 820.0, 125.0)
    small = total(person["age"] < 5, of, count)
    wic = (small > 0) & (ratio < 1.85) & (draws.uniform(count, "WIC") < 0.45)
    housed = home["subsidised"][where] & (unit["number"] == 1)
    rent = np.round(6200 * np.exp(0.45 * draws.normal(count, "housing subsidy")))
    broadband = (ratio < 2.0) & (draws.uniform(count, "broadband") < 0.16)
    return {
        "SPM_SCHLUNCH": np.where(eats, np.round(school * price), 0.0),
        "SPM_WICVAL": np.where(wic, 510.0 * np.minimum(small + 1, 3), 0.0),
        "SPM_CAPHOUSESUB": np.where(housed, np.minimum(rent, 14_000), 0.0),
        "SPM_BBSUBVAL": np.where(broadband, 360.0, 0.0),
    }


def _outlays(draws: Draws, person: Columns, unit: Columns, ratio: Floats) -> Columns:
    """Draw work and child-care expenses, capped at the lower earner's pay."""
    of = unit["unit"]
    count = len(ratio)
    earned = person["PEARNVAL"]
    work = total(np.round(WEEKLY_WORK_EXPENSE * person["weeks"]), of, count)
    in_care = total(person["age"] < 13, of, count)
    lead = (person["unit"] == np.arange(len(of))) | (person["spouse"] == person["unit"])
    lead |= person["partner"] == person["unit"]
    lowest = np.full(count, np.inf)
    np.minimum.at(lowest, of[lead], np.maximum(earned[lead], 0.0))
    pays = (in_care > 0) & (lowest > 0) & (draws.uniform(count, "child care") < 0.3)
    care = heap(
        5200 * np.exp(0.9 * draws.normal(count, "care cost")) * np.clip(ratio / 3, 0.3, 2.0),
        draws.uniform(count, "care cost heap"),
    )
    expenses = work + np.where(pays, care, 0.0)
    top = total(np.maximum(earned, 0.0), of, count)
    cap = np.where(pays, lowest, top)
    return {"SPM_CAPWKCCXPNS": np.minimum(expenses, np.maximum(cap, 0.0))}


def _scales(found: Columns, state: Ints) -> Columns:
    """Equivalence scale and geographic adjustment of each unit."""
    tenure = found["SPM_TENMORTSTATUS"] - 1
    pay = column("states", "wages") / column("states", "wage_returns")
    usual = np.average(pay, weights=column("states", "persons"))
    rent = np.clip((pay / usual) ** 1.1, 0.7, 1.6)[state]
    share = spm_by_tenure("housing_share", BASE_YEAR)[tenure]
    place = np.round(share * rent + 1 - share, 4)
    scale = equivalence_scale(found["SPM_NUMADULTS"], found["SPM_NUMKIDS"])
    return {"SPM_EQUIVSCALE": scale, "SPM_GEOADJ": place}
