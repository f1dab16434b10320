"""A spec that contradicts itself is refused when it is written, saying what and where."""

from dataclasses import asdict, replace

import pytest

from steelyard.impute import ImputeConfig, ModelSpec, Target

GAINS, DEBT, JOB = Target("gains"), Target("debt"), Target("job", kind="category")


def spec(*targets: Target, **changes: object) -> ModelSpec:
    given = {"name": "m", "predictors": ("age", "works"), "targets": targets}
    return ModelSpec(**(given | changes))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": ""}, "name is empty"),
        ({"kind": "code"}, "kind is 'code', not one of"),
        ({"kind": "category", "is_hurdle": True}, "is_hurdle is for amounts"),
        ({"kind": "category", "at_least": 0}, "at_least is for amounts"),
        ({"kind": "category", "total": "sum"}, "total is for amounts"),
        ({"only_if": "gains"}, "only_if must name another column"),
        ({"at_most": ""}, "at_most must name another column"),
        ({"at_most": float("inf")}, "at_most is inf; leave it out"),
        ({"at_least": 2, "at_most": 1}, "at_least 2 exceeds at_most 1"),
    ],
)
def test_targets_that_contradict_themselves_are_refused(settings, message) -> None:
    with pytest.raises(ValueError, match=message):
        Target(**({"name": "gains"} | settings))


@pytest.mark.parametrize(
    ("targets", "changes", "message"),
    [
        ([GAINS], {"name": ""}, "name is empty"),
        ([GAINS], {"mode": "hybrid"}, "'m': mode is 'hybrid'"),
        ([], {}, "at least one predictor and one target"),
        ([GAINS], {"predictors": ()}, "at least one predictor and one target"),
        ([GAINS, GAINS], {}, r"\['gains'\] named more than once"),
        ([GAINS], {"predictors": ("gains",)}, r"\['gains'\] named more than once"),
        ([GAINS, DEBT], {"blocks": (("gains",),)}, r"missing: \['debt'\]"),
        ([GAINS], {"blocks": (("gains", "dept"),)}, r"no targets: \['dept'\]"),
        ([GAINS], {"blocks": (("gains",), ())}, "none may be empty"),
        ([GAINS, DEBT], {"blocks": (("gains",), ("gains", "debt"))}, r"blocks name \['gains'\]"),
        ([GAINS], {"blocks": (("gains",),), "mode": "copula"}, "exclude each other"),
        ([JOB], {"mode": "copula"}, r"categories \['job'\] have no ranks"),
        ([Target("a", is_hurdle=True), DEBT], {"mode": "joint"}, r"hurdle \['a'\] shares"),
        ([Target("a", only_if="works"), DEBT], {"mode": "joint"}, "have different only_if"),
        ([Target("a", only_if="debt"), DEBT], {}, "only_if of 'a' is 'debt', neither"),
        ([Target("a", total="debt"), DEBT], {"mode": "joint"}, "total of 'a' is 'debt', neither"),
        ([GAINS, Target("a", at_most="gains")], {}, "at_most of 'a' is 'gains', not a predictor"),
    ],
)
def test_models_that_contradict_themselves_are_refused(targets, changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        spec(*targets, **changes)


def test_blocks_are_as_named_or_as_the_mode_says() -> None:
    assert spec(GAINS, DEBT).order == ((GAINS,), (DEBT,))
    assert spec(GAINS, DEBT, mode="copula").order == ((GAINS,), (DEBT,))
    assert spec(GAINS, DEBT, mode="joint").order == ((GAINS, DEBT),)
    blocks = (("debt",), ("job", "gains"))
    assert spec(GAINS, DEBT, JOB, blocks=blocks).in_order == (DEBT, JOB, GAINS)


def test_specs_go_into_a_manifest_and_are_keys() -> None:
    one = spec(GAINS, config=ImputeConfig(trees=7))
    assert asdict(one)["config"]["trees"] == 7
    assert len({one, replace(one), replace(one, name="other")}) == 2
