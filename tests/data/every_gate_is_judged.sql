{{ config(meta={"description": "Each registered gate has one row, and no other gate is judged."}) }}

select
    coalesce(tolerances.gate, judged.gate) as gate,
    tolerances.limit_value as registered_limit,
    judged.limit_value as judged_limit

from {{ ref('params_gate_tolerance') }} as tolerances
full outer join {{ ref('val_gate') }} as judged on tolerances.gate = judged.gate
where tolerances.limit_value is distinct from judged.limit_value
