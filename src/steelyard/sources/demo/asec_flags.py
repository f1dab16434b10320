"""Allocation flags of the CPS ASEC: which amounts the survey filled in itself.

A flag is 0 for an amount as reported or not in universe. Its levels are those of the survey's
dictionary: 1 to 3 a match within the range that was reported, 4 to 8 without one, 9 a whole
record imputed; for an amount made of several questions 11 to 15, the share of it imputed
(15: all). Which records are flagged is drawn here, near the shares of the real file of 2020.
"""

import numpy as np

from steelyard.sources.demo.draws import Columns, Draws

#: Amount, its flag, and the share of those who receive it that is allocated.
FLAGS = (
    ("ANN_VAL", "I_ANNVAL", 0.45),
    ("CAP_VAL", "I_CAPVAL", 0.55),
    ("CHSP_VAL", "I_CHSPVAL", 0.25),
    ("CSP_VAL", "I_CSPVAL", 0.30),
    ("DIV_VAL", "I_DIVVAL", 0.60),
    ("FRSE_VAL", "I_FRMVAL", 0.30),
    ("PAW_VAL", "I_PAWVAL", 0.30),
    ("PNSN_VAL", "I_PENVAL1", 0.25),
    ("RETCB_VAL", "I_RETCBVAL", 0.45),
    ("RNT_VAL", "I_RNTVAL", 0.45),
    ("WC_VAL", "I_WCVAL", 0.35),
)
COMPOSITE_FLAGS = (
    ("INT_VAL", "I_INTVAL", 0.60),
    ("SS_VAL", "I_SSVAL", 0.33),
    ("SSI_VAL", "I_SSIVAL", 0.33),
    ("UC_VAL", "I_UCVAL", 0.35),
    ("VET_VAL", "I_VETVAL", 0.30),
)
LEVELS = np.array([1, 2, 3, 4, 5, 6, 9])
COMPOSITE_LEVELS = np.array([11, 12, 13, 14, 15, 15, 15, 15, 15])


def allocation(draws: Draws, person: Columns) -> Columns:
    """Draw the flag of each amount (n,): 0, or how it was allocated."""
    found: Columns = {}
    for flags, levels in ((FLAGS, LEVELS), (COMPOSITE_FLAGS, COMPOSITE_LEVELS)):
        for amount, flag, share in flags:
            luck = draws.uniform(len(person[amount]), f"{flag} allocated")
            level = levels[np.floor(luck / share * len(levels)).astype(np.int64) % len(levels)]
            found[flag] = np.where((person[amount] != 0) & (luck < share), level, 0)
    # A second pension is not asked for in the demo world.
    return found | {"I_PENVAL2": np.zeros(len(person["PNSN_VAL"]), dtype=np.int64)}
