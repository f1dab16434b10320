"""What weights do for facts they are not told: families, states and shuffled facts left out.

Run where `dbt build` has finished: `python benchmarks/leave_one_out.py --target demo`. Each
problem is solved from the build's own answer; errors are relative to the fact, of facts that 30
households or more bear on.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.layout import Layout, laid_out
from steelyard.calibrate.nearby import Neighbourhood
from steelyard.frame import stream

ROOT = Path(__file__).resolve().parents[1]
Mask = NDArray[np.bool_]
#: Families that fewer facts than this are fitted of say little when left out.
FEWEST = 5


def main() -> None:
    """Measure, and write the results beside the other benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="demo", help="the build")
    parser.add_argument("--database", type=Path, help="its database, if elsewhere")
    parser.add_argument("--distance-weight", type=float, help="if not the build's own")
    parser.add_argument("--states", type=int, default=51, help="how many states to leave out")
    chosen = parser.parse_args()
    database = chosen.database or ROOT / "build" / chosen.target / "steelyard.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        page = measured(connection, chosen.distance_weight, chosen.states)
    (ROOT / "benchmarks" / "results" / f"leave_one_out_{chosen.target}.md").write_text(
        page, encoding="utf-8"
    )
    print(page)


def measured(
    connection: duckdb.DuckDBPyConnection, distance_weight: float | None, n_states: int
) -> str:
    """Leave out families, states and meaning, and say what became of them."""
    layout, targets = _read(connection)
    if distance_weight is None:
        said = connection.sql(
            "select number from cal_diagnostic where name = 'config.distance_weight'"
        )
        distance_weight = float(said.fetchall()[0][0])
    weights = connection.sql(
        "select calibrated_weight from cal_weight order by household_id"
    ).fetchnumpy()["calibrated_weight"]
    config = CalibrationConfig(distance_weight=distance_weight)
    near = Neighbourhood(
        layout.matrix,
        layout.targets,
        layout.initial_weights,
        weights,
        config,
        **layout.options,
    )
    judged = _judged(targets, layout)
    rows = []
    for kind, name, dropped in _left_out(targets, near.fitted, n_states):
        answer = near.solve(kept=~dropped[near.fitted], tolerance=0.02)
        rows.append(_row(kind, name, layout, judged & dropped, [weights, answer.weights[:, 0]]))
    rows += _placebo(near, layout, judged, targets, weights)
    return _page(rows, distance_weight)


def _left_out(
    targets: dict[str, NDArray[np.str_]], fitted: Mask, n_states: int
) -> Iterator[tuple[str, str, Mask]]:
    """Each family, then each of the first states, with the fitted facts that go."""
    size = fitted.size - targets["target_family"].size
    for kind, column in (("family", "target_family"), ("state", "geoid")):
        names = np.unique(targets[column])
        names = names if kind == "family" else names[names != "US"][:n_states]
        for name in names:
            dropped = fitted & np.append(targets[column] == name, np.zeros(size, dtype=bool))
            if FEWEST <= dropped.sum() < fitted.sum() - FEWEST:
                yield kind, str(name), dropped


def _placebo(
    near: Neighbourhood,
    layout: Layout,
    judged: Mask,
    targets: dict[str, NDArray[np.str_]],
    weights: NDArray[np.float64],
) -> list[list[str]]:
    """Facts' relative changes dealt out anew within each family; the held-out must not gain."""
    places = np.flatnonzero(near.fitted)
    initial = layout.matrix @ layout.initial_weights
    change = near.goals - (initial / layout.scale)[places]
    random = stream(1, "benchmark", "placebo")
    family = np.append(
        targets["target_family"], np.full(near.fitted.size - targets["target_family"].size, "")
    )[places]
    shuffled = change.copy()
    for name in np.unique(family[family != ""]):
        own = np.flatnonzero(family == name)
        shuffled[own] = change[random.permutation(own)]
    goals = near.goals - change + shuffled
    answer = near.solve(goals=goals[:, None], tolerance=0.05)
    rows = [
        _row(
            "placebo",
            "facts shuffled within families: held-out facts",
            layout,
            judged & layout.held_out,
            [weights, answer.weights[:, 0]],
        )
    ]
    return rows if (judged & layout.held_out).any() else []


def _judged(targets: dict[str, NDArray[np.str_]], layout: Layout) -> Mask:
    """Facts that are not zero and that 30 households or more bear on."""
    counted = np.append(targets["support_count"] >= 30, np.zeros(2, dtype=bool))
    return counted[: layout.targets.size] & (layout.targets != 0)


def _row(
    kind: str, name: str, layout: Layout, facts: Mask, weights: list[NDArray[np.float64]]
) -> list[str]:
    """Median errors of some facts: before, as fitted, and left out."""
    rows, goals = layout.matrix[np.flatnonzero(facts)], layout.targets[facts]
    errors = [
        np.median(np.abs(rows @ each / goals - 1)) if facts.any() else np.nan
        for each in (layout.initial_weights, *weights)
    ]
    return [kind, name, f"{facts.sum():,}", *(f"{error:.1%}" for error in errors)]


def _read(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[Layout, dict[str, NDArray[np.str_]]]:
    def table(sql: str) -> pa.Table:
        return connection.sql(sql).to_arrow_table()

    layout = laid_out(
        table("from cal_matrix order by target_index, household_index"),
        table("from cal_target order by target_index"),
        table("from cal_household_index order by household_index"),
        table("from cal_control order by control_index"),
        table("from cal_control_matrix order by control_name, household_index"),
    )
    columns = "target_family, geoid, support_count"
    named = connection.sql(f"select {columns} from cal_target order by target_index").fetchnumpy()
    return layout, {
        name: values if name == "support_count" else values.astype(str)
        for name, values in named.items()
    }


def _page(rows: list[list[str]], distance_weight: float) -> str:
    head = ["left out", "which", "facts", "before weighing", "fitted", "left out"]
    lines = ["# Left out", "", "Printed by `python benchmarks/leave_one_out.py`: median distance"]
    lines += [f"from the facts that were left out, at λ = {distance_weight:g}.", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
