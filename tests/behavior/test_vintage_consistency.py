"""A break of a variable between two vintages is flagged; sampling noise and growth are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest

from steelyard.frame import stream

ROOT = Path(__file__).resolve().parents[2]
MODELS = (
    "val_vintage_moment",
    "val_vintage_category",
    "val_vintage_statistic",
    "val_vintage_consistency",
)
MACROS = "".join(
    (ROOT / "macros" / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("surveys", "vintage_distribution")
)
VINTAGES = (2021, 2022, 2023)
KINDS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "int_household": {
        "dataset_id": ("varchar", {"theme": "identity"}),
        "household_id": ("bigint", {"theme": "identity"}),
        "design_weight": ("double", {"theme": "identity", "unit": "households"}),
        "snap_reported": ("double", {"theme": "benefits", "unit": "USD per year"}),
    },
    "int_person": {
        "dataset_id": ("varchar", {"theme": "identity"}),
        "person_id": ("bigint", {"theme": "identity"}),
        "person_weight": ("double", {"theme": "identity", "unit": "persons"}),
        "age": ("integer", {"theme": "demography", "unit": "years"}),
        "race": ("varchar", {"theme": "demography", "values": ["white", "black", "other"]}),
        "is_disabled": ("boolean", {"theme": "demography"}),
        "employment_income": ("double", {"theme": "income", "unit": "USD per year"}),
        "rental_income": ("double", {"theme": "income", "unit": "USD per year"}),
    },
}
Frames = dict[str, pd.DataFrame]
Change = Callable[[Frames], None]


def world(seed: int, households: int = 1500) -> Frames:
    """Draw one law of population afresh in each vintage; dollars grow as wages do."""
    index = pd.read_csv(ROOT / "src/steelyard/oasdi/data/params_ssa_average_wage_index.csv")
    wages = index[index.scenario == "published"].set_index("year").average_wage_index
    parts: dict[str, list[pd.DataFrame]] = {"int_household": [], "int_person": []}
    for vintage in VINTAGES:
        rng = stream(seed, "vintages", str(vintage))
        dollars = wages[vintage - 1] / wages[VINTAGES[0] - 1]
        dataset = f"demo_survey_{vintage - 1}"
        weight = rng.gamma(4, 1, households)
        weight = np.round(weight * 130e6 / weight.sum(), 2)
        receives = rng.random(households) < 0.12
        parts["int_household"].append(
            pd.DataFrame(
                {
                    "dataset_id": dataset,
                    "household_id": np.arange(households),
                    "design_weight": weight,
                    "snap_reported": receives * np.round(rng.gamma(2, 1500, households) * dollars),
                }
            )
        )
        people = 2 * households
        age = rng.integers(0, 86, people)
        works = (rng.random(people) < 0.6) & (age >= 15)
        lets = (rng.random(people) < 0.08) & (age >= 15)
        parts["int_person"].append(
            pd.DataFrame(
                {
                    "dataset_id": dataset,
                    "person_id": np.arange(people),
                    "person_weight": np.repeat(weight, 2),
                    "age": age.astype("int32"),
                    "race": rng.choice(["white", "black", "other"], people, p=[0.7, 0.2, 0.1]),
                    "is_disabled": np.where(age >= 15, rng.random(people) < 0.15, None),
                    "employment_income": np.round(
                        works * rng.lognormal(10.5, 0.8, people) * dollars
                    ),
                    "rental_income": np.round(lets * rng.normal(3000, 12000, people) * dollars),
                }
            )
        )
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def last(frame: pd.DataFrame) -> pd.Series:
    return frame["dataset_id"] == f"demo_survey_{VINTAGES[-1] - 1}"


def consistency(
    frames: Frames, *, listed_from: dict[str, int] | None = None, declared: str | None = None
) -> pd.DataFrame:
    """Run the models' own SQL over these tables."""
    session = duckdb.connect(config={"threads": 2})
    for name, frame in frames.items():
        columns = ", ".join(f"cast({each} as {KINDS[name][each][0]}) as {each}" for each in frame)
        session.register("frame", frame)
        session.sql(f"create table {name} as select {columns} from frame")
    for name in ("params_vintage_statistic", "params_ssa_average_wage_index"):
        (path,) = [*ROOT.glob(f"seeds/*/{name}.csv"), *ROOT.glob(f"src/**/{name}.csv")]
        session.sql(f"create table {name} as from read_csv('{path}')")
    columns = [
        (table, name, meta) for table, own in KINDS.items() for name, (_, meta) in own.items()
    ]
    tables = {
        "int_dataset": pd.DataFrame(
            {
                "dataset_id": [f"demo_survey_{year - 1}" for year in VINTAGES],
                "survey": "survey",
                "survey_year": VINTAGES,
                "income_year": [year - 1 for year in VINTAGES],
            }
        ),
        "dictionary": pd.DataFrame(
            [(table, name, meta.get("unit", "")) for table, name, meta in columns],
            columns=["table_name", "column_name", "unit"],
        ),
        "dictionary_source": pd.DataFrame(
            [
                (table, name, "survey", (listed_from or {}).get(name, 2019), 2030)
                for table, name, _ in columns
            ],
            columns=["table_name", "column_name", "survey", "first_vintage", "last_vintage"],
        ),
        "params_declared_break": pd.DataFrame(
            [("survey", "int_person", declared or "", VINTAGES[-1], "other questions")],
            columns=["survey", "table_name", "variable", "vintage", "reason"],
        ),
    }
    for name, table in tables.items():
        session.register(f"{name}_frame", table)
        session.sql(f"create table {name} as from {name}_frame")
    graph = {
        "nodes": {
            name: {
                "name": name,
                "columns": {
                    each: {"name": each, "data_type": kind, "config": {"meta": meta}}
                    for each, (kind, meta) in own.items()
                },
            }
            for name, own in KINDS.items()
        }
    }
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    for model in MODELS:
        text = (ROOT / "models" / "validation" / f"{model}.sql").read_text(encoding="utf-8")
        session.sql(
            f"create table {model} as "
            + environment.from_string(MACROS + text).render(ref=str, graph=graph)
        )
    return session.sql("from val_vintage_consistency").df()


def jumps(result: pd.DataFrame) -> set[tuple[str, str, int]]:
    found = result[result.is_jump & result.explanation.isna()]
    return set(zip(found.column_name, found.statistic, found.survey_year, strict=True))


def multiplied(table: str, column: str, factor: float) -> Change:
    def change(frames: Frames) -> None:
        frames[table].loc[last(frames[table]), column] *= factor

    return change


def lost(column: str) -> Change:
    def change(frames: Frames) -> None:
        frame = frames["int_person"]
        frame.loc[last(frame), column] = None

    return change


def zeroed(frames: Frames) -> None:
    """Lets those who have no income be unknown, as a sentinel misread would."""
    frame = frames["int_person"]
    frame.loc[last(frame) & (frame.employment_income == 0), "employment_income"] = None


def turned(frames: Frames) -> None:
    frame = frames["int_person"]
    frame.loc[last(frame), "is_disabled"] = ~frame.loc[last(frame), "is_disabled"].astype("boolean")


def recoded(frames: Frames) -> None:
    frame = frames["int_person"]
    frame.loc[last(frame), "race"] = frame.loc[last(frame), "race"].replace("other", "black")


BREAKS: dict[str, tuple[Change, set[tuple[str, str]]]] = {
    "multiplied by 100": (
        multiplied("int_person", "employment_income", 100),
        {
            ("employment_income", "mean"),
            ("employment_income", "median_present"),
            ("employment_income", "p99_present"),
        },
    ),
    "dollars of another unit": (
        multiplied("int_household", "snap_reported", 1 / 12),
        {("snap_reported", "mean"), ("snap_reported", "median_present")},
    ),
    "implied decimals left in": (
        multiplied("int_person", "person_weight", 100),
        {("person_weight", "total")},
    ),
    "implied decimals taken twice": (
        multiplied("int_household", "design_weight", 0.01),
        {("design_weight", "total")},
    ),
    "null": (lost("age"), {("age", "missing_share")}),
    "null category": (lost("race"), {("race", "missing_share")}),
    "null for zero": (
        zeroed,
        {
            ("employment_income", "missing_share"),
            ("employment_income", "zero_share"),
            ("employment_income", "mean"),
        },
    ),
    "yes for no": (turned, {("is_disabled", "true_share")}),
    "a code of another meaning": (recoded, {("race", "category_share")}),
}


@pytest.mark.parametrize("seed", range(3))
def test_noise_and_growth_are_no_break(seed: int) -> None:
    result = consistency(world(seed))
    assert jumps(result) == set()
    compared = result.dropna(subset=["value_change"])
    assert set(compared.statistic) == set(result.statistic)
    assert set(compared.survey_year) == set(VINTAGES[1:])


@pytest.mark.parametrize("name", BREAKS)
def test_an_injected_break_is_flagged_where_it_is(name: str) -> None:
    change, expected = BREAKS[name]
    frames = world(11)
    change(frames)
    found = jumps(consistency(frames))
    assert found == {(column, statistic, VINTAGES[-1]) for column, statistic in expected}


def test_a_declared_break_explains_its_vintage_only() -> None:
    frames = world(5)
    multiplied("int_person", "employment_income", 100)(frames)
    result = consistency(frames, declared="employment_income")
    assert jumps(result) == set()
    assert set(result[result.is_jump].explanation) == {"other questions"}
    assert jumps(consistency(frames, declared="rental_income"))


def test_the_crosswalk_explains_a_variable_that_begins() -> None:
    frames = world(5)
    frame = frames["int_person"]
    frame.loc[~last(frame), "age"] = None
    assert jumps(consistency(frames)) == {("age", "missing_share", VINTAGES[-1])}
    assert jumps(consistency(frames, listed_from={"age": VINTAGES[-1]})) == set()


def test_the_order_of_records_changes_nothing() -> None:
    frames = world(7, households=400)
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in frames.items()}
    pd.testing.assert_frame_equal(consistency(frames), consistency(shuffled), check_exact=True)


def test_statistics_are_those_of_the_records() -> None:
    frames = world(3, households=300)
    frame = frames["int_person"][last(frames["int_person"])]
    result = consistency(frames)
    here = result[(result.survey_year == VINTAGES[-1]) & (result.table_name == "int_person")]
    value = here.set_index(["column_name", "statistic", "category"]).statistic_value
    weights, amounts = frame.person_weight, frame.rental_income
    total = weights.sum()
    present = frame[amounts != 0].sort_values("rental_income")
    reached = present.person_weight.cumsum() / present.person_weight.sum()
    expected = {
        ("rental_income", "mean"): (weights * amounts).sum() / total,
        ("rental_income", "zero_share"): weights[amounts == 0].sum() / total,
        ("rental_income", "missing_share"): 0,
        ("rental_income", "median_present"): present.rental_income[reached >= 0.5].iloc[0],
        ("is_disabled", "missing_share"): weights[frame.age < 15].sum() / total,
        ("is_disabled", "true_share"): weights[frame.is_disabled == True].sum()  # noqa: E712  null is neither
        / weights[frame.age >= 15].sum(),
        ("person_weight", "total"): total,
    }
    found = {key: value[(*key, np.nan)] for key in expected}
    assert found == pytest.approx(expected, rel=1e-9)
    assert value[("race", "category_share", "white")] == pytest.approx(
        weights[frame.race == "white"].sum() / total
    )
