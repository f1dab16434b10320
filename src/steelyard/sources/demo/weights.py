"""Household weights that reproduce the published population."""

import numpy as np

from steelyard.sources.demo.anchors import column, table
from steelyard.sources.demo.draws import Columns, Draws, Floats

# Universe of the poverty estimates for 2022 (Census P60-280), and households (P60-279).
POPULATION, HOUSEHOLDS = 330_100_000.0, 131_430_000.0
NOISE = 0.22


def household_weights(draws: Draws, head: Columns, person: Columns) -> Floats:
    """Weigh households (n,) to population by age and sex, by state, and to the household count.

    The design weight is the state's sampling interval with lognormal noise, as noninterview
    adjustment leaves it; the adjustment is raking (exponential tilting), solved by Newton.
    """
    count = len(head["state"])
    persons = column("states", "persons")
    sampled = np.bincount(head["state"], minlength=len(persons))
    design = (persons / np.maximum(sampled, 1))[head["state"]]
    design *= np.exp(NOISE * draws.normal(count, "weight noise"))

    band = np.minimum(person["age"] // 5, 17) * 2 + person["female"]
    cell = np.bincount(person["household"] * 36 + band, minlength=count * 36).reshape(count, 36)
    size = cell.sum(axis=1)
    place = np.zeros((count, len(persons)))
    place[np.arange(count), head["state"]] = size
    published = table("population")["persons"].to_numpy(dtype=np.float64)
    target = np.concatenate(
        [
            published * POPULATION / published.sum(),
            (persons * POPULATION / persons.sum())[:-1],
            [HOUSEHOLDS],
        ]
    )
    matrix = np.column_stack([cell, place[:, :-1], np.ones(count)]).astype(np.float64)
    return tilt(design, matrix, target)


def tilt(design: Floats, matrix: Floats, target: Floats, ridge: float = 1e-4) -> Floats:
    """Return design weights (n,) tilted so that matrix.T @ weights comes close to target.

    Parameters
    ----------
    matrix
        (n, k) what each record contributes; each target is scaled to one.
    ridge
        Keeps the solution near the design where a small sample cannot reach a target.

    Notes
    -----
    Deville and Särndal (1992), multiplicative distance: w = d exp(X l); Newton on l with
    step halving. O(n k^2) a step.
    """
    scaled = matrix / target
    factor = float(np.median((target / np.maximum(design @ matrix, 1e-12))))
    start = design * factor
    multiplier = np.zeros(len(target))

    def miss(at: Floats) -> tuple[Floats, Floats]:
        weights = start * np.exp(np.clip(scaled @ at, -3.0, 3.0))
        return weights, 1.0 - weights @ scaled - ridge * at * unit

    unit = float((start @ scaled**2).mean())
    weights, gap = miss(multiplier)
    for _ in range(40):
        slope = (scaled * weights[:, None]).T @ scaled
        slope[np.diag_indices(len(target))] += ridge * unit
        step = np.linalg.solve(slope, gap)
        scale = 1.0
        while scale > 1e-4:
            trial, left = miss(multiplier + scale * step)
            if np.abs(left).max() < np.abs(gap).max() or np.linalg.norm(left) < np.linalg.norm(gap):
                break
            scale /= 2
        multiplier, weights, gap = multiplier + scale * step, trial, left
        if np.abs(gap).max() < 1e-7:
            break
    return weights
