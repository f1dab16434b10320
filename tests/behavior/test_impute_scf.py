"""Held-out families of the real SCF: the distribution, tails and dependence come back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steelyard.impute import ForestImputer, ImputeConfig, cycle_implicates, evaluation, group_folds

FILE = Path(__file__).resolve().parents[2].parent / "shared/data/us/scf/SCFP2019_four_fifths.csv.gz"
PREDICTORS = {
    "full": [
        *("AGE", "HHSEX", "MARRIED", "KIDS", "EDCL", "RACECL4", "LF"),
        *("WAGEINC", "BUSSEFARMINC", "SSRETINC", "TRANSFOTHINC"),
    ],
    # What every base file carries: Tax-Calculator's has neither education nor race.
    "common": ["AGE", "MARRIED", "KIDS", "WAGEINC", "BUSSEFARMINC", "SSRETINC"],
}
TARGETS = ["INTDIVINC", "KGINC", "NETWORTH", "RETQLIQ", "DEBT"]
PROBABILITIES = [*np.arange(0.05, 0.96, 0.05), 0.99]
DRAWS = 20

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FILE.exists(), reason=f"no SCF beside the checkout ({FILE.name})"),
]


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    columns = sorted({"YY1", "Y1", "WGT", *TARGETS, *PREDICTORS["full"]})
    table = pd.read_csv(FILE, usecols=columns).sort_values("Y1", ignore_index=True)
    return table.assign(implicate=table["Y1"] - 10 * table["YY1"])


@pytest.mark.parametrize("known", ["full", "common"])
@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_held_out_families_look_like_themselves(families, mode: str, known: str) -> None:
    fold = group_folds(families["YY1"], 5)
    truths, draws, losses = [], [], np.zeros((2, len(TARGETS)))
    for held, chosen in enumerate(cycle_implicates(families["implicate"], 5)):
        donor = families[chosen & (fold != held)]
        truth = families[chosen & (fold == held)]
        assert not set(donor["YY1"]) & set(truth["YY1"])
        config = ImputeConfig(name="scf", mode=mode)
        fitted = ForestImputer(config).fit(donor, PREDICTORS[known], TARGETS, "WGT")
        truths.append(truth)
        draws.append([fitted.draw(truth, seed=seed, key="Y1") for seed in range(DRAWS)])
        for place, (target, found) in enumerate(fitted.quantiles(truth, PROBABILITIES).items()):
            flat = evaluation.weighted_quantile(donor[target], donor["WGT"], PROBABILITIES)
            for row, predicted in enumerate((found, np.broadcast_to(flat, found.shape))):
                loss = evaluation.weighted_pinball(
                    truth[target], predicted, PROBABILITIES, truth["WGT"]
                )
                losses[row, place] += loss.mean() * truth["WGT"].sum()
    true = pd.concat(truths)
    weights = true["WGT"].to_numpy()
    drawn = [pd.concat(fold_draws[seed] for fold_draws in draws) for seed in range(DRAWS)]
    skill = dict(zip(TARGETS, 1 - losses[0] / losses[1], strict=True))

    for target in TARGETS:
        imputed = [table[target].to_numpy() for table in drawn]
        pair = (true[target].to_numpy(), weights)
        ks = np.mean([evaluation.ks_distance(values, weights, *pair) for values in imputed])
        zeros = np.mean([evaluation.zero_share(values, weights) for values in imputed])
        top = np.mean([evaluation.top_share(values, weights) for values in imputed])
        assert ks < 0.02, target
        assert abs(zeros - evaluation.zero_share(*pair)) < 0.01, target
        assert abs(top / evaluation.top_share(*pair) - 1) < 0.10, target
        assert skill[target] > 0.02, target
    assert np.mean(list(skill.values())) > 0.19
    for table in drawn[:3]:
        error = evaluation.rank_correlation_error(table, weights, true[TARGETS], weights)
        assert np.abs(error[np.triu_indices(5, 1)]).mean() < 0.04
