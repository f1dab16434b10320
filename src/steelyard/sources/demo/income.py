"""Income that is neither earned nor given for need: pensions, Social Security, property."""

import numpy as np

from steelyard.sources.demo import anchors
from steelyard.sources.demo.anchors import by_age
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, heap, heavy_tail
from steelyard.sources.demo.kin import CHILD, HEAD, PARTNER, SPOUSE

# The CPS hears of about three quarters of property income, from three quarters of its owners.
REPORTED_SHARE, REPORTING_OWNERS = 0.75, 0.75


def amount(draws: Draws, eligible: Bools, item: str, scale: Floats | float = 1.0) -> Floats:
    """Draw an item of the `other_income` anchor for those eligible (n,): zero, or dollars."""
    law = anchors.item("other_income", item)
    count = len(eligible)
    has = eligible & (draws.uniform(count, f"has {item}") < law["share"])
    size = heavy_tail(
        draws.normal(count, item),
        law["sigma"],
        tail_share=law["tail_share"],
        alpha=law["tail_index"],
    )
    dollars = heap(law["median"] * scale * size, draws.uniform(count, f"{item} heaping"))
    return np.where(has, np.maximum(dollars, 1.0), 0.0)


def income(draws: Draws, person: Columns, owned: Columns) -> Columns:
    """Draw unearned income, under the CPS's own column names.

    Parameters
    ----------
    person
        Members with traits and work.
    owned
        The household's property income (n_households,), from `wealth`.

    Returns
    -------
    dict of arrays of shape (n_persons,), dollars a year, and source codes.
    """
    age, adult = person["age"], person["age"] >= 15
    parent = np.zeros(len(age), dtype=bool)
    young = (age < 18) & (person["parent1"] >= 0)
    parent[person["parent1"][young]] = True
    unmarried_mother = parent & person["female"] & (person["marital"] != 1)
    veteran = adult & ~person["female"] & (age >= 25)
    older = np.where(age >= 65, 1.6, 1.0)
    found: Columns = {
        **_social_security(draws, person),
        **_retirement(draws, person),
        **_property(draws, person, owned),
        "UC_VAL": amount(draws, person["unemployed_weeks"] > 0, "unemployment"),
        "WC_VAL": amount(draws, (person["weeks"] > 0) & (age >= 18), "workers_compensation"),
        "VET_VAL": amount(draws, veteran, "veterans", older),
        "SRVS_VAL": amount(draws, (person["marital"] == 4) & (age >= 40), "survivor"),
        "CSP_VAL": amount(draws, unmarried_mother, "child_support"),
        "CHSP_VAL": amount(
            draws,
            (person["marital"] != 1) & (person["weeks"] > 0) & ~person["female"] & (age > 24),
            "child_support_paid",
        ),
        "ED_VAL": amount(draws, person["college"], "education"),
        "FIN_VAL": amount(draws, adult, "assistance_from_others"),
        "OI_VAL": amount(draws, adult & (age >= 18), "other"),
        "RETCB_VAL": _contributions(draws, person),
    }
    # Code 20 is alimony, 12 strike benefits, 19 anything else (domain list of OI_OFF).
    what = draws.uniform(len(age), "other income code")
    code = np.select([what < 0.15, what < 0.17], [20, 12], 19)
    found["OI_OFF"] = np.where(found["OI_VAL"] > 0, code, 0)
    return found | _disability(draws, person)


def _social_security(draws: Draws, person: Columns) -> Columns:
    """Retired by age, disabled before full retirement age, and a few survivors and children."""
    age, count = person["age"], len(person["age"])
    disabled = person["disabled"].any(axis=1)
    retired = draws.chance(by_age("retirement", "social_security", age), "social security")
    retired &= (age >= 62) & ~((person["weeks"] > 48) & (age < 66))
    chance = by_age("retirement", "disability_benefit", age) * (person["weeks"] == 0)
    disability = draws.chance(chance, "disability insurance") & disabled & (age >= 18)
    disability &= ~retired & (age < 67)
    survivor = (person["marital"] == 4) & (age >= 60) & (draws.uniform(count, "survivor") < 0.25)
    child = (age >= 15) & (age < 19) & (draws.uniform(count, "child beneficiary") < 0.035)
    career = 0.30 * person["skill"] + 0.28 * person["school_rank"]
    level = np.where(person["female"], 14_800.0, 20_300.0) * np.exp(
        career - 0.02 + 0.52 * draws.normal(count, "benefit")
    )
    level = np.where(disability, 0.82 * level, np.where(child, 0.5 * level, level))
    receives = (age >= 15) & (retired | disability | survivor | child)
    months = np.where(age == 62, 6, 12)
    value = np.round(np.clip(level, 1200, 48_000) / 12) * months
    reason = np.select([child, retired & (age >= 62), disability, survivor], [6, 1, 2, 3], 8)
    spouse = (
        receives & (reason == 1) & person["female"] & (draws.uniform(count, "as spouse") < 0.06)
    )
    second = receives & (reason == 1) & survivor
    return {
        "SS_VAL": np.where(receives, value, 0.0),
        "RESNSS1": np.where(receives, np.where(spouse, 4, reason), 0),
        "RESNSS2": np.where(second & (reason != 3), 3, 0),
    }


def _retirement(draws: Draws, person: Columns) -> Columns:
    """Pensions, annuities and withdrawals; the account codes differ before and after 58."""
    age, count = person["age"], len(person["age"])
    career = np.exp(0.30 * person["skill"] + 0.32 * person["school_rank"])
    has_pension = draws.chance(by_age("retirement", "pension", age), "pension holder")
    withdraws = draws.chance(by_age("retirement", "distribution", age), "withdraws")
    size = np.round(amount(draws, withdraws, "distribution", career))
    account = np.array([4, 1, 3, 2, 6, 7])
    shares = np.tile([0.56, 0.24, 0.09, 0.05, 0.02, 0.04], (count, 1))
    source = account[draws.pick(shares, "account")]
    two = (draws.uniform(count, "second account") < 0.05) & (size > 2000)
    other = np.where(two, np.round(0.3 * size), 0.0)
    first = size - other
    old, young = (age >= 58) & (size > 0), (age < 58) & (size > 0)
    return {
        "PNSN_VAL": amount(draws, has_pension, "pension", career),
        "ANN_VAL": amount(draws, age >= 60, "annuity", career),
        "DST_SC1": np.where(old, source, 0),
        "DST_SC2": np.where(old & two, np.where(source == 4, 1, 4), 0),
        "DST_SC1_YNG": np.where(young, source, 0),
        "DST_SC2_YNG": np.where(young & two, np.where(source == 4, 1, 4), 0),
        "DST_VAL1": np.where(old, first, 0.0),
        "DST_VAL2": np.where(old, other, 0.0),
        "DST_VAL1_YNG": np.where(young, first, 0.0),
        "DST_VAL2_YNG": np.where(young, other, 0.0),
    }


def _property(draws: Draws, person: Columns, owned: Columns) -> Columns:
    """Split the household's property income over head and mate, as far as it is reported."""
    count = len(person["age"])
    household = person["household"]
    mate = np.isin(person["role"], (SPOUSE, PARTNER))
    mates = np.bincount(household[mate], minlength=len(owned["interest"]))
    share = np.where(
        person["role"] == HEAD, np.where(mates[household] > 0, 0.5, 1.0), np.where(mate, 0.5, 0.0)
    )
    found: Columns = {}
    for item, truth in (
        ("INT_VAL", "interest"),
        ("DIV_VAL", "dividends"),
        ("CAP_VAL", "gains"),
        ("RNT_VAL", "rent"),
    ):
        told = (draws.uniform(len(mates), f"reports {truth}") < REPORTING_OWNERS)[household]
        level = REPORTED_SHARE * np.exp(0.3 * draws.normal(count, f"report of {truth}") - 0.045)
        found[item] = np.round(share * told * level * owned[truth][household])
    # Grown children and other adults hold small accounts of their own.
    small = (share == 0) & (person["age"] >= 15) & (draws.uniform(count, "own account") < 0.35)
    own = np.round(np.exp(1.2 + 1.6 * draws.normal(count, "own interest")))
    found["INT_VAL"] = np.where(small, own, found["INT_VAL"])
    found["CAP_VAL"] = np.maximum(found["CAP_VAL"], 0.0)
    return found


def _disability(draws: Draws, person: Columns) -> Columns:
    """Disability income by source; code 1 repeats workers' compensation, as respondents do."""
    eligible = person["disabled"].any(axis=1) & (person["age"] >= 18) & (person["age"] < 70)
    value = amount(draws, eligible, "disability")
    which = draws.uniform(len(value), "disability source")
    code = np.select([which < 0.08, which < 0.45, which < 0.60, which < 0.75], [1, 2, 3, 4], 7)
    second = (which > 0.96) & (value > 4000)
    rest = np.where(second, np.round(0.25 * value), 0.0)
    return {
        "DIS_SC1": np.where(value > 0, code, 0),
        "DIS_SC2": np.where(second, 2, 0),
        "DIS_VAL1": value - rest,
        "DIS_VAL2": rest,
    }


def _contributions(draws: Draws, person: Columns) -> Floats:
    """Contributions to retirement accounts, rising with pay and never above a fifth of it."""
    pay = person["wage"] + np.maximum(person["business"], 0.0)
    eligible = (pay > 12_000) & (person["age"] >= 20) & (person["role"] != CHILD)
    value = amount(draws, eligible, "retirement_contribution", np.clip(pay / 65_000, 0.2, 4.5))
    return np.asarray(np.minimum(value, np.floor(0.2 * np.maximum(pay, 0.0))))
