"""Write the release: the last node of a build.

Grain: one row per file of the release.
"""

from pathlib import Path

import pyarrow as pa

from steelyard.release import write_release


def model(dbt, session):
    units = {"household": dbt.ref("household"), "person": dbt.ref("person")}
    units |= {"family": dbt.ref("family"), "spm_unit": dbt.ref("spm_unit")}
    units |= {"tax_unit": dbt.ref("tax_unit")}
    rest = {"build_info": dbt.ref("build_info"), "dictionary_source": dbt.ref("dictionary_source")}
    rest |= {"dictionary": dbt.ref("dictionary"), "val_target_family": dbt.ref("val_target_family")}
    rest |= {"dictionary_table": dbt.ref("dictionary_table"), "val_history": dbt.ref("cal_history")}
    rest |= {"target": dbt.ref("target"), "val_imputation_score": dbt.ref("val_imputation_score")}
    rest |= {"val_conflict": dbt.ref("val_conflict"), "val_imputation": dbt.ref("val_imputation")}
    rest |= {"val_decile": dbt.ref("val_decile"), "val_weight_group": dbt.ref("val_weight_group")}
    rest |= {"val_drift": dbt.ref("val_drift"), "val_headline_error": dbt.ref("val_headline_error")}
    rest |= {"val_gate": dbt.ref("val_gate"), "val_oasdi_published": dbt.ref("val_oasdi_published")}
    rest |= {"val_headline": dbt.ref("val_headline"), "val_origin": dbt.ref("val_origin")}
    rest |= {"val_held_out_group": dbt.ref("val_held_out_group")}
    rest |= {"val_imputation_truth": dbt.ref("val_imputation_truth")}
    rest |= {"val_state_agreement": dbt.ref("val_state_agreement")}
    rest |= {"val_state_figure": dbt.ref("val_state_figure"), "val_summary": dbt.ref("val_summary")}
    rest |= {"val_vintage_consistency": dbt.ref("val_vintage_consistency")}
    rest |= {"val_weight_distribution": dbt.ref("val_weight_distribution")}
    rest |= {"build_source": dbt.ref("build_source").project("* exclude (landed_at)")}
    tables = {name: table.order(f"{name}_id") for name, table in units.items()}
    tables |= {name: table.order("all") for name, table in rest.items()}
    manifest = tables["build_info"].to_arrow_table().to_pylist()[0]
    manifest["sources"] = tables["build_source"].to_arrow_table().to_pylist()
    manifest["gates"] = tables["val_gate"].to_arrow_table().to_pylist()
    release, files = write_release(Path("releases") / manifest["build_target"], tables, manifest)
    return pa.Table.from_pylist([{"release": str(release)} | file for file in files])
