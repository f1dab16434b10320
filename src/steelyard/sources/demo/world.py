"""Write the demo world: every survey at its publisher's address, in its publisher's form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from steelyard.sources.demo import acs, asec, epuf, psid, scf, sipp
from steelyard.sources.demo.sipp_sample import PANELS

# Rises whenever the same arguments would write other bytes; caches are named by it.
GENERATOR_VERSION = "12"
FEWEST_HOUSEHOLDS = 200


class Writer(Protocol):
    """Writes the files of one survey and vintage."""

    def __call__(self, folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
        """Write them under folder / host / path, and say where."""
        ...


@dataclass(frozen=True)
class Imitation:
    """How one survey is imitated.

    Parameters
    ----------
    write
        Writes the files of one vintage.
    vintages
        The publisher's years that can be written.
    size
        From the vintage and the households of the world to the units asked of the writer. The
        ASEC is asked for the world's, and makes all vintages but the base's smaller itself: one
        vintage meets households of the next.
    """

    write: Writer
    vintages: tuple[int, ...]
    size: Callable[[int, int], int]


#: What the demo world imitates, by the survey's name in the registry.
IMITATIONS: dict[str, Imitation] = {
    "acs": Imitation(acs.write, acs.VINTAGES, lambda _, households: round(0.4 * households)),
    "cps_asec": Imitation(asec.write, asec.VINTAGES, lambda _, households: households),
    "epuf": Imitation(epuf.write, (2006,), lambda _, households: round(households * 0.4)),
    # The whole panel is written at once, in the edition that its individual file names.
    "psid": Imitation(
        psid.write, (2021,), lambda _, households: min(max(households // 10, 40), 4802)
    ),
    "scf": Imitation(
        scf.write, (2019, 2022), lambda _, households: max(1000, round(households / 13))
    ),
    "sipp": Imitation(sipp.write, tuple(PANELS), lambda _, households: households // 5),
}


def write_survey(
    folder: Path, survey: str, vintage: int, *, households: int = 5000, seed: int = 2022
) -> list[Path]:
    """Write one survey and vintage in its publisher's raw layout.

    All surveys are samples of one artificial population anchored to published figures of
    2022. The same arguments give the same bytes.

    Parameters
    ----------
    folder
        Files go to folder / host / path of the publisher's address; made if absent.
    survey, vintage
        Which, by the registry's name and the publisher's year.
    households
        Size of the world: interviewed households in the ASEC of the base year, at least 200.
        The other surveys are small beside it.
    seed
        Seed of all draws.

    Raises
    ------
    ValueError
        If the world is too small, or does not imitate this survey and vintage.
    """
    if households < FEWEST_HOUSEHOLDS:
        raise ValueError(
            f"demo world: {households} households asked for; the awkward cases and 51 states "
            f"need at least {FEWEST_HOUSEHOLDS}"
        )
    if survey not in IMITATIONS or vintage not in IMITATIONS[survey].vintages:
        known = "; ".join(f"{name} {i.vintages}" for name, i in IMITATIONS.items())
        raise ValueError(f"demo world: no {survey} of {vintage}; it imitates {known}")
    imitation = IMITATIONS[survey]
    size = imitation.size(vintage, households)
    return imitation.write(folder, vintage=vintage, households=size, seed=seed)


def write_world(
    folder: Path,
    *,
    surveys: Sequence[str] = (),
    households: int = 5000,
    seed: int = 2022,
) -> list[Path]:
    """Write all vintages of the named surveys, or of all: a mirror of their publishers.

    Parameters
    ----------
    folder, households, seed
        As for `write_survey`.
    surveys
        Names in the registry; none means all.
    """
    return [
        path
        for survey in surveys or IMITATIONS
        for vintage in IMITATIONS[survey].vintages
        for path in write_survey(folder, survey, vintage, households=households, seed=seed)
    ]
