-- Grain: one row: what this build is made of and whether it passed its gates.
{%- set settings = {} %}
{%- for name in [
    'income_year', 'seed', 'implicate', 'panel', 'targets_as_of', 'holdout', 'target_sets',
    'tax_unit_mode', 'calibration', 'conflicts', 'doubts', 'replicates', 'imputation_score',
] %}
    {#- A day is no JSON. #}
    {%- set told = var(name) | string if name == 'targets_as_of' and var(name) else var(name) %}
    {%- do settings.update({name: told}) %}
{%- endfor %}
with

provenance as (

    select * from {{ ref('build_provenance') }}

),

sources as (

    select
        string_agg(entry || '=' || raw_sha256, '; ' order by source, entry) as source_files,
        bool_or(is_synthetic) as is_synthetic,
        string_agg(
            distinct case when is_synthetic then regexp_replace(dataset_id, '_[0-9]{4}$', '') end,
            ', '
            order by case when is_synthetic then regexp_replace(dataset_id, '_[0-9]{4}$', '') end
        ) as synthetic_sources

    from {{ ref('build_source') }}

),

panels as (

    select max(panel) as panel

    from {{ ref('pnl_partition') }}

),

targets as (

    select
        count(*) as fact_count,
        count(*) filter (where target_role = 'fitted') as fitted_count,
        count(*) filter (where target_role = 'held_out') as held_out_count,
        md5(string_agg(target_id || '=' || target_value, ';' order by target_id))
            as target_snapshot_id

    from {{ ref('target') }}

),

gates as (

    select
        count(*) filter (where is_met) as gates_met_count,
        count(*) filter (where not is_met) as gates_failed_count,
        coalesce(string_agg(case when not is_met then gate end, ', ' order by gate), '')
            as gates_failed

    from {{ ref('val_gate') }}

),

solver as (

    select
        max(words) filter (where name = 'solver') as solver,
        max(words) filter (where name = 'reason') as solver_reason

    from {{ ref('cal_diagnostic') }}

),

described as (

    select
        '{{ target.name }}' as build_target,
        {{ var('income_year') }} as income_year,
        {{ var('seed') }} as seed,
        {{ sql_text(tojson(settings, sort_keys=True)) }} as build_settings,
        sources.is_synthetic,
        sources.synthetic_sources,
        provenance.steelyard_version,
        provenance.git_commit,
        provenance.lock_sha256,
        provenance.seeds_sha256,
        provenance.libraries,
        sources.source_files,
        panels.panel,
        targets.target_snapshot_id,
        targets.fact_count,
        targets.fitted_count,
        targets.held_out_count,
        solver.solver,
        solver.solver_reason,
        gates.gates_met_count,
        gates.gates_failed_count,
        gates.gates_failed

    from provenance
    cross join sources
    cross join panels
    cross join targets
    cross join gates
    cross join solver

)

select * from described
