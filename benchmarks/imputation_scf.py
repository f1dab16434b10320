"""Judge imputation models and baselines on held-out families of the Survey of Consumer Finances.

Run ``python benchmarks/imputation_scf.py``: the figures go to
``benchmarks/results/imputation_scf.md``. The file of families is the Federal Reserve's summary
extract, or a part of it; ``--file`` says where it lies. No record of it is written anywhere.
``--tune 40`` chooses the forests' settings anew instead and prints the trials; they are kept under
``build/tuning``, so that an interrupted search goes on.
"""

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import pandas as pd
from imputation_settings import WeightedGrowth

from steelyard.impute import ImputeConfig, ModelSpec, Target
from steelyard.impute.baselines import BASELINES
from steelyard.impute.cross_validation import Folds, SpecImputer, cross_validate, split
from steelyard.impute.evaluation import top_share
from steelyard.impute.interface import Imputer
from steelyard.impute.scorecard import ALL, Judgement, with_skill

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT.parent / "shared" / "data" / "us" / "scf" / "SCFP2019_four_fifths.csv.gz"
RESULTS = ROOT / "benchmarks" / "results" / "imputation_scf.md"
TUNING = ROOT / "build" / "tuning"
PREDICTORS = (
    *("AGE", "HHSEX", "MARRIED", "KIDS", "EDCL", "RACECL4", "LF"),
    *("WAGEINC", "SSRETINC", "TRANSFOTHINC"),
)
TARGETS = {
    "KGINC": "capital gains",
    "INTDIVINC": "interest, dividends",
    "BUSSEFARMINC": "business, farm",
    "NETWORTH": "net worth",
    "RETQLIQ": "retirement wealth",
    "DEBT": "debt",
}
JUDGEMENT = Judgement(PREDICTORS, tuple(TARGETS), "WGT", group="YY1", deciles_of=("AGE", "WAGEINC"))
FOLDS = Folds(5, implicate="implicate", key="Y1", draws=20)
#: Chosen by `--tune 25`, rounded.
TUNED = {
    "joint": ImputeConfig(trees=100, min_leaf=11, feature_share=0.45, sample_share=0.7),
    "sequential": ImputeConfig(trees=60, min_leaf=9, feature_share=0.55, sample_share=0.35),
}
#: Each seed is another split, other trees and other draws; figures are means over them.
SEEDS = (0, 1)
BAR = 0.10
#: Whose tails are told in short, and by which model draw by draw.
TOPS = ("KGINC", "NETWORTH")
SINGLE = "forest, joint, tuned"


def families(file: Path) -> pd.DataFrame:
    """Return the families, in the order of their keys, each with its implicate."""
    if not file.is_file():
        sys.exit(f"{file} is not there; give the SCF summary extract by --file")
    columns = sorted({"YY1", "Y1", "WGT", *PREDICTORS, *TARGETS})
    table = pd.read_csv(file, usecols=columns).sort_values("Y1", ignore_index=True)
    return table.assign(implicate=table["Y1"] - 10 * table["YY1"])


def models(seed: int) -> dict[str, Imputer]:
    """Return every model judged."""
    targets = tuple(Target(name) for name in TARGETS)
    forests: dict[str, Imputer] = {}
    for mode in ("joint", "sequential", "copula"):
        for name, config in (("tuned", TUNED.get(mode)), ("defaults", ImputeConfig())):
            if config is not None:
                own = replace(config, seed=seed)  # each seed its trees
                spec = ModelSpec("scf", PREDICTORS, targets, mode, config=own)
                forests[f"forest, {mode}, {name}"] = SpecImputer(spec)
    usual = ModelSpec("scf", PREDICTORS, targets, "joint", config=ImputeConfig(seed=seed))
    forests["forest, joint, grown by weight"] = WeightedGrowth(usual, 1.0)
    return {**forests, **BASELINES}


def judged(donor: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return all scorecards, and the processor seconds of each model with its judging."""
    cards = []
    seconds: dict[str, float] = {}
    for seed in SEEDS:
        own = []
        for name, model in models(seed).items():
            began = time.process_time()
            own.append(cross_validate({name: model}, donor, replace(JUDGEMENT, seed=seed), FOLDS))
            took = time.process_time() - began
            seconds[name] = seconds.get(name, 0) + took / len(SEEDS)
            print(f"{name}, seed {seed}: {took:.0f} s", flush=True)
        cards.append(with_skill(pd.concat(own, ignore_index=True)).assign(seed=seed))
    return pd.concat(cards, ignore_index=True), seconds


def top_shares(donor: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the top 1 % in each single draw of `SINGLE`, and in the truth.

    Returns
    -------
    One row a seed and draw; for each target of `TOPS` its share, and ``..._true`` beside it.
    """
    rows = []
    for seed in SEEDS:
        model, draws, truth = models(seed)[SINGLE], [], []
        for fitted_on, judged_by in split(donor, replace(JUDGEMENT, seed=seed), FOLDS):
            fitted = model.fit(fitted_on, PREDICTORS, tuple(TARGETS), "WGT")
            draws.append([fitted.draw(judged_by, seed=one, key="Y1") for one in range(FOLDS.draws)])
            truth.append(judged_by)
        true = pd.concat(truth)
        for parts in zip(*draws, strict=True):
            drawn = pd.concat(parts)
            rows.append(
                {name: top_share(drawn[name], true["WGT"]) for name in TOPS}
                | {f"{name}_true": top_share(true[name], true["WGT"]) for name in TOPS}
            )
    return pd.DataFrame(rows)


def page(scores: pd.DataFrame, tops: pd.DataFrame, seconds: Mapping[str, float], count: int) -> str:
    """Return the results as Markdown."""
    return "\n".join(
        [
            "# How well held-out families of the SCF are imputed",
            "",
            f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores "
            f"({platform.system()} {platform.machine()}, Python {platform.python_version()}). "
            "Written by `python benchmarks/imputation_scf.py`; all from one run.",
            "",
            f"{count:,} families of 2019, {FOLDS.count} folds by family, each fitted and judged "
            f"on another implicate; {FOLDS.draws} draws of each family; weighted throughout; means "
            f"over {len(SEEDS)} seeds (other folds, trees and draws). "
            f"Predictors: {', '.join(PREDICTORS)}. "
            + " ".join(f"Tuned, {mode}: {_settings(config)}." for mode, config in TUNED.items()),
            "",
            *overview(scores),
            *sections(scores, seconds),
            *one_draw(tops),
        ]
    )


def overview(scores: pd.DataFrame) -> list[str]:
    """Return the table that says the most in the fewest figures."""
    lines = [
        "## In short",
        "",
        "Pinball skill, mean over targets; Kolmogorov-Smirnov distance, mean (largest); error of "
        "the share of the top 1 %, in percent, of gains and of net worth; error of rank "
        "correlations between targets, mean (largest), and with predictors, mean; AUC.",
        "",
        "| | skill | KS | top, gains | net worth | correlations | with predictors | AUC |",
        f"|---|{'---:|' * 7}",
    ]
    for model, card in _cards(scores).items():
        skill = mean(card.mean(target, "pinball_skill") for target in TARGETS)
        ks = [card.mean(target, "ks") for target in TARGETS]
        tops = [f"{100 * card.mean(target, 'top_1_share_error'):+.1f}" for target in TOPS]
        between = [card.mean(ALL, f"rank_correlation_error_{how}") for how in ("mean", "max")]
        with_predictors = card.mean(ALL, "predictor_rank_correlation_error_mean")
        lines.append(
            f"| {model} | {skill:.3f} | {mean(ks):.3f} ({max(ks):.3f}) | {' | '.join(tops)} "
            f"| {between[0]:.3f} ({between[1]:.3f}) | {with_predictors:.3f} "
            f"| {card.mean(ALL, 'two_sample_auc'):.3f} |"
        )
    return [*lines, ""]


def one_draw(tops: pd.DataFrame) -> list[str]:
    """Return what a user of a single draw sees of the tails."""
    lines = [
        "## One draw alone",
        "",
        f"Share of the top 1 % in each of the {len(tops)} single draws of *{SINGLE}*.",
        "",
        "| | true | mean | standard deviation | least | greatest |",
        f"|---|{'---:|' * 5}",
    ]
    for name in TOPS:
        own = tops[name]
        figures = (tops[f"{name}_true"].mean(), own.mean(), own.std(), own.min(), own.max())
        lines.append(f"| {TARGETS[name]} | {' | '.join(f'{value:.3f}' for value in figures)} |")
    return [*lines, ""]


def sections(scores: pd.DataFrame, seconds: Mapping[str, float]) -> list[str]:
    """Return the tables, each under what it tells."""
    return [
        "## Skill",
        "",
        "1 - loss / loss of the unconditional distribution: pinball at 0.05 ... 0.95 and 0.99, "
        "then CRPS in brackets.",
        "",
        *_by_target(scores, _skill),
        "",
        "## Marginal distributions",
        "",
        "Kolmogorov-Smirnov distance, then the error of the zero share in brackets, in "
        "percentage points.",
        "",
        *_by_target(scores, _marginal),
        "",
        "## Tails",
        "",
        "Share of the total that the top 1 % hold, imputed over true, less 1; then its "
        "standard deviation between seeds in brackets. The bar: "
        f"±{BAR:.0%} for capital gains and net worth.",
        "",
        *_by_target(scores, _tail),
        "",
        "## Weighted totals",
        "",
        "Imputed over true, less 1; then its standard deviation between seeds in brackets.",
        "",
        *_by_target(scores, _total),
        "",
        "## Uncertainty",
        "",
        "Distance of the PIT from uniform, then the share of families inside the central "
        "90 % in brackets.",
        "",
        *_by_target(scores, _calibration),
        "",
        "## Dependence",
        "",
        "Errors of Spearman correlations between targets (mean, root mean square, largest) "
        "and of targets with predictors (mean, largest), and a classifier's AUC between true "
        "and imputed families, fold by fold; processor seconds of five fits, the draws, "
        "quantiles and judging.",
        "",
        *_dependence(scores, seconds),
        "",
    ]


@dataclass(frozen=True)
class Card:
    """The figures of a model, over seeds."""

    figures: "pd.Series[float]"

    def mean(self, target: str, statistic: str) -> float:
        """Return the mean over seeds of a figure without detail."""
        return float(self.figures.loc[target, statistic].mean())

    def spread(self, target: str, statistic: str) -> float:
        """Return its standard deviation between seeds."""
        return float(self.figures.loc[target, statistic].std())


def _settings(config: ImputeConfig) -> str:
    names = ("trees", "min_leaf", "feature_share", "sample_share")
    return ", ".join(f"{name} {getattr(config, name)}" for name in names)


def _skill(card: Card, target: str) -> str:
    return f"{card.mean(target, 'pinball_skill'):.3f} ({card.mean(target, 'crps_skill'):.3f})"


def _marginal(card: Card, target: str) -> str:
    return f"{card.mean(target, 'ks'):.3f} ({100 * card.mean(target, 'zero_share_error'):+.1f})"


def _tail(card: Card, target: str) -> str:
    share = "top_1_share_error"
    return f"{card.mean(target, share):+.1%} ({card.spread(target, share):.3f})"


def _total(card: Card, target: str) -> str:
    return f"{card.mean(target, 'mean_error'):+.1%} ({card.spread(target, 'mean_error'):.3f})"


def _calibration(card: Card, target: str) -> str:
    return f"{card.mean(target, 'pit_ks'):.3f} ({card.mean(target, 'central_90'):.3f})"


def _cards(scores: pd.DataFrame) -> dict[str, Card]:
    plain = scores[scores["detail"].isna()].set_index(["target", "statistic"]).sort_index()
    names = scores["model"].unique()
    return {name: Card(plain.loc[plain["model"] == name, "value"]) for name in names}


def _by_target(scores: pd.DataFrame, cell: Callable[[Card, str], str]) -> list[str]:
    head = [
        f"| | {' | '.join(TARGETS.values())} |",
        f"|---|{'---:|' * len(TARGETS)}",
    ]
    return head + [
        f"| {model} | {' | '.join(cell(card, target) for target in TARGETS)} |"
        for model, card in _cards(scores).items()
    ]


def _dependence(scores: pd.DataFrame, seconds: Mapping[str, float]) -> list[str]:
    head = [
        "| | mean | root mean square | largest | predictors, mean | largest | AUC | seconds |",
        f"|---|{'---:|' * 7}",
    ]
    names = (
        *(f"rank_correlation_error_{how}" for how in ("mean", "rmse", "max")),
        *(f"predictor_rank_correlation_error_{how}" for how in ("mean", "max")),
        "two_sample_auc",
    )
    return head + [
        f"| {model} | {' | '.join(f'{card.mean(ALL, name):.3f}' for name in names)} | "
        f"{seconds[model]:.0f} |"
        for model, card in _cards(scores).items()
    ]


def tune_forests(donor: pd.DataFrame, trials: int) -> None:
    """Choose settings for both modes and print every trial."""
    from steelyard.impute.tuning import Budget, Space, tune  # noqa: PLC0415  an extra

    TUNING.mkdir(parents=True, exist_ok=True)
    space = Space(min_leaf=(4, 30), trees=(40, 120), sample_share=(0.2, 0.9))
    budget = Budget(trials, storage=f"sqlite:///{TUNING / 'imputation_scf.db'}")
    for mode in ("joint", "sequential"):
        base = ImputeConfig(name="scf", mode=mode)
        found = tune(donor, JUDGEMENT, FOLDS, base, space, budget)
        print(f"{mode}: loss {found.loss:.4f}, {found.config}")
        print(found.trials.sort_values("loss").to_string(index=False, float_format="%.4f"))


def main() -> None:
    """Judge and write the page, or tune and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--tune", type=int, default=0, metavar="TRIALS")
    asked = parser.parse_args()
    # Few held-out families have more children than any donor, which is no news here.
    warnings.filterwarnings("ignore")
    donor = families(asked.file)
    if asked.tune:
        tune_forests(donor, asked.tune)
        return
    scores, seconds = judged(donor)
    TUNING.mkdir(parents=True, exist_ok=True)
    scores.to_parquet(TUNING / "imputation_scf_scores.parquet")
    text = page(scores, top_shares(donor), seconds, donor["YY1"].nunique())
    RESULTS.write_text(text, encoding="utf-8")
    print(f"wrote {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
