"""The SIPP's public-use file: a row a person and month, pipe-delimited, from several panels.

Names and codes are those of the files of 2021 to 2024 as far as they are known from public code
that reads them; a field that was not asked is empty. Beyond the householder (ERELRPE 1 and 2)
the codes of relationship follow the 2014 file's and are unconfirmed: nothing should read them.
The real file has about 5,200 columns, most of them the details of up to seven jobs and thirty
assets; here are some 700, and those that the law knows nothing of are empty.
"""

import tempfile
from pathlib import Path

from steelyard.sources.demo.files import delimited, pieces, write_zip
from steelyard.sources.demo.sipp_replicates import replicates
from steelyard.sources.demo.sipp_rows import person_months
from steelyard.sources.demo.sipp_sample import PANELS, samples

PLACE = "www2.census.gov/programs-surveys/sipp/data/datasets"
#: What a file's name begins with, and what lays a block out as its rows.
TABLES = {"pu": person_months, "rw": replicates}


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
    place = folder / PLACE / str(vintage)
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=".sipp-") as aside:
        # A block is drawn once, for both files; a zip is written one member at a time.
        texts = {prefix: Path(aside) / f"{prefix}{vintage}.csv" for prefix in TABLES}
        for sample in samples(vintage, households, seed):
            for prefix, table in TABLES.items():
                with texts[prefix].open("ab") as sink:
                    sink.write(delimited(table(sample), delimiter="|", header=not sink.tell()))
        return [
            write_zip(place / f"{prefix}{vintage}_csv.zip", {text.name: pieces(text)})
            for prefix, text in texts.items()
        ]
