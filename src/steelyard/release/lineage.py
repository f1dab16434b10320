"""From a figure of a release back to its row of a seed, the models on the way, and raw files."""

from pathlib import Path

import pandas as pd

from steelyard.warehouse.query import query_parquet

#: Columns of ``target``, and the model that makes them: where their way back begins.
ORIGINS = {
    "published_value": "tgt_fact",
    "target_value": "tgt_reconciled",
    "initial_estimate": "cal_achievement",
    "calibrated_estimate": "cal_achievement",
}
#: Benchmarks are computed from the population and set beside rows of a seed.
BENCHMARK, BENCHMARK_SEED = "val_summary", "params_benchmark"
_WAY = """
with recursive

walked as (

    select
        $start as node,
        0 as step
    union
    select
        lineage.parent,
        walked.step + 1
    from walked
    inner join lineage on walked.node = lineage.node

),

nearest as (

    select
        node,
        min(step) as step
    from walked
    group by node

),

known as (

    select node, node_kind as kind, node_file as file from lineage
    union
    select parent, parent_kind, parent_file from lineage

)

select
    nearest.step,
    known.node,
    known.kind,
    known.file,
    build_file.sha256

from nearest
inner join known using (node)
left outer join build_file using (file)
order by nearest.step, known.node
"""
_FIGURE = """
select
    target.*,
    build_file.sha256 as seed_sha256,
    build_info.target_snapshot_id
from target
left outer join build_file on target.seed_file = build_file.file
cross join build_info
where target.target_id = $target_id
"""
_FILES = """
select
    split_part(source, '.', -2) || '.' || split_part(source, '.', -1) as source,
    title,
    producer,
    vintage,
    raw_file,
    raw_sha256,
    row_count,
    is_synthetic,
    url
from build_source
where
    list_contains(
        cast($sources as varchar[]),
        split_part(source, '.', -2) || '.' || split_part(source, '.', -1)
    )
order by source, raw_file
"""


def figure_of(release: Path, target_id: str) -> pd.DataFrame:
    """Return a published figure, its seed row with the file's hash, and its snapshot: one row.

    Parameters
    ----------
    release
        The release's folder.
    target_id
        As in ``target``.
    """
    return query_parquet(release, _FIGURE, {"target_id": target_id})


def way_to(release: Path, node: str) -> pd.DataFrame:
    """Return everything that a model is made from, the nearest first.

    Parameters
    ----------
    release
        The release's folder.
    node
        A model, seed or snapshot.

    Returns
    -------
    DataFrame
        One row a node on some way: ``step`` (how many arrows off at least), ``node``, ``kind``,
        ``file`` (empty for a raw table), ``sha256`` of that file.
    """
    return query_parquet(release, _WAY, {"start": node})


def arrows_among(release: Path, nodes: list[str]) -> pd.DataFrame:
    """Return who reads whom among nodes: ``node``, ``parent``."""
    return query_parquet(
        release,
        "select node, parent from lineage where list_contains(cast($nodes as varchar[]), node) "
        "and list_contains(cast($nodes as varchar[]), parent) order by node, parent",
        {"nodes": nodes},
    )


def raw_files(release: Path, way: pd.DataFrame) -> pd.DataFrame:
    """Return the raw files behind the raw tables of a way, with their hashes."""
    sources = list(way.loc[way["kind"] == "source", "node"])
    return query_parquet(release, _FILES, {"sources": sources})
