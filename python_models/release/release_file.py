"""Write the release: the last node of a build.

Grain: one row per file of the release.
"""

from pathlib import Path

import pyarrow as pa

from steelyard.release import write_release


def model(dbt, session):
    dbt.config(materialized="table")
    tables = {
        "household": dbt.ref("household").order("household_id"),
        "person": dbt.ref("person").order("person_id"),
        "family": dbt.ref("family").order("family_id"),
        "spm_unit": dbt.ref("spm_unit").order("spm_unit_id"),
        "tax_unit": dbt.ref("tax_unit").order("tax_unit_id"),
        "target": dbt.ref("target").order("target_id"),
        "dictionary": dbt.ref("dictionary").order("table_name, position"),
        "dictionary_table": dbt.ref("dictionary_table").order("table_name"),
        "build_info": dbt.ref("build_info"),
        "build_source": dbt.ref("build_source").project("* exclude (landed_at)").order("source"),
        "val_conflict": dbt.ref("val_conflict").order("conflict_rank"),
        "val_decile": dbt.ref("val_decile").order("weight_stage, decile"),
        "val_drift": dbt.ref("val_drift").order("all"),
        "val_gate": dbt.ref("val_gate").order("gate"),
        "val_headline": dbt.ref("val_headline").order("metric"),
        "val_headline_error": dbt.ref("val_headline_error").order("metric"),
        "val_held_out_group": dbt.ref("val_held_out_group").order("holdout_group"),
        "val_history": dbt.ref("cal_history").order("epoch"),
        "val_origin": dbt.ref("val_origin").order("table_name, variable, origin, weight_stage"),
        "val_state_agreement": dbt.ref("val_state_agreement").order("measure_id, weight_stage"),
        "val_state_figure": dbt.ref("val_state_figure").order("measure_id, geoid"),
        "val_oasdi_published": dbt.ref("val_oasdi_published").order("all"),
        "val_summary": dbt.ref("val_summary").order("metric, weight_stage"),
        "val_target_family": dbt.ref("val_target_family").order("all"),
        "val_weight_group": dbt.ref("val_weight_group").order("group_kind, group_id"),
        "val_weight_distribution": dbt.ref("val_weight_distribution").order("metric"),
    }
    manifest = tables["build_info"].to_arrow_table().to_pylist()[0]
    manifest["sources"] = tables["build_source"].to_arrow_table().to_pylist()
    manifest["gates"] = tables["val_gate"].to_arrow_table().to_pylist()
    release, files = write_release(Path("releases") / manifest["build_target"], tables, manifest)
    return pa.Table.from_pylist([{"release": str(release)} | file for file in files])
