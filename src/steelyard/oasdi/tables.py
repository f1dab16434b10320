"""The parameter tables that come with the package: the same files that dbt seeds."""

import csv
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from steelyard.oasdi.parameters import TABLES, Parameters, Scenario, Table


def packaged_table(name: str) -> Table:
    """Return ``params_ssa_<name>`` by columns, empty cells as NaN text."""
    return read_packaged("steelyard.oasdi", f"params_ssa_{name}")


def read_packaged(package: str, name: str) -> Table:
    """Return a file ``<name>.csv`` of a package's ``data`` by columns, empty cells as NaN text."""
    text = (files(package) / "data" / f"{name}.csv").read_text("utf-8")
    header, *rows = csv.reader(StringIO(text))
    return {
        column: [value or "nan" for value in values]
        for column, values in zip(header, zip(*rows, strict=True), strict=True)
    }


@lru_cache(maxsize=3)
def default_parameters(scenario: Scenario = "intermediate") -> Parameters:
    """Return the law as published, continued under a Trustees' scenario of 2026."""
    return Parameters.from_tables({name: packaged_table(name) for name in TABLES}, scenario)
