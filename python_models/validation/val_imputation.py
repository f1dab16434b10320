"""How draws compare with the donors they come from.

Grain: one row per imputation, variable and copy.
"""

import pyarrow as pa

from steelyard.impute.reports import describe_draws
from steelyard.warehouse.plans import read_plan


def model(dbt, session):
    dbt.config(materialized="table")
    faces = {"imp_acs_housing": dbt.ref("imp_acs_housing"), "imp_scf": dbt.ref("imp_scf_draw")}
    faces |= {"imp_cps_household": dbt.ref("imp_cps_household")}
    faces |= {"imp_cps_last_year": dbt.ref("imp_cps_last_year")}
    faces |= {"imp_cps_person": dbt.ref("imp_cps_person")}
    faces |= {"imp_sipp_household": dbt.ref("imp_sipp_household")}
    faces |= {"imp_sipp_person": dbt.ref("imp_sipp_person")}
    faces |= {"imp_top_wage": dbt.ref("imp_top_wage").project("*, draw_id as copy_id")}
    records = {"imp_acs_housing": dbt.ref("imp_acs_housing_record")}
    records |= {"imp_cps_household": dbt.ref("imp_cps_household_record")}
    records |= {"imp_cps_last_year": dbt.ref("imp_cps_last_year_record")}
    records |= {"imp_cps_person": dbt.ref("imp_cps_person_record")}
    records |= {"imp_sipp_household": dbt.ref("imp_sipp_household_record")}
    records |= {"imp_sipp_person": dbt.ref("imp_sipp_person_record")}
    records |= {"imp_top_wage": dbt.ref("imp_top_wage_record")}
    given = {name: table.filter("is_donor") for name, table in records.items()}
    given |= {"imp_scf": dbt.ref("imp_scf_donor")}
    asked = {name: table.filter("not is_donor") for name, table in records.items()}
    asked |= {"imp_scf": dbt.ref("imp_scf_recipient")}
    parts = []
    for name, drawn in faces.items():
        # The further copies of the rich are what was drawn, chosen by what it is.
        face = drawn.filter("copy_id <= 1")
        tables = (table.order("all").to_arrow_table() for table in (given[name], asked[name], face))
        parts.append(describe_draws(read_plan(name, seed=dbt.config.get("seed")), *tables))
    return pa.concat_tables([*parts, dbt.ref("val_imputation_income").to_arrow_table()])
