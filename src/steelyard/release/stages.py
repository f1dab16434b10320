"""What a build took, stage by stage, and what takes more than it did in an earlier release."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.release.folder import COSTS, ReleaseError, read_manifest
from steelyard.warehouse.monitor import machine
from steelyard.warehouse.query import query_parquet

#: A stage is flagged that takes this much more than before,
GROWTH = 0.25
#: and more by this much: less is noise.
FLOORS = {"seconds": 2.0, "grown_bytes": 512e6, "row_count": 1000.0}
WORDS = {"seconds": "slower", "grown_bytes": "more memory", "row_count": "more rows"}


def resources_of(stages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum up what a build took, for its manifest.

    Parameters
    ----------
    stages
        Rows of `build_stage`.

    Returns
    -------
    dict with ``resources``: ``seconds`` (by the clock, of the nodes that this run of dbt ran),
    ``work_seconds`` (of all nodes and tests), ``peak_bytes``, ``stage_count``,
    ``remembered_count``, ``core_count``, ``memory_bytes``.
    """
    here = [stage for stage in stages if stage["is_of_this_run"]]
    spans = [
        (began, began + timedelta(seconds=stage["seconds"] / stage["node_count"]))
        for stage in here
        for began in (datetime.fromisoformat(stage["started_at"]),)
    ]
    clock = max(end for _, end in spans) - min(began for began, _ in spans) if spans else None
    return {
        "resources": {
            "seconds": round(clock.total_seconds(), 1) if clock else None,
            "work_seconds": round(sum(stage["seconds"] for stage in stages), 1),
            "peak_bytes": max((stage["peak_bytes"] for stage in stages), default=None),
            "stage_count": len(stages),
            "remembered_count": sum(stage["is_remembered"] for stage in stages),
            **machine(),
        }
    }


def read_stages(release: Path) -> pd.DataFrame:
    """Return what each stage of a release took, the rows of its `build_stage`.

    Raises
    ------
    ReleaseError
        If the release does not say.
    """
    if not (release / COSTS).is_file():
        raise ReleaseError(
            f"{release} does not say what its build took: there is no {COSTS} in it. It was "
            "written by an earlier version of Steelyard; build again with this one"
        )
    return query_parquet(release, "from build_stage order by stage")


def compare_stages(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Set the stages of two builds side by side, and flag what takes 25 % more.

    Parameters
    ----------
    old, new
        Rows of `build_stage`.

    Returns
    -------
    DataFrame
        One row a stage of either: ``stage``, ``layer``, ``old_<m>``, ``new_<m>`` and ``<m>_change``
        (a share) for ``seconds``, ``grown_bytes`` and ``row_count``, and ``flag``: ``slower``,
        ``more memory``, ``more rows``, joined by ``, ``, or empty. Flagged ones come first, then
        the longest. Neither seconds nor memory are compared where a costly result was computed
        in one build and read from the cache in the other.
    """
    columns = ["stage", "layer", *FLOORS, "is_remembered"]
    both = old[columns].merge(new[columns], on="stage", how="outer", suffixes=("_old", "_new"))
    compared = both[["stage"]].assign(layer=both["layer_new"].fillna(both["layer_old"]))
    alike = both["is_remembered_old"].eq(both["is_remembered_new"])
    flags = pd.Series([""] * len(both), index=both.index)
    for measure, floor in FLOORS.items():
        before, after = (both[f"{measure}_{side}"].astype("float64") for side in ("old", "new"))
        base = before if measure == "row_count" else before.where(alike)
        change = after / base.where(base > 0) - 1
        compared[f"old_{measure}"], compared[f"new_{measure}"] = before, after
        compared[f"{measure}_change"] = change
        has_grown = (after > base * (1 + GROWTH)) & (after - base >= floor)
        flags[has_grown] += f", {WORDS[measure]}"
    compared["flag"] = flags.str.removeprefix(", ")
    return (
        compared.assign(is_quiet=compared["flag"].eq(""))
        .sort_values(["is_quiet", "new_seconds", "stage"], ascending=[True, False, True])
        .drop(columns="is_quiet")
        .reset_index(drop=True)
    )


def releases_by_age(folder: Path) -> list[Path]:
    """List the releases of a build, the newest first, by when they were made."""
    found = [path.parent for path in folder.glob("*/manifest.json") if not path.parent.is_symlink()]
    return sorted(found, key=lambda path: str(read_manifest(path)["made"]["at"]), reverse=True)


def release_before(release: Path) -> Path | None:
    """Return the release of the same build that was made last before a release; None if none."""
    release = release.resolve()
    moment = str(read_manifest(release)["made"]["at"])
    for other in releases_by_age(release.parent):
        if other.name != release.name and str(read_manifest(other)["made"]["at"]) <= moment:
            return other
    return None
