-- Grain: one row per table of the release.
-- What is released, and in which order its rows are written. A table is released by its name here.
{%- set units = ['family', 'household', 'person', 'spm_unit', 'tax_unit'] %}
{%- set rest = [
    'build_file', 'build_info', 'build_source', 'dictionary', 'dictionary_source',
    'dictionary_table', 'lineage', 'target', 'val_benchmark', 'val_burden', 'val_conflict',
    'val_decile', 'val_distribution', 'val_drift', 'val_gate', 'val_headline',
    'val_headline_error', 'val_held_out_group', 'val_implicate', 'val_imputation',
    'val_imputation_score', 'val_imputation_truth', 'val_left_out', 'val_oasdi_published',
    'val_origin', 'val_panel_alignment', 'val_panel_balance', 'val_panel_beneficiary',
    'val_panel_estimate', 'val_panel_finance', 'val_panel_maximum', 'val_panel_population',
    'val_panel_reform', 'val_panel_reform_balance', 'val_panel_reform_winner',
    'val_panel_replacement', 'val_panel_year', 'val_placebo', 'val_poverty', 'val_source_use',
    'val_state_agreement',
    'val_state_figure', 'val_summary', 'val_target_concentration', 'val_target_family',
    'val_target_group', 'val_target_history',
    'val_vintage_consistency', 'val_weakness', 'val_weight_distribution', 'val_weight_group',
] %}
with

released as (

    {% for name in units + rest -%}
        select
            '{{ name }}' as table_name,
            '{{ ref(name) }}' as relation,
            '{{ name ~ "_id" if name in units else "all" }}' as row_order
        union all
    {% endfor -%}
    select
        'val_history' as table_name,
        '{{ ref("cal_history") }}' as relation,
        'all' as row_order

)

select * from released
order by table_name
