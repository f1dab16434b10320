"""The SIPP's samples: panels of households that are asked again every year.

A file of one year holds the panels of several, each in another wave. A panel is drawn in blocks,
the same in every file: its households come back with their identifiers, one year older.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from steelyard.sources.demo.anchors import dollars
from steelyard.sources.demo.draws import Draws, Floats, Ints
from steelyard.sources.demo.population import Population, populate
from steelyard.sources.demo.sipp_calendar import MONTHS, STAYING, Calendar, calendar
from steelyard.sources.demo.weights import POPULATION, household_weights

# Which panels a file of a year holds, and their wave in it; no panel was begun in 2019.
PANELS = {
    2021: {2020: 2, 2021: 1},
    2022: {2020: 3, 2021: 2, 2022: 1},
    2023: {2020: 4, 2021: 3, 2022: 2, 2023: 1},
    2024: {2021: 4, 2022: 3, 2023: 2, 2024: 1},
}
BLOCK = 1000
FEWEST = 50
# How far the pay of a person moves between waves.
SHOCK = 0.12


@dataclass(frozen=True)
class Sample:
    """One block of a panel's households in one year's file.

    Parameters
    ----------
    panel, wave
        SPANEL and SWAVE.
    world, when
        Who they are, and their twelve months.
    draws
        Of the panel and wave.
    serial
        (n_households,) numbers within the panel, from 0.
    weight
        (n_persons,) weight in December.
    scale
        What a dollar of 2022 is in the reference year.
    shock
        (n_persons,) what moves pay beside that.
    """

    panel: int
    wave: int
    world: Population
    when: Calendar
    draws: Draws
    serial: Ints
    weight: Floats
    scale: float
    shock: Floats


def samples(vintage: int, households: int, seed: int) -> Iterator[Sample]:
    """Draw a file block by block, panel by panel; only one block is in memory at a time."""
    panels = PANELS[vintage]
    size = max(FEWEST, round(households / sum(STAYING)))
    file = size * sum(STAYING[wave - 1] for wave in panels.values())
    bounds = np.linspace(0, size, 1 + -(-size // BLOCK)).astype(np.int64).tolist()
    for panel, wave in panels.items():
        for start, end in pairwise(bounds):
            share = (end - start) * STAYING[wave - 1] / file
            yield _sample(vintage, panel, (start, end), POPULATION * share, seed)


def _sample(vintage: int, panel: int, block: tuple[int, int], persons: float, seed: int) -> Sample:
    """Draw one block: the same households in every wave, a year older and paid anew."""
    start, count = block[0], block[1] - block[0]
    wave = PANELS[vintage][panel]
    name = f"sipp {panel} {start}"
    lasting = Draws(seed, name)
    world = populate(lasting, count)
    person = world.person
    head = world.home["HFDVAL"][person["household"]]
    person["SNAP_VAL"] = np.where(np.diff(person["household"], prepend=-1) > 0, head, 0.0)
    when = calendar(lasting, world.home, person, wave)
    draws = Draws(seed, f"{name} wave {wave}")
    move = SHOCK * draws.normal(len(person["age"]), "pay") * (wave > 1)
    return Sample(
        panel=panel,
        wave=wave,
        world=world,
        when=when,
        draws=draws,
        serial=start + np.arange(count, dtype=np.int64),
        weight=_weights(draws, world, when, persons),
        scale=dollars(vintage - 1),
        shock=np.exp(move),
    )


def _weights(draws: Draws, world: Population, when: Calendar, persons: float) -> Floats:
    """Weigh persons (n,) so that those of December stand for so many.

    A couple shares its household's weight; other members vary around it.
    """
    person = world.person
    home = household_weights(draws, world.home, person, world.owned["rarity"])
    noise = np.exp(0.10 * draws.normal(len(person["age"]), "person weight") - 0.005)
    paired = (person["spouse"] >= 0) | (np.diff(person["household"], prepend=-1) > 0)
    weight = home[person["household"]] * np.where(paired, 1.0, noise)
    december = weight[when.present[:, MONTHS - 1]].sum()
    return np.asarray(weight * persons / december, dtype=np.float64)
