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
    select headlines.*, errors.standard_error, errors.lower_value, errors.upper_value
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
BURDENS = """
    select * from val_burden
    where weight_stage = 'calibrated_weight'
    order by position
"""
_GROUPED = """
    select
        group_id, lower_bound, upper_bound,
        coalesce(sum(supported_count) filter (where target_role = 'fitted'), 0) as fitted,
        sum(initial_within_10_count) filter (where target_role = 'fitted') / fitted as before_10,
        sum(within_10_count) filter (where target_role = 'fitted') / fitted as within_10,
        max(initial_median_error) filter (where target_role = 'fitted') as before_median,
        max(calibrated_median_error) filter (where target_role = 'fitted') as median_error,
        coalesce(sum(supported_count) filter (where target_role = 'held_out'), 0) as held_out,
        sum(within_10_count) filter (where target_role = 'held_out') / held_out
            as held_out_within_10
    from val_target_group
"""
BANDS = f"""
    {_GROUPED} where group_kind = 'income_band'
    group by group_id, lower_bound, upper_bound
    order by lower_bound nulls first, upper_bound nulls last
"""
PLACES = f"""
    {_GROUPED} where group_kind = 'geography'
    group by group_id, lower_bound, upper_bound
    order by group_id
"""
#: A measure of every state joined with the targets that it is made of.
_OF_TARGETS = """
    left join target
        on
            figures.geoid = target.geoid
            and figures.target_family = target.target_family
            and figures.variable = target.variable
            and figures.statistic = target.statistic
            and figures.other_constraints
            = regexp_replace(target.all_constraints, '(; )?state_fips = [0-9]+', '')
    left join val_target_concentration as shares on target.target_id = shares.target_id
"""
STATE_FIGURES = f"""
    select figures.*, shares.heaviest_share
    from val_state_figure as figures
    {_OF_TARGETS}
    where figures.measure_id = $measure
    order by figures.geoid
"""
#: Adjusted gross income of everybody who files, in each state.
STATE_INCOME = f"""
    select
        figures.geoid,
        figures.calibrated_estimate / figures.published_value - 1 as error,
        shares.heaviest_share
    from val_state_figure as figures
    {_OF_TARGETS}
    where
        figures.variable = 'adjusted_gross_income' and figures.unit = 'USD'
        and figures.other_constraints = 'is_filer = true'
    order by figures.geoid
"""
STATES_ALONE = """
    select
        target.geoid,
        count(*) as figures,
        count(*) filter (where shares.heaviest_share >= 0.5) as half
    from val_target_concentration as shares
    inner join target on shares.target_id = target.target_id
    where target.geography_level = 'state'
    group by target.geoid
    order by half desc, target.geoid
"""
