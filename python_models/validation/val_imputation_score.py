"""How good each imputation is on donors that it has not seen, beside every baseline.

Grain: one row per imputation, method, variable, statistic and detail.
"""

import pyarrow as pa

from steelyard.impute.reports import score_models
from steelyard.warehouse.imputation_runs import book_of, scored
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    records = {"imp_acs_housing": dbt.ref("imp_acs_housing_record")}
    records |= {"imp_cps_last_year": dbt.ref("imp_cps_last_year_record")}
    records |= {"imp_sipp_household": dbt.ref("imp_sipp_household_record")}
    records |= {"imp_sipp_person": dbt.ref("imp_sipp_person_record")}
    records |= {"imp_top_wage": dbt.ref("imp_top_wage_record")}
    donors = {name: table.filter("is_donor") for name, table in records.items()}
    donors |= {"imp_scf": dbt.ref("imp_scf_donor")}
    size = {"most_donors": int(dbt.config.get("most_donors"))}
    size |= {"folds": int(dbt.config.get("folds")), "draws": int(dbt.config.get("draws"))}
    runs = dict(dbt.ref("val_imputation").project("imputation, imputation_run_id").fetchall())
    parts = []
    for name, table in donors.items():
        plan = read_plan(name, seed=dbt.config.get("seed"))
        inputs, options = {"donors": table.order("all")}, {"plan": plan} | size
        scores = run_stage(f"val_score_{name}", score_models, inputs, options)
        parts.append(scored(scores, runs.get(name), book_of(session)))
    return pa.concat_tables(parts)
