"""Two releases compared: what became of every column, target, gate and headline."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.release.folder import ReleaseError, read_manifest
from steelyard.validate import ks_distance
from steelyard.warehouse.query import query_folders

#: Tables of records, and the key by which a record of one release is found in the other.
RECORDS = {
    "household": "household_id",
    "person": "person_id",
    "family": "family_id",
    "spm_unit": "spm_unit_id",
    "tax_unit": "tax_unit_id",
}
WEIGHT = "calibrated_weight"
#: Columns that are read at once.
BATCH = 16
#: What a manifest says a release was made from.
INGREDIENTS = ("git_commit", "lock_sha256", "seeds_sha256", "source_files", "target_snapshot_id")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "BOOLEAN")


@dataclass(frozen=True)
class Comparison:
    """What changed from an old release to a new one; empty tables where nothing did.

    Parameters
    ----------
    old, new
        The manifests.
    ingredients
        Names of what the releases were made from that differ.
    tables_gained, tables_lost
        Names of tables that only one of them has.
    records
        One row a table of records that both have: ``table_name``, ``old_rows``, ``new_rows``,
        ``gained``, ``lost`` by key; empty where no table differs.
    columns
        One row a changed, gained or lost column: ``table_name``, ``column_name``, ``change``,
        ``records_changed``, ``old_total``, ``new_total`` (numbers only, weighted unless they are
        weights), and ``distance`` (Kolmogorov and Smirnov's, between the distributions).
    targets
        One row a target that differs: ``target_id``, ``change`` (``gained``, ``lost``,
        ``revised``, ``recast``), ``old_value``, ``new_value``, ``old_role``, ``new_role``.
    headlines
        One row a headline: ``metric``, ``label``, ``unit``, ``published_value``, ``old_value``,
        ``new_value``.
    gates
        One row a gate whose measure, limit or verdict differs.
    """

    old: dict[str, Any]
    new: dict[str, Any]
    ingredients: tuple[str, ...]
    tables_gained: tuple[str, ...]
    tables_lost: tuple[str, ...]
    records: pd.DataFrame
    columns: pd.DataFrame
    targets: pd.DataFrame
    headlines: pd.DataFrame
    gates: pd.DataFrame


def compare_releases(old: Path, new: Path) -> Comparison:
    """Compare two releases of one build, table by table and record by record.

    Raises
    ------
    ReleaseError, QueryError
        As `compare_figures` and `with_records`.
    """
    return with_records(compare_figures(old, new), old, new)


def compare_figures(old: Path, new: Path) -> Comparison:
    """Compare what two releases of one build publish, in a moment; their records are left out.

    Raises
    ------
    ReleaseError
        If a folder is no release, or the two are of different builds.
    QueryError
        If a table cannot be read.
    """
    manifests = [read_manifest(folder) for folder in (old, new)]
    builds = {manifest["build_target"] for manifest in manifests}
    if len(builds) > 1:
        raise ReleaseError(
            f"{old} and {new} are releases of different builds ({' and '.join(sorted(builds))}), "
            "whose records have nothing in common; compare two of one"
        )
    folders = {"old": old, "new": new}
    tables = [{file["name"] for file in manifest["files"]} for manifest in manifests]
    return Comparison(
        old=manifests[0],
        new=manifests[1],
        ingredients=tuple(
            name for name in INGREDIENTS if manifests[0].get(name) != manifests[1].get(name)
        ),
        tables_gained=tuple(sorted(Path(name).stem for name in tables[1] - tables[0])),
        tables_lost=tuple(sorted(Path(name).stem for name in tables[0] - tables[1])),
        records=_records(folders, []),
        columns=_table_of_columns([]),
        targets=query_folders(folders, _TARGETS),
        headlines=query_folders(folders, _HEADLINES),
        gates=query_folders(folders, _GATES),
    )


def with_records(found: Comparison, old: Path, new: Path) -> Comparison:
    """Return a comparison with what became of every record and column, which takes seconds.

    Raises
    ------
    QueryError
        If a table cannot be read.
    """
    folders = {"old": old, "new": new}
    both = _differing([found.old, found.new])
    columns = _columns(folders, both)
    changed = [_changed(folders, table, columns[table]) for table in both]
    return replace(
        found,
        records=_records(folders, both),
        columns=pd.concat([*changed, _gained_and_lost(columns)], ignore_index=True),
    )


def _differing(manifests: list[dict[str, Any]]) -> list[str]:
    """Tables of records that both releases have, in files that are not the same to the byte."""
    before, after = (
        {file["name"].removesuffix(".parquet"): file["sha256"] for file in manifest["files"]}
        for manifest in manifests
    )
    return [
        table
        for table in RECORDS
        if table in before and table in after and before[table] != after[table]
    ]


def _columns(folders: dict[str, Path], tables: list[str]) -> dict[str, pd.DataFrame]:
    """Name and type of each column of each of the tables, in both releases."""
    described = {}
    for table in tables:
        halves = [
            query_folders(folders, f"describe {side}.{table}")
            .set_index("column_name")["column_type"]
            .rename(side)
            for side in folders
        ]
        described[table] = pd.concat(halves, axis=1)
    return described


def _records(folders: dict[str, Path], tables: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=["table_name", "old_rows", "new_rows", "gained", "lost"])
    parts = [
        f"""
        select
            '{table}' as table_name,
            count(before.{key}) as old_rows,
            count(after.{key}) as new_rows,
            count(after.{key}) filter (where before.{key} is null) as gained,
            count(before.{key}) filter (where after.{key} is null) as lost
        from old.{table} as before
        full outer join new.{table} as after on before.{key} = after.{key}
        having gained + lost > 0
        """
        for table, key in RECORDS.items()
        if table in tables
    ]
    return query_folders(folders, " union all ".join(parts))


def _changed(folders: dict[str, Path], table: str, columns: pd.DataFrame) -> pd.DataFrame:
    """Columns of both releases in which a record that both have differs."""
    key = RECORDS[table]
    shared = [name for name in columns.dropna().index if name != key]
    if not shared:
        return _table_of_columns([])
    counts = ", ".join(
        f"count(*) filter (where before.{name} is distinct from after.{name}) as {name}"
        for name in shared
    )
    found = query_folders(folders, f"select {counts} from {_side_by_side(folders, table)}").iloc[0]
    changed = [name for name in shared if found[name] > 0]
    numbers = [
        name
        for name in changed
        if columns.loc[name, "old"].startswith(_NUMBERS) and not name.endswith("_id")
    ]
    totals = _totals(folders, table, numbers)
    return _table_of_columns(
        [
            {
                "table_name": table,
                "column_name": name,
                "change": "changed",
                "records_changed": int(found[name]),
                **totals.get(name, {}),
            }
            for name in changed
        ]
    )


def _side_by_side(folders: dict[str, Path], table: str) -> str:
    """Join the records of both releases, by position where they stand in one order, or by key."""
    key = RECORDS[table]
    both = f"old.{table} as before positional join new.{table} as after"
    in_order = query_folders(
        folders, f"select bool_and(before.{key} is not distinct from after.{key}) from {both}"
    ).iat[0, 0]
    if in_order:
        return both
    return f"old.{table} as before inner join new.{table} as after on before.{key} = after.{key}"


def _totals(
    folders: dict[str, Path], table: str, columns: list[str]
) -> dict[str, dict[str, float]]:
    """Weighted totals of columns in both releases, and how far their distributions lie apart."""
    found: dict[str, dict[str, float]] = {}
    for start in range(0, len(columns), BATCH):
        batch = columns[start : start + BATCH]
        numbers = ", ".join(f"cast({name} as double) as {name}" for name in batch)
        sides = [
            query_folders(
                folders,
                f"select {WEIGHT} as weight_of_record, {numbers} from {side}.{table} "
                f"where {WEIGHT} > 0",
            )
            for side in folders
        ]
        found |= {name: _compared(*(_sample(side, name) for side in sides)) for name in batch}
    return found


def _sample(rows: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    """Values that are known, and their weights; a weight's own values are not weighted."""
    values = rows[column].dropna()
    if column.endswith("_weight"):
        return values, pd.Series(1.0, values.index)
    return values, rows.loc[values.index, "weight_of_record"]


def _compared(
    old: tuple[pd.Series, pd.Series], new: tuple[pd.Series, pd.Series]
) -> dict[str, float]:
    return {
        "old_total": float((old[0] * old[1]).sum()),
        "new_total": float((new[0] * new[1]).sum()),
        "distance": ks_distance(*old, *new) if len(old[0]) and len(new[0]) else float("nan"),
    }


def _gained_and_lost(columns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return _table_of_columns(
        [
            {"table_name": table, "column_name": name, "change": change}
            for table, described in columns.items()
            for change, side in (("gained", "old"), ("lost", "new"))
            for name in described.index[described[side].isna()]
        ]
    )


def _table_of_columns(rows: list[dict[str, Any]]) -> pd.DataFrame:
    types = {"table_name": "object", "column_name": "object", "change": "object"}
    types |= dict.fromkeys(("records_changed", "old_total", "new_total", "distance"), "float64")
    return pd.DataFrame(rows, columns=list(types)).astype(types)


_TARGETS = """
    select
        target_id,
        case
            when before.target_id is null then 'gained'
            when after.target_id is null then 'lost'
            when before.target_value is distinct from after.target_value then 'revised'
            else 'recast'
        end as change,
        before.target_value as old_value,
        after.target_value as new_value,
        before.target_role as old_role,
        after.target_role as new_role
    from old.target as before
    full outer join new.target as after using (target_id)
    where
        before.target_value is distinct from after.target_value
        or before.target_role is distinct from after.target_role
    order by change, target_id
"""
_HEADLINES = """
    select
        metric,
        coalesce(after.label, before.label) as label,
        coalesce(after.unit, before.unit) as unit,
        coalesce(after.published_value, before.published_value) as published_value,
        before.calibrated_value as old_value,
        after.calibrated_value as new_value
    from old.val_headline as before
    full outer join new.val_headline as after using (metric)
    order by metric
"""
_GATES = """
    select
        gate,
        before.limit_value as old_limit,
        after.limit_value as new_limit,
        before.measured_value as old_measure,
        after.measured_value as new_measure,
        before.is_met as was_met,
        after.is_met
    from old.val_gate as before
    full outer join new.val_gate as after using (gate)
    where
        before.limit_value is distinct from after.limit_value
        or before.measured_value is distinct from after.measured_value
        or before.is_met is distinct from after.is_met
    order by gate
"""
