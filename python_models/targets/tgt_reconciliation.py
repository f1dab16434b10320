"""Facts moved onto the identities among them, and the groups that identities connect.

Grain: one row per fact at the build's year.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from steelyard.calibrate.reconcile import connected_groups, reconcile_by_level

#: Settled one after the other; any other level comes last.
LEVELS = pa.array(["national", "state"])


def model(dbt, session):
    dbt.config(materialized="table")
    facts = dbt.ref("tgt_scaled").order("target_id").to_arrow_table()
    terms = dbt.ref("tgt_identity_term").order("identity_id, target_id").to_arrow_table()
    anchors = dbt.ref("tgt_anchor").to_arrow_table()["target_id"]
    place = pc.index_in(terms["target_id"], value_set=facts["target_id"].combine_chunks())
    names, row = np.unique(terms["identity_id"].to_numpy(), return_inverse=True)
    identities = sparse.csr_array(
        (terms["coefficient"].to_numpy(), (row, place.to_numpy())), (len(names), facts.num_rows)
    )
    settled = reconcile_by_level(
        facts["scaled_value"].to_numpy(),
        facts["standard_error"].to_numpy(),
        pc.fill_null(pc.index_in(facts["geography_level"], value_set=LEVELS), len(LEVELS)),
        identities,
        names,
    )
    cut = pc.is_in(facts["target_id"], value_set=anchors.combine_chunks())
    return (
        facts.select(["target_id"])
        .append_column("target_value", pa.array(settled.figures))
        .append_column("group_number", pa.array(connected_groups(identities, cut.to_numpy())))
    )
