"""Write the demo ASEC of one vintage with a person file as wide as the real one.

The demo world writes the columns that Steelyard reads or checks, 160 of 840; the rest is filler of
small numbers here, so that reading costs what it costs with the publisher's file. Run
``python benchmarks/harmonise_widen.py FOLDER HOUSEHOLDS``.
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from steelyard.sources.demo import write_survey
from steelyard.sources.demo.files import write_zip

VINTAGE = 2023
COLUMNS = 840
#: Different endings of lines, in turn.
ENDINGS = 997
BLOCK = 4 << 20


def main() -> None:
    """Write the survey, then widen its person member."""
    folder, households = Path(sys.argv[1]), int(sys.argv[2])
    (path,) = write_survey(folder, "cps_asec", VINTAGE, households=households)
    narrow = path.with_suffix(".narrow")
    path.rename(narrow)
    with zipfile.ZipFile(narrow) as archive:
        members = {
            name: widened(archive, name) if name.startswith("pppub") else blocks(archive, name)
            for name in archive.namelist()
        }
        write_zip(path, members)
    narrow.unlink()


def blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Read a member block by block."""
    with archive.open(name) as member:
        while block := member.read(BLOCK):
            yield block


def widened(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Read a member of delimited text, its lines made longer by filler columns."""
    with archive.open(name) as member:
        header = member.readline().rstrip(b"\n")
        missing = COLUMNS - len(header.split(b","))
        names = ",".join(f"FILLER_{place}" for place in range(missing)).encode()
        yield header + b"," + names + b"\n"
        drawn = np.random.default_rng(0).choice([0, 0, 0, 1, 2, -1, 47], (ENDINGS, missing))
        endings = [("," + ",".join(map(str, row)) + "\n").encode() for row in drawn.tolist()]
        while lines := member.readlines(BLOCK):
            yield b"".join(
                line.rstrip(b"\n") + endings[place % ENDINGS] for place, line in enumerate(lines)
            )


if __name__ == "__main__":
    main()
