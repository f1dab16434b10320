"""Laws of models with blocks, categories, hurdles and constraints, in every mode."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.impute import (
    ImputeConfig,
    ModelSpec,
    Target,
    UnseenCategoryWarning,
    combine,
    fit_imputations,
    fit_model,
    ranking,
)
from steelyard.impute import model as model_module

PREDICTORS = ("age", "works", "cap")
CONFIG = ImputeConfig(trees=8, min_leaf=5)


def world(count: int, seed: int) -> pd.DataFrame:
    """Make records with a job, tips of those at work, signed business income and a portfolio."""
    rng = np.random.default_rng(seed)
    age, taste = rng.integers(18, 90, count), rng.normal(size=count)
    works = ((age < 65) & (rng.random(count) < 0.8)).astype(int)
    stocks = np.where(taste + age / 50 > 1.5, np.exp(7 + taste), 0).round()
    bonds = np.where(taste > 0.7, np.exp(6 + taste), 0).round()
    return pd.DataFrame(
        {
            "age": age,
            "works": works,
            "cap": 500.0 + 10 * age,
            "w": rng.lognormal(0, 0.7, count),
            "job": np.where(works, np.where(age + 20 * taste > 45, "b", "a"), "none"),
            "tips": works * rng.integers(0, 3000, count),
            "business": (np.exp(8 + taste) * rng.choice([-1, 0, 1], count, p=[0.1, 0.7, 0.2])),
            "wealth": stocks + bonds,
            "stocks": stocks,
            "bonds": bonds,
            "couple": np.arange(count) // 2,
        }
    )


DONOR, RECIPIENT = world(600, 1), world(500, 2)[[*PREDICTORS, "couple"]]
KEYS = np.arange(500) * 7 + 3
TARGETS = (
    Target("job", kind="category"),
    Target("tips", only_if="works", at_least=0, at_most="cap"),
    Target("business", is_hurdle=True),
    Target("wealth", at_least=0),
    Target("stocks", total="wealth", at_least=0),
    Target("bonds", total="wealth", at_least=0),
)
PLAIN = tuple(Target(target.name) for target in TARGETS[1:])
SPECS = {
    "sequential": ModelSpec("m", PREDICTORS, TARGETS, config=CONFIG),
    "joint": ModelSpec("m", PREDICTORS, (TARGETS[0], *PLAIN), "joint", config=CONFIG),
    "copula": ModelSpec("m", PREDICTORS, TARGETS[1:], "copula", config=CONFIG),
    "blocks": ModelSpec(
        "m",
        PREDICTORS,
        TARGETS,
        blocks=(("job",), ("tips",), ("business",), ("wealth",), ("stocks", "bonds")),
        config=CONFIG,
    ),
}
MODES = pytest.mark.parametrize("mode", list(SPECS))


def fit(spec: ModelSpec, donor: pd.DataFrame = DONOR, **options: object):
    return fit_model(donor, spec, "w", **options)


@pytest.fixture(scope="module")
def fitted():
    return {mode: fit(spec) for mode, spec in SPECS.items()}


@MODES
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 99), threads=st.integers(1, 3), chunk=st.integers(7, 400))
def test_draws_do_not_depend_on_order_threads_chunks_or_others(mode, seed, threads, chunk) -> None:
    spec = SPECS[mode]
    whole = fit(spec).draw(RECIPIENT, seed=seed, key=KEYS)
    some = np.random.default_rng(seed).permutation(500)[:300]
    config = replace(CONFIG, n_jobs=threads, memory_mib=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_module, "BYTES_PER_RECIPIENT", 2**20 // chunk)
        moved = fit(replace(spec, config=config)).draw(
            RECIPIENT.iloc[some], seed=seed, key=KEYS[some]
        )
    pd.testing.assert_frame_equal(moved, whole.iloc[some])


@pytest.mark.parametrize("mode", ["sequential", "blocks", "joint", "copula"])
def test_adding_targets_after_the_others_changes_no_draw(mode) -> None:
    spec = SPECS[mode]
    changes = {"targets": (*spec.targets, Target("couple"))}
    if mode in ("blocks", "joint"):
        # A whole donor vector is one draw: a further target comes in a block of its own.
        spec = replace(spec, mode="sequential", blocks=spec.blocks or (spec.names,))
        changes["blocks"] = (*spec.blocks, ("couple",))
    # As the settings come, which must not depend on how many targets there are.
    spec = replace(spec, config=ImputeConfig(trees=8))
    few = fit(spec).draw(RECIPIENT, seed=5, key=KEYS)
    drawn = fit(replace(spec, **changes)).draw(RECIPIENT, seed=5, key=KEYS)
    pd.testing.assert_frame_equal(drawn[list(spec.names)], few)


def test_a_copula_may_grow_from_one_target_to_two_and_change_no_draw() -> None:
    spec = ModelSpec("m", PREDICTORS, (Target("stocks"),), "copula", config=ImputeConfig(trees=8))
    both = replace(spec, targets=(*spec.targets, Target("bonds")))
    one, two = (fit(model).draw(RECIPIENT, seed=5)["stocks"] for model in (spec, both))
    pd.testing.assert_series_equal(one, two)


@MODES
def test_parts_of_the_recipients_can_be_drawn_one_after_the_other(mode, fitted) -> None:
    whole = fitted[mode].draw(RECIPIENT, seed=2, key=KEYS)
    parts = [
        fitted[mode].draw(RECIPIENT.iloc[rows], seed=2, key=KEYS[rows])
        for rows in (slice(0, 170), slice(170, 340), slice(340, 500))
    ]
    pd.testing.assert_frame_equal(pd.concat(parts), whole)


@pytest.mark.parametrize("mode", ["sequential", "copula", "blocks"])
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 999))
def test_every_draw_is_feasible(mode, seed, fitted) -> None:
    drawn = fitted[mode].draw(RECIPIENT, seed=seed, key=KEYS)
    assert (drawn["tips"] >= 0).all()
    assert (drawn["tips"] <= RECIPIENT["cap"]).all()
    assert (drawn["tips"] == RECIPIENT["cap"]).any()
    assert (drawn["tips"][RECIPIENT["works"] == 0] == 0).all()
    assert (drawn[["wealth", "stocks", "bonds"]] >= 0).all(axis=None)
    np.testing.assert_allclose(drawn["stocks"] + drawn["bonds"], drawn["wealth"], rtol=1e-9)
    assert (drawn["wealth"] > 0).any()


def test_values_of_one_block_are_one_donors(fitted) -> None:
    model = fitted["joint"]
    rows = model.donors(RECIPIENT, seed=1)
    assert (rows == rows[:, [0]]).all()
    expected = DONOR.loc[rows[:, 0], list(model.targets)].reset_index(drop=True)
    pd.testing.assert_frame_equal(model.draw(RECIPIENT, seed=1), expected)
    blocks = fitted["blocks"].donors(RECIPIENT, seed=1)
    assert (blocks[:, 4] == blocks[:, 5]).all()
    assert (blocks[:, 3] != blocks[:, 4]).mean() > 0.9
    # A logical zero, and a zero whose sign was drawn, are nobody's.
    assert np.array_equal(blocks[:, 1] == -1, RECIPIENT["works"] == 0)
    drawn = fitted["blocks"].draw(RECIPIENT, seed=1)
    assert np.array_equal(blocks[:, 2] == -1, drawn["business"] == 0)


def test_later_blocks_condition_on_earlier_ones() -> None:
    """The second target is the first one again: only who sees it can tell."""
    donor = DONOR.assign(again=DONOR["job"])
    twice = (Target("job", kind="category"), Target("again", kind="category"))
    drawn = fit(ModelSpec("m", ("age",), twice), donor).draw(RECIPIENT, seed=1)
    assert (drawn["job"] == drawn["again"]).mean() > 0.9


def test_only_donors_for_whom_the_condition_holds_are_used() -> None:
    donor = DONOR.assign(tips=np.where(DONOR["works"] == 1, DONOR["tips"] + 1, 999_999))
    drawn = fit(ModelSpec("m", PREDICTORS, (Target("tips", only_if="works"),)), donor).draw(
        RECIPIENT, seed=1
    )
    assert drawn["tips"].max() < 999_999
    assert np.array_equal(drawn["tips"] > 0, RECIPIENT["works"] == 1)


@pytest.mark.parametrize("mode", ["sequential", "copula"])
def test_a_condition_may_be_an_earlier_target(mode) -> None:
    donor = DONOR.assign(takes=(DONOR["tips"] > 1000).astype(int))
    targets = (Target("takes"), Target("tips", only_if="takes"))
    model = fit(ModelSpec("m", PREDICTORS, targets, mode), donor)
    drawn = model.draw(RECIPIENT, seed=1)
    assert np.array_equal(drawn["tips"] > 0, drawn["takes"] == 1)
    # Given the predictors alone it is not known, and zeros are a part of the distribution.
    at_work = RECIPIENT[RECIPIENT["works"] == 1]
    low, high = model.quantiles(at_work, [0.2, 0.9], ["tips"])["tips"].T
    if mode == "sequential":
        assert np.median(low) == 0
    assert np.median(high) > 1000


def test_class_shares_drawn_are_the_exact_weighted_probabilities(fitted) -> None:
    model = fitted["sequential"]
    found = model.probabilities(RECIPIENT)["job"]
    assert list(found.columns) == ["a", "b", "none"]
    np.testing.assert_allclose(found.sum(axis=1), 1)
    block = model.given_predictors("job")
    wide = RECIPIENT[list(PREDICTORS)].to_numpy(np.float32)
    near = np.concatenate([part.toarray() for _, part in block.stage.forest.neighbours(wide)])
    expected = np.stack([near[:, DONOR["job"] == job].sum(axis=1) for job in found.columns], 1)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    draws = [model.draw(RECIPIENT, seed=seed)["job"] for seed in range(60)]
    shares = np.mean([[(drawn == job) for job in found.columns] for drawn in draws], axis=0).T
    # 60 draws leave a standard error of 0.065 at most for one record.
    assert np.abs(shares - found.to_numpy()).max() < 0.3
    assert np.abs((shares - found.to_numpy()).mean(axis=0)).max() < 0.01


def test_out_of_bag_probabilities_judge_records_the_trees_have_not_seen() -> None:
    rng = np.random.default_rng(1)
    donor = pd.DataFrame({"x": rng.normal(size=400), "y": rng.integers(0, 2, 400)})
    spec = ModelSpec(
        "m", ("x",), (Target("y", kind="category"),), config=ImputeConfig(trees=40, min_leaf=1)
    )
    model, own = fit_model(donor, spec), donor["y"].to_numpy()[:, None]
    inside = np.take_along_axis(model.probabilities(donor)["y"].to_numpy(), own, 1).mean()
    outside = np.take_along_axis(model.out_of_bag_probabilities()["y"].to_numpy(), own, 1).mean()
    assert inside > 0.7
    assert abs(outside - 0.5) < 0.06


def test_strings_and_numbers_for_the_same_classes_give_the_same_draws() -> None:
    numbers = {"a": 3, "b": 5, "none": 8}
    spec = ModelSpec("m", ("age",), (Target("job", kind="category"), Target("tips")))
    as_text = fit(spec).draw(RECIPIENT, seed=1)
    coded = fit(spec, DONOR.assign(job=DONOR["job"].map(numbers))).draw(RECIPIENT, seed=1)
    assert coded["job"].tolist() == as_text["job"].map(numbers).tolist()
    assert coded["tips"].tolist() == as_text["tips"].tolist()


def test_a_hurdle_has_the_donors_share_of_zeros_and_signs() -> None:
    donor, many = world(3000, 3), world(6000, 4)
    spec = ModelSpec("m", PREDICTORS, (Target("business", is_hurdle=True),))
    model = fit(spec, donor)
    for sign in (-1, 0, 1):
        share = np.average(np.sign(donor["business"]) == sign, weights=donor["w"])
        drawn = [
            (np.sign(model.draw(many, seed=seed)["business"]) == sign).mean() for seed in (1, 2)
        ]
        assert np.mean(drawn) == pytest.approx(share, abs=0.015)
    # Out of bag, before any draw, it is the donors' share itself.
    stage = model.given_predictors("business").stage
    chances = stage.probabilities(model.known.features, own=np.arange(3000))
    share = np.average(donor["business"] == 0, weights=donor["w"])
    assert np.average(chances[:, 1], weights=donor["w"]) == pytest.approx(share, abs=1e-6)


def test_a_hurdles_quantiles_ranks_and_draws_are_one_distribution() -> None:
    model = fit(ModelSpec("m", PREDICTORS, (TARGETS[2],), config=CONFIG))
    grid = (np.arange(400) + 0.5) / 400
    inverted = model.quantiles(RECIPIENT.iloc[:5], grid, ["business"])["business"]
    for row in range(5):
        same = RECIPIENT.iloc[np.repeat(row, 4000)]
        drawn = model.draw(same, seed=3, key=np.arange(4000))["business"].to_numpy()
        for value in (-1.0, 0.0, 5000.0):
            assert (drawn <= value).mean() == pytest.approx(
                (inverted[row] <= value).mean(), abs=0.04
            )
    reported = model.draw(RECIPIENT, seed=4)
    ranks = model.ranks(pd.concat([RECIPIENT, reported], axis=1), seed=5)["business"]
    again = model.at_ranks(RECIPIENT, {"business": ranks})["business"]
    np.testing.assert_allclose(again, reported["business"])


def test_out_of_bag_answers_exist_for_every_kind_of_amount() -> None:
    spec = replace(SPECS["sequential"], config=ImputeConfig(min_leaf=5))
    for name, found in fit(spec).out_of_bag_quantiles([0.1, 0.5, 0.9]).items():
        assert found.shape == (600, 3) and (np.diff(found, axis=1) >= 0).all(), name
    assert (found[:, 2] <= DONOR["wealth"].max()).all()


def test_a_replaced_copy_keeps_its_place_and_its_constraints(fitted) -> None:
    for mode in ("sequential", "copula", "blocks"):
        model = fitted[mode]
        names = [target.name for target in TARGETS[1:]]
        reported = model.draw(RECIPIENT, seed=1)[names]
        near, far = (
            model.redraw(RECIPIENT, reported, kappa, seed=2, key=KEYS) for kappa in (0.2, 1.0)
        )
        assert list(near) == names
        kept, lost = (table["wealth"].corr(reported["wealth"], "spearman") for table in (near, far))
        assert kept > 0.85 and lost < 0.5, mode
        assert (near["tips"] <= RECIPIENT["cap"]).all()
        assert (near["tips"][RECIPIENT["works"] == 0] == 0).all()
        np.testing.assert_allclose(near["stocks"] + near["bonds"], near["wealth"], rtol=1e-9)


def test_redraws_belong_to_keys_and_missing_reports_are_fresh_draws(fitted) -> None:
    model = fitted["sequential"]
    reported = model.draw(RECIPIENT, seed=1)[["wealth"]]
    whole = model.redraw(RECIPIENT, reported, 0.3, seed=2, key=KEYS)
    order = np.random.default_rng(1).permutation(500)[:200]
    moved = model.redraw(RECIPIENT.iloc[order], reported.iloc[order], 0.3, seed=2, key=KEYS[order])
    pd.testing.assert_frame_equal(moved, whole.iloc[order])
    blank = model.redraw(RECIPIENT, reported * np.nan, 0.0, seed=2, key=KEYS)
    fresh = model.redraw(RECIPIENT, reported, 1.0, seed=2, key=KEYS)
    pd.testing.assert_frame_equal(blank, fresh)
    for wrong, message in (
        (reported[["wealth"]].rename(columns={"wealth": "w"}), "hold none of the targets"),
        (reported.iloc[:9], "9 reported values of 'wealth' for 500"),
        (reported.assign(wealth=np.inf), "'wealth' is infinite in 500 of 500"),
        (reported.assign(stocks=1.0, wealth=1.0)[["stocks"]], "'stocks' hangs on 'wealth'"),
        (reported.assign(stocks=1.0), "'stocks' hangs on 'bonds', which was not reported"),
        (reported.assign(job="a"), r"\['job'\] are no amount"),
    ):
        with pytest.raises(ValueError, match=message):
            model.redraw(RECIPIENT, wrong, 0.3, seed=2)


def test_partners_are_drawn_as_dependent_as_the_donors_partners_are() -> None:
    rng = np.random.default_rng(6)
    shared, own = rng.normal(size=1500), rng.normal(size=3000)
    pay = np.exp(10 + 0.8 * np.repeat(shared, 2) + 0.6 * own)
    donor = pd.DataFrame(
        {"age": rng.integers(20, 60, 3000), "pay": pay, "pair": np.arange(3000) // 2}
    )
    spec = ModelSpec("m", ("age",), (Target("pay"),), "copula", config=ImputeConfig(min_leaf=60))
    model = fit_model(donor, spec, pair="pair")
    assert model.copula.between[0, 0] == pytest.approx(0.64, abs=0.06)
    recipient = donor[["age", "pair"]]
    drawn = model.draw(recipient, seed=1, pair="pair")["pay"].to_numpy().reshape(-1, 2)
    alone = model.draw(recipient, seed=1)["pay"].to_numpy().reshape(-1, 2)
    for values, expected in ((drawn, 0.62), (alone, 0.0)):
        assert pd.DataFrame(values).corr("spearman").iloc[0, 1] == pytest.approx(expected, abs=0.08)
    for probability in (0.1, 0.5, 0.9):
        assert np.quantile(drawn, probability) == pytest.approx(
            np.quantile(pay, probability), rel=0.12
        )
    # Order does not matter, and who has no partner is drawn as if there were no pairs.
    order = rng.permutation(3000)
    keys = np.arange(3000)
    moved = model.draw(recipient.iloc[order], seed=1, key=keys[order], pair="pair")
    assert np.array_equal(moved.sort_index()["pay"], drawn.ravel())
    lonely = model.draw(recipient, seed=1, pair=keys)
    assert np.array_equal(lonely["pay"], alone.ravel())
    with pytest.raises(ValueError, match="share their pair with more than one other"):
        model.draw(recipient, seed=1, pair=keys // 3)
    with pytest.raises(ValueError, match="fitted without pairs"):
        fit_model(donor, spec).draw(recipient, seed=1, pair="pair")
    with pytest.raises(ValueError, match="a pair key is for mode 'copula'"):
        fit_model(donor, replace(spec, mode="joint"), pair="pair")


def test_of_many_donors_a_random_part_tells_the_dependence(monkeypatch) -> None:
    donor = world(1200, 9)
    spec = ModelSpec("m", ("age",), (Target("stocks"), Target("bonds")), "copula")
    whole = fit(spec, donor, pair="couple").copula
    monkeypatch.setattr(ranking, "COPULA_DONORS", 600)
    part, again = (fit(spec, donor, pair="couple").copula for _ in range(2))
    assert np.array_equal(part.correlation, again.correlation)
    assert not np.array_equal(part.correlation, whole.correlation)
    assert part.correlation[0, 1] == pytest.approx(whole.correlation[0, 1], abs=0.1)
    assert np.abs(part.between).max() < 0.2


def test_models_refitted_on_bootstraps_say_how_uncertain_the_donors_leave_a_mean() -> None:
    """Families of two equal donors know as much as one of them."""
    rng = np.random.default_rng(8)
    donor = pd.DataFrame({"x": 0.0, "y": np.repeat(rng.normal(size=150), 2), "w": 1.0})
    donor["family"] = np.arange(300) // 2
    spec = ModelSpec("m", ("x",), (Target("y"),), config=ImputeConfig(trees=2))
    many = pd.DataFrame({"x": np.zeros(20_000)})

    def spread(**options: object) -> float:
        models = fit_imputations(donor, spec, 60, "w", **options)
        return float(np.var([model.draw(many, seed=1)["y"].mean() for model in models], ddof=1))

    expected = donor["y"].var() / 150
    assert spread(groups="family") == pytest.approx(expected, rel=0.5)
    assert spread() < 0.75 * expected
    one = fit(replace(spec, name="one"), donor)
    same = np.var([one.draw(many, seed=seed)["y"].mean() for seed in range(20)])
    assert same < 0.1 * expected
    assert combine([0.0, 1.0], [1.0, 1.0]).variance > 1


def test_bootstraps_belong_to_groups_and_names_not_to_rows() -> None:
    spec = ModelSpec("m", ("age",), (Target("tips"),), config=replace(CONFIG, sample_share=1.0))
    first, second = fit_imputations(DONOR, spec, 2, "w", groups="couple")
    assert first.spec.name == "m/0"
    assert not np.allclose(first.weights, second.weights)
    factor = first.weights / DONOR["w"]
    assert np.allclose(factor[::2], factor[1::2])
    assert np.mean(factor) == pytest.approx(1, abs=0.2)
    moved = next(fit_imputations(DONOR.iloc[::-1], spec, 1, "w", groups="couple"))
    assert np.array_equal(moved.weights[::-1], first.weights)
    with pytest.raises(ValueError, match="0 imputations"):
        next(fit_imputations(DONOR, spec, 0))


def test_codes_that_no_donor_has_are_drawn_for_with_a_warning(fitted) -> None:
    strange = RECIPIENT.assign(works=np.where(np.arange(500) < 25, 7, RECIPIENT["works"]))
    with pytest.warns(UnseenCategoryWarning, match=r"25 of 500 .* 'works' .* \[7.0\]"):
        drawn = fitted["joint"].draw(strange, seed=1, key=KEYS)
    nearest = RECIPIENT.assign(works=np.where(np.arange(500) < 25, 1, RECIPIENT["works"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pd.testing.assert_frame_equal(fitted["joint"].draw(nearest, seed=1, key=KEYS), drawn)
    assert fitted["joint"].support(strange).loc["works", "unseen"] == 0.05
