{{ config(meta={"description": "Wrong facts bring the weights no nearer to facts held out."}) }}

select
    placebo.held_out_median_error,
    initial.held_out_median_error as initial_held_out_median_error

from {{ ref('val_placebo') }} as placebo
inner join {{ ref('val_placebo') }} as initial
    on placebo.weight_stage = 'placebo' and initial.weight_stage = 'initial'

where placebo.held_out_median_error < initial.held_out_median_error
