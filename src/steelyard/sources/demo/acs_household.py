"""The housing record of the ACS PUMS: occupied units, vacant units, and group quarters."""

import numpy as np

from steelyard.sources.demo import acs_kin
from steelyard.sources.demo.acs_sample import HOUSING, Sample
from steelyard.sources.demo.acs_text import Field, code, number, rounded, truth
from steelyard.sources.demo.anchors import column
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints, total

MORTGAGED, FREE, RENTED, RENT_FREE = 1, 2, 3, 4
# Property tax a year in parts of value, about the national mean; states differ around it.
TAX_RATE = 0.0095
PROPERTY_TAX_TOP = 57_500
# Monthly payment in parts of what is owed.
PAYMENT_RATE = 0.0062


def fields(draws: Draws, sample: Sample, money: Columns, nominal: float) -> dict[str, Field]:
    """Lay housing records out.

    Parameters
    ----------
    money
        Income items of the persons, told to the interviewer.
    nominal
        Dollars of the vintage for one dollar of the law.
    """
    home = sample.home
    unit = home["type"] == HOUSING
    occupied = unit & (home["law"] >= 0)
    law = np.maximum(home["law"], 0)
    facts = _composition(sample, money)
    return {
        "WGTP": number(home["WGTP"]),
        "NP": number(home["size"]),
        "TYPEHUGQ": number(home["type"]),
        "TYPE": number(home["type"]),
        **_people(facts, home, occupied),
        **_property(draws, sample, law, occupied, nominal),
        **_benefits(draws, sample, facts, occupied),
    }


def _composition(sample: Sample, money: Columns) -> Columns:
    """Count members of each record by kind, and add up incomes."""
    person, count = sample.person, len(sample.home["law"])
    record, age = person["record"], person["age"]
    relation = person["RELSHIPP"]
    minor = age < 18
    single = person["marital"] == 7
    kin = np.isin(relation, acs_kin.RELATED)
    own = minor & single & np.isin(relation, (acs_kin.CHILD, acs_kin.ADOPTED, acs_kin.STEPCHILD))
    related = minor & kin & ~np.isin(relation, (acs_kin.REFERENCE, acs_kin.SPOUSE))

    def counted(flag: Bools) -> Ints:
        return np.bincount(record[flag], minlength=count).astype(np.int64)

    head = np.flatnonzero(person["SPORDER"] == 1)
    return {
        "kin": counted(kin),
        "own": counted(own),
        "own_small": counted(own & (age < 6)),
        "related": counted(related),
        "related_small": counted(related & (age < 5)),
        "minors": counted(minor),
        "minors_small": counted(minor & (age < 6)),
        "sixty": counted(age >= 60),
        "elderly": counted(age >= 65),
        "subfamilies": counted(person["SFR"] > 0),
        "spouse": counted(np.isin(relation, (acs_kin.SPOUSE, acs_kin.SAME_SEX_SPOUSE))),
        "same_spouse": counted(relation == acs_kin.SAME_SEX_SPOUSE),
        "partner": counted(np.isin(relation, (acs_kin.PARTNER, acs_kin.SAME_SEX_PARTNER))),
        "same_partner": counted(relation == acs_kin.SAME_SEX_PARTNER),
        "grandchildren": counted(relation == acs_kin.GRANDCHILD),
        "parents": counted(relation == acs_kin.PARENT),
        "workers": counted(kin & (person["weeks"] > 0)),
        "drivers": counted(age >= 17),
        "household_income": total(money["PINCP"], record, count),
        "family_income": total(money["PINCP"] * kin, record, count),
        "snap": counted(person["SSI_VAL"] > 0),
        "head_age": _at_head(person["age"], record, head, count),
        "head_female": _at_head(person["female"], record, head, count),
    }


def _at_head(values: Ints, record: Ints, head: Ints, count: int) -> Ints:
    """Return the reference person's value at each record (count,), 0 for none."""
    found = np.zeros(count, dtype=np.int64)
    found[record[head]] = values[head]
    return found


def _people(facts: Columns, home: Columns, occupied: Bools) -> dict[str, Field]:
    """Describe who lives in the unit."""
    family = occupied & (facts["kin"] > 1)
    female = facts["head_female"] > 0
    alone = home["size"] == 1
    kind = np.select(
        [facts["spouse"] > 0, family, alone],
        [1, np.where(female, 3, 2), np.where(female, 6, 4)],
        np.where(female, 7, 5),
    )
    couple = (facts["spouse"] + facts["partner"]) > 0
    married = facts["spouse"] > 0
    same = (facts["same_spouse"] + facts["same_partner"]) > 0
    partner = np.where(
        facts["partner"] == 0, 0,
        np.where(female, np.where(same, 3, 4), np.where(same, 1, 2)),
    )  # fmt: skip
    generations = (facts["grandchildren"] > 0) | (facts["parents"] > 0) & (facts["own"] > 0)
    low = np.maximum(facts["household_income"], -59_999)
    return {
        "CPLT": number(np.where(married, 1, 3) + same, occupied & couple),
        "FINCP": number(np.maximum(facts["family_income"], -59_999), family),
        "FPARC": _ages(facts["related"], facts["related_small"], family),
        "HHLDRAGEP": number(np.minimum(facts["head_age"], 94), occupied),
        "HHT": number(kind, occupied),
        "HINCP": number(low, occupied),
        "HUPAC": _ages(facts["minors"], facts["minors_small"], occupied),
        "HUPAOC": _ages(facts["own"], facts["own_small"], occupied),
        "MULTG": number(1 + generations, occupied),
        "NOC": number(facts["own"], occupied),
        "NPF": number(facts["kin"], family),
        "NR": number(home["size"] > facts["kin"], occupied),
        "NRC": number(facts["related"], occupied),
        "PARTNER": number(partner, occupied),
        "PSF": number(facts["subfamilies"] > 0, occupied),
        "R18": number(facts["minors"] > 0, occupied),
        "R60": number(np.minimum(facts["sixty"], 2), occupied),
        "R65": number(np.minimum(facts["elderly"], 2), occupied),
        "WIF": number(np.minimum(facts["workers"], 3), family),
    }


def _ages(children: Ints, small: Ints, known: Bools) -> Field:
    """Code the presence of children: 1 small only, 2 older only, 3 both, 4 none."""
    older = children > small
    return number(np.select([children == 0, small == 0, ~older], [4, 2, 1], 3), known)


def _property(
    draws: Draws, sample: Sample, law: Ints, occupied: Bools, nominal: float
) -> dict[str, Field]:
    """Tenure, value, mortgage, property tax and rent."""
    home, owned = sample.home, sample.owned
    count = len(law)
    value = np.where(occupied, owned["HOUSES"][law], 0.0) * nominal
    debt = np.where(occupied, owned["MRTHEL"][law], 0.0) * nominal
    free = draws.uniform(count, "no cash rent") < 0.045
    tenure = np.where(
        value > 0, np.where(debt > 0, MORTGAGED, FREE), np.where(free, RENT_FREE, RENTED)
    )
    owner = occupied & (tenure <= FREE)
    mortgaged, tenant = owner & (tenure == MORTGAGED), occupied & (tenure == RENTED)
    state = column("states", "wages") / column("states", "wage_returns")
    level = (state / np.median(state))[home["state"]]
    rate = TAX_RATE * level * np.exp(0.35 * draws.normal(count, "property tax"))
    tax = np.where(draws.uniform(count, "no property tax") < 0.03, 0.0, rate * value)
    payment = np.where(debt > 0, np.maximum(PAYMENT_RATE * debt, 50.0), 0.0)
    rent = _rent(draws, sample, nominal)
    utilities = np.exp(5.1 + 0.4 * draws.normal(count, "utilities")) * nominal
    asked = occupied | (home["type"] == HOUSING)
    vacant = (home["type"] == HOUSING) & ~occupied
    why = 1 + draws.pick(np.tile([20.0, 4, 7, 5, 32, 0.2, 32], (count, 1)), "why vacant")
    costs = payment + tax / 12 + utilities
    return {
        "TEN": number(tenure, occupied),
        "VACS": number(why, vacant),
        "BDSP": number(np.clip(1 + home["size"] // 2, 1, 5), asked),
        "RMSP": number(np.clip(3 + home["size"], 3, 9), asked),
        "VALP": number(np.clip(rounded(value), 1, 9_999_999), owner),
        "MRGX": number(np.where(tenure == MORTGAGED, 1, 3), owner),
        "MRGP": number(np.clip(rounded(payment), 4, 99_999), mortgaged),
        "TAXAMT": number(np.clip(rounded(tax), 0, PROPERTY_TAX_TOP), owner),
        "SMOCP": number(rounded(costs), owner),
        "RNTP": number(rent, tenant),
        "RNTM": truth(draws.uniform(count, "meals") < 0.02, tenant),
        "GRNTP": number(rent + rounded(utilities), tenant),
    }


def _rent(draws: Draws, sample: Sample, nominal: float) -> Floats:
    """Contract rent a month (records,): a quarter of income, within the market's bounds."""
    person, count = sample.person, len(sample.home["law"])
    income = total(person["PTOTVAL"], person["record"], count)
    usual = np.clip(0.25 * income / 12, 350, 4500)
    spread = np.exp(0.25 * draws.normal(count, "rent") - 0.03)
    return np.asarray(np.maximum(rounded(usual * spread * nominal), 4.0))


def _benefits(draws: Draws, sample: Sample, facts: Columns, occupied: Bools) -> dict[str, Field]:
    """SNAP in the past twelve months, vehicles, and allocation flags."""
    count = len(occupied)
    quartered = (sample.home["type"] != HOUSING) & (facts["snap"] > 0)
    law = np.maximum(sample.home["law"], 0)
    snap = np.where(occupied, sample.snap[law], quartered)
    mean = np.where(sample.owned["VEHIC"][law] > 0, 0.9 * facts["drivers"], 0.05)
    vehicles = np.minimum(draws.poisson(np.maximum(mean - 1, 0.0), "vehicles", 6) + (mean > 0.5), 6)
    shares = {"FTENP": 0.02, "FVALP": 0.12, "FRNTP": 0.1, "FTAXP": 0.2, "FMRGP": 0.12, "FFSP": 0.02}
    shares |= {"FHINCP": 0.35, "FFINCP": 0.33, "FVEHP": 0.02}
    unit = sample.home["type"] == HOUSING
    flags = {
        name: number(draws.uniform(count, name) < share, unit) for name, share in shares.items()
    }
    vacant = unit & ~occupied
    return {
        "FS": truth(snap, ~vacant),
        "VEH": number(vehicles, occupied),
        "YBL": code(1 + np.arange(count) % 7, 2, unit),
        "YRBLT": number(1940 + 10 * (np.arange(count) % 8), unit),
        **flags,
    }
