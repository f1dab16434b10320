"""Measures of many areas beside what was published, one line each."""

from dataclasses import asdict, fields

import numpy as np
import pyarrow as pa

from steelyard.validate.agreement import Agreement, agreement

_COUNT, *_MEASURES = (field.name for field in fields(Agreement))
_SCHEMA = pa.schema(
    [("measure_id", pa.string()), ("weight_stage", pa.string()), (_COUNT, pa.int64())]
    + [(name, pa.float64()) for name in _MEASURES]
)
STAGES = {"initial_weight": "initial_estimate", "calibrated_weight": "calibrated_estimate"}


def compare_areas(figures: pa.Table) -> pa.Table:
    """Compare estimates of areas with published figures, measure by measure, before and after.

    Parameters
    ----------
    figures
        ``measure_id``, ``published_value``, ``initial_estimate``, ``calibrated_estimate`` and
        ``residents``, one row a measure and area, at least three areas a measure.

    Returns
    -------
    Table with ``measure_id``, ``weight_stage``, and the fields of `Agreement`, ordered by both.
    """
    measures = np.array(figures.column("measure_id").to_pylist(), dtype=object)
    columns = {
        name: figures.column(name).to_numpy()
        for name in ("published_value", "residents", *STAGES.values())
    }
    rows = []
    for measure in sorted(set(measures)):
        of = measures == measure
        for stage, estimate in STAGES.items():
            found = agreement(
                columns[estimate][of], columns["published_value"][of], columns["residents"][of]
            )
            rows.append({"measure_id": measure, "weight_stage": stage, **asdict(found)})
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
