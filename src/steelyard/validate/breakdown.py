"""Amounts of weighted units by source and group: who has them, how much, which part of all."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from steelyard.validate.distribution import Vector

_SCHEMA = pa.schema(
    [
        ("measure", pa.string()),
        ("breakdown", pa.string()),
        ("category", pa.string()),
        ("weight_stage", pa.string()),
        ("record_count", pa.int64()),
        *(
            (name, pa.float64())
            for name in (
                "units",
                "units_with",
                "amount",
                "share_with",
                "mean_of_all",
                "mean_of_those_with",
                "amount_share",
            )
        ),
    ]
)


def break_down(
    units: pa.Table,
    measures: Sequence[str],
    breakdowns: Sequence[str],
    stages: Sequence[str],
) -> pa.Table:
    """Sum each measure within each category of each breakdown, under several weights.

    Parameters
    ----------
    units
        One row a unit, in an order that does not depend on the build: sums are in that order.
    measures
        Columns of amounts. A null is not known and counts nowhere; a measure that nobody is known
        to have has no rows.
    breakdowns
        Columns of categories as text; a unit without one is in none. Where ``<name>_<stage>`` is a
        column, it is read for that stage (deciles move with the weights).
    stages
        Columns of weights, not negative.

    Returns
    -------
    Table with ``measure``, ``breakdown`` (``all`` too), ``category``, ``weight_stage``,
    ``record_count`` (records with a nonzero amount), ``units`` (weight of those known),
    ``units_with`` (of those with a nonzero amount), ``amount`` (weighted sum), ``share_with``,
    ``mean_of_all``, ``mean_of_those_with``, and ``amount_share`` of the breakdown's sum; shares and
    means are null over nothing.
    """
    weights = {stage: _numbers(units, stage) for stage in stages}
    places = {
        (name, stage): _places(units, name, stage)
        for name in ("all", *breakdowns)
        for stage in stages
    }
    rows = []
    for measure in measures:
        amounts = _numbers(units, measure)
        known = ~np.isnan(amounts)
        if not np.any(amounts[known] != 0):
            continue
        for (name, stage), (names, place) in places.items():
            sums = _sums(amounts, weights[stage], place, known, len(names))
            rows += [
                {"measure": measure, "breakdown": name, "category": category, "weight_stage": stage}
                | row
                for category, row in zip(names, _described(sums), strict=True)
            ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _numbers(units: pa.Table, column: str) -> Vector:
    found: Vector = units.column(column).to_numpy().astype(np.float64)
    return found


def _places(units: pa.Table, name: str, stage: str) -> tuple[list[str], np.ndarray]:
    """Categories in order, and of each unit the place of its own; -1 for none."""
    if name == "all":
        return ["all"], np.zeros(units.num_rows, dtype=np.int64)
    own = f"{name}_{stage}"
    column = units.column(own if own in units.column_names else name).combine_chunks()
    encoded = column.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=lambda place: str(names[place]))
    rank = np.empty(len(names) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(names)), -1
    codes = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    return [str(names[place]) for place in order], rank[codes]


def _sums(
    amounts: Vector, weights: Vector, place: np.ndarray, known: np.ndarray, count: int
) -> dict[str, Vector]:
    counted = known & (place >= 0)
    at, weight, amount = place[counted], weights[counted], amounts[counted]
    has = amount != 0

    def total(of: Vector | np.ndarray, where: np.ndarray) -> Vector:
        summed = np.bincount(where, weights=of, minlength=count)
        return summed.astype(np.float64, copy=False)

    return {
        "record_count": total(np.ones(int(np.sum(has & (weight > 0)))), at[has & (weight > 0)]),
        "units": total(weight, at),
        "units_with": total(weight[has], at[has]),
        "amount": total(weight[has] * amount[has], at[has]),
    }


def _described(sums: dict[str, Vector]) -> list[dict[str, float | int | None]]:
    everything = float(np.sum(sums["amount"]))
    rows: list[dict[str, float | int | None]] = []
    for place in range(sums["units"].size):
        records, units, having, amount = (float(column[place]) for column in sums.values())
        rows.append(
            {
                "record_count": int(records),
                "units": units,
                "units_with": having,
                "amount": amount,
                "share_with": having / units if units else None,
                "mean_of_all": amount / units if units else None,
                "mean_of_those_with": amount / having if having else None,
                "amount_share": amount / everything if everything else None,
            }
        )
    return rows
