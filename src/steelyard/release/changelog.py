"""The data section of the changelog, drafted from a comparison of two releases."""

from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from steelyard.release.comparison import Comparison
from steelyard.report.words import humane, signed_percent

#: Columns and targets written out; the rest are counted.
_SHOWN = 15


def draft_changelog(comparison: Comparison) -> str:
    """Say in Markdown what changed in the data, most telling first.

    Returns
    -------
    A heading, headlines that moved, gates, what the releases were made from, records, targets,
    and the columns that changed most, by the distance of their distributions.
    """
    old, new = comparison.old["version"], comparison.new["version"]
    parts = [
        f"### Data: `{comparison.new['build_target']}` from `{old}` to `{new}`",
        *_headlines(comparison.headlines),
        *_gates(comparison.gates),
        *_ingredients(comparison),
        *_tables(comparison),
        *_records(comparison.records),
        *_targets(comparison.targets),
        *_columns(comparison.columns),
    ]
    if len(parts) == 1:
        parts.append("Nothing differs.")
    return "\n\n".join(parts) + "\n"


def _headlines(headlines: pd.DataFrame) -> Iterator[str]:
    moved = headlines[_differs(headlines["old_value"], headlines["new_value"])]
    if len(moved):
        yield _table(
            ["figure", "published", "was", "is", "change"],
            [
                [
                    row["label"],
                    *(
                        humane(row[name], row["unit"])
                        for name in ("published_value", "old_value", "new_value")
                    ),
                    _change(row["old_value"], row["new_value"]),
                ]
                for row in moved.to_dict("records")
            ],
        )


def _gates(gates: pd.DataFrame) -> Iterator[str]:
    for row in gates.to_dict("records"):
        if row["was_met"] != row["is_met"]:
            verdict = {True: "met", False: "not met"}.get(row["is_met"], "gone")
            measure = "" if pd.isna(row["new_measure"]) else f": {row['new_measure']:.4g}"
            yield f"Gate `{row['gate']}` is now {verdict}{measure}."
        limits = (row["old_limit"], row["new_limit"])
        if limits[0] != limits[1] and not any(map(pd.isna, limits)):
            yield (
                f"Gate `{row['gate']}` has another limit: {row['old_limit']:g}, "
                f"now {row['new_limit']:g}."
            )


def _ingredients(comparison: Comparison) -> Iterator[str]:
    if comparison.ingredients:
        yield f"Made from another {', '.join(f'`{name}`' for name in comparison.ingredients)}."


def _tables(comparison: Comparison) -> Iterator[str]:
    sides = {"gained": comparison.tables_gained, "lost": comparison.tables_lost}
    for change, names in sides.items():
        if names:
            yield f"Tables {change}: {', '.join(f'`{name}`' for name in names)}."


def _records(records: pd.DataFrame) -> Iterator[str]:
    for row in records.to_dict("records"):
        yield (
            f"`{row['table_name']}`: {row['new_rows']:,} records, was {row['old_rows']:,}; "
            f"{row['gained']:,} gained, {row['lost']:,} lost."
        )


def _targets(targets: pd.DataFrame) -> Iterator[str]:
    for change, rows in targets.groupby("change", sort=True):
        named = [_target(row) for row in rows.head(3).to_dict("records")]
        more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
        yield f"Targets {change}: {len(rows):,} ({'; '.join(named)}{more})."


def _target(row: dict[Hashable, Any]) -> str:
    if row["change"] == "revised":
        return f"`{row['target_id']}` {row['old_value']:,.6g}, now {row['new_value']:,.6g}"
    if row["change"] == "recast":
        return f"`{row['target_id']}` {row['old_role']}, now {row['new_role']}"
    return f"`{row['target_id']}`"


def _columns(columns: pd.DataFrame) -> Iterator[str]:
    for change in ("gained", "lost"):
        rows = columns[columns["change"] == change]
        if len(rows):
            named = ", ".join(f"`{r.table_name}.{r.column_name}`" for r in rows.itertuples())
            yield f"Columns {change}: {named}."
    changed = columns[columns["change"] == "changed"]
    changed = changed.sort_values(["distance", "records_changed"], ascending=False)
    if len(changed):
        yield _table(
            ["column", "records changed", "total was", "total is", "change", "distance"],
            [
                [
                    f"`{row['table_name']}.{row['column_name']}`",
                    f"{row['records_changed']:,.0f}",
                    _number(row["old_total"]),
                    _number(row["new_total"]),
                    _change(row["old_total"], row["new_total"]),
                    _number(row["distance"], ".4f"),
                ]
                for row in changed.head(_SHOWN).to_dict("records")
            ],
        )
    if len(changed) > _SHOWN:
        yield f"{len(changed) - _SHOWN} more columns changed, by less."


def _differs(old: pd.Series, new: pd.Series) -> pd.Series:
    return (old != new) & ~(old.isna() & new.isna())


def _number(value: float, form: str = ",.6g") -> str:
    return "–" if pd.isna(value) else format(value, form)


def _change(old: float, new: float) -> str:
    return "–" if pd.isna(old) or pd.isna(new) or old == 0 else signed_percent(new / old - 1)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
