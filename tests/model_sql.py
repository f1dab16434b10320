"""The models' own SQL in a DuckDB of the tests, without dbt: a model and all that it reads.

A model is rendered as dbt would render it, with relations named after the nodes. What it refers
to is built first, seeds from their files; sources are tables that the test has made, named
``<source>_<table>``.
"""

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[1]
MACROS = "".join(path.read_text("utf-8") for path in sorted((ROOT / "macros").glob("*.sql")))
VARIABLES = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
JINJA = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])


class Models:
    """Models as tables of a connection, each built when it is first asked for.

    Parameters
    ----------
    connection
        Where the sources are and the models will be.
    variables
        What ``var()`` answers instead of the project's own value.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, **variables: Any) -> None:
        self.connection = connection
        self.variables = VARIABLES | variables
        self.built: set[str] = set()

    def build(self, *names: str) -> None:
        """Make tables of these models and of what they read."""
        for name in names:
            self._ref(name)

    def render(self, path: Path) -> str:
        """Give a model's SQL, having built what it reads."""
        return JINJA.from_string(MACROS + path.read_text("utf-8")).render(
            ref=self._ref,
            source=lambda source, table: f"{source}_{table}",
            config=lambda **_: "",
            var=self.variables.__getitem__,
            execute=True,
            target={"name": "demo", "schema": "main"},
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Answer a query."""
        return self.connection.execute(sql).fetchall()

    def _ref(self, name: str) -> str:
        if name not in self.built:
            self.built.add(name)
            (path,) = [
                *(ROOT / "models").rglob(f"{name}.sql"),
                *(ROOT / "seeds").rglob(f"{name}.csv"),
            ]
            seed = f"from read_csv('{path}')"
            self.connection.execute(
                f"create table {name} as {seed if path.suffix == '.csv' else self.render(path)}"
            )
        return name
