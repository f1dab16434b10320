"""The CPS ASEC's public-use layout: household, family and person records.

Column names, codes, sentinels (-1 and 0 for "not in universe"), implied decimals and
pointers are those of the real files of survey years 2019 on; capital gains, as there, count
in no total. Amounts are whole dollars.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo import kin
from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Columns, Draws, Floats, Ints, total
from steelyard.sources.demo.files import delimited, write_zip
from steelyard.sources.demo.population import Population, populate
from steelyard.sources.demo.units import NONFAMILY, SECONDARY, poverty_thresholds
from steelyard.sources.demo.weights import household_weights

PLACE = "www2.census.gov/programs-surveys/cps/datasets"
# One record in eight is a household that was not interviewed.
NONINTERVIEWS = 0.13
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


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write the ASEC of one survey year: a zip of household, family and person records."""
    draws = Draws(seed, "asec")
    sample = populate(draws, households)
    weights = household_weights(draws, sample.home, sample.person, sample.owned["rarity"])
    files = records(draws, sample, weights, vintage)
    year = f"{vintage % 100:02d}"
    path = folder / PLACE / str(vintage) / "march" / f"asecpub{year}csv.zip"
    return [write_zip(path, {f"{n}{year}.csv": [delimited(c)] for n, c in files.items()})]


def whole(values: NDArray[Any]) -> Ints:
    """Return integers, rounded to the nearest."""
    return np.asarray(np.rint(values), dtype=np.int64)


def implied(weights: Floats) -> Ints:
    """Return weights with two implied decimals."""
    return whole(100.0 * weights)


def records(draws: Draws, world: Population, weights: Floats, year: int) -> dict[str, Columns]:
    """Lay a population out as the three files of one ASEC.

    Parameters
    ----------
    world
        The population drawn.
    weights
        Household weights (n_households,), households represented.
    year
        Survey year; incomes are of the year before.

    Returns
    -------
    dict
        hhpub, ffpub, pppub: columns of integers (and PERIDNUM, H_IDNUM as text), in order.
    """
    count = len(weights)
    extra = max(2, round(NONINTERVIEWS * count))
    interviewed = np.arange(count) + 1 + (np.arange(count) * extra) // count
    missed = np.setdiff1d(np.arange(1, count + extra + 1), interviewed)
    digits = np.floor(draws.uniform(2 * (count + extra), "household id") * 10**10).astype(np.int64)
    ids = np.array([f"{a:010d}{b:010d}" for a, b in digits.reshape(-1, 2)])
    number = interviewed, missed
    return {
        "hhpub": _households(draws, world, weights, number, ids, year),
        "ffpub": _families(world, weights, interviewed),
        "pppub": _persons(draws, world, weights, interviewed, ids, year),
    }


def _households(
    draws: Draws,
    world: Population,
    weights: Floats,
    number: tuple[Ints, Ints],
    ids: NDArray[np.str_],
    year: int,
) -> Columns:
    """Household records; those not interviewed hold a place and no data."""
    home, person, owned = world.home, world.person, world.owned
    interviewed, missed = number
    count = len(interviewed)
    household = person["household"]
    place = draws.uniform(count, "metropolitan")
    fips = table("states")["state_fips"].astype(int).to_numpy()[home["state"]]
    metro = np.select([place < 0.86, place < 0.98], [1, 2], 3)
    county = np.where((metro == 1) & (place < 0.35), 1 + 2 * np.floor(place * 8.5), 0)
    county = np.where(np.isin(fips, (2, 9, 11)), 0, county)
    families = np.bincount(world.family["household"], minlength=count)
    head_type = np.select(
        [home["quarters"], home["union"] == 1, families == 0],
        [9, 1, 0],
        np.where(home["female"], 7, 6),
    )
    kin_size = total(np.isin(person["role"], kin.RELATED), household, count)
    head_type = np.where(
        (head_type >= 6) & (head_type < 9) & (kin_size > 1), head_type - 3, head_type
    )
    known: Columns = {
        "H_HHTYPE": np.ones(count), "H_TYPE": head_type,
        "H_LIVQRT": np.where(home["quarters"], 12, 1), "H_NUMPER": home["size"],
        "H_TENURE": home["H_TENURE"], "GTCO": county, "GTCBSA": np.zeros(count),
        "GTMETSTA": metro, "HSUP_WGT": implied(weights), "HTOTVAL": home["HTOTVAL"],
        "HEARNVAL": total(person["PEARNVAL"], household, count), "HNUMFAM": families,
        "HUNDER18": total(person["age"] < 18, household, count), "HFDVAL": home["HFDVAL"],
        "HFOODSP": np.where(home["HFDVAL"] > 0, 1, 2), "HPUBLIC": home["HPUBLIC"],
        "HLORENT": home["HLORENT"], "HENGVAL": home["HENGVAL"],
        "HENGAST": np.where(home["HENGVAL"] > 0, 1, 2),
        "HPROP_VAL": np.where(home["H_TENURE"] == 1, owned["HOUSES"], 0),
        "HPRES_MORT": np.where(home["H_TENURE"] == 1, np.where(owned["MRTHEL"] > 0, 1, 2), 0),
    }  # fmt: skip
    order = np.argsort(np.concatenate([interviewed, missed]), kind="stable")
    lost = len(missed)
    where = np.floor(draws.uniform(lost, "noninterview state") * 51).astype(np.int64)
    states = table("states")["state_fips"].astype(int).to_numpy()
    found: Columns = {
        "H_SEQ": np.arange(1, count + lost + 1),
        "H_IDNUM": ids,
        "H_YEAR": np.full(count + lost, year),
        "GESTFIPS": np.concatenate([fips, states[where]])[order],
    }
    blank = {"H_HHTYPE": 2 + np.arange(lost) % 2}
    for name, values in known.items():
        found[name] = np.concatenate(
            [whole(values), blank.get(name, np.zeros(lost, dtype=np.int64))]
        )[order]
    return found


def _families(world: Population, weights: Floats, interviewed: Ints) -> Columns:
    """Family records: primary families, subfamilies, and individuals on their own."""
    family, person = world.family, world.person
    income = _family_sum(world, person["PTOTVAL"])
    earned = _family_sum(world, person["PEARNVAL"])
    cut = poverty_thresholds(
        family["size"], family["children"], person["age"][family["root"]] >= 65
    )
    ratio = income / cut
    steps = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.85, 2, 2.5, 3, 3.5, 4, 4.5]
    return {
        "FH_SEQ": interviewed[family["household"]],
        "FFPOS": family["position"],
        "FKIND": family["kind"],
        "FTYPE": family["type"],
        "FPERSONS": family["size"],
        "FRELU18": family["children"],
        "FRELU6": family["young"],
        "FHEADIDX": person["sequence"][family["root"]],
        "FSUP_WGT": implied(weights[family["household"]]),
        "FTOTVAL": whole(income),
        "FEARNVAL": whole(earned),
        "FOTHVAL": whole(income - earned),
        "FPOVCUT": whole(cut),
        "FAMLIS": 1 + np.searchsorted([1.0, 1.25, 1.5], ratio, side="right"),
        "POVLL": 1 + np.searchsorted(steps, ratio, side="right"),
    }


def _family_sum(world: Population, values: Floats) -> Floats:
    """Sum over members: subfamilies over their own, primary families over all kin."""
    count = len(world.family["household"])
    everyone = total(values, world.member["poverty_family"], count)
    own = total(values, world.member["own"], count)
    return np.where(np.bincount(world.member["poverty_family"], minlength=count) > 0, everyone, own)


def _persons(
    draws: Draws,
    world: Population,
    weights: Floats,
    interviewed: Ints,
    ids: NDArray[np.str_],
    year: int,
) -> Columns:
    """Person records."""
    person = world.person
    household = person["household"]
    seq = interviewed[household]
    position = world.family["position"]
    found: Columns = {
        "PERIDNUM": np.char.add(ids[seq - 1], np.char.zfill(person["line"].astype(np.str_), 2)),
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
        **_ids_and_weights(draws, world, weights, seq),
        **_spm_columns(world, weights),
        "YYYYMM": np.full(len(seq), year * 100 + 3),
    }
    order = np.lexsort((person["sequence"], household))
    return {name: values[order] for name, values in found.items()}


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
    small = (person["age"] < 5) & (person["parent1"] >= 0)
    mothers = np.zeros(count, dtype=bool)
    mothers[person["parent1"][small]] = True
    on_wic = mothers & person["female"] & (person["CAID"] == 1)
    woman = person["female"] & (person["age"] >= 15) & (person["age"] < 46)
    return {
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


def _ids_and_weights(draws: Draws, world: Population, weights: Floats, seq: Ints) -> Columns:
    """Tax-unit ids and weights; a couple shares its weight, other members vary around it."""
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


def _spm_columns(world: Population, weights: Floats) -> Columns:
    """SPM unit values, repeated on every member."""
    unit = world.unit["unit"]
    found: Columns = {
        "SPM_HEAD": (world.person["unit"] == np.arange(len(unit))).astype(np.int64),
        "SPM_WEIGHT": implied(weights[world.person["household"]]),
    }
    for name, values in world.spm.items():
        real = name in ("SPM_EQUIVSCALE", "SPM_GEOADJ")
        found[name] = (values if real else whole(values))[unit]
    return found
