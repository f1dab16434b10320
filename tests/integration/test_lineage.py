"""Every number of a release leads back to a row of a seed, to models, and to raw files."""

import csv
import json
from hashlib import sha256
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from demo_project import release_of

from steelyard.release.lineage import (
    BENCHMARK,
    BENCHMARK_SEED,
    ORIGINS,
    figure_of,
    raw_files,
    way_to,
)
from steelyard.warehouse.query import query_parquet

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def release(built: Path) -> Path:
    return release_of(built)


def test_every_figure_stands_in_the_row_that_it_names(built: Path, release: Path) -> None:
    figures = query_parquet(
        release, "select target_id, seed_file, seed_line, published_value from target"
    )
    assert len(figures) > 10_000
    lines = {
        name: list(csv.reader((built / name).open(encoding="utf-8")))
        for name in figures["seed_file"].unique()
    }
    for row in figures.itertuples():
        header, cells = lines[row.seed_file][0], lines[row.seed_file][row.seed_line - 1]
        assert float(dict(zip(header, cells, strict=True))["value"]) == row.published_value


def test_every_file_has_the_hash_that_is_told(built: Path, release: Path) -> None:
    told = query_parquet(release, "from build_file")
    assert len(told) > 400
    wrong = [
        row.file
        for row in told.itertuples()
        if sha256((built / row.file).read_bytes()).hexdigest() != row.sha256
    ]
    assert wrong == []
    named = query_parquet(
        release,
        "select node_file as file from lineage union select parent_file from lineage "
        "where parent_kind != 'source' union select seed_file from target",
    )
    assert set(named["file"]) <= set(told["file"])


@pytest.mark.parametrize("column", list(ORIGINS))
def test_a_cell_of_target_leads_to_facts_and_estimates_to_raw_files(
    release: Path, column: str
) -> None:
    arrows = query_parquet(release, "select parent from lineage where node = 'target'")
    assert ORIGINS[column] in set(arrows["parent"]), "the model that makes the column is read"
    way = way_to(release, ORIGINS[column])
    assert {"snap_fact", "facts.fact"} <= set(way["node"])
    files = raw_files(release, way)
    assert (len(files) > 0) == column.endswith("_estimate")
    assert set(way.loc[way["kind"] == "source", "node"]) - {"facts.fact"} == set(files["source"])


def test_headlines_lead_to_their_facts_or_to_their_benchmarks(built: Path, release: Path) -> None:
    headlines = query_parquet(release, "from val_headline")
    assert {"benchmark"} == set(headlines.loc[headlines["target_id"].isna(), "role"])
    for row in headlines.dropna(subset=["target_id"]).itertuples():
        fact = figure_of(release, row.target_id).iloc[0]
        assert fact["published_value"] == row.published_value
        assert fact["calibrated_estimate"] == row.calibrated_value
        assert len(fact["seed_sha256"]) == 64
        assert fact["target_snapshot_id"]
    seed = pd.read_csv(built / "seeds" / "params" / f"{BENCHMARK_SEED}.csv")
    asked = seed.dropna(subset=["headline_metric"]).set_index("headline_metric")
    for row in headlines.itertuples():
        with (built / row.seed_file).open(encoding="utf-8") as file:
            cells = list(csv.DictReader(file))[row.seed_line - 2]
        factor = 0.01 if cells["unit"] == "percent" else 1.0
        if row.role == "benchmark":
            factor *= asked.loc[row.metric, "factor"]
        assert row.published_value == pytest.approx(float(cells["value"]) * factor)
    assert len(raw_files(release, way_to(release, BENCHMARK))) > 0


def test_every_released_table_has_a_way_back(release: Path) -> None:
    nodes = set(query_parquet(release, "select node from lineage")["node"])
    # Made from the graph itself, or from the checkout, and read by the release alone.
    alone = {"build_file", "build_stage", "lineage", "val_history"}
    described = {"dictionary", "dictionary_table"}
    tables = {file.stem for file in release.glob("*.parquet")}
    assert tables - nodes - alone - described == set()


def test_the_manifest_tells_all_that_the_release_is_made_from(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["lock_sha256"]) == len(manifest["seeds_sha256"]) == 64
    assert manifest["target_snapshot_id"]
    assert {"seed", "calibration", "target_sets"} <= set(manifest["build_settings"])
    assert {file["file"] for file in manifest["checkout"]} >= {
        "dbt_project.yml",
        "models/marts/target.sql",
        "seeds/params/params_benchmark.csv",
    }
    assert all(len(source["raw_sha256"]) == 64 for source in manifest["sources"])
    assert manifest["imputations"]
    assert all(manifest["imputations"].values())
    assert manifest["gates"]
    resources = manifest["made"]["resources"]
    assert resources["seconds"] > 0
    assert resources["peak_bytes"] > 100e6


def test_every_node_that_ran_has_its_costs(built: Path, release: Path) -> None:
    stages = query_parquet(release, "from build_stage").set_index("stage")
    with duckdb.connect(
        str(built / "build" / "demo" / "steelyard.duckdb"), read_only=True
    ) as build:
        tables = {
            name: build.table(name).count("*").fetchone()
            for (name,) in build.sql(
                "select table_name from duckdb_tables() "
                "where database_name = current_database() and schema_name = 'main'"
            ).fetchall()
        }
    after = {"build_stage", "release_file"}
    assert set(tables) - after <= set(stages.index)
    counted = stages["row_count"].dropna()
    assert {name: (int(rows),) for name, rows in counted.items() if name in tables} == {
        name: tables[name] for name in counted.index if name in tables
    }
    assert (stages["seconds"] >= 0).all()
    assert stages["is_of_this_run"].all()
