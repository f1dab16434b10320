"""The models' own SQL in a DuckDB of the tests, without dbt: a model and all that it reads.

A model is rendered as dbt would render it, with relations named after the nodes. What it refers
to is built first, seeds from their files; sources are tables that the test has made, named
``<source>_<table>``.
"""

from pathlib import Path
from types import SimpleNamespace
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
        self.queries: dict[str, str] = {}

    def build(self, *names: str) -> None:
        """Make tables of these models and of what they read."""
        for name in names:
            self._ref(name)

    def rebuild(self) -> None:
        """Make every model again, from sources that have changed."""
        for name, query in self.queries.items():
            self.connection.execute(f"create or replace table {name} as {query}")

    def render(self, path: Path) -> str:
        """Give a model's SQL, having built what it reads."""
        return JINJA.from_string(MACROS + path.read_text("utf-8")).render(
            ref=self._ref,
            source=lambda source, table: f"{source}_{table}",
            config=lambda **_: "",
            run_query=self._asked,
            var=self.variables.__getitem__,
            execute=True,
            target={"name": "demo", "schema": "main"},
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Answer a query."""
        return self.connection.execute(sql).fetchall()

    def _asked(self, sql: str) -> SimpleNamespace:
        return SimpleNamespace(rows=self.ask(sql))

    def _ref(self, name: str) -> str:
        if name not in self.built:
            self.built.add(name)
            (path,) = [
                *(ROOT / "models").rglob(f"{name}.sql"),
                *(ROOT / "seeds").rglob(f"{name}.csv"),
                *(ROOT / "src" / "steelyard").rglob(f"data/{name}.csv"),
            ]
            if path.suffix == ".csv":
                self.connection.execute(f"create table {name} as from read_csv('{path}')")
            else:
                query = self.render(path)
                self.queries[name] = query
                self.connection.execute(f"create table {name} as {query}")
        return name


def put_figures(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the sources of published figures: facts, and benchmarks that are never fitted."""
    for source, folder in (("fact", "facts"), ("benchmark", "facts_benchmarks")):
        connection.execute(f"""
            create table facts_{source} as
            select
                * exclude (filename),
                regexp_extract(filename, '(seeds/facts.*)', 1) as seed_file,
                '1' as seed_line
            from read_csv(
                '{ROOT}/seeds/{folder}/**/*.csv',
                all_varchar = true, union_by_name = true, filename = true
            )
        """)
