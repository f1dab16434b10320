"""The SIPP's public-use file: a row a person and month, pipe-delimited, from several panels.

Names and codes are those of the files of 2021 to 2024 as far as they are known from public code
that reads them; a field that was not asked is empty. Beyond the householder (ERELRPE 1 and 2)
the codes of relationship follow the 2014 file's and are unconfirmed: nothing should read them.
The real file has about 5,200 columns, most of them the details of up to seven jobs and thirty
assets; here are some 700, and those that the law knows nothing of are empty.
"""

from pathlib import Path

from steelyard.sources.demo.files import delimited, write_zip
from steelyard.sources.demo.sipp_replicates import replicates
from steelyard.sources.demo.sipp_rows import person_months
from steelyard.sources.demo.sipp_sample import PANELS, samples

PLACE = "www2.census.gov/programs-surveys/sipp/data/datasets"


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write the person-months of one year's file, and their replicate weights.

    Parameters
    ----------
    vintage
        The file's year; incomes and months are those of the year before.
    households
        How many a file of four panels holds; the files of 2021 and 2022 have fewer panels.

    Raises
    ------
    ValueError
        If no file of this year is known.
    """
    if vintage not in PANELS:
        raise ValueError(f"demo SIPP: no file of {vintage}; known are {list(PANELS)}")
    written = []
    for prefix, table in (("pu", person_months), ("rw", replicates)):
        name = f"{prefix}{vintage}"
        text = (
            delimited(table(sample), delimiter="|", header=number == 0)
            for number, sample in enumerate(samples(vintage, households, seed))
        )
        path = folder / PLACE / str(vintage) / f"{name}_csv.zip"
        written.append(write_zip(path, {f"{name}.csv": text}))
    return written
