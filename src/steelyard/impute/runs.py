"""What is said of an imputation run: its name, settings and hashes, carried by what it drew."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from steelyard.impute.identity import content_hash, fingerprint, run_id

#: Where an Arrow table of draws carries its run; Parquet keeps it.
METADATA = b"steelyard.imputation_run"


@dataclass(frozen=True)
class ImputationRun:
    """What is written down of the models behind one table of draws.

    Parameters
    ----------
    run_id
        Name by content: ``imputation_run_id`` in the table.
    model
        Name of the model: the table of its draws.
    parameters
        Settings, by name: plain values, lists and mappings of such.
    hashes
        SHA-256 by what was hashed: ``donors``, ``plan``, ``forests``.
    """

    run_id: str
    model: str
    parameters: Mapping[str, Any]
    hashes: Mapping[str, str]


def describe(
    model: str, plan: Any, donors: pd.DataFrame | pa.Table, fitted: Iterable[Any]
) -> ImputationRun:
    """Describe what was fitted.

    Parameters
    ----------
    model
        Its name.
    plan
        A dataclass that, with the donors, decides every draw: a `CopyPlan` or a `ModelSpec`.
    donors
        All donors given, in the order in which they were.
    fitted
        The fitted models, in order: one an implicate.
    """
    hashes = {
        "donors": content_hash(donors),
        "plan": content_hash(plan),
        "forests": content_hash([fingerprint(one) for one in fitted]),
    }
    return ImputationRun(run_id(hashes), model, json.loads(json.dumps(asdict(plan))), hashes)


def with_run(table: pa.Table, run: ImputationRun) -> pa.Table:
    """Return the table carrying the run in its metadata."""
    told = {METADATA: json.dumps(asdict(run), sort_keys=True).encode()}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **told})


def run_of(table: pa.Table) -> ImputationRun:
    """Return the run that a table carries.

    Raises
    ------
    ValueError
        If it carries none.
    """
    told = (table.schema.metadata or {}).get(METADATA)
    if told is None:
        raise ValueError(
            f"run_of: a table with columns {table.column_names[:3]} ... carries no imputation "
            "run; it was not drawn by this package, or passed through something that drops "
            "Arrow's metadata"
        )
    return ImputationRun(**json.loads(told))
