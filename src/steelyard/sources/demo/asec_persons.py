"""Person records of the CPS ASEC's public-use layout.

Pointers hold line numbers; sentinels (-1 and 0) stand for "not in universe"; amounts are whole
dollars; capital gains count in no total.
"""

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.asec_flags import allocation
from steelyard.sources.demo.asec_homes import implied, official_thresholds, poverty_class, whole
from steelyard.sources.demo.asec_sample import Block
from steelyard.sources.demo.draws import Columns, Draws, Ints, total
from steelyard.sources.demo.population import Population
from steelyard.sources.demo.units import NONFAMILY, SECONDARY

DIFFICULTIES = ("PEDISEAR", "PEDISEYE", "PEDISREM", "PEDISPHY", "PEDISDRS", "PEDISOUT")
AMOUNTS = (
    "ANN_VAL", "CAP_VAL", "CHSP_VAL", "CSP_VAL", "DIS_SC1", "DIS_SC2", "DIS_VAL1", "DIS_VAL2",
    "DIV_VAL", "DST_SC1", "DST_SC2", "DST_SC1_YNG", "DST_SC2_YNG", "DST_VAL1", "DST_VAL2",
    "DST_VAL1_YNG", "DST_VAL2_YNG", "ED_VAL", "FIN_VAL", "FRSE_VAL", "INT_VAL", "MOOP", "OI_OFF",
    "OI_VAL", "PAW_VAL", "PEARNVAL", "PEMCPREM", "PHIP_VAL", "PMED_VAL", "PNSN_VAL", "POTC_VAL",
    "POTHVAL", "PTOTVAL", "RESNSS1", "RESNSS2", "RETCB_VAL", "RNT_VAL", "SEMP_VAL", "SRVS_VAL",
    "SSI_VAL", "SS_VAL", "UC_VAL", "VET_VAL", "WC_VAL", "WSAL_VAL", "MCARE", "CAID", "AGI",
    "FEDTAX_AC", "FEDTAX_BC", "EIT_CRED", "CTC_CRD", "ACTC_CRD", "STATETAX_A", "STATETAX_B",
    "MARG_TAX", "TAX_INC", "FILESTAT", "FICA",
)  # fmt: skip
# Broadband subsidies have a column from the survey of 2022 on.
FIRST_BROADBAND_VINTAGE = 2022


def persons(block: Block) -> Columns:
    """Person records, in order of household and position."""
    draws, world = block.draws, block.world
    person = world.person
    household = person["household"]
    seq = block.interviewed[household]
    position = world.family["position"]
    line = np.char.zfill(person["line"].astype(np.str_), 2)
    found: Columns = {
        "PERIDNUM": np.char.add(block.id_of(seq), line),
        "PH_SEQ": seq,
        "P_SEQ": person["sequence"],
        "A_LINENO": person["line"],
        "PF_SEQ": position[world.member["poverty_family"]],
        "PHF_SEQ": position[world.member["own"]],
        "PRECORD": np.full(len(seq), 3),
        "PPPOS": 40 + person["sequence"],
        **_relationships(world),
        **_demography(person),
        **_labour(draws, person),
        **{name: whole(person[name]) for name in AMOUNTS},
        **_poverty(block),
        **_ids_and_weights(block, seq),
        **_spm_columns(block),
        **allocation(draws, person),
        "YYYYMM": np.full(len(seq), block.survey_year * 100 + 3),
    }
    if block.survey_year < FIRST_BROADBAND_VINTAGE:
        del found["SPM_BBSUBVAL"]
    order = np.lexsort((person["sequence"], household))
    return {name: values[order] for name, values in found.items()}


def _poverty(block: Block) -> Columns:
    """Official poverty of each person, that of the family whose threshold counts."""
    world, family = block.world, block.world.member["poverty_family"]
    money = total(world.person["PTOTVAL"], family, len(world.family["household"]))
    ratio = money / official_thresholds(block)
    # Unrelated children under 15 are in no family whose income is known.
    alone = np.bincount(family, minlength=len(ratio))[family] == 1
    known = ~(alone & (world.person["age"] < 15))
    return {
        "POV_UNIV": known.astype(np.int64),
        "PERLIS": np.where(known, poverty_class(ratio)[family], -1),
    }


def _relationships(world: Population) -> Columns:
    """Codes and pointers of kinship; pointers hold line numbers."""
    person, family = world.person, world.family
    role = person["role"]
    own, kind = world.member["own"], world.family["type"][world.member["own"]]
    head = np.searchsorted(person["household"], person["household"])
    with_kin = np.bincount(world.member["poverty_family"], minlength=len(family["root"])) > 1
    kin_here = with_kin[world.member["own"]] | with_kin[world.member["poverty_family"][head]]
    same = (role == kin.SPOUSE) | (role == kin.PARTNER)
    same &= person["female"] == person["female"][head]
    partner = np.where(same, np.where(kin_here, 46, 47), np.where(kin_here, 43, 44))
    perrp = np.select(
        [role == kin.HEAD, role == kin.SPOUSE, role == kin.PARTNER, role == kin.CHILD,
         role == kin.GRANDCHILD, role == kin.PARENT, role == kin.SIBLING, role == kin.FOSTER,
         np.isin(role, (kin.OTHER, kin.CHILD_IN_LAW)), role == kin.LODGER],
        [np.where(kin_here, 40, 41), np.where(same, 45, 42), partner, 48, 49, 50, 51, 53, 52,
         np.where(kin_here, 54, 55)],
        np.where(kin_here, 58, 59),
    )  # fmt: skip
    coarse = np.array([1, 2, 3, 12, 13, 3, 12, 13, 5, 7, 8, 9, 10, 11, 12, 13, 12, 14, 12, 14])
    exprrp = coarse[perrp - 40]
    exprrp = np.where((exprrp == 3) & person["female"], 4, exprrp)
    root = family["root"][own]
    index = np.arange(len(role))
    famrel = np.select(
        [np.isin(kind, (NONFAMILY, SECONDARY)), index == root, person["spouse"] == root,
         (person["parent1"] == root) | (person["parent2"] == root)],
        [0, 1, 2, 3],
        4,
    )  # fmt: skip
    primary = np.isin(role, kin.RELATED) & (family["type"][world.member["poverty_family"]] == 1)
    pfrel = np.select(
        [~primary, np.isin(role, (kin.HEAD, kin.SPOUSE)) & (person["spouse"] >= 0),
         role == kin.HEAD, role == kin.CHILD],
        [0, np.where(person["female"], 2, 1), 5, 3],
        4,
    )  # fmt: skip
    minor = (person["age"] < 18) & (person["marital"] == 7)
    hhdrel = np.select(
        [role == kin.HEAD, role == kin.SPOUSE, (role == kin.CHILD) & minor,
         (role == kin.CHILD) & (person["age"] < 18), role == kin.CHILD, np.isin(role, kin.RELATED)],
        [1, 2, 3, 4, 5, 6],
        7,
    )  # fmt: skip
    return {
        "PERRP": perrp,
        "A_EXPRRP": exprrp,
        "A_FAMREL": famrel,
        "A_PFREL": pfrel,
        "A_FAMTYP": kind,
        "HHDREL": hhdrel,
        "A_SPOUSE": _line(person, "spouse", 0),
        "PEPAR1": _line(person, "parent1", -1),
        "PEPAR2": _line(person, "parent2", -1),
        "PECOHAB": _line(person, "partner", -1),
    }


def _line(person: Columns, tie: str, none: int) -> Ints:
    """Return the line number of the person pointed at."""
    return np.where(person[tie] >= 0, person["line"][person[tie]], none)


def _demography(person: Columns) -> Columns:
    """Age (topcoded), sex, origin, schooling, disability."""
    age, child = person["age"], person["age"] < 15
    young = (age >= 15) & (age < 55)
    flags = person["disabled"]
    college = person["college"]
    return {
        "A_AGE": np.select([age >= 85, age >= 80], [85, 80], age),
        "A_SEX": 1 + person["female"].astype(np.int64),
        "A_MARITL": person["marital"],
        "P_STAT": np.where(child, 3, 1),
        "PRDTRACE": person["race"],
        "PRDTHSP": person["hispanic"],
        "A_HGA": person["schooling"],
        "PRCITSHP": person["citizen"],
        "PENATVTY": person["birthplace"],
        "PEINUSYR": person["entry"],
        "A_ENRLW": np.where(young, np.where(person["enrolled"], 1, 2), 0),
        "A_FTPT": np.where(
            young & person["enrolled"], np.where(person["full_time_student"], 1, 2), 0
        ),
        "A_HSCOL": np.where(young & person["enrolled"], np.where(college, 2, 1), 0),
        **{
            name: np.where(child, -1, np.where(flags[:, k], 1, 2))
            for k, name in enumerate(DIFFICULTIES)
        },
    }


def _labour(draws: Draws, person: Columns) -> Columns:
    """Work in the year and last week, and whether earnings were allocated."""
    count = len(person["age"])
    worked = person["weeks"] > 0
    # Which job the longest was: for wages, on one's own, or on a farm.
    longest = np.select(
        [np.abs(person["FRSE_VAL"]) > 0, np.abs(person["SEMP_VAL"]) > person["WSAL_VAL"]],
        [3, 2],
        1,
    )
    now = worked & (draws.uniform(count, "at work last week") < 0.93)
    change = np.round(3 * draws.normal(count, "hours last week"))
    usual = person["hours"]
    steady = draws.uniform(count, "usual hours last week") < 0.7
    actual = np.clip(usual + np.where(steady, 0, change), 1, 99)
    allocated = draws.uniform(count, "earnings allocated") < 0.2
    business = (person["SEMP_VAL"] != 0) & (draws.uniform(count, "profit allocated") < 0.2)
    # Whether health limits the work that somebody can do.
    limited = draws.uniform(count, "work limitation") < np.where(
        person["disabled"].any(axis=1), 0.6, 0.03
    )
    small = (person["age"] < 5) & (person["parent1"] >= 0)
    mothers = np.zeros(count, dtype=bool)
    mothers[person["parent1"][small]] = True
    on_wic = mothers & person["female"] & (person["CAID"] == 1)
    woman = person["female"] & (person["age"] >= 15) & (person["age"] < 46)
    return {
        "DIS_HP": np.where(person["age"] < 15, 0, np.where(limited, 1, 2)),
        "LKWEEKS": person["unemployed_weeks"],
        "WKSWORK": person["weeks"],
        "HRSWK": usual,
        "A_HRS1": whole(np.where(now, actual, 0)),
        "POCCU2": person["occupation"],
        "PEIOOCC": np.where(now, person["census_occupation"], -1),
        "PEIO1COW": np.where(now, person["class_of_worker"], 0),
        "WICYN": np.where(woman, np.where(on_wic, 1, 2), 0),
        "ERN_SRCE": np.where(worked, longest, 0),
        "I_ERNVAL": np.where(worked & allocated, 9, 0),
        "I_WSVAL": np.zeros(count, dtype=np.int64),
        "I_SEVAL": np.where(business, 5, 0),
    }


def _ids_and_weights(block: Block, seq: Ints) -> Columns:
    """Tax-unit ids and weights; a couple shares its weight, other members vary around it."""
    draws, world, weights = block.draws, block.world, block.weights
    person = world.person
    count = len(seq)
    noise = np.exp(0.10 * draws.normal(count, "person weight") - 0.005)
    core = np.isin(person["role"], (kin.HEAD, kin.SPOUSE))
    supplement = weights[person["household"]] * np.where(core, 1.0, noise)
    basic = supplement * 1.35 * np.exp(0.08 * draws.normal(count, "basic weight"))
    # The ASEC adds households that are not in the March basic sample.
    added = draws.uniform(len(weights), "supplement sample") < 0.2
    return {
        "TAX_ID": seq * 100 + person["number"],
        "DEP_STAT": _line(person, "claimer", 0),
        "MARSUPWT": implied(supplement),
        "A_FNLWGT": np.where(added[person["household"]], 0, implied(basic)),
        "SPM_ID": seq * 1000 + world.unit["number"][world.unit["unit"]],
    }


def _spm_columns(block: Block) -> Columns:
    """SPM unit values, repeated on every member."""
    world = block.world
    unit = world.unit["unit"]
    found: Columns = {
        "SPM_HEAD": (world.person["unit"] == np.arange(len(unit))).astype(np.int64),
        "SPM_WEIGHT": implied(block.weights[world.person["household"]]),
    }
    for name, values in world.spm.items():
        real = name in ("SPM_EQUIVSCALE", "SPM_GEOADJ")
        found[name] = (values if real else whole(values))[unit]
    return found
