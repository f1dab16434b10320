"""Say what each setting of the forests is worth: one is changed at a time, on several worlds.

Run ``python benchmarks/imputation_settings.py``. Donors and recipients are made up
(`imputation_world`, one after the other), so that the true balances of the recipients are
known; the draws are judged as in `imputation`. The page goes to
``benchmarks/results/imputation_settings.md``.
"""

import argparse
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from imputation import quality
from imputation_world import PREDICTORS, TARGETS, World, world
from steps import machine

from steelyard.impute import ImputeConfig, ModelSpec, Target
from steelyard.impute.donors import prepare
from steelyard.impute.fitting import Fitter
from steelyard.impute.model import FittedModel
from steelyard.impute.tables import Table

RESULTS = Path(__file__).resolve().parent / "results" / "imputation_settings.md"
SIZE = (4_342, 20_000)
#: Other worlds than the one of `imputation`.
SEEDS = range(2, 4)
MODES = ("joint", "sequential")
FIGURES = ("seconds", "ks", "zeros", "ranks", "cross")
WAYS = {
    "as they come": {},
    "25 trees": {"trees": 25},
    "60 trees": {"trees": 60},
    "a quarter of the predictors at a split": {"feature_share": 0.25},
    "all predictors at a split": {"feature_share": 1.0},
    "trees grown on half of the donors": {"sample_share": 0.5},
    "trees grown on 95 % of the donors": {"sample_share": 0.95},
    "leaves of 4": {"min_leaf": 4},
    "leaves of 8": {"min_leaf": 8},
    "leaves of 12": {"min_leaf": 12},
    "leaves of 16": {"min_leaf": 16},
}
GROWTH = {"grown by the root of the weights": 0.5, "grown by the weights": 1.0}


@dataclass(frozen=True)
class WeightedGrowth:
    """A model whose trees choose their splits by weighted donors, which ours do not.

    Parameters
    ----------
    spec
        What is drawn.
    power
        Of the weights that a donor counts with in choosing splits; 0 is what ours do. The
        donors in a leaf count by their weights all the same.
    """

    spec: ModelSpec
    power: float

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedModel:
        """Fit the model; what it is about is in the spec."""
        assert (*predictors, *targets) == (*self.spec.predictors, *self.spec.names)
        donors = prepare(donor, self.spec, weight)
        if self.power:
            emphasis = (donors.weights / donors.weights.mean()) ** self.power
            donors = replace(donors, emphasis=emphasis)
        return FittedModel(self.spec, donors, Fitter(self.spec, donors).blocks())


def models() -> dict[tuple[str, str], WeightedGrowth]:
    """Return every model by its mode and what is changed."""
    plain = tuple(Target(name) for name in TARGETS)
    hurdles = tuple(Target(name, is_hurdle=True) for name in TARGETS)
    found = {}
    for mode in MODES:
        usual = ModelSpec("settings", PREDICTORS, plain, mode)
        for way, settings in WAYS.items():
            config = replace(ImputeConfig(), **settings)
            found[mode, way] = WeightedGrowth(replace(usual, config=config), 0.0)
        for way, power in GROWTH.items():
            found[mode, way] = WeightedGrowth(usual, power)
    hurdle = ModelSpec("settings", PREDICTORS, hurdles, "sequential")
    found["sequential", "each target a hurdle"] = WeightedGrowth(hurdle, 0.0)
    return found


def main() -> None:
    """Judge every way on every world; write the page, and again after each world."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    # Rare recipients have more children than any donor, which is no news here.
    warnings.filterwarnings("ignore")
    rows = []
    for seed in SEEDS:
        made = world(*SIZE, seed=seed)
        rows.append({"mode": "", "way": "the donors, drawn by weight", **resampled(made, seed)})
        for (mode, way), model in models().items():
            rows.append({"mode": mode, "way": way, **judged(made, model)})
            print(f"seed {seed}, {mode}, {way}: {rows[-1]['seconds']:.1f} s", flush=True)
        RESULTS.write_text(page(pd.DataFrame(rows), seed - SEEDS[0] + 1), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def judged(made: World, model: WeightedGrowth) -> dict[str, float]:
    """Return the processor seconds of fit and draw, and how far the draws lie from the truth."""
    began = time.process_time()
    drawn = model.fit(made.donors, PREDICTORS, TARGETS, "w").draw(made.recipients, seed=1)
    took = time.process_time() - began
    return {"seconds": took, **quality(made, drawn, made.recipients, made.recipients["w"])}


def resampled(made: World, seed: int) -> dict[str, float]:
    """Return how far as many donors, drawn by weight, lie from the truth: what donors know."""
    weights = made.donors["w"].to_numpy()
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(weights), len(made.recipients), p=weights / weights.sum())
    known = made.donors.iloc[chosen].reset_index(drop=True)
    return quality(made, known[list(TARGETS)], known, np.ones(len(known)))


def page(rows: pd.DataFrame, worlds: int) -> str:
    """Return the results as Markdown: means over worlds."""
    means = rows.groupby(["mode", "way"], sort=False)[list(FIGURES[1:])].mean()
    seconds = rows.groupby(["mode", "way"], sort=False)["seconds"].mean()
    lines = [
        "# What the settings of the forests are worth",
        "",
        f"Means over {worlds} made-up worlds of {SIZE[0]:,} donors asked for and "
        f"{SIZE[1]:,} recipients, {len(PREDICTORS)} predictors and {len(TARGETS)} targets; one "
        "setting is changed at a time. Columns are explained on "
        "[the page beside](imputation.md). Written by `python benchmarks/imputation_settings.py`.",
        "",
        "| mode | setting | fit and draw, CPU s | KS | zero share | rank correlation "
        "| with predictors |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for place, figures in means.iterrows():
        mode, way = place
        took = "" if np.isnan(seconds[place]) else f"{seconds[place]:.2f}"
        told = " | ".join(f"{value:.4f}" for value in figures)
        lines.append(f"| {mode} | {way} | {took} | {told} |")
    return "\n".join([*lines, "", machine(), ""])


if __name__ == "__main__":
    main()
