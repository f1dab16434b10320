"""One way to impute, run by itself: ``imputation.py`` starts this in a process for each.

Run as ``python imputation_methods.py METHOD FOLDER``. It reads the world in the folder and leaves
``METHOD.npz``, what was drawn, and ``METHOD.json``: processor seconds of fit and of draw, without
imports, and where it was asked for, the loss at 19 quantiles on held-out records. Nothing of
Steelyard is imported for a peer, which may run under an interpreter of its own.
"""

import importlib
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imputation_world import CODES, PREDICTORS, TARGETS, World

PROBABILITIES = np.round(np.arange(0.05, 0.96, 0.05), 2)
NEIGHBOURS = 10
# Draws of parts of the recipients, for the growth of time with their number.
PARTS = (4, 2, 1)

Drawing = Callable[[pd.DataFrame], pd.DataFrame]
Quantiles = Callable[[pd.DataFrame], dict[str, np.ndarray]]
Fit = Callable[[World], tuple[Drawing, Quantiles | None]]


def ours(mode: str) -> Fit:
    """Return the fit of a model of Steelyard in a mode, all settings as they come."""
    impute = importlib.import_module("steelyard.impute")

    def fit(made: World) -> tuple[Drawing, Quantiles]:
        targets = tuple(impute.Target(name) for name in TARGETS)
        spec = impute.ModelSpec("benchmark", PREDICTORS, targets, mode)
        model = impute.fit_model(made.donors, spec, "w")
        return (
            lambda recipient: model.draw(recipient, seed=1),
            lambda recipient: model.quantiles(recipient, PROBABILITIES),
        )

    return fit


def hot_deck() -> Fit:
    """Return the fit of the peer that takes one of the nearest donors, by weight."""
    neighbors = importlib.import_module("sklearn.neighbors")
    return lambda made: deck(neighbors, made)


def deck(neighbors: Any, made: World) -> tuple[Drawing, None]:
    """Fit the hot deck.

    Distance is Euclidean over standardised predictors, incomes on a logarithmic scale, and
    indicators of codes as they are: of the scales tried, the one that served it best.
    """
    codes = {name: np.unique(made.donors[name]) for name in CODES}
    amounts = [name for name in PREDICTORS if name not in CODES]

    def logarithms(table: pd.DataFrame) -> np.ndarray:
        dollars = table[amounts].to_numpy()
        return np.sign(dollars) * np.log1p(np.abs(dollars) / 1000)

    known = logarithms(made.donors)
    centre, spread = known.mean(axis=0), known.std(axis=0)

    def scaled(table: pd.DataFrame) -> np.ndarray:
        columns = [(logarithms(table) - centre) / spread]
        columns += [
            (table[name].to_numpy()[:, None] == labels).astype(float)
            for name, labels in codes.items()
        ]
        return np.concatenate(columns, axis=1)

    found = neighbors.NearestNeighbors(n_neighbors=NEIGHBOURS).fit(scaled(made.donors))
    weights, values = made.donors["w"].to_numpy(), made.donors[list(TARGETS)]

    def draw(recipient: pd.DataFrame) -> pd.DataFrame:
        near = found.kneighbors(scaled(recipient), return_distance=False)
        cumulated = np.cumsum(weights[near], axis=1)
        chance = np.random.default_rng(1).random(len(near))[:, None] * cumulated[:, [-1]]
        place = (chance >= cumulated).sum(axis=1)
        return values.iloc[near[np.arange(len(near)), place]].reset_index(drop=True)

    return draw, None


def microimpute() -> Fit:
    """Return the fit of the published package's quantile forests, one target after the other."""
    logging.disable(logging.CRITICAL)
    forests = importlib.import_module("microimpute.models").QRF
    return lambda made: published(forests, made)


def published(forests: Any, made: World) -> tuple[Drawing, Quantiles]:
    """Fit the published package's quantile forests, weights given."""
    known, names = list(PREDICTORS), list(TARGETS)
    donors = made.donors[[*known, *names, "w"]]
    fitted = forests().fit(donors, known, names, weight_col="w")

    def draw(recipient: pd.DataFrame) -> pd.DataFrame:
        drawn: Any = fitted.predict(recipient[known])
        return drawn[next(iter(drawn))] if isinstance(drawn, dict) else drawn

    def quantiles(recipient: pd.DataFrame) -> dict[str, np.ndarray]:
        wanted, found = [float(one) for one in PROBABILITIES], {}
        for name in names:
            # Given the predictors alone, as ours are.
            alone = forests().fit(donors, known, [name], weight_col="w")
            drawn = alone.predict(recipient[known], quantiles=wanted)
            found[name] = np.column_stack([np.asarray(drawn[one][name]) for one in wanted])
        return found

    return draw, quantiles


METHODS: dict[str, Callable[[], Fit]] = {
    "sequential": partial(ours, "sequential"),
    "joint": partial(ours, "joint"),
    "copula": partial(ours, "copula"),
    "hot_deck": hot_deck,
    "microimpute": microimpute,
}


def losses(observed: pd.DataFrame, quantiles: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the mean pinball loss of each target over the probabilities, in dollars."""
    found = {}
    for name, predicted in quantiles.items():
        error = observed[name].to_numpy()[:, None] - predicted
        loss = np.maximum(PROBABILITIES * error, (PROBABILITIES - 1) * error)
        found[name] = float(loss.mean())
    return found


def main() -> None:
    """Run one method on the world in a folder."""
    method, folder = sys.argv[1], Path(sys.argv[2])
    made = World.read(folder)
    # Rare recipients have more children than any donor, which ours says and is no news here.
    warnings.filterwarnings("ignore")
    fit = METHODS[method]()
    started = time.process_time()
    draw, quantiles = fit(made)
    fitted = time.process_time()
    drawn = draw(made.recipients)
    finished = time.process_time()
    found: dict[str, Any] = {"fit": fitted - started, "draw": finished - fitted}
    if "--growth" in sys.argv:
        for part in PARTS:
            before = time.process_time()
            draw(made.recipients.iloc[: len(made.recipients) // part])
            found[f"draw_1/{part}"] = time.process_time() - before
    if "--losses" in sys.argv and quantiles is not None:
        found["losses"] = losses(made.held_out, quantiles(made.held_out))
    np.savez(folder / f"{method}.npz", **{name: drawn[name].to_numpy() for name in TARGETS})
    (folder / f"{method}.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
