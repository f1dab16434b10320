"""The dbt-duckdb plugin: `dbt build` alone finds, fetches or makes what it reads."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.exceptions import DbtRuntimeError

from steelyard.sources.crosswalk import load_crosswalk, read_vintages, wanted_columns
from steelyard.sources.demo.kin import FIXED_HOUSEHOLDS
from steelyard.sources.doors import DemoWorld, Doors, SourceError
from steelyard.sources.facts import load_benchmarks, load_facts
from steelyard.sources.facts_problem import FactsError
from steelyard.sources.landing import Landed, Landing
from steelyard.sources.meter import Meter
from steelyard.sources.registry import (
    Entry,
    RegistryError,
    load_registry,
    named,
    source_schemas,
)
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.monitor import Monitor
from steelyard.warehouse.stage import tell

REGISTRY_COLUMNS = (
    "source",
    "entry",
    "title",
    "producer",
    "url",
    "landing_page",
    "licence",
    "access_class",
    "vintage",
    "is_synthetic",
    "dataset_id",
    "raw_file",
    "raw_bytes",
    "raw_sha256",
    "row_count",
    "column_count",
    "landed_at",
)
STAGE_TYPES = {
    "name": pa.string(),
    "kind": pa.string(),
    "status": pa.string(),
    "started_at": pa.string(),
    "seconds": pa.float64(),
    "peak_bytes": pa.int64(),
    "grown_bytes": pa.int64(),
    "is_remembered": pa.bool_(),
    "is_of_this_run": pa.bool_(),
}
FIGURES = {"facts": load_facts, "benchmarks": load_benchmarks}


class Plugin(BasePlugin):
    """Loads a dbt source from the registry.

    A source table's ``meta`` says ``entries``: per build target the name of a registry entry, a
    glob over names whose files are read one after the other, or a list of such in order of
    preference. ``crosswalk`` names the record whose columns are read, under the names of
    `seeds/xwalks/`. Where ``optional`` is true and no file is at hand, the source is empty.
    Four entries are special: ``facts`` and ``benchmarks`` read the published figures,
    ``file_registry`` lists the files that this build has read, and ``stage_registry`` what each
    of its nodes has cost.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the build's target, and the size and seed of its demo world, from the profile.

        The published figures are read here, where dbt opens its database: whatever is wrong with
        one of them is said before anything runs.

        Raises
        ------
        DbtRuntimeError
            If a fact or a benchmark cannot be used.
        """
        self.target = str(plugin_config["target"])
        self.root = Path(plugin_config.get("root", ".")).resolve()
        self.build = self.root / "build" / self.target
        self.build.mkdir(parents=True, exist_ok=True)
        cache = self.root / "build" / "cache"
        demo = DemoWorld(_households(plugin_config["households"]), int(plugin_config["seed"]))
        doors = Doors(self.root, cache, demo, Meter(tell, every_seconds=10))
        self.landing = Landing(
            load_registry(), doors, doors.landed, partial(wanted_columns, self.root)
        )
        self.figures = self._read_figures()
        # dbt loads sources in several threads; each adds its line to the same file.
        self._remembering = threading.Lock()
        self.monitor = Monitor(self.build / "stages.jsonl")

    def _read_figures(self) -> dict[str, pa.Table]:
        try:
            return {name: load(self.root) for name, load in FIGURES.items()}
        except FactsError as error:
            # dbt shows its own errors as they are, and others below a traceback.
            raise DbtRuntimeError(str(error)) from error

    def configure_connection(self, conn: Any) -> None:
        """Make the schemas of the sources: two threads that want the same one are in conflict."""
        for schema in source_schemas(self.root):
            conn.execute(f"create schema if not exists {schema}")

    def configure_cursor(self, cursor: Any) -> None:
        """Listen to dbt, which forgets its listeners from one command to the next."""
        listeners = get_event_manager().callbacks
        if self._hear not in listeners:
            listeners.append(self._hear)

    def _hear(self, message: Any) -> None:
        """Note when a node starts and ends."""
        if message.info.name == "NodeStart":
            self.monitor.started(message.data.node_info.unique_id)
        elif message.info.name == "NodeFinished":
            node = message.data.node_info
            self.monitor.finished(
                node.unique_id, node.resource_type, message.data.run_result.status
            )

    def load(self, source_config: SourceConfig) -> Any:
        """Return the source's records for DuckDB to scan.

        Raises
        ------
        RegistryError
            If the source names no entry for this build's target.
        """
        entries = source_config.get("entries")
        if isinstance(entries, str) and entries in self.figures:
            return self.figures[entries]
        if entries == "file_registry":
            return self._file_registry()
        if entries == "stage_registry":
            rows = self.monitor.rows()
            return pa.Table.from_pylist(rows, schema=pa.schema(STAGE_TYPES))
        patterns = entries.get(self.target) if isinstance(entries, dict) else None
        if not patterns:
            raise RegistryError(
                f"source {source_config.table_name()} has no entry for target {self.target!r}; "
                "add one under config.meta.entries"
            )
        patterns = [patterns] if isinstance(patterns, str) else list(patterns)
        landed = self._land(patterns, optional=bool(source_config.get("optional", False)))
        self._remember(source_config.table_name(), landed)
        record = source_config.get("crosswalk")
        if record is None:
            return self._as_it_is(landed[0])
        survey = named(self.landing.registry, patterns[0])[0].survey
        return read_vintages(load_crosswalk(self.root, str(survey), str(record)), landed)

    def _land(self, patterns: Sequence[str], *, optional: bool) -> list[tuple[Entry, Landed]]:
        try:
            # What may be missed is not fetched on the way: that can be gigabytes.
            return self.landing.land_all(patterns, may_fetch=not optional)
        except SourceError:
            # A file that is there and wrong is an error; one that is not there may be missed.
            if optional and not self.landing.any_at_hand(patterns):
                return []
            raise

    def _as_it_is(self, landed: tuple[Entry, Landed]) -> Any:
        entry, file = landed
        table = pa.dataset.dataset(file.path)
        columns = {name: pa.dataset.field(name) for name in table.schema.names}
        columns["_dataset_id"] = pa.dataset.scalar(entry.dataset_id)
        return table.scanner(columns=columns)

    @property
    def _memory(self) -> Path:
        return self.build / "sources.json"

    def _remembered(self) -> dict[str, list[dict[str, Any]]]:
        return json.loads(self._memory.read_text()) if self._memory.is_file() else {}

    def _remember(self, source: str, landed: Sequence[tuple[Entry, Landed]]) -> None:
        files = [asdict(entry) | asdict(file) | {"source": source} for entry, file in landed]
        with self._remembering:
            known = self._remembered() | {source: files}
            replace_text(self._memory, json.dumps(dict(sorted(known.items())), indent=2) + "\n")

    def _file_registry(self) -> pa.Table:
        rows = [row for files in self._remembered().values() for row in files]
        if not rows:
            raise RegistryError(f"no source has been read for {self.target}; run dbt build")
        return pa.Table.from_pylist([{key: row[key] for key in REGISTRY_COLUMNS} for row in rows])


def _households(asked: Any) -> int:
    """Return the size of the demo world, or say what it may be."""
    if not str(asked).isdecimal() or int(asked) < FIXED_HOUSEHOLDS:
        raise SourceError(
            f"STEELYARD_DEMO_HOUSEHOLDS is {asked!r}: the demo world has a whole number of "
            f"households, {FIXED_HOUSEHOLDS} or more (5000 by default; 75000 is survey size)"
        )
    return int(asked)
