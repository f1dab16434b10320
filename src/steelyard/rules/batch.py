"""All units of a build through an engine in one call, Arrow in and Arrow out."""

import pyarrow as pa

from steelyard.rules.interface import RulesEngine


def compute_units(units: pa.Table, engine: RulesEngine, *, key: str, year: int) -> pa.Table:
    """Apply the law of a year to tax units.

    Parameters
    ----------
    units
        One row a tax unit: the key and harmonised columns, dollars of ``year``.
    engine
        The adapter to use.
    key
        Column that identifies a unit.
    year
        Calendar year of law and incomes.

    Returns
    -------
    Table of n_units rows: the key, the engine's amounts, and ``rules_engine``, its name.
    """
    amounts = engine.compute(units.to_pandas().set_index(key), year=year)
    computed = pa.Table.from_pandas(amounts.reset_index(), preserve_index=False)
    return computed.append_column("rules_engine", pa.array([engine.name] * computed.num_rows))
