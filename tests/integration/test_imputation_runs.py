"""The book of imputation runs: written once, read back, and nothing sent anywhere."""

import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.impute import ForestImputer, ImputeConfig
from steelyard.impute.identity import run_id
from steelyard.impute.runs import ImputationRun, describe, run_of, with_run
from steelyard.impute.scorecard import COLUMNS
from steelyard.warehouse.imputation_runs import (
    book_of,
    read_runs,
    record_run,
    record_scores,
    recorded,
    scored,
)

RUN = ImputationRun(
    "0123456789ab",
    "imp_scf",
    {"spec": {"name": "imp_scf", "config": {"trees": 7}}, "predictors": ["age", "wage"]},
    {"donors": "d" * 64, "forests": "f" * 64},
)
SCORES = pd.DataFrame(
    [
        ("imp_scf", "net", "pinball", None, 2.5),
        ("imp_scf", "net", "pinball", "0.05", 1.25),
        ("imp_scf", "net", "gini_true", None, np.nan),
        ("imp_scf", "all", "rank_correlation_error", "net debt", -0.125),
    ],
    columns=COLUMNS,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with one run and its scores, written with every way out of the machine shut."""
    path = tmp_path_factory.mktemp("runs") / "deeper" / "runs.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was made"))
        record_run(RUN, path)
        record_scores(RUN.run_id, SCORES, path)
    return path


def told(store: Path, kind: str) -> dict[str, str]:
    table = read_runs(store)
    assert set(table["imputation_run_id"]) == {RUN.run_id}
    return dict(table.loc[table["kind"] == kind, ["name", "value"]].to_numpy())


def test_what_was_written_is_read_back(store: Path) -> None:
    parameters = told(store, "parameter")
    assert parameters["spec.config.trees"] == "7" and parameters["predictors"] == '["age", "wage"]'
    tags = told(store, "tag")
    assert (tags["model"], tags["forests_sha256"]) == ("imp_scf", "f" * 64)
    assert {name: float(value) for name, value in told(store, "score").items()} == {
        "net.pinball": 2.5,
        "net.pinball.0.05": 1.25,
        "all.rank_correlation_error.net debt": -0.125,
    }


def test_a_second_writing_changes_nothing(store: Path) -> None:
    before = store.read_bytes()
    record_run(RUN, store)
    record_scores(RUN.run_id, SCORES, store)
    assert store.read_bytes() == before


def test_better_scores_take_the_place_of_old_ones(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "runs.db"
    copy.write_bytes(store.read_bytes())
    record_scores(RUN.run_id, SCORES.iloc[:1].assign(value=1.5), copy)
    assert told(copy, "score") == {"net.pinball": "1.5"}


def test_scores_of_an_unknown_run_are_refused(store: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no run 'other'; record the run"):
        record_scores("other", SCORES, store)
    with pytest.raises(ValueError, match="no run 'other'"):
        record_scores("other", SCORES, tmp_path / "none.db")
    assert read_runs(tmp_path / "none.db").empty


def test_draws_carry_their_run_through_parquet_into_the_book(store: Path, tmp_path: Path) -> None:
    donors = pd.DataFrame({"age": [30, 40, 50], "net": [1.0, 2, 3]})
    config = ImputeConfig(trees=2, min_leaf=1)
    fitted = ForestImputer(config).fit(donors, ["age"], ["net"])
    drawn = fitted.draw(pa.Table.from_pandas(donors), seed=0)
    run = describe("imp_test", config, donors, [fitted])
    assert run.run_id == run_id(run.hashes)
    pq.write_table(with_run(drawn, run), tmp_path / "draws.parquet")
    back = pq.read_table(tmp_path / "draws.parquet")
    assert run_of(back) == run
    copy = tmp_path / "runs.db"
    copy.write_bytes(store.read_bytes())
    assert recorded(back, copy).equals(drawn)
    table = read_runs(copy)
    assert set(table["imputation_run_id"]) == {RUN.run_id, run.run_id}
    assert recorded(drawn.slice(0, 0), copy).num_rows == 0
    with pytest.raises(ValueError, match="carries no imputation run"):
        recorded(drawn, copy)


def test_our_rows_of_a_build_s_scores_are_written(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "runs.db"
    copy.write_bytes(store.read_bytes())
    rows = SCORES.rename(columns={"target": "variable", "value": "score"}).drop(columns="model")
    table = pa.concat_tables(
        pa.Table.from_pandas(rows.assign(method=method, score=value), preserve_index=False)
        for method, value in (("forest", 0.5), ("mean", 9.0))
    )
    assert scored(table, RUN.run_id, copy) is table
    assert set(told(copy, "score").values()) == {"0.5"}
    assert scored(table, None, tmp_path / "none.db") is table
    assert not (tmp_path / "none.db").exists()


def test_the_book_lies_beside_the_database(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "steelyard.duckdb")) as session:
        assert book_of(session) == tmp_path / "imputation_runs.db"


def test_an_unchanged_build_does_not_wait_for_mlflow(store: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_imputation_runs as own
own.record_run(own.RUN, Path({str(store)!r}))
print("mlflow" in sys.modules, "optuna" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
