-- Grain: one row per tax unit of the base records and copy that has income from partnerships and
-- S corporations: the drawn business income of those that it is chosen for.
select * from {{ ref('imp_partnership_draw') }}
