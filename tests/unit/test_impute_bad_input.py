"""What a model cannot use is a named error; what it can bear is drawn, the same in every mode."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.impute import ImputeConfig, ModelSpec, Target, UnseenCategoryWarning, fit_model
from steelyard.impute import model as model_module

CONFIG = ImputeConfig(trees=5)
MODES = pytest.mark.parametrize("mode", ["sequential", "joint", "copula", "hurdle", "category"])


def donors(count: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, count),
            "works": np.arange(count) % 2,
            "gains": np.where(rng.random(count) < 0.7, 0, rng.normal(0, 1e4, count).round()),
            "homes": rng.integers(0, 3, count),
            "job": rng.choice(["a", "b"], count),
            "w": rng.lognormal(0, 1, count),
        }
    )


def spec(mode: str, **settings: object) -> ModelSpec:
    """Return a model of gains and homes in each mode, and with each kind of target."""
    hurdle, kind = mode == "hurdle", "category" if mode == "category" else "amount"
    targets = (
        Target("gains", is_hurdle=hurdle, **settings),
        Target("homes", kind=kind, only_if=settings.get("only_if")),
    )
    known = mode if mode in ("joint", "copula") else "sequential"
    return ModelSpec("m", ("age", "works"), targets, known, config=CONFIG)


def with_value(column: str, rows: list[int], value: float) -> pd.DataFrame:
    donor = donors().astype({column: float})
    donor.loc[rows, column] = value
    return donor


@MODES
@pytest.mark.parametrize(
    ("donor", "message"),
    [
        (donors().drop(columns="works"), "donor: column 'works' occurs 0 times"),
        (with_value("age", [3, 5], np.nan), r"'age' has 2 of 90 .* not finite .*\[3, 5\]"),
        (with_value("age", [3], np.inf), r"'age' has 1 of 90"),
        (with_value("homes", [4], np.nan), r"'homes' (has 1 of 90|is missing in 1 of 90)"),
        (with_value("homes", [4], -np.inf), r"'homes' has 1 of 90 .* not finite"),
        (with_value("w", [7, 8], -1.0), r"'w' is negative in 2 of 90 rows .*\[7, 8\]"),
        (donors().assign(w=0.0), "'w' is zero in all 90 rows"),
        (donors().iloc[:0], "donor: the table has no rows"),
        (with_value("gains", [2], 1e39), r"'gains' holds 1e\+39 in row 2"),
    ],
)
def test_donors_that_cannot_be_used_are_refused(mode, donor, message) -> None:
    with pytest.raises(ValueError, match=message):
        fit_model(donor, spec(mode), "w")


@MODES
def test_constant_and_all_zero_targets_are_drawn_as_they_are(mode) -> None:
    donor = donors().assign(gains=0.0, homes=2)
    drawn = fit_model(donor, spec(mode), "w").draw(donors(), seed=1)
    assert set(drawn["gains"]) == {0.0} and set(drawn["homes"]) == {2}


@MODES
def test_one_donor_is_everybodys_donor(mode) -> None:
    donor = donors().iloc[[7]]
    model = fit_model(donor, spec(mode), "w")
    with pytest.warns(UnseenCategoryWarning):
        drawn = model.draw(donors(), seed=1)
    expected = donor[["gains", "homes"]].iloc[[0] * 90].reset_index(drop=True)
    pd.testing.assert_frame_equal(drawn, expected)


@MODES
def test_recipients_that_do_not_fit_into_memory_are_drawn_in_parts(mode, monkeypatch) -> None:
    model = fit_model(donors(), spec(mode), "w")
    whole, sizes = model.draw(donors(), seed=1), []
    name = "by_rank" if mode == "copula" else "by_donor"
    drawing = getattr(model_module, name)

    def watched(spec, known, blocks, chunk, *more):
        sizes.append(len(chunk.known))
        return drawing(spec, known, blocks, chunk, *more)

    monkeypatch.setattr(model_module, name, watched)
    monkeypatch.setattr(model_module, "BYTES_PER_RECIPIENT", 256 * 2**20 // 40)
    pd.testing.assert_frame_equal(model.draw(donors(), seed=1), whole)
    assert max(sizes) < 41 and sum(sizes) == 90


@MODES
def test_a_condition_that_no_donor_meets_is_refused(mode) -> None:
    wanting = spec(mode, only_if="works")
    assert (fit_model(donors(), wanting, "w").draw(donors(), seed=1)["gains"][::2] == 0).all()
    with pytest.raises(ValueError, match="'works', without which 'gains' is zero, is 0 for all 90"):
        fit_model(donors().assign(works=0), wanting, "w")


def test_what_a_constraint_contradicts_is_refused_with_its_rows() -> None:
    capped = replace(spec("sequential"), targets=(Target("gains", at_least=0, at_most="age"),))
    model = fit_model(donors(), capped, "w")
    with pytest.raises(ValueError, match=r"recipient: 'age' caps 'gains' .* in 1 of 90 .*\[6\]"):
        model.draw(with_value("age", [6], -1.0), seed=1)
    with pytest.raises(ValueError, match="donor: 'age' caps 'gains' below its at_least 0"):
        fit_model(with_value("age", [6], -1.0), capped, "w")
    parts = (Target("gains", total="age", at_least=0, at_most=5), Target("homes", total="age"))
    free = fit_model(donors(), replace(capped, targets=parts), "w").draw(donors(), seed=1)
    np.testing.assert_allclose(free.sum(axis=1), donors()["age"])
    tight = replace(capped, targets=(parts[0], replace(parts[1], only_if="works")))
    with pytest.raises(
        ValueError, match=r"\['gains', 'homes'\] leave no way to sum to 'age' in 45"
    ):
        fit_model(donors(), tight, "w").draw(donors(), seed=1)


def test_categories_that_cannot_be_told_apart_are_refused() -> None:
    job = replace(spec("sequential"), targets=(Target("job", kind="category"),))
    mixed = donors().astype({"job": object})
    mixed.loc[3, "job"] = 7
    with pytest.raises(ValueError, match=r"'job' .* neither all numbers nor all strings"):
        fit_model(mixed, job, "w")
    with pytest.raises(ValueError, match=r"'job' is missing in 1 of 90 rows .*\[3\]"):
        fit_model(donors().assign(job=donors()["job"].where(donors().index != 3)), job, "w")
    with pytest.raises(ValueError, match="'jobs' occurs 0 times, not once; did you mean 'job'"):
        fit_model(donors(), replace(job, targets=(Target("jobs", kind="category"),)), "w")
    zero = replace(job, targets=(Target("job", kind="category", only_if="works"),))
    with pytest.raises(ValueError, match="would make a string zero; give numeric codes"):
        fit_model(donors(), zero, "w")
    after = replace(job, targets=(*job.targets, Target("gains", only_if="job")))
    with pytest.raises(ValueError, match="'job', a category of strings; give it numeric codes"):
        fit_model(donors(), after, "w")


def test_a_category_has_no_quantiles_and_an_amount_no_classes() -> None:
    targets = (Target("job", kind="category"), Target("gains"))
    model = fit_model(donors(), replace(spec("sequential"), targets=targets), "w")
    assert list(model.quantiles(donors(), [0.5])) == ["gains"]
    for ask in (model.quantiles, lambda *_: model.at_ranks(donors(), {"job": np.zeros(90)})):
        with pytest.raises(ValueError, match=r"\['job'\] are no amount targets; ask for prob"):
            ask(donors(), [0.5], ["job"])
    with pytest.raises(ValueError, match=r"\['gains'\] are no category targets; ask for quant"):
        model.probabilities(donors(), ["gains"])
    with pytest.raises(ValueError, match=r"\['pay'\] are not among the targets"):
        model.quantiles(donors(), [0.5], ["pay"])
    only = fit_model(donors(), replace(spec("sequential"), targets=targets[:1]), "w")
    with pytest.raises(ValueError, match="are no amount targets"):
        only.quantiles(donors(), [0.5])
    with pytest.raises(ValueError, match="draws by rank, not from donors"):
        fit_model(donors(), spec("copula"), "w").donors(donors(), seed=1)


def test_tables_of_arrow_and_pandas_give_the_same_draws() -> None:
    targets = (Target("job", kind="category"), Target("gains", is_hurdle=True))
    model = replace(spec("sequential"), targets=targets)
    drawn = fit_model(donors(), model, "w").draw(donors(), seed=1)
    arrow = pa.Table.from_pandas(donors())
    fitted = fit_model(arrow, model, "w")
    typed = fit_model(donors().astype({"job": "category"}), model, "w")
    pd.testing.assert_frame_equal(typed.draw(donors(), seed=1), drawn)
    assert isinstance(fitted.draw(arrow, seed=1), pa.Table)
    pd.testing.assert_frame_equal(fitted.draw(arrow, seed=1).to_pandas(), drawn)
    reported = drawn[["gains"]]
    moved = fitted.redraw(arrow, pa.Table.from_pandas(reported), 0.5, seed=2)
    expected = fitted.redraw(donors(), reported, 0.5, seed=2)
    pd.testing.assert_frame_equal(moved.to_pandas(), expected)
