"""A book of imputation runs: what was fitted, from what, how good it is. Kept by MLflow.

A run is named by content (`steelyard.impute.identity.run_id`), and that name stands in each
released imputation. Its entry is one MLflow run in a sqlite file beside the build's database, so
that MLflow's own tools can read it; nothing leaves the machine, and no forest is kept.
"""

import json
import logging
import math
import os
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from steelyard.impute.identity import content_hash
from steelyard.impute.reports import OURS
from steelyard.impute.runs import ImputationRun, run_of

FILE = "imputation_runs.db"
EXPERIMENT = "imputation"
NAME = "imputation_run_id"
SCORED = "scores_sha256"
TIMES_SCORED = "times_scored"
#: MLflow takes as many in one call.
BATCH = 1000
LONGEST_PARAMETER = 6000
#: Models of a build are drawn side by side; the book is made, and written, by one at a time.
WRITING = threading.Lock()


def recorded(table: pa.Table, store: Path) -> pa.Table:
    """Write the run that a table of draws carries into the book, and return the table.

    A table without rows is returned as it is: nothing was drawn.

    Raises
    ------
    ValueError
        As `run_of`.
    """
    if table.num_rows:
        record_run(run_of(table), store)
    return table


def book_of(session: duckdb.DuckDBPyConnection) -> Path:
    """Return where the book of a build lies: beside the database that is being built."""
    query = "select path from duckdb_databases() where database_name = current_database()"
    ((path,),) = session.execute(query).fetchall()
    return Path(path).parent / FILE


def record_run(run: ImputationRun, store: Path) -> None:
    """Write a run into the book, unless it is there.

    Parameters
    ----------
    run
        What was fitted.
    store
        The sqlite file; made, with its folder, if it is not there.

    """
    with WRITING:
        if _tags(store, run.run_id) is not None:
            return
        client, experiment = _open(store)
        entities = _mlflow().entities
        tags = {NAME: run.run_id, "model": run.model}
        tags |= {f"{name}_sha256": text for name, text in run.hashes.items()}
        entry = client.create_run(experiment, run_name=f"{run.model} {run.run_id}", tags=tags)
        told = [entities.Param(name, text) for name, text in sorted(_flat(run.parameters).items())]
        for start in range(0, len(told), 100):
            client.log_batch(entry.info.run_id, params=told[start : start + 100])
        client.set_terminated(entry.info.run_id)


def record_scores(run_id: str, scores: pd.DataFrame, store: Path) -> None:
    """Write the scorecard of a run into the book, unless these very figures are there.

    Parameters
    ----------
    run_id
        A run that `record_run` has written.
    scores
        Rows of `steelyard.impute.scorecard` of that run's model. A metric is called
        ``<target>.<statistic>``, with the detail behind it where there is one; a figure that is
        not a number is left out.
    store
        The sqlite file.

    Raises
    ------
    ValueError
        If the run is not in the book.
    """
    known = _tags(store, run_id)
    if known is None:
        raise ValueError(f"{store}: no run {run_id!r}; record the run before its scores")
    content = content_hash(scores[["target", "statistic", "detail", "value"]])
    if known.get(SCORED) == content:
        return
    client, experiment = _open(store)
    entities = _mlflow().entities
    (entry,) = client.search_runs([experiment], f"tags.{NAME} = '{run_id}'")
    # A metric's latest value is that of the highest step, whatever the figures.
    step = int(known.get(TIMES_SCORED, 0)) + 1
    columns = (scores[name].tolist() for name in ("target", "statistic", "detail", "value"))
    metrics = [
        entities.Metric(_metric_name(target, statistic, detail), value, 0, step)
        for target, statistic, detail, value in zip(*columns, strict=True)
        if math.isfinite(value)
    ]
    for start in range(0, len(metrics), BATCH):
        client.log_batch(entry.info.run_id, metrics=metrics[start : start + BATCH])
    client.set_tag(entry.info.run_id, TIMES_SCORED, str(step))
    client.set_tag(entry.info.run_id, SCORED, content)


def scored(table: pa.Table, run_id: str | None, store: Path) -> pa.Table:
    """Write our own rows of a table of scores into the book, and return the table.

    Parameters
    ----------
    table
        As `steelyard.impute.reports.score_models` returns it.
    run_id
        The run that was scored; None where nothing was drawn.
    store
        The sqlite file.
    """
    rows = table.to_pandas()
    ours = rows[rows["method"] == OURS]
    if run_id is not None and len(ours):
        names = {"variable": "target", "score": "value"}
        with WRITING:
            record_scores(run_id, ours.rename(columns=names), store)
    return table


def read_runs(store: Path) -> pd.DataFrame:
    """Return the book as a table: one row a run, parameter, hash or score.

    Returns
    -------
    DataFrame with ``imputation_run_id``, ``kind`` (``parameter``, ``tag`` or ``score``),
    ``name`` and ``value`` (text), in that order of sorting; empty if there is no book.
    """
    columns = [NAME, "kind", "name", "value"]
    if not store.is_file():
        return pd.DataFrame(columns=columns)
    query = f"""
        with named as (select run_uuid, value as run from tags where key = '{NAME}')
        select run, 'parameter', key, value from params join named using (run_uuid)
        union all
        select run, 'tag', key, value from tags join named using (run_uuid)
        where key != '{NAME}' and key not like 'mlflow.%'
        union all
        select run, 'score', key, cast(value as text)
        from latest_metrics as latest join named using (run_uuid)
        where step = (select max(step) from metrics where metrics.run_uuid = latest.run_uuid)
        order by 1, 2, 3
    """
    with closing(_read_only(store)) as connection:
        return pd.DataFrame(connection.execute(query).fetchall(), columns=columns)


def _flat(told: Any, under: str = "") -> dict[str, str]:
    """Return settings as text by dotted name; a list stays one, as JSON."""
    if isinstance(told, Mapping):
        parts = (_flat(value, f"{under}.{name}".strip(".")) for name, value in told.items())
        return {name: text for part in parts for name, text in part.items()}
    text = told if isinstance(told, str) else json.dumps(told)
    return {under: text[:LONGEST_PARAMETER]}


def _metric_name(target: str, statistic: str, detail: str | None) -> str:
    """Return a name of letters, digits and the signs that MLflow allows."""
    name = ".".join(part for part in (target, statistic, detail) if isinstance(part, str))
    return "".join(sign if sign.isalnum() or sign in "_-. /" else "_" for sign in name)


def _tags(store: Path, run_id: str) -> dict[str, str] | None:
    """Return the tags of a run, None where it is not in the book.

    Asked of the file, because MLflow takes seconds to begin and most builds have nothing new.
    """
    if not store.is_file():
        return None
    query = f"""
        select key, value from tags
        where run_uuid in (select run_uuid from tags where key = '{NAME}' and value = ?)
    """
    with closing(_read_only(store)) as connection:
        is_made = connection.execute("select 1 from sqlite_master where name = 'tags'").fetchone()
        return (dict(connection.execute(query, [run_id])) or None) if is_made else None


def _read_only(store: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)


def _open(store: Path) -> tuple[Any, str]:
    """Return a client of the book, which is made if it is not there, and its experiment."""
    store.parent.mkdir(parents=True, exist_ok=True)
    client = _mlflow().MlflowClient(f"sqlite:///{store.resolve()}")
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return client, found.experiment_id
    place = (store.parent / "mlflow_artifacts").resolve().as_uri()
    return client, client.create_experiment(EXPERIMENT, artifact_location=place)


def _mlflow() -> Any:
    """Return MLflow, imported when first needed (it takes seconds), which reports nothing home."""
    # `DO_NOT_TRACK=1` is not enough: MLflow looks for the word "true".
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow  # noqa: PLC0415

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return mlflow
