"""The keys of the SIPP's rows, their weights, and the design behind these."""

import numpy as np

from steelyard.sources.demo.draws import Columns, Floats, Ints
from steelyard.sources.demo.sipp_calendar import MONTHS
from steelyard.sources.demo.sipp_sample import Sample

# Households are numbered panel by panel; identifiers have fourteen digits and begin with zeros.
STEP = 1009
# A weight grows by so much from month to month, as the population does.
GROWTH = 0.0005
STRATA = 119


def rows(sample: Sample) -> tuple[Ints, Ints]:
    """Return person (n_rows,) and month from 0 (n_rows,) of every row, in order."""
    person, month = np.nonzero(sample.when.present)
    return person, month


def keys(sample: Sample) -> Columns:
    """Identify rows: household first sampled, person, month, panel, wave, residence.

    A person number says in which wave the person was met, then the line: 101, 102, 203.
    """
    person, month = rows(sample)
    panel = sample.panel % 100
    ids = np.array([f"000{panel:02d}{STEP * number:09d}" for number in sample.serial.tolist()])
    number = 100 * sample.when.entry_wave + sample.world.person["line"]
    residence = sample.when.residence[person, month]
    return {
        "SSUID": ids[sample.world.person["household"][person]],
        "SHHADID": 10 + residence,
        "SPANEL": np.full(len(person), sample.panel),
        "SWAVE": np.full(len(person), sample.wave),
        "PNUM": number[person],
        "MONTHCODE": month + 1,
        "ERESIDENCEID": 100_001 + 10 * residence,
    }


def monthly_weights(sample: Sample) -> Floats:
    """Return weights (n_persons, 12) that rise to December's."""
    since = np.arange(MONTHS) - (MONTHS - 1)
    weights = sample.weight[:, None] * (1.0 + GROWTH * since)
    return np.asarray(np.round(weights, 4), dtype=np.float64)


def strata(sample: Sample) -> tuple[Ints, Ints]:
    """Return the variance stratum and its half, -1 or 1, of each household (n,)."""
    return sample.serial // 2 % STRATA, 2 * (sample.serial % 2) - 1
