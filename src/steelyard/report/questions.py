"""What the validation report asks of a release."""

#: Households that must bear on a target before its error says anything.
SUPPORT = 30

_STAGES = f"""
    select target_role, 'before calibration' as stage, abs(initial_relative_error) as error,
        geography_level, target_family
    from target
    where target_role in ('fitted', 'held_out') and support_count >= {SUPPORT}
        and initial_relative_error is not null
    union all
    select target_role, 'after calibration', abs(calibrated_relative_error),
        geography_level, target_family
    from target
    where target_role in ('fitted', 'held_out') and support_count >= {SUPPORT}
        and calibrated_relative_error is not null
"""
_SHARES = """
    count(*) filter (where stage = 'after calibration') as targets,
    avg(cast(error <= 0.1 as integer)) filter (where stage = 'before calibration') as before_10,
    avg(cast(error <= 0.1 as integer)) filter (where stage = 'after calibration') as within_10,
    avg(cast(error <= 0.05 as integer)) filter (where stage = 'after calibration') as within_5,
    avg(cast(error <= 0.01 as integer)) filter (where stage = 'after calibration') as within_1,
    median(error) filter (where stage = 'before calibration') as before_median,
    median(error) filter (where stage = 'after calibration') as median_error
"""
ACHIEVED = f"select target_role, {_SHARES} from ({_STAGES}) group by all order by all"
BY_LEVEL = f"""
    select target_role, geography_level, {_SHARES} from ({_STAGES}) group by 1, 2 order by 1, 2
"""
BY_FAMILY = f"""
    select target_family, target_role, {_SHARES} from ({_STAGES}) group by 1, 2 order by 2, 1
"""
CURVES = f"""
    select target_role, stage, threshold, avg(cast(error <= threshold as integer)) as within_share
    from ({_STAGES})
    cross join (select power(10, step / 20.0 - 3) as threshold from range(0, 61) as steps (step))
    group by all order by all
"""
RATIOS = """
    select power(2, bin / 4) as lower, power(2, (bin + 1) / 4) as upper,
        count(*) / sum(count(*)) over () as household_share
    from (select floor(log2(weight_ratio) * 4) as bin from household where weight_ratio > 0)
    group by bin order by bin
"""
FIGURES = """
    select headlines.*, errors.standard_error
    from val_headline as headlines
    left join val_headline_error as errors using (metric)
    order by headlines.role = 'benchmark', headlines.label
"""
#: Measures of a family of figures, each over states; half of them are on either side.
AGREEMENT = """
    select
        families.target_family,
        count(*) as measures,
        median(before.per_head_correlation) as initial_correlation,
        median(after.per_head_correlation) as correlation,
        median(before.median_absolute_percentage_error) as initial_error,
        median(after.median_absolute_percentage_error) as error
    from val_state_agreement as after
    inner join val_state_agreement as before using (measure_id)
    inner join (select distinct measure_id, target_family from val_state_figure) as families
        using (measure_id)
    where after.weight_stage = 'calibrated_weight' and before.weight_stage = 'initial_weight'
    group by families.target_family
    order by families.target_family
"""
GROUPS = """
    select * from val_weight_group
    where group_kind != 'state'
    order by group_kind, try_cast(group_id as integer), group_id
"""
#: Losses of every method, variable by variable; lower is better.
SCORES = """
    select
        imputation,
        variable,
        count(*) as methods,
        arg_min(method, score) = 'forest' as is_best
    from val_imputation_score
    where statistic = 'crps' and detail is null and score is not null
    group by imputation, variable
    order by imputation, variable
"""
SUMMARY = """
    select
        metric,
        max(value) filter (where weight_stage = 'initial_weight') as initial,
        max(value) filter (where weight_stage = 'calibrated_weight') as calibrated
    from val_summary
    group by metric
    order by metric
"""
DECILES = """
    select * from val_decile
    where weight_stage = 'calibrated_weight'
    order by decile
"""
