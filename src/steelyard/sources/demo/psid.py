"""The PSID's packaged data: a fixed-width family file a wave, and one file of all individuals.

Names of variables, widths, relation codes, sequence numbers and sentinels are those of the real
files (`anchors/psid_variables.csv` says where each is known from); of their thousands of
variables only those are there that the warehouse reads. Each zip holds the text and its SPSS and
Stata setup files. The Latino sample of 1990-1995 is not imitated.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Columns, Draws, Floats, Ints, heap
from steelyard.sources.demo.files import write_zip
from steelyard.sources.demo.fixed_width import Column, records, spss_setup, stata_setup
from steelyard.sources.demo.histories import Careers, careers, schooling
from steelyard.sources.demo.psid_families import OVERSAMPLE_FROM, START
from steelyard.sources.demo.psid_waves import WAVES, Wave, live

PLACE = "simba.isr.umich.edu/Zips"
FEWEST_FAMILIES, MOST_FAMILIES = 40, 4802
FIXED = (Column("ER30000", 1, "RELEASE NUMBER"), Column("ER30001", 4, "1968 INTERVIEW NUMBER"),
         Column("ER30002", 3, "PERSON NUMBER                         68"),
         Column("ER32000", 1, "SEX OF INDIVIDUAL"))  # fmt: skip
# Spread of what is reported around what was earned: of last year, and of the year before it.
MISREPORT, RECALL = 0.12, 0.20
ASSIGNED, UNKNOWN, MISDATED = 0.03, 0.03, 0.01
DONT_KNOW = 9_999_998
# Until this wave totals include the labour part of business income; after it, it stands apart.
LAST_WITH_BUSINESS = 1993
WAGES_ONLY = (1976, 1977, 1978)
# Years of schooling completed by A_HGA.
GRADES = {35: 9, 37: 11, 39: 12, 40: 13, 41: 14, 42: 14, 43: 16, 44: 17, 45: 17, 46: 17}


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write the individual file of a year, and the family files of all waves up to it.

    Parameters
    ----------
    folder
        Files go to folder / host / path.
    vintage
        The wave that the individual file runs to.
    households
        Families of 1968, 40 to 4,802.
    seed
        Seed of all draws.

    Raises
    ------
    ValueError
        If there are too few or too many families, or the vintage is no wave.
    """
    if vintage not in WAVES or not FEWEST_FAMILIES <= households <= MOST_FAMILIES:
        raise ValueError(
            f"demo PSID: {households} families to {vintage}; it has {FEWEST_FAMILIES} to "
            f"{MOST_FAMILIES} of them, and waves {WAVES[0]} to {WAVES[-1]} (odd years from 1997)"
        )
    draws = Draws(seed, "psid")
    person, waves = live(draws, households, vintage)
    lives = careers(draws, person, range(START - 1, vintage))
    paths = [_family_file(folder, draws, lives, wave) for wave in waves]
    paths.append(_individual_file(folder, draws, person, waves))
    return paths


def _zip(folder: Path, stem: str, label: str, columns: Sequence[Column], values: Columns) -> Path:
    """Write one product: text, SPSS and Stata setup."""
    rows = len(values[columns[0].name])
    text, sps, do = f"{stem}.txt", f"{stem}.sps", f"{stem}.do"
    return write_zip(
        folder / PLACE / f"{stem.lower()}.zip",
        {
            do: [stata_setup(text, label, columns, rows).encode()],
            sps: [spss_setup(text, label, columns, rows).encode()],
            text: [records(columns, values)],
        },
    )


def _variables(record: str, wave: int) -> pd.DataFrame:
    variables = table("psid_variables")
    return variables[(variables["record"] == record) & (variables["wave"] == wave)]


def _columns(variables: pd.DataFrame) -> list[Column]:
    parts = [variables[name].tolist() for name in ("variable", "width", "label", "decimals")]
    return [Column(*part) for part in zip(*parts, strict=True)]


def _family_file(folder: Path, draws: Draws, lives: Careers, wave: Wave) -> Path:
    """Write a wave's families, in order of interview number."""
    year = wave.year
    variables = _variables("family", year)
    columns = _columns(variables)
    found = _marital(wave) | {"interview_number": np.unique(wave.interview[wave.head])}
    for who, position in (("head", wave.head), ("spouse", wave.mate)):
        found |= {
            f"{who}_{name}": v for name, v in _work(draws, lives, year, who, position).items()
        }
    values: Columns = {}
    for column, name in zip(columns, variables["column"], strict=True):
        most = 10**column.width - 1 if column.width < 7 else DONT_KNOW
        values[column.name] = np.minimum(found[str(name)], most)
    stem = f"FAM{year}" if year <= LAST_WITH_BUSINESS else f"FAM{year}ER"
    return _zip(folder, stem, f"{year} Family File (demo world)", columns, values)


def _marital(wave: Wave) -> Columns:
    """Marital status of heads: married, never married, widowed, divorced, separated.

    Until 1976 a couple is married here whether the law says so or not.
    """
    married = wave.married | ((wave.mate >= 0) & (wave.year < 1977))
    return {"head_marital_status": np.where(married, 1, wave.alone)}


def _work(draws: Draws, lives: Careers, wave: int, who: str, position: Ints) -> Columns:
    """Return what heads or their mates (-1: none) are said to have worked and earned last year."""
    there, at = position >= 0, np.maximum(position, 0)
    year = wave - 1 - lives.first_year
    count = len(lives.earnings)
    error = np.exp(MISREPORT * draws.normal(count, f"{who} misreport {wave}")[at])
    rounding = draws.uniform(count, f"{who} heaping {wave}")[at]
    total = np.where(there, heap(lives.earnings[at, year] * error, rounding), 0.0)
    assigned = there & (draws.uniform(count, f"{who} assigned {wave}")[at] < ASSIGNED)
    total = np.where(assigned, np.round(total * np.exp(0.5 * (error - 1.0) / MISREPORT)), total)
    part = lives.own_business[at, year] / np.maximum(lives.earnings[at, year], 1.0)
    business = np.round(total * part)
    wages = total - business
    code = np.where(assigned, 1 + (rounding < 0.3), 0)
    outside = who == "spouse" and wave in WAGES_ONLY
    labor = wages if wave > LAST_WITH_BUSINESS or outside else total
    none = np.zeros(len(code), dtype=np.int64)
    before = lives.earnings[at, max(year - 1, 0)]
    recalled = heap(
        before * np.exp(RECALL * draws.normal(count, f"{who} recall {wave}")[at]), rounding
    )
    unknown = draws.uniform(count, f"{who} unknown {wave}")[at] < UNKNOWN
    return {
        "labor": labor,
        "labor_excluding_business": wages,
        "wages": wages,
        "wages_bracket": _bracket(wages),
        "business_labor": business,
        "business_labor_bracket": _bracket(business),
        "hours": np.where(there, lives.hours[at, year], 0.0),
        "labor_year_before_last": np.where(
            there, np.where(unknown, DONT_KNOW + (rounding < 0.5), recalled), 0.0
        ),
        "labor_accuracy": code,
        "wages_accuracy": code,
        "other_labor_accuracy": none,
    }


def _bracket(amount: Floats) -> Ints:
    """Return the one-digit bracket of dollars in the early waves."""
    return np.digitize(amount, [1, 500, 1000, 2000, 3000, 5000, 7500, 10_000, 15_000])


def _individual_file(folder: Path, draws: Draws, person: Columns, waves: Sequence[Wave]) -> Path:
    """Write everyone who ever belonged to the panel, in order of 1968 and person number."""
    count = len(person["lineage"])
    order = np.lexsort((person["number"], person["lineage"]))
    columns = list(FIXED)
    values: Columns = {
        "ER30000": np.ones(count, dtype=np.int64),
        "ER30001": person["lineage"],
        "ER30002": person["number"],
        "ER32000": 1 + person["female"].astype(np.int64),
    }
    base = _base_weight(draws, person)
    for wave in waves:
        variables = _variables("individual", wave.year)
        found = _in_wave(draws, person, wave, base)
        own = _columns(variables)
        columns += own
        for column, name in zip(own, variables["column"], strict=True):
            values[column.name] = found[str(name)]
    label = f"Cross-year Individual: 1968-{waves[-1].year} (demo world)"
    sorted_values = {name: array[order] for name, array in values.items()}
    return _zip(folder, f"IND{waves[-1].year}ER", label, columns, sorted_values)


def _base_weight(draws: Draws, person: Columns) -> Floats:
    """Weights (n,): those of the oversample a third of the others', none outside the sample."""
    lineage = person["lineage"]
    luck = np.exp(0.25 * draws.normal(10_000, "weight")[lineage])
    base = np.where(lineage >= OVERSAMPLE_FROM, 9.0, 27.0) * luck
    return np.asarray(np.where(person["sample"], base, 0.0), dtype=np.float64)


def _in_wave(draws: Draws, person: Columns, wave: Wave, base: Floats) -> Columns:
    """Variables of one wave for everyone (n,); zero for those who are not in it."""
    count, year = len(person["lineage"]), wave.year

    def all_of(known: Ints) -> Ints:
        return np.concatenate([known, np.zeros(count - len(known), dtype=np.int64)])

    interview, relation = all_of(wave.interview), all_of(wave.relation)
    inside = interview > 0
    slip = draws.uniform(count, f"age slip {year}")
    month = 3 + np.floor(draws.uniform(10_000, f"interview month {year}")[interview] * 9)
    age = year - person["birth_year"] - (month < person["birth_month"])
    age = age + np.where(slip < MISDATED / 2, 1, np.where(slip > 1 - MISDATED / 2, -1, 0))
    done = np.zeros(100, dtype=np.int64)
    done[list(GRADES)] = list(GRADES.values())
    grade = np.minimum(done[schooling(person["school_rank"], person["birth_year"])], age - 6)
    unsure = draws.uniform(count, f"schooling unknown {year}") < MISDATED
    # From 1970 to 1974 heads and wives were not asked again.
    asked = (age >= 16) & ~((1970 <= year <= 1974) & (relation <= 2))
    grade = np.where(asked, np.where(unsure, 99, np.maximum(grade, 1)), 0)
    in_family = inside & (all_of(wave.sequence) <= 20)
    weight = np.where(in_family & (relation > 0), base * 1.012 ** (year - START), 0.0)
    return {
        "interview_number": interview,
        "sequence_number": all_of(wave.sequence),
        "relation_to_head": np.where(inside, relation, 0),
        "age": np.where(inside, np.clip(age, 1, 105), 0),
        "year_born": np.where(inside, np.where(slip < MISDATED, 9999, person["birth_year"]), 0),
        "years_of_education": np.where(inside, grade, 0),
        "longitudinal_weight": np.round(np.minimum(weight, 99.9), 1 if year < 1990 else 3),
    }
