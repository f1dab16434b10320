"""The parameter tables that come with the package: the same files that dbt seeds."""

import csv
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from steelyard.oasdi.parameters import TABLES, Parameters, Scenario, Table


def packaged_table(name: str, package: str = "steelyard.oasdi") -> Table:
    """Return ``params_<name>`` of a package's ``data`` by columns, empty cells as NaN text."""
    text = (files(package) / "data" / f"params_{name}.csv").read_text("utf-8")
    rows = list(csv.reader(StringIO(text)))
    columns = zip(*rows[1:], strict=True)
    return {
        column: [value or "nan" for value in values]
        for column, values in zip(rows[0], columns, strict=True)
    }


@lru_cache(maxsize=3)
def default_parameters(scenario: Scenario = "intermediate") -> Parameters:
    """Return the law as published, continued under a Trustees' scenario of 2026."""
    return Parameters.from_tables(
        {name: packaged_table(f"ssa_{name}") for name in TABLES}, scenario
    )
