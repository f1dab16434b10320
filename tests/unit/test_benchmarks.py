"""What the benchmark scripts add up and print is right at the edges."""

import importlib.util
import math
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


stages = _load("build_stages")
results = _load("results_table")


@pytest.mark.parametrize(
    ("intervals", "length"),
    [
        ([], 0.0),
        ([(0.0, 2.0), (1.0, 3.0)], 3.0),
        ([(5.0, 6.0), (0.0, 1.0)], 2.0),
        ([(0.0, 10.0), (2.0, 3.0), (9.0, 12.0)], 12.0),
    ],
)
def test_overlapping_nodes_are_on_the_clock_once(
    intervals: list[tuple[float, float]], length: float
) -> None:
    assert stages.union_length(intervals) == length


def test_peak_is_of_the_stage_alone() -> None:
    samples = [(0.0, 10), (1.0, 50), (2.0, 20)]
    assert stages.peak_within(samples, [(1.5, 2.0)]) == 20
    assert stages.peak_within(samples, [(0.0, 0.5), (1.0, 1.0)]) == 50
    assert stages.peak_within(samples, [(3.0, 4.0)]) == 0


@pytest.mark.parametrize(
    ("name", "path", "stage"),
    [
        ("model.steelyard.stg_a__b", "models/staging/a/stg_a__b.sql", "sources and staging"),
        ("model.steelyard.imp_draw", "python_models/imputation/imp_draw.py", "imputation"),
        ("model.steelyard.cal_matrix", "models/calibration/cal_matrix.sql", "calibration: matrix"),
        ("model.steelyard.cal_solution", "python_models/calibration/x.py", "calibration: solve"),
        (
            "model.steelyard.cal_weight",
            "models/calibration/cal_weight.sql",
            "calibration: achievement",
        ),
        ("seed.steelyard.params_ssa_cola", "src/steelyard/oasdi/data/x.csv", "seeds"),
        ("snapshot.steelyard.snap_fact", "snapshots/_snapshots.yml", "targets"),
        ("unit_test.steelyard.tgt_fact.edge", "models/targets/x.yml", "tests"),
    ],
)
def test_each_node_has_its_stage(name: str, path: str, stage: str) -> None:
    assert stages.stage_of(name, path, {"model.steelyard.cal_matrix"}) == stage


def test_ancestors_are_found_through_others() -> None:
    parents = {"model.s.cal_solution": ["model.s.b"], "model.s.b": ["seed.s.a"], "seed.s.a": []}
    assert stages.ancestors(parents, "cal_solution") == {"model.s.b", "seed.s.a"}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "USD", "–"),
        (14_833_957_000_000.0, "USD", "$14.83 trillion"),
        (161_336_659.0, "returns", "161.34 million"),
        (74580.0, "USD", "$74,580"),
        (0.115, "share", "11.5 %"),
        (0.488, "index", "0.488"),
    ],
)
def test_figures_have_their_unit(value: float | None, unit: str, text: str) -> None:
    assert results.figure(value, unit) == text


def test_what_is_unknown_is_a_dash_and_no_zero() -> None:
    assert results.percent(None, 1) == "–"
    assert results.percent(math.nan, 1) == "–"
    assert results.relative_error(None, 5.0) is None
    assert results.relative_error(5.0, 0.0) is None
    assert results.percent(results.relative_error(90.0, 100.0), 1, True) == "−10.0 %"


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert results.table(("a", "b"), [("x|y", "1")], numbers=(1,)) == (
        "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"
    )
    assert results.table(("a",), []) == "None."


def test_person_months_are_padded_to_the_width_of_the_real_file(tmp_path: Path) -> None:
    _load("steps")
    sipp = _load("sipp")
    path = tmp_path / f"pu{sipp.VINTAGE}_csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"pu{sipp.VINTAGE}.csv", "SSUID|TAGE|X\n0001|33|\n0002||9\n")
    sipp.widen(tmp_path, 6)
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(f"pu{sipp.VINTAGE}.csv").decode().splitlines()
    assert lines == ["SSUID|TAGE|X|UNREAD0|UNREAD1|UNREAD2", "0001|33||||", "0002||9|||"]


def test_steps_are_told_in_seconds_rows_and_gibibytes() -> None:
    steps = _load("steps")
    lines = steps.table({"land": steps.Step(2.0, 3.5, 2**31)}, 1_000_000)
    assert lines[-1] == "| land | 2.0 | 3.5 | 500,000 | 2.00 |"
