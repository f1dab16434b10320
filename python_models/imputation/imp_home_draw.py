"""A uniform number for each tax unit that may own its home, or still pay for it.

Grain: one row per tax unit of the base records. It belongs to the unit's identifier: both copies
of the unit live in the same home.
"""

import pyarrow as pa

from steelyard.impute import keyed_uniforms


def model(dbt, session):
    dbt.config(materialized="table")
    (base,) = dbt.ref("int_dataset").filter("is_base").project("dataset_id").fetchone()
    records = dbt.ref("int_tax_unit").filter(f"dataset_id = '{base}'")
    units = records.project("tax_unit_id").order("tax_unit_id").to_arrow_table()
    uniforms = keyed_uniforms(
        dbt.config.get("seed"), ("impute", "home"), units.column("tax_unit_id").to_numpy()
    )
    return units.append_column("home_uniform", pa.array(uniforms))
