"""The SIPP's person-months: what is told of a person, and of the household, in each month."""

import numpy as np
import pyarrow as pa

from steelyard.sources.demo import kin
from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Bools, Columns, Floats, Ints, total
from steelyard.sources.demo.sipp_calendar import MONTHS, YOUNGEST_ASKED
from steelyard.sources.demo.sipp_income import ASSETS, DEBTS, incomes, wealth
from steelyard.sources.demo.sipp_jobs import JOBS, jobs, zero_if_blank
from steelyard.sources.demo.sipp_keys import keys, monthly_weights, rows, strata
from steelyard.sources.demo.sipp_sample import Sample
from steelyard.sources.demo.units import poverty_thresholds

FIRST_ANNUAL_RECODES = 2022
# Ages of 85 and over are published as one.
TOPCODE, TOPCODED = 85, 87
# EMS by A_MARITL: married present and absent, widowed, divorced, separated, never.
MARITAL = np.array([0, 1, 1, 2, 3, 4, 5, 6])
# ERACE by PRDTRACE: white, black, asian alone; everybody else is residual.
RACE = {1: 1, 2: 2, 4: 3}
# Difficulties in the order of the law's six.
DIFFICULTIES = ("EHEARING", "ESEEING", "ECOGNIT", "EAMBULAT", "ESELFCARE", "EERRANDS")
RELATIONSHIP = {
    kin.SPOUSE: 3, kin.CHILD: 4, kin.GRANDCHILD: 5, kin.PARENT: 6, kin.SIBLING: 7, kin.OTHER: 8,
    kin.CHILD_IN_LAW: 8, kin.FOSTER: 9, kin.PARTNER: 10, kin.LODGER: 12, kin.LODGER_CHILD: 13,
    kin.PARTNER_CHILD: 13, kin.QUARTERED: 13,
}  # fmt: skip
# Filing status by the law's FILESTAT (1 to 3 joint, 4 head of household, 5 single).
FILING = np.array([0, 2, 2, 2, 4, 1, 0])
# Details of a job that the law knows nothing of, each with its status flag.
EDITED = (
    "BMONTH", "EMONTH", "STARTWK", "ENDWK", "RSEND", "UNION", "CNTRC", "INCPB", "BSLRYB",
    "PVTIME", "DYSWKD", "DYSWKDH", "WSHMWRK", "WSJOB", "WSMNR", "PAYHR1", "PAYHR2", "PAYHR3",
    "TYPPAY1", "TYPPAY2", "PTRESN1", "PTRESN2", "PTRESN3", "CHERMN1", "CHHOMN1", "STRTJAN",
)  # fmt: skip
TOPCODED_DETAILS = (
    "STRTYR", "EMPB", "EMPALL", "MWKHRS", "JOBHRS2", "ANNSAL1", "ANNSAL2", "HOURLY1",
    "HOURLY2", "WKLY1", "BWKLY1", "SMTHLY1", "MTHLY1", "OTHER1", "GAMT1",
)  # fmt: skip


# Benefits of which the law knows one kind, and the file up to ten.
OTHER_KINDS = (
    *(f"VA{k}" for k in range(2, 6)), *(f"UC{k}" for k in (2, 3)),
    *(f"DIS{k}" for k in range(2, 11)),
)  # fmt: skip


def person_months(sample: Sample) -> Columns:
    """Lay one block out as rows of the public-use file.

    Returns
    -------
    dict of arrays of shape (n_rows,)
        Masked where the field was not asked; whole columns of nulls where the law knows nothing.
    """
    person, month = rows(sample)
    world, when = sample.world, sample.when
    asked = when.age[person, month] >= YOUNGEST_ASKED
    work = jobs(sample.draws, world.person, when, sample.scale * sample.shock)
    earned = zero_if_blank(work["TPEARN"])
    paid = incomes(sample.draws, world.person, world.owned, when, sample.scale, earned)
    told = {name: values[person, month] for name, values in (work | paid).items()}
    owned = {n: v[person] for n, v in wealth(world.person, world.owned, sample.scale).items()}
    here = _household_month(sample)
    stratum, half = strata(sample)
    household = world.person["household"][person]
    snap = zero_if_blank(paid["TSNAP_AMT"])[person, month]
    found: Columns = {
        **keys(sample),
        "RIN_UNIV": np.ones(len(person), dtype=np.int64),
        "GVARSTR": stratum[household] + 1,
        "GHLFSAM": (half[household] + 3) // 2,
        "WPFINWGT": monthly_weights(sample)[person, month],
        **_place(sample),
        **_person(sample, asked),
        **_relatives(sample, here),
        **told,
        **{name: np.ma.masked_array(values, ~asked) for name, values in owned.items()},
        **_household_totals(sample, here, owned, told),
        "RSNAP_HHYN": np.where(total(snap, here, int(here.max()) + 1)[here] > 0, 1, 2),
    }
    return found | _nothing_known(found, len(person))


def _household_month(sample: Sample) -> Ints:
    """Give each residence of a month a number (n_rows,); its members live together then."""
    person, month = rows(sample)
    household = sample.world.person["household"][person]
    home = (household * 100 + sample.when.residence[person, month]) * MONTHS + month
    return np.asarray(np.unique(home, return_inverse=True)[1], dtype=np.int64)


def _family_month(sample: Sample, here: Ints) -> Ints:
    """Give each family of a residence and month a number (n_rows,), as official poverty does."""
    person, _ = rows(sample)
    family = here * (len(sample.world.family["root"]) + 1)
    family += sample.world.member["poverty_family"][person]
    return np.asarray(np.unique(family, return_inverse=True)[1], dtype=np.int64)


def _alone(sample: Sample) -> Bools:
    """Whether (n_rows,) a person lives at an address of their own."""
    person, month = rows(sample)
    return np.asarray(sample.when.residence[person, month] > 10)


def _place(sample: Sample) -> Columns:
    """Where the residence is, and how it is held."""
    person, month = rows(sample)
    world = sample.world
    household = world.person["household"][person]
    fips = table("states")["state_fips"].to_numpy()
    owner = (world.home["H_TENURE"][household] == 1) & ~_alone(sample)
    free = world.home["H_TENURE"][household] == 3
    return {
        "TEHC_ST": fips[sample.when.state[person, month]],
        "TST_INTV": fips[sample.when.state[person, MONTHS - 1]],
        "TLIVQTR": np.where(world.home["quarters"][household], 3, 1),
        "ETENURE": np.where(owner, 1, np.where(free, 3, 2)),
        "THHLDSTATUS": np.ones(len(person), dtype=np.int64),
    }


def _person(sample: Sample, asked: Bools) -> Columns:
    """Age, sex, origin, schooling, health and tax status."""
    person, month = rows(sample)
    known = {name: values[person] for name, values in sample.world.person.items()}
    age = sample.when.age
    at_interview = age[:, -1] + (sample.when.birth_month <= 3)
    race = np.full(int(known["race"].max()) + 1, 4)
    race[[code for code in RACE if code < len(race)]] = [
        RACE[code] for code in RACE if code < len(race)
    ]
    yes_no = {
        **{name: known["disabled"][:, k] for k, name in enumerate(DIFFICULTIES)},
        "RDIS": known["disabled"].any(axis=1),
        "EEDENROLL": known["enrolled"],
        "EDEPCLM": known["claimer"] >= 0,
    }
    insured = (known["CAID"] == 1) | (known["MCARE"] == 1) | (known["PHIP_VAL"] > 0)
    insured |= (sample.draws.uniform(len(age), "insured") < 0.85)[person]
    told: Columns = {
        name: np.ma.masked_array(np.where(flag, 1, 2), ~asked) for name, flag in yes_no.items()
    }
    full = np.where(known["full_time_student"], 1, 2)
    status = FILING[np.clip(known["FILESTAT"].astype(np.int64), 0, 6)]
    return {
        "TAGE": _topcoded(at_interview[person]),
        "TAGE_EHC": _topcoded(age[person, month]),
        "ESEX": 1 + known["female"].astype(np.int64),
        "ERACE": race[known["race"]],
        "EORIGIN": np.where(known["hispanic"] > 0, 1, 2),
        "EBORNUS": np.where(known["citizen"] == 1, 1, 2),
        "ECITIZEN": np.where(known["citizen"] == 5, 2, 1),
        "EEDUC": np.ma.masked_array(known["schooling"], ~asked | (known["schooling"] == 0)),
        **told,
        "EEDFTPT": np.ma.masked_array(full, ~asked | ~known["enrolled"]),
        "EFSTATUS": np.ma.masked_array(status, ~asked | (status == 0)),
        "RHLTHMTH": np.where(insured, 1, 2),
        "EMDMTH": known["CAID"].astype(np.int64),
        "ECRMTH": known["MCARE"].astype(np.int64),
        **_coverage_in_the_year(sample, known, insured),
    }


def _coverage_in_the_year(sample: Sample, known: Columns, insured: Bools) -> Columns:
    """Annual recodes of coverage, which files have from 2022 on."""
    if sample.panel + sample.wave - 1 < FIRST_ANNUAL_RECODES:
        return {}
    return {
        "RHICOVANN": np.where(insured, 1, 2),
        "RMCAIDANN": known["CAID"].astype(np.int64),
        "RMEDCAREANN": known["MCARE"].astype(np.int64),
    }


def _topcoded(age: Ints) -> Ints:
    """Return published ages."""
    return np.where(age >= TOPCODE, TOPCODED, age)


def _relatives(sample: Sample, here: Ints) -> Columns:
    """Relationship to the householder, marital status, and pointers to kin in the residence."""
    person, month = rows(sample)
    known = sample.world.person
    role, alone = known["role"][person], _alone(sample)
    related = np.isin(role, kin.RELATED) & ~alone
    with_kin = np.bincount(here, weights=related)[here] > 1
    relation = np.array([RELATIONSHIP.get(r, 0) for r in range(kin.QUARTERED + 1)])[role]
    relation = np.where((role == kin.HEAD) | alone, np.where(with_kin & ~alone, 1, 2), relation)
    number = 100 * sample.when.entry_wave + known["line"]
    found: Columns = {"ERELRPE": relation}
    for name, tie in (
        ("EPNSPOUSE", "spouse"),
        ("EPNCOHAB", "partner"),
        ("EPNPAR1", "parent1"),
        ("EPNPAR2", "parent2"),
    ):
        other = known[tie][person]
        near = (other >= 0) & sample.when.present[other, month]
        residence = sample.when.residence
        near &= residence[other, month] == residence[person, month]
        found[name] = np.ma.masked_array(number[other], ~near)
    grown = sample.when.age[person, month] >= YOUNGEST_ASKED
    status = MARITAL[known["marital"][person]]
    apart = (status == 1) & np.ma.getmaskarray(found["EPNSPOUSE"])
    found["EMS"] = np.ma.masked_array(np.where(apart, 2, status), ~grown)
    family = sample.world.member["poverty_family"][person]
    position = sample.world.family["position"][family]
    found["RFAMNUM"] = np.where(alone, 1, position)
    return found


def _household_totals(sample: Sample, here: Ints, owned: Columns, told: Columns) -> Columns:
    """Sum over who lives together in the month, and say what a family needs for it."""
    person, month = rows(sample)
    count = int(here.max()) + 1
    age = sample.when.age[person, month]
    grown = age >= YOUNGEST_ASKED
    income = zero_if_blank(told["TPTOTINC"]).astype(np.float64)
    family = _family_month(sample, here)
    families = int(family.max()) + 1
    need = {
        "RFPOV": _threshold(age, family, families) * sample.scale / MONTHS,
        "RHPOV": _threshold(age, here, count) * sample.scale / MONTHS,
    }
    needs = {name: np.maximum(np.rint(values), 1).astype(np.int64) for name, values in need.items()}
    members = np.bincount(here, minlength=count)
    vehicles = _vehicles(sample)
    found: Columns = {
        "RHNUMPER": members[here],
        "RHNUMU18": total(age < 18, here, count)[here].astype(np.int64),
        "RFPERSONS": np.bincount(family, minlength=families)[family],
        "THTOTINC": total(income, here, count)[here].astype(np.int64),
        "TFTOTINC": total(income, family, families)[family].astype(np.int64),
        **needs,
        "TVEH_NUM": total(vehicles, here, count)[here].astype(np.int64),
    }
    for scope, name in (("F", "RFPOV"), ("H", "RHPOV")):
        size = sample.world.person["household"].size
        year = total(found[f"T{scope}TOTINC"].astype(np.float64), person, size)
        lines = np.maximum(total(found[name].astype(np.float64), person, size), 1.0)
        found[f"T{scope}CYINCPOV"] = np.round(year / lines, 2)[person]
    for name, values in owned.items():
        whole = total(np.where(grown, values, 0).astype(np.float64), here, count)[here]
        found["TH" + name[1:]] = whole.astype(np.int64)
    return found


def _vehicles(sample: Sample) -> Ints:
    """Vehicles (n_rows,) of householders, by what they are worth."""
    person, _ = rows(sample)
    known = sample.world.person
    worth = sample.world.owned["VEHIC"][known["household"]]
    number = (worth > 0).astype(np.int64) + (worth > 25_000) + (worth > 60_000)
    return np.where(known["role"] == kin.HEAD, number, 0)[person]


def _threshold(age: Ints, group: Ints, groups: int) -> Floats:
    """Official threshold (n_rows,) of a year, dollars of 2022, by the group's size and children."""
    size = np.bincount(group, minlength=groups)
    children = total(age < 18, group, groups).astype(np.int64)
    oldest = np.zeros(groups, dtype=np.int64)
    np.maximum.at(oldest, group, age)
    return poverty_thresholds(size, children, oldest >= 65)[group]


def _nothing_known(found: Columns, count: int) -> Columns:
    """Columns of the real file that are here for their number, empty."""
    names = [
        f"{kind}JB{job}_{detail}"
        for job in range(1, JOBS + 1)
        for kind, details in (("E", EDITED), ("T", TOPCODED_DETAILS))
        for detail in details
    ]
    names += [f"A{name[1:]}" for name in names]
    names += [f"T{name}AMT" for name in OTHER_KINDS]
    names += [f"{kind}_{name}" for kind in ("AVAL", "ADEBT") for name in (*ASSETS, *DEBTS)]
    nothing = pa.nulls(count)
    return {name: nothing for name in dict.fromkeys(names) if name not in found}
