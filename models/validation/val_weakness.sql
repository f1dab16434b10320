-- Grain: one row per known weakness of the release, the worst first.
-- What a user should not rely on, found from the release itself. What is invented comes first, then
-- figures everybody quotes that are wrong, then facts that are missed, then what rests on little,
-- then what is not there at all: nobody is misled by a column that is null. Within each, by
-- severity.
with

donors as (

    select
        imputation,
        variable,
        donor_dataset_id,
        outside_support_share,
        recipient_count,
        effective_donor_count * (1 - donor_zero_share) as donors_with

    from {{ ref('val_imputation') }}
    qualify row_number() over (
        partition by imputation, variable
        order by outside_support_share desc nulls last, copy_id asc
    ) = 1

),

found as (

    select * from {{ ref('val_weakness_figure') }}
    union all
    select * from {{ ref('val_weakness_fact') }}
    union all
    select
        'held out' as kind,
        holdout_group as subject,
        null as geography_level,
        calibrated_median_error - initial_median_error as severity,
        printf(
            '%s: of %d held-out facts (%s), half were within %.1f percent before weighing and '
            || 'within %.1f percent after',
            holdout_group,
            supported_count,
            variable_names,
            100 * initial_median_error,
            100 * calibrated_median_error
        ) as sentence
    from {{ ref('val_held_out_group') }}
    where calibrated_median_error > initial_median_error and supported_count >= 5
    union all
    select
        'donors' as kind,
        variable as subject,
        null as geography_level,
        greatest(1 - donors_with / 300, 0) as severity,
        printf(
            '%s (%s): imputed to %s records from %.0f effective donors of %s that have any',
            variable,
            imputation,
            format('{:,}', recipient_count),
            donors_with,
            donor_dataset_id
        ) as sentence
    from donors
    where donors_with < 300
    union all
    select
        'donors' as kind,
        variable as subject,
        null as geography_level,
        outside_support_share as severity,
        printf(
            '%s (%s): %.1f percent of those it is imputed to are unlike every donor of %s in some '
            || 'predictor',
            variable,
            imputation,
            100 * outside_support_share,
            donor_dataset_id
        ) as sentence
    from donors
    where donors_with >= 300 and outside_support_share > 0.05
    union all
    select
        if(use = 'none', 'not used', 'synthetic') as kind,
        survey as subject,
        null as geography_level,
        1 as severity,
        if(
            use = 'none',
            survey || ': no file of this survey was read, and nothing here knows what it knows',
            survey || ': its records are invented; what was imputed from it describes nobody'
        ) as sentence
    from {{ ref('val_source_use') }}
    where use != 'real'

),

classed as (

    select
        *,
        case
            when kind = 'synthetic' then 1
            when kind in ('headline', 'benchmark', 'one record') then 2
            when kind in ('family', 'variable', 'state', 'held out') then 3
            when kind in ('donors', 'support') then 4
            else 5
        end as rank_class
    from found

),

ranked as (

    select
        cast(
            row_number() over (
                order by rank_class asc, severity desc, kind asc, subject asc, geography_level asc
            ) as integer
        ) as weakness_rank,
        kind,
        subject,
        geography_level,
        cast(severity as double) as severity,
        sentence

    from classed
    where severity > 0

)

select * from ranked
order by weakness_rank
