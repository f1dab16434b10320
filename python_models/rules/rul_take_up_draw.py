"""A uniform number for each tax unit that may choose whether to file a return.

Grain: one row per tax unit and copy. It belongs to the unit's identifier, so that neither a
reform nor another record reshuffles who files.
"""

import pyarrow as pa

from steelyard.impute import keyed_uniforms


def model(dbt, session):
    dbt.config(materialized="table")
    units = dbt.ref("ext_tax_unit").project("tax_unit_id").order("tax_unit_id").to_arrow_table()
    uniforms = keyed_uniforms(
        dbt.config.get("seed"), ("rules", "filing"), units.column("tax_unit_id").to_numpy()
    )
    return units.append_column("filing_uniform", pa.array(uniforms))
