"""The dbt plugin hands DuckDB what a source's meta names, and remembers which file it was."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.utils import SourceConfig
from dbt_common.exceptions import DbtRuntimeError
from facts_fixture import CODES, FACT, fact, write_facts
from sources_fixture import drop, entry, refusal

from steelyard.sources.doors import SourceError
from steelyard.sources.plugin import REGISTRY_COLUMNS, Plugin
from steelyard.sources.registry import RegistryError


def source(entries: Any, table: str = "family", **meta: Any) -> SourceConfig:
    return SourceConfig(
        name="survey",
        identifier=table,
        schema="survey",
        database="steelyard",
        meta={"entries": entries} | meta,
        tags=[],
    )


@pytest.fixture
def checkout(tmp_path: Path) -> dict[str, str]:
    """A checkout with one fact and one benchmark, as the profile tells the plugin of it."""
    write_facts(tmp_path, fact())
    benchmark = fact(variable="adjusted_gross_income")
    facts = write_facts(tmp_path / "benchmarks", benchmark)
    facts.rename(tmp_path / "seeds" / "facts_benchmarks")
    (tmp_path / "seeds" / "codes").symlink_to(CODES)
    return {"target": "demo", "households": "200", "seed": "1", "root": str(tmp_path)}


@pytest.fixture
def plugin(tmp_path: Path, checkout: dict[str, str]) -> Plugin:
    made = Plugin("steelyard", checkout)
    made.landing.registry |= {
        "survey": entry(),
        "other": entry(name="other", door="package", file=f"steelyard:{__name__}.csv"),
    }
    drop(tmp_path, b"a,b\n1,2\n")
    return made


def test_records_come_as_text_and_carry_their_dataset(plugin: Plugin) -> None:
    records = plugin.load(source({"demo": "survey"}))  # noqa: F841  DuckDB reads it by name
    assert duckdb.sql("from records").fetchall() == [("1", "2", "survey_2022")]


def test_a_source_without_an_entry_for_the_build_is_refused(plugin: Plugin) -> None:
    for entries in ({"tax_units": "survey"}, None, {}):
        message = refusal(RegistryError, plugin.load, source(entries))
        assert "survey.family has no entry for target 'demo'" in message
        assert "config.meta.entries" in message


def test_file_registry_lists_what_was_read(plugin: Plugin) -> None:
    message = refusal(RegistryError, plugin.load, source("file_registry"))
    assert "no source has been read for demo" in message
    plugin.load(source({"demo": ["survey"]}))
    (row,) = plugin.load(source("file_registry")).to_pylist()
    assert tuple(row) == REGISTRY_COLUMNS
    assert (row["entry"], row["access_class"], row["row_count"]) == ("survey", "PUBLIC", 1)


def test_sources_that_are_read_at_once_are_all_remembered(plugin: Plugin) -> None:
    tables = [f"table_{number:02}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda table: plugin.load(source({"demo": "survey"}, table)), tables))
    remembered = json.loads((plugin.build / "sources.json").read_text())
    assert [name.rpartition(".")[2] for name in remembered] == tables


def test_facts_and_benchmarks_come_from_the_checkout(plugin: Plugin) -> None:
    assert plugin.load(source("facts"))["fact_id"].to_pylist() == [FACT["fact_id"]]
    assert plugin.load(source("benchmarks"))["publisher"].to_pylist() == ["IRS SOI"]


@pytest.mark.parametrize("folder", ["facts", "facts_benchmarks"])
def test_a_wrong_figure_is_said_before_dbt_has_its_database(
    checkout: dict[str, str], folder: str
) -> None:
    (path,) = Path(checkout["root"], "seeds", folder).rglob("*.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("published", "publshed"))
    with pytest.raises(DbtRuntimeError, match=f"seeds/{folder}/.*:2: assertion 'publshed' is not"):
        Plugin("steelyard", checkout)
    path.unlink()
    with pytest.raises(DbtRuntimeError, match=f"{folder}: holds no CSV file"):
        Plugin("steelyard", checkout)


@pytest.mark.parametrize("asked", ["abc", "8", "-5", "5e3", ""])
def test_a_demo_world_has_a_whole_number_of_households(tmp_path: Path, asked: str) -> None:
    config = {"target": "demo", "households": asked, "seed": 1, "root": str(tmp_path)}
    with pytest.raises(SourceError, match=f"STEELYARD_DEMO_HOUSEHOLDS is '{asked}'.* 9 or more"):
        Plugin("steelyard", config)


def test_an_optional_source_without_its_file_is_empty_and_a_wrong_file_is_still_refused(
    plugin: Plugin, tmp_path: Path
) -> None:
    seeds = tmp_path / "seeds" / "xwalks"
    seeds.mkdir()
    (seeds / "xwalk_panel_column.csv").write_text(
        "record,column_name,first_vintage,last_vintage,source_column,note\nperson,a,,,A,\n"
    )
    plugin.landing.registry["panel"] = entry(name="panel", survey="panel", record="person")
    wanted = source({"demo": "panel"}, crosswalk="person", optional=True)
    records = plugin.load(wanted)
    assert records.schema.names == ["a", "_dataset_id", "_survey_year", "_income_year"]
    assert records.read_all().num_rows == 0
    dropped = tmp_path / "drop" / "panel" / "panel.csv"
    dropped.parent.mkdir()
    dropped.write_bytes(b"")
    assert "is missing or empty" in refusal(SourceError, plugin.load, wanted)
    dropped.write_bytes(b"A,B\n1,2\n")
    assert plugin.load(wanted).read_all().column("a").to_pylist() == ["1"]


def test_schemas_of_sources_are_there_before_threads_want_them(
    plugin: Plugin, tmp_path: Path
) -> None:
    page = tmp_path / "models" / "staging" / "_survey__sources.yml"
    page.parent.mkdir(parents=True)
    page.write_text("sources: [{name: acs, tables: []}, {name: x, schema: scf, tables: []}]")
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        plugin.configure_connection(connection)
        made = connection.sql("select schema_name from duckdb_schemas() where not internal")
        assert {"acs", "scf"} <= {name for (name,) in made.fetchall()}
