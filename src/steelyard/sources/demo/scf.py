"""The SCF summary extract: families, five implicates each, the rich sampled at high rates."""

from pathlib import Path

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.anchors import dollars
from steelyard.sources.demo.draws import Columns, Draws, Floats, Ints, total
from steelyard.sources.demo.files import delimited, write_zip
from steelyard.sources.demo.population import Population, populate
from steelyard.sources.demo.scf_columns import complete
from steelyard.sources.demo.scf_replicates import replicates, stata
from steelyard.sources.demo.wealth import (
    FINANCIAL,
    INSTALMENT,
    OTHER_DEBT,
    REAL,
    balance,
)
from steelyard.sources.demo.weights import HOUSEHOLDS, household_weights

IMPLICATES = 5
# Incomes were told for the year before and restated in survey-year dollars, hence their decimals.
# The factor of 2019 is that of the real file; of 2022, CPI-U-RS 2021 to 2022.
RESTATED = {2019: 1.018117902, 2022: 1.0809}
# Families by rank of wealth: the share of the population up to which a stratum reaches, from
# the top, and the share of the sample taken from it (the rows of the SCF's list sample).
STRATA_REACH = (0.001, 0.01, 0.05, 0.10, 0.25, 1.0)
STRATA_SAMPLE = (0.05, 0.08, 0.11, 0.08, 0.15, 0.53)
INCOMES = ("WAGEINC", "BUSSEFARMINC", "INTDIVINC", "KGINC", "SSRETINC", "TRANSFOTHINC")
# How often an answer is missing and imputed: rarely for homes, often for businesses.
IMPUTED = {"HOUSES": 0.08, "MRTHEL": 0.10, "VEHIC": 0.05, "BUS": 0.35, "STOCKS": 0.25, "NMMF": 0.25}
USUALLY_IMPUTED = 0.15
SPREAD = 0.30
PLACE = "www.federalreserve.gov/econres/files"
# Families are chosen from a pool so many times as large, a quarter of it fortunate.
POOL, LISTED = 15, 0.25
LARGEST_POOL = 60_000


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write one survey year's summary extract and replicate weights, with so many families.

    The wealthy are chosen by rank among all families of the pool, so it is drawn in one piece.

    Raises
    ------
    ValueError
        If no survey of this year is imitated.
    """
    if vintage not in RESTATED:
        raise ValueError(f"demo SCF: no survey of {vintage}; known are {list(RESTATED)}")
    draws = Draws(seed, "scf" if vintage == 2022 else f"scf {vintage}")
    size = min(POOL * households, max(LARGEST_POOL, 4 * households))
    pool = populate(draws, size, listed=LISTED)
    weights = household_weights(draws, pool.home, pool.person, pool.owned["rarity"])
    rows = extract(draws, pool, weights, households, vintage)
    family = total(rows["WGT"], rows["YY1"] - 1, int(rows["YY1"].max()))
    place = folder / PLACE
    year = f"{vintage % 100:02d}"
    return [
        write_zip(place / f"scfp{vintage}excel.zip", {f"SCFP{vintage}.csv": [delimited(rows)]}),
        write_zip(
            place / f"scf{vintage}rw1s.zip",
            {f"p{year}_rw1.dta": stata(replicates(draws, family))},
        ),
    ]


def select(draws: Draws, world: Population, weights: Floats, families: int) -> tuple[Ints, Floats]:
    """Choose families of a pool, the rich at high rates.

    Returns
    -------
    chosen : positions (families,) in the pool, rising.
    weight : families represented, summing to the published household count.
    """
    worth = balance(world.owned)["NETWORTH"] + 5.0 * world.home["HTOTVAL"]
    order = np.argsort(-worth, kind="stable")
    reach = np.cumsum(weights[order]) / weights.sum()
    stratum = np.empty(len(worth), dtype=np.int64)
    stratum[order] = np.minimum(np.searchsorted(STRATA_REACH, reach), len(STRATA_REACH) - 1)
    wanted = families * np.array(STRATA_SAMPLE)
    room = np.bincount(stratum, minlength=len(wanted))
    # A stratum gives at most four families of five; the widest stratum makes up for it.
    wanted[:-1] = np.minimum(wanted[:-1], 0.8 * room[:-1])
    wanted[-1] = families - wanted[:-1].sum()
    chance = _chances(weights, stratum, wanted)
    path = np.cumsum(chance[order])
    ticks = np.floor(path - float(draws.uniform(1, "scf start")[0])).astype(np.int64)
    chosen = np.sort(order[np.diff(ticks, prepend=-1) > 0])
    weight = weights[chosen] / chance[chosen]
    return chosen, weight * HOUSEHOLDS / weight.sum()


def _chances(weights: Floats, stratum: Ints, wanted: Floats) -> Floats:
    """Chances of selection in proportion to weight within strata, none above one."""
    chance = np.zeros(len(weights))
    for number, size in enumerate(wanted):
        mine = stratum == number
        scale = size / weights[mine].sum()
        for _ in range(30):
            taken = np.minimum(scale * weights[mine], 1.0)
            scale *= size / taken.sum()
        chance[mine] = np.minimum(scale * weights[mine], 1.0)
    return chance


def extract(
    draws: Draws, world: Population, weights: Floats, families: int, vintage: int
) -> Columns:
    """Lay a pool of households out as the summary extract, five rows a family.

    Parameters
    ----------
    world
        The pool drawn from the same population as the CPS households.
    weights
        Household weights of the pool (n_pool,).
    families
        How many families to keep.
    vintage
        The survey's year, whose dollars the amounts are in.

    Returns
    -------
    dict of arrays of shape (5 * families,)
        In the real file's column names and order. ASSET - DEBT = NETWORTH and INCOME = the sum
        of its parts (at least zero) hold in every row; WGT sums over all rows to the families.
    """
    chosen, weight = select(draws, world, weights, families)
    count = len(chosen)
    facts = _characteristics(world, chosen)
    owned = {name: values[chosen] for name, values in world.owned.items()}
    told = flows(world, chosen, owned)
    rows = np.repeat(np.arange(count), IMPLICATES)
    implicate = np.tile(np.arange(1, IMPLICATES + 1), count)
    vary = np.exp(0.08 * draws.normal(len(rows), "scf weight"))
    vary /= total(vary, rows, count)[rows] / IMPLICATES
    scale, restated = dollars(vintage), RESTATED[vintage]
    law = {name: scale * values for name, values in (owned | told).items()}
    withdrawn = np.minimum(law.pop("WITHDRAWN") / np.maximum(law["SSRETINC"], 1.0), 1.0)
    money = {name: np.rint(v) for name, v in _implicates(draws, law, rows, count).items()}
    totals = balance(money)
    parts = {n: np.round(np.round(money[n] / restated) * restated, 5) for n in INCOMES}
    income = np.round(np.maximum(np.sum([parts[n] for n in INCOMES], axis=0), 0.0), 5)
    facts = {name: values[rows] for name, values in facts.items()}
    serial = rows + 1
    known = {
        "YY1": serial,
        "Y1": 10 * serial + implicate,
        "WGT": np.round(weight[rows] * vary / IMPLICATES, 6),
        **_coded(facts),
        "RENT": np.where(facts["renter"], np.round(money["RENT"], -1), 0).astype(np.int64),
        "INCOME": income,
        **parts,
        **{name: _whole(money[name]) for name in FINANCIAL},
        "FIN": _whole(totals["FIN"]),
        **{name: _whole(money[name]) for name in REAL},
        "NVEHIC": np.where(money["VEHIC"] > 0, 1 + (money["VEHIC"] > 25_000), 0).astype(np.int64),
        "NFIN": _whole(totals["NFIN"]),
        "ASSET": _whole(totals["ASSET"]),
        **{n: _whole(money[n]) for n in ("MRTHEL", "RESDBT", *OTHER_DEBT, *INSTALMENT)},
        "INSTALL": _whole(totals["INSTALL"]),
        "DEBT": _whole(totals["DEBT"]),
        "NETWORTH": _whole(totals["NETWORTH"]),
    }
    return complete(draws, known, withdrawn[rows], vintage)


def _whole(values: Floats) -> Ints:
    """Return whole dollars."""
    return np.asarray(np.rint(values), dtype=np.int64)


def _characteristics(world: Population, chosen: Ints) -> Columns:
    """Describe each family by its reference person: the man, or the older of two of one sex."""
    person = world.person
    household = person["household"]
    count = len(world.home["age"])
    head = np.searchsorted(household, np.arange(count))
    mate = np.where(person["spouse"][head] >= 0, person["spouse"][head], person["partner"][head])
    coupled = mate >= 0
    same = person["female"][mate] == person["female"][head]
    swap = np.where(same, person["age"][mate] > person["age"][head], person["female"][head])
    reference = np.where(coupled & swap, mate, head)[chosen]
    own = np.isin(person["role"], (kin.CHILD, kin.PARTNER_CHILD, kin.FOSTER))
    # KIDS counts grown children too while they belong to the economic unit.
    kids = total(own & (person["age"] < 25), household, count)[chosen].astype(np.int64)
    earns = np.isin(person["role"], (kin.HEAD, kin.SPOUSE, kin.PARTNER)) & (person["weeks"] > 0)
    return {
        "female": person["female"][reference],
        "age": person["age"][reference],
        "schooling": person["schooling"][reference],
        "married": coupled[chosen],
        "kids": kids,
        "race": person["race"][reference],
        "hispanic": person["hispanic"][reference] > 0,
        "works": total(earns, household, count)[chosen] > 0,
        "owner_manager": person["business"][reference] + person["farm"][reference] != 0,
        "employed": person["weeks"][reference] > 0,
        "occupation": person["occupation"][reference],
        "renter": world.owned["HOUSES"][chosen] == 0,
    }


def _coded(facts: Columns) -> Columns:
    """Classifications under the real file's names and codes."""
    age, school = facts["age"], facts["schooling"]
    race5 = np.select(
        [facts["hispanic"], facts["race"] == 1, facts["race"] == 2, np.isin(facts["race"], (4, 5))],
        [3, 1, 2, 4],
        5,
    )
    structure = np.select(
        [
            ~facts["married"] & (facts["kids"] > 0),
            ~facts["married"] & (age < 55),
            ~facts["married"],
            facts["kids"] > 0,
        ],
        [1, 2, 3, 4],
        5,
    )
    job = np.where(
        facts["employed"], np.where(facts["owner_manager"], 2, 1), np.where(age >= 65, 3, 4)
    )
    skill = np.select([facts["occupation"] < 18, facts["occupation"] < 32], [1, 2], 3)
    return {
        "HHSEX": 1 + facts["female"].astype(np.int64),
        "AGE": age,
        "AGECL": 1 + np.searchsorted([35, 45, 55, 65, 75], age, side="right"),
        "EDUC": np.where(school < 32, -1, np.minimum(school - 31, 14)),
        "EDCL": 1 + np.searchsorted([39, 40, 43], school, side="right"),
        "MARRIED": np.where(facts["married"], 1, 2),
        "KIDS": facts["kids"],
        "LF": facts["works"].astype(np.int64),
        "FAMSTRUCT": structure,
        "RACECL": np.where(race5 == 1, 1, 2),
        "RACECL4": np.where(race5 > 3, 4, race5),
        "RACECL5": race5,
        "OCCAT1": job,
        "OCCAT2": np.where(facts["employed"], skill, 4),
        "HOUSECL": np.where(facts["renter"], 2, 1),
    }


def flows(world: Population, chosen: Ints, owned: Columns) -> Columns:
    """Incomes of head and mate in full, in the SCF's six parts, and rent paid."""
    person = world.person
    household = person["household"]
    count = len(world.home["age"])
    core = np.isin(person["role"], (kin.HEAD, kin.SPOUSE, kin.PARTNER))

    def of_core(*names: str) -> Floats:
        values = np.sum([person[name] for name in names], axis=0)
        return total(values * core, household, count)[chosen]

    profit = of_core("SEMP_VAL", "FRSE_VAL") + owned["rent"]
    return {
        "WAGEINC": of_core("WSAL_VAL"),
        "BUSSEFARMINC": profit + np.round(0.05 * owned["BUS"]),
        "INTDIVINC": _told(owned["interest"] + owned["dividends"]),
        "KGINC": owned["gains"],
        "SSRETINC": of_core(
            "SS_VAL", "PNSN_VAL", "ANN_VAL", "DST_VAL1", "DST_VAL2", "DIS_VAL1", "DIS_VAL2"
        ),
        "TRANSFOTHINC": of_core(
            "UC_VAL", "WC_VAL", "SSI_VAL", "PAW_VAL", "CSP_VAL", "VET_VAL", "OI_VAL", "FIN_VAL"
        )
        + world.home["HFDVAL"][chosen],
        "WITHDRAWN": of_core("DST_VAL1", "DST_VAL2"),
        "RENT": np.clip(0.25 * world.home["HTOTVAL"][chosen] / 12, 350, 4500),
    }


def _told(paid: Floats) -> Floats:
    """Drop the few dollars that families forget: the SCF counts four in five without any."""
    return np.where(paid < 150.0, 0.0, paid)


def _implicates(draws: Draws, money: Columns, rows: Ints, families: int) -> Columns:
    """Repeat amounts five times; those imputed differ between implicates.

    The richest family answered nothing, so that one family differs in every amount.
    """
    silent = int(np.argmax(balance(money)["NETWORTH"]))
    found: Columns = {}
    for name, values in money.items():
        missing = draws.uniform(families, f"missing {name}") < IMPUTED.get(name, USUALLY_IMPUTED)
        missing[silent] = True
        vary = np.exp(SPREAD * draws.normal(len(rows), f"implicate {name}"))
        amount = values[rows] * np.where(missing[rows], vary, 1.0)
        unit = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(np.abs(amount), 1.0))) - 2, 0)
        found[name] = np.where(missing[rows], np.round(amount / unit) * unit, amount)
    return found
