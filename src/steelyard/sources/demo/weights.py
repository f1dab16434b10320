"""Household weights that reproduce the published population."""

import numpy as np

from steelyard.sources.demo.anchors import column
from steelyard.sources.demo.draws import Columns, Draws, Floats

# Universe of the poverty estimates for 2022 (Census P60-280), and households (P60-279).
POPULATION, HOUSEHOLDS = 330_100_000.0, 131_430_000.0
# One-person households, Census America's Families and Living Arrangements 2022.
ONE_PERSON = 37_900_000.0
NOISE = 0.22
# No weight leaves its design by more than a factor exp(LIMIT).
LIMIT = 3.0


def household_weights(draws: Draws, head: Columns, person: Columns, rarity: Floats) -> Floats:
    """Weigh households (n,) so that they stand for the published population.

    Targets are persons by age and sex and by state, households, and persons living alone. The
    design weight is the state's sampling interval with lognormal noise, as noninterview
    adjustment leaves it, and times the `rarity` of families drawn too often; the adjustment
    is raking (exponential tilting), solved by Newton.
    """
    count = len(head["state"])
    persons = column("states", "persons")
    sampled = np.bincount(head["state"], minlength=len(persons))
    design = (persons / np.maximum(sampled, 1))[head["state"]]
    design *= rarity * np.exp(NOISE * draws.normal(count, "weight noise"))

    published = column("population", "persons")
    cells = len(published)
    lower = np.unique(column("population", "age_lower"))
    band = 2 * (np.searchsorted(lower, person["age"], side="right") - 1) + person["female"]
    cell = np.bincount(person["household"] * cells + band, minlength=count * cells)
    cell = cell.reshape(count, cells)
    size = cell.sum(axis=1)
    place = np.zeros((count, len(persons)))
    place[np.arange(count), head["state"]] = size
    target = np.concatenate(
        [
            published * POPULATION / published.sum(),
            (persons * POPULATION / persons.sum())[:-1],
            [HOUSEHOLDS, ONE_PERSON],
        ]
    )
    matrix = np.column_stack([cell, place[:, :-1], np.ones(count), size == 1])
    matrix = matrix.astype(np.float64)
    return tilt(design, matrix, target)


def tilt(design: Floats, matrix: Floats, target: Floats, ridge: float = 1e-6) -> Floats:
    """Return design weights (n,) tilted so that matrix.T @ weights meets the target (k,).

    Parameters
    ----------
    matrix
        (n, k) what each record contributes to each target.
    ridge
        Keeps the solution near the design where a small sample cannot reach a target.

    Notes
    -----
    Deville and Särndal (1992), multiplicative distance: w = d exp(X l), by Newton on l, no
    step changing a weight by more than a factor e. O(n k^2) a step.
    """
    share = design / design.sum()
    scaled = matrix * (design.sum() / target)
    share = share * float(np.median(1.0 / np.maximum(share @ scaled, 1e-12)))
    multiplier = np.zeros(len(target))
    weights = share
    for _ in range(50):
        weights = share * np.exp(np.clip(scaled @ multiplier, -LIMIT, LIMIT))
        gap = 1.0 - weights @ scaled - ridge * multiplier
        if np.abs(gap).max() < 1e-9:
            break
        slope = (scaled * weights[:, None]).T @ scaled
        slope[np.diag_indices(len(target))] += ridge
        step = np.linalg.solve(slope, gap)
        multiplier += step / max(1.0, float(np.abs(scaled @ step).max()))
    return np.asarray(weights * design.sum(), dtype=np.float64)
