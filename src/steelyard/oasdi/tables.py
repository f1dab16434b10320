"""The parameter tables that come with the package: the same files that dbt seeds."""

import csv
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from steelyard.oasdi.parameters import TABLES, Parameters, Scenario, Table


def packaged_table(name: str) -> Table:
    """Return ``params_ssa_<name>`` by columns, empty cells as NaN text."""
    text = (files("steelyard.oasdi") / "data" / f"params_ssa_{name}.csv").read_text("utf-8")
    rows = list(csv.DictReader(StringIO(text)))
    return {column: [row[column] or "nan" for row in rows] for column in rows[0]}


@lru_cache(maxsize=3)
def default_parameters(scenario: Scenario = "intermediate") -> Parameters:
    """Return the law as published, continued under a Trustees' scenario of 2026."""
    return Parameters.from_tables({name: packaged_table(name) for name in TABLES}, scenario)
