"""A plan is read from the YAML of its table; what cannot be drawn is refused by name."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from steelyard.impute import Target
from steelyard.warehouse.plans import PlanError, planned, read_plan

REPOSITORY = Path(__file__).resolve().parents[2]
DRAW: dict[str, Any] = {"key": "person_id", "predictors": ["age", "wage"], "mode": "sequential"}


def column(name: str, draw: object = "none") -> dict[str, Any]:
    meta = {"unit": "USD"} | ({} if draw == "none" else {"draw": draw})
    return {"name": name, "data_type": "double", "config": {"meta": meta}}


def write(folder: Path, *columns: dict[str, Any], draw: object = DRAW) -> None:
    meta = {} if draw is None else {"draw": draw}
    table = {"name": "imp_survey", "config": {"meta": meta}, "columns": list(columns)}
    (folder / "imputation.yml").write_text(yaml.safe_dump({"models": [table]}, sort_keys=False))


def test_columns_become_targets_in_their_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        column("person_id"),
        column("tips", {"only_if": "wage", "is_hurdle": True, "at_most": "wage"}),
        column("wealth", {}),
        column("bonds", {"with": "wealth"}),
    )
    plan = read_plan("imp_survey", seed=7, folder=tmp_path)
    assert plan.key == "person_id"
    assert plan.copies == (0, 1)
    assert plan.companions == (("bonds", "wealth"),)
    assert plan.spec.predictors == ("age", "wage")
    assert plan.spec.targets == (
        Target("tips", is_hurdle=True, only_if="wage", at_most="wage"),
        Target("wealth"),
    )
    assert (plan.spec.name, plan.spec.config.seed) == ("imp_survey", 7)


def test_settings_of_the_forest_and_blocks_are_passed_on(tmp_path: Path) -> None:
    draw = DRAW | {"trees": 9, "min_leaf": 3, "blocks": [["wealth", "bonds"]]}
    write(tmp_path, column("wealth", {}), column("bonds", None), draw=draw)
    plan = read_plan("imp_survey", seed=7, folder=tmp_path)
    assert (plan.spec.config.trees, plan.spec.config.min_leaf) == (9, 3)
    assert plan.spec.blocks == (("wealth", "bonds"),)


@pytest.mark.parametrize(
    ("name", "columns", "draw", "said"),
    [
        ("imp_survy", [column("x", {})], DRAW, r"no table 'imp_survy' \(nearest: 'imp_survey'\)"),
        ("imp_survey", [column("x", {})], None, "no `draw` under config.meta"),
        ("imp_survey", [column("x", {})], {"key": "id"}, "`draw` lacks 'predictors'"),
        ("imp_survey", [column("x")], DRAW, "no column has `draw`"),
        (
            "imp_survey",
            [column("x", {"only_iff": "age"})],
            DRAW,
            r"imp_survey\.x: unknown setting 'only_iff' \(nearest: 'only_if'\); known are at_least",
        ),
        (
            "imp_survey",
            [column("x", {})],
            DRAW | {"predictor": ["age"]},
            r"unknown setting 'predictor' \(nearest: 'predictors'\)",
        ),
        ("imp_survey", [column("x", {"kind": "amonut"})], DRAW, "Target 'x': kind is 'amonut'"),
        ("imp_survey", [column("x", {})], DRAW | {"trees": 0}, "trees is 0"),
        ("imp_survey", [column("x", {})], DRAW | {"mode": "both"}, "mode is 'both'"),
        (
            "imp_survey",
            [column("x", {}), column("y", {"with": "z"})],
            DRAW,
            "'y' is taken with 'z', which is not drawn",
        ),
        ("imp_survey", [column("age", {})], DRAW, "'age'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(
    tmp_path: Path, name: str, columns: list[dict[str, Any]], draw: object, said: str
) -> None:
    write(tmp_path, *columns, draw=draw)
    with pytest.raises(PlanError, match=said) as refused:
        read_plan(name, seed=1, folder=tmp_path)
    assert str(tmp_path) in str(refused.value)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("models: [")
    with pytest.raises(PlanError, match=r"broken\.yml: no YAML"):
        read_plan("imp_survey", seed=1, folder=tmp_path)


def test_every_plan_of_the_repository_can_be_read() -> None:
    folder = REPOSITORY / "models" / "imputation"
    names = planned(folder)
    assert "imp_scf" in names
    plans = {name: read_plan(name, seed=1, folder=folder) for name in names}
    # Draws belong to names and to the order: another one would move what is released.
    assert plans["imp_scf"].spec.names[:4] == (
        "business_income",
        "interest_dividend_income",
        "capital_gains",
        "net_worth",
    )


def test_who_gives_and_who_receives_have_what_the_plan_asks_of_them() -> None:
    folder = REPOSITORY / "models" / "imputation"
    columns = {
        table["name"]: {described["name"] for described in table.get("columns", [])}
        for page in folder.glob("*.yml")
        for table in yaml.safe_load(page.read_text(encoding="utf-8")).get("models") or ()
    }
    lacking = {}
    for name in planned(folder):
        plan = read_plan(name, seed=1, folder=folder)
        predictors, variables = set(plan.spec.predictors), set(plan.variables)
        # A candidate is drawn from the records of the income it is a candidate for.
        record = f"{name.removesuffix('_candidate')}_record"
        donors = columns[record if record in columns else f"{name}_donor"]
        recipients = columns[record if record in columns else f"{name}_recipient"]
        missing = (predictors | variables) - donors | predictors - recipients
        missing |= {plan.key, *variables} - columns[name]
        missing |= {"copy_id"} - {"copy_id" if "draw_id" in columns[name] else "", *columns[name]}
        if missing:
            lacking[name] = sorted(missing)
    assert lacking == {}
