"""The CPS ASEC of survey years 2019 to 2025, as the Census Bureau hands it out.

One zip a year with household, family and person records and replicate weights. Column names,
codes, sentinels, implied decimals and pointers are those of the real files. `asec_sample` says
whom a vintage meets, `asec_dollars` in which year's dollars, `asec_homes`, `asec_persons` and
`asec_flags` how they are written down, `asec_replicates` how their weights are replicated.
"""

import tempfile
from pathlib import Path

from steelyard.sources.demo import asec_homes
from steelyard.sources.demo.asec_persons import persons
from steelyard.sources.demo.asec_replicates import replicate_weights
from steelyard.sources.demo.asec_sample import VINTAGES, Block, blocks
from steelyard.sources.demo.draws import Columns
from steelyard.sources.demo.files import delimited, pieces, write_zip

__all__ = ["VINTAGES", "write"]

PLACE = "www2.census.gov/programs-surveys/cps/datasets"
#: Vintages whose members lie in a folder of the zip.
WRAPPED = {2019: "cpspb/asec/prod/data/2019/"}


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write the ASEC of one survey year: a zip of its four files.

    Parameters
    ----------
    folder
        The zip goes to folder / host / path of the publisher's address.
    vintage
        Survey year; incomes are of the year before.
    households
        Of the world: those that the base vintage interviews. Other vintages have fewer.
    seed
        Of the world.
    """
    year = f"{vintage % 100:02d}"
    path = folder / PLACE / str(vintage) / "march" / f"asecpub{year}csv.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".asec-") as aside:
        # Blocks are drawn one at a time, and a zip is written one member at a time.
        texts: dict[str, Path] = {}
        for block in blocks(vintage, households, seed):
            for name, columns in _records(block, households).items():
                text = texts.setdefault(name, Path(aside) / name)
                with text.open("ab") as sink:
                    sink.write(delimited(columns, header=not sink.tell()))
        members = {WRAPPED.get(vintage, "") + name: pieces(at) for name, at in texts.items()}
        return [write_zip(path, members)]


def _records(block: Block, households: int) -> dict[str, Columns]:
    """Lay a block out as the survey's files, by their names in the zip."""
    year = f"{block.survey_year % 100:02d}"
    person = persons(block)
    return {
        f"hhpub{year}.csv": asec_homes.households(block),
        f"ffpub{year}.csv": asec_homes.families(block),
        f"pppub{year}.csv": person,
        f"asec_csv_repwgt_{block.survey_year}.csv": replicate_weights(block, person, households),
    }
