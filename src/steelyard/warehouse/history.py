"""The history of published facts: the snapshot that outlives every build database."""

from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

IN_FORCE = """
    select
        fact_id as target_id,
        * exclude (fact_id, constraints, dbt_scd_id, dbt_updated_at, dbt_valid_from, dbt_valid_to),
        constraints as all_constraints
    from snap_fact
    where dbt_valid_from < $moment and (dbt_valid_to is null or dbt_valid_to >= $moment)
    order by fact_id
"""


class HistoryError(RuntimeError):
    """The history of targets cannot answer; the message says why and what to do."""


def facts_as_of(history: Path, moment: datetime) -> pd.DataFrame:
    """Return the facts that stood just before a moment.

    Parameters
    ----------
    history
        ``build/<target>/history.duckdb``.
    moment
        By the clock of the machine that built.

    Returns
    -------
    DataFrame, one row a fact, by ``target_id``.

    Raises
    ------
    HistoryError
        If there is no history, it begins later, or a build is writing it.
    """
    build = f"`dbt build --target {history.parent.name}`"
    if not history.is_file():
        raise HistoryError(f"there is no history of targets in {history}; {build} begins one")
    try:
        with duckdb.connect(str(history), read_only=True) as connection:
            begun = connection.execute("select min(dbt_valid_from) from snap_fact").fetchall()[0][0]
            if begun is None or begun >= moment:
                raise HistoryError(
                    f"the history of targets in {history} begins "
                    f"{begun:%Y-%m-%d %H:%M:%S}; how they stood before {moment:%Y-%m-%d %H:%M:%S} "
                    "is not known. Ask for a later day"
                    if begun
                    else f"the history of targets in {history} is empty; {build} fills it"
                )
            return connection.execute(IN_FORCE, {"moment": moment}).df()
    except duckdb.CatalogException as error:
        raise HistoryError(f"{history} holds no history of targets; {build} begins one") from error
    except duckdb.IOException as error:
        raise HistoryError(
            f"{history} cannot be read, perhaps since a build is writing it; try again when that "
            f"has ended ({error})"
        ) from error
