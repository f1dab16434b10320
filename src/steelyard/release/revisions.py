"""What differs between two sets of published targets: gained, lost, revised."""

from datetime import datetime, time, timedelta
from pathlib import Path

import pandas as pd

from steelyard.release.folder import ReleaseError, latest_release
from steelyard.warehouse.history import facts_as_of
from steelyard.warehouse.query import query_parquet

#: What a fact asserts; a difference in one of these is a revision. Its line in a file is not.
ASSERTED = (
    "publisher",
    "source_table",
    "period",
    "period_type",
    "geography_level",
    "geoid",
    "entity",
    "universe",
    "variable",
    "statistic",
    "unit",
    "all_constraints",
    "vintage",
    "assertion",
)


def target_set(root: Path, target: str, name: str) -> pd.DataFrame:
    """Return a set of targets as they were published, by its name.

    Parameters
    ----------
    root
        The checkout.
    target
        The build.
    name
        A day (``2026-11-30``: how they stood at its end) or a time (``2026-11-30T14:05``), to be
        answered by the build's history; or a release: a folder, its name, or ``latest``.

    Returns
    -------
    DataFrame of ``target_id``, `ASSERTED` and ``value``, one row a target.

    Raises
    ------
    ReleaseError
        If the name is neither.
    steelyard.warehouse.history.HistoryError
        If the history does not reach back so far.
    """
    moment = _moment(name)
    if moment is not None:
        history = root / "build" / target / "history.duckdb"
        return facts_as_of(history, moment)[["target_id", *ASSERTED, "value"]]
    return released_targets(_release(root / "releases" / target, name))


def released_targets(release: Path) -> pd.DataFrame:
    """Return the targets of a release as `target_set` does."""
    columns = query_parquet(release, "select * from target limit 0").columns
    # A target that was aged is released beside the figure that was published.
    value = "published_value" if "published_value" in columns else "target_value"
    return query_parquet(
        release, f"select target_id, {', '.join(ASSERTED)}, {value} as value from target"
    )


def is_day_or_time(name: str) -> bool:
    """Say whether a name of a set of targets stands for a moment rather than a release."""
    return _moment(name) is not None


def compare_targets(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List the targets that differ between two sets.

    Parameters
    ----------
    before, after
        As `target_set` returns them, both from history or both from releases.

    Returns
    -------
    DataFrame
        One row a target that differs: ``change`` (gained, lost or revised), ``target_id``,
        ``publisher``, ``source_table``, ``period``, ``geoid``, ``unit``, ``value_before`` and
        ``value_after`` (in ``unit``; missing where the target is), ``relative_change``, and
        ``revised_columns``, joined by ``, ``. Revised ones come first, then by ``target_id``.
    """
    both = before.merge(
        after, on="target_id", how="outer", suffixes=("_before", "_after"), indicator="found"
    )
    change = both["found"].map({"left_only": "lost", "right_only": "gained", "both": "revised"})
    differs = pd.DataFrame(
        {
            column: both[f"{column}_before"].ne(both[f"{column}_after"])
            & ~(both[f"{column}_before"].isna() & both[f"{column}_after"].isna())
            for column in ("value", *ASSERTED)
        }
    )
    listed = pd.DataFrame({"change": change.astype(str), "target_id": both["target_id"]})
    for column in ("publisher", "source_table", "period", "geoid", "unit"):
        listed[column] = both[f"{column}_after"].fillna(both[f"{column}_before"])
    listed["period"] = listed["period"].astype("int64")
    listed["value_before"] = both["value_before"]
    listed["value_after"] = both["value_after"]
    base = both["value_before"].abs()
    listed["relative_change"] = (both["value_after"] - both["value_before"]) / base.where(base > 0)
    listed["revised_columns"] = [
        ", ".join(differs.columns[row]) if kind == "revised" else ""
        for row, kind in zip(differs.to_numpy(), listed["change"], strict=True)
    ]
    kept = listed[(listed["change"] != "revised") | (listed["revised_columns"] != "")]
    order = kept["change"].map({"revised": 0, "gained": 1, "lost": 2})
    return (
        kept.assign(order=order)
        .sort_values(["order", "target_id"])
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _moment(name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(name)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone().replace(tzinfo=None)
    is_day = moment.time() == time(0) and len(name) <= len("2026-11-30")
    return moment + timedelta(days=1) if is_day else moment


def _release(folder: Path, name: str) -> Path:
    if name == "latest":
        return latest_release(folder)
    for place in (Path(name), folder / name):
        if (place / "target.parquet").is_file():
            return place
    known = sorted(path.parent.name for path in folder.glob("*/target.parquet"))
    raise ReleaseError(
        f"{name!r} is neither a day such as 2026-11-30 nor a release; of {folder.name} there are "
        f"{', '.join(name for name in known if name != 'latest') or 'none'}"
    )
