"""The Social Security Administration's Earnings Public-Use File of 2006, in its two tables.

A sample of Social Security numbers: who holds them (year of birth, sex, what was earned before
1951), and a line for each year from 1951 with taxable earnings. As in the real file earnings
are cut at the year's base and then blurred: the smallest become their mean, those just below
the base the mean of their band, the rest are randomly rounded (Compson 2011, Social Security
Bulletin 71(4)); years before 15 and after 85 are zeroed, and a year without earnings has no line.
Every value is quoted, and quarters of 1951 and 1952 are a point: they were not kept by year.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from steelyard.oasdi import default_parameters, quarters_of_coverage
from steelyard.sources.demo.anchors import column
from steelyard.sources.demo.draws import Columns, Draws, Floats, Ints
from steelyard.sources.demo.files import write_zip
from steelyard.sources.demo.histories import careers, death_years

PLACE = "www.ssa.gov/policy/docs/microdata/epuf/epuf2006_csv_files.zip"
VINTAGE = 2006
BLOCK = 20_000
YEARS = range(1937, VINTAGE + 1)
BY_YEAR_FROM, QUARTERS_FROM = 1951, 1953
# The sum of 1937-1950: top and bottom code.
EARLY_MOST, EARLY_LEAST = 41_500, 39
# Smallest amount and what amounts from there on are rounded to.
BLUR = ((100.0, 25.0), (1_000.0, 100.0), (50_000.0, 1_000.0))
UNSPECIFIED_SEX, IMMIGRANT = 0.0007, 0.10


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write the zip of both tables.

    Parameters
    ----------
    folder
        Files go to folder / host / path.
    vintage
        2006; there is no other.
    households
        Persons in the sample: a sample of numbers knows no households.
    seed
        Seed of all draws.

    Raises
    ------
    ValueError
        If another vintage is asked for.
    """
    if vintage != VINTAGE:
        raise ValueError(f"demo EPUF: no file of {vintage}; there is one, of {VINTAGE}")
    people: list[bytes] = []
    return [
        write_zip(
            folder / PLACE,
            {
                "EPUF2006_ANNUAL.csv": _blocks(seed, households, people),
                "EPUF2006_DEMOGRAPHIC.csv": people,
            },
        )
    ]


def _blocks(seed: int, persons: int, people: list[bytes]) -> Iterator[bytes]:
    """Yield the yearly lines block by block; lines of the persons are put aside."""
    for block, start in enumerate(range(0, persons, BLOCK)):
        draws = Draws(seed, f"epuf {block}")
        demographic, annual = _tables(draws, min(BLOCK, persons - start), start)
        people.append(_quoted(demographic, header=block == 0))
        yield _quoted(annual, header=block == 0)


def _quoted(columns: Columns, *, header: bool) -> bytes:
    table = pa.table({name: pa.array(values.astype(str)) for name, values in columns.items()})
    sink = BytesIO()
    options = pa_csv.WriteOptions(include_header=header, quoting_style="all_valid")
    pa_csv.write_csv(table, sink, options)
    return sink.getvalue()


def _tables(draws: Draws, count: int, start: int) -> tuple[Columns, Columns]:
    """Draw persons numbered from start + 1, and their years with earnings."""
    person = _persons(draws, count)
    earned = _taxable(draws, person)
    quarters = quarters_of_coverage(earned, first_year=YEARS[0])
    early = earned[:, : BY_YEAR_FROM - YEARS[0]].sum(axis=1)
    split = BY_YEAR_FROM - YEARS[0], QUARTERS_FROM - YEARS[0]
    number = start + 1 + np.arange(count)
    sex = 1 + person["female"].astype(np.int64)
    unknown = draws.uniform(count, "sex unspecified") < UNSPECIFIED_SEX
    demographic = {
        "ID": number,
        "YOB": person["birth_year"],
        "SEX": np.where(unknown, 3, sex),
        "TOT_COV_EARN3750": np.where(
            early > 0, np.clip(np.round(early), EARLY_LEAST, EARLY_MOST), 0
        ).astype(np.int64),
        "QC3750": quarters[:, : split[0]].sum(axis=1),
        "QC5152": quarters[:, split[0] : split[1]].sum(axis=1),
    }
    blurred = _blurred(draws, earned[:, split[0] :])
    who, year = np.nonzero(blurred > 0)
    calendar = BY_YEAR_FROM + year
    kept = quarters[who, split[0] + year].astype(str)
    annual = {
        "ID": number[who],
        "YEAR_EARN": calendar,
        "ANNUAL_EARNINGS": blurred[who, year],
        "ANNUAL_QTRS": np.where(calendar < QUARTERS_FROM, ".", kept),
    }
    return demographic, annual


def _persons(draws: Draws, count: int) -> Columns:
    """Draw holders of numbers: year of birth by cohort, and when they came to work here."""
    lower = column("epuf_cohorts", "birth_year_lower").astype(np.int64)
    size = np.tile(column("epuf_cohorts", "persons"), (count, 1))
    cohort = draws.pick(size, "cohort")
    upper = np.append(lower[1:], VINTAGE + 1)
    born = lower[cohort] + np.floor(
        draws.uniform(count, "birth year") * (upper - lower)[cohort]
    ).astype(np.int64)
    female = draws.uniform(count, "sex") < 0.5
    came = born + 18 + np.floor(draws.uniform(count, "arrival age") * 22).astype(np.int64)
    immigrant = draws.uniform(count, "immigrant") < IMMIGRANT
    return {
        "birth_year": born,
        "female": female,
        "school_rank": draws.normal(count, "school rank"),
        "skill": draws.normal(count, "skill"),
        "death_year": death_years(draws, born, female, np.maximum(born, 1936)),
        "arrival": np.where(immigrant, came, 0),
    }


def _taxable(draws: Draws, person: Columns) -> Floats:
    """Return covered earnings (n, years) up to each year's base."""
    calendar = np.asarray(YEARS)
    lives = careers(draws, person, YEARS)
    base = default_parameters().contribution_base.at(calendar).astype(np.float64)
    here = calendar[None, :] >= person["arrival"][:, None]
    return np.where(lives.covered & here, np.minimum(lives.earnings, base[None, :]), 0.0)


def _blurred(draws: Draws, earned: Floats) -> Ints:
    """Return what is published of taxable earnings (n, years from 1951)."""
    base = default_parameters().contribution_base.at(
        np.arange(BY_YEAR_FROM, BY_YEAR_FROM + earned.shape[1])
    )
    found = np.zeros(earned.shape, dtype=np.int64)
    for at in range(earned.shape[1]):
        money, cap = earned[:, at], float(base[at])
        unit = np.full(len(money), BLUR[0][1])
        for lower, step in BLUR[1:]:
            unit = np.where(money >= lower, step, unit)
        luck = draws.uniform(len(money), f"rounding {BY_YEAR_FROM + at}")
        rounded = (np.floor(money / unit) + (luck < (money / unit) % 1.0)) * unit
        small = (money > 0) & (money < BLUR[0][0])
        near = (money < cap) & (money >= cap - unit)
        for band in (small, near):
            if band.any():
                rounded[band] = max(1.0, np.round(money[band].mean()))
        found[:, at] = np.where(money >= cap, cap, rounded).astype(np.int64)
    return found
