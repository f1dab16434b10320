"""Which of the surveys that the registry knows a build was made from."""

from collections.abc import Mapping

import pyarrow as pa

from steelyard.sources.registry import Entry

_SCHEMA = pa.schema(
    [
        ("survey", pa.string()),
        ("title", pa.string()),
        ("producer", pa.string()),
        ("use", pa.string()),
    ]
)


def survey_use(registry: Mapping[str, Entry], used: Mapping[str, bool]) -> pa.Table:
    """Say of each survey whether a build reads it: the publisher's own, invented, or not at all.

    Parameters
    ----------
    registry
        Entries by name; those of no survey are none.
    used
        Name of each entry that the build was made from, and whether it is synthetic.

    Returns
    -------
    Table with ``survey``, ``title`` (of its last published file), ``producer`` and ``use``
    (``real``, ``synthetic``, ``none``; real where any of its files is), ordered by survey.
    """
    rows: dict[str, dict[str, str]] = {}
    for name, entry in sorted(registry.items()):
        if entry.survey is None:
            continue
        row = rows.setdefault(entry.survey, {"survey": entry.survey, "use": "none"})
        if not entry.is_synthetic:
            row |= {"title": entry.title, "producer": entry.producer}
        if name in used and row["use"] != "real":
            row["use"] = "synthetic" if used[name] else "real"
    return pa.Table.from_pylist([rows[survey] for survey in sorted(rows)], schema=_SCHEMA)
