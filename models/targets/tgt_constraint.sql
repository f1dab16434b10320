-- Grain: one row per target and condition on the counted unit; all of them must hold.
-- Conditions come from the fact itself, from its universe, from the definition of its variable,
-- and from its geography. A number is compared with a band [lower, upper), open ends null: the
-- band of `x = 2` and of `x > 0` begins or ends at the next number a double can hold. A text or
-- a truth value is compared, by the operator `=`, with the alternatives
-- in `value_text`, joined by `|`.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

universes as (

    select * from {{ ref('codes_target_universe') }}

),

variables as (

    select * from {{ ref('codes_target_variable') }}

),

constraint_columns as (

    select * from {{ ref('codes_target_constraint') }}

),

stated as (

    select
        facts.target_id,
        concat_ws(
            ';',
            nullif(facts.constraints, ''),
            nullif(universes.constraints, ''),
            nullif(variables.constraints, ''),
            case facts.geography_level
                when 'national' then null
                when 'state' then 'state_fips = ' || facts.geoid
                else facts.geography_level || ' = ' || facts.geoid
            end
        ) as clauses

    from facts
    left outer join universes on facts.universe = universes.universe
    left outer join variables
        on
            facts.variable = variables.variable
            and facts.entity = variables.entity

),

listed as (

    select distinct
        target_id,
        trim(unnest(string_split(clauses, ';'))) as clause

    from stated
    where clauses != ''

),

parsed as (

    select
        target_id,
        clause,
        regexp_extract(
            clause,
            '^(?:(-?[0-9.]+)\s*(<=|<)\s*)?([a-z][a-z0-9_]*)(?:\s*(<=|>=|<|>|=)\s*(\S+))?$',
            ['floor', 'floor_sign', 'variable', 'sign', 'operand']
        ) as parts

    from listed

),

typed as (

    select
        parsed.target_id,
        parsed.clause,
        parsed.parts.variable as attribute_name,
        parsed.parts.floor_sign as lower_sign,
        parsed.parts.sign as comparison,
        parsed.parts.operand as operand_text,
        try_cast(parsed.parts.floor as double) as floor_number,
        coalesce(constraint_columns.value_kind = 'number', false) as is_number,
        case
            when constraint_columns.value_kind = 'number'
                then try_cast(parsed.parts.operand as double)
        end as operand_number

    from parsed
    left outer join constraint_columns
        on parsed.parts.variable = constraint_columns.variable

),

bounded as (

    select
        target_id,
        attribute_name as variable,  -- noqa: RF04
        clause,
        case when is_number then 'in_band' else '=' end as operator,  -- noqa: RF04
        case when not is_number then operand_text end as value_text,
        case
            when lower_sign = '<=' then floor_number
            when lower_sign = '<' then nextafter(floor_number, cast('inf' as double))
            when comparison in ('=', '>=') then operand_number
            when comparison = '>' then nextafter(operand_number, cast('inf' as double))
        end as lower_bound,
        case
            when comparison = '<' then operand_number
            when comparison in ('<=', '=') then nextafter(operand_number, cast('inf' as double))
        end as upper_bound

    from typed

)

select * from bounded
