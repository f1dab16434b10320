"""The person record of the ACS PUMS."""

import numpy as np

from steelyard.sources.demo.acs_sample import HOUSING, Sample
from steelyard.sources.demo.acs_text import Field, code, number, rounded, truth
from steelyard.sources.demo.anchors import column
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints

# Ages of the oldest are replaced by the state's mean of them.
OLDEST, OLDEST_MEAN = 92, 94
# What the CPS asks one by one, in the eight questions of the ACS, and the bounds of the file.
INCOMES: dict[str, tuple[tuple[str, ...], float, float]] = {
    "WAGP": (("WSAL_VAL",), 0, 999_999),
    "SEMP": (("SEMP_VAL", "FRSE_VAL"), -10_000, 999_999),
    "INTP": (("INT_VAL", "DIV_VAL", "RNT_VAL"), -10_000, 999_999),
    "SSP": (("SS_VAL",), 0, 55_000),
    "SSIP": (("SSI_VAL",), 0, 30_000),
    "PAP": (("PAW_VAL",), 0, 30_000),
    "RETP": (
        ("PNSN_VAL", "ANN_VAL", "DST_VAL1", "DST_VAL2", "DST_VAL1_YNG", "DST_VAL2_YNG",
         "SRVS_VAL", "DIS_VAL1", "DIS_VAL2"), 0, 999_999,
    ),
    "OIP": (("UC_VAL", "WC_VAL", "VET_VAL", "CSP_VAL", "OI_VAL", "FIN_VAL"), 0, 99_999),
}  # fmt: skip
# Share of answers that the Bureau had to allocate.
ALLOCATED = {
    "WAGP": 0.18, "SEMP": 0.22, "INTP": 0.15, "SSP": 0.14, "SSIP": 0.12, "PAP": 0.11,
    "RETP": 0.14, "OIP": 0.13, "AGEP": 0.02, "WKHP": 0.10, "WKWN": 0.12, "SCHL": 0.06,
}  # fmt: skip
# Codes of the CPS (A_MARITL, A_HGA, PRDTHSP, PEIO1COW) and of the ACS.
SPOUSE_PRESENCE = {1: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6}
MARITAL = {1: 1, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5}
SCHOOLING = {34: 11, 35: 12, 36: 13, 37: 14, 38: 15, 39: 16, 40: 19, 41: 20, 42: 20, 43: 21,
             44: 22, 45: 23, 46: 24}  # fmt: skip
HISPANIC = {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 11, 6: 12, 7: 22, 8: 24}
RACE = {1: 1, 2: 2, 3: 3, 4: 6, 5: 7}
WORKER = {1: 5, 2: 4, 3: 3, 4: 1, 5: 2, 6: 7, 7: 6, 8: 8}


def mapped(values: Ints, codes: dict[int, int], other: int) -> Ints:
    """Translate codes (n,); those not listed become `other`."""
    found = np.full(len(values), other, dtype=np.int64)
    for old, new in codes.items():
        found[values == old] = new
    return found


def incomes(person: Columns, nominal: float, social_security_top: float) -> Columns:
    """Return the ACS's income items of each person (n,), rounded, bounded, and their sums.

    Parameters
    ----------
    nominal
        Dollars as told to the interviewer for one dollar of the law.
    social_security_top
        The vintage's largest SSP.

    Returns
    -------
    dict of arrays of shape (n,)
        The eight items, PERNP and PINCP: the exact sums of the rounded items.
    """
    found: Columns = {}
    for name, (parts, lowest, highest) in INCOMES.items():
        amount = np.sum([person[part] for part in parts], axis=0) * nominal
        most = social_security_top if name == "SSP" else highest
        found[name] = np.clip(rounded(amount), lowest, most)
    found["PERNP"] = found["WAGP"] + found["SEMP"]
    found["PINCP"] = np.sum([found[name] for name in INCOMES], axis=0)
    asked = person["age"] >= 15
    return {name: np.where(asked, values, 0.0) for name, values in found.items()}


def fields(
    draws: Draws, sample: Sample, money: Columns, ratio: Floats, vintage: int
) -> dict[str, Field]:
    """Lay persons out; `ratio` (n,) is income to poverty, negative where not determined."""
    person = sample.person
    age = person["age"]
    asked = age >= 15
    return {
        "SPORDER": code(person["SPORDER"], 2),
        "PWGTP": number(person["PWGTP"]),
        "AGEP": number(np.where(age >= OLDEST, OLDEST_MEAN, age)),
        "RELSHIPP": code(person["RELSHIPP"], 2),
        "SEX": number(1 + person["female"]),
        "SFN": number(person["SFN"], person["SFN"] > 0),
        "SFR": number(person["SFR"], person["SFR"] > 0),
        "MAR": number(mapped(person["marital"], MARITAL, 5)),
        "MSP": number(mapped(person["marital"], SPOUSE_PRESENCE, 6), asked),
        **{name: number(values, asked) for name, values in money.items()},
        "PERNP": number(money["PERNP"], age >= 16),
        "POVPIP": number(np.clip(np.floor(100 * ratio), 0, 501), ratio > -1),
        **_origin(draws, person, vintage),
        **_school(draws, person),
        **_difficulties(draws, person),
        **_work(draws, person),
        **_health(draws, person, sample.home["type"][person["record"]] == HOUSING),
        **_flags(draws, person, money),
    }


def _origin(draws: Draws, person: Columns, vintage: int) -> dict[str, Field]:
    """Race, Hispanic origin, citizenship and year of entry."""
    count = len(person["age"])
    hispanic = person["hispanic"] > 0
    race = mapped(person["race"], RACE, 9)
    other = hispanic & (race == 1) & (draws.uniform(count, "other race") < 0.45)
    native = draws.uniform(count, "kind of native")
    tribe = draws.uniform(count, "tribe")
    race = np.where(race == 3, np.select([tribe < 0.9, tribe < 0.95], [3, 4], 5), race)
    citizen = np.where(
        person["citizen"] == 1, np.select([native < 0.006, native < 0.017], [2, 3], 1),
        person["citizen"],
    )  # fmt: skip
    years = np.floor(draws.uniform(count, "years since entry") * np.minimum(person["age"] + 1, 60))
    return {
        "RAC1P": number(np.where(other, 8, race)),
        "HISP": code(mapped(person["hispanic"], HISPANIC, 24), 2),
        "CIT": number(citizen),
        "NATIVITY": number(np.where(citizen > 3, 2, 1)),
        "YOEP": number(vintage - years, citizen > 1),
    }


def _school(draws: Draws, person: Columns) -> dict[str, Field]:
    """Attainment and attendance; children are in the grade of their age."""
    age = person["age"]
    count = len(age)
    luck = draws.uniform(count, "school")
    child = np.select([age < 3, age < 5, age < 6], [0, 1 + (luck < 0.5), 2], age - 3)
    adult = mapped(person["schooling"], SCHOOLING, 16)
    adult = np.where((adult == 16) & (luck < 0.13), 17, adult)
    adult = np.where(adult == 19, 18 + (luck < 0.7), adult)
    attends = np.where(age < 15, luck < np.where(age < 5, 0.55, 0.985), person["enrolled"])
    attends = attends & (age >= 3)
    grade = np.select(
        [age < 5, person["college"] & (adult >= 21), person["college"]],
        [1, 16, 15],
        np.clip(age - 3, 2, 14),
    )
    private = draws.uniform(count, "private school") < 0.13
    return {
        "SCHL": code(np.where(age < 15, child, adult), 2, age >= 3),
        "SCH": number(np.where(attends, 2 + private, 1), age >= 3),
        "SCHG": code(grade, 2, attends),
    }


def _difficulties(draws: Draws, person: Columns) -> dict[str, Field]:
    """Six difficulties, each asked from an age of its own, and whether there is any."""
    age = person["age"]
    ears, eyes, remembering, walking, dressing, errands = person["disabled"].T
    child = (age >= 5) & (age < 15) & (draws.uniform(len(age), "child difficulty") < 0.05)
    remembering = remembering | child
    every = ears | eyes | remembering | walking | dressing | errands
    return {
        "DEAR": truth(ears),
        "DEYE": truth(eyes),
        "DREM": truth(remembering, age >= 5),
        "DPHY": truth(walking, age >= 5),
        "DDRS": truth(dressing, age >= 5),
        "DOUT": truth(errands, age >= 15),
        "DIS": truth(every),
    }


def _work(draws: Draws, person: Columns) -> dict[str, Field]:
    """Work last week and in the past twelve months; nobody under 16 is asked."""
    age, weeks = person["age"], person["weeks"]
    asked = age >= 16
    worked = asked & (weeks > 0)
    now = draws.uniform(len(age), "last week")
    status = np.select(
        [worked & (now < 0.90), worked & (now < 0.93), person["unemployed_weeks"] > 0],
        [1, 2, np.where(now < 0.5, 3, 6)],
        6,
    )
    last = np.where(worked, 1, np.where(now < 0.3, 2, 3))
    return {
        "COW": number(mapped(person["class_of_worker"], WORKER, 1), worked),
        "ESR": number(status, asked),
        "OCCP": code(np.maximum(person["census_occupation"], 0), 4, worked),
        "WKHP": number(np.clip(person["hours"], 1, 99), worked),
        "WKL": number(last, asked),
        "WKWN": number(weeks, worked),
    }


def _health(draws: Draws, person: Columns, housed: Bools) -> dict[str, Field]:
    """Coverage at the time of the interview, by kind."""
    count = len(person["age"])
    medicare, medicaid = person["MCARE"] == 1, person["CAID"] == 1
    chance = np.clip(0.25 + 0.16 * person["ratio"], 0.0, 0.8) * np.where(person["age"] < 65, 1, 0.4)
    job = draws.chance(np.where(medicaid, 0.1, chance), "employer plan")
    direct = draws.chance(np.where(medicare, 0.3, np.where(job, 0.03, 0.25)), "direct plan")
    military = draws.uniform(count, "military plan")
    kinds = {
        "HINS1": job & housed,
        "HINS2": direct & ~medicaid,
        "HINS3": medicare,
        "HINS4": medicaid,
        "HINS5": military < 0.026,
        "HINS6": (person["VET_VAL"] > 0) | (military > 0.99) & (person["age"] >= 40),
        "HINS7": (person["race"] == 3) & (military < 0.5),
    }
    private = kinds["HINS1"] | kinds["HINS2"] | kinds["HINS5"]
    public = kinds["HINS3"] | kinds["HINS4"] | kinds["HINS6"]
    return {
        **{name: truth(flag) for name, flag in kinds.items()},
        "PRIVCOV": truth(private),
        "PUBCOV": truth(public),
        "HICOV": truth(private | public),
    }


def _flags(draws: Draws, person: Columns, money: Columns) -> dict[str, Field]:
    """Allocation flags; a total is allocated where one of its items is."""
    count = len(person["age"])
    asked = person["age"] >= 15
    hit = {
        name: asked & (draws.uniform(count, f"allocated {name}") < share)
        for name, share in ALLOCATED.items()
    }
    # Who has none of an income seldom leaves the question open.
    for name in INCOMES:
        hit[name] &= (money[name] != 0) | (draws.uniform(count, f"allocated no {name}") < 0.35)
    earned = hit["WAGP"] | hit["SEMP"]
    every = np.any([hit[name] for name in INCOMES], axis=0)
    flags = {f"F{name}" if name.endswith("P") else f"F{name}P": flag for name, flag in hit.items()}
    flags |= {"FPERNP": earned, "FPINCP": every}
    return {name: number(flag) for name, flag in flags.items()}


def vintage_fact(vintage: int, name: str) -> float:
    """Return a published fact of a vintage."""
    row = column("acs_vintages", "vintage").tolist().index(vintage)
    return float(column("acs_vintages", name)[row])
